"""
What is the slowest link of the backbone, between buildings, to the core? How many desks have a gigabit, and what has two ways out?

*Method*: a figure is exact only where every link in it is confirmed from both ends, its speed is as reported, and nothing unlisted or
silent could hide a slower one; otherwise it is an upper bound. Shares are intervals: what is unknown may be either.

What it does not prove: these sums are the probe's own view. The judge makes its own from the links and ports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from probes._switch.found import Confirmed, Link, SwitchFound
from probes._switch.model import BRIDGING, Device, Kind, Speed, Status, SwitchPort
from probes._switch.rates import lowest
from probes._switch.roles import MANY_STATIONS, PortRole, Role

MILLION = 1_000_000
GIGABIT, FAST, TEN_MBIT = 1_000_000_000, 100_000_000, 10_000_000
DESKS = (Role.ACCESS, Role.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure as an interval, with its facts; None on a side where nothing is known."""

    low: int | None
    high: int | None
    facts: Mapping[str, int] = field(default_factory=dict)


def backbone(links: Sequence[Link], silent: int = 0) -> Sum:
    """The slowest link between listed switches, bit/s; `silent` is how many listed switches did not answer."""
    return _slowest(links, links, silent)


def building(links: Sequence[Link], silent: int = 0) -> Sum:
    """The slowest link between two buildings, bit/s."""
    return _slowest([link for link in links if link.between_buildings], links, silent)


def core(links: Sequence[Link], cores: frozenset[str], silent: int = 0) -> Sum:
    """The slowest link of a core switch, bit/s."""
    return _slowest([link for link in links if {link.local.switch, link.peer_subject} & cores], links, silent)


def _slowest(chosen: Iterable[Link], links: Sequence[Link], silent: int) -> Sum:
    """The lowest rate of the chosen links; exact if all of them are proved and no link leads where nobody looked."""
    counted = [link for link in chosen if link.listed and link.confirmed is not Confirmed.NONE]
    rate = lowest(link.speed.bit_s for link in counted)
    holes = sum(1 for link in links if not link.listed or link.confirmed is Confirmed.NONE)
    sure = all(_proved(link) for link in counted) and not holes and not silent
    facts = {
        "links": len(counted),
        "confirmed": sum(1 for link in counted if link.confirmed is Confirmed.BOTH),
        "holes": holes,
    }
    return Sum(rate if sure else None, rate, {**facts, "silent": silent})


def _proved(link: Link) -> bool:
    """Whether both ends name each other and report one speed."""
    return link.confirmed is Confirmed.BOTH and link.speed.status is Status.REPORTED and not link.at_most


def desktop_share(switches: Sequence[tuple[SwitchFound, Mapping[int, PortRole]]]) -> Sum:
    """Of the ports of desks that are up, how many run at a gigabit or more, ppm; cameras and phones are only counted."""
    ports = [
        (port.speed, roles[port.index], switch.stations.get(port.index, 0) >= MANY_STATIONS)
        for switch, roles in switches
        for port in switch.ports
        if _is_desk(port, roles)
    ]
    cameras = sum(1 for _, role, _ in ports if role.device is Device.CAMERA)
    phones = sum(1 for _, role, _ in ports if role.device is Device.PHONE)
    speeds = [(speed, many) for speed, role, many in ports if role.device not in (Device.CAMERA, Device.PHONE)]
    sure = [rate for speed, many in speeds if (rate := _at_the_desk(speed, many)) is not None]
    gigabit = sum(1 for rate in sure if rate >= GIGABIT)
    facts = {
        "up": len(speeds),
        "gigabit": gigabit,
        "at_100": sure.count(FAST),
        "at_10": sure.count(TEN_MBIT),
        "unknown": len(speeds) - len(sure),
        "cameras": cameras,
        "phones": phones,
    }
    if not speeds:
        return Sum(None, None, facts)
    high = gigabit + len(speeds) - len(sure)
    return Sum(gigabit * MILLION // len(speeds), high * MILLION // len(speeds), facts)


def _at_the_desk(speed: Speed, many: bool) -> int | None:
    """The rate that a desk has for certain, None where it is not known: behind a fast port of many there may be slow ones."""
    if speed.bit_s is None or speed.status not in (Status.REPORTED, Status.REPAIRED):
        return None
    return None if many and speed.bit_s >= GIGABIT else speed.bit_s


def _is_desk(port: SwitchPort, roles: Mapping[int, PortRole]) -> bool:
    """Whether a port may be some desk's: physical, up, in no aggregate, and no link, access point or stack port."""
    role = roles[port.index]
    bridges = role.device in BRIDGING
    return port.kind is Kind.PHYSICAL and port.up and port.lag is None and role.value in DESKS and not bridges


def redundant_share(switches: Sequence[SwitchFound], links: Sequence[Link], cores: frozenset[str]) -> Sum:
    """
    Of the switches beside the core, how many still reach it whichever one cable is cut, ppm.

    An aggregate of two members stands a cut. The lower bound counts links that both ends confirm, the upper one all that nothing
    contradicts. Without a known core there is no such share.
    """
    others = frozenset(switch.subject for switch in switches) - cores
    if not cores or not others:
        return Sum(None, None, {"switches": len(others), "redundant": 0})
    usable = [link for link in links if link.listed and link.confirmed is not Confirmed.NONE]
    sure = _redundant(others, [link for link in usable if link.confirmed is Confirmed.BOTH], cores)
    # Of a switch with no link at all nothing is known: it has an uplink, or it would not have been heard.
    seen = {end for link in usable for end in (link.local.switch, link.peer_subject)}
    perhaps = _redundant(others & seen, usable, cores) + len(others - seen)
    facts = {"switches": len(others), "redundant": sure}
    return Sum(sure * MILLION // len(others), perhaps * MILLION // len(others), facts)


def _redundant(others: frozenset[str], links: Sequence[Link], cores: frozenset[str]) -> int:
    """How many of these reach a core over all links, and over all but any one."""
    left = others & _reached(links, cores)
    for link in links:
        if not _bundled(link):
            left &= _reached([other for other in links if other is not link], cores)
    return len(left)


def _bundled(link: Link) -> bool:
    """Whether a link holds when one of its cables is cut."""
    return len(link.members) > 1 or (link.aggregate_bit_s or 0) > (link.speed.bit_s or 0)


def _reached(links: Sequence[Link], cores: frozenset[str]) -> frozenset[str]:
    """The switches that these links join to a core."""
    reached = set(cores)
    while True:
        more = {
            end
            for link in links
            for end in (link.local.switch, link.peer_subject)
            if {link.local.switch, link.peer_subject} & reached
        }
        if more <= reached:
            return frozenset(reached)
        reached |= more
