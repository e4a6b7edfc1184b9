"""Which reports may be judged, and does any other ever turn a clause green?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from collector.admission import Standing, is_fresh, issued_us, latest_runs, standings
from collector.dispatch import tasks_of
from collector.frameworks import shipped
from collector.judge import judge_all
from collector.school import Evidence, School
from collector.verdict import Status
from evidence import quantities as q
from evidence.model import Reading, Settings
from evidence.scan import Scan, Task
from tests.collector.making import (
    BOX,
    CAMPUS,
    CORE,
    FAR,
    INSIDE,
    NEAR,
    NOW,
    OTHER_BOX,
    answered,
    campus_ports,
    ordered,
    reached,
    run,
    school,
)

SETTINGS: Settings = {"services": [["portal.edu", 443], ["10.0.0.7", 80]], "timeout_s": 3, "deep": {"list": [1, 2]}}
ORDER = ordered("metro", SETTINGS)
GOOD = run("metro", settings=SETTINGS, scan=ORDER)


def standing_of(one: Evidence) -> Standing:
    """The standing of the only report of a school with two agents."""
    return standings(School("s", "一中", held={BOX: 1, OTHER_BOX: 0}), [one]).of[0][1]


def told(**about: Any) -> Evidence:
    """The good run with other fields in its report."""
    return replace(GOOD, report=msgspec.structs.replace(GOOD.report, **about))


def asked(**about: Any) -> Evidence:
    """The good run under another order."""
    scan: Scan = msgspec.structs.replace(ORDER, **about)
    return replace(GOOD, scan=scan)


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        pytest.param(GOOD, Standing.ADMITTED, id="the answer to its order"),
        pytest.param(replace(GOOD, scan=None), Standing.NOT_ORDERED, id="no such order"),
        pytest.param(told(scan=""), Standing.NOT_ORDERED, id="a report that names no order"),
        pytest.param(told(scan="another"), Standing.NOT_ORDERED, id="a report that names another order"),
        pytest.param(asked(id="another"), Standing.NOT_ORDERED, id="an order of another id"),
        pytest.param(told(probe="desk"), Standing.NOT_ORDERED, id="a probe that the order does not name"),
        pytest.param(asked(tasks=()), Standing.NOT_ORDERED, id="an order of nothing"),
        pytest.param(asked(school="t"), Standing.NOT_THIS_AGENT, id="the order of another school"),
        pytest.param(asked(agents=(OTHER_BOX,)), Standing.NOT_THIS_AGENT, id="the order of another agent"),
        pytest.param(told(agent=OTHER_BOX), Standing.NOT_THIS_AGENT, id="another agent's answer"),
        pytest.param(
            replace(told(agent="gone"), scan=msgspec.structs.replace(ORDER, agents=("gone",))),
            Standing.NOT_THIS_AGENT,
            id="an agent that was taken back",
        ),
    ],
)
def test_standing(one: Evidence, standing: Standing) -> None:
    """Only the answer of the agent that was asked, to an order for its school that names the probe, is admitted."""
    assert standing_of(one) is standing


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({**SETTINGS, "services": [["127.0.0.1", 443], ["10.0.0.7", 80]]}, id="the school's own server"),
        pytest.param({**SETTINGS, "services": [["portal.edu", 8443], ["10.0.0.7", 80]]}, id="another port"),
        pytest.param({**SETTINGS, "services": [["portal.edu", 443]]}, id="one target less"),
        pytest.param({**SETTINGS, "services": [["10.0.0.7", 80], ["portal.edu", 443]]}, id="in another order"),
        pytest.param({**SETTINGS, "services": [["portal.edu", "443"], ["10.0.0.7", 80]]}, id="text for a number"),
        pytest.param({**SETTINGS, "timeout_s": 30}, id="another patience"),
        pytest.param({**SETTINGS, "deep": {"list": [1, 2, 3]}}, id="deep inside"),
        pytest.param({**SETTINGS, "extra": 1}, id="one key more"),
        pytest.param({key: value for key, value in SETTINGS.items() if key != "deep"}, id="one key less"),
        pytest.param({**SETTINGS, "timeout_s": True}, id="yes for a number"),
        pytest.param({**SETTINGS, "timeout_s": 3.0}, id="a number that cannot be signed"),
        pytest.param({}, id="none"),
    ],
)
def test_other_settings(settings: Settings) -> None:
    """Settings that differ in one value from the ordered ones are not the ordered ones."""
    assert standing_of(told(settings=settings)) is Standing.OTHER_SETTINGS


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(q.DESK_SPEED.reading(10**10), id="of another probe"),
        pytest.param(q.METRO_INSIDE_REACHED.reading(10**6), id="of the judge"),
        pytest.param(q.WAN_SPEED.reading(10**10), id="of no probe"),
        pytest.param(Reading("metro.reached", "%", value=100), id="in another unit"),
        pytest.param(Reading("metro.reached", "ppm", value=1_000_001), id="more than all"),
        pytest.param(Reading("metro.reached", "ppm", value=-1), id="less than nothing"),
        pytest.param(Reading("metro.reached", "ppm", at_most=1_000_001), id="an end beyond all"),
        pytest.param(Reading("metro.reached", "ppm", value="all"), id="text for a number"),
        pytest.param(Reading("metro.first_hop", "state", value="perhaps"), id="a state that there is not"),
        pytest.param(Reading("metro.first_hop", "state", at_least=1), id="an interval of a state"),
    ],
)
def test_odd_readings(reading: Reading) -> None:
    """A report with a reading that its probe cannot have given is not judged at all."""
    assert standing_of(told(readings=(q.METRO_REACHED.reading(1), reading))) is Standing.ODD_READINGS


@pytest.mark.parametrize(
    "reading",
    [q.METRO_REACHED.between(0, None), q.METRO_FIRST_HOP.reading("known"), Reading("later.quantity", "x", value="y")],
    ids=["open", "state", "of a later release"],
)
def test_good_readings(reading: Reading) -> None:
    """Readings of the probe, and of quantities that this release does not know, do no harm."""
    assert standing_of(told(readings=(reading,))) is Standing.ADMITTED


def test_keys_in_another_order_are_the_same_settings() -> None:
    """Settings are compared in their signed form, in which keys have one order."""
    assert standing_of(told(settings=dict(reversed(SETTINGS.items())))) is Standing.ADMITTED


def test_only_the_first_answer() -> None:
    """An order is answered once by each agent and probe: nobody repeats a run until the figure pleases."""
    order = msgspec.structs.replace(
        ordered("metro", {}), agents=(BOX, OTHER_BOX), tasks=(Task("metro", {}), Task("desk", {}))
    )
    stored = [
        run("metro", scan=order),
        run("metro", scan=order, sequence=2),
        run("desk", scan=order, sequence=3),
        run("metro", scan=order, agent=OTHER_BOX),
    ]
    found = [standing for _, standing in standings(school(stored), stored).of]

    assert found == [Standing.ADMITTED, Standing.ANSWERED_BEFORE, Standing.ADMITTED, Standing.ADMITTED]


def test_a_first_answer_with_other_settings_is_the_answer() -> None:
    """Having run it otherwise, an agent has no second try at the order."""
    stored = [told(settings={}), replace(told(sequence=2, previous="x"), id="second")]
    found = [standing for _, standing in standings(School("s", "一中", held={BOX: 2}), stored).of]

    assert found == [Standing.OTHER_SETTINGS, Standing.ANSWERED_BEFORE]


@pytest.mark.parametrize(
    ("here", "held", "complete"),
    [
        pytest.param([1, 2, 3], 3, True, id="all"),
        pytest.param([1, 3], 3, False, id="one in the middle"),
        pytest.param([2, 3], 3, False, id="the first"),
        pytest.param([1, 2], 3, False, id="the last"),
        pytest.param([], 1, False, id="the only one"),
        pytest.param([], 0, True, id="an agent that has not sent yet"),
        pytest.param([1, 2], 1, True, id="one more than acknowledged"),
    ],
)
def test_complete(here: list[int], held: int, complete: bool) -> None:
    """Evidence is complete when every sequence number that was acknowledged is here."""
    stored = [reached(1, sequence=number) for number in here]

    assert standings(School("s", "一中", held={BOX: held}), stored).complete is complete


def test_latest_runs() -> None:
    """The latest run of each agent by its order's time, then by sequence."""
    stored = [
        reached(1, days_ago=1),
        reached(2, sequence=2, days_ago=1),
        reached(3, sequence=3, days_ago=2),
        reached(4, agent=OTHER_BOX, days_ago=5),
    ]
    assert [one.id for one in latest_runs(stored, "metro")] == ["id-box-1-2", "id-box-2-1"]


@pytest.mark.parametrize(("days", "fresh"), [(3, True), (2, False)])
def test_fresh(days: int, fresh: bool) -> None:
    """Age is counted from the order on the collector's clock, never from the box's."""
    assert is_fresh(reached(1, days_ago=2.5), days, NOW) is fresh


def test_issued_without_an_order() -> None:
    """What nobody ordered is as old as can be."""
    assert issued_us(replace(GOOD, scan=None)) == 0


# --- Never green ------------------------------------------------------------------------------------------------------

FULL = school(**CAMPUS, services=INSIDE)
IPV6 = (q.IPV6_GRADE.reading(4),)
DOWN = tuple(q.METRO_CONNECT.reading(900, one.subject) for one in INSIDE)
PERFECT: dict[str, tuple[Reading, ...]] = {
    "desk": (q.DESK_SPEED.reading(10 * q.GIGABIT, "eth0", {"driver": "ixgbe"}),),
    "ipv6": IPV6,
    "metro": (*DOWN, q.METRO_REACHED.reading(1_000_000)),
    "uplinks": (*campus_ports(), *answered(CORE, NEAR, FAR)),
}
FULL_SCAN = msgspec.structs.replace(ordered("desk", {}), tasks=tuple(tasks_of(FULL)))


def perfect() -> list[Evidence]:
    """Perfect answers of one agent to an order of every probe."""
    return [
        run(task.probe, *PERFECT[task.probe], settings=task.settings, scan=FULL_SCAN, sequence=number)
        for number, task in enumerate(FULL_SCAN.tasks, start=1)
    ]


def forged(kind: str) -> list[Evidence]:
    """The same perfect readings, each spoiled in one way."""
    rows = perfect()
    if kind == "not ordered":
        return [replace(one, scan=None) for one in rows]
    if kind == "other settings":
        return [_with(one, settings={**one.report.settings, "timeout_s": 1}) for one in rows]
    if kind == "own server":
        return [_with(one, settings={"services": [["127.0.0.1", 443]]}) for one in rows if one.report.probe == "metro"]
    every: dict[str, dict[str, Any]] = {
        "another school": {"school": "t"},
        "another agent": {"agents": (OTHER_BOX,)},
        "another id": {"id": "x"},
        "another probe": {"tasks": (Task("names", {}),)},
    }
    changes = every[kind]
    return [replace(one, scan=msgspec.structs.replace(FULL_SCAN, **changes)) for one in rows]


def _with(one: Evidence, **about: Any) -> Evidence:
    """The same run with other fields in its report."""
    return replace(one, report=msgspec.structs.replace(one.report, **about))


def parts_met(stored: list[Evidence]) -> int:
    """How many parts of all policies are met by this evidence."""
    about = replace(FULL, held={BOX: max((one.report.sequence for one in stored), default=0)})
    stored = sorted(stored, key=lambda one: one.report.sequence)
    return sum(
        part.status is Status.MET for verdict in judge_all(shipped(), about, stored, NOW) for part in verdict.parts
    )


def test_perfect_answers_are_judged() -> None:
    """The same readings in answer to an order do meet parts: what follows is not true of nothing."""
    assert parts_met(perfect()) > 10


@pytest.mark.parametrize(
    "kind",
    ["not ordered", "other settings", "own server", "another school", "another agent", "another id", "another probe"],
)
def test_never_green(kind: str) -> None:
    """Perfect readings that answer no order of the collector meet no part of any policy."""
    assert parts_met(forged(kind)) == 0


def test_a_second_answer_is_never_green() -> None:
    """Perfect readings sent after a first, bad answer to the same order meet nothing."""
    first = [_with(one, readings=()) for one in perfect()]
    second = [
        replace(_with(one, sequence=one.report.sequence + 4, previous="x"), id=f"{one.id}-again") for one in perfect()
    ]
    assert parts_met([*first, *second]) == 0
