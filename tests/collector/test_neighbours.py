"""Are neighbours outside the list, and switches asked in the clear, shown with what to do, and do they change no verdict by themselves?"""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from collector.changes import changes
from collector.neighbours import hints
from collector.school import Day, End, Line, Link, Other, Place, School, Service, Setting, Site, Switch
from collector.seen import seen_in
from collector.verdict import Code
from evidence import quantities as q
from evidence.model import Reading
from evidence.scan import AskedBy
from tests.collector.making import CAMPUS, CORE, NEAR, WHOLE, joins, port, school, uplinks
from tests.collector.running import Box, Running

HUB = (*port(NEAR, "ge9"), joins(f"{NEAR.subject}/ge9", "", 10**9, "one", neighbour="hub-7", device="switch"))


def asked_in(snmp: str) -> tuple[Reading, ...]:
    """The campus with the core asked in this version of SNMP."""
    told = q.DEVICES_ANSWERED.reading(10**6, CORE.subject, {"snmp": snmp} if snmp else {})
    return (*(one for one in WHOLE if (one.quantity, one.subject) != (told.quantity, told.subject)), told)


@pytest.mark.parametrize(("snmp", "said"), [("1", True), ("2c", True), ("3", False), ("", False)])
def test_in_the_clear(snmp: str, said: bool) -> None:
    """A switch that is asked with a community is named with the version; one that is asked by v3, or silent, is not."""
    found = hints(school(**CAMPUS), seen_in([uplinks(*asked_in(snmp))]))

    assert [(one.code, one.about["snmp"]) for one in found] == [(Code.IN_THE_CLEAR, snmp)] * said


@pytest.mark.parametrize(
    ("wans", "ports"),
    [
        pytest.param(("ge24",), [], id="a port that is there"),
        pytest.param(("ge24", "ge42"), ["ge42"], id="a slip of the pen beside it"),
        pytest.param(("ge42",), ["ge42"], id="a slip of the pen alone"),
    ],
)
def test_a_misnamed_way_out(wans: tuple[str, ...], ports: list[str]) -> None:
    """A port to the outside that its switch does not have is named, also where another one is good enough for every clause."""
    campus = school(**CAMPUS, wans=tuple(End("core", name) for name in wans))
    found = hints(campus, seen_in([uplinks(*WHOLE, *port(CORE, "ge24"))]))

    assert [(one.code, one.about["port"]) for one in found] == [(Code.PORT_UNKNOWN, name) for name in ports]


def test_a_way_out_of_a_silent_switch() -> None:
    """Of a switch that did not answer nobody knows which ports it has."""
    assert hints(school(**CAMPUS, wans=(End("core", "ge42"),)), seen_in([])) == []


@pytest.fixture
def told(collector: Running, box: Box) -> Running:
    """A collector to which an agent told of a neighbour outside the list and of a switch asked by v2c."""
    scan = collector.order(box)
    assert collector.submit(box.answer(scan, "uplinks", *asked_in("2c"), *HUB)).status_code == 201
    return collector


def test_hints_as_json(told: Running) -> None:
    """A program reads which neighbour stands where, and what to do."""
    rows = told.person().get(f"/v1/schools/{told.home}/neighbours", params={"language": "en"}).json()

    assert [(row["code"], row["switch"], row["neighbour"]) for row in rows] == [
        ("undiscovered", "acc-1", "hub-7"),
        ("in_the_clear", "core", ""),
    ]
    assert "other,hub-7" in rows[0]["step"]


def test_hints_on_the_page(told: Running) -> None:
    """A person reads the same on the school's page."""
    page = unescape(told.page())

    assert "acc-1: port ge9 leads to hub-7, which is not in the school's list." in page
    assert "core is asked by SNMP v2c: its community travels in the clear." in page


def test_no_hint(collector: Running, box: Box) -> None:
    """Where nothing is to be said there is no heading for it."""
    assert 'id="neighbours"' not in collector.page()


def test_a_hint_changes_no_verdict(collector: Running, box: Box) -> None:
    """Asked in the clear or not, the verdicts are the same to the last word."""
    found = []
    for snmp in ("2c", "3"):
        collector.submit(box.answer(collector.order(box), "uplinks", *asked_in(snmp)))
        policies = collector.person().get(f"/v1/schools/{collector.home}/verdicts").json()
        parts = [part for policy in policies for clause in policy["clauses"] for part in clause["parts"]]
        found.append([(part["status"], part["shown"], part["why"], part["notes"]) for part in parts])

    assert found[0] == found[1]


def test_the_button_for_volumes(collector: Running, box: Box) -> None:
    """A person orders volumes across the links by a button of their own."""
    collector.person().post(f"/schools/{collector.home}/scans", data={"probe": "stimulus"})
    (row,) = collector.parts.store.orders.of_school(collector.home)

    assert ([task.probe for task in row.scan.tasks], row.scan.asked_by) == (["stimulus"], AskedBy.EVALUATOR)


def test_notes_are_shown(collector: Running, box: Box) -> None:
    """What was left out stands beside the verdict, met or not."""
    role = q.PORT_ROLE.reading("ap", f"{NEAR.subject}/ge9", {"device": "ap", "announced": "ap"})
    collector.submit(box.answer(collector.order(box), "uplinks", *WHOLE, *port(NEAR, "ge9"), *port(NEAR, "ge8"), role))

    assert "Left out as no desktops: 1 ports of access points" in collector.page()


# --- What a new list changes ---------------------------------------------------------------------------------------------

OLD = School(
    "s",
    "一中",
    bureau={"larger": Setting("yes", "2026-09-01")},
    attributes={"boarding": Setting("no", "2026-09-01")},
    places=(Place("main/b1/1", "office"), Place("main/b1/2", "teaching", True)),
    switches=(CORE, NEAR),
    links=(Link(End("core", "ge1"), End("acc-1", "up")),),
    wans=(End("core", "ge9"),),
    approved=("hub",),
    others=(Other("esxi", "a hypervisor"),),
    services=(Service("a.edu", 443, True), Service("b.edu", 80)),
    routers=("fe80::1",),
    sites=(Site("www.a.example"),),
)


def changed(**about: Any) -> list[str]:
    """What is shown of a list that differs so."""
    before = {name: getattr(OLD, name) for name in OLD.__slots__ if name != "bureau"}
    return [str(change) for change in changes(OLD, School(**{"bureau": OLD.bureau, **before, **about}))]


@pytest.mark.parametrize(
    ("about", "lines"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"bureau": {"larger": Setting("no", "2026-09-02")}},
            ["~ bureau larger: yes since 2026-09-01 -> no since 2026-09-02"],
            id="a setting",
        ),
        pytest.param({"attributes": {}}, ["- attribute boarding no since 2026-09-01"], id="an attribute is gone"),
        pytest.param(
            {"lines": (Line("telecom", ("203.0.113.0/28",), "internet", "ring"),)},
            ["+ line telecom internet 203.0.113.0/28 shared ring"],
            id="a line",
        ),
        pytest.param(
            {"days": (Day("2026-06-07", "2026-06-09", "exam"), Day("2026-10-10", "2026-10-10", "school"))},
            ["+ day 2026-06-07 exam to 2026-06-09", "+ day 2026-10-10 school"],
            id="days",
        ),
        pytest.param({"places": OLD.places[:1]}, ["- place main/b1/2 teaching main"], id="a place is gone"),
        pytest.param(
            {"switches": (CORE, Switch("acc-1", "10.0.0.9"))},
            ["~ switch acc-1: 10.0.0.2:161 main/b1/2 -> 10.0.0.9:161"],
            id="a switch moved",
        ),
        pytest.param({"links": (Link(End("acc-1", "up"), End("core", "ge1")),)}, [], id="a link the other way round"),
        pytest.param(
            {"links": (Link(End("core", "ge2"), End("acc-1", "up")),)},
            ["- link acc-1 up - core ge1", "+ link acc-1 up - core ge2"],
            id="a link at another port",
        ),
        pytest.param({"wans": ()}, ["- wan core ge9"], id="no port to the outside"),
        pytest.param({"approved": ("hub", "hub-2")}, ["+ approve hub-2"], id="one more to ask"),
        pytest.param({"others": (Other("esxi"),)}, ["~ other esxi: a hypervisor -> nothing"], id="a note is gone"),
        pytest.param(
            {"services": (Service("a.edu", 443),)},
            ["- metro b.edu:80", "~ metro a.edu:443: inside -> nothing"],
            id="services",
        ),
        pytest.param(
            {"routers": ("00:25:9e:00:00:01",)},
            ["- router fe80::1", "+ router 00:25:9e:00:00:01"],
            id="another router",
        ),
        pytest.param({"routers": (), "sites": ()}, ["- router fe80::1", "- site www.a.example port 443"], id="no IPv6"),
        pytest.param(
            {"sites": (Site("www.a.example", 8443), Site("b.example"))},
            ["~ site www.a.example: port 443 -> port 8443", "+ site b.example port 443"],
            id="sites",
        ),
    ],
)
def test_changes(about: dict[str, Any], lines: list[str]) -> None:
    """Every row that is gone, differs or is new is shown as a person reads it, and nothing else."""
    assert changed(**about) == lines
