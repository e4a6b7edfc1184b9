"""
What did one run of a survey hear of the school's own access points, and was somebody there?

*Method*: a run counts for its place if its code is that of the place's card in this order, its radio is a real one, its scans ran to their end, and neither
the clock of the walk nor the strengths of another run say that nobody moved. Everything that stands against it is a reason. What comes in when the
places to be measured again are drawn already can make a survey worse and not better: chance would have nothing left to find.

What it does not prove: that a person stood in the room. Codes can be read to somebody, and readings invented; the draw is made for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice, pairwise

from collector.drivers import RADIOS_OF_THE_LAB, is_of_a_radio
from collector.school import Evidence, School
from collector.verdict import Code, Reason
from collector.wifi_profile import Profile
from evidence import quantities as q
from evidence.model import Reading
from evidence.scan import AskedBy, Survey
from evidence.survey import tidied

PROBE = "wifi"
LEGACY_BAND = "2.4"
JUDGED_BANDS = ("2.4", "5")  # an adapter that hears both can tell a hole from its own deafness
Mark = tuple[str, Reason]  # the id of a run, and what stands against it


@dataclass(frozen=True, slots=True)
class Owned:
    """The school's own BSSIDs as each survey names them: a set is made once of each list, which may be long."""

    known: dict[int, frozenset[str]] = field(default_factory=dict)

    def of(self, survey: Survey) -> frozenset[str]:
        """The BSSIDs of one survey, which lives as long as this does."""
        found = self.known.get(id(survey))
        if found is None:
            found = self.known[id(survey)] = frozenset(survey.owned)
        return found


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One run at one point: the strengths of the school's own BSSs that were heard often enough, and what stands against it.

    `hears` are the bands in which silence means something; `is_late` says that it came in after the draw of its survey.
    """

    run: Evidence
    place: str
    point: int
    own: tuple[Reading, ...]
    hears: frozenset[str]
    against: tuple[Reason, ...] = ()
    is_late: bool = False

    @property
    def order(self) -> str:
        """The id of its order."""
        return self.run.report.scan


def visits(school: School, runs: Iterable[Evidence], profile: Profile) -> list[Visit]:
    """The runs of surveys among these, each with what stands against it."""
    drawn, owned = _drawn_us(school), Owned()
    found = [visit for run in runs if (visit := _visit(school, run, profile, drawn, owned)) is not None]
    against: dict[str, dict[Code, Reason]] = defaultdict(dict)
    for identity, reason in chain(_hasty(found, profile), _twins(found, profile), _copies(found, profile)):
        against[identity].setdefault(reason.code, reason)
    return [replace(visit, against=(*visit.against, *against[visit.run.id].values())) for visit in found]


def _drawn_us(school: School) -> dict[str, int]:
    """When each survey was first drawn of, by its order's id."""
    found: dict[str, int] = {}
    for scan in school.orders:
        if scan.asked_by is AskedBy.DRAW and scan.survey is not None:
            first = found.get(scan.survey.remeasures, scan.issued_unix_us)
            found[scan.survey.remeasures] = min(first, scan.issued_unix_us)
    return found


def _visit(school: School, run: Evidence, profile: Profile, drawn_us: Mapping[str, int], owned: Owned) -> Visit | None:
    """One run; None where it is none of a survey, or told no point."""
    report, scan = run.report, run.scan
    point = _one(report.readings, q.SURVEY_POINT.name)
    if report.probe != PROBE or scan is None or scan.survey is None or point is None or point.low is None:
        return None
    signals = [one for one in report.readings if one.quantity == q.WIFI_SIGNAL.name]
    own = [one for one in signals if one.subject in owned.of(scan.survey)]
    heard = tuple(one for one in own if int(one.facts.get("seen", 0)) >= profile.seen_at_least)
    can = [one.subject for one in report.readings if one.quantity == q.WIFI_BAND.name and one.value == "can"]
    against = (*_code(school, run, point), *_radio(school, run, profile))
    is_late = run.received_unix_us > drawn_us.get(scan.id, run.received_unix_us)
    return Visit(run, report.place, point.low, heard, frozenset(can), against, is_late)


def _one(readings: Iterable[Reading], quantity: str) -> Reading | None:
    """The reading of a quantity that a run gives once."""
    return next((one for one in readings if one.quantity == quantity), None)


def _driver(readings: Iterable[Reading]) -> str:
    """Whose radio a run listened with; empty where it does not say so."""
    scans = _one(readings, q.WIFI_SCANS.name)
    return str(scans.facts.get("driver", "")) if scans is not None else ""


def _code(school: School, run: Evidence, point: Reading) -> tuple[Reason, ...]:
    """What is wrong with the typed code; whose it is, where it is another place's."""
    cards = school.codes.get(run.report.scan, {})
    typed, place = tidied(str(point.facts.get("code", ""))), run.report.place
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
    driver = _driver(report.readings)
    if not is_of_a_radio(driver, school.virtual):
        return (Reason(Code.VIRTUAL_RADIO, {"place": report.place, "driver": driver}),)
    if scans is None or (scans.low or 0) < profile.scans_at_least:
        return (Reason(Code.TOO_FEW_SCANS, {"place": report.place}),)
    return ()


# --- Was it walked? ---------------------------------------------------------------------------------------------------


def _hasty(found: Sequence[Visit], profile: Profile) -> Iterator[Mark]:
    """Runs of one box that follow each other in two places sooner than anybody walks, or that overlap: neither counts."""
    boxes: dict[str, list[Visit]] = defaultdict(list)
    for visit in found:
        boxes[visit.run.report.agent].append(visit)
    for path in boxes.values():
        path.sort(key=lambda visit: visit.run.report.sequence)
        for before, after in pairwise(path):
            if _gap_us(before, after) < _least_us(before.place, after.place, profile):
                yield from _both(Code.TOO_QUICK, before, after)


def _gap_us(before: Visit, after: Visit) -> int:
    """The time between the end of one run and the beginning of the next; of two boots the wall clock tells it."""
    one, other = before.run.report.conditions, after.run.report.conditions
    if one.boot_id == other.boot_id:
        return other.started_monotonic_us - one.ended_monotonic_us
    return other.started_unix_us - one.ended_unix_us


def _least_us(one: str, other: str, profile: Profile) -> int:
    """The shortest time from place to place: by the parts of their paths that differ."""
    here, there = one.split("/"), other.split("/")
    if here == there:
        return 0
    if here[:2] != there[:2]:
        return profile.other_building_us
    same_floor = len(here) < 4 or len(there) < 4 or here[2] == there[2]
    return profile.same_floor_us if same_floor else profile.other_floor_us


def _twins(found: Sequence[Visit], profile: Profile) -> Iterator[Mark]:
    """Two places in which the same access points are heard equally strong are one place measured twice: neither counts."""
    alike: dict[tuple[str, frozenset[str]], list[Visit]] = defaultdict(list)
    for visit in found:
        if len({_radio_of(reading) for reading in visit.own}) >= profile.twin_radios:
            alike[visit.order, frozenset(reading.subject for reading in visit.own)].append(visit)
    for group in alike.values():
        yield from _twins_among(group, profile)


def _twins_among(group: list[Visit], profile: Profile) -> Iterator[Mark]:
    """Those that hear the same access points: sorted by one of them, so that only neighbours are compared."""
    lead = min(reading.subject for reading in group[0].own)
    ranked = sorted((_strength(visit, lead), at) for at, visit in enumerate(group))
    found: set[int] = set()
    for number, (strength, at) in enumerate(ranked):
        for other_strength, other_at in islice(ranked, number + 1, None):
            if other_strength - strength > profile.twin_mb:
                break
            one, other = group[at], group[other_at]
            if {at, other_at} <= found:
                continue  # of many that are alike each is told once
            if one.place != other.place and _near(one, other, profile):
                found |= {at, other_at}
                yield from _both(Code.TWIN_PLACES, one, other)


def _strength(visit: Visit, bssid: str) -> int:
    """How strong one access point was heard (mBm)."""
    return next(reading.low or 0 for reading in visit.own if reading.subject == bssid)


def _radio_of(reading: Reading) -> tuple[str, object]:
    """Which radio sends a BSSID: networks of one radio differ in the first or last octet, and are heard equally strong everywhere."""
    return reading.subject[3:14], reading.facts.get("frequency_mhz")


def _near(one: Visit, other: Visit, profile: Profile) -> bool:
    """Whether every access point is heard equally strong in both."""
    theirs = {reading.subject: reading.low or 0 for reading in other.own}
    return all(abs((reading.low or 0) - theirs[reading.subject]) <= profile.twin_mb for reading in one.own)


def _copies(found: Sequence[Visit], profile: Profile) -> Iterator[Mark]:
    """Runs at two points, or of two orders, whose figures are the same to the last one: a real radio never hears twice alike."""
    alike: dict[frozenset[tuple[object, ...]], list[Visit]] = defaultdict(list)
    for visit in found:
        if len(visit.own) >= profile.copied_bssids and _driver(visit.run.report.readings) not in RADIOS_OF_THE_LAB:
            alike[frozenset(map(_figures, visit.own))].append(visit)
    for group in alike.values():
        first = group[0]
        second = next((visit for visit in group if _spot(visit) != _spot(first)), None)
        for visit in group if second is not None else ():
            other = first if _spot(visit) != _spot(first) else second
            yield from _both(Code.COPIED, visit, other or first)[:1]


def _spot(visit: Visit) -> tuple[str, str, int]:
    """Where and for which order a run was made: attempts at one point may be alike."""
    return visit.order, visit.place, visit.point


def _figures(reading: Reading) -> tuple[object, ...]:
    """Every figure of one access point that varies from scan to scan."""
    return (reading.subject, reading.low, *(reading.facts.get(name) for name in ("lowest_mbm", "highest_mbm", "seen")))


def _both(code: Code, one: Visit, other: Visit) -> tuple[Mark, Mark]:
    """The same against two runs, each naming the other's place."""
    return (
        (one.run.id, Reason(code, {"place": one.place, "other": other.place})),
        (other.run.id, Reason(code, {"place": other.place, "other": one.place})),
    )
