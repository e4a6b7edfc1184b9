"""
How does a link take ten milliseconds, when a kernel has no netem?

`pipe_delay.py MICROSECONDS` is a cable (`cable.py`) that keeps each frame for so long. Each direction is carried by a process of its own:
frames are read as they come, wait in order, and are written when their time has come.

It does not prove: jitter or loss. It carries 1 Gbit/s in super-packets with a fifth of a processor; where its processor is full, frames
are lost at its entry, so who measures above 2.5 Gbit/s watches it.
"""

import errno
import os
import select
import sys
import time
from collections import deque
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # it is run by itself, isolated
from tests.lab.cable import LARGEST_FRAME_BYTES, LOST_ON_THE_WAY, open_tap

FRAMES_A_TURN = 256
LONGEST_WAIT_S = 0.5


def carry(source: int, sink: int, delay_s: float, alive: int) -> None:
    """Carry frames one way until the other process has gone (its end of the pipe `alive` closes)."""
    waiting: deque[tuple[float, bytes]] = deque()
    while True:
        pause_s = max(0.0, waiting[0][0] - time.monotonic()) if waiting else LONGEST_WAIT_S
        ready, _, _ = select.select([source, alive], [], [], pause_s)
        if alive in ready:
            return
        if source in ready:
            take(source, waiting, delay_s)
        while waiting and waiting[0][0] <= time.monotonic():
            hand(sink, waiting.popleft()[1])


def take(source: int, waiting: deque[tuple[float, bytes]], delay_s: float) -> None:
    """Read what waits at one end, at most one turn's worth."""
    for _ in range(FRAMES_A_TURN):
        try:
            frame = os.read(source, LARGEST_FRAME_BYTES)
        except BlockingIOError:
            return
        waiting.append((time.monotonic() + delay_s, frame))


def hand(sink: int, frame: bytes) -> None:
    """Write one frame; a far end that is down or full loses it, as a real one does."""
    try:
        os.write(sink, frame)
    except OSError as error:
        if error.errno not in LOST_ON_THE_WAY:
            raise


def main(delay_s: float) -> None:
    """Print the two names on one line, then carry frames both ways for ever."""
    (one, one_name), (other, other_name) = open_tap(), open_tap()
    ours, theirs = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours[1])
        os.close(theirs[0])
        carry(other, one, delay_s, ours[0])
        return
    os.close(ours[0])
    os.close(theirs[1])
    sys.stdout.write(f"{one_name} {other_name}\n")
    sys.stdout.flush()
    carry(one, other, delay_s, theirs[0])


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) / 1_000_000)
    except OSError as error:
        if error.errno != errno.EBADFD:  # EBADFD: a machine has gone and took its tap along; the work is over
            raise
