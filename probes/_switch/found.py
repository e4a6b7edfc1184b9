"""
What was found of one switch, and what is a link between two?

Plain values: a switch as it was read, with the names by which others may know it; an end of a link; a link with how well it is
confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum

from probes._switch.model import Device, Kind, Neighbour, Speed, SwitchPort
from probes._switch.naming import PortNames, names_of
from probes._switch.stations import bridge_port, identity_macs, learned_on, stations_of, vlans_of
from probes._switch.tables import Tables
from probes._switch.wording import address, chassis, mac_text, system_name

DEFAULT_ROUTES = ("ipRouteIfIndex", "ipCidrRouteIfIndex", "inetCidrRouteIfIndex")


class Confirmed(StrEnum):
    """How many ends say that a link is there: both name each other, one does, addresses were learned, or it is contradicted."""

    BOTH = "both"
    ONE = "one"
    FDB = "fdb"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SwitchFound:
    """
    One switch as it was read. `subject` is `host:port`; `chassis`, `macs`, `addresses` and the names are what others may call it.

    `stations` and `vlans` count by ifIndex what each port has learned; `learned` says on which port the address of another listed
    switch stands. `root_port` is the port towards the spanning tree's root, `default_ports` those of the default route.
    """

    subject: str
    ports: tuple[SwitchPort, ...]
    names: PortNames
    neighbours: tuple[Neighbour, ...] = ()
    sys_name: str = ""
    other_names: frozenset[str] = frozenset()
    chassis: str = ""
    macs: frozenset[bytes] = frozenset()
    addresses: frozenset[str] = frozenset()
    stations: Mapping[int, int] = field(default_factory=dict)
    vlans: Mapping[int, int] = field(default_factory=dict)
    learned: Mapping[bytes, int] = field(default_factory=dict)
    root_port: int | None = None
    is_root: bool = False
    default_ports: frozenset[int] = frozenset()
    place: str = ""
    core: bool = False
    wan: tuple[str, ...] = ()
    vendor: str = ""
    model: str = ""
    location: str = ""

    @property
    def building(self) -> str:
        """The building of its place, `main/teaching-2` of `main/teaching-2/301`; empty where the place names none."""
        parts = [part for part in self.place.split("/") if part]
        return "/".join(parts[:2]) if len(parts) > 1 else ""

    def port(self, index: int | None) -> SwitchPort | None:
        """The port with this ifIndex."""
        return next((port for port in self.ports if port.index == index), None)

    def leads_out(self, port: SwitchPort) -> bool:
        """Whether the school's list names this port as one that leads out of the school."""
        return port.name in self.wan or port.label in self.wan

    def trunk(self, index: int) -> SwitchPort | None:
        """The aggregate that a port is or belongs to, None for a port of its own."""
        port = self.port(index)
        if port is None or port.kind is Kind.LAG:
            return port
        master = self.port(port.lag)
        return master if master is not None and master.kind is Kind.LAG else None


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link: the switch, and its port or aggregate."""

    switch: str
    index: int
    label: str

    @property
    def subject(self) -> str:
        """`host:port/ifName`."""
        return f"{self.switch}/{self.label}"


@dataclass(frozen=True, slots=True)
class Link:
    """
    A link between two listed switches, or from one to what is not listed; `peer_subject` is empty there.

    `peer` is the other end's port: None also where the other switch is listed and its port is not known.
    `speed` is the lower of both ends, `at_most` where only one end's is known; of aggregates it is the largest member's, and
    `aggregate_bit_s` the sum. `members` are the ports joined, ours and theirs. `shared` says that several devices are heard
    behind the port, so that something unseen stands between. `against` says what contradicts the link.
    """

    local: End
    peer: End | None
    neighbour: str
    neighbour_port: str
    device: Device
    by: str
    confirmed: Confirmed
    speed: Speed
    at_most: bool = False
    aggregate_bit_s: int | None = None
    members: tuple[tuple[int, int | None], ...] = ()
    peer_subject: str = ""
    building: str = ""
    peer_building: str = ""
    shared: bool = False
    against: str = ""

    @property
    def between_buildings(self) -> bool:
        """Whether its ends stand in two buildings, as the school says."""
        return bool(self.building and self.peer_building) and self.building != self.peer_building

    @property
    def listed(self) -> bool:
        """Whether both of its ends are switches that were read."""
        return bool(self.peer_subject)


def found_of(
    subject: str, tables: Tables, ports: tuple[SwitchPort, ...], neighbours: tuple[Neighbour, ...]
) -> SwitchFound:
    """
    One switch from its tables, ports and neighbours.

    What the school says of it (place, core, wan) is added by `dataclasses.replace`.
    """
    root = tables.scalars.get("dot1dStpRootPort")
    told = tables.scalars.get("lldpLocChassisId")
    subtype = tables.scalars.get("lldpLocChassisIdSubtype")
    return SwitchFound(
        subject=subject,
        ports=ports,
        names=names_of(tables, ports),
        neighbours=neighbours,
        sys_name=_name(tables, "sysName"),
        other_names=frozenset({_name(tables, "lldpLocSysName")} - {""}),
        chassis=chassis(subtype if isinstance(subtype, int) else None, told) if isinstance(told, bytes) else "",
        macs=identity_macs(tables),
        addresses=_addresses(tables),
        stations=stations_of(tables, ports),
        vlans=vlans_of(tables, ports),
        root_port=bridge_port(tables, root) if isinstance(root, int) and root > 0 else None,
        is_root=root == 0 and _own_root(tables),
        default_ports=_default_ports(tables),
        location=tables.scalar_text("sysLocation"),
    )


def with_learned(switch: SwitchFound, tables: Tables, macs: Set[bytes]) -> SwitchFound:
    """The same, with the ports on which addresses of other listed switches are learned."""
    return replace(switch, learned=learned_on(tables, switch.ports, macs - switch.macs))


def _name(tables: Tables, scalar: str) -> str:
    """A system name, empty for a scrap."""
    value = tables.scalars.get(scalar)
    return system_name(value) if isinstance(value, bytes) else ""


def _own_root(tables: Tables) -> bool:
    """Whether the root of the spanning tree is this switch itself: its address follows the priority."""
    root = tables.scalars.get("dot1dStpDesignatedRoot")
    return isinstance(root, bytes) and bool(mac_text(root[2:])) and root[2:] in identity_macs(tables)


def _addresses(tables: Tables) -> frozenset[str]:
    """The switch's own IP addresses, which stand in the indexes of the address tables (RFC 4293)."""
    old = [address(bytes(index)) for index in tables.rows("ipAdEntIfIndex") if max(index, default=256) < 256]
    new = [address(bytes(index[2:])) for index in tables.rows("ipAddressIfIndex") if max(index[2:], default=256) < 256]
    return frozenset({*old, *new} - {""})


def _default_ports(tables: Tables) -> frozenset[int]:
    """The ifIndexes of the default route."""
    indexes = (index for column in DEFAULT_ROUTES for index in tables.rows(column).values())
    return frozenset(index for index in indexes if isinstance(index, int) and index > 0)
