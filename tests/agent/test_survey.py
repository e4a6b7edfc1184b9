"""Is a survey walked as it was ordered, each point measured once for each time it is asked for, and nothing lost?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn

from agent.outbox import Outbox
from agent.service import Service
from agent.survey.route import Route, next_stop, route_of
from agent.survey.site import Door, survey_app
from agent.survey.walker import Walker, WrongVisit
from collector.school import AccessPoint, Place
from evidence.model import Report
from evidence.scan import AskedBy, Scan
from evidence.seal import REPORT, open_sealed
from tests.agent.conftest import Enrolled
from tests.collector.running import HOUR_US, Running
from tests.probes.air import Ap, dumped

PATIENCE_S = 30
OWN, TWIN, STRANGER = "02:00:00:00:01:10", "02:00:00:00:09:10", "02:00:00:00:08:10"
PLACES = ("main/b1/101", "main/b1/102", "main/b1/103")


@dataclass
class Walk:
    """A box at work on a survey: what it is served by, and what the collector knows."""

    collector: Running
    enrolled: Enrolled
    walker: Walker
    service: Service
    scan: Scan
    told: list[Route] = field(default_factory=list)

    @property
    def codes(self) -> dict[str, str]:
        """The codes of the cards."""
        return self.collector.parts.store.surveys.codes(self.scan.id)

    def begin(self, place: str, identity: str = "", point: int = 1) -> str:
        """Ask for one point with its right code; the state when it is settled."""
        identity = identity or f"visit-{time.monotonic_ns()}"
        self.walker.begin(identity, self.scan.id, place, point, self.codes[place])
        until(lambda: self.state(identity) != "measuring")
        return self.state(identity)

    def state(self, identity: str) -> str:
        """The state of a visit."""
        visit = self.walker.outbox.visit(identity)
        return visit.state if visit is not None else ""

    def reports(self, probe: str = "wifi") -> list[Report]:
        """What the box sealed, in order, as the collector holds it."""
        until(lambda: self.walker.outbox.depth() == 0)
        held = self.collector.parts.store.ledger.of_scan(self.scan.id)
        return [report for report in held if report.probe == probe]


def until(true: object) -> None:
    """Wait for something to become true."""
    assert callable(true)
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """What the radio hears: an own access point, one that uses the school's name, and a stranger."""
    heard = [Ap(OWN, signal_dbm=-50), Ap(TWIN, signal_dbm=-60), Ap(STRANGER, ssid="邻居".encode(), signal_dbm=-40)]
    path = tmp_path / "air.dump"
    path.write_bytes(dumped(heard))
    return path


@contextmanager
def walked(collector: Running, enrolled: Enrolled, recording: Path) -> Iterator[Walk]:
    """A survey of three places, ordered, taken by the box and open."""
    about = {
        "places": tuple(Place(path, "teaching", area_m2=40 if path.endswith("103") else 0) for path in PLACES),
        "networks": (b"School".hex(),),
        "access_points": (AccessPoint("ap-1", (OWN,)),),
    }
    collector.declare(collector.home, **about)
    collector.clock.us = time.time_ns() // 1000
    scan = collector.parts.dispatch.order(collector.school(), AskedBy.EVALUATOR, probes=["wifi"])
    told: list[Route] = []
    service = Service(enrolled.config, enrolled.identity, enrolled.outbox, enrolled.courier)

    def hear(route: Route) -> None:
        told.append(route)
        service.sealed.set()

    walker = Walker(enrolled.config, enrolled.identity, enrolled.outbox, hear, recording)
    worker = threading.Thread(target=walker.work)
    threads = [*service.attend(), worker]
    worker.start()
    try:
        until(walker.surveys)
        yield Walk(collector, enrolled, walker, service, scan, told)
    finally:
        walker.end()
        service.stop.set()
        service.sealed.set()
        for thread in threads:
            thread.join(PATIENCE_S)


@pytest.fixture
def walk(collector: Running, enrolled: Enrolled, recording: Path) -> Iterator[Walk]:
    """The box on its walk."""
    with walked(collector, enrolled, recording) as found:
        yield found


@contextmanager
def served(walk: Walk, door: Door) -> Iterator[str]:
    """The page on a loopback port; its address."""
    config = uvicorn.Config(
        survey_app(walk.walker, door, "zh"), host="127.0.0.1", port=0, log_level="warning", lifespan="off"
    )
    server, bound = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


@pytest.fixture
def page(walk: Walk) -> Iterator[httpx.Client]:
    """A phone that typed the number."""
    door = Door()
    with served(walk, door) as url, httpx.Client(base_url=url, headers={"x-campusproof": "1"}) as phone:
        assert phone.post("/enter", data={"pin": door.pin}).status_code == 303
        yield phone


# --- Measuring --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_point(walk: Walk) -> None:
    """One point is one report at the place walked to, with the ordered settings, the point and the code."""
    walk.begin(PLACES[0])
    (report,) = walk.reports()
    point = next(one for one in report.readings if one.quantity == "survey.point")

    assert (report.place, report.settings, point.value, point.facts) == (
        PLACES[0],
        {"scans": 5},
        1,
        {"attempt": 1, "code": walk.codes[PLACES[0]]},
    )


@pytest.mark.slow
def test_strangers_stay_a_number(walk: Walk) -> None:
    """What is neither the school's nor uses its name leaves the box as a count, in readings and raw evidence alike."""
    walk.begin(PLACES[0])
    (report,) = walk.reports()
    told = {one.subject for one in report.readings if one.quantity == "wifi.signal"}
    counted = [one.value for one in report.readings if one.quantity == "wifi.strangers" and one.subject == "5"]

    assert (told, counted) == ({OWN, TWIN}, [1])


@pytest.mark.slow
def test_asked_twice(walk: Walk) -> None:
    """The same request again, as after a lost connection, is the same measurement."""
    for _ in range(2):
        walk.begin(PLACES[0], "the-same-request")

    assert len(walk.reports()) == 1


@pytest.mark.slow
def test_a_whole_walk(walk: Walk) -> None:
    """A walk with all its points ends the task, and the collector draws a place to be measured again, which the box gets."""
    for place, point in ((PLACES[0], 1), (PLACES[1], 1), (PLACES[2], 1), (PLACES[2], 2)):
        walk.begin(place, point=point)
    walk.reports()
    walk.collector.clock.us += HOUR_US // 6
    until(lambda: [scan for scan in walk.walker.surveys() if scan.asked_by is AskedBy.DRAW])

    assert [scan.survey.remeasures for scan in walk.walker.surveys() if scan.survey is not None] == [walk.scan.id]


@pytest.mark.slow
def test_three_attempts(walk: Walk) -> None:
    """A point is measured three times at most."""
    for _ in range(3):
        walk.begin(PLACES[0])

    with pytest.raises(WrongVisit, match="tries"):
        walk.begin(PLACES[0])


WRONG = [
    pytest.param({"scan": "0" * 32}, "no_survey", id="another order"),
    pytest.param({"place": "main/b1/999"}, "no_place", id="another place"),
    pytest.param({"point": 2}, "no_place", id="a point too many"),
    pytest.param({"point": 0}, "no_place", id="no point"),
    pytest.param({"code": "ABCDEF"}, "bad_code", id="a slip of the finger"),
    pytest.param({"code": ""}, "bad_code", id="no code"),
    pytest.param({"identity": "short"}, "bad_request", id="no proper id"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_refused(walk: Walk, change: dict[str, object], code: str) -> None:
    """What the order does not ask for is refused by name, and nothing is kept of it."""
    asked: dict[str, object] = {"identity": "a-request", "scan": walk.scan.id, "place": PLACES[0], "point": 1}
    with pytest.raises(WrongVisit, match=code):
        walk.walker.begin(**{**asked, "code": walk.codes[PLACES[0]], **change})  # type: ignore[arg-type]

    assert walk.walker.outbox.visits() == []


def test_cut_off(walk: Walk, recording: Path) -> None:
    """A run that a restart cut off is told as lost: nobody knows where the walker stands by now."""
    walk.walker.begin("cut-off-request", walk.scan.id, PLACES[0], 1, walk.codes[PLACES[0]])
    walk.walker.end()
    again = Walker(
        walk.enrolled.config, walk.enrolled.identity, Outbox(walk.enrolled.config.directory), replay=recording
    )
    until(lambda: walk.state("cut-off-request") != "measuring")

    assert (walk.state("cut-off-request"), len(again.routes())) == ("lost", 1)


def test_an_order_waits_for_a_person(walk: Walk) -> None:
    """A survey starts nothing by itself."""
    (task,) = walk.enrolled.outbox.pending()

    assert walk.service._is_due(task) is False


# --- The route ---------------------------------------------------------------------------------------------------------


def test_where_next(walk: Walk) -> None:
    """The next place is the first open one behind the last, and around the list's end to its beginning."""
    route = route_of(walk.scan, [])
    found = [next_stop(route, last) for last in ("", PLACES[0], PLACES[2])]

    assert [stop.place if stop is not None else "" for stop in found] == [PLACES[0], PLACES[1], PLACES[0]]


# --- The page's door ----------------------------------------------------------------------------------------------------


def test_without_the_number(walk: Walk) -> None:
    """Who does not know the number sees no place and measures none."""
    with served(walk, Door()) as url:
        answers = [httpx.get(f"{url}/api/walk"), httpx.post(f"{url}/api/measure", json={})]
        shown = httpx.get(url).text

    assert ([answer.status_code for answer in answers], PLACES[0] in shown) == ([401, 401], False)


def test_a_wrong_number_five_times(walk: Walk) -> None:
    """After five wrong numbers there is a new one, which the laptop shows: nobody tries all of them."""
    shown: list[str] = []
    door = Door(shown.append, pin="000000")
    with served(walk, door) as url:
        answers = [httpx.post(f"{url}/enter", data={"pin": "999999"}).status_code for _ in range(5)]

    assert (answers, shown) == ([403] * 5, [door.pin])


def test_another_sites_page(page: httpx.Client) -> None:
    """A form of another site cannot ask for anything: the header is missing."""
    answer = page.post("/api/measure", content=b"{}", headers={"x-campusproof": ""})

    assert answer.status_code == 403


def test_a_strangers_name(page: httpx.Client) -> None:
    """A name that somebody points at the laptop is not answered."""
    assert page.get("/", headers={"host": "walk.example:8780"}).status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"id": 1}', b'{"id":"12345678","scan":"s","place":"p","code":"c","point":"1"}', b"x" * 5000]
)
def test_odd_requests(page: httpx.Client, body: bytes) -> None:
    """What is no request is refused and ends nothing."""
    answer = page.post("/api/measure", content=body)

    assert (answer.status_code in (400, 413), answer.json()) == (True, {"code": "bad_request"})


def test_nothing_from_elsewhere(page: httpx.Client) -> None:
    """The page loads nothing from elsewhere, and says so to the browser."""
    answer = page.get("/")

    assert (
        "http" in answer.text.replace("http-equiv", ""),
        "default-src 'none'" in answer.headers["content-security-policy"],
    ) == (
        False,
        True,
    )


@pytest.mark.parametrize(("language", "title"), [("zh", "无线巡测"), ("en", "Wi-Fi survey")])
def test_languages(page: httpx.Client, language: str, title: str) -> None:
    """The page speaks the language that is asked for."""
    assert f"<title>{title}</title>" in page.get("/", params={"language": language}).text


def test_the_report_is_sealed_by_the_box(walk: Walk) -> None:
    """A walk's report is signed like any other: by the box's own key, in its chain."""
    walk.begin(PLACES[0])
    waiting = walk.reports()
    stored = walk.collector.parts.store.ledger.of_school(walk.collector.home)
    envelope = walk.collector.parts.store.ledger.envelope(stored[-1].id)
    assert envelope is not None
    key = walk.enrolled.identity

    opened = open_sealed(envelope.envelope, lambda _: key.key.public_key())
    assert opened.body(REPORT, Report) == waiting[-1]
