"""
Which integer in the base unit is meant by what a person wrote?

"10 Gbit/s", "100 %", "6 months", "G3": one number, one space, one unit of the quantity's kind, converted once and exactly
(no float). Whatever could be read in two ways is refused with an example of what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from evidence.model import LARGEST_INTEGER, Quantity, Unit

# One base unit of each kind, and what people write for it: (factor to the base unit by unit, an example).
WAYS: Mapping[Unit, tuple[Mapping[str, int], str]] = {
    Unit.BIT_S: (
        {"bit/s": 1, "kbit/s": 10**3, "Mbit/s": 10**6, "Gbit/s": 10**9},
        'a rate such as "1 Gbit/s"',
    ),
    Unit.MICROSECOND: ({"us": 1, "ms": 10**3, "s": 10**6}, 'a time such as "20 ms"'),
    Unit.SECOND: ({"s": 1, "min": 60, "h": 3600}, 'a time such as "30 s"'),
    Unit.PPM: ({"ppm": 1, "%": 10**4}, 'a share from "0 %" to "100 %"'),
    Unit.MBM: ({"dBm": 100}, 'a level such as "-65 dBm"'),
    Unit.DAY: ({"day": 1, "days": 1}, 'a span such as "30 days"'),
    Unit.MONTH: ({"month": 1, "months": 1}, 'a span such as "6 months"'),
    Unit.COUNT: ({"": 1}, 'a whole number such as "3"'),
    Unit.OCTET: ({"octets": 1}, 'a volume such as "1500 octets"'),
}
LETTERS: Mapping[str, str] = {"ipv6.grade": "G", "logs.grade": "R"}  # a grade is read in its own ladder only
NUMBER = re.compile(r"(-?)([0-9]{1,16}(?:\.[0-9]{1,9})?)(?: (\S+))?", re.ASCII)
ALL_PPM = 10**6


class BoundWrong(ValueError):
    """Somebody wrote a bound that cannot be read; the text says what came, `expected` what was expected."""

    def __init__(self, written: str, expected: str) -> None:
        super().__init__(f"{written!r}: expected {expected}")
        self.expected = expected


def bound(written: str, quantity: Quantity) -> int:
    """The bound in the base unit of `quantity`; raises BoundWrong, also for a quantity that has states."""
    if quantity.unit is Unit.STATE:
        raise BoundWrong(written, f"no number: {quantity.name} is one of {', '.join(quantity.states)} (write equals)")
    if quantity.unit is Unit.GRADE:
        return _grade(written, LETTERS[quantity.name])
    return number(written, quantity.unit)


def number(written: str, unit: Unit) -> int:
    """A written figure as an integer of `unit`; raises BoundWrong. Only a level in dBm may be negative."""
    factors, expected = WAYS[unit]
    found = NUMBER.fullmatch(written)
    if not found or (found[3] or "") not in factors or (found[1] and unit is not Unit.MBM):
        raise BoundWrong(written, expected)
    return _whole(written, Fraction(found[1] + found[2]) * factors[found[3] or ""], unit)


def state(written: str, quantity: Quantity) -> str:
    """One of the closed states of `quantity`; raises BoundWrong, also for a quantity without states."""
    if not quantity.states:
        raise BoundWrong(written, f"at_least or at_most: {quantity.name} is a number of {quantity.unit}")
    if written not in quantity.states:
        raise BoundWrong(written, f"one of {', '.join(quantity.states)}")
    return written


def _whole(written: str, exact: Fraction, unit: Unit) -> int:
    """The figure if it is a whole number of base units within what can be signed (a share: within 100 %)."""
    if exact.denominator != 1:
        raise BoundWrong(written, f"a whole number of {unit}")
    if abs(exact) > (ALL_PPM if unit is Unit.PPM else LARGEST_INTEGER):
        raise BoundWrong(written, WAYS[unit][1])
    return int(exact)


def _grade(written: str, letter: str) -> int:
    """The rung of a ladder from 0 to 4, such as G3."""
    if not re.fullmatch(f"{letter}[0-4]", written):
        raise BoundWrong(written, f"a grade from {letter}0 to {letter}4")
    return int(written[1])
