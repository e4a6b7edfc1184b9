"""What do the tests of the collector stand on? A real one on loopback, boxes that speak to it, and people who log in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.collector.running import Box, Running, running


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Running]:
    """A collector with one school, `one`, that has a list of everything."""
    with running(tmp_path) as up:
        yield up


@pytest.fixture
def box(collector: Running) -> Box:
    """An enrolled agent of the school `one`."""
    return collector.enrolled("one")


Boxes = Callable[[], Box]
