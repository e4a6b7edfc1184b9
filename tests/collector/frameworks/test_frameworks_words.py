"""Is whatever a person reads there in both languages, and does the page say what the files say?"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from collector.frameworks import HERE, SHIPPED, Framework, Indicator, Level, Part, Setting, shipped
from collector.frameworks.__main__ import main

CJK = re.compile("[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")

Texts = Framework | Level | Setting | Indicator | Part


def _tables() -> Iterator[tuple[str, Texts]]:
    """Everything with words for people, and where it stands."""
    for framework in shipped():
        yield framework.id, framework
        yield from ((f"{framework.id} level {level.id}", level) for level in framework.levels)
        yield from ((f"{framework.id} setting {setting.key}", setting) for setting in framework.settings)
        yield from ((f"{framework.id} {indicator.id}", indicator) for indicator in framework.indicators)
    yield from (
        (f"{framework.id} {indicator.id} {part.id}", part)
        for framework in shipped()
        for indicator in framework.indicators
        for part in indicator.parts
    )


def _english(table: Texts) -> dict[str, str]:
    """The English texts that must be there: all, save the words of a by-a-person part on a machine's."""
    names = [field.name for field in dataclasses.fields(table) if field.name.endswith("_en")]
    skipped = {"by_a_person_en"} if isinstance(table, Part) and table.kind == "machine" else set()
    return {name: getattr(table, name) for name in names if name not in skipped}


@pytest.mark.parametrize("table", [pytest.param(table, id=where) for where, table in _tables()])
def test_both_languages(table: Texts) -> None:
    """Whatever a person reads is there in Chinese and in English, and the English has no Chinese in it."""
    english = _english(table)

    assert [
        name for name, text in english.items() if not text or CJK.search(text) or not getattr(table, name[:-3])
    ] == []


def _strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a parsed file with its key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)
    elif isinstance(value, str):
        yield key, value


@pytest.mark.parametrize("name", SHIPPED)
def test_chinese_only_for_people(name: str) -> None:
    """Chinese stands only in the texts that have an English one beside them, and in the document's number."""
    allowed = {"title", "issued_by", "number", "note", "asks", "clause", "group", "by_a_person"}
    raw = tomllib.loads((HERE / f"{name}.toml").read_text())

    assert {key for key, text in _strings(raw) if CJK.search(text)} <= allowed


def test_page(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/quantities.md is what `python -m collector.frameworks` prints."""
    main()

    assert (HERE.parents[1] / "docs" / "quantities.md").read_text() == capsys.readouterr().out
