"""
What does reading switches cost, beside pysnmp, net-snmp and snmp_exporter in the same run?

*Method*: one process answers for all switches out of a cache (`bench.snmp_agents`); each client is a process of its own, and
only its processor time counts. All read ifTable and ifXTable whole, 25 rows a request. net-snmp's and snmp_exporter's times
include their start and the hashing of passphrases (net-snmp), and the text that they write.
"""

from __future__ import annotations

import json
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import psutil

from bench.snmp_agents import COMMUNITY, IF_ENTRY, IF_X_ENTRY, USER, address

RUNS = 5
PORTS_COLUMNS = 41  # of ifTable and ifXTable
FEW, MANY, AGENTS = 52, 500, 500
SWITCHES = 50
EXPORTER = "prometheus-snmp-exporter"


class Line(Protocol):
    """What prints one line."""

    def __call__(self, what: str, figure: str, peer: str = "", goal: str = "-") -> None:
        """What is measured, the figure, a peer's figure, and the goal."""


def measure(line: Line) -> None:
    """Print every line about SNMP."""
    if not shutil.which("snmpbulkwalk"):
        print("SNMP: left out (net-snmp's snmpbulkwalk is not installed)")
        return
    udp_port = _free_port()
    with _switches(FEW, AGENTS, udp_port), _switches(MANY, 1, udp_port + 1):
        for ports, at in ((FEW, udp_port), (MANY, udp_port + 1)):
            for v3 in (False, True):
                _processor(line, ports, at, v3)
        _at_once(line, udp_port)
        _school(line, udp_port)
        _probe(line, udp_port)


def _processor(line: Line, ports: int, at: int, v3: bool) -> None:
    """Processor time for 10,000 variable bindings of one switch, by every client."""
    rows = ports * PORTS_COLUMNS
    what = f"SNMP {'v3 authPriv' if v3 else 'v2c'}, {ports} ports: processor for 10,000 rows"
    # In turn, so that all of them see the same neighbours on this machine.
    rounds = [
        (
            _ours(rows, backend="own", v3=v3, port=at, how="together"),
            _ours(rows, backend="own", v3=v3, port=at, how="tables"),
            _net_snmp(rows, at, v3),
        )
        for _ in range(RUNS)
    ]
    ours, same, command = (median(times) for times in zip(*rounds, strict=True))
    theirs = _ours(rows, backend="pysnmp", v3=v3, port=at, how="tables")
    peers = f"pysnmp {theirs:.2f} s, snmpbulkwalk {command:.3f} s"
    if shutil.which(EXPORTER):
        peers += f", snmp_exporter {_exporter(rows, at, v3):.3f} s"
    else:
        peers += ", snmp_exporter is not installed"
    goal = f"<= {min(theirs / 3, 2 * command):.3f} s"
    line(what, f"{ours:.3f} s", peers, goal)
    line("  the same, one subtree after the other as the peers do", f"{same:.3f} s", peers, goal)


def _at_once(line: Line, at: int) -> None:
    """All switches at once: who is taken for silent, and the memory."""
    ours = _client(backend="own", v3=False, port=at, how="two", agents=AGENTS)
    theirs = _client(backend="pysnmp", v3=False, port=at, how="two", agents=FEW)
    line(
        f"SNMP, {AGENTS} switches at once, 2 s: not read whole",
        f"{ours['failed']} ({ours['s']:.1f} s)",
        f"pysnmp, {FEW} switches: {theirs['failed']} ({theirs['s']:.1f} s)",
        "0",
    )
    line(
        "  largest memory", f"{ours['rss_mb']:.0f} MB", f"pysnmp, {FEW} switches: {theirs['rss_mb']:.0f} MB", "< 100 MB"
    )


def _school(line: Line, at: int) -> None:
    """All columns of both tables of fifty switches, without limits and at the pace of a scan."""
    free = _client(backend="own", v3=True, port=at, how="together", agents=50)
    held = _client(backend="own", v3=True, port=at, how="together", agents=50, paced=True)
    line(
        "SNMP v3, 50 switches x 52 ports, 41 columns: processor",
        f"{free['cpu_s']:.1f} s",
        f"{free['rows']:,} rows in {free['s']:.1f} s; at the pace of a scan in {held['s']:.1f} s",
        "< 30 s",
    )
    assert free["failed"] == held["failed"] == 0, (free, held)


def _probe(line: Line, at: int) -> None:
    """A whole school by the probe `uplinks`, at the pace that switches are asked at, until its last reading."""
    login = {"user": USER.user, "auth_key": USER.auth_key, "priv": "AES", "priv_key": USER.priv_key}
    settings = {"switches": [{"host": address(number), "port": at, **login} for number in range(SWITCHES)]}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = [sys.executable, "-m", "probes", "uplinks"]
    done = subprocess.run(words, input=json.dumps(settings), check=True, capture_output=True, text=True)
    taken_s, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    readings = done.stdout.count('"quantity"')
    assert done.stdout.count('"devices.answered", "unit": "ppm", "value": 1000000') == 1, done.stdout[-300:]
    assert done.stdout.count('"port.speed"') == SWITCHES * FEW, done.stdout[-300:]
    what = f"uplinks, {SWITCHES} switches x {FEW} ports, SNMP v3: processor"
    line(what, f"{processor_s:.1f} s", f"{readings:,} readings in {taken_s:.1f} s", "< 30 s")


def _ours(rows: int, **order: Any) -> float:
    """Processor seconds for 10,000 rows by one of our backends."""
    told = _client(agents=1, **order)
    assert (told["rows"], told["failed"]) == (rows, 0), told
    return float(told["cpu_s"]) * 10_000 / rows


def _client(**order: Any) -> dict[str, Any]:
    """What a client process tells of its run."""
    command = [sys.executable, "-m", "bench.snmp_clients", json.dumps(order)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def _net_snmp(rows: int, at: int, v3: bool) -> float:
    """Processor seconds for 10,000 rows by net-snmp's snmpbulkwalk."""
    login = ["-v2c", "-c", COMMUNITY.decode()]
    if v3:
        keys = ["-a", "SHA-256", "-A", USER.auth_key, "-x", "AES", "-X", USER.priv_key]
        login = ["-v3", "-l", "authPriv", "-u", USER.user, *keys]
    before, found = resource.getrusage(resource.RUSAGE_CHILDREN), 0
    for table in (IF_ENTRY, IF_X_ENTRY):
        words = ["snmpbulkwalk", *login, "-Cr25", "-OQn", f"{address(0)}:{at}", ".".join(map(str, table))]
        found += subprocess.run(words, check=True, capture_output=True).stdout.count(b"\n")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert found == rows, found
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 10_000 / rows


def _exporter(rows: int, at: int, v3: bool) -> float:
    """Processor seconds for 10,000 rows by snmp_exporter, which turns 16 columns into metrics."""
    with tempfile.TemporaryDirectory() as folder:
        config, port = Path(folder) / "snmp.yml", _free_port()
        config.write_text(json.dumps({"bench": _module(v3)}))  # JSON is YAML
        words = [EXPORTER, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            try:
                url = f"http://127.0.0.1:{port}/snmp?module=bench&target={address(0)}:{at}"
                _until_answers(f"http://127.0.0.1:{port}/")
                return median(_scraped(child.pid, url) * 10_000 / rows for _ in range(RUNS))
            finally:
                child.terminate()


def _module(v3: bool) -> dict[str, Any]:
    """What snmp_exporter is told: walk both tables, export the numbers of 16 columns by ifIndex."""
    index = [{"labelname": "ifIndex", "type": "gauge"}]
    columns = [(IF_ENTRY, column) for column in (3, 4, 7, 8, 10, 11, 13, 14)]
    columns += [(IF_X_ENTRY, column) for column in (2, 3, 6, 7, 10, 11, 14, 15)]
    metrics = [
        {"name": f"m{table[6]}_{column}", "oid": ".".join(map(str, (*table, column))), "type": "gauge",
         "help": "of the bench", "indexes": index}
        for table, column in columns
    ]  # fmt: skip
    auth: dict[str, str] = {"community": COMMUNITY.decode()}
    if v3:
        auth = {"security_level": "authPriv", "username": USER.user, "auth_protocol": "SHA256"}
        auth |= {"password": USER.auth_key, "priv_protocol": "AES", "priv_password": USER.priv_key}
    walk = [".".join(map(str, table)) for table in (IF_ENTRY, IF_X_ENTRY)]
    return {"walk": walk, "metrics": metrics, "version": 3 if v3 else 2, "max_repetitions": 25, "auth": auth}


def _scraped(pid: int, url: str) -> float:
    """Processor seconds for one scrape."""
    before = psutil.Process(pid).cpu_times()
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  # our own server on loopback
        assert answer.read().count(b"\nm2_3{") >= FEW, "the scrape brought no rows"
    after = psutil.Process(pid).cpu_times()
    return after.user + after.system - before.user - before.system


def _until_answers(url: str) -> None:
    """Wait for a web server to start."""
    end = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  # our own server on loopback
                return
        except OSError:
            assert time.monotonic() < end, "snmp_exporter does not start"
            time.sleep(0.05)


@contextmanager
def _switches(ports: int, count: int, udp_port: int) -> Iterator[None]:
    """So many switches that answer."""
    words = [sys.executable, "-m", "bench.snmp_agents", str(ports), str(count), str(udp_port)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == b"ready\n", "the switches do not start"
            yield
        finally:
            child.terminate()


def _free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
