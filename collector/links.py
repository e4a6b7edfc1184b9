"""
How fast is the slowest link of the school, and does every link that the list declares exist?

*Method*: a link is as fast as its slower end. It is proved only if each end names the other's port, both speeds and that of the
link are reported as they should be, and nobody else is seen at its ends; otherwise it has an upper end and no lower one. A link
that was found and that nobody declared counts too: it can only lower the result. While a switch of the list is silent, more
links may be there. Of an aggregate the largest member counts: a single flow takes one cable. Pure: readings in, intervals and
reasons out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from collector.ends import Names, Side, names_of, side_of
from collector.neighbours import holes, towards_silence
from collector.school import Evidence, Link, School
from collector.seen import DENIED, TOLD, WHY_STATUS, Seen, cables_of, confirms, denies, peer_of, seen_in
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Quantity, Reading

Wanted = Callable[[Link], bool]


@dataclass(frozen=True, slots=True)
class Joined:
    """
    What is known about one link, declared or found: its interval in bit/s, what stands against it, and whether it exists.

    `proved` needs both ends up, each naming the other, and nobody else at them. `reasons` are of its ends' speeds, `against`
    of its being there at all. `cables` can fail one by one; `found` are those of which both ends were seen.
    """

    link: Link
    sides: tuple[Side, ...]
    low: int | None
    high: int | None
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]
    proved: bool
    found: int = 1

    @property
    def cables(self) -> int:
        """How many cables hold it, as far as both ends show and as many as were found between them."""
        return min(self.found, *(side.cables for side in self.sides))


def slowest_link(quantity: Quantity, school: School, runs: Sequence[Evidence], wanted: Wanted) -> Measured:
    """The interval of the slowest of the wanted links, declared or found; bit/s."""
    seen = seen_in(runs)
    links = [joined for joined in (*declared(school, seen), *found(school, seen)) if wanted(joined.link)]
    if not links:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": quantity.name}),))
    open_ = _holes(quantity, school, seen, [joined.link for joined in links])
    lows = [joined.low for joined in links]
    low = None if open_ or None in lows else min(one for one in lows if one is not None)
    high = min((joined.high for joined in links if joined.high is not None), default=None)
    reasons = [reason for joined in links for reason in (*joined.reasons, *joined.against)]
    readings = (quantity.between(low, high),) if high is not None or low is not None else ()
    return Measured(readings, (*reasons, *open_), links=tuple(joined.link for joined in links))


def _holes(quantity: Quantity, school: School, seen: Seen, links: Sequence[Link]) -> list[Reason]:
    """What the list and silent switches leave open: a link that nobody names may be the slowest."""
    unplaced = [name for link in links for name in school.unplaced(link)] if quantity is q.BUILDING_MIN else []
    return [Reason(Code.UNPLACED, {"switch": name}) for name in unplaced] + holes(school, seen)


def declared(school: School, seen: Seen) -> list[Joined]:
    """What is known about each link of the list."""
    names, quiet = names_of(school), towards_silence(school, seen)
    return [_declared(names, link, seen, quiet) for link in school.links]


def _declared(names: Names, link: Link, seen: Seen, quiet: set[str]) -> Joined:
    """One link of the list: proved only by a link that was found between exactly its two ends."""
    sides = tuple(side_of(names, end, seen) for end in (link.one, link.other))
    ends = names.subjects(link)
    near = seen.at_ports(*ends)
    told = [reading for reading in near if _joins(seen, reading, ends)]
    others = [one for one in near if one not in told and not (peer_of(one) == "" and seen.whole(one.subject) in quiet)]
    strange = tuple(reason for one in others for reason in _strange(names, link, one, seen))
    confirmed = any(map(confirms, told)) and not any(map(denies, told))
    alive = all(side.up for side in sides)
    open_ = (Reason(Code.UNCONFIRMED, names.about(link)),) if alive and not confirmed else ()
    return _joined(link, sides, told, (*open_, *strange), confirmed and not strange)


def _joins(seen: Seen, link: Reading, ends: tuple[str, str]) -> bool:
    """Whether a link that was found lies between exactly these two ports."""
    here, there = link.subject, peer_of(link)
    return any(seen.is_end(here, one) and seen.is_end(there, other) for one, other in (ends, ends[::-1]))


def _joined(
    link: Link, sides: tuple[Side, ...], told: Sequence[Reading], against: tuple[Reason, ...], confirmed: bool
) -> Joined:
    """A link from what its ends and its own readings say."""
    highs = [side.high for side in sides] + [one.high for one in told if "/" in peer_of(one)]
    lows = [side.low for side in sides]
    reasons = tuple(reason for side in sides for reason in side.reasons)
    doubt = _doubt(told)
    if doubt is Code.SPEED_CONFLICT or (doubt is not None and None not in lows):
        reasons += (Reason(doubt, {"switch": link.one.switch, "port": link.one.port}),)
    lows += [] if doubt is None else [None]
    proved = confirmed and all(side.up for side in sides)
    known = [one for one in (*lows, *highs) if one is not None]
    low = min(known) if proved and None not in lows else None
    # A port that is down is so whoever is at its other end: a zero is proved without a neighbour.
    low = 0 if any(side.up is False for side in sides) else low
    high = min((one for one in highs if one is not None), default=None)
    return Joined(link, sides, low, high, reasons, against, proved, max(map(cables_of, told), default=1))


def _doubt(told: Sequence[Reading]) -> Code | None:
    """Why the rate that was told of a link itself proves nothing: only one exact rate that is reported does."""
    for reading in told:
        status = str(reading.facts.get("status", "inferred"))
        exact = status == "reported" and reading.low is not None and reading.low == reading.high
        if status == "conflict" or (confirms(reading) and not exact):
            return WHY_STATUS.get(status, Code.SPEED_UNKNOWN)
    return None


def _strange(names: Names, link: Link, reading: Reading, seen: Seen) -> Iterator[Reason]:
    """Who else is announced at an end of a link of the list, if a found link says so."""
    word = reading.facts.get("confirmed")
    if word not in (*TOLD, DENIED):
        return
    here, there = reading.subject, peer_of(reading)
    turned = Link(link.other, link.one)
    for way, subject in zip((link, turned), names.subjects(link), strict=True):
        about = names.about(way)
        if seen.is_end(here, subject):
            name = names.said(there) or str(reading.facts.get("neighbour", "")) or "?"
            yield Reason(Code.OTHER_NEIGHBOUR, {**about, "neighbour": name})
        elif word in TOLD and "/" in there and seen.is_end(there, subject):
            yield Reason(Code.OTHER_NEIGHBOUR, {**about, "neighbour": names.said(here) or here})


def found(school: School, seen: Seen) -> list[Joined]:
    """What is known about links between two switches of the list that were found and that the list does not name."""
    names = names_of(school)
    beyond: dict[str, set[str]] = {}
    for link in school.links:
        one, other = names.subjects(link)
        beyond.setdefault(seen.whole(one), set()).add(seen.whole(other))
        beyond.setdefault(seen.whole(other), set()).add(seen.whole(one))
    pairs: dict[frozenset[str], list[Reading]] = {}
    for reading in seen.links:
        ends = (seen.whole(reading.subject), seen.whole(peer_of(reading)))
        if names.are_two_of(ends) and not _is_known(reading, ends, beyond, seen):
            pairs.setdefault(frozenset(ends), []).append(reading)
    return [_found(names, told, seen) for told in pairs.values()]


def _is_known(reading: Reading, ends: tuple[str, str], beyond: dict[str, set[str]], seen: Seen) -> bool:
    """Whether a found link is one of the list, or is only guessed at a port that the list joins elsewhere: forwarding tables say that."""
    if any(seen.is_end(ends[1], other) for other in beyond.get(ends[0], ())):
        return True
    return reading.facts.get("confirmed") not in TOLD and any(end in beyond for end in ends)


def _found(names: Names, told: Sequence[Reading], seen: Seen) -> Joined:
    """One link that was found: proved only if each end names the other."""
    ends = [names.end_at(end) for end in (told[0].subject, peer_of(told[0]))]
    link = Link(ends[0], ends[1])
    sides = tuple(side_of(names, end, seen) for end in ends if end.port)
    confirmed = len(sides) == 2 and any(map(confirms, told))
    return _joined(link, sides, told, (Reason(Code.UNDECLARED_LINK, names.about(link)),), confirmed)


def wan_speed(school: School, runs: Sequence[Evidence]) -> Measured:
    """The rate of each port that the list says leads outside, bit/s; of one that tells none beside others it is at least 0."""
    sides = _outward(school, seen_in(runs))
    told = any(side.low is not None or side.high is not None for side in sides.values())
    readings = [q.WAN_SPEED.between(_least(side), side.high, subject) for subject, side in sides.items() if told]
    return Measured(tuple(readings), _why(sides.values()) or _no_wan(school))


def wan_medium(school: School, runs: Sequence[Evidence]) -> Measured:
    """The medium of each port that the list says leads outside and that is up; where two agents tell two it is not known."""
    sides = _outward(school, seen_in(runs))
    told: dict[str, dict[str, Reading]] = {subject: {} for subject, side in sides.items() if side.up}
    for reading in (one for run in runs for one in run.report.readings if one.quantity == q.WAN_MEDIUM.name):
        told.get(reading.subject, {})[str(reading.value)] = reading
    certain = [next(iter(media.values())) for media in told.values() if len(media) == 1]
    reasons = _why(side for side in sides.values() if not side.up) or _no_wan(school)
    return Measured(tuple(one for one in certain if one.value != "unknown"), reasons)


def _outward(school: School, seen: Seen) -> dict[str, Side]:
    """What is known about each port to the outside, by what readings call it."""
    names = names_of(school)
    return {names.subject(end): side_of(names, end, seen) for end in school.wans}


def _least(side: Side) -> int | None:
    """The lower end of a rate; of one of which nothing is known that is 0."""
    return 0 if side.low is None and side.high is None else side.low


def _why(sides: Iterable[Side]) -> tuple[Reason, ...]:
    """What is to be said of these ports."""
    return tuple(reason for side in sides for reason in side.reasons)


def _no_wan(school: School) -> tuple[Reason, ...]:
    """That the list names no port to the outside, where it names none."""
    return () if school.wans else (Reason(Code.NO_WAN),)
