"""
Which evidence may be judged?

A report counts only as the answer to an order of this collector: for this school, to this agent, with the settings that
were ordered, once. Everything else is shown as declared (A0) and never judged: otherwise root on the box turns a clause green by
pointing a probe at a server of its own, or by running it until the figure pleases. A measurement server's report counts as the
other half of a session that an order gave to this server; its loss lowers what is shown, or hides that the two ends disagree, and then
nothing is seen from both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from collector.plausible import is_plausible
from collector.school import Evidence, School
from collector.sessions import PROBE as EGRESS
from collector.sessions import own_session, session_named
from evidence import quantities as q
from evidence.errors import Malformed
from evidence.model import SERVER, Report
from evidence.scan import Scan
from evidence.seal import canonical
from evidence.wire import OUTSIDE

DAY_US = 86_400_000_000
WIFI = "wifi"


class Standing(StrEnum):
    """Why a report is admitted, or only shown."""

    ADMITTED = "admitted"
    NOT_ORDERED = "not_ordered"
    NOT_THIS_AGENT = "not_this_agent"
    OTHER_SETTINGS = "other_settings"
    ODD_READINGS = "odd_readings"
    TOO_EARLY = "too_early"
    OTHER_PLACE = "other_place"
    REVOKED = "revoked"
    ANSWERED_BEFORE = "answered_before"
    OTHER_SESSION = "other_session"
    NOT_THIS_SERVER = "not_this_server"
    OTHER_NETWORK = "other_network"


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
    answered: set[tuple[str, ...]] = set()
    found = []
    for evidence in ordered:
        standing = _standing(school, evidence, answered)
        found.append((evidence, standing))
    return Standings(tuple(found), _complete(school, ordered))


def _standing(school: School, evidence: Evidence, answered: set[tuple[str, ...]]) -> Standing:
    """One report's standing; the first answer to an order, or of a server about a session, is the only one."""
    report, scan = evidence.report, evidence.scan
    is_server = report.probe == SERVER
    if scan is None or scan.id != report.scan or scan.settings_of(EGRESS if is_server else report.probe) is None:
        return Standing.NOT_ORDERED
    unfit = (_unfit_server if is_server else _unfit_agent)(school, evidence, scan)
    if unfit in (Standing.NOT_THIS_AGENT, Standing.NOT_THIS_SERVER):
        return unfit
    answer = (scan.id, report.agent, report.probe, report.session if is_server else "", *_spot(report))
    if answer in answered:
        return Standing.ANSWERED_BEFORE
    answered.add(answer)
    return unfit or _unfit(school, evidence, scan) or Standing.ADMITTED


def _unfit_agent(school: School, evidence: Evidence, scan: Scan) -> Standing | None:
    """Why an agent's report is no answer to its order; None where it may be one."""
    report, ordered = evidence.report, scan.settings_of(evidence.report.probe)
    # From inside, a school's own site is always there: who looks at it stands outside.
    mine = school.vantages if report.probe in OUTSIDE else school.held
    if scan.school != school.id or report.agent not in scan.agents or report.agent not in mine:
        return Standing.NOT_THIS_AGENT
    if not _same(report.settings, ordered):
        return Standing.OTHER_SETTINGS
    return Standing.OTHER_SESSION if report.probe == EGRESS and not _is_own_session(report) else None


def _is_own_session(report: Report) -> bool:
    """Whether a run has the session of this agent's own ticket; one that failed before it had any has none."""
    ticket = own_session(report.settings, report.agent)
    failed_before = report.failure is not None and not report.session
    return ticket is not None and (report.session == ticket.session or failed_before)


def _unfit_server(school: School, evidence: Evidence, scan: Scan) -> Standing | None:
    """Why a measurement server's report is not the other half of an ordered session; None where it may be. Agents are no servers."""
    report, ordered = evidence.report, scan.settings_of(EGRESS) or {}
    server, ticket = school.servers.get(report.agent), session_named(ordered, report.session)
    if server is None or report.agent in school.held or scan.school != school.id:
        return Standing.NOT_THIS_SERVER
    if ticket is None or ticket.server_key != server.public_key:
        return Standing.NOT_THIS_SERVER
    if {server.path} != {ordered.get("path", ""), *(one.facts.get("path", server.path) for one in report.readings)}:
        return Standing.OTHER_NETWORK
    if not _same(report.settings, {"ticket": ticket.ticket}):
        return Standing.OTHER_SETTINGS
    return Standing.REVOKED if server.revoked else None


def _unfit(school: School, evidence: Evidence, scan: Scan) -> Standing | None:
    """What else keeps a report from being judged."""
    report = evidence.report
    if evidence.received_unix_us < scan.start_unix_us:
        return Standing.TOO_EARLY
    if not _is_at_its_place(school, report, scan):
        return Standing.OTHER_PLACE
    if not is_plausible(report):
        return Standing.ODD_READINGS
    return Standing.REVOKED if report.agent in school.revoked else None


def _spot(report: Report) -> tuple[str, str, str]:
    """Where a walked run was made: its place, its point and which attempt at it; a survey has one answer for each."""
    point = next((one for one in report.readings if one.quantity == q.SURVEY_POINT.name), None)
    if point is None:
        return ("", "", "")
    return (report.place, str(point.low), str(point.facts.get("attempt", "")))


def _is_at_its_place(school: School, report: Report, scan: Scan) -> bool:
    """Whether a report names the place where its agent stands, or of a walk one that the order asks for, at a point of it."""
    if scan.survey is None or report.probe != WIFI:
        return report.place == school.stands.get(report.agent, report.place)
    points = [one.low or 0 for one in report.readings if one.quantity == q.SURVEY_POINT.name]
    return all(1 <= point <= scan.survey.points_at(report.place) for point in points or [1])


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
    """Whether the order was given within so many days before `now_us`; one from the future is of a clock that was wrong."""
    return now_us - within_days * DAY_US <= issued_us(evidence) <= now_us


def unanswered(school: School, found: Standings, probe: str, now_us: int) -> tuple[str, ...]:
    """Agents whose newest expired order for a probe has no answer that can be judged, nor has any order since."""
    answered: dict[str, int] = {}
    for run in _of(found, probe):
        answered[run.report.agent] = max(issued_us(run), answered.get(run.report.agent, 0))
    # An order that is still open excuses nothing: else a new one a day would bury the one that was not answered.
    due: dict[str, int] = {}
    for scan in school.orders:
        if scan.settings_of(probe) is not None and scan.expires_unix_us < now_us:
            due.update({agent: max(scan.issued_unix_us, due.get(agent, 0)) for agent in scan.agents})
    gone = set(due) - set(school.vantages) if probe in OUTSIDE else school.revoked
    return tuple(agent for agent, issued in due.items() if answered.get(agent, -1) < issued and agent not in gone)


def left_by_revoked(found: Standings, probe: str) -> bool:
    """Whether a revoked agent's last run has no later one by another agent at the same place."""
    gone = [one for one, standing in found.of if standing is Standing.REVOKED and one.report.probe == probe]
    return any(
        all(issued_us(run) <= issued_us(one) or run.report.place != one.report.place for run in _of(found, probe))
        for one in gone
    )


def _of(found: Standings, probe: str) -> list[Evidence]:
    """The admitted runs of a probe."""
    return [one for one in found.admitted if one.report.probe == probe]
