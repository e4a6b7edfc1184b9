"""
What is a probe, and which are there?

A probe is one module of this folder with a `PROBE`: what it produces, the settings it takes and the function that runs.
Nothing registers it: a Scan or a command line that names it is enough.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from evidence.model import Quantity, Raw, Reading


@dataclass(frozen=True, slots=True, init=False)
class Progress:
    """How far a run is, for who looks on: a phase and numbers that are named with their unit. Never signed, never stored."""

    phase: str
    numbers: dict[str, int]

    def __init__(self, phase: str, **numbers: int) -> None:
        object.__setattr__(self, "phase", phase)
        object.__setattr__(self, "numbers", numbers)


Yield = Reading | Raw | Progress


@dataclass(frozen=True, slots=True)
class Probe:
    """
    A label on a function that measures.

    `run` takes the validated settings and yields readings, raw evidence and progress as it gets them; it raises Unmeasurable
    when it cannot go on. `deadline_s` is when its process is killed.
    """

    produces: tuple[Quantity, ...]
    settings: type[BaseModel]
    run: Callable[[Any], Iterator[Yield]]
    deadline_s: int = 60


class NoSuchProbe(LookupError):
    """The name is not a probe of this release."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no probe {name!r}; there are: {', '.join(names())}")


def names() -> list[str]:
    """The probes of this release, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if not name.startswith("_"))


def load(name: str) -> Probe:
    """The probe of that name; raises NoSuchProbe, which lists those there are."""
    if name not in names():
        raise NoSuchProbe(name)
    probe = importlib.import_module(f"{__name__}.{name}").PROBE
    if not isinstance(probe, Probe):
        raise TypeError(f"probes/{name}.py: PROBE is not a Probe")
    return probe
