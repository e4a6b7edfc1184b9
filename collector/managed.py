"""
How many of the school's devices does one controller know?

*Method*: the access points of the controller that knows most, over all access points that any controller knows or the list names, and the listed switches.
Whether a switch is in the same management no controller of this release tells, so that it widens the interval; so does an access point of the list that
no controller's answer names by its name or a BSSID.

What it does not prove: that somebody looks at the platform.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from collector.admission import latest_runs
from collector.school import AccessPoint, Evidence, School
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Reading

PROBE = "aps"
ALL_PPM = 1_000_000


def managed_share(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm, an interval) of access points and switches in the management of one controller; no reading where none named any."""
    told = [reading for run in latest_runs(runs, PROBE) for reading in run.report.readings]
    points = {reading.subject for reading in told if reading.quantity == q.AP_STATE.name}
    reasons = [Reason(Code.CONTROLLER_SILENT, {"controller": one}) for one in _silent(school, told)]
    if not points:
        return Measured((), tuple(reasons))
    low = 0 if reasons else max(map(len, _known_by(told).values()), default=0)
    apart, switches = _apart(school.access_points, told), len(school.switches)
    whole = len(points) + len(apart) + switches
    reasons += [Reason(Code.NOT_MANAGED, {"count": switches})] if switches else []
    reasons += [Reason(Code.AP_APART, {"ap": one.name}) for one in apart]
    most = whole if _silent(school, told) else low + len(apart) + switches
    reading = q.DEVICES_MANAGED_SHARE.between(low * ALL_PPM // whole, most * ALL_PPM // whole)
    return Measured((reading,), tuple(reasons))


def _known_by(told: Iterable[Reading]) -> dict[str, set[str]]:
    """The access points that each controller knows; one of which nobody says whose it is belongs to none."""
    known: dict[str, set[str]] = defaultdict(set)
    for reading in told:
        if reading.quantity == q.AP_STATE.name:
            also = str(reading.facts.get("also", "")).split(",")
            for controller in filter(None, (str(reading.facts.get("controller", "")), *also)):
                known[controller].add(reading.subject)
    return known


def _silent(school: School, told: Iterable[Reading]) -> list[str]:
    """The listed controllers that did not show all their access points."""
    answers = [one for one in told if one.quantity == q.APS_ANSWERED.name and one.low == ALL_PPM]
    answered = {one.subject for one in answers}
    return [one.subject for one in school.controllers if one.subject not in answered]


def _apart(listed: Iterable[AccessPoint], told: Sequence[Reading]) -> list[AccessPoint]:
    """The access points of the list that no controller names."""
    bssids = {one.subject for one in told if one.quantity == q.AP_BSSID.name}
    names = {str(one.facts.get("name", "")).casefold() for one in told if one.quantity == q.AP_STATE.name}
    return [one for one in listed if one.name.casefold() not in names and bssids.isdisjoint(one.bssids)]
