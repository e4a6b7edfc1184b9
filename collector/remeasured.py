"""
Did the places that the collector drew to be measured again say the same?

*Method*: every survey that coverage rests on needs its draw: each drawn place walked to in time, its visit without anything against it, and the best own
access point no further from the first value than a body and a door explain.

What it does not prove: places that were not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from collector.coverage import Walked, best_at
from collector.school import School
from collector.verdict import Code, Reason
from collector.walked import Visit
from collector.wifi_profile import profile
from evidence.scan import AskedBy, Scan


def draws_of(school: School, orders: Iterable[str]) -> dict[str, list[Scan]]:
    """The draws of each of these surveys."""
    found: dict[str, list[Scan]] = {order: [] for order in orders}
    for scan in school.orders:
        if scan.asked_by is AskedBy.DRAW and scan.survey is not None and scan.survey.remeasures in found:
            found[scan.survey.remeasures].append(scan)
    return found


def open_draws(school: School, walked: Walked, orders: Iterable[str], now_us: int) -> tuple[Reason, ...]:
    """Why the draws of these surveys do not bear them out yet; nothing where they do."""
    reasons: list[Reason] = []
    for order, draws in draws_of(school, orders).items():
        if not draws:
            reasons.append(Reason(Code.NOT_DRAWN_YET, {}))
        for draw in draws:
            reasons += _of_draw(draw, order, walked, now_us)
    return tuple(dict.fromkeys(reasons))


def evidence_of_draws(school: School, walked: Walked, orders: Iterable[str]) -> tuple[str, ...]:
    """The runs that answered the draws of these surveys."""
    drawn = {draw.id for draws in draws_of(school, orders).values() for draw in draws}
    return tuple(visit.run.id for (order, _), mine in walked.items() if order in drawn for visit in mine)


def _of_draw(draw: Scan, order: str, walked: Walked, now_us: int) -> Iterator[Reason]:
    """What one draw leaves open."""
    for spot in draw.survey.spots if draw.survey is not None else ():
        again, first = (walked.get((asked, spot.place), []) for asked in (draw.id, order))
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
