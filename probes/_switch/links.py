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

from probes._switch.claims import Claim, heard_by
from probes._switch.found import Confirmed, End, Link, SwitchFound
from probes._switch.matching import Directory, directory
from probes._switch.model import Device, Kind, Speed, Status, SwitchPort
from probes._switch.pairs import Pair, pairs_of
from probes._switch.rates import joined, lowest

RANK = {Confirmed.BOTH: 0, Confirmed.ONE: 1, Confirmed.FDB: 2, Confirmed.NONE: 3}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The pairs of one link, best first, and the aggregates that they join; `ours` is None where the ports are told themselves."""

    pairs: tuple[Pair, ...]
    ours: SwitchPort | None
    theirs: SwitchPort | None


def links_of(switches: Sequence[SwitchFound]) -> tuple[Link, ...]:
    """All links of the listed switches, each once, in the order of the list; those behind which something unseen stands are marked."""
    book = directory(switches)
    heard = heard_by(book)
    links = [_link(book, bundle) for bundle in _bundles(book, pairs_of(book, heard))]
    links += [_unseen(book, end, claims) for end, claims in heard.shared.items()]
    order = {switch.subject: number for number, switch in enumerate(switches)}
    return tuple(sorted(links, key=lambda link: (order[link.local.switch], link.local.index, link.peer_subject)))


def _bundles(book: Directory, pairs: list[Pair]) -> Iterator[Bundle]:
    """The pairs by link. An aggregate stands for its members where all that is told of it leads to one other end."""
    groups = _groups(book, pairs)
    told = [group[0] for group in groups if group[0].confirmed is not Confirmed.NONE]
    ways = Counter((pair.one, trunk.index) for pair in told if (trunk := _ours(book, pair)) is not None)
    for group in groups:
        best = min((pair.confirmed for pair in group), key=RANK.__getitem__)
        kept = tuple(pair for pair in group if pair.confirmed is best)
        ours, theirs = _ours(book, kept[0]), _trunk(book, kept[0].other, kept[0].their_port)
        alone = ours is not None and ways[kept[0].one, ours.index] == 1 and best is not Confirmed.NONE
        stands = alone and ours is not None and (theirs is not None or _holds_all(book, kept, ours))
        yield Bundle(kept, ours if stands else None, theirs if stands else None)


def _groups(book: Directory, pairs: list[Pair]) -> list[list[Pair]]:
    """The pairs that are of one link: between the same two aggregates, or from one to a device whose ports are not known."""
    groups: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        ours, theirs = _ours(book, pair), _trunk(book, pair.other, pair.their_port)
        whole = ours is not None and (pair.their_port is None or theirs is not None)
        here = ("lag", ours.index) if whole and ours is not None else ("port", pair.port)
        there = ("lag", theirs.index) if whole and theirs is not None else ("port", pair.their_port)
        who = pair.claim.who if pair.other is None and pair.claim is not None else ""
        groups[pair.one, here, pair.other, there, who, pair.confirmed is Confirmed.NONE].append(pair)
    return list(groups.values())


def _ours(book: Directory, pair: Pair) -> SwitchPort | None:
    """The aggregate of our end."""
    return _trunk(book, pair.one, pair.port)


def _holds_all(book: Directory, pairs: tuple[Pair, ...], trunk: SwitchPort) -> bool:
    """Whether these pairs hold the aggregate itself, or all of its members that are up."""
    ports = {pair.port for pair in pairs}
    up = {port.index for port in book.switches[pairs[0].one].ports if port.index in trunk.members and port.up}
    return trunk.index in ports or up <= ports


def _trunk(book: Directory, at: int | None, index: int | None) -> SwitchPort | None:
    """The aggregate of an end that may be unknown."""
    return book.switches[at].trunk(index) if at is not None and index is not None else None


def _link(book: Directory, bundle: Bundle) -> Link:
    """One link of one pair of ports, or of several pairs between two aggregates."""
    first = bundle.pairs[0]
    switch, peer = book.switches[first.one], book.switches[first.other] if first.other is not None else None
    rates = [_rate(book, pair) for pair in bundle.pairs]
    speed = _largest([rate for rate, _ in rates])
    neighbour = first.claim.neighbour if first.claim is not None else None
    return Link(
        local=_end(switch, bundle.ours or switch.port(first.port)),
        peer=_end(peer, bundle.theirs or peer.port(first.their_port))
        if peer and first.their_port is not None
        else None,
        neighbour=(neighbour.name if neighbour else "") or (peer.sys_name if peer else ""),
        neighbour_port=next(iter(neighbour.port_ids), "") if neighbour else "",
        device=Device.SWITCH if peer else (neighbour.device if neighbour else Device.UNKNOWN),
        by=neighbour.by if neighbour else "fdb",
        confirmed=first.confirmed,
        speed=replace(speed, status=Status.CONFLICT, why=first.against) if first.against else speed,
        at_most=any(one_end for _, one_end in rates),
        aggregate_bit_s=_aggregate(book, bundle),
        members=tuple((pair.port, pair.their_port) for pair in bundle.pairs),
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


def _aggregate(book: Directory, bundle: Bundle) -> int | None:
    """The sum of the pairs' rates, None for a single cable; where aggregates themselves are heard, the lower of their sums."""
    first = bundle.pairs[0]
    if bundle.ours is not None and bundle.ours.index == first.port:
        return lowest(trunk.speed.bit_s for trunk in (bundle.ours, bundle.theirs) if trunk is not None)
    if bundle.ours is None and len(bundle.pairs) == 1:
        return None
    return sum(rate.bit_s or 0 for rate, _ in (_rate(book, pair) for pair in bundle.pairs)) or None


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
