"""
Which grade of IPv6 does a school's evidence show?

*Method*: the grade of each agent's latest run, as far as its echo carries it: sealed by a server that the operator still trusts, within the time of
the order, and seen from an address in a registered IPv6 prefix of one of the school's lines. What
the echo does not carry lowers the proved grade to 1, what a host has by itself. Grade 4 comes where L9 passed too and the switches show that IPv6 is used
(`collector.ipv6_use`). Pure.

What it does not prove: L4, L7, L8 and L9, which are the box's word; nor that other networks of the school are as good.
"""

from __future__ import annotations

from collections.abc import Sequence

from collector.plausible_ipv6 import echo_of as opened_echo
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.echo import Echoed
from evidence.ladder import FAIL, NOT_TESTED, PASS
from evidence.model import Reading

ADRIFT_US = 600_000_000  # by how much the clocks of server and collector may differ
WITHOUT_ECHO = 1  # the highest grade that needs nobody else's word
SUPPORTED, IN_USE = 3, 4


def ladder_grades(school: School, runs: Sequence[Evidence]) -> Measured:
    """The grade of each run, with why one is not believed as high as it says."""
    readings: list[Reading] = []
    reasons: list[Reason] = []
    for run in runs:
        grade = next((one for one in run.report.readings if one.quantity == q.IPV6_GRADE.name), None)
        if grade is None:
            continue
        opened, rung = echo_of(run), rung_of(run, "L6")
        wrong = not_carried(school, run, opened) if rung is not None and rung.value == PASS else None
        readings.append(grade if wrong is None else _lowered(grade))
        reasons += [wrong] if wrong is not None else []
    return Measured(tuple(readings), tuple(reasons))


def echo_of(run: Evidence) -> Echoed | None:
    """What the operator's server sealed about a run; None where its L6 did not pass."""
    rung = rung_of(run, "L6")
    return opened_echo(run.report) if rung is not None and rung.value == PASS else None


def rung_of(run: Evidence, subject: str) -> Reading | None:
    """One rung of a run."""
    rungs = (one for one in run.report.readings if one.quantity == q.IPV6_RUNG.name)
    return next((one for one in rungs if one.subject == subject), None)


def not_carried(school: School, run: Evidence, opened: Echoed | None) -> Reason | None:
    """Why an echo does not carry what stands on it; None where it does. Which server sealed it is told by the key, not by its own word."""
    key = (run.report.settings.get("echo") or {}).get("server_key")
    server = next((one for one in school.servers.values() if one.public_key == key), None)
    if opened is None or server is None or server.revoked:
        return Reason(Code.ECHO_NOT_TRUSTED, {"server": server.name if server is not None else str(key)[:16]})
    issued_us = run.scan.issued_unix_us if run.scan is not None else 0
    if not issued_us - ADRIFT_US <= opened.answered_unix_us <= run.received_unix_us + ADRIFT_US:
        return Reason(Code.ECHO_OUT_OF_TIME, {"server": server.name})
    if not any(":" in prefix for line in school.lines for prefix in line.prefixes):
        return Reason(Code.NO_IPV6_PREFIX, {"seen": opened.seen})
    if not any(line.has(opened.seen) for line in school.lines):
        return Reason(Code.ECHO_ELSEWHERE, {"seen": opened.seen})
    return None


def _lowered(grade: Reading) -> Reading:
    """A grade of which no more is proved than what needs no echo; how high it may be stays open."""
    low = min(grade.low or 0, WITHOUT_ECHO)
    return q.IPV6_GRADE.between(low, grade.high, facts=grade.facts)


def raised(measured: Measured, runs: Sequence[Evidence], used: bool | None) -> Measured:
    """
    The same with grade 4 where every run has grade 3 and passed L9, and IPv6 is used; open up to it where one of these is.

    `used` is None while the switches tell too little.
    """
    alike = [rung.value if (rung := rung_of(run, "L9")) is not None else NOT_TESTED for run in runs]
    if used is False or FAIL in alike:
        return measured
    supported = all((one.low or 0) >= SUPPORTED for one in measured.readings)
    low = IN_USE if used and supported and set(alike) == {PASS} else SUPPORTED
    readings = tuple(_open_above(one, low) for one in measured.readings)
    return Measured(readings, measured.reasons, measured.notes)


def _open_above(grade: Reading, low: int) -> Reading:
    """A grade that nothing bounds below grade 4: at least so much where it is supported, at least as before where that is open."""
    if (grade.high or 0) < SUPPORTED:
        return grade
    return q.IPV6_GRADE.between(low if grade.low == SUPPORTED else grade.low, IN_USE, facts=grade.facts)
