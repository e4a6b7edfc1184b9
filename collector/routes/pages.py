"""What do people look at? The login, the list of schools, a school's verdicts, and one piece of evidence."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from collector.admission import Standing, standings
from collector.assembly import Collector
from collector.calendar import SHANGHAI
from collector.dispatch import WrongOrder
from collector.egress_orders import Wish
from collector.messages import N_, STANDINGS
from collector.people import NoSuchThing, NotAllowed, NotLoggedIn, Role, asked_by
from collector.routes.given import COOKIE, Ours, Person
from collector.routes.verdicts import of_theirs
from collector.school import PATHS, School
from collector.shown import hinted, judged
from collector.shown_ways import ways
from collector.store.rows import Account, OrderRow
from collector.words import Words, words_in
from evidence.model import Failure
from evidence.scan import Progress
from evidence.spelled import LANGUAGES, failure_in_words, sentence_of, spelled

router = APIRouter(include_in_schema=False)
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "pages" / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
LANGUAGE = "campusproof-language"
YEAR_S = 365 * 24 * 3600
PROGRESS = {
    "waiting": N_("waiting for the agent"),
    "running": N_("measuring"),
    "sealed": N_("measured and sealed"),
    "stored": N_("stored"),
    "expired": N_("expired"),
    "cancelled": N_("taken back"),
    "refused": N_("refused"),
}


def language_of(request: Request) -> str:
    """The language that this person chose; Chinese until then."""
    chosen = request.cookies.get(LANGUAGE, LANGUAGES[0])
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def moment(unix_us: int) -> str:
    """A moment as people in China read it; a dash for never."""
    if not unix_us:
        return "—"
    return datetime.datetime.fromtimestamp(unix_us // 1_000_000, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _page(
    request: Request, template: str, status: int = 200, person: Account | None = None, **about: object
) -> Response:
    """A template in the reader's language."""
    words = words_in(language_of(request))
    common = {"_": words.say, "words": words, "person": person, "moment": moment}
    about.setdefault("path", request.url.path)
    return HTMLResponse(TEMPLATES.get_template(template).render(**common, **about), status)


def message(request: Request, status: int, why: Exception) -> Response:
    """A page that only says why something cannot be done."""
    words = words_in(language_of(request))
    text = words.say(why.message, **why.about) if isinstance(why, WrongOrder) else ""
    collector: Collector = request.app.state.collector
    try:
        person = collector.front.who(request.cookies.get(COOKIE))
    except NotLoggedIn:
        person = None
    return _page(request, "message.html", status, person, text=text, path="/")


@router.get("/language/{chosen}")
def language(chosen: str, to: str = "/") -> Response:
    """Choose the language of the pages and go back to where one was."""
    answer = RedirectResponse(to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/", 303)
    if chosen in LANGUAGES:
        answer.set_cookie(LANGUAGE, chosen, max_age=YEAR_S, samesite="lax", httponly=True)
    return answer


@router.get("/login")
def login(request: Request) -> Response:
    """The login."""
    return _page(request, "login.html", wrong=False, name="")


@router.post("/login")
def log_in(
    request: Request, collector: Ours, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Open a session."""
    secret = collector.front.log_in(name, password)
    if secret is None:
        return _page(request, "login.html", 403, wrong=True, name=name)
    answer = RedirectResponse("/", 303)
    hours = collector.config.session_hours
    answer.set_cookie(
        COOKIE, secret, max_age=hours * 3600, httponly=True, samesite="lax", secure=collector.config.https
    )
    return answer


@router.post("/logout")
def log_out(request: Request, collector: Ours) -> Response:
    """Close the session."""
    collector.front.log_out(request.cookies.get(COOKIE))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/")
def schools(request: Request, person: Person, collector: Ours) -> Response:
    """An evaluator's list of schools; a school admin's own school at once."""
    if person.role == Role.SCHOOL_ADMIN:
        return RedirectResponse(f"/schools/{person.school}", 303)
    words = words_in(language_of(request))
    rows = [(school, judged(collector, school, words)) for school in collector.front.schools(person)]
    return _page(request, "schools.html", person=person, rows=rows)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """How far one agent is with one probe of an order."""

    agent: str
    probe: str
    state: str
    detail: str


@router.get("/schools/{school}")
def school_page(request: Request, school: str, person: Person, collector: Ours) -> Response:
    """A school: policies, clauses, verdicts, values, age, evidence, next steps; and the button that orders a scan."""
    found = collector.front.school(person, school)
    words = words_in(language_of(request))
    orders = collector.store.orders.of_school(school, most=1)
    agents = collector.store.schools.agents(school)
    return _page(
        request,
        "school.html",
        person=person,
        school=found,
        tables=judged(collector, found, words),
        hints=hinted(collector, found, words),
        agents=agents,
        ways=ways(collector, found, words),
        order=orders[0] if orders else None,
        tasks=_tasks(orders[0], words, collector.now_us()) if orders else [],
        may_cancel=bool(orders) and _may_cancel(person, orders[0]),
        open=bool(orders) and _goes_on(orders[0], found, collector.now_us()),
        refusals=collector.store.ledger.refusals([agent.id for agent in agents], most=10),
        others=_not_admitted(collector, found, words),
    )


def _tasks(order: OrderRow, words: Words, now_us: int) -> list[TaskRow]:
    """An order's tasks with what their agents last said."""
    rows = []
    for agent in order.scan.agents:
        for task in order.scan.tasks:
            said = order.progress.get((agent, task.probe))
            state = said.state if said else _silent_state(order, now_us)
            rows.append(TaskRow(agent, words.probe(task.probe), words.say(PROGRESS[state]), _detail(said, words)))
    return rows


def _silent_state(order: OrderRow, now_us: int) -> str:
    """The state of a task of which its agent said nothing."""
    if order.cancelled:
        return "cancelled"
    return "expired" if order.scan.expires_unix_us < now_us else "waiting"


def _detail(said: Progress | None, words: Words) -> str:
    """What an agent said beside the state: a failure in words, anything else not at all."""
    return failure_in_words(Failure(said.detail), words.language) if said and said.detail in set(Failure) else ""


def _goes_on(order: OrderRow, school: School, now_us: int) -> bool:
    """Whether something of an order may still come from an agent that is trusted."""
    trusted = {*school.held, *school.vantages} - school.revoked
    return order.is_open(now_us) and not trusted.isdisjoint(order.scan.agents)


def _may_cancel(person: Account, order: OrderRow) -> bool:
    """A school takes back its own orders only: an evaluator's surprise scan stands."""
    return person.role == Role.EVALUATOR or order.scan.asked_by is asked_by(person)


def _not_admitted(collector: Collector, school: School, words: Words) -> list[tuple[str, str, str]]:
    """Evidence that is shown and never judged: id, probe, why; the latest ten."""
    found = standings(school, collector.store.ledger.of_school(school.id)).of
    rows = [
        (evidence.id, evidence.report.probe, words.say(STANDINGS[standing]))
        for evidence, standing in sorted(found, key=lambda one: one[0].received_unix_us, reverse=True)
        if standing is not Standing.ADMITTED
    ]
    return rows[:10]


@router.post("/schools/{school}/scans")
def order_scan(
    school: str,
    person: Person,
    collector: Ours,
    probe: Annotated[str, Form()] = "",
    path: Annotated[str, Form()] = "",
    line: Annotated[str, Form()] = "",
) -> Response:
    """Order one probe, or every one that the school's list has settings for and that sends no traffic, of all agents."""
    found, wish = collector.front.school(person, school), Wish(path if path in PATHS else "", line)
    collector.dispatch.order(found, asked_by(person), probes=[probe] if probe else [], wish=wish)
    return RedirectResponse(f"/schools/{school}", 303)


@router.post("/schools/{school}/scans/{scan}/cancel")
def cancel_scan(school: str, scan: str, person: Person, collector: Ours) -> Response:
    """Take an order back."""
    found = collector.front.school(person, school)
    order = collector.store.orders.get(scan)
    if order is None or order.scan.school != found.id:
        raise NoSuchThing(f"order {scan[:16]}")
    if not _may_cancel(person, order):
        raise NotAllowed("a school takes back its own orders only")
    collector.dispatch.cancel(order.scan)
    return RedirectResponse(f"/schools/{school}", 303)


@router.get("/evidence/{evidence}")
def evidence_page(request: Request, evidence: str, person: Person, collector: Ours) -> Response:
    """One report: what it found, with which settings, under which conditions, and whether it may be judged."""
    stored = of_theirs(collector, person, evidence)
    school = collector.front.school(person, stored.school)
    words = words_in(language_of(request))
    found, standing = next(
        one for one in standings(school, collector.store.ledger.of_school(school.id)).of if one[0].id == evidence
    )
    report = found.report
    server = collector.store.servers.get(stored.agent)
    signer = server or collector.store.schools.agent(stored.agent)
    readings = [
        (
            sentence_of(reading.quantity, words.language),
            reading,
            spelled(reading, words.language),
            words.facts(reading.facts, reading.quantity),
        )
        for reading in report.readings
    ]
    return _page(
        request,
        "evidence.html",
        person=person,
        school=school,
        stored=stored,
        report=report,
        readings=readings,
        standing=words.say(STANDINGS[standing]),
        failure=failure_in_words(report.failure, words.language) if report.failure else "",
        settings=msgspec.json.format(msgspec.json.encode(report.settings), indent=2).decode(),
        raws=collector.store.ledger.raws(evidence),
        server=server,
        agent_key=signer.public_key if signer else "",
        collector_key=collector.key.public_key().public_bytes_raw().hex(),
    )
