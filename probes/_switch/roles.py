"""
What is each port for: the way out, a link between switches or buildings, an access point, a desk?

*Method*: every hint that the switch gives is scored and kept: who is heard behind the port and whether that end confirms it, how many
addresses and VLANs are learned there, where the spanning tree's root and the default route lie, what people wrote on it. The
role with the highest score wins; words on a port decide only where nothing speaks against them.

What it does not prove: a role is an inference, and what a port is *called* is no evidence of what hangs on it. Buildings come
from the school's own list alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from probes._switch.found import Confirmed, Link, SwitchFound
from probes._switch.model import Device, Kind, Neighbour, SwitchPort
from probes._switch.names import is_written

MANY_STATIONS, MANY_VLANS, FEW_STATIONS = 20, 3, 3
MOST_APS = 2  # on one port: an access point may pass another one's cable on
HINT = 20

UPLINK_WORDS = re.compile(
    r"\b(up-?link|core|backbone|distribution|inter-?switch)\b|uplink|上联|上行|核心|汇聚|级联|骨干"
    r"|(?<![-\w])(trunk|aggr?egation)\b(?!\s?-?\d)",  # but not `Route-Aggregation2`, which is a name
    re.IGNORECASE,
)
WAN_WORDS = re.compile(
    r"\b(wan\d*|isp|internet|egress)\b|出口|外网|互联网|电信|联通|移动|广电|教育网|城域网", re.IGNORECASE
)
AP_WORDS = re.compile(r"\bw?ap[-_ ]?\d*\b|无线接入|无线AP", re.IGNORECASE)


class Role(StrEnum):
    """What a port is for."""

    WAN = "wan"
    UPLINK = "uplink"
    BUILDING = "building"
    CORE = "core"
    AP = "ap"
    ACCESS = "access"
    STACK = "stack"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PortRole:
    """
    The role of one port, its score from 0 to 100, the evidence in words, and what stands at the other end.

    `announced` are the devices that say themselves, over a neighbour protocol, what they are, and that no switch stands before.
    """

    value: Role
    score: int = 0
    evidence: tuple[str, ...] = ()
    device: Device = Device.UNKNOWN
    announced: tuple[Device, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """One piece of evidence: what it speaks for and how strongly."""

    role: Role
    score: int
    words: str


# Between hints of one score the rarer role counts: a building link is an uplink too.
PRECEDENCE = {role: place for place, role in enumerate(Role)} | {Role.BUILDING: -2, Role.CORE: -1}
LINK_SCORE = {Confirmed.BOTH: 90, Confirmed.ONE: 65, Confirmed.FDB: 55, Confirmed.NONE: 0}
LINKS = (Role.UPLINK, Role.BUILDING, Role.CORE)
HEARD: dict[Device, tuple[Role, int]] = {
    Device.SWITCH: (Role.UPLINK, 65),
    Device.ROUTER: (Role.UPLINK, 60),
    Device.AP: (Role.AP, 85),
    Device.PHONE: (Role.ACCESS, 85),
    Device.CAMERA: (Role.ACCESS, 85),
    Device.STATION: (Role.ACCESS, 80),
}


def roles_of(
    switch: SwitchFound, links: Sequence[Link] = (), cores: frozenset[str] = frozenset()
) -> Mapping[int, PortRole]:
    """The role of every port of a switch by ifIndex; `links` are those of all switches read, `cores` the subjects of core switches."""
    own = [link for link in links if switch.subject in (link.local.switch, link.peer_subject)]
    return {port.index: _role(switch, _bundle(switch, port), port, own, cores) for port in switch.ports}


def _bundle(switch: SwitchFound, port: SwitchPort) -> frozenset[int]:
    """The ports that share what is known: an aggregate and its members."""
    trunk = switch.trunk(port.index)
    return frozenset({port.index}) if trunk is None else frozenset({trunk.index, *trunk.members})


def _role(
    switch: SwitchFound, bundle: frozenset[int], port: SwitchPort, links: Sequence[Link], cores: frozenset[str]
) -> PortRole:
    """The role of one port by all that is known of it and of the ports that it is bundled with."""
    if _declared_wan(switch, bundle):
        return PortRole(Role.WAN, 100, ("the school says that this is the way out",), _device(switch, bundle, links))
    if port.kind is Kind.STACK or _hears_itself(switch, bundle):
        return PortRole(Role.STACK, 95, ("joins members of one stack",), Device.SWITCH)
    if not port.up:
        return PortRole(Role.UNKNOWN, 0, ("down",))
    near = _near(switch, bundle, links)
    hints = [*_link_hints(switch, bundle, links, cores), *_heard_hints(near), *_count_hints(switch, bundle)]
    hints += _route_hints(switch, bundle, links)
    hints += _word_hints(switch, bundle, hints, near)
    announced = () if _are_beyond(near) else tuple(sorted({neighbour.device for neighbour in near}))
    return replace(_decided(hints), device=_device(switch, bundle, links), announced=announced)


def _decided(hints: Sequence[Hint]) -> PortRole:
    """The role with the best hint; others for the same role raise the score a little, and all are kept."""
    evidence = tuple(dict.fromkeys(hint.words for hint in hints))
    scored = [hint for hint in hints if hint.score > 0]
    if not scored:
        return PortRole(Role.UNKNOWN, 0, evidence)
    best = min(scored, key=lambda hint: (-hint.score, PRECEDENCE[hint.role]))
    also = len({hint.words for hint in scored if hint.role is best.role} - {best.words})
    return PortRole(best.role, min(100, best.score + 5 * also), evidence)


def _declared_wan(switch: SwitchFound, bundle: frozenset[int]) -> bool:
    """Whether the school's list names one of these ports as the way out."""
    return any(switch.leads_out(port) for port in switch.ports if port.index in bundle)


def _neighbours(switch: SwitchFound, bundle: frozenset[int]) -> list[Neighbour]:
    """Who is heard on these ports."""
    return [neighbour for neighbour in switch.neighbours if neighbour.local in bundle]


def _hears_itself(switch: SwitchFound, bundle: frozenset[int]) -> bool:
    """Whether the other end says that it is this very switch: another member of its stack."""
    return bool(switch.chassis) and any(one.chassis == switch.chassis for one in _neighbours(switch, bundle))


def _ends_here(switch: SwitchFound, bundle: frozenset[int], link: Link) -> bool:
    """Whether a link ends on one of these ports."""
    ours = link.local.switch == switch.subject and (
        link.local.index in bundle or any(port in bundle for port, _ in link.members)
    )
    theirs = link.peer_subject == switch.subject and (
        (link.peer is not None and link.peer.index in bundle) or any(port in bundle for _, port in link.members)
    )
    return ours or theirs


def _is_linked(switch: SwitchFound, bundle: frozenset[int], links: Sequence[Link]) -> bool:
    """Whether a link to a listed switch ends on one of these ports."""
    return any(link.listed and _ends_here(switch, bundle, link) for link in links)


def _link_hints(
    switch: SwitchFound, bundle: frozenset[int], links: Sequence[Link], cores: frozenset[str]
) -> Iterator[Hint]:
    """What the links of these ports say, and between which switches and buildings they run."""
    for link in links:
        if not link.listed or not _ends_here(switch, bundle, link):
            continue
        score = LINK_SCORE[link.confirmed]
        words = (
            f"link to {_far(switch, link)} (confirmed: {link.confirmed}{'; ' + link.against if link.against else ''})"
        )
        yield Hint(Role.UPLINK, score, words)
        if link.between_buildings:
            yield Hint(Role.BUILDING, score, f"joins {link.building} and {link.peer_building}")
        if {link.local.switch, link.peer_subject} & cores:
            yield Hint(Role.CORE, score, "ends on a core switch")


def _far(switch: SwitchFound, link: Link) -> str:
    """The other switch of a link."""
    return link.peer_subject if link.local.switch == switch.subject else link.local.switch


def _near(switch: SwitchFound, bundle: frozenset[int], links: Sequence[Link]) -> list[Neighbour]:
    """Who announces on these ports what it is; a listed switch speaks through its link."""
    if _is_linked(switch, bundle, links):
        return []
    return [neighbour for neighbour in _neighbours(switch, bundle) if neighbour.device in HEARD]


def _are_beyond(near: Sequence[Neighbour]) -> bool:
    """Whether a switch is among them: what is heard beside it is heard through it, and says nothing of this port."""
    return any(neighbour.device is Device.SWITCH for neighbour in near)


def _heard_hints(near: Sequence[Neighbour]) -> Iterator[Hint]:
    """What the neighbours of these ports are by their own word."""
    through = _are_beyond(near)
    for neighbour in near:
        role, score = HEARD[neighbour.device]
        beyond = through and role is not Role.UPLINK
        yield Hint(role, 0 if beyond else score, f"{neighbour.by} hears {_article(neighbour.device)}")
    several = sum(neighbour.device is Device.AP for neighbour in near)
    if several > MOST_APS and not through:
        yield Hint(
            Role.UPLINK, 86, f"{several} access points are heard, so that a switch which tells nothing is between"
        )


def _article(device: Device) -> str:
    """A device in words: names of stations are not evidence that may leave."""
    return f"an {device}" if device is Device.AP else f"a {device}"


def _count_hints(switch: SwitchFound, bundle: frozenset[int]) -> Iterator[Hint]:
    """What the addresses learned on these ports and the spanning tree say."""
    stations = sum(switch.stations.get(index, 0) for index in bundle)
    vlans = max((switch.vlans.get(index, 0) for index in bundle), default=0)
    if switch.root_port in bundle:
        yield Hint(Role.UPLINK, 45, "towards the root of the spanning tree")
    if stations >= MANY_STATIONS and vlans >= MANY_VLANS:
        yield Hint(Role.UPLINK, 40, f"{stations} addresses in {vlans} VLANs")
    elif stations > FEW_STATIONS:
        yield Hint(Role.UNKNOWN, 0, f"{stations} addresses")
    elif stations:
        yield Hint(Role.ACCESS, 30, f"{stations} addresses")


def _route_hints(switch: SwitchFound, bundle: frozenset[int], links: Sequence[Link]) -> list[Hint]:
    """Whether the default route leaves by these ports; by a link between switches it says nothing more."""
    if not switch.default_ports & bundle or _is_linked(switch, bundle, links):
        return []
    router = any(one.device is Device.ROUTER for one in _neighbours(switch, bundle))
    return [Hint(Role.WAN, 70 if router else 50, "the default route leaves here")]


def _word_hints(
    switch: SwitchFound, bundle: frozenset[int], hints: Sequence[Hint], near: Sequence[Neighbour]
) -> Iterator[Hint]:
    """What people wrote on these ports; counted only where nothing speaks against it."""
    written = " ".join(
        word for port in switch.ports if port.index in bundle for word in (port.alias, port.name, _beside(port)) if word
    )
    roles = {hint.role for hint in hints if hint.score > 0}
    if WAN_WORDS.search(written):
        supported = Role.WAN in roles
        yield Hint(
            Role.WAN,
            75 if supported else HINT * (not roles & {*LINKS, Role.AP}),
            "its description says that it leads out",
        )
    if UPLINK_WORDS.search(written):
        yield Hint(Role.UPLINK, HINT * (roles <= {*LINKS}), "its description says uplink")
        if Role.ACCESS in roles and not near:
            yield Hint(Role.UNKNOWN, 31, "few addresses speak against its description")
    if AP_WORDS.search(written):
        yield Hint(Role.AP, HINT * (not roles), "its description says access point")


def _beside(port: SwitchPort) -> str:
    """What stands beside a port's name in ifDescr, where some switches show what people wrote on it."""
    return port.descr.removeprefix(port.name) if is_written(port.name, port.descr) else ""


def _device(switch: SwitchFound, bundle: frozenset[int], links: Sequence[Link]) -> Device:
    """What stands at the other end; of several, what forwards for others."""
    if _is_linked(switch, bundle, links):
        return Device.SWITCH
    heard = {neighbour.device for neighbour in _neighbours(switch, bundle)}
    order = (Device.SWITCH, Device.ROUTER, Device.AP, Device.PHONE, Device.CAMERA, Device.STATION)
    return next((device for device in order if device in heard), Device.UNKNOWN)


def cores_of(switches: Sequence[SwitchFound], links: Sequence[Link]) -> frozenset[str]:
    """
    The core switches' subjects.

    The school's word counts; else the switch with links to the most others, if it alone has so many (two at least), or if of
    those that share the most it alone is the root of the spanning tree.
    """
    declared = frozenset(switch.subject for switch in switches if switch.core)
    if declared:
        return declared
    peers = {one.subject: {_far(one, link) for link in links if link.listed and _joins(one, link)} for one in switches}
    most = max((len(known) for known in peers.values()), default=0)
    best = [one for one in switches if len(peers[one.subject]) == most]
    chosen = best if len(best) == 1 else [one for one in best if one.is_root]
    return frozenset({chosen[0].subject}) if len(chosen) == 1 and most > 1 else frozenset()


def _joins(switch: SwitchFound, link: Link) -> bool:
    """Whether a link that nothing contradicts ends on this switch."""
    return link.confirmed is not Confirmed.NONE and switch.subject in (link.local.switch, link.peer_subject)
