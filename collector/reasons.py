"""Why is a part not met or not shown? Reasons from the closed list, the first of them the one that decides."""

from __future__ import annotations

from collections.abc import Sequence

from collector.against import ALL_PPM, by_place
from collector.frameworks import Over, Part
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason, Status
from evidence import quantities as q
from evidence.model import Reading


def reasons_for(
    part: Part, status: Status, measured: Measured, school: School, runs: Sequence[Evidence]
) -> tuple[Reason, ...]:
    """Why it is not met or not shown; nothing for a part that is met."""
    if status is Status.MET:
        return ()
    reasons = [reason for reason in measured.reasons if not _meets(part, reason)]
    reasons += [reason for run in runs for reason in _rungs(part, run)]
    reasons += [
        Reason(
            Code.FAILED, {"probe": run.report.probe, "failure": run.report.failure.value, "detail": run.report.detail}
        )
        for run in runs
        if run.report.failure is not None
    ]
    if part.over is Over.PLACES:
        states = list(by_place(part, measured, school, runs).values())
        covered = len(states) - states.count(Status.NOT_SHOWN)
        reasons.append(Reason(Code.COVERAGE, {"count": covered, "total": len(states)}))
    if part.contradicts_below is not None and _all_below(measured.readings, part.contradicts_below):
        reasons.insert(0, Reason(Code.CONTRADICTION, {"quantity": measured.readings[0].quantity}))
    if not reasons:
        reasons = [Reason(Code.BELOW if status is Status.NOT_MET else Code.INTERVAL)]
    return tuple(dict.fromkeys(reasons))


def _all_below(readings: Sequence[Reading], bound: int) -> bool:
    """Whether every reading proves less than the bound."""
    return bool(readings) and all(reading.high is not None and reading.high < bound for reading in readings)


def _meets(part: Part, reason: Reason) -> bool:
    """A slow port is a reason only where it is slower than this part asks."""
    value = reason.about.get("value")
    wanted = q.GIGABIT if part.at_least is None or part.at_least <= ALL_PPM else part.at_least
    return reason.code is Code.BELOW and isinstance(value, int) and value >= wanted


def _rungs(part: Part, run: Evidence) -> list[Reason]:
    """For the IPv6 ladder: the rungs that did not pass, with their codes; first those that failed."""
    if q.IPV6_GRADE not in part.either:
        return []
    missed = [one for one in run.report.readings if one.quantity == q.IPV6_RUNG.name and one.value != "pass"]
    return [
        Reason(Code.RUNG, {"rung": one.subject, "state": str(one.value), "code": str(one.facts.get("code", ""))})
        for one in sorted(missed, key=lambda one: q.IPV6_RUNG.states.index(str(one.value)))
    ]
