"""
What may stand in a policy's TOML file, and how is a mistake in one told to the person who typed it?

These are the shapes only: which keys there are and of which type. What they mean together is `collector.frameworks.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
Words = Annotated[str, Field(min_length=1)]
SettingName = Annotated[str, Field(pattern=r"^(bureau|school)\.[a-z][a-z0-9_]*$")]
Days = Annotated[int, Field(ge=1, le=3660)]


class FrameworkWrong(Exception):
    """A policy file cannot be used; the text names the file, the place in it, what came and what was expected."""

    def __init__(self, file: str, place: str, came: str, expected: str) -> None:
        super().__init__(f"{': '.join(filter(None, (file, place, came)))}; expected {expected}")
        self.file, self.place, self.came, self.expected = file, place, came, expected


@dataclass(frozen=True, slots=True)
class At:
    """A place in a file, such as `indicators[3].parts[1]`."""

    file: str
    place: str = ""

    def key(self, name: str) -> At:
        """The key `name` of this table."""
        return replace(self, place=f"{self.place}.{name}".lstrip("."))

    def item(self, name: str, index: int) -> At:
        """The item `index` (from 0) of the array `name` of this table."""
        return replace(self, place=f"{self.key(name).place}[{index}]")

    def wrong(self, came: object, expected: str) -> FrameworkWrong:
        """The refusal that names this place."""
        return FrameworkWrong(self.file, self.place, "nothing" if came in (None, "", []) else repr(came), expected)


class Written(BaseModel):
    """A table that a person types: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WrittenPart(Written):
    """`[[indicators.parts]]`"""

    id: Slug
    asks: str = ""
    asks_en: str = ""
    quantity: str = ""
    either: list[str] = []
    at_least: str = ""
    at_most: str = ""
    equals: str = ""
    contradicts_below: str = ""
    tolerance: str = ""
    over: Literal["any", "every", "places", ""] = ""
    kinds: list[str] = []
    main: bool = False
    share_at_least: str = ""
    within_days: Days | None = None
    grade: Literal["A0", "A1", "A2", "A3", "A4", ""] = ""
    when: str = ""
    needs: list[str] = []
    any_of: str = ""
    encouraged: bool = False
    support: bool = False
    by_a_person: str = ""
    by_a_person_en: str = ""

    def __repr__(self) -> str:
        """How a refusal names it."""
        return self.id


class WrittenIndicator(Written):
    """`[[indicators]]`"""

    id: Slug
    clause: Words
    clause_en: Words
    group: Words
    group_en: Words
    asks: Words
    asks_en: Words
    demand: Literal["must", "optional", "points"]
    points: Annotated[int, Field(ge=1)] | None = None
    levels: list[str] = []
    elsewhere: Literal["must", "optional", ""] = ""
    free: bool = False
    parts: Annotated[list[WrittenPart], Field(min_length=1)]


class WrittenLevel(Written):
    """`[[levels]]`"""

    id: Slug
    title: Words
    title_en: Words
    asks: Words
    asks_en: Words


class WrittenSetting(Written):
    """`[[settings]]`: exactly one of `choices` and `unit`."""

    name: SettingName
    asks: Words
    asks_en: Words
    choices: list[Words] = []
    unit: Literal["bit/s", "us", "s", "ppm", "mBm", "day", "month", "count", "octet"] | None = None
    default: str = ""


class WrittenFramework(Written):
    """A policy's TOML file."""

    id: Slug
    title: Words
    title_en: Words
    issued_by: Words
    issued_by_en: Words
    number: str = ""
    dated: Annotated[str, Field(pattern=r"^([0-9]{4}(-[0-9]{2}-[0-9]{2})?)?$")] = ""
    note: Words
    note_en: Words
    levels: list[WrittenLevel] = []
    settings: list[WrittenSetting] = []
    indicators: Annotated[list[WrittenIndicator], Field(min_length=1)]


def shaped(file: str, raw: Mapping[str, Any]) -> WrittenFramework:
    """The file's content in its shape; raises FrameworkWrong for a key that is unknown, missing or mistyped."""
    try:
        return WrittenFramework.model_validate(dict(raw))
    except ValidationError as refused:
        # A misspelt key is also a missing one: the misspelling is what the person can see.
        first = min(refused.errors(), key=lambda error: error["type"] != "extra_forbidden")
        at = At(file)
        for step in first["loc"]:
            at = replace(at, place=f"{at.place}[{step}]") if isinstance(step, int) else at.key(step)
        raise at.wrong(*_words(first["type"], first["input"], first["msg"])) from refused


def _words(kind: str, came: object, expected: str) -> tuple[object, str]:
    """What came and what was expected, where pydantic's own words would not help a person."""
    if kind == "missing":
        return None, "this key"
    if kind == "extra_forbidden":
        return came, "no key of this name (is it misspelt?)"
    return came, expected.removeprefix("Input should be ")
