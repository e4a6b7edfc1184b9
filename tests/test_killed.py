"""
Does every sealed report arrive exactly once, whatever is killed, and whenever?

Agent and collector are real processes on loopback, killed with SIGKILL at moments drawn at random while orders run, seal and
deliver. Nothing here knows where in the path a kill falls: over many kills they fall everywhere.
"""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.outbox import Outbox
from collector.dispatch import Dispatch
from collector.keys import kept
from collector.store import Store, open_store
from evidence.scan import AskedBy
from evidence.seal import RECEIPT, key_id, open_sealed
from evidence.wire import Receipt
from tests.lab.campus import COLUMNS, command

pytestmark = pytest.mark.slow
KILLS_OF_EACH = 50
LONGEST_LIFE_S = 1.6
SEED = 20261122
SETTLE_S = 120


@dataclass
class Pair:
    """A collector and an agent that can be killed and started again; `store` is opened beside the collector's process."""

    directory: Path
    address: str
    store: Store
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, who: str, verb: str) -> None:
        """Start one of the two."""
        with (self.directory / f"{who}.log").open("ab") as log:
            words = [*command(f"campusproof-{who}"), "--config", str(self.directory / "config.toml"), verb]
            self.running[who] = subprocess.Popen(words, stdout=log, stderr=log)

    def end(self, who: str, by: signal.Signals) -> None:
        """End one of the two and wait until it is gone."""
        self.running[who].send_signal(by)
        self.running[who].wait(20)

    def do(self, who: str, *words: str) -> str:
        """Run another verb to its end."""
        line = [*command(f"campusproof-{who}"), "--config", str(self.directory / "config.toml"), *words]
        return subprocess.run(line, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def orders(self, count: int) -> list[str]:
        """Give so many orders of one quick probe each; their ids."""
        dispatch = Dispatch(self.store, kept(self.directory / "collector"), lambda: time.time_ns() // 1000, 24)
        school = self.store.schools.get("s")
        assert school is not None
        return [dispatch.order(school, AskedBy.CLOCK, probes=["metro"]).id for _ in range(count)]

    def held(self) -> Counter[str]:
        """How many reports are held for each order."""
        return Counter(one.report.scan for one in self.store.ledger.of_school("s"))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """A collector and an enrolled agent at work on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "config.toml").write_text(
        f'[agent]\nstate = "{tmp_path}/agent"\ncollector = "http://{address}"\npoll_wait_s = 5\n'
        f'[collector]\nstate = "{tmp_path}/collector"\nlisten = ["{address}"]\n',
        "utf-8",
    )
    (tmp_path / "list.csv").write_text(f"{COLUMNS}\nmetro,portal,{address},,inside,,,\n", "utf-8")
    two = Pair(tmp_path, address, open_store(tmp_path / "collector"))
    two.do("collector", "school", "add", "s", "S")
    two.do("collector", "school", "import", "s", str(tmp_path / "list.csv"), "--approve")
    two.start("collector", "serve")
    _wait(lambda: _answers(address), "the collector to answer")
    two.do("agent", "enrol", two.do("collector", "school", "token", "s"))
    two.start("agent", "run")
    yield two
    for who in two.running:
        two.end(who, signal.SIGTERM)
    two.store.close()


def _answers(address: str) -> bool:
    """Whether something listens there."""
    host, _, port = address.partition(":")
    with socket.socket() as trial:
        return trial.connect_ex((host, int(port))) == 0


def _wait(there: object, what: str, within_s: float = 20) -> None:
    """Wait until `there()` holds."""
    assert callable(there)
    until = time.monotonic() + within_s
    while not there():
        assert time.monotonic() < until, f"waited {within_s} s for {what}"
        time.sleep(0.1)


@pytest.mark.timeout(600)
def test_every_sealed_report_arrives_exactly_once(pair: Pair) -> None:
    """Over 50 kills of the agent and 50 of the collector, each order is answered once, in an unbroken chain, with receipts."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable draw of moments
    scans: list[str] = []
    victims = [("agent", "run"), ("collector", "serve")] * KILLS_OF_EACH
    chance.shuffle(victims)
    for who, verb in victims:
        scans += pair.orders(1)
        time.sleep(chance.uniform(0.05, LONGEST_LIFE_S))
        pair.end(who, signal.SIGKILL)
        pair.start(who, verb)
    _wait(lambda: set(scans) <= set(pair.held()), "every order to be answered", SETTLE_S)
    outbox = Outbox(pair.directory / "agent")
    _wait(lambda: outbox.depth() == 0, "every receipt", SETTLE_S)

    held = pair.store.ledger.of_school("s")
    key = kept(pair.directory / "collector").public_key()
    receipts = [pair.store.ledger.envelope(one.id) for one in held]
    spoken = {open_sealed(one.receipt, lambda _: key).body(RECEIPT, Receipt).evidence for one in receipts if one}
    sequences = [one.report.sequence for one in held]
    assert (set(pair.held().values()), sequences, spoken, len(key_id(key))) == (
        {1},
        list(range(1, len(scans) + 1)),
        {one.id for one in held},
        64,
    )
