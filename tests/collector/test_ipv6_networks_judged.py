"""Is the share of networks with IPv6 withheld where a box keeps its own climb back?"""

from __future__ import annotations

import pytest

from collector.judge import judge
from collector.school import Evidence
from collector.verdict import Status
from evidence import quantities as q
from evidence.scan import Scan
from tests.collector.ladder_school import L3, PREFIX, climb, climbed, failing, pupils
from tests.collector.making import NOW, clause, ordered, part
from tests.collector.test_ipv6_use import asked, vlan

SWITCHES = asked(*vlan(V1="pass", V2="pass", V3="pass", network=PREFIX))
LATE = ordered("ipv6", {}, days_ago=3, name="late")


@pytest.mark.parametrize(
    ("stored", "orders", "expected"),
    [
        pytest.param([SWITCHES], (), Status.MET, id="nobody was asked to climb"),
        pytest.param(
            [SWITCHES, climbed(*climb(failing("L5")), sequence=2)], (), Status.NOT_MET, id="a box that fails there"
        ),
        pytest.param([SWITCHES], (LATE,), Status.NOT_SHOWN, id="a box that kept its climb back"),
    ],
)
def test_a_climb_kept_back(stored: list[Evidence], orders: tuple[Scan, ...], expected: Status) -> None:
    """Who leaves an order for the ladder unanswered does not turn the switches' word green by it."""
    whole = clause(part(either=(q.IPV6_VLAN_SHARE,), at_least=1_000_000, within_days=30))
    about = pupils(*stored, switches=(L3,), orders=orders)

    assert judge(whole, about, stored, NOW).status is expected
