"""Is a line shown to be too slow only where everything but the line is shown not to have been the limit?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.school import Evidence
from collector.verdict import Code, Status
from tests.collector.making import BOX, GIGABIT, OTHER_BOX
from tests.collector.two_ends import (
    ELSEWHERE,
    INTERNET,
    OF_1000M,
    SECOND,
    agent_says,
    asked,
    both_say,
    said,
    server_says,
    verdict_on,
)

MET, NOT_MET, NOT_SHOWN = Status.MET, Status.NOT_MET, Status.NOT_SHOWN
LATER = asked("later")
TWO = asked("two", second=SECOND)


def proved_slow(**about: Any) -> list[Evidence]:
    """A run at 500 Mbit/s that says it is at most 510, with everything that is needed to believe it; facts replace some of it."""
    agent = {"most": 510_000_000, "port_bit_s": GIGABIT, "by": "network", **about.pop("agent", {})}
    server: dict[str, Any] = {"hour_best_bit_s": GIGABIT, **about.pop("server", {})}
    second = about.pop("second", 520_000_000)
    more = [] if second is None else [server_says(TWO, second, server=SECOND)]
    return [agent_says(TWO, 500_000_000, **agent), server_says(TWO, 500_000_000, **server), *more]


def test_not_met() -> None:
    """A line is shown to be too slow where two servers agree, the first one did much more, and the box's port had room."""
    found = verdict_on(proved_slow())

    assert (found.status, said(found)) == (NOT_MET, [Code.BELOW, Code.LIMITED_BY])
    assert len(found.evidence) == 3


@pytest.mark.parametrize(
    "about",
    [
        pytest.param({"second": None}, id="no second server"),
        pytest.param({"second": 400_000_000}, id="a second server that disagrees"),
        pytest.param({"server": {"hour_best_bit_s": 600_000_000}}, id="a server that did hardly more"),
        pytest.param({"server": {"hour_best_bit_s": 0}}, id="a server that nobody else used"),
        pytest.param({"server": {"seen": ELSEWHERE}}, id="another line"),
        pytest.param({"agent": {"port_bit_s": 600_000_000}}, id="a port without room"),
        pytest.param({"agent": {"driver": "veth"}}, id="a port that tells any rate"),
        pytest.param({"agent": {"by": "cpu"}}, id="limited by the box"),
        pytest.param({"agent": {"most": None}}, id="an agent that does not know it either"),
    ],
)
def test_an_upper_end_that_is_not_believed(about: dict[str, Any]) -> None:
    """Where one of these is missing the upper end is not known, and the part is not shown."""
    found = verdict_on(proved_slow(**about))

    assert found.status is NOT_SHOWN
    assert found.shown is not None
    assert found.shown.high is None


def test_one_server_is_no_second() -> None:
    """The same server asked twice is no second one."""
    twice = asked("two", second=INTERNET)
    own = agent_says(twice, 500_000_000, most=510_000_000, port_bit_s=GIGABIT)
    stored = [own, server_says(twice, 500_000_000, hour_best_bit_s=GIGABIT)]

    assert verdict_on(stored).status is NOT_SHOWN


def test_a_group_has_no_upper_end() -> None:
    """Members compete for the line: what one of them could not exceed is no upper end of all."""
    scan = asked("g", BOX, OTHER_BOX, second=SECOND)
    facts: dict[str, Any] = {"group": "g", "hour_best_bit_s": 2 * GIGABIT}
    stored = [server_says(scan, 300_000_000, agent=one, **facts) for one in (BOX, OTHER_BOX)]
    stored += [server_says(scan, 300_000_000, agent=one, server=SECOND) for one in (BOX, OTHER_BOX)]
    stored += [agent_says(scan, 300_000_000, agent=one, most=310_000_000) for one in (BOX, OTHER_BOX)]

    assert verdict_on(stored).status is NOT_SHOWN


def test_a_virtual_school_believes_the_labs_ports() -> None:
    """In a virtual school the lab's ports stand for wires."""
    assert verdict_on(proved_slow(agent={"driver": "veth"}), virtual=True).status is NOT_MET


def test_one_run_that_shows_it() -> None:
    """A line that was once seen to carry the rate carries it, whatever an upper end said on another day."""
    fast = both_say(LATER, OF_1000M, sequence=2)

    assert verdict_on([*proved_slow(), *fast]).status is MET
