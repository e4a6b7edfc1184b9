"""
Does a device move between the school's access points by itself?

*Method*: one walk of a box that is associated with the school's network. Hand-overs between two of the school's own access points are counted from the
single ones that the run tells, not from its sum; two radios of one device are no two access points. The limits are those of the profile.

What it does not prove: that every device does. 802.11k, v and r are shown as facts and asked for by no policy.
"""

from __future__ import annotations

from collections.abc import Sequence

from collector.drivers import is_of_a_radio
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason
from collector.wifi_profile import profile
from evidence import quantities as q
from evidence.model import Reading

PROBE = "roam"
ALL_PPM = 1_000_000


def roaming(school: School, runs: Sequence[Evidence]) -> Measured:
    """yes or no for each run that shows either; reasons for those that show nothing."""
    readings: list[Reading] = []
    reasons: list[Reason] = []
    for run in runs:
        open_ = _open(school, run)
        if open_:
            reasons += open_
            continue
        against = _against(run)
        readings.append(q.WIFI_ROAMING.reading("no" if against else "yes"))
        reasons += against
    return Measured(tuple(readings), tuple(dict.fromkeys(reasons)))


def _open(school: School, run: Evidence) -> list[Reason]:
    """Why a run shows nothing: another radio, another network, too few hand-overs."""
    report, figures = run.report, profile()
    if report.failure is not None:
        return []  # said by its failure
    total = _one(report.readings, q.ROAM_HANDOVERS.name)
    driver = str(total.facts.get("driver", "")) if total is not None else ""
    if not is_of_a_radio(driver, school.virtual):
        return [Reason(Code.VIRTUAL_RADIO, {"place": report.place, "driver": driver})]
    if run.scan is None or run.scan.survey is None:
        return [Reason(Code.NOT_OUR_NETWORK, {})]
    count = len(_between_own(run))
    if count < figures.handovers:
        elsewhere = len(_handovers(run)) - count
        reason = Reason(Code.FEW_HANDOVERS, {"count": count, "needed": figures.handovers})
        return [reason] + ([Reason(Code.ROAMED_ELSEWHERE, {"count": elsewhere})] if elsewhere else [])
    return []


def _against(run: Evidence) -> list[Reason]:
    """What shows that roaming does not work."""
    figures, mine = profile(), _between_own(run)
    failed = sum(one.facts.get("ok") != 1 for one in mine)
    loss, kept = (_one(run.report.readings, one.name) for one in (q.ROAM_LOSS, q.ROAM_KEPT))
    found = []
    if failed * ALL_PPM > figures.failed_ppm * len(mine):
        found.append(Reason(Code.HANDOVERS_FAILED, {"count": failed, "total": len(mine)}))
    if loss is None or loss.high is None or loss.high > figures.loss_ppm:
        lost = ALL_PPM if loss is None or loss.high is None else loss.high
        found.append(Reason(Code.PINGS_LOST, {"share": -(-lost // 10_000)}))
    if kept is None or kept.value != "yes":
        found.append(Reason(Code.ADDRESS_CHANGED, {}))
    return found


def _handovers(run: Evidence) -> list[Reading]:
    """The single hand-overs of a run."""
    return [one for one in run.report.readings if one.quantity == q.ROAM_HANDOVER.name]


def _between_own(run: Evidence) -> list[Reading]:
    """Those between two of the school's own access points, as the order names them; one that failed counts by where it began."""
    owned = frozenset(run.scan.survey.owned) if run.scan is not None and run.scan.survey is not None else frozenset()
    return [one for one in _handovers(run) if _is_own(one, owned)]


def _is_own(handover: Reading, owned: frozenset[str]) -> bool:
    """Whether a hand-over began at one of these and, where it came to an end, ended at another device of these."""
    left, reached = str(handover.facts.get("from", "")), str(handover.facts.get("to", ""))
    if handover.facts.get("ok") != 1:
        return left in owned
    return left in owned and reached in owned and left[:-1] != reached[:-1]


def _one(readings: Sequence[Reading], quantity: str) -> Reading | None:
    """The reading of a quantity that a run gives once."""
    return next((one for one in readings if one.quantity == quantity), None)
