"""
What share of the desktop ports runs at a gigabit?

*Method*: every port of a listed switch that some agent saw up, but those that are no desk: aggregates that some port belongs to, ports
that are named as those of a stack are, ends of links and the members of an aggregate that is one, ports to the outside, and
access points, telephones and cameras that say so themselves over a neighbour protocol. A speed that is not known widens the
share, and so does a fast port with many devices behind it; a switch that is silent or not in the list may hide any number of slow
ports. Pure: readings in, an interval and reasons out.

What it does not prove: that what calls itself a telephone is one (docs/threat-model.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from collector.ends import Names, names_of
from collector.links import Joined, found
from collector.neighbours import declared_others, holes, outward, strays
from collector.school import Evidence, School
from collector.seen import WHY_STATUS, About, Rate, Seen, seen_in
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Reading

ALL_PPM = 1_000_000
ANNOUNCED = ("phone", "camera")  # at a port of any role
OTHER = "other"  # a device that the list declares
MANY = 20  # devices behind one port: a class-room's worth, and no desk
STACK_NAMES = re.compile(r"stack|irf-?port|vsl-?port|vsf-?port", re.IGNORECASE)


def gigabit_desktops(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the desktop ports that are up which run at 1 Gbit/s or more."""
    if not school.switches:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.DESKTOP_GIGABIT_SHARE.name}),))
    seen = seen_in(runs)
    more = found(school, seen)
    # A port at which another switch is seen is no desk; while nobody declared or confirmed it, nobody knows what is behind.
    open_ = [joined for joined in more if not joined.proved]
    reasons = holes(school, seen) + [reason for joined in open_ for reason in joined.against]
    complete = not reasons
    others = declared_others(school, seen)
    ports = _ports(school, seen, more, others)
    left_out = {port: why for port in ports if (why := _device(port, seen))}
    desks = [port for port in ports if port not in left_out]
    slow = {port: seen.rates[port] for port in desks if port in seen.rates and _is_slow(seen.rates[port])}
    names = names_of(school)
    unknown = [port for port in desks if port not in slow and (_many(port, seen) or not _is_fast(seen.rates.get(port)))]
    reasons[:0] = [Reason(Code.BELOW, {**_about(names, one), "value": rate.high or 0}) for one, rate in slow.items()]
    reasons += [_why_unknown(one, _about(names, one), seen) for one in unknown]
    notes = _notes([*left_out.values(), *(OTHER for port in others if port in seen.seen_up)])
    if not desks:
        return Measured(reasons=tuple(reasons) or (Reason(Code.NO_PORT_UP, {}),), notes=notes)
    good = len(desks) - len(slow) - len(unknown)
    # Behind a hole any number of ports may be hidden, but the slow ones already seen keep it below 100 %.
    low = good * ALL_PPM // len(desks) if complete else 0
    high = (good + len(unknown)) * ALL_PPM // len(desks) if complete else ALL_PPM - bool(slow)
    return Measured((q.DESKTOP_GIGABIT_SHARE.between(low, high),), tuple(reasons), notes)


def _ports(school: School, seen: Seen, more: Sequence[Joined], others: set[str]) -> list[str]:
    """The ports that are up at listed switches and lead to no switch, to no known other device and not outside."""
    listed = {switch.subject for switch in school.switches}
    linked = _linked(school, seen, more)
    beyond = {stray.subject for stray in strays(school, seen)} | others | outward(school)
    return sorted(
        port
        for port in seen.seen_up
        if port.partition("/")[0] in listed
        and port not in linked
        and not (seen.is_member(port) and seen.whole(port) in linked)
        and port not in beyond
        and _is_one_port(port, seen)
    )


def _is_one_port(port: str, seen: Seen) -> bool:
    """Whether it may be a socket in the wall: no aggregate to which a port belongs, and no port that is named as a stack's."""
    kinds = seen.kinds[port]
    if kinds == {"stack"}:
        return STACK_NAMES.match(port.partition("/")[2]) is None
    return kinds != {"lag"} or not seen.is_bundle(port)


def _linked(school: School, seen: Seen, more: Sequence[Joined]) -> set[str]:
    """The ports that are ends of links, with their aggregates: those that the list names, and those that were found."""
    links = [*school.links, *(joined.link for joined in more)]
    names = names_of(school)
    ends = {subject for link in links for subject in names.subjects(link)}
    return ends | {seen.whole(subject) for subject in ends}


def _device(port: str, seen: Seen) -> str:
    """What stands at a port if it is none that sits at a desk, by all that was said of the port; else empty."""
    said = {_no_desk(role) for role in seen.roles.get(port, ())}
    device = said.pop() if len(said) == 1 else ""
    # Many devices behind a telephone or a camera are a class-room's; behind an access point they are not on the cable.
    return "" if device != "ap" and _many(port, seen) else device


def _no_desk(role: Reading) -> str:
    """The device of one reading that leaves its port out, by its own announcement; what is written on a port is none."""
    heard = str(role.facts.get("announced", "")).split(",")
    device = "ap" if role.value == "ap" else str(role.facts.get("device", ""))
    return device if device in heard and (role.value == "ap" or device in ANNOUNCED) else ""


def _notes(left_out: Iterable[str]) -> tuple[Reason, ...]:
    """How many ports were left out, by device; nothing where none was."""
    count = Counter(left_out)
    about: About = {"aps": count["ap"], "phones": count["phone"], "cameras": count["camera"], "others": count[OTHER]}
    return (Reason(Code.LEFT_OUT, about),) if any(about.values()) else ()


def _is_slow(rate: Rate) -> bool:
    """Below a gigabit."""
    return rate.high is not None and rate.high < q.GIGABIT


def _is_fast(rate: Rate | None) -> bool:
    """Proved to be a gigabit or more; a speed that is neither slow nor fast is not known."""
    return rate is not None and (rate.low or 0) >= q.GIGABIT


def _many(port: str, seen: Seen) -> int:
    """How many devices were learned at a port, where they are too many for a desk; else 0."""
    counts = [role.facts.get("stations") for role in seen.roles.get(port, ())]
    return max((count for count in counts if isinstance(count, int) and count >= MANY), default=0)


def _why_unknown(port: str, about: About, seen: Seen) -> Reason:
    """Why the speed of the desks at a port is not known."""
    if stations := _many(port, seen):
        return Reason(Code.MANY_BEHIND, {**about, "stations": stations})
    return Reason(WHY_STATUS[seen.rates[port].status] if port in seen.rates else Code.SPEED_UNKNOWN, about)


def _about(names: Names, subject: str) -> About:
    """Switch and port of a subject `host:port/ifName` of a listed switch."""
    host, _, port = subject.partition("/")
    return {"switch": names.by_subject[host].name, "host": host, "port": port}
