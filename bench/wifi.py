"""
How fast is our reader of 802.11 elements beside scapy's, and how firm; and what does the judge take for a large school?

*Method*: our reader and scapy read the same beacons in turn, those of a Wi-Fi 4 to 7 access point of our own making. Damaged beacons have one to six
octets changed, and some are cut off. The school has 300 places at three points each, all walked.

What it does not prove: how fast a radio hears them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from bench.snmp import Line
from collector.coverage import rows_of
from collector.school import Place
from probes._beacons import facts_of, read
from tests.collector.making import NOW
from tests.collector.wifi_school import OWN, Walked
from tests.probes.air import BEACON_HEADER, Ap, eht, he, ht, vht

GOAL = 10
ROUNDS, READINGS, PEER_READINGS = 7, 2000, 100
DAMAGED = 60_000
PLACES, POINTS = 300, 3
ADDRESS = bytes.fromhex("020000000110")
PLAIN = Ap("02:00:00:00:01:10")
BEACONS = [
    replace(PLAIN, elements=elements).octets
    for elements in (ht(2, 40), ht(2, 40, 36) + vht(), ht(2, 40, 36) + vht() + he(), he(2, (37, 3)) + eht(2, 4))
]


def measure(line: Line) -> None:
    """Print every line about Wi-Fi."""
    _reader(line)
    _damaged(line)
    _judged(line)


def _reader(line: Line) -> None:
    """What a beacon costs."""
    rounds = [(_us(_ours, READINGS), _us(_peers(), PEER_READINGS)) for _ in range(ROUNDS)]
    ours, peer = (median(times) for times in zip(*rounds, strict=True))
    told = f"scapy {peer:.0f} us, {peer / ours:.0f} times"
    line("a beacon, read", f"{ours:.0f} us", told, f"{GOAL} times")


def _ours(octets: bytes) -> object:
    """Our reader, with everything that a reading tells."""
    return facts_of(read(octets, 0x11, 5180, PLAIN.bssid))


def _peers() -> Callable[[bytes], object]:
    """scapy's dissection of the same frame, down to its last element."""
    from scapy.layers.dot11 import Dot11

    head = BEACON_HEADER + ADDRESS * 2 + bytes(2) + bytes(8) + b"\x64\x00\x11\x00"
    return lambda octets: Dot11(head + octets)


def _us(reader: Callable[[bytes], object], times: int) -> float:
    """Microseconds for one beacon; the first, which may load a library, does not count."""
    reader(BEACONS[0])
    begun = time.perf_counter()
    for number in range(times):
        reader(BEACONS[number % len(BEACONS)])
    return (time.perf_counter() - begun) / times * 1e6


def _damaged(line: Line) -> None:
    """What damaged beacons do; an error ends the bench."""
    dice = random.Random(6)  # noqa: S311 - the same in every run
    messages = [_changed(dice, dice.choice(BEACONS)) for _ in range(DAMAGED)]
    begun = time.perf_counter()
    cut_short = sum(read(message).truncated for message in messages)
    took_s = time.perf_counter() - begun
    line(
        f"{DAMAGED:,} damaged beacons", f"{DAMAGED / took_s:,.0f} /s", f"{cut_short} end inside an element", "no crash"
    )


def _changed(dice: random.Random, octets: Sequence[int]) -> bytes:
    """One beacon with some octets changed, or cut off."""
    changed = bytearray(octets)
    for _ in range(dice.randint(1, 6)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed[: dice.randint(0, len(changed))] if dice.random() < 0.3 else changed)


def _judged(line: Line) -> None:
    """What the table of a large school costs."""
    places = tuple(Place(f"main/b{number // 50}/{number}", "teaching") for number in range(PLACES))
    walked = Walked(places=places)
    scan = walked.order(points=POINTS)
    dice = random.Random(7)  # noqa: S311 - the same in every run
    for place in places:
        for point in range(1, POINTS + 1):
            walked.walk(scan, place.path, {bssid: -dice.randint(4000, 8000) for bssid in OWN}, point=point)
    school = walked.school
    begun = time.perf_counter()
    rows = rows_of(school, walked.runs, NOW)
    took_ms = (time.perf_counter() - begun) * 1000
    line(f"{len(rows)} places of {len(walked.runs)} points, judged", f"{took_ms:.0f} ms")
