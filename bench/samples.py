"""What are the benches run on? Reports and schools of a given size, made here, the same at every run."""

from __future__ import annotations

from collector.school import End, Evidence, Link, Place, School, Service, Switch
from evidence import quantities as q
from evidence.model import Conditions, Reading, Report
from evidence.scan import AskedBy, Scan, Task

AGENT = "a" * 64
NOW_US = 1_800_000_000_000_000
HOUR_US = 3_600_000_000


def a_report(readings: int) -> Report:
    """A report of the probe `uplinks` with so many readings."""
    found = tuple(
        q.PORT_SPEED.reading(10**9, f"10.0.0.1:161/ge{number}", {"if_index": number}) for number in range(readings)
    )
    return _report(1, "uplinks", found)


def _report(
    sequence: int, probe: str, readings: tuple[Reading, ...], settings: dict[str, object] | None = None
) -> Report:
    """A report at one place of the chain."""
    conditions = Conditions("bench", NOW_US, NOW_US, 0, 0)
    previous = "" if sequence == 1 else "b" * 64
    return Report(AGENT, sequence, previous, probe, settings or {}, readings, conditions, scan="scan")


def a_school_of(switches: int, ports: int) -> tuple[School, list[Evidence], int]:
    """A school whose switches hang on one core, all its reports, and the moment to judge at."""
    listed = [
        Switch(f"s{number}", f"10.0.{number}.1", place=f"main/b{number}/1", core=number == 0)
        for number in range(switches)
    ]
    links = tuple(Link(End("s0", f"ge{number}"), End(f"s{number}", "ge0")) for number in range(1, switches))
    places = tuple(Place(switch.place, "teaching") for switch in listed)
    school = School(
        "bench", "bench", places=places, switches=tuple(listed), links=links,
        services=(Service("10.9.9.9", 80, inside=True),), held={AGENT: 4},
    )  # fmt: skip
    found: list[Reading] = []
    for switch in listed:
        found.append(q.DEVICES_ANSWERED.reading(1_000_000, switch.subject))
        for number in range(max(ports, switches) if switch.core else ports):
            subject = f"{switch.subject}/ge{number}"
            found += [q.PORT_UP.reading("yes", subject), q.PORT_SPEED.reading(10**10, subject, {"status": "reported"})]
    subjects = {one.name: one.subject for one in listed}
    for link in links:
        here, there = (f"{subjects[end.switch]}/{end.port}" for end in (link.one, link.other))
        found.append(q.LINK_SPEED.reading(10**10, here, {"confirmed": "both", "peer": there, "status": "reported"}))
    services: dict[str, object] = {"services": [["10.9.9.9", 80]]}
    reached = (q.METRO_CONNECT.reading(900, "10.9.9.9:80"), q.METRO_REACHED.reading(1_000_000))
    reports = [
        _report(1, "desk", (q.DESK_SPEED.reading(10**9, "eth0", {"driver": "igb"}),)),
        _report(
            2, "ipv6", (*(q.IPV6_RUNG.reading("pass", f"L{rung}") for rung in range(4)), q.IPV6_GRADE.between(1, 3))
        ),
        _report(3, "metro", reached, services),
        _report(4, "uplinks", tuple(found), {"switches": [{"host": one.host, "port": one.port} for one in listed]}),
    ]
    tasks = tuple(Task(report.probe, report.settings) for report in reports)
    scan = Scan("scan", "bench", (AGENT,), tasks, NOW_US - HOUR_US, NOW_US + HOUR_US, AskedBy.CLOCK)
    return school, [Evidence(f"{report.sequence:064}", report, NOW_US, scan) for report in reports], NOW_US
