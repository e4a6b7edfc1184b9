"""Does an enrolled agent do what it is ordered, all of it, once, and nothing else?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.config import AgentConfig
from agent.courier import Entry, opened
from agent.scan import Finding
from agent.service import LONGEST_S, Service, _Pause, report_of
from collector.admission import Standing, standings
from collector.school import Service as Metro
from evidence import quantities as q
from evidence.model import Conditions, Failure, Report
from evidence.scan import AskedBy, Cancellation, Scan, Task
from evidence.seal import CANCELLATION, REPORT, SCAN, open_sealed, seal
from tests.agent.conftest import Enrolled
from tests.collector.running import HOUR_US, Running

PATIENCE_S = 30


@contextmanager
def at_work(enrolled: Enrolled) -> Iterator[Service]:
    """The agent, working on threads of its own."""
    service = Service(enrolled.config, enrolled.identity, enrolled.outbox, enrolled.courier)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop.set()
        thread.join(PATIENCE_S)


def until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.02)


def state(collector: Running, scan: Scan, probe: str) -> str:
    """What the agent last said of one probe of an order."""
    row = collector.parts.store.orders.get(scan.id)
    assert row is not None
    return next((said.state for (_, name), said in row.progress.items() if name == probe), "")


# --- The whole way ----------------------------------------------------------------------------------------------------


def test_an_order(enrolled: Enrolled, collector: Running) -> None:
    """What is ordered is measured, sealed, delivered with its raw evidence, and may be judged."""
    with at_work(enrolled):
        scan = collector.order(probes=["desk", "metro"])
        until(lambda: collector.held() == 2 and not enrolled.outbox.raws())
    stored = collector.parts.store.ledger.of_school(collector.home)
    found = [standing for _, standing in standings(collector.school(), stored).of]

    assert found == [Standing.ADMITTED] * 2
    assert [state(collector, scan, probe) for probe in ("desk", "metro")] == ["sealed", "sealed"]
    assert [raw.content is not None for one in stored for raw in collector.parts.store.ledger.raws(one.id)] == [True]


def test_a_cancellation_while_a_probe_runs(
    enrolled: Enrolled, collector: Running, listener: tuple[str, int], stuck: tuple[str, int]
) -> None:
    """A probe under way is killed when its order is taken back, and nothing of it is sealed."""
    services = (Metro(*listener), *[Metro(*stuck)] * 9)
    collector.declare(collector.home, services=services)
    with at_work(enrolled):
        scan = collector.order(probes=["metro"])
        until(lambda: state(collector, scan, "metro") == "running")
        collector.parts.dispatch.cancel(scan)
        until(lambda: state(collector, scan, "metro") == "cancelled")

    assert (collector.held(), enrolled.outbox.depth(), enrolled.outbox.pending()) == (0, 0, [])


def test_stopping_is_not_cancelling(enrolled: Enrolled, collector: Running, stuck: tuple[str, int]) -> None:
    """An agent that is stopped keeps the task for its next start, and does not call it taken back."""
    collector.declare(collector.home, services=(Metro(*stuck),) * 9)
    with at_work(enrolled):
        scan = collector.order(probes=["metro"])
        until(lambda: state(collector, scan, "metro") == "running")

    assert (state(collector, scan, "metro"), len(enrolled.outbox.pending()), enrolled.outbox.depth()) == (
        "running",
        1,
        0,
    )


def test_what_waited_is_delivered(enrolled: Enrolled, collector: Running) -> None:
    """What was sealed while the collector was away arrives when it is back."""
    down = opened(AgentConfig(), "http://127.0.0.1:9")
    scan = collector.order(probes=["desk"])
    (entry,) = enrolled.courier.orders(enrolled.identity, 0, 0).entries
    offline = Service(enrolled.config, enrolled.identity, enrolled.outbox, down)
    offline._take(entry)
    with down.http:
        offline._do(enrolled.outbox.pending()[0])
    with at_work(enrolled):
        until(lambda: collector.held() == 1)

    assert collector.parts.store.ledger.of_school(collector.home)[0].report.scan == scan.id


# --- The order channel ------------------------------------------------------------------------------------------------


@pytest.fixture
def idle(enrolled: Enrolled) -> Service:
    """An agent that does nothing by itself."""
    return Service(enrolled.config, enrolled.identity, enrolled.outbox, enrolled.courier)


def order(idle: Service, collector: Running, **about: object) -> Scan:
    """An order for this agent, as the collector would give it."""
    scan = Scan(
        "order", collector.home, (idle.identity.agent,), (Task("desk"), Task("ipv6")), 1, 2 * 10**15, AskedBy.CLOCK
    )
    return msgspec.structs.replace(scan, **about)


def entry(kind: str, body: msgspec.Struct, key: Ed25519PrivateKey, cursor: int = 5) -> Entry:
    """One entry of the channel."""
    return Entry(cursor, seal(kind, body, key).decode())


def test_kept_before_it_is_run(idle: Service, collector: Running) -> None:
    """An order is on the disk before anything is measured."""
    idle._take(entry(SCAN, order(idle, collector), collector.parts.key))

    assert ([one.probe for one in idle.outbox.pending()], idle.outbox.cursor()) == (["desk", "ipv6"], 5)


@pytest.mark.parametrize("case", ["a stranger's", "another school", "another agent", "no order", "nonsense"])
def test_not_ours(idle: Service, collector: Running, case: str) -> None:
    """What is not an order of the pinned collector for this agent is never run."""
    key = Ed25519PrivateKey.generate() if case == "a stranger's" else collector.parts.key
    about: dict[str, object] = {"another school": {"school": "x"}, "another agent": {"agents": ("x",)}}.get(case, {})  # type: ignore[assignment]
    given = entry(REPORT if case == "no order" else SCAN, order(idle, collector, **about), key)
    idle._take(Entry(5, "nonsense") if case == "nonsense" else given)

    read = (
        0 if case in ("a stranger's", "no order", "nonsense") else 5
    )  # only the collector's own words move the cursor
    assert (idle.outbox.pending(), idle.outbox.cursor()) == ([], read)


@pytest.mark.parametrize(
    ("about", "kept"),
    [
        pytest.param(
            {"school": "any", "tasks": (Task("site"), Task("inbound"))}, ["site", "inbound"], id="from outside"
        ),
        pytest.param({"school": "any", "tasks": (Task("site"), Task("desk"))}, [], id="from inside beside it"),
        pytest.param({"school": "vantage", "tasks": (Task("desk"),)}, [], id="its own room"),
        pytest.param({"school": "any", "tasks": (Task("site"),), "agents": ("x",)}, [], id="another vantage"),
    ],
)
def test_a_vantage(idle: Service, collector: Running, about: dict[str, object], kept: list[str]) -> None:
    """A vantage takes orders for any school, but only what is seen from outside: it stands in no school's network."""
    idle.identity = replace(idle.identity, known=msgspec.structs.replace(idle.identity.known, school="vantage"))
    idle._take(entry(SCAN, order(idle, collector, **about), collector.parts.key))

    assert ([one.probe for one in idle.outbox.pending()], idle.outbox.cursor()) == (kept, 5)


def test_cancelled(idle: Service, collector: Running) -> None:
    """Tasks that have not been run are dropped by a cancellation."""
    idle._take(entry(SCAN, order(idle, collector), collector.parts.key))
    idle._take(entry(CANCELLATION, Cancellation("order", collector.home, 1), collector.parts.key, 6))

    assert (idle.outbox.pending(), idle.outbox.cursor(), idle.cancelled) == ([], 6, {"order"})


@pytest.mark.parametrize(
    ("start_us", "expires_us", "due", "kept"),
    [
        pytest.param(0, HOUR_US, True, 2, id="now"),
        pytest.param(-HOUR_US, HOUR_US, True, 2, id="since an hour"),
        pytest.param(HOUR_US, 2 * HOUR_US, False, 2, id="in an hour"),
        pytest.param(-2 * HOUR_US, -HOUR_US, False, 0, id="expired"),
    ],
)
def test_due(idle: Service, collector: Running, start_us: int, expires_us: int, due: bool, kept: int) -> None:
    """A task runs between start and expiry on the collector's clock, whatever this box's clock says."""
    found = idle.courier.orders(idle.identity, 0, 0)
    idle.ahead_us = found.now_unix_us - _now()
    times = {"start_unix_us": collector.clock.us + start_us, "expires_unix_us": collector.clock.us + expires_us}
    idle._take(entry(SCAN, order(idle, collector, **times), collector.parts.key))

    assert (idle._is_due(idle.outbox.pending()[0]), len(idle.outbox.pending())) == (due, kept)


@pytest.mark.parametrize(
    ("asked_by", "turns"),
    [
        pytest.param(
            AskedBy.SCHOOL_ADMIN, ["evaluator desk", "school_admin egress", "school_admin desk"], id="the school"
        ),
        pytest.param(AskedBy.DRAW, ["draw egress", "evaluator desk", "draw desk"], id="the draw"),
    ],
)
def test_turns(idle: Service, collector: Running, asked_by: AskedBy, turns: list[str]) -> None:
    """The school's own orders come last; of the others, a run of the way out has a slot that ends and comes first."""
    first = order(idle, collector, asked_by=AskedBy.EVALUATOR, tasks=(Task("desk"),))
    then = order(idle, collector, id="then", asked_by=asked_by, tasks=(Task("desk"), Task("egress", {"server": "a:1"})))
    for cursor, scan in enumerate((first, then), 1):
        idle._take(entry(SCAN, scan, collector.parts.key, cursor))
    found = sorted(idle.outbox.pending(), key=idle._turn)

    assert [f"{idle._order(task).asked_by} {task.probe}" for task in found] == turns


def _now() -> int:
    """This box's clock."""
    from agent import clock

    return clock.unix_us()


def test_back_off() -> None:
    """Pauses grow to a bound, are cut short by the end, and start over after an answer."""
    stop = threading.Event()
    stop.set()
    pause, bounds = _Pause(stop), []
    for _ in range(12):
        pause.longer()
        bounds.append(pause.bound_s)
    pause.over()

    assert (bounds[:3], bounds[-1], pause.bound_s) == ([1.0, 2.0, 4.0], LONGEST_S, 0.5)


def test_an_outage(enrolled: Enrolled, collector: Running) -> None:
    """An agent whose collector is away goes on, and works when it is back."""
    down = opened(AgentConfig(), "http://127.0.0.1:9")
    enrolled.outbox.seal("desk", "", 0, (), lambda *_: ("id", b"x"))
    service = Service(enrolled.config, enrolled.identity, enrolled.outbox, down)
    thread = threading.Thread(target=service.run)
    with down.http:
        thread.start()
        time.sleep(0.5)
        alive = thread.is_alive()
        service.stop.set()
        thread.join(PATIENCE_S)

    assert (alive, thread.is_alive(), enrolled.outbox.depth()) == (True, False, 1)


def test_what_cannot_be_sealed_is_told(idle: Service) -> None:
    """A finding too large to seal becomes a report that says so: the run is not repeated for ever and nothing is hidden."""
    readings = tuple(q.PORT_UP.reading("yes", f"10.0.0.1:161/{number:0>40}") for number in range(160_000))
    finding = Finding(readings, (), Conditions("test", 1, 2, 1, 2))
    sealed = idle.outbox.seal("uplinks", "", 0, (), report_of(idle.identity, finding, "uplinks", {}, ""))
    report = open_sealed(sealed.content, lambda _: idle.identity.key.public_key()).body(REPORT, Report)

    assert (report.failure, report.readings) == (Failure.INSTRUMENT_LIMIT, ())


def test_a_thread_that_ends_by_a_bug_ends_all(idle: Service) -> None:
    """An agent that no longer listens or delivers does not go on as if all were well."""
    with pytest.raises(ZeroDivisionError):
        idle._guarded(lambda: 1 // 0)  # type: ignore[arg-type]

    assert (idle.broken, idle.stop.is_set()) == (True, True)
