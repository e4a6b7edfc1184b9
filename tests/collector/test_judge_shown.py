"""What is said beside a verdict: the reading, its age and grade, and the reasons in their order?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.frameworks import Grade, Over, Part, shipped
from collector.judge import judge, judge_all
from collector.school import End, Evidence, School
from collector.verdict import Code, Status, Verdict
from evidence import quantities as q
from evidence.model import Failure, Quantity
from tests.collector.ladder_school import climb, climbed, pupils
from tests.collector.making import (
    CAMPUS,
    CORE,
    FAR,
    FIGURE,
    GIGABIT,
    NEAR,
    NOW,
    OTHER_BOX,
    WHOLE,
    answered,
    campus_links,
    campus_ports,
    clause,
    desk,
    metro,
    part,
    port,
    reached,
    run,
    school,
    uplinks,
)

MET, NOT_MET, NOT_SHOWN = Status.MET, Status.NOT_MET, Status.NOT_SHOWN
GOOD = {"at_least": 500}  # against one run that reached 500 of 1,000,000


def said(*parts: Part, **about: Any) -> Verdict:
    """The verdict on a clause of these parts for a school that reached 500."""
    stored = [reached(500)]
    return judge(clause(*parts), school(stored, **about), stored, NOW)


@pytest.mark.parametrize(("over", "shown"), [(Over.ANY, 900), (Over.EVERY, 100)])
def test_the_reading_shown(over: Over, shown: int) -> None:
    """Over any the best reading is shown, over every the worst."""
    stored = [reached(900), reached(100, agent=OTHER_BOX)]
    verdict = judge(clause(part(at_least=1000, over=over)), school(stored), stored, NOW)

    assert verdict.parts[0].shown == FIGURE.reading(shown)


def test_evidence_and_age() -> None:
    """A part names the evidence behind it, and is as old as the oldest order of it."""
    stored = [reached(900, days_ago=2), reached(900, agent=OTHER_BOX, days_ago=1)]
    verdict = judge(clause(part(**GOOD), part(**GOOD)), school(stored), stored, NOW)

    oldest = stored[0].scan.issued_unix_us if stored[0].scan else None
    assert (verdict.evidence, verdict.parts[0].issued_unix_us) == (("id-box-1-1", "id-box-2-1"), oldest)


def test_nothing_measured_has_no_grade() -> None:
    """A run without the figure is worth no grade."""
    stored = [run("testing")]

    assert judge(clause(part(at_least=1)), school(stored), stored, NOW).parts[0].grade is Grade.A0


@pytest.mark.parametrize("state", ["fail", "not_tested", "inconclusive"])
def test_rungs(state: str) -> None:
    """For IPv6 every rung that did not pass is a reason, with its code; those that passed are none."""
    stored = [climbed(*climb({"L1": state, "L4": state}, L1={"code": "NO_RA"}))]
    verdict = judge(clause(part(either=(q.IPV6_GRADE,), at_least=3)), pupils(*stored), stored, NOW)

    about = [{"rung": "L1", "state": state, "code": "NO_RA"}, {"rung": "L4", "state": state, "code": ""}]
    assert [(one.code, one.about) for one in verdict.parts[0].reasons] == [(Code.RUNG, one) for one in about]


DESK_SHARE = {"either": (q.DESKTOP_GIGABIT_SHARE,), "at_least": 1_000_000}
BACKBONE = {"either": (q.BACKBONE_MIN,), "at_least": 10 * GIGABIT}
INSIDE_SHARE = {"either": (q.METRO_INSIDE_REACHED,), "at_least": 1_000_000}
SILENT_FAR = (
    *campus_ports(acc1_up=GIGABIT)[:-2],
    campus_links(acc1_up=GIGABIT)[0],
    *answered(CORE, NEAR),
    *answered(FAR, failure=Failure.TIMED_OUT),
)


@pytest.mark.parametrize(
    ("asked", "one", "status", "codes"),
    [
        pytest.param(
            BACKBONE, uplinks(*SILENT_FAR), NOT_MET, [Code.BELOW, Code.SWITCH_SILENT], id="a slow end, then silence"
        ),
        pytest.param(
            BACKBONE,
            uplinks(
                *campus_ports(core_ge1=None)[:-2],
                campus_links(core_ge1=None)[0],
                *port(FAR, "up", up=False),
                *answered(CORE, NEAR, FAR),
            ),
            NOT_MET,
            [Code.PORT_DOWN, Code.SPEED_UNKNOWN],
            id="an end that is down, then one that is not known",
        ),
        pytest.param(
            DESK_SHARE,
            uplinks(*SILENT_FAR, *port(NEAR, "ge1", 10**8), *port(NEAR, "ge2", None)),
            NOT_MET,
            [Code.BELOW, Code.SWITCH_SILENT, Code.SPEED_UNKNOWN],
            id="a slow desk, then silence",
        ),
        pytest.param(
            INSIDE_SHARE, metro("a.edu:443"), NOT_MET, [Code.SERVICE_DOWN], id="a service that does not accept"
        ),
        pytest.param(
            INSIDE_SHARE,
            metro("a.edu:443", failure=Failure.INTERRUPTED),
            NOT_MET,
            [Code.SERVICE_DOWN, Code.FAILED],
            id="a service that does not accept, then the failure",
        ),
        pytest.param(
            {"at_least": 1000},
            run("testing", FIGURE.reading(1), failure=Failure.INTERRUPTED),
            NOT_MET,
            [Code.BELOW, Code.FAILED],
            id="too little, then the failure",
        ),
        pytest.param(
            {"at_least": 1000},
            run("testing", FIGURE.reading(1000), failure=Failure.INTERRUPTED),
            NOT_SHOWN,
            [Code.FAILED],
            id="enough, but not to its end",
        ),
        pytest.param(
            BACKBONE,
            uplinks(failure=Failure.INTERRUPTED),
            NOT_SHOWN,
            [Code.FAILED, Code.SWITCH_SILENT],
            id="where nothing was read, the failure",
        ),
        pytest.param(
            BACKBONE,
            uplinks(*WHOLE[:-1], failure=Failure.INTERRUPTED),
            NOT_SHOWN,
            [Code.SWITCH_SILENT, Code.FAILED],
            id="all but the end",
        ),
        pytest.param({"support": True}, reached(1), NOT_SHOWN, [], id="a figure beside the verdict needs no reason"),
        pytest.param(
            {"at_least": 1000},
            run("testing", FIGURE.between(1, 1000)),
            NOT_SHOWN,
            [Code.INTERVAL],
            id="between its ends",
        ),
    ],
)
def test_what_proves_it_comes_first(asked: dict[str, Any], one: Evidence, status: Status, codes: list[Code]) -> None:
    """Where it is not met, what proves so is said before what merely is not known."""
    verdict = judge(clause(part(**asked)), school([one], **CAMPUS), [one], NOW).parts[0]

    assert (verdict.status, list(dict.fromkeys(reason.code for reason in verdict.reasons))) == (status, codes)


@pytest.mark.parametrize("quantity", [q.WAN_SPEED, q.WAN_MEDIUM])
@pytest.mark.parametrize(("wans", "code"), [((), Code.NO_WAN), ((End("core", "ge9"),), Code.NO_EVIDENCE)])
def test_the_line_to_the_outside_before_anything_was_measured(
    quantity: Quantity, wans: tuple[End, ...], code: Code
) -> None:
    """Where the list names no port to the outside, that is the first thing to do; measuring comes after."""
    asked = part(either=(quantity,), equals="fibre", over=Over.ANY)

    assert judge(clause(asked), school(**CAMPUS, wans=wans), [], NOW).parts[0].reasons[0].code is code


def test_the_same_reason_once() -> None:
    """Two runs that failed alike give one reason."""
    stored = [run("testing", failure=Failure.TIMED_OUT), run("testing", agent=OTHER_BOX, failure=Failure.TIMED_OUT)]

    assert len(judge(clause(part(at_least=1)), school(stored), stored, NOW).parts[0].reasons) == 1


def test_every_policy_at_once() -> None:
    """All policies are judged clause by clause as each is alone."""
    stored = [reached(1_000_000), desk(GIGABIT, sequence=2)]
    about: School = school(stored)
    alone = [
        judge(indicator, about, stored, NOW, framework.id)
        for framework in shipped()
        for indicator in framework.indicators
    ]

    assert judge_all(shipped(), about, stored, NOW) == alone


def test_held_by_nobody() -> None:
    """A school without agents and evidence has no clause that is met."""
    assert MET not in {verdict.status for verdict in judge_all(shipped(), school(), [], NOW)}
