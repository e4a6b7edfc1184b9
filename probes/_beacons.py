"""
What does an access point say of itself in a beacon or probe response?

*Method*: one bounded reader of information elements (`probes._dot11`) for live scans, captures and recorded dumps alike. The name of a network
is octets; its text is UTF-8 where it is, else GB18030, which access points here are still set up in.

What it does not prove: that the sender is whose name it uses. Elements of 6 GHz were never tried on a recording: no public one was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from evidence.model import Facts
from probes._dot11.elements import EXTENSION, Element, address_at, elements, number_at
from probes._dot11.rates import peak_mbit_s
from probes._dot11.security import OUI_WPA, Suites, security_of, suites_of
from probes._dot11.width import READERS, Radio, channel_of, frequency_of

SSID, DS, COUNTRY, BSS_LOAD, RSN, MOBILITY, RM, MULTIPLE, CCX, EXTENDED, RNR, VENDOR = (
    *(0, 3, 7, 11, 48, 54, 70, 71, 133, 127, 201, 221),
)
MULTI_LINK = 107
PROFILE, INDEX, CAPABILITY = 0, 85, 83
LONGEST_SSID = 32
BSS_TRANSITION = 0x08  # bit 19 of the extended capabilities, in their third octet
MOST_NEIGHBOURS, MOST_PROFILES = 64, 64
FULL_LOAD = 255
ALL_PPM = 1_000_000
UNPRINTED = dict.fromkeys(range(32), "\N{REPLACEMENT CHARACTER}") | {127: "\N{REPLACEMENT CHARACTER}"}


class Neighbour(NamedTuple):
    """An access point beside this one that a reduced neighbour report names: it may lie in a band that was not heard."""

    bssid: str
    channel: int
    operating_class: int


class Profile(NamedTuple):
    """A network that has no beacon of its own (multiple BSSID): its address, name and security."""

    bssid: str
    ssid: bytes | None
    security: str


@dataclass(slots=True)
class _Read:
    """What has been read so far."""

    bssid: str
    ssid: bytes | None = None
    rsn: Suites | None = None
    wpa: Suites | None = None
    radio: Radio = field(default_factory=Radio)
    k: bool = False
    v: bool = False
    mdid: str = ""
    stations: int | None = None
    load_ppm: int | None = None
    country: str = ""
    neighbours: list[Neighbour] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    mld: str = ""
    ap_name: str = ""
    ds_channel: int = 0
    truncated: bool = False
    ids: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bss:
    """
    One network as it announces itself.

    `ssid` is None where there is no such element, `hidden` says that it is empty or blank. `generation` is 3 for what is older than 802.11n, then 4 to 7.
    `phy_mbit_s` is the highest rate by width, streams and scheme. `mfp` is no, capable or required; `k`, `v` and `r` are 802.11k (RM enabled
    capabilities), 802.11v (BSS transition) and 802.11r (mobility domain, `mdid` as hex). `load_ppm` and `stations` are the BSS load's. `truncated`
    says that the octets end in the middle of an element.
    """

    ssid: bytes | None
    hidden: bool
    generation: int
    channel: int
    frequency_mhz: int
    width_mhz: int
    streams: int
    phy_mbit_s: int
    security: str
    akms: tuple[str, ...]
    mfp: str
    k: bool
    v: bool
    r: bool
    mdid: str
    stations: int | None
    load_ppm: int | None
    country: str
    neighbours: tuple[Neighbour, ...]
    profiles: tuple[Profile, ...]
    mld: str
    ap_name: str
    truncated: bool
    ids: tuple[tuple[int, int], ...]


def read(octets: bytes, capability: int = 0, frequency_mhz: int = 0, bssid: str = "") -> Bss:
    """
    The elements of one beacon or probe response, from after its fixed fields.

    `capability` is the capability information field, `frequency_mhz` the frequency on which it was heard (0 where that is not known), `bssid` its
    sender, from which those of its profiles follow. Never raises.
    """
    found = _Read(bssid)
    seen: dict[tuple[int, int], bytes] = {}
    for element in elements(octets):
        if element is None:
            found.truncated = True
            break
        _take(found, element, seen)
    for key, take in READERS.items():
        if key in seen:
            take(found.radio, seen[key])
    return _bss(found, capability, frequency_mhz)


def _take(found: _Read, element: Element, seen: dict[tuple[int, int], bytes]) -> None:
    """One element: the first of each kind counts, but for those that may stand there more than once."""
    key = (element.number, element.extension)
    found.ids.append(key)
    if key in seen and element.number not in (VENDOR, RNR, MULTIPLE):
        return
    seen[key] = element.content
    take = TAKERS.get(key)
    if take is not None:
        take(found, element.content)


def _bss(found: _Read, capability: int, frequency_mhz: int) -> Bss:
    """What was read, joined with what was known before."""
    radio = found.radio
    channel = channel_of(frequency_mhz) or radio.channel or found.ds_channel
    streams = radio.streams.get(radio.generation, 1) or 1
    suites = found.rsn or found.wpa or Suites(())
    return Bss(
        ssid=found.ssid,
        hidden=found.ssid is None or not found.ssid.strip(b"\0"),
        generation=radio.generation,
        channel=channel,
        frequency_mhz=frequency_mhz or frequency_of(channel, radio.in_6_ghz),
        width_mhz=radio.width_mhz,
        streams=streams,
        phy_mbit_s=peak_mbit_s(radio.generation, radio.width_mhz, streams, radio.scheme.get(radio.generation, 7)),
        security=security_of(found.rsn, found.wpa, capability),
        akms=suites.akms,
        mfp=suites.mfp,
        k=found.k,
        v=found.v,
        r=bool(found.mdid),
        mdid=found.mdid,
        stations=found.stations,
        load_ppm=found.load_ppm,
        country=found.country,
        neighbours=tuple(found.neighbours),
        profiles=tuple(found.profiles),
        mld=found.mld,
        ap_name=found.ap_name,
        truncated=found.truncated,
        ids=tuple(found.ids),
    )


# --- One element each -------------------------------------------------------------------------------------------------


def _ssid(found: _Read, content: bytes) -> None:
    """The name, section 9.4.2.2; one that is too long is no name."""
    if len(content) <= LONGEST_SSID:
        found.ssid = content


def _ds(found: _Read, content: bytes) -> None:
    """The channel, section 9.4.2.4."""
    found.ds_channel = number_at(content, 0, 1)


def _country(found: _Read, content: bytes) -> None:
    """The two letters of the country, section 9.4.2.8."""
    letters = content[:2]
    found.country = letters.decode("ascii") if len(letters) == 2 and letters.isalpha() and letters.isascii() else ""


def _load(found: _Read, content: bytes) -> None:
    """Stations and how much of the time the channel is busy, section 9.4.2.27."""
    if len(content) >= 5:
        found.stations = number_at(content, 0, 2)
        found.load_ppm = content[2] * ALL_PPM // FULL_LOAD


def _rsn(found: _Read, content: bytes) -> None:
    """Security, section 9.4.2.24."""
    found.rsn = suites_of(content)


def _mobility(found: _Read, content: bytes) -> None:
    """802.11r, section 9.4.2.46: three octets, else it is none."""
    if len(content) == 3:
        found.mdid = content[:2].hex()


def _rm(found: _Read, content: bytes) -> None:
    """802.11k, section 9.4.2.44: five octets of which one bit is set."""
    found.k = len(content) >= 5 and any(content[:5])


def _extended(found: _Read, content: bytes) -> None:
    """802.11v, section 9.4.2.26."""
    found.v = len(content) > 2 and bool(content[2] & BSS_TRANSITION)


def _vendor(found: _Read, content: bytes) -> None:
    """WPA, and the names that Aerohive and Aruba access points tell."""
    if content[:4] == OUI_WPA + b"\x01" and found.wpa is None:
        found.wpa = suites_of(content[4:], OUI_WPA)
    elif (content[:4] == b"\x00\x19\x77\x21" and len(content) > 6) or (
        content[:5] == b"\x00\x0b\x86\x01\x03" and len(content) > 6
    ):
        found.ap_name = _printed(content[6:])


def _ccx(found: _Read, content: bytes) -> None:
    """The name that a Cisco access point tells."""
    if len(content) >= 26:
        found.ap_name = _printed(content[10:26])


def _reported(found: _Read, content: bytes) -> None:
    """The reduced neighbour report, section 9.4.2.170: sets of fields of one length each."""
    at = 0
    while at + 4 <= len(content) and len(found.neighbours) < MOST_NEIGHBOURS:
        head = number_at(content, at, 2)
        count, length = (head >> 4 & 15) + 1, head >> 8
        operating_class, channel = content[at + 2], content[at + 3]
        at += 4
        for start in range(at, at + count * length, max(length, 1)):
            bssid = address_at(content[: start + length], start + 1) if length >= 7 else ""
            if bssid:
                found.neighbours.append(Neighbour(bssid, channel, operating_class))
        at += count * length


def _multiple(found: _Read, content: bytes) -> None:
    """Networks without beacons of their own, section 9.4.2.45; their addresses follow from the sender's and their index."""
    bits = number_at(content, 0, 1)
    for part in elements(content[1:]):
        if part is None:
            found.truncated = True
            return
        if part.number == PROFILE and len(found.profiles) < MOST_PROFILES:
            found.profiles += _profiles(found.bssid, bits, part.content)


def _profiles(bssid: str, bits: int, content: bytes) -> Iterator[Profile]:
    """The network that one profile describes; without an index it has no address."""
    told: dict[int, bytes] = {}
    for element in elements(content):
        if element is not None and element.extension < 0:
            told.setdefault(element.number, element.content)
    index = number_at(told.get(INDEX, b""), 0, 1)
    address = _derived(bssid, bits, index)
    if address and index:
        rsn = suites_of(told[RSN]) if RSN in told else None
        able = number_at(told.get(CAPABILITY, b""), 0, 2)
        yield Profile(address, told.get(SSID), security_of(rsn, None, able))


def _derived(bssid: str, bits: int, index: int) -> str:
    """The address of a profile: the lowest bits of the sender's count on by its index (section 11.10.14)."""
    if not bssid or not 1 <= bits <= 8:
        return ""
    whole, span = int(bssid.replace(":", ""), 16), 1 << bits
    return (whole - whole % span + (whole + index) % span).to_bytes(6, "big").hex(":")


def _link(found: _Read, content: bytes) -> None:
    """The address of the device behind several links, 802.11be-2024 section 9.4.2.321: of a basic element only."""
    if len(content) >= 9 and content[0] & 7 == 0:
        found.mld = address_at(content, 3)


TAKERS: dict[tuple[int, int], Callable[[_Read, bytes], None]] = {
    (SSID, -1): _ssid,
    (DS, -1): _ds,
    (COUNTRY, -1): _country,
    (BSS_LOAD, -1): _load,
    (RSN, -1): _rsn,
    (MOBILITY, -1): _mobility,
    (RM, -1): _rm,
    (MULTIPLE, -1): _multiple,
    (EXTENDED, -1): _extended,
    (CCX, -1): _ccx,
    (RNR, -1): _reported,
    (VENDOR, -1): _vendor,
    (EXTENSION, MULTI_LINK): _link,
}


# --- Words ------------------------------------------------------------------------------------------------------------


def text_of(ssid: bytes) -> str:
    """The name of a network as a person reads it: UTF-8 where it is, else GB18030, else Latin-1; nothing that moves a cursor."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return ssid.decode(encoding).translate(UNPRINTED)
        except UnicodeDecodeError:
            continue
    return ssid.decode("latin-1").translate(UNPRINTED)


def _printed(octets: bytes) -> str:
    """A name that an access point tells of itself, up to its first NUL."""
    return text_of(octets.split(b"\0")[0])


def facts_of(bss: Bss) -> Facts:
    """What a reading tells of a network; what is not known is left out."""
    facts: Facts = {
        "generation": bss.generation,
        "width_mhz": bss.width_mhz,
        "phy_mbit_s": bss.phy_mbit_s,
        "security": bss.security,
        "k": int(bss.k),
        "v": int(bss.v),
        "r": int(bss.r),
    }
    if bss.ssid is not None:
        facts |= {"ssid": "" if bss.hidden else text_of(bss.ssid), "ssid_hex": bss.ssid.hex()}
    told: dict[str, int | str | None] = {
        "frequency_mhz": bss.frequency_mhz or None,
        "channel": bss.channel or None,
        "mdid": bss.mdid or None,
        "stations": bss.stations,
        "load_ppm": bss.load_ppm,
        "ap_name": bss.ap_name or None,
        "mld": bss.mld or None,
        "country": bss.country or None,
    }
    return facts | {name: value for name, value in told.items() if value is not None}
