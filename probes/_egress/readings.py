"""
What does one run say, as readings?

*Method*: the rate is our own count over the window that the server chose, less the half-width of its mean where it had not settled; of a run
that was cut, what both ends' bins carry. Every rate names the session, the limit and the other end's figure, so that whoever compares the
two reports finds the same run in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence import quantities_egress as q
from evidence.layers import Segments
from evidence.model import Facts, Quantity, Reading
from evidence.stream import Direction, Done, Ended, Welcome
from probes._egress.counted import gained_ppm, lower, proved
from probes._egress.echoes import RoundTrip, in_short
from probes._egress.limits import Limit, Seen, at_most, limit
from probes._egress.load import Load
from probes._egress.run import Ran
from probes._egress.sender import number, segments_of, sender_of
from probes._egress.settings import Settings
from probes._egress.witness import Witnessed
from probes._interfaces import Port

A_MINUTE_US = 60_000_000
RATES: dict[tuple[str, Direction], tuple[Quantity, Quantity]] = {
    ("", Direction.DOWN): (q.EGRESS_DOWN, q.EGRESS_DOWN_IP),
    ("", Direction.UP): (q.EGRESS_UP, q.EGRESS_UP_IP),
    ("internet", Direction.DOWN): (q.INTERNET_DOWN, q.INTERNET_DOWN_IP),
    ("internet", Direction.UP): (q.INTERNET_UP, q.INTERNET_UP_IP),
    ("metro", Direction.DOWN): (q.METRO_DOWN, q.METRO_DOWN_IP),
    ("metro", Direction.UP): (q.METRO_UP, q.METRO_UP_IP),
}
KEPT = ("group", "seats", "present", "hour_best_bit_s", "kernel_acked_bit_s", "wrong_tags", "late_tags")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run proved: its window in microseconds after bin 0, the mean in it, and what is left of that as a lower bound."""

    from_us: int
    to_us: int
    mean_bit_s: int
    at_least_bit_s: int
    half_width_ppm: int
    steady: bool


def counts_of(ran: Ran) -> Counts | None:
    """What a run proved; None where it was cut before anything was."""
    if ran.done is not None:
        return _counted(ran, ran.done)
    found = proved(ran.counted.bins(), ran.credited)
    if found is None:
        return None
    return Counts(found.from_us, found.to_us, found.rate_bit_s, found.rate_bit_s, found.half_width_ppm, steady=False)


def _counted(ran: Ran, done: Done) -> Counts | None:
    """Our own count over the server's window; None where that has no length."""
    if done.to_us == done.from_us:
        return None
    mean = ran.counted.kept_up(done.from_us, done.to_us)
    least = mean if done.steady else lower(mean, done.half_width_ppm)
    return Counts(done.from_us, done.to_us, mean, least, done.half_width_ppm, done.steady)


@dataclass(frozen=True, slots=True)
class Told:
    """One run with all that is known of it: the rest of the readings is arithmetic."""

    settings: Settings
    welcome: Welcome
    ran: Ran
    counts: Counts
    family: int
    port: Port | None
    witnessed: Witnessed | None = None
    witness_words: str = ""
    second_bit_s: int | None = None
    second_words: str = ""

    @property
    def direction(self) -> Direction:
        """Which way."""
        return self.ran.plan.direction

    @property
    def segments(self) -> Segments:
        """How payload was cut up."""
        return segments_of(self.direction, self.server_facts, self.ran.streams.streams, self.family)

    @property
    def server_facts(self) -> Facts:
        """What the server told of the run; empty where it was cut."""
        return self.ran.done.facts if self.ran.done is not None else {}

    @property
    def in_window(self) -> list[RoundTrip]:
        """The round trips that were sent within the window."""
        from_us, to_us = (self.ran.started_us + edge for edge in (self.counts.from_us, self.counts.to_us))
        return [trip for trip in self.ran.trips if from_us <= trip.at_us <= to_us]

    @property
    def load(self) -> Load | None:
        """How busy this box was in the window."""
        return self.ran.loads.over(self.ran.started_us + self.counts.from_us, self.ran.started_us + self.counts.to_us)

    @property
    def seen(self) -> Seen:
        """All that names the limit."""
        ran, counts, facts, loaded = self.ran, self.counts, self.server_facts, in_short(self.in_window)
        added = ran.added_us[-1] if ran.added_us else None
        return Seen(
            direction=self.direction,
            rate_bit_s=counts.mean_bit_s,
            server_bit_s=ran.done.rate_bit_s if ran.done is not None else counts.mean_bit_s,
            half_width_ppm=counts.half_width_ppm,
            steady=counts.steady,
            whole=ran.done is not None,
            streams=len(ran.streams.streams),
            segments=self.segments,
            sender=sender_of(self.direction, facts, ran.streams.streams, ran.started_us + ran.counted.end_us),
            pace_bit_s=ran.plan.pace_bit_s,
            port=self.port,
            virtual_ports=self.settings.virtual_ports,
            load=self.load,
            server_cpu_ppm=number(facts, "server_cpu_ppm"),
            server_wait_ppm=number(facts, "server_wait_ppm"),
            idle_us=ran.plan.idle_us,
            loaded_us=loaded.median_us if loaded is not None else 0,
            second_bit_s=self.second_bit_s,
            witness_l2_bit_s=self._witness_bit_s,
            hour_best_bit_s=number(facts, "hour_best_bit_s"),
            gained_ppm=gained_ppm(ran.counted, added) if added is not None else None,
        )

    @property
    def _witness_bit_s(self) -> int | None:
        """What the ports to the outside carried in this direction."""
        if self.witnessed is None:
            return None
        return self.witnessed.down_bit_s if self.direction is Direction.DOWN else self.witnessed.up_bit_s


def readings(told: Told) -> Iterator[Reading]:
    """All readings of one run."""
    seen, segments, direction = told.seen, told.segments, told.direction.value
    found = limit(seen)
    most = at_most(seen, found)
    facts = _facts(told, found)
    payload, ip = RATES[told.settings.path, told.direction]
    line, least = told.settings.line, told.counts.at_least_bit_s
    yield payload.between(least, most, subject=line, facts=facts)
    yield ip.between(segments.ip(least), None if most is None else segments.ip(most), subject=line, facts=facts)
    yield q.EGRESS_LIMITED_BY.reading(found.state, subject=direction, facts=_why(seen, found))
    yield from _latencies(told, direction)
    if told.direction is Direction.UP or "lost_ppm" in told.server_facts:  # who was not told of losses has not none
        yield q.EGRESS_LOSS.reading(seen.sender.lost_ppm, subject=direction)
        yield q.EGRESS_RETRANSMITTED.reading(seen.sender.retransmitted_ppm, subject=direction)
    if told.witnessed is not None:
        yield q.EGRESS_WAN_DOWN.reading(told.witnessed.down_bit_s, subject=direction, facts=told.witnessed.facts)
        yield q.EGRESS_WAN_UP.reading(told.witnessed.up_bit_s, subject=direction, facts=told.witnessed.facts)


def _latencies(told: Told, direction: str) -> Iterator[Reading]:
    """Round trips under load, and how many of them fit into a minute."""
    loaded = in_short(told.in_window)
    if loaded is None:
        return
    facts: Facts = {"p95_us": loaded.p95_us, "least_us": loaded.least_us, "echoes": loaded.echoes}
    facts["idle_us"] = told.ran.plan.idle_us
    yield q.EGRESS_LOADED_LATENCY.reading(loaded.median_us, subject=direction, facts=facts)
    yield q.EGRESS_RESPONSIVENESS.reading(A_MINUTE_US // max(loaded.median_us, 1), subject=direction)


def _facts(told: Told, found: Limit) -> Facts:
    """What every rate says of its run."""
    settings, welcome, ran, counts, segments = told.settings, told.welcome, told.ran, told.counts, told.segments
    facts: Facts = {
        "session": welcome.session,
        "limited_by": found.state,
        "l2_bit_s": segments.l2(counts.at_least_bit_s),
        "l1_bit_s": segments.l1(counts.at_least_bit_s),
        "streams": len(ran.streams.streams),
        "seen": welcome.seen,
        "path": welcome.path or settings.path,
        "operator": welcome.operator or settings.operator,
        "line": settings.line,
        "server": settings.server,
        "family": told.family,
        "steady": int(counts.steady),
        "ended": ran.done.ended.value if ran.done is not None else Ended.CUT.value,
        "from_us": counts.from_us,
        "to_us": counts.to_us,
        "half_width_ppm": counts.half_width_ppm,
        "mss": segments.mss,
    }
    if ran.done is not None:
        facts["server_bit_s"] = ran.done.rate_bit_s
    if told.port is not None:
        facts |= {"driver": told.port.driver, "port_bit_s": told.port.speed_bit_s or 0}
    return facts | _more(told)


def _more(told: Told) -> Facts:
    """What only some runs have to say."""
    words: Facts = {
        "pace_bit_s": told.ran.plan.pace_bit_s,
        "stopped": told.ran.stopped,
        "witness": told.witness_words,
        "second": told.second_words,
        "second_bit_s": told.second_bit_s or 0,
    }
    told_by_server = {key: value for key, value in told.server_facts.items() if key in KEPT}
    return {key: value for key, value in words.items() if value} | told_by_server


def _why(seen: Seen, found: Limit) -> Facts:
    """What a limit was named from."""
    facts: Facts = {
        "busy_ppm": seen.sender.busy_ppm,
        "receiver_limited_ppm": seen.sender.receiver_limited_ppm,
        "buffer_limited_ppm": seen.sender.buffer_limited_ppm,
        "app_limited": int(seen.sender.app_limited),
    }
    if seen.load is not None:
        facts |= {"box_ppm": seen.load.box_ppm, "core_ppm": seen.load.core_ppm, "waited_ppm": seen.load.waited_ppm}
    if seen.gained_ppm is not None:
        facts["gained_ppm"] = seen.gained_ppm
    return found.facts | facts
