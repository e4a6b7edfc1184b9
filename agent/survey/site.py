"""
What does the walker's phone get from the laptop?

*Method*: one page and a small JSON door over plain http in the school's LAN. Who knows the number on the laptop's screen gets a cookie; a request that
changes something carries a header that no other site's page can send. Hosts are addresses only, so that no name of a stranger leads here.
Nothing is loaded from elsewhere; no camera, no location, no name is asked for.

What it does not prove: who walks. Whoever sees the screen may.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from agent.outbox import Visit
from agent.speech import Speech
from agent.survey.route import next_stop
from agent.survey.walker import Walker, WrongVisit
from agent.survey.words import sentences
from agent.words import translation

HERE = Path(__file__).parent
COOKIE = "campusproof_walk"
OURS = "x-campusproof"
MOST_WRONG = 5
LARGEST_BODY = 4096
LANGUAGES = ("zh", "en")
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def new_pin() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06}"


@dataclass(slots=True)
class Door:
    """Who may come in: the number on the screen, the cookie it opens for, and how often a wrong one was typed. `changed` hears a new number."""

    changed: Callable[[str], None] = lambda pin: None
    pin: str = field(default_factory=new_pin)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    wrong: int = 0

    def knock(self, typed: str) -> str:
        """Empty where the number is right; else which sentence says what is wrong. After five wrong ones there is a new number."""
        if hmac.compare_digest(typed.strip().encode(), self.pin.encode()):
            self.wrong = 0
            return ""
        self.wrong += 1
        if self.wrong < MOST_WRONG:
            return "wrong_pin"
        self.pin, self.wrong = new_pin(), 0
        self.changed(self.pin)
        return "new_pin"

    def knows(self, request: Request) -> bool:
        """Whether a request carries the cookie."""
        return hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), self.cookie.encode())


def survey_app(walker: Walker, door: Door, language: str) -> Starlette:
    """The page around one walker."""
    site = _Site(walker, door, language)
    return Starlette(
        routes=[
            Route("/", site.page),
            Route("/enter", site.enter, methods=["POST"]),
            Route("/api/walk", site.walk),
            Route("/api/measure", site.measure, methods=["POST"]),
            Route("/api/measure/{visit}", site.measured),
            Route("/api/cancel", site.cancelled, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_guarded)],
        exception_handlers={HTTPException: _told},
    )


async def _guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Only addresses are hosts, and every answer says what a page may load."""
    if not _is_address(request.headers.get("host", "")):
        return JSONResponse({"code": "bad_host"}, 400, HEADERS)
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response


def _is_address(host: str) -> bool:
    """Whether a Host field names an address, or this machine itself; a name could be pointed here by a stranger."""
    bare = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    try:
        return bare == "localhost" or bool(ipaddress.ip_address(bare))
    except ValueError:
        return False


async def _told(request: Request, wrong: Exception) -> Response:
    """A refusal as JSON."""
    status = wrong.status_code if isinstance(wrong, HTTPException) else 500
    return JSONResponse({"code": str(getattr(wrong, "detail", ""))}, status, HEADERS)


@dataclass(frozen=True, slots=True)
class _Site:
    """The routes."""

    walker: Walker
    door: Door
    language: str

    async def page(self, request: Request) -> Response:
        """The page, or the question for the number."""
        language = self._language(request)
        answer = self._rendered("survey.html" if self.door.knows(request) else "enter.html", language)
        if "language" in request.query_params:
            answer.set_cookie("language", language, samesite="strict")
        return answer

    async def enter(self, request: Request) -> Response:
        """Take the number; a cookie for who knows it."""
        form = await request.form(max_fields=4, max_files=0)
        wrong = self.door.knock(str(form.get("pin", "")))
        if wrong:
            return self._rendered("enter.html", self._language(request), wrong, 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, self.door.cookie, httponly=True, samesite="strict")
        return answer

    async def walk(self, request: Request) -> Response:
        """How far all surveys are, and what is being measured."""
        self._admit(request)
        return JSONResponse(await run_in_threadpool(self._walk, request.query_params.get("after", "")))

    def _walk(self, after: str) -> dict[str, Any]:
        """The same from the disk."""
        routes = self.walker.routes()
        surveys = []
        for route in routes:
            stop = next_stop(route, after)
            surveys.append({**route.shown(), "next": stop.place if stop is not None else ""})
        visits = self.walker.outbox.visits()
        under_way = [self._shown(one) for one in visits if one.state == "measuring"]
        walked = any(one.state == "sealed" for one in visits)
        return {"surveys": surveys, "measuring": under_way, "walked": walked, "unsent": self.walker.outbox.depth()}

    async def measure(self, request: Request) -> Response:
        """Ask for one point to be measured; the same id again is the same visit."""
        self._admit(request, changes=True)
        asked = await _body(request)
        try:
            visit = await run_in_threadpool(self.walker.begin, *asked)
        except WrongVisit as wrong:
            raise HTTPException(409, wrong.code) from wrong
        return JSONResponse(self._shown(visit), 202)

    async def measured(self, request: Request) -> Response:
        """How far one visit is."""
        self._admit(request)
        visit = await run_in_threadpool(self.walker.outbox.visit, request.path_params["visit"])
        if visit is None:
            raise HTTPException(404, "no_visit")
        return JSONResponse(self._shown(visit))

    async def cancelled(self, request: Request) -> Response:
        """End what is under way; nothing of it is kept."""
        self._admit(request, changes=True)
        self.walker.cancel.set()
        return JSONResponse({})

    def _admit(self, request: Request, changes: bool = False) -> None:
        """Refuse who has no cookie, and changes that another site's page asks for."""
        if not self.door.knows(request):
            raise HTTPException(401, "enter")
        if changes and request.headers.get(OURS) != "1":
            raise HTTPException(403, "bad_request")

    def _shown(self, visit: Visit) -> dict[str, Any]:
        """A visit as the page gets it."""
        told = {"id": visit.id, "scan": visit.scan, "place": visit.place, "point": visit.point, "state": visit.state}
        return {**told, "summary": visit.told, "progress": self.walker.progress.get(visit.id, {})}

    def _language(self, request: Request) -> str:
        """The language asked for, or chosen before, or the box's own."""
        wanted = request.query_params.get("language") or request.cookies.get("language") or self.language
        return wanted if wanted in LANGUAGES else LANGUAGES[0]

    def _rendered(self, name: str, language: str, wrong: str = "", status: int = 200) -> Response:
        """A page with its words."""
        words = sentences(Speech(translation(language), language))
        other = next(one for one in LANGUAGES if one != language)
        html = TEMPLATES.get_template(name).render(
            words=words, language=language, other=other, wrong=words.get(wrong, "")
        )
        return HTMLResponse(html, status)


TEMPLATES = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape())


async def _body(request: Request) -> tuple[str, str, str, int, str]:
    """Id, order, place, point and code of a request; raises HTTPException."""
    octets = b""
    async for piece in request.stream():
        octets += piece
        if len(octets) > LARGEST_BODY:
            raise HTTPException(413, "bad_request")
    try:
        told = json.loads(octets)
        texts = [told[name] for name in ("id", "scan", "place", "code")]
        point = told["point"]
    except (ValueError, KeyError, TypeError) as wrong:
        raise HTTPException(400, "bad_request") from wrong
    if not all(isinstance(text, str) for text in texts) or not isinstance(point, int):
        raise HTTPException(400, "bad_request")
    return texts[0], texts[1], texts[2], point, texts[3]
