"""
Is a clause met, not met, or not shown by this evidence?

Pure: an indicator, a school, the stored evidence and a moment in; a verdict out. *Met* needs a proved lower bound at the
threshold, *not met* a proved upper bound below it; everything else is *not shown*, with its reason. Losing evidence never
helps: with a hole in an agent's sequence nothing is met. Of the way out each measurement with two ends is judged by itself, at the
grade that it has (collector.egress), and the best of them counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from collector.admission import (
    Standing,
    Standings,
    is_fresh,
    issued_us,
    latest_runs,
    left_by_revoked,
    standings,
    unanswered,
)
from collector.against import WORST_FIRST, against, against_bound
from collector.computed import BEHIND, DERIVED, OF_ALL_RUNS, RESTS_TOO_ON
from collector.drivers import is_accepted
from collector.egress import Credit, credits_of
from collector.follows import PROBE as VOLUMES
from collector.follows import follows
from collector.frameworks import Framework, Grade, Indicator, Over, Part, settled
from collector.headroom import carried
from collector.ipv6 import SUPPORTED, raised
from collector.ipv6_use import DAYS as USED_DAYS
from collector.ipv6_use import UPLINKS, is_used
from collector.managed import PROBE as APS
from collector.place_parts import PLACED, judged_over_places
from collector.reasons import are_below, failures, reasons_for
from collector.school import Evidence, School
from collector.sessions import PROBE as EGRESS
from collector.site import PROBE as SITE
from collector.two_ends import WAYS, concerns, reading_of
from collector.verdict import Code, Measured, PartVerdict, Reason, Status, Verdict
from evidence import quantities as q
from evidence.model import Quantity, Reading

# What one agent's word is worth: one inside source, all of whose inputs the school controls.
GRADE_OF_ONE_AGENT = Grade.A1
# What it is worth when the counters at both ends follow volumes that the collector drew: a price, not a proof.
GRADE_OF_VOLUMES = Grade.A2


def judge(
    indicator: Indicator, school: School, stored: Iterable[Evidence], now_us: int, framework: str = ""
) -> Verdict:
    """The verdict on one indicator from all stored evidence of a school at `now_us` (microseconds since 1970, UTC)."""
    return judge_admitted(indicator, school, standings(school, stored), now_us, framework)


def judge_all(
    frameworks: Iterable[Framework], school: School, stored: Iterable[Evidence], now_us: int
) -> list[Verdict]:
    """The verdicts on every indicator of every framework; evidence is admitted once for all."""
    admitted = standings(school, stored)
    return [
        judge_admitted(indicator, school, admitted, now_us, framework.id)
        for framework in frameworks
        for indicator in framework.indicators
    ]


def judge_admitted(indicator: Indicator, school: School, found: Standings, now_us: int, framework: str) -> Verdict:
    """The verdict on one indicator from evidence whose standing is settled."""
    parts = tuple(
        _judge_part(part, school, found, now_us) for part in indicator.parts if _applies(part, school) is not False
    )
    return Verdict(framework, indicator, _composed(parts), parts)


def _applies(part: Part, school: School) -> bool | None:
    """Whether a part concerns this school; None while the bureau has not set what that depends on."""
    if part.when is None:
        return True
    values = school.attributes if part.when.owner == "school" else school.bureau
    return part.when.applies(values[part.when.key].value if part.when.key in values else "")


def _composed(parts: Sequence[PartVerdict]) -> Status:
    """Kleene's *and* over required parts, *or* within each any-of group; encouraged and support parts change nothing."""
    needed = [part for part in parts if part.part.required]
    groups: dict[str, list[Status]] = {}
    for number, verdict in enumerate(needed):
        groups.setdefault(verdict.part.any_of or f"part {number}", []).append(verdict.status)
    best_of_each = [max(statuses, key=WORST_FIRST.index) for statuses in groups.values()]
    if any(_contradicts(verdict) for verdict in parts):
        best_of_each.append(Status.NOT_SHOWN)
    # A clause of which nothing applies to this school is not thereby met.
    return min(best_of_each, key=WORST_FIRST.index, default=Status.NOT_SHOWN)


def _contradicts(verdict: PartVerdict) -> bool:
    """Whether a part's figure contradicts the clause; of one that is only shown, where the policy says below what it does."""
    counts = verdict.part.required or verdict.part.contradicts_below is not None
    return counts and any(reason.code is Code.CONTRADICTION for reason in verdict.reasons)


def _judge_part(part: Part, school: School, found: Standings, now_us: int) -> PartVerdict:
    """One part: by a person, not set by the bureau, or judged from readings."""
    if part.by_a_person:
        return PartVerdict(part, Status.BY_A_PERSON, (Reason(Code.PERSON),))
    unset = _unset(part, school)
    if unset:
        return PartVerdict(part, Status.NOT_SHOWN, tuple(Reason(Code.NOT_SET, {"setting": key}) for key in unset))
    if part.at_least_from:
        part = settled(part, school.bureau[part.at_least_from].value)
    verdicts = [
        _no_better_than_proved(_judge_quantity(part, quantity, school, found, now_us), found)
        for quantity in part.either
    ]
    return max(verdicts, key=_better)


def _better(verdict: PartVerdict) -> tuple[int, bool, bool]:
    """Which of several quantities speaks for a part: by its verdict, then one that was measured, then one that can be."""
    codes = [reason.code for reason in verdict.reasons]
    return WORST_FIRST.index(verdict.status), verdict.shown is not None, Code.NO_SERVER not in codes


def _unset(part: Part, school: School) -> list[str]:
    """Settings of the bureau that the part depends on and that nobody has made."""
    undecided = [part.when.key] if part.when is not None and _applies(part, school) is None else []
    return undecided + [key for key in part.needs if key not in school.bureau]


def _no_better_than_proved(verdict: PartVerdict, found: Standings, short: tuple[Reason, ...] = ()) -> PartVerdict:
    """*Met* only at the grade that the policy part asks for, and only from evidence without a hole; `short` says why a grade is low."""
    if verdict.status is not Status.MET:
        return verdict
    if not found.complete:
        return replace(verdict, status=Status.NOT_SHOWN, reasons=(Reason(Code.GAP),))
    if verdict.grade < verdict.part.grade:
        about = {"grade": verdict.grade.name, "needed": verdict.part.grade.name}
        return replace(verdict, status=Status.NOT_SHOWN, reasons=(*short, Reason(Code.LOW_GRADE, about)))
    return verdict


def _judge_quantity(part: Part, quantity: Quantity, school: School, found: Standings, now_us: int) -> PartVerdict:
    """One part against one of the quantities that can settle it."""
    if not quantity.source:
        return PartVerdict(part, Status.NOT_SHOWN, (Reason(Code.NO_PROBE, {"quantity": quantity.name}),))
    probe = BEHIND.get(quantity.name, quantity.source)
    runs = _runs(part, quantity, probe, found, now_us)
    if not any(_is_of(run, probe, quantity) for run in runs):
        return PartVerdict(part, Status.NOT_SHOWN, (_why_nothing(probe, quantity, school, found, part),))
    if quantity.name in PLACED:
        return judged_over_places(part, quantity, school, runs, now_us, GRADE_OF_ONE_AGENT)
    if quantity.name in WAYS:
        return _judge_credits(part, quantity, school, found, now_us, runs)
    return _judge_readings(part, quantity, school, found, now_us, runs)


def _judge_readings(
    part: Part, quantity: Quantity, school: School, found: Standings, now_us: int, runs: Sequence[Evidence]
) -> PartVerdict:
    """One part against the readings of the runs that decide, whatever they come to together."""
    probe, measured = BEHIND.get(quantity.name, quantity.source), _measured(quantity, school, runs)
    beside: tuple[Evidence, ...] = ()
    if quantity is q.IPV6_GRADE:
        measured, beside = _in_use(part, school, measured, found, now_us, runs)
    runs = _as_computed(part, quantity, school, runs)
    # Of many runs a failed one is a sample less, and only the last of them says what is to be mended.
    deciding, told = ((), latest_runs(runs, probe)) if quantity.name in OF_ALL_RUNS else (runs, runs)
    status = Status.NOT_SHOWN if part.support else against_bound(part, measured, school, deciding)
    reasons = reasons_for(part, status, measured, school, told)
    is_now = part.over is not Over.ANY or quantity.name in DERIVED
    others = (*dict.fromkeys(run.report.probe for run in beside), *RESTS_TOO_ON.get(quantity.name, ()))
    rests_on = (probe, *others) if status is Status.MET and is_now else ()
    withheld = tuple(reason for one in rests_on for reason in _withheld(part, one, school, found, now_us))
    if withheld:
        status, reasons = Status.NOT_SHOWN, withheld
    volumes = _volumes(part, school, measured, found, now_us, runs)
    behind = (*runs, *volumes, *beside)
    grade = GRADE_OF_VOLUMES if volumes else GRADE_OF_ONE_AGENT
    return PartVerdict(
        part,
        status,
        reasons,
        _shown(measured.readings, part),
        tuple(run.id for run in behind),
        min(map(issued_us, behind)),
        grade if measured.readings else Grade.A0,
        measured.notes,
    )


def _in_use(
    part: Part, school: School, measured: Measured, found: Standings, now_us: int, runs: Sequence[Evidence]
) -> tuple[Measured, tuple[Evidence, ...]]:
    """Grades of IPv6 with its use, and the runs of the switches where a part that asks for more than support rests on them."""
    days = USED_DAYS + 1  # the first of them as a whole
    switches = tuple(one for one in found.admitted if one.report.probe == UPLINKS and is_fresh(one, days, now_us))
    return raised(measured, runs, is_used(school, switches, now_us)), switches if (
        part.at_least or 0
    ) > SUPPORTED else ()


def _as_computed(part: Part, quantity: Quantity, school: School, runs: Sequence[Evidence]) -> Sequence[Evidence]:
    """Over places each run by itself decides: with what is computed from it, where the box's own sum counts for nothing elsewhere."""
    derive = DERIVED.get(quantity.name)
    if derive is None or part.over is not Over.PLACES:
        return runs
    return tuple(_with_readings(run, quantity, derive(school, (run,)).readings) for run in runs)


def _with_readings(run: Evidence, quantity: Quantity, computed: Sequence[Reading]) -> Evidence:
    """A run with other readings of one quantity."""
    others = (reading for reading in run.report.readings if reading.quantity != quantity.name)
    return replace(run, report=msgspec.structs.replace(run.report, readings=(*others, *computed)))


# --- What two ends saw ------------------------------------------------------------------------------------------------


def _judge_credits(
    part: Part, quantity: Quantity, school: School, found: Standings, now_us: int, runs: Sequence[Evidence]
) -> PartVerdict:
    """The best of what each session or group shows by itself; where not the best run counts, the worst of each agent's latest."""
    mine = tuple(run for run in runs if _is_of(run, EGRESS, quantity))
    if part.over is not Over.ANY:
        mine = latest_runs(mine, EGRESS)
        runs = (*mine, *(run for run in runs if run.report.probe != EGRESS))
    shown = credits_of(quantity.name, school, runs)
    # One figure that is not below it, or of which no upper end is known, and nothing contradicts what a person confirmed.
    asked = part if are_below(part, [one.reading for one in shown]) else replace(part, contradicts_below=None)
    judged = [_of_credit(asked, one, school, found) for one in shown]
    if not judged:
        reasons = reasons_for(part, Status.NOT_SHOWN, Measured(), school, mine)
        oldest = min(map(issued_us, mine))
        return PartVerdict(part, Status.NOT_SHOWN, reasons, None, tuple(run.id for run in mine), oldest)
    choose = max if part.over is Over.ANY else min
    decides = choose(range(len(judged)), key=lambda at: _rank(part, judged[at], shown[at]))
    verdict, credit = judged[decides], shown[decides]
    if verdict.status is Status.MET and part.over is not Over.ANY:
        open_ = (*failures(mine), *_without_figure(quantity, mine), *_withheld(part, EGRESS, school, found, now_us))
        verdict = replace(verdict, status=Status.NOT_SHOWN, reasons=open_) if open_ else verdict
    elsewhere = [reason for one in shown if one is not credit for reason in one.against]
    beside = () if verdict.status is Status.MET else carried(school, WAYS[quantity.name].direction, runs)
    return replace(verdict, part=part, notes=tuple(dict.fromkeys((*credit.notes, *elsewhere, *beside))))


def _without_figure(quantity: Quantity, runs: Sequence[Evidence]) -> tuple[Reason, ...]:
    """That a run, though it did not fail, shows nothing of what was ordered: where every agent's latest counts, that is no figure."""
    silent = [run for run in runs if run.report.failure is None and reading_of(run.report, quantity) is None]
    return (Reason(Code.NO_FIGURE),) if silent else ()


def _of_credit(part: Part, credit: Credit, school: School, found: Standings) -> PartVerdict:
    """What one session or group shows by itself."""
    agents = [run for run in credit.behind if run.report.probe == EGRESS]
    stands = not (part.support or credit.against)
    status = against(part, credit.reading) if stands else Status.NOT_SHOWN
    open_ = () if part.support else (*credit.limits, *credit.short)  # a figure beside a verdict asks for nothing
    measured = Measured((credit.reading,), open_)
    verdict = PartVerdict(
        part,
        status,
        credit.against or reasons_for(part, status, measured, school, agents),
        credit.reading,
        tuple(run.id for run in credit.behind),
        min(map(issued_us, credit.behind)),
        credit.grade,
    )
    return _no_better_than_proved(verdict, found, credit.short)


def _rank(part: Part, verdict: PartVerdict, credit: Credit) -> tuple[int, bool, int, int]:
    """Which of several is the better one: by its verdict, by whether anything contradicts it, by what it would show at any grade."""
    would = Status.NOT_SHOWN if part.support else against(part, credit.reading)
    return WORST_FIRST.index(verdict.status), not credit.against, WORST_FIRST.index(would), credit.reading.low or 0


def _volumes(
    part: Part, school: School, measured: Measured, found: Standings, now_us: int, behind: Sequence[Evidence]
) -> tuple[Evidence, ...]:
    """The runs in which every link that decides followed the collector's volumes; none where one link did not."""
    # What a parser read that never saw a recording of its switch is worth no more than the switch's own word.
    unproven = any("parser" in reading.facts for run in behind for reading in run.report.readings)
    mine = (run for run in found.admitted if run.report.probe == VOLUMES)
    runs = tuple(run for run in mine if is_fresh(run, part.within_days, now_us))
    shown = bool(measured.links) and all(follows(school, link, runs) for link in measured.links)
    return runs if shown and not unproven else ()


def _runs(part: Part, quantity: Quantity, probe: str, found: Standings, now_us: int) -> tuple[Evidence, ...]:
    """
    The runs that decide, none older than allowed: the latest of each agent, or all of them where the best one counts.

    The best of several runs counts of what a line carries: a busy line does not shrink the line. What is computed here is the state
    of ports and links, which is as it is now; there over any means the best port.
    """
    probes = OF_ALL_RUNS.get(quantity.name, (probe,))
    every = [evidence for evidence in found.admitted if evidence.report.probe in probes]
    latest_only = part.over is Over.EVERY or quantity.name in DERIVED
    runs = latest_runs(every, probe) if latest_only and quantity.name not in OF_ALL_RUNS else every
    return tuple(run for run in runs if is_fresh(run, part.within_days, now_us))


def _is_of(run: Evidence, probe: str, quantity: Quantity) -> bool:
    """Whether a run is one of a probe that was to measure a quantity."""
    return run.report.probe == probe and concerns(run.report, quantity.name)


def _withheld(part: Part, probe: str, school: School, found: Standings, now_us: int) -> tuple[Reason, ...]:
    """Why good readings do not decide yet: what an agent once reported, or did not answer, does not turn good by silence."""
    silent = unanswered(school, found, probe, now_us)
    reasons = [Reason(Code.UNANSWERED, {"agent": agent[:16], "probe": probe}) for agent in silent]
    if left_by_revoked(found, probe):
        reasons.append(Reason(Code.REVOKED, {"probe": probe}))
    if any(not is_fresh(run, part.within_days, now_us) for run in latest_runs(found.admitted, probe)):
        reasons.append(Reason(Code.STALE, {"probe": probe, "days": part.within_days}))
    return tuple(reasons)


def _why_nothing(probe: str, quantity: Quantity, school: School, found: Standings, part: Part) -> Reason:
    """Why no run can be judged: nothing declared to measure, too old, not ordered, or none at all."""
    needed = {"uplinks": school.switches, "metro": school.services, SITE: school.sites, APS: school.controllers}
    if not needed.get(probe, True):
        return Reason(Code.NOT_DECLARED, {"what": quantity.name})
    if quantity in (q.WAN_SPEED, q.WAN_MEDIUM, q.EGRESS_BUSY_HEADROOM) and not school.wans:
        return Reason(Code.NO_WAN)
    way = WAYS.get(quantity.name)
    trusted = {server.path for server in school.servers.values() if not server.revoked}
    if way is not None and way.path and way.path not in trusted:
        return Reason(Code.NO_SERVER, {"path": way.path})
    mine = [(evidence, standing) for evidence, standing in found.of if _is_of(evidence, probe, quantity)]
    if any(standing is Standing.ADMITTED for _, standing in mine):
        return Reason(Code.STALE, {"probe": probe, "days": part.within_days})
    if mine:
        return Reason(Code.NOT_ORDERED, {"probe": probe, "standing": mine[-1][1].value})
    unseen = Reason(Code.SITE_NOT_SEEN, {"site": ", ".join(site.name for site in school.sites)})
    return unseen if probe == SITE else Reason(Code.NO_EVIDENCE, {"probe": probe})


def _measured(quantity: Quantity, school: School, runs: Sequence[Evidence]) -> Measured:
    """The readings of a quantity, computed or as they came, without those that prove nothing."""
    derive = DERIVED.get(quantity.name)
    if derive is not None:
        return derive(school, runs)
    readings = [reading for run in runs for reading in run.report.readings if reading.quantity == quantity.name]
    refused = [reading for reading in readings if not is_accepted(reading, school.virtual)]
    reasons = tuple(Reason(Code.VIRTUAL_PORT, {"driver": str(reading.facts.get("driver", ""))}) for reading in refused)
    return Measured(tuple(reading for reading in readings if is_accepted(reading, school.virtual)), reasons)


def _shown(readings: Sequence[Reading], part: Part) -> Reading | None:
    """The reading that a page shows: the best run, or the worst of the subjects."""
    choose = max if part.over is Over.ANY else min
    return choose(readings, key=lambda reading: (reading.low or 0, reading.subject), default=None)
