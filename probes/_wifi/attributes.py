"""
Which attributes does a message of nl80211 hold?

*Method*: length, type, content at a boundary of four octets (linux/netlink.h, linux/nl80211.h), never past the end. The same reader serves the
kernel's answers and recorded dumps, so that what is tested is what runs.

What it does not prove: that a driver fills in what it says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

NESTED_AND_ORDER = 0xC000
HEADER = struct.Struct("<HH")
MESSAGE = struct.Struct("<IHHII")
GENERIC_OCTETS = 4
ERROR, DONE = 2, 3


class Command(IntEnum):
    """Commands and events of nl80211."""

    GET_WIPHY = 1
    GET_INTERFACE = 5
    GET_STATION = 17
    GET_REG = 31
    GET_SCAN = 32
    TRIGGER_SCAN = 33
    NEW_SCAN_RESULTS = 34
    SCAN_ABORTED = 35
    AUTHENTICATE = 37
    ASSOCIATE = 38
    DEAUTHENTICATE = 39
    DISASSOCIATE = 40
    CONNECT = 46
    ROAM = 47
    DISCONNECT = 48
    GET_SURVEY = 50


class Attr(IntEnum):
    """Attributes of a message."""

    WIPHY = 1
    IFINDEX = 3
    IFNAME = 4
    IFTYPE = 5
    MAC = 6
    STA_INFO = 21
    WIPHY_BANDS = 22
    REG_ALPHA2 = 33
    WIPHY_FREQ = 38
    BSS = 47
    SSID = 52
    SURVEY_INFO = 84
    SCAN_SSIDS = 45
    SCAN_FLAGS = 158
    SPLIT_WIPHY_DUMP = 174


class Bss(IntEnum):
    """Attributes of one entry of a scan."""

    BSSID = 1
    FREQUENCY = 2
    CAPABILITY = 5
    ELEMENTS = 6
    SIGNAL_MBM = 7
    STATUS = 9
    SEEN_MS_AGO = 10
    BEACON_ELEMENTS = 11
    LAST_SEEN_BOOTTIME = 15


def attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes in order: type and content; the reading ends where one does not fit."""
    at = 0
    while at + HEADER.size <= len(octets):
        length, kind = HEADER.unpack_from(octets, at)
        if length < HEADER.size or at + length > len(octets):
            return
        yield kind & ~NESTED_AND_ORDER, octets[at + HEADER.size : at + length]
        at += (length + 3) & ~3


def table(octets: bytes) -> dict[int, bytes]:
    """The attributes by their type; of two of one type the last, as the kernel reads them."""
    return dict(attributes(octets))


def messages(octets: bytes) -> Iterator[bytes]:
    """The attributes of each message of a recorded dump, without the headers; an error or the end of the dump ends it."""
    at = 0
    while at + MESSAGE.size <= len(octets):
        length, kind, _, _, _ = MESSAGE.unpack_from(octets, at)
        if length < MESSAGE.size or at + length > len(octets) or kind in (ERROR, DONE):
            return
        yield octets[at + MESSAGE.size + GENERIC_OCTETS : at + length]
        at += (length + 3) & ~3


def encoded(kind: int, content: bytes) -> bytes:
    """One attribute as it is sent."""
    return HEADER.pack(HEADER.size + len(content), kind) + content + b"\0" * (-len(content) % 4)


def number(content: bytes | None, signed: bool = False) -> int | None:
    """A number of the machine's order; None where there is none."""
    return int.from_bytes(content, "little", signed=signed) if content else None
