"""
Does the witness on the gateway's port to the outside tell what a full egress carries?

The virtual school with an egress of 100 Mbit/s, filled by iperf3 over four streams, and two real agents of net-snmp on the gateway: one takes its counters
when it is asked, the other every few seconds, as it does if nobody changes it. The truth is the kernel's, read at the
same moments. Segmentation is left to the sender of each direction, for a virtual port counts a super-packet with one header.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.fixtures import require_lab
from tests.lab.node import Node
from tests.lab.school import VirtualSchool
from tests.lab.settings import Settings
from tests.lab.topology import EGRESS, INTERNET, SCHOOL_DNS
from tests.probes.face import ROOT
from tests.probes.spaces import until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

SHAPED_BIT_S = 100_000_000
WINDOW_S = 5.0
TRIES = 4
CACHED_S = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2"  # nsCacheTimeout of the interfaces table
AGENTS = {"when_asked": 161, "as_it_comes": 1161}
WAYS = {"down": ["--reverse"], "up": []}


@dataclass(frozen=True)
class Seen:
    """One direction, full: the kernel's rates (down, up) in a window, and what the witness told of each agent."""

    true_bit_s: dict[str, float]
    told: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """Both directions, one after the other, under the eyes of both agents."""
    require_lab()
    with VirtualSchool(tmp_path_factory.mktemp("wan"), Settings(egress_bit_s=SHAPED_BIT_S)) as school:
        school.ready()
        for name, interface in EGRESS:
            school.node(name).run(["ethtool", "-K", interface, "tso", "off", "gso", "off", "gro", "off"], check=True)
        for tag, port in AGENTS.items():
            _serve(school.node("gw"), tag, port)
        school.node("gw").run(
            ["snmpset", "-v2c", "-clab", f"127.0.0.1:{AGENTS['when_asked']}", CACHED_S, "i", "0"], check=True
        )
        with _looking(school, "when_asked") as asked, _looking(school, "as_it_comes") as coming:
            eyes = {"when_asked": asked, "as_it_comes": coming}
            return {way: _filled(school, way, words, eyes) for way, words in WAYS.items()}


def _serve(gateway: Node, tag: str, port: int) -> None:
    """An agent of net-snmp on the gateway, as it is installed but for its address and community."""
    lines = [
        f"agentAddress udp:{SCHOOL_DNS}:{port},udp:127.0.0.1:{port}",
        "rocommunity wan",
        "rwcommunity lab 127.0.0.1",
    ]
    settings = gateway.write(f"{tag}.conf", "\n".join([*lines, ""]))
    words: list[str | Path] = ["snmpd", "-f", "-Lo", "-C", "-c", settings, "-I", "-smux", "-p", f"/run/{tag}.pid"]
    gateway.spawn(tag, words, env={"MIBS": "", "SNMP_PERSISTENT_DIR": str(gateway.directory / tag)})
    until(lambda: str(port) in gateway.run(["ss", "-Hlun", f"sport = :{port}"]).stdout, tag)


@contextmanager
def _looking(school: VirtualSchool, tag: str) -> Iterator[subprocess.Popen[str]]:
    """A witness on the agent's machine; see `look`."""
    switch = {"host": SCHOOL_DNS, "port": AGENTS[tag], "community": "wan", "ports": ["wan0"]}
    words = [*school.node("agent").enter, sys.executable, "-m", "tests.probes.wan.look", json.dumps([switch])]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "looking\n"
        yield child


def _filled(school: VirtualSchool, way: str, words: list[str], eyes: dict[str, subprocess.Popen[str]]) -> Seen:
    """Fill one direction, and ask both witnesses for the same window; anew where a busy machine could not fill it."""
    iperf = ["iperf3", "--client", INTERNET, "--parallel", "4", "--time", str(TRIES * WINDOW_S + 5), *words]
    school.node("agent").spawn(f"iperf3-{way}", iperf)
    time.sleep(2)
    for _ in range(TRIES):
        seen = _looked(school, eyes)
        if abs(seen.true_bit_s[way] - SHAPED_BIT_S) < SHAPED_BIT_S / 100:
            break
    school.node("agent").stop(f"iperf3-{way}")
    return seen


def _looked(school: VirtualSchool, eyes: dict[str, subprocess.Popen[str]]) -> Seen:
    """One window, by the kernel and by both witnesses."""
    before = _counted(school.node("gw"))
    time.sleep(WINDOW_S)
    after = _counted(school.node("gw"))
    told = {tag: _asked(child, before[0], after[0]) for tag, child in eyes.items()}
    rates = [(late - early) * 8 / (after[0] - before[0]) for early, late in zip(before[1:], after[1:], strict=True)]
    return Seen({"down": rates[0], "up": rates[1]}, told)


def _counted(gateway: Node) -> tuple[float, int, int]:
    """When (the middle of the asking), and the octets of the port so far, in and out."""
    began_s = time.monotonic()
    files = [f"/sys/class/net/wan0/statistics/{name}_bytes" for name in ("rx", "tx")]
    received, sent = map(int, gateway.run(["cat", *files], check=True).stdout.split())
    return (began_s + time.monotonic()) / 2, received, sent


def _asked(child: subprocess.Popen[str], from_s: float, to_s: float) -> dict[str, Any]:
    """What a witness tells of a window."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{from_s} {to_s}\n")
    child.stdin.flush()
    told: dict[str, Any] = json.loads(child.stdout.readline())
    return told


@pytest.mark.parametrize("way", WAYS)
def test_the_witness_tells_the_true_octets(seen: dict[str, Seen], way: str) -> None:
    """An agent that counts when asked is right within a hundredth of the kernel's own octets."""
    told = seen[way].told["when_asked"]

    assert told[f"{way}_bit_s"] == pytest.approx(seen[way].true_bit_s[way], rel=0.01), told


@pytest.mark.parametrize("way", WAYS)
def test_the_witness_reads_the_shaped_rate(seen: dict[str, Seen], way: str) -> None:
    """A full egress shows at its shaped rate, as Ethernet L2, within two hundredths; the other direction hardly carries."""
    told = seen[way].told["when_asked"]
    other = told["up_bit_s" if way == "down" else "down_bit_s"]

    assert told[f"{way}_bit_s"] == pytest.approx(SHAPED_BIT_S, rel=0.02), told
    assert other < SHAPED_BIT_S / 10


@pytest.mark.parametrize("way", WAYS)
def test_an_agent_with_a_cache(seen: dict[str, Seen], way: str) -> None:
    """One that counts every few seconds is told within its error, or not at all and in words."""
    told = seen[way].told["as_it_comes"]

    if "failure" in told:
        assert told["failure"] == "instrument_limit", told
    else:
        error = told["facts"]["error_ppm"] / 1e6
        assert (told[f"{way}_bit_s"], told["facts"]["refresh_us"] > 1_000_000) == (
            pytest.approx(seen[way].true_bit_s[way], rel=error + 0.01),
            True,
        )
