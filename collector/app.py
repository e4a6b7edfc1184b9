"""
How do agents and people reach the collector over HTTP?

Routes parse, make one call and answer; refusals get their status here, in one table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import RequestResponseEndpoint

from collector.assembly import Collector, assembled
from collector.dispatch import WrongOrder
from collector.people import NoSuchThing, NotAllowed, NotLoggedIn
from evidence import errors
from evidence.errors import Rejected, Replayed
from evidence.seal import reason

__all__ = ["Collector", "assembled", "create_app"]

HERE = Path(__file__).parent
STATUS: dict[type[Rejected], int] = {
    errors.Malformed: 400,
    errors.TooLarge: 413,
    errors.UnknownKey: 403,
    errors.KeyRevoked: 403,
    errors.BadSignature: 403,
    errors.Replayed: 409,
    errors.Forked: 409,
    errors.OutOfSequence: 409,
    errors.BrokenChain: 409,
    errors.TokenRefused: 403,
    errors.NotDeclared: 404,
    errors.UnknownSession: 403,
    errors.Unauthenticated: 401,
}
CODES = {403: "not_allowed", 404: "not_found", 405: "no_such_method", 409: "cannot_be_ordered"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


def create_app(collector: Collector) -> FastAPI:
    """The web application around a collector."""
    from collector.routes import agents, pages, scans, verdicts

    app = FastAPI(title="campusproof collector", docs_url=None, redoc_url=None)
    app.state.collector = collector
    for room in (agents, scans, verdicts, pages):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=HERE / "pages" / "static"), name="static")
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(NotLoggedIn, _not_logged_in)
    app.add_exception_handler(NotAllowed, _words(403))
    app.add_exception_handler(NoSuchThing, _words(404))
    app.add_exception_handler(WrongOrder, _words(409))
    app.add_exception_handler(404, _words(404))
    app.add_exception_handler(405, _words(405))
    app.middleware("http")(_guarded)
    return app


def _rejected(_: Request, refusal: Exception) -> Response:
    """A refusal as JSON; a replay brings the first receipt along."""
    assert isinstance(refusal, Rejected)  # noqa: S101 - registered for nothing else
    body: dict[str, str] = reason(refusal)
    if isinstance(refusal, Replayed):
        body["receipt"] = refusal.receipt.decode()
    return JSONResponse(body, STATUS[type(refusal)])


def _not_logged_in(request: Request, _: Exception) -> Response:
    """People are shown the way to the login; programs are told."""
    if request.url.path.startswith("/v1/"):
        return JSONResponse({"code": "not_logged_in", "detail": "log in first"}, 401)
    return RedirectResponse("/login", 303)


def _words(status: int) -> Callable[[Request, Exception], Response]:
    """An answer that repeats what the exception says."""

    def answer(request: Request, why: Exception) -> Response:
        from collector.routes.pages import message

        if request.url.path.startswith("/v1/"):
            return JSONResponse({"code": CODES[status], "detail": str(why)}, status)
        return message(request, status, why)

    return answer


async def _guarded(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Refuse what another site makes a browser send; add the headers that keep a page to itself."""
    if request.method not in SAFE and _from_elsewhere(request):
        body = {"code": "cross_site", "detail": "this request came from another site's page"}
        return Response(json.dumps(body), 403, media_type="application/json")
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _from_elsewhere(request: Request) -> bool:
    """By the browser's own word (Fetch Metadata, W3C), else by Origin; programs send neither and carry no cookie."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")
