"""Is what a person writes converted once, exactly, and refused where it could be read in two ways?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.frameworks.bounds import LETTERS, WAYS, BoundWrong, bound, number, state
from evidence import quantities
from evidence.model import Unit

READ = {
    "gigabits": ("10 Gbit/s", Unit.BIT_S, 10_000_000_000),
    "megabits": ("600 Mbit/s", Unit.BIT_S, 600_000_000),
    "a tenth, exactly": ("0.1 Gbit/s", Unit.BIT_S, 100_000_000),
    "whole share": ("100 %", Unit.PPM, 1_000_000),
    "part of a share": ("0.0001 %", Unit.PPM, 1),
    "months": ("6 months", Unit.MONTH, 6),
    "one month": ("1 month", Unit.MONTH, 1),
    "days": ("30 days", Unit.DAY, 30),
    "milliseconds": ("20 ms", Unit.MICROSECOND, 20_000),
    "minutes": ("5 min", Unit.SECOND, 300),
    "below zero, a level only": ("-65 dBm", Unit.MBM, -6_500),
    "a count": ("3", Unit.COUNT, 3),
    "octets": ("1500 octets", Unit.OCTET, 1500),
}


@pytest.mark.parametrize(("written", "unit", "expected"), READ.values(), ids=READ.keys())
def test_read(written: str, unit: Unit, expected: int) -> None:
    """One number, one space, one unit of the quantity's kind becomes an integer in the base unit."""
    assert number(written, unit) == expected


RATE = 'a rate such as "1 Gbit/s"'
REFUSED = {
    "letter for a unit": ("10G", Unit.BIT_S, RATE),
    "no unit": ("1000", Unit.BIT_S, RATE),
    "no space": ("10Gbit/s", Unit.BIT_S, RATE),
    "two spaces": ("10  Gbit/s", Unit.BIT_S, RATE),
    "bytes": ("10 GB/s", Unit.BIT_S, RATE),
    "other case": ("10 gbit/s", Unit.BIT_S, RATE),
    "below zero": ("-1 Gbit/s", Unit.BIT_S, RATE),
    "with a plus": ("+1 Gbit/s", Unit.BIT_S, RATE),
    "two numbers": ("1 2 Gbit/s", Unit.BIT_S, RATE),
    "a range": ("1-2 Gbit/s", Unit.BIT_S, RATE),
    "comma": ("1,5 Gbit/s", Unit.BIT_S, RATE),
    "power of ten": ("1e9 bit/s", Unit.BIT_S, RATE),
    "wide digits": ("１ Gbit/s", Unit.BIT_S, RATE),
    "line end": ("1 Gbit/s\n", Unit.BIT_S, RATE),
    "nothing": ("", Unit.BIT_S, RATE),
    "another kind": ("6 months", Unit.BIT_S, RATE),
    "days for months": ("180 days", Unit.MONTH, 'a span such as "6 months"'),
    "half a bit": ("0.5 bit/s", Unit.BIT_S, "a whole number of bit/s"),
    "half a month": ("5.5 months", Unit.MONTH, "a whole number of month"),
    "more than can be signed": ("9999999999 Gbit/s", Unit.BIT_S, RATE),
    "more than all": ("101 %", Unit.PPM, 'a share from "0 %" to "100 %"'),
}


@pytest.mark.parametrize(("written", "unit", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(written: str, unit: Unit, expected: str) -> None:
    """A figure of another kind, or one that could be read in two ways, is refused with an example of what was expected."""
    with pytest.raises(BoundWrong) as refused:
        number(written, unit)

    assert str(refused.value) == f"{written!r}: expected {expected}"


@given(st.integers(0, 2**53 - 1))
def test_round_trip(rate: int) -> None:
    """Every rate that can be signed is read back exactly from its figure in Gbit/s: no float is between."""
    assert number(f"{rate // 10**9}.{rate % 10**9:09} Gbit/s", Unit.BIT_S) == rate


def test_grades() -> None:
    """A grade is read in the ladder of its own quantity."""
    assert (bound("G3", quantities.IPV6_GRADE), bound("R2", quantities.LOGS_GRADE)) == (3, 2)


@pytest.mark.parametrize("written", ["R3", "G5", "G", "3", "g3", "G33"])
def test_no_grade(written: str) -> None:
    """A rung of another ladder, or none, is refused."""
    with pytest.raises(BoundWrong, match="a grade from G0 to G4"):
        bound(written, quantities.IPV6_GRADE)


def test_bound_of_a_number() -> None:
    """A bound is converted to the unit of its quantity."""
    assert bound("1 Gbit/s", quantities.DESK_SPEED) == quantities.GIGABIT


def test_number_for_states() -> None:
    """A quantity with states takes no number."""
    with pytest.raises(BoundWrong, match=r"no number: logs\.behaviour is one of yes, no"):
        bound("1", quantities.LOGS_BEHAVIOUR)


def test_state() -> None:
    """A declared state is read as it stands."""
    assert state("yes", quantities.LOGS_BEHAVIOUR) == "yes"


@pytest.mark.parametrize(
    ("written", "name", "expected"),
    [
        pytest.param("perhaps", "logs.behaviour", "one of yes, no", id="no such state"),
        pytest.param("yes", "desk.speed", "at_least or at_most: desk.speed is a number of bit/s", id="no states"),
    ],
)
def test_no_state(written: str, name: str, expected: str) -> None:
    """A state that the quantity does not declare is refused."""
    with pytest.raises(BoundWrong, match=expected):
        state(written, quantities.ALL[name])


def test_every_unit_can_be_written() -> None:
    """Whatever unit a quantity has, there is a way to write a bound for it."""
    assert set(Unit) == {*WAYS, Unit.GRADE, Unit.STATE}


def test_every_grade_has_its_letter() -> None:
    """Each quantity that is a grade says in which ladder."""
    assert set(LETTERS) == {quantity.name for quantity in quantities.ALL.values() if quantity.unit is Unit.GRADE}
