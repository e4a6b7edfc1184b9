"""
What does the kernel tell of one TCP connection?

The octets of getsockopt(IPPROTO_TCP, TCP_INFO), taken apart by the offsets of `struct tcp_info` (linux/tcp.h, since Linux 4.19). They
are shown and help to say what limited a run; nothing is ever credited for them. No I/O: who has the socket asks it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

OPTION = 11  # TCP_INFO
OCTETS = 224  # up to tcpi_reord_seen
TIMESTAMPS = 1  # TCPI_OPT_TIMESTAMPS
APP_LIMITED = 1  # the lowest bit of the eighth octet


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """One connection as its kernel sees it: octets, microseconds, segments."""

    snd_mss: int
    rcv_mss: int
    pmtu: int
    rtt_us: int
    min_rtt_us: int
    octets_acked: int
    octets_received: int
    octets_sent: int
    octets_retransmitted: int
    segments_out: int
    segments_retransmitted: int
    duplicates: int
    busy_us: int
    receiver_limited_us: int
    buffer_limited_us: int
    timestamps: bool
    app_limited: bool


def tcp_info(octets: bytes) -> TcpInfo:
    """The connection in the octets of TCP_INFO; raises ValueError where the kernel gives fewer than are read here."""
    if len(octets) < OCTETS:
        raise ValueError(f"TCP_INFO: {len(octets)} octets, at least {OCTETS} expected (Linux 4.19 or later)")

    def u32(at: int) -> int:
        return int(struct.unpack_from("=I", octets, at)[0])

    def u64(at: int) -> int:
        return int(struct.unpack_from("=Q", octets, at)[0])

    return TcpInfo(
        snd_mss=u32(16),
        rcv_mss=u32(20),
        pmtu=u32(60),
        rtt_us=u32(68),
        min_rtt_us=u32(148),
        octets_acked=u64(120),
        octets_received=u64(128),
        octets_sent=u64(200),
        octets_retransmitted=u64(208),
        segments_out=u32(156),
        segments_retransmitted=u32(100),
        duplicates=u32(216),
        busy_us=u64(168),
        receiver_limited_us=u64(176),
        buffer_limited_us=u64(184),
        timestamps=bool(octets[5] & TIMESTAMPS),
        app_limited=bool(octets[7] & APP_LIMITED),
    )
