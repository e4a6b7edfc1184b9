"""What is known about one end of a link: an aggregate, a port to the outside?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.links import slowest_link, wan_medium, wan_speed
from collector.school import End, Link, Switch
from collector.verdict import Code, Measured
from evidence import quantities as q
from evidence.model import Reading
from tests.collector.making import (
    CAMPUS,
    CORE,
    GIGABIT,
    NEAR,
    WHOLE,
    answered,
    codes,
    ends,
    joins,
    lag,
    port,
    school,
    uplinks,
)

TEN = 10 * GIGABIT
NEAR_UP = f"{NEAR.subject}/up"


def backbone(*readings: Reading, **about: Any) -> Measured:
    """The slowest link of the campus."""
    return slowest_link(q.BACKBONE_MIN, school(**{**CAMPUS, **about}), [uplinks(*readings)], lambda _: True)


def open_codes(measured: Measured) -> set[Code]:
    """What is said against it but how fast it is."""
    return set(codes(measured)) - {Code.BELOW}


# --- Aggregates ----------------------------------------------------------------------------------------------------------

BUNDLE = Link(End("core", "Po1"), End("acc-1", "up"))
BY_MEMBER = Link(End("core", "a"), End("acc-1", "up"))
STAR = {"switches": (CORE, NEAR), "links": (BUNDLE,)}


def bundled(at: str, declared: Link = BUNDLE, *, a: int | None, b: int | None) -> Measured:
    """The slowest link of two switches joined by an aggregate of the core's ports a and b, told at one of its names."""
    wide = (*lag(CORE, "Po1", a=a, b=b), *port(NEAR, "up", 100 * GIGABIT), *answered(CORE, NEAR))
    return backbone(*wide, joins(f"{CORE.subject}/{at}", NEAR_UP, TEN), switches=(CORE, NEAR), links=(declared,))


@pytest.mark.parametrize("declared", [BUNDLE, BY_MEMBER], ids=["the aggregate", "a member"])
@pytest.mark.parametrize("told", ["Po1", "a", "b"])
def test_an_aggregate(told: str, declared: Link) -> None:
    """An aggregate is one link, by its own name or a member's, in the list as in what is found; its largest member counts."""
    found = bundled(told, declared, a=GIGABIT, b=TEN)

    assert (ends(found), open_codes(found)) == ([(TEN, TEN)], set())


def test_the_sum_of_an_aggregate_is_told() -> None:
    """What all members make together is said beside what counts."""
    (reason, _) = bundled("Po1", a=TEN, b=TEN).reasons

    assert reason.code is Code.BELOW
    assert (reason.about["value"], reason.about["members"], reason.about["aggregate"]) == (TEN, 2, 2 * TEN)


@pytest.mark.parametrize(
    ("members", "interval"),
    [
        pytest.param((TEN, None), (TEN, TEN), id="one member is down"),
        pytest.param((GIGABIT, GIGABIT), (GIGABIT, GIGABIT), id="many of one are not ten"),
    ],
)
def test_members(members: tuple[int, int | None], interval: tuple[int, int]) -> None:
    """Only members that are up count, and their sum never does."""
    assert ends(bundled("Po1", a=members[0], b=members[1])) == [interval]


def without(readings: tuple[Reading, ...], quantity: str, subject: str) -> tuple[Reading, ...]:
    """All readings but one."""
    return tuple(one for one in readings if (one.quantity, one.subject) != (quantity, f"{CORE.subject}/{subject}"))


@pytest.mark.parametrize(
    ("gone", "interval", "code"),
    [
        pytest.param("b", (GIGABIT, TEN), Code.SPEED_UNKNOWN, id="the speed of the larger member"),
        pytest.param("a", (TEN, TEN), Code.SPEED_UNKNOWN, id="the speed of the smaller member"),
    ],
)
def test_a_member_without_a_speed(gone: str, interval: tuple[int, int], code: Code) -> None:
    """A member of unknown speed may be the largest: what the others prove is the lower end."""
    wide = without(lag(CORE, "Po1", a=GIGABIT, b=TEN), "port.speed", gone)
    found = backbone(
        *wide, *port(NEAR, "up", TEN), *answered(CORE, NEAR), joins(f"{CORE.subject}/Po1", NEAR_UP), **STAR
    )

    assert (ends(found), open_codes(found)) == ([interval], {code})


def test_known_members_are_not_added_up() -> None:
    """Beside a member of unknown speed two of one gigabit prove one gigabit, not two."""
    wide = without(lag(CORE, "Po1", a=GIGABIT, b=GIGABIT, c=GIGABIT), "port.speed", "c")
    found = backbone(
        *wide, *port(NEAR, "up", TEN), *answered(CORE, NEAR), joins(f"{CORE.subject}/Po1", NEAR_UP), **STAR
    )

    assert ends(found) == [(GIGABIT, TEN)]


def test_an_aggregate_without_members() -> None:
    """What an aggregate tells of itself may be a sum of many slow cables: it proves nothing but what it cannot exceed."""
    whole = (q.PORT_UP.reading("yes", f"{CORE.subject}/Po1", {"kind": "lag"}), port(CORE, "Po1", TEN)[1])
    found = backbone(
        *whole, *port(NEAR, "up", TEN), *answered(CORE, NEAR), joins(f"{CORE.subject}/Po1", NEAR_UP), **STAR
    )

    assert (ends(found), open_codes(found)) == ([(None, TEN)], {Code.SPEED_UNKNOWN})


def test_a_member_of_an_aggregate_that_is_not_told() -> None:
    """A port that belongs to an aggregate of which nothing is told is not known."""
    ports = (*port(CORE, "a", TEN, lag="Po1"), *port(NEAR, "up", TEN), *answered(CORE, NEAR))
    found = backbone(*ports, joins(f"{CORE.subject}/a", NEAR_UP), switches=(CORE, NEAR), links=(BY_MEMBER,))

    assert (ends(found), open_codes(found)) == ([(None, TEN)], {Code.PORT_UNKNOWN})


@pytest.mark.parametrize(
    ("kind", "lag_of"),
    [("physical", "up"), ("lag", ""), ("lag", "other")],
    ids=["no aggregate", "no word", "another's"],
)
def test_a_member_that_is_none(kind: str, lag_of: str) -> None:
    """A port's speed is its own: another port's counts for it only in an aggregate, by the word of both."""
    rate = q.PORT_SPEED.reading(GIGABIT, NEAR_UP, {"status": "reported", "kind": kind, "members": "te9"})
    claimed = (q.PORT_UP.reading("yes", NEAR_UP, {"kind": kind}), rate, *port(NEAR, "te9", TEN, lag=lag_of))
    found = backbone(*port(CORE, "a", TEN), *claimed, *answered(CORE, NEAR), switches=(CORE, NEAR), links=(BY_MEMBER,))

    assert ends(found) == [(None, GIGABIT)]


# --- The port to the outside ---------------------------------------------------------------------------------------------

OUTSIDE = (End("core", "ge9"),)


@pytest.mark.parametrize(
    ("more", "interval", "said"),
    [
        pytest.param(port(CORE, "ge9", TEN), [(TEN, TEN)], {Code.BELOW}, id="up"),
        pytest.param(port(CORE, "ge9", up=False), [(0, 0)], {Code.PORT_DOWN}, id="down"),
        pytest.param(port(CORE, "ge9", None), [], {Code.SPEED_UNKNOWN}, id="without a speed"),
        pytest.param(
            port(CORE, "ge9", TEN, status="repaired"), [(None, TEN)], {Code.BELOW, Code.SPEED_REPAIRED}, id="repaired"
        ),
        pytest.param((), [], {Code.PORT_UNKNOWN}, id="not told"),
        pytest.param(
            (*port(CORE, "ge8", TEN), q.WAN_SPEED.reading(TEN, f"{CORE.subject}/ge8")),
            [],
            {Code.PORT_UNKNOWN},
            id="the box calls another port so",
        ),
    ],
)
def test_wan(more: tuple[Reading, ...], interval: list[Any], said: set[Code]) -> None:
    """The line to the outside is the port that the list names, at the speed that its switch reports."""
    found = wan_speed(school(**CAMPUS, wans=OUTSIDE), [uplinks(*WHOLE, *more)])

    assert (ends(found), set(codes(found))) == (interval, said)


def test_wan_of_two_agents() -> None:
    """Of what two agents tell of the port to the outside the lower counts."""
    runs = [uplinks(*WHOLE, *port(CORE, "ge9", speed)) for speed in (GIGABIT, TEN)]

    assert ends(wan_speed(school(**CAMPUS, wans=OUTSIDE), runs)) == [(GIGABIT, GIGABIT)]


def test_two_ports_to_the_outside() -> None:
    """Beside a port to the outside that tells its speed, one that tells none may be as slow as it likes."""
    wans = (*OUTSIDE, End("core", "ge8"))
    found = wan_speed(school(**CAMPUS, wans=wans), [uplinks(*WHOLE, *port(CORE, "ge9", TEN), *port(CORE, "ge8", None))])

    assert ends(found) == [(TEN, TEN), (0, None)]


@pytest.mark.parametrize(("wans", "code"), [((), Code.NO_WAN), ((End("gone", "x"),), Code.NOT_DECLARED)])
def test_no_wan(wans: tuple[End, ...], code: Code) -> None:
    """Without a row for it nothing shows which port leads outside, whatever the box calls so."""
    told = (*port(CORE, "ge9", TEN), q.WAN_SPEED.reading(TEN, f"{CORE.subject}/ge9"))

    found = wan_speed(school(**CAMPUS, wans=wans), [uplinks(*WHOLE, *told)])
    assert (ends(found), codes(found)) == ([], [code])


@pytest.mark.parametrize(
    ("medium", "at", "interval"),
    [("fibre", "ge9", ["fibre"]), ("copper", "ge9", ["copper"]), ("unknown", "ge9", []), ("fibre", "ge8", [])],
)
def test_medium(medium: str, at: str, interval: list[str]) -> None:
    """The medium is that of the port that the list names, as far as its switch tells it."""
    told = (*port(CORE, at, TEN), q.WAN_MEDIUM.reading(medium, f"{CORE.subject}/{at}"))
    found = wan_medium(school(**CAMPUS, wans=OUTSIDE), [uplinks(*WHOLE, *told)])

    assert [one.value for one in found.readings] == interval


def test_the_medium_of_a_port_that_is_down() -> None:
    """Over a port that is down nothing leads outside, whatever is plugged in."""
    told = (*port(CORE, "ge9", up=False), q.WAN_MEDIUM.reading("fibre", f"{CORE.subject}/ge9"))
    found = wan_medium(school(**CAMPUS, wans=OUTSIDE), [uplinks(*WHOLE, *told)])

    assert (found.readings, codes(found)) == ((), [Code.PORT_DOWN])


def test_no_medium() -> None:
    """Without a row for the port nothing shows its medium."""
    assert codes(wan_medium(school(**CAMPUS), [uplinks(*WHOLE)])) == [Code.NO_WAN]


def test_a_switch_is_found_by_either_name() -> None:
    """The list's name and the readings' name lead to the same switch."""
    about = school(switches=(CORE, Switch("six", "fd00::1")))

    assert (about.by_name["six"], about.by_subject["[fd00::1]:161"]) == (about.switches[1], about.switches[1])
