"""
Which places of a survey are done, which are to be measured again, and which is the next?

*Method*: an order's spots against the points that were sealed on this box. What a point is likely to come to is told from the two limits that most
profiles have, for the walker only.

What it does not prove: the verdict. The collector judges, by the codes that only it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.outbox import Visit
from evidence import quantities as q
from evidence.model import Failure, Reading
from evidence.scan import AskedBy, Scan
from evidence.survey import TRIES

PASS_MBM, FAIL_MBM, UNSURE_MB = -6_500, -7_000, 300
PASS, BORDERLINE, WEAK, NOTHING, FAILED = "pass", "borderline", "weak", "nothing", "failed"
AGAIN = (BORDERLINE, FAILED)  # what a walker had better measure once more while standing there
DONE, REPEAT, OPEN = "done", "repeat", "open"


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of the walk: the points that it asks for, those that are sealed with what each is likely to come to, and how it stands."""

    place: str
    points: int
    sealed: dict[int, str]
    tries: dict[int, int]

    @property
    def state(self) -> str:
        """open while a point is missing, repeat where one had better be measured again, else done."""
        if len(self.sealed) < self.points:
            return OPEN
        return REPEAT if any(self._again(number) for number in self.sealed) else DONE

    def _again(self, number: int) -> bool:
        """Whether a point had better be measured again, and may be."""
        return self.sealed[number] in AGAIN and self.tries[number] < TRIES

    @property
    def next_point(self) -> int:
        """The point to be measured next: one that is missing, else one to be measured again, else the first."""
        missing = (number for number in range(1, self.points + 1) if number not in self.sealed)
        again = (number for number in self.sealed if self._again(number))
        return next(missing, next(again, 1))


@dataclass(frozen=True, slots=True)
class Route:
    """One order and its stops, in the order's own order."""

    scan: Scan
    stops: tuple[Stop, ...]

    @property
    def done(self) -> int:
        """How many places have all their points."""
        return sum(stop.state != OPEN for stop in self.stops)

    @property
    def repeat(self) -> int:
        """How many had better be measured again."""
        return sum(stop.state == REPEAT for stop in self.stops)

    @property
    def complete(self) -> bool:
        """Whether every point was sealed."""
        return self.done == len(self.stops)

    def shown(self) -> dict[str, Any]:
        """As the page gets it."""
        return {
            "scan": self.scan.id,
            "again": self.scan.asked_by is AskedBy.DRAW,
            "expires_unix_us": self.scan.expires_unix_us,
            "done": self.done,
            "total": len(self.stops),
            "repeat": self.repeat,
            "roams": self.scan.settings_of("roam") is not None,
            "stops": [
                {
                    "place": stop.place,
                    "points": stop.points,
                    "sealed": {str(number): hint for number, hint in stop.sealed.items()},
                    "state": stop.state,
                    "next": stop.next_point,
                }
                for stop in self.stops
            ],
        }


def route_of(scan: Scan, visits: Iterable[Visit]) -> Route:
    """How far an order is, by the sealed visits of this box."""
    mine = [visit for visit in visits if visit.scan == scan.id and visit.state == "sealed"]
    stops = []
    for spot in scan.survey.spots if scan.survey is not None else ():
        here = [visit for visit in mine if visit.place == spot.place]
        sealed = {visit.point: visit.hint for visit in sorted(here, key=lambda visit: visit.attempt)}
        tries = {point: max(visit.attempt for visit in here if visit.point == point) for point in sealed}
        stops.append(Stop(spot.place, spot.points, sealed, tries))
    return Route(scan, tuple(stops))


def hint_of(readings: Sequence[Reading], owned: Iterable[str], failure: Failure | None) -> tuple[str, int | None, int]:
    """What a point is likely to come to, the strongest own access point (mBm) and how many were heard."""
    known = frozenset(owned)
    own = [one.low for one in readings if one.quantity == q.WIFI_SIGNAL.name and one.subject in known]
    heard = [mbm for mbm in own if mbm is not None]
    if failure is not None:
        return FAILED, max(heard, default=None), len(heard)
    if not heard:
        return NOTHING, None, 0
    return _against_limits(max(heard)), max(heard), len(heard)


def _against_limits(best_mbm: int) -> str:
    """pass, borderline or weak."""
    if best_mbm - UNSURE_MB >= PASS_MBM:
        return PASS
    return BORDERLINE if best_mbm + UNSURE_MB >= FAIL_MBM else WEAK


def next_stop(route: Route, after: str) -> Stop | None:
    """The next place to go to: the first open one behind the last place in the list, else the first open one, else one to be measured again."""
    names = [stop.place for stop in route.stops]
    start = names.index(after) + 1 if after in names else 0
    turned = (*route.stops[start:], *route.stops[:start])
    for state in (OPEN, REPEAT):
        found = next((stop for stop in turned if stop.state == state), None)
        if found is not None:
            return found
    return None
