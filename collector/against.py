"""
Do these readings meet the bound of a part?

Interval against threshold: even the worst end must meet it for *met*, not even the best end for *not met*. Over all readings
the worst decides, over runs the best, over places the share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collector.admission import issued_us
from collector.drivers import is_accepted
from collector.frameworks import Over, Part
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Status
from evidence.model import Reading

ALL_PPM = 1_000_000
WORST_FIRST = tuple(Status)


def against_bound(part: Part, measured: Measured, school: School, runs: Sequence[Evidence]) -> Status:
    """The status by the part's bound over the readings."""
    if part.over is Over.PLACES:
        return _over_places(part, school, runs)
    found = [against(part, reading) for reading in measured.readings]
    if not found:
        return Status.NOT_SHOWN
    if part.over is Over.ANY:
        return max(found, key=WORST_FIRST.index)
    worst = min(found, key=WORST_FIRST.index)
    blocked = bool(measured.reasons and measured.reasons[0].code is Code.VIRTUAL_PORT) or _failed(runs)
    return Status.NOT_SHOWN if worst is Status.MET and blocked else worst


def _failed(runs: Sequence[Evidence]) -> bool:
    """Whether a run that decides could not measure to its end."""
    return any(run.report.failure is not None for run in runs)


def _over_places(part: Part, school: School, runs: Sequence[Evidence]) -> Status:
    """The share of the declared places of the wanted kinds at which the latest run meets the bound."""
    return share_of_places(part, list(by_place(part, school, runs).values()))


def share_of_places(part: Part, states: Sequence[Status]) -> Status:
    """Met where so large a share is met, not met where it cannot be any more; not shown where there is no place."""
    needed = ALL_PPM if part.share_at_least_ppm is None else part.share_at_least_ppm
    if not states:
        return Status.NOT_SHOWN
    if states.count(Status.MET) * ALL_PPM >= needed * len(states):
        return Status.MET
    can_still = len(states) - states.count(Status.NOT_MET)
    return Status.NOT_MET if can_still * ALL_PPM < needed * len(states) else Status.NOT_SHOWN


def by_place(part: Part, school: School, runs: Sequence[Evidence]) -> dict[str, Status]:
    """For each declared place that the part asks for, the worst of every agent's latest run there; not shown without one."""
    latest: dict[tuple[str, str], Evidence] = {}
    for run in sorted(runs, key=lambda run: (issued_us(run), run.report.sequence)):
        latest[run.report.place, run.report.agent] = run
    found: dict[str, list[Status]] = {}
    for (place, _), run in latest.items():
        found.setdefault(place, []).append(_of_run(part, school, run))
    wanted = [place.path for place in school.places if part.wants(place.kind, place.main)]
    return {path: min(found.get(path, [Status.NOT_SHOWN]), key=WORST_FIRST.index) for path in wanted}


def _of_run(part: Part, school: School, run: Evidence) -> Status:
    """The worst of one run's accepted readings; not shown where there is none, or where the run could not finish."""
    if run.report.failure is not None:
        return Status.NOT_SHOWN
    names = {quantity.name for quantity in part.either}
    mine = [
        reading for reading in run.report.readings if reading.quantity in names and is_accepted(reading, school.virtual)
    ]
    return min((against(part, reading) for reading in mine), key=WORST_FIRST.index, default=Status.NOT_SHOWN)


def against(part: Part, reading: Reading) -> Status:
    """One reading against the bound of its part."""
    if part.equals is not None:
        return Status.MET if reading.value == part.equals else Status.NOT_MET
    if part.at_most is not None:
        return _compared(reading.high, reading.low, lambda proved: proved <= _eased(part, part.at_most, 1))
    return _compared(reading.low, reading.high, lambda proved: proved >= _eased(part, part.at_least, -1))


def _compared(worst: int | None, best: int | None, meets: Callable[[int], bool]) -> Status:
    """Met if even the worst end meets the bound, not met if not even the best end does."""
    if worst is not None and meets(worst):
        return Status.MET
    return Status.NOT_MET if best is not None and not meets(best) else Status.NOT_SHOWN


def _eased(part: Part, bound: int | None, direction: int) -> int:
    """The bound with the tolerance that the framework states, rounded towards the bound."""
    assert bound is not None  # noqa: S101 - the loader refuses a machine part without a bound
    return bound + direction * (bound * part.tolerance_ppm // ALL_PPM)
