"""
Does a device move between the school's access points by itself?

*Method*: the last walk of each box that is associated with the school's network. Hand-overs between two of the school's own access points are counted
from the single ones that the run tells, not from its sum; two radios of one device are no two access points: which sends what, the controllers and the
list say. The limits are those of the profile. One walk that shows nothing keeps another's *yes* open.

What it does not prove: that every device does. 802.11k, v and r are shown as facts and asked for by no policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collector.admission import issued_us, latest_runs
from collector.drivers import is_of_a_radio
from collector.managed import PROBE as APS
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason
from collector.wifi_profile import profile
from evidence import quantities as q
from evidence.model import Reading

PROBE = "roam"
ALL_PPM = 1_000_000


def roaming(school: School, runs: Sequence[Evidence]) -> Measured:
    """yes or no for each box's last walk that shows either, no *yes* while another shows nothing; reasons for those."""
    sent_by = senders(school, runs)
    readings: list[Reading] = []
    reasons: list[Reason] = []
    is_open = False
    for run in latest_runs(runs, PROBE):
        unclear = _open(school, run, sent_by)
        against = () if unclear else _against(run, sent_by)
        reasons += unclear or against
        is_open = is_open or bool(unclear)
        readings += [] if unclear else [q.WIFI_ROAMING.reading("no" if against else "yes")]
    told = [one for one in readings if not (is_open and one.value == "yes")]
    return Measured(tuple(told), tuple(dict.fromkeys(reasons)))


def senders(school: School, runs: Sequence[Evidence]) -> dict[str, str]:
    """Which access point sends each BSSID: as the list says, and as the newest answer of the controllers does."""
    found = {bssid: one.name for one in school.access_points for bssid in one.bssids}
    for run in sorted((run for run in runs if run.report.probe == APS), key=issued_us):
        for reading in run.report.readings:
            if reading.quantity == q.AP_BSSID.name:
                found[reading.subject] = str(reading.facts.get("ap", ""))
    return found


def _open(school: School, run: Evidence, sent_by: Mapping[str, str]) -> list[Reason]:
    """Why a run shows nothing: it failed, another radio, another network, too few hand-overs."""
    report, needed = run.report, profile().handovers
    if report.failure is not None:
        return [Reason(Code.FAILED, {"probe": PROBE, "failure": report.failure.value})]
    total = _one(report.readings, q.ROAM_HANDOVERS.name)
    driver = str(total.facts.get("driver", "")) if total is not None else ""
    if not is_of_a_radio(driver, school.virtual):
        return [Reason(Code.VIRTUAL_RADIO, {"place": report.place, "driver": driver})]
    if run.scan is None or run.scan.survey is None:
        return [Reason(Code.NOT_OUR_NETWORK, {})]
    count = len(_between_own(run, sent_by))
    if count >= needed:
        return []
    elsewhere = len(_handovers(run)) - count
    reason = Reason(Code.FEW_HANDOVERS, {"count": count, "needed": needed})
    return [reason, *([Reason(Code.ROAMED_ELSEWHERE, {"count": elsewhere})] if elsewhere else [])]


def _against(run: Evidence, sent_by: Mapping[str, str]) -> list[Reason]:
    """What shows that roaming does not work."""
    figures, mine = profile(), _between_own(run, sent_by)
    failed = sum(one.facts.get("ok") != 1 for one in mine)
    loss, kept = (_one(run.report.readings, one.name) for one in (q.ROAM_LOSS, q.ROAM_KEPT))
    lost = ALL_PPM if loss is None or loss.high is None else loss.high
    found = []
    if failed * ALL_PPM > figures.failed_ppm * len(mine):
        found.append(Reason(Code.HANDOVERS_FAILED, {"count": failed, "total": len(mine)}))
    if lost > figures.loss_ppm:
        found.append(Reason(Code.PINGS_LOST, {"share": -(-lost // 10_000)}))
    if kept is None or kept.value != "yes":
        found.append(Reason(Code.ADDRESS_CHANGED, {}))
    return found


def _handovers(run: Evidence) -> list[Reading]:
    """The single hand-overs of a run."""
    return [one for one in run.report.readings if one.quantity == q.ROAM_HANDOVER.name]


def _between_own(run: Evidence, sent_by: Mapping[str, str]) -> list[Reading]:
    """Those between two of the school's own access points, as the order names them; one that failed counts by where it began."""
    owned = frozenset(run.scan.survey.owned) if run.scan is not None and run.scan.survey is not None else frozenset()
    return [one for one in _handovers(run) if _is_own(one, owned, sent_by)]


def _is_own(handover: Reading, owned: frozenset[str], sent_by: Mapping[str, str]) -> bool:
    """Whether a hand-over began at one of these and, where it came to an end, ended at another device of these."""
    left, reached = str(handover.facts.get("from", "")), str(handover.facts.get("to", ""))
    if handover.facts.get("ok") != 1:
        return left in owned
    return left in owned and reached in owned and _are_two(left, reached, sent_by)


def _are_two(one: str, other: str, sent_by: Mapping[str, str]) -> bool:
    """Whether two access points send these; where nobody says so, those whose addresses differ in the first or last octet only are one."""
    known = sent_by.get(one, ""), sent_by.get(other, "")
    return known[0] != known[1] if all(known) else one[3:14] != other[3:14]


def _one(readings: Sequence[Reading], quantity: str) -> Reading | None:
    """The reading of a quantity that a run gives once."""
    return next((one for one in readings if one.quantity == quantity), None)
