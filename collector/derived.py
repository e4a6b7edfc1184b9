"""
What follows from several readings together?

Quantities that no single probe run can give, because they join readings with the school's declared list: the slowest backbone
link, the share of desktop ports at a gigabit, the services that only the education network can reach. Pure: readings in,
intervals and reasons out. What is missing widens the interval; it never counts as good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from collector.school import End, Evidence, Link, School, Service
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Quantity, Reading

ALL_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class _Ports:
    """The latest readings of all declared switches, by subject."""

    up: dict[str, Reading]
    speed: dict[str, Reading]
    answered: dict[str, Reading]


def _ports(runs: Iterable[Evidence]) -> _Ports:
    """Several agents may have asked one switch: the lower speed, the port that is down and the silence win."""
    ports = _Ports({}, {}, {})
    for reading in (reading for run in runs for reading in run.report.readings):
        if reading.quantity == q.PORT_UP.name and (reading.value == "no" or reading.subject not in ports.up):
            ports.up[reading.subject] = reading
        elif reading.quantity == q.PORT_SPEED.name:
            _keep_lower(ports.speed, reading)
        elif reading.quantity == q.DEVICES_ANSWERED.name and reading.subject:
            _keep_lower(ports.answered, reading)
    return ports


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
    known = [found.bit_s for found in ends if found.bit_s is not None]
    low = min(known) if len(known) == len(ends) else None
    high = min(known) if known else None
    reasons = tuple(found.reason for found in ends if found.reason is not None)
    readings = (quantity.between(low, high),) if known else ()
    return Measured(readings, reasons)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known about one end of a link: its rate in bit/s (0 when it is down), or why it is not known."""

    bit_s: int | None
    reason: Reason | None = None


def _end(school: School, end: End, ports: _Ports) -> _Found:
    """One end of a link."""
    switch = school.switch(end.switch)
    if switch is None:
        return _Found(None, Reason(Code.NOT_DECLARED, {"what": end.switch}))
    subject = f"{switch.subject}/{end.port}"
    named: dict[str, str | int] = {"switch": end.switch, "host": switch.subject, "port": end.port}
    state = ports.up.get(subject)
    if state is None:
        return _Found(None, _silence(switch.subject, named, ports) or Reason(Code.PORT_UNKNOWN, named))
    if state.value == "no":
        return _Found(0, Reason(Code.PORT_DOWN, named))
    speed = ports.speed.get(subject)
    if speed is None or speed.low is None:
        return _Found(None, Reason(Code.SPEED_UNKNOWN, named))
    return _Found(speed.low, Reason(Code.BELOW, {**named, "value": speed.low}))


def _silence(subject: str, named: dict[str, str | int], ports: _Ports) -> Reason | None:
    """Why a switch gave nothing, in the probe's words; None if it answered completely."""
    answered = ports.answered.get(subject)
    if answered is not None and answered.low == ALL_PPM:
        return None
    facts = answered.facts if answered is not None else {}
    return Reason(
        Code.SWITCH_SILENT,
        {**named, "failure": str(facts.get("failure", "")), "detail": str(facts.get("detail", ""))},
    )


def gigabit_desktops(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the ports that are up, and are no end of a declared link, which run at 1 Gbit/s or more."""
    if not school.switches:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.DESKTOP_GIGABIT_SHARE.name}),))
    ports = _ports(runs)
    silent = [
        _silence(switch.subject, {"switch": switch.name, "host": switch.subject}, ports) for switch in school.switches
    ]
    reasons = [reason for reason in silent if reason is not None]
    desks = [subject for subject, up in ports.up.items() if up.value == "yes" and _is_desk(school, subject)]
    slow = {
        subject: ports.speed[subject] for subject in desks if subject in ports.speed and _is_slow(ports.speed[subject])
    }
    unknown = [subject for subject in desks if subject not in slow and not _is_fast(ports.speed.get(subject))]
    reasons += [
        Reason(Code.BELOW, {**_named(school, subject), "value": speed.low or 0}) for subject, speed in slow.items()
    ]
    reasons += [Reason(Code.SPEED_UNKNOWN, _named(school, subject)) for subject in unknown]
    if not desks:
        return Measured(reasons=tuple(reasons) or (Reason(Code.NO_EVIDENCE, {}),))
    good = len(desks) - len(slow) - len(unknown)
    complete = all(reason is None for reason in silent)
    # With a silent switch any number of slow ports may be hidden, but the slow ones already seen keep it below 100 %.
    low = good * ALL_PPM // len(desks) if complete else 0
    high = (good + len(unknown)) * ALL_PPM // len(desks) if complete else ALL_PPM - bool(slow)
    return Measured((q.DESKTOP_GIGABIT_SHARE.between(low, high),), tuple(reasons))


def _is_slow(speed: Reading) -> bool:
    """Below a gigabit."""
    return speed.high is not None and speed.high < q.GIGABIT


def _is_fast(speed: Reading | None) -> bool:
    """Proved to be a gigabit or more; a speed that is neither slow nor fast is not known."""
    return speed is not None and (speed.low or 0) >= q.GIGABIT


def _is_desk(school: School, subject: str) -> bool:
    """A port of a declared switch that is no end of a declared link."""
    named = _named(school, subject)
    if not named["switch"]:
        return False
    ends = {(end.switch, end.port) for link in school.links for end in (link.one, link.other)}
    return (named["switch"], named["port"]) not in ends


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
    asked = {Service(*service).subject for service in run.report.settings.get("services", [])}
    undecided = round(((total.high or 0) - (total.low or 0)) * len(asked) / ALL_PPM)
    # A service that was declared after the run was not asked: nothing is known of it yet.
    unasked = [subject for subject in inside if subject not in asked]
    missed = [subject for subject in inside if subject in asked and subject not in reached]
    good = len(inside) - len(missed) - len(unasked)
    low = good * ALL_PPM // len(inside)
    high = min(len(inside), good + undecided + len(unasked)) * ALL_PPM // len(inside)
    reasons = [Reason(Code.SERVICE_DOWN, {"service": subject}) for subject in missed]
    return q.METRO_INSIDE_REACHED.between(low, high), reasons + [Reason(Code.NO_EVIDENCE)] * bool(unasked)
