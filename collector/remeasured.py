"""
Did the places that the collector drew to be measured again say the same?

*Method*: every survey that coverage rests on needs its draw: each drawn place walked to in time, its visit without anything against it, and the best own
access point no further from the first value than a body and a door explain.

What it does not prove: places that were not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from collector.coverage import best_at
from collector.school import Evidence, School
from collector.verdict import Code, Reason
from collector.walked import PROBE, Visit, visits
from collector.wifi_profile import profile
from evidence.scan import AskedBy, Scan


def draws_of(school: School, orders: Iterable[str]) -> dict[str, list[Scan]]:
    """The draws of each of these surveys."""
    found: dict[str, list[Scan]] = {order: [] for order in orders}
    for scan in school.orders:
        if scan.asked_by is AskedBy.DRAW and scan.survey is not None and scan.survey.remeasures in found:
            found[scan.survey.remeasures].append(scan)
    return found


def open_draws(school: School, runs: Sequence[Evidence], orders: Iterable[str], now_us: int) -> tuple[Reason, ...]:
    """Why the draws of these surveys do not bear them out yet; nothing where they do."""
    walked = visits(school, (run for run in runs if run.report.probe == PROBE), profile())
    reasons: list[Reason] = []
    for order, draws in draws_of(school, orders).items():
        if not draws:
            reasons.append(Reason(Code.NOT_DRAWN_YET, {}))
        for draw in draws:
            reasons += _of_draw(draw, order, walked, now_us)
    return tuple(dict.fromkeys(reasons))


def _of_draw(draw: Scan, order: str, walked: Sequence[Visit], now_us: int) -> Iterator[Reason]:
    """What one draw leaves open."""
    for spot in draw.survey.spots if draw.survey is not None else ():
        again = [visit for visit in walked if visit.order == draw.id and visit.place == spot.place]
        first = [visit for visit in walked if visit.order == order and visit.place == spot.place]
        yield from _of_spot(spot.place, first, again, draw.expires_unix_us < now_us)


def _of_spot(place: str, first: Sequence[Visit], again: Sequence[Visit], is_over: bool) -> Iterator[Reason]:
    """What one drawn place leaves open."""
    before, after = best_at(first, 1), best_at(again, 1)
    against = [reason for visit in again for reason in visit.against]
    if after is None:
        yield from against or [Reason(Code.REMEASURE_MISSED if is_over else Code.REMEASURE_OPEN, {"place": place})]
    elif before is not None and abs(before - after) > profile().remeasure_mb:
        apart = abs(before - after) // 100
        yield Reason(Code.REMEASURE_DIFFERS, {"place": place, "db": apart})
