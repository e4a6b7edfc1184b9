"""
What may not stand together in a policy's TOML file?

A table of rules: each names the key to look at, when it is broken, and what was expected. Names (quantities, levels,
settings) and bounds are resolved in `collector.frameworks.resolving`, which refuses them there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from collector.frameworks.written import At, Written, WrittenFramework, WrittenIndicator, WrittenPart, WrittenSetting

T = TypeVar("T", bound=Written)
PERSON = {"id", "when", "any_of", "encouraged", "by_a_person", "by_a_person_en"}  # what a by-a-person part may say
JUDGED = ("at_least", "at_most", "equals")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """`broken` tells whether the table breaks the rule; `key` is the place to name."""

    key: str
    broken: Callable[[T], bool]
    expected: str


def _bounds(part: WrittenPart) -> int:
    return sum(bool(getattr(part, key)) for key in JUDGED)


def _for_machine(part: WrittenPart) -> bool:
    return not part.by_a_person


def _over_places(part: WrittenPart) -> bool:
    return part.over == "places"


PART_RULES: tuple[Rule[WrittenPart], ...] = (
    Rule("by_a_person_en", lambda p: bool(p.by_a_person) != bool(p.by_a_person_en), "words in both languages"),
    Rule(
        "any_of", lambda p: bool(p.any_of) and (p.support or p.encouraged), "nothing: this part never changes a verdict"
    ),
    Rule("asks", lambda p: _for_machine(p) and not p.asks, "words, or by_a_person"),
    Rule("asks_en", lambda p: _for_machine(p) and not p.asks_en, "words in both languages"),
    Rule(
        "quantity", lambda p: _for_machine(p) and bool(p.quantity) == bool(p.either), "exactly one of quantity, either"
    ),
    Rule("over", lambda p: _for_machine(p) and not p.over, "any, every or places"),
    Rule("within_days", lambda p: _for_machine(p) and p.within_days is None, "a number of days"),
    Rule("kinds", lambda p: _over_places(p) != bool(p.kinds), 'kinds of place, together with over = "places"'),
    Rule("main", lambda p: p.main and not _over_places(p), 'false, or over = "places"'),
    Rule("needs", lambda p: p.main and "bureau.main_places" not in p.needs, '"bureau.main_places" beside main = true'),
    Rule("share_at_least", lambda p: bool(p.share_at_least) and not _over_places(p), 'nothing, or over = "places"'),
    Rule("support", lambda p: p.support and p.encouraged, "one of support, encouraged"),
    Rule("support", lambda p: p.support and bool(_bounds(p) or p.share_at_least), "no bound beside support = true"),
    Rule("support", lambda p: p.support and bool(p.grade), "no grade beside support = true"),
    Rule("contradicts_below", lambda p: bool(p.contradicts_below) and not p.support, "support = true beside it"),
    Rule(
        "at_least",
        lambda p: _for_machine(p) and not p.support and _bounds(p) != 1,
        "exactly one of at_least, at_most, equals",
    ),
    Rule("grade", lambda p: _for_machine(p) and not p.support and not p.grade, "a grade from A0 to A4"),
    Rule(
        "tolerance",
        lambda p: bool(p.tolerance) and not (p.at_least or p.at_most or p.contradicts_below),
        "nothing: there is no figure to tolerate",
    ),
)

INDICATOR_RULES: tuple[Rule[WrittenIndicator], ...] = (
    Rule(
        "points", lambda i: (i.demand == "points") != (i.points is not None), 'points, together with demand = "points"'
    ),
    Rule("free", lambda i: i.free and i.demand != "optional", 'demand = "optional" beside it'),
    Rule("elsewhere", lambda i: bool(i.elsewhere) and not i.levels, "levels beside it"),
    Rule("elsewhere", lambda i: i.elsewhere == i.demand, "another demand than at the levels named"),
    Rule("parts", lambda i: all(p.support or p.encouraged for p in i.parts), "at least one part that decides"),
)

SETTING_RULES: tuple[Rule[WrittenSetting], ...] = (
    Rule("choices", lambda s: bool(s.choices) == (s.unit is not None), "exactly one of choices, unit"),
    Rule("default", lambda s: bool(s.default) and s.default not in s.choices, "one of the choices"),
)


def check(written: WrittenFramework, at: At) -> None:
    """Raise FrameworkWrong for the first rule that the file breaks."""
    _once(at, "levels", (level.id for level in written.levels))
    _once(at, "settings", (setting.name for setting in written.settings))
    _once(at, "indicators", (indicator.id for indicator in written.indicators))
    for index, setting in enumerate(written.settings):
        _obey(SETTING_RULES, setting, at.item("settings", index))
    for index, indicator in enumerate(written.indicators):
        _check_indicator(indicator, at.item("indicators", index))


def _check_indicator(indicator: WrittenIndicator, at: At) -> None:
    """The rules of one indicator and of its parts."""
    _obey(INDICATOR_RULES, indicator, at)
    _once(at, "parts", (part.id for part in indicator.parts))
    groups = Counter(part.any_of for part in indicator.parts)
    for index, part in enumerate(indicator.parts):
        _check_part(part, at.item("parts", index))
        if part.any_of and groups[part.any_of] == 1:
            raise at.item("parts", index).key("any_of").wrong(part.any_of, "a second part with the same any_of")


def _check_part(part: WrittenPart, at: At) -> None:
    """The rules of one part; what a person settles has no figure at all."""
    odd = sorted(part.model_fields_set - PERSON) if part.by_a_person else []
    if odd:
        raise at.key(odd[0]).wrong(getattr(part, odd[0]), "nothing: a person settles this part")
    _obey(PART_RULES, part, at)


def _obey(rules: Iterable[Rule[T]], table: T, at: At) -> None:
    for rule in rules:
        if rule.broken(table):
            raise at.key(rule.key).wrong(getattr(table, rule.key), rule.expected)


def _once(at: At, name: str, ids: Iterable[str]) -> None:
    """Raise for the second use of an id."""
    seen: set[str] = set()
    for index, one in enumerate(ids):
        if one in seen:
            raise at.item(name, index).wrong(one, "an id that is not used twice")
        seen.add(one)
