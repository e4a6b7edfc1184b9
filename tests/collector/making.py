"""Schools, runs and parts of a policy in a few words: what the tests of the judge stand on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from collector.admission import DAY_US
from collector.frameworks import Demand, Grade, Indicator, Over, Part
from collector.school import End, Evidence, Link, School, Service, Switch
from collector.verdict import Code, Measured
from evidence import quantities as q
from evidence.model import Conditions, Facts, Failure, Quantity, Reading, Report, Settings, Unit
from evidence.scan import AskedBy, Scan, Task

NOW = 1_790_000_000_000_000
GIGABIT = q.GIGABIT
CONDITIONS = Conditions("test", 1, 2, 1, 2)
BOX, OTHER_BOX = "box-1", "box-2"
# A figure that no release measures: nothing is known of what a run of its probe can give.
FIGURE = Quantity("test.figure", Unit.PPM, "数", "a figure", source="testing")
RUNGS = 10  # L0 to L9


def run(
    probe: str,
    *readings: Reading,
    agent: str = BOX,
    sequence: int = 1,
    days_ago: float = 0,
    settings: Settings | None = None,
    failure: Failure | None = None,
    place: str = "",
    scan: Scan | None = None,
    session: str = "",
) -> Evidence:
    """One stored report that answers an order of its own, given so many days ago."""
    asked = settings or {}
    order = scan or ordered(probe, asked, agent=agent, days_ago=days_ago, name=f"order-{agent}-{sequence}")
    report = Report(
        agent=agent,
        sequence=sequence,
        previous="" if sequence == 1 else f"id-{agent}-{sequence - 1}",
        probe=probe,
        settings=asked,
        readings=readings,
        conditions=CONDITIONS,
        scan=order.id,
        place=place,
        failure=failure,
        detail="words of the probe" if failure else "",
        session=session,
    )
    return Evidence(f"id-{agent}-{sequence}", report, order.issued_unix_us + 1, order)


def ordered(
    probe: str, settings: Settings, *, agent: str = BOX, days_ago: float = 0, name: str = "order", school: str = "s"
) -> Scan:
    """An order of one probe to one agent."""
    issued_us = NOW - round(days_ago * DAY_US)
    return Scan(name, school, (agent,), (Task(probe, settings),), issued_us, issued_us + DAY_US, AskedBy.CLOCK)


def school(stored: Iterable[Evidence] = (), **about: Any) -> School:
    """A school of which exactly this evidence was acknowledged."""
    held: dict[str, int] = {}
    for one in stored:
        held[one.report.agent] = max(one.report.sequence, held.get(one.report.agent, 0))
    return School(**{"id": "s", "name": "一中", "held": held, "services": INSIDE, **about})


def part(**about: Any) -> Part:
    """A machine's part: the tests' own figure, of the latest run, within a week, at A1."""
    usual: dict[str, Any] = {"id": "p", "asks": "要求", "asks_en": "asks", "either": (FIGURE,)}
    usual |= {"written": "as written", "over": Over.EVERY, "within_days": 7, "grade": Grade.A1}
    return Part(**usual | about)


def persons(**about: Any) -> Part:
    """A part that only a person settles."""
    return Part(**{"asks": "看", "asks_en": "look", "by_a_person": "看", "by_a_person_en": "look", **about})


def clause(*parts: Part) -> Indicator:
    """An indicator of these parts."""
    words: dict[str, Any] = dict.fromkeys(("clause", "clause_en", "group", "group_en", "asks", "asks_en"), "1")
    return Indicator(id="1", demand=Demand.MUST, parts=parts, **words)


def reached(ppm: int, **about: Any) -> Evidence:
    """A run of the tests' own probe that reached so much."""
    return run("testing", FIGURE.reading(ppm), **about)


def desk(bit_s: int, driver: str = "igb", **about: Any) -> Evidence:
    """A run of the probe desk at a port with this driver."""
    facts: Facts = {"driver": driver} if driver else {}
    return run("desk", q.DESK_SPEED.reading(bit_s, "eth0", facts), **about)


def ladder(passed: int, grade: int) -> tuple[Reading, ...]:
    """What the probe ipv6 says where so many rungs pass, from L0 on, and the others fail; with this grade."""
    states = ["pass"] * passed + ["fail"] * (RUNGS - passed)
    rungs = tuple(q.IPV6_RUNG.reading(state, f"L{number}") for number, state in enumerate(states))
    return (*rungs, q.IPV6_GRADE.reading(grade))


# --- A campus of three switches: core in building 1, acc-1 beside it, acc-2 in building 2 --------------------------------

CORE, NEAR, FAR = (
    Switch("core", "10.0.0.1", place="main/b1/1", core=True),
    Switch("acc-1", "10.0.0.2", place="main/b1/2"),
    Switch("acc-2", "10.0.0.3", place="main/b2/1"),
)
TO_NEAR = Link(End("core", "ge1"), End("acc-1", "up"))
TO_FAR = Link(End("core", "ge2"), End("acc-2", "up"))
CAMPUS: dict[str, Any] = {"switches": (CORE, NEAR, FAR), "links": (TO_NEAR, TO_FAR)}
INSIDE = (Service("a.edu", 443, True), Service("b.edu", 80, True), Service("out.edu", 443))
ALL_SWITCHES: Settings = {"switches": [{"host": one.host, "port": one.port} for one in (CORE, NEAR, FAR)]}
ALL_SERVICES: Settings = {"services": [[one.host, one.port] for one in INSIDE]}


REPORTED: Facts = {"status": "reported"}


def port(
    switch: Switch,
    name: str,
    bit_s: int | None = GIGABIT,
    up: bool = True,
    status: str = "reported",
    **facts: int | str,
) -> tuple[Reading, ...]:
    """What the probe uplinks says of one port; no speed where `bit_s` is None or the port is down; `facts` of its state."""
    subject = f"{switch.subject}/{name}"
    state = q.PORT_UP.reading("yes" if up else "no", subject, dict(facts))
    rate: Facts = {"status": status, "kind": facts.get("kind", "physical")}
    return (state, q.PORT_SPEED.reading(bit_s, subject, rate)) if up and bit_s is not None else (state,)


def lag(switch: Switch, name: str, **members: int | None) -> tuple[Reading, ...]:
    """What the probe uplinks says of an aggregate with these members at these speeds; one at None is down."""
    up = [speed for speed in members.values() if speed is not None]
    subject = f"{switch.subject}/{name}"
    facts: Facts = {"status": "reported", "kind": "lag", "members": ",".join(members), "members_up": len(up)}
    facts |= {"sum_bit_s": sum(up), "largest_bit_s": max(up)}
    ports = [port(switch, one, speed, speed is not None, lag=name) for one, speed in members.items()]
    whole = (q.PORT_UP.reading("yes", subject, {"kind": "lag"}), q.PORT_SPEED.reading(sum(up), subject, facts))
    return (*whole, *(reading for readings in ports for reading in readings))


def joins(
    one: str, other: str, bit_s: int | None = 10 * GIGABIT, confirmed: str = "both", **facts: int | str
) -> Reading:
    """A link that the probe uplinks found between two ports, named `host:port/ifName`; without a speed at most 10 Gbit/s."""
    about: Facts = {"confirmed": confirmed, "peer": other, "status": "reported", **facts}
    if bit_s is None:
        return q.LINK_SPEED.between(None, 10 * GIGABIT, one, about)
    return q.LINK_SPEED.reading(bit_s, one, about)


def answered(*switches: Switch, failure: Failure | None = None) -> tuple[Reading, ...]:
    """What the probe uplinks says of how completely switches answered."""
    facts: Facts = {"failure": failure.value, "detail": "no answer"} if failure else {}
    return tuple(q.DEVICES_ANSWERED.reading(0 if failure else 1_000_000, one.subject, facts) for one in switches)


ENDS = {"core_ge1": (CORE, "ge1"), "acc1_up": (NEAR, "up"), "core_ge2": (CORE, "ge2"), "acc2_up": (FAR, "up")}


def campus_ports(**slower: int | None) -> tuple[Reading, ...]:
    """All four ends of both links at 10 Gbit/s, but those named by switch and port."""
    found = [port(switch, name, slower.get(end, 10 * GIGABIT)) for end, (switch, name) in ENDS.items()]
    return tuple(reading for readings in found for reading in readings)


def campus_links(confirmed: str = "both", **slower: int | None) -> tuple[Reading, ...]:
    """Both links as each end names the other, as fast as the slower end; ends named by switch and port."""
    subjects = {end: f"{switch.subject}/{name}" for end, (switch, name) in ENDS.items()}
    speeds = {end: slower.get(end, 10 * GIGABIT) for end in ENDS}
    pairs = (("core_ge1", "acc1_up"), ("core_ge2", "acc2_up"))
    return tuple(
        joins(subjects[one], subjects[other], _slower(speeds[one], speeds[other]), confirmed) for one, other in pairs
    )


def _slower(one: int | None, other: int | None) -> int | None:
    """The lower of two speeds; nothing where one is not known."""
    return None if one is None or other is None else min(one, other)


def uplinks(*readings: Reading, **about: Any) -> Evidence:
    """A run of the probe uplinks that was to ask all three switches."""
    return run("uplinks", *readings, **{"settings": ALL_SWITCHES, **about})


def connects(*accepted: str, share: int | None = None) -> tuple[Reading, ...]:
    """What the probe metro says where these of the three services accept; with another share if one is given."""
    total = len(accepted) * 1_000_000 // len(INSIDE) if share is None else share
    return (*(q.METRO_CONNECT.reading(900, one) for one in accepted), q.METRO_REACHED.reading(total))


def metro(*accepted: str, share: int | None = None, **about: Any) -> Evidence:
    """A run of the probe metro that was to ask all three services."""
    return run("metro", *connects(*accepted, share=share), **{"settings": ALL_SERVICES, **about})


# What a campus and a network without fault give.
LINKS = campus_links()
WHOLE = (*campus_ports(), *LINKS, *answered(CORE, NEAR, FAR))
REACHABLE = tuple(one.subject for one in INSIDE)


def ends(measured: Measured) -> list[tuple[int | None, int | None]]:
    """The intervals that were computed."""
    return [(reading.low, reading.high) for reading in measured.readings]


def codes(measured: Measured) -> list[Code]:
    """What is said against it."""
    return [reason.code for reason in measured.reasons]
