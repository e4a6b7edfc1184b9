"""
Is Wi-Fi there in each place that the school has?

*Method*: of each place the newest survey counts that was walked there, or that ran out without being walked. At each of its points the best
own access point is taken, the lower median over the attempts; with its uncertainty it passes, fails, or lies between. Nothing is
concluded for a place from what was heard elsewhere. A place at which the box could not hear a band has no hole there. Attempts that
came in when the draw of their survey was known already lower a value and never raise it.

What it does not prove: service at that strength, or that it is there every day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low

from collector.admission import issued_us
from collector.school import Evidence, Place, School
from collector.verdict import Code, Reason
from collector.walked import JUDGED_BANDS, LEGACY_BAND, PROBE, Visit, visits
from collector.wifi_profile import MB, Profile, profile
from collector.wifi_rates import highest_mbit_s
from evidence import quantities as q
from evidence.model import Reading
from evidence.scan import AskedBy, Scan

PASS, BORDERLINE, FAIL, CANNOT_TELL, NOT_MEASURED = "pass", "borderline", "fail", "cannot_tell", "not_measured"
SILENT_MBM = -20_000  # weaker than anything that can be heard
ALL_PPM = 1_000_000
BAND_EDGES = ((2400, 2500, "2.4"), (5000, 5925, "5"), (5926, 7125, "6"))
Wanted = Callable[[Reading], bool]
Walked = dict[tuple[str, str], list[Visit]]  # by the order's id and the place


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """
    What is known of one place: `state` and `gigabit` are pass, borderline, fail, cannot_tell or not_measured.

    `legacy` says that only the 2.4 GHz band covers it; `best` and `second` are the strongest own access points at its weakest point.
    """

    place: Place
    state: str = NOT_MEASURED
    legacy: bool = False
    gigabit: str = NOT_MEASURED
    best: Reading | None = None
    second: Reading | None = None
    points_done: int = 0
    points_asked: int = 0
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[str, ...] = ()
    order: str = ""
    issued_unix_us: int = 0


@dataclass(frozen=True, slots=True)
class _Point:
    """One point of a place: every visit to it."""

    visits: tuple[Visit, ...]

    @property
    def counted(self) -> tuple[Visit, ...]:
        """Those that nothing stands against."""
        return tuple(visit for visit in self.visits if not visit.against)

    @property
    def timely(self) -> tuple[Visit, ...]:
        """Those of them that came in before the draw of their survey: without one the point is not measured."""
        return tuple(visit for visit in self.counted if not visit.is_late)


def rows_of(school: School, runs: Sequence[Evidence], now_us: int) -> tuple[PlaceRow, ...]:
    """A row for each place of the list, from admitted runs of the probes `wifi` and `aps` (others are passed over)."""
    return rows_from(school, walked_in(school, runs), slow_access_points(runs, profile()), now_us)


def walked_in(school: School, runs: Iterable[Evidence]) -> Walked:
    """The visits among these runs, by their order and place."""
    found: Walked = defaultdict(list)
    for visit in visits(school, runs, profile()):
        found[visit.order, visit.place].append(visit)
    return found


def rows_from(school: School, walked: Walked, slow: frozenset[str], now_us: int) -> tuple[PlaceRow, ...]:
    """A row for each place of the list; `slow` are BSSIDs behind a wire that is slower than a gigabit."""
    orders = _surveys(school, walked)
    return tuple(_row(place, orders, walked, slow, now_us) for place in school.places)


def _surveys(school: School, walked: Walked) -> list[Scan]:
    """The surveys of places, newest first; draws are none."""
    known = {scan.id: scan for scan in school.orders}
    known |= {visit.order: visit.run.scan for mine in walked.values() for visit in mine if visit.run.scan is not None}
    return sorted(filter(_is_survey, known.values()), key=lambda scan: (-scan.issued_unix_us, scan.id))


def _is_survey(scan: Scan) -> bool:
    """Whether an order asks what places hear, and is no draw."""
    return scan.survey is not None and scan.asked_by is not AskedBy.DRAW and scan.settings_of(PROBE) is not None


def _row(place: Place, orders: Sequence[Scan], walked: Walked, slow: frozenset[str], now_us: int) -> PlaceRow:
    """One place by the newest order that was walked there or ran out."""
    for scan in orders:
        asked = scan.survey.points_at(place.path) if scan.survey is not None else 0
        mine = walked.get((scan.id, place.path), [])
        if asked and (mine or scan.expires_unix_us < now_us):
            return _judged(place, scan, asked, mine, slow)
    return PlaceRow(place)


def _judged(place: Place, scan: Scan, asked: int, mine: Sequence[Visit], slow: frozenset[str]) -> PlaceRow:
    """One place by one order."""
    points = [_point(mine, number) for number in range(1, asked + 1)]
    done = sum(bool(point.visits) for point in points)
    state, gigabit = _state(points, is_any), _state(points, _is_gigabit(slow))
    if done < asked:  # a point that fails decides; none that is missing does
        state, gigabit = (one if one == FAIL else NOT_MEASURED for one in (state, gigabit))
    shown = _strongest(min((one for one in points if one.timely), key=lambda one: _value(one, is_any), default=None))
    return PlaceRow(
        place=place,
        state=state,
        legacy=state == PASS and _state(points, _is_modern) != PASS,
        gigabit=gigabit,
        best=shown[0] if shown else None,
        second=shown[1] if len(shown) > 1 else None,
        points_done=done,
        points_asked=asked,
        reasons=_why(place, state, shown, _against(place, mine)),
        evidence=tuple(visit.run.id for visit in mine),
        order=scan.id,
        issued_unix_us=scan.issued_unix_us,
    )


def _against(place: Place, mine: Sequence[Visit]) -> tuple[Reason, ...]:
    """What stands against the visits to a place, each thing once."""
    late = [Reason(Code.AFTER_DRAW, {"place": place.path})] if any(visit.is_late for visit in mine) else []
    return tuple(dict.fromkeys([*(reason for visit in mine for reason in visit.against), *late]))


def _point(mine: Sequence[Visit], number: int) -> _Point:
    """What was measured at one point."""
    return _Point(tuple(visit for visit in mine if visit.point == number))


def _state(points: Sequence[_Point], wanted: Wanted) -> str:
    """A place by its points: so large a share must pass; one point more than may be missing that fails is enough to fail."""
    share_ppm = profile().points_ppm
    states = [_of_point(point, wanted) for point in points]
    if states.count(PASS) * ALL_PPM >= share_ppm * len(states):
        return PASS
    if states.count(FAIL) * ALL_PPM > (ALL_PPM - share_ppm) * len(states):
        return FAIL
    return CANNOT_TELL if CANNOT_TELL in states else BORDERLINE


def _of_point(point: _Point, wanted: Wanted) -> str:
    """One point against the limits, with the uncertainty of the adapter; silence counts only in bands that it hears."""
    if not point.timely:
        return CANNOT_TELL
    figures, value = profile(), _value(point, wanted)
    if value - figures.uncertainty_mb >= figures.pass_mbm:
        return PASS
    if value + figures.uncertainty_mb >= figures.fail_mbm:
        return BORDERLINE
    hears_all = all(visit.hears.issuperset(JUDGED_BANDS) for visit in point.counted)
    return FAIL if hears_all else CANNOT_TELL


def _value(point: _Point, wanted: Wanted) -> int:
    """The strength (mBm) of the best own access point: the lower median over the attempts, of the timely ones and of all, whichever is lower."""
    heard = [(visit, _best(visit, wanted)) for visit in point.counted]
    timely = median_low(value for visit, value in heard if not visit.is_late)
    return min(timely, median_low(value for _, value in heard))


def _best(visit: Visit, wanted: Wanted) -> int:
    """The strength (mBm) of the best own access point in one attempt."""
    return max((one.low or SILENT_MBM for one in visit.own if wanted(one)), default=SILENT_MBM)


def best_at(mine: Sequence[Visit], number: int) -> int | None:
    """The strength (mBm) of the best own access point at one point; None where no attempt counts, or none was in time."""
    point = _point(mine, number)
    return _value(point, is_any) if point.timely else None


def is_any(_: Reading) -> bool:
    """Every own access point covers."""
    return True


def band_of(reading: Reading) -> str:
    """The band in which an access point was heard; empty where its frequency is in none."""
    frequency = int(reading.facts.get("frequency_mhz", 0))
    return next((band for first, last, band in BAND_EDGES if first <= frequency <= last), "")


def _is_modern(reading: Reading) -> bool:
    """5 and 6 GHz; the older band alone is told."""
    return band_of(reading) not in ("", LEGACY_BAND)


def _is_gigabit(slow: frozenset[str]) -> Wanted:
    """Access points that offer so much, and can at their generation and width, and do not hang on a slower wire."""

    def wanted(reading: Reading) -> bool:
        told, generation, width = (
            int(reading.facts.get(name, 0)) for name in ("phy_mbit_s", "generation", "width_mhz")
        )
        return min(told, highest_mbit_s(generation, width)) >= profile().phy_mbit_s and reading.subject not in slow

    return wanted


def slow_access_points(runs: Iterable[Evidence], figures: Profile) -> frozenset[str]:
    """The BSSIDs of access points whose wired port is known to be slower than a gigabit, by the newest run that tells it."""
    wired: dict[str, tuple[int, int]] = {}
    sends: dict[str, str] = {}
    for run in runs:
        for reading in run.report.readings:
            if reading.quantity == q.AP_WIRED.name and reading.high is not None:
                wired[reading.subject] = max(wired.get(reading.subject, (0, 0)), (issued_us(run), -reading.high))
            elif reading.quantity == q.AP_BSSID.name:
                sends[reading.subject] = str(reading.facts.get("ap", ""))
    slow = {ap for ap, (_, rate) in wired.items() if -rate < figures.wired_bit_s}
    return frozenset(bssid for bssid, ap in sends.items() if ap in slow)


def _strongest(point: _Point | None) -> list[Reading]:
    """The own access points of the attempt that decides at a point, strongest first, one a device."""
    if point is None:
        return []
    decides = next(visit for visit in point.counted if _best(visit, is_any) == _value(point, is_any))
    found: dict[str, Reading] = {}
    for reading in sorted(decides.own, key=lambda one: (-(one.low or SILENT_MBM), one.subject)):
        found.setdefault(_device(reading), reading)
    return list(found.values())


def _device(reading: Reading) -> str:
    """Which access point sends it, as far as it can be told: two radios of one are not two."""
    return str(reading.facts.get("ap_name") or reading.facts.get("mld") or reading.subject[:-1])


def _why(place: Place, state: str, shown: Sequence[Reading], against: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Why a place does not pass: what its strengths say, then what stands against its visits."""
    about: dict[str, str | int] = {"place": place.path}
    if state in (PASS, NOT_MEASURED):
        return () if state == PASS else against
    if state == CANNOT_TELL:
        return against or (Reason(Code.PLACE_UNHEARD, about),)
    if not shown:
        return (Reason(Code.PLACE_HOLE, about), *against)
    about["dbm"] = (shown[0].low or 0) // MB
    return (Reason(Code.PLACE_WEAK if state == FAIL else Code.PLACE_BORDERLINE, about), *against)
