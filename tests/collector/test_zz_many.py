"""What must hold of the judge whatever the evidence is?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.admission import DAY_US
from collector.against import WORST_FIRST
from collector.frameworks import Over, Part
from collector.judge import judge
from collector.plausible import CHECKS
from collector.school import End, Evidence, Link, Other, Place, School, Switch
from collector.verdict import Status, Verdict
from evidence import quantities as q
from evidence.model import Failure, Quantity, Reading, Report, Settings, Unit
from tests.collector.making import (
    ALL_SERVICES,
    ALL_SWITCHES,
    BOX,
    CAMPUS,
    CORE,
    FAR,
    FIGURE,
    GIGABIT,
    NEAR,
    NOW,
    OTHER_BOX,
    REACHABLE,
    TO_FAR,
    TO_NEAR,
    WHOLE,
    answered,
    clause,
    connects,
    desk,
    joins,
    ordered,
    part,
    port,
    reached,
    run,
    school,
    uplinks,
)

# The campus with a second way from acc-1 to acc-2, and a port to the outside.
RING: dict[str, Any] = {**CAMPUS, "links": (TO_NEAR, TO_FAR, Link(End("acc-1", "x"), End("acc-2", "x")))}
WANS = (End("core", "ge9"),)
PLACES = (Place("main/b1/1", "teaching"), Place("main/b1/2", "teaching"))
STANDS = {BOX: PLACES[0].path, OTHER_BOX: PLACES[1].path}
BOUND = 500
SEVERAL = settings(max_examples=1500, deadline=None)  # a busy machine is no failure
PORTS = [
    ("core", CORE, "ge1"),
    ("acc-1", NEAR, "up"),
    ("core", CORE, "ge2"),
    ("acc-2", FAR, "up"),
    ("", NEAR, "desk"),
    ("core", CORE, "ge9"),
    ("acc-1", NEAR, "x"),
    ("acc-2", FAR, "x"),
]


def _mostly(draw: st.DrawFn) -> bool:
    """Yes, but for one time in ten: what is bad in many ways at once is never met, and then shows nothing."""
    return draw(st.integers(0, 9)) < 9


@st.composite
def intervals(draw: st.DrawFn) -> Reading:
    """A figure, exact or between two ends of which one may be missing."""
    low, high = sorted(draw(st.lists(st.integers(300, 1000), min_size=2, max_size=2)))
    ends = draw(st.sampled_from([(low, high), (low, None), (None, high), (low, low)]))
    return FIGURE.reading(low) if ends == (low, low) else FIGURE.between(*ends)


@st.composite
def port_readings(draw: st.DrawFn) -> tuple[Reading, ...]:
    """What uplinks may say of the campus: ports down, slow, without speed or missing, switches silent, links not as declared."""
    found: list[Reading] = []
    for _, switch, name in PORTS:
        speed = draw(st.sampled_from([*[10 * GIGABIT] * 9, None, GIGABIT // 10, GIGABIT]))
        status = "reported" if _mostly(draw) else draw(st.sampled_from(["inferred", "repaired", "conflict"]))
        if speed or draw(st.booleans()):
            found += port(switch, name, speed, up=_mostly(draw), status=status)
    found += draw(found_links({one.subject: one.low for one in found if one.quantity == q.PORT_SPEED.name}))
    for switch in (CORE, NEAR, FAR):
        if _mostly(draw):
            found += answered(switch, failure=None if _mostly(draw) else Failure.TIMED_OUT)
    return tuple(found)


@st.composite
def found_links(draw: st.DrawFn, speeds: dict[str, int | None]) -> list[Reading]:
    """Links as the campus declares them, or not confirmed, missing, crossed, or leading to somebody else."""
    found = []
    one, other, third, fourth, desk, _, fifth, sixth = (f"{switch.subject}/{name}" for _, switch, name in PORTS)
    for here, there in ((one, other), (third, fourth), (fifth, sixth)):
        if _mostly(draw):
            confirmed = "both" if _mostly(draw) else draw(st.sampled_from(["one", "fdb", "none"]))
            known = [speeds[end] for end in (here, there) if speeds.get(end) is not None]
            found.append(joins(here, there, min((one or 0 for one in known), default=0), confirmed))
    if not _mostly(draw):
        found.append(joins(desk, draw(st.sampled_from(["", fourth, FAR.subject])), None, "one", neighbour="hub"))
    return found


@st.composite
def services(draw: st.DrawFn) -> tuple[Reading, ...]:
    """What metro may say of the three services; now and then a share that does not match."""
    accepted = [one for one in REACHABLE if _mostly(draw)]
    return connects(*accepted, share=None if _mostly(draw) else 0)


READINGS: dict[str, st.SearchStrategy[tuple[Reading, ...]]] = {
    "testing": st.tuples(intervals()),
    "uplinks": port_readings(),
    "metro": services(),
}
SETTINGS: dict[str, Settings] = {"testing": {}, "uplinks": ALL_SWITCHES, "metro": ALL_SERVICES}


@st.composite
def histories(draw: st.DrawFn) -> list[Evidence]:
    """Up to five runs of two agents, each at its place or elsewhere, ordered or not, of any age, some failed or odd."""
    stored: list[Evidence] = []
    for number in range(draw(st.integers(0, 5))):
        agent = draw(st.sampled_from([BOX, OTHER_BOX]))
        probe = draw(st.sampled_from(sorted(READINGS)))
        readings = draw(READINGS[probe])
        one = run(
            probe,
            *readings,
            agent=agent,
            sequence=1 + sum(other.report.agent == agent for other in stored),
            days_ago=draw(st.integers(0, 8)) + number / 100,
            place=STANDS[agent] if _mostly(draw) else "main/b9/9",
            settings=SETTINGS[probe],
            failure=None if _mostly(draw) else Failure.INTERRUPTED,
        )
        stored.append(one if _mostly(draw) else replace(one, scan=None))
    return stored


OF_LINKS = (q.BACKBONE_MIN, q.BUILDING_MIN, q.CORE_SPEED, q.UPLINK_REDUNDANT_SHARE)
QUANTITIES = (FIGURE, q.METRO_INSIDE_REACHED, q.DESKTOP_GIGABIT_SHARE, q.WAN_SPEED, *OF_LINKS)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """A lower bound over any, every or the places."""
    quantity = draw(st.sampled_from(QUANTITIES))
    bound = BOUND if quantity is FIGURE else draw(st.sampled_from([GIGABIT, 10 * GIGABIT, 1_000_000]))
    over = draw(st.sampled_from(Over)) if quantity is FIGURE else Over.EVERY
    kinds = ("teaching",) if over is Over.PLACES else ()
    share = draw(st.sampled_from([None, 500_000])) if kinds else None
    return part(either=(quantity,), at_least=bound, over=over, kinds=kinds, share_at_least_ppm=share)


def theirs(stored: Sequence[Evidence], **about: Any) -> School:
    """The campus that all of this was acknowledged of, with the orders behind it."""
    orders = tuple(one.scan for one in stored if one.scan is not None)
    return school(stored, **{"places": PLACES, "stands": STANDS, "orders": orders, "wans": WANS, **RING, **about})


def rank(verdict: Verdict) -> int:
    """How good a verdict is."""
    return WORST_FIRST.index(verdict.status)


@pytest.mark.parametrize("over", ["every", "any"])
def test_losing_evidence_never_helps(over: str) -> None:
    """Whichever reports a school loses or withholds, an indicator that is not met does not become met."""
    asked = clause(part(either=(q.DESK_SPEED,), at_least=GIGABIT, tolerance_ppm=50_000, over=Over(over)))
    speeds = (GIGABIT // 100, 940_000_000, 1_100_000_000)
    stored = [desk(speed, sequence=number) for number, speed in enumerate(speeds, start=1)]
    whole = judge(asked, theirs(stored), stored, NOW).status

    for size in range(len(stored)):
        for kept in combinations(stored, size):
            status = judge(asked, theirs(stored), kept, NOW).status
            assert status is not Status.MET or whole is Status.MET


@SEVERAL
@given(histories(), parts(), st.data())
def test_losing_any_evidence_never_helps(stored: list[Evidence], asked: Part, data: st.DataObject) -> None:
    """The same for runs, places, switches and agents of any kind."""
    kept = data.draw(st.lists(st.sampled_from(stored), unique_by=id)) if stored else []
    whole, part_of_it = (judge(clause(asked), theirs(stored), some, NOW).status for some in (stored, kept))

    assert part_of_it is not Status.MET or whole is Status.MET


@SEVERAL
@given(histories(), parts(), st.data())
def test_raising_a_lower_bound_never_hurts(stored: list[Evidence], asked: Part, data: st.DataObject) -> None:
    """A reading that proves more gives no worse verdict."""
    before = judge(clause(asked), theirs(stored), stored, NOW)
    better = [_with_readings(one, [_raised(reading, data) for reading in one.report.readings]) for one in stored]

    assert rank(judge(clause(asked), theirs(stored), better, NOW)) >= rank(before)


def _raised(reading: Reading, data: st.DataObject) -> Reading:
    """The same reading with a lower end at least as high; a port's speed one step up; a state as it was."""
    if reading.quantity == FIGURE.name:
        low = data.draw(st.integers(reading.low or 0, reading.high if reading.high is not None else 2000))
        return FIGURE.between(low, reading.high if reading.value is None else low)
    if reading.quantity == q.PORT_SPEED.name and isinstance(reading.value, int):
        return msgspec.structs.replace(reading, value=reading.value * data.draw(st.sampled_from([1, 10])))
    return reading


def _with_readings(one: Evidence, readings: Sequence[Reading]) -> Evidence:
    """The same run with other readings."""
    report: Report = msgspec.structs.replace(one.report, readings=tuple(readings))
    return replace(one, report=report)


@SEVERAL
@given(histories(), parts(), st.booleans())
def test_an_unrelated_report_changes_nothing(stored: list[Evidence], asked: Part, another_agent: bool) -> None:
    """A run of a probe that a part does not rest on leaves its verdict as it was, to the last word."""
    mine = [one for one in stored if one.report.agent == BOX]
    more = desk(1, agent="box-3") if another_agent else desk(1, sequence=len(mine) + 1)
    with_more = [*stored, more]

    assert judge(clause(asked), theirs(with_more), with_more, NOW) == judge(clause(asked), theirs(stored), stored, NOW)


@SEVERAL
@given(histories(), parts(), st.randoms(use_true_random=False))
def test_the_order_of_evidence_is_irrelevant(stored: list[Evidence], asked: Part, chance: object) -> None:
    """Whatever order the store hands the evidence out in, the verdict is the same."""
    shuffled = list(stored)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

    assert judge(clause(asked), theirs(stored), shuffled, NOW) == judge(clause(asked), theirs(stored), stored, NOW)


@SEVERAL
@given(histories(), parts())
def test_recomputed(stored: list[Evidence], asked: Part) -> None:
    """The same evidence at the same moment gives the same verdict, today and in an audit."""
    first, second = (judge(clause(asked), theirs(stored), list(stored), NOW) for _ in range(2))

    assert first == second


@SEVERAL
@given(histories(), parts(), st.integers(1, 10))
def test_growing_old_never_helps(stored: list[Evidence], asked: Part, days: int) -> None:
    """What is not met today is not met by waiting."""
    today, later = (judge(clause(asked), theirs(stored), stored, NOW + age * DAY_US) for age in (0, days))

    assert later.status is not Status.MET or today.status is Status.MET


@SEVERAL
@given(histories(), parts())
def test_a_report_without_an_order_never_helps(stored: list[Evidence], asked: Part) -> None:
    """Perfect readings that nobody ordered change no verdict."""
    extra = [reached(1_000_000, agent="box-3"), uplinks(*WHOLE, agent="box-3", sequence=2)]
    unordered = [*stored, *(replace(one, scan=None) for one in extra)]
    before = judge(clause(asked), theirs(stored), stored, NOW)

    assert judge(clause(asked), theirs(unordered), unordered, NOW).status is before.status


@SEVERAL
@given(histories(), parts())
def test_an_order_that_nobody_answers_never_helps(stored: list[Evidence], asked: Part) -> None:
    """One more order, open or expired, to an agent that answers it not, turns nothing good."""
    before = judge(clause(asked), theirs(stored), stored, NOW)
    for days_ago in (0.5, 1.5):
        for probe in SETTINGS:
            more = (*theirs(stored).orders, ordered(probe, SETTINGS[probe], days_ago=days_ago, name="unanswered"))
            after = judge(clause(asked), theirs(stored, orders=more), stored, NOW)
            assert after.status is not Status.MET or before.status is Status.MET


@SEVERAL
@given(histories(), parts(), st.data())
def test_emptying_a_report_never_helps(stored: list[Evidence], asked: Part, data: st.DataObject) -> None:
    """Once its order has expired, an agent that kept its readings to itself is no better off than with them."""
    expired = NOW + 2 * DAY_US
    chosen = data.draw(st.lists(st.sampled_from([one.id for one in stored]), unique=True)) if stored else []
    probed = {one.id for one in stored if one.report.probe in CHECKS}
    emptied = [_with_readings(one, ()) if one.id in chosen and one.id in probed else one for one in stored]
    before, after = (judge(clause(asked), theirs(some), some, expired).status for some in (stored, emptied))

    assert after is not Status.MET or before is Status.MET


@SEVERAL
@given(histories(), parts(), st.sampled_from([BOX, OTHER_BOX]))
def test_standing_elsewhere_never_helps(stored: list[Evidence], asked: Part, agent: str) -> None:
    """An agent whose every report names another place than its own adds nothing good to what the others found."""
    moved = [
        replace(one, report=msgspec.structs.replace(one.report, place="main/b9/9"))
        if one.report.agent == agent
        else one
        for one in stored
    ]
    alone = [one for one in stored if one.report.agent != agent]
    with_them, without = (judge(clause(asked), theirs(some), some, NOW).status for some in (moved, alone))

    assert with_them is not Status.MET or without is Status.MET


@SEVERAL
@given(histories(), st.sampled_from(OF_LINKS), st.data())
def test_losing_a_word_about_links_never_helps(stored: list[Evidence], quantity: Quantity, data: st.DataObject) -> None:
    """Whatever a run leaves out about switches, ports and declared links, a clause that is not met does not become met."""
    bound = 1_000_000 if quantity is q.UPLINK_REDUNDANT_SHARE else data.draw(st.sampled_from([GIGABIT, 10 * GIGABIT]))
    asked = clause(part(either=(quantity,), at_least=bound, over=Over.EVERY))
    hub = [one for run_ in stored for one in run_.report.readings if one.facts.get("neighbour") == "hub"]
    kept = [
        _with_readings(one, [r for r in one.report.readings if r in hub or not _is_dropped(r, data)]) for one in stored
    ]
    before, after = (judge(asked, theirs(some), some, NOW).status for some in (stored, kept))

    assert after is not Status.MET or before is not Status.NOT_MET


def _is_dropped(reading: Reading, data: st.DataObject) -> bool:
    """Whether a reading is left out, one in four."""
    return data.draw(st.integers(0, 3)) == 0


def status_of(quantity: Quantity, one: Evidence, **about: Any) -> Status:
    """What is said of a gigabit, or of a whole share, on the strength of one run."""
    bound = GIGABIT if quantity.unit == Unit.BIT_S else 1_000_000
    asked = clause(part(either=(quantity,), at_least=bound, over=Over.EVERY))
    return judge(asked, theirs([one], **about), [one], NOW).status


OF_SWITCHES = (*OF_LINKS, q.DESKTOP_GIGABIT_SHARE)


@SEVERAL
@given(port_readings(), st.sampled_from(OF_SWITCHES), st.sampled_from([CORE, NEAR, FAR]))
def test_silencing_a_switch_never_helps(readings: tuple[Reading, ...], quantity: Quantity, gone: Switch) -> None:
    """A switch that gives no word turns nothing into met."""
    rest = (one for one in readings if gone.subject not in (one.subject.partition("/")[0], one.subject))
    whole, part_of_it = uplinks(*readings), uplinks(*rest, *answered(gone, failure=Failure.TIMED_OUT))

    assert status_of(quantity, part_of_it) is not Status.MET or status_of(quantity, whole) is Status.MET


@SEVERAL
@given(port_readings(), st.sampled_from(OF_SWITCHES), st.sampled_from([NEAR, FAR]))
def test_unlisting_a_switch_never_helps(readings: tuple[Reading, ...], quantity: Quantity, gone: Switch) -> None:
    """A switch that the list leaves out and a neighbour names turns nothing from not met into met."""
    switches = tuple(one for one in (CORE, NEAR, FAR) if one != gone)
    links = tuple(one for one in RING["links"] if gone.name not in (one.one.switch, one.other.switch))
    told = [
        one for one in readings if one.quantity == q.LINK_SPEED.name and gone.subject in f"{one.subject}{one.facts}"
    ]
    one = uplinks(*readings)

    if told and status_of(quantity, one) is Status.NOT_MET:
        assert status_of(quantity, one, switches=switches, links=links) is not Status.MET


@SEVERAL
@given(port_readings(), st.sampled_from(OF_SWITCHES), st.sampled_from(range(3)))
def test_undeclaring_a_link_never_helps(readings: tuple[Reading, ...], quantity: Quantity, number: int) -> None:
    """A link that the list leaves out and that was found turns nothing from not met into met."""
    links = tuple(one for position, one in enumerate(RING["links"]) if position != number)
    one, gone = uplinks(*readings), RING["links"][number]
    hosts = {switch.name: switch.subject for switch in (CORE, NEAR, FAR)}
    here, there = (f"{hosts[end.switch]}/{end.port}" for end in (gone.one, gone.other))
    found = [link for link in readings if (link.subject, link.facts.get("peer")) == (here, there)]

    if found and quantity is not q.DESKTOP_GIGABIT_SHARE and status_of(quantity, one) is Status.NOT_MET:
        assert status_of(quantity, one, links=links) is not Status.MET


@SEVERAL
@given(port_readings(), st.sampled_from(OF_SWITCHES))
def test_declaring_no_other_never_helps(readings: tuple[Reading, ...], quantity: Quantity) -> None:
    """A neighbour that is declared to be no switch and then is not so declared turns nothing into met."""
    one = uplinks(*readings)
    with_it = status_of(quantity, one, others=(Other("hub"),))

    assert status_of(quantity, one) is not Status.MET or with_it is Status.MET
