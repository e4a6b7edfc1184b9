"""
What is wrong with this network as far as one run of `uplinks` shows it, and what is to be done?

Pure: a closed list of problems, found by one rule each, and for every one a next step. Which bound holds for which school is
the collector's business: here stand only the two rates at which policies draw their lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from agent.speech import Speech
from agent.switches import Link, Network, Port, Switch
from evidence.model import Failure
from evidence.quantities import GIGABIT

TEN_GIGABIT = 10 * GIGABIT


class Problem(StrEnum):
    """Everything that asks for a step, the worst first: the list of what to do keeps this order."""

    UNKEYED = "unkeyed"
    LOGIN = "login"
    SILENT = "silent"
    NOT_REACHED = "not_reached"
    NO_NAME = "no_name"
    UNREADABLE = "unreadable"
    LINK_BELOW_1G = "link_below_1g"
    LINK_BELOW_10G = "link_below_10g"
    SPEED_CONFLICT = "speed_conflict"
    HALF_DUPLEX = "half_duplex"
    SLOWER_THAN_CAGE = "slower_than_cage"
    MEMBERS_DOWN = "members_down"
    LAG_UNEXPLAINED = "lag_unexplained"
    UNDISCOVERED = "undiscovered"
    ONE_SIDED = "one_sided"
    SPEED_UNKNOWN = "speed_unknown"
    SPEED_INFERRED = "speed_inferred"
    DESK_BELOW_1G = "desk_below_1g"
    IN_THE_CLEAR = "in_the_clear"


OF_FAILURE = {
    Failure.TIMED_OUT: Problem.SILENT,
    Failure.REFUSED: Problem.SILENT,
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
NO_SECRET = "no SNMP secret"  # noqa: S105 - how the probe's detail begins to say that this box knows none


@dataclass(frozen=True, slots=True)
class Found:
    """One problem, and where: as people name the place."""

    problem: Problem
    where: str


def of_switch(switch: Switch) -> Iterator[Problem]:
    """What is wrong with a switch as a whole."""
    if not switch.answered:
        missing = NO_SECRET in str(switch.facts.get("detail", ""))
        found = OF_FAILURE.get(switch.failure or Failure.UNREADABLE, Problem.UNREADABLE)
        yield Problem.UNKEYED if missing else found
    if switch.snmp in ("1", "2c"):
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
    if port.bit_s is not None and (port.number("cage_bit_s") or 0) > port.bit_s:
        yield Problem.SLOWER_THAN_CAGE
    if port.is_desk and port.bit_s is not None and port.bit_s < GIGABIT:
        yield Problem.DESK_BELOW_1G
    if port.fact("kind") == "lag":
        yield from _of_lag(port)


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
        yield Problem.UNDISCOVERED
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
    for switch in network.switches.values():
        found += [Found(problem, f"{switch.name} {port.label}") for port in switch.ports for problem in of_port(port)]
    for link in network.links:
        found += [Found(problem, _where(network, link, problem)) for problem in of_link(link)]
    order = list(Problem)
    return sorted(dict.fromkeys(found), key=lambda one: order.index(one.problem))


def _where(network: Network, link: Link, problem: Problem) -> str:
    """How people name a link: from one end to the other; an undiscovered neighbour by its own name."""
    here = network.name_of(link.switch) if link.switch in network.switches else link.switch
    if problem is Problem.UNDISCOVERED:
        return f"{link.neighbour} ({here} {link.label})"
    there = f"{network.name_of(link.peer)} {link.peer_label}" if link.peer in network.switches else link.neighbour
    return f"{here} {link.label} – {there}"


def steps(found: list[Found], speech: Speech) -> list[str]:
    """What to do, one line a kind of problem, naming the places."""
    sentences = next_steps(speech.words.gettext)
    places: dict[Problem, list[str]] = {}
    for one in found:
        places.setdefault(one.problem, []).append(one.where)
    return [
        sentences[problem].format(where=speech.some(list(dict.fromkeys(where)))) for problem, where in places.items()
    ]


def next_steps(_: Callable[[str], str]) -> dict[Problem, str]:
    """The next step for each problem; `{where}` is the places."""
    return {
        Problem.UNKEYED: _(
            '{where}: this box knows no SNMP secret for it; add a table [agent.snmp."ADDRESS"] to its config.toml.'
        ),
        Problem.LOGIN: _(
            "{where}: the login was refused; compare user, keys and the MIB view of the switch with config.toml (the view must "
            "reach 1.3.6.1 and 1.0.8802)."
        ),
        Problem.SILENT: _(
            "{where}: no answer; check that SNMP is switched on, that the switch's access list lets this box ask, and that "
            "community or keys are right: a wrong community is answered by silence."
        ),
        Problem.NOT_REACHED: _("{where}: no way there from this box; check the address, the VLAN and the route."),
        Problem.NO_NAME: _("{where}: the name has no address; give the address in the school's list."),
        Problem.UNREADABLE: _(
            "{where}: the answer could not be used; send a recording: campusproof-agent record ADDRESS."
        ),
        Problem.LINK_BELOW_1G: _(
            "Below 1 Gbit/s: {where}. Check cable and negotiation, then use gigabit ports at both ends."
        ),
        Problem.LINK_BELOW_10G: _(
            "Below 10 Gbit/s: {where}. Where 10 Gbit/s is asked, put 10G transceivers or ports at both ends."
        ),
        Problem.SPEED_CONFLICT: _(
            "What is told of the speed does not agree: {where}. Compare both ends at the switches themselves; remove any fixed "
            '"bandwidth" or "speed" setting.'
        ),
        Problem.HALF_DUPLEX: _(
            "Half duplex at 1 Gbit/s or more is a fault: {where}. Set both ends to auto-negotiation and test the cable."
        ),
        Problem.SLOWER_THAN_CAGE: _(
            "Runs slower than its slot can: {where}. Check the transceivers at both ends and the speed that is set."
        ),
        Problem.MEMBERS_DOWN: _(
            "Aggregate with members that are down: {where}. Look for the cable or port that failed."
        ),
        Problem.LAG_UNEXPLAINED: _(
            "The switch tells another rate for the aggregate than its members have: {where}. The members count; no step unless "
            "a member is missing from the list."
        ),
        Problem.UNDISCOVERED: _(
            "Neighbours that nobody listed: {where}. Add them to the school's list with their address, or approve them by name."
        ),
        Problem.ONE_SIDED: _(
            "Only one end names the other: {where}. Switch on LLDP at both ends (Huawei: lldp enable; the MIB view must reach "
            "1.0.8802)."
        ),
        Problem.SPEED_UNKNOWN: _(
            "Speed not told: {where}. Give this box a read-only SSH login ([agent.ssh] in config.toml), so that the switch "
            "itself can be asked."
        ),
        Problem.SPEED_INFERRED: _(
            "Speed concluded, not told plainly: {where}. It proves nothing until a read-only SSH login ([agent.ssh]) or the "
            "other end confirms it."
        ),
        Problem.DESK_BELOW_1G: _(
            "Ports for people's devices below 1 Gbit/s: {where}. Check the cable (all four pairs), then the device's card."
        ),
        Problem.IN_THE_CLEAR: _(
            "Community travels in the clear: {where}. Make an SNMPv3 user (SHA-256, AES) on the switch and enter it in "
            "config.toml."
        ),
    }
