"""Has every run of the way out a slot of its own, within hours, uplinks and volumes, and is one that has no room refused in words?"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collector.calendar import MINUTE_US
from collector.config import CollectorConfig
from collector.school import Day
from collector.store.rows import Block
from collector.wrong_order import WrongOrder
from evidence.model import Failure
from tests.collector.egress_school import ALLOWED, EVENING_US, TELECOM, Speed, enrolled, order, refused, tickets
from tests.collector.running import HOUR_US, START_US, Box, Running, running


@pytest.fixture
def collector(lined: Running) -> Running:
    """A collector on a school day after school hours, with a school of the test's own that has two lines, and without servers."""
    lined.clock.us = EVENING_US
    return lined


def test_the_slot_is_taken(collector: Running, box: Box, speed: Speed) -> None:
    """While one run has the line the next is refused, with the moment from which on it is free; there it is taken."""
    order(collector, box)
    free_us = EVENING_US + 11 * MINUTE_US
    said = refused(collector, box)
    later = order(collector, box, start_us=free_us)

    assert said.endswith("The next free moment: 2026-09-21T22:41+08:00.")
    assert tickets(collector, later)[0].not_before_unix_us == free_us


def test_the_moment_that_is_named_can_be_typed(collector: Running, box: Box, speed: Speed) -> None:
    """The free moment is written as --start takes it, and is free."""
    order(collector, box)
    named = refused(collector, box).rpartition(" ")[2].rstrip(".")

    assert order(collector, box, start_us=int(datetime.fromisoformat(named).timestamp()) * 1_000_000)


def test_a_slot_ends_with_its_last_session(collector: Running, box: Box, speed: Speed) -> None:
    """The line is free again when the server has signed every session of the order, and not after the first of them."""
    given = order(collector, box, collector.enrolled(), group=True)
    first, last = (ticket.session for ticket in tickets(collector, given))
    collector.clock.us += 2 * MINUTE_US
    said = []
    for session in (first, last):
        said.append(refused(collector, box))
        collector.parts.intake.take(speed.sealed(given, session), compressed=False)

    assert all(words.startswith("Another run over this line") for words in said)
    assert order(collector, box)


def test_a_run_that_failed_frees_its_slot(collector: Running, box: Box, speed: Speed) -> None:
    """Whoever could not measure need not wait for the end of the slot; a failed run of another probe frees nothing."""
    given = order(collector, box)
    (ticket,) = tickets(collector, given)
    collector.clock.us += MINUTE_US
    collector.parts.intake.take(
        box.sealed(box.report("desk", scan=given.id, failure=Failure.REFUSED)), compressed=False
    )
    said = refused(collector, box)
    failed = box.report("egress", scan=given.id, session=ticket.session, failure=Failure.REFUSED)
    collector.parts.intake.take(box.sealed(failed), compressed=False)

    assert said.startswith("Another run over this line")
    assert order(collector, box)


def test_what_was_taken_back_keeps_its_slot(collector: Running, box: Box, speed: Speed) -> None:
    """A ticket is out once it was given: taking the order back frees neither its slot nor its volume."""
    collector.parts.dispatch.cancel(order(collector, box))

    assert refused(collector, box).startswith("Another run over this line is ordered for that time")


def test_other_lines_at_once(collector: Running, box: Box, speed: Speed) -> None:
    """Two lines of a school can be measured in one slot."""
    enrolled(collector, path="metro")
    first, second = order(collector, box, path="internet"), order(collector, box, path="metro")

    assert [tickets(collector, one)[0].line for one in (first, second)] == ["telecom", "metro"]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({}, {}, ""),
        ({}, {"at_least_bit_s": 1_500_000_000}, "The uplink ring of "),
        ({}, {"saturate": True}, "The uplink ring of "),
        ({"saturate": True}, {}, "The uplink ring of "),
    ],
)
def test_a_shared_uplink(
    collector: Running, box: Box, speed: Speed, first: dict[str, Any], second: dict[str, Any], words: str
) -> None:
    """All schools behind one uplink have one budget."""
    shared = replace(TELECOM, shared=f"ring of {collector.home}")
    other = collector.founded("二中")
    for school in (collector.home, other):
        collector.declare(school, lines=(shared,), bureau=ALLOWED)
    neighbour = collector.enrolled(other)
    order(collector, box, **first)

    if words:
        assert refused(collector, neighbour, school=other, **second).startswith(words)
    else:
        assert order(collector, neighbour, school=other, **second)


def test_more_than_an_uplink_carries(collector: Running, box: Box, speed: Speed) -> None:
    """A pace beyond the budget of a shared uplink fits at no time, and it is said what to do."""
    collector.declare(collector.home, lines=(replace(TELECOM, shared="ring-1"),))

    assert refused(collector, box, at_least_bit_s=2_400_000_000).endswith("raise shared_budget_bit_s in config.toml.")


def test_the_volume_of_a_day(collector: Running, box: Box, speed: Speed) -> None:
    """A saturating run takes what is left of the day; after it nothing is, until midnight."""
    order(collector, box)
    scan = order(collector, box, start_us=EVENING_US + 15 * MINUTE_US, saturate=True)
    said = refused(collector, box, start_us=EVENING_US + 40 * MINUTE_US)

    assert tickets(collector, scan)[0].most_octets == 20_000_000_000 - 1_575_000_000
    assert said.endswith("may use on that day (20.0 GB) is booked. The next free moment: 2026-09-22T00:00+08:00.")


def test_more_than_a_day_allows(collector: Running, box: Box, speed: Speed) -> None:
    """What no day has room for is refused at once."""
    boxes = [box, *(collector.enrolled() for _ in range(12))]

    assert refused(collector, *boxes).startswith("This may need 20.5 GB, and a school may use 20.0 GB a day")


@pytest.mark.parametrize(
    ("day", "blocked", "wish", "words"),
    [
        pytest.param(Day("2026-09-21", "2026-09-22", "exam"), None, {}, "On exam days", id="an exam of the school"),
        pytest.param(
            None, Block("2026-09-20", "2026-09-21", "gaokao"), {}, "On exam days", id="an exam of all schools"
        ),
        pytest.param(None, Block("2026-09-23", "2026-09-23", ""), {}, "", id="another day"),
        pytest.param(Day("2026-09-21", "2026-09-21", "holiday"), None, {"saturate": True}, "", id="holidays"),
    ],
)
def test_days(
    collector: Running, box: Box, speed: Speed, day: Day | None, blocked: Block | None, wish: dict[str, Any], words: str
) -> None:
    """Exam days of the school's list and of the operator hold for every run."""
    collector.declare(collector.home, lines=(TELECOM,), bureau=ALLOWED, days=(day,) if day else ())
    if blocked:
        collector.parts.store.servers.block(blocked)

    if words:
        assert refused(collector, box, **wish).startswith(words)
    else:
        assert order(collector, box, **wish)


def test_school_hours(collector: Running, box: Box, speed: Speed) -> None:
    """In school hours a run that fills the line is refused, and a paced one is not."""
    collector.clock.us = START_US - 2 * HOUR_US
    said = refused(collector, box, saturate=True)

    assert said.startswith("In school hours no run may fill the line. The next free moment: 2026-09-21T22:00+08:00;")
    assert order(collector, box)


def test_never(collector: Running, box: Box, speed: Speed) -> None:
    """Where no moment comes, it is said where to look."""
    collector.parts.store.servers.block(Block("2026-01-01", "2030-01-01", ""))

    assert "There is no free moment in the 120 days after that" in refused(collector, box)


def test_a_start_in_the_past(collector: Running, box: Box, speed: Speed) -> None:
    """A slot never begins before the order was given."""
    scan = order(collector, box, start_us=EVENING_US - HOUR_US)

    assert tickets(collector, scan)[0].not_before_unix_us == EVENING_US


def test_two_at_once(collector: Running, box: Box, speed: Speed) -> None:
    """Of two who order in the same moment one gets the slot; the other is told when the next is free."""
    found: list[str] = []
    start = threading.Barrier(2)

    def one() -> None:
        start.wait()
        try:
            found.append(order(collector, box).id)
        except WrongOrder as why:
            found.append(str(why))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [said.startswith("Another run over this line") for said in sorted(found, key=len)] == [False, True]


def test_a_refused_order_leaves_nothing(collector: Running, box: Box, speed: Speed) -> None:
    """What could not have its slot is not in the books."""
    order(collector, box)
    refused(collector, box)

    assert len(collector.parts.store.orders.of_school(collector.home)) == 1


def test_limits_of_the_settings(tmp_path: Path) -> None:
    """The budgets are those of config.toml."""
    with running(tmp_path / "other", shared_budget_bit_s=1, egress_day_octets=2) as up:
        assert (up.parts.dispatch.limits.shared_bit_s, up.parts.dispatch.limits.day_octets) == (1, 2)


@pytest.mark.parametrize("name", ["shared_budget_bit_s", "egress_day_octets"])
def test_no_budget(name: str) -> None:
    """A budget of nothing is no setting."""
    with pytest.raises(ValueError, match=r"whole numbers above 0"):
        CollectorConfig(**dict[str, Any]({name: 0}))
