"""Beacons as an access point sends them, captures and dumps of them: what the tests of Wi-Fi stand on. Values are the standard's."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BEACON_HEADER = bytes.fromhex("80000000ffffffffffff")
RSN_PSK = bytes.fromhex("0100000fac040100000fac040100000fac020000")
BSS, BSSID, FREQUENCY, CAPABILITY, ELEMENTS, SIGNAL, SEEN, LAST_SEEN = 47, 1, 2, 5, 6, 7, 10, 15


def element(number: int, content: bytes) -> bytes:
    """One element."""
    return bytes((number, len(content))) + content


def extended(number: int, content: bytes) -> bytes:
    """One element with an extension."""
    return element(255, bytes((number,)) + content)


def ht(streams: int = 2, width: int = 20, channel: int = 1) -> bytes:
    """HT capabilities and operation."""
    masks = bytes(255 if stream < streams else 0 for stream in range(16))
    capabilities = struct.pack("<HB", 0x006E if width == 40 else 0x002C, 0x17) + masks + bytes(7)
    return element(45, capabilities) + element(61, bytes((channel, 0x05 if width > 20 else 0)) + bytes(20))


def vht(streams: int = 2, width: int = 80, channel: int = 42) -> bytes:
    """VHT capabilities and operation: two bits a stream, 2 for MCS 0 to 9."""
    served = _map(streams, 2)
    capabilities = bytes(4) + struct.pack("<HHHH", served, 0, served, 0)
    segments = {20: (0, 0, 0), 40: (0, 0, 0), 80: (1, channel, 0), 160: (1, channel, channel + 8)}[width]
    return element(191, capabilities) + element(192, bytes(segments) + b"\xfc\xff")


def he(streams: int = 2, six: tuple[int, int] | None = None) -> bytes:
    """HE capabilities and operation; `six` is channel and width code of 6 GHz."""
    capabilities = bytes(17) + struct.pack("<HH", _map(streams, 2), _map(streams, 2))
    parameters = (1 << 17) if six else 0
    operation = parameters.to_bytes(3, "little") + bytes(3)
    operation += bytes((six[0], six[1], 0, 0, 6)) if six else b""
    return extended(35, capabilities) + extended(36, operation)


def eht(streams: int = 2, width_code: int = 3, mld: bytes = bytes.fromhex("0200000000ee")) -> bytes:
    """EHT capabilities and operation, and a basic multi-link element."""
    nss = streams << 4 | streams
    capabilities = bytes(11) + bytes((nss, nss, nss))
    operation = bytes((1,)) + bytes(4) + bytes((width_code, 0, 0))
    link = struct.pack("<H", 0x01B0) + bytes((9,)) + mld + bytes(2)
    return extended(108, capabilities) + extended(106, operation) + extended(107, link)


def _map(streams: int, value: int) -> int:
    """An MCS map of eight streams."""
    return sum((value if stream < streams else 3) << 2 * stream for stream in range(8))


@dataclass(frozen=True)
class Ap:
    """One access point as it is heard."""

    bssid: str
    ssid: bytes = b"School"
    frequency_mhz: int = 5180
    signal_dbm: int = -50
    elements: bytes = ht(2, 40, 36) + vht() + he()
    capability: int = 0x0011
    seen_ms: int = 100

    @property
    def octets(self) -> bytes:
        """All elements."""
        return element(0, self.ssid) + element(48, RSN_PSK) + self.elements


def captured(aps: Iterable[Ap], fcs: bool = False) -> bytes:
    """A pcap file of one beacon each, with radiotap headers."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 127)
    for number, ap in enumerate(aps):
        flags = 0x10 if fcs else 0
        head = struct.pack("<BBHIBxHHb", 0, 0, 15, 0x2A, flags, ap.frequency_mhz, 0x0140, ap.signal_dbm)
        address = bytes.fromhex(ap.bssid.replace(":", ""))
        frame = BEACON_HEADER + address * 2 + bytes(2) + bytes(8) + struct.pack("<HH", 100, ap.capability) + ap.octets
        packet = head + frame + (b"\x36\x89\x0d\x86" if fcs else b"")
        out += struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet
    return out


def attribute(kind: int, content: bytes) -> bytes:
    """One attribute of netlink."""
    return struct.pack("<HH", len(content) + 4, kind) + content + bytes(-len(content) % 4)


def entry(ap: Ap, more: Mapping[int, bytes] | None = None) -> bytes:
    """The attributes of one message of GET_SCAN's answer."""
    told = {
        BSSID: bytes.fromhex(ap.bssid.replace(":", "")),
        FREQUENCY: struct.pack("<I", ap.frequency_mhz),
        CAPABILITY: struct.pack("<H", ap.capability),
        SIGNAL: struct.pack("<i", ap.signal_dbm * 100),
        SEEN: struct.pack("<I", ap.seen_ms),
        ELEMENTS: ap.octets,
        **(more or {}),
    }
    nested = b"".join(attribute(kind, content) for kind, content in told.items())
    return attribute(46, struct.pack("<I", 7)) + attribute(3, struct.pack("<I", 3)) + attribute(BSS | 0x8000, nested)


def dumped(aps: Iterable[Ap], more: Mapping[int, bytes] | None = None) -> bytes:
    """A dump of GET_SCAN's answer."""
    bodies = [struct.pack("<BBH", 34, 1, 0) + entry(ap, more) for ap in aps]
    return b"".join(struct.pack("<IHHII", len(body) + 16, 28, 2, 1, 1) + body for body in bodies)
