"""
What has been read of a school's list so far, and what is wrong with a row?

The parts that the readers of rows share (collector.importing, collector.list_wifi).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from collector.school import (
    AccessPoint,
    Controller,
    Day,
    End,
    Line,
    Link,
    Other,
    Place,
    Plan,
    Service,
    Setting,
    Site,
    Switch,
)
from collector.written_list import Row

YES = {"yes", "y", "1", "true", "是"}
NO = {"", "no", "n", "0", "false", "否"}
Read = TypeVar("Read")


class RowWrong(Exception):
    """One row is wrong: its column and what was expected."""

    def __init__(self, column: str, expected: str) -> None:
        super().__init__(f"column {column}: {expected}")


@dataclass(slots=True)
class Found:
    """What has been read so far."""

    attributes: dict[str, Setting] = field(default_factory=dict)
    bureau: dict[str, Setting] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    wans: list[End] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    routers: list[str] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    controllers: list[Controller] = field(default_factory=list)
    access_points: list[AccessPoint] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    positions: dict[str, tuple[int, int]] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    number: int = 0
    stands: dict[object, int] = field(default_factory=dict)

    def said(self, what: object) -> None:
        """Remember in which line of the file something stands that can only be checked against the whole list."""
        self.stands[what] = self.number

    def where(self, what: object) -> str:
        """That line, to begin a sentence with."""
        return f", line {self.stands[what]}, "


def cell_of(row: Row, column: str, read: Callable[[str], Read]) -> Read:
    """What `read` makes of a cell."""
    try:
        return read(row[column])
    except ValueError as wrong:
        raise RowWrong(column, str(wrong)) from wrong


def room_for(row: Row, known: Sequence[object], most: int) -> None:
    """There is room for one more of this kind."""
    if len(known) >= most:
        raise RowWrong("what", f"more than {most} rows {row['what']}")


def one_of(row: Row, kinds: Sequence[str]) -> str:
    """The kind, if it is one of these."""
    if row["kind"] not in kinds:
        raise RowWrong("kind", f"{row['kind']!r}: expected one of {', '.join(kinds)}")
    return row["kind"]


def is_yes(row: Row, column: str) -> bool:
    """Yes or no."""
    if row[column].lower() not in YES | NO:
        raise RowWrong(column, f"{row[column]!r}: expected yes or no")
    return row[column].lower() in YES
