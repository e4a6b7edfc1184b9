"""Is a probe's process heard while it runs, fed without a deadlock, and gone in time?"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.child import KEPT_OF_STDERR, Heard, Killed, Stop, watched
from evidence.model import Failure

HELD = "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session={}); print(child.pid, flush=True); {}"


def run(
    script: str, heard: Heard, stop: Stop = lambda: False, given: bytes = b"{}", deadline_s: int = 20
) -> tuple[bytes, Killed | None]:
    """One child with this script, to its end."""
    command = [sys.executable, "-c", script]
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, bufsize=0)
    return watched(child, given, deadline_s, stop, heard)


def is_gone(pid: int, within_s: float = 10) -> bool:
    """Whether a process ends soon: a kill is sent at once, but the kernel carries it out when it comes to it."""
    until = time.monotonic() + within_s
    while (state := _state(pid)) not in "ZX" and time.monotonic() < until:
        time.sleep(0.01)
    return state in "ZX"


def _state(pid: int) -> str:
    """The letter of its state (proc(5)); X, dead, for one that is no more, Z for one that init has yet to take note of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def test_lines_come_while_it_runs() -> None:
    """A line is heard when it is written, not when the child ends: who hears it can end the child."""
    lines: list[bytes] = []
    started = time.monotonic()
    _, killed = run("import time; print('one', flush=True); time.sleep(60)", lines.append, lambda: lines != [])

    assert (lines, killed and killed[0]) == ([b"one"], Failure.INTERRUPTED)
    assert time.monotonic() - started < 10


def test_all_lines() -> None:
    """Lines of any length come whole and in order, also the last one without its end."""
    lines: list[bytes] = []
    run("import sys; [print('x' * 200_000 + str(n)) for n in range(5)]; sys.stdout.write('last')", lines.append)

    assert [line[-1:] for line in lines] == [b"0", b"1", b"2", b"3", b"4", b"t"]


def test_much_on_standard_error() -> None:
    """A child that fills its standard error is not held up, and the end of it is kept."""
    lines: list[bytes] = []
    err, killed = run("import sys; sys.stderr.write('e' * 5_000_000 + 'why'); print('end')", lines.append)

    assert (lines, killed, len(err), err[-3:]) == ([b"end"], None, KEPT_OF_STDERR, b"why")


@pytest.mark.parametrize("script", ["print('end')", "import os; os.close(0); print('end')"], ids=["ignored", "closed"])
def test_settings_that_nobody_reads(script: str) -> None:
    """A child that never reads its settings ends all the same."""
    lines: list[bytes] = []
    _, killed = run(script, lines.append, given=b"x" * 3_000_000)

    assert (lines, killed) == ([b"end"], None)


def test_settings_arrive_whole() -> None:
    """Settings larger than a pipe arrive, with their end."""
    lines: list[bytes] = []
    run("import sys; print(len(sys.stdin.buffer.read()))", lines.append, given=b"x" * 3_000_000)

    assert lines == [b"3000000"]


def test_deadline() -> None:
    """A child past its deadline is killed with all of its process group, and what it said before is kept."""
    lines: list[bytes] = []
    _, killed = run(HELD.format(False, "child.wait()"), lines.append, deadline_s=2)

    assert killed == (Failure.TIMED_OUT, "the probe was killed at its deadline of 2 s")
    assert is_gone(int(lines[0]))


def test_a_child_of_the_child_that_stays() -> None:
    """What a child that ended has left behind in its group does not live on."""
    lines: list[bytes] = []
    _, killed = run(HELD.format(False, ""), lines.append)

    assert (killed, is_gone(int(lines[0]))) == (None, True)


def test_pipes_that_stay_open() -> None:
    """A process that left the group and holds the pipes open is not waited for."""
    lines: list[bytes] = []
    started = time.monotonic()
    run(HELD.format(True, ""), lines.append)
    lasted = time.monotonic() - started
    os.kill(int(lines[0]), 9)

    assert lasted < 10


def test_a_bug_of_who_hears() -> None:
    """If hearing a line fails, the child does not run on."""
    pids: list[int] = []

    def fails(line: bytes) -> None:
        pids.append(int(line))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run("import os, time; print(os.getpid(), flush=True); time.sleep(60)", fails)
    assert is_gone(pids[0])
