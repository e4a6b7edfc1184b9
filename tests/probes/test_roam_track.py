"""Is what follows of a walk what happened on it: hand-overs, interruptions, losses?"""

from __future__ import annotations

import time

import pytest

from probes._roam.track import LATEST_US, Handover, Ping, Track, lost_of, settled

A, B, C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
MS = 1000
S = 1_000_000


def pinged(track: Track, until_us: int, *, silent: tuple[tuple[int, int], ...] = (), start_us: int = 1) -> None:
    """Ten pings a second, each answered after 5 ms unless it was sent in a time of silence."""
    for at in range(start_us, until_us, 100 * MS):
        quiet = any(first <= at < last for first, last in silence_of(silent))
        track.pings.append(Ping(at, None if quiet else at + 5 * MS))


def silence_of(silent: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Milliseconds as people write them, in microseconds."""
    return tuple((first * MS, last * MS) for first, last in silent)


def walked(
    *moves: tuple[str, int, int | None], silent: tuple[tuple[int, int], ...] = (), until_ms: int = 20_000
) -> Track:
    """A track of stays (BSSID, from ms, until ms)."""
    track = Track()
    for bssid, from_ms, until in moves:
        track.join(bssid, from_ms * MS)
        if until is not None:
            track.leave(until * MS)
    pinged(track, until_ms * MS, silent=silent)
    return track


def only(track: Track, at_ms: int = 20_000) -> Handover:
    """The one hand-over of a track."""
    (found,) = track.handovers(at_ms * MS)
    return found


def test_a_handover() -> None:
    """Who leaves one access point and is answered by way of the next was handed over; the interruption lies between two answers."""
    found = only(walked((A, 1, 3000), (B, 3200, None), silent=((2950, 3400),)))

    assert (found.failed, found.lost, found.interrupted_us, found.ended) == (False, 4, 500 * MS, True)


def test_without_interruption() -> None:
    """Where every ping was answered the interruption is one interval of the pings, and nothing is lost."""
    found = only(walked((A, 1, 3050), (B, 3060, None)))

    assert (found.lost, found.interrupted_us) == (0, 100 * MS)


def test_straight_from_one_to_the_next() -> None:
    """A station that tells of no leaving left when it reached the next."""
    found = only(walked((A, 1, None), (B, 3000, None)))

    assert (found.left.bssid, found.left.until_us, found.failed) == (A, 3000 * MS, False)


FAILED = {
    "back where it was": walked((A, 1, 3000), (A, 3200, None)),
    "away for too long": walked((A, 1, 3000), (B, 9000, None), silent=((3000, 9000),)),
    "away for good": walked((A, 1, 3000), silent=((3000, 20_000),)),
    "no answer by way of the next": walked((A, 1, 3000), (B, 3200, None), silent=((3000, 20_000),)),
    "the first answer too late": walked((A, 1, 3000), (B, 3200, None), silent=((3000, 8300),)),
}


@pytest.mark.parametrize("track", FAILED.values(), ids=list(FAILED))
def test_a_handover_that_failed(track: Track) -> None:
    """Who comes back to the same access point, is away too long, or is not answered in time was not handed over."""
    assert only(track).failed


def test_the_limit() -> None:
    """Five seconds away are a hand-over still."""
    assert not only(walked((A, 1, 3000), (B, 8000, None), silent=((3000, 8000),))).failed


def test_under_way() -> None:
    """A hand-over whose end is not known yet is none: neither good nor failed."""
    assert walked((A, 1, 3000), until_ms=4000, silent=((3000, 4000),)).handovers(4000 * MS) == ()


def test_interrupted_to_the_end() -> None:
    """Where no answer came any more the interruption is known from below only."""
    found = only(walked((A, 1, 3000), silent=((3000, 20_000),)))

    assert (found.ended, found.joined, found.interrupted_us) == (False, None, 20_000 * MS - 2905 * MS - 1)


def test_there_and_back() -> None:
    """Two hand-overs in quick succession are two, though one silence covers both."""
    track = walked((A, 1, 3000), (B, 3100, 3300), (C, 3400, None), silent=((3000, 3600),))

    assert [(one.failed, one.lost) for one in track.handovers(20_000 * MS)] == [(False, 6), (False, 6)]


def test_signals() -> None:
    """Before a hand-over counts the last signal of the old access point, after it the first one of the new."""
    track = Track()
    track.join(A, 1)
    for mbm in (-6000, -7600):
        track.stays[-1].heard(mbm)
    track.join(B, 3 * S)
    for mbm in (-5100, -4000):
        track.stays[-1].heard(mbm)
    pinged(track, 20 * S)
    found = only(track)

    assert (found.left.last_mbm, found.joined and found.joined.first_mbm) == (-7600, -5100)


def test_a_long_walk() -> None:
    """What follows of an hour with a hundred hand-overs is worked out within a tick of the pings."""
    track = Track()
    for number in range(101):
        track.join((A, B)[number % 2], (1 + 36 * number) * S)
    pinged(track, 3640 * S)
    started = time.monotonic()
    found = track.handovers(3640 * S)

    assert (len(found), time.monotonic() - started < 0.1) == (100, True)


def test_what_is_settled() -> None:
    """A ping that may still be answered is neither answered nor lost."""
    now = 10 * S
    pings = [Ping(now - LATEST_US - 1), Ping(now - 1), Ping(now - LATEST_US - 1, now - LATEST_US)]

    assert (len(settled(pings, now)), lost_of(settled(pings, now))) == (2, 1)
