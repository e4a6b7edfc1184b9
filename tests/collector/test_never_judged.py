"""Does a sealed report that answers no order ever turn a clause green, all the way from the wire to the verdict?"""

from __future__ import annotations

from html import unescape
from typing import Any

import httpx
import pytest

from evidence import quantities as q
from tests.collector.making import REACHABLE, connects, ladder
from tests.collector.running import HOUR_US, Box, Running


def statuses(collector: Running) -> set[str]:
    """Every status that any part of any policy has for the school."""
    tables = collector.person().get(f"/v1/schools/{collector.home}/verdicts").json()
    return {part["status"] for table in tables for clause in table["clauses"] for part in clause["parts"]}


def well(collector: Running, box: Box, **about: Any) -> list[httpx.Response]:
    """Perfect answers to an order of all probes, or what goes for them."""
    scan = about.pop("order", None) or collector.order(box)
    readings = {"ipv6": ladder(4, 1), "metro": connects(*REACHABLE)}
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
        pytest.param({"place": "main/b1/1"}, "it names another place than the agent's", id="a claimed place"),
        pytest.param(
            {"readings": (q.IPV6_GRADE.reading(4), *connects(*REACHABLE, share=0))},
            "no run of this probe gives these readings",
            id="readings that no run gives",
        ),
        pytest.param({"readings": ()}, "no run of this probe gives these readings", id="no readings"),
    ],
)
def test_never_judged(collector: Running, box: Box, about: dict[str, Any], why: str) -> None:
    """A sealed report that answers no order is kept, shown as A0 with the reason, and meets no part of any policy."""
    answers = [answer.status_code for answer in well(collector, box, **about)]

    assert (answers, "met" in statuses(collector)) == ([201, 201], False)
    assert f"declared (A0), never judged: {why}" in unescape(collector.page())


def test_another_agents_order(collector: Running, box: Box) -> None:
    """The order of one agent is not answered by another, even of the same school."""
    other, scan = collector.enrolled(), collector.order(box)
    collector.submit(other.answer(scan, "metro", *connects(*REACHABLE)))

    assert "met" not in statuses(collector)
    assert "the order was not for this agent" in unescape(collector.page())


def test_another_schools_order(collector: Running, box: Box) -> None:
    """The order of one school is not answered in another: to it, nobody ordered anything."""
    two = collector.founded("二中")
    scan = collector.order(collector.enrolled(two), school=two)
    collector.submit(box.answer(scan, "metro", *connects(*REACHABLE)))

    assert "met" not in statuses(collector)


def test_a_second_answer(collector: Running, box: Box) -> None:
    """A perfect second answer to an order that was answered badly changes nothing."""
    scan = collector.order(box)
    for found in (connects(), connects(*REACHABLE)):
        collector.submit(box.answer(scan, "metro", *found))

    assert "met" not in statuses(collector)
    assert "the order had been answered before" in unescape(collector.page())


def test_a_probe_that_was_not_ordered(collector: Running, box: Box) -> None:
    """An order of one probe is not answered by another probe."""
    scan = collector.order(box, probes=["desk"])
    collector.submit(box.answer(scan, "metro", *connects(*REACHABLE)))

    assert "met" not in statuses(collector)


def test_an_answer_before_the_start(collector: Running, box: Box) -> None:
    """Perfect answers from before the moment for which they were ordered meet nothing."""
    well(collector, box, order=collector.order(box, start_us=collector.clock.us + HOUR_US))

    assert "met" not in statuses(collector)
    assert "it came before the order's start time" in unescape(collector.page())


@pytest.mark.parametrize(("hours", "met"), [(23, True), (25, False)], ids=["open", "expired"])
@pytest.mark.parametrize("again", [False, True], ids=["the only one", "another is open"])
def test_an_order_that_was_not_answered(collector: Running, box: Box, hours: int, met: bool, again: bool) -> None:
    """A box that lets an order expire does not keep what it showed before, even while a newer order is open."""
    well(collector, box)
    collector.clock.us += HOUR_US
    collector.order(box)
    collector.clock.us += hours * HOUR_US
    if again:
        collector.order(box)

    assert ("met" in statuses(collector)) is met


def test_an_agent_that_never_answers(collector: Running, box: Box) -> None:
    """A second box that never answers its order keeps the first one's good answer from standing for both."""
    well(collector, box)
    collector.order(collector.enrolled())
    collector.clock.us += 25 * HOUR_US

    assert "met" not in statuses(collector)


def test_a_revoked_agent(collector: Running, box: Box) -> None:
    """What an agent showed is not judged any more once its key is revoked."""
    well(collector, box)
    collector.parts.store.schools.revoke(box.id)

    assert "met" not in statuses(collector)
    assert "not judged any more: the agent was revoked" in unescape(collector.page())


def test_an_order_of_the_future(collector: Running, box: Box) -> None:
    """Where the collector's clock was ahead and is put right, what was ordered then is not judged yet."""
    collector.clock.us += 400 * 24 * HOUR_US
    well(collector, box)
    collector.clock.us -= 400 * 24 * HOUR_US

    assert "met" not in statuses(collector)
