"""Are router advertisements read as the RFCs lay them out, and is what breaks them refused?"""

from __future__ import annotations

import random
import struct
from ipaddress import IPv6Address, IPv6Network

import pytest

from probes._ra import Gist, MalformedAdvertisement, Nat64Prefix, Prefix, Resolvers, Route, SearchNames, parse
from probes._scapy import second_reading

HEAD = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0x48, 1800, 0, 0)
PREFIX = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 1800, 0) + IPv6Address("2001:db8:1::").packed
MTU = struct.pack("!BBHI", 5, 1, 0, 1480)
RDNSS = struct.pack("!BBHI", 25, 3, 0, 300) + IPv6Address("2001:db8::53").packed
DNSSL = struct.pack("!BBHI", 31, 3, 0, 60) + b"\x06school\x04test\x00".ljust(16, b"\0")
ROUTE = struct.pack("!BBBBI", 24, 2, 48, 0x18, 70) + IPv6Address("2001:db8:5::").packed[:8]
PREF64 = struct.pack("!BBH", 38, 2, 100 << 3) + IPv6Address("64:ff9b::").packed[:12]
LINK = struct.pack("!BB6s", 1, 1, b"\x02\0\0\0\0\x01")
WHOLE = HEAD + PREFIX + MTU + RDNSS + DNSSL + ROUTE + PREF64 + LINK


def test_the_gist() -> None:
    """Lifetime, flags, prefixes, resolvers and MTU are those of the octets."""
    network = IPv6Network("2001:db8:1::/64")
    prefix = Prefix(network, on_link=True, autonomous=True, valid_s=3600, preferred_s=1800)
    resolvers = Resolvers(300, (IPv6Address("2001:db8::53"),))

    assert parse(WHOLE).gist == Gist(
        1800, managed=False, other=True, prefixes=(prefix,), resolvers=(resolvers,), mtu=1480
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hop_limit", 64),
        ("preference", "high"),
        ("search_names", (SearchNames(60, ("school.test",)),)),
        ("routes", (Route(IPv6Network("2001:db8:5::/48"), "low", 70),)),
        ("nat64_prefixes", (Nat64Prefix(IPv6Network("64:ff9b::/96"), 800),)),
        ("unknown_options", 0),
        ("source_link", "02:00:00:00:00:01"),
    ],
)
def test_the_rest(field: str, value: object) -> None:
    """Hop limit, preferences, search names, routes and NAT64 prefixes are those of the octets; what is unknown is counted."""
    assert getattr(parse(WHOLE), field) == value


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        pytest.param(b"", "shorter", id="nothing"),
        pytest.param(HEAD[:15], "shorter", id="half a header"),
        pytest.param(b"\x85" + HEAD[1:], "type 133", id="a solicitation"),
        pytest.param(HEAD[:1] + b"\x01" + HEAD[2:], "code 1", id="code"),
        pytest.param(HEAD + b"\x03", "cut off", id="half an option header"),
        pytest.param(HEAD + b"\x03\x00", "length 0", id="length 0"),
        pytest.param(HEAD + PREFIX[:16], "longer than the message", id="option cut off"),
        pytest.param(HEAD + b"\x03\x01" + bytes(6), "prefix information of", id="short prefix information"),
        pytest.param(HEAD + PREFIX[:2] + b"\x81" + PREFIX[3:], "prefix length 129", id="prefix length"),
        pytest.param(HEAD + b"\x05\x02" + bytes(14), "MTU option", id="long MTU"),
        pytest.param(HEAD + b"\x18\x04" + bytes(30), "route information of", id="long route"),
        pytest.param(HEAD + b"\x18\x01\x40" + bytes(5), "shorter than its prefix", id="route prefix"),
        pytest.param(HEAD + b"\x19\x01" + bytes(6), "RDNSS option", id="no resolver"),
        pytest.param(HEAD + b"\x19\x04" + bytes(30), "RDNSS option", id="half a resolver"),
        pytest.param(HEAD + b"\x1f\x01" + bytes(6), "DNSSL option of", id="short search list"),
        pytest.param(HEAD + DNSSL[:8] + b"\x3f" + bytes(15), "broken name", id="label too long"),
        pytest.param(HEAD + DNSSL[:8] + b"\xc0" + bytes(15), "broken name", id="compressed name"),
        pytest.param(HEAD + DNSSL[:8] + b"\x0f" + b"x" * 15, "does not end", id="name without end"),
        pytest.param(HEAD + b"\x26\x01" + bytes(6), "PREF64 option of", id="short PREF64"),
        pytest.param(HEAD + b"\x26\x02\x00\x07" + bytes(12), "reserved prefix length", id="PREF64 length"),
    ],
)
def test_what_breaks_a_rule_is_malformed(octets: bytes, rule: str) -> None:
    """A message that breaks a rule is refused as a whole and in words."""
    with pytest.raises(MalformedAdvertisement, match=rule):
        parse(octets)


def test_nothing_but_malformed_is_ever_raised() -> None:
    """Whatever a neighbour sends, the reader reads it or says that it is malformed."""
    dice = random.Random(4861)  # noqa: S311 - the same octets in every run
    for _ in range(20_000):
        octets = bytearray(WHOLE)
        for _ in range(dice.randint(1, 4)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        try:
            parse(bytes(octets[: dice.randint(0, len(octets))] if dice.random() < 0.3 else octets))
        except MalformedAdvertisement:
            continue


@pytest.mark.filterwarnings("ignore")  # what another library warns of when it is loaded is not ours
def test_two_readers_agree() -> None:
    """Scapy reads the same as we do, also from octets that were tampered with and are still valid."""
    pytest.importorskip("scapy", reason="scapy is an optional extra and not installed")
    dice = random.Random(8106)  # noqa: S311 - the same octets in every run
    compared = 0
    while compared < 150:
        octets = bytearray(WHOLE)
        octets[dice.randrange(4, len(octets))] = dice.randrange(256)
        try:
            ours = parse(bytes(octets)).gist
        except MalformedAdvertisement:
            continue
        assert second_reading(bytes(octets)) == ours
        compared += 1
