"""
Was this box itself too slow?

*Method*: twice a second the ticks of every processor (/proc/stat) and the time that our own threads stood in a queue for one
(/proc/self/task/*/schedstat, second number) are read; over the window that counts that gives how busy the box and its busiest
processor were, how much of that was the network's interrupts, and the share of time that we waited.

What it does not prove: who kept the box busy. Time that a hypervisor gave to others (steal) counts as busy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from evidence.steady import ALL_PPM

EVERY_S = 0.5
STAT, TASKS = Path("/proc/stat"), Path("/proc/self/task")
# Columns of a line of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal; guests are part of user.
IDLE, IOWAIT, IRQ, SOFTIRQ, COLUMNS = 3, 4, 5, 6, 8


@dataclass(frozen=True, slots=True)
class Ticks:
    """One reading: ticks (all, idle, of interrupts) of the box and of each processor; our own processor time; how long our threads waited."""

    at_us: int
    own_us: int
    box: tuple[int, int, int]
    cores: tuple[tuple[int, int, int], ...]
    waited_ns: dict[str, int]


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the box was in a window, in ppm: all of it, its busiest processor, that one's interrupts; and how long we waited."""

    box_ppm: int
    core_ppm: int
    interrupts_ppm: int
    waited_ppm: int


def ticks() -> Ticks:
    """What the kernel counts now."""
    lines = [line.split() for line in STAT.read_text("ascii").splitlines() if line.startswith("cpu")]
    box, *cores = (_column_sums([int(one) for one in line[1 : COLUMNS + 1]]) for line in lines)
    return Ticks(time.monotonic_ns() // 1000, time.process_time_ns() // 1000, box, tuple(cores), _waited())


def _column_sums(columns: list[int]) -> tuple[int, int, int]:
    """All ticks, the idle ones, and those of interrupts."""
    return sum(columns), columns[IDLE] + columns[IOWAIT], columns[IRQ] + columns[SOFTIRQ]


def _waited() -> dict[str, int]:
    """Nanoseconds in the run queue, by thread."""
    found = {}
    for task in TASKS.iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found[task.name] = int((task / "schedstat").read_text("ascii").split()[1])
    return found


def between(before: Ticks, after: Ticks) -> Load:
    """What two readings say of the time between them."""
    wall_ns = max((after.at_us - before.at_us) * 1000, 1)
    cores = [_shares(*pair) for pair in zip(before.cores, after.cores, strict=False)]
    busiest = max(cores, default=(0, 0))
    waited = sum(now - before.waited_ns.get(thread, 0) for thread, now in after.waited_ns.items())
    return Load(_shares(before.box, after.box)[0], *busiest, waited * ALL_PPM // wall_ns)


def _shares(before: tuple[int, int, int], after: tuple[int, int, int]) -> tuple[int, int]:
    """The share of ticks that were not idle, and of those of interrupts, in ppm."""
    all_of, idle, interrupts = (now - then for then, now in zip(before, after, strict=True))
    return ((all_of - idle) * ALL_PPM // all_of, interrupts * ALL_PPM // all_of) if all_of > 0 else (0, 0)


@dataclass(slots=True)
class Loads:
    """The readings of a run."""

    seen: list[Ticks] = field(default_factory=list)

    def over(self, from_us: int, to_us: int) -> Load | None:
        """How busy the box was in a window of the monotonic clock; None with fewer than two readings in it."""
        inside = [one for one in self.seen if from_us - EVERY_S * 1e6 <= one.at_us <= to_us + EVERY_S * 1e6]
        return between(inside[0], inside[-1]) if len(inside) > 1 else None


@contextmanager
def watched() -> Iterator[Loads]:
    """Readings twice a second meanwhile, on a thread of its own."""
    loads, ending = Loads(), threading.Event()

    def go_on() -> None:
        loads.seen.append(ticks())
        while not ending.wait(EVERY_S):
            loads.seen.append(ticks())

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield loads
    finally:
        ending.set()
        thread.join()
