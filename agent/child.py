"""
How is a probe's process fed, listened to while it runs, and ended in time?

*Method*: one loop waits on its three pipes at once, so that neither side can hold up the other; lines are handed on as they come. At the
deadline, or when told to stop, the whole process group is killed; what came before that counts. A process that left its group and holds
the pipes open is not waited for.

What it does not prove: that a line that was cut off by the kill was never meant to say more; it is left out.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from agent import clock
from evidence.model import Failure

LOOK_S = 0.2  # how often a running probe is looked at: cancelled, past its deadline?
LINGER_US = 1_000_000  # how long the pipes of an ended probe may stay open
PIECE = 65536  # octets read at once
KEPT_OF_STDERR = 65536  # octets: its end says why
Stop = Callable[[], bool]
Heard = Callable[[bytes], None]
Killed = tuple[Failure, str]


@dataclass(slots=True)
class _Pipes:
    """What is still to be written to the child, and what has been read from it."""

    child: subprocess.Popen[bytes]
    heard: Heard
    given: memoryview
    line: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)


def watched(
    child: subprocess.Popen[bytes], settings: bytes, deadline_s: int, stop: Stop, heard: Heard
) -> tuple[bytes, Killed | None]:
    """
    Feed the child and hear its lines until it ends, its deadline, or until `stop()` says so.

    `heard` is called with each whole line of its standard output as it comes and must be quick. Gives the end of its standard error and,
    where it was killed, the failure with its words.
    """
    until_us = clock.monotonic_us() + deadline_s * 1_000_000
    pipes = _Pipes(child, heard, memoryview(settings))
    killed: Killed | None = None
    with child, selectors.DefaultSelector() as ready:
        _open(pipes, ready)
        try:
            while killed is None and not _ended(child):
                _turn(pipes, ready)
                killed = _why(deadline_s, until_us, stop)
        finally:
            if not _ended(child):
                _kill(child)
        _rest(pipes, ready)
    if pipes.line:
        heard(bytes(pipes.line))
    return bytes(pipes.err), killed


def _ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended; it is not reaped yet, so that the number of its process group stays its own."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _why(deadline_s: int, until_us: int, stop: Stop) -> Killed | None:
    """Why the child is to be killed now, if it is."""
    if stop():
        return Failure.INTERRUPTED, "the order was cancelled or the agent is stopping"
    if clock.monotonic_us() > until_us:
        return Failure.TIMED_OUT, f"the probe was killed at its deadline of {deadline_s} s"
    return None


def _open(pipes: _Pipes, ready: selectors.BaseSelector) -> None:
    """Watch the three pipes; nothing on them waits."""
    work = ((pipes.child.stdin, _feed), (pipes.child.stdout, _hear), (pipes.child.stderr, _keep))
    for pipe, turn in work:
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            ready.register(pipe, selectors.EVENT_WRITE if turn is _feed else selectors.EVENT_READ, turn)


def _turn(pipes: _Pipes, ready: selectors.BaseSelector) -> None:
    """Serve each pipe that is ready; one that is through is closed."""
    for key, _ in ready.select(LOOK_S):
        pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]  # only the child's pipes are registered
        if not key.data(pipes, pipe):
            ready.unregister(pipe)
            pipe.close()


def _feed(pipes: _Pipes, pipe: IO[bytes]) -> bool:
    """Write on; False when all is written, or when the child reads no more."""
    try:
        pipes.given = pipes.given[os.write(pipe.fileno(), pipes.given[:PIECE]) :]
    except BrokenPipeError:
        return False
    return len(pipes.given) > 0


def _hear(pipes: _Pipes, pipe: IO[bytes]) -> bool:
    """Read on and hand over each line that is whole; False at the end."""
    piece = os.read(pipe.fileno(), PIECE)
    whole, newline, rest = piece.rpartition(b"\n")
    if newline:
        lines = bytes(pipes.line) + whole
        pipes.line[:] = rest
        for line in lines.split(b"\n"):
            pipes.heard(line)
    else:
        pipes.line += piece
    return bool(piece)


def _keep(pipes: _Pipes, pipe: IO[bytes]) -> bool:
    """Read on and keep the end of it; False when there is no more."""
    piece = os.read(pipe.fileno(), PIECE)
    pipes.err += piece
    del pipes.err[:-KEPT_OF_STDERR]
    return bool(piece)


def _rest(pipes: _Pipes, ready: selectors.BaseSelector) -> None:
    """What still lies in the pipes of a child that has ended; then nothing of its group is left."""
    until_us = clock.monotonic_us() + LINGER_US
    while _reading(ready) and clock.monotonic_us() < until_us:
        _turn(pipes, ready)
    if _reading(ready):
        _kill(pipes.child)


def _reading(ready: selectors.BaseSelector) -> bool:
    """Whether an end of the child's output has not come yet."""
    return any(key.events & selectors.EVENT_READ for key in ready.get_map().values())


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End its whole process group; one of which nobody is left is ended."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
