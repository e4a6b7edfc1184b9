"""
How much of the line is free in its busy hours, and how much was it seen to carry?

*Method*: a run of the probe `wan` counts as a sample where it lay between 08:00 and 17:00 of a day with lessons, by the box's clock and
inside the span between its order and its receipt, and read every port that the list says leads outside; their mean download
rates are added. The busy load is the 95th percentile of 20 samples or more on 5 days or more. What is free at least follows from what
a measurement with two ends proved of the line (grade A3); what is free at most from the rates of the ports. Pure: runs in, an
interval and reasons out.

What it does not prove: that the counters are true, or that nobody spared the line while it was watched: one party's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.admission import issued_us
from collector.calendar import Calendar, day_of, midnight_us
from collector.egress import credits_of
from collector.ends import names_of
from collector.frameworks import Grade
from collector.school import Evidence, School
from collector.two_ends import WAYS
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Quantity

PROBE = "wan"
ALL_PPM = 1_000_000
HOUR_US = 3_600_000_000
FROM_HOUR, TO_HOUR = 8, 17  # the hours of lessons, on the clock of China
FEWEST_RUNS, FEWEST_DAYS = 20, 5
CLOCKS_US = 300_000_000  # by how much a box's clock may be wrong
PERCENTILE = 95
PEAKS = {"down": q.WAN_PEAK_DOWN, "up": q.WAN_PEAK_UP}


def busy_headroom(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the line that is free in its busy hours, from runs of the probes `wan` and `egress` and of servers."""
    if not school.wans:
        return Measured(reasons=(Reason(Code.NO_WAN),))
    samples = [(day, load) for run in runs for day, load in _samples(school, run)]
    days = {day for day, _ in samples}
    if len(samples) < FEWEST_RUNS or len(days) < FEWEST_DAYS:
        about: dict[str, str | int] = {"count": len(samples), "on": len(days), "needed_runs": FEWEST_RUNS}
        return Measured(reasons=(Reason(Code.TOO_FEW, {**about, "needed_days": FEWEST_DAYS}),))
    busy = sorted(load for _, load in samples)[-(-PERCENTILE * len(samples) // 100) - 1]
    ports, proved = _port_rates(school, runs), _proved(school, runs)
    high = ALL_PPM if ports is None else _free(busy, ports)
    low = min(high, 0 if proved is None else _free(busy, proved))
    reasons = (Reason(Code.LINE_NOT_PROVED),) if proved is None else ()
    return Measured((q.EGRESS_BUSY_HEADROOM.between(low, high, facts={"busy_bit_s": busy}),), reasons)


def _free(busy: int, line: int) -> int:
    """What part of a line is left, rounded towards less."""
    return max(0, ALL_PPM - -(-busy * ALL_PPM // line)) if line else 0


def _samples(school: School, run: Evidence) -> Iterator[tuple[str, int]]:
    """The day of a run and the load that it saw; nothing of one outside busy hours, or that did not read every port."""
    day = _busy_day(school, run)
    loads = _at_ports(school, run, q.WAN_MEAN_DOWN)
    if day and None not in loads:
        yield day, sum(load for load in loads if load is not None)


def _busy_day(school: School, run: Evidence) -> str:
    """The day in whose busy hours a run lay as a whole; empty for another, and for a clock that its order and receipt contradict."""
    start_us, end_us = run.report.conditions.started_unix_us, run.report.conditions.ended_unix_us
    given_us = max(issued_us(run), run.scan.start_unix_us if run.scan is not None else 0)
    if not given_us - CLOCKS_US <= start_us <= end_us <= run.received_unix_us + CLOCKS_US:
        return ""
    day = day_of(start_us)
    from_us, to_us = (midnight_us(day) + hour * HOUR_US for hour in (FROM_HOUR, TO_HOUR))
    has_lessons = Calendar(0, 0, school.days).has_lessons(day)
    return day.isoformat() if has_lessons and from_us <= start_us and end_us <= to_us else ""


def _at_ports(school: School, run: Evidence, quantity: Quantity) -> list[int | None]:
    """The largest that a reading allows at each port to the outside; None where the run says nothing of one."""
    names = names_of(school)
    found = {one.subject: one.high for one in run.report.readings if one.quantity == quantity.name}
    return [found.get(names.subject(end)) for end in school.wans] if run.report.probe == PROBE else [None]


def _port_rates(school: School, runs: Sequence[Evidence]) -> int | None:
    """How fast the ports to the outside are together, by the last run that tells it of each; None where none does."""
    told = [rates for run in sorted(runs, key=issued_us) if None not in (rates := _at_ports(school, run, q.WAN_RATE))]
    return sum(rate for rate in told[-1] if rate is not None) if told else None


def _proved(school: School, runs: Sequence[Evidence]) -> int | None:
    """The largest download rate that both ends of a measurement saw, at the IP layer; nothing where several lines lead out, of which the
    list does not say which port is whose: an idle line's rate is no room on a full one."""
    if len(school.lines) > 1:
        return None
    ways = [way.quantity.name for way in WAYS.values() if way.is_ip and way.direction == "down" and way.path]
    found = [credit for name in ways for credit in credits_of(name, school, runs)]
    good = [credit.reading.low or 0 for credit in found if credit.grade >= Grade.A3 and not credit.against]
    return max(good, default=None)


def carried(school: School, direction: str, runs: Sequence[Evidence]) -> tuple[Reason, ...]:
    """The largest minute that the ports to the outside were seen to carry: the line carries at least that. Nothing where none was read."""
    found = [_at_ports(school, run, PEAKS[direction]) for run in runs]
    peaks = [peak for ports in found for peak in ports if peak]
    return (Reason(Code.CARRIED, {"value": max(peaks)}),) if peaks else ()
