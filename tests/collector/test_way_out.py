"""Does every order of the way out have its slot, its tickets and nobody else's, and is one that has no room refused in words?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collector.calendar import MINUTE_US
from collector.config import CollectorConfig
from collector.egress_orders import Wish
from collector.people import Role
from collector.school import Day, Line
from collector.store.rows import Block
from collector.way_out import TOGETHER_US
from collector.wrong_order import WrongOrder
from evidence.scan import AskedBy, Scan
from evidence.seal import SCAN, open_sealed
from evidence.stream import Direction, Ticket
from tests.collector.egress_school import ALLOWED, METRO, TELECOM, Speed, enrolled, tickets
from tests.collector.running import HOUR_US, START_US, Box, Running, running

EVENING_US = 1_790_001_000_000_000  # Monday, 2026-09-21, 22:30 in China
SLOT_US = 632_000_000


@pytest.fixture
def collector(served: Running) -> Iterator[Running]:
    """A collector on a school day after school hours, with a school of the test's own that has two lines, and without servers."""
    served.clock.us = EVENING_US
    served.home = served.founded()
    served.declare(served.home, lines=(TELECOM, METRO), bureau=ALLOWED)
    yield served
    servers = served.parts.store.servers
    for server in servers.all().values():
        if not server.revoked:
            servers.revoke(server.name)
    for block in servers.blocks():
        servers.unblock(block.first)


@pytest.fixture
def speed(collector: Running) -> Speed:
    """The operator's server on the internet."""
    return enrolled(collector)


def order(collector: Running, *boxes: Box, school: str = "", start_us: int = 0, **wish: Any) -> Scan:
    """An order of the way out."""
    return collector.order(*boxes, school=school, probes=["egress"], start_us=start_us, wish=Wish(**wish))


def refused(collector: Running, *boxes: Box, school: str = "", start_us: int = 0, **wish: Any) -> str:
    """Why there can be no such order."""
    with pytest.raises(WrongOrder) as caught:
        order(collector, *boxes, school=school, start_us=start_us, **wish)
    return str(caught.value)


# --- Tickets ----------------------------------------------------------------------------------------------------------


def test_a_ticket(collector: Running, box: Box, speed: Speed) -> None:
    """A ticket names order, agent, server, line, directions, slot, rate and volume, and opens a session of its own."""
    scan = order(collector, box)
    (ticket,) = tickets(collector, scan)

    assert ticket == Ticket(
        session=ticket.session,
        school=collector.home,
        scan=scan.id,
        agent=box.id,
        server=speed.server.id,
        directions=(Direction.DOWN, Direction.UP),
        not_before_unix_us=EVENING_US,
        not_after_unix_us=EVENING_US + SLOT_US,
        most_octets=1_575_000_000,
        most_bit_s=1_050_000_000,
        most_us=6_000_000,
        path="internet",
        operator="CERNET",
        line="telecom",
    )
    assert len(bytes.fromhex(ticket.session)) == 16


def test_one_each(collector: Running, box: Box, speed: Speed) -> None:
    """Every agent has a ticket of its own, and the order says which is whose."""
    boxes = [box, collector.enrolled()]
    scan = order(collector, *boxes)
    found = tickets(collector, scan)
    said = (scan.settings_of("egress") or {})["tickets"]

    assert [one.agent for one in found] == [one.id for one in boxes]
    assert [(one["agent"], one["session"]) for one in said] == [(one.agent, one.session) for one in found]
    assert len({one.session for one in found}) == 2


def test_a_group(collector: Running, box: Box, speed: Speed) -> None:
    """A group has one id, a seat for each, one slot, and a start by which all have heard of it."""
    boxes = [box, *(collector.enrolled() for _ in range(3))]
    scan = order(collector, *boxes, group=True)
    found = tickets(collector, scan)

    assert len({one.group for one in found}) == 1
    assert [(bool(one.group), one.seats) for one in found] == [(True, 4)] * 4
    assert {one.not_before_unix_us for one in found} == {scan.start_unix_us} == {EVENING_US + TOGETHER_US}


def test_alone(collector: Running, box: Box, speed: Speed) -> None:
    """Without --group nobody waits for anybody."""
    scan = order(collector, box, collector.enrolled())

    assert {(one.group, one.seats) for one in tickets(collector, scan)} == {("", 1)}
    assert scan.start_unix_us == 0


def test_at_a_second_server(collector: Running, box: Box, speed: Speed) -> None:
    """A second server has tickets of its own, in a group of its own."""
    other = enrolled(collector)
    scan = order(collector, box, collector.enrolled(), second=True, group=True)
    first, second = tickets(collector, scan), tickets(collector, scan, second=True)

    (one,), (two,) = ({ticket.server for ticket in found} for found in (first, second))

    assert {one, two} == {speed.server.id, other.server.id}
    assert len({one.session for one in (*first, *second)}) == 4
    assert first[0].group != second[0].group


def test_the_order_is_sealed_as_it_was_given(collector: Running, box: Box, speed: Speed) -> None:
    """What the agent opens is the order with the tickets in it, and it does not expire before its slot."""
    scan = order(collector, box, start_us=EVENING_US + 40 * HOUR_US)
    (entry,) = collector.parts.store.orders.after(box.id, 0, EVENING_US)
    found = open_sealed(entry.envelope, lambda _: collector.parts.key.public_key()).body(SCAN, Scan)

    assert (found, scan.expires_unix_us) == (scan, EVENING_US + 40 * HOUR_US + SLOT_US)


def test_beside_other_probes(collector: Running, box: Box, speed: Speed) -> None:
    """The way out may be one probe of several, each of which keeps its settings."""
    scan = collector.order(box, probes=["desk", "egress"])

    assert [task.probe for task in scan.tasks] == ["desk", "egress"]


def test_by_name_only(collector: Running, box: Box, speed: Speed) -> None:
    """An order that names no probe never measures the way out."""
    assert collector.order(box).settings_of("egress") is None


def test_it_is_named_where_a_probe_is_misspelt(collector: Running, box: Box, speed: Speed) -> None:
    """Once there is a server, the way out is among what can be ordered."""
    with pytest.raises(WrongOrder, match=r"there are: .*stimulus, egress"):
        collector.order(box, probes=["egres"])


# --- Several lines ----------------------------------------------------------------------------------------------------


def together(collector: Running, lines: dict[str, list[Box]], **wish: Any) -> list[Scan]:
    """Orders of several lines at the same time."""
    who = {line: [one.id for one in boxes] for line, boxes in lines.items()}
    given = collector.parts.dispatch.order_lines(collector.school(), AskedBy.EVALUATOR, who, 0, Wish(**wish))
    return [scan for scan, _ in given]


@pytest.fixture
def two_lines(collector: Running) -> Running:
    """The collector with a school of two lines to the internet."""
    mobile = Line("mobile", ("198.51.100.7/32",), "internet")
    collector.declare(collector.home, lines=(TELECOM, mobile), bureau=ALLOWED)
    return collector


def test_several_lines(two_lines: Running, speed: Speed) -> None:
    """Lines are measured in one slot as one group: an order each, a seat for every agent, and the rate shared by all."""
    boxes = [two_lines.enrolled() for _ in range(3)]
    orders = together(two_lines, {"telecom": boxes[:2], "mobile": boxes[2:]}, at_least_bit_s=1_500_000_000)
    found = [ticket for scan in orders for ticket in tickets(two_lines, scan)]

    assert [(one.agent, one.line) for one in found] == [
        (boxes[0].id, "telecom"), (boxes[1].id, "telecom"), (boxes[2].id, "mobile"),
    ]  # fmt: skip
    assert {(one.seats, one.most_bit_s, one.not_before_unix_us) for one in found} == {
        (3, 525_000_000, EVENING_US + TOGETHER_US)
    }
    assert len({one.group for one in found}) == 1
    assert [(scan.settings_of("egress") or {})["line"] for scan in orders] == ["telecom", "mobile"]


def test_several_lines_or_none(two_lines: Running, speed: Speed) -> None:
    """Where one line is taken none of them is measured: half a sum is no sum."""
    boxes = [two_lines.enrolled() for _ in range(2)]
    order(two_lines, boxes[0], line="mobile")
    with pytest.raises(WrongOrder, match="Another run over this line"):
        together(two_lines, {"telecom": boxes[:1], "mobile": boxes[1:]})

    assert len(two_lines.parts.store.orders.of_school(two_lines.home)) == 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ({"telecom": [0], "mobile": [0]}, "An agent measures one line at a time"),
        ({"telecom": [0], "theirs": [1]}, "has no line theirs"),
    ],
)
def test_no_several_lines(two_lines: Running, speed: Speed, lines: dict[str, list[int]], words: str) -> None:
    """An agent has one line in an order, and each line is the school's."""
    boxes = [two_lines.enrolled() for _ in range(2)]
    with pytest.raises(WrongOrder, match=words):
        together(two_lines, {line: [boxes[number] for number in numbers] for line, numbers in lines.items()})


def test_several_lines_fill_their_uplink_together(two_lines: Running, speed: Speed) -> None:
    """Lines behind one shared uplink share its budget, also with one another."""
    names = ("telecom", "mobile")
    lines = [
        Line(name, (f"198.51.100.{at}/32",), "internet", f"ring of {two_lines.home}") for at, name in enumerate(names)
    ]
    two_lines.declare(two_lines.home, lines=tuple(lines), bureau=ALLOWED)
    with pytest.raises(WrongOrder, match="The uplink ring of"):
        together(two_lines, {name: [two_lines.enrolled()] for name in names}, at_least_bit_s=2_500_000_000)


# --- Slots ------------------------------------------------------------------------------------------------------------


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


# --- On the page ------------------------------------------------------------------------------------------------------


def test_the_page_tells_the_volume_first(collector: Running, box: Box, speed: Speed) -> None:
    """An admin reads how much a run will use beside the button that orders it."""
    assert "About 0.8 GB cross the line, paced to 1.05 Gbit/s" in collector.page()


def test_ordered_from_the_page(collector: Running, box: Box, speed: Speed) -> None:
    """A school admin orders a run over a line by its button."""
    form = {"probe": "egress", "path": "internet", "line": "telecom"}
    answer = collector.person(Role.SCHOOL_ADMIN, collector.home).post(f"/schools/{collector.home}/scans", data=form)
    (row,) = collector.parts.store.orders.of_school(collector.home)

    assert (answer.status_code, row.scan.settings_of("egress") is not None) == (303, True)
    assert tickets(collector, row.scan)[0].line == "telecom"


def test_the_page_says_why_not(collector: Running, box: Box, speed: Speed) -> None:
    """Where a line cannot be measured now there is no button for it, and the reason stands there."""
    form = '<input type="hidden" name="line" value="{}">'
    page = collector.page()

    assert [form.format(line) in page for line in ("telecom", "metro")] == [True, False]
    assert "No measurement server in the education network is enrolled" in page


def test_without_a_server_the_page_is_quiet(collector: Running, box: Box) -> None:
    """Before the operator has a server, nothing is said about one."""
    assert 'value="egress"' not in collector.page()


def test_a_line_from_the_page_is_checked(collector: Running, box: Box, speed: Speed) -> None:
    """A form that names another line, or a network that there is not, orders nothing."""
    form = {"probe": "egress", "path": "elsewhere", "line": "theirs"}
    answer = collector.person().post(f"/schools/{collector.home}/scans", data=form)

    assert (answer.status_code, len(collector.parts.store.orders.of_school(collector.home))) == (409, 0)


def test_lines_of_a_list_survive_the_store(collector: Running) -> None:
    """Lines and days are kept with the list."""
    line, day = Line("x", ("2001:db8::/32",), "metro", "ring-1"), Day("2026-06-07", "2026-06-09", "exam")
    collector.declare(collector.home, lines=(line,), days=(day,))

    assert (collector.school().lines, collector.school().days) == ((line,), (day,))
