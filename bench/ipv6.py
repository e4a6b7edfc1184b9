"""
How long does the IPv6 ladder take where nothing is wrong, and how fast and how firm is our reader of advertisements?

*Method*: the probe as anybody runs it, at the desk of a scripted network (`tests/lab/ladder.py`) in which nothing is wrong; times are those
at which its lines come, on the clock of whoever reads them, from the start of its process on. Our reader and scapy read the same
advertisement in turn. Tampered advertisements have one to four octets changed, and some are cut off.

What it does not prove: how long it takes where something is wrong; each rung has a time-out of its own.
"""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address
from pathlib import Path
from statistics import median

from bench.snmp import Line
from evidence.ladder import RUNGS
from probes._ra import MalformedAdvertisement, parse
from probes._scapy import second_reading
from tests.lab import needs
from tests.lab.ladder import Ladder, ladder
from tests.probes.face import ROOT

LISTEN_S = 30
RATE_OCTETS = 8 * 1024 * 1024
L8_GOAL_S, WHOLE_GOAL_S = 15, 60
ROUNDS = 7
READINGS, PEER_READINGS = 2000, 200
TAMPERED = 100_000
HEAD = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0x48, 1800, 0, 0)
PREFIX = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 1800, 0) + IPv6Address("2001:db8:1::").packed
MTU = struct.pack("!BBHI", 5, 1, 0, 1480)
RESOLVER = struct.pack("!BBHI", 25, 3, 0, 300) + IPv6Address("2001:db8::53").packed
LINK = struct.pack("!BB6s", 1, 1, b"\x02\0\0\0\0\x01")
WHOLE = HEAD + PREFIX + MTU + RESOLVER + LINK


def measure(line: Line) -> None:
    """Print every line about IPv6."""
    _reader(line)
    if needs.missing():
        print(f"the ladder: left out ({'; '.join(needs.missing())})")
        return
    _climb(line)


def _reader(line: Line) -> None:
    """What an advertisement costs, and what tampered ones do."""
    rounds = [(_us(parse, READINGS), _us(second_reading, PEER_READINGS)) for _ in range(ROUNDS)]
    ours, peer = (median(times) for times in zip(*rounds, strict=True))
    line(f"router advertisement of {len(WHOLE)} octets, read", f"{ours:.0f} us", f"scapy {peer:.0f} us")
    messages = list(_tampered(TAMPERED))
    begun = time.perf_counter()
    refused = sum(_is_refused(message) for message in messages)
    took_s = time.perf_counter() - begun
    share = f"{refused} refused, {TAMPERED - refused} read, no other error"
    line(f"{TAMPERED:,} tampered advertisements", f"{TAMPERED / took_s:,.0f} /s", share, "no crash")


def _us(read: Callable[[bytes], object], times: int) -> float:
    """Microseconds for one advertisement; the first, which may load a library, does not count."""
    assert read(WHOLE) is not None, "scapy is not installed: pip install -e .[lab]"
    begun = time.perf_counter()
    for _ in range(times):
        read(WHOLE)
    return (time.perf_counter() - begun) / times * 1e6


def _tampered(count: int) -> Iterator[bytes]:
    """The same tampered advertisements in every run."""
    dice = random.Random(4861)  # noqa: S311 - nothing is secret
    for _ in range(count):
        octets = bytearray(WHOLE)
        for _ in range(dice.randint(1, 4)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        yield bytes(octets[: dice.randint(0, len(octets))] if dice.random() < 0.3 else octets)


def _is_refused(message: bytes) -> bool:
    """Whether our reader calls it malformed; any other error ends the bench."""
    try:
        parse(message)
    except MalformedAdvertisement:
        return True
    return False


def _climb(line: Line) -> None:
    """One run in a network in which nothing is wrong, with the whole time of listening and the downloads."""
    with tempfile.TemporaryDirectory() as folder, ladder(Path(folder)) as lab, lab.swept():
        lab.healthy()
        came = _timed(lab)
    failed = [f"{rung} {came[rung][1]}" for rung in RUNGS if came[rung][1] != "pass"]
    assert not failed, f"a network in which nothing is wrong: {failed}"
    below = {rung: at for rung, (at, _) in came.items() if rung not in ("L1", "L9")}
    peer = ", ".join(f"{rung} {at:.1f}" for rung, at in sorted(below.items()))
    line(
        "L0 to L8 known, in a network in which nothing is wrong",
        f"{max(below.values()):.1f} s",
        peer,
        f"<= {L8_GOAL_S} s",
    )
    whole = max(at for at, _ in came.values())
    last = f"L9 {came['L9'][0]:.1f}, L1 after {LISTEN_S} s of listening {came['L1'][0]:.1f}"
    line("  with all routers heard and L9", f"{whole:.1f} s", last, f"<= {WHOLE_GOAL_S} s")


def _timed(lab: Ladder) -> dict[str, tuple[float, str]]:
    """When each rung came, in seconds from the start of the process, and as what."""
    order = json.dumps(lab.settings | {"linger_s": LISTEN_S, "rate_octets": RATE_OCTETS, "limits": {}})
    begun, came = time.perf_counter(), {}
    command = [*lab.desk.inside, sys.executable, "-m", "probes", "ipv6"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(order)
        child.stdin.close()
        for text in child.stdout:
            told = json.loads(text)
            if told.get("quantity") == "ipv6.rung":
                what = told["value"] + (f" {code}" if (code := told.get("facts", {}).get("code")) else "")
                came[told["subject"]] = (time.perf_counter() - begun, what)
    return came
