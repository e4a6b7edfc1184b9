"""Does a report that contradicts itself or another one, or leaves something out, turn a clause green? What proves less wins."""

from __future__ import annotations

from typing import Any

import pytest

from collector.frameworks import Grade, Over
from collector.judge import judge
from collector.school import End, Evidence, Link, Other
from collector.verdict import Code, PartVerdict, Status
from evidence import quantities as q
from evidence.model import Quantity, Reading
from tests.collector.making import (
    ALL_SWITCHES,
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    LINKS,
    NEAR,
    NOW,
    OTHER_BOX,
    WHOLE,
    answered,
    campus_ports,
    clause,
    joins,
    lag,
    ordered,
    part,
    port,
    run,
    school,
    uplinks,
)
from tests.collector.test_follows import BOTH, CORE_1, CORE_2, FAR_UP, LEAVES, NEAR_UP, WAY, judged, leaves, volumes

TEN = 10 * GIGABIT
DESKS = q.DESKTOP_GIGABIT_SHARE
FAST, SLOW = port(FAR, "d1", GIGABIT), port(FAR, "d2", 10**8)
REST = tuple(one for one in WHOLE if one.subject not in (FAR_UP, CORE_2))
TO_GE2 = port(CORE, "ge2", TEN)
GE9 = f"{FAR.subject}/ge9"


def verdict(quantity: Quantity, at_least: int, *stored: Evidence, over: Over = Over.EVERY, **about: Any) -> PartVerdict:
    """What is said of a part that asks for so much."""
    asked = clause(part(either=(quantity,), at_least=at_least, over=over))
    return judge(asked, school(stored, **{**CAMPUS, **about}), stored, NOW).parts[0]


def is_met(quantity: Quantity, at_least: int, *stored: Evidence, **about: Any) -> bool:
    """Whether a part that asks for so much is met."""
    return verdict(quantity, at_least, *stored, **about).status is Status.MET


# --- One report -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end", [port(FAR, "up", GIGABIT, lag="ge9"), port(FAR, "up", up=False, lag="ge9")], ids=["slow", "down"]
)
def test_a_fast_port_for_a_declared_one(end: tuple[Reading, ...]) -> None:
    """A port belongs to an aggregate or to nothing: another port does not stand for it."""
    found = uplinks(*REST, *TO_GE2, *end, *port(FAR, "ge9", TEN), joins(CORE_2, GE9, TEN))

    assert not is_met(q.BACKBONE_MIN, TEN, found)


def test_a_fast_port_for_the_way_out() -> None:
    """The same of the port to the outside."""
    found = uplinks(*WHOLE, *port(CORE, "w", GIGABIT, lag="ge9"), *port(CORE, "ge9", TEN))

    assert not is_met(q.WAN_SPEED, TEN, found, wans=(End("core", "w"),))


def test_a_slow_desk_as_the_aggregate_of_an_uplink() -> None:
    """A desk is no aggregate because the end of a link calls it one."""
    rest = tuple(one for one in WHOLE if one.subject != FAR_UP)

    assert not is_met(DESKS, 10**6, uplinks(*rest, *port(FAR, "up", TEN, lag="d2"), *FAST, *SLOW))


def test_a_slow_desk_as_an_aggregate_of_nobody() -> None:
    """An aggregate that does not name a port is not made one by that port's word."""
    found = uplinks(*WHOLE, *port(FAR, "d1", GIGABIT, lag="d2"), *port(FAR, "d2", 10**8, kind="lag"))

    assert not is_met(DESKS, 10**6, found)


@pytest.mark.parametrize("peer", ["", FAR.subject])
@pytest.mark.parametrize(("quantity", "least"), [(DESKS, 10**6), (q.BACKBONE_MIN, TEN)], ids=["desks", "links"])
def test_an_unlisted_switch_that_borrows_a_name(peer: str, quantity: Quantity, least: int) -> None:
    """A neighbour by the name of the very switch that hears it, such as a factory's, is another one that nobody listed."""
    said = tuple(q.DEVICES_ANSWERED.reading(10**6, one.subject, {"sys_name": one.name}) for one in (CORE, NEAR, FAR))
    facts: dict[str, int | str] = {"confirmed": "one", "peer": peer, "neighbour": "acc-2", "device": "switch"}
    link = q.LINK_SPEED.between(None, GIGABIT, f"{FAR.subject}/d1", {**facts, "status": "reported"})

    assert not is_met(quantity, least, uplinks(*campus_ports(), *LINKS, *said, *FAST, link))


def test_a_telephone_with_a_class_room_behind_it() -> None:
    """A telephone behind which many devices are learned is not left out as one."""
    told: dict[str, int | str] = {"device": "phone", "announced": "phone", "stations": 48}
    role = q.PORT_ROLE.reading("access", f"{FAR.subject}/d2", told)

    assert not is_met(DESKS, 10**6, uplinks(*WHOLE, *FAST, *port(FAR, "d2", GIGABIT), role))


def test_desks_under_one_declared_name() -> None:
    """How many ports were left out because a device that the list declares is heard there is said beside the verdict."""
    heard = {"confirmed": "one", "neighbour": "hyper", "device": "station"}
    slow = [one for n in range(40) for one in port(FAR, f"s{n}", 10**8)]
    links = [joins(f"{FAR.subject}/s{n}", "", 10**8, **heard) for n in range(40)]

    notes = verdict(DESKS, 10**6, uplinks(*WHOLE, *FAST, *slow, *links), others=(Other("hyper"),)).notes
    assert [(note.code, note.about["others"]) for note in notes] == [(Code.LEFT_OUT, 40)]


def test_cables_of_which_one_was_seen() -> None:
    """Two members up at both ends of a bundle are two cables between these ends only where both were seen at both."""
    links = (Link(End("core", "Po1"), End("acc-1", "Po1")), Link(End("core", "Po2"), End("acc-2", "Po1")))
    cores = (*lag(CORE, "Po1", a=TEN, b=TEN), *lag(CORE, "Po2", c=TEN, d=TEN))
    leaves_ = (*lag(NEAR, "Po1", a=TEN, b=TEN), *lag(FAR, "Po1", a=TEN, b=TEN))
    told = [joins(f"{CORE.subject}/{name}", f"{leaf.subject}/Po1", TEN) for name, leaf in (("Po1", NEAR), ("Po2", FAR))]
    found = uplinks(*cores, *leaves_, *told, *answered(CORE, NEAR, FAR))

    assert not is_met(q.UPLINK_REDUNDANT_SHARE, 10**6, found, links=links)


# --- Two agents -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [port(FAR, "up", GIGABIT), port(FAR, "up", up=False)], ids=["slow", "down"])
def test_what_one_agent_saw_bad(end: tuple[Reading, ...]) -> None:
    """What one agent saw slow or down is not mended by an aggregate that only the other one sees."""
    bundle = uplinks(*REST, *TO_GE2, *lag(FAR, "Po1", up=TEN, ge9=TEN), joins(CORE_2, GE9, TEN), agent=OTHER_BOX)

    assert not is_met(q.BACKBONE_MIN, TEN, uplinks(*REST, *TO_GE2, *end), bundle)


def test_a_desk_that_the_other_agent_calls_a_member() -> None:
    """A slow desk stays one, though the other agent says that it belongs to the uplink."""
    bundle = lag(FAR, "Po1", up=TEN, d2=10**8)
    other = uplinks(*REST, *TO_GE2, *bundle, joins(CORE_2, FAR_UP, TEN), *FAST, agent=OTHER_BOX)

    assert not is_met(DESKS, 10**6, uplinks(*WHOLE, *FAST, *SLOW), other)


@pytest.mark.parametrize("facts", [{"confirmed": "none"}, {"shared": "yes"}, {"against": "3 devices"}], ids=str)
def test_a_link_that_one_agent_denies(facts: dict[str, str]) -> None:
    """A link that one agent saw contradicted is not confirmed by another agent."""
    denied = joins(CORE_2, FAR_UP, TEN, **facts)
    mine = uplinks(*campus_ports(), LINKS[0], denied, *answered(CORE, NEAR, FAR))

    assert not is_met(q.BACKBONE_MIN, TEN, mine, uplinks(*WHOLE, agent=OTHER_BOX))


# --- Older and newer ------------------------------------------------------------------------------------------------------

WAY_OUT = (End("core", "w"),)
GOOD = uplinks(*WHOLE, *port(CORE, "w", TEN), days_ago=3)


@pytest.mark.parametrize("now", [port(CORE, "w", 10**8), port(CORE, "w", up=False)], ids=["slow", "down"])
def test_the_way_out_is_as_it_is_now(now: tuple[Reading, ...]) -> None:
    """The state of a port is no load test: an older good run does not stand for a newer bad one, also over any."""
    newer = uplinks(*WHOLE, *now, sequence=2)

    assert verdict(q.WAN_SPEED, TEN, GOOD, newer, over=Over.ANY, wans=WAY_OUT).status is Status.NOT_MET


def test_the_way_out_and_an_order_without_an_answer() -> None:
    """Nor does it stand for an answer that was thrown away."""
    order = ordered("uplinks", ALL_SWITCHES, days_ago=2, name="later")
    found = verdict(q.WAN_SPEED, TEN, GOOD, over=Over.ANY, wans=WAY_OUT, orders=(order,))

    assert (found.status, found.reasons[0].code) == (Status.NOT_SHOWN, Code.UNANSWERED)


# --- Grade A2 -------------------------------------------------------------------------------------------------------------


def test_a_window_that_is_left_out() -> None:
    """A window in which more rose than was sent is not mended by leaving its counter out."""
    spoiling = (q.STIMULUS_IN.name, f"{WAY[0]}@0")
    spoiled = [
        q.STIMULUS_IN.reading(10**12, one.subject) if (one.quantity, one.subject) == spoiling else one for one in BOTH
    ]
    kept = [one for one in spoiled if one.subject != spoiling[1]]

    assert [judged(uplinks(*WHOLE), volumes(*one))[1] for one in (spoiled, kept)] == [Grade.A1, Grade.A1]


def test_the_own_counters_copied_to_all_links() -> None:
    """One port's counters, told of the ports of all links in the windows where they fit, show no link."""
    copied = leaves("^" * 8, "^" * 8).report.readings
    gone = {f"{end}@{number}" for end in (NEAR_UP, CORE_1) for number in range(4, 8)}
    gone |= {f"{end}@{number}" for end in (FAR_UP, CORE_2) for number in range(4)}
    kept = [one for one in copied if one.subject not in gone]

    assert judged(uplinks(*WHOLE), run("stimulus", *kept, settings=LEAVES, sequence=2))[1] is Grade.A1


def test_a_newer_run_that_watched_the_link() -> None:
    """Of an agent that sent to neither end of a link, the latest run that watched both decides, and not the best."""
    good = volumes(*BOTH, days_ago=2)
    bad = volumes(*(one for one in BOTH if one.subject.startswith((CORE_2, FAR_UP))), sequence=3)

    assert [judged(uplinks(*WHOLE), *runs)[1] for runs in ([good], [good, bad])] == [Grade.A2, Grade.A1]
