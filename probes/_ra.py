"""
What does a router advertisement say?

*Method*: the octets of one ICMPv6 message are read as RFC 4861 sections 4.2 and 4.6 lay them out, with the options of RFC
4191 (routes), RFC 8106 (resolvers, search names) and RFC 8781 (NAT64 prefix). Every length is checked before it is used; a
message that breaks a rule of section 6.1.2 is malformed as a whole, for a host must discard it silently. Unknown options
are counted and skipped, as section 6.2 demands.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

ROUTER_ADVERTISEMENT = 134
HEADER_OCTETS = 16
MOST_OCTETS = 65_535
PREFERENCE = {0: "medium", 1: "high", 3: "low"}  # RFC 4191 section 2.1; 2 is reserved and treated as medium
PREF64_LENGTH = {0: 96, 1: 64, 2: 56, 3: 48, 4: 40, 5: 32}  # RFC 8781 section 4

SOURCE_LINK, PREFIX_INFORMATION, MTU, ROUTE, RDNSS, DNSSL, PREF64 = 1, 3, 5, 24, 25, 31, 38


class MalformedAdvertisement(Exception):
    """The octets are no valid router advertisement; the text says which rule they break."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """One prefix information option (RFC 4861 section 4.6.2); lifetimes in seconds, 2**32 - 1 is for ever."""

    network: IPv6Network
    on_link: bool
    autonomous: bool
    valid_s: int
    preferred_s: int


@dataclass(frozen=True, slots=True)
class Resolvers:
    """One recursive DNS server option (RFC 8106 section 5.1)."""

    lifetime_s: int
    addresses: tuple[IPv6Address, ...]


@dataclass(frozen=True, slots=True)
class SearchNames:
    """One DNS search list option (RFC 8106 section 5.2)."""

    lifetime_s: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One route information option (RFC 4191 section 2.3)."""

    network: IPv6Network
    preference: str
    lifetime_s: int


@dataclass(frozen=True, slots=True)
class Nat64Prefix:
    """One PREF64 option (RFC 8781 section 4)."""

    network: IPv6Network
    lifetime_s: int


@dataclass(frozen=True, slots=True)
class Gist:
    """What two readers of the same octets must agree on."""

    lifetime_s: int
    managed: bool
    other: bool
    prefixes: tuple[Prefix, ...]
    resolvers: tuple[Resolvers, ...]
    mtu: int | None


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One router advertisement; `lifetime_s` 0 means "I am no default router"; `source_link` is empty where the option is missing."""

    gist: Gist
    hop_limit: int
    preference: str
    search_names: tuple[SearchNames, ...]
    routes: tuple[Route, ...]
    nat64_prefixes: tuple[Nat64Prefix, ...]
    unknown_options: int
    source_link: str = ""


def parse(message: bytes) -> Advertisement:
    """Read the ICMPv6 message (without its IPv6 header); raises MalformedAdvertisement. The kernel checked its checksum."""
    _demand(HEADER_OCTETS <= len(message) <= MOST_OCTETS, "shorter than its header")
    kind, code, _, hop_limit, flags, lifetime_s, _, _ = struct.unpack_from("!BBHBBHII", message)
    _demand(kind == ROUTER_ADVERTISEMENT, f"ICMPv6 type {kind}")
    _demand(code == 0, f"ICMPv6 code {code}")
    options = list(_options(message))
    mtus = [_mtu(body) for number, body in options if number == MTU]
    gist = Gist(
        lifetime_s=lifetime_s,
        managed=bool(flags & 0x80),
        other=bool(flags & 0x40),
        prefixes=tuple(_prefix(body) for number, body in options if number == PREFIX_INFORMATION),
        resolvers=tuple(_resolvers(body) for number, body in options if number == RDNSS),
        mtu=mtus[-1] if mtus else None,
    )
    return Advertisement(
        gist=gist,
        hop_limit=hop_limit,
        preference=_preference(flags),
        search_names=tuple(_search_names(body) for number, body in options if number == DNSSL),
        routes=tuple(_route(body) for number, body in options if number == ROUTE),
        nat64_prefixes=tuple(_nat64(body) for number, body in options if number == PREF64),
        unknown_options=sum(
            number not in (SOURCE_LINK, PREFIX_INFORMATION, MTU, ROUTE, RDNSS, DNSSL, PREF64) for number, _ in options
        ),
        source_link=next((body[2:8].hex(":") for number, body in options if number == SOURCE_LINK), ""),
    )


def _demand(kept: bool, rule: str) -> None:
    """Refuse the message unless the rule is kept."""
    if not kept:
        raise MalformedAdvertisement(rule)


def _options(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and all octets of each option, its type and length octets included (RFC 4861 section 4.6)."""
    at = HEADER_OCTETS
    while at < len(message):
        _demand(at + 2 <= len(message), "an option is cut off")
        number, length = message[at], message[at + 1] * 8
        _demand(length > 0, f"option {number} has length 0")
        _demand(at + length <= len(message), f"option {number} is longer than the message")
        yield number, message[at : at + length]
        at += length


def _prefix(body: bytes) -> Prefix:
    """RFC 4861 section 4.6.2."""
    _demand(len(body) == 32, "prefix information of a wrong length")
    length, flags, valid_s, preferred_s = struct.unpack_from("!BBII", body, 2)
    return Prefix(_network(body[16:32], length), bool(flags & 0x80), bool(flags & 0x40), valid_s, preferred_s)


def _mtu(body: bytes) -> int:
    """RFC 4861 section 4.6.4."""
    _demand(len(body) == 8, "MTU option of a wrong length")
    return int.from_bytes(body[4:8])


def _route(body: bytes) -> Route:
    """RFC 4191 section 2.3: the prefix is as long as it needs to be, 0, 8 or 16 octets."""
    _demand(len(body) <= 24, "route information of a wrong length")
    length, flags, lifetime_s = struct.unpack_from("!BBI", body, 2)
    _demand(length <= (len(body) - 8) * 8, "route information shorter than its prefix")
    return Route(_network(body[8:].ljust(16, b"\0"), length), _preference(flags), lifetime_s)


def _resolvers(body: bytes) -> Resolvers:
    """RFC 8106 section 5.1: one address or more."""
    _demand(len(body) >= 24 and len(body) % 16 == 8, "RDNSS option of a wrong length")
    addresses = tuple(IPv6Address(body[at : at + 16]) for at in range(8, len(body), 16))
    return Resolvers(int.from_bytes(body[4:8]), addresses)


def _search_names(body: bytes) -> SearchNames:
    """RFC 8106 section 5.2: names in the form of RFC 1035 section 3.1, uncompressed, padded with zeros."""
    _demand(len(body) >= 16, "DNSSL option of a wrong length")
    names: list[str] = []
    labels: list[str] = []
    at = 8
    while at < len(body):
        size = body[at]
        _demand(size <= 63 and at + 1 + size <= len(body), "DNSSL option with a broken name")
        if size:
            labels.append(body[at + 1 : at + 1 + size].decode("ascii", errors="backslashreplace"))
        elif labels:
            names.append(".".join(labels))
            labels = []
        at += 1 + size
    _demand(not labels, "DNSSL option with a name that does not end")
    return SearchNames(int.from_bytes(body[4:8]), tuple(names))


def _nat64(body: bytes) -> Nat64Prefix:
    """RFC 8781 section 4: 13 bits of lifetime in units of 8 s, 3 bits for the prefix length."""
    _demand(len(body) == 16, "PREF64 option of a wrong length")
    scaled = int.from_bytes(body[2:4])
    _demand(scaled & 7 in PREF64_LENGTH, "PREF64 option with a reserved prefix length")
    return Nat64Prefix(_network(body[4:16] + bytes(4), PREF64_LENGTH[scaled & 7]), (scaled >> 3) * 8)


def _network(octets: bytes, length: int) -> IPv6Network:
    """A prefix; bits behind its length are ignored, as section 4.6.2 says."""
    _demand(length <= 128, f"prefix length {length}")
    return IPv6Network((octets, length), strict=False)


def _preference(flags: int) -> str:
    """The router or route preference, RFC 4191 sections 2.1 and 2.2."""
    return PREFERENCE.get(flags >> 3 & 3, "medium")
