"""
What do the names and figures in a policy's TOML file stand for?

From the shapes that a person typed to the frozen values of `collector.frameworks.model`: quantities, levels and settings
by name, bounds in base units. Whatever stands for nothing is refused with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from collector.frameworks.bounds import BoundWrong, bound, number, state
from collector.frameworks.model import (
    Condition,
    Demand,
    Framework,
    Grade,
    Indicator,
    Level,
    Over,
    Part,
    PlaceKind,
    Setting,
)
from collector.frameworks.written import At, WrittenFramework, WrittenIndicator, WrittenPart, WrittenSetting
from evidence import quantities
from evidence.model import Quantity, Unit

T = TypeVar("T")
R = TypeVar("R")
Settings = Mapping[str, Setting]  # by the name as written, such as "bureau.larger"
EVERY_KIND = "all"
LARGEST_TOLERANCE_PPM = 100_000  # more would change what the clause asks


def framework(written: WrittenFramework, sha256: str, at: At) -> Framework:
    """The frozen values of one file whose rules were checked; raises FrameworkWrong for a name or bound that is none."""
    settings = {setting.name: _setting(setting) for setting in written.settings}
    levels = tuple(Level(**level.model_dump()) for level in written.levels)
    return Framework(
        **written.model_dump(exclude={"levels", "settings", "indicators"}),
        sha256=sha256,
        levels=levels,
        settings=tuple(settings.values()),
        indicators=tuple(
            _indicator(indicator, {level.id for level in levels}, settings, at.item("indicators", index))
            for index, indicator in enumerate(written.indicators)
        ),
    )


def _setting(written: WrittenSetting) -> Setting:
    owner, _, key = written.name.partition(".")
    return Setting(
        owner=owner,
        key=key,
        asks=written.asks,
        asks_en=written.asks_en,
        choices=tuple(written.choices),
        unit=Unit(written.unit) if written.unit else None,
        default=written.default,
    )


def _indicator(written: WrittenIndicator, levels: set[str], settings: Settings, at: At) -> Indicator:
    for level in written.levels:
        if level not in levels:
            raise at.key("levels").wrong(level, f"one of {sorted(levels)}")
    return Indicator(
        **written.model_dump(exclude={"demand", "levels", "elsewhere", "parts"}),
        demand=Demand(written.demand),
        levels=tuple(written.levels),
        elsewhere=Demand(written.elsewhere) if written.elsewhere else None,
        parts=tuple(_part(part, settings, at.item("parts", index)) for index, part in enumerate(written.parts)),
    )


def _part(written: WrittenPart, settings: Settings, at: At) -> Part:
    if written.by_a_person:
        return Part(
            id=written.id,
            asks=written.by_a_person,
            asks_en=written.by_a_person_en,
            by_a_person=written.by_a_person,
            by_a_person_en=written.by_a_person_en,
            when=_condition(written, settings, at.key("when")),
            any_of=written.any_of,
            encouraged=written.encouraged,
        )
    return _machine_part(written, settings, _quantities(written, at), at)


def _machine_part(written: WrittenPart, settings: Settings, either: tuple[Quantity, ...], at: At) -> Part:
    """A part that readings settle; all its quantities have one unit, so that the first stands for their kind."""
    of = either[0]
    at_least_from = _setting_with_bound(written, settings, of, at)
    needs = [_key_of_need(name, settings, at.key("needs")) for name in written.needs]
    return Part(
        **written.model_dump(
            include={"id", "asks", "asks_en", "main", "any_of", "encouraged", "support", "within_days"}
        ),
        either=either,
        at_least=None if at_least_from else _bound(written.at_least, of, at.key("at_least")),
        at_most=_bound(written.at_most, of, at.key("at_most")),
        equals=_equals(written, either, at.key("equals")),
        at_least_from=at_least_from,
        contradicts_below=_bound(written.contradicts_below, of, at.key("contradicts_below")),
        written=written.at_least or written.at_most or written.equals or written.contradicts_below,
        tolerance_ppm=_tolerance(written.tolerance, at.key("tolerance")),
        over=Over(written.over),
        kinds=_kinds(written.kinds, at.key("kinds")),
        share_at_least_ppm=_share(written.share_at_least, at.key("share_at_least")),
        grade=Grade[written.grade or "A0"],
        when=_condition(written, settings, at.key("when")),
        needs=tuple(dict.fromkeys([*needs, at_least_from] if at_least_from else needs)),
    )


def _quantities(written: WrittenPart, at: At) -> tuple[Quantity, ...]:
    """The quantities by name: all known and of one unit."""
    key = "quantity" if written.quantity else "either"
    names = written.either or [written.quantity]
    for name in names:
        if name not in quantities.ALL:
            raise at.key(key).wrong(name, "a quantity of evidence/quantities.py")
    found = tuple(quantities.ALL[name] for name in names)
    if len({quantity.unit for quantity in found}) > 1:
        raise at.key(key).wrong(names, "quantities of one unit")
    return found


def _setting_with_bound(written: WrittenPart, settings: Settings, of: Quantity, at: At) -> str:
    """The key of the bureau setting that gives the bound; empty if the bound stands in the file."""
    if not written.at_least.startswith("bureau."):
        return ""
    setting = settings.get(written.at_least)
    if setting is None or setting.unit is not of.unit:
        raise at.key("at_least").wrong(
            written.at_least, f"a bureau setting in [[settings]] with unit {of.unit.value!r}"
        )
    return setting.key


def _key_of_need(name: str, settings: Settings, at: At) -> str:
    if not name.startswith("bureau.") or name not in settings:
        raise at.wrong(name, "a bureau setting in [[settings]]")
    return settings[name].key


def _condition(written: WrittenPart, settings: Settings, at: At) -> Condition | None:
    """`when = "bureau.larger"` means yes; `when = "bureau.egress_10g = line"` names the choice."""
    if not written.when:
        return None
    name, _, equals = written.when.partition(" = ")
    setting, equals = settings.get(name), equals or "yes"
    if setting is None or equals not in setting.choices:
        raise at.wrong(written.when, "a setting in [[settings]] and one of its choices")
    return Condition(owner=setting.owner, key=setting.key, equals=equals, default=setting.default)


def _kinds(written: list[str], at: At) -> tuple[PlaceKind, ...]:
    """Kinds of place by name; "all" alone is every kind there is."""
    if written == [EVERY_KIND]:
        return tuple(PlaceKind)
    known = {kind.value for kind in PlaceKind}
    for name in written:
        if name not in known:
            raise at.wrong(name, f"kinds among {', '.join(PlaceKind)}; or all, alone")
    return tuple(PlaceKind(name) for name in written)


def _equals(written: WrittenPart, either: tuple[Quantity, ...], at: At) -> str | None:
    """The state asked for, which every quantity named must be able to take."""
    if not written.equals:
        return None
    for of in either:
        _read(state, written.equals, of, at)
    return written.equals


def _bound(written: str, of: Quantity, at: At) -> int | None:
    return _read(bound, written, of, at) if written else None


def _share(written: str, at: At) -> int | None:
    return _read(number, written, Unit.PPM, at) if written else None


def _tolerance(written: str, at: At) -> int:
    """A share small enough to be the instrument's, not the school's."""
    share = _share(written, at) or 0
    if share > LARGEST_TOLERANCE_PPM:
        raise at.wrong(written, 'a share up to "10 %"')
    return share


def _read(how: Callable[[str, T], R], written: str, of: T, at: At) -> R:
    """What `how` reads in the written words; its refusal gets the place in the file."""
    try:
        return how(written, of)
    except BoundWrong as refused:
        raise at.wrong(written, refused.expected) from refused
