"""Does a value of the contract refuse what it cannot mean?"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from evidence.model import Blob, Failure, Quantity, Raw, Reading, Report, Unit, Unmeasurable
from tests.evidence.samples import CONDITIONS, report

RATE = Quantity("test.rate", Unit.BIT_S, "速率", "rate")
STATE = Quantity("test.state", Unit.STATE, "状态", "state", states=("yes", "no"))
LARGEST = 2**53 - 1
COUNTER = 2**64 - 1

CONTRADICTIONS = {
    "says nothing": {},
    "exact and an interval": {"value": 5, "at_least": 4},
    "upside down": {"at_least": 6, "at_most": 5},
    "value beyond 53 bits": {"value": LARGEST + 1},
    "value beyond 53 bits, negative": {"value": -LARGEST - 1},
    "end beyond 53 bits": {"at_most": LARGEST + 1},
    "fact beyond 53 bits": {"value": 1, "facts": {"octets": LARGEST + 1}},
    "decimal string beyond 64 bits": {"value": str(COUNTER + 1)},
    "decimal string of 5000 digits": {"value": "9" * 5000},
    "decimal string with a leading zero": {"value": "007"},
    "digits that are not ASCII": {"value": "١٢"},
    "superscript digits": {"value": "²"},
}


@pytest.mark.parametrize("fields", CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_reading_that_cannot_be_meant(fields: dict[str, Any]) -> None:
    """A reading is exact or an interval, the right way up, and every number in it has one spelling that all read alike."""
    with pytest.raises(ValueError, match=r"^reading test\.rate: "):
        Reading("test.rate", "bit/s", **fields)


MEANINGS = {
    "exact": ({"value": 5}, (5, 5)),
    "negative": ({"value": -6500}, (-6500, -6500)),
    "largest integer": ({"value": LARGEST}, (LARGEST, LARGEST)),
    "Counter64": ({"value": str(COUNTER)}, (COUNTER, COUNTER)),
    "Counter64 at zero": ({"value": "0"}, (0, 0)),
    "state": ({"value": "yes"}, (None, None)),
    "a state may be empty": ({"value": ""}, (None, None)),
    "interval": ({"at_least": 4, "at_most": 6}, (4, 6)),
    "interval of one point": ({"at_least": 4, "at_most": 4}, (4, 4)),
    "at least": ({"at_least": 0}, (0, None)),
    "at most": ({"at_most": 0}, (None, 0)),
}


@pytest.mark.parametrize(("fields", "ends"), MEANINGS.values(), ids=MEANINGS.keys())
def test_what_a_reading_proves(fields: dict[str, Any], ends: tuple[int | None, int | None]) -> None:
    """`low` and `high` are what is proved; an end that is not known and a state have no number."""
    reading = Reading("test.rate", "bit/s", **fields)

    assert (reading.low, reading.high) == ends


WRONG_VALUES: dict[str, tuple[Quantity, int | str]] = {
    "unknown state": (STATE, "maybe"),
    "number for a state": (STATE, 1),
    "bool for a state": (STATE, True),
    "state for a number": (RATE, "yes"),
    "bool for a number": (RATE, True),
    "decimal point": (RATE, "1.5"),
    "minus in a decimal string": (RATE, "-5"),
    "space around a decimal string": (RATE, " 5"),
    "empty": (RATE, ""),
    "one above Counter64": (RATE, str(COUNTER + 1)),
    "5000 digits": (RATE, "9" * 5000),
    "integer that needs a string": (RATE, LARGEST + 1),
    "integer above Counter64": (RATE, COUNTER + 1),
}


@pytest.mark.parametrize(("quantity", "value"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_value_that_its_quantity_does_not_have(quantity: Quantity, value: int | str) -> None:
    """A quantity gives a reading for one of its states or a number of its unit, and for nothing else."""
    with pytest.raises(ValueError, match=r"test\.|digits"):
        quantity.reading(value)


RIGHT_VALUES: dict[str, tuple[Quantity, int | str]] = {
    "state": (STATE, "no"),
    "zero": (RATE, 0),
    "negative": (RATE, -1),
    "largest integer": (RATE, LARGEST),
    "Counter64 limit": (RATE, str(COUNTER)),
}


@pytest.mark.parametrize(("quantity", "value"), RIGHT_VALUES.values(), ids=RIGHT_VALUES.keys())
def test_a_value_that_its_quantity_has(quantity: Quantity, value: int | str) -> None:
    """A reading carries the quantity's name and unit, and the value as it was given."""
    expected = Reading(quantity.name, quantity.unit, "port 1", value=value, facts={"driver": "e1000e"})

    assert quantity.reading(value, "port 1", {"driver": "e1000e"}) == expected


def test_an_interval_of_a_quantity() -> None:
    """An interval is a number's; None stands for an end that is not known."""
    assert RATE.between(10**9, None, "wan") == Reading("test.rate", "bit/s", "wan", at_least=10**9)


def test_a_state_has_no_interval() -> None:
    """Nothing lies between yes and no."""
    with pytest.raises(ValueError, match="has states"):
        STATE.between(1, 2)


def test_raw_evidence_is_named_by_its_bytes() -> None:
    """A blob carries the SHA-256 in hex and the size of exactly these bytes."""
    content = b"\x00walk\xff"

    assert Raw("walk.bin", content).blob == Blob("walk.bin", hashlib.sha256(content).hexdigest(), 6)


POSITIONS = {
    "no zeroth": (0, ""),
    "zeroth with a past": (0, "ab"),
    "negative": (-1, ""),
    "first with a past": (1, "ab"),
    "second without": (2, ""),
}


@pytest.mark.parametrize(("sequence", "previous"), POSITIONS.values(), ids=POSITIONS.keys())
def test_a_position_that_no_chain_has(sequence: int, previous: str) -> None:
    """Sequence counts from 1; the first has nothing before it, and every other has."""
    with pytest.raises(ValueError, match="sequence"):
        report(sequence, previous)


def test_unmeasurable_keeps_its_failure() -> None:
    """What a probe could not do comes out as one of the closed list, with its detail."""
    why = Unmeasurable(Failure.REFUSED, "10.0.0.1 port 161")

    assert (why.failure, why.detail, str(why)) == (Failure.REFUSED, "10.0.0.1 port 161", "refused: 10.0.0.1 port 161")


def test_failures_are_these_and_no_others() -> None:
    """The list of failures is part of the contract: a change to it is a change to docs/evidence-v1.md."""
    assert " ".join(Failure) == (
        "timed_out refused unreachable name_not_found not_permitted login_rejected not_supported unreadable "
        "interrupted instrument_limit bug"
    )


def test_units_are_these_and_no_others() -> None:
    """The base units are part of the contract."""
    assert " ".join(Unit) == "bit/s us s ppm mBm day month count octet grade state"


def test_what_is_not_said_is_not_sent() -> None:
    """Optional fields at their defaults are left out, so that one report has one spelling."""
    sent = msgspec.to_builtins(Report("a", 1, "", "desk", {}, (), CONDITIONS))

    assert sorted(sent) == ["agent", "conditions", "previous", "probe", "readings", "sequence", "settings"]
