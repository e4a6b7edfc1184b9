"""
How much had flowed at which moment, and what follows from that?

*Method*: the sum over all streams is read about ten times a second with the moment of the reading; bins and windows are cut out of that
series by straight lines between two readings, so that a reader who comes late shifts nothing. Pure: no clock, no sockets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from evidence.steady import ALL_PPM, Window, window_of
from evidence.stream import BIN_US

PLATEAU_PPM = 30_000  # streams that were added and brought less than this show that the line is full
SHORTEST_US = 2_000_000  # what is kept up for less than this may be a burst that was saved up: it counts as if it had taken so long
SETTLING_US, COMPARED_US = 500_000, 1_000_000  # after an addition, and how long the rates on both sides are


@dataclass(slots=True)
class Counted:
    """Octets so far at moments after the beginning of bin 0, in microseconds, rising."""

    # One list of pairs: another thread reads while this one grows, and must never see a moment without its octets.
    series: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def note(self, at_us: int, octets: int) -> None:
        """One more reading; a reading before the last one is none."""
        last_us, before = self.series[-1]
        if at_us > last_us:
            self.series.append((at_us, max(octets, before)))

    def start(self, octets: int) -> None:
        """What had flowed when bin 0 began: content may come before the message that says so."""
        self.series[0] = (0, octets)

    def until(self, at_us: int) -> int:
        """Octets up to a moment, by a straight line between the readings around it; the last reading for what comes after it."""
        after = bisect_left(self.series, at_us, key=itemgetter(0))
        around = self.series[max(after - 1, 0) : after + 1]
        if after == 0 or len(around) == 1:
            return around[0][1]
        (left_us, low), (right_us, high) = around
        return low + (high - low) * (at_us - left_us) // (right_us - left_us)

    def between(self, from_us: int, to_us: int) -> int:
        """Octets from one moment to another."""
        return self.until(to_us) - self.until(from_us)

    def rate(self, from_us: int, to_us: int) -> int:
        """Payload rate in bit/s from one moment to another, both different."""
        return self.between(from_us, to_us) * 8_000_000 // (to_us - from_us)

    def kept_up(self, from_us: int, to_us: int) -> int:
        """The rate that a window proves: a window of less than two seconds counts as two."""
        return self.between(from_us, to_us) * 8_000_000 // max(to_us - from_us, SHORTEST_US)

    @property
    def end_us(self) -> int:
        """The moment of the last reading."""
        return self.series[-1][0]

    def bins(self) -> list[int]:
        """Octets in each whole bin."""
        edges = [self.until(edge) for edge in range(0, self.end_us + 1, BIN_US)]
        return [after - before for before, after in pairwise(edges)]


def gained_ppm(counted: Counted, added_us: int) -> int | None:
    """By which part the rate rose when streams were added; None where too little was measured on either side."""
    first_us, after_us = added_us - COMPARED_US, added_us + SETTLING_US
    if first_us < 0 or counted.end_us < after_us + COMPARED_US:
        return None
    before = counted.rate(first_us, added_us)
    return (counted.rate(after_us, after_us + COMPARED_US) - before) * ALL_PPM // before if before else None


def is_rising(counted: Counted, at_us: int, step_us: int, by_ppm: int = 50_000) -> bool:
    """Whether the last step of time carried more than the one before it by a part."""
    before = counted.between(at_us - 2 * step_us, at_us - step_us)
    return counted.between(at_us - step_us, at_us) * ALL_PPM > before * (ALL_PPM + by_ppm)


@dataclass(frozen=True, slots=True)
class Proved:
    """What is left of a run that did not come to its end: a rate that was kept up from one moment to another."""

    rate_bit_s: int
    from_us: int
    to_us: int
    half_width_ppm: int


def proved(own: Sequence[int], credited: Sequence[int]) -> Proved | None:
    """The lower bound that both ends' bins carry, in their common time; None where neither has a whole bin."""
    common = min(len(own), len(credited))
    if not common:
        return None
    window = max((_window(bins[:common]) for bins in (own, credited)), key=lambda one: one.half_width_ppm)
    octets = min(sum(bins[window.first : window.end]) for bins in (own, credited))
    mean = octets * 8_000_000 // max((window.end - window.first) * BIN_US, SHORTEST_US)
    return Proved(lower(mean, window.half_width_ppm), window.first * BIN_US, window.end * BIN_US, window.half_width_ppm)


def _window(bins: Sequence[int]) -> Window:
    """The window that counts; all of it, with no half-width known, where it is too short for one."""
    return window_of(bins) or Window(0, len(bins), 0, 0)


def lower(rate_bit_s: int, half_width_ppm: int) -> int:
    """A rate less the half-width of its mean: what a run that had not settled proves."""
    return rate_bit_s * (ALL_PPM - min(half_width_ppm, ALL_PPM)) // ALL_PPM
