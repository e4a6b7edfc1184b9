"""
What do the polls of one device say of a window, and how well is it known?

*Method*: a device may answer with counters that it took seconds ago: switches refresh them every second, every ten, every thirty. An
answer in which no counter of the listed ports rose has told nothing new. Where every answer of the window told something new, what it told
holds at the middle of its exchange, and the counters at the edges of the window follow by linear interpolation. Where some
did not, only whole refresh steps count: from the first answer in the window that told something new to the last, each known to lie
between the asking of the poll before it and its own arrival. Counters up to one poll old show in no answer; the error that is told
has room for them. What is known to less than one part in sixteen is not told.

What it does not prove: that the counters are true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evidence.model import Failure
from probes._stimulus.counters import Lost, Sample, rises

ALL_PPM = 1_000_000
MOST_ERROR_PPM = 62_500  # whoever compares allows a twentieth: a much worse figure can contradict nobody
LEAST_SHARE = 2  # of the window asked for, at least one half is told, or nothing


@dataclass(frozen=True, slots=True)
class Poll:
    """One answer of a device, by rows, and the moments (monotonic, microseconds) between which it was asked and answered."""

    asked_us: int
    answered_us: int
    samples: Mapping[int, Sample]


@dataclass(frozen=True, slots=True)
class Known:
    """The counters (in, out) of each row at a moment, which is known to `error_us`."""

    at_us: int
    error_us: int
    counters: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Carried:
    """
    What the rows of a device carried (octets in, out) in a window, which may be shorter than the one asked for.

    `refresh_us` is the longest time without anything new, 0 where every poll told something new.
    """

    begin: Known
    end: Known
    refresh_us: int = 0

    @property
    def us(self) -> int:
        """How long the window was."""
        return self.end.at_us - self.begin.at_us

    @property
    def error_ppm(self) -> int:
        """How well the length of the window is known, and so the rate."""
        return (self.begin.error_us + self.end.error_us) * ALL_PPM // self.us

    def octets(self, row: int) -> tuple[int, int]:
        """What one row carried, in and out."""
        (in_before, out_before), (in_after, out_after) = self.begin.counters[row], self.end.counters[row]
        return in_after - in_before, out_after - out_before

    def bit_s(self, row: int) -> tuple[int, int]:
        """The rates of one row, in and out."""
        octets_in, octets_out = self.octets(row)
        return octets_in * 8_000_000 // self.us, octets_out * 8_000_000 // self.us


def carried(polls: Sequence[Poll], from_us: int, to_us: int, most_error_ppm: int = MOST_ERROR_PPM) -> Carried | Lost:
    """What a device's rows carried in a window of the monotonic clock, or why that cannot be told."""
    near = around(polls, from_us, to_us) if from_us < to_us else ()
    if len(near) < 2:
        return Lost(Failure.TIMED_OUT, f"{len(near)} of its answers are of the window or next to it")
    fault = broken(near)
    if fault is not None:
        return fault
    edges = _edges(near, from_us, to_us) if is_live(near) else _whole_steps(polls, from_us, to_us)
    if isinstance(edges, Lost):
        return edges
    begin, end, refresh_us = edges
    if (end.at_us - begin.at_us) * LEAST_SHARE < to_us - from_us:
        return _too_short(begin, end, refresh_us)
    found = Carried(begin, end, refresh_us)
    return found if found.error_ppm <= most_error_ppm else _too_vague(found)


def around(polls: Sequence[Poll], from_us: int, to_us: int) -> Sequence[Poll]:
    """The polls of a window, with the last one before it and the first one after it."""
    before = [number for number, poll in enumerate(polls) if middle(poll) <= from_us]
    after = [number for number, poll in enumerate(polls) if middle(poll) >= to_us]
    return polls[before[-1] if before else 0 : after[0] + 1 if after else len(polls)]


def middle(poll: Poll) -> int:
    """The moment for which a poll stands, if its counters were taken for it."""
    return (poll.asked_us + poll.answered_us) // 2


def broken(polls: Sequence[Poll]) -> Lost | None:
    """Why the rises of some row cannot be told."""
    return next((fault for row in polls[0].samples if (fault := fault_of(polls, row)) is not None), None)


def fault_of(polls: Sequence[Poll], row: int) -> Lost | None:
    """Why the rises of a row cannot be told: its port changed, a counter went back or is missing, the device restarted."""
    risen = (rises(before.samples[row], after.samples[row]) for before, after in pairwise(polls))
    return next((one for one in risen if isinstance(one, Lost)), None)


def is_live(polls: Sequence[Poll]) -> bool:
    """Whether every poll told something new."""
    return all(is_new(before, after) for before, after in pairwise(polls))


def is_new(before: Poll, after: Poll) -> bool:
    """Whether any counter differs from the poll before."""
    return any(counted(before.samples[row]) != counted(sample) for row, sample in after.samples.items())


def counted(sample: Sample) -> tuple[int, int]:
    """The two counters of a row; what has none is told apart by `broken`."""
    return sample.octets_in or 0, sample.octets_out or 0


def asked_for(polls: Sequence[Poll]) -> list[Known]:
    """Each poll as what was so when it was asked; counters that are up to one step older would show in no poll."""
    steps_us = sorted(after.asked_us - before.asked_us for before, after in pairwise(polls))
    rest_us = steps_us[len(steps_us) // 2] // 2 if steps_us else 0
    return [Known(middle(poll), rest_us + _half(poll.asked_us, poll.answered_us), _counters(poll)) for poll in polls]


def refreshed(polls: Sequence[Poll]) -> list[Known]:
    """The polls that told something new: it became so after the poll before was asked, and before this one was answered."""
    return [
        Known((before.asked_us + after.answered_us) // 2, _half(before.asked_us, after.answered_us), _counters(after))
        for before, after in pairwise(polls)
        if is_new(before, after)
    ]


def at_most(polls: Sequence[Poll], from_us: int, to_us: int) -> int | None:
    """Octets that a device's rows can have carried at most in a window, in or out; None where no two refreshes enclose it."""
    steps = refreshed(polls)
    before = [one for one in steps if one.at_us + one.error_us <= from_us]
    after = [one for one in steps if one.at_us - one.error_us >= to_us]
    if not before or not after or broken(polls) is not None:
        return None
    around_it = Carried(before[-1], after[0])
    found = [around_it.octets(row) for row in around_it.begin.counters]
    return max(sum(one[0] for one in found), sum(one[1] for one in found))


Edges = tuple[Known, Known, int]


def _edges(near: Sequence[Poll], from_us: int, to_us: int) -> Edges:
    """Both edges of the window, or of that part of it which was polled."""
    knots = asked_for(near)
    return _at(knots, max(from_us, knots[0].at_us)), _at(knots, min(to_us, knots[-1].at_us)), 0


def _at(knots: Sequence[Known], moment_us: int) -> Known:
    """The counters at a moment between the first and the last knot."""
    before, after = next((one, other) for one, other in pairwise(knots) if moment_us <= other.at_us)
    span_us, part_us = after.at_us - before.at_us, moment_us - before.at_us
    between = {
        row: (low_in + (high_in - low_in) * part_us // span_us, low_out + (high_out - low_out) * part_us // span_us)
        for row, (high_in, high_out) in after.counters.items()
        for low_in, low_out in (before.counters[row],)
    }
    return Known(moment_us, max(before.error_us, after.error_us), between)


def _whole_steps(polls: Sequence[Poll], from_us: int, to_us: int) -> Edges | Lost:
    """The first and the last refresh in the window."""
    steps = [one for one in refreshed(polls) if from_us <= one.at_us <= to_us]
    if len(steps) < 2:
        words = f"in a window of {_seconds(to_us - from_us)} s it told something new {len(steps)} times"
        return Lost(Failure.INSTRUMENT_LIMIT, f"{words}: no traffic, or counters that are refreshed too rarely")
    return steps[0], steps[-1], max(after.at_us - before.at_us for before, after in pairwise(steps))


def _too_short(begin: Known, end: Known, refresh_us: int) -> Lost:
    """Less than half of the window is known."""
    words = f"only {_seconds(end.at_us - begin.at_us)} s of the window are known"
    if refresh_us:
        return Lost(
            Failure.INSTRUMENT_LIMIT, f"{words}: it refreshes its counters every {_seconds(refresh_us)} s or so"
        )
    return Lost(Failure.TIMED_OUT, words)


def _too_vague(found: Carried) -> Lost:
    """The moments of its counters are not known well enough."""
    words = f"its counters are of moments known to {found.error_ppm // 10_000} % of the window only"
    return Lost(Failure.INSTRUMENT_LIMIT, words)


def _half(since_us: int, until_us: int) -> int:
    """Half of a span, rounded up."""
    return (until_us - since_us + 1) // 2


def _counters(poll: Poll) -> dict[int, tuple[int, int]]:
    """The counters of each row."""
    return {row: counted(sample) for row, sample in poll.samples.items()}


def _seconds(span_us: int) -> str:
    """A time as people write it."""
    return f"{span_us / 1e6:.1f}"
