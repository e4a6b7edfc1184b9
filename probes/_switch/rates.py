"""
How fast is a link, when its ends may tell different rates?

*Method*: both ends of an Ethernet link run at one rate. Where they tell two, one of them errs, and the lower one counts as a conflict;
where one end does not tell, the other's rate is an upper bound. The link is known as well as the worse known end.
"""

from __future__ import annotations

from collections.abc import Iterable

from probes._switch.model import WEAKEST_LAST, Speed, Status

UNTOLD = Speed(Status.UNKNOWN, None, "no end tells its speed")


def joined(ours: Speed | None, theirs: Speed | None, announced_bit_s: int | None) -> tuple[Speed, bool]:
    """The rate of a link from its two ends and what the other end announces by LLDP, and whether only one end tells it."""
    told = [speed for speed in (ours, theirs) if speed is not None and speed.bit_s is not None]
    rate = lowest(speed.bit_s for speed in told)
    if rate is None:
        return UNTOLD, False
    slowest = min(told, key=lambda speed: (speed.bit_s or 0, -WEAKEST_LAST.index(speed.status)))
    rates = {speed.bit_s for speed in told}
    if len(rates) > 1:
        return Speed(Status.CONFLICT, rate, "the two ends tell different speeds", slowest.via), False
    if announced_bit_s is not None and announced_bit_s not in rates:
        return Speed(
            Status.CONFLICT, min(rate, announced_bit_s), "the other end announces another speed", slowest.via
        ), len(told) < 2
    return max(told, key=lambda speed: WEAKEST_LAST.index(speed.status)), len(told) < 2


def lowest(rates: Iterable[int | None]) -> int | None:
    """The lowest rate that is known."""
    return min((rate for rate in rates if rate is not None), default=None)
