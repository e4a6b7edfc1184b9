"""
How fast is each step of the path, beside a peer in the same run?

Every line prints what is measured, the goal where the product has one, the figure, and a peer. Machines are noisy: trust the ratios.
`python -m bench NAME...` runs only the parts that are named: sealing, judging, starting, snmp, path, ipv6, wifi, egress, or one of egress alone, such
as egress.accuracy.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench import egress, ipv6, snmp, wifi
from bench.samples import a_report, a_school_of
from collector.frameworks import shipped
from collector.judge import judge_all
from collector.verdict import Status
from evidence.seal import REPORT, canonical, deflated, inflated, open_sealed, seal
from tests.lab import needs

RUNS = 5


def main(names: list[str]) -> int:
    """Print every line, or those of the parts that are named."""

    def wanted(part: str) -> bool:
        return not names or part in names or part.partition(".")[0] in names

    parts: dict[str, Callable[[], None]] = {
        "sealing": _sealing,
        "judging": _judging,
        "starting": _starting,
        "snmp": lambda: snmp.measure(_line),
        "path": _path,
        "ipv6": lambda: ipv6.measure(_line),
        "wifi": lambda: wifi.measure(_line),
    }
    known = {*parts, "egress", *egress.PARTS}
    if unknown := [name for name in names if name not in known]:
        print(f"no such part: {' '.join(unknown)}; there are {' '.join(sorted(known))}", file=sys.stderr)
        return 2
    print(f"{'what':<58}{'goal':<12}{'figure':<22}peer")
    for name, part in parts.items():
        if wanted(name):
            part()
    egress.measure_all(_line, wanted)
    return 0


def _line(what: str, figure: str, peer: str = "", goal: str = "-") -> None:
    """One line."""
    print(f"{what:<58}{goal:<12}{figure:<22}{peer}")


def _per_s(work: Callable[[], object], seconds: float = 0.5) -> float:
    """The median rate of a piece of work over several rounds."""
    rates = []
    for _ in range(RUNS):
        count, until = 0, time.perf_counter() + seconds / RUNS
        started = time.perf_counter()
        while time.perf_counter() < until:
            work()
            count += 1
        rates.append(count / (time.perf_counter() - started))
    return sorted(rates)[RUNS // 2]


def _sealing() -> None:
    """Canonical form, seal, open, pack and unpack of one report with 100 readings."""
    key = Ed25519PrivateKey.generate()
    report = a_report(100)
    envelope = seal(REPORT, report, key)
    plain = json.loads(canonical(report))
    ours, oracle = _per_s(lambda: canonical(plain)), _per_s(lambda: rfc8785.dumps(plain))
    _line(
        f"canonical form of a report ({len(canonical(report))} octets)", f"{ours:,.0f} /s", f"rfc8785 {oracle:,.0f} /s"
    )
    bare = _per_s(lambda: key.sign(canonical(report)))
    _line(
        "seal",
        f"{_per_s(lambda: seal(REPORT, report, key)):,.0f} /s",
        f"signature and canonical form alone {bare:,.0f} /s",
    )
    find = key.public_key()
    _line("open and verify", f"{_per_s(lambda: open_sealed(envelope, lambda _: find)):,.0f} /s")
    packed = deflated(envelope)
    _line(f"inflate ({len(envelope)} from {len(packed)} octets)", f"{_per_s(lambda: inflated(packed)):,.0f} /s")


def _judging() -> None:
    """All five policies for a school of 50 switches with 48 ports, from its stored reports."""
    frameworks = shipped()
    school, stored, now_us = a_school_of(switches=50, ports=48)
    met = sum(verdict.status is Status.MET for verdict in judge_all(frameworks, school, stored, now_us))
    assert met, "the sample school must be judged, not refused"
    rate = _per_s(lambda: judge_all(frameworks, school, stored, now_us), 2.0)
    _line("judge five policies, school of 50 switches x 48 ports", f"{1000 / rate:.1f} ms")


def _starting() -> None:
    """Whole commands, from the shell."""
    for words in (
        ["campusproof-agent", "--help"],
        ["campusproof-verify", "--help"],
        ["campusproof-collector", "--help"],
    ):
        command = [str(Path(sys.executable).with_name(words[0])), *words[1:]]
        bare = [sys.executable, "-c", "pass"]
        ours, peer = (_seconds(argv) for argv in (command, bare))
        _line(" ".join(words), f"{ours * 1000:.0f} ms", f"bare interpreter {peer * 1000:.0f} ms")


def _seconds(argv: list[str]) -> float:
    """The median time of a command."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(argv, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return sorted(times)[RUNS // 2]


def _path() -> None:
    """In the virtual school: standing up, one order of every probe from the button to the last stored report, a page."""
    if needs.missing():
        print(f"the path in the virtual school: left out ({'; '.join(needs.missing())})")
        return
    from tests.lab.campus import SCHOOL, standing

    with tempfile.TemporaryDirectory() as directory:
        started = time.perf_counter()
        with standing(Path(directory)) as campus:
            _line("virtual school, collector and enrolled agent standing", f"{time.perf_counter() - started:.1f} s")
            times = []
            for _ in range(RUNS):
                begun = time.perf_counter()
                campus.measure()
                times.append(time.perf_counter() - begun)
            _line("order of four probes to last stored report, behind NAT", f"{sorted(times)[RUNS // 2]:.1f} s")
            person: httpx.Client = campus.login()
            page = _per_s(lambda: person.get(f"/schools/{SCHOOL}"), 2.0)
            login = _per_s(lambda: person.get("/login"), 2.0)
            person.close()
            _line(
                "a school's page, five policies judged afresh",
                f"{1000 / page:.0f} ms",
                f"login page {1000 / login:.0f} ms",
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
