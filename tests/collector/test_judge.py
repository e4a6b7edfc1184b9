"""How do the parts of a clause become its verdict, and what is said when one is not met?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collector.frameworks import Condition, Grade, Over, Part, shipped
from collector.judge import judge, judge_all
from collector.school import Evidence, Setting
from collector.verdict import Code, Reason, Status, Verdict
from evidence import quantities as q
from evidence.model import Failure, Quantity
from tests.collector.making import (
    FIGURE,
    GIGABIT,
    INSIDE,
    NOW,
    OTHER_BOX,
    clause,
    desk,
    part,
    persons,
    reached,
    run,
    school,
)

MET, NOT_MET, NOT_SHOWN, PERSON = Status.MET, Status.NOT_MET, Status.NOT_SHOWN, Status.BY_A_PERSON
SINCE = "2026-09-01"
# Against one run that reached 500 of 1,000,000.
GOOD, BAD = {"at_least": 500}, {"at_least": 501}
OPEN: dict[str, Any] = {"at_least": 500, "either": (q.WIRED_COVERAGE,)}  # no probe of this release gives it


def said(*parts: Part, **about: Any) -> Verdict:
    """The verdict on a clause of these parts for a school that reached 500."""
    stored = [reached(500)]
    return judge(clause(*parts), school(stored, **about), stored, NOW)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        pytest.param((part(**GOOD),), MET, id="one part, met"),
        pytest.param((part(**GOOD), part(**GOOD)), MET, id="all met"),
        pytest.param((part(**GOOD), part(**BAD)), NOT_MET, id="one not met"),
        pytest.param((part(**OPEN), part(**BAD)), NOT_MET, id="not met outweighs not shown"),
        pytest.param((part(**GOOD), part(**OPEN)), NOT_SHOWN, id="one not shown"),
        pytest.param((persons(),), PERSON, id="a person alone"),
        pytest.param((part(**GOOD), persons()), PERSON, id="a person beside met parts"),
        pytest.param((part(**OPEN), persons()), NOT_SHOWN, id="a person beside what is not shown"),
        pytest.param((part(**BAD), persons()), NOT_MET, id="a person beside what is not met"),
        pytest.param((part(**BAD, any_of="g"), part(**GOOD, any_of="g")), MET, id="any of: one is enough"),
        pytest.param((part(**BAD, any_of="g"), part(**BAD, any_of="g")), NOT_MET, id="any of: none"),
        pytest.param((part(**BAD, any_of="g"), part(**OPEN, any_of="g")), NOT_SHOWN, id="any of: one is open"),
        pytest.param((part(**BAD, any_of="g"), persons(any_of="g")), PERSON, id="any of: a person is left"),
        pytest.param((part(**GOOD, any_of="g"), persons(any_of="g")), MET, id="any of: no person is needed"),
        pytest.param(
            (part(**BAD, any_of="g"), part(**GOOD, any_of="g"), part(**BAD, any_of="h"), part(**BAD, any_of="h")),
            NOT_MET,
            id="two groups, one of them bad",
        ),
        pytest.param((part(**GOOD), part(**BAD, encouraged=True)), MET, id="an encouraged part that is bad"),
        pytest.param((part(**BAD), part(**GOOD, encouraged=True)), NOT_MET, id="an encouraged part that is good"),
        pytest.param((part(**GOOD), part(support=True)), MET, id="a figure beside the verdict"),
        pytest.param((part(**GOOD, encouraged=True),), NOT_SHOWN, id="only what is encouraged"),
        pytest.param((part(support=True), persons(encouraged=True)), NOT_SHOWN, id="nothing that decides"),
    ],
)
def test_composed(parts: tuple[Part, ...], status: Status) -> None:
    """All required parts and one of each group; the worst decides; what does not decide changes nothing."""
    assert said(*parts).status is status


def test_a_person_is_never_met_by_a_machine() -> None:
    """No evidence whatever settles what only a person can: in every shipped policy such a part stays by a person."""
    stored = [reached(1_000_000), desk(GIGABIT, sequence=2)]
    found = judge_all(shipped(), school(stored), stored, NOW)

    assert {one.status for verdict in found for one in verdict.parts if one.part.by_a_person} == {PERSON}


@pytest.mark.parametrize(
    ("default", "value", "status"),
    [
        pytest.param("", "yes", NOT_MET, id="set: applies"),
        pytest.param("", "no", MET, id="set: does not apply"),
        pytest.param("", None, NOT_SHOWN, id="unset, no default"),
        pytest.param("yes", None, NOT_MET, id="unset, applies by default"),
        pytest.param("no", None, MET, id="unset, does not apply by default"),
        pytest.param("yes", "no", MET, id="set against the default"),
    ],
)
@pytest.mark.parametrize("owner", ["bureau", "school"])
def test_when(owner: str, default: str, value: str | None, status: Status) -> None:
    """A part with a condition counts when the setting holds, or its default; without either the clause is not shown."""
    condition = Condition(owner=owner, key="larger", equals="yes", default=default)
    written = {} if value is None else {"larger": Setting(value, SINCE)}
    about = {"attributes" if owner == "school" else "bureau": written}

    assert said(part(**GOOD), part(**BAD, when=condition), **about).status is status


def test_an_undecided_condition_names_its_setting() -> None:
    """What the bureau has not set is named."""
    condition = Condition(owner="bureau", key="larger", equals="yes")

    assert said(part(**GOOD, when=condition)).parts[0].reasons == (Reason(Code.NOT_SET, {"setting": "larger"}),)


@pytest.mark.parametrize(
    ("bureau", "status", "reasons"),
    [
        pytest.param({}, NOT_SHOWN, ["not_set one", "not_set two"], id="none set"),
        pytest.param({"one": "yes"}, NOT_SHOWN, ["not_set two"], id="one set"),
        pytest.param({"one": "yes", "two": "yes"}, MET, [], id="both set"),
    ],
)
def test_needs(bureau: dict[str, str], status: Status, reasons: list[str]) -> None:
    """A part that rests on settings of the bureau is not shown until all are made, and says which are missing."""
    about = {key: Setting(value, SINCE) for key, value in bureau.items()}
    verdict = said(part(**GOOD, needs=("one", "two")), bureau=about)
    found = [f"{reason.code} {reason.about['setting']}" for reason in verdict.parts[0].reasons]

    assert (verdict.status, found) == (status, reasons)


@pytest.mark.parametrize("over", [Over.EVERY, Over.ANY])
@pytest.mark.parametrize(
    ("days_ago", "status"), [(0.0, MET), (6.9, MET), (7.0, MET), (7.1, NOT_SHOWN), (400.0, NOT_SHOWN)]
)
def test_age(days_ago: float, status: Status, over: Over) -> None:
    """Evidence counts as many days as the part says after its order, to the microsecond, and then no more."""
    stored = [reached(1000, days_ago=days_ago)]

    assert judge(clause(part(at_least=1000, over=over)), school(stored), stored, NOW).status is status


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        pytest.param([], Code.NO_EVIDENCE, id="nothing was measured"),
        pytest.param([desk(1)], Code.NO_EVIDENCE, id="only another probe"),
        pytest.param([reached(1000, days_ago=8)], Code.STALE, id="too old"),
        pytest.param([replace(reached(1000), scan=None)], Code.NOT_ORDERED, id="not ordered"),
        pytest.param(
            [reached(1000, days_ago=8), replace(reached(1000, sequence=2), scan=None)],
            Code.STALE,
            id="old or unordered",
        ),
        pytest.param([run("testing", failure=Failure.TIMED_OUT)], Code.FAILED, id="could not measure"),
        pytest.param([run("testing")], Code.INTERVAL, id="measured without this figure"),
        pytest.param([reached(1)], Code.BELOW, id="too little"),
    ],
)
def test_why(stored: list[Evidence], code: Code) -> None:
    """The first reason says what is missing."""
    verdict = judge(clause(part(at_least=1000)), school(stored, services=INSIDE), stored, NOW)

    assert verdict.parts[0].reasons[0].code is code


@pytest.mark.parametrize("quantity", [q.METRO_REACHED, q.METRO_INSIDE_REACHED, q.PORT_SPEED, q.BACKBONE_MIN])
def test_nothing_is_declared(quantity: Quantity) -> None:
    """Where the list declares nothing to measure, that is what is missing, not the measurement."""
    reasons = (
        judge(clause(part(either=(quantity,), at_least=1)), school(services=(), switches=()), [], NOW).parts[0].reasons
    )

    assert reasons == (Reason(Code.NOT_DECLARED, {"what": quantity.name}),)


def test_no_probe_yet() -> None:
    """A quantity without a source is not shown, and the reason names it."""
    assert said(part(**OPEN)).parts[0].reasons == (Reason(Code.NO_PROBE, {"quantity": "wired.coverage"}),)


@pytest.mark.parametrize(
    ("names", "status"),
    [
        pytest.param((q.DEVICES_MANAGED_SHARE, FIGURE), MET, id="the second is good"),
        pytest.param((FIGURE, q.DEVICES_MANAGED_SHARE), MET, id="the first is good"),
        pytest.param((q.DEVICES_MANAGED_SHARE,), NOT_SHOWN, id="none is measured"),
    ],
)
def test_either(names: Any, status: Status) -> None:
    """Of several quantities that can settle a part the best one does."""
    assert said(part(either=names, at_least=500)).status is status


@pytest.mark.parametrize("grade", [Grade.A2, Grade.A3, Grade.A4])
def test_low_grade(grade: Grade) -> None:
    """One agent inside is never more than A1: a part that asks for more is not shown, whatever it measured."""
    verdict = said(part(**GOOD, grade=grade))

    about = {"grade": "A1", "needed": grade.name}
    assert (verdict.status, verdict.parts[0].reasons) == (NOT_SHOWN, (Reason(Code.LOW_GRADE, about),))


def test_low_grade_still_refutes() -> None:
    """What one agent finds against the school counts at any grade."""
    assert said(part(**BAD, grade=Grade.A3)).status is NOT_MET


# --- Silence -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_gap(lost: int) -> None:
    """With a hole anywhere in a sequence nothing is met, whichever report was lost."""
    stored = [reached(1000), desk(1, sequence=2), reached(1000, sequence=3)]
    left = [one for number, one in enumerate(stored) if number != lost]
    verdict = judge(clause(part(at_least=1000)), school(stored), left, NOW)

    assert (verdict.status, verdict.parts[0].reasons) == (NOT_SHOWN, (Reason(Code.GAP),))


def test_a_gap_still_refutes() -> None:
    """A hole does not take back what the rest proves against the school."""
    stored = [desk(1), reached(1, sequence=2)]

    assert judge(clause(part(at_least=1000)), school(stored), stored[1:], NOW).status is NOT_MET


@pytest.mark.parametrize("quiet", [1, 1000], ids=["it was bad", "it was good"])
def test_an_agent_that_fell_silent(quiet: int) -> None:
    """Over every, the good run of one agent is not met while another one's last run is too old."""
    stored = [reached(1000), reached(quiet, agent=OTHER_BOX, days_ago=8)]
    verdict = judge(clause(part(at_least=1000)), school(stored), stored, NOW)

    about: dict[str, str | int] = {"probe": "testing", "days": 7}
    assert (verdict.status, verdict.parts[0].reasons) == (NOT_SHOWN, (Reason(Code.STALE, about),))


def test_an_agent_that_never_ran_the_probe() -> None:
    """An agent counts as silent only for what it once reported."""
    stored = [reached(1000), desk(GIGABIT, agent=OTHER_BOX, days_ago=99)]

    assert judge(clause(part(at_least=1000)), school(stored), stored, NOW).status is MET


def test_silence_over_any() -> None:
    """Over any, the best fresh run stands without the others."""
    stored = [reached(1000), reached(1, agent=OTHER_BOX, days_ago=99)]

    assert judge(clause(part(at_least=1000, over=Over.ANY)), school(stored), stored, NOW).status is MET


def test_an_agent_that_was_taken_back() -> None:
    """The reports of an agent that the school no longer has are not judged."""
    stored = [reached(1000)]

    assert judge(clause(part(at_least=1000)), school(), stored, NOW).status is NOT_SHOWN


# --- What a person confirms, contradicted ------------------------------------------------------------------------------


def contradicting(*runs: Evidence, **about: Any) -> Verdict:
    """A met part beside a supporting figure that contradicts below 1 Gbit/s."""
    stored = [reached(500, agent="figure-box"), *runs]
    support = part(either=(q.DESK_SPEED,), support=True, contradicts_below=GIGABIT, over=Over.ANY)
    return judge(clause(part(**GOOD), support), school(stored, **about), stored, NOW)


@pytest.mark.parametrize(
    ("runs", "status"),
    [
        pytest.param((), MET, id="no figure"),
        pytest.param((desk(GIGABIT),), MET, id="at the bound"),
        pytest.param((desk(GIGABIT - 1),), NOT_SHOWN, id="below it"),
        pytest.param((desk(1), desk(GIGABIT, sequence=2)), MET, id="one run is not below"),
        pytest.param((desk(1), desk(2, sequence=2)), NOT_SHOWN, id="every run is below"),
        pytest.param((run("desk", q.DESK_SPEED.between(1, None, facts={"driver": "igb"})),), MET, id="no upper end"),
    ],
)
def test_contradiction(runs: tuple[Evidence, ...], status: Status) -> None:
    """Every reading below the figure contradicts what is confirmed: the clause is then not shown, never not met."""
    assert contradicting(*runs).status is status


def test_contradiction_comes_first() -> None:
    """The contradiction is the first reason, and names the figure."""
    first = contradicting(desk(1)).parts[1].reasons[0]

    assert first == Reason(Code.CONTRADICTION, {"quantity": "desk.speed"})


def test_contradiction_does_not_save() -> None:
    """A clause that is not met stays so beside a contradiction."""
    stored = [reached(500), desk(1, sequence=2)]
    support = part(either=(q.DESK_SPEED,), support=True, contradicts_below=GIGABIT)

    assert judge(clause(part(**BAD), support), school(stored), stored, NOW).status is NOT_MET
