"""
Which echo requests does the gateway answer?

*Method*: ICMP and ICMPv6 echo (RFC 792, RFC 4443 section 4) over one socket that is bound to the Wi-Fi interface, so that no cable carries them: a
datagram socket where the kernel lets this group have one (`net.ipv4.ping_group_range`), a raw one else, which needs CAP_NET_RAW. Each request
carries a mark of this run and its number; an answer counts for the number that it repeats, once, and only from the gateway.
"""

from __future__ import annotations

import errno
import secrets
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from evidence.model import Failure, Unmeasurable

Address = IPv4Address | IPv6Address

REQUEST = {4: 8, 6: 128}
REPLY = {4: 0, 6: 129}
MARK_OCTETS = 8
HEAD_OCTETS = 8  # type, code, checksum, identifier, sequence number
LARGEST = 2048
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
PROTOCOL = {4: socket.IPPROTO_ICMP, 6: socket.IPPROTO_ICMPV6}
# What a system call says where an interface is down, gone, or without a way; each is a ping that is lost.
NO_WAY = (
    errno.ENODEV,
    errno.ENXIO,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENOBUFS,
    errno.EADDRNOTAVAIL,
    errno.EAGAIN,
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Who is pinged, and through which interface."""

    address: Address
    interface: str


class Pings:
    """The requests of one run; a context manager. `fileno` tells when an answer waits."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._mark = secrets.token_bytes(MARK_OCTETS)
        self._identifier = secrets.randbelow(65536)
        self._socket, self._raw = _opened(gateway)

    def __enter__(self) -> Pings:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """The socket's number, for select."""
        return self._socket.fileno()

    def send(self, number: int) -> None:
        """Send one request; one that finds no way is as lost as one without an answer."""
        kind = REQUEST[self._gateway.address.version]
        rest = struct.pack("!HH", self._identifier, number & 0xFFFF) + self._mark + struct.pack("!Q", number)
        head = struct.pack("!BBH", kind, 0, 0)
        checked = struct.pack("!BBH", kind, 0, checksum(head + rest)) if self._gateway.address.version == 4 else head
        try:
            self._socket.sendto(checked + rest, (str(self._gateway.address), 0))
        except OSError as error:
            if error.errno not in NO_WAY:
                raise

    def answered(self) -> list[int]:
        """The numbers of the answers that wait."""
        found: list[int] = []
        while True:
            try:
                octets, peer = self._socket.recvfrom(LARGEST)
            except BlockingIOError:
                return found
            except OSError as error:  # an ICMP error for an earlier request: that one stays without an answer
                if error.errno not in NO_WAY and error.errno != errno.ECONNREFUSED:
                    raise
                continue
            if peer[0].partition("%")[0] == str(self._gateway.address):
                found += self._number(octets)

    def _number(self, octets: bytes) -> list[int]:
        """The number that an answer repeats; none where it is another's, or something else."""
        if self._raw and self._gateway.address.version == 4:
            octets = (
                octets[(octets[0] & 15) * 4 :] if octets else b""
            )  # the IPv4 header comes along, RFC 791 section 3.1
        mark, number = octets[HEAD_OCTETS : HEAD_OCTETS + MARK_OCTETS], octets[HEAD_OCTETS + MARK_OCTETS :][:8]
        if octets[:1] != bytes([REPLY[self._gateway.address.version]]) or mark != self._mark or len(number) < 8:
            return []
        return [int.from_bytes(number)]


def _opened(gateway: Gateway) -> tuple[socket.socket, bool]:
    """A socket on the interface, and whether it is a raw one; raises Unmeasurable where this process may have neither."""
    version = gateway.address.version
    refused: OSError | None = None
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            made = socket.socket(FAMILY[version], kind, PROTOCOL[version])
        except PermissionError as error:
            refused = error
            continue
        return _bound(made, gateway.interface), kind == socket.SOCK_RAW
    raise Unmeasurable(Failure.NOT_PERMITTED, f"no socket for pings: {refused}; run as root or with CAP_NET_RAW")


def _bound(made: socket.socket, interface: str) -> socket.socket:
    """The socket bound to the interface: what leaves through a cable says nothing about Wi-Fi."""
    made.setblocking(False)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    except OSError as error:
        made.close()
        words = f"pings cannot be bound to {interface}: {error.strerror}; run as root or with CAP_NET_RAW"
        raise Unmeasurable(Failure.NOT_PERMITTED, words) from error
    return made


def checksum(octets: bytes) -> int:
    """The Internet checksum, RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
