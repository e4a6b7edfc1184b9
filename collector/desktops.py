"""
What share of the desktop ports runs at a gigabit?

*Method*: every port of a listed switch that some agent saw up, but those that are no desk: masters of aggregates, stack links, ends
of links, ports to the outside, access points, and telephones and cameras that say so themselves (LLDP). A speed that is not
known widens the share; a switch that is silent or not in the list may hide any number of slow ports. Pure: readings in, an
interval and reasons out.
"""

from __future__ import annotations

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
ANNOUNCED = ("phone", "camera")  # left out only where the device itself announced what it is


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
    ports = _ports(school, seen, more)
    left_out = {port: why for port in ports if (why := _device(seen.roles.get(port, ())))}
    desks = [port for port in ports if port not in left_out]
    slow = {port: seen.rates[port] for port in desks if port in seen.rates and _is_slow(seen.rates[port])}
    names = names_of(school)
    unknown = [port for port in desks if port not in slow and not _is_fast(seen.rates.get(port))]
    reasons[:0] = [Reason(Code.BELOW, {**_about(names, one), "value": rate.high or 0}) for one, rate in slow.items()]
    reasons += [Reason(_why_unknown(one, seen), _about(names, one)) for one in unknown]
    notes = _notes(left_out.values())
    if not desks:
        return Measured(reasons=tuple(reasons) or (Reason(Code.NO_PORT_UP, {}),), notes=notes)
    good = len(desks) - len(slow) - len(unknown)
    # Behind a hole any number of ports may be hidden, but the slow ones already seen keep it below 100 %.
    low = good * ALL_PPM // len(desks) if complete else 0
    high = (good + len(unknown)) * ALL_PPM // len(desks) if complete else ALL_PPM - bool(slow)
    return Measured((q.DESKTOP_GIGABIT_SHARE.between(low, high),), tuple(reasons), notes)


def _ports(school: School, seen: Seen, more: Sequence[Joined]) -> list[str]:
    """The ports that are up at listed switches and lead to no switch, to no known other device and not outside."""
    listed = {switch.subject for switch in school.switches}
    linked = _linked(school, seen, more)
    beyond = {stray.subject for stray in strays(school, seen)} | declared_others(school, seen) | outward(school)
    return sorted(
        port
        for port in seen.seen_up
        if port.partition("/")[0] in listed
        and seen.whole(port) not in linked
        and port not in beyond
        and "physical" in seen.kinds[port]
    )


def _linked(school: School, seen: Seen, more: Sequence[Joined]) -> set[str]:
    """The ports and aggregates that are ends of links: those that the list names, and those that were found."""
    links = [*school.links, *(joined.link for joined in more)]
    names = names_of(school)
    return {seen.whole(subject) for link in links for subject in names.subjects(link)}


def _device(roles: Sequence[Reading]) -> str:
    """What stands at a port if it is none that sits at a desk, by all that was said of the port; else empty."""
    said = {_no_desk(role) for role in roles}
    return said.pop() if len(said) == 1 else ""


def _no_desk(role: Reading) -> str:
    """The device of one reading that leaves its port out; a telephone or camera only by its own announcement."""
    if role.value in ("ap", "stack"):
        return str(role.value)
    device = str(role.facts.get("device", ""))
    announced = "lldp" in str(role.facts.get("evidence", "")).lower()
    return device if device in ANNOUNCED and announced else ""


def _notes(left_out: Iterable[str]) -> tuple[Reason, ...]:
    """How many ports were left out, by device; nothing where none was."""
    count = Counter(left_out)
    about: About = {"aps": count["ap"], "phones": count["phone"], "cameras": count["camera"]}
    return (Reason(Code.LEFT_OUT, about),) if any(about.values()) else ()


def _is_slow(rate: Rate) -> bool:
    """Below a gigabit."""
    return rate.high is not None and rate.high < q.GIGABIT


def _is_fast(rate: Rate | None) -> bool:
    """Proved to be a gigabit or more; a speed that is neither slow nor fast is not known."""
    return rate is not None and (rate.low or 0) >= q.GIGABIT


def _why_unknown(port: str, seen: Seen) -> Code:
    """Why the speed of a port is not known."""
    return WHY_STATUS[seen.rates[port].status] if port in seen.rates else Code.SPEED_UNKNOWN


def _about(names: Names, subject: str) -> About:
    """Switch and port of a subject `host:port/ifName` of a listed switch."""
    host, _, port = subject.partition("/")
    return {"switch": names.by_subject[host].name, "host": host, "port": port}
