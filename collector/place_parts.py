"""
Do so many of the wanted places pass?

*Method*: a row for each place of the wanted kinds (collector.coverage); the share that passes, and the share that may still, are held against the
part's bound. Nothing is met while the re-measure draw of a survey behind it is open, or says otherwise.

What it does not prove: more than its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from collector.against import ALL_PPM, share_of_places
from collector.coverage import BORDERLINE, CANNOT_TELL, FAIL, NOT_MEASURED, PASS, PlaceRow, rows_of
from collector.frameworks import Grade, Part
from collector.remeasured import open_draws
from collector.school import Evidence, School
from collector.verdict import Code, PartVerdict, Reason, Status
from evidence import quantities as q
from evidence.model import Quantity

STATUS = {
    PASS: Status.MET,
    FAIL: Status.NOT_MET,
    BORDERLINE: Status.NOT_SHOWN,
    CANNOT_TELL: Status.NOT_SHOWN,
    NOT_MEASURED: Status.NOT_SHOWN,
}
PLACED = (q.WIFI_COVERAGE.name, q.WIFI_GIGABIT_COVERAGE.name)
URGENT = (Code.PLACE_HOLE, Code.PLACE_WEAK)
MOST_REASONS = 12  # a page names so many places; the table of places names all


def judged_over_places(
    part: Part, quantity: Quantity, school: School, runs: Sequence[Evidence], now_us: int, grade: Grade
) -> PartVerdict:
    """The verdict on a part that asks for Wi-Fi at places, from all runs of its period."""
    rows = [row for row in rows_of(school, runs, now_us) if part.wants(row.place.kind, row.place.main)]
    states = [_state(row, quantity) for row in rows]
    status = Status.NOT_SHOWN if part.support else share_of_places(part, [STATUS[state] for state in states])
    behind = tuple(dict.fromkeys(identity for row in rows for identity in row.evidence))
    orders = tuple(dict.fromkeys(row.order for row in rows if row.order))
    drawn = open_draws(school, runs, orders, now_us)
    notes = twins(runs)
    if status is Status.MET and drawn:
        status, reasons = Status.NOT_SHOWN, drawn
    else:
        reasons = () if status is Status.MET else _reasons(rows, states, quantity)
    passed, failed = states.count(PASS), states.count(FAIL)
    shown = (
        quantity.between(passed * ALL_PPM // len(rows), (len(rows) - failed) * ALL_PPM // len(rows)) if rows else None
    )
    issued = min((row.issued_unix_us for row in rows if row.order), default=None)
    return PartVerdict(part, status, reasons, shown, behind, issued, grade if behind else Grade.A0, notes)


def _state(row: PlaceRow, quantity: Quantity) -> str:
    """The state of a place as this quantity sees it."""
    return row.state if quantity is q.WIFI_COVERAGE else row.gigabit


def _reasons(rows: Sequence[PlaceRow], states: Sequence[str], quantity: Quantity) -> tuple[Reason, ...]:
    """Why not all pass: holes first, then what is weak, then what is open, and how many have been measured."""
    if not rows:
        return (Reason(Code.NO_PLACE),)
    found: list[Reason] = []
    for row, state in zip(rows, states, strict=True):
        if state != PASS:
            found += row.reasons or _of_gigabit(row, state, quantity)
    found.sort(key=lambda reason: reason.code not in URGENT)
    measured = sum(state in (PASS, FAIL) for state in states)
    if measured < len(rows):
        found.insert(0, Reason(Code.COVERAGE, {"count": measured, "total": len(rows)}))
    if found[0].code is Code.COVERAGE and FAIL in states:
        found.append(found.pop(0))
    return tuple(dict.fromkeys(found))[:MOST_REASONS]


def _of_gigabit(row: PlaceRow, state: str, quantity: Quantity) -> list[Reason]:
    """Why a covered place has no gigabit."""
    if quantity is q.WIFI_COVERAGE or state == NOT_MEASURED:
        return []
    return [Reason(Code.NO_GIGABIT, {"place": row.place.path})]


def twins(runs: Sequence[Evidence]) -> tuple[Reason, ...]:
    """Senders of the school's network name that are not the school's, each once."""
    found: dict[str, Reason] = {}
    for run in runs:
        survey = run.scan.survey if run.scan is not None else None
        for reading in run.report.readings if survey is not None else ():
            is_named = reading.facts.get("ssid_hex") in survey.networks if survey is not None else False
            if is_named and survey is not None and reading.subject not in survey.owned:
                about = {"bssid": reading.subject, "place": run.report.place}
                found.setdefault(reading.subject, Reason(Code.TWIN, about))
    return tuple(found.values())[:MOST_REASONS]
