"""Is each element read as the standard has it, never past its end, and whatever comes?"""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import pytest

from probes._beacons import Bss, Neighbour, Profile, facts_of, read, text_of
from probes._captures import heard_in
from tests.probes.air import RSN_PSK, Ap, eht, element, extended, he, ht, vht

RECORDINGS = Path(__file__).parent.parent.parent.parent / "shared/recordings/beacons"
MUTANTS = 60_000
AP = "02:00:00:00:01:10"


def bss(*parts: bytes, frequency_mhz: int = 5180, capability: int = 0) -> Bss:
    """What these elements say."""
    return read(b"".join(parts), capability, frequency_mhz, AP)


# --- Width, streams, generation -------------------------------------------------------------------------------------------

RADIOS: list[Any] = [
    pytest.param(b"", 2412, (3, 20, 1, 54), id="before 802.11n"),
    pytest.param(ht(1, 20), 2412, (4, 20, 1, 72), id="one stream of 802.11n"),
    pytest.param(ht(2, 40), 2437, (4, 40, 2, 300), id="40 MHz"),
    pytest.param(ht(4, 40), 2437, (4, 40, 4, 600), id="four streams"),
    pytest.param(ht(2, 40, 36) + vht(2, 20), 5180, (5, 40, 2, 400), id="Wi-Fi 5 at 40 MHz"),
    pytest.param(ht(2, 40, 36) + vht(2, 80), 5180, (5, 80, 2, 867), id="Wi-Fi 5 at 80 MHz"),
    pytest.param(ht(2, 40, 36) + vht(2, 160), 5180, (5, 160, 2, 1733), id="Wi-Fi 5 at 160 MHz"),
    pytest.param(ht(1, 20, 36) + vht(1, 20), 5180, (5, 20, 1, 87), id="no whole bits at 20 MHz"),
    pytest.param(ht(2, 40, 36) + vht() + he(2), 5180, (6, 80, 2, 1201), id="Wi-Fi 6 at 80 MHz"),
    pytest.param(ht(4, 40, 36) + vht(4) + he(4), 5180, (6, 80, 4, 2402), id="four streams of it"),
    pytest.param(ht(2, 40) + he(2), 2437, (6, 40, 2, 574), id="Wi-Fi 6 at 2.4 GHz"),
    pytest.param(he(2, (37, 3)), 6135, (6, 160, 2, 2402), id="Wi-Fi 6E"),
    pytest.param(ht(2, 40, 36) + vht() + he() + eht(2, 2), 5180, (7, 80, 2, 1441), id="Wi-Fi 7 at 80 MHz"),
    pytest.param(ht(2, 40, 36) + vht(2, 160) + he() + eht(2, 3), 5180, (7, 160, 2, 2882), id="Wi-Fi 7 at 160 MHz"),
    pytest.param(he(2, (37, 3)) + eht(2, 4), 6135, (7, 320, 2, 5765), id="Wi-Fi 7 at 320 MHz"),
]


@pytest.mark.parametrize(("octets", "frequency_mhz", "expected"), RADIOS)
def test_radio(octets: bytes, frequency_mhz: int, expected: tuple[int, int, int, int]) -> None:
    """Generation, width, streams and the highest rate, as the tables of the standard have them."""
    found = bss(octets, frequency_mhz=frequency_mhz)

    assert (found.generation, found.width_mhz, found.streams, found.phy_mbit_s) == expected


@pytest.mark.parametrize(
    ("parts", "frequency_mhz", "expected"),
    [
        pytest.param(element(3, b"\x0b"), 0, (11, 2462), id="from the channel"),
        pytest.param(ht(1, 20, 44), 0, (44, 5220), id="from the operation"),
        pytest.param(he(1, (37, 0)), 0, (37, 6135), id="6 GHz"),
        pytest.param(element(3, b"\x0b"), 2437, (6, 2437), id="where it was heard"),
        pytest.param(element(3, b"\x0e"), 0, (14, 2484), id="channel 14"),
        pytest.param(b"", 2484, (14, 2484), id="heard there"),
        pytest.param(b"", 0, (0, 0), id="nothing known"),
        pytest.param(element(3, b"\x1e"), 0, (30, 0), id="a channel that is none"),
    ],
)
def test_channel(parts: bytes, frequency_mhz: int, expected: tuple[int, int]) -> None:
    """Channel and frequency follow from each other; where it was heard comes first."""
    found = bss(parts, frequency_mhz=frequency_mhz)

    assert (found.channel, found.frequency_mhz) == expected


# --- Security ------------------------------------------------------------------------------------------------------------


def rsn(*akms: int, able: int = 0) -> bytes:
    """An RSN element with these suites."""
    suites = b"".join(b"\x00\x0f\xac" + bytes((akm,)) for akm in akms)
    head = bytes.fromhex("0100000fac040100000fac04")
    return element(48, head + struct.pack("<H", len(akms)) + suites + struct.pack("<H", able))


WPA = element(221, bytes.fromhex("0050f20101000050f20201000050f20201000050f202"))
SECURITY: list[Any] = [
    pytest.param(b"", 0, "open", id="open"),
    pytest.param(b"", 0x10, "WEP", id="WEP"),
    pytest.param(WPA, 0x10, "WPA-PSK", id="WPA"),
    pytest.param(rsn(2), 0x10, "WPA2-PSK", id="WPA2"),
    pytest.param(rsn(4, 2), 0x10, "WPA2-PSK", id="with fast transition"),
    pytest.param(WPA + rsn(2), 0x10, "WPA+WPA2-PSK", id="both"),
    pytest.param(rsn(2, 8), 0x10, "WPA2-PSK+SAE", id="transition to WPA3"),
    pytest.param(rsn(8, able=0xC0), 0x10, "WPA3-SAE", id="WPA3"),
    pytest.param(rsn(1), 0x10, "WPA2-1X", id="with accounts"),
    pytest.param(rsn(5, able=0xC0), 0x10, "WPA3-1X", id="WPA3 with accounts"),
    pytest.param(rsn(12, able=0xC0), 0x10, "WPA3-1X-192", id="192 bits"),
    pytest.param(rsn(18, able=0xC0), 0x10, "OWE", id="enhanced open"),
    pytest.param(rsn(99), 0x10, "WPA2-other", id="a suite that nobody knows"),
    pytest.param(element(48, b"\x01"), 0x10, "WPA2-other", id="cut short"),
    pytest.param(
        element(48, RSN_PSK[:12] + b"\xff\xff" + RSN_PSK[14:18]), 0x10, "WPA2-PSK", id="a count that is too high"
    ),
]


@pytest.mark.parametrize(("octets", "capability", "expected"), SECURITY)
def test_security(octets: bytes, capability: int, expected: str) -> None:
    """How a network lets devices in, as people call it."""
    assert bss(octets, capability=capability).security == expected


@pytest.mark.parametrize(("able", "expected"), [(0, "no"), (0x80, "capable"), (0xC0, "required")])
def test_management_frames(able: int, expected: str) -> None:
    """Whether management frames are protected."""
    assert bss(rsn(8, able=able)).mfp == expected


# --- Facts -----------------------------------------------------------------------------------------------------------------


def test_roaming_helpers() -> None:
    """802.11k, v and r, and the mobility domain."""
    found = bss(element(70, b"\x73\x00\x00\x00\x00"), element(127, b"\x00\x00\x08"), element(54, b"\xd9\x4d\x00"))

    assert (found.k, found.v, found.r, found.mdid) == (True, True, True, "d94d")


def test_a_check_sequence_is_no_802_11r() -> None:
    """The octets 36 89 0d 86 behind a frame are no mobility domain: the element would overrun."""
    found = bss(element(0, b"School"), bytes.fromhex("36890d86"))

    assert (found.r, found.truncated) == (False, True)


def test_load_and_country() -> None:
    """BSS load and country; a load that is cut short is none."""
    found, short = (
        bss(element(11, b"\x07\x00\x80\x00\x00"), element(7, b"CN \x01\x0d\x14")),
        bss(element(11, b"\x07\x00")),
    )

    assert (found.stations, found.load_ppm, found.country, short.stations) == (7, 501_960, "CN", None)


def test_neighbours() -> None:
    """A reduced neighbour report tells of 6 GHz where only 5 GHz was heard."""
    head = struct.pack("<HBB", 1 << 4 | 7 << 8, 131, 37)
    sets = b"".join(b"\x00" + bytes.fromhex(f"0200000002{number:02x}") for number in (1, 2))

    assert bss(element(201, head + sets)).neighbours == (
        Neighbour("02:00:00:00:02:01", 37, 131),
        Neighbour("02:00:00:00:02:02", 37, 131),
    )


def test_networks_without_a_beacon() -> None:
    """Multiple BSSID: address by index, name and security of each."""
    profile = element(83, b"\x11\x00") + element(0, b"Guest") + element(85, b"\x01") + rsn(18)

    assert bss(element(71, b"\x03" + element(0, profile))).profiles == (Profile("02:00:00:00:01:11", b"Guest", "OWE"),)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(element(133, bytes(10) + b"AP-301".ljust(16, b"\0")), "AP-301", id="Cisco"),
        pytest.param(
            element(221, bytes.fromhex("00197721") + b"\x00\x07" + "三楼".encode() + b"\0"), "三楼", id="Aerohive"
        ),
        pytest.param(element(221, bytes.fromhex("000b860103") + b"\x00ap-12"), "ap-12", id="Aruba"),
        pytest.param(element(221, bytes.fromhex("000c43") + b"x" * 9), "", id="another vendor's"),
    ],
)
def test_names(octets: bytes, expected: str) -> None:
    """Names that access points tell of themselves."""
    assert bss(octets).ap_name == expected


def test_several_links() -> None:
    """Wi-Fi 7: the device behind its links; an element of another type is none."""
    assert (bss(eht()).mld, bss(extended(107, b"\x01\x00\x09" + bytes(6))).mld) == ("02:00:00:00:00:ee", "")


@pytest.mark.parametrize(
    ("ssid", "text"),
    [
        ("学校".encode(), "学校"),
        (bytes.fromhex("b2e2cad4"), "测试"),
        (b"a\x1b[2Jb", "a\N{REPLACEMENT CHARACTER}[2Jb"),
        (b"\xff\xff", "ÿÿ"),
    ],
)
def test_text(ssid: bytes, text: str) -> None:
    """UTF-8, else GB18030, else something; never what moves a cursor."""
    assert text_of(ssid) == text


@pytest.mark.parametrize(
    ("octets", "hidden"),
    [(b"", True), (element(0, b""), True), (element(0, bytes(6)), True), (element(0, b"x"), False)],
)
def test_hidden(octets: bytes, hidden: bool) -> None:
    """A network that does not tell its name."""
    assert bss(octets).hidden is hidden


def test_a_name_that_is_too_long() -> None:
    """33 octets are no name."""
    assert bss(element(0, b"x" * 33)).ssid is None


def test_the_first_counts() -> None:
    """A second element of one kind changes nothing."""
    assert bss(element(0, b"one"), element(0, b"two")).ssid == b"one"


def test_facts() -> None:
    """What a reading tells; what is not known is left out."""
    facts = facts_of(bss(element(0, b"School"), ht(2, 40, 36), vht(), he(), rsn(2), capability=0x10))

    assert facts == {
        "ssid": "School",
        "ssid_hex": b"School".hex(),
        "generation": 6,
        "width_mhz": 80,
        "phy_mbit_s": 1201,
        "security": "WPA2-PSK",
        "k": 0,
        "v": 0,
        "r": 0,
        "frequency_mhz": 5180,
        "channel": 36,
    }


# --- Whatever comes ----------------------------------------------------------------------------------------------------------


def originals() -> list[bytes]:
    """Elements of every kind, of our own making, and of the recordings where they lie beside this project."""
    own = [
        Ap(AP, elements=part).octets
        for part in (ht(), ht(2, 40, 36) + vht() + he(), he(2, (37, 3)) + eht(2, 4), rsn(2, 8) + WPA, b"")
    ]
    rich = element(201, struct.pack("<HBB", 7 << 8, 131, 37) + bytes(7)) + element(
        71, b"\x03" + element(0, element(85, b"\x01"))
    )
    recorded = [one.elements for path in sorted(RECORDINGS.glob("*cap*")) for one in list(heard_in(path))[:6]]
    return [*own, own[1] + rich + element(11, b"\x07\x00\x80\x00\x00"), *recorded]


def test_mutants() -> None:
    """Sixty thousand damaged beacons are read without an error, each to its end and not beyond."""
    dice, seeds = random.Random(6), originals()  # noqa: S311 - a repeatable draw
    for _ in range(MUTANTS):
        octets = bytearray(dice.choice(seeds))
        for _ in range(dice.randint(1, 6)):
            octets[dice.randrange(len(octets))] = dice.choice(
                (0, 1, 2, 7, 127, 128, 221, 254, 255, dice.randrange(256))
            )
        if dice.random() < 0.3:
            del octets[dice.randrange(len(octets)) :]
        found = read(bytes(octets), dice.randrange(65536), dice.choice((0, 2412, 5180, 6135)), AP)
        facts_of(found)
        assert found.phy_mbit_s <= 46_118


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings of other people's beacons lie beside this project")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wifi7unifi.pcapng", (7, "UniFi-WPA3-1X", 48, 20, "WPA3-1X", True, True, "d94d")),
        ("test23.pcap", (4, "WLAN-2", 11, 40, "WPA2-PSK", False, False, "")),
        ("Chinese-SSID-Name.pcap", (4, "测试", 6, 40, "WEP", False, False, "")),
        ("wpa.cap", (3, "test", 7, 20, "WPA-PSK", False, False, "")),
        ("pmkid-not-recognized.cap", (6, "WML", 10, 20, "WPA2-PSK+SAE", True, True, "")),
        ("n-02.cap", (5, "Neheb", 64, 80, "WPA2-PSK", False, False, "")),
    ],
)
def test_recorded(name: str, expected: tuple[Any, ...]) -> None:
    """Beacons of real access points are read as other programs read them."""
    first = next(heard_in(RECORDINGS / name))
    found = read(first.elements, first.capability, first.frequency_mhz or 0, first.bssid)

    assert (
        *(found.generation, text_of(found.ssid or b""), found.channel, found.width_mhz, found.security),
        *(found.k, found.v, found.mdid),
    ) == expected


def test_scapy_agrees() -> None:
    """A second reader sees the same elements, in the same order, of well-formed beacons."""
    scapy = pytest.importorskip("scapy.layers.dot11", reason="scapy, the second reader, is not installed")
    for octets in originals()[:6]:
        layer, seen = scapy.Dot11Elt(octets), []
        while layer is not None and isinstance(layer, scapy.Dot11Elt):
            seen.append(int(layer.ID))
            layer = layer.payload.getlayer(scapy.Dot11Elt)
        assert seen == [number for number, _ in read(octets).ids]
