"""Why is a part not met or not shown? Reasons from the closed list, the first of them the one that decides."""

from __future__ import annotations

from collections.abc import Sequence

from collector.against import ALL_PPM, by_place
from collector.frameworks import Over, Part
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason, Status
from evidence import quantities as q
from evidence.ladder import PASS, TRANSLATED
from evidence.model import Reading

# What proves a part not met stands before what merely keeps it open.
PROVING = (
    *(Code.CONTRADICTION, Code.BELOW, Code.PORT_DOWN, Code.SERVICE_DOWN, Code.RUNG, Code.NOT_REDUNDANT),
    *(Code.HANDOVERS_FAILED, Code.PINGS_LOST, Code.ADDRESS_CHANGED),
)


def reasons_for(
    part: Part, status: Status, measured: Measured, school: School, runs: Sequence[Evidence]
) -> tuple[Reason, ...]:
    """Why it is not met or not shown; nothing for a part that is met, nor for a figure beside a verdict."""
    if status is Status.MET:
        return ()
    failed = failures(runs)
    nothing_read = all(not run.report.readings for run in runs)
    reasons = _contradiction(part, measured) + (failed if nothing_read else [])
    reasons += [reason for reason in measured.reasons if not _meets(part, reason)]
    reasons += [reason for run in runs for reason in _rungs(part, run)]
    reasons += failed + _coverage(part, school, runs)
    if status is Status.NOT_MET:
        named = any(reason.code in PROVING for reason in reasons)
        reasons = ([] if named else [Reason(Code.BELOW)]) + sorted(
            reasons, key=lambda reason: reason.code not in PROVING
        )
    if not reasons and not part.support:
        reasons = [Reason(Code.INTERVAL)]
    return tuple(dict.fromkeys(reasons))


def failures(runs: Sequence[Evidence]) -> list[Reason]:
    """The runs that could not measure to their end."""
    return [
        Reason(Code.FAILED, {"probe": run.report.probe, "failure": run.report.failure.value})
        for run in runs
        if run.report.failure is not None
    ]


def _coverage(part: Part, school: School, runs: Sequence[Evidence]) -> list[Reason]:
    """Over places: how many are still without a measurement, or that none is declared."""
    if part.over is not Over.PLACES:
        return []
    states = list(by_place(part, school, runs).values())
    missing = states.count(Status.NOT_SHOWN)
    if not states:
        return [Reason(Code.NO_PLACE)]
    return [Reason(Code.COVERAGE, {"count": len(states) - missing, "total": len(states)})] if missing else []


def _contradiction(part: Part, measured: Measured) -> list[Reason]:
    """A figure beside the verdict that is too low for what it stands beside."""
    if not are_below(part, measured.readings):
        return []
    return [Reason(Code.CONTRADICTION, {"quantity": measured.readings[0].quantity})]


def are_below(part: Part, readings: Sequence[Reading]) -> bool:
    """Whether every reading proves less than a figure must be that stands beside a verdict."""
    if part.contradicts_below is None:
        return False
    bound = part.contradicts_below - part.contradicts_below * part.tolerance_ppm // ALL_PPM
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
    missed = [one for one in run.report.readings if one.quantity == q.IPV6_RUNG.name and _is_missed(one)]
    return [
        Reason(
            Code.RUNG,
            {"rung": one.subject, "state": str(one.value), "code": str(one.facts.get("code", ""))} | _where(one),
        )
        for one in sorted(missed, key=lambda one: q.IPV6_RUNG.states.index(str(one.value)))
    ]


def _is_missed(rung: Reading) -> bool:
    """Whether a rung kept the grade down: it did not pass, or an address was translated on the way."""
    return rung.value != PASS or rung.facts.get("code") in TRANSLATED


def _where(rung: Reading) -> dict[str, str]:
    """Which resolver a rung speaks of, where it does."""
    return {"resolver": str(rung.facts["resolver"])} if "resolver" in rung.facts else {}
