"""What do the tests of the collector stand on? A real one on loopback, boxes that speak to it, and people who log in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector.running import START_US, Box, Running, running


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One collector for all tests that do not count what it holds."""
    with running(tmp_path_factory.mktemp("served")) as up:
        yield up


@pytest.fixture
def collector(served: Running) -> Running:
    """A collector with a school of the test's own that has a list of everything."""
    served.clock.us = START_US
    served.home = served.founded()
    return served


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Running]:
    """A collector of the test's own with one school."""
    with running(tmp_path) as up:
        up.home = up.founded()
        yield up


@pytest.fixture
def box(collector: Running) -> Box:
    """An enrolled agent of the school."""
    return collector.enrolled()
