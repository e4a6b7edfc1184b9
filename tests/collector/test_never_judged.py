"""Does a sealed report that answers no order ever turn a clause green, all the way from the wire to the verdict?"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from evidence import quantities as q
from tests.collector.running import Box, Running


def statuses(collector: Running) -> set[str]:
    """Every status that any part of any policy has for the school."""
    tables = collector.person().get(f"/v1/schools/{collector.home}/verdicts").json()
    return {part["status"] for table in tables for clause in table["clauses"] for part in clause["parts"]}


def well(collector: Running, box: Box, **about: Any) -> list[httpx.Response]:
    """Perfect answers to an order of all probes, or what goes for them."""
    scan = collector.order(box)
    readings = {
        "ipv6": [q.IPV6_GRADE.reading(4)],
        "metro": [
            q.METRO_REACHED.reading(10**6),
            *(q.METRO_CONNECT.reading(9, one) for one in ("a.edu:443", "b.edu:80")),
        ],
    }
    return [
        collector.submit(
            box.sealed(box.report(probe, *found, **{"scan": scan.id, "settings": scan.settings_of(probe), **about}))
        )
        for probe, found in readings.items()
    ]


def test_an_ordered_answer_is_judged(collector: Running, box: Box) -> None:
    """The same readings in answer to the order do meet parts: what follows is not true of nothing."""
    well(collector, box)

    assert "met" in statuses(collector)


@pytest.mark.parametrize(
    ("about", "why"),
    [
        pytest.param({"scan": ""}, "nobody ordered it", id="no order"),
        pytest.param({"scan": "0" * 32}, "nobody ordered it", id="an unknown order"),
        pytest.param(
            {"settings": {"lab_prefixes": ["2001:db8::/32"]}}, "it was not run with the settings", id="other settings"
        ),
        pytest.param(
            {"settings": {"services": [["127.0.0.1", 443]], "timeout_s": 3}},
            "it was not run with the settings",
            id="own server",
        ),
    ],
)
def test_never_judged(collector: Running, box: Box, about: dict[str, Any], why: str) -> None:
    """A sealed report that answers no order is kept, shown as A0 with the reason, and meets no part of any policy."""
    answers = [answer.status_code for answer in well(collector, box, **about)]

    assert (answers, "met" in statuses(collector)) == ([201, 201], False)
    assert f"declared (A0), never judged: {why}" in collector.page()


def test_another_agents_order(collector: Running, box: Box) -> None:
    """The order of one agent is not answered by another, even of the same school."""
    other, scan = collector.enrolled(), collector.order(box)
    collector.submit(other.answer(scan, "ipv6", q.IPV6_GRADE.reading(4)))

    assert "met" not in statuses(collector)
    assert "the order was not for this agent" in collector.page()


def test_another_schools_order(collector: Running, box: Box) -> None:
    """The order of one school is not answered in another: to it, nobody ordered anything."""
    two = collector.founded("二中")
    scan = collector.order(collector.enrolled(two), school=two)
    collector.submit(box.answer(scan, "ipv6", q.IPV6_GRADE.reading(4)))

    assert "met" not in statuses(collector)


def test_a_second_answer(collector: Running, box: Box) -> None:
    """A perfect second answer to an order that was answered badly changes nothing."""
    scan = collector.order(box)
    for grade in (0, 4):
        collector.submit(box.answer(scan, "ipv6", q.IPV6_GRADE.reading(grade)))

    assert "met" not in statuses(collector)
    assert "the order had been answered before" in collector.page()


def test_a_probe_that_was_not_ordered(collector: Running, box: Box) -> None:
    """An order of one probe is not answered by another probe."""
    scan = collector.order(box, probes=["desk"])
    collector.submit(box.answer(scan, "ipv6", q.IPV6_GRADE.reading(4)))

    assert "met" not in statuses(collector)
