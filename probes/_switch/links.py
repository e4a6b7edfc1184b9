"""
Which ports of two switches are joined, how fast, and how well is it confirmed?

*Method*: claims of the ends are joined into pairs: *both* where each end names the other's port, *one* where the other end is silent,
*none* where the other end says something else. Where no neighbour protocol speaks, learned addresses tell (*fdb*). Pairs
between the same two aggregates are one link. A link runs at the lower of its ends' rates; where the ends differ that is a conflict.

What it does not prove: that the cable ends there. Both ends may lie, and a box that bridges LLDP unseen joins two ports as a cable
does; a pulse of traffic that both counters must follow shows more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from probes._switch.adjacent import adjacent
from probes._switch.claims import Claim, Heard, agree, heard_by
from probes._switch.found import Confirmed, End, Link, SwitchFound
from probes._switch.matching import Directory, directory
from probes._switch.model import Device, Kind, Speed, Status, SwitchPort
from probes._switch.rates import joined, lowest

RANK = {Confirmed.BOTH: 0, Confirmed.ONE: 1, Confirmed.FDB: 2, Confirmed.NONE: 3}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ports that are joined, as far as is known: our switch and port, theirs, the claim that says so, and what is against it."""

    one: int
    port: int
    other: int | None
    their_port: int | None
    claim: Claim | None
    confirmed: Confirmed
    against: str = ""


def links_of(switches: Sequence[SwitchFound]) -> tuple[Link, ...]:
    """All links of the listed switches, each once, in the order of the list; those behind which something unseen stands are marked."""
    book = directory(switches)
    heard = heard_by(book)
    pairs = _crowded(book, [*_told(book, heard)])
    taken = _taken(book, pairs, heard)
    pairs += [Pair(a, p, b, q, None, Confirmed.FDB) for a, p, b, q in adjacent(switches, taken)]
    links = [_link(book, group) for group in _groups(book, pairs)]
    links += [_unseen(book, end, claims) for end, claims in heard.shared.items()]
    order = {switch.subject: number for number, switch in enumerate(switches)}
    return tuple(sorted(links, key=lambda link: (order[link.local.switch], link.local.index, link.peer_subject)))


def _told(book: Directory, heard: Heard) -> Iterator[Pair]:
    """The pairs that neighbour protocols tell; a claim that its partner confirms is not told again from the other end."""
    used: set[Claim] = set()
    for claim in heard.claims:
        if claim in used:
            continue
        used.add(claim)
        partner = _partner(book, heard, claim, used)
        if partner is not None:
            used.add(partner)
            yield Pair(claim.at, claim.port, partner.at, partner.port, claim, Confirmed.BOTH)
        elif (mutual := _mutual(heard, claim, used)) is not None:
            used.add(mutual)
            yield Pair(claim.at, claim.port, mutual.at, mutual.port, claim, Confirmed.ONE)
        elif (pair := _alone(book, heard, claim)) is not None:
            yield pair


def _partner(book: Directory, heard: Heard, claim: Claim, used: set[Claim]) -> Claim | None:
    """The one claim of the other end that agrees; of several, one that names our very port, or any member of one aggregate."""
    fitting = [other for other in heard.claims if other not in used and agree(book, claim, other)]
    exact = [other for other in fitting if (other.port, other.their_port) == (claim.their_port, claim.port)]
    chosen = exact or fitting
    trunks = {trunk.index if (trunk := book.switches[other.at].trunk(other.port)) else None for other in chosen}
    return chosen[0] if len(chosen) == 1 or (len(trunks) == 1 and None not in trunks) else None


def _mutual(heard: Heard, claim: Claim, used: set[Claim]) -> Claim | None:
    """The other end's claim where each names the other switch and neither a port; only if there is one each way."""
    towards = [one for one in heard.claims if (one.at, one.to, one.their_port) == (claim.at, claim.to, None)]
    back = [one for one in heard.claims if (one.at, one.to, one.their_port) == (claim.to, claim.at, None)]
    return back[0] if towards == [claim] and len(back) == 1 and back[0] not in used else None


def _alone(book: Directory, heard: Heard, claim: Claim) -> Pair | None:
    """A claim that no other end confirms: contradicted, or merely unanswered; None where the other port is down."""
    pair = Pair(claim.at, claim.port, claim.to, claim.their_port, claim, Confirmed.ONE)
    if claim.to is None or claim.their_port is None:
        return pair
    port = book.switches[claim.to].port(claim.their_port)
    if port is None or not port.up:
        return None
    against = _against(book, heard, claim)
    return replace(pair, confirmed=Confirmed.NONE, against=against) if against else pair


def _against(book: Directory, heard: Heard, claim: Claim) -> str:
    """What the port that is claimed says itself, where that is something else."""
    end = (claim.to or 0, claim.their_port or 0)
    if end in heard.shared:
        return "the other port hears several devices"
    for said in heard.by(*end):
        if said.to != claim.at:
            return f"the other port hears {said.neighbour.name or 'another device'}"
        if not agree(book, claim, said):
            return "the other port names another port"
    return ""


def _crowded(book: Directory, pairs: list[Pair]) -> list[Pair]:
    """The same; where several ports claim one, none of them is a direct link. An aggregate may be claimed by its partners."""
    ends = Counter((pair.other, pair.their_port) for pair in pairs if _is_port(book, pair.other, pair.their_port))
    ends += Counter((pair.one, pair.port) for pair in pairs)
    return [
        replace(pair, confirmed=Confirmed.NONE, against="several ports name one of its ends")
        if pair.confirmed is Confirmed.ONE
        and pair.other is not None
        and max(ends[pair.other, pair.their_port], ends[pair.one, pair.port]) > 1
        else pair
        for pair in pairs
    ]


def _is_port(book: Directory, at: int | None, index: int | None) -> bool:
    """Whether an end is one known physical port."""
    port = book.switches[at].port(index) if at is not None else None
    return port is not None and port.kind is Kind.PHYSICAL


def _taken(book: Directory, pairs: list[Pair], heard: Heard) -> frozenset[tuple[int, int]]:
    """The ports, and their aggregates, of which a neighbour protocol has spoken."""
    ends = {(pair.one, pair.port) for pair in pairs} | set(heard.shared)
    ends |= {(pair.other, pair.their_port) for pair in pairs if pair.other is not None and pair.their_port is not None}
    trunks = {(at, trunk.index) for at, port in ends if (trunk := book.switches[at].trunk(port)) is not None}
    return frozenset(ends | trunks)


def _groups(book: Directory, pairs: list[Pair]) -> list[list[Pair]]:
    """The pairs by link: those that join the same two aggregates are one."""
    groups: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        here = book.switches[pair.one].trunk(pair.port)
        there = _trunk(book, pair.other, pair.their_port)
        whole = here is not None and (pair.their_port is None or there is not None)
        ours = (pair.one, here.index if whole and here is not None else ("port", pair.port))
        theirs = (pair.other, there.index if there is not None else pair.their_port)
        who = pair.claim.who if pair.other is None and pair.claim is not None else ""
        groups[(*ours, *theirs, who, pair.confirmed is Confirmed.NONE)].append(pair)
    return list(groups.values())


def _trunk(book: Directory, at: int | None, index: int | None) -> SwitchPort | None:
    """The aggregate of an end that may be unknown."""
    return book.switches[at].trunk(index) if at is not None and index is not None else None


def _link(book: Directory, group: list[Pair]) -> Link:
    """One link of one pair of ports, or of several pairs between two aggregates."""
    best = min((pair.confirmed for pair in group), key=RANK.__getitem__)
    pairs = [pair for pair in group if pair.confirmed is best]
    first = pairs[0]
    switch, peer = book.switches[first.one], book.switches[first.other] if first.other is not None else None
    trunk, their_trunk = switch.trunk(first.port), _trunk(book, first.other, first.their_port)
    rates = [_rate(book, pair) for pair in pairs]
    speed = _largest([rate for rate, _ in rates])
    whole = (
        trunk is not None and (first.their_port is None or their_trunk is not None) and _alone_on(book, pairs, trunk)
    )
    neighbour = first.claim.neighbour if first.claim is not None else None
    return Link(
        local=_end(switch, trunk if whole and trunk is not None else switch.port(first.port)),
        peer=_end(peer, their_trunk or peer.port(first.their_port)) if peer and first.their_port is not None else None,
        neighbour=(neighbour.name if neighbour else "") or (peer.sys_name if peer else ""),
        neighbour_port=next(iter(neighbour.port_ids), "") if neighbour else "",
        device=Device.SWITCH if peer else (neighbour.device if neighbour else Device.UNKNOWN),
        by=neighbour.by if neighbour else "fdb",
        confirmed=best,
        speed=replace(speed, status=Status.CONFLICT, why=first.against) if first.against else speed,
        at_most=any(one_end for _, one_end in rates),
        aggregate_bit_s=_aggregate(book, pairs) if whole else None,
        members=tuple((pair.port, pair.their_port) for pair in pairs),
        peer_subject=peer.subject if peer else "",
        building=switch.building,
        peer_building=peer.building if peer else "",
        against=first.against,
    )


def _largest(rates: list[Speed]) -> Speed:
    """The rate of the fastest member; where the ends of any member tell two rates it is a conflict of the whole."""
    largest = max(rates, key=lambda rate: rate.bit_s or 0)
    return next(
        (replace(largest, status=one.status, why=one.why) for one in rates if one.status is Status.CONFLICT), largest
    )


def _alone_on(book: Directory, pairs: list[Pair], trunk: SwitchPort) -> bool:
    """Whether an aggregate ends at this one peer: all of its members that are up go there, or the peer's end is one too."""
    ports = {pair.port for pair in pairs}
    up = {port.index for port in book.switches[pairs[0].one].ports if port.index in trunk.members and port.up}
    return trunk.index in ports or up <= ports or _trunk(book, pairs[0].other, pairs[0].their_port) is not None


def _end(switch: SwitchFound | None, port: SwitchPort | None) -> End:
    """An end of a link."""
    if switch is None or port is None:
        raise ValueError("an end needs a switch that has the port")
    return End(switch.subject, port.index, port.label)


def _rate(book: Directory, pair: Pair) -> tuple[Speed, bool]:
    """The rate of one pair and whether only one end tells it."""
    ours = _member(book.switches[pair.one].port(pair.port))
    theirs = _member(book.switches[pair.other].port(pair.their_port)) if pair.other is not None else None
    announced = pair.claim.neighbour.peer_bit_s if pair.claim is not None else None
    return joined(ours, theirs, announced)


def _member(port: SwitchPort | None) -> Speed | None:
    """The rate of a port; of an aggregate that of its fastest member."""
    if port is None or port.kind is not Kind.LAG:
        return port.speed if port else None
    return replace(port.speed, bit_s=port.largest_bit_s if port.largest_bit_s is not None else port.speed.bit_s)


def _aggregate(book: Directory, pairs: list[Pair]) -> int | None:
    """The sum of the pairs' rates; where the aggregates themselves are the ends, the lower of their sums."""
    trunks = [
        _trunk(book, at, port) for pair in pairs for at, port in ((pair.one, pair.port), (pair.other, pair.their_port))
    ]
    if len(pairs) == 1 and trunks and trunks[0] is not None and trunks[0].index == pairs[0].port:
        return lowest(trunk.speed.bit_s for trunk in trunks if trunk is not None)
    rates = [_rate(book, pair)[0].bit_s for pair in pairs]
    return sum(rate for rate in rates if rate) or None


def _unseen(book: Directory, end: tuple[int, int], claims: tuple[Claim, ...]) -> Link:
    """What stands behind a port that hears several devices: something that is not listed and tells nothing of itself."""
    switch = book.switches[end[0]]
    port = switch.port(end[1])
    speed, _ = joined(_member(port), None, None)
    return Link(
        local=_end(switch, port),
        peer=None,
        neighbour="",
        neighbour_port="",
        device=Device.SWITCH,
        by=claims[0].neighbour.by,
        confirmed=Confirmed.NONE,
        speed=speed,
        at_most=True,
        building=switch.building,
        shared=True,
        against=f"{len(claims)} devices are heard behind this port",
    )
