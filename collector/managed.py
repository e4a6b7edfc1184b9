"""
How many of the school's devices does one controller know?

*Method*: the access points of the controller that knows most, over all access points that any controller knows and the listed switches. Whether a
switch is in the same management no controller of this release tells, so that it widens the interval.

What it does not prove: that somebody looks at the platform.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from collector.admission import latest_runs
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q

PROBE = "aps"
ALL_PPM = 1_000_000


def managed_share(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm, an interval) of access points and switches in the management of one controller."""
    known: dict[str, set[str]] = defaultdict(set)
    answered: set[str] = set()
    for run in latest_runs(runs, PROBE):
        for reading in run.report.readings:
            if reading.quantity == q.AP_STATE.name:
                also = str(reading.facts.get("also", "")).split(",")
                for controller in (str(reading.facts.get("controller", "")), *filter(None, also)):
                    known[controller].add(reading.subject)
            elif reading.quantity == q.APS_ANSWERED.name and reading.subject and reading.low == ALL_PPM:
                answered.add(reading.subject)
    points = set().union(*known.values())
    switches, whole = len(school.switches), len(points) + len(school.switches)
    if not points:
        return Measured()
    silent = [one.subject for one in school.controllers if one.subject not in answered]
    best = max(len(mine) for mine in known.values())
    low = 0 if silent else best * ALL_PPM // whole
    reasons = [Reason(Code.CONTROLLER_SILENT, {"controller": one}) for one in silent]
    reasons += [Reason(Code.NOT_MANAGED, {"count": switches})] if switches else []
    reading = q.DEVICES_MANAGED_SHARE.between(low, max(low, (best + switches) * ALL_PPM // whole))
    return Measured((reading,), tuple(reasons))
