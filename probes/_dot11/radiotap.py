"""
What did the adapter note of a captured frame: its frequency, its strength, and does the check sequence stand behind it?

*Method*: radiotap (radiotap.org: fields in the order of their bits, each at its own alignment), and the length of the older headers.

What it does not prove: strengths of two adapters are not comparable to better than some dB.
"""

from __future__ import annotations

from dataclasses import dataclass

# Alignment and size of the fields in the order of their bits.
FIELDS = (
    *((8, 8), (1, 1), (1, 1), (2, 4), (2, 2), (1, 1), (1, 1), (2, 2), (2, 2), (2, 2), (1, 1), (1, 1), (1, 1), (1, 1)),
    *((2, 2), (2, 2), (1, 1), (1, 1), (4, 8), (1, 3), (4, 8), (2, 12)),
)
FLAGS, CHANNEL, SIGNAL = 1, 3, 5
HAS_FCS, BAD_FCS = 0x10, 0x40
MORE, START = 0x80000000, 4
PRISM_OCTETS, AVS_OCTETS, AVS_MAGIC = 144, 64, b"\x80\x21\x10"
PRISM_MESSAGES = (b"\x44\x00\x00\x00", b"\x41\x00\x00\x00")
NO_SIGNAL = (0, -128)  # what drivers put there that do not know it


@dataclass(frozen=True, slots=True)
class Head:
    """The header before a frame: its octets, and what it says."""

    octets: int
    has_fcs: bool = False
    is_bad: bool = False
    frequency_mhz: int | None = None
    signal_dbm: int | None = None


def bare(_: bytes) -> Head | None:
    """No header at all."""
    return Head(0)


def prism(packet: bytes) -> Head | None:
    """A Prism or AVS header: only its length is taken, for their strengths have no unit that all drivers share."""
    if len(packet) < AVS_OCTETS:
        return None
    if packet[:3] == AVS_MAGIC or packet[1:4] == AVS_MAGIC:
        return _within(packet, int.from_bytes(packet[4:8], "big"))
    if packet[:4] in PRISM_MESSAGES:
        return _within(packet, int.from_bytes(packet[4:8], "little"))
    return _within(packet, PRISM_OCTETS)


def ppi(packet: bytes) -> Head | None:
    """A PPI header: its length stands in octets 2 and 3."""
    return _within(packet, int.from_bytes(packet[2:4], "little")) if len(packet) >= 8 else None


def _within(packet: bytes, octets: int) -> Head | None:
    """A header of this length, if the packet has it."""
    return Head(octets) if 0 < octets <= len(packet) else None


def radiotap(packet: bytes) -> Head | None:
    """A radiotap header; None for what is none."""
    length = int.from_bytes(packet[2:4], "little")
    if len(packet) < 8 or packet[0] != 0 or not 8 <= length <= len(packet):
        return None
    head, at = packet[:length], START
    present = int.from_bytes(head[START:8], "little")
    while at + 4 <= length and int.from_bytes(head[at : at + 4], "little") & MORE:
        at += 4
    found = _fields(head, present, at + 4)
    flags = found.get(FLAGS, b"\0")[0]
    channel, signal = found.get(CHANNEL), found.get(SIGNAL)
    strength = None if signal is None else int.from_bytes(signal, "little", signed=True)
    return Head(
        octets=length,
        has_fcs=bool(flags & HAS_FCS),
        is_bad=bool(flags & BAD_FCS),
        frequency_mhz=None if channel is None else int.from_bytes(channel[:2], "little") or None,
        signal_dbm=None if strength in NO_SIGNAL else strength,
    )


def _fields(head: bytes, present: int, at: int) -> dict[int, bytes]:
    """The fields of the first presence word, as far as the header reaches: they are the frame's, those after it one antenna's."""
    found = {}
    for bit, (alignment, size) in enumerate(FIELDS):
        if not present >> bit & 1:
            continue
        at += -at % alignment
        if at + size > len(head):
            break
        found[bit] = head[at : at + size]
        at += size
    return found
