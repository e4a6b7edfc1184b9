"""
How are ICMPv6 messages sent and received on one interface?

A raw socket (needs CAP_NET_RAW) that is bound to the interface and hears one type of message only. The kernel writes and
checks the checksum (RFC 3542 section 3.1).
"""

from __future__ import annotations

import select
import socket
import struct
import time
from dataclasses import dataclass
from ipaddress import IPv6Address

ICMP6_FILTER = 1  # linux/icmpv6.h; a set bit blocks the type
HOP_LIMIT = 255  # RFC 4861: what has crossed a router cannot have it
LARGEST = 65_535


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came: ICMPv6 octets, who sent it, and the hop limit that it arrived with (-1 if untold)."""

    source: IPv6Address
    hop_limit: int
    octets: bytes


def open_socket(interface: str, hears: int) -> socket.socket:
    """A raw ICMPv6 socket for one interface that hears one type; raises PermissionError without CAP_NET_RAW."""
    connection = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    words = [0xFFFFFFFF] * 8
    words[hears >> 5] &= ~(1 << (hears & 31))
    connection.setsockopt(socket.IPPROTO_ICMPV6, ICMP6_FILTER, struct.pack("=8I", *words))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
    connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, HOP_LIMIT)
    connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, HOP_LIMIT)
    return connection


def send(connection: socket.socket, octets: bytes, to: str, interface: str, source: IPv6Address | None = None) -> None:
    """Send one message, from `source` if given; the checksum field is the kernel's to fill."""
    index = socket.if_nametoindex(interface)
    packet_info = (
        (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, struct.pack("=16sI", source.packed, index)) if source else None
    )
    connection.sendmsg([octets], [packet_info] if packet_info else [], 0, (to, 0, 0, index))


def receive(connection: socket.socket, until_s: float) -> Message | None:
    """The next message, or None when the monotonic clock reaches `until_s` first."""
    ready, _, _ = select.select([connection], [], [], max(0.0, until_s - time.monotonic()))
    if not ready:
        return None
    octets, ancillary, _, peer = connection.recvmsg(LARGEST, socket.CMSG_SPACE(4))
    limits = [data for level, kind, data in ancillary if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT)]
    limit = struct.unpack("=i", limits[0])[0] if limits else -1
    return Message(IPv6Address(peer[0].partition("%")[0]), limit, octets)
