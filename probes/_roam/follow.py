"""
How does a walk go on from one tenth of a second to the next?

*Method*: one loop. Ten times a second a ping is sent; the kernel's messages about the station (nl80211, group "mlme") say at once when it leaves an
access point and when it reaches one; five times a second the station itself is asked, for the signal and in case a message was lost. A message
counts for what was asked before it; what was asked counts where it says the same twice and no message came between.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from evidence.model import Failure, Unmeasurable
from probes import Progress
from probes._roam.pings import Address, Pings
from probes._roam.track import LATEST_US, LONGEST_US, Ping, Track, lost_of, settled

TICK_US = 100_000
ASK_EACH = 2  # ticks
TELL_EACH = 10
FIRST_US = 3_000_000  # a gateway that has answered nothing by then answers no pings at all
SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Association:
    """What the station is associated with; `bssid` is empty while with nothing, or with another network than at the start."""

    bssid: str
    signal_mbm: int | None = None


class Station(Protocol):
    """The station as the loop sees it."""

    def fileno(self) -> int:
        """What becomes readable when there is news."""
        ...

    def news(self) -> list[str]:
        """What has happened, in order: the BSSID that was reached, or nothing for an access point that was left."""
        ...

    def asked(self) -> Association:
        """What it says now."""
        ...


@dataclass(slots=True)
class Walk:
    """One walk: who is followed, what is known of it so far, and how it ends."""

    station: Station
    pings: Pings
    addresses: Callable[[], frozenset[Address]]
    wanted: int
    until_us: int
    stopped: Callable[[], bool]
    track: Track = field(default_factory=Track)
    kept: bool = True
    doubt: str | None = None
    at_start: frozenset[Address] = frozenset()


def follow(walk: Walk) -> Iterator[Progress]:
    """Follow the station until enough hand-overs were tried, the time is over or somebody stops it; raises Unmeasurable for a silent gateway."""
    walk.at_start = walk.addresses()
    started_us = now_us()
    tick = 0
    while not _over(walk, started_us + tick * TICK_US):
        walk.track.pings.append(Ping(now_us()))
        walk.pings.send(tick)
        if tick % ASK_EACH == 0:
            _ask(walk)
        if tick % TELL_EACH == 0:
            walk.kept = walk.kept and not _moved(walk)
            _refuse_silence(walk, started_us)
            yield _progress(walk)
        tick += 1
        _listen(walk, started_us + tick * TICK_US)
    walk.kept = walk.kept and not _moved(walk, at_the_end=True)


def now_us() -> int:
    """The monotonic clock."""
    return time.monotonic_ns() // 1000


def _over(walk: Walk, at_us: int) -> bool:
    """Whether the walk has ended: a hand-over that is under way is waited for, and the last pings are."""
    tried = walk.track.handovers(at_us)
    enough = len(tried) >= walk.wanted and now_us() - _last_us(walk.track) > SECOND_US
    if not (enough or at_us > walk.until_us or walk.stopped()):
        return False
    return _quiet(walk.track, len(tried)) or at_us > walk.until_us + LONGEST_US + LATEST_US


def _last_us(track: Track) -> int:
    """When the station last reached or left something."""
    last = track.stays[-1]
    return last.until_us or last.from_us


def _quiet(track: Track, tried: int) -> bool:
    """Whether the end of every hand-over is known."""
    left = sum(one.until_us is not None for one in track.stays)
    return tried == left


def _listen(walk: Walk, until_us: int) -> None:
    """Take answers and news until the next tick."""
    while (left_us := until_us - now_us()) > 0:
        news, answers = walk.station.fileno(), walk.pings.fileno()
        ready, _, _ = select.select([news, answers], [], [], left_us / 1_000_000)
        if news in ready:
            _take(walk)
        if answers in ready:
            for number in walk.pings.answered():
                _answered(walk.track.pings, number)


def _answered(pings: list[Ping], number: int) -> None:
    """An answer counts once, and not when it comes too late."""
    at_us = now_us()
    if number < len(pings) and pings[number].answered_us is None and at_us - pings[number].sent_us <= LATEST_US:
        pings[number].answered_us = at_us


def _take(walk: Walk) -> bool:
    """Take the news; whether there was any."""
    news = walk.station.news()
    for bssid in news:
        walk.doubt = None
        if bssid:
            walk.track.join(bssid, now_us())
        else:
            walk.track.leave(now_us())
    return bool(news)


def _ask(walk: Walk) -> None:
    """Ask the station; an answer that news overtook is dropped, one that contradicts what is known has to come twice."""
    said = walk.station.asked()
    ready, _, _ = select.select([walk.station.fileno()], [], [], 0)
    if ready and _take(walk):
        return
    here = walk.track.here
    if said.bssid == (here.bssid if here is not None else ""):
        walk.doubt = None
        if here is not None and said.signal_mbm is not None:
            here.heard(said.signal_mbm)
    elif walk.doubt == said.bssid or not walk.track.stays:
        walk.doubt = None
        walk.track.leave(now_us())
        if said.bssid:
            walk.track.join(said.bssid, now_us())
    else:
        walk.doubt = said.bssid


def _moved(walk: Walk, at_the_end: bool = False) -> bool:
    """Whether the box has other addresses now; that it has none for a moment is known to be a loss only at the end."""
    now = walk.addresses()
    return walk.track.here is not None and not now & walk.at_start and (bool(now) or at_the_end)


def _refuse_silence(walk: Walk, started_us: int) -> None:
    """A gateway that answers no pings at all says nothing about the air."""
    pings = walk.track.pings
    if now_us() - started_us >= FIRST_US and lost_of(pings) == len(pings):
        raise Unmeasurable(
            Failure.TIMED_OUT, "the gateway answers no pings: let it answer those of the Wi-Fi network, then walk again"
        )


def _progress(walk: Walk) -> Progress:
    """How far the walk is."""
    at_us = now_us()
    tried = walk.track.handovers(at_us)
    known = settled(walk.track.pings, at_us)
    return Progress(
        "walking",
        handovers=len(tried),
        failed=sum(one.failed for one in tried),
        wanted=walk.wanted,
        sent=len(known),
        received=len(known) - lost_of(known),
        left_s=max(0, (walk.until_us - at_us) // 1_000_000),
    )
