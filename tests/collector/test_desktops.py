"""What share of the desktop ports runs at a gigabit, and which ports are desks?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.desktops import gigabit_desktops
from collector.school import Switch
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Failure, Reading
from tests.collector.making import (
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    NEAR,
    OTHER_BOX,
    REPORTED,
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
