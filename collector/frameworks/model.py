"""
What does a policy ask, as values that the judge can read?

A Framework holds Indicators, an Indicator holds Parts. Everything is frozen, in base units, and complete in Chinese and
English; nothing here reads a file (`collector.frameworks.load` does) or judges (`collector.judge` does).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from collector.frameworks.bounds import BoundWrong, bound, number
from evidence.model import Quantity, Unit


class Grade(IntEnum):
    """How many parties of opposed interest saw a figure: from one word (A0) to all of them (A4)."""

    A0 = 0
    A1 = 1
    A2 = 2
    A3 = 3
    A4 = 4


class Demand(StrEnum):
    """How much an indicator weighs in its framework."""

    MUST = "must"
    OPTIONAL = "optional"
    POINTS = "points"


class Over(StrEnum):
    """Which readings decide: the best run, the latest of every subject, or the share of the declared places."""

    ANY = "any"
    EVERY = "every"
    PLACES = "places"


class PlaceKind(StrEnum):
    """What a place is for; proposed by the school, approved by the bureau."""

    TEACHING = "teaching"
    LABORATORY = "laboratory"
    TRAINING = "training"
    OFFICE = "office"
    ACTIVITY = "activity"
    LIBRARY = "library"
    LIVING = "living"
    PUBLIC = "public"
    OUTDOOR = "outdoor"
    MACHINE_ROOM = "machine_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """
    What a document leaves undefined and somebody must decide: by choice, or as a figure in `unit`.

    `owner` is "bureau" or "school"; `default` is what holds while nobody has decided, empty where nothing does.
    """

    owner: str
    key: str
    asks: str
    asks_en: str
    choices: tuple[str, ...] = ()
    unit: Unit | None = None
    default: str = ""

    def check(self, value: str) -> None:
        """Raise `BoundWrong` for a value that is no choice, or no figure in the unit."""
        if self.unit is not None:
            number(value, self.unit)
        elif value not in self.choices:
            raise BoundWrong(value, f"one of {', '.join(self.choices)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a part applies at all: the setting `key` of `owner` holds `equals`; `default` stands in while it is unset."""

    owner: str
    key: str
    equals: str
    default: str = ""

    @property
    def when_unset(self) -> bool:
        """Whether the part applies while nobody has set the key."""
        return self.default == self.equals

    def applies(self, value: str) -> bool | None:
        """Whether the part applies under this value of the setting (empty = unset); None: nobody has decided."""
        decided = value or self.default
        return decided == self.equals if decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    One thing that an indicator asks: judged from readings (`either`), or by a person (`by_a_person`).

    Bounds are integers in the unit of the quantities in `either`, of which one is enough; `written` is the bound as
    people write it. `at_least_from` names a bureau setting that holds the bound (see `settled`). Parts that share
    `any_of` are alternatives. `needs` are keys of bureau settings without which the part is not shown. A `support` part
    is a figure beside the verdict: below `contradicts_below` it contradicts what a person confirmed. `encouraged` and
    `support` parts never change a verdict.
    """

    asks: str
    asks_en: str
    id: str = ""
    either: tuple[Quantity, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    equals: str | None = None
    at_least_from: str = ""
    contradicts_below: int | None = None
    written: str = ""
    tolerance_ppm: int = 0
    over: Over = Over.EVERY
    kinds: tuple[PlaceKind, ...] = ()
    main: bool = False
    share_at_least_ppm: int | None = None
    within_days: int = 0
    grade: Grade = Grade.A0
    when: Condition | None = None
    needs: tuple[str, ...] = ()
    any_of: str = ""
    encouraged: bool = False
    support: bool = False
    by_a_person: str = ""
    by_a_person_en: str = ""

    @property
    def kind(self) -> str:
        """Who settles it: "person" or "machine"."""
        return "person" if self.by_a_person else "machine"

    @property
    def required(self) -> bool:
        """Whether the part, or its any-of group, decides the verdict of its indicator."""
        return not (self.encouraged or self.support)

    def wants(self, kind: str, main: bool) -> bool:
        """Whether a part over places asks for a place of this kind, a main one or not."""
        return kind in self.kinds and (main or not self.main)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """
    One requirement of a Framework; `clause` and `group` say where it stands in the document.

    `points` are the document's, for `demand` points only. `demand` holds at the levels (ids) in `levels`, or everywhere
    if that is empty; `elsewhere` is the demand at the framework's other levels. `free` marks an item left to the school.
    """

    id: str
    clause: str
    clause_en: str
    group: str
    group_en: str
    asks: str
    asks_en: str
    demand: Demand
    parts: tuple[Part, ...]
    points: int | None = None
    levels: tuple[str, ...] = ()
    elsewhere: Demand | None = None
    free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A level that a school can reach, and in our words what the document wants for it."""

    id: str
    title: str
    title_en: str
    asks: str
    asks_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One policy document as pinned by `sha256`, the hash (hex) of the bytes of its TOML file."""

    id: str
    title: str
    title_en: str
    issued_by: str
    issued_by_en: str
    number: str
    dated: str
    note: str
    note_en: str
    sha256: str
    indicators: tuple[Indicator, ...]
    levels: tuple[Level, ...] = ()
    settings: tuple[Setting, ...] = ()


def settled(part: Part, value: str) -> Part:
    """
    The part with the bound that the bureau's setting `part.at_least_from` gives it; `value` is empty while it is unset.

    Unchanged where the part needs no setting or none is made. Raises `BoundWrong` for a value that `Setting.check` refuses.
    """
    if not part.at_least_from or not value:
        return part
    return replace(part, at_least=bound(value, part.either[0]), written=value)
