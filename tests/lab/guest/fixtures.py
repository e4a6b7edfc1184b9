"""
How does a test ask for the guest, and for a probe that runs in it?

Where no guest can run, such a test is skipped with the reason in words; with LAB_REQUIRED=1 it fails instead.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lab.guest import air
from tests.lab.guest.kernel import Kernel, NoKernel, kernel
from tests.lab.guest.machine import Guest
from tests.lab.needs import missing_for_guest
from tests.probes.face import ROOT, Answer

PROBES = ("wifi", "roam")


def required() -> Kernel:
    """The guest's kernel; skips the test where no guest can run here, fails it if LAB_REQUIRED=1."""
    absent = missing_for_guest()
    try:
        if not absent:
            return kernel()
    except NoKernel as why:
        absent = [str(why)]
    reason = "no guest with simulated radios can run here: " + "; ".join(absent)
    if os.environ.get("LAB_REQUIRED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def guest_on_air(folder: Path) -> Iterator[Guest]:
    """A guest whose access points send, in which probes start at once."""
    with Guest(folder, required()) as guest:
        starter = f"cd {shlex.quote(str(ROOT))}; exec {shlex.quote(sys.executable)} -m tests.lab.guest.starter"
        guest.start(f"{starter} {' '.join(PROBES)}")
        air.switch_on(guest)
        yield guest


def begin(guest: Guest, name: str, settings: dict[str, Any]) -> int:
    """Begin a probe in the guest; its number."""
    number = guest.next_number
    (guest.shared / f"{number}.settings").write_text(json.dumps(settings), "utf-8")
    ready = "for turn in $(seq 600); do [ -p /run/probes ] && break; sleep 0.1; done"
    asked = f"mkfifo /run/probes.{number}; echo {number} {name} >/run/probes"
    return guest.start(f"{ready}; {asked}; read -r status </run/probes.{number}; exit $status")


def ended(guest: Guest, number: int, within_s: float = 60.0) -> Answer:
    """Wait for a probe that was begun; what it said."""
    status = guest.finish(number, within_s).status
    lines, trouble = ((guest.shared / f"{number}.{kind}").read_text("utf-8") for kind in ("lines", "trouble"))
    return Answer(status, [json.loads(line) for line in lines.splitlines()], trouble)


def evidence(guest: Guest, number: int) -> dict[str, bytes]:
    """The raw evidence of a run by name."""
    return {path.name: path.read_bytes() for path in (guest.shared / f"{number}.evidence").iterdir()}
