"""
How does a test measure through a pipe with the real server and the real probe?

Both are run as their users run them, each on its machine: `campusproof-collector speed-server` and `python -m probes egress`. The
router's counters are told by net-snmp's agent, which reads them anew every second. What a run told is put into figures that a table of a
test can hold.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.node import Process
from tests.lab.pipe import Pipe
from tests.lab.pipe_plan import INNER, LINE, Direction
from tests.probes.face import Answer

PORT = 5400
COMMUNITY = "lab-public"
INTERFACES_CACHED_S = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2"
"""nsCacheTimeout of the interfaces' table: 15 s unless told."""
WITHIN_S = 15


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of the probe: what it told, how long it took, and the folder of its raw evidence."""

    answer: Answer
    taken_s: float
    folder: Path

    def rate(self, direction: Direction, layer: str = "_ip", path: str = "") -> int:
        """The rate that was shown to be there at least, bit/s."""
        (reading,) = self.answer.of(f"egress.{path}{direction}{layer}")
        return int(reading["value"] if "value" in reading else reading["at_least"])

    def bounded(self, direction: Direction) -> bool:
        """Whether the line was shown to carry no more."""
        (reading,) = self.answer.of(f"egress.{direction}_ip")
        return "value" in reading or "at_most" in reading

    def facts(self, direction: Direction) -> dict[str, Any]:
        """The facts of the payload rate."""
        (reading,) = self.answer.of(f"egress.{direction}")
        return dict(reading["facts"])

    def limited_by(self, direction: Direction) -> str:
        """What limited the run."""
        return str(self.answer.value("egress.limited_by", direction))

    def raw(self) -> dict[str, Any]:
        """The raw evidence that the probe kept."""
        return dict(json.loads((self.folder / "egress.json").read_text()))

    def told(self) -> str:
        """All that was told, for the message of a failing test."""
        return "\n".join(
            [*(json.dumps(line) for line in self.answer.lines if "progress" not in line), self.answer.errors]
        )


def speed_server(pipe: Pipe, *words: str, on: str = "server") -> Process:
    """Start the measurement server, open to all unless told otherwise, on both families; it listens when this returns."""
    listening = ["--listen", f"0.0.0.0:{PORT}", "--listen", f"[::]:{PORT}"]
    command = [sys.executable, "-m", "collector", *(words or ("speed-server", "--open", *listening))]
    node = pipe.node(on)
    process = node.spawn("speed-server", command)
    until = time.monotonic() + WITHIN_S
    while str(PORT) not in node.run(["ss", "-Hltn"], check=True).stdout:
        if not process.running or time.monotonic() > until:
            raise RuntimeError(f"the measurement server does not listen: {node.tail('speed-server', 30)}")
        time.sleep(0.05)
    return process


def witness(pipe: Pipe) -> list[dict[str, Any]]:
    """Start SNMP on the router; the setting `switches` that names its port to the outside, counters at most a second old."""
    router = pipe.node("router")
    lines = [
        "agentAddress udp:161",
        f"rocommunity {COMMUNITY}",
        "rwcommunity lab-write 127.0.0.1",
        "sysName router",
        "",
    ]
    config = router.write("snmpd.conf", "\n".join(lines))
    environment = {"SNMP_PERSISTENT_DIR": str(router.directory / "snmp"), "MIBS": ""}
    router.spawn("snmpd", ["snmpd", "-f", "-Lo", "-C", "-c", config, "-I", "-smux"], env=environment)
    ask = ["snmpset", "-v2c", "-clab-write", "-r0", "-t0.3", "127.0.0.1", INTERFACES_CACHED_S, "i", "1"]
    until = time.monotonic() + WITHIN_S
    while router.run(ask, env={"MIBS": ""}).returncode:
        if time.monotonic() > until:
            raise RuntimeError(f"snmpd does not answer: {router.tail('snmpd')}")
        time.sleep(0.05)
    return [{"host": INNER, "name": "router", "ports": ["wan0"], "community": COMMUNITY}]


def place(pipe: Pipe, family: int = 4, on: str = "server") -> str:
    """Where the server listens, as the probe's setting `server` has it."""
    address = pipe.server(family, on)
    return f"{address}:{PORT}" if family == 4 else f"[{address}]:{PORT}"


@dataclass(slots=True)
class Running:
    """A probe at work on an agent's machine."""

    process: subprocess.Popen[str]
    folder: Path
    begun_s: float

    def end(self, within_s: float = 60) -> Ran:
        """Wait for its end; TimeoutExpired where it hangs (it is killed then)."""
        try:
            out, errors = self.process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()  # what runs inside dies with it
            self.process.communicate()
            raise
        taken_s = time.monotonic() - self.begun_s
        lines = [json.loads(line) for line in out.splitlines()]
        return Ran(Answer(self.process.returncode, lines, errors), taken_s, self.folder)


def start(pipe: Pipe, settings: Mapping[str, Any], agent: str = "", before: tuple[str, ...] = ()) -> Running:
    """Start the probe on an agent's machine; `before` is what to put before its command."""
    node = pipe.node(agent or pipe.agents[0])
    folder = node.directory / f"evidence-{time.monotonic_ns()}"
    folder.mkdir()
    words = [*node.enter, *before, sys.executable, "-W", "error", "-m", "probes", "egress", "--evidence", str(folder)]
    begun_s = time.monotonic()
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(json.dumps(dict(settings)))
    process.stdin.flush()
    process.stdin.close()
    process.stdin = None  # communicate() would flush it again
    return Running(process, folder, begun_s)


def measure(pipe: Pipe, within_s: float = 60, **settings: Any) -> Ran:
    """Run the probe to its end on the first agent's machine."""
    return start(pipe, {"server": place(pipe), **settings}).end(within_s)


DISTURBED = ("cpu", "unsteady")
ONE_PERCENT_PPM = 10_000


def measure_well(pipe: Pipe, **settings: Any) -> Ran:
    """Run the probe, again where it says itself that it was disturbed; three times at most."""
    for _ in range(2):
        ran = measure(pipe, **settings)
        if not _disturbed(ran):
            return ran
    return measure(pipe, **settings)


def _disturbed(ran: Ran) -> bool:
    """Whether it says that this machine was too busy, that the rate had not settled, or that it knows the rate worse than to one percent."""
    widths = [line["facts"]["half_width_ppm"] for way in LINE for line in ran.answer.of(f"egress.{way}_ip")]
    limits = [line["value"] for line in ran.answer.of("egress.limited_by")]
    return any(limit in DISTURBED for limit in limits) or max(widths, default=0) > ONE_PERCENT_PPM


def flowed(pipe: Pipe, direction: Direction, octets: int) -> None:
    """Wait until so much has passed the line; RuntimeError where it does not."""
    machine, interface = LINE[direction]
    until = time.monotonic() + WITHIN_S
    while sent(pipe, machine, interface) < octets:
        if time.monotonic() > until:
            raise RuntimeError(f"{octets} octets did not pass within {WITHIN_S} s")
        time.sleep(0.05)


def sent(pipe: Pipe, machine: str, interface: str) -> int:
    """The octets that a port has sent, as its kernel counts."""
    statistics = f"/sys/class/net/{interface}/statistics/tx_bytes"
    return int(pipe.node(machine).run(["cat", statistics], check=True).stdout)
