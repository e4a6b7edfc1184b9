"""
Which switches, ports and links do the readings of one run of `uplinks` speak of?

Pure functions from readings to a picture that can be drawn: nothing is measured and nothing is judged here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from evidence import quantities as q
from evidence.model import Facts, Failure, Reading

LEADS_ON = ("switch", "router", "ap")
APART = ("camera", "phone")  # nobody sits at these: the probe counts them apart
CARRYING = ("wan", "uplink", "building", "core")
SURE = ("", "reported", "repaired")  # how a rate is known that the share of desks counts
SUMMARY = (q.BACKBONE_MIN, q.BUILDING_MIN, q.CORE_SPEED, q.DESKTOP_GIGABIT_SHARE, q.UPLINK_REDUNDANT_SHARE)


@dataclass(frozen=True, slots=True)
class Port:
    """One port or aggregate of ports; `bit_s` is None where it is down or its speed is unknown."""

    label: str
    up: bool
    bit_s: int | None
    role: str
    facts: Facts

    @property
    def device(self) -> str:
        """What stands at its other end."""
        return str(self.facts.get("device", "unknown"))

    @property
    def is_desk(self) -> bool:
        """Whether a person's device may be at it: the rule by which the probe counts `desktop.gigabit_share`."""
        return self.may_be_desk and self.device not in APART

    @property
    def is_apart(self) -> bool:
        """Whether a camera or a telephone is at it, which is counted apart from the desks."""
        return self.may_be_desk and self.device in APART

    @property
    def may_be_desk(self) -> bool:
        """Whether it is up, single, and nothing says that it leads on: a role that is not known counts as a desk's."""
        single = self.fact("kind") in ("", "physical") and not self.fact("lag")
        return self.up and single and self.role in ("access", "unknown") and self.device not in LEADS_ON

    @property
    def carries(self) -> bool:
        """Whether it is an end of a link between devices of the network, or a part of one."""
        return self.role in CARRYING or self.device in ("switch", "router") or bool(self.fact("lag"))

    @property
    def sure_bit_s(self) -> int | None:
        """Its rate where that was told plainly; None where it is unknown, concluded or told differently."""
        return self.bit_s if self.fact("status") in SURE else None

    def fact(self, key: str) -> str:
        """A fact as text, empty where it is not told."""
        return str(self.facts.get(key, ""))

    def number(self, key: str) -> int | None:
        """A fact that is a number."""
        value = self.facts.get(key)
        return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Link:
    """One link from the port `label` of a switch; `peer` is the other switch's subject, empty if that is not listed."""

    switch: str
    label: str
    peer: str
    peer_label: str
    bit_s: int | None
    exact: bool
    facts: Facts

    @property
    def confirmed(self) -> str:
        """both, one, fdb or none."""
        return str(self.facts.get("confirmed", "none"))

    @property
    def neighbour(self) -> str:
        """What the other end calls itself."""
        return str(self.facts.get("neighbour", "")) or str(self.facts.get("neighbour_port", "")) or "?"

    @property
    def total_bit_s(self) -> int | None:
        """The sum of an aggregate's members, if it is one."""
        value = self.facts.get("aggregate_bit_s")
        return value if isinstance(value, int) else None

    def seen_from(self, switch: str) -> Link:
        """The same link, told from its other end if that is where one stands."""
        if switch == self.switch:
            return self
        return Link(self.peer, self.peer_label, self.switch, self.label, self.bit_s, self.exact, self.facts)


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch that was asked, with its ports in the order read."""

    subject: str
    facts: Facts
    answered: bool
    ports: tuple[Port, ...]

    @property
    def name(self) -> str:
        """What the school, else the switch itself, calls it."""
        return str(self.facts.get("name") or self.facts.get("sys_name") or self.subject)

    @property
    def model(self) -> str:
        """Vendor and model, as far as told."""
        return " ".join(str(self.facts[key]) for key in ("vendor", "model") if self.facts.get(key))

    @property
    def snmp(self) -> str:
        """1, 2c, 3, or nothing where it was not told."""
        return str(self.facts.get("snmp", ""))

    @property
    def ports_up(self) -> list[Port]:
        """Its single ports that are up."""
        return [port for port in self.ports if port.up and port.fact("kind") in ("", "physical")]

    @property
    def in_the_clear(self) -> bool:
        """Whether a community travelled to it in the clear; where nothing listens, none was heard."""
        return self.snmp in ("1", "2c") and self.failure is not Failure.REFUSED

    @property
    def failure(self) -> Failure | None:
        """Why it did not answer."""
        known = {one.value for one in Failure}
        told = str(self.facts.get("failure", ""))
        return Failure(told) if told in known else None


@dataclass(frozen=True, slots=True)
class Network:
    """All of it; `root` is where a drawing begins."""

    switches: dict[str, Switch]
    links: tuple[Link, ...]
    root: str
    summary: tuple[Reading, ...]
    rungs: tuple[Reading, ...]

    def links_of(self, subject: str) -> list[Link]:
        """The links of one switch, each told from its end."""
        return [link.seen_from(subject) for link in self.links if subject in (link.switch, link.peer)]

    def name_of(self, subject: str) -> str:
        """The name of a switch that was asked."""
        return self.switches[subject].name

    @property
    def joined(self) -> bool:
        """Whether any link between two listed switches was found."""
        return any(link.peer in self.switches for link in self.links)

    def is_alone(self, switch: Switch) -> bool:
        """Whether a switch told ports that are up, and nothing of what they lead to."""
        return switch.answered and bool(switch.ports_up) and not self.links_of(switch.subject)

    def parents(self) -> dict[str, Link | None]:
        """For each switch the link towards the root by the fewest steps, None for a root; in the order of a drawing."""
        found: dict[str, Link | None] = {}
        for start in [self.root, *self.switches]:
            if start and start not in found:
                found[start] = None
                self._spread(found, start)
        return found

    def _spread(self, found: dict[str, Link | None], start: str) -> None:
        """Breadth first from one switch."""
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for link in self.links_of(here):
                if link.peer in self.switches and link.peer not in found:
                    found[link.peer] = link.seen_from(link.peer)
                    waiting.append(link.peer)


def network_of(readings: Iterable[Reading], core: Collection[str] = ()) -> Network:
    """The network that readings speak of; `core` names the switches that the school's list calls so, by `host:port`."""
    by_quantity: dict[str, list[Reading]] = {}
    for reading in readings:
        by_quantity.setdefault(reading.quantity, []).append(reading)
    ports = _ports(by_quantity)
    switches = {
        one.subject: Switch(one.subject, one.facts, one.value == 1_000_000, tuple(ports.get(one.subject, ())))
        for one in by_quantity.get(q.DEVICES_ANSWERED.name, [])
        if one.subject
    }
    links = tuple(_link(one) for one in by_quantity.get(q.LINK_SPEED.name, []))
    summary = tuple(one for quantity in SUMMARY for one in by_quantity.get(quantity.name, []))
    root = _root(switches, links, core)
    return Network(switches, links, root, summary, tuple(by_quantity.get(q.IPV6_RUNG.name, [])))


def _ports(by_quantity: dict[str, list[Reading]]) -> dict[str, list[Port]]:
    """The ports of each switch, joined from what is said of each: state, speed, role."""
    speeds = {one.subject: one for one in by_quantity.get(q.PORT_SPEED.name, [])}
    roles = {one.subject: one for one in by_quantity.get(q.PORT_ROLE.name, [])}
    found: dict[str, list[Port]] = {}
    for up in by_quantity.get(q.PORT_UP.name, []):
        switch, _, label = up.subject.partition("/")
        found.setdefault(switch, []).append(_port(label, up, speeds.get(up.subject), roles.get(up.subject)))
    return found


def _port(label: str, up: Reading, speed: Reading | None, role: Reading | None) -> Port:
    """One port."""
    facts = up.facts | (role.facts if role else {}) | (speed.facts if speed else {})
    bit_s = (speed.low if speed.low is not None else speed.high) if speed else None
    return Port(label, up.value == "yes", bit_s, str(role.value) if role else "unknown", facts)


def _link(reading: Reading) -> Link:
    """One link."""
    switch, _, label = reading.subject.partition("/")
    peer, _, peer_label = str(reading.facts.get("peer", "")).partition("/")
    return Link(switch, label, peer, peer_label, reading.high, reading.value is not None, reading.facts)


def _root(switches: dict[str, Switch], links: tuple[Link, ...], core: Collection[str]) -> str:
    """The core by the list, else the switch with the way out, else the one with most links; the first of several."""

    def worth(subject: str) -> tuple[bool, bool, int]:
        way_out = any(port.role == "wan" for port in switches[subject].ports)
        return subject in core, way_out, sum(subject in ends for ends in _pairs(links))

    return max(switches, key=worth, default="")


def _pairs(links: tuple[Link, ...]) -> Iterator[tuple[str, str]]:
    """Both ends of each link between two switches that were asked."""
    yield from ((link.switch, link.peer) for link in links if link.peer)
