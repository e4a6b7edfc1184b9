"""
Do so many of the wanted places pass?

*Method*: a row for each place of the wanted kinds (collector.coverage); the share that passes, and the share that may still, are held against the
part's bound. Nothing is met while the re-measure draw of a survey behind it is open, or says otherwise.

What it does not prove: more than its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from collector.against import ALL_PPM, share_of_places
from collector.coverage import (
    BORDERLINE,
    CANNOT_TELL,
    FAIL,
    NOT_MEASURED,
    PASS,
    PlaceRow,
    rows_from,
    slow_access_points,
    walked_in,
)
from collector.frameworks import Grade, Part
from collector.remeasured import evidence_of_draws, open_draws
from collector.school import Evidence, School
from collector.verdict import Code, PartVerdict, Reason, Status
from collector.walked import Owned
from collector.wifi_profile import profile
from evidence import quantities as q
from evidence.model import Facts, Quantity, Reading

STATUS = {
    PASS: Status.MET,
    FAIL: Status.NOT_MET,
    BORDERLINE: Status.NOT_SHOWN,
    CANNOT_TELL: Status.NOT_SHOWN,
    NOT_MEASURED: Status.NOT_SHOWN,
}
PLACED = (q.WIFI_COVERAGE.name, q.WIFI_GIGABIT_COVERAGE.name)
URGENT = (Code.PLACE_HOLE, Code.PLACE_WEAK, Code.NO_GIGABIT)
PENDING = (Code.NOT_DRAWN_YET, Code.REMEASURE_OPEN)
HEARD = (q.WIFI_SIGNAL.name, q.WIFI_HEARD.name)
MOST_REASONS = 12  # a page names so many places; the table of places names all


def judged_over_places(
    part: Part, quantity: Quantity, school: School, runs: Sequence[Evidence], now_us: int, grade: Grade
) -> PartVerdict:
    """The verdict on a part that asks for Wi-Fi at places, from all runs of its period."""
    walked = walked_in(school, runs)
    every = rows_from(school, walked, slow_access_points(runs, profile()), now_us)
    rows = [row for row in every if part.wants(row.place.kind, row.place.main)]
    states = [_state(row, quantity) for row in rows]
    orders = tuple(dict.fromkeys(row.order for row in rows if row.order))
    status = Status.NOT_SHOWN if part.support else share_of_places(part, [STATUS[state] for state in states])
    reasons = () if status is Status.MET else _reasons(rows, states, quantity)
    open_ = open_draws(school, walked, orders, now_us)
    if status is Status.MET and open_:
        status, reasons = Status.NOT_SHOWN, open_
    behind = (*(one for row in rows for one in row.evidence), *evidence_of_draws(school, walked, orders))
    return PartVerdict(
        part,
        status,
        reasons,
        _shown(quantity, states, any(reason.code not in PENDING for reason in open_)),
        tuple(dict.fromkeys(behind)),
        min((row.issued_unix_us for row in rows if row.order), default=None),
        grade if behind else Grade.A0,
        twins(runs),
    )


def _shown(quantity: Quantity, states: Sequence[str], is_doubted: bool) -> Reading | None:
    """The share of places between what was measured and what may still be; where a draw says otherwise no place is shown covered."""
    if not states:
        return None
    passed, failed = 0 if is_doubted else states.count(PASS), states.count(FAIL)
    facts: Facts = {
        "profile": profile().id,
        "places": len(states),
        "measured": len(states) - states.count(NOT_MEASURED),
    }
    low, high = (count * ALL_PPM // len(states) for count in (passed, len(states) - failed))
    return quantity.between(low, high, facts=facts)


def _state(row: PlaceRow, quantity: Quantity) -> str:
    """The state of a place as this quantity sees it."""
    return row.state if quantity is q.WIFI_COVERAGE else row.gigabit


def _reasons(rows: Sequence[PlaceRow], states: Sequence[str], quantity: Quantity) -> tuple[Reason, ...]:
    """Why not all pass: holes first, then what is weak, then what is open, and how many have been measured."""
    if not rows:
        return (Reason(Code.NO_PLACE),)
    missed = [(row, state) for row, state in zip(rows, states, strict=True) if state != PASS]
    found = [reason for row, state in missed for reason in (*_of_gigabit(row, state, quantity), *row.reasons)]
    measured = len(states) - states.count(NOT_MEASURED)
    found += [Reason(Code.COVERAGE, {"count": measured, "total": len(rows)})] if measured < len(rows) else []
    found.sort(key=lambda reason: (reason.code not in URGENT, reason.code is not Code.COVERAGE))
    return tuple(dict.fromkeys(found))[:MOST_REASONS]


def _of_gigabit(row: PlaceRow, state: str, quantity: Quantity) -> list[Reason]:
    """That a place has no gigabit, where it was measured and is not simply without coverage."""
    if quantity is q.WIFI_COVERAGE or state not in (FAIL, BORDERLINE) or row.state == FAIL:
        return []
    return [Reason(Code.NO_GIGABIT, {"place": row.place.path})]


def twins(runs: Sequence[Evidence]) -> tuple[Reason, ...]:
    """Senders of the school's network name that are not the school's, each once."""
    found: dict[str, Reason] = {}
    owned = Owned()
    for run in runs:
        for reading in _strangers(run, owned):
            about = {"bssid": reading.subject, "place": run.report.place}
            found.setdefault(reading.subject, Reason(Code.TWIN, about))
    return tuple(found.values())[:MOST_REASONS]


def _strangers(run: Evidence, owned: Owned) -> list[Reading]:
    """What one run of a survey heard under the school's name that its order does not call the school's own."""
    survey = run.scan.survey if run.scan is not None else None
    if survey is None:
        return []
    named = [one for one in run.report.readings if one.facts.get("ssid_hex") in survey.networks]
    return [one for one in named if one.quantity in HEARD and one.subject not in owned.of(survey)]
