"""
Do the school's networks have IPv6, and does anybody use it, as far as its layer-3 switches tell?

*Method*: the address, neighbour and router-advertisement tables of IP-MIB (RFC 4293). Per VLAN interface: V1, it has a global
address with a /64; V2, it sends router advertisements; V3, devices with a global address are heard on it. L10 over all
switches: the share of heard devices that have a global IPv6 address, and the IPv6 octets of the interfaces.

What it does not prove: that IPv6 works in a VLAN, or that it was used on other days: one reading is a moment, so L10 fails here
where nobody has an address and never passes. Addresses of devices are counted and forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from evidence.model import Facts, Reading
from evidence.quantities import IPV6_RUNG
from probes._snmp.exchange import Oid, Value
from probes._switch.tables import Tables, number

GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 section 2.4
L2_VLAN, L3_IP_VLAN = 135, 136  # IANAifType-MIB
VLAN_NAME = re.compile(r"(vlan-?(if|interface|_interface)?|vl|svi|irb|bdi|ve|br|bridge)[ .-]?\d+$", re.IGNORECASE)
IPV6, IPV6Z = 2, 4  # InetAddressType, RFC 4001
TRUE, FALSE = 1, 2  # TruthValue, RFC 2579
NOT_FORWARDING = 2  # ipForwarding, RFC 4293
USED_PREFIX = 64
FEWEST_DEVICES = 10  # a layer-2 switch hears its gateway and its manager: that says nothing of a school
NEIGHBOURS = "ipNetToPhysicalPhysAddress"


@dataclass(frozen=True, slots=True)
class Use:
    """Devices heard by one switch, by hardware address, and those of them with a global IPv6 address; IPv6 octets in and out."""

    heard: frozenset[bytes]
    with_ipv6: frozenset[bytes]
    told: bool
    octets: int


def vlan_rungs(subject: str, tables: Tables) -> Iterator[Reading]:
    """V1, V2 and V3 for each VLAN interface of a switch that routes between them; none of one that is only managed there."""
    interfaces = _vlan_interfaces(tables)
    if not _routes(tables, interfaces):
        return
    for index in interfaces:
        name = tables.text("ifName", index) or tables.text("ifDescr", index) or str(index[0])
        for rung, (state, facts) in {
            "V1": _prefix(tables, index[0]),
            "V2": _advertises(tables, index),
            "V3": _neighbours(tables, index[0]),
        }.items():
            yield IPV6_RUNG.reading(state, subject=f"{rung}/{subject}/{name}", facts=facts)


def use_of(tables: Tables) -> Use:
    """Who is heard by one switch; `told` is false where its IPv6 neighbours are not all known."""
    rows = tables.rows(NEIGHBOURS)
    by_ipv4 = {value for value in tables.rows("ipNetToMediaPhysAddress").values() if isinstance(value, bytes) and value}
    by_any = {value for value in rows.values() if isinstance(value, bytes) and value}
    with_ipv6 = {
        value for index, value in rows.items() if isinstance(value, bytes) and value and _is_global(_address(index[1:]))
    }
    octets = [
        number(value) or 0
        for column in ("ipIfStatsHCInOctets", "ipIfStatsHCOutOctets")
        for index, value in tables.rows(column).items()
        if index[0] == IPV6
    ]
    # A part of the devices that speak IPv4 would make the others' share too large.
    told = bool(rows) and tables.complete(NEIGHBOURS) and not tables.cut("ipNetToMediaPhysAddress")
    return Use(frozenset(by_ipv4 | by_any), frozenset(with_ipv6), told, sum(octets))


def use_rung(uses: Sequence[Use]) -> Reading:
    """L10 over all switches: the share of heard devices with a global address, as far as one moment can tell."""
    told = [use for use in uses if use.told]
    heard = frozenset().union(*(use.heard for use in told))
    with_ipv6 = frozenset().union(*(use.with_ipv6 for use in told))
    facts: Facts = {"switches": len(told), "devices": len(heard), "devices_ipv6": len(with_ipv6)}
    if len(heard) < FEWEST_DEVICES:
        return IPV6_RUNG.reading("not_tested", subject="L10", facts=facts)
    # Counter64 may exceed what a signed integer can carry, so it travels as text.
    facts["ipv6_octets"] = str(sum(use.octets for use in told))
    if not with_ipv6:
        return IPV6_RUNG.reading("fail", subject="L10", facts=facts)
    facts["share_ppm"] = len(with_ipv6) * 1_000_000 // len(heard)
    return IPV6_RUNG.reading("inconclusive", subject="L10", facts={**facts, "why": "one moment, not thirty days"})


def _vlan_interfaces(tables: Tables) -> list[Oid]:
    """The interfaces of VLANs that carry an IP address of either family."""
    addressed = {
        number(value) for column in ("ipAdEntIfIndex", "ipAddressIfIndex") for value in tables.rows(column).values()
    }
    return [
        index
        for index, kind in tables.rows("ifType").items()
        if index[0] in addressed
        and (
            kind in (L2_VLAN, L3_IP_VLAN)
            or VLAN_NAME.match(tables.text("ifName", index) or tables.text("ifDescr", index))
        )
    ]


def _routes(tables: Tables, interfaces: Sequence[Oid]) -> bool:
    """Whether a switch is the gateway of its VLANs: it does not deny it, and has several or hears many devices."""
    if tables.scalars.get("ipForwarding") == NOT_FORWARDING:
        return False
    return len(interfaces) > 1 or len(use_of(tables).heard) >= FEWEST_DEVICES


def _prefix(tables: Tables, interface: int) -> tuple[str, Facts]:
    """V1: a global address with a prefix of 64 bits."""
    rows = tables.rows("ipAddressIfIndex")
    mine = [index for index, value in rows.items() if value == interface and _is_global(_address(index))]
    lengths = {_length(tables.rows("ipAddressPrefix").get(index)) for index in mine}
    if USED_PREFIX in lengths:
        used = next(index for index in mine if _length(tables.rows("ipAddressPrefix").get(index)) == USED_PREFIX)
        return "pass", {"prefix": USED_PREFIX, "network": str(IPv6Network((_address(used), USED_PREFIX), strict=False))}
    if None in lengths:
        return "inconclusive", {"why": "prefix length not told"}
    if lengths:
        return "fail", {"prefix": max(length for length in lengths if length is not None)}
    if rows and tables.complete("ipAddressIfIndex"):
        return "fail", {"why": "no global IPv6 address"}
    return "inconclusive", {"why": "the switch does not tell its IPv6 addresses"}


def _advertises(tables: Tables, index: Oid) -> tuple[str, Facts]:
    """V2: router advertisements are sent."""
    sends = tables.number("ipv6RouterAdvertSendAdverts", index)
    if sends == TRUE:
        return "pass", {}
    if sends == FALSE:
        return "fail", {"why": "router advertisements are switched off"}
    return "inconclusive", {"why": "the switch does not tell whether it sends router advertisements"}


def _neighbours(tables: Tables, interface: int) -> tuple[str, Facts]:
    """V3: devices with a global address are heard."""
    rows = tables.rows(NEIGHBOURS)
    heard = {
        value for index, value in rows.items() if index[0] == interface and value and _is_global(_address(index[1:]))
    }
    if heard:
        return "pass", {"devices_ipv6": len(heard)}
    if rows and tables.complete(NEIGHBOURS):
        return "fail", {"devices_ipv6": 0}
    return "inconclusive", {"why": "the switch does not tell its IPv6 neighbours"}


def _address(index: Oid) -> IPv6Address | None:
    """The IPv6 address in an index of InetAddressType and InetAddress (RFC 4001); None for any other."""
    if len(index) < 18 or index[0] not in (IPV6, IPV6Z) or index[1] not in (16, 20) or max(index[2:18]) > 255:
        return None
    return IPv6Address(bytes(index[2:18]))


def _is_global(address: IPv6Address | None) -> bool:
    """Whether an address is global unicast."""
    return address is not None and address in GLOBAL_UNICAST


def _length(pointer: Value) -> int | None:
    """The prefix length at the end of the row that ipAddressPrefix points to; zeroDotZero points nowhere."""
    return pointer[-1] if isinstance(pointer, tuple) and len(pointer) > 2 else None
