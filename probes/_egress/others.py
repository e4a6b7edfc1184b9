"""
Who else is on the line?

*Method*: the ports to the outside are polled from before the run until after it. A line that is more than 60 % full is not measured at all;
a paced run ends when what others carry rises by more than a tenth of the threshold over what they carried before; and what they carried
in the window that counts stands beside the result.

What it does not prove: anything where no device answers; the words say so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from evidence.layers import Segments
from evidence.model import Failure, Unmeasurable
from evidence.stream import Direction
from probes._egress.run import Ran
from probes._egress.settings import Settings
from probes._egress.witness import CLOSING_S, Witness, Witnessed, watching

BUSY_PPM = 600_000
LOOKED_BACK_S = 3.0  # what others carry comes in bursts; a run that has settled by then is over
POLL_S = 0.6
RISE = 10  # one part of the threshold in so many
FULL = {4: Segments(1448, 4), 6: Segments(1428, 6)}


@dataclass(frozen=True, slots=True)
class Others:
    """The witness of this probe's run, and what the ports carried before anything was sent, where that is known."""

    witness: Witness
    threshold_bit_s: int
    before: Witnessed | None

    def rising(self, family: int) -> Callable[[Ran], str]:
        """What a paced run asks every second: in words how others rose, empty where they did not or nobody can tell."""

        def risen(ran: Ran) -> str:
            to_us = ran.now_us - round(POLL_S * 1e6)
            from_us = to_us - round(LOOKED_BACK_S * 1e6)
            if from_us < 0 or self.before is None:
                return ""
            # Not waiting for polls: who asks also keeps the talk with the server going.
            found = self.over(ran, from_us, to_us, wait_s=0)
            if isinstance(found, str):
                return ""
            own = FULL[family].l2(ran.counted.rate(from_us, to_us))
            others = _in(found, ran.plan.direction) - own - _in(self.before, ran.plan.direction)
            return "others on the line rose by more than a tenth" if others * RISE > self.threshold_bit_s else ""

        return risen

    def over(self, ran: Ran, from_us: int, to_us: int, wait_s: float = CLOSING_S) -> Witnessed | str:
        """What the ports carried in a window of a run, or in words why that cannot be told."""
        from_s, to_s = ((ran.started_us + edge) / 1e6 for edge in (from_us, to_us))
        found = self.witness.rates(from_s, to_s, wait_s)
        return found if isinstance(found, Witnessed) else found.detail


def _in(found: Witnessed, direction: Direction) -> int:
    """What the ports carried one way, L2 bit/s."""
    return found.down_bit_s if direction is Direction.DOWN else found.up_bit_s


@contextmanager
def others(settings: Settings) -> Iterator[Others | None]:
    """The witness from now on, None where none is listed; raises Unmeasurable where the line is busy already."""
    if not settings.switches:
        yield None
        return
    started_s = time.monotonic()
    with watching(settings.switches, settings.timeout_s) as witness:
        busy = witness.busy_ppm(settings.threshold_bit_s)
        if busy is not None and busy > BUSY_PPM:
            raise Unmeasurable(
                Failure.INTERRUPTED,
                f"the line is {busy // 10_000} % busy with other traffic (more than {BUSY_PPM // 10_000} %): "
                "nothing was sent; measure again in a quiet hour",
            )
        found = witness.rates(started_s, time.monotonic())
        yield Others(witness, settings.threshold_bit_s, found if isinstance(found, Witnessed) else None)
