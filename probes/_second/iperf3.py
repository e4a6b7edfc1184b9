"""
What does iperf3 find?

*Method*: the program, where it is installed, is run once a direction against the operator's iperf3 server and asked for JSON (`-J`). What
the receiver counted is taken: this box's count of a download, the server's count of an upload. The words of an error become a Failure,
whatever the exit status: some releases end with 0 after an error.
"""

from __future__ import annotations

import shutil
import subprocess

import msgspec

from evidence.model import Failure, Unmeasurable
from evidence.stream import Direction
from probes._failures import of_errno
from probes._second.asked import Asked, Opinion, checked

PROGRAM = "iperf3"
INSTALL = "iperf3 is not installed on this box: install it (Debian: apt-get install iperf3) and measure again"
ENDING_S = 2.0  # for the program to start and end

# What iperf3 says of an error, in small letters; the first that is found counts.
ERRORS = (
    ("connection refused", Failure.REFUSED),
    ("server is busy", Failure.REFUSED),
    ("timed out", Failure.TIMED_OUT),
    ("timeout", Failure.TIMED_OUT),
    ("unreachable", Failure.UNREACHABLE),
    ("no route to host", Failure.UNREACHABLE),
    ("cannot assign requested address", Failure.UNREACHABLE),
    ("authorization failed", Failure.LOGIN_REJECTED),
    ("server limit", Failure.NOT_PERMITTED),
    ("not permitted", Failure.NOT_PERMITTED),
    ("permission denied", Failure.NOT_PERMITTED),
    ("closed unexpectedly", Failure.INTERRUPTED),
    ("connection reset", Failure.INTERRUPTED),
    ("broken pipe", Failure.INTERRUPTED),
    ("terminated", Failure.INTERRUPTED),
)


class _Sum(msgspec.Struct, frozen=True):
    """All streams together at one end."""

    bytes: int
    seconds: float


class _Start(msgspec.Struct, frozen=True):
    """Who measures."""

    version: str = ""


class _End(msgspec.Struct, frozen=True):
    """What it came to; nothing after an error."""

    sum_received: _Sum | None = None


class _Said(msgspec.Struct, frozen=True):
    """The parts of the JSON that are read."""

    start: _Start = _Start()
    end: _End = _End()
    error: str = ""


def measure(asked: Asked) -> Opinion:
    """One run; raises Unmeasurable where the program is not there, could not measure, or did not end in time."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise Unmeasurable(Failure.NOT_SUPPORTED, INSTALL)
    out = _run([program, *words(asked)], asked.duration_s + 2 * asked.timeout_s + ENDING_S)
    return read(out, asked.where)


def words(asked: Asked) -> list[str]:
    """The command line, without the program; the address is a literal, so that no family is chosen behind our back."""
    family = "-6" if asked.address is not None and asked.address.version == 6 else "-4"
    command = ["-J", family, "-c", str(asked.address), "-p", str(asked.port)]
    command += ["-t", str(asked.duration_s), "-P", str(asked.streams)]
    command += ["--connect-timeout", str(round(asked.timeout_s * 1000))]
    return [*command, "-R"] if asked.direction is Direction.DOWN else command


def _run(command: list[str], within_s: float) -> bytes:
    """What the program printed; it is killed when its time is over."""
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=within_s, check=False)
    except subprocess.TimeoutExpired as late:
        detail = f"iperf3 did not end within {within_s:.0f} s and was stopped"
        raise Unmeasurable(Failure.TIMED_OUT, detail) from late
    except OSError as wrong:
        raise Unmeasurable(of_errno(wrong.errno or 0), f"iperf3 could not be started: {wrong.strerror}") from wrong
    if not done.stdout.strip():
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise Unmeasurable(Failure.UNREADABLE, f"iperf3 printed no JSON: {said or f'exit status {done.returncode}'}")
    return done.stdout


def read(out: bytes, server: str) -> Opinion:
    """The opinion in what `iperf3 -J` printed; raises Unmeasurable for its errors and for what is no such JSON."""
    try:
        said = msgspec.json.decode(out, type=_Said)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unmeasurable(Failure.UNREADABLE, f"iperf3: {wrong}") from wrong
    if said.error:
        raise Unmeasurable(_failure(said.error), f"iperf3, {server}: {said.error}")
    received = said.end.sum_received
    if received is None:
        raise Unmeasurable(Failure.UNREADABLE, f"iperf3, {server}: it does not say what the receiver counted")
    window_us = round(received.seconds * 1_000_000)
    return checked(Opinion(said.start.version, server, received.bytes, window_us, "receiver", out))


def _failure(error: str) -> Failure:
    """The failure for the words of an error; what the table does not know cannot be read."""
    return next((failure for part, failure in ERRORS if part in error.lower()), Failure.UNREADABLE)
