"""One echo server for all tests that do not look at its bounds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.collector.echo.serving import Up, echoing


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """The server as it is meant to be."""
    with echoing(tmp_path_factory.mktemp("echo")) as made:
        yield made
