"""
How are so many octets sent at such a rate?

*Method*: UDP datagrams of one size, each at its own moment of the monotonic clock; a sender that was held up goes on at the
ordered rate and never catches up in a burst. The socket is not connected: a host that answers "port unreachable", as most
do for the discard port, changes nothing. What the kernel did not take is not counted.

What it does not prove: that a datagram went further than this box.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from evidence.model import Unmeasurable
from probes._failures import errno_name, of_errno

PAYLOAD = 1400  # octets; with headers and tags it passes wherever 1500 do
LATEST_S = 0.02  # a sender that is later than this lets the missed moments go
FULL = (errno.ENOBUFS, errno.EAGAIN)


@dataclass(frozen=True, slots=True)
class Push:
    """What was sent: UDP payload in octets, in how many datagrams, and when on the monotonic clock (microseconds)."""

    octets: int
    datagrams: int
    started_us: int
    ended_us: int


def sending_s(octets: int, rate_bit_s: int) -> float:
    """How long a volume takes at a rate."""
    return octets * 8 / rate_bit_s


def push(towards: IPv4Address | IPv6Address, port: int, octets: int, rate_bit_s: int) -> Push:
    """Send `octets` of payload; raises Unmeasurable where the network or this box refuses."""
    family = socket.AF_INET if towards.version == 4 else socket.AF_INET6
    payload = os.urandom(PAYLOAD)  # nothing on the way can shrink it
    started_s = due_s = time.monotonic()
    sent = datagrams = asked = 0
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        while asked < octets:
            size = min(PAYLOAD, octets - asked)
            _wait_until(due_s)
            if _sent(out, payload[:size], (str(towards), port)):
                sent, datagrams = sent + size, datagrams + 1
            asked += size
            due_s = max(due_s, time.monotonic() - LATEST_S) + sending_s(size, rate_bit_s)
    return Push(sent, datagrams, round(started_s * 1e6), round(time.monotonic() * 1e6))


def _wait_until(moment_s: float) -> None:
    """Sleep up to a moment of the monotonic clock; one that has passed takes no time."""
    time.sleep(max(0.0, moment_s - time.monotonic()))


def _sent(out: socket.socket, payload: bytes, where: tuple[str, int]) -> bool:
    """Whether the kernel took the datagram; a full queue drops it, anything else ends the measurement."""
    try:
        return out.sendto(payload, where) == len(payload)
    except OSError as refused:
        if refused.errno in FULL:
            return False
        number = refused.errno or 0
        raise Unmeasurable(of_errno(number), f"{where[0]}: {errno_name(number)}") from refused
