"""Can the probe that a report names have given these readings, and is what it cannot have given ever judged?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.frameworks import Over
from collector.judge import judge
from collector.plausible import CHECKS, is_plausible
from collector.school import Evidence, Place
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.model import LARGEST_COUNTER, SERVER, Failure, Quantity, Reading, Settings
from probes import names
from tests.collector.making import (
    ALL_SERVICES,
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    NEAR,
    NOW,
    OTHER_BOX,
    REACHABLE,
    REPORTED,
    WHOLE,
    answered,
    campus_ports,
    clause,
    connects,
    desk,
    ladder,
    metro,
    part,
    port,
    run,
    school,
    uplinks,
)

NONE: Settings = {}
SPEED = q.DESK_SPEED.reading(GIGABIT, "eth0", {"driver": "igb"})


def plausible(probe: str, *readings: Reading, **about: Any) -> bool:
    """Whether a run of a probe can have given these readings."""
    return is_plausible(run(probe, *readings, **about).report)


def test_every_probe_is_checked() -> None:
    """No probe of this release, nor a measurement server, can send a complete report without what it always gives."""
    assert set(CHECKS) == {*names(), SERVER}


# --- One reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(q.IPV6_GRADE.reading(0), id="of another probe"),
        pytest.param(q.METRO_INSIDE_REACHED.reading(10**6), id="of the judge"),
        pytest.param(q.WAN_SPEED.reading(10**10), id="of no probe"),
        pytest.param(Reading("metro.reached", "%", value=100), id="in another unit"),
        pytest.param(Reading("metro.connect", "us", "a.edu:443", value=-1), id="less than nothing"),
        pytest.param(Reading("metro.connect", "us", "a.edu:443", value="soon"), id="text for a number"),
        pytest.param(Reading("metro.connect", "us", "a.edu:443", value=str(LARGEST_COUNTER)), id="a counter's size"),
        pytest.param(Reading("metro.reached", "ppm", "x", value=10**6), id="a share of one service"),
        pytest.param(Reading("metro.first_hop", "state", "a.edu:443", value="perhaps"), id="a state that there is not"),
        pytest.param(Reading("metro.first_hop", "state", "a.edu:443", value=1), id="a number for a state"),
        pytest.param(Reading("metro.first_hop", "state", "a.edu:443", at_least=1), id="an interval of a state"),
    ],
)
def test_an_odd_reading(reading: Reading) -> None:
    """One reading that the probe cannot have given spoils the report."""
    assert not plausible("metro", *connects(*REACHABLE[1:]), reading, settings=ALL_SERVICES)


@pytest.mark.parametrize("end", ["value", "at_least", "at_most"])
@pytest.mark.parametrize(("ppm", "good"), [(-1, False), (0, True), (10**6, True), (10**6 + 1, False)])
def test_shares(ppm: int, good: bool, end: str) -> None:
    """A share lies between nothing and all, at each of its ends."""
    share = Reading("devices.answered", "ppm", CORE.subject, **{end: ppm})  # type: ignore[arg-type]

    assert plausible("uplinks", share, settings={"switches": [{"host": CORE.host}]}) is good


@pytest.mark.parametrize(
    ("quantity", "value", "good"),
    [
        pytest.param(q.WIFI_SIGNAL, str(LARGEST_COUNTER), False, id="a signal of a counter's size"),
    ],
)
def test_ranges(quantity: Quantity, value: int | str, good: bool) -> None:
    """Each unit has a range of its own; that of signals waits for its probe, which has no name yet."""
    assert plausible(quantity.source, Reading(quantity.name, quantity.unit, value=value)) is good


def test_a_later_quantity() -> None:
    """A quantity that this release does not know decides nothing, and spoils nothing."""
    assert plausible("desk", SPEED, Reading("later.quantity", "x", value="y"))


@pytest.mark.parametrize(
    ("other", "good"),
    [
        pytest.param(q.DESK_DUPLEX.reading("full", "eth0"), True, id="the same again"),
        pytest.param(q.DESK_DUPLEX.reading("full", "eth1"), True, id="another port"),
        pytest.param(q.DESK_DUPLEX.reading("half", "eth0"), False, id="another value"),
        pytest.param(q.DESK_DUPLEX.reading("full", "eth0", {"mtu": 1}), False, id="other facts"),
    ],
)
def test_two_values(other: Reading, good: bool) -> None:
    """One run says one thing of one subject."""
    assert plausible("desk", SPEED, q.DESK_DUPLEX.reading("full", "eth0"), other) is good


# --- One run ----------------------------------------------------------------------------------------------------------

SLOWER = q.DESK_SPEED.reading(10**8, "eth1")


@pytest.mark.parametrize(
    ("readings", "whole", "failed"),
    [
        pytest.param((SPEED,), True, True, id="one speed"),
        pytest.param((SPEED, q.DESK_DUPLEX.reading("full", "eth0")), True, True, id="speed and duplex"),
        pytest.param((), False, True, id="nothing"),
        pytest.param((q.DESK_DUPLEX.reading("full", "eth0"),), False, True, id="duplex alone"),
        pytest.param((SPEED, SLOWER), False, False, id="two ports"),
    ],
)
def test_desk(readings: tuple[Reading, ...], whole: bool, failed: bool) -> None:
    """A desk has one port with one speed; only a run that failed may lack it."""
    found = [plausible("desk", *readings, failure=failure) for failure in (None, Failure.NOT_SUPPORTED)]

    assert found == [whole, failed]


@pytest.mark.parametrize(
    ("readings", "whole", "failed"),
    [
        pytest.param(connects(*REACHABLE), True, True, id="all"),
        pytest.param(connects("a.edu:443"), True, True, id="one of three"),
        pytest.param(connects(), True, True, id="none"),
        pytest.param((q.METRO_REACHED.between(0, 10**6),), True, True, id="all undecided"),
        pytest.param((*connects("b.edu:80")[:1], q.METRO_REACHED.between(333_333, 10**6)), True, True, id="two open"),
        pytest.param((), False, True, id="nothing"),
        pytest.param(connects(*REACHABLE)[:3], False, True, id="connects without a share"),
        pytest.param(connects(*REACHABLE, share=0), False, False, id="0 % and connects"),
        pytest.param(connects(share=10**6), False, False, id="100 % without connects"),
        pytest.param(connects("a.edu:443", share=333_334), False, False, id="rounded up"),
        pytest.param(connects("a.edu:443", "b.edu:80", "own.edu:443"), False, False, id="a service not ordered"),
        pytest.param((q.METRO_REACHED.between(None, 10**6),), False, False, id="a share without a lower end"),
    ],
)
def test_metro(readings: tuple[Reading, ...], whole: bool, failed: bool) -> None:
    """The share is that of the ordered services with a connect time; only a run that failed may lack it."""
    found = [
        plausible("metro", *readings, settings=ALL_SERVICES, failure=failure)
        for failure in (None, Failure.NAME_NOT_FOUND)
    ]
    assert found == [whole, failed]


@pytest.mark.parametrize("settings", [NONE, {"services": []}], ids=["no settings", "no services"])
def test_metro_of_nothing(settings: Settings) -> None:
    """Where no service was ordered there is no share."""
    assert not plausible("metro", q.METRO_REACHED.reading(0), settings=settings)


@pytest.mark.parametrize(
    ("passed", "highest"), [(0, 0), (3, 0), (4, 1), (5, -1), (7, -1), (9, -1), (10, -1)], ids=lambda n: f"{n}"
)
def test_ipv6(passed: int, highest: int) -> None:
    """The grade is the one that follows from the rungs, and none goes with a pass that needs an echo nobody ordered (-1)."""
    assert [plausible("ipv6", *ladder(passed, grade)) for grade in range(5)] == [n == highest for n in range(5)]


@pytest.mark.parametrize(
    ("readings", "whole", "failed"),
    [
        pytest.param(ladder(4, 1), True, True, id="what the rungs give"),
        pytest.param((*ladder(4, 1)[:-1], q.IPV6_GRADE.between(1, 3)), False, False, id="an upper end too high"),
        pytest.param((*ladder(0, 0)[:-1], q.IPV6_GRADE.between(None, 0)), False, False, id="no lower end"),
        pytest.param((*ladder(4, 1)[:-1], q.IPV6_GRADE.between(2, 3)), False, False, id="a lower end too high"),
        pytest.param((*ladder(4, 1)[:-1], q.IPV6_GRADE.between(1, 5)), False, False, id="an upper end beyond all"),
        pytest.param(ladder(4, 1)[:-1], False, True, id="no grade"),
        pytest.param((), False, True, id="nothing"),
        pytest.param((q.IPV6_GRADE.reading(3),), False, False, id="a grade without rungs"),
        pytest.param(ladder(9, 3)[1:], False, False, id="the lowest rung is missing"),
        pytest.param((q.IPV6_GRADE.reading(3, "eth0"),), False, False, id="a grade of something"),
        pytest.param((q.IPV6_GRADE.reading(str(LARGEST_COUNTER)),), False, False, id="a counter for a grade"),
        pytest.param((*ladder(9, 3)[:-1], q.IPV6_GRADE.reading(5)), False, False, id="a grade that there is not"),
        pytest.param((*ladder(9, 3), q.IPV6_RUNG.reading("fail", "L0")), False, False, id="a rung passed and failed"),
    ],
)
def test_ladders(readings: tuple[Reading, ...], whole: bool, failed: bool) -> None:
    """A grade rests on its rungs; only a run that failed may lack it."""
    found = [plausible("ipv6", *readings, failure=failure) for failure in (None, Failure.UNREACHABLE)]

    assert found == [whole, failed]


UP = f"{FAR.subject}/up"


@pytest.mark.parametrize(
    ("readings", "whole", "failed"),
    [
        pytest.param(WHOLE, True, True, id="all switches, all ports"),
        pytest.param((*WHOLE, q.DEVICES_ANSWERED.reading(10**6)), True, True, id="with the share of all"),
        pytest.param(answered(CORE, NEAR, FAR, failure=Failure.TIMED_OUT), True, True, id="none answered"),
        pytest.param((*WHOLE, *port(FAR, "x", None)), True, True, id="up without a speed"),
        pytest.param((*WHOLE, *port(FAR, "x", up=False)), True, True, id="down"),
        pytest.param((), False, True, id="nothing"),
        pytest.param(campus_ports(), False, True, id="no word of the switches"),
        pytest.param(WHOLE[:-1], False, True, id="no word of one switch"),
        pytest.param((q.DEVICES_ANSWERED.reading(10**6),), False, False, id="only the share of all"),
        pytest.param((*WHOLE, *answered(CORE, failure=Failure.TIMED_OUT)), False, False, id="answered and silent"),
        pytest.param((*WHOLE, *port(FAR, "up", up=False)), False, False, id="a port up and down"),
        pytest.param(
            (*WHOLE, q.PORT_SPEED.reading(1, f"{FAR.subject}/x", REPORTED)), False, False, id="a speed without a state"
        ),
        pytest.param(
            (*WHOLE, *port(FAR, "x", up=False), q.PORT_SPEED.reading(1, f"{FAR.subject}/x", REPORTED)),
            False,
            False,
            id="a speed of a port that is down",
        ),
        pytest.param((*WHOLE, q.PORT_SPEED.reading(GIGABIT, UP, REPORTED)), False, False, id="two speeds of a port"),
        pytest.param((*WHOLE, q.PORT_UP.reading("yes", "10.9.9.9:161/ge1")), False, False, id="a stranger's port"),
        pytest.param((*WHOLE, q.PORT_UP.reading("no", "10.0.0.1:1161/ge1")), False, False, id="another SNMP port"),
        pytest.param((*WHOLE, q.PORT_UP.reading("yes", "")), False, False, id="nobody's port"),
        pytest.param((*WHOLE, q.DEVICES_ANSWERED.reading(0, "10.9.9.9:161")), False, False, id="a stranger"),
    ],
)
def test_uplinks(readings: tuple[Reading, ...], whole: bool, failed: bool) -> None:
    """Each ordered switch says whether it answered, ports are theirs, and only a port that is up has a speed."""
    found = [is_plausible(uplinks(*readings, failure=failure).report) for failure in (None, Failure.INTERRUPTED)]

    assert found == [whole, failed]


@pytest.mark.parametrize("switch", [{"host": "fd00::1", "port": 161}, {"host": "fd00::1"}])
def test_uplinks_of_a_switch_at_an_ipv6_address(switch: dict[str, Any]) -> None:
    """A switch is known by the name that the probe gives it."""
    readings = [q.PORT_UP.reading("no", "[fd00::1]:161/ge-0/0/1"), q.DEVICES_ANSWERED.reading(10**6, "[fd00::1]:161")]

    assert plausible("uplinks", *readings, settings={"switches": [switch]})


# --- Never judged -----------------------------------------------------------------------------------------------------

HERE = Place("main/b1/301", "teaching")
DESKS = {"either": (q.DESK_SPEED,), "at_least": GIGABIT}
AT_HERE = {**DESKS, "over": Over.PLACES, "kinds": ("teaching",)}
SHARE = {"either": (q.DESKTOP_GIGABIT_SHARE,), "at_least": 10**6}
BACKBONE = {"either": (q.BACKBONE_MIN,), "at_least": 10 * GIGABIT}
INSIDE_SHARE = {"either": (q.METRO_INSIDE_REACHED,), "at_least": 10**6}
GRADE = {"either": (q.IPV6_GRADE,), "at_least": 3}
BOTH_STATES = (*WHOLE, *port(NEAR, "ge1"), *port(NEAR, "ge1", up=False))
SILENT_SPEED = (*WHOLE, *port(NEAR, "ge1"), q.PORT_SPEED.reading(GIGABIT, f"{NEAR.subject}/ge2", REPORTED))


def verdict(asked: dict[str, Any], stored: list[Evidence]) -> tuple[Status, Code]:
    """What is said of a part, and why."""
    about = school(stored, places=(HERE,), **CAMPUS)
    found = judge(clause(part(**asked)), about, stored, NOW).parts[0]
    return found.status, found.reasons[0].code


@pytest.mark.parametrize(
    ("asked", "one"),
    [
        pytest.param(DESKS, run("desk"), id="an empty desk"),
        pytest.param(AT_HERE, run("desk", SPEED, SLOWER, place=HERE.path), id="a desk with two ports"),
        pytest.param(INSIDE_SHARE, metro(*REACHABLE, share=0), id="metro: 0 % and connects"),
        pytest.param(
            {**INSIDE_SHARE, "either": (q.METRO_REACHED,)}, metro(share=10**6), id="metro: 100 % without connects"
        ),
        pytest.param(GRADE, run("ipv6", *ladder(3, 4)), id="grade 4 with failed rungs"),
        pytest.param(GRADE, run("ipv6", *ladder(9, 3)), id="rungs that this release does not test"),
        pytest.param(GRADE, run("ipv6", q.IPV6_GRADE.reading(str(LARGEST_COUNTER))), id="a grade of 2**64 - 1"),
        pytest.param(
            GRADE, run("ipv6", *ladder(9, 3)[:-1], q.IPV6_GRADE.reading(str(LARGEST_COUNTER))), id="the same on rungs"
        ),
        pytest.param(SHARE, uplinks(*BOTH_STATES), id="a port up and down"),
        pytest.param(SHARE, uplinks(*SILENT_SPEED), id="a speed without a state"),
        pytest.param(BACKBONE, uplinks(*campus_ports()), id="no word of the switches"),
    ],
)
def test_odd_is_never_judged(asked: dict[str, Any], one: Evidence) -> None:
    """A report that no run of the probe can have given shows nothing, however good it looks."""
    assert verdict(asked, [one]) == (Status.NOT_SHOWN, Code.NOT_ORDERED)


@pytest.mark.parametrize(
    ("asked", "one"),
    [
        pytest.param(DESKS, desk(GIGABIT), id="desk"),
        pytest.param(AT_HERE, desk(GIGABIT, place=HERE.path), id="desk at a place"),
        pytest.param(INSIDE_SHARE, metro(*REACHABLE), id="metro"),
        pytest.param({**GRADE, "at_least": 1}, run("ipv6", *ladder(4, 1)), id="ipv6"),
        pytest.param(SHARE, uplinks(*WHOLE, *port(NEAR, "ge1")), id="desktop ports"),
        pytest.param(BACKBONE, uplinks(*WHOLE), id="links"),
    ],
)
def test_what_a_probe_gives_is_judged(asked: dict[str, Any], one: Evidence) -> None:
    """The same parts are met by what a run of the probe gives: the others are not refused for nothing."""
    about = school([one], places=(HERE,), **CAMPUS)

    assert judge(clause(part(**asked)), about, [one], NOW).status is Status.MET


@pytest.mark.parametrize("asked", [DESKS, AT_HERE], ids=["every", "places"])
@pytest.mark.parametrize("agent", ["box-1", OTHER_BOX], ids=["of its own", "of another agent"])
def test_an_empty_report_after_a_bad_one(asked: dict[str, Any], agent: str) -> None:
    """A bad report is not replaced by a complete one without a reading, whoever sends it."""
    later = run("desk", agent=agent, sequence=2 if agent == "box-1" else 1, place=HERE.path)
    stored = [desk(10**8, days_ago=1, place=HERE.path), later]

    assert verdict(asked, stored) == (Status.NOT_MET, Code.BELOW)
