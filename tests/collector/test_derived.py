"""What follows from several readings together, and does what is missing ever count as good?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.derived import inside_services
from collector.desktops import gigabit_desktops
from collector.links import slowest_link
from collector.school import End, Link, Service, Switch
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Failure, Quantity, Reading
from tests.collector.making import (
    ALL_SERVICES,
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    INSIDE,
    LINKS,
    NEAR,
    OTHER_BOX,
    REPORTED,
    TO_FAR,
    TO_NEAR,
    WHOLE,
    answered,
    campus_ports,
    metro,
    port,
    run,
    school,
    uplinks,
)

TEN = 10 * GIGABIT
ALL = (CORE, NEAR, FAR)
Ends = list[tuple[int | None, int | None]]


def ends(measured: Measured) -> Ends:
    """The intervals that were computed."""
    return [(reading.low, reading.high) for reading in measured.readings]


def codes(measured: Measured) -> list[Code]:
    """What is said against it."""
    return [reason.code for reason in measured.reasons]


# --- Links ------------------------------------------------------------------------------------------------------------


def backbone(*readings: Reading, **about: Any) -> Measured:
    """The slowest link of the campus."""
    return slowest_link(q.BACKBONE_MIN, school(**{**CAMPUS, **about}), [uplinks(*LINKS, *readings)], lambda _: True)


def strange_ports() -> tuple[Reading, ...]:
    """Every switch answers, with a port that is no end of a link."""
    return (*answered(*ALL), *(reading for one in ALL for reading in port(one, "other", TEN)))


@pytest.mark.parametrize(
    ("readings", "interval", "said"),
    [
        pytest.param(campus_ports(), [(TEN, TEN)], {Code.BELOW}, id="all ends known"),
        pytest.param(
            campus_ports(acc2_up=GIGABIT), [(GIGABIT, GIGABIT)], {Code.BELOW}, id="one slow end is the link's"
        ),
        pytest.param(
            campus_ports(acc2_up=None), [(None, TEN)], {Code.BELOW, Code.SPEED_UNKNOWN}, id="one end without a speed"
        ),
        pytest.param(
            campus_ports(acc2_up=None, core_ge1=GIGABIT),
            [(None, GIGABIT)],
            {Code.BELOW, Code.SPEED_UNKNOWN},
            id="a slow end and one without a speed",
        ),
        pytest.param(
            (*campus_ports(), *port(FAR, "up", up=False)), [(0, 0)], {Code.BELOW, Code.PORT_DOWN}, id="one end down"
        ),
        pytest.param((), [], {Code.SWITCH_SILENT}, id="nothing at all"),
        pytest.param(answered(*ALL), [], {Code.SWITCH_SILENT}, id="every switch answers, none has a port"),
        pytest.param(strange_ports(), [], {Code.PORT_UNKNOWN}, id="no switch lists the port"),
        pytest.param(answered(*ALL, failure=Failure.TIMED_OUT), [], {Code.SWITCH_SILENT}, id="every switch is silent"),
        pytest.param(
            (q.DEVICES_ANSWERED.reading(10**6),), [], {Code.SWITCH_SILENT}, id="the share of all is no switch"
        ),
        pytest.param(
            (*campus_ports()[:-2], *port(FAR, "other", TEN), *answered(FAR)),
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

    assert (ends(found), set(codes(found))) == ([(GIGABIT, None)], {Code.SPEED_UNKNOWN})


def test_no_link_declared() -> None:
    """Without a declared link there is nothing to measure, and it is said."""
    assert backbone(*campus_ports(), links=()).reasons[0].code is Code.NOT_DECLARED


def test_a_link_to_a_switch_that_is_not_in_the_list() -> None:
    """An end whose switch is not declared is not known."""
    found = backbone(*campus_ports(), switches=(CORE, NEAR))

    assert (ends(found), codes(found)[-1]) == ([(None, TEN)], Code.NOT_DECLARED)


def test_silence_is_told_in_the_probes_words() -> None:
    """A silent switch is named with its address and the probe's failure."""
    found = backbone(*campus_ports()[:-2], *answered(FAR, failure=Failure.TIMED_OUT)).reasons[-1]

    wanted = {"switch": "acc-2", "host": "10.0.0.3:161", "port": "up", "failure": "timed_out"}
    assert (found.code, found.about) == (Code.SWITCH_SILENT, wanted)


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
    runs = [uplinks(*campus_ports(**one)), uplinks(*campus_ports(**other), agent=OTHER_BOX)]

    assert ends(slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True)) == [interval]


@pytest.mark.parametrize("down_first", [True, False])
def test_two_agents_disagree_about_a_port(down_first: bool) -> None:
    """A port that one agent saw down is down."""
    both = [campus_ports(), port(FAR, "up", up=False)]
    first, second = reversed(both) if down_first else both
    runs = [uplinks(*first), uplinks(*second, agent=OTHER_BOX)]

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
    found = slowest_link(quantity, about, [uplinks(*campus_ports(**slow))], wanted)

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
    found = slowest_link(
        q.BACKBONE_MIN, school(**CAMPUS), [uplinks(*campus_ports()[:-2], settings=asked)], lambda _: True
    ).reasons[-1]

    assert found == Reason(Code.NOT_ASKED, {"switch": "acc-2", "host": "10.0.0.3:161", "port": "up"})


def test_ipv6_switch() -> None:
    """A switch at an IPv6 address is named as the probe names it."""
    assert Switch("s", "fd00::1").subject == "[fd00::1]:161"


# --- Desktop ports -----------------------------------------------------------------------------------------------------


def desktops(*readings: Reading, **about: Any) -> Measured:
    """The share of gigabit desktop ports of the campus."""
    return gigabit_desktops(school(**{**CAMPUS, **about}), [uplinks(*readings)])


def desk_ports(*bit_s: int | None) -> tuple[Reading, ...]:
    """Ports of one access switch at these speeds."""
    return tuple(reading for number, speed in enumerate(bit_s) for reading in port(NEAR, f"ge{number}", speed))


@pytest.mark.parametrize(
    ("readings", "interval", "said"),
    [
        pytest.param(desk_ports(GIGABIT, TEN), (10**6, 10**6), [], id="all at a gigabit"),
        pytest.param(desk_ports(GIGABIT, 10**8), (500_000, 500_000), [Code.BELOW], id="one slow"),
        pytest.param(desk_ports(GIGABIT, GIGABIT - 1), (500_000, 500_000), [Code.BELOW], id="one bit below"),
        pytest.param(desk_ports(GIGABIT, None), (500_000, 10**6), [Code.SPEED_UNKNOWN], id="one unknown"),
        pytest.param(
            desk_ports(GIGABIT, None, 10**8), (333_333, 666_666), [Code.BELOW, Code.SPEED_UNKNOWN], id="one of each"
        ),
        pytest.param(desk_ports(10**8), (0, 0), [Code.BELOW], id="none"),
        pytest.param((*desk_ports(GIGABIT), *port(NEAR, "ge9", up=False)), (10**6, 10**6), [], id="one is down"),
        pytest.param(
            (*desk_ports(GIGABIT), q.PORT_UP.reading("yes", "10.9.9.9:161/ge1")), (10**6, 10**6), [], id="a stranger's"
        ),
        pytest.param((*desk_ports(GIGABIT), *port(NEAR, "up", 1)), (10**6, 10**6), [], id="links do not count"),
    ],
)
def test_gigabit_desktops(readings: tuple[Reading, ...], interval: tuple[int, int], said: list[Code]) -> None:
    """The share counts ports of declared switches that are up and no end of a link; an unknown speed widens it."""
    found = desktops(*readings, *WHOLE)

    assert (ends(found), codes(found)) == ([interval], said)


@pytest.mark.parametrize(
    ("at_least", "at_most", "interval"),
    [(10**8, None, (0, 10**6)), (10**8, TEN, (0, 10**6)), (None, 10**8, (0, 0)), (GIGABIT, None, (10**6, 10**6))],
)
def test_a_desktop_speed_that_is_an_interval(
    at_least: int | None, at_most: int | None, interval: tuple[int, int]
) -> None:
    """A speed that may be below a gigabit does not count as a gigabit."""
    subject = f"{NEAR.subject}/ge1"
    speed = q.PORT_SPEED.between(at_least, at_most, subject, REPORTED)

    assert ends(desktops(q.PORT_UP.reading("yes", subject), speed, *WHOLE)) == [interval]


@pytest.mark.parametrize(
    ("readings", "interval"),
    [
        pytest.param(desk_ports(GIGABIT), (0, 10**6), id="the others are good"),
        pytest.param(desk_ports(GIGABIT, 10**8), (0, 10**6 - 1), id="a slow one was seen"),
    ],
)
@pytest.mark.parametrize("silence", [(), answered(FAR, failure=Failure.TIMED_OUT)], ids=["missing", "failed"])
def test_a_silent_switch(
    readings: tuple[Reading, ...], silence: tuple[Reading, ...], interval: tuple[int, int]
) -> None:
    """Behind a silent switch any number of slow ports may hide: never a hundred per cent, and below it if one was seen."""
    found = desktops(*readings, *campus_ports(), *answered(CORE, NEAR), *silence)

    assert (ends(found), codes(found)[-1]) == ([interval], Code.SWITCH_SILENT)


@pytest.mark.parametrize(("slow", "interval"), [((), (0, 10**6)), ((10**8,), (0, 10**6 - 1))])
def test_a_switch_that_answered_without_ports(slow: tuple[int, ...], interval: tuple[int, int]) -> None:
    """A switch that answers completely and names no port is as silent as one that does not answer."""
    found = desktops(*desk_ports(GIGABIT, *slow), *campus_ports()[:-2], *answered(*ALL))

    about = {"switch": "acc-2", "host": "10.0.0.3:161", "failure": "unreadable"}
    assert (ends(found), found.reasons[-1]) == ([interval], Reason(Code.SWITCH_SILENT, about))


def test_desks_behind_an_unlinked_switch() -> None:
    """A switch that the list joins to nothing has an uplink among its ports: the share is not known."""
    asked = {"switches": [{"host": one.host} for one in (*ALL, SLOW)]}
    readings = (*desk_ports(GIGABIT), *WHOLE, *answered(SLOW), *port(SLOW, "ge1"))
    found = gigabit_desktops(school(**{**CAMPUS, "switches": (*ALL, SLOW)}), [uplinks(*readings, settings=asked)])

    assert (ends(found), found.reasons) == ([(0, 10**6)], (Reason(Code.UNLINKED, {"switch": "slow"}),))


def test_desks_of_a_switch_that_was_not_asked() -> None:
    """The desks of a switch that was not in the order are not known."""
    asked = {"switches": [{"host": CORE.host}, {"host": NEAR.host}]}
    found = gigabit_desktops(
        school(**CAMPUS), [uplinks(*desk_ports(GIGABIT), *campus_ports()[:-2], *answered(CORE, NEAR), settings=asked)]
    )
    assert (ends(found), codes(found)) == ([(0, 10**6)], [Code.NOT_ASKED])


@pytest.mark.parametrize("down_first", [True, False])
def test_a_slow_desk_that_another_agent_saw_down(down_first: bool) -> None:
    """A desktop port counts if any agent saw it up: another that finds it down does not hide how slow it was."""
    both = [desk_ports(GIGABIT, 10**8), (*desk_ports(GIGABIT), *port(NEAR, "ge1", up=False))]
    first, second = reversed(both) if down_first else both
    runs = [uplinks(*first, *WHOLE), uplinks(*second, *WHOLE, agent=OTHER_BOX)]
    found = gigabit_desktops(school(**CAMPUS), runs)

    assert (ends(found), codes(found)) == ([(500_000, 500_000)], [Code.BELOW])


def test_no_desk_is_up() -> None:
    """Without a desktop port that is up nothing is shown."""
    found = desktops(*port(NEAR, "ge1", up=False), *WHOLE)

    assert (found.readings, codes(found)) == ((), [Code.NO_PORT_UP])


def test_no_desk_because_of_silence() -> None:
    """Where silence is why, silence is the reason."""
    assert set(codes(desktops())) == {Code.SWITCH_SILENT}


def test_no_switch_declared() -> None:
    """Without declared switches there is nothing to count."""
    assert codes(desktops(*desk_ports(GIGABIT), switches=())) == [Code.NOT_DECLARED]


# --- The education network ---------------------------------------------------------------------------------------------


def inside(accepted: list[str], low: int, high: int | None = None, asked: Any = None, **about: Any) -> Measured:
    """What a run that reached these says about the inside services."""
    connects = [q.METRO_CONNECT.reading(900, subject) for subject in accepted]
    total = q.METRO_REACHED.between(low, low if high is None else high)
    settings = ALL_SERVICES if asked is None else {"services": asked}
    one = run("metro", *connects, total, settings=settings)
    return inside_services(school(**{"services": INSIDE, **about}), [one])


@pytest.mark.parametrize(
    ("accepted", "low", "high", "interval", "down"),
    [
        pytest.param(["a.edu:443", "b.edu:80", "out.edu:443"], 10**6, None, (10**6, 10**6), 0, id="all"),
        pytest.param(["a.edu:443", "b.edu:80"], 666_666, None, (10**6, 10**6), 0, id="only the outside one is down"),
        pytest.param(["a.edu:443", "out.edu:443"], 666_666, None, (500_000, 500_000), 1, id="one inside is down"),
        pytest.param(["out.edu:443"], 333_333, None, (0, 0), 2, id="both inside are down"),
        pytest.param(["a.edu:443"], 333_333, 666_666, (500_000, 10**6), 1, id="one is undecided"),
        pytest.param([], 0, 10**6, (0, 10**6), 2, id="the resolver is silent"),
    ],
)
def test_inside_services(accepted: list[str], low: int, high: int | None, interval: tuple[int, int], down: int) -> None:
    """Only services registered as inside count; one that a silent resolver left undecided widens the share."""
    found = inside(accepted, low, high)

    assert (ends(found), codes(found)) == ([interval], [Code.SERVICE_DOWN] * down)


def test_thirds_are_not_lost_to_rounding() -> None:
    """Where all that is missing may still be reached, the upper end is a hundred per cent."""
    services = tuple(Service(host, 1, True) for host in "abc")
    found = inside(["a:1"], 333_333, 10**6, [[host, 1] for host in "abc"], services=services)

    assert ends(found) == [(333_333, 10**6)]


def test_a_service_declared_since() -> None:
    """A service that the run was not asked about is not known, and not said to be down."""
    found = inside(["a.edu:443"], 10**6, asked=[["a.edu", 443]])

    assert (ends(found), codes(found)) == ([(500_000, 10**6)], [Code.NO_EVIDENCE])


def test_no_inside_service() -> None:
    """Without a service registered as inside, reaching others proves nothing."""
    assert codes(inside(["out.edu:443"], 10**6, services=INSIDE[2:])) == [Code.NOT_DECLARED]


def test_a_run_that_did_not_count() -> None:
    """A run that failed before its share says nothing, even where it connected."""
    one = run("metro", q.METRO_CONNECT.reading(9, "a.edu:443"), failure=Failure.INTERRUPTED)

    assert inside_services(school(services=INSIDE), [one]) == Measured()


def test_every_agent_counts() -> None:
    """Each agent's run gives a share of its own, so that the worst decides."""
    runs = [metro("a.edu:443", "b.edu:80"), metro("a.edu:443", agent=OTHER_BOX)]

    assert ends(inside_services(school(services=INSIDE), runs)) == [(10**6, 10**6), (500_000, 500_000)]


def test_an_ipv6_service() -> None:
    """A service at an IPv6 address is found under the name that the probe gives it."""
    services = (Service("fd00::1", 443, True),)

    assert ends(inside(["[fd00::1]:443"], 10**6, asked=[["fd00::1", 443]], services=services)) == [(10**6, 10**6)]


def test_links_of_the_campus() -> None:
    """The campus of these tests has one link inside a building and one between two."""
    about = school(**CAMPUS)

    assert [about.between_buildings(link) for link in (TO_NEAR, TO_FAR)] == [False, True]
