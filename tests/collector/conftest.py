"""What do the tests of the collector stand on? A real one on loopback, boxes that speak to it, and people who log in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.__main__ import main
from tests.collector.egress_school import ALLOWED, METRO, TELECOM, Speed, enrolled
from tests.collector.running import START_US, Box, Run, Running, running


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


@pytest.fixture
def lined(served: Running) -> Iterator[Running]:
    """A collector with a school of the test's own that has two lines; servers and blocked days of a test are gone after it."""
    served.clock.us = START_US
    served.home = served.founded()
    served.declare(served.home, lines=(TELECOM, METRO), bureau=ALLOWED)
    yield served
    servers = served.parts.store.servers
    for server in servers.all().values():
        if not server.revoked:
            servers.revoke(server.name)
    for block in servers.blocks():
        servers.unblock(block.first)


@pytest.fixture
def speed(collector: Running) -> Speed:
    """The operator's server on the internet."""
    return enrolled(collector)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """One command of the operator's; its status, what it printed and what it said is wrong."""
    path = tmp_path / "config.toml"
    path.write_text(f'[collector]\nstate = "{tmp_path}/state"\nlisten = ["127.0.0.1:0"]\n')

    def one(*arguments: str) -> tuple[int, str, str]:
        status = main(["--config", str(path), *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return one
