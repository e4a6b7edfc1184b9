"""What follows from several readings together, and does what is missing ever count as good?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.derived import gigabit_desktops, inside_services, slowest_link
from collector.school import End, Link, Service, Switch
from collector.verdict import Code, Measured
from evidence import quantities as q
from evidence.model import Failure, Reading
from tests.collector.making import (
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    INSIDE,
    NEAR,
    OTHER_BOX,
    TO_FAR,
    TO_NEAR,
    answered,
    campus_ports,
    port,
    run,
    school,
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
    return slowest_link(q.BACKBONE_MIN, school(**{**CAMPUS, **about}), [run("uplinks", *readings)], lambda _: True)


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
        pytest.param(answered(*ALL), [], {Code.PORT_UNKNOWN}, id="no switch lists the port"),
        pytest.param(answered(*ALL, failure=Failure.TIMED_OUT), [], {Code.SWITCH_SILENT}, id="every switch is silent"),
        pytest.param(
            (*port(CORE, "ge1", TEN), *port(NEAR, "up", TEN), *port(CORE, "ge2", TEN), *answered(FAR)),
            [(None, TEN)],
            {Code.BELOW, Code.PORT_UNKNOWN},
            id="one end's switch does not list it",
        ),
        pytest.param(
            (*port(CORE, "ge1", TEN), *answered(CORE, NEAR), *answered(FAR, failure=Failure.LOGIN_REJECTED)),
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


def test_no_link_declared() -> None:
    """Without a declared link there is nothing to measure, and it is said."""
    assert backbone(*campus_ports(), links=()).reasons[0].code is Code.NOT_DECLARED


def test_a_link_to_a_switch_that_is_not_in_the_list() -> None:
    """An end whose switch is not declared is not known."""
    found = backbone(*campus_ports(), switches=(CORE, NEAR))

    assert (ends(found), codes(found)[-1]) == ([(None, TEN)], Code.NOT_DECLARED)


def test_silence_is_told_in_the_probes_words() -> None:
    """A silent switch is named with its address and what the probe said."""
    found = backbone(*campus_ports()[:-2], *answered(FAR, failure=Failure.TIMED_OUT)).reasons[-1]

    wanted = {"switch": "acc-2", "host": "10.0.0.3:161", "port": "up", "failure": "timed_out", "detail": "no answer"}
    assert (found.code, found.about) == (Code.SWITCH_SILENT, wanted)


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
    runs = [run("uplinks", *campus_ports(**one)), run("uplinks", *campus_ports(**other), agent=OTHER_BOX)]

    assert ends(slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True)) == [interval]


@pytest.mark.parametrize("down_first", [True, False])
def test_two_agents_disagree_about_a_port(down_first: bool) -> None:
    """A port that one agent saw down is down."""
    both = [campus_ports(), port(FAR, "up", up=False)]
    first, second = reversed(both) if down_first else both
    runs = [run("uplinks", *first), run("uplinks", *second, agent=OTHER_BOX)]

    assert ends(slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True)) == [(0, 0)]


@pytest.mark.parametrize("silent_first", [True, False])
def test_two_agents_disagree_about_an_answer(silent_first: bool) -> None:
    """A switch that gave one agent no answer is silent, and its port is not merely unlisted."""
    both = [answered(*ALL), answered(*ALL, failure=Failure.TIMED_OUT)]
    first, second = reversed(both) if silent_first else both
    runs = [run("uplinks", *first), run("uplinks", *second, agent=OTHER_BOX)]
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
    found = slowest_link(quantity, about, [run("uplinks", *campus_ports(**slow))], wanted)

    assert ends(found) == [(value, value)]


def test_links_without_a_core() -> None:
    """A link between two access switches is not the core's, and one to an unknown switch is nobody's."""
    links = (Link(End("acc-1", "x"), End("acc-2", "x")), Link(End("gone", "x"), End("acc-2", "x")))
    about = school(switches=(CORE, NEAR, FAR), links=links)

    assert [about.of_core(link) for link in links] == [False, False]


def test_a_switch_without_a_place() -> None:
    """A link of which one end's place is not declared is not taken to be between buildings."""
    about = school(switches=(CORE, Switch("loose", "10.0.0.9")), links=())

    assert not about.between_buildings(Link(End("core", "x"), End("loose", "x")))


def test_ipv6_switch() -> None:
    """A switch at an IPv6 address is named as the probe names it."""
    assert Switch("s", "fd00::1").subject == "[fd00::1]:161"


# --- Desktop ports -----------------------------------------------------------------------------------------------------


def desktops(*readings: Reading, **about: Any) -> Measured:
    """The share of gigabit desktop ports of the campus."""
    return gigabit_desktops(school(**{**CAMPUS, **about}), [run("uplinks", *readings)])


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
        pytest.param((*desk_ports(GIGABIT), *campus_ports(acc1_up=1)), (10**6, 10**6), [], id="links do not count"),
    ],
)
def test_gigabit_desktops(readings: tuple[Reading, ...], interval: tuple[int, int], said: list[Code]) -> None:
    """The share counts ports of declared switches that are up and no end of a link; an unknown speed widens it."""
    found = desktops(*readings, *answered(*ALL))

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
    speed = q.PORT_SPEED.between(at_least, at_most, subject)

    assert ends(desktops(q.PORT_UP.reading("yes", subject), speed, *answered(*ALL))) == [interval]


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
    found = desktops(*readings, *answered(CORE, NEAR), *silence)

    assert (ends(found), codes(found)[0]) == ([interval], Code.SWITCH_SILENT)


def test_no_desk_is_up() -> None:
    """Without a desktop port that is up nothing is shown."""
    found = desktops(*port(NEAR, "ge1", up=False), *answered(*ALL))

    assert (found.readings, codes(found)) == ((), [Code.NO_EVIDENCE])


def test_no_desk_because_of_silence() -> None:
    """Where silence is why, silence is the reason."""
    assert set(codes(desktops())) == {Code.SWITCH_SILENT}


def test_no_switch_declared() -> None:
    """Without declared switches there is nothing to count."""
    assert codes(desktops(*desk_ports(GIGABIT), switches=())) == [Code.NOT_DECLARED]


# --- The education network ---------------------------------------------------------------------------------------------

EVERY = [["a.edu", 443], ["b.edu", 80], ["out.edu", 443]]


def metro(accepted: list[str], low: int, high: int | None = None, asked: Any = None, **about: Any) -> Measured:
    """What a run that reached these says about the inside services."""
    connects = [q.METRO_CONNECT.reading(900, subject) for subject in accepted]
    total = q.METRO_REACHED.between(low, low if high is None else high)
    settings = {"services": EVERY if asked is None else asked}
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
    found = metro(accepted, low, high)

    assert (ends(found), codes(found)) == ([interval], [Code.SERVICE_DOWN] * down)


def test_thirds_are_not_lost_to_rounding() -> None:
    """Where all that is missing may still be reached, the upper end is a hundred per cent."""
    services = tuple(Service(host, 1, True) for host in "abc")
    found = metro(["a:1"], 333_333, 10**6, [[host, 1] for host in "abc"], services=services)

    assert ends(found) == [(333_333, 10**6)]


def test_a_service_declared_since() -> None:
    """A service that the run was not asked about is not known, and not said to be down."""
    found = metro(["a.edu:443"], 10**6, asked=[["a.edu", 443]])

    assert (ends(found), codes(found)) == ([(500_000, 10**6)], [Code.NO_EVIDENCE])


def test_no_inside_service() -> None:
    """Without a service registered as inside, reaching others proves nothing."""
    assert codes(metro(["out.edu:443"], 10**6, services=INSIDE[2:])) == [Code.NOT_DECLARED]


def test_a_run_that_did_not_count() -> None:
    """A run that failed before its share says nothing, even where it connected."""
    one = run("metro", q.METRO_CONNECT.reading(9, "a.edu:443"), failure=Failure.INTERRUPTED)

    assert inside_services(school(services=INSIDE), [one]) == Measured()


def test_every_agent_counts() -> None:
    """Each agent's run gives a share of its own, so that the worst decides."""
    runs = [
        run(
            "metro",
            *(q.METRO_CONNECT.reading(9, one) for one in found),
            total,
            settings={"services": EVERY},
            agent=agent,
        )
        for agent, found, total in [
            ("box-1", ["a.edu:443", "b.edu:80"], q.METRO_REACHED.reading(666_666)),
            (OTHER_BOX, ["a.edu:443"], q.METRO_REACHED.reading(333_333)),
        ]
    ]
    assert ends(inside_services(school(services=INSIDE), runs)) == [(10**6, 10**6), (500_000, 500_000)]


def test_an_ipv6_service() -> None:
    """A service at an IPv6 address is found under the name that the probe gives it."""
    services = (Service("fd00::1", 443, True),)

    assert ends(metro(["[fd00::1]:443"], 10**6, asked=[["fd00::1", 443]], services=services)) == [(10**6, 10**6)]


def test_links_of_the_campus() -> None:
    """The campus of these tests has one link inside a building and one between two."""
    about = school(**CAMPUS)

    assert [about.between_buildings(link) for link in (TO_NEAR, TO_FAR)] == [False, True]
