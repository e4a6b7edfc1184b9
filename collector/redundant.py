"""
Which switches stay joined with the core whichever single cable is pulled?

*Method*: the links of the list as a graph with all core switches as one. A switch is redundant if after the loss of any one
cable a way to the core is left; an aggregate of which two cables were seen at both ends loses only one of them. Rows of the list that name
members of one pair of aggregates are one link, with the cables that are up. Proved links alone give the lower end of the
share; the upper end also counts every link that may be there and every switch whose links are not all known. Links that nobody
declared never raise what is proved. Pure: readings in, an interval and reasons out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.ends import Names, names_of
from collector.links import Joined, declared, found
from collector.neighbours import holes, strays
from collector.school import Evidence, School, joined_with
from collector.seen import Seen, seen_in
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q

ALL_PPM = 1_000_000
CORE = ""  # all core switches as one node: no switch has an empty name


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between two nodes; with more than one cable no single loss parts them."""

    one: str
    other: str
    cables: int = 1


def redundant_uplinks(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the switches other than the core that keep a way to it whichever single cable is lost."""
    cores = _cores(school)
    leaves = [switch.name for switch in school.switches if switch.name not in cores]
    if not leaves:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.UPLINK_REDUNDANT_SHARE.name}),))
    seen = seen_in(runs)
    ours, more = declared(school, seen), found(school, seen)
    open_ = holes(school, seen)
    real = _distinct(school, seen, [joined for joined in ours if joined.proved])
    sure = [_edge(joined, cores, joined.cables) for joined in real]
    # What is not known may be good: a link that is not proved, an aggregate of which one end does not tell its members.
    alive = _distinct(school, seen, [joined for joined in (*ours, *more) if not _is_down(joined)])
    maybe = [_edge(joined, cores, _most_cables(joined)) for joined in alive]
    maybe += [Edge(CORE, str(reason.about["switch"]), 2) for reason in open_]
    proved, possible = _redundant(sure), _redundant(maybe)
    # A neighbour that nobody listed may be one more switch, redundant or not.
    more_leaves = len({stray.neighbour for stray in strays(school, seen)})
    most = len(leaves) + more_leaves
    low = sum(name in proved for name in leaves) * ALL_PPM // most
    high = (sum(name in possible for name in leaves) + more_leaves) * ALL_PPM // most
    refuted = [Reason(Code.NOT_REDUNDANT, {"switch": name}) for name in leaves if name not in possible]
    against = [reason for joined in ours for reason in (*_why_not(joined), *_unseen(names_of(school), joined))]
    by_lag = proved - _redundant([Edge(edge.one, edge.other) for edge in sure])
    notes = (Reason(Code.BY_AGGREGATE, {"count": len(by_lag)}),) if by_lag else ()
    return Measured((q.UPLINK_REDUNDANT_SHARE.between(low, high),), (*refuted, *against, *open_), notes)


def _cores(school: School) -> set[str]:
    """The core switches; where the list names none, the first of it."""
    return {switch.name for switch in school.switches if switch.core} or {school.root}


def _distinct(school: School, seen: Seen, links: Iterable[Joined]) -> Iterable[Joined]:
    """The links by what they join, each pair once: an aggregate's cables are counted at its ends, not in the list."""
    names = names_of(school)
    return {frozenset(map(seen.whole, names.subjects(joined.link))): joined for joined in links}.values()


def _edge(joined: Joined, cores: set[str], cables: int) -> Edge:
    """A link as an edge of the graph."""
    one, other = (CORE if end.switch in cores else end.switch for end in (joined.link.one, joined.link.other))
    return Edge(one, other, cables)


def _most_cables(joined: Joined) -> int:
    """How many cables a link may have: no more than the end that is known to have fewest."""
    return min(side.most_cables for side in joined.sides)


def _unseen(names: Names, joined: Joined) -> list[Reason]:
    """That of a bundle one cable only was seen at both ends: the others may lead anywhere."""
    one = joined.cables < 2 <= min(side.cables for side in joined.sides)
    return [Reason(Code.ONE_CABLE_SEEN, names.about(joined.link))] if joined.proved and one else []


def _is_down(joined: Joined) -> bool:
    """Whether an end of a link is known to be down."""
    return any(side.up is False for side in joined.sides)


def _redundant(edges: Iterable[Edge]) -> set[str]:
    """What stays joined with the core whichever one edge of a single cable is lost."""
    every = list(edges)
    left = joined_with(CORE, [(edge.one, edge.other) for edge in every])
    for lost in every:
        if lost.cables < 2:
            left &= joined_with(CORE, [(edge.one, edge.other) for edge in every if edge is not lost])
    return left - {CORE}


def _why_not(joined: Joined) -> list[Reason]:
    """Why a link is not proved; how fast it is does not matter here."""
    speeds = (Code.BELOW, Code.SPEED_UNKNOWN, Code.SPEED_INFERRED, Code.SPEED_REPAIRED, Code.SPEED_CONFLICT)
    return [reason for reason in (*joined.reasons, *joined.against) if reason.code not in speeds]
