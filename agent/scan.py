"""
What does one probe find on this box, and under what conditions?

Each probe runs as a child process (`python -m probes NAME`) that is killed at its deadline; readings come one a line, so
those before a kill survive. How far it is, it tells between them: that is shown, and is no part of what was found. The secrets of this box join the ordered settings on the way in and never come out again; the host
keys that switches showed are pinned on the way out, whoever asked for the run.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import psutil

from agent import clock, known
from agent.child import Stop, watched
from agent.config import SSH_PORT, AgentConfig
from agent.egress_allowed import (
    EGRESS,
    LOADS,
    SECOND,
    UNDER_WAY,
    added,
    added_to_second,
    alone,
    counted,
    refusal,
)
from agent.identity import own_id
from agent.stations import own_stations
from evidence.model import Conditions, Failure, Json, Raw, Reading, Settings
from evidence.quantities import APS_ANSWERED, DEVICES_ANSWERED
from probes._interfaces import default_interface, port
from probes._settings import SNMP_PORT, subject, switch_subject

LOG = logging.getLogger("campusproof.agent")
SOFTWARE = f"campusproof {version('campusproof')}"
# What a probe sees of this box's environment: no proxy, no password of another program.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
BAD_SETTINGS = 2
LADDER = "ipv6"  # the probe that has the box's own key id echoed
SPEAKS_SSH = "uplinks"  # handed logins of command lines, as is
CONTROLLERS = "aps"
LISTS = {SPEAKS_SSH: "switches", CONTROLLERS: "controllers"}  # where the settings of these probes list what is asked
ANSWERED = (DEVICES_ANSWERED.name, APS_ANSWERED.name)  # readings that tell which host key was shown
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
Tell = Callable[[dict[str, Any]], None]  # hears `{"progress": phase, ...}` as it comes, and must be quick


@dataclass(frozen=True, slots=True)
class Finding:
    """What one run found: readings and raw evidence, or a failure and what came before it."""

    readings: tuple[Reading, ...]
    raws: tuple[Raw, ...]
    conditions: Conditions
    failure: Failure | None = None
    detail: str = ""
    host_keys: tuple[known.HostKey, ...] = ()


def untold(_: dict[str, Any]) -> None:
    """Nobody wants to hear how far a run is."""


@dataclass(slots=True)
class _Lines:
    """What has been read from the child so far, and who hears how far it is."""

    readings: list[Reading] = field(default_factory=list)
    raws: list[Raw] = field(default_factory=list)
    end: dict[str, Any] | None = None
    tell: Tell = untold


def with_secrets(settings: Settings, config: AgentConfig, probe: str = SPEAKS_SSH, ordered: bool = False) -> Settings:
    """
    Ordered settings with this box's secrets: each entry of `switches` and `controllers` gets those configured for its host, each of
    `approved` the one configured for its name; an egress run gets what this box allows (agent.egress_allowed).
    """
    joined = dict(settings) | _of_the_box(settings, config, probe, ordered)
    for listed in LISTS.values():
        if isinstance(settings.get(listed), list):
            keys = known.host_keys(config.directory) if probe in LISTS else None
            joined[listed] = [_with_secret(one, config, keys) for one in settings[listed]]
    if isinstance(settings.get("approved"), list):
        joined["approved"] = [_with_secret_by_name(one, config) for one in settings["approved"]]
    return joined


def _of_the_box(settings: Settings, config: AgentConfig, probe: str, ordered: bool) -> Settings:
    """What only this box knows of a run: who it is, or what load it may put on the line; whatever an order says of it is overwritten."""
    if probe == EGRESS:
        return added(settings, config, ordered)
    if probe == LADDER:
        return {"agent": own_id(config.directory)}
    if probe == CONTROLLERS:
        return {"stations": own_stations()}
    return added_to_second(config, ordered) if probe == SECOND else {}


def _with_secret(switch: Json, config: AgentConfig, keys: dict[str, str] | None) -> Json:
    """One switch and what it wants to hear; where none is configured the probe is told, and says so."""
    if not isinstance(switch, dict):
        return switch  # the probe refuses it by its place
    host, joined = str(switch.get("host", "")), dict(switch)
    if not ("community" in switch or "user" in switch):
        secret = config.secret_of(host, switch.get("port", SNMP_PORT))
        joined |= secret.settings() if secret is not None else {"no_secret": True}
    login = config.ssh_of(host)
    if keys is not None and "ssh" not in switch and login is not None:
        joined["ssh"] = login.settings()
    if keys is not None and isinstance(joined.get("ssh"), dict):
        pinned = keys.get(_command_line(joined), "")
        joined["ssh"] = joined["ssh"] | ({"host_key": pinned} if pinned else {})
    return joined


def _with_secret_by_name(neighbour: Json, config: AgentConfig) -> Json:
    """One approved neighbour and what it wants to hear: what is configured under its own name, and nothing else."""
    if not isinstance(neighbour, dict) or "community" in neighbour or "user" in neighbour:
        return neighbour
    secret = config.secret_by_name(str(neighbour.get("name", "")))
    return {**neighbour, **(secret.settings() if secret is not None else {"no_secret": True})}


def _command_line(switch: dict[str, Any]) -> str:
    """`host:port` of a switch's command line, under which its host key is pinned."""
    return subject(str(switch.get("host", "")), switch["ssh"].get("port", SSH_PORT))


def run_probe(
    probe: str,
    settings: Settings,
    config: AgentConfig,
    stop: Stop = lambda: False,
    tell: Tell = untold,
    ordered: bool = False,
    walk: Settings | None = None,
) -> Finding:
    """Run one probe to its end, its deadline, or until `stop()` says so; `tell` hears how far it is, `walk` is what a walk adds to the settings."""
    started_unix_us, started_us = clock.unix_us(), clock.monotonic_us()
    psutil.cpu_percent()
    lines = _Lines(tell=tell)
    joined = with_secrets(settings, config, probe, ordered) | (walk or {})
    with alone(config.directory, ordered, stop) if probe in LOADS else nullcontext(True) as free:
        refused = _allowed(probe, settings, config, ordered) if free else (Failure.INTERRUPTED, UNDER_WAY)
        failure, detail = refused or _measured(probe, joined, config, stop, lines)
    cpu_ppm = round(psutil.cpu_percent() * 10_000)
    name = joined.get("bind") or config.interface or default_interface()
    conditions = _conditions(name, started_unix_us, started_us, cpu_ppm)
    keys = _remember(joined, lines, config, probe) if probe in LISTS and lines.readings else ()
    return Finding(tuple(lines.readings), tuple(lines.raws), conditions, failure, detail, keys)


def _allowed(probe: str, settings: Settings, config: AgentConfig, ordered: bool) -> tuple[Failure, str] | None:
    """Why this box does not make the run, if it does not."""
    why = refusal(settings, config, ordered) if probe == EGRESS else None
    return (Failure.NOT_PERMITTED, why) if why is not None else None


def _measured(
    probe: str, joined: Settings, config: AgentConfig, stop: Stop, lines: _Lines
) -> tuple[Failure | None, str]:
    """The child's life in a directory of its own; what a run over the way out moves is counted."""
    with (
        tempfile.TemporaryDirectory(prefix="campusproof-") as directory,
        counted(config.directory) if probe in LOADS else nullcontext(),
    ):
        return _run_child(probe, joined, config, Path(directory), stop, lines)


def _remember(
    joined: Settings, lines: _Lines, config: AgentConfig, probe: str = SPEAKS_SSH
) -> tuple[known.HostKey, ...]:
    """Pin the host keys that switches and controllers showed, and keep what was found of switches; gives every key shown."""
    if probe == SPEAKS_SSH:
        known.keep_run(config.directory, _listed(joined), tuple(lines.readings))
    where = {switch_subject(one): _command_line(one) for one in joined[LISTS[probe]] if "ssh" in one}
    shown = {
        where[reading.subject]: str(reading.facts["ssh_host_key"])
        for reading in lines.readings
        if reading.quantity in ANSWERED and "ssh_host_key" in reading.facts and reading.subject in where
    }
    keys = known.pin(config.directory, shown)
    for key in keys:
        if key.changed:
            LOG.error("%s shows another SSH host key than before: %s, pinned is %s", key.where, key.seen, key.pinned)
    return keys


def _listed(joined: Settings) -> Settings:
    """Which switches were asked, by address and name: no secret is among the keys kept."""
    kept = ("host", "port", "name", "place", "core")
    return {"switches": [{key: one[key] for key in kept if key in one} for one in joined["switches"]]}


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
        bufsize=0,
    )
    given, deadline_s = json.dumps(settings).encode(), config.limits.probe_deadline_s
    err, killed = watched(child, given, deadline_s, stop, lambda line: _take(line, directory, config, lines))
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
        return Failure.BUG, _crashed(probe, child.returncode, err.decode(errors="replace").strip())
    if lines.end["end"] == "complete":
        return None, ""
    return Failure(lines.end["failure"]), str(lines.end.get("detail", ""))


def _crashed(probe: str, status: int, trace: str) -> str:
    """How a probe ended that said no last word; its trace, which the report has no room for, goes to the log."""
    LOG.error("probe %s ended with status %s:\n%s", probe, status, trace)
    words = (trace.splitlines() or ["it left no word"])[-1]
    return f"the probe ended with status {status} and no last line: {words[-500:]}"


def _take(text: bytes, directory: Path, config: AgentConfig, lines: _Lines) -> None:
    """A reading, raw evidence, progress or the last line; a line cut off by a kill is left out."""
    try:
        line = json.loads(text)
    except ValueError:
        return
    if not isinstance(line, dict):
        return
    if "end" in line:
        lines.end = line
    elif "quantity" in line:
        lines.readings.append(msgspec.convert(line, Reading))
    elif "evidence" in line and line["size"] <= config.limits.raw_octets:
        lines.raws.append(Raw(line["evidence"], (directory / line["evidence"]).read_bytes()))
    elif "progress" in line:
        lines.tell(line)


def _conditions(name: str | None, started_unix_us: int, started_us: int, cpu_ppm: int) -> Conditions:
    """What else was so while the probe ran, and what the network port is that carried it."""
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
