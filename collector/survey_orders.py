"""
Where is somebody to walk, and whose access points are the school's?

*Method*: every place of the list is a spot, with as many points as its area asks for; whose a BSSID is, the newest answers of the controllers say, and the list
for access points that it names itself. Codes are drawn anew for each order and stand in no order: the box must not know them. When a survey
is walked or over, a twentieth of its measured places is drawn to be walked once more.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from collector.admission import is_fresh, latest_runs, standings
from collector.managed import PROBE as APS
from collector.messages import N_
from collector.school import Evidence, School
from collector.walked import PROBE as WIFI
from collector.wifi_profile import profile
from collector.wrong_order import WrongOrder
from evidence import quantities as q
from evidence.model import Report, Settings
from evidence.scan import Scan, Spot, Survey, Task
from evidence.survey import ALPHABET, DRAWN, WALKED, with_check

OWNED_DAYS = 180
MOST_OWNED = 20_000
DRAW_ONE_OF = 20
SETTINGS: dict[str, Settings] = {"wifi": {"scans": 5}, "roam": {"handovers": 10, "duration_s": 900}}


def walked_tasks(probes: Sequence[str]) -> list[Task]:
    """The tasks of walked probes; raises WrongOrder where others are among them."""
    others = sorted(set(probes) - set(WALKED))
    if others:
        raise WrongOrder(
            N_("{walked} are carried through the school by a person, {others} run by themselves: give two orders."),
            walked=", ".join(one for one in WALKED if one in probes),
            others=", ".join(others),
        )
    return [Task(probe, dict(SETTINGS[probe])) for probe in WALKED if probe in probes]


def survey_of(school: School, stored: Iterable[Evidence], now_us: int, places: Sequence[str] = ()) -> Survey:
    """The survey of a school's places, all unless some are named; raises WrongOrder with what is missing."""
    known = {place.path: place for place in school.places}
    strangers = sorted(set(places) - set(known))
    if strangers:
        raise WrongOrder(N_("{school} has no place {place} in its list."), school=school.name, place=strangers[0])
    if not known:
        raise WrongOrder(
            N_("{school}: the school's list names no place; add rows place to it, such as: place,main/teaching-1/101"),
            school=school.name,
        )
    if not school.networks:
        raise WrongOrder(
            N_("{school}: the school's list names no network; add a row network to it, such as: network,School"),
            school=school.name,
        )
    owned = owned_of(school, stored, now_us)
    if not owned:
        raise WrongOrder(
            N_(
                "{school}: nobody knows which access points are the school's: list its controllers (rows controller) and order "
                "the probe aps, or list them (rows ap)."
            ),
            school=school.name,
        )
    figures = profile()
    spots = [
        Spot(path, figures.points_for(place.area_m2)) for path, place in known.items() if path in places or not places
    ]
    return Survey(tuple(spots), school.networks, owned)


def owned_of(school: School, stored: Iterable[Evidence], now_us: int) -> tuple[str, ...]:
    """The BSSIDs that the controllers' newest answers name, and those of the list; in order."""
    runs = [run for run in latest_runs(standings(school, stored).admitted, APS) if is_fresh(run, OWNED_DAYS, now_us)]
    told = {one.subject for run in runs for one in run.report.readings if one.quantity == q.AP_BSSID.name}
    told |= {bssid for one in school.access_points for bssid in one.bssids}
    return tuple(sorted(told))[:MOST_OWNED]


def new_codes(survey: Survey) -> dict[str, str]:
    """A code for each place, no two alike."""
    found: dict[str, str] = {}
    while len(found) < len(survey.spots):
        code = with_check(secrets.choice(ALPHABET) for _ in range(DRAWN))
        if code not in found.values():
            found[survey.spots[len(found)].place] = code
    return found


def is_walked(scan: Scan, reports: Iterable[tuple[str, int]]) -> bool:
    """Whether a point was measured wherever the order asks for one; `reports` are places and points."""
    there = set(reports)
    spots = scan.survey.spots if scan.survey is not None else ()
    return all((spot.place, number) in there for spot in spots for number in range(1, spot.points + 1))


def drawn_again(scan: Scan, measured: Iterable[str]) -> Survey | None:
    """A twentieth of the measured places of a survey, one at least, drawn by chance; None where nothing was measured."""
    places = sorted(set(measured))
    if scan.survey is None or not places:
        return None
    drawn = secrets.SystemRandom().sample(places, -(-len(places) // DRAW_ONE_OF))
    return Survey(tuple(Spot(place, 1) for place in sorted(drawn)), scan.survey.networks, scan.survey.owned, scan.id)


def points_of(reports: Iterable[Report]) -> list[tuple[str, int]]:
    """The places and points that reports of a walk tell."""
    mine = [report for report in reports if report.probe == WIFI]
    told = [
        (report.place, reading.low)
        for report in mine
        for reading in report.readings
        if reading.quantity == q.SURVEY_POINT.name
    ]
    return [(place, point) for place, point in told if point is not None]
