"""
Which evidence may be judged?

A report counts only as the answer to an order of this collector: for this school, to this agent, with the settings that
were ordered, once. Everything else is shown as declared (A0) and never judged: otherwise root on the box turns a clause green by
pointing a probe at a server of its own, or by running it until the figure pleases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from collector.school import Evidence, School
from evidence.errors import Malformed
from evidence.model import LARGEST_COUNTER, Reading, Unit
from evidence.quantities import ALL
from evidence.seal import canonical

DAY_US = 86_400_000_000
ALL_PPM = 1_000_000


class Standing(StrEnum):
    """Why a report is admitted, or only shown."""

    ADMITTED = "admitted"
    NOT_ORDERED = "not_ordered"
    NOT_THIS_AGENT = "not_this_agent"
    OTHER_SETTINGS = "other_settings"
    ODD_READINGS = "odd_readings"
    ANSWERED_BEFORE = "answered_before"


@dataclass(frozen=True, slots=True)
class Standings:
    """All evidence of a school with its standing, in the order of each agent's sequence."""

    of: tuple[tuple[Evidence, Standing], ...]
    complete: bool

    @property
    def admitted(self) -> tuple[Evidence, ...]:
        """The evidence that may be judged."""
        return tuple(evidence for evidence, standing in self.of if standing is Standing.ADMITTED)


def standings(school: School, stored: Iterable[Evidence]) -> Standings:
    """The standing of each piece of evidence, and whether none is missing that the collector acknowledged."""
    ordered = sorted(stored, key=lambda evidence: (evidence.report.agent, evidence.report.sequence))
    answered: set[tuple[str, str, str]] = set()
    found = []
    for evidence in ordered:
        standing = _standing(school, evidence, answered)
        found.append((evidence, standing))
    return Standings(tuple(found), _complete(school, ordered))


def _standing(school: School, evidence: Evidence, answered: set[tuple[str, str, str]]) -> Standing:
    """One report's standing; the first answer to an order is the only one."""
    report, scan = evidence.report, evidence.scan
    ordered = None if scan is None else scan.settings_of(report.probe)
    if scan is None or ordered is None or scan.id != report.scan:
        return Standing.NOT_ORDERED
    if scan.school != school.id or report.agent not in scan.agents or report.agent not in school.held:
        return Standing.NOT_THIS_AGENT
    answer = (scan.id, report.agent, report.probe)
    if answer in answered:
        return Standing.ANSWERED_BEFORE
    answered.add(answer)
    if not _same(report.settings, ordered):
        return Standing.OTHER_SETTINGS
    odd = any(_is_odd(reading, report.probe) for reading in report.readings)
    return Standing.ODD_READINGS if odd else Standing.ADMITTED


def _is_odd(reading: Reading, probe: str) -> bool:
    """Whether a probe of this release cannot have given such a reading; one of an unknown quantity decides nothing anyway."""
    quantity = ALL.get(reading.quantity)
    if quantity is None:
        return False
    if quantity.source != probe or reading.unit != quantity.unit:
        return True
    if quantity.states:
        return reading.value not in quantity.states
    ends = [end for end in (reading.low, reading.high) if end is not None]
    highest = ALL_PPM if quantity.unit is Unit.PPM else LARGEST_COUNTER
    lowest = -LARGEST_COUNTER if quantity.unit is Unit.MBM else 0
    return not ends or not all(lowest <= end <= highest for end in ends)


def _same(one: object, other: object) -> bool:
    """Whether two settings have one signed form."""
    try:
        return canonical(one) == canonical(other)
    except Malformed:
        return False


def _complete(school: School, ordered: Sequence[Evidence]) -> bool:
    """Whether every sequence number that was acknowledged is here."""
    here = {(evidence.report.agent, evidence.report.sequence) for evidence in ordered}
    return all((agent, number) in here for agent, last in school.held.items() for number in range(1, last + 1))


def latest_runs(admitted: Iterable[Evidence], probe: str) -> tuple[Evidence, ...]:
    """The last answered run of a probe by each agent: what is true now supersedes what was true before."""
    last: dict[str, Evidence] = {}
    for evidence in admitted:
        report = evidence.report
        if report.probe == probe and _is_later(evidence, last.get(report.agent)):
            last[report.agent] = evidence
    return tuple(last.values())


def _is_later(one: Evidence, other: Evidence | None) -> bool:
    """Later by the time of its order, then by sequence."""
    return other is None or (issued_us(one), one.report.sequence) > (issued_us(other), other.report.sequence)


def issued_us(evidence: Evidence) -> int:
    """When the order behind admitted evidence was given: its readings are not older."""
    return evidence.scan.issued_unix_us if evidence.scan is not None else 0


def is_fresh(evidence: Evidence, within_days: int, now_us: int) -> bool:
    """Whether the order was given within so many days before `now_us`."""
    return issued_us(evidence) >= now_us - within_days * DAY_US
