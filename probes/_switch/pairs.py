"""
Which two ports do the ends' words join?

*Method*: a claim and the other end's claim that agrees with it are one pair, confirmed by both. A claim that nobody answers stands
alone, and one that the other port belies is kept as contradicted. Where both ends are silent learned addresses join them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from probes._switch.adjacent import adjacent
from probes._switch.claims import Claim, Heard, agree
from probes._switch.found import Confirmed
from probes._switch.matching import Directory
from probes._switch.model import Kind


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


def pairs_of(book: Directory, heard: Heard) -> list[Pair]:
    """All pairs of ports that neighbour protocols, or else learned addresses, join."""
    pairs = _crowded(book, [*_told(book, heard)])
    taken = _taken(book, pairs, heard)
    return pairs + [Pair(a, p, b, q, None, Confirmed.FDB) for a, p, b, q in adjacent(book.switches, taken)]


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
    """A claim that no other end confirms: contradicted, or merely unanswered; None where the other port is known to be down."""
    pair = Pair(claim.at, claim.port, claim.to, claim.their_port, claim, Confirmed.ONE)
    if claim.to is None or claim.their_port is None:
        return pair
    port = book.switches[claim.to].port(claim.their_port)
    if port is None or (port.oper is not None and not port.up):
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
