"""
Which clause of which policy rests on which quantity, and who gives it?

`python -m collector.frameworks > docs/quantities.md` prints the whole table from policies to quantities as Markdown; a test
holds the page to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.frameworks import Condition, Framework, Indicator, Part, PlaceKind, shipped
from evidence import quantities
from evidence.model import Quantity

HEAD = """# From clauses to quantities

Printed by `python -m collector.frameworks`; do not edit. Our own words: the documents' text prevails (释义，以文件原文为准).

**Weight**: *required*; *any of* (one of the parts of that name is enough); *encouraged* and *support* (shown, never change a
verdict). **Source**: the probe that reads the quantity, *judge* where the collector computes it from other readings, *not yet*
where no probe of this release gives it: such a part is not shown. A person's part is never met by a machine.
"""
PARTS = ("Clause", "Part", "Weight", "Quantity", "Bound", "Source")
QUANTITIES = ("Quantity", "Unit", "Meaning", "Source", "Clauses")


def page(frameworks: Iterable[Framework]) -> str:
    """The page as Markdown."""
    known = tuple(frameworks)
    sections = [HEAD, *(_section(framework) for framework in known), _all_quantities(known)]
    return "\n".join(sections)


def _section(framework: Framework) -> str:
    """One framework: its head and a row a part."""
    number = " · ".join(filter(None, (framework.issued_by, framework.number, framework.dated)))
    head = [f"## {framework.id} · {framework.title}", "", f"{framework.title_en}. {number}", "", framework.note, ""]
    head += [framework.note_en, ""]
    return "\n".join([*head, *_table(PARTS, _rows(framework)), ""])


def _rows(framework: Framework) -> Iterator[tuple[str, ...]]:
    for indicator in framework.indicators:
        for index, part in enumerate(indicator.parts):
            clause = _clause(indicator) if index == 0 else ""
            yield clause, f"{part.asks}<br>{part.asks_en}", _weight(part), _names(part), _bound(part), _source(part)


def _clause(indicator: Indicator) -> str:
    """Where it stands, and what it weighs."""
    demand = f"{indicator.demand} {indicator.points}" if indicator.points else str(indicator.demand)
    levels = f" at {', '.join(indicator.levels)}" if indicator.levels else ""
    elsewhere = f", {indicator.elsewhere} elsewhere" if indicator.elsewhere else ""
    free = " (O)" if indicator.free else ""
    return f"**{indicator.clause}**<br>{indicator.clause_en}<br>{demand}{levels}{elsewhere}{free}"


def _weight(part: Part) -> str:
    """How the part enters the verdict, and when."""
    if part.required:
        weight = f"any of: {part.any_of}" if part.any_of else "required"
    else:
        weight = "support" if part.support else "encouraged"
    return weight + _when(part.when)


def _when(condition: Condition | None) -> str:
    if condition is None:
        return ""
    unset = " or unset" if condition.when_unset else ""
    return f"<br>when {condition.owner}.{condition.key} = {condition.equals}{unset}"


def _names(part: Part) -> str:
    return "<br>".join(f"`{quantity.name}`" for quantity in part.either) or "by a person"


def _bound(part: Part) -> str:
    """The bound as written, over what, how old and how well seen."""
    if part.by_a_person:
        return ""
    kinds = "all places" if part.kinds == tuple(PlaceKind) else ", ".join(part.kinds)
    over = f"main places of: {kinds}" if part.main else kinds or part.over
    grade = "" if part.support else f", {part.grade.name}"
    return f"{_limit(part)}over {over}; {part.within_days} d{grade}"


def _limit(part: Part) -> str:
    """The bound itself with its sign and tolerance; empty for a figure that is only shown."""
    sign = "≤" if part.at_most is not None else "=" if part.equals else "≥"
    sign = "contradicts below" if part.support else sign
    tolerance = f" (−{part.tolerance_ppm / 10_000:g} %)" if part.tolerance_ppm else ""
    return f"{sign} {part.written}{tolerance} " if part.written else ""


def _source(part: Part) -> str:
    return "<br>".join(dict.fromkeys(map(_given_by, part.either)))


def _given_by(quantity: Quantity) -> str:
    return quantity.source or "not yet"


def _all_quantities(frameworks: Iterable[Framework]) -> str:
    """Every quantity there is, and the clauses that name it."""
    used: dict[str, list[str]] = {name: [] for name in quantities.ALL}
    for framework in frameworks:
        for indicator in framework.indicators:
            for name in sorted({quantity.name for part in indicator.parts for quantity in part.either}):
                used[name].append(f"{framework.id} {indicator.id}")
    rows = [
        (f"`{quantity.name}`", quantity.unit.value, f"{quantity.zh}<br>{quantity.en}", _given_by(quantity))
        for quantity in quantities.ALL.values()
    ]
    whole = [(*row, "<br>".join(clauses)) for row, clauses in zip(rows, used.values(), strict=True)]
    return "\n".join(["## All quantities", "", *_table(QUANTITIES, whole)])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def main() -> None:
    """Print the page of the shipped frameworks."""
    print(page(shipped()))


if __name__ == "__main__":
    main()
