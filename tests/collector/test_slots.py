"""Is a measurement of the way out ever let in where it would be a nuisance, and is the free moment that is named really free?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.calendar import MINUTE_US, Calendar, minute
from collector.school import Day
from collector.slots import MOST_DAYS, Limits, Load, Slot, Why, next_free_us, obstacle

LASTS_US = 11 * MINUTE_US
LIMITS = Limits(shared_bit_s=2_500_000_000, day_octets=20_000_000_000)
DAYS = (
    Day("2026-10-01", "2026-10-08", "holiday"),
    Day("2026-10-10", "2026-10-10", "school"),
    Day("2026-06-07", "2026-06-09", "exam"),
)
CALENDAR = Calendar(390, 1320, DAYS)
PACED = Load("s", "telecom", "", 1_050_000_000, 3_000_000_000, False)
FULL = Load("s", "telecom", "", 0, 10_000_000_000, True)


def us(moment: str) -> int:
    """A moment on the school's clock."""
    return int(datetime.fromisoformat(f"{moment}+08:00").timestamp()) * 1_000_000


def slot(load: Load, moment: str) -> Slot:
    """A slot that begins at a moment."""
    return Slot(load, us(moment), us(moment) + LASTS_US)


def why(asked: Slot, *booked: Slot) -> Why | None:
    """What stands in the way."""
    found = obstacle(asked, CALENDAR, booked, LIMITS)
    return None if found is None else found.why


# --- The calendar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "moment", "expected"),
    [
        pytest.param(FULL, "2026-09-21T06:18", None, id="just before school hours"),
        pytest.param(FULL, "2026-09-21T06:20", Why.SCHOOL_HOURS, id="reaching into school hours"),
        pytest.param(FULL, "2026-09-21T06:30", Why.SCHOOL_HOURS, id="as they begin"),
        pytest.param(FULL, "2026-09-21T21:59", Why.SCHOOL_HOURS, id="as they end"),
        pytest.param(FULL, "2026-09-21T22:00", None, id="after them"),
        pytest.param(FULL, "2026-09-26T10:00", None, id="a Saturday"),
        pytest.param(FULL, "2026-10-05T10:00", None, id="a Monday in the holidays"),
        pytest.param(FULL, "2026-10-10T10:00", Why.SCHOOL_HOURS, id="a Saturday with lessons"),
        pytest.param(PACED, "2026-09-21T10:00", None, id="a paced run in school hours"),
        pytest.param(PACED, "2026-06-07T03:00", Why.EXAM, id="a paced run in the night of an exam day"),
        pytest.param(FULL, "2026-06-07T23:00", Why.EXAM, id="a saturating run in the evening of an exam day"),
        pytest.param(PACED, "2026-06-06T23:50", Why.EXAM, id="reaching into an exam day"),
        pytest.param(PACED, "2026-06-10T00:00", None, id="after the exams"),
    ],
)
def test_calendar(load: Load, moment: str, expected: Why | None) -> None:
    """No run on an exam day, and none that fills a line in school hours, not even with its last minute."""
    assert why(slot(load, moment)) is expected


# --- One at a time ----------------------------------------------------------------------------------------------------

NIGHT, LATER = "2026-09-21T23:00", "2026-09-21T23:05"
UP: dict[str, Any] = {"shared": "district-1"}


@pytest.mark.parametrize(
    ("load", "beside", "expected"),
    [
        pytest.param(PACED, PACED, Why.LINE, id="the same line"),
        pytest.param(PACED, replace(PACED, line="mobile"), None, id="another line of the school"),
        pytest.param(PACED, replace(PACED, line=""), Why.LINE, id="a line that is not known"),
        pytest.param(replace(PACED, line=""), PACED, Why.LINE, id="over a line that is not known"),
        pytest.param(PACED, replace(PACED, school="t"), None, id="another school's line of that name"),
        pytest.param(FULL, replace(FULL, school="t"), None, id="another school, nothing shared"),
        pytest.param(
            replace(PACED, **UP), replace(PACED, school="t", **UP), None, id="two paced runs within the shared budget"
        ),
        pytest.param(
            replace(PACED, **UP),
            replace(PACED, school="t", rate_bit_s=1_500_000_000, **UP),
            Why.UPLINK,
            id="two paced runs beyond it",
        ),
        pytest.param(
            replace(FULL, **UP), replace(PACED, school="t", **UP), Why.UPLINK, id="to fill a line beside a paced run"
        ),
        pytest.param(replace(PACED, **UP), replace(FULL, school="t", **UP), Why.UPLINK, id="beside one that fills it"),
        pytest.param(replace(FULL, **UP), replace(FULL, school="t", **UP), Why.UPLINK, id="two that fill it"),
        pytest.param(
            replace(FULL, **UP), replace(FULL, school="t", shared="district-2"), None, id="over another shared uplink"
        ),
    ],
)
def test_one_at_a_time(load: Load, beside: Load, expected: Why | None) -> None:
    """One run over a line; over a shared uplink one that fills it, or paced ones within the budget of all schools."""
    assert why(slot(load, LATER), slot(beside, NIGHT)) is expected


def test_the_budget_counts_all_that_run() -> None:
    """A third paced run does not fit where two have taken the budget together."""
    others = [slot(replace(PACED, school=name, **UP), NIGHT) for name in ("t", "u")]

    assert why(slot(replace(PACED, **UP), LATER), *others) is Why.UPLINK


@pytest.mark.parametrize(("moment", "expected"), [("2026-09-21T23:10", Why.LINE), ("2026-09-21T23:11", None)])
def test_a_slot_ends(moment: str, expected: Why | None) -> None:
    """The next run may begin when the slot before it is over, not earlier."""
    assert why(slot(PACED, moment), slot(PACED, NIGHT)) is expected


# --- The volume of a day ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spent", "expected"),
    [(17_000_000_000, None), (17_000_000_001, Why.DAY_VOLUME), (20_000_000_000, Why.DAY_VOLUME)],
)
def test_day_volume(spent: int, expected: Why | None) -> None:
    """What was booked for a school on a day and what is asked for stay within the day's volume."""
    before = slot(replace(PACED, octets=spent), "2026-09-21T08:00")

    assert why(slot(PACED, NIGHT), before) is expected


@pytest.mark.parametrize("about", [{"school": "t"}, {"day": "2026-09-20T23:55"}])
def test_another_volume(about: dict[str, str]) -> None:
    """Another school's volume is not this one's, nor is that of a slot which began the day before."""
    spent = replace(PACED, octets=20_000_000_000, school=about.get("school", "s"), line="other")

    assert why(slot(PACED, NIGHT), slot(spent, about.get("day", "2026-09-21T08:00"))) is None


# --- The next free moment ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "moment", "booked", "free"),
    [
        pytest.param(PACED, NIGHT, [], "2026-09-21T23:00", id="at once"),
        pytest.param(FULL, "2026-09-21T10:00", [], "2026-09-21T22:00", id="after school hours"),
        pytest.param(PACED, "2026-06-07T10:00", [], "2026-06-10T00:00", id="after the exams"),
        pytest.param(FULL, "2026-06-08T10:00", [], "2026-06-10T00:00", id="a night after the exams"),
        pytest.param(PACED, LATER, [slot(PACED, NIGHT)], "2026-09-21T23:11", id="after another run"),
        pytest.param(
            PACED,
            LATER,
            [slot(PACED, NIGHT), slot(PACED, "2026-09-21T23:20")],
            "2026-09-21T23:31",
            id="not in a gap that is too short",
        ),
        pytest.param(
            FULL,
            "2026-09-21T21:00",
            [slot(replace(FULL, octets=15_000_000_000), "2026-09-21T05:00")],
            "2026-09-22T00:00",
            id="after midnight, when the volume is new",
        ),
        pytest.param(
            FULL,
            "2026-09-25T21:00",
            [slot(FULL, "2026-09-25T22:00"), slot(replace(FULL, line="x"), "2026-09-25T22:30")],
            "2026-09-26T00:00",
            id="one obstacle after another",
        ),
    ],
)
def test_next_free(load: Load, moment: str, booked: list[Slot], free: str) -> None:
    """The first moment from then on at which nothing stands in the way."""
    found = next_free_us(slot(load, moment), CALENDAR, booked, LIMITS)

    assert found is not None
    assert minute(found) == f"{free}+08:00"


def test_never_free() -> None:
    """Where lessons are held all day, every day, there is no moment for a run that fills the line, and the search ends."""
    always = Calendar(0, 1440, (Day("2026-01-01", "2030-01-01", "school"),))

    assert next_free_us(slot(FULL, NIGHT), always, [], LIMITS) is None


HOURS = st.integers(0, 24 * 60)
LOADS = st.builds(
    Load,
    st.sampled_from(["s", "t"]),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "shared"]),
    st.sampled_from([0, 500_000_000, 2_000_000_000]),
    st.integers(1, 9_000_000_000),
    st.booleans(),
)
SLOTS = st.builds(
    lambda load, at: Slot(load, us(NIGHT) + at * MINUTE_US, us(NIGHT) + at * MINUTE_US + LASTS_US), LOADS, HOURS
)


@given(SLOTS, st.lists(SLOTS, max_size=8))
def test_what_is_named_is_free(asked: Slot, booked: list[Slot]) -> None:
    """Whatever is booked, the moment that is named has no obstacle and is not before the one asked for."""
    found = next_free_us(asked, CALENDAR, booked, LIMITS)

    assert found is not None
    assert asked.from_us <= found <= asked.from_us + MOST_DAYS * 24 * 60 * MINUTE_US
    assert obstacle(Slot(asked.load, found, found + LASTS_US), CALENDAR, booked, LIMITS) is None
