"""
When does a run end, alone or side by side with others, and which bins count?

*Method*: the members of a party are runs that must be measured in the same bins; a run without a group is a party of one. Where all
members are active, their bins are added, and the sum decides: when it has settled, all end together with one window. Who is not there
ten seconds after the first began is not waited for. Whatever ends one member ends all, because the sum is over then.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from collector.speed.bins import Series, complete_until, summed
from evidence.steady import BINS_A_BATCH, FEWEST_BATCHES, FEWEST_PACED, Window, window_of
from evidence.stream import BIN_US, Ended

GATHER_US = 10_000_000
LEAST_US, LEAST_PACED_US = 4_000_000, 3_000_000
SILENT_BINS = 50  # five seconds in which nothing was credited: the way to the other end is gone
SHORTEST = 2  # batches of which a half-width can be told at all


@dataclass(frozen=True, slots=True)
class Span:
    """Why a party ended and the bins that count, on the grid of the server's clock, with how well their mean is known."""

    ended: Ended
    first: int
    end: int
    half_width_ppm: int

    @property
    def steady(self) -> bool:
        """Whether it ended because the rate had settled; everything else is a lower bound."""
        return self.ended is Ended.STEADY


@dataclass(eq=False, slots=True)
class Member:
    """One run: its first bin, what it may take at most, and the series of its streams, to which more may come."""

    origin: int
    most_us: int
    paced: bool
    counted: list[Series]


@dataclass(slots=True)
class Party:
    """Runs that begin and end together; `span` is settled once, for all."""

    seats: int = 1
    group: str = ""
    members: list[Member] = field(default_factory=list)
    span: Span | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _looked: int = 0

    def enter(self, member: Member, now_us: int) -> bool:
        """Whether a run could still join: not where all seats are taken, the time to gather is over, or it has ended."""
        with self._lock:
            if self.span is not None or (self.members and self._gathered(now_us)):
                return False
            self.members.append(member)
            return True

    @property
    def present(self) -> int:
        """How many take part."""
        return len(self.members)

    def judged(self, now_us: int) -> Span | None:
        """What all of it came to, if it has ended; looked at each half second."""
        with self._lock:
            if self.span is None and self._gathered(now_us):
                first, end = self._common(now_us)
                if (end - first) // BINS_A_BATCH > self._looked:
                    self._looked = (end - first) // BINS_A_BATCH
                    self._judge(first, end, now_us)
                elif now_us >= self._latest_us():
                    self._settle(Ended.TIME, first, end)
            return self.span

    def end(self, why: Ended, now_us: int) -> None:
        """One member is over, and with it all; the first reason stands."""
        with self._lock:
            if self.span is None:
                self._settle(why, *self._common(now_us))

    def _gathered(self, now_us: int) -> bool:
        """Whether nobody is waited for any more."""
        began = min(one.origin for one in self.members)
        return len(self.members) >= self.seats or now_us - began * BIN_US > GATHER_US

    def _common(self, now_us: int) -> tuple[int, int]:
        """The bins in which all members are active, as far as they are over."""
        first = max(one.origin for one in self.members)
        return first, max(complete_until(now_us), first)

    def _latest_us(self) -> int:
        """When the time of some member is over; it counts from the last that joined."""
        return max(one.origin for one in self.members) * BIN_US + min(one.most_us for one in self.members)

    def _judge(self, first: int, end: int, now_us: int) -> None:
        """Whether the sum has settled, or never will."""
        bins = self._bins(first, end)
        found = window_of(bins, self._fewest())
        least_us = LEAST_PACED_US if self._paced() else LEAST_US
        if found is not None and found.steady and (end - first) * BIN_US >= least_us:
            self._settle(Ended.STEADY, first, end)
        elif now_us >= self._latest_us():
            self._settle(Ended.TIME, first, end)
        elif len(bins) >= SILENT_BINS and not any(bins[-SILENT_BINS:]):
            self._settle(Ended.CUT, first, end)

    def _settle(self, why: Ended, first: int, end: int) -> None:
        """The end, and the window at that moment."""
        bins = self._bins(first, end)
        found = window_of(bins, self._fewest()) or window_of(bins, SHORTEST)
        window = found or Window(0, len(bins), 1_000_000, 0)
        self.span = Span(why, first + window.first, first + window.end, window.half_width_ppm)

    def _bins(self, first: int, end: int) -> list[int]:
        """The sum over all members."""
        return summed((series for one in self.members for series in tuple(one.counted)), first, end)

    def _paced(self) -> bool:
        """Whether all members are held to a rate by their sender."""
        return all(one.paced for one in self.members)

    def _fewest(self) -> int:
        """How many batches the window needs."""
        return FEWEST_PACED if self._paced() else FEWEST_BATCHES


class Parties:
    """Who measures side by side: by group and direction."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Party] = {}
        self._lock = threading.Lock()

    def join(self, group: str, direction: str, seats: int, member: Member, now_us: int) -> Party:
        """The party of a group that still gathers, or a new one; a run without a group is alone."""
        if not group:
            seats = 1
        with self._lock:
            found = self._open.get((group, direction)) if group else None
            if found is None or not found.enter(member, now_us):
                found = Party(seats, group)
                found.enter(member, now_us)
                self._open = {key: one for key, one in self._open.items() if one.span is None}
                if group:
                    self._open[group, direction] = found
            return found
