"""
Which settings does a bureau make of a school for the collector's own work, beside those that policies leave open?

They change no verdict: they say what may be done at a school, and when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from collector.calendar import HOURS, hours_of
from collector.frameworks import Framework, Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursSetting(Setting):
    """A setting that is a span of hours, such as 06:30-22:00."""

    def check(self, value: str) -> None:
        """Raise ValueError for a value that is no span."""
        hours_of(value)


SATURATING = Setting(
    owner="bureau",
    key="saturating",
    asks="是否允许对该校出口做占满带宽的测速",
    asks_en="Whether runs may fill this school's line",
    choices=("yes", "no"),
    default="no",
)
SCHOOL_HOURS = HoursSetting(
    owner="bureau",
    key="school_hours",
    asks="上课日的在校时段，其间不做占满带宽的测速",
    asks_en="School hours on days with lessons, in which no run may fill the line",
    default=HOURS,
)
OWN = (SATURATING, SCHOOL_HOURS)


def known_settings(frameworks: Iterable[Framework]) -> list[Setting]:
    """Every setting that may stand in a school's list: those that policies ask for, and the collector's own."""
    return [*(setting for framework in frameworks for setting in framework.settings), *OWN]
