"""
What did the latest runs see of the school's switches: their ports, their aggregates, their neighbours?

Several agents may have asked one switch, and one port has several readings: here they become one value a port. What proves
less wins: the lower speed, the port that is down, the silence. Pure: runs in, values out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from collector.school import Evidence, at
from collector.verdict import Code, Reason
from evidence import quantities as q
from evidence.model import Failure, Reading

ALL_PPM = 1_000_000
# How a speed is known, what proves least first: all but a reported one leave its lower end open.
STATUSES = ("inferred", "conflict", "repaired", "reported")
WHY_STATUS = {
    "inferred": Code.SPEED_INFERRED,
    "conflict": Code.SPEED_CONFLICT,
    "repaired": Code.SPEED_REPAIRED,
    "reported": Code.SPEED_UNKNOWN,
}
BOTH = "both"
TOLD = (BOTH, "one")  # links that a device announced and none denied
DENIED = "none"  # announced at the one end, and the other says something else
# Columns of the tables of neighbours, by how their names begin (docs/probes.md).
NEIGHBOUR_COLUMNS = ("lldp", "cdp", "nmsLldp", "mtxrNeighbor")
About = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Rate:
    """A speed in bit/s as an interval, and how it is known: only a reported one has a lower end, an inferred one has none at all."""

    low: int | None
    high: int | None
    status: str = "reported"

    def and_also(self, other: Rate) -> Rate:
        """Of two words about one port, what both allow."""
        low = None if self.low is None or other.low is None else min(self.low, other.low)
        high = min((end for end in (self.high, other.high) if end is not None), default=None)
        return Rate(low, high, min(self.status, other.status, key=STATUSES.index))


@dataclass(frozen=True, slots=True)
class Seen:
    """
    The latest readings of all switches, by subject; *no* wins in `up` where any agent saw a port down.

    `belonging` is to what a port says it belongs, an aggregate or itself, and `named` are the members that an aggregate names
    itself; `masters` maps a port to the one aggregate that both make it belong to. `idle` are members that carry no traffic though up.
    `asked` are the switches that were to be asked, `shown` those that named at least one port, `unread` those that did not show
    all their neighbours to every agent; `touching` are the links at each port or aggregate.
    """

    up: dict[str, Reading] = field(default_factory=dict)
    seen_up: set[str] = field(default_factory=set)
    rates: dict[str, Rate] = field(default_factory=dict)
    roles: dict[str, list[Reading]] = field(default_factory=dict)
    links: list[Reading] = field(default_factory=list)
    touching: dict[str, list[Reading]] = field(default_factory=dict)
    belonging: dict[str, set[str]] = field(default_factory=dict)
    masters: dict[str, str] = field(default_factory=dict)
    named: dict[str, set[str]] = field(default_factory=dict)
    idle: set[str] = field(default_factory=set)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    answered: dict[str, Reading] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)

    def whole(self, port: str) -> str:
        """The aggregate that a port belongs to, or the port itself."""
        return self.masters.get(port, port)

    def bundled(self, port: str) -> list[str]:
        """The members of the aggregate that a port is or belongs to which are up and carry its traffic, in order."""
        members = self.named.get(self.whole(port), set())
        return sorted(one for one in members - self.idle if self.is_member(one) and self.up[one].value == "yes")

    def is_member(self, port: str) -> bool:
        """Whether a physical port belongs to an aggregate by its own word and by that of the aggregate."""
        whole = self.whole(port)
        kinds = (self.kinds.get(port), self.kinds.get(whole))
        return kinds == ({"physical"}, {"lag"}) and port in self.named.get(whole, ())

    def is_bundle(self, port: str) -> bool:
        """Whether some port that is up says that it belongs to this one."""
        return any(whole == port and self.up[member].value == "yes" for member, whole in self.masters.items())

    def is_end(self, told: str, declared: str) -> bool:
        """Whether two names mean one port or its aggregate; one without a port means any port of its switch."""
        host, _, port = told.partition("/")
        return self.whole(told) == self.whole(declared) if port else host == declared.partition("/")[0]

    def at_ports(self, *ports: str) -> list[Reading]:
        """The links that were found at one of these ports, each once."""
        links = [link for port in ports for link in self.touching.get(self.whole(port), ())]
        return list({id(link): link for link in links}.values())


def peer_of(link: Reading) -> str:
    """The other end of a link that was found: `host:port/ifName`, without the port where it is not known, or empty."""
    return str(link.facts.get("peer", ""))


def confirms(link: Reading) -> bool:
    """Whether a link that was found is shown to be there: each end names the other's very port, and nothing is between."""
    return link.facts.get("confirmed") == BOTH and bool(peer_of(link).partition("/")[2]) and not denies(link)


def denies(link: Reading) -> bool:
    """Whether a link that was found is said not to end there, or to have something between its ends."""
    return link.facts.get("confirmed") == DENIED or bool({"shared", "against"} & link.facts.keys())


def cables_of(link: Reading) -> int:
    """Of how many cables of a link that was found both ends were seen: at least the one by which it was."""
    cables = link.facts.get("cables", 1)
    return cables if confirms(link) and isinstance(cables, int) else 1


def seen_in(runs: Iterable[Evidence]) -> Seen:
    """What these runs saw."""
    seen = Seen()
    for run in runs:
        switches = run.report.settings.get("switches", [])
        seen.asked.update(at(str(one["host"]), int(one.get("port", 161))) for one in switches)
        for reading in run.report.readings:
            _sort(reading, seen)
    for port, wholes in seen.belonging.items():
        (whole, *others) = wholes
        # An aggregate that names its members decides which they are; a port of which two agents say different things stands for itself.
        if whole != port and not others and port in seen.named.get(whole, {port}):
            seen.masters[port] = whole
    seen.links[:] = [_with_peer(link, seen) for link in seen.links]
    for link in seen.links:
        for end in (link.subject, peer_of(link)):
            seen.touching.setdefault(seen.whole(end), []).append(link)
    return seen


def _with_peer(link: Reading, seen: Seen) -> Reading:
    """A link whose far port is not known, with the switch at its far end where exactly one that was asked goes by that name."""
    name = str(link.facts.get("neighbour", ""))
    if peer_of(link) or not name:
        return link
    here = link.subject.partition("/")[0]
    named = (host for host, answer in seen.answered.items() if answer.facts.get("sys_name") == name)
    hosts = [
        host for host in named if host != here
    ]  # a switch is no neighbour of its own: another one borrows its name
    return msgspec.structs.replace(link, facts={**link.facts, "peer": hosts[0]}) if len(hosts) == 1 else link


def _sort(reading: Reading, seen: Seen) -> None:
    """One reading into its place."""
    if reading.quantity == q.PORT_UP.name:
        _sort_state(reading, seen)
    elif reading.quantity == q.PORT_SPEED.name:
        rate = rate_of(reading)
        before = seen.rates.get(reading.subject)
        seen.rates[reading.subject] = rate if before is None else before.and_also(rate)
        _name_members(reading, seen)
    elif reading.quantity == q.PORT_ROLE.name:
        seen.roles.setdefault(reading.subject, []).append(reading)
    elif reading.quantity == q.LINK_SPEED.name:
        seen.links.append(reading)
    elif reading.quantity == q.DEVICES_ANSWERED.name and reading.subject:
        before_it = seen.answered.get(reading.subject)
        if before_it is None or (reading.low or 0) < (before_it.low or 0):
            seen.answered[reading.subject] = reading
        if any(column.startswith(NEIGHBOUR_COLUMNS) for column in str(reading.facts.get("unread", "")).split(",")):
            seen.unread.add(reading.subject)


def _sort_state(reading: Reading, seen: Seen) -> None:
    """Whether a port is up, what kind it is and to which aggregate it says it belongs."""
    host = reading.subject.partition("/")[0]
    seen.shown.add(host)
    if reading.value == "no" or reading.subject not in seen.up:
        seen.up[reading.subject] = reading
    if reading.value == "yes":
        seen.seen_up.add(reading.subject)
    seen.kinds.setdefault(reading.subject, set()).add(str(reading.facts.get("kind", "physical")))
    master = str(reading.facts.get("lag", ""))
    seen.belonging.setdefault(reading.subject, set()).add(f"{host}/{master}" if master else reading.subject)


def _name_members(speed: Reading, seen: Seen) -> None:
    """The members that an aggregate names beside its speed; those that a port of another kind names are none."""
    if speed.facts.get("kind") != "lag":
        return
    host = speed.subject.partition("/")[0]
    members, carrying = (
        {f"{host}/{name}" for name in str(speed.facts.get(key, "")).split(",") if name}
        for key in ("members", "carrying")
    )
    if members:
        seen.named.setdefault(speed.subject, set()).update(members)
        seen.idle.update(members - carrying if carrying else ())


def rate_of(reading: Reading) -> Rate:
    """What a port's speed proves by itself: only one that the switch reported as it should proves that it is reached."""
    status = str(reading.facts.get("status", "inferred"))
    if status == "reported":
        return Rate(reading.low, reading.high)
    return Rate(None, None if status == "inferred" else reading.high, status if status in STATUSES else "inferred")


def silence(switch: str, about: About, seen: Seen) -> Reason | None:
    """Why a switch (`host:port`) gave nothing; None if it answered completely and named at least one port."""
    if switch not in seen.asked:
        return Reason(Code.NOT_ASKED, about)
    answered = seen.answered.get(switch)
    if answered is not None and answered.low == ALL_PPM:
        unread = Reason(Code.SWITCH_SILENT, {**about, "failure": Failure.UNREADABLE.value})
        return None if switch in seen.shown else unread
    if answered is not None and answered.facts.get("secret") == "none":
        return Reason(Code.NO_LOGIN, about)
    failure = str(answered.facts.get("failure", "")) if answered is not None else ""
    code = Code.SWITCH_CLOSED if failure in (Failure.NOT_PERMITTED, Failure.LOGIN_REJECTED) else Code.SWITCH_SILENT
    return Reason(code, {**about, "failure": failure})
