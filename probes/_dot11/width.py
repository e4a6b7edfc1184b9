"""
On which channel, how wide and with how many streams does a network run, and of which generation is it?

*Method*: the capabilities and operation elements of HT, VHT, HE and EHT (IEEE 802.11-2020 sections 9.4.2.55, 9.4.2.56, 9.4.2.157, 9.4.2.158;
802.11ax-2021 sections 9.4.2.248, 9.4.2.249; 802.11be-2024 sections 9.4.2.311, 9.4.2.313); a later generation overrides an earlier one.

What it does not prove: that a device is ever served at that width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from probes._dot11.elements import EXTENSION, number_at
from probes._dot11.rates import EHT, HE, HT, VHT

HT_CAPABILITIES, HT_OPERATION, VHT_CAPABILITIES, VHT_OPERATION = 45, 61, 191, 192
HE_CAPABILITIES, HE_OPERATION, EHT_OPERATION, EHT_CAPABILITIES = 35, 36, 106, 108
WIDTHS = (20, 40, 80, 160, 320)
UNUSED = 3  # a stream's two bits of an MCS map
HE_HAS_VHT, HE_HAS_COHOSTED, HE_HAS_6 = 1 << 14, 1 << 15, 1 << 17
AT_HE_MAP = 17  # MAC and PHY capabilities before it
AT_EHT_MAP = 11
LEGACY = 3


@dataclass(slots=True)
class Radio:
    """What has been read so far; 0 stands for what was not told."""

    generation: int = LEGACY
    channel: int = 0
    width_mhz: int = 20
    streams: dict[int, int] = field(default_factory=dict)
    scheme: dict[int, int] = field(default_factory=dict)
    in_6_ghz: bool = False

    def heard(self, generation: int, streams: int, scheme: int) -> None:
        """A network of this generation, with so many streams up to that scheme."""
        self.generation = max(self.generation, generation)
        self.streams[generation], self.scheme[generation] = streams, scheme


def _ht_capabilities(radio: Radio, content: bytes) -> None:
    """Streams are the octets of the receive mask that are not empty."""
    radio.heard(HT, sum(1 for octet in content[3:7] if octet), 7)


def _ht_operation(radio: Radio, content: bytes) -> None:
    """The primary channel, and 40 MHz where a second one is named and any width is allowed."""
    radio.channel = number_at(content, 0, 1) or radio.channel
    told = number_at(content, 1, 1)
    radio.width_mhz = 40 if told & 3 and told & 4 else 20


def _vht_capabilities(radio: Radio, content: bytes) -> None:
    """Streams and the highest scheme of the receive map."""
    radio.heard(VHT, *_of_map(content, 4, {0: 7, 1: 8, 2: 9}))


def _vht_operation(radio: Radio, content: bytes) -> None:
    """80 MHz, or 160 where the second segment says so."""
    if len(content) < 3 or not content[0]:
        return
    apart = abs(content[2] - content[1]) if content[2] else 0
    radio.width_mhz = 160 if content[0] in (2, 3) or apart in (8, 16) else 80


def _he_capabilities(radio: Radio, content: bytes) -> None:
    """Streams and the highest scheme of the receive map up to 80 MHz."""
    radio.heard(HE, *_of_map(content, AT_HE_MAP, {0: 7, 1: 9, 2: 11}))


def _he_operation(radio: Radio, content: bytes) -> None:
    """In 6 GHz alone it tells channel and width."""
    told, at = number_at(content, 0, 3), 6
    at += 3 if told & HE_HAS_VHT else 0
    at += 1 if told & HE_HAS_COHOSTED else 0
    if told & HE_HAS_6 and len(content) >= at + 5:
        radio.in_6_ghz = True
        radio.channel, radio.width_mhz = content[at], WIDTHS[content[at + 1] & 3]


def _eht_capabilities(radio: Radio, content: bytes) -> None:
    """Streams of the first map: the highest number that any scheme of it has."""
    told = content[AT_EHT_MAP : AT_EHT_MAP + 3]
    streams = [octet & 15 for octet in told]
    scheme = next((best for best, count in ((13, streams[2:3]), (11, streams[1:2])) if any(count)), 9)
    radio.heard(EHT, max(streams, default=0), scheme)


def _eht_operation(radio: Radio, content: bytes) -> None:
    """The width, where it is told."""
    if len(content) > 5 and content[0] & 1 and content[5] & 7 < len(WIDTHS):
        radio.width_mhz = WIDTHS[content[5] & 7]


def _of_map(content: bytes, at: int, schemes: Mapping[int, int]) -> tuple[int, int]:
    """The number of streams of an MCS map and the highest scheme that the last of them has."""
    if len(content) < at + 2:
        return 0, schemes[0]
    told = number_at(content, at, 2)
    used = [told >> 2 * stream & 3 for stream in range(8)]
    known = [value for value in used if value != UNUSED]
    return len(known), schemes[min(known, default=0)]


Take = Callable[[Radio, bytes], None]
READERS: dict[tuple[int, int], Take] = {
    (HT_CAPABILITIES, -1): _ht_capabilities,
    (VHT_CAPABILITIES, -1): _vht_capabilities,
    (EXTENSION, HE_CAPABILITIES): _he_capabilities,
    (EXTENSION, EHT_CAPABILITIES): _eht_capabilities,
    (HT_OPERATION, -1): _ht_operation,
    (VHT_OPERATION, -1): _vht_operation,
    (EXTENSION, HE_OPERATION): _he_operation,
    (EXTENSION, EHT_OPERATION): _eht_operation,
}
"""In the order in which a later one overrides an earlier."""


def channel_of(frequency_mhz: int) -> int:
    """The channel of a centre frequency of a primary channel (Annex E); 0 where there is none."""
    if frequency_mhz == 2484:
        return 14
    for first, last, base in ((2412, 2472, 2407), (5000, 5895, 5000), (5955, 7115, 5950)):
        if first <= frequency_mhz <= last:
            return (frequency_mhz - base) // 5
    return 0


def frequency_of(channel: int, in_6_ghz: bool) -> int:
    """The centre frequency (MHz) of a channel; 0 where there is none."""
    if in_6_ghz:
        return 5950 + 5 * channel if 1 <= channel <= 233 else 0
    if channel == 14:
        return 2484
    if 1 <= channel <= 13:
        return 2407 + 5 * channel
    return 5000 + 5 * channel if 32 <= channel <= 177 else 0


def band_of(frequency_mhz: int) -> str:
    """The band in which a frequency lies: 2.4, 5 or 6; empty for none of them."""
    for band, first, last in (("2.4", 2400, 2500), ("5", 5000, 5925), ("6", 5926, 7125)):
        if first <= frequency_mhz <= last:
            return band
    return ""
