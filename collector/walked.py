"""
What did one run of a survey hear of the school's own access points, and was somebody there?

*Method*: a run counts for its place if its code is that of the place's card in this order, its radio is a real one, its scans ran to their end, and neither
the clock of the walk nor the strengths of another place say that nobody moved. Everything that stands against it is a reason.

What it does not prove: that a person stood in the room. Codes can be read to somebody, and readings invented; the draw is made for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from collector.drivers import is_of_a_radio
from collector.school import Evidence, School
from collector.verdict import Code, Reason
from collector.wifi_profile import Profile
from evidence import quantities as q
from evidence.model import Reading

PROBE = "wifi"
LEGACY_BAND = "2.4"
JUDGED_BANDS = ("2.4", "5")  # an adapter that hears both can tell a hole from its own deafness


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One run at one point: the strengths of the school's own BSSs that were heard often enough, and what stands against it.

    `hears` are the bands in which silence means something.
    """

    run: Evidence
    place: str
    point: int
    own: tuple[Reading, ...]
    hears: frozenset[str]
    against: tuple[Reason, ...] = ()

    @property
    def order(self) -> str:
        """The id of its order."""
        return self.run.report.scan


def visits(school: School, runs: Iterable[Evidence], profile: Profile) -> list[Visit]:
    """The runs of surveys among these, each with what stands against it."""
    found = [visit for run in runs if (visit := _visit(school, run, profile)) is not None]
    return _without_twins(_without_haste(found, profile), profile)


def _visit(school: School, run: Evidence, profile: Profile) -> Visit | None:
    """One run; None where it is none of a survey, or told no point."""
    report, scan = run.report, run.scan
    point = _one(report.readings, q.SURVEY_POINT.name)
    if report.probe != PROBE or scan is None or scan.survey is None or point is None or point.low is None:
        return None
    owned = frozenset(scan.survey.owned)
    own = [one for one in report.readings if one.quantity == q.WIFI_SIGNAL.name and one.subject in owned]
    heard = tuple(one for one in own if int(one.facts.get("seen", 0)) >= profile.seen_at_least)
    can = [one.subject for one in report.readings if one.quantity == q.WIFI_BAND.name and one.value == "can"]
    against = (*_code(school, run, point), *_radio(school, run, profile))
    return Visit(run, report.place, point.low, heard, frozenset(can), against)


def _one(readings: Iterable[Reading], quantity: str) -> Reading | None:
    """The reading of a quantity that a run gives once."""
    return next((one for one in readings if one.quantity == quantity), None)


def _code(school: School, run: Evidence, point: Reading) -> tuple[Reason, ...]:
    """What is wrong with the typed code; whose it is, where it is another place's."""
    cards = school.codes.get(run.report.scan, {})
    typed, place = str(point.facts.get("code", "")), run.report.place
    if typed and cards.get(place) == typed:
        return ()
    other = next((where for where, code in cards.items() if code == typed), "")
    if other:
        return (Reason(Code.CODE_OF_ANOTHER, {"place": place, "other": other}),)
    return (Reason(Code.WRONG_CODE, {"place": place}),)


def _radio(school: School, run: Evidence, profile: Profile) -> tuple[Reason, ...]:
    """What is wrong with the radio or its scans."""
    report = run.report
    if report.failure is not None:
        return (Reason(Code.FAILED, {"probe": PROBE, "failure": report.failure.value}),)
    scans = _one(report.readings, q.WIFI_SCANS.name)
    driver = str(scans.facts.get("driver", "")) if scans is not None else ""
    if not is_of_a_radio(driver, school.virtual):
        return (Reason(Code.VIRTUAL_RADIO, {"place": report.place, "driver": driver}),)
    if scans is None or (scans.low or 0) < profile.scans_at_least:
        return (Reason(Code.TOO_FEW_SCANS, {"place": report.place}),)
    return ()


# --- Was it walked? ---------------------------------------------------------------------------------------------------


def _without_haste(found: Sequence[Visit], profile: Profile) -> list[Visit]:
    """Runs of one box that follow each other in two places sooner than anybody walks: neither counts."""
    marked: dict[str, Reason] = {}
    paths: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    for visit in found:
        paths[visit.run.report.agent, visit.run.report.conditions.boot_id].append(visit)
    for path in paths.values():
        path.sort(key=lambda visit: visit.run.report.conditions.started_monotonic_us)
        for before, after in pairwise(path):
            if before.place != after.place and _gap_us(before, after) < _least_us(before.place, after.place, profile):
                for visit, other in ((before, after), (after, before)):
                    marked[visit.run.id] = Reason(Code.TOO_QUICK, {"place": visit.place, "other": other.place})
    return [_with(visit, marked.get(visit.run.id)) for visit in found]


def _gap_us(before: Visit, after: Visit) -> int:
    """The time between the end of one run and the beginning of the next."""
    return after.run.report.conditions.started_monotonic_us - before.run.report.conditions.ended_monotonic_us


def _least_us(one: str, other: str, profile: Profile) -> int:
    """The shortest time from place to place: by the parts of their paths that differ."""
    here, there = one.split("/"), other.split("/")
    if here[:2] != there[:2]:
        return profile.other_building_us
    same_floor = len(here) < 4 or len(there) < 4 or here[2] == there[2]
    return profile.same_floor_us if same_floor else profile.other_floor_us


def _without_twins(found: Sequence[Visit], profile: Profile) -> list[Visit]:
    """Two places in which the same access points are heard equally strong are one place measured twice: neither counts."""
    marked: dict[str, Reason] = {}
    vectors = [(visit, {one.subject: one.low or 0 for one in visit.own}) for visit in found]
    by_set: dict[frozenset[str], list[tuple[Visit, dict[str, int]]]] = defaultdict(list)
    for visit, vector in vectors:
        if len(vector) >= profile.twin_bssids:
            by_set[frozenset(vector)].append((visit, vector))
    for alike in by_set.values():
        for number, (visit, vector) in enumerate(alike):
            for other, theirs in alike[:number]:
                if visit.place != other.place and visit.order == other.order and _near(vector, theirs, profile):
                    marked[visit.run.id] = Reason(Code.TWIN_PLACES, {"place": visit.place, "other": other.place})
                    marked[other.run.id] = Reason(Code.TWIN_PLACES, {"place": other.place, "other": visit.place})
    return [_with(visit, marked.get(visit.run.id)) for visit in found]


def _near(one: dict[str, int], other: dict[str, int], profile: Profile) -> bool:
    """Whether every access point is heard equally strong in both."""
    return all(abs(mbm - other[bssid]) <= profile.twin_mb for bssid, mbm in one.items())


def _with(visit: Visit, reason: Reason | None) -> Visit:
    """A visit with one more reason against it."""
    return visit if reason is None else replace(visit, against=(*visit.against, reason))
