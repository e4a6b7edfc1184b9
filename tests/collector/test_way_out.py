"""Does every order of the way out have its slot, its tickets and nobody else's, and is one that has no room refused in words?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.egress_orders import Wish
from collector.people import Role
from collector.school import Day, Line
from collector.way_out import TOGETHER_US
from collector.wrong_order import WrongOrder
from evidence.scan import AskedBy, Scan
from evidence.seal import SCAN, open_sealed
from evidence.stream import Direction, Ticket
from tests.collector.egress_school import ALLOWED, EVENING_US, TELECOM, Speed, enrolled, order, tickets
from tests.collector.running import HOUR_US, Box, Running

SLOT_US = 632_000_000


@pytest.fixture
def collector(lined: Running) -> Running:
    """A collector on a school day after school hours, with a school of the test's own that has two lines, and without servers."""
    lined.clock.us = EVENING_US
    return lined


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
