"""Is roaming called working only where enough hand-overs between the school's own access points worked?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.judge import judge
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.model import Facts, Failure, Reading
from evidence.scan import Task
from tests.collector.making import NOW, clause, part, run
from tests.collector.wifi_school import OWN, Walked

TASK = Task("roam", {"handovers": 10, "duration_s": 900})
PART = part(either=(q.WIFI_ROAMING,), equals="yes", within_days=180)


def passed(number: int, left: str = OWN[0], reached: str = OWN[1], ok: int = 1) -> Reading:
    """One hand-over."""
    facts: Facts = {"from": left, "lost": 0, "ok": ok}
    facts |= {"to": reached} if reached else {}
    return q.ROAM_HANDOVER.reading(100_000, str(number), facts)


def walk(
    *single: Reading, sent: int = 1000, received: int = 990, kept: str = "yes", driver: str = "iwlwifi"
) -> tuple[Reading, ...]:
    """What one run of `roam` tells."""
    failed = sum(one.facts["ok"] != 1 for one in single)
    lost = -(-(sent - received) * 1_000_000 // sent)
    return (
        q.ROAM_HANDOVERS.reading(len(single), facts={"driver": driver}),
        *single,
        q.ROAM_FAILED.reading(failed),
        q.ROAM_LOSS.reading(lost, facts={"sent": sent, "received": received}),
        q.ROAM_KEPT.reading(kept),
    )


def ten(failed: int = 0, count: int = 10, **about: Any) -> tuple[Reading, ...]:
    """Ten hand-overs of which so many failed."""
    return walk(
        *(
            passed(number, reached="" if number <= failed else OWN[1], ok=int(number > failed))
            for number in range(1, count + 1)
        ),
        **about,
    )


def said(
    readings: tuple[Reading, ...], virtual: bool = False, surveyed: bool = True, failure: Failure | None = None
) -> Any:
    """What is said of one walk."""
    walked = Walked(about={"virtual": virtual})
    scan = walked.order(tasks=(TASK,)) if surveyed else None
    made = run("roam", *readings, settings=dict(TASK.settings), scan=scan, days_ago=1, failure=failure)
    walked.runs.append(made)
    return judge(clause(PART), walked.school, walked.runs, NOW).parts[0]


CASES: list[Any] = [
    pytest.param(ten(), Status.MET, None, id="ten hand-overs"),
    pytest.param(ten(1), Status.MET, None, id="one of ten failed"),
    pytest.param(ten(2), Status.NOT_MET, Code.HANDOVERS_FAILED, id="two of ten failed"),
    pytest.param(ten(received=950), Status.MET, None, id="a twentieth of the pings lost"),
    pytest.param(ten(received=949), Status.NOT_MET, Code.PINGS_LOST, id="more than that"),
    pytest.param(ten(kept="no"), Status.NOT_MET, Code.ADDRESS_CHANGED, id="another address"),
    pytest.param(ten(count=9), Status.NOT_SHOWN, Code.FEW_HANDOVERS, id="nine hand-overs"),
    pytest.param(ten(count=9, kept="no"), Status.NOT_SHOWN, Code.FEW_HANDOVERS, id="nine and another address"),
    pytest.param(ten(driver="mac80211_hwsim"), Status.NOT_SHOWN, Code.VIRTUAL_RADIO, id="a simulated radio"),
    pytest.param(
        walk(*(passed(number, reached="02:00:00:00:77:10") for number in range(1, 11))),
        Status.NOT_SHOWN,
        Code.FEW_HANDOVERS,
        id="to a stranger's",
    ),
    pytest.param(
        walk(*(passed(number, reached="02:00:00:00:01:11") for number in range(1, 11))),
        Status.NOT_SHOWN,
        Code.FEW_HANDOVERS,
        id="to another radio of the same one",
    ),
]


@pytest.mark.parametrize(("readings", "status", "code"), CASES)
def test_roaming(readings: tuple[Reading, ...], status: Status, code: Code | None) -> None:
    """Ten hand-overs between own access points, nine of ten good, hardly a ping lost, the address kept."""
    verdict = said(readings)

    assert (verdict.status, verdict.reasons[0].code if verdict.reasons else None) == (status, code)


def test_a_virtual_school() -> None:
    """There a simulated radio stands for a real one."""
    assert said(ten(driver="mac80211_hwsim"), virtual=True).status is Status.MET


def test_without_a_survey() -> None:
    """Where no order says whose access points they are, nothing is shown."""
    assert said(ten(), surveyed=False).reasons[0].code is Code.NOT_OUR_NETWORK


def test_a_walk_that_failed() -> None:
    """It says why it failed."""
    assert said((), failure=Failure.TIMED_OUT).reasons[0].code is Code.FAILED


def test_no_pings() -> None:
    """Hand-overs without the share of pings lost are no run of the probe."""
    readings = tuple(one for one in ten() if one.quantity != q.ROAM_LOSS.name)

    assert said(readings).reasons[0].code is Code.NOT_ORDERED
