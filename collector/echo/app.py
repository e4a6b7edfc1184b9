"""
What does the echo server answer?

*Method*: GET /echo seals what was seen of the request's connection: its source by the kernel, never a header's word. GET /object gives so many
octets of known content, POST /object says how many came and their hash. Nothing is kept and no nonce is logged; how many connections there
are, and how long each lasts, is bounded in `collector.echo.server`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from ipaddress import ip_address

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.requests import ClientDisconnect

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

# What proxies add and the probe never sends: RFC 9110 section 7.6.3, RFC 7239, and what was in use before it.
FORWARDED = (
    *("via", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
    *("x-real-ip", "x-client-ip", "client-ip", "true-client-ip"),
)
WRONG, TOO_LARGE = 400, 413
NONCE = re.compile(rf"[0-9A-Za-z.]{{1,{LONGEST_NONCE}}}")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._-]{1,253})(:[0-9]{1,5})?")  # RFC 9110 section 7.2
OCTETS = re.compile(r"[1-9][0-9]{0,8}")
CONTENT = block()


@dataclass(frozen=True, slots=True)
class Witness:
    """Who seals, with which certificate (SHA-256, hex) on connections with TLS, and by which clock."""

    key: Ed25519PrivateKey
    certificate: str
    now_us: Callable[[], int]

    def sealed(self, request: Request, nonce: str) -> bytes:
        """What was seen of a request; raises HTTPException for a Host that is no name."""
        (seen, seen_port), (at, _) = request.client or ("", 0), request.scope["server"] or ("", 0)
        echoed = Echoed(
            server=key_id(self.key.public_key()),
            nonce=nonce,
            name=_name(request.headers.get("host", "")),
            seen=_bare(seen),
            seen_port=seen_port,
            at=_bare(at),
            answered_unix_us=self.now_us(),
            certificate=self.certificate if request.scope["scheme"] == "https" else "",
            forwarded=",".join(name for name in FORWARDED if name in request.headers),
        )
        return seal(ECHO, echoed, self.key)


def application(witness: Witness) -> FastAPI:
    """The three questions that are answered."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)

    @app.get(ECHO_PATH)
    async def echo(request: Request, nonce: str = "") -> Response:
        """What was seen of this connection, sealed."""
        if not NONCE.fullmatch(nonce):
            raise HTTPException(WRONG, f"nonce: 1 to {LONGEST_NONCE} letters, digits and full stops expected")
        return Response(witness.sealed(request, nonce), media_type="application/json")

    @app.get(OBJECT_PATH)
    async def download(octets: str = "") -> Response:
        """So many octets of the known content."""
        size = int(octets) if OCTETS.fullmatch(octets) else 0
        if not 1 <= size <= LARGEST_OBJECT:
            raise HTTPException(WRONG, f"octets: a number from 1 to {LARGEST_OBJECT} expected")
        length = {"content-length": str(size)}
        return StreamingResponse(_content(size), media_type="application/octet-stream", headers=length)

    @app.post(OBJECT_PATH)
    async def upload(request: Request) -> Response:
        """How many octets came, and their hash."""
        return JSONResponse(await _counted(request))

    return app


def _name(host: str) -> str:
    """The name or address in a Host field, without its port."""
    found = HOST.fullmatch(host)
    if found is None:
        raise HTTPException(WRONG, "Host: a name or an address expected")
    return found[1].strip("[]").lower()


def _bare(address: str) -> str:
    """An address without its zone, in its one form; empty where the connection was gone before it could be read."""
    return str(ip_address(address.partition("%")[0])) if address else ""


async def _content(octets: int) -> AsyncIterator[bytes]:
    """The block again and again."""
    for at in range(0, octets, BLOCK_OCTETS):
        yield CONTENT[: octets - at]


async def _counted(request: Request) -> dict[str, int | str]:
    """What came of a POST; one that is too large is refused as soon as that shows."""
    octets, digest = 0, hashlib.sha256()
    try:
        async for piece in request.stream():
            octets += len(piece)
            digest.update(piece)
            if octets > LARGEST_POSTED:
                raise HTTPException(TOO_LARGE, f"at most {LARGEST_POSTED} octets")
    except ClientDisconnect as gone:  # a black hole on the way does just this; nobody is left to answer
        raise HTTPException(WRONG, "cut off") from gone
    return {"octets": octets, "sha256": digest.hexdigest()}
