"""What does docs/evidence-v1.md say? Read from the file itself, so that no test can agree with a copy."""

from __future__ import annotations

import re
from pathlib import Path

TEXT = (Path(__file__).parents[2] / "docs" / "evidence-v1.md").read_text("utf-8")
BLOCK = re.compile(r"^```(?:json|text) ([a-z-]+)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\|(.+)\|$", re.MULTILINE)
BLOCKS: dict[str, str] = dict(BLOCK.findall(TEXT))


def section(heading: str) -> str:
    """The text under a heading, up to the next heading."""
    return TEXT.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows in a text."""
    return [[cell.strip() for cell in row.split("|")] for row in ROW.findall(text)]


def fields(text: str) -> set[str]:
    """The names in the first column of all tables in a text; a row may name two."""
    return {name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])}
