"""
About whom is a verdict, and what did the operator write down about it?

A School is a frozen value: the declared list (attributes, bureau settings, places, switches, links, ports and lines to the
outside, metro services, days), the operator's measurement servers and, for each agent, up to which sequence number its evidence is
held. The list is an admin's word; what is measured is never in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from evidence.model import Report
from evidence.scan import Scan

PATHS = ("internet", "metro")  # where a line leads, and where a measurement server stands


def at(host: str, port: int) -> str:
    """Host and port as probes name them: an IPv6 address in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a reading can be taken: a path such as `main/teaching-2/301`, its kind, and whether the bureau calls it a main place.

    `area_m2` is 0 where the list does not say it; `x_dm` and `y_dm` (decimetres from the upper left corner of the floor's plan) are None then.
    """

    path: str
    kind: str
    main: bool = False
    area_m2: int = 0
    x_dm: int | None = None
    y_dm: int | None = None

    @property
    def floor(self) -> str:
        """Campus, building and floor: all parts of the path but the room, where there are four; else the building."""
        return "/".join(self.path.split("/")[:3]) if self.path.count("/") > 2 else self.building

    @property
    def building(self) -> str:
        """Campus and building: the first two parts of the path."""
        return "/".join(self.path.split("/")[:2])


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch of the school's list: how it is called, where it answers SNMP and where it stands."""

    name: str
    host: str
    port: int = 161
    place: str = ""
    core: bool = False

    @property
    def subject(self) -> str:
        """How the probe `uplinks` names it."""
        return at(self.host, self.port)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link: a switch of the list and the ifName of its port."""

    switch: str
    port: str


@dataclass(frozen=True, slots=True)
class Link:
    """A declared link between two switches; one between buildings is recognised by the places of its ends."""

    one: End
    other: End


@dataclass(frozen=True, slots=True)
class Other:
    """A neighbour that the operator declares to be no switch of the school: a hypervisor, the provider's router; by its sysName."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A named service of the education network; `inside` when the operator registered it as reachable only from inside."""

    host: str
    port: int
    inside: bool = False

    @property
    def subject(self) -> str:
        """How the probe `metro` names it."""
        return at(self.host, self.port)


@dataclass(frozen=True, slots=True)
class Line:
    """
    A way out of the school: where it leads (`internet` or `metro`), and from which prefixes its traffic is seen outside.

    `shared` names an uplink that other schools' lines go through as well; empty where the line is the school's alone.
    """

    name: str
    prefixes: tuple[str, ...]
    kind: str
    shared: str = ""

    def has(self, address: str) -> bool:
        """Whether a public address, as a server saw it, lies in a prefix of the line; False for what is no address."""
        try:
            seen = ip_address(address)
        except ValueError:
            return False
        return any(seen in ip_network(prefix) for prefix in self.prefixes)


@dataclass(frozen=True, slots=True)
class Server:
    """
    A measurement server of the operator's: the id and the bytes (hex) of the key that signs its reports, and where it answers.

    `path` is the network in which the operator put it (`internet` or `metro`), `operator` whose network that is.
    """

    id: str
    name: str
    host: str
    port: int
    path: str
    operator: str
    public_key: str
    revoked: bool = False
    capacity_bit_s: int = 10_000_000_000

    @property
    def address(self) -> str:
        """How the probe `egress` names it."""
        return at(self.host, self.port)


@dataclass(frozen=True, slots=True)
class Names:
    """
    What an echo server of the operator's answers to: the zone of its names, and the addresses that stand behind them.

    `server` is the id of its key, that of the measurement server beside it; an address that is empty stands for a name it does not have.
    """

    server: str
    zone: str
    v6: str
    v4: str = ""
    mtu1280: str = ""
    bad6: str = ""
    port: int = 443
    http_port: int = 80


@dataclass(frozen=True, slots=True)
class Target:
    """A host that a place with IPv6 has to reach, and in whose network it stands; from the operator's list."""

    address: str
    port: int
    operator: str

    @property
    def subject(self) -> str:
        """How it is written."""
        return at(self.address, self.port)


@dataclass(frozen=True, slots=True)
class Site:
    """A site of the school's, by its name; it may be looked at from outside."""

    name: str
    port: int = 443


@dataclass(frozen=True, slots=True)
class Controller:
    """A wireless controller of the school's list: how it is called, where it answers, and whose make it is (probes/aps)."""

    name: str
    host: str
    port: int = 161
    vendor: str = ""

    @property
    def subject(self) -> str:
        """How the probe `aps` names it."""
        return at(self.host, self.port)


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """An access point that the list names itself, where no controller can be asked: its name and the BSSIDs that it sends."""

    name: str
    bssids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a floor: `floor` as `Place.floor` gives it, the size in metres, and the SHA-256 (hex) of the uploaded picture, empty without one."""

    floor: str
    width_m: int
    height_m: int
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """Days from `first` to `last` (as 2026-06-07) of one kind: `exam`, `holiday`, or `school` for one on which lessons are made up."""

    first: str
    last: str
    kind: str

    def includes(self, day: str) -> bool:
        """Whether that day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that the operator wrote down for a school, and since when it holds."""

    value: str
    since: str


@dataclass(frozen=True, slots=True)
class School:
    """
    Whom verdicts are about.

    `attributes` and `bureau` are set by the bureau, never by the school; `held` maps each agent to the last sequence number
    that the collector acknowledged, `stands` to the place where the operator enrolled it. `revoked` agents decide nothing any
    more; `orders` are those that were not taken back. `wans` are the ports that lead out of the school, `lines` what they are
    joined to, `approved` the sysNames of neighbours that may be asked too. `routers` are hardware or link-local addresses of those that may
    announce IPv6. `servers` are the operator's, by key id, revoked ones too; `names` what stands beside them, `targets` who is to be reached over IPv6,
    `vantages` the operator's agents outside (key id and name), without revoked ones. `networks` are the school's network names (SSID, octets as
    hex), `access_points` those named by the list itself; `codes` the codes of each survey's cards, by its order's id and place; `removed` the
    places that were taken off the list, with the reason.
    """

    id: str
    name: str
    virtual: bool = False
    attributes: Mapping[str, Setting] = field(default_factory=dict)
    bureau: Mapping[str, Setting] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    switches: tuple[Switch, ...] = ()
    links: tuple[Link, ...] = ()
    wans: tuple[End, ...] = ()
    approved: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()
    services: tuple[Service, ...] = ()
    lines: tuple[Line, ...] = ()
    days: tuple[Day, ...] = ()
    routers: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    networks: tuple[str, ...] = ()
    controllers: tuple[Controller, ...] = ()
    access_points: tuple[AccessPoint, ...] = ()
    plans: tuple[Plan, ...] = ()
    removed: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: tuple[Names, ...] = ()
    targets: tuple[Target, ...] = ()
    vantages: Mapping[str, str] = field(default_factory=dict)
    servers: Mapping[str, Server] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    stands: Mapping[str, str] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    orders: tuple[Scan, ...] = ()

    def switch(self, name: str) -> Switch | None:
        """The switch of that name."""
        return next((switch for switch in self.switches if switch.name == name), None)

    def line(self, name: str) -> Line | None:
        """The line of that name."""
        return next((line for line in self.lines if line.name == name), None)

    @property
    def by_subject(self) -> dict[str, Switch]:
        """The switches by what the probe `uplinks` calls them: `host:port`."""
        return {switch.subject: switch for switch in self.switches}

    @property
    def by_name(self) -> dict[str, Switch]:
        """The switches by what the list calls them."""
        return {switch.name: switch for switch in self.switches}

    @property
    def degrees(self) -> Counter[str]:
        """How many links of the list end at each switch, by its name."""
        return Counter(end.switch for link in self.links for end in (link.one, link.other))

    def is_other(self, neighbour: str) -> bool:
        """Whether the operator declared that a neighbour of this sysName is no switch of the school."""
        return any(other.name.casefold() == neighbour.casefold() for other in self.others)

    def between_buildings(self, link: Link) -> bool:
        """Whether the ends of a link may stand in different buildings: also where the list does not place one of them."""
        ends = [self.switch(end.switch) for end in (link.one, link.other)]
        buildings = {Place(end.place, "").building for end in ends if end is not None and end.place}
        return len(buildings) == 2 or bool(self.unplaced(link))

    def unplaced(self, link: Link) -> list[str]:
        """The ends of a link of which the list does not say where they stand."""
        ends = [self.switch(end.switch) for end in (link.one, link.other)]
        return [end.name for end in ends if end is not None and not end.place]

    def unlinked(self) -> list[str]:
        """Switches that no chain of declared links joins with the first core switch, or with the first of the list."""
        if not self.switches:
            return []
        reached = joined_with(self.root, [(link.one.switch, link.other.switch) for link in self.links])
        return [switch.name for switch in self.switches if switch.name not in reached]

    @property
    def root(self) -> str:
        """Where the school's network begins: the first core switch, or the first switch of the list; empty without any."""
        return next((switch.name for switch in (*self._cores(), *self.switches)), "")

    def _cores(self) -> list[Switch]:
        """The switches that the list calls core."""
        return [switch for switch in self.switches if switch.core]

    def of_core(self, link: Link) -> bool:
        """Whether one end of a link is a core switch."""
        return any(
            switch is not None and switch.core for switch in map(self.switch, (link.one.switch, link.other.switch))
        )


def joined_with(start: str, edges: Iterable[tuple[str, str]]) -> set[str]:
    """Everything that a chain of edges joins with `start`, and `start` itself."""
    beside: dict[str, set[str]] = {}
    for one, other in edges:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    joined, waiting = {start}, [start]
    while waiting:
        more = beside.get(waiting.pop(), set()) - joined
        joined |= more
        waiting += more
    return joined


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    A Report whose envelope was verified and stored; `id` is the SHA-256 of the signed bytes.

    `scan` is the order that the report names, as the collector's own books hold it; None if there is no such order.
    """

    id: str
    report: Report
    received_unix_us: int
    scan: Scan | None = None
