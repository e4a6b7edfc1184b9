"""
Which neighbours of the school's switches are not in its list, and which switches are asked in the clear?

Both are shown and neither is judged by itself: a neighbour that nobody listed is a hole in what can be said about links and
desktop ports, a community that travels in the clear is a hint. Pure: a school and what was seen in, names out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collector.ends import names_of, side_of
from collector.school import Link, School
from collector.seen import About, Seen, peer_of, silence
from collector.verdict import Code, Reason
from evidence.model import Reading

NO_SWITCH = frozenset({"ap", "phone", "camera", "station"})  # what a neighbour says of itself when it is no switch
CLEAR = ("1", "2c")


@dataclass(frozen=True, slots=True, order=True)
class Stray:
    """A neighbour at a port of a listed switch: the port as readings name it, and what the neighbour calls itself."""

    subject: str
    switch: str
    neighbour: str

    @property
    def about(self) -> About:
        """What a sentence about it may name."""
        host, _, port = self.subject.partition("/")
        return {"switch": self.switch, "host": host, "port": port, "neighbour": self.neighbour}


def strays(school: School, seen: Seen) -> list[Stray]:
    """Neighbours outside the list that may be switches: not declared otherwise, not beyond a port to the outside."""
    passed = outward(school)
    quiet = towards_silence(school, seen)
    return [
        stray
        for stray, link in _beyond(school, seen)
        if stray.subject not in passed
        and seen.whole(stray.subject) not in quiet
        and not school.is_other(stray.neighbour)
        and not _is_no_switch(stray, link, seen)
    ]


def towards_silence(school: School, seen: Seen) -> set[str]:
    """The ports that by the list lead to a switch that did not answer: who is seen there may be that switch, and nobody can tell."""
    names = names_of(school)
    ways = [way for link in school.links for way in (link, Link(link.other, link.one))]
    subjects = {name: switch.subject for name, switch in names.by_name.items()}
    return {
        seen.whole(names.subject(way.one))
        for way in ways
        if way.other.switch in subjects and silence(subjects[way.other.switch], {}, seen) is not None
    }


def declared_others(school: School, seen: Seen) -> set[str]:
    """The ports at which a neighbour stands that the operator declared to be no switch."""
    return {stray.subject for stray, _ in _beyond(school, seen) if school.is_other(stray.neighbour)}


def outward(school: School) -> set[str]:
    """The ports that lead out of the school, as readings name them."""
    named = school.by_name
    return {f"{named[end.switch].subject}/{end.port}" for end in school.wans if end.switch in named}


def _beyond(school: School, seen: Seen) -> Iterator[tuple[Stray, Reading]]:
    """Every link of which one end is at a listed switch and the other is not, once."""
    found: dict[Stray, Reading] = {}
    listed = school.by_subject
    for link in seen.links:
        here, there = link.subject, peer_of(link)
        ours, theirs = (listed.get(end.partition("/")[0]) for end in (here, there))
        if ours is not None and theirs is None:
            found[Stray(here, ours.name, str(link.facts.get("neighbour", "")) or there or "?")] = link
        elif theirs is not None and ours is None:
            found[Stray(there, theirs.name, _called(here, seen))] = link
    yield from sorted(found.items(), key=lambda one: one[0])


def _called(subject: str, seen: Seen) -> str:
    """What a switch outside the list that answered calls itself; its address if it does not say."""
    host = subject.partition("/")[0]
    answered = seen.answered.get(host)
    return str(answered.facts.get("sys_name") or host) if answered is not None else host


def _is_no_switch(stray: Stray, link: Reading, seen: Seen) -> bool:
    """Whether everything that was said of the neighbour says that it is none; where nothing is said it may be one."""
    told = {str(link.facts["device"])} if "device" in link.facts else set()
    told |= {str(role.facts["device"]) for role in seen.roles.get(stray.subject, ()) if "device" in role.facts}
    return bool(told) and told <= NO_SWITCH


def holes(school: School, seen: Seen) -> list[Reason]:
    """Where ports may be that nobody saw: silent switches, switches joined to nothing, neighbours outside the list or unread."""
    quiet = [_hole(switch.subject, {"switch": switch.name, "host": switch.subject}, seen) for switch in school.switches]
    unlinked = [Reason(Code.UNLINKED, {"switch": name}) for name in school.unlinked()]
    beyond = [Reason(Code.UNDISCOVERED, stray.about) for stray in strays(school, seen)]
    return [reason for reason in quiet if reason is not None] + unlinked + beyond


def _hole(switch: str, about: About, seen: Seen) -> Reason | None:
    """Why a switch may have ports or neighbours that nobody saw."""
    unread = Reason(Code.NEIGHBOURS_UNREAD, about) if switch in seen.unread else None
    return silence(switch, about, seen) or unread


def in_the_clear(school: School, seen: Seen) -> list[Reason]:
    """The listed switches that were asked by SNMP v1 or v2c: their community can be read on the way."""
    return [
        Reason(Code.IN_THE_CLEAR, {"switch": switch.name, "host": switch.subject, "snmp": snmp})
        for switch in school.switches
        if (snmp := _snmp_of(seen.answered.get(switch.subject))) in CLEAR
    ]


def _snmp_of(answered: Reading | None) -> str:
    """The version of SNMP in which a switch was asked; empty where it is not told."""
    return str(answered.facts.get("snmp", "")) if answered is not None else ""


def misnamed_wans(school: School, seen: Seen) -> list[Reason]:
    """Ports that the list says lead outside and that their switch, which answered, does not have: another line hides that nowhere."""
    sides = (side_of(names_of(school), end, seen) for end in school.wans)
    return [reason for side in sides for reason in side.reasons if reason.code is Code.PORT_UNKNOWN]


def hints(school: School, seen: Seen) -> list[Reason]:
    """Everything worth telling the school about its neighbours, its ports to the outside and its way of asking."""
    found = [Reason(Code.UNDISCOVERED, stray.about) for stray in strays(school, seen)]
    return found + misnamed_wans(school, seen) + in_the_clear(school, seen)
