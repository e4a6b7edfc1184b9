"""Do the members of a group add up, each once, in one window and over its own line?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.school import Evidence
from collector.verdict import Code, Status
from tests.collector.making import BOX, OTHER_BOX
from tests.collector.two_ends import (
    ELSEWHERE,
    HERE,
    LINE,
    OF_1000M,
    OTHER_LINE,
    SECOND,
    agent_says,
    asked,
    both_say,
    group_says,
    said,
    server_says,
    verdict_on,
)

MET, NOT_SHOWN = Status.MET, Status.NOT_SHOWN


def test_a_group_adds_up() -> None:
    """Several boxes that measured in the same window of the server's clock show their sum; in orders of their own they do not."""
    agents = [f"box-{number}" for number in range(4)]
    each = 260_000_000
    alone = [one for agent in agents for one in both_say(asked(f"of {agent}", agent), each, agent=agent)]
    together = verdict_on(group_says("g", each, agents))

    assert (together.status, verdict_on(alone).status) == (MET, NOT_SHOWN)
    assert len(together.evidence) == 8


@pytest.mark.parametrize(
    ("spoilt", "codes"),
    [
        pytest.param({"first_bin": 1}, [Code.LIMITED_BY], id="another window"),
        pytest.param({"group": "another"}, [Code.LIMITED_BY], id="another group"),
        pytest.param({"group": ""}, [Code.LIMITED_BY], id="no group"),
        pytest.param({"seen": ELSEWHERE}, [Code.ADDRESS_NOT_REGISTERED, Code.LOW_GRADE], id="from elsewhere"),
    ],
)
def test_a_member_of_a_group_that_does_not_fit(spoilt: dict[str, Any], codes: list[Code]) -> None:
    """A member with another window or group is no member; one from elsewhere lowers the grade of the sum."""
    stored = group_says("g", 520_000_000, [BOX, OTHER_BOX])
    scan = asked("g", BOX, OTHER_BOX)
    facts: dict[str, Any] = {"group": "group g", **spoilt}
    stored[3] = server_says(scan, 520_000_000, agent=OTHER_BOX, **facts)

    assert said(verdict_on(stored)) == codes


def test_one_window_told_apart() -> None:
    """The same bins are one window, though the moments that go with them are rounded by a microsecond in each report."""
    scan, stored = asked("g", BOX, OTHER_BOX), group_says("g", 520_000_000, [BOX, OTHER_BOX])
    start = scan.issued_unix_us
    stored[3] = server_says(scan, 520_000_000, agent=OTHER_BOX, group="group g", from_unix_us=start + 1)

    assert verdict_on(stored).status is MET


def test_members_that_both_ends_saw() -> None:
    """A member from elsewhere takes nothing from the others: their sum counts without it."""
    stored = group_says("g", OF_1000M, [BOX, OTHER_BOX])
    stored[3] = server_says(asked("g", BOX, OTHER_BOX), OF_1000M, agent=OTHER_BOX, group="group g", seen=ELSEWHERE)
    found = verdict_on(stored)

    assert (found.status, found.evidence) == (MET, (stored[0].id, stored[1].id))


def test_two_servers_are_two_clocks() -> None:
    """Sessions at two servers are not added, whatever window each tells by its own clock."""
    facts: dict[str, Any] = {"group": "g", "from_unix_us": 1, "to_unix_us": 9_000_000, "first_bin": 1, "end_bin": 91}
    stored = both_say(asked("one", BOX), 520_000_000, **facts)
    stored += both_say(asked("other", OTHER_BOX, server=SECOND), 520_000_000, agent=OTHER_BOX, **facts)

    assert verdict_on(stored).status is NOT_SHOWN


def test_each_agent_adds_once() -> None:
    """An agent that measured twice in one window adds once."""
    facts: dict[str, Any] = {"group": "g", "from_unix_us": 1, "to_unix_us": 9_000_000, "first_bin": 1, "end_bin": 91}
    stored = both_say(asked("one"), 520_000_000, **facts) + both_say(asked("other"), 520_000_000, sequence=2, **facts)

    assert verdict_on(stored).status is NOT_SHOWN


def test_a_member_without_its_servers_report() -> None:
    """A member that only its own agent saw adds nothing."""
    assert verdict_on(group_says("g", 520_000_000, [BOX, OTHER_BOX])[:3]).status is NOT_SHOWN


def test_a_member_that_contradicts() -> None:
    """A member whose two ends disagree holds the whole group back."""
    stored = group_says("g", 520_000_000, [BOX, OTHER_BOX, "box-3"])
    stored[0] = agent_says(asked("g", BOX, OTHER_BOX, "box-3"), 900_000_000)

    assert said(verdict_on(stored)) == [Code.CONTRADICTION]


def test_the_witness_of_a_group() -> None:
    """The ports to the outside must have carried the sum, not a member's part of it."""
    scan = asked("g", BOX, OTHER_BOX)
    stored = group_says("g", 520_000_000, [BOX, OTHER_BOX])
    for witness, status in ((600_000_000, NOT_SHOWN), (1_060_000_000, MET)):
        stored[0] = agent_says(scan, 520_000_000, witness=witness)
        assert verdict_on(stored).status is status


@pytest.mark.parametrize(
    ("lines", "seen", "status"),
    [
        pytest.param((LINE.name, OTHER_LINE.name), "192.0.2.9", MET, id="each over its own"),
        pytest.param((LINE.name, OTHER_LINE.name), HERE, NOT_SHOWN, id="both over one"),
    ],
)
def test_two_lines_at_once(lines: tuple[str, str], seen: str, status: Status) -> None:
    """Lines that were measured in one window add up, each seen from its own prefixes."""
    facts: dict[str, Any] = {"group": "g"}
    first, second = asked("one", BOX, line=lines[0]), asked("other", OTHER_BOX, line=lines[1])
    stored = both_say(first, 520_000_000, **facts) + both_say(second, 520_000_000, agent=OTHER_BOX, seen=seen, **facts)
    found = verdict_on(stored)

    assert found.status is status
    assert found.shown is not None
    assert found.shown.subject == "telecom, unicom"


def two_lines(rate: int, witness: int) -> list[Evidence]:
    """Two boxes that measured a line each in one window, while this much crossed all ports to the outside."""
    first, second = asked("one", BOX), asked("other", OTHER_BOX, line=OTHER_LINE.name)
    return [
        agent_says(first, rate, witness=witness),
        server_says(first, rate, group="g"),
        agent_says(second, rate, agent=OTHER_BOX, witness=witness),
        server_says(second, rate, agent=OTHER_BOX, group="g", seen="192.0.2.9"),
    ]


@pytest.mark.parametrize(("witness", "status"), [(530_000_000, NOT_SHOWN), (1_060_000_000, MET)])
def test_the_witness_of_two_lines(witness: int, status: Status) -> None:
    """What both lines carried must have crossed the ports to the outside, which every box adds up."""
    assert verdict_on(two_lines(520_000_000, witness)).status is status


def test_the_other_line_is_no_other_traffic() -> None:
    """What a member of the group measured over another line is not told as somebody else's traffic."""
    codes = [note.code for note in verdict_on(two_lines(OF_1000M, 2_020_000_000)).notes]

    assert Code.OTHER_TRAFFIC not in codes


def test_one_of_two_lines_is_enough() -> None:
    """Each line's own sum counts as well: a second line that nobody can place takes nothing from the first."""
    facts: dict[str, Any] = {"group": "g"}
    first, second = asked("one", BOX), asked("other", OTHER_BOX, line=OTHER_LINE.name)
    stored = both_say(first, OF_1000M, **facts) + both_say(second, OF_1000M, agent=OTHER_BOX, **facts)

    assert verdict_on(stored).status is MET
