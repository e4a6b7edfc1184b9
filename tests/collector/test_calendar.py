"""Are school days, school hours and exam days those of the school's list, on the school's clock?"""

from __future__ import annotations

from datetime import date

import pytest

from collector.calendar import Calendar, calendar_of, day_of, hours_of, midnight_us, minute
from collector.known_settings import SCHOOL_HOURS
from collector.school import Day, School, Setting

DAYS = (
    Day("2026-10-01", "2026-10-08", "holiday"),
    Day("2026-10-04", "2026-10-04", "school"),
    Day("2026-10-10", "2026-10-10", "school"),
    Day("2026-06-07", "2026-06-09", "exam"),
    Day("2026-06-10", "2026-06-10", "exam"),
)


@pytest.mark.parametrize(
    ("day", "lessons"),
    [
        pytest.param("2026-09-25", True, id="a Friday"),
        pytest.param("2026-09-26", False, id="a Saturday"),
        pytest.param("2026-09-27", False, id="a Sunday"),
        pytest.param("2026-10-01", False, id="the first of the holidays"),
        pytest.param("2026-10-08", False, id="the last of the holidays"),
        pytest.param("2026-10-09", True, id="the day after them"),
        pytest.param("2026-10-10", True, id="a Saturday on which lessons are made up"),
        pytest.param("2026-10-04", True, id="a day of lessons inside the holidays"),
        pytest.param("2026-06-08", True, id="an exam day"),
    ],
)
def test_lessons(day: str, lessons: bool) -> None:
    """Lessons are held from Monday to Friday but in holidays, and on days that the list names."""
    assert Calendar(390, 1320, DAYS).has_lessons(date.fromisoformat(day)) is lessons


@pytest.mark.parametrize(
    ("day", "until"),
    [("2026-06-06", None), ("2026-06-07", "2026-06-11"), ("2026-06-10", "2026-06-11"), ("2026-06-11", None)],
)
def test_exams(day: str, until: str | None) -> None:
    """Exam days that follow one another are one time without measurements."""
    expected = None if until is None else midnight_us(date.fromisoformat(until))

    assert Calendar(390, 1320, DAYS).exam_until_us(date.fromisoformat(day)) == expected


def test_exams_without_an_end() -> None:
    """A block of many years is one time, however long; rows that overlap end with the last."""
    days = (Day("2026-06-07", "2099-12-31", "exam"), Day("2026-06-08", "2026-06-09", "exam"))

    assert Calendar(390, 1320, days).exam_until_us(date(2026, 6, 8)) == midnight_us(date(2100, 1, 1))


@pytest.mark.parametrize(("day", "exam"), [("2026-06-08", True), ("2026-07-01", True), ("2026-06-12", False)])
def test_exams_of_all_schools(day: str, exam: bool) -> None:
    """What the operator blocked for all holds beside what a school's list says."""
    calendar = calendar_of(School("s", "一中", days=DAYS), (Day("2026-07-01", "2026-07-01", "exam"),))

    assert (calendar.exam_until_us(date.fromisoformat(day)) is not None) is exam


@pytest.mark.parametrize(
    ("bureau", "hours"),
    [({}, (390, 1320)), ({"school_hours": Setting("07:15-18:00", "2026-09-01")}, (435, 1080))],
    ids=["unset", "set by the bureau"],
)
def test_hours_of_a_school(bureau: dict[str, Setting], hours: tuple[int, int]) -> None:
    """School hours are the bureau's, and from 06:30 to 22:00 while it has set none."""
    calendar = calendar_of(School("s", "一中", bureau=bureau))

    assert (calendar.opens_min, calendar.closes_min) == hours


@pytest.mark.parametrize(
    "written",
    ["", "06:30", "6:30-22:00", "06:30-22", "22:00-06:30", "06:30-06:30", "24:00-24:00", "06:30-24:01", "a-b"],
)
def test_hours_that_are_none(written: str) -> None:
    """A span has two times of day, the first before the second; anything else is refused where the list is read."""
    with pytest.raises(ValueError, match=r"expected hours such as 06:30-22:00"):
        SCHOOL_HOURS.check(written)


def test_a_whole_day() -> None:
    """A span may end at midnight."""
    assert hours_of("00:00-24:00") == (0, 1440)


@pytest.mark.parametrize(
    ("unix_us", "day"), [(1_790_000_000_000_000, "2026-09-21"), (1_790_006_400_000_000, "2026-09-22")]
)
def test_the_clock_on_the_wall(unix_us: int, day: str) -> None:
    """A day begins at midnight in China, whatever the machine's time zone."""
    assert (day_of(unix_us).isoformat(), midnight_us(date.fromisoformat(day)) <= unix_us) == (day, True)


def test_minute() -> None:
    """A moment is told as the command line takes it, and never before it."""
    assert minute(1_790_000_000_000_001) == "2026-09-21T22:14+08:00"
