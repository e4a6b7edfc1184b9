"""
What does one cell of a school's list say: a day, an address, a prefix?

Each function reads a text as people and office programs write it and gives it back in its one spelling, or raises ValueError that says
what was expected.
"""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

HOST_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?)+", re.IGNORECASE)
YEARS = range(2000, 2100)  # of a list or a block; "for ever" is no day
WIDEST = {4: 8, 6: 16}  # no school has a wider prefix, and one that holds everything would prove nothing


def day(text: str) -> date:
    """A day as people and office programs write it: 2026-09-01, 2026/9/1."""
    try:
        year, month, number = re.split(r"[-/.]", text)
        found = date(int(year), int(month), int(number))
    except ValueError as wrong:
        raise ValueError(f"{text!r}: a day such as 2026-09-01 is expected") from wrong
    if found.year not in YEARS:
        raise ValueError(f"{text!r}: a day from {YEARS[0]} to {YEARS[-1]} is expected")
    return found


def address(text: str, port: int | None) -> tuple[str, int]:
    """`HOST:PORT` or `[IPv6]:PORT`; also `HOST` or a bare IPv6 address where a port is given."""
    host, colon, number = text.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, number = text, str(port or "")
    host = _one_spelling(host.strip("[]"))
    if not _is_host(host) or not (number.isascii() and number.isdigit()) or not 0 < int(number) < 65536:
        raise ValueError(f"{text!r}: expected {'HOST:PORT' if port is None else 'HOST or HOST:PORT'}")
    return host, int(number)


def _is_host(host: str) -> bool:
    """An IP address without a zone, or a host name (RFC 1123 section 2.1) that cannot be taken for an address."""
    try:
        return "%" not in str(ip_address(host))
    except ValueError:
        return bool(HOST_NAME.fullmatch(host)) and not host.rpartition(".")[2].isdigit()


def _one_spelling(host: str) -> str:
    """An address in its one spelling (RFC 5952), a name in lower case: one host stands in the list once."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.lower()


def prefixes(text: str) -> tuple[str, ...]:
    """One or more prefixes or addresses, apart by spaces, of which none holds another."""
    found = [_prefix(one) for one in text.split()]
    if not found:
        raise ValueError(f"{text!r}: expected one or more prefixes such as 203.0.113.0/28 2001:db8:1::/48")
    for number, one in enumerate(found):
        twice = next((other for other in found[:number] if other.version == one.version and other.overlaps(one)), None)
        if twice is not None:
            raise ValueError(f"{one} overlaps {twice}")
    return tuple(map(str, found))


def _prefix(text: str) -> IPv4Network | IPv6Network:
    """One prefix; a bare address is a prefix of itself."""
    try:
        found = ip_network(text)
    except ValueError as wrong:
        raise ValueError(f"{text!r}: expected a prefix such as 203.0.113.0/28 or 2001:db8:1::/48 ({wrong})") from wrong
    if found.prefixlen < WIDEST[found.version]:
        raise ValueError(f"{text!r}: wider than /{WIDEST[found.version]}; expected the line's own prefix")
    return found


def router(text: str) -> str:
    """A router by its hardware address (pairs with colons) or its link-local address, in their one spelling."""
    digits = re.sub(r"[:.-]", "", text.lower())
    if re.fullmatch(r"[0-9a-f]{12}", digits) and "::" not in text:
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    try:
        found = ip_address(text)
    except ValueError:
        found = None
    if found is None or found.version != 6 or not found.is_link_local:
        raise ValueError(f"{text!r}: expected a hardware address such as 00:25:9e:00:00:01 or one such as fe80::1")
    return str(found)


def site_name(text: str) -> str:
    """The name of a site, in lower case; an address is none, nor a name without a dot."""
    name = text.lower().rstrip(".")
    if not HOST_NAME.fullmatch(name) or "." not in name or name.rpartition(".")[2].isdigit():
        raise ValueError(f"{text!r}: expected a name such as www.school.example")
    return name


def overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lists of prefixes have an address in common."""
    return any(
        first.version == second.version and first.overlaps(second)
        for first in map(ip_network, one)
        for second in map(ip_network, other)
    )
