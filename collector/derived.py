"""
What follows from several readings together?

Quantities that no single probe run can give, because they join readings with the school's declared list: the slowest backbone
link, the share of desktop ports at a gigabit, the services that only the education network can reach. Pure: readings in,
intervals and reasons out. What is missing widens the interval; it never counts as good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from collector.school import End, Evidence, Link, School, at
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Failure, Quantity, Reading

ALL_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class _Ports:
    """The latest readings of all declared switches, by subject; `up` holds *no* where any agent saw it down; `shown` are switches with a port."""

    up: dict[str, Reading]
    seen_up: set[str]
    speed: dict[str, Reading]
    answered: dict[str, Reading]
    asked: set[str]
    shown: set[str]


def _ports(runs: Iterable[Evidence]) -> _Ports:
    """Several agents may have asked one switch: the lower speed, the port that is down and the silence win."""
    ports = _Ports({}, set(), {}, {}, set(), set())
    for run in runs:
        ports.asked.update(
            at(str(one["host"]), int(one.get("port", 161))) for one in run.report.settings.get("switches", [])
        )
        for reading in run.report.readings:
            _sort(reading, ports)
    return ports


def _sort(reading: Reading, ports: _Ports) -> None:
    """One reading into its place."""
    if reading.quantity == q.PORT_UP.name:
        ports.shown.add(reading.subject.partition("/")[0])
        if reading.value == "no" or reading.subject not in ports.up:
            ports.up[reading.subject] = reading
        if reading.value == "yes":
            ports.seen_up.add(reading.subject)
    elif reading.quantity == q.PORT_SPEED.name:
        _keep_lower(ports.speed, reading)
    elif reading.quantity == q.DEVICES_ANSWERED.name and reading.subject:
        _keep_lower(ports.answered, reading)


def _keep_lower(kept: dict[str, Reading], reading: Reading) -> None:
    """Of two readings of one subject, the lower; one without a number is the lowest."""
    before = kept.get(reading.subject)
    if before is None or (reading.low or 0) < (before.low or 0):
        kept[reading.subject] = reading


def slowest_link(
    quantity: Quantity, school: School, runs: Sequence[Evidence], wanted: Callable[[Link], bool]
) -> Measured:
    """The interval of the slowest of the wanted links, each as fast as its slower end; bit/s."""
    links = [link for link in school.links if wanted(link)]
    if not links:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": quantity.name}),))
    ports = _ports(runs)
    ends = [_end(school, end, ports) for link in links for end in (link.one, link.other)]
    holes = _holes(quantity, school, links)
    lows = [found.low for found in ends]
    highs = [found.high for found in ends if found.high is not None]
    low = None if holes or None in lows else min(found for found in lows if found is not None)
    high = min(highs) if highs else None
    reasons = tuple(found.reason for found in ends if found.reason is not None)
    readings = (quantity.between(low, high),) if highs or low is not None else ()
    return Measured(readings, (*reasons, *holes))


def _holes(quantity: Quantity, school: School, links: Sequence[Link]) -> list[Reason]:
    """What the list leaves open: a link that it does not name may be the slowest."""
    holes = [Reason(Code.UNLINKED, {"switch": name}) for name in school.unlinked()]
    if quantity is q.BUILDING_MIN:
        holes += [Reason(Code.UNPLACED, {"switch": name}) for link in links for name in school.unplaced(link)]
    return holes


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known about one end of a link: its rate in bit/s as an interval (0 when it is down), or why it is not known."""

    low: int | None
    high: int | None
    reason: Reason | None = None


def _end(school: School, end: End, ports: _Ports) -> _Found:
    """One end of a link."""
    switch = school.switch(end.switch)
    if switch is None:
        return _Found(None, None, Reason(Code.NOT_DECLARED, {"what": end.switch}))
    subject = f"{switch.subject}/{end.port}"
    named: dict[str, str | int] = {"switch": end.switch, "host": switch.subject, "port": end.port}
    state = ports.up.get(subject)
    if state is None:
        return _Found(None, None, _silence(switch.subject, named, ports) or Reason(Code.PORT_UNKNOWN, named))
    if state.value == "no":
        return _Found(0, 0, Reason(Code.PORT_DOWN, named))
    speed = ports.speed.get(subject)
    if speed is None or speed.high is None:
        return _Found(None if speed is None else speed.low, None, Reason(Code.SPEED_UNKNOWN, named))
    return _Found(speed.low, speed.high, Reason(Code.BELOW, {**named, "value": speed.high}))


def _silence(subject: str, named: dict[str, str | int], ports: _Ports) -> Reason | None:
    """Why a switch gave nothing; None if it answered completely and named at least one port."""
    if subject not in ports.asked:
        return Reason(Code.NOT_ASKED, named)
    answered = ports.answered.get(subject)
    if answered is not None and answered.low == ALL_PPM:
        return (
            None
            if subject in ports.shown
            else Reason(Code.SWITCH_SILENT, {**named, "failure": Failure.UNREADABLE.value})
        )
    failure = str(answered.facts.get("failure", "")) if answered is not None else ""
    code = Code.SWITCH_CLOSED if failure in (Failure.NOT_PERMITTED, Failure.LOGIN_REJECTED) else Code.SWITCH_SILENT
    return Reason(code, {**named, "failure": failure})


def gigabit_desktops(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the ports that are up, and are no end of a declared link, which run at 1 Gbit/s or more."""
    if not school.switches:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.DESKTOP_GIGABIT_SHARE.name}),))
    ports = _ports(runs)
    silent = [
        _silence(switch.subject, {"switch": switch.name, "host": switch.subject}, ports) for switch in school.switches
    ]
    reasons = [reason for reason in silent if reason is not None]
    reasons += [Reason(Code.UNLINKED, {"switch": name}) for name in school.unlinked()]
    complete = not reasons
    desks = _desks(school, ports.seen_up)
    slow = {one: ports.speed[one] for one in desks if one in ports.speed and _is_slow(ports.speed[one])}
    unknown = [one for one in desks if one not in slow and not _is_fast(ports.speed.get(one))]
    reasons[:0] = [Reason(Code.BELOW, {**_named(school, one), "value": speed.high or 0}) for one, speed in slow.items()]
    reasons += [Reason(Code.SPEED_UNKNOWN, _named(school, one)) for one in unknown]
    if not desks:
        return Measured(reasons=tuple(reasons) or (Reason(Code.NO_PORT_UP, {}),))
    good = len(desks) - len(slow) - len(unknown)
    # With a switch that did not answer any number of ports may be hidden, but the slow ones already seen keep it below 100 %.
    low = good * ALL_PPM // len(desks) if complete else 0
    high = (good + len(unknown)) * ALL_PPM // len(desks) if complete else ALL_PPM - bool(slow)
    return Measured((q.DESKTOP_GIGABIT_SHARE.between(low, high),), tuple(reasons))


def _is_slow(speed: Reading) -> bool:
    """Below a gigabit."""
    return speed.high is not None and speed.high < q.GIGABIT


def _is_fast(speed: Reading | None) -> bool:
    """Proved to be a gigabit or more; a speed that is neither slow nor fast is not known."""
    return speed is not None and (speed.low or 0) >= q.GIGABIT


def _desks(school: School, subjects: Iterable[str]) -> list[str]:
    """The ports of declared switches that are no end of a declared link."""
    hosts = {switch.name: switch.subject for switch in school.switches}
    listed = set(hosts.values())
    linked = {f"{hosts.get(end.switch)}/{end.port}" for link in school.links for end in (link.one, link.other)}
    return sorted(one for one in subjects if one.partition("/")[0] in listed and one not in linked)


def _named(school: School, subject: str) -> dict[str, str | int]:
    """Switch and port of a subject `host:port/ifName`; the switch is empty if it is not of the list."""
    host, _, port = subject.partition("/")
    switch = next((switch.name for switch in school.switches if switch.subject == host), "")
    return {"switch": switch, "host": host, "port": port}


def inside_services(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the services registered as reachable only from inside that some agent's latest run reached."""
    inside = [service.subject for service in school.services if service.inside]
    if not inside:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.METRO_INSIDE_REACHED.name}),))
    shares = [share for run in runs if (share := _share_of_run(run, inside)) is not None]
    if not shares:
        return Measured()
    return Measured(tuple(reading for reading, _ in shares), tuple(reason for _, found in shares for reason in found))


def _share_of_run(run: Evidence, inside: Sequence[str]) -> tuple[Reading, list[Reason]] | None:
    """What one run says about the inside services; None when it failed before it could count."""
    total = next((reading for reading in run.report.readings if reading.quantity == q.METRO_REACHED.name), None)
    if total is None:
        return None
    reached = {reading.subject for reading in run.report.readings if reading.quantity == q.METRO_CONNECT.name}
    asked = {at(str(host), int(port)) for host, port in run.report.settings.get("services", [])}
    highest = ALL_PPM if total.high is None else total.high
    undecided = -(-(highest - (total.low or 0)) * len(asked) // ALL_PPM)
    # A service that was declared after the run was not asked: nothing is known of it yet.
    unasked = [subject for subject in inside if subject not in asked]
    missed = [subject for subject in inside if subject in asked and subject not in reached]
    good = len(inside) - len(missed) - len(unasked)
    low = good * ALL_PPM // len(inside)
    high = min(len(inside), good + undecided + len(unasked)) * ALL_PPM // len(inside)
    reasons = [Reason(Code.SERVICE_DOWN, {"service": subject}) for subject in missed]
    return q.METRO_INSIDE_REACHED.between(low, high), reasons + [Reason(Code.NO_EVIDENCE)] * bool(unasked)
