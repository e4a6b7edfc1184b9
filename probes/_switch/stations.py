"""
How many stations stand behind each port, and behind which port stands a known switch?

*Method*: the addresses that bridges have learned (Q-BRIDGE-MIB, else BRIDGE-MIB) are counted by the port that dot1dBasePortIfIndex
gives, each once whatever VLANs it is in. Group addresses, the switch's own and those of virtual routers are not counted.

Addresses of stations stay in this module: only counts leave it, and of `learned_on` those that were asked for by name of a
switch. A table that ages out in minutes is no census: what is silent is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set

from probes._snmp.exchange import Oid
from probes._switch.model import SwitchPort
from probes._switch.tables import Tables
from probes._switch.wording import CHASSIS_MAC, chassis, mac_of

MAC_OCTETS = 6
HIGH = 1024  # more ports than a switch counts from 1
GROUP_BIT = 1
# Addresses that move between routers: VRRP (RFC 9568), HSRP versions 1 and 2 and for IPv6, GLBP.
VIRTUAL_ROUTERS = tuple(
    map(bytes.fromhex, ("00005e0001", "00005e0002", "00000c07ac", "00000c9f", "000573a0", "0007b4"))
)


def stations_of(tables: Tables, ports: Sequence[SwitchPort]) -> Mapping[int, int]:
    """How many addresses each port has learned, by ifIndex; a port that learned none is not in it."""
    own = identity_macs(tables)
    found: dict[int, set[bytes]] = defaultdict(set)
    for mac, index, _ in _learned(tables, ports):
        if counts(mac) and mac not in own:
            found[index].add(mac)
    return {index: len(macs) for index, macs in sorted(found.items())}


def vlans_of(tables: Tables, ports: Sequence[SwitchPort]) -> Mapping[int, int]:
    """In how many filtering databases (VLANs) each port has learned anything; none where the switch tells no VLANs."""
    found: dict[int, set[Oid]] = defaultdict(set)
    for mac, index, database in _learned(tables, ports):
        if counts(mac) and database:
            found[index].add(database)
    return {index: len(databases) for index, databases in sorted(found.items())}


def learned_on(tables: Tables, ports: Sequence[SwitchPort], macs: Set[bytes]) -> Mapping[bytes, int]:
    """On which one port each of these addresses is learned; one that is learned on two ports is left out."""
    found: dict[bytes, set[int]] = defaultdict(set)
    for mac, index, _ in _learned(tables, ports):
        if mac in macs:
            found[mac].add(index)
    return {mac: next(iter(indexes)) for mac, indexes in found.items() if len(indexes) == 1}


def identity_macs(tables: Tables) -> frozenset[bytes]:
    """The addresses by which others may know this switch: of its bridge, its LLDP chassis and its interfaces."""
    bridge = tables.scalars.get("dot1dBaseBridgeAddress")
    told = tables.scalars.get("lldpLocChassisId")
    subtype = tables.scalars.get("lldpLocChassisIdSubtype")
    lldp = (
        mac_of(chassis(subtype if isinstance(subtype, int) else CHASSIS_MAC, told)) if isinstance(told, bytes) else b""
    )
    interfaces = [mac for mac in tables.rows("ifPhysAddress").values() if isinstance(mac, bytes)]
    return frozenset(mac for mac in (bridge, lldp, *interfaces) if isinstance(mac, bytes) and counts(mac))


def counts(mac: bytes) -> bool:
    """Whether an address is one device's: six octets, no group, not all zeros, no virtual router."""
    return len(mac) == MAC_OCTETS and any(mac) and not mac[0] & GROUP_BIT and not mac.startswith(VIRTUAL_ROUTERS)


def bridge_port(tables: Tables, number: int) -> int | None:
    """
    The ifIndex of a bridge port, None for one that the switch does not list.

    Where no bridge port is listed at all its number is the ifIndex (small switches). Where they are listed by ifIndexes that begin
    high (TP-Link: 49153 is port 1) the tables still count from 1.
    """
    listed = tables.rows("dot1dBasePortIfIndex")
    if not listed:
        return number
    first = min(index[0] for index in listed if index) if any(listed) else 0
    told = tables.number("dot1dBasePortIfIndex", (number,))
    return tables.number("dot1dBasePortIfIndex", (first - 1 + number,)) if told is None and first > HIGH else told


def _learned(tables: Tables, ports: Sequence[SwitchPort]) -> Iterator[tuple[bytes, int, Oid]]:
    """Each address learned: its octets, the ifIndex of the port, and the filtering database (empty where there is one only)."""
    counting = {port.index for port in ports}
    places: dict[int, int | None] = {}
    for column in ("dot1qTpFdbPort", "dot1dTpFdbPort"):
        if tables.cut(column):
            return  # a part of the table would call a port of many stations a desk
        for index, base in tables.rows(column).items():
            octets = index[-MAC_OCTETS:]
            if not isinstance(base, int) or base < 1 or len(octets) < MAC_OCTETS or max(octets) > 255:
                continue
            if base not in places:
                places[base] = bridge_port(tables, base)
            port = places[base]
            if port in counting and port is not None:
                yield bytes(octets), port, index[:-MAC_OCTETS]
        if tables.rows(column):
            return
