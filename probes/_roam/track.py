"""
When did the station leave one access point and reach the next, and what did that cost?

*Method*: a walk is a list of stays (which access point, from when to when, how strong) and a list of pings (sent when, answered when). Everything that
is reported follows from these two alone; they are the raw evidence. A hand-over lies between two stays. It failed if the station was away for longer
than LONGEST_US, if it came back to the access point that it had left, or if no ping was answered within LONGEST_US of the new stay.

The interruption is the time without any answer: from the last one before the leaving to the first one after the joining. Where nothing is interrupted it is
one interval of the pings.

What it does not prove: why a station moved, and how another station would.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LONGEST_US = 5_000_000  # our choice: who is away for longer has lost the network, and has not been handed over
LATEST_US = 2_000_000  # an answer that is later is none


@dataclass(slots=True)
class Stay:
    """One association: `until_us` is None while it lasts; signals in mBm, None while none was read."""

    bssid: str
    from_us: int
    until_us: int | None = None
    first_mbm: int | None = None
    last_mbm: int | None = None

    def heard(self, signal_mbm: int) -> None:
        """Take one reading of the signal."""
        self.last_mbm = signal_mbm
        if self.first_mbm is None:
            self.first_mbm = signal_mbm


@dataclass(slots=True)
class Ping:
    """One echo request and its answer, if any came in time."""

    sent_us: int
    answered_us: int | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """One hand-over; `to` is empty where the station reached nothing, `ended` False where no answer ended the interruption."""

    left: Stay
    joined: Stay | None
    interrupted_us: int
    ended: bool
    lost: int
    failed: bool


@dataclass(slots=True)
class Track:
    """What happened on a walk, on the monotonic clock in microseconds."""

    stays: list[Stay] = field(default_factory=list)
    pings: list[Ping] = field(default_factory=list)

    @property
    def here(self) -> Stay | None:
        """The association that lasts; None while there is none."""
        return self.stays[-1] if self.stays and self.stays[-1].until_us is None else None

    def join(self, bssid: str, at_us: int) -> None:
        """The station is associated; an association that still lasted ends with it."""
        if self.here is not None and self.here.bssid == bssid:
            return
        self.leave(at_us)
        self.stays.append(Stay(bssid, at_us))

    def leave(self, at_us: int) -> None:
        """The station is associated no more."""
        if self.here is not None:
            self.here.until_us = at_us

    def handovers(self, now_us: int) -> tuple[Handover, ...]:
        """All hand-overs that have been tried; one that may still succeed is none yet."""
        following: list[Stay | None] = [*self.stays[1:], None][: len(self.stays)]
        tried = [
            self._handover(left, joined, now_us)
            for left, joined in zip(self.stays, following, strict=True)
            if left.until_us
        ]
        return tuple(one for one in tried if one is not None)

    def _handover(self, left: Stay, joined: Stay | None, now_us: int) -> Handover | None:
        """One hand-over; None while it is not known yet how it ends."""
        left_us = left.until_us or now_us
        back_us = joined.from_us if joined is not None else now_us
        last_us, first_us = self._silence(left_us, back_us, joined is not None)
        until_us = first_us if first_us is not None else now_us
        away = back_us - left_us > LONGEST_US
        if not away and first_us is None and now_us - back_us <= LONGEST_US:
            return None
        failed = away or joined is None or joined.bssid == left.bssid or until_us - back_us > LONGEST_US
        first, last = (bisect_left(self.pings, at, key=_sent_us) for at in (last_us - LATEST_US, until_us))
        lost = lost_of(self.pings[first:last])
        return Handover(left, joined, until_us - last_us, first_us is not None, lost, failed)

    def _silence(self, left_us: int, back_us: int, joined: bool) -> tuple[int, int | None]:
        """When the last answer came before the leaving, and the first one after the joining; of long walks only the pings around are looked at."""
        before = reversed(self.pings[: bisect_right(self.pings, left_us, key=_sent_us)])
        start = self.pings[0].sent_us if self.pings else left_us
        last_us = next((at for one in before if (at := one.answered_us) is not None and at <= left_us), start)
        first, last = (
            bisect_left(self.pings, at, key=_sent_us) for at in (back_us - LATEST_US, back_us + 2 * LONGEST_US)
        )
        after = [one.answered_us for one in self.pings[first:last] if one.answered_us is not None]
        return last_us, min((at for at in after if joined and at >= back_us), default=None)


def _sent_us(ping: Ping) -> int:
    """What the pings are ordered by."""
    return ping.sent_us


def lost_of(pings: Iterable[Ping]) -> int:
    """How many pings have no answer."""
    return sum(one.answered_us is None for one in pings)


def settled(pings: Sequence[Ping], now_us: int) -> Sequence[Ping]:
    """The pings of which it is known whether they were answered: those sent long enough ago, and those that were."""
    return [one for one in pings if one.answered_us is not None or now_us - one.sent_us > LATEST_US]
