"""
What shall the pages draw?

*Method*: switches with their places, the ports that carry links, the links with speed and confirmation, aggregates, and the neighbours
that are on nobody's list, as integers and strings. Of stations there are counts only; names and management addresses are those
of switches, routers and access points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from probes._switch.found import Link, SwitchFound
from probes._switch.matching import Directory, directory
from probes._switch.model import NAMED, Kind, Neighbour, Speed, SwitchPort
from probes._switch.roles import PortRole, Role

CARRYING = (Role.WAN, Role.UPLINK, Role.BUILDING, Role.CORE, Role.STACK)
# A building in what people write as sysLocation: 教学楼2-301, 3号楼, Building A, bldg 4.
BUILDING_WORDS = re.compile(
    r"[\w一-鿿]*?(?:楼|馆|堂|中心|校舍)(?:\d+|[A-Za-z](?![A-Za-z]))?|(?:building|bldg|block|hall)[ .#-]*\w+",
    re.IGNORECASE,
)


def topology_of(
    switches: Sequence[SwitchFound],
    links: Sequence[Link],
    cores: frozenset[str],
    roles: Mapping[str, Mapping[int, PortRole]],
) -> dict[str, Any]:
    """The map of the listed switches, ready for JSON; `roles` are by subject and ifIndex."""
    book = directory(switches)
    return {
        "switches": [_switch(switch, cores) for switch in switches],
        "ports": [port for switch in switches for port in _ports(switch, roles[switch.subject])],
        "links": [_link(link) for link in links],
        "undiscovered": [one for switch in switches for one in _undiscovered(book, switch)],
        "stations": [
            {"switch": switch.subject, "port": port.label, "count": switch.stations[port.index]}
            for switch in switches
            for port in switch.ports
            if port.index in switch.stations
        ],
    }


def _switch(switch: SwitchFound, cores: frozenset[str]) -> dict[str, Any]:
    """One switch; a core that the school does not call one is inferred."""
    is_core = switch.subject in cores
    return {
        "subject": switch.subject,
        "sys_name": switch.sys_name,
        "vendor": switch.vendor,
        "model": switch.model,
        "place": switch.place,
        "building": switch.building,
        "location": switch.location,
        "proposed_building": proposed_building(switch.location, switch.sys_name),
        "core": ("declared" if switch.core else "inferred") if is_core else "no",
        "ports_up": sum(1 for port in switch.ports if port.up and port.kind is Kind.PHYSICAL),
    }


def proposed_building(location: str, name: str = "") -> str:
    """The building that sysLocation or the name seems to name, for a person to accept; empty where none is named."""
    found = BUILDING_WORDS.search(location) or BUILDING_WORDS.search(name)
    return found[0].strip() if found else ""


def _ports(switch: SwitchFound, roles: Mapping[int, PortRole]) -> Iterator[dict[str, Any]]:
    """The ports that carry links, and aggregates with their members."""
    labels = {port.index: port.label for port in switch.ports}
    for port in switch.ports:
        if roles[port.index].value in CARRYING or port.kind is Kind.LAG:
            yield {
                **_port(switch, port, roles[port.index]),
                "members": [labels[member] for member in port.members if member in labels],
            }


def _port(switch: SwitchFound, port: SwitchPort, role: PortRole) -> dict[str, Any]:
    """One port."""
    return {
        "switch": switch.subject,
        "port": port.label,
        "kind": str(port.kind),
        "up": "yes" if port.up else "no",
        "role": str(role.value),
        "score": role.score,
        **_speed(port.speed),
    }


def _speed(speed: Speed) -> dict[str, Any]:
    """A speed; one that is not known has no number."""
    known = {} if speed.bit_s is None else {"bit_s": speed.bit_s}
    return {**known, "status": str(speed.status)}


def _link(link: Link) -> dict[str, Any]:
    """One link; an end that is not known is an empty string."""
    aggregate = {} if link.aggregate_bit_s is None else {"aggregate_bit_s": link.aggregate_bit_s}
    return {
        "switch": link.local.switch,
        "port": link.local.label,
        "peer": link.peer_subject,
        "peer_port": link.peer.label if link.peer else "",
        "neighbour": link.neighbour if link.listed or link.device in NAMED else "",
        "neighbour_port": link.neighbour_port if link.listed or link.device in NAMED else "",
        "device": str(link.device),
        "by": link.by,
        "confirmed": str(link.confirmed),
        "members": len(link.members),
        "at_most": "yes" if link.at_most else "no",
        "shared": "yes" if link.shared else "no",
        "against": link.against,
        "building": link.building,
        "peer_building": link.peer_building,
        **aggregate,
        **_speed(link.speed),
    }


def _undiscovered(book: Directory, switch: SwitchFound) -> Iterator[dict[str, Any]]:
    """The switches, routers and access points that this one hears and nobody has listed."""
    for neighbour in switch.neighbours:
        if neighbour.device in NAMED and book.number_of(neighbour) is None:
            yield {
                "switch": switch.subject,
                "port": _heard_on(switch, neighbour),
                "device": str(neighbour.device),
                "name": neighbour.name,
                "their_port": next(iter(neighbour.port_ids), ""),
                "by": neighbour.by,
                "addresses": list(neighbour.addresses),
            }


def _heard_on(switch: SwitchFound, neighbour: Neighbour) -> str:
    """The port that hears a neighbour, or what the switch calls it where no port fits."""
    port = switch.port(neighbour.local)
    return port.label if port else neighbour.local_text
