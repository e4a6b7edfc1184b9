"""
What does one probe find on this box, and under what conditions?

Each probe runs as a child process (`python -m probes NAME`) that is killed at its deadline; readings come one a line, so
those before a kill survive. The secrets of this box join the ordered settings on the way in and never come out again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import psutil

from agent import clock
from agent.config import AgentConfig
from evidence.model import Conditions, Failure, Raw, Reading, Settings
from probes._interfaces import default_interface, port

SOFTWARE = f"campusproof {version('campusproof')}"
# What a probe sees of this box's environment: no proxy, no password of another program.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
LOOK_S = 0.2  # how often a running probe is looked at: cancelled, past its deadline?
BAD_SETTINGS = 2
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one run found: readings and raw evidence, or a failure and what came before it."""

    readings: tuple[Reading, ...]
    raws: tuple[Raw, ...]
    conditions: Conditions
    failure: Failure | None = None
    detail: str = ""


@dataclass(slots=True)
class _Lines:
    """What has been read from the child so far."""

    readings: list[Reading] = field(default_factory=list)
    raws: list[Raw] = field(default_factory=list)
    end: dict[str, Any] | None = None


def with_secrets(settings: Settings, config: AgentConfig) -> Settings:
    """Ordered settings with this box's secrets: each entry of `switches` gets the secret configured for its host."""
    switches = settings.get("switches")
    if not isinstance(switches, list):
        return settings
    joined = [_with_secret(switch, config) if isinstance(switch, dict) else switch for switch in switches]
    return {**settings, "switches": joined}


def _with_secret(switch: dict[str, Any], config: AgentConfig) -> dict[str, Any]:
    """One switch and what it wants to hear; where none is configured the probe is told, and says so."""
    if "community" in switch or "user" in switch:
        return switch
    secret = config.secret_of(str(switch.get("host", "")), switch.get("port", 161))
    return {**switch, **(secret.settings() if secret is not None else {"no_secret": True})}


def run_probe(probe: str, settings: Settings, config: AgentConfig, stop: Stop = lambda: False) -> Finding:
    """Run one probe to its end, its deadline, or until `stop()` says so."""
    started_unix_us, started_us = clock.unix_us(), clock.monotonic_us()
    psutil.cpu_percent()
    with tempfile.TemporaryDirectory(prefix="campusproof-") as directory:
        lines = _Lines()
        failure, detail = _run_child(probe, with_secrets(settings, config), config, Path(directory), stop, lines)
    cpu_ppm = round(psutil.cpu_percent() * 10_000)
    conditions = _conditions(config, started_unix_us, started_us, cpu_ppm)
    return Finding(tuple(lines.readings), tuple(lines.raws), conditions, failure, detail)


def _run_child(
    probe: str, settings: Settings, config: AgentConfig, directory: Path, stop: Stop, lines: _Lines
) -> tuple[Failure | None, str]:
    """The child's life; fills `lines` and gives the failure, if any, with its detail."""
    # -I: neither the environment nor the working directory can put another module in a probe's place.
    command = [sys.executable, "-I", "-m", "probes", probe, "--evidence", str(directory), "--die-with-parent"]
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=ENVIRONMENT,
    )
    out, err, killed = _watched(child, json.dumps(settings).encode(), config.limits.probe_deadline_s, stop)
    _read_lines(out, directory, config.limits.raw_octets, lines)
    if killed is not None:
        return killed
    if child.returncode == BAD_SETTINGS:
        return (
            Failure.NOT_SUPPORTED,
            f"this agent does not accept the settings: {err.decode(errors='replace').strip()[-500:]}",
        )
    if child.returncode == -signal.SIGALRM:
        return Failure.TIMED_OUT, "the probe did not end by its own deadline"
    if lines.end is None:
        return Failure.BUG, f"the probe ended with status {child.returncode} and no last line"
    if lines.end["end"] == "complete":
        return None, ""
    return Failure(lines.end["failure"]), str(lines.end.get("detail", ""))


def _watched(
    child: subprocess.Popen[bytes], settings: bytes, deadline_s: int, stop: Stop
) -> tuple[bytes, bytes, tuple[Failure, str] | None]:
    """Feed the child and wait; kill its whole process group at the deadline or when told to stop."""
    until_us = clock.monotonic_us() + deadline_s * 1_000_000
    killed: tuple[Failure, str] | None = None
    given: bytes | None = settings
    while True:
        try:
            out, err = child.communicate(given, timeout=LOOK_S)
            return out, err, killed
        except subprocess.TimeoutExpired:
            given = None
        if killed is None and stop():
            killed = Failure.INTERRUPTED, "the order was cancelled or the agent is stopping"
        elif killed is None and clock.monotonic_us() > until_us:
            killed = Failure.TIMED_OUT, f"the probe was killed at its deadline of {deadline_s} s"
        if killed is not None:
            os.killpg(child.pid, signal.SIGKILL)


def _read_lines(out: bytes, directory: Path, raw_octets: int, lines: _Lines) -> None:
    """Readings, raw evidence and the last line; a line cut off by a kill is left out."""
    for text in out.split(b"\n"):
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if "end" in line:
            lines.end = line
        elif "quantity" in line:
            lines.readings.append(msgspec.convert(line, Reading))
        elif "evidence" in line and line["size"] <= raw_octets:
            lines.raws.append(Raw(line["evidence"], (directory / line["evidence"]).read_bytes()))


def _conditions(config: AgentConfig, started_unix_us: int, started_us: int, cpu_ppm: int) -> Conditions:
    """What else was so while the probe ran."""
    name = config.interface or default_interface()
    used = port(name) if name else None
    return Conditions(
        software=SOFTWARE,
        started_unix_us=started_unix_us,
        ended_unix_us=clock.unix_us(),
        started_monotonic_us=started_us,
        ended_monotonic_us=clock.monotonic_us(),
        boot_id=BOOT_ID.read_text("ascii").strip() if BOOT_ID.exists() else "",
        interface=used.name if used else "",
        driver=used.driver if used else "",
        speed_bit_s=used.speed_bit_s if used else None,
        cpu_ppm=cpu_ppm,
    )
