"""Does every agent hear of its orders at once, and of nobody else's?"""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
import pytest

from collector.dispatch import WrongOrder, tasks_of
from collector.school import End, School, Service, Switch
from evidence.model import Settings
from evidence.scan import AskedBy, Cancellation, Progress, Scan
from evidence.seal import CANCELLATION, SCAN, open_sealed
from probes import load
from tests.collector.making import CAMPUS, INSIDE
from tests.collector.running import HOUR_US, Box, Running


def asked(collector: Running, box: Box, after: int = 0, wait_s: int = 0) -> list[dict[str, Any]]:
    """The entries that an agent is given."""
    answer = collector.http.get("/v1/scans", params={"after": after, "wait_s": wait_s}, headers=box.channel)
    entries: list[dict[str, Any]] = answer.json()["entries"]
    return entries


def opened(collector: Running, entry: dict[str, Any]) -> Scan | Cancellation:
    """What an entry holds, by the collector's key."""
    sealed = open_sealed(entry["envelope"].encode(), lambda _: collector.parts.key.public_key())
    return sealed.body(SCAN, Scan) if sealed.payload_type == SCAN else sealed.body(CANCELLATION, Cancellation)


# --- Who may listen ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("Bearer ", id="no credentials"),
        pytest.param("Bearer {id}", id="no secret"),
        pytest.param("Bearer {id}.", id="an empty secret"),
        pytest.param("Bearer {id}.0000", id="another secret"),
        pytest.param("Bearer nobody.{secret}", id="another agent"),
        pytest.param("Basic {id}.{secret}", id="another scheme"),
        pytest.param("Bearer {secret}", id="the secret alone"),
    ],
)
def test_bearer(collector: Running, box: Box, authorization: str | None) -> None:
    """Without the channel's secret of an enrolled agent nothing is told."""
    headers = {} if authorization is None else {"authorization": authorization.format(id=box.id, secret=box.secret)}
    answer = collector.http.get("/v1/scans?wait_s=0", headers={key: value.strip() for key, value in headers.items()})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("query", ["after=-1", "after=x", "wait_s=301", "wait_s=-1"])
def test_bad_questions(collector: Running, box: Box, query: str) -> None:
    """A cursor and a wait that make no sense are refused."""
    assert collector.http.get(f"/v1/scans?{query}", headers=box.channel).status_code == 422


# --- What is told -----------------------------------------------------------------------------------------------------


def test_an_order(collector: Running, box: Box) -> None:
    """An order comes sealed by the collector, with the settings of the school's list."""
    scan = collector.order(box)
    (entry,) = asked(collector, box)

    assert opened(collector, entry) == scan
    assert [task.probe for task in scan.tasks] == ["desk", "ipv6", "metro", "uplinks"]


def test_the_collectors_clock(collector: Running, box: Box) -> None:
    """Each answer brings the collector's time."""
    assert collector.http.get("/v1/scans?wait_s=0", headers=box.channel).json()["now_unix_us"] == collector.clock.us


def test_cursor(collector: Running, box: Box) -> None:
    """After a cursor only what is newer is told."""
    collector.order(box)
    second = collector.order(box)
    first_cursor = asked(collector, box)[0]["cursor"]
    (entry,) = asked(collector, box, after=first_cursor)

    assert opened(collector, entry) == second


def test_nothing_new(collector: Running, box: Box) -> None:
    """An answer after the newest cursor is empty."""
    collector.order(box)

    assert asked(collector, box, after=asked(collector, box)[-1]["cursor"]) == []


def test_several_agents(collector: Running, box: Box) -> None:
    """An order of all agents is told to each, one of one agent to nobody else."""
    other = collector.enrolled()
    both, mine = collector.order(), collector.order(box)
    found = [[opened(collector, entry) for entry in asked(collector, one)] for one in (box, other)]

    assert found == [[both, mine], [both]]


def test_another_school(collector: Running, box: Box) -> None:
    """No order of a school is told to another's agent."""
    elsewhere = collector.enrolled(collector.founded("二中"))
    collector.order()

    assert asked(collector, elsewhere) == []


def test_cancelled(collector: Running, box: Box) -> None:
    """A cancellation takes the order's place in the channel, for those who have heard the order and those who have not."""
    scan = collector.order(box)
    collector.parts.dispatch.cancel(scan)
    (entry,) = asked(collector, box)

    assert opened(collector, entry) == Cancellation(scan.id, scan.school, collector.clock.us)


def test_cancelled_twice(collector: Running, box: Box) -> None:
    """A second cancellation changes nothing."""
    scan = collector.order(box)
    for _ in range(2):
        collector.parts.dispatch.cancel(scan)

    assert len(asked(collector, box)) == 1


@pytest.mark.parametrize(("hours", "told"), [(23, 1), (24, 0), (25, 0)])
def test_expired(collector: Running, box: Box, hours: int, told: int) -> None:
    """An order that nobody fetched in time is not told any more."""
    collector.order(box)
    collector.clock.us += hours * HOUR_US

    assert len(asked(collector, box)) == told


def test_start_time(collector: Running, box: Box) -> None:
    """An order for later says when it may start, and is told at once."""
    scan = collector.order(box, start_us=collector.clock.us + HOUR_US)
    (entry,) = asked(collector, box)
    found = opened(collector, entry)

    assert isinstance(found, Scan)
    assert found.start_unix_us == scan.start_unix_us == collector.clock.us + HOUR_US


def test_who_asked(collector: Running, box: Box) -> None:
    """An order says who gave it."""
    assert collector.order(box).asked_by is AskedBy.EVALUATOR


# --- Waiting ----------------------------------------------------------------------------------------------------------


def told_within(collector: Running, box: Box, act: Any) -> tuple[float, int]:
    """How long after `act` a waiting poll was answered, in seconds, and with how many entries."""
    found: list[tuple[float, int]] = []

    def poll() -> None:
        with httpx.Client(base_url=collector.url, timeout=20) as http:
            entries = http.get("/v1/scans", params={"wait_s": 15}, headers=box.channel).json()["entries"]
            found.append((time.monotonic(), len(entries)))

    waiting = threading.Thread(target=poll)
    waiting.start()
    time.sleep(0.4)
    started = time.monotonic()
    act()
    waiting.join()
    return found[0][0] - started, found[0][1]


def test_long_poll(collector: Running, box: Box) -> None:
    """A waiting poll is answered within a second of an order."""
    took_s, entries = told_within(collector, box, lambda: collector.order(box))

    assert entries == 1
    assert took_s < 1


def test_long_poll_of_another_process(collector: Running, box: Box) -> None:
    """An order that another process stored is told too, though nobody rang."""
    scan = collector.order(box)
    collector.parts.dispatch.cancel(scan)
    cursor = asked(collector, box)[-1]["cursor"]

    def silently() -> None:
        stored = collector.parts.store.orders
        stored.add(
            Scan("later" + scan.id, scan.school, (box.id,), scan.tasks, 1, scan.expires_unix_us, AskedBy.CLOCK), b"{}"
        )

    def poll() -> int:
        return len(asked(collector, box, after=cursor, wait_s=5))

    threading.Timer(0.2, silently).start()
    assert poll() == 1


def test_a_wait_ends(collector: Running, box: Box) -> None:
    """A poll without news is answered, empty, when its time is over."""
    started = time.monotonic()

    assert asked(collector, box, wait_s=1) == []
    assert 0.9 < time.monotonic() - started < 3


def test_seen(collector: Running, box: Box) -> None:
    """When an agent last asked is known, and on the school's page."""
    collector.clock.us += HOUR_US
    asked(collector, box)

    assert [one.last_seen_unix_us for one in collector.parts.store.schools.agents(collector.home)] == [
        collector.clock.us
    ]


# --- What cannot be ordered -------------------------------------------------------------------------------------------


def test_no_agent(collector: Running) -> None:
    """A school without agents cannot be measured, and it is said."""
    with pytest.raises(WrongOrder, match="No agent of 一中 is enrolled yet"):
        collector.order()


def test_a_stranger(collector: Running, box: Box) -> None:
    """Another school's agent cannot be ordered."""
    other = collector.enrolled(collector.founded("二中"))
    with pytest.raises(WrongOrder, match="一中 has no agent"):
        collector.order(box, other)


def test_no_settings(collector: Running, box: Box) -> None:
    """A probe that the list has no settings for cannot be ordered."""
    with pytest.raises(WrongOrder, match="desk, names; there are: desk, ipv6, metro, uplinks, stimulus"):
        collector.order(box, probes=["desk", "names"])


@pytest.mark.parametrize(
    ("about", "probes"),
    [
        pytest.param({}, ["desk", "ipv6"], id="an empty list"),
        pytest.param({"services": INSIDE}, ["desk", "ipv6", "metro"], id="services"),
        pytest.param(CAMPUS, ["desk", "ipv6", "uplinks"], id="switches"),
        pytest.param({**CAMPUS, "services": (Service("x", 1),)}, ["desk", "ipv6", "metro", "uplinks"], id="all"),
    ],
)
def test_tasks(about: dict[str, Any], probes: list[str]) -> None:
    """What can be ordered follows from the list."""
    assert [task.probe for task in tasks_of(School("s", "一中", **about))] == probes


@pytest.mark.parametrize(
    ("virtual", "settings"), [(False, {}), (True, {"lab_prefixes": ["2001:db8::/32"], "linger_s": 2})]
)
def test_lab_prefixes(virtual: bool, settings: dict[str, Any]) -> None:
    """The documentation prefix stands for a real one in a virtual school only, where nobody listens long for a second router either."""
    assert tasks_of(School("s", "一中", virtual=virtual))[1].settings == settings


def uplinks_of(**about: Any) -> Settings:
    """What is ordered of the switches of such a school."""
    return next(task.settings for task in tasks_of(School("s", "一中", **about)) if task.probe == "uplinks")


def test_what_the_list_says_of_switches() -> None:
    """Place, core and the ports to the outside go into the order where the list has them, and nothing stands in for them."""
    bare = Switch("bare", "10.0.0.9")
    settings = uplinks_of(switches=(*CAMPUS["switches"][:1], bare), wans=(End("core", "ge24"), End("core", "ge23")))

    assert settings["switches"] == [
        {"host": "10.0.0.1", "port": 161, "name": "core", "place": "main/b1/1", "core": True, "wan": ["ge24", "ge23"]},
        {"host": "10.0.0.9", "port": 161, "name": "bare"},
    ]


@pytest.mark.parametrize(
    ("approved", "more"),
    [((), {}), (("acc-7", "acc-8"), {"discover": True, "approved": [{"name": "acc-7"}, {"name": "acc-8"}]})],
    ids=["none", "two"],
)
def test_approved_neighbours(approved: tuple[str, ...], more: Settings) -> None:
    """Neighbours are asked only where the list approves some, and only those."""
    settings = uplinks_of(switches=CAMPUS["switches"], approved=approved)

    assert {key: value for key, value in settings.items() if key not in ("switches", "timeout_s")} == more


def test_the_probe_takes_what_is_ordered() -> None:
    """The probe accepts what is ordered of the switches, once the box has added its secrets."""
    settings = uplinks_of(**CAMPUS, wans=(End("core", "ge24"),), approved=("acc-7",))
    # Approved neighbours are asked over SNMP v3 only.
    secrets = {"user": "campus", "auth": "SHA-256", "auth_key": "long enough"}
    asked = {name: [{**one, **secrets} for one in settings[name]] for name in ("switches", "approved")}

    assert load("uplinks").settings.model_validate({**settings, **asked})


def test_volumes_are_ordered_by_name_only(collector: Running, box: Box) -> None:
    """What puts traffic on the links is never part of an order of everything, and each order draws anew."""
    every = collector.order(box)
    one, other = (collector.order(box, probes=["stimulus"]).settings_of("stimulus") for _ in range(2))

    assert ("stimulus" in {task.probe for task in every.tasks}, one != other, one is not None) == (False, True, True)


def test_ports_are_watched_by_name_only(collector: Running, box: Box) -> None:
    """The ports to the outside are watched for five minutes where that is asked for, as the probe takes it."""
    collector.declare(collector.home, wans=(End("core", "ge24"), End("core", "ge23")))
    settings = collector.order(box, probes=["wan"]).settings_of("wan") or {}

    assert "wan" not in {task.probe for task in collector.order(box).tasks}
    secrets = [{**one, "community": "public"} for one in settings["switches"]]
    assert load("wan").settings.model_validate({**settings, "switches": secrets})
    assert settings == {
        "switches": [{"host": "10.0.0.1", "port": 161, "name": "core", "ports": ["ge23", "ge24"]}],
        "window_s": 300,
    }


def test_no_ports_to_watch(collector: Running, box: Box) -> None:
    """Where the list has no `wan` row there is nothing to watch, and it is said what can be ordered."""
    with pytest.raises(WrongOrder, match="list: wan; there are: desk, ipv6, metro, uplinks, stimulus"):
        collector.order(box, probes=["wan"])


def test_volumes_without_links(collector: Running, box: Box) -> None:
    """Where the list has no link there is nothing to send across."""
    collector.declare(collector.home, links=())

    with pytest.raises(WrongOrder, match="stimulus; there are: desk, ipv6, metro, uplinks"):
        collector.order(box, probes=["stimulus"])


# --- Progress ---------------------------------------------------------------------------------------------------------


def tell(collector: Running, box: Box, scan: str, body: str) -> httpx.Response:
    """Say how far a task is."""
    return collector.http.post(f"/v1/scans/{scan}/progress", content=body.encode(), headers=box.channel)


def test_progress(collector: Running, box: Box) -> None:
    """What an agent last said of a task is known."""
    scan = collector.order(box)
    for state in ("running", "sealed"):
        tell(collector, box, scan.id, f'{{"probe":"desk","state":"{state}"}}')
    row = collector.parts.store.orders.get(scan.id)

    assert row is not None
    assert row.progress == {(box.id, "desk"): Progress("desk", "sealed")}


def test_progress_that_comes_late(collector: Running, box: Box) -> None:
    """A "running" that was long on its way does not reopen what is sealed: nobody would ever end it."""
    scan = collector.order(box, probes=["desk"])
    for state in ("running", "sealed", "running"):
        tell(collector, box, scan.id, f'{{"probe":"desk","state":"{state}"}}')
    row = collector.parts.store.orders.get(scan.id)

    assert row is not None
    assert (row.progress[box.id, "desk"].state, row.is_open(collector.clock.us)) == ("sealed", False)


@pytest.mark.parametrize("case", ["another agent", "another probe", "another order", "no agent"])
def test_foreign_progress(collector: Running, box: Box, case: str) -> None:
    """Nobody speaks of an order that is not theirs."""
    scan, other = collector.order(box), collector.enrolled()
    who = {"another agent": other, "no agent": Box(box.key, "wrong")}.get(case, box)
    probe = "names" if case == "another probe" else "desk"
    answer = tell(
        collector, who, "0" if case == "another order" else scan.id, f'{{"probe":"{probe}","state":"sealed"}}'
    )

    assert answer.status_code == (401 if case == "no agent" else 404)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no",
        "{}",
        '{"probe":"desk","state":"flying"}',
        f'{{"probe":"desk","state":"sealed","detail":"{"x" * 501}"}}',
    ],
)
def test_bad_progress(collector: Running, box: Box, body: str) -> None:
    """A state is one of the list, with few words."""
    answer = tell(collector, box, collector.order(box).id, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
