"""
Which beacons and probe responses does a capture file hold?

*Method*: dpkt opens pcap and pcapng; the header that a capturing adapter puts before each frame (radiotap, Prism, AVS, PPI) is read as far as
frequency, strength and whether the frame check sequence stands behind the frame, which is then cut off: else it is read as an element.

What it does not prove: when and where the file was made.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dpkt  # type: ignore[import-untyped]

from evidence.model import Failure, Unmeasurable
from probes._dot11.radiotap import Head, bare, ppi, prism, radiotap

LARGEST_FILE = 64 * 1024 * 1024  # octets
IEEE802_11, PRISM, RADIOTAP, AVS, PPI = 105, 119, 127, 163, 192
HEADS: dict[int, Callable[[bytes], Head | None]] = {
    IEEE802_11: bare,
    PRISM: prism,
    RADIOTAP: radiotap,
    AVS: prism,
    PPI: ppi,
}
FIXED_OCTETS = 36  # header of a management frame, then timestamp, interval and capability
BEACON, PROBE_RESPONSE = 0x80, 0x50
FCS_OCTETS = 4
TO_MBM = 100
PCAPNG = b"\x0a\x0d\x0d\x0a"


@dataclass(frozen=True, slots=True)
class Heard:
    """One beacon or probe response: who sent it, its elements, and with which strength (mBm) and on which frequency (MHz) it was heard, where that is known."""

    bssid: str
    elements: bytes
    capability: int
    frequency_mhz: int | None
    signal_mbm: int | None
    is_beacon: bool


def heard_in(path: Path) -> Iterator[Heard]:
    """The beacons and probe responses of a pcap or pcapng file, in its order; raises Unmeasurable for what is none."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Unmeasurable(Failure.INSTRUMENT_LIMIT, f"{path.name}: larger than {LARGEST_FILE // 1024**2} MiB")
        with path.open("rb") as file:
            yield from _heard(path, file)
    except OSError as wrong:
        raise Unmeasurable(Failure.UNREADABLE, f"{path.name}: {wrong.strerror or wrong}") from wrong


def _heard(path: Path, file: object) -> Iterator[Heard]:
    """The frames of an opened file."""
    try:
        capture = dpkt.pcap.UniversalReader(file)
        head_of = HEADS.get(capture.datalink() & 0xFFFF)
    except (ValueError, dpkt.Error, struct.error, IndexError, KeyError) as wrong:
        raise Unmeasurable(
            Failure.UNREADABLE, f"{path.name}: neither a pcap nor a pcapng file ({type(wrong).__name__})"
        ) from wrong
    if head_of is None:
        raise Unmeasurable(
            Failure.NOT_SUPPORTED,
            f"{path.name}: link type {capture.datalink()} is not 802.11; capture in monitor mode (radiotap)",
        )
    for packet in _packets(path, capture):
        found = frame_of(packet, head_of)
        if found is not None:
            yield found


def _packets(path: Path, capture: object) -> Iterator[bytes]:
    """The packets; a file that is cut off ends where it ends, one whose parts make no sense is told."""
    try:
        for _, packet in capture:  # type: ignore[attr-defined]
            yield bytes(packet)
    except dpkt.NeedData:
        return
    except (ValueError, dpkt.Error, struct.error) as wrong:
        raise Unmeasurable(Failure.UNREADABLE, f"{path.name}: broken inside ({type(wrong).__name__})") from wrong


def frame_of(packet: bytes, head_of: Callable[[bytes], Head | None] = radiotap) -> Heard | None:
    """The beacon or probe response of a packet; None where it is another frame, or damaged."""
    head = head_of(packet)
    if head is None or head.is_bad:
        return None
    frame = packet[head.octets : len(packet) - (FCS_OCTETS if head.has_fcs else 0)]
    if len(frame) < FIXED_OCTETS or frame[0] not in (BEACON, PROBE_RESPONSE):
        return None
    return Heard(
        bssid=frame[16:22].hex(":"),
        elements=frame[FIXED_OCTETS:],
        capability=int.from_bytes(frame[34:36], "little"),
        frequency_mhz=head.frequency_mhz,
        signal_mbm=None if head.signal_dbm is None else head.signal_dbm * TO_MBM,
        is_beacon=frame[0] == BEACON,
    )
