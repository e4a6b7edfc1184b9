"""
Which of the services that only the education network can reach were reached?

A quantity that no single probe run can give, because it joins readings with the school's declared list. Pure: readings in,
intervals and reasons out. What is missing widens the interval; it never counts as good. What follows for switches stands in
`collector.links`, `collector.desktops` and `collector.redundant`.
"""

from __future__ import annotations

from collections.abc import Sequence

from collector.school import Evidence, School, at
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Reading

ALL_PPM = 1_000_000


def inside_services(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the services registered as reachable only from inside that some agent's latest run reached."""
    inside = [service.subject for service in school.services if service.inside]
    if not inside:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.METRO_INSIDE_REACHED.name}),))
    shares = [share for run in runs if (share := _share_of_run(run, inside)) is not None]
    if not shares:
        return Measured()
    return Measured(tuple(reading for reading, _ in shares), tuple(reason for _, found in shares for reason in found))


def _share_of_run(run: Evidence, inside: Sequence[str]) -> tuple[Reading, list[Reason]] | None:
    """What one run says about the inside services; None when it failed before it could count."""
    total = next((reading for reading in run.report.readings if reading.quantity == q.METRO_REACHED.name), None)
    if total is None:
        return None
    reached = {reading.subject for reading in run.report.readings if reading.quantity == q.METRO_CONNECT.name}
    asked = {at(str(host), int(port)) for host, port in run.report.settings.get("services", [])}
    highest = ALL_PPM if total.high is None else total.high
    undecided = -(-(highest - (total.low or 0)) * len(asked) // ALL_PPM)
    # A service that was declared after the run was not asked: nothing is known of it yet.
    unasked = [subject for subject in inside if subject not in asked]
    missed = [subject for subject in inside if subject in asked and subject not in reached]
    good = len(inside) - len(missed) - len(unasked)
    low = good * ALL_PPM // len(inside)
    high = min(len(inside), good + undecided + len(unasked)) * ALL_PPM // len(inside)
    reasons = [Reason(Code.SERVICE_DOWN, {"service": subject}) for subject in missed]
    return q.METRO_INSIDE_REACHED.between(low, high), reasons + [Reason(Code.NO_EVIDENCE)] * bool(unasked)
