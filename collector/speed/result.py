"""
What did a run come to?

The figure is what was proved in the window over the window's length: as it is where the rate had settled, less the half-width of its
mean where it had not, so that it is a lower bound either way.
"""

from __future__ import annotations

from dataclasses import dataclass

from collector.speed.party import Party, Span
from collector.speed.running import Running
from collector.speed.vitals import PPM
from evidence.model import Facts
from evidence.stream import BIN_US, Direction, Done, Ended


@dataclass(frozen=True, slots=True)
class Result:
    """One run, over: what the agent is told, and when the window was on the monotonic clock."""

    done: Done
    from_us: int
    to_us: int


def result(running: Running, party: Party, span: Span, family: int, best_bit_s: int | None) -> Result:
    """The figure of a run whose party has ended with `span` and whose last tags have come."""
    octets = running.credited(span)
    from_us, to_us = span.first * BIN_US, span.end * BIN_US
    mean_bit_s = octets * 8 * PPM // (to_us - from_us) if octets else 0
    certain_ppm = PPM if span.steady else max(PPM - span.half_width_ppm, 0)
    done = Done(
        run=running.order.number,
        direction=running.order.direction,
        ended=span.ended,
        steady=span.steady,
        from_us=from_us - running.origin * BIN_US,
        to_us=to_us - running.origin * BIN_US,
        octets=octets,
        rate_bit_s=mean_bit_s * certain_ppm // PPM,
        half_width_ppm=span.half_width_ppm,
        facts=_facts(running, party, span, best_bit_s) | {"family": family},
    )
    return Result(done, from_us, to_us)


def nothing(running: Running) -> Result:
    """A run into which no stream came."""
    order = running.order
    facts: Facts = {"streams": 0, "strangers": running.strangers}
    return Result(Done(order.number, order.direction, Ended.CUT, False, 0, 0, 0, 0, PPM, facts), 0, 0)


def _facts(running: Running, party: Party, span: Span, best_bit_s: int | None) -> Facts:
    """What is told beside the figure."""
    facts = running.facts(party)
    if party.group:
        # One window for all members, on the one clock that has no rounding: only what was counted in the same bins is added.
        facts |= {"first_bin": span.first, "end_bin": span.end}
    if running.order.direction is Direction.DOWN:
        facts["kernel_acked_bit_s"] = running.vitals.acked_bit_s(span.first * BIN_US, span.end * BIN_US)
        facts["in_flight_ppm"] = running.in_flight(span) * PPM // max(running.credited(span), 1)
    if best_bit_s is not None:
        facts["hour_best_bit_s"] = best_bit_s
    return facts
