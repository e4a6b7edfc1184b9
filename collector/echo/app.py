"""
What does the echo server answer?

*Method*: GET /echo seals what was seen of the request's connection: its source by the kernel, never a header's word. GET /object gives so many
octets of known content, POST /object says how many came and their hash. Requests are bounded in size, time and number; nothing is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from evidence.echo import (
    BLOCK_OCTETS,
    ECHO,
    ECHO_PATH,
    LARGEST_OBJECT,
    LARGEST_POSTED,
    LONGEST_NONCE,
    OBJECT_PATH,
    Echoed,
    block,
)
from evidence.seal import key_id, seal

AT_ONCE = 64
LONGEST_S = 20.0
LONGEST_NAME = 255
FORWARDED = ("via", "forwarded", "x-forwarded-for", "x-real-ip")
UNAVAILABLE, TOO_LARGE = 503, 413
NONCE = rf"^[0-9A-Za-z.]{{1,{LONGEST_NONCE}}}$"


@dataclass(frozen=True, slots=True)
class Witness:
    """Who seals, with which certificate on the connection, and by which clock."""

    key: Ed25519PrivateKey
    certificate: str
    now_us: Callable[[], int]

    def sealed(self, request: Request, nonce: str) -> bytes:
        """What was seen of a request."""
        seen, port = request.client or ("", 0)
        at = (request.scope.get("server") or ("", 0))[0]
        echoed = Echoed(
            server=key_id(self.key.public_key()),
            nonce=nonce,
            name=(request.url.hostname or "")[:LONGEST_NAME],
            seen=_bare(seen),
            seen_port=port,
            at=_bare(at),
            answered_unix_us=self.now_us(),
            certificate=self.certificate if request.scope["scheme"] == "https" else "",
            forwarded=",".join(name for name in FORWARDED if name in request.headers),
        )
        return seal(ECHO, echoed, self.key)


def _bare(address: str) -> str:
    """An address without its zone, in its one form."""
    return str(ip_address(address.partition("%")[0])) if address else ""


class Gate:
    """What stands before the application: so many requests at a time, and so long each."""

    def __init__(self, inside: ASGIApp, longest_s: float = LONGEST_S, at_once: int = AT_ONCE) -> None:
        self._inside, self._longest_s, self._at_once = inside, longest_s, at_once
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what takes too long loses its connection, for its answer has begun."""
        if self._now >= self._at_once:
            refusal = PlainTextResponse("busy: try again later\n", UNAVAILABLE, {"connection": "close"})
            await refusal(scope, receive, send)
            return
        self._now += 1
        try:
            async with asyncio.timeout(self._longest_s):
                await self._inside(scope, receive, send)
        except (TimeoutError, ClientDisconnect):
            return
        finally:
            self._now -= 1


def application(witness: Witness) -> Gate:
    """The three questions that are answered."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get(ECHO_PATH)
    async def echo(request: Request, nonce: Annotated[str, Query(pattern=NONCE)]) -> Response:
        """What was seen of this connection, sealed."""
        return Response(witness.sealed(request, nonce), media_type="application/json")

    @app.get(OBJECT_PATH)
    async def download(octets: Annotated[int, Query(ge=1, le=LARGEST_OBJECT)]) -> Response:
        """So many octets of the known content."""
        return StreamingResponse(
            _content(octets), media_type="application/octet-stream", headers={"content-length": str(octets)}
        )

    @app.post(OBJECT_PATH)
    async def upload(request: Request) -> Response:
        """How many octets came, and their hash."""
        return JSONResponse(await _counted(request))

    return Gate(app)


async def _content(octets: int) -> AsyncIterator[bytes]:
    """The block again and again."""
    content = block()
    for at in range(0, octets, BLOCK_OCTETS):
        yield content[: min(octets - at, BLOCK_OCTETS)]


async def _counted(request: Request) -> dict[str, int | str]:
    """What came of a POST; one that is too large is refused as soon as that shows."""
    octets, digest = 0, hashlib.sha256()
    async for piece in request.stream():
        octets += len(piece)
        digest.update(piece)
        if octets > LARGEST_POSTED:
            raise HTTPException(TOO_LARGE, f"at most {LARGEST_POSTED} octets")
    return {"octets": octets, "sha256": digest.hexdigest()}
