"""
How far does a school's own site support IPv6, and was it there?

*Method*: the reports of the operator's vantages. A site supports IPv6 where its name, its ports, its answers, its certificate and its name servers do over
IPv6 as over IPv4 (S1 to S6 of the latest run); fully, where at least 95 % of 48 trials in a day succeeded (S7) and its internal links
do too (S8, S9). Of several sites the worst counts, for a site of which the newest look says nothing the one before. Available is the share of all trials that were
answered over either family. Pure.

What it does not prove: what visitors elsewhere see; a vantage sees one path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collector.admission import DAY_US
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.ladder import FAIL, PASS
from evidence.model import Reading

PROBE = "site"
ALL_PPM = 1_000_000
SURE_PPM = 950_000  # S7
FEWEST_TRIALS = 48
NEEDED = ("S1", "S2", "S3", "S4", "S5", "S6")
LINKS = ("S8", "S9")
FIRST = ("S1", "S2")
WORST_FIRST = ("none", "partial", "supported", "complete")


def site_support(school: School, runs: Sequence[Evidence]) -> Measured:
    """The support (`site.ipv6`) of the worst of the school's sites, with every check that failed."""
    found, reasons = [], []
    for site in school.sites:
        checks = _latest(runs, site.name)
        if not checks:
            return Measured(reasons=(Reason(Code.SITE_NOT_SEEN, {"site": site.name}),))
        found.append(_support(checks, _sure(runs, site.name)))
        reasons += [_failed(one) for one in checks.values() if one.value == FAIL]
    if not found:
        return Measured(reasons=(Reason(Code.NOT_DECLARED, {"what": q.SITE_IPV6.name}),))
    worst = min(found, key=WORST_FIRST.index)
    return Measured((q.SITE_IPV6.reading(worst),), tuple(reasons))


def _latest(runs: Sequence[Evidence], name: str) -> dict[str, Reading]:
    """The checks of one site in the newest run that looked at it, by their number."""
    for run in sorted(runs, key=lambda one: one.received_unix_us, reverse=True):
        checks = {
            subject.partition("/")[0]: one
            for one in run.report.readings
            if one.quantity == q.SITE_CHECK.name and (subject := one.subject).partition("/")[2] == name
        }
        if checks:
            return checks
    return {}


def _failed(check: Reading) -> Reason:
    """One check that failed, in words."""
    number, _, name = check.subject.partition("/")
    return Reason(Code.SITE_CHECK, {"check": number, "site": name, "code": str(check.facts.get("code", ""))})


def _support(checks: dict[str, Reading], sure: bool) -> str:
    """How far the checks of one site go."""
    passed = {number for number, one in checks.items() if one.value == PASS}
    if not passed.issuperset(FIRST):
        return "none"
    if not passed.issuperset(NEEDED):
        return "partial"
    return "complete" if sure and passed.issuperset(LINKS) else "supported"


def _sure(runs: Sequence[Evidence], name: str) -> bool:
    """S7: enough trials over IPv6 in the day before the newest run, of which enough succeeded."""
    newest_us = max((run.received_unix_us for run in runs), default=0)
    of_day = [run for run in runs if newest_us - DAY_US <= run.received_unix_us]
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
    """Share (ppm) of the trials that the site which did worst answered, over the better of the two families."""
    shares = []
    for site in school.sites:
        by_family = [_tally(runs, (f"{family}/{site.name}",)) for family in ("v6", "v4")]
        known = [answered * ALL_PPM // tries for tries, answered in by_family if tries]
        shares += [max(known)] if known else []
    if not shares:
        declared = Code.NO_EVIDENCE if school.sites else Code.NOT_DECLARED
        return Measured(reasons=(Reason(declared, {"what": q.SITE_AVAILABILITY.name, "probe": "site"}),))
    return Measured((q.SITE_AVAILABILITY.reading(min(shares)),))
