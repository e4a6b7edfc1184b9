"""Is an agent of the operator's outside heard for every school, of what is seen from outside, and of nothing else?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.admission import Standing, standings
from collector.school import Site
from collector.wrong_order import WrongOrder
from evidence.model import Failure
from evidence.scan import Scan
from evidence.wire import VANTAGE
from tests.collector.running import Box, Running, running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A collector of this module's own: a vantage is every school's."""
    with running(tmp_path_factory.mktemp("vantages")) as up:
        yield up


@pytest.fixture
def collector(served: Running) -> Running:
    """The same with a school whose list names a site."""
    served.home = served.founded()
    served.declare(served.home, sites=(Site("www.a.example"),))
    return served


@pytest.fixture
def vantage(collector: Running) -> Iterator[Box]:
    """An enrolled vantage, revoked when the test is over."""
    found = collector.vantage()
    yield found
    collector.parts.store.schools.revoke(found.id)


def held_of(collector: Running, school: str) -> list[str]:
    """Who signed what is held for a school."""
    return [one.report.agent for one in collector.parts.store.ledger.of_school(school)]


def looked(collector: Running, *agents: Box, school: str = "") -> Scan:
    """An order to look at a school's site."""
    return collector.order(*agents, school=school, probes=["site"])


def test_enrolled(collector: Running, vantage: Box) -> None:
    """A vantage belongs to no school, and every school knows it by its name."""
    other = collector.vantage("mobile-1")
    row = collector.parts.store.schools.agent(other.id)

    assert row is not None
    assert (row.school, row.place) == (VANTAGE, "mobile-1")
    assert dict(collector.school().vantages) == {vantage.id: "telecom-1", other.id: "mobile-1"}
    collector.parts.store.schools.revoke(other.id)


def test_of_no_school(collector: Running, vantage: Box) -> None:
    """Where vantages are kept is no school: it is not listed, has no page, and no box of a school is one of its."""
    schools = collector.parts.store.schools

    assert (schools.get(VANTAGE), VANTAGE in {one.id for one in schools.all()}) == (None, False)
    assert vantage.id not in collector.school().held
    assert collector.person().get(f"/schools/{VANTAGE}").status_code == 404


def test_an_order(collector: Running, vantage: Box) -> None:
    """A vantage hears of an order for any school, and a box of that school does not."""
    box = collector.enrolled()
    scan = looked(collector)
    heard = [collector.http.get("/v1/scans?wait_s=0", headers=one.channel).json()["entries"] for one in (vantage, box)]

    assert (scan.school, scan.agents, [len(entries) for entries in heard]) == (collector.home, (vantage.id,), [1, 0])


def test_its_report_is_the_schools(collector: Running, vantage: Box) -> None:
    """What a vantage answers belongs to the school of the order, one chain over all of them, and may be judged."""
    other = collector.founded("二中")
    collector.declare(other, sites=(Site("www.b.example"),))
    taken = []
    for school in (collector.home, other):
        answer = vantage.answer(looked(collector, school=school), "site", failure=Failure.UNREACHABLE)
        taken.append(collector.submit(answer).status_code)
    found = [
        standings(collector.school(school), collector.parts.store.ledger.of_school(school)).of[0][1]
        for school in (collector.home, other)
    ]

    assert (taken, found) == ([201, 201], [Standing.ADMITTED] * 2)
    assert [held_of(collector, school) for school in (collector.home, other)] == [[vantage.id], [vantage.id]]


@pytest.mark.parametrize("case", ["no order", "an unknown order", "an order of another vantage"])
def test_a_report_that_nobody_ordered(collector: Running, vantage: Box, case: str) -> None:
    """A vantage's report of its own accord is no school's, and shows nothing of any."""
    other = collector.vantage("mobile-1")
    named = {"no order": "", "an unknown order": "ff" * 16}.get(case) or looked(collector, other).id
    sent = vantage.sealed(vantage.report("site", scan="" if case == "no order" else named, failure=Failure.UNREACHABLE))
    collector.parts.store.schools.revoke(other.id)

    assert collector.submit(sent).status_code == 201
    assert (held_of(collector, collector.home), vantage.id in held_of(collector, VANTAGE)) == ([], True)


def test_another_probe(collector: Running, vantage: Box) -> None:
    """A vantage that says, under an order to look at the site, what is inside, is not believed."""
    scan = looked(collector)
    collector.submit(vantage.sealed(vantage.report("desk", scan=scan.id)))
    stored = collector.parts.store.ledger.of_school(collector.home)

    assert [standing for _, standing in standings(collector.school(), stored).of] == [Standing.NOT_ORDERED]


def test_a_box_in_its_place(collector: Running, vantage: Box) -> None:
    """A box of the school that answers in the vantage's place is not believed: from inside the site is always there."""
    box, scan = collector.enrolled(), looked(collector)
    collector.submit(box.answer(scan, "site", failure=Failure.UNREACHABLE))
    stored = collector.parts.store.ledger.of_school(collector.home)

    assert [standing for _, standing in standings(collector.school(), stored).of] == [Standing.NOT_THIS_AGENT]


def test_progress(collector: Running, vantage: Box) -> None:
    """How far a vantage is stands with the order on the school's page."""
    scan = looked(collector)
    body = b'{"probe":"site","state":"running"}'
    told = collector.http.post(f"/v1/scans/{scan.id}/progress", content=body, headers=vantage.channel)
    row = collector.parts.store.orders.get(scan.id)

    assert (told.status_code, row is not None and row.progress[vantage.id, "site"].state) == (204, "running")
    assert vantage.id[:8] in collector.page()


def test_a_box_is_no_vantage(collector: Running, vantage: Box) -> None:
    """A box of the school cannot be ordered to look from outside."""
    with pytest.raises(WrongOrder, match="is no vantage of the operator's"):
        looked(collector, collector.enrolled())


def test_a_vantage_is_no_box(collector: Running, vantage: Box) -> None:
    """A vantage cannot be ordered to measure inside, nor is it among all of the school's agents."""
    box = collector.enrolled()
    with pytest.raises(WrongOrder, match="一中 has no agent"):
        collector.order(vantage, probes=["desk"])

    assert collector.order(probes=["desk"]).agents == (box.id,)


def test_a_revoked_vantage(collector: Running, vantage: Box) -> None:
    """A vantage that is revoked is asked no more, and nothing of it is taken."""
    answer = vantage.answer(looked(collector), "site", failure=Failure.UNREACHABLE)
    collector.parts.store.schools.revoke(vantage.id)

    assert collector.submit(answer).json()["code"] == "key_revoked"
    with pytest.raises(WrongOrder, match="No vantage is enrolled yet"):
        looked(collector)


def test_by_name_only(collector: Running, vantage: Box) -> None:
    """An order of everything is one of what runs inside."""
    collector.enrolled()

    assert {"site", "inbound"} & {task.probe for task in collector.order().tasks} == set()


def test_nothing_to_knock_at(collector: Running, vantage: Box) -> None:
    """Where no box has shown an address nothing is ordered, not even the look at the site beside it."""
    before = len(collector.parts.store.orders.of_school(collector.home))
    with pytest.raises(WrongOrder, match="order the probe ipv6 first"):
        collector.order(probes=["site", "inbound"])

    assert len(collector.parts.store.orders.of_school(collector.home)) == before
