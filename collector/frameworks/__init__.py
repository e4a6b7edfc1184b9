"""
Which requirements does a policy make, and from which pinned file?

`load` reads one TOML file strictly; `shipped` gives the five that come with this release. A file says in our own words
what a document asks: it stands for the document's number and clause and never replaces its text (释义，以文件原文为准).
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from collector.frameworks.bounds import BoundWrong
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
    settled,
)
from collector.frameworks.resolving import framework
from collector.frameworks.rules import check
from collector.frameworks.written import At, FrameworkWrong, shaped

__all__ = [
    "BoundWrong",
    "Condition",
    "Demand",
    "Framework",
    "FrameworkWrong",
    "Grade",
    "Indicator",
    "Level",
    "Over",
    "Part",
    "PlaceKind",
    "Setting",
    "load",
    "settled",
    "shipped",
]

HERE = Path(__file__).parent
SHIPPED = ("wenzhou_2021", "zibo", "ningbo", "zhejiang_2022", "zhangjiagang_2021")


def load(path: Path) -> Framework:
    """The policy in one TOML file; raises FrameworkWrong, naming file, place, what came and what was expected."""
    at = At(path.name)
    try:
        content = path.read_bytes()
    except OSError as refused:
        raise at.wrong(refused.strerror, "a file that can be read") from refused
    written = shaped(path.name, _parsed(content, at))
    check(written, at)
    return framework(written, hashlib.sha256(content).hexdigest(), at)


def shipped() -> tuple[Framework, ...]:
    """The five policies of this release, always in this order: Wenzhou, Zibo, Ningbo, Zhejiang, Zhangjiagang."""
    return tuple(load(HERE / f"{name}.toml") for name in SHIPPED)


def _parsed(content: bytes, at: At) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except ValueError as refused:  # not UTF-8, or not TOML
        raise at.wrong(str(refused), "TOML in UTF-8") from refused
