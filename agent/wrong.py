"""
What is wrong with settings that a person wrote, in words that a person looks for in the file?

The first error only, by the names that stand in the file: a switch by its name or address and not by its place in a list. No value is
repeated, for it may be a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

EXPECTED = {
    "missing": "expected, and not there",
    "extra_forbidden": "not known here",
    "string_type": "expected text in quotes",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "list_type": "expected a list",
    "model_type": "expected a table",
    "too_short": "expected at least {min_length}",
    "too_long": "expected at most {max_length}",
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected {ge} or more",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected {le} or less",
    "enum": "expected {expected}",
    "value_error": "{error}",
}


def in_words_of(wrong: ValueError, settings: Mapping[str, Any] | None = None) -> str:
    """The first error; `settings` are those that were refused, for the names of switches in them."""
    if not isinstance(wrong, ValidationError):
        return str(wrong)
    first = wrong.errors(include_input=False, include_url=False)[0]
    told = EXPECTED[first["type"]].format(**first.get("ctx", {})) if first["type"] in EXPECTED else first["msg"]
    where = _place(first["loc"], settings or {})
    return f"{where}: {told}" if where else told


def _place(parts: Sequence[int | str], settings: Mapping[str, Any]) -> str:
    """Where it stands: `switches, 10.0.0.1, port`."""
    words: list[str] = []
    here: Any = settings
    for part in parts:
        here = here[part] if _has(here, part) else None
        words.append(_called(here, part) if isinstance(part, int) else part)
    return ", ".join(words)


def _has(here: Any, part: int | str) -> bool:
    """Whether settings go on at this part."""
    return part in here if isinstance(here, Mapping) else isinstance(here, list) and part in range(len(here))


def _called(entry: Any, number: int) -> str:
    """An entry of a list by its name or host, else by its number from 1."""
    named = [entry[key] for key in ("name", "host") if entry.get(key)] if isinstance(entry, Mapping) else []
    return str(named[0]) if named else f"number {number + 1}"
