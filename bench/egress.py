"""
How true, how dear and how hard to cheat is the measurement of the way out?

*Method*: the real server and the real probe at both ends of pipes whose rate is known (`tests/lab/pipe.py`), iperf3 beside them in the same
run. Errors are at the IP layer against the shaper. All of it shares two processors with whatever else this machine does; where a run says
that a processor limited it, the line says so too.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from bench import egress_attacks, egress_group, egress_peers
from bench.snmp import Line
from evidence.layers import Segments
from evidence.stream import LARGE_CHUNK, Keystream, tag
from tests.lab import needs, pipe_cases
from tests.lab.pipe import Pipe, Shape
from tests.lab.pipe_ends import Ran, measure, place, speed_server, start
from tests.lab.pipe_plan import Direction

M, G = 1_000_000, 1_000_000_000
RATES = {"100M": 100 * M, "600M": 600 * M, "1G": G, "2.5G": 2500 * M, "10G": 10 * G}
DIRECTIONS: tuple[Direction, ...] = ("down", "up")
IPERF_S = 2
LONGEST_S = 6
COST_ROUNDS = 3
COST_S = 4
RIGHT_AT_LEAST = 19


def measure_all(line: Line, wanted: Callable[[str], bool]) -> None:
    """Print every line of the parts that are wanted."""
    chosen = {name: part for name, part in PARTS.items() if wanted(name)}
    if chosen and needs.missing():
        print(f"egress: left out ({'; '.join(needs.missing())})")
        return
    for name, part in chosen.items():
        begun_s = time.perf_counter()
        part(line)
        print(f"{name} took {time.perf_counter() - begun_s:.0f} s", file=sys.stderr)


@contextmanager
def piped(shape: Shape) -> Iterator[Pipe]:
    """A pipe with the real server behind it."""
    with tempfile.TemporaryDirectory() as folder, Pipe(Path(folder), shape) as pipe:
        speed_server(pipe)
        yield pipe


def _digests(line: Line) -> None:
    """What content and its proof cost: one processor, chunks of 256 KiB."""
    chunk, into = bytearray(LARGE_CHUNK), bytearray(LARGE_CHUNK)
    stream, gcm = Keystream(bytes(16)), AESGCM(bytes(16))
    steps: dict[str, Callable[[], object]] = {
        "keystream, AES-128-CTR": lambda: stream.fill(into, LARGE_CHUNK),
        "tag, Poly1305 (chosen)": lambda: tag(bytes(32), chunk),
        "tag, GHASH (AES-GMAC)": lambda: gcm.encrypt(bytes(12), b"", bytes(chunk)),
        "digest, SHA-256": lambda: _sha256(chunk),
    }
    for name, step in steps.items():
        line(f"{name}: octets a second, one processor", f"{_gigabytes_s(step):.2f} GB/s", "10 Gbit/s are 1.25 GB/s")


def _sha256(chunk: bytearray) -> bytes:
    hashed = Hash(SHA256())
    hashed.update(chunk)
    return hashed.finalize()


def _gigabytes_s(step: Callable[[], object]) -> float:
    """The best of several rounds: others on this machine only slow it down."""
    best = 0.0
    for _ in range(20):
        begun = time.thread_time()
        for _ in range(20):
            step()
        best = max(best, 20 * LARGE_CHUNK / 1e9 / (time.thread_time() - begun))
    return best


def _accuracy(line: Line) -> None:
    """Every rate, both directions, both families."""
    for name, rate in RATES.items():
        with piped(Shape(rate, rate)) as pipe, egress_peers.iperf3_server(pipe):
            for family in (4, 6):
                ran = measure(pipe, server=place(pipe, family), max_s=LONGEST_S)
                for direction in DIRECTIONS:
                    goal = "<= 1 %" if rate < 10 * G else "<= 3 %, cpu"
                    _told(line, f"line of {name}, IPv{family} {direction}", pipe, ran, direction, family, goal)


def _delay(line: Line) -> None:
    """A round trip of 20 ms."""
    for name in ("600M", "1G"):
        with piped(Shape(RATES[name], RATES[name], one_way_us=10_000)) as pipe, egress_peers.iperf3_server(pipe):
            ran = measure(pipe)
            for direction in DIRECTIONS:
                _told(line, f"line of {name}, RTT 20 ms, {direction}", pipe, ran, direction, 4, "<= 2 %")


def _told(line: Line, what: str, pipe: Pipe, ran: Ran, direction: Direction, family: int, goal: str) -> None:
    """One line: the error, what limited it, and iperf3's error."""
    truth = pipe.shape.ip_bit_s(direction)
    if not ran.answer.of(f"egress.{direction}_ip"):
        line(what, f"no figure: {ran.answer.end.get('failure')}", goal=goal)
        return
    peer = egress_peers.iperf3(pipe, direction, family, IPERF_S)
    theirs = Segments(1448 if family == 4 else 1428, family).ip(peer.rate_bit_s)
    limited = ran.limited_by(direction)
    (named,) = ran.answer.of("egress.limited_by", direction)
    how = f", {named['facts']['how']}" if limited in ("cpu", "server") else ""
    line(what, f"{_percent(ran.rate(direction), truth)} ({limited}{how})", f"iperf3 {_percent(theirs, truth)}", goal)


def _percent(found: int, truth: int) -> str:
    """An error."""
    return f"{(found / truth - 1) * 100:+.2f} %"


def _cost(line: Line) -> None:
    """Processor and memory of the client at 10 Gbit/s, in turn with both peers; the start of Python and its libraries is told apart."""
    with piped(Shape(10 * G, 10 * G)) as pipe, egress_peers.iperf3_server(pipe), egress_peers.web_server(pipe) as url:
        starts_s = _ours(pipe, saturating=False).processor_s
        rounds = [
            (_ours(pipe), egress_peers.iperf3(pipe, "down", 4, COST_S), egress_peers.httpx(pipe, url, COST_S))
            for _ in range(COST_ROUNDS)
        ]
    runs, iperfs, webs = zip(*rounds, strict=True)
    engine = median((one.processor_s - starts_s) / one.octets * 1e9 for one in runs)
    iperf, web = (median(one.s_per_gb for one in costs) for costs in (iperfs, webs))
    chunk = bytearray(LARGE_CHUNK)
    tags = 1 / _gigabytes_s(lambda: tag(bytes(32), chunk))
    rates = ", ".join(f"{median(one.rate_bit_s for one in costs) / G:.1f}" for costs in (runs, iperfs, webs))
    line(
        "download of 10^9 octets on a line of 10G, tags on: processor",
        f"{engine:.2f} s",
        f"iperf3 {iperf:.2f} s, httpx {web:.2f} s (at {rates} Gbit/s)",
        f"<= {min(3 * iperf, web / 3):.2f} s",
    )
    line("  of that the tags", f"{tags:.2f} s", f"receiving and the rest {engine - tags:.2f} s")
    line("  once, for the start of the probe", f"{starts_s:.2f} s")
    line("  largest memory", f"{max(one.rss_mb for one in runs):.0f} MB", f"httpx {webs[0].rss_mb:.0f} MB", "< 80 MB")


def _ours(pipe: Pipe, **settings: bool) -> egress_peers.Cost:
    """One download by the probe: what its process used, start and end included."""
    told = pipe.node("agent").directory / "usage.json"
    before = (sys.executable, "-I", "-S", egress_peers.USAGE, str(told))
    order = {"server": place(pipe), "direction": "down", "max_s": COST_S, **settings}
    ran = start(pipe, order, before=before).end()
    runs = ran.raw()["servers"][0]["runs"] if settings.get("saturating", True) else []
    octets = sum(stream["octets"] for run in runs for stream in run["streams"])
    return egress_peers.Cost(octets, ran.rate("down", "") if runs else 0, *egress_peers.usage(told))


def _limits(line: Line) -> None:
    """All scripted cases."""
    faults: list[str] = []
    for case in pipe_cases.CASES:
        with tempfile.TemporaryDirectory() as folder:
            faults += pipe_cases.wrong(case, pipe_cases.run(case, Path(folder)))
    right = pipe_cases.count() - len(faults)
    line(
        "what limited a run, scripted cases named right",
        f"{right} of {pipe_cases.count()}",
        "; ".join(faults) or "-",
        ">= 19",
    )


PARTS: dict[str, Callable[[Line], None]] = {
    "egress.digests": _digests,
    "egress.accuracy": _accuracy,
    "egress.delay": _delay,
    "egress.cost": _cost,
    "egress.group": egress_group.measure,
    "egress.limits": _limits,
    "egress.attacks": egress_attacks.measure,
}
"""What `python -m bench` can be asked for."""
