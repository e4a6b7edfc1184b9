"""
How long does a TCP connect to one address take, from which address, and was it clean?

*Method*: a connect to a literal address, so that nobody chooses the family, through one interface where one is named. The kernel says
which source it took and whether the first SYN had to be repeated (TCP_INFO): a browser would have gone to the other family by then
(RFC 8305 section 5). Time is on the monotonic clock, in microseconds. No payload is sent.

What it does not prove: that the host at the other end is the one meant; anything on the way may accept.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from evidence.tcp_info import OCTETS, OPTION, tcp_info
from probes._failures import errno_name

Address = IPv4Address | IPv6Address
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
MOST_AT_ONCE = 16
LARGEST_INFO = 512


@dataclass(frozen=True, slots=True)
class Connect:
    """
    One connect: to where, from which of our addresses (empty where none was taken), and how it ended.

    `us` is None where nobody accepted, `error` then the name of the errno; `repeated` counts SYN segments that had to be sent again.
    """

    to: Address
    port: int
    source: str
    us: int | None
    error: str = ""
    repeated: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the connection stood."""
        return self.us is not None

    @property
    def clean(self) -> bool:
        """Whether it stood at the first SYN."""
        return self.accepted and not self.repeated


def connect(to: Address, port: int, timeout_s: float, interface: str = "") -> Connect:
    """Connect once, through `interface` if it is named, and hang up; what the system refuses is an answer too."""
    try:
        with opened(to, interface) as connection:
            connection.settimeout(timeout_s)
            started = time.monotonic_ns()
            number = connection.connect_ex((str(to), port))
            took_us = (time.monotonic_ns() - started) // 1000
            source = _source(connection)
            if number:
                return Connect(to, port, source, None, errno_name(number))
            return Connect(to, port, source, took_us, "", _repeated(connection))
    except OSError as refused:  # no such family in this kernel, or the interface has gone
        return Connect(to, port, "", None, errno_name(refused.errno or 0))


def connect_all(
    targets: Sequence[tuple[Address, int]], timeout_s: float, interface: str = "", tries: int = 1
) -> list[Connect]:
    """All targets side by side, each until one of `tries` is accepted; the last try of each, in the order given."""
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        return list(pool.map(lambda target: _tried(target[0], target[1], timeout_s, interface, tries), targets))


def _tried(to: Address, port: int, timeout_s: float, interface: str, tries: int) -> Connect:
    """The first connect that is accepted, else the last."""
    for _ in range(tries):
        last = connect(to, port, timeout_s, interface)
        if last.accepted:
            break
    return last


def opened(to: Address, interface: str = "") -> socket.socket:
    """A socket of the address's family that leaves by the interface only, if one is named."""
    connection = socket.socket(FAMILY[to.version], socket.SOCK_STREAM)
    try:
        if to.version == 6:
            connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # an IPv4-mapped address goes nowhere
        if interface:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    except OSError:
        connection.close()
        raise
    return connection


def _source(connection: socket.socket) -> str:
    """Our own address of a connection; empty where the kernel chose none."""
    try:
        address = str(connection.getsockname()[0]).partition("%")[0]
    except OSError as refused:
        if refused.errno != errno.EINVAL:
            raise
        return ""
    return "" if address in ("::", "0.0.0.0") else address  # noqa: S104 - the kernel's word for none


def _repeated(connection: socket.socket) -> int:
    """How many segments had to be sent again so far: of a connection that has just come to stand, SYNs."""
    octets = connection.getsockopt(socket.IPPROTO_TCP, OPTION, LARGEST_INFO)
    return tcp_info(octets).segments_retransmitted if len(octets) >= OCTETS else 0
