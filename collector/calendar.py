"""
Which day is it at the school, are lessons held on it, and between which hours?

The clock on the wall in China: UTC+8 all year. Lessons are held from Monday to Friday; the list of a school says on which of these
there are none (`holiday`) and on which other days they are made up (`school`). A `school` row wins over a `holiday` row of the same day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from collector.school import Day, School

SHANGHAI = timezone(timedelta(hours=8), "UTC+8")
MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
HOURS = "06:30-22:00"  # school hours while the bureau has set no others
SPELLED = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]|24):([0-5][0-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a school and of the bureau, and school hours as minutes after midnight, the first in them and the last not."""

    opens_min: int
    closes_min: int
    days: tuple[Day, ...] = ()

    def exam_until_us(self, day: date) -> int | None:
        """When the exam days around this one are over; None where it is none."""
        until = day
        while ends := [row.last for row in self.days if row.kind == "exam" and row.includes(until.isoformat())]:
            until = date.fromisoformat(max(ends)) + timedelta(days=1)
        return midnight_us(until) if until > day else None

    def has_lessons(self, day: date) -> bool:
        """Whether lessons are held on a day."""
        return self._is(day, "school") or (day.weekday() < 5 and not self._is(day, "holiday"))

    def hours_us(self, day: date) -> tuple[int, int]:
        """When school hours begin and end on a day with lessons, microseconds since 1970."""
        start_us = midnight_us(day)
        return start_us + self.opens_min * MINUTE_US, start_us + self.closes_min * MINUTE_US

    def _is(self, day: date, kind: str) -> bool:
        """Whether some row of that kind names the day."""
        return any(row.kind == kind and row.includes(day.isoformat()) for row in self.days)


def calendar_of(school: School, blocked: tuple[Day, ...] = ()) -> Calendar:
    """The calendar of a school; `blocked` are the exam days of all schools."""
    hours = school.bureau.get("school_hours")
    opens_min, closes_min = hours_of(hours.value if hours is not None else HOURS)
    return Calendar(opens_min, closes_min, (*school.days, *blocked))


def hours_of(written: str) -> tuple[int, int]:
    """`06:30-22:00` as minutes after midnight; raises ValueError."""
    found = SPELLED.fullmatch(written)
    opens_min, closes_min = (
        (60 * int(found[1]) + int(found[2]), 60 * int(found[3]) + int(found[4])) if found else (0, 0)
    )
    if not opens_min < closes_min <= 24 * 60:
        raise ValueError(f"{written!r}: expected hours such as {HOURS}")
    return opens_min, closes_min


def day_of(unix_us: int) -> date:
    """The day at the school."""
    return datetime.fromtimestamp(unix_us // 1_000_000, SHANGHAI).date()


def midnight_us(day: date) -> int:
    """When a day begins at the school, microseconds since 1970."""
    return int(datetime.combine(day, time(), SHANGHAI).timestamp()) * 1_000_000


def minute(unix_us: int) -> str:
    """A moment as the command line takes it, rounded up to a minute: 2026-11-22T22:00+08:00."""
    seconds = -(-unix_us // MINUTE_US) * 60
    return datetime.fromtimestamp(seconds, SHANGHAI).isoformat(timespec="minutes")
