"""What do the tests of the agent stand on? A real collector on loopback, and boxes that are enrolled with it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent import keys
from agent.config import AgentConfig
from agent.courier import Courier, opened
from agent.identity import Identity, keep, load
from agent.outbox import Outbox
from collector.school import Service, Switch
from evidence.seal import key_id
from tests.collector.running import Running, running

SECRETS = ("planted-community-1", "planted-user-2", "planted-auth-key-3", "planted-priv-key-4")


@dataclass
class Enrolled:
    """A box that is enrolled: its settings, who it is, what it keeps, and its way to the collector."""

    config: AgentConfig
    identity: Identity
    outbox: Outbox
    courier: Courier


@pytest.fixture(scope="session")
def served_to_agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One collector for all tests of the agent."""
    with running(tmp_path_factory.mktemp("for-agents")) as up:
        yield up


@pytest.fixture
def listener() -> Iterator[tuple[str, int]]:
    """An address and port of loopback that accepts."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[:2]


@pytest.fixture
def stuck() -> Iterator[tuple[str, int]]:
    """An address and port of loopback that neither accepts nor refuses: its queue is full."""
    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[:2]


@pytest.fixture
def collector(served_to_agents: Running, listener: tuple[str, int]) -> Running:
    """A collector with a school whose list names one service that accepts and one switch that is not there."""
    served_to_agents.home = served_to_agents.founded(virtual=True)
    services = (Service(*listener, True),)
    switches = (Switch("acc-1", "127.0.0.1", 9),)
    served_to_agents.declare(served_to_agents.home, services=services, switches=switches, links=())
    return served_to_agents


def token(collector: Running) -> str:
    """A token as the operator hands it to an admin."""
    return f"cp1-{collector.token()}-{key_id(collector.parts.key.public_key())}"


@pytest.fixture
def enrolled(collector: Running, tmp_path: Path) -> Iterator[Enrolled]:
    """A box of the school."""
    config = AgentConfig(state=str(tmp_path / "agent"), poll_wait_s=1)
    courier = opened(config, collector.url)
    with courier.http:
        keep_known(collector, courier, config)
        yield Enrolled(config, load(config.directory), Outbox(config.directory), courier)


def keep_known(collector: Running, courier: Courier, config: AgentConfig) -> None:
    """Enrol as `campusproof-agent enrol` does."""
    keep(config.directory, courier.enrol(token(collector), keys.create(config.directory), "test"))


def typed(directory: Path, text: str, *words: str, agent: str = "") -> subprocess.CompletedProcess[str]:
    """A verb of the agent in a process of its own, with this on its standard input; `agent` are lines of its settings."""
    path = directory / "typed.toml"
    path.write_text(f'[agent]\nlanguage = "en"\n{agent}', "utf-8")
    command = [sys.executable, "-m", "agent", "--config", str(path), *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
