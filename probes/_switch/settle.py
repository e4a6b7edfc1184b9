"""
What does the command line settle that SNMP left open?

*Method*: port by port, by the one spelling of its name. A rate that SNMP did not tell, had to be guessed or repaired is taken
from the command line; two rates that differ are a conflict, and the lower one counts. Groups and neighbours are taken from it
only where SNMP told none, and are summed and judged as those of SNMP are. The command line never makes a port up that SNMP
says is down.

What it does not prove: more than that the switch says so twice, through two programs of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from probes._cli import CliLag, CliNeighbour, CliPort, Vendor, canonical
from probes._switch.devices import NONE, capability_words, device_of
from probes._switch.lags import summed
from probes._switch.model import WEAKEST_LAST, Kind, Neighbour, Speed, Status, SwitchPort
from probes._switch.names import is_bundle, is_stack, is_virtual, labels
from probes._switch.speed import RATES

SSH = "ssh"
UP, DOWN = 1, 2  # ifOperStatus, RFC 2863
SETTLED = "told by the command line"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the command line of one switch said, and which of it a template without a real transcript has read."""

    vendor: Vendor
    ports: Sequence[CliPort] = ()
    lags: Sequence[CliLag] = ()
    neighbours: Sequence[CliNeighbour] = ()
    unproven: frozenset[str] = field(default_factory=frozenset)


def is_open(port: SwitchPort) -> bool:
    """Whether a second source could say more of a port."""
    return port.up and port.speed.status is not Status.REPORTED


def settled(ports: Sequence[SwitchPort], spoken: Spoken) -> tuple[SwitchPort, ...]:
    """The same ports, with what the command line knows better."""
    told = {canonical(spoken.vendor, one.name): one for one in spoken.ports}
    single = [_port(port, told.get(_name(port, spoken)), "ports" in spoken.unproven) for port in ports]
    return _groups(_summed_again(ports, single), spoken)


def _summed_again(before: Sequence[SwitchPort], after: Sequence[SwitchPort]) -> list[SwitchPort]:
    """The ports, where an aggregate of which some member got another rate has the sum of these, and is known no better than before."""
    by_index = {port.index: port for port in after}
    changed = {one.index for one, other in zip(before, after, strict=True) if one.speed != other.speed}
    return [
        _again(port, [by_index[index] for index in port.members]) if changed.intersection(port.members) else port
        for port in after
    ]


def _again(lag: SwitchPort, members: Sequence[SwitchPort]) -> SwitchPort:
    """One aggregate with the rates that its members have now."""
    carrying = [one for one in members if one.up and (not lag.carrying or one.index in lag.carrying)]
    group = summed(lag, members, carrying)
    if lag.speed.bit_s is None or group.speed.bit_s is None:
        return group
    worse = max(lag.speed.status, group.speed.status, key=WEAKEST_LAST.index)
    unproven = any(one.speed.unproven for one in members)
    return replace(group, speed=replace(group.speed, status=worse, unproven=unproven))


def _name(port: SwitchPort, spoken: Spoken) -> str:
    """The spelling in which the names of one family are compared."""
    return canonical(spoken.vendor, port.name or port.descr)


def _port(port: SwitchPort, told: CliPort | None, unproven: bool) -> SwitchPort:
    """One port; an aggregate's rate follows from its members."""
    if told is None or port.kind is Kind.LAG or not port.up:
        return port
    if told.up is False:
        return replace(port, speed=Speed(Status.CONFLICT, None, "up by SNMP, down by the command line", SSH, unproven))
    duplex = told.duplex if port.duplex == "unknown" else port.duplex
    return replace(port, duplex=duplex, speed=_speed(port.speed, told.speed_bit_s, unproven))


def _speed(known: Speed, told_bit_s: int | None, unproven: bool) -> Speed:
    """Of two sources for one rate, what both together allow to say."""
    if told_bit_s not in RATES:
        return known  # no rate, or one that Ethernet has not: a configured bandwidth
    guessed = known.status in (Status.INFERRED, Status.REPAIRED)
    if known.bit_s is None or (guessed and known.bit_s == told_bit_s):
        return Speed(Status.REPORTED, told_bit_s, SETTLED, SSH, unproven)
    if known.bit_s == told_bit_s:
        # Where SNMP contradicted itself, the command line has now said the lower of its rates.
        settles = known.status is Status.CONFLICT
        return Speed(Status.REPORTED, told_bit_s, SETTLED, SSH, unproven) if settles else known
    lower = min(known.bit_s, told_bit_s)
    why = f"SNMP {known.bit_s // 1_000_000} Mbit/s, command line {told_bit_s // 1_000_000} Mbit/s"
    return Speed(Status.CONFLICT, lower, why, SSH, unproven)


def _groups(ports: list[SwitchPort], spoken: Spoken) -> tuple[SwitchPort, ...]:
    """Aggregates whose members SNMP did not name get those that the command line names; their rate follows from these."""
    by_name = {_name(port, spoken): port for port in ports if port.kind is Kind.PHYSICAL}
    lags = {canonical(spoken.vendor, lag.name): lag for lag in spoken.lags}
    joined: dict[int, SwitchPort] = {}
    for port in ports:
        lag = lags.get(_name(port, spoken))
        if port.kind is not Kind.LAG or port.members or lag is None:
            continue
        carrying = lag.members if lag.members_up is None else lag.members_up
        members, up = (
            [by_name[name] for name in (canonical(spoken.vendor, one) for one in named) if name in by_name]
            for named in (lag.members, carrying)
        )
        if members:
            joined[port.index] = _group(port, members, [one for one in up if one.up], "lags" in spoken.unproven)
            joined |= {one.index: replace(one, lag=port.index) for one in members}
    return tuple(joined.get(port.index, port) for port in ports)


def _group(port: SwitchPort, members: Sequence[SwitchPort], up: Sequence[SwitchPort], unproven: bool) -> SwitchPort:
    """One aggregate with its members, of which those in `up` carry traffic; its rate is no better proven than theirs."""
    group = summed(port, members, up)
    standby = len(up) < sum(one.up for one in members)
    why = f"{group.speed.why}; the command line names the members"
    unproven = unproven or any(one.speed.unproven for one in up)
    speed = replace(group.speed, why=why, via=SSH, unproven=unproven)
    return replace(group, speed=speed, carrying=tuple(one.index for one in up) if standby else ())


def of_command_line(spoken: Spoken) -> tuple[SwitchPort, ...]:
    """The ports of a switch that SNMP did not show at all; they have no ifIndex, so they are numbered from 1 as listed."""
    numbered = {number: told for number, told in enumerate(spoken.ports, start=1) if not is_virtual([told.name])}
    names = labels({number: told.name for number, told in numbered.items()})
    unproven = "ports" in spoken.unproven
    ports = [_alone(number, names[number], told, unproven) for number, told in numbered.items()]
    return _groups(ports, spoken)


def _alone(number: int, label: str, told: CliPort, unproven: bool) -> SwitchPort:
    """One port by the command line alone."""
    if not told.up:
        speed = Speed(Status.UNKNOWN, None, "not up")
    elif told.speed_bit_s not in RATES:
        speed = Speed(Status.UNKNOWN, None, "the command line tells no rate that Ethernet has", SSH, unproven)
    else:
        speed = Speed(Status.REPORTED, told.speed_bit_s, SETTLED, SSH, unproven)
    kind = Kind.LAG if is_bundle([told.name]) else Kind.STACK if is_stack([told.name]) else Kind.PHYSICAL
    oper = None if told.up is None else UP if told.up else DOWN
    return SwitchPort(number, label, kind, oper, speed, name=told.name, alias=told.description, duplex=told.duplex)


def heard(ports: Sequence[SwitchPort], spoken: Spoken) -> tuple[Neighbour, ...]:
    """The neighbours that the command line names, by the port on which it heard them."""
    by_name = {_name(port, spoken): port for port in ports}
    return tuple(_neighbour(one, by_name.get(canonical(spoken.vendor, one.local))) for one in spoken.neighbours)


def _neighbour(told: CliNeighbour, port: SwitchPort | None) -> Neighbour:
    """One neighbour."""
    return Neighbour(
        local=None if port is None else port.index,
        by="cli",
        device=device_of(capability_words(" ".join(told.capabilities)), NONE, "", told.name),
        name=told.name,
        port_ids=(told.port,) if told.port else (),
        peer_bit_s=told.peer_speed_bit_s,
        local_text=told.local,
    )
