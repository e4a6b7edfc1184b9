"""
When may a measurement of the way out begin, so that it is nobody's nuisance?

*Method*: a list of rules, each of which looks at one moment and says what stands in the way and until when. The first moment at which
none has anything to say is free; it is found by going from each obstacle's end to the next. What was booked counts from its slot's
beginning to its end, for its tickets are out; a slot ends early when of each session the server has signed what it saw, or the agent has signed
that it could not measure. Pure: bookings and a calendar in, a moment or an obstacle out.

What it does not know: the traffic of lessons and people. The probe looks at that when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from collector.calendar import DAY_US, Calendar, day_of, midnight_us

MOST_DAYS = 120  # beyond it nothing is looked for: longer than any holidays and exams together


class Why(StrEnum):
    """What stands in the way of a run."""

    EXAM = "exam"
    SCHOOL_HOURS = "school_hours"
    LINE = "line"
    UPLINK = "uplink"
    DAY_VOLUME = "day_volume"


@dataclass(frozen=True, slots=True)
class Load:
    """
    What a run takes: over which line of which school, and through which shared uplink (empty: none).

    `rate_bit_s` is the sum that may flow at one time, 0 for a run that takes what it gets. `octets` are what it may use at most.
    """

    school: str
    line: str
    shared: str
    rate_bit_s: int
    octets: int
    saturating: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """A load with its time, microseconds since 1970."""

    load: Load
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What runs may take: together on one shared uplink, and of one school in a day."""

    shared_bit_s: int = 2_500_000_000
    day_octets: int = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a run cannot begin at a moment, and when this at least is over."""

    why: Why
    until_us: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """A slot that somebody asks for, and all that is looked at."""

    slot: Slot
    calendar: Calendar
    booked: Sequence[Slot]
    limits: Limits

    @property
    def days(self) -> list[date]:
        """The days that the slot touches."""
        first, last = day_of(self.slot.from_us), day_of(self.slot.to_us - 1)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    @property
    def beside(self) -> list[Slot]:
        """What is booked at the same time."""
        return [one for one in self.booked if one.from_us < self.slot.to_us and self.slot.from_us < one.to_us]


def _exam(asked: _Asked) -> Obstacle | None:
    """On exam days nothing runs."""
    ends = [ends_us for day in asked.days if (ends_us := asked.calendar.exam_until_us(day)) is not None]
    return Obstacle(Why.EXAM, max(ends)) if ends else None


def _school_hours(asked: _Asked) -> Obstacle | None:
    """No saturating run while lessons are held."""
    if not asked.slot.load.saturating:
        return None
    hours = [asked.calendar.hours_us(day) for day in asked.days if asked.calendar.has_lessons(day)]
    ends = [closes for opens, closes in hours if opens < asked.slot.to_us and asked.slot.from_us < closes]
    return Obstacle(Why.SCHOOL_HOURS, max(ends)) if ends else None


def _line(asked: _Asked) -> Obstacle | None:
    """One run at a time over a line; one whose line is not known may go over any of its school's."""
    load = asked.slot.load
    same = [one for one in asked.beside if one.load.school == load.school and _may_meet(one.load.line, load.line)]
    return _until_first(Why.LINE, same)


def _may_meet(one: str, other: str) -> bool:
    """Whether two runs of a school may go over one line."""
    return one == other or not (one and other)


def _uplink(asked: _Asked) -> Obstacle | None:
    """Over a shared uplink one saturating run alone, or paced ones whose rates together stay in the budget."""
    load = asked.slot.load
    same = [one for one in asked.beside if load.shared and one.load.shared == load.shared]
    alone = load.saturating or any(one.load.saturating for one in same)
    rate_bit_s = load.rate_bit_s + sum(one.load.rate_bit_s for one in same)
    return _until_first(Why.UPLINK, same) if alone or rate_bit_s > asked.limits.shared_bit_s else None


def _day_volume(asked: _Asked) -> Obstacle | None:
    """What was booked for a school on one day stays under the day's volume; a slot counts for the day on which it begins."""
    load, day = asked.slot.load, day_of(asked.slot.from_us)
    spent = spent_octets(asked.booked, load.school, asked.slot.from_us)
    full = spent + load.octets > asked.limits.day_octets
    return Obstacle(Why.DAY_VOLUME, midnight_us(day + timedelta(days=1))) if full else None


def _until_first(why: Why, slots: Iterable[Slot]) -> Obstacle | None:
    """An obstacle until the first of these slots is over; none where there are none."""
    ends = [one.to_us for one in slots]
    return Obstacle(why, min(ends)) if ends else None


RULES: tuple[Callable[[_Asked], Obstacle | None], ...] = (_exam, _school_hours, _line, _uplink, _day_volume)


def spent_octets(booked: Iterable[Slot], school: str, at_us: int) -> int:
    """What was booked for a school on the day of that moment."""
    day = day_of(at_us)
    return sum(one.load.octets for one in booked if one.load.school == school and day_of(one.from_us) == day)


def obstacle(slot: Slot, calendar: Calendar, booked: Sequence[Slot], limits: Limits) -> Obstacle | None:
    """What stands in the way of this slot, by the first rule that objects; None where nothing does."""
    asked = _Asked(slot, calendar, booked, limits)
    return next((found for rule in RULES if (found := rule(asked)) is not None), None)


def next_free_us(slot: Slot, calendar: Calendar, booked: Sequence[Slot], limits: Limits) -> int | None:
    """The first moment from the slot's own on at which one of its length and load may begin; None where none comes soon."""
    lasts_us, at_us = slot.to_us - slot.from_us, slot.from_us
    while at_us <= slot.from_us + MOST_DAYS * DAY_US:
        found = obstacle(Slot(slot.load, at_us, at_us + lasts_us), calendar, booked, limits)
        if found is None:
            return at_us
        at_us = found.until_us
    return None
