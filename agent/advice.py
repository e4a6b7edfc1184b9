"""
What is wrong with this network as far as one run of `uplinks` shows it?

Pure: a closed list of problems, found by one rule each; for every one `agent.steps` has a next step. Which bound holds for which
school is the collector's business: here stand only the two rates at which policies draw their lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from agent import login
from agent.switches import APART, Link, Network, Port, Switch
from evidence.model import Failure
from evidence.quantities import GIGABIT

TEN_GIGABIT = 10 * GIGABIT


class Problem(StrEnum):
    """Everything that asks for a step, the worst first: the list of what to do keeps this order."""

    UNKEYED = "unkeyed"
    LOGIN = "login"
    SILENT = "silent"
    CUT_SHORT = "cut_short"
    SNMP_REFUSED = "snmp_refused"
    NOT_REACHED = "not_reached"
    NO_NAME = "no_name"
    UNREADABLE = "unreadable"
    SSH_KEY = "ssh_key"
    SSH_LOGIN = "ssh_login"
    SSH_REFUSED = "ssh_refused"
    SSH_SILENT = "ssh_silent"
    SSH_FAMILY = "ssh_family"
    SSH_CIPHERS = "ssh_ciphers"
    SSH_PARTLY = "ssh_partly"
    LINK_BELOW_1G = "link_below_1g"
    LINK_BELOW_10G = "link_below_10g"
    SPEED_CONFLICT = "speed_conflict"
    HALF_DUPLEX = "half_duplex"
    SLOWER_THAN_CAGE = "slower_than_cage"
    MEMBERS_DOWN = "members_down"
    LAG_UNEXPLAINED = "lag_unexplained"
    UNDISCOVERED = "undiscovered"
    NAMELESS = "nameless"
    ALONE = "alone"
    ONE_SIDED = "one_sided"
    SPEED_UNKNOWN = "speed_unknown"
    STILL_UNKNOWN = "still_unknown"
    SPEED_INFERRED = "speed_inferred"
    STILL_INFERRED = "still_inferred"
    DESK_BELOW_1G = "desk_below_1g"
    BELOW_PORT = "below_port"
    IN_THE_CLEAR = "in_the_clear"


OF_FAILURE = {
    Failure.TIMED_OUT: Problem.SILENT,
    Failure.REFUSED: Problem.SNMP_REFUSED,
    Failure.UNREACHABLE: Problem.NOT_REACHED,
    Failure.NAME_NOT_FOUND: Problem.NO_NAME,
    Failure.NOT_PERMITTED: Problem.LOGIN,
    Failure.LOGIN_REJECTED: Problem.LOGIN,
}
OF_STATUS = {
    "unknown": Problem.SPEED_UNKNOWN,
    "conflict": Problem.SPEED_CONFLICT,
    "inferred": Problem.SPEED_INFERRED,
    "repaired": Problem.SPEED_INFERRED,
}
OF_COMMAND_LINE = {
    login.Kind.CHANGED_KEY: Problem.SSH_KEY,
    login.Kind.LOGIN: Problem.SSH_LOGIN,
    login.Kind.REFUSED: Problem.SSH_REFUSED,
    login.Kind.SILENT: Problem.SSH_SILENT,
    login.Kind.FAMILY: Problem.SSH_FAMILY,
    login.Kind.CIPHERS: Problem.SSH_CIPHERS,
    login.Kind.PARTLY: Problem.SSH_PARTLY,
}
# Whoever has set up a login is not told to set one up.
WITH_LOGIN = {Problem.SPEED_UNKNOWN: Problem.STILL_UNKNOWN, Problem.SPEED_INFERRED: Problem.STILL_INFERRED}


@dataclass(frozen=True, slots=True)
class Found:
    """One problem, and where: as people name the place."""

    problem: Problem
    where: str


def of_switch(switch: Switch) -> Iterator[Problem]:
    """What is wrong with a switch as a whole."""
    if not switch.answered:
        missing = switch.facts.get("secret") == "none"
        found = OF_FAILURE.get(switch.failure or Failure.UNREADABLE, Problem.UNREADABLE)
        if found is Problem.SILENT and switch.ports:
            found = Problem.CUT_SHORT
        yield Problem.UNKEYED if missing else found
    yield from dict.fromkeys(OF_COMMAND_LINE[one.kind] for one in login.remarks(switch.facts))
    if switch.in_the_clear:
        yield Problem.IN_THE_CLEAR


def of_port(port: Port) -> Iterator[Problem]:
    """What is wrong with a port; one that is down has no problem, and of one inside a stack nobody asks the rate."""
    if not port.up or port.fact("kind") == "stack":
        return
    if port.fact("status") in OF_STATUS:
        yield OF_STATUS[port.fact("status")]
    fast = port.bit_s is not None and port.bit_s >= GIGABIT
    if port.fact("duplex") == "half" and fast:
        yield Problem.HALF_DUPLEX
    if port.is_desk and port.sure_bit_s is not None and port.sure_bit_s < GIGABIT:
        yield Problem.DESK_BELOW_1G
    if port.bit_s is not None and (port.number("cage_bit_s") or 0) > port.bit_s:
        yield from _of_slow(port, port.bit_s)
    if port.fact("kind") == "lag":
        yield from _of_lag(port)


def _of_slow(port: Port, bit_s: int) -> Iterator[Problem]:
    """What is wrong with a port that could be faster: transceivers only where there are any, and no device that needs no more."""
    if port.carries or port.fact("medium") == "fibre":
        yield Problem.SLOWER_THAN_CAGE
    elif port.device not in APART and (not port.is_desk or (bit_s >= GIGABIT and port.fact("medium") != "copper")):
        yield Problem.BELOW_PORT


def _of_lag(port: Port) -> Iterator[Problem]:
    """What is wrong with an aggregate: members that are down, or a rate that its members do not explain."""
    members = [name for name in port.fact("members").split(",") if name]
    if len(members) > (port.number("members_up") or 0):
        yield Problem.MEMBERS_DOWN
    told, total = port.number("told_bit_s"), port.number("sum_bit_s")
    if told and total and told != total:
        yield Problem.LAG_UNEXPLAINED


def of_link(link: Link) -> Iterator[Problem]:
    """What is wrong with a link; what leads to an access point or a person's device is none between switches."""
    if not link.peer and not is_undiscovered(link):
        return
    if is_undiscovered(link):
        yield Problem.UNDISCOVERED if link.facts.get("neighbour") else Problem.NAMELESS
    elif link.confirmed != "both":
        yield Problem.ONE_SIDED
    if link.facts.get("status") == "conflict":
        yield Problem.SPEED_CONFLICT
    if link.bit_s is not None and link.bit_s < GIGABIT:
        yield Problem.LINK_BELOW_1G
    elif link.bit_s is not None and link.bit_s < TEN_GIGABIT:
        yield Problem.LINK_BELOW_10G


def is_undiscovered(link: Link) -> bool:
    """Whether the other end is a device of the network that nobody listed."""
    return not link.peer and link.facts.get("device", "unknown") in ("switch", "router", "unknown")


def problems(network: Network) -> list[Found]:
    """Every problem of the network, the worst kind first."""
    found = [Found(problem, switch.name) for switch in network.switches.values() for problem in of_switch(switch)]
    found += [Found(Problem.ALONE, one.name) for one in network.switches.values() if network.is_alone(one)]
    for switch in network.switches.values():
        found += [Found(problem, f"{switch.name} {port.label}") for port, problem in _of_ports(switch)]
    for link in network.links:
        found += [Found(problem, _where(network, link, problem)) for problem in of_link(link)]
    order = list(Problem)
    return sorted(dict.fromkeys(found), key=lambda one: order.index(one.problem))


def _of_ports(switch: Switch) -> Iterator[tuple[Port, Problem]]:
    """The problems of its ports; of a rate that stays open although the command line was to be asked, that is told."""
    for port in switch.ports:
        for problem in of_port(port):
            yield port, WITH_LOGIN.get(problem, problem) if "ssh" in switch.facts else problem


def _where(network: Network, link: Link, problem: Problem) -> str:
    """How people name a link: from one end to the other; an undiscovered neighbour by its own name."""
    here = network.name_of(link.switch) if link.switch in network.switches else link.switch
    if problem is Problem.UNDISCOVERED:
        return f"{link.neighbour} ({here} {link.label})"
    if problem is Problem.NAMELESS:
        return f"{here} {link.label}"
    there = f"{network.name_of(link.peer)} {link.peer_label}" if link.peer in network.switches else link.neighbour
    return f"{here} {link.label} – {there}"
