"""
Does an agent that breaks the rules end in time, and never as a port that it did not tell?

Every agent is a switch of one run, as it may be in a school on a bad day: what one does must not touch the others.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from probes._switch import mib
from probes._switch.asking import SWITCH_DEADLINE_S
from tests.probes.agents import Interface, Simulator, switch
from tests.probes.face import Answer, probe
from tests.probes.responder import V1, V2C, Answers, Garbles, Loops, Table, TooBig, answering
from tests.probes.snmp.wire import Answers as Arriving
from tests.probes.snmp.wire import Path, between

ALL, NONE = 1_000_000, 0
SPEEDS = {f"ge{number}": 1_000_000_000 for number in range(1, 25)} | {"xge1": 10_000_000_000}
TABLE = switch(*(Interface(name, high_speed=rate // ALL) for name, rate in SPEEDS.items()), Interface("ge99", oper=2))
OPER, HIGH_SPEED = mib.INTERFACES["ifOperStatus"], mib.INTERFACES["ifHighSpeed"]
DELAY_S = 0.4
"""More than the time-out of the run, less than two of them."""


@dataclass(frozen=True)
class Case:
    """An agent, how it is reached and asked, and what has to come of it: the failure, and how many of its rates it told."""

    agent: Answers
    failure: str | None = None
    told: int = len(SPEEDS)
    reached: str = "directly"
    settings: dict[str, Any] = field(default_factory=dict)
    versions: tuple[int, ...] = (V1, V2C)


CASES = {
    "keeps the rules": Case(Table(TABLE)),
    "tooBig above three": Case(TooBig(Table(TABLE))),
    "noSuchName at the end": Case(Simulator(TABLE, no_such_name_at_end=True)),
    "rows out of order": Case(Simulator(TABLE, swaps=(*OPER, 7))),
    "columns in another order": Case(Simulator(TABLE, turns_round=True)),
    "cuts replies anywhere": Case(Simulator(TABLE, most_rows=7)),
    "one object broken": Case(Simulator(TABLE, broken=((*mib.PORT_DETAILS["ifAlias"], 3),))),
    "five of a hundred replies lost": Case(Table(TABLE), reached="with loss"),
    "slower than the time-out": Case(Table(TABLE), reached="late"),
    "knows v1 only, and is asked in it": Case(Table(TABLE), settings={"version": "1"}, versions=(V1,)),
    "knows v1 only": Case(Table(TABLE), "timed_out", told=0, versions=(V1,)),
    "ifOperStatus goes round": Case(Loops(Table(TABLE), OPER), "unreadable", told=2),
    "ifHighSpeed goes round": Case(Loops(Table(TABLE), HIGH_SPEED), "unreadable", told=2),
    "ifHighSpeed without octets": Case(Garbles(Table(TABLE), HIGH_SPEED), told=0),
    "ifOperStatus without octets": Case(Garbles(Table(TABLE), OPER), "unreadable", told=0),
    "silent after two questions": Case(Simulator(TABLE, silent_after=2), "timed_out", told=0),
    "silent about ifHighSpeed": Case(Simulator(TABLE, stalls_at=HIGH_SPEED), "timed_out", told=0),
    "silent to long questions": Case(Simulator(TABLE, too_big_above=3, or_silent=True)),
    "restarts": Case(Simulator(TABLE, restarts=True), "unreadable", told=0),
    "empty replies": Case(Simulator(TABLE, empty=True), "unreadable", told=0),
    "refuses": Case(Simulator(TABLE, refuses=True), "not_permitted", told=0),
    "another community": Case(Table(TABLE), "timed_out", told=0, settings={"community": "wrong"}),
    "dead": Case(Table(TABLE), "timed_out", told=0, reached="never"),
    "nothing listens": Case(Table(TABLE), "refused", told=0, reached="closed"),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One run that asked all of them: its answer, how long it took, and the port of each."""

    answer: Answer
    seconds: float
    ports: dict[str, int]

    def of(self, name: str, quantity: str) -> list[dict[str, Any]]:
        """The readings of one agent."""
        subject = f"127.0.0.1:{self.ports[name]}"
        return [line for line in self.answer.of(quantity) if line["subject"].partition("/")[0] == subject]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """All agents in one run."""
    with ExitStack() as standing:
        ports = {name: _reached(case, standing) for name, case in CASES.items()}
        one = {"host": "127.0.0.1", "community": "public"}
        switches = [one | {"port": port} | CASES[name].settings for name, port in ports.items()]
        started = time.monotonic()
        answer = probe("uplinks", {"switches": switches, "timeout_s": 0.3, "retries": 3})
        yield Run(answer, time.monotonic() - started, ports)


def _reached(case: Case, standing: ExitStack) -> int:
    """The port at which an agent is asked."""
    if case.reached in ("never", "closed"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            port: int = silent.getsockname()[1]
            if case.reached == "never":
                standing.enter_context(silent.dup())
            return port
    port = standing.enter_context(answering(case.agent, versions=case.versions))
    if case.reached == "directly":
        return port
    change = _late if case.reached == "late" else Lossy(0.05)
    return standing.enter_context(between(port, change)).port


def _late(path: Path) -> Arriving:
    """Every reply comes after the time-out, while its repeat is on the way."""
    return [(DELAY_S, path.replies[-1])]


class Lossy:
    """So many of all replies do not come, the same at every run."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._draw = random.Random(7)  # noqa: S311  # a drawn loss, and no secret

    def __call__(self, path: Path) -> Arriving:
        """Draw."""
        return [] if self._draw.random() < self._share else [(0, path.replies[-1])]


def test_all_end_in_time(run: Run) -> None:
    """No agent, whatever it does, keeps a run longer than a switch may take."""
    assert (run.answer.end, run.seconds < SWITCH_DEADLINE_S) == ({"end": "complete"}, True), run.answer.errors


@pytest.mark.parametrize("name", CASES)
def test_whether_it_answered(run: Run, name: str) -> None:
    """A switch counts as answered if all its ports are known; else it says why it is not."""
    (answered,) = run.of(name, "devices.answered")
    failure = CASES[name].failure

    assert (answered["value"], answered["facts"].get("failure")) == (NONE if failure else ALL, failure), answered


@pytest.mark.parametrize("name", CASES)
def test_which_rates_it_is_credited_with(run: Run, name: str) -> None:
    """All rates where all were told, and none that was not: not the last known, not a default, not the next port's."""
    speeds = {line["subject"].partition("/")[2]: line["value"] for line in run.of(name, "port.speed")}

    assert speeds == dict(list(SPEEDS.items())[: CASES[name].told])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.failure is None])
def test_a_port_that_is_down_stays_so(run: Run, name: str) -> None:
    """The port that is down is told by every agent that told its ports, and never as up."""
    up = {line["subject"].partition("/")[2]: line["value"] for line in run.of(name, "port.up")}

    assert (len(up), up["ge99"]) == (len(SPEEDS) + 1, "no")


def test_the_share_of_all(run: Run) -> None:
    """The share of the switches that answered is the one of this table."""
    good = sum(case.failure is None for case in CASES.values())

    assert run.answer.value("devices.answered") == good * ALL // len(CASES)
