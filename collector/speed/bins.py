"""
In which tenth of a second was how much credited?

Every bin lies on one grid of this server's monotonic clock, so that the bins of several runs can be added without asking any other
clock. Content is told of in chunks; a chunk is spread over the time since the one before it, because it flowed in that time: at a slow
rate the steps of whole chunks would look like an unsteady line. A Series has one writer; who reads it beside takes bins that are over.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from evidence.stream import BIN_US

SPREAD_US = 60_000  # a chunk is never spread further back than this
SETTLED_US = 80_000  # a bin is read so long after its end: nothing is added to it any more


def monotonic_us() -> int:
    """The monotonic clock in microseconds."""
    return time.monotonic_ns() // 1000


def next_bin(now_us: int) -> int:
    """The first bin that begins at or after a moment."""
    return -(-now_us // BIN_US)


def complete_until(now_us: int) -> int:
    """The first bin that is not over yet."""
    return (now_us - SETTLED_US) // BIN_US


class Series:
    """Octets by bin."""

    def __init__(self) -> None:
        self._octets: dict[int, int] = {}
        self._before_us = 0

    def add(self, at_us: int, octets: int) -> None:
        """Credit octets that were there at a moment to the bins since the moment before."""
        since_us = min(max(self._before_us or at_us, at_us - SPREAD_US), at_us)
        self._before_us = at_us
        begin, end = since_us // BIN_US, at_us // BIN_US
        if begin != end:  # the bins are longer than what is spread: there are two
            earlier = octets * (end * BIN_US - since_us) // (at_us - since_us)
            self._credit(begin, earlier)
            octets -= earlier
        self._credit(end, octets)

    def _credit(self, at: int, octets: int) -> None:
        """So many more in one bin."""
        self._octets[at] = self._octets.get(at, 0) + octets

    def between(self, first: int, end: int) -> list[int]:
        """The octets of the bins from `first` up to but without `end`."""
        return [self._octets.get(at, 0) for at in range(first, end)]


def summed(series: Iterable[Series], first: int, end: int) -> list[int]:
    """Several series bin by bin."""
    total = [0] * max(end - first, 0)
    for one in series:
        for at, octets in enumerate(one.between(first, end)):
            total[at] += octets
    return total
