"""What share of the desktop ports runs at a gigabit, and which ports are desks?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.desktops import gigabit_desktops
from collector.school import End, Link, Other, Switch
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Facts, Failure, Reading
from tests.collector.making import (
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    LINKS,
    NEAR,
    OTHER_BOX,
    REPORTED,
    WHOLE,
    answered,
    campus_ports,
    codes,
    ends,
    joins,
    lag,
    port,
    school,
    uplinks,
)

TEN = 10 * GIGABIT
ALL = (CORE, NEAR, FAR)
SLOW = Switch("slow", "10.0.0.4", place="main/b2/2")


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


# --- What is no desk -------------------------------------------------------------------------------------------------------

DESK = port(NEAR, "ge1")
AT_2 = f"{NEAR.subject}/ge2"


TRUNKED = {"links": (Link(End("core", "ge1"), End("acc-1", "Po9")), *CAMPUS["links"])}


def slow(kind: str = "physical") -> tuple[Reading, ...]:
    """A port of acc-1 that is up at 100 Mbit/s, which no desk may be."""
    return port(NEAR, "ge2", 10**8, kind=kind)


def role(value: str, **facts: int | str) -> Reading:
    """What that port is for."""
    return q.PORT_ROLE.reading(value, AT_2, dict(facts))


@pytest.mark.parametrize(
    ("more", "about", "is_desk"),
    [
        pytest.param(slow(), {}, True, id="a port"),
        pytest.param(slow(kind="lag"), {}, True, id="an aggregate to which no port belongs"),
        pytest.param((*slow(kind="lag"), *port(NEAR, "a", lag="ge2")), {}, False, id="an aggregate"),
        pytest.param((*slow(kind="lag"), *port(NEAR, "a", up=False, lag="ge2")), {}, True, id="its one port is down"),
        pytest.param(slow(kind="stack"), {}, True, id="a stack link that is named as a desk"),
        pytest.param(port(NEAR, "StackPort1", 10**8, kind="stack"), {}, False, id="a stack link"),
        pytest.param(lag(NEAR, "Po1", ge2=10**8), {}, True, id="a member of a server's aggregate"),
        pytest.param(
            lag(NEAR, "Po9", ge2=10**8, te1=TEN), TRUNKED, False, id="a member of the aggregate that is the uplink"
        ),
        pytest.param(
            (*lag(NEAR, "Po9", te1=TEN), *port(NEAR, "ge2", 10**8, lag="Po9")),
            TRUNKED,
            True,
            id="by its own word only",
        ),
        pytest.param(
            (*lag(NEAR, "Po9", te1=TEN, ge2=10**8)[:-2], *slow()), TRUNKED, True, id="by the aggregate's word only"
        ),
        pytest.param(port(NEAR, "ge2", 10**8, lag="up"), {}, True, id="a member of a port that is no aggregate"),
        pytest.param((*slow(), role("access", device="station")), {}, True, id="a station"),
        pytest.param((*slow(), role("uplink")), {}, True, id="an uplink, of which no neighbour is known"),
        pytest.param((*slow(), role("ap", announced="ap")), {}, False, id="an access point"),
        pytest.param((*slow(), role("ap")), {}, True, id="an access point without evidence"),
        pytest.param((*slow(), role("ap", evidence="its description says access point")), {}, True, id="a description"),
        pytest.param(
            (*slow(), role("ap", evidence="x; lldp hears an ap; y")), {}, True, id="words that somebody chose"
        ),
        pytest.param((*slow(), role("stack", evidence="joins members of one stack")), {}, True, id="a stack's role"),
        pytest.param((*slow(), role("access", device="phone", announced="phone")), {}, False, id="a phone"),
        pytest.param(
            (*slow(), role("access", device="camera", announced="camera,station")),
            {},
            False,
            id="a camera",
        ),
        pytest.param((*slow(), role("access", device="camera", announced="phone")), {}, True, id="not what was heard"),
        pytest.param(
            (*slow(), role("access", device="camera", announced="cameras")),
            {},
            True,
            id="another word",
        ),
        pytest.param((*slow(), role("access", device="ap", announced="ap")), {}, True, id="an access point, perhaps"),
        pytest.param((*slow(), role("access", device="phone", evidence="1 address")), {}, True, id="perhaps a phone"),
        pytest.param((*slow(), role("access", device="phone")), {}, True, id="a phone without evidence"),
        pytest.param((*slow(), joins(AT_2, f"{FAR.subject}/x", 10**8)), {}, False, id="a link that was found"),
        pytest.param(slow(), {"wans": (End("acc-1", "ge2"),)}, False, id="the port to the outside"),
        pytest.param(
            (*slow(), joins(AT_2, "", 10**8, "one", neighbour="esxi")), {"others": (Other("esxi"),)}, False, id="other"
        ),
    ],
)
def test_what_is_no_desk(more: tuple[Reading, ...], about: dict[str, Any], is_desk: bool) -> None:
    """A slow port counts unless it is shown to lead to no desk."""
    found = desktops(*DESK, *more, *port(FAR, "x", GIGABIT), *WHOLE, **about)

    assert Code.BELOW in codes(found) if is_desk else ends(found) == [(10**6, 10**6)]


def test_two_agents_see_another_device() -> None:
    """A port is left out only where everything that was said of it says so."""
    telephone = role("access", device="phone", announced="phone")
    runs = [
        uplinks(*DESK, *slow(), telephone, *WHOLE),
        uplinks(*DESK, *slow(), role("access", device="station"), *WHOLE, agent=OTHER_BOX),
    ]

    assert codes(gigabit_desktops(school(**CAMPUS), runs)) == [Code.BELOW]


def test_what_was_left_out_is_counted() -> None:
    """How many ports of which devices were left out is said beside the verdict."""
    heard: Facts = {"announced": "ap"}
    more = (*slow(), role("ap", **heard), *port(NEAR, "ge3"), q.PORT_ROLE.reading("ap", f"{NEAR.subject}/ge3", heard))

    assert desktops(*DESK, *more, *WHOLE).notes == (
        Reason(Code.LEFT_OUT, {"aps": 2, "phones": 0, "cameras": 0, "others": 0}),
    )


def test_a_stack_is_not_worth_a_word() -> None:
    """Ports that join a stack are left out without a word."""
    assert desktops(*DESK, *port(NEAR, "StackPort1", 10**8, kind="stack"), *WHOLE).notes == ()


@pytest.mark.parametrize(("slow_too", "interval"), [((), (0, 10**6)), (slow(), (0, 10**6 - 1))])
def test_a_port_that_leads_to_an_unlisted_switch(slow_too: tuple[Reading, ...], interval: tuple[int, int]) -> None:
    """Behind a switch that nobody listed any number of slow desks may be; the port itself is none."""
    hub = joins(f"{NEAR.subject}/ge9", "", 10**8, "one", neighbour="hub", device="switch")
    found = desktops(*DESK, *slow_too, *port(NEAR, "ge9", 10**8), hub, *WHOLE)

    assert (ends(found), codes(found)) == ([interval], [Code.BELOW] * bool(slow_too) + [Code.UNDISCOVERED])


@pytest.mark.parametrize(
    ("stations", "speed", "interval", "said"),
    [
        pytest.param(19, GIGABIT, (10**6, 10**6), [], id="few"),
        pytest.param(20, GIGABIT, (500_000, 10**6), [Code.MANY_BEHIND], id="many"),
        pytest.param(20, 10**8, (500_000, 500_000), [Code.BELOW], id="many behind a slow port"),
        pytest.param(20, None, (500_000, 10**6), [Code.MANY_BEHIND], id="many behind a port of unknown speed"),
        pytest.param("20", GIGABIT, (10**6, 10**6), [], id="a count that is no number"),
    ],
)
def test_many_devices_behind_one_port(
    stations: int | str, speed: int | None, interval: tuple[int, int], said: list[Code]
) -> None:
    """A fast port behind which many devices were learned leads to a switch: how fast its desks are is not known."""
    found = desktops(*DESK, *port(NEAR, "ge2", speed), role("access", stations=stations), *WHOLE)

    assert (ends(found), codes(found)) == ([interval], said)


def test_neighbours_that_were_not_read() -> None:
    """A switch that did not show all its neighbours may hide a switch with any number of slow desks."""
    cut = q.DEVICES_ANSWERED.reading(10**6, NEAR.subject, {"unread": "lldpRemSysName,dot1qTpFdbPort"})
    found = desktops(*DESK, *campus_ports(), *LINKS, *answered(CORE, FAR), cut)

    wanted = Reason(Code.NEIGHBOURS_UNREAD, {"switch": "acc-1", "host": NEAR.subject})
    assert (ends(found), found.reasons) == ([(0, 10**6)], (wanted,))


@pytest.mark.parametrize(
    ("status", "code"), [("inferred", Code.SPEED_INFERRED), ("repaired", Code.SPEED_REPAIRED), ("reported", None)]
)
def test_a_desk_whose_speed_is_not_reported(status: str, code: Code | None) -> None:
    """A speed that was guessed or repaired does not make a gigabit desk."""
    found = desktops(*port(NEAR, "ge1", GIGABIT, status=status), *WHOLE)

    assert (ends(found), codes(found)) == ([(0 if code else 10**6, 10**6)], [code] if code else [])


@pytest.mark.parametrize("confirmed", ["one", "fdb", "none"])
def test_a_port_at_which_another_switch_is_seen(confirmed: str) -> None:
    """A port that may be an end of a link is no desk, and while it is not confirmed nobody knows what is behind it."""
    found = desktops(*DESK, *slow(), joins(AT_2, f"{FAR.subject}/x", 10**8, confirmed), *port(FAR, "x"), *WHOLE)

    assert (ends(found), codes(found)) == ([(0, 10**6)], [Code.UNDECLARED_LINK])
