"""Does a person read what was proved, and never more?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.model import Failure, Reading, Unit
from evidence.spelled import FAILURES, STATES, failure_in_words, sentence_of, spelled, spelled_value

VALUES: dict[str, tuple[str, int | str, str, str]] = {
    "bit/s": ("bit/s", 999, "999 bit/s", "999 bit/s"),
    "kbit/s": ("bit/s", 1_000, "1 kbit/s", "1 kbit/s"),
    "Mbit/s": ("bit/s", 941_500_000, "941.5 Mbit/s", "941.5 Mbit/s"),
    "Gbit/s": ("bit/s", 10**10, "10 Gbit/s", "10 Gbit/s"),
    "just below a gigabit": ("bit/s", 999_999_999, "999.999 Mbit/s", "999.999 Mbit/s"),
    "no rate": ("bit/s", 0, "0 bit/s", "0 bit/s"),
    "all": ("ppm", 1_000_000, "100 %", "100 %"),
    "all but one millionth": ("ppm", 999_999, "99.999 %", "99.999 %"),
    "none": ("ppm", 0, "0 %", "0 %"),
    "a third": ("ppm", 333_333, "33.333 %", "33.333 %"),
    "time": ("us", 1_234, "1.234 ms", "1.234 ms"),
    "signal": ("mBm", -6_550, "-65.5 dBm", "-65.5 dBm"),
    "seconds": ("s", 5, "5 秒", "5 s"),
    "days": ("day", 180, "180 天", "180 days"),
    "months": ("month", 6, "6 个月", "6 months"),
    "count": ("count", 3, "3", "3"),
    "octets": ("octet", 7, "7 字节", "7 octets"),
    "Counter64": ("octet", str(2**64 - 1), "18446744073709551615 字节", "18446744073709551615 octets"),
    "Counter64 as a rate": ("bit/s", str(2**64 - 1), "18446744073.709 Gbit/s", "18446744073.709 Gbit/s"),
    "grade": ("grade", 4, "4", "4"),
    "state": ("state", "half", "半双工", "half duplex"),
    "state of a later release": ("state", "quarter", "quarter", "quarter"),
    "unit of a later release": ("lux", 300, "300 lux", "300 lux"),
    "superscript, not a number": ("bit/s", "²", "²", "²"),
}


@pytest.mark.parametrize(("unit", "value", "zh", "en"), VALUES.values(), ids=VALUES.keys())
def test_a_value_as_people_read_it(unit: str, value: int | str, zh: str, en: str) -> None:
    """Numbers in the unit that people use; states in words; what this release does not know as it came."""
    assert (spelled_value(unit, value, "zh"), spelled_value(unit, value, "en")) == (zh, en)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=2**53 - 1))
def test_a_share_never_rounds_up(ppm: int) -> None:
    """99.9999 % is not shown as 100 %: what is shown is at most what was proved, and misses less than 0.001 of it."""
    shown = Decimal(spelled_value(Unit.PPM, ppm, "en").removesuffix(" %"))

    assert 0 <= Decimal(ppm) / 10_000 - shown < Decimal("0.001")


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=2**64 - 1))
def test_a_rate_never_rounds_up(bit_s: int) -> None:
    """A rate just below a bound is never shown as having reached it."""
    number, unit = spelled_value(Unit.BIT_S, str(bit_s), "en").split()
    size = {"bit/s": 1, "kbit/s": 10**3, "Mbit/s": 10**6, "Gbit/s": 10**9}[unit]

    assert 0 <= Decimal(bit_s) - Decimal(number) * size < Decimal("0.001") * size


FORMS = {
    "exact": (Reading("a", "bit/s", value=10**9), "1 Gbit/s"),
    "interval": (Reading("a", "bit/s", at_least=10**6, at_most=10**9), "1 Mbit/s … 1 Gbit/s"),
    "interval of one point": (Reading("a", "ppm", at_least=5, at_most=5), "0 %"),
    "grade of the IPv6 ladder": (Reading("ipv6.grade", "grade", value=3), "G3"),
    "grade of log retention, at least": (Reading("logs.grade", "grade", at_least=2), "≥ R2"),
    "at least": (Reading("a", "us", at_least=0), "≥ 0 ms"),
    "at most": (Reading("a", "us", at_most=1500), "≤ 1.5 ms"),
}


@pytest.mark.parametrize(("reading", "shown"), FORMS.values(), ids=FORMS.keys())
def test_a_reading_as_people_read_it(reading: Reading, shown: str) -> None:
    """An interval shows the ends that are known."""
    assert spelled(reading, "en") == shown


@pytest.mark.parametrize("failure", Failure, ids=str)
def test_every_failure_has_its_words(failure: Failure) -> None:
    """A failure is told in both languages, in different words than any other."""
    words = [(failure_in_words(other, "zh"), failure_in_words(other, "en")) for other in Failure]

    assert words.count(FAILURES[failure]) == 1


def test_states_have_words_in_both_languages() -> None:
    """No state is spelled with nothing."""
    assert all(zh and en for zh, en in STATES.values())


def test_a_quantity_explains_itself() -> None:
    """A known quantity has its sentence; one of a later release is shown by its name."""
    assert (sentence_of("wan.in", "zh"), sentence_of("wan.in", "en"), sentence_of("x.y", "en")) == (
        "广域网口收到的字节计数",
        "Octets received on the WAN port",
        "x.y",
    )


def test_another_language() -> None:
    """There are two languages; asking for a third is a bug of the caller."""
    with pytest.raises(ValueError, match="not in tuple"):
        spelled_value("count", 1, "fr")
