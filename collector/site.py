"""
How far does a school's own site support IPv6, and was it there?

*Method*: the reports of the operator's vantages. A site supports IPv6 where its name, its ports, its answers, its certificate and its name servers do over
IPv6 as over IPv4 (S1 to S6 of the latest run); fully, where at least 95 % of 48 trials in a day succeeded (S7) and its internal links
do too (S8, S9). Of several sites the worst counts, and of several vantages what failed at one of them; what nobody could tell is left open. Available is the share of all trials that were
answered over either family. Pure.

What it does not prove: what visitors elsewhere see; a vantage sees one path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collector.admission import DAY_US, issued_us
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Reading

PROBE = "site"
ALL_PPM = 1_000_000
SURE_PPM = 950_000  # S7
FEWEST_TRIALS = 48
NEEDED = ("S1", "S2", "S3", "S4", "S5", "S6")
LINKS = ("S8", "S9")
FIRST = ("S1", "S2")
DECIDING = (FAIL, PASS, INCONCLUSIVE, NOT_TESTED)  # of what several vantages say
WORST_FIRST = ("none", "partial", "supported", "complete")


def site_support(school: School, runs: Sequence[Evidence]) -> Measured:
    """The support (`site.ipv6`) of the worst of the school's sites, with every check that failed; none while that is open."""
    if not school.sites:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.SITE_IPV6.name}),))
    found: list[str | None] = []
    reasons: list[Reason] = []
    for site in school.sites:
        checks = _latest(runs, site.name)
        found.append(_support(checks, _sure(runs, site.name)))
        reasons += [_failed(one) for one in checks.values() if one.value == FAIL]
        if found[-1] is None:
            reasons += _open(site.name, checks)
    known = [one for one in found if one is not None]
    worst = min(known, key=WORST_FIRST.index, default=None)
    # A site of which nothing is known may be the worst, unless there is none worse than what is known.
    if worst is None or (worst != WORST_FIRST[0] and len(known) < len(found)):
        return Measured(reasons=tuple(reasons))
    return Measured((q.SITE_IPV6.reading(worst),), tuple(reasons))


def _latest(runs: Sequence[Evidence], name: str) -> dict[str, Reading]:
    """The checks of one site by their number, in each vantage's newest run that looked at it: what failed at one failed."""
    by_vantage: dict[str, dict[str, Reading]] = {}
    for run in sorted(runs, key=lambda one: (issued_us(one), one.report.sequence)):
        checks = {
            subject.partition("/")[0]: one
            for one in run.report.readings
            if one.quantity == q.SITE_CHECK.name and (subject := one.subject).partition("/")[2] == name
        }
        if checks:
            by_vantage[run.report.agent] = checks
    found: dict[str, Reading] = {}
    for number, one in (pair for checks in by_vantage.values() for pair in checks.items()):
        found[number] = min(found.get(number, one), one, key=lambda told: DECIDING.index(str(told.value)))
    return found


def _open(name: str, checks: dict[str, Reading]) -> list[Reason]:
    """Why nothing can be said of a site: nobody looked, or the checks that told nothing."""
    told = [one for number, one in checks.items() if number in NEEDED and one.value not in (PASS, FAIL)]
    return [_failed(one) for one in told] or [Reason(Code.SITE_NOT_SEEN, {"site": name})]


def _failed(check: Reading) -> Reason:
    """One check that failed, or told nothing, in words."""
    number, _, name = check.subject.partition("/")
    return Reason(Code.SITE_CHECK, {"check": number, "site": name, "code": str(check.facts.get("code", ""))})


def _support(checks: dict[str, Reading], sure: bool) -> str | None:
    """How far the checks of one site go; None where what decides it is open."""
    values = {number: one.value for number, one in checks.items()}
    if FAIL in (values.get(number) for number in FIRST):
        return "none"
    if any(values.get(number) != PASS for number in FIRST):
        return None
    if FAIL in (values.get(number) for number in NEEDED):
        return "partial"
    if any(values.get(number) != PASS for number in NEEDED):
        return None
    return "complete" if sure and all(values.get(number) == PASS for number in LINKS) else "supported"


def _sure(runs: Sequence[Evidence], name: str) -> bool:
    """S7: enough trials over IPv6 in the day before the newest run, of which enough succeeded."""
    newest_us = max(map(issued_us, runs), default=0)
    of_day = [run for run in runs if newest_us - DAY_US <= issued_us(run)]
    tries, answered = _tally(of_day, (f"v6/{name}",))
    return tries >= FEWEST_TRIALS and answered * ALL_PPM >= SURE_PPM * tries


def _tally(runs: Iterable[Evidence], subjects: Sequence[str]) -> tuple[int, int]:
    """How many trials there were, and how many of them were answered at least."""
    tries = answered = 0
    for run in runs:
        for one in run.report.readings:
            made = one.facts.get("tries")
            if one.quantity == q.SITE_ANSWERED.name and one.subject in subjects and isinstance(made, int) and made > 0:
                tries += made
                answered += -(-(one.low or 0) * made // ALL_PPM)
    return tries, answered


def availability(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the trials that the site which did worst answered, over the better of the two families; of every site, or of none."""
    if not school.sites:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.SITE_AVAILABILITY.name}),))
    shares = {site.name: _answered(runs, site.name) for site in school.sites}
    unseen = tuple(Reason(Code.SITE_NOT_SEEN, {"site": name}) for name, share in shares.items() if share is None)
    known = [share for share in shares.values() if share is not None]
    return Measured(reasons=unseen) if unseen else Measured((q.SITE_AVAILABILITY.reading(min(known)),))


def _answered(runs: Sequence[Evidence], name: str) -> int | None:
    """The share (ppm) of the trials that one site answered, over the better family; None where there was no trial."""
    by_family = [_tally(runs, (f"{family}/{name}",)) for family in ("v6", "v4")]
    return max((answered * ALL_PPM // tries for tries, answered in by_family if tries), default=None)
