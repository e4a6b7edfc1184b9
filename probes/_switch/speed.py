"""
How fast does a port run?

*Method*: only a port that is up has a rate. ifHighSpeed (Mbit/s, RFC 2863) is taken before ifSpeed (bit/s, which ends at
4.29 Gbit/s), and either only where it is a rate that Ethernet has. Known faults are undone and marked: bit/s in ifHighSpeed
is *repaired*; an ifSpeed that ran over 2^32 or stands at its end is *inferred*. What then contradicts the rate (ifSpeed,
ifMauType, the rate that the port's name was built for) makes it a *conflict*, and the lower value stands.

What it does not prove: that the switch tells the truth; the other end of the link, the command line or counters may.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence import quantities as q
from probes._switch.model import Speed, Status
from probes._switch.names import MBIT_S, built_for

RATES = q.ETHERNET_RATES  # others are sums of a group, configured fancy, or bit/s in the wrong column
GAUGE = 2**32
LEAST = RATES[0]  # what is below this in ifSpeed is not in bit/s
WRAPPED = {rate % GAUGE: rate for rate in RATES if rate >= GAUGE}
ENDS = (2**31 - 1, 4_294_000_000)  # a signed gauge stops at the first; an unsigned one at or just under 2^32-1
NOT_UP = Speed(Status.UNKNOWN, None, "not up")


@dataclass(frozen=True, slots=True)
class Told:
    """
    What one port tells of its rate: ifHighSpeed in Mbit/s, ifSpeed in bit/s, its names, the rate of its ifMauType in bit/s.

    `loose` says that its maker gives the name of a gigabit port to faster ones too.
    """

    up: bool
    high: int | None = None
    low: int | None = None
    names: tuple[str, ...] = ()
    mau_bit_s: int | None = None
    loose: bool = False


def speed_of(told: Told) -> Speed:
    """The rate of one physical port, with the rule that gave it."""
    if not told.up:
        return NOT_UP
    speed = _from_high(told.high) if told.high else _from_low(told)
    if speed.bit_s is None:
        return _from_mau(speed, told)
    return _weighed(speed, speed.bit_s, told)


def _from_high(high: int) -> Speed:
    """The rate by ifHighSpeed alone."""
    if high * MBIT_S in RATES:
        return Speed(Status.REPORTED, high * MBIT_S, "ifHighSpeed")
    if high in RATES:
        return Speed(Status.REPAIRED, high, "ifHighSpeed is in bit/s")
    if 2**31 <= high < GAUGE:
        return _unknown(f"ifHighSpeed {high} is a negative number read as positive")
    return _unknown(f"ifHighSpeed {high} is no rate of Ethernet")


def _from_low(told: Told) -> Speed:
    """The rate by ifSpeed, where ifHighSpeed is 0 or absent."""
    low = told.low
    if not low:
        return _unknown("no rate is told")
    if low in RATES:
        return Speed(Status.REPORTED, low, "ifSpeed; ifHighSpeed tells none")
    if low in WRAPPED:
        return _unwrapped(low, told.names)
    if stands_at_end(low):
        return _from_name(low, told)
    return _unknown(f"ifSpeed {low} is not in bit/s" if low < LEAST else f"ifSpeed {low} is no rate of Ethernet")


def _unwrapped(low: int, names: tuple[str, ...]) -> Speed:
    """The rate of which ifSpeed kept the last 32 bits; a name that was built for less makes it doubtful."""
    built = built_for(names)
    why = f"ifSpeed {low} is {WRAPPED[low] // 10**9}G without its upper bits"
    if built and built.bit_s < WRAPPED[low] and not built.plain:
        return _unknown(f"{why}, but the name says {_words(built.bit_s)}")
    return Speed(Status.INFERRED, WRAPPED[low], why)


def _from_name(low: int, told: Told) -> Speed:
    """ifSpeed says only that the rate is more than it can hold: the name may say which."""
    built = built_for(told.names)
    if built and built.bit_s > low:
        return Speed(Status.INFERRED, built.bit_s, f"ifSpeed stands at its end; the name says {_words(built.bit_s)}")
    return _unknown("ifSpeed stands at its end: above 4.29 Gbit/s, how much is not told")


def _from_mau(speed: Speed, told: Told) -> Speed:
    """ifMauType, where nothing else is told that could be wrong; else the rate stays unknown."""
    end = told.low if told.low and stands_at_end(told.low) else 0
    if told.high or not told.mau_bit_s or told.mau_bit_s < end or (told.low and not end):
        return speed
    inferred = Speed(Status.INFERRED, told.mau_bit_s, "ifMauType; ifHighSpeed tells none")
    return _weighed(inferred, told.mau_bit_s, told)


def _weighed(speed: Speed, bit_s: int, told: Told) -> Speed:
    """The rate, or the lowest of all told where something contradicts it."""
    others = {
        f"ifSpeed {told.low}": contradiction(bit_s, told.low),
        "ifMauType": told.mau_bit_s if told.mau_bit_s != bit_s else None,
        "the name": _exceeded(bit_s, told.names),
    }
    against = {what: rate for what, rate in others.items() if rate is not None}
    if not against:
        return speed
    if told.loose and set(against) == {"the name"} and stands_at_end(told.low or 0):
        # ifSpeed says too that it is more; the name alone neither belies that nor lets it prove anything.
        return Speed(Status.INFERRED, bit_s, f"{speed.why}; its maker calls faster ports GE too")
    why = ", ".join(f"{what} says {_words(rate)}" if rate != bit_s else what for what, rate in against.items())
    return Speed(Status.CONFLICT, min(bit_s, *against.values()), f"{speed.why} says {_words(bit_s)}, against: {why}")


def contradiction(bit_s: int, low: int | None) -> int | None:
    """
    The rate that ifSpeed holds against another reading, None where both can be right.

    A value that is no rate at all contradicts too, and puts none in its place: the rate itself is given back.
    """
    if low is None or low < LEAST or low == bit_s % GAUGE or (stands_at_end(low) and bit_s > low):
        return None
    return low if low in RATES else WRAPPED.get(low, bit_s)


def stands_at_end(low: int) -> bool:
    """Whether ifSpeed is at the end of what it can hold, so that it says "more than this"."""
    return low == ENDS[0] or ENDS[1] <= low < GAUGE


def _exceeded(bit_s: int, names: tuple[str, ...]) -> int | None:
    """The rate that the port was built for, where that is plain and less than it is said to run at."""
    built = built_for(names)
    return built.bit_s if built and built.plain and built.bit_s < bit_s else None


def _unknown(why: str) -> Speed:
    """No rate, and why."""
    return Speed(Status.UNKNOWN, None, why)


def _words(bit_s: int) -> str:
    """A rate as people write it: 100M, 2.5G."""
    return f"{bit_s // MBIT_S}M" if bit_s < 10**9 else f"{bit_s / 10**9:g}G"
