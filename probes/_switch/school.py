"""
What do all switches together show, as readings?

One `link.speed` a link, one `port.role` a port, the way out with its counters, and the sums that a school asks for first. The judge
makes its own sums from ports and links; these are for the admin in front of the box.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evidence import quantities as q
from evidence.model import Facts, Quantity, Reading
from probes._switch.asking import Asked
from probes._switch.found import Link, SwitchFound, found_of, with_learned
from probes._switch.links import links_of
from probes._switch.matching import directory
from probes._switch.model import LINKING, MAY_LINK, NAMED, Kind, Status, SwitchPort
from probes._switch.roles import PortRole, Role, cores_of, roles_of
from probes._switch.sums import Sum, backbone, building, core, desktop_share, redundant_share
from probes._switch.topology import topology_of
from probes._switch.vendors import model_name, vendor_name

COUNTERS = {"ifHCInOctets": q.WAN_IN, "ifHCOutOctets": q.WAN_OUT}
LONGEST_EVIDENCE = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """All switches that were read, their links, and each one's roles by ifIndex."""

    asked: tuple[Asked, ...]
    switches: tuple[SwitchFound, ...]
    links: tuple[Link, ...]
    cores: frozenset[str]
    roles: Mapping[str, Mapping[int, PortRole]]

    @property
    def silent(self) -> int:
        """How many listed switches did not show all their ports."""
        return sum(one.failure is not None for one in self.asked)

    @property
    def undiscovered(self) -> tuple[Link, ...]:
        """Links to switches and routers that nobody listed."""
        return tuple(link for link in self.links if not link.listed and link.device in MAY_LINK)

    def topology(self) -> bytes:
        """The map for the pages, as JSON."""
        drawn = topology_of(self.switches, self.links, self.cores, self.roles)
        return json.dumps(drawn, ensure_ascii=False, indent=1).encode()


def seen_by(asked: Sequence[Asked]) -> Seen:
    """What joins the switches that were read."""
    read = [one for one in asked if one.ports]
    found = [_found(one) for one in read]
    macs = frozenset[bytes]().union(*(switch.macs for switch in found))
    switches = tuple(with_learned(switch, one.told.tables, macs) for switch, one in zip(found, read, strict=True))
    links = links_of(switches)
    cores = cores_of(switches, links)
    roles = {switch.subject: roles_of(switch, links, cores) for switch in switches}
    return Seen(tuple(asked), switches, links, cores, roles)


def _found(asked: Asked) -> SwitchFound:
    """One switch with what the school's list says of it."""
    tables, switch = asked.told.tables, asked.switch
    return replace(
        found_of(switch.subject, tables, asked.ports, asked.neighbours),
        place=switch.place,
        core=switch.core,
        wan=tuple(switch.wan),
        vendor=vendor_name(tables),
        model=model_name(tables),
    )


def readings_of_all(seen: Seen) -> Iterator[Reading]:
    """Links, roles, the way out and the sums, in this order."""
    yield from {one.subject: one for one in (*map(_link, seen.links), *unplaced(seen))}.values()
    for switch in seen.switches:
        for port in switch.ports:
            role = seen.roles[switch.subject][port.index]
            if port.up or role.value is not Role.UNKNOWN:
                yield _role(switch, port, role)
    yield from _ways_out(seen)
    yield from _sums(seen)


def unplaced(seen: Seen) -> Iterator[Reading]:
    """Switches and routers on nobody's list that are heard where no port counts: a port that cannot be told, or one of a stack."""
    book = directory(seen.switches)
    for switch in seen.switches:
        counted = {port.index for port in switch.ports if port.kind is not Kind.STACK}
        for near in switch.neighbours:
            if near.device in LINKING and near.local not in counted and book.number_of(near) is None:
                facts: Facts = {"confirmed": "one", "peer": "", "neighbour": near.name, "device": near.device.value}
                facts |= {"by": near.by, "status": Status.UNKNOWN.value, "neighbour_port": "".join(near.port_ids[:1])}
                yield q.LINK_SPEED.between(0, None, f"{switch.subject}/?{near.local_text or near.name}", facts)


def _link(link: Link) -> Reading:
    """One link: its rate, at most its rate where one end is not known, or nothing but that it is there."""
    facts: Facts = {
        "confirmed": link.confirmed.value,
        "peer": link.peer.subject if link.peer else "",
        "neighbour": link.neighbour,
        "neighbour_port": link.neighbour_port,
        "device": link.device.value,
        "by": link.by,
        "status": link.speed.status.value,
    }
    facts |= {"building": link.building} if link.building else {}
    facts |= {"peer_building": link.peer_building} if link.peer_building else {}
    facts |= {"shared": "yes"} if link.shared else {}
    facts |= {"against": link.against} if link.against else {}
    facts |= {} if link.aggregate_bit_s is None else {"aggregate_bit_s": link.aggregate_bit_s}
    facts |= {"cables": len(link.members)} if len(link.members) > 1 else {}
    if link.speed.bit_s is None:
        return q.LINK_SPEED.between(0, None, link.local.subject, facts)
    if link.at_most or not link.listed:
        return q.LINK_SPEED.between(None, link.speed.bit_s, link.local.subject, facts)
    return q.LINK_SPEED.reading(link.speed.bit_s, link.local.subject, facts)


def _role(switch: SwitchFound, port: SwitchPort, role: PortRole) -> Reading:
    """What one port is for, and by what evidence."""
    facts: Facts = {"score": role.score, "device": role.device.value}
    facts |= {"evidence": "; ".join(role.evidence)[:LONGEST_EVIDENCE]} if role.evidence else {}
    facts |= {"announced": ",".join(role.announced)} if role.announced else {}
    facts |= {"stations": switch.stations[port.index]} if port.index in switch.stations else {}
    facts |= _heard(switch, port)
    return q.PORT_ROLE.reading(role.value.value, f"{switch.subject}/{port.label}", facts)


def _heard(switch: SwitchFound, port: SwitchPort) -> Facts:
    """The neighbours on a port by name, where they are switches, routers or access points; others are not named."""
    near = [one for one in switch.neighbours if one.local == port.index and one.device in NAMED]
    facts: Facts = {"neighbour": ",".join(one.name for one in near if one.name)[:LONGEST_EVIDENCE]}
    facts |= {"neighbour_port": ",".join(one.port_ids[0] for one in near if one.port_ids)[:LONGEST_EVIDENCE]}
    return {key: value for key, value in facts.items() if value}


def _ways_out(seen: Seen) -> Iterator[Reading]:
    """Rate, medium and counters of the ports that lead out of the school."""
    tables = {one.switch.subject: one.told.tables for one in seen.asked}
    for switch in seen.switches:
        for port in switch.ports:
            if seen.roles[switch.subject][port.index].value is not Role.WAN or port.lag is not None or not port.up:
                continue
            where = f"{switch.subject}/{port.label}"
            declared = "yes" if switch.leads_out(port) else "no"
            if port.speed.bit_s is not None:
                facts: Facts = {"status": port.speed.status.value, "declared": declared}
                yield q.WAN_SPEED.reading(port.speed.bit_s, where, facts)
            if port.kind is Kind.PHYSICAL:
                yield q.WAN_MEDIUM.reading(port.medium, where, {"transceiver": port.transceiver})
            for column, quantity in COUNTERS.items():
                octets = tables[switch.subject].number(column, (port.index,))
                if octets is not None:
                    yield quantity.reading(str(octets), where)


def _sums(seen: Seen) -> Iterator[Reading]:
    """The figures for the whole school, as far as the box sees it."""
    roles = [(switch, seen.roles[switch.subject]) for switch in seen.switches]
    for quantity, found in (
        (q.BACKBONE_MIN, backbone(seen.links, seen.silent)),
        (q.BUILDING_MIN, building(seen.links, seen.silent)),
        (q.CORE_SPEED, core(seen.links, seen.cores, seen.silent)),
        (q.DESKTOP_GIGABIT_SHARE, _with_silence(desktop_share(roles), seen.silent)),
        (q.UPLINK_REDUNDANT_SHARE, _with_silence(redundant_share(seen.switches, seen.links, seen.cores), seen.silent)),
    ):
        yield from _sum(quantity, found)


def _with_silence(found: Sum, silent: int) -> Sum:
    """A share in which the ports of silent switches are missing: they may be all bad, so it is at most what was seen."""
    if not silent:
        return found
    return Sum(None, found.high if found.low is not None else None, {**found.facts, "silent": silent})


def _sum(quantity: Quantity, found: Sum) -> Iterator[Reading]:
    """One figure: exact, an interval, or none where nothing is known."""
    facts: Facts = dict(found.facts)
    if found.low is not None and found.low == found.high:
        yield quantity.reading(found.low, facts=facts)
    elif found.low is not None or found.high is not None:
        yield quantity.between(found.low, found.high, facts=facts)
