"""Switches for the tests, drawn in a few words: rows of tables by the names that the MIBs give them, and ports that are up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from probes._snmp.exchange import Oid, Value
from probes._snmp.walk import End, Walk
from probes._switch.found import End as LinkEnd
from probes._switch.found import Link, SwitchFound
from probes._switch.links import links_of
from probes._switch.model import Device, Kind, Neighbour, Speed, Status, SwitchPort
from probes._switch.naming import folded, port_names
from probes._switch.roles import cores_of, roles_of
from probes._switch.tables import Tables
from probes._switch.topology import topology_of
from probes._switch.wording import mac_of

GIGABIT = 1_000_000_000
TEN = 10 * GIGABIT


def index_of(written: int | str) -> Oid:
    """`0.3.1` as an index."""
    return tuple(int(part) for part in str(written).split("."))


def drawn(scalars: Mapping[str, Value] | None = None, **columns: Mapping[Any, Any]) -> Tables:
    """Tables of these columns, each `{index: value}`; text stands for its octets."""
    walks = {
        name: Walk(
            {index_of(index): value.encode() if isinstance(value, str) else value for index, value in rows.items()},
            End.LEFT_SUBTREE,
        )
        for name, rows in columns.items()
    }
    return Tables(scalars or {}, walks)


def port(index: int, name: str, bit_s: int | None = GIGABIT, **more: Any) -> SwitchPort:
    """A port that is up and whose speed is as the switch reports it."""
    status = Status.UNKNOWN if bit_s is None else Status.REPORTED
    given = {"kind": Kind.PHYSICAL, "oper": 1, "speed": Speed(status, bit_s), "name": name, "label": name}
    return SwitchPort(index=index, **{**given, **more})


def group(index: int, name: str, members: tuple[int, ...], each_bit_s: int = TEN, **more: Any) -> SwitchPort:
    """An aggregate of ports that are all up."""
    given = {"kind": Kind.LAG, "members": members, "members_up": len(members), "largest_bit_s": each_bit_s}
    return port(index, name, each_bit_s * len(members), **{**given, **more})


def mac(number: int) -> str:
    """The chassis ID of switch `number`."""
    return f"02:00:00:00:00:{number:02x}"


def neighbour(local: int | None, to: int, port_name: str = "", **more: Any) -> Neighbour:
    """What a port hears of switch `to`, which calls itself `s<to>`, from its port of this name."""
    given = {"by": "lldp", "device": Device.SWITCH, "name": f"s{to}", "chassis": mac(to)}
    return Neighbour(local=local, port_ids=(port_name,) if port_name else (), **{**given, **more})


def switch(number: int, ports: tuple[SwitchPort, ...], *heard: Neighbour, **more: Any) -> SwitchFound:
    """A switch `10.0.0.<number>:161` that calls itself `s<number>` and hears these neighbours."""
    given = {"sys_name": f"s{number}", "chassis": mac(number), "macs": frozenset({mac_of(mac(number))})}
    names = port_names(
        ((port.name, port.index) for port in ports), ((folded(p.alias), p.index) for p in ports), (), ports
    )
    return SwitchFound(subject=subject(number), ports=ports, names=names, neighbours=heard, **{**given, **more})


def subject(number: int) -> str:
    """Where switch `number` answers."""
    return f"10.0.0.{number}:161"


def map_of(switches: Sequence[SwitchFound]) -> dict[str, Any]:
    """The map of these switches."""
    links = links_of(switches)
    cores = cores_of(switches, links)
    roles = {switch.subject: roles_of(switch, links, cores) for switch in switches}
    return topology_of(switches, links, cores, roles)


def ends(links: tuple[Link, ...]) -> list[tuple[str, str, str]]:
    """Links as `s1/g1`, `s2/g2` and how they are confirmed; an end that is not known is empty."""
    return [(_short(link.local), _short(link.peer), str(link.confirmed)) for link in links]


def _short(end: LinkEnd | None) -> str:
    """`s1/g1` of `10.0.0.1:161/g1`."""
    return f"s{end.switch.split('.')[3].split(':')[0]}/{end.label}" if end else ""
