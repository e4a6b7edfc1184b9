"""
What is a measurement made of?

A probe yields Readings and Raw evidence; one run of one probe becomes one Report. All wire values are integers in base
units, closed states or text, so that the signed form has one spelling (docs/evidence-v1.md, section 2).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

LARGEST_INTEGER = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond it two JSON readers may disagree
LARGEST_COUNTER = 2**64 - 1  # Counter64, RFC 2578 section 7.1.10

Json = Any  # any JSON value; which of them may be signed is decided in one place, `evidence.seal.canonical`
Settings = dict[str, Json]
Facts = dict[str, int | str]


class Failure(StrEnum):
    """Why a probe could not measure: the whole list; adding to it changes the contract."""

    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NAME_NOT_FOUND = "name_not_found"
    NOT_PERMITTED = "not_permitted"
    LOGIN_REJECTED = "login_rejected"
    NOT_SUPPORTED = "not_supported"
    UNREADABLE = "unreadable"
    INTERRUPTED = "interrupted"
    INSTRUMENT_LIMIT = "instrument_limit"
    BUG = "bug"


class Unmeasurable(Exception):
    """A probe could not measure; what it read before still counts."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail


class Unit(StrEnum):
    """The base units in which readings travel."""

    BIT_S = "bit/s"
    MICROSECOND = "us"
    SECOND = "s"
    PPM = "ppm"
    MBM = "mBm"
    DAY = "day"
    MONTH = "month"
    COUNT = "count"
    OCTET = "octet"
    GRADE = "grade"
    STATE = "state"


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One value of one Quantity for one subject: exact (`value`) or an interval (`at_least`, `at_most`; a missing end is unknown).

    `value` is an integer in the quantity's unit, a decimal string for Counter64, or one of the quantity's states.
    """

    quantity: str
    unit: str
    subject: str = ""
    value: int | str | None = None
    at_least: int | None = None
    at_most: int | None = None
    facts: Facts = {}

    def __post_init__(self) -> None:
        """Refuse a reading that says nothing, two things, or an upside-down interval."""
        bounds = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        if (self.value is None) == (not bounds):
            raise ValueError(f"reading {self.quantity}: give either value or at_least/at_most")
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            raise ValueError(f"reading {self.quantity}: at_least {bounds[0]} is above at_most {bounds[1]}")
        for number in (*bounds, self.value, *self.facts.values()):
            if isinstance(number, int) and abs(number) > LARGEST_INTEGER:
                raise ValueError(
                    f"reading {self.quantity}: {number} is too large for an integer; send a decimal string"
                )
        if isinstance(self.value, str) and self.value.isdigit() and not _is_counter(self.value):
            raise ValueError(f"reading {self.quantity}: {self.value[:24]!r} is not the decimal string of a Counter64")

    @property
    def low(self) -> int | None:
        """The largest number that this reading proves the quantity to reach; None where it proves none."""
        return self.at_least if self.value is None else _number(self.value)

    @property
    def high(self) -> int | None:
        """The smallest number that this reading proves the quantity not to exceed; None where it is unknown."""
        return self.at_most if self.value is None else _number(self.value)


def _is_counter(digits: str) -> bool:
    """Whether digits are the one spelling of a Counter64: ASCII, no leading zero, at most 64 bits."""
    if not digits.isascii() or len(digits) > len(str(LARGEST_COUNTER)):
        return False
    return str(int(digits)) == digits and int(digits) <= LARGEST_COUNTER


def _number(value: int | str) -> int | None:
    """An integer reading or a Counter64 string as an integer; a state has no number."""
    if isinstance(value, int):
        return value
    return int(value) if value.isascii() and value.isdigit() else None


JUDGE = "judge"
SERVER = "speed_server"  # a measurement server of the operator's, which signs reports of its own


@dataclass(frozen=True, slots=True)
class Quantity:
    """
    A dotted name with one unit, or with closed states, and one sentence in both languages.

    `source` names the probe that reads it, is `judge` where the collector computes it from other readings, `speed_server` where
    the operator's measurement server signs it, and is empty for a quantity that a policy needs and no probe of this release reads. `also` names further probes that give other
    subjects of it.
    """

    name: str
    unit: Unit
    zh: str
    en: str
    states: tuple[str, ...] = ()
    source: str = ""
    also: tuple[str, ...] = ()

    def reading(self, value: int | str, subject: str = "", facts: Facts | None = None) -> Reading:
        """An exact reading; raises ValueError for a state that the quantity does not declare or a number that is none."""
        self._check(value)
        return Reading(self.name, self.unit, subject, value=value, facts=facts or {})

    def between(
        self, at_least: int | None, at_most: int | None, subject: str = "", facts: Facts | None = None
    ) -> Reading:
        """An interval reading; None for an end that is not known."""
        if self.states:
            raise ValueError(f"{self.name} has states, not an interval")
        return Reading(self.name, self.unit, subject, at_least=at_least, at_most=at_most, facts=facts or {})

    def _check(self, value: int | str) -> None:
        if self.states:
            if value not in self.states:
                raise ValueError(f"{self.name}: {value!r} is not one of {', '.join(self.states)}")
        elif isinstance(value, bool) or _number(value) is None or _number(value) > LARGEST_COUNTER:  # type: ignore[operator]
            raise ValueError(f"{self.name}: {value!r} is not a number of {self.unit}")


class Blob(msgspec.Struct, frozen=True):
    """Raw evidence as a Report names it: the content travels beside the envelope and is checked against `sha256` (hex)."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw evidence on its way out of a probe; `name` is a plain file name."""

    name: str
    content: bytes

    @property
    def blob(self) -> Blob:
        """The name, hash and size under which a Report declares it."""
        return Blob(self.name, hashlib.sha256(self.content).hexdigest(), len(self.content))


class Conditions(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Under what conditions a run was made: the box's own word, shown beside the readings.

    Clocks are in microseconds: the wall clock since 1970 (UTC) and the monotonic clock since boot `boot_id`.
    """

    software: str
    started_unix_us: int
    ended_unix_us: int
    started_monotonic_us: int
    ended_monotonic_us: int
    boot_id: str = ""
    interface: str = ""
    driver: str = ""
    speed_bit_s: int | None = None
    cpu_ppm: int | None = None


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What one run of one probe found at one place: readings, or a failure and the readings got before it.

    `agent` is the key id that signs; `sequence` counts from 1 without a hole and `previous` is the id of the envelope
    before (empty for the first). `scan` is the id of the order that asked for it, or empty. `settings` are those it ran
    with, secrets left out. `session` joins two reports of one run seen from two ends.
    """

    agent: str
    sequence: int
    previous: str
    probe: str
    settings: Settings
    readings: tuple[Reading, ...]
    conditions: Conditions
    scan: str = ""
    place: str = ""
    failure: Failure | None = None
    detail: str = ""
    blobs: tuple[Blob, ...] = ()
    session: str = ""

    def __post_init__(self) -> None:
        """Refuse a chain position that cannot exist."""
        if self.sequence < 1:
            raise ValueError(f"sequence {self.sequence}: the first report of an agent has sequence 1")
        if (self.sequence == 1) != (self.previous == ""):
            raise ValueError("previous: empty for sequence 1 and for no other")
