"""
How many octets have passed each of these ports?

*Method*: ifName leads to ifIndex once; from then on ifHCInOctets and ifHCOutOctets are read by GET, always together with the
ifName of the same row and sysUpTime, so that a row that changed its port or a switch that restarted is seen. The 32-bit
counters are never asked: they wrap within seconds, and what they lost cannot be told.

What it does not prove: whose octets they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.model import LARGEST_INTEGER, Failure, Unmeasurable
from probes._failures import of_snmp_status
from probes._snmp.exchange import ErrorStatus, Exchange, Kind, Missing, Oid, Pdu, Value
from probes._snmp.walk import Walk, Walker
from probes._switch.mib import COUNTERS, INTERFACES, SYS_UP_TIME
from probes._switch.tables import number, text

IF_NAME = INTERFACES["ifName"]
OCTETS_IN, OCTETS_OUT = COUNTERS["ifHCInOctets"], COUNTERS["ifHCOutOctets"]
AT_ONCE = 8  # ports a request: 25 objects fit every switch's reply


@dataclass(frozen=True, slots=True)
class Sample:
    """The counters of one port at one moment of the monotonic clock (microseconds); `up_time` in hundredths of a second."""

    at_us: int
    name: str
    up_time: int | None
    octets_in: int | None
    octets_out: int | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a port has no figure."""

    failure: Failure
    detail: str


async def find(exchange: Exchange, ports: Iterable[str], deadline_s: float) -> dict[str, int | Lost]:
    """The ifIndex of each port, by ifName or by `ifName#ifIndex`; or why it cannot be told. Raises Unmeasurable."""
    walk = await Walker(exchange, deadline_s).walk(IF_NAME)
    if walk.failure is not None:  # a name might come twice in what was not read
        raise Unmeasurable(walk.failure, f"the names of its ports were not read to the end: {walk.end_reason}")
    return {port: _index(port, walk) for port in ports}


def _index(port: str, walk: Walk) -> int | Lost:
    """The row of one port."""
    named = [index[0] for index, value in walk.rows.items() if text(value) == port]
    if len(named) == 1:
        return named[0]
    name, _, digits = port.rpartition("#")
    if not named and digits.isdecimal() and text(walk.rows.get((int(digits),))) == name != "":
        return int(digits)
    return Lost(Failure.UNREADABLE, "several ports have this name" if named else "no port has this name")


async def read(exchange: Exchange, indexes: Iterable[int]) -> dict[int, Sample]:
    """The counters of these rows, eight ports a request; raises Unmeasurable where the switch does not answer."""
    wanted = sorted(set(indexes))
    samples: dict[int, Sample] = {}
    for first in range(0, len(wanted), AT_ONCE):
        samples |= await _read_some(exchange, wanted[first : first + AT_ONCE])
    return samples


async def _read_some(exchange: Exchange, indexes: list[int]) -> dict[int, Sample]:
    """One request; where its reply would be too big, two of half the size."""
    oids = [(*column, index) for index in indexes for column in (IF_NAME, OCTETS_IN, OCTETS_OUT)]
    reply = await exchange.request(Pdu(Kind.GET, (SYS_UP_TIME, *oids)))
    if reply.error_status and len(indexes) > 1:
        # One row that the switch does not have spoils a whole v1 reply; alone it spoils its own.
        half = len(indexes) // 2
        return await _read_some(exchange, indexes[:half]) | await _read_some(exchange, indexes[half:])
    if reply.error_status == ErrorStatus.NO_SUCH_NAME:
        return {index: Sample(now_us(), "", None, None, None) for index in indexes}
    if reply.error_status:
        raise Unmeasurable(of_snmp_status(reply.error_status), f"error-status {reply.error_status}")
    at_us, said = now_us(), dict(reply.varbinds)
    return {index: _sample(at_us, index, said) for index in indexes}


def _sample(at_us: int, index: int, said: dict[Oid, Value]) -> Sample:
    """One port's part of a reply; an object that is missing has no number."""
    name, octets_in, octets_out = (said.get((*column, index)) for column in (IF_NAME, OCTETS_IN, OCTETS_OUT))
    up_time = number(said.get(SYS_UP_TIME, Missing.NO_SUCH_OBJECT))
    return Sample(at_us, text(name), up_time, number(octets_in), number(octets_out))


def now_us() -> int:
    """The monotonic clock in microseconds."""
    return time.monotonic_ns() // 1000


def rises(before: Sample, after: Sample) -> tuple[int, int] | Lost:
    """By how much the counters of a port rose, in and out; or why that cannot be told."""
    if before.name != after.name:
        return Lost(Failure.UNREADABLE, f"its row changed its name from {before.name!r} to {after.name!r}")
    if _restarted(before.up_time, after.up_time):
        return Lost(Failure.UNREADABLE, "the switch restarted in between")
    octets_in = _rise(before.octets_in, after.octets_in)
    octets_out = _rise(before.octets_out, after.octets_out)
    if isinstance(octets_in, Lost):
        return octets_in
    return octets_out if isinstance(octets_out, Lost) else (octets_in, octets_out)


def _restarted(before: int | None, after: int | None) -> bool:
    """Whether the clock of a switch went back; it wraps after 497 days, and a step back from near the top is none."""
    return before is not None and after is not None and after < before <= 0xFFFF_0000


def _rise(before: int | None, after: int | None) -> int | Lost:
    """The rise of one counter; Counter64 wraps after centuries at 10 Gbit/s, so one that went back cannot be read."""
    if before is None or after is None:
        return Lost(Failure.NOT_SUPPORTED, "it has no 64-bit octet counter (SNMP v1 never has)")
    if not 0 <= after - before <= LARGEST_INTEGER:
        return Lost(Failure.UNREADABLE, f"its counter went from {before} to {after}")
    return after - before
