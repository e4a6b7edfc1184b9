"""
How does our measurement server answer speedtest-cli?

*Method*: the paths of the "mini" protocol that the tool asks for, on a port of its own: files of the sizes that the original's pictures
have, filled with random octets, and an upload that is counted and thrown away. No state is kept and no ticket asked, for what comes of
it proves nothing. It never stands in the way of a measurement: while one runs every request is refused (503), and those on their way
are cut. At most `AT_ONCE` requests at a time, `MOST_UPLOAD_OCTETS` a request, `LONGEST_S` seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

# Octets of the original's pictures random350x350.jpg and so on; 102 MB together, and the tool asks for each four times.
WIDTHS = (350, 500, 750, 1000, 1500, 2000, 2500, 3000, 3500, 4000)
OCTETS = (245_388, 505_544, 1_118_012, 1_986_284, 4_468_241, 7_907_740, 12_407_926, 17_816_816, 24_262_167, 31_625_365)
PICTURE_OCTETS = dict(zip(WIDTHS, OCTETS, strict=True))
PIECE_OCTETS = 64 * 1024
PIECES = 16
MOST_UPLOAD_OCTETS = 16 * 1024 * 1024  # the largest that the tool sends is 7.3 MB
AT_ONCE = 20
MOST_CONNECTIONS = 64
LONGEST_S = 30
LOOK_S = 0.5  # how soon a stop is heard
UNAVAILABLE, TOO_LARGE, NO_SUCH_FILE = 503, 413, 404
FRONT_PAGE = '<!doctype html><title>campusproof</title><script>var mini = { upload_extension: "php" };</script>'
BUSY = "busy: try again later"
Busy = Callable[[], bool]


class Cut(Exception):
    """A measurement begins: what is on its way ends here."""


def never() -> bool:
    """Nothing else is measured here."""
    return False


class Gate:
    """What stands before the application: it refuses while a measurement runs or too many are inside, and ends what takes too long."""

    def __init__(self, inside: ASGIApp, busy: Busy, longest_s: float) -> None:
        self._inside = inside
        self._busy = busy
        self._longest_s = longest_s
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if self._busy() or self._at_once >= AT_ONCE:
            await _refusal(UNAVAILABLE, BUSY)(scope, receive, send)
            return
        self._at_once += 1
        try:
            # Whoever goes away, takes too long or is in the way loses the connection: the answer has begun, and has no other end.
            with contextlib.suppress(TimeoutError, ClientDisconnect, Cut):
                async with asyncio.timeout(self._longest_s):
                    await self._inside(scope, receive, send)
        finally:
            self._at_once -= 1


def application(busy: Busy = never, longest_s: float = LONGEST_S) -> Gate:
    """The application; `busy` says whether a measurement runs at this server, `longest_s` is what a request may take."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    pieces = tuple(os.urandom(PIECE_OCTETS) for _ in range(PIECES))

    @app.get("/")
    async def front() -> HTMLResponse:
        """What tells the tool the names of the files."""
        return HTMLResponse(FRONT_PAGE)

    @app.get("/speedtest/latency.txt")
    async def latency() -> PlainTextResponse:
        """What the tool times."""
        return PlainTextResponse("test=test\n")

    @app.get("/speedtest/random{width:int}x{height:int}.jpg")
    async def picture(width: int, height: int) -> Response:
        """One file of random octets."""
        octets = PICTURE_OCTETS.get(width)
        if octets is None or height != width:
            return _refusal(NO_SUCH_FILE, "no such file")
        content = _content(pieces, octets, busy)
        return StreamingResponse(content, media_type="image/jpeg", headers={"content-length": str(octets)})

    @app.post("/speedtest/upload.php")
    async def upload(request: Request) -> PlainTextResponse:
        """What comes is counted and thrown away."""
        return await _counted(request, busy)

    return Gate(app, busy, longest_s)


def _refusal(status: int, words: str) -> PlainTextResponse:
    """A refusal, and the connection ends."""
    return PlainTextResponse(f"{words}\n", status, {"connection": "close"})


async def _counted(request: Request, busy: Busy) -> PlainTextResponse:
    """How many octets came, in the words of the protocol."""
    octets = 0
    async for piece in request.stream():
        octets += len(piece)
        if octets > MOST_UPLOAD_OCTETS:
            return _refusal(TOO_LARGE, f"at most {MOST_UPLOAD_OCTETS} octets")
        if busy():
            return _refusal(UNAVAILABLE, BUSY)
    return PlainTextResponse(f"size={octets}")


async def _content(pieces: Sequence[bytes], octets: int, busy: Busy) -> AsyncIterator[bytes]:
    """So many random octets, the same again each mebibyte; fewer where a measurement begins, and the connection is cut."""
    number = 0
    while octets > 0:
        if busy():
            raise Cut
        piece = pieces[number % len(pieces)][:octets]
        yield piece
        octets -= len(piece)
        number += 1


def run(
    listening: Sequence[socket.socket],
    stop: threading.Event,
    busy: Busy = never,
    longest_s: float = LONGEST_S,
) -> None:
    """Serve on these sockets until `stop` is set, on a thread of the caller's; what is on its way then is cut after a second."""
    server = uvicorn.Server(
        uvicorn.Config(
            application(busy, longest_s),
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=2,
            timeout_graceful_shutdown=1,
        )
    )
    for one in listening:  # those who connect inherit it: who does not read what is left for him is dropped (RFC 5482)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(longest_s * 1000))
    asyncio.run(_served(server, list(listening), stop))


async def _served(server: uvicorn.Server, listening: list[socket.socket], stop: threading.Event) -> None:
    """Serve, and look for the stop meanwhile; raises what the server raises."""
    serving = asyncio.create_task(server.serve(listening))
    while not stop.is_set() and not serving.done():
        await asyncio.to_thread(stop.wait, LOOK_S)
    server.should_exit = True
    await serving
    for connection in tuple(server.server_state.connections):
        connection.transport.abort()  # who does not read would keep what is left for him
    await asyncio.sleep(0)
