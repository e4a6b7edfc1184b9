"""
How is a connection set up for content?

Linux socket options by number where Python has no name for them. Reading and writing block in the kernel, a fifth of a second at a
time, so that no thread outlives its run; the send buffer is left to the kernel's own tuning.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
from ipaddress import IPv6Address, ip_address

MAX_PACING_RATE = 47  # SO_MAX_PACING_RATE: octets of payload a second, unsigned 64 bit since Linux 5.0
USER_TIMEOUT_MS = 10_000
STEP_US = 200_000
HIGHEST_OCTETS_S = 2**64 - 1  # which the kernel takes for: as fast as it goes
TIMEVAL = struct.pack("ll", 0, STEP_US)
OUTQNSD = 0x894B  # SIOCOUTQNSD: octets that were handed over and have not been sent yet
UNSENT_OCTETS = 128 * 1024  # what is handed over stays near the wire
SMALL_WAKE, LARGE_WAKE = (
    16 * 1024,
    256 * 1024,
)  # at a high rate a receiver that wakes for little costs three times as much
SINK_OCTETS = 1024 * 1024


def prepare(connection: socket.socket) -> None:
    """What every connection needs: no waiting for more to send, and an end when the network is gone."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)


def for_sending(connection: socket.socket) -> None:
    """A stream that this server fills."""
    connection.settimeout(None)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, TIMEVAL)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_OCTETS)


def unsent(connection: socket.socket) -> int:
    """Octets that wait in the socket and have never been on the wire; raises OSError for a connection that is closed."""
    answer = fcntl.ioctl(connection.fileno(), OUTQNSD, bytes(4))
    return int.from_bytes(answer, sys.byteorder)


def for_receiving(connection: socket.socket) -> None:
    """A stream that this server empties."""
    connection.settimeout(None)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, TIMEVAL)
    wake_for(connection, SMALL_WAKE)


def wake_for(connection: socket.socket, octets: int) -> None:
    """Let a receiver sleep until so much is there."""
    wanted = min(max(octets, SMALL_WAKE), LARGE_WAKE)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wanted)


def pace(connection: socket.socket, rate_bit_s: int) -> None:
    """Hold a stream to a payload rate."""
    octets_s = min(max(rate_bit_s // 8, 1), HIGHEST_OCTETS_S)
    connection.setsockopt(socket.SOL_SOCKET, MAX_PACING_RATE, struct.pack("=Q", octets_s))


def peer_of(connection: socket.socket) -> str:
    """The address of the other end without its zone; an IPv4 address looks like one also on a socket of both families."""
    address = ip_address(str(connection.getpeername()[0]).partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def family_of(address: str) -> int:
    """4 or 6."""
    return ip_address(address).version
