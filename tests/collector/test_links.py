"""How fast is the slowest link, and does a link count that is not proved?"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from collector.links import slowest_link
from collector.school import End, Link, Switch
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Failure, Quantity, Reading
from tests.collector.making import (
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    LINKS,
    NEAR,
    OTHER_BOX,
    REPORTED,
    TO_FAR,
    TO_NEAR,
    WHOLE,
    answered,
    campus_ports,
    codes,
    ends,
    port,
    school,
    uplinks,
)

TEN = 10 * GIGABIT
ALL = (CORE, NEAR, FAR)
Ends = list[tuple[int | None, int | None]]


# --- Links ------------------------------------------------------------------------------------------------------------


def backbone(*readings: Reading, **about: Any) -> Measured:
    """The slowest link of the campus."""
    return slowest_link(q.BACKBONE_MIN, school(**{**CAMPUS, **about}), [uplinks(*LINKS, *readings)], lambda _: True)


def whole(**slower: int | None) -> tuple[Reading, ...]:
    """Every switch answers completely, with all ends at 10 Gbit/s but those named."""
    return (*campus_ports(**slower), *answered(*ALL))


def strange_ports() -> tuple[Reading, ...]:
    """Every switch answers, with a port that is no end of a link."""
    return (*answered(*ALL), *(reading for one in ALL for reading in port(one, "other", TEN)))


@pytest.mark.parametrize(
    ("readings", "interval", "said"),
    [
        pytest.param(whole(), [(TEN, TEN)], {Code.BELOW}, id="all ends known"),
        pytest.param(whole(acc2_up=GIGABIT), [(GIGABIT, GIGABIT)], {Code.BELOW}, id="one slow end is the link's"),
        pytest.param(
            whole(acc2_up=None), [(None, TEN)], {Code.BELOW, Code.SPEED_UNKNOWN}, id="one end without a speed"
        ),
        pytest.param(
            whole(acc2_up=None, core_ge1=GIGABIT),
            [(None, GIGABIT)],
            {Code.BELOW, Code.SPEED_UNKNOWN},
            id="a slow end and one without a speed",
        ),
        pytest.param((*whole(), *port(FAR, "up", up=False)), [(0, 0)], {Code.BELOW, Code.PORT_DOWN}, id="one end down"),
        pytest.param((), [(None, TEN)], {Code.SWITCH_SILENT}, id="nothing at all"),
        pytest.param(answered(*ALL), [(None, TEN)], {Code.SWITCH_SILENT}, id="every switch answers, none has a port"),
        pytest.param(strange_ports(), [(None, TEN)], {Code.PORT_UNKNOWN}, id="no switch lists the port"),
        pytest.param(
            answered(*ALL, failure=Failure.TIMED_OUT), [(None, TEN)], {Code.SWITCH_SILENT}, id="every switch is silent"
        ),
        pytest.param(
            (q.DEVICES_ANSWERED.reading(10**6),),
            [(None, TEN)],
            {Code.SWITCH_SILENT},
            id="the share of all is no switch",
        ),
        pytest.param(
            (*campus_ports()[:-2], *port(FAR, "other", TEN), *answered(*ALL)),
            [(None, TEN)],
            {Code.BELOW, Code.PORT_UNKNOWN},
            id="one end's switch does not list it",
        ),
        pytest.param(
            (
                *port(CORE, "ge1", TEN),
                *port(NEAR, "other", TEN),
                *answered(CORE, NEAR),
                *answered(FAR, failure=Failure.UNREACHABLE),
            ),
            [(None, TEN)],
            {Code.BELOW, Code.PORT_UNKNOWN, Code.SWITCH_SILENT},
            id="one end known, one unlisted, one silent",
        ),
    ],
)
def test_slowest_link(readings: tuple[Reading, ...], interval: Ends, said: set[Code]) -> None:
    """A link is as fast as its slower end; an end that is not known leaves the lower bound open, one that is down is 0."""
    found = backbone(*readings)

    assert (ends(found), set(codes(found))) == (interval, said)


@pytest.mark.parametrize(
    ("at_least", "at_most", "interval"),
    [
        pytest.param(GIGABIT, TEN, (GIGABIT, TEN), id="two ends"),
        pytest.param(GIGABIT, None, (GIGABIT, TEN), id="no upper end"),
        pytest.param(None, GIGABIT, (None, GIGABIT), id="no lower end"),
    ],
)
def test_a_link_speed_that_is_an_interval(at_least: int | None, at_most: int | None, interval: tuple[int, int]) -> None:
    """What is only known to lie between two ends stays between them: its lower end proves, its upper end refutes."""
    subject = f"{FAR.subject}/up"
    speed = q.PORT_SPEED.between(at_least, at_most, subject, REPORTED)

    assert ends(backbone(*campus_ports()[:-2], q.PORT_UP.reading("yes", subject), speed, *answered(*ALL))) == [interval]


def test_only_lower_ends_are_known() -> None:
    """Where no end of any link has an upper end, the lower one is still said."""
    speeds = [
        (q.PORT_UP.reading("yes", one.subject), q.PORT_SPEED.between(GIGABIT, None, one.subject, REPORTED))
        for one in campus_ports()[::2]
    ]
    found = backbone(*(reading for both in speeds for reading in both), *answered(*ALL))

    assert (ends(found), set(codes(found))) == ([(GIGABIT, TEN)], {Code.SPEED_UNKNOWN})


def test_no_link_declared() -> None:
    """Without a link, declared or found, there is nothing to measure, and it is said."""
    about = school(**{**CAMPUS, "links": ()})

    assert codes(slowest_link(q.BACKBONE_MIN, about, [uplinks(*campus_ports())], lambda _: True)) == [Code.NOT_DECLARED]


def test_a_link_to_a_switch_that_is_not_in_the_list() -> None:
    """An end whose switch is not declared is not known."""
    found = backbone(*campus_ports(), switches=(CORE, NEAR))

    assert (ends(found), Code.NOT_DECLARED in codes(found)) == ([(None, TEN)], True)


def test_silence_is_told_in_the_probes_words() -> None:
    """A silent switch is named with its address and the probe's failure."""
    found = backbone(*campus_ports()[:-2], *answered(FAR, failure=Failure.TIMED_OUT)).reasons[-1]

    wanted = {"switch": "acc-2", "host": "10.0.0.3:161", "failure": "timed_out"}
    assert (found.code, found.about) == (Code.SWITCH_SILENT, wanted)


@pytest.mark.parametrize("slow", [False, True], ids=["the rest is fast", "a slow link was seen"])
@pytest.mark.parametrize("quantity", [q.BACKBONE_MIN, q.BUILDING_MIN, q.CORE_SPEED], ids=lambda one: str(one.name))
@pytest.mark.parametrize("silence", [(), answered(NEAR, failure=Failure.TIMED_OUT)], ids=["missing", "failed"])
def test_a_silent_switch_that_told_its_ports(quantity: Quantity, silence: tuple[Reading, ...], slow: bool) -> None:
    """Behind a switch that did not answer completely a slower link may hide: only what was seen refutes."""
    seen = campus_ports(acc2_up=GIGABIT if slow else TEN)
    one = uplinks(*LINKS, *seen, *answered(CORE, FAR), *silence)
    found = slowest_link(quantity, school(**CAMPUS), [one], lambda _: True)

    assert ends(found) == [(None, GIGABIT if slow else TEN)]
    assert [reason.about["switch"] for reason in found.reasons if reason.code is Code.SWITCH_SILENT] == ["acc-1"]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Failure.TIMED_OUT, Code.SWITCH_SILENT),
        (Failure.UNREADABLE, Code.SWITCH_SILENT),
        (Failure.NOT_PERMITTED, Code.SWITCH_CLOSED),
        (Failure.LOGIN_REJECTED, Code.SWITCH_CLOSED),
    ],
)
def test_closed_is_not_silent(failure: Failure, code: Code) -> None:
    """A switch that does not let the agent in is said to be closed: there is nothing to repair on the way to it."""
    found = backbone(*campus_ports()[:-2], *answered(FAR, failure=failure))

    assert (ends(found), found.reasons[-1].code) == ([(None, TEN)], code)


def test_a_switch_that_nobody_asked_is_not_blamed() -> None:
    """Where the box has no secret for an address, the switch has refused nothing: the list or the box is to be mended."""
    silent = msgspec.structs.replace(
        answered(FAR, failure=Failure.NOT_PERMITTED)[0], facts={"failure": "not_permitted", "secret": "none"}
    )
    found = backbone(*campus_ports()[:-2], silent)

    assert found.reasons[-1].code is Code.NO_LOGIN


@pytest.mark.parametrize(
    ("one", "other", "interval"),
    [
        pytest.param({}, {"core_ge1": GIGABIT}, (GIGABIT, GIGABIT), id="the lower speed"),
        pytest.param({"core_ge1": GIGABIT}, {}, (GIGABIT, GIGABIT), id="the lower speed, heard first"),
    ],
)
def test_two_agents_disagree_about_a_speed(
    one: dict[str, Any], other: dict[str, Any], interval: tuple[int, int]
) -> None:
    """Where two agents asked one switch, the lower speed wins, whoever heard it."""
    runs = [uplinks(*LINKS, *whole(**one)), uplinks(*whole(**other), agent=OTHER_BOX)]

    assert ends(slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True)) == [interval]


@pytest.mark.parametrize("down_first", [True, False])
def test_two_agents_disagree_about_a_port(down_first: bool) -> None:
    """A port that one agent saw down is down."""
    both = [whole(), port(FAR, "up", up=False)]
    first, second = reversed(both) if down_first else both
    runs = [uplinks(*LINKS, *first), uplinks(*second, agent=OTHER_BOX)]

    assert ends(slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True)) == [(0, 0)]


@pytest.mark.parametrize("silent_first", [True, False])
def test_two_agents_disagree_about_an_answer(silent_first: bool) -> None:
    """A switch that gave one agent no answer is silent, and its port is not merely unlisted."""
    both = [answered(*ALL), answered(*ALL, failure=Failure.TIMED_OUT)]
    first, second = reversed(both) if silent_first else both
    runs = [uplinks(*first), uplinks(*second, agent=OTHER_BOX)]
    found = slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True)

    assert set(codes(found)) == {Code.SWITCH_SILENT}


@pytest.mark.parametrize(
    ("quantity", "slow", "value"),
    [
        pytest.param(q.BUILDING_MIN, {"acc1_up": GIGABIT}, TEN, id="a slow link inside a building does not count"),
        pytest.param(q.BUILDING_MIN, {"acc2_up": GIGABIT}, GIGABIT, id="a slow link between buildings counts"),
        pytest.param(q.CORE_SPEED, {"acc1_up": GIGABIT}, GIGABIT, id="the core's links count"),
    ],
)
def test_which_links(quantity: Any, slow: dict[str, Any], value: int) -> None:
    """Links between buildings are known by the places of their ends, the core's by its kind."""
    about = school(**CAMPUS)
    wanted = about.between_buildings if quantity is q.BUILDING_MIN else about.of_core
    found = slowest_link(quantity, about, [uplinks(*whole(**slow), *LINKS)], wanted)

    assert ends(found) == [(value, value)]


def test_links_without_a_core() -> None:
    """A link between two access switches is not the core's, and one to an unknown switch is nobody's."""
    links = (Link(End("acc-1", "x"), End("acc-2", "x")), Link(End("gone", "x"), End("acc-2", "x")))
    about = school(switches=(CORE, NEAR, FAR), links=links)

    assert [about.of_core(link) for link in links] == [False, False]


def test_a_switch_without_a_place() -> None:
    """A link of which one end's place is not declared may be between buildings: what is fastest does not settle it."""
    loose = Switch("acc-2", FAR.host)
    about = school(**{**CAMPUS, "switches": (CORE, NEAR, loose)})
    found = slowest_link(q.BUILDING_MIN, about, [uplinks(*WHOLE)], about.between_buildings)

    assert (ends(found), found.reasons[-1]) == ([(None, TEN)], Reason(Code.UNPLACED, {"switch": "acc-2"}))


def test_a_switch_without_a_place_elsewhere() -> None:
    """Places matter between buildings only: a backbone is as slow as its slowest link wherever its ends stand."""
    found = backbone(*WHOLE, switches=(CORE, NEAR, Switch("acc-2", FAR.host)))

    assert ends(found) == [(TEN, TEN)]


SLOW = Switch("slow", "10.0.0.4", place="main/b2/2")


@pytest.mark.parametrize("quantity", [q.BACKBONE_MIN, q.BUILDING_MIN, q.CORE_SPEED])
def test_an_unlinked_switch(quantity: Quantity) -> None:
    """A switch that the list joins to nothing hangs on a link that nobody declared: it may be the slowest."""
    about = school(**{**CAMPUS, "switches": (*ALL, SLOW)})
    found = slowest_link(quantity, about, [uplinks(*WHOLE)], lambda _: True)

    assert (ends(found), found.reasons[-1]) == ([(None, TEN)], Reason(Code.UNLINKED, {"switch": "slow"}))


def test_an_unlinked_switch_does_not_save() -> None:
    """A slow link that is declared refutes whatever else is not."""
    found = backbone(*campus_ports(acc1_up=GIGABIT), *answered(*ALL), switches=(*ALL, SLOW))

    assert ends(found) == [(None, GIGABIT)]


@pytest.mark.parametrize(
    ("switches", "links", "names"),
    [
        pytest.param((), (), [], id="no switch"),
        pytest.param((CORE,), (), [], id="one switch"),
        pytest.param(ALL, (TO_NEAR, TO_FAR), [], id="a star"),
        pytest.param(ALL, (TO_NEAR, Link(End("acc-2", "x"), End("acc-1", "x"))), [], id="a chain"),
        pytest.param(ALL, (TO_NEAR, TO_FAR, Link(End("acc-2", "x"), End("acc-1", "x"))), [], id="a ring"),
        pytest.param((NEAR, CORE, FAR), (TO_FAR,), ["acc-1"], id="the core is where it begins"),
        pytest.param((NEAR, FAR), (), ["acc-2"], id="without a core, the first of the list is"),
        pytest.param((*ALL, SLOW), (TO_NEAR, Link(End("slow", "x"), End("acc-2", "x"))), ["acc-2", "slow"], id="isles"),
    ],
)
def test_unlinked(switches: tuple[Switch, ...], links: tuple[Link, ...], names: list[str]) -> None:
    """Every switch that no chain of declared links joins with the core is named."""
    assert school(switches=switches, links=links).unlinked() == names


def test_a_switch_that_was_not_asked() -> None:
    """A switch that was not in the order is not silent: it was added to the list later."""
    asked = {"switches": [{"host": CORE.host}, {"host": NEAR.host}]}
    one = uplinks(*campus_ports()[:-2], *answered(CORE, NEAR), settings=asked)
    found = slowest_link(q.BACKBONE_MIN, school(**CAMPUS), [one], lambda _: True).reasons[-1]

    assert found == Reason(Code.NOT_ASKED, {"switch": "acc-2", "host": "10.0.0.3:161"})


def test_ipv6_switch() -> None:
    """A switch at an IPv6 address is named as the probe names it."""
    assert Switch("s", "fd00::1").subject == "[fd00::1]:161"


def test_links_of_the_campus() -> None:
    """The campus of these tests has one link inside a building and one between two."""
    about = school(**CAMPUS)

    assert [about.between_buildings(link) for link in (TO_NEAR, TO_FAR)] == [False, True]
