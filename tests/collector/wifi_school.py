"""A school whose places were walked: surveys, cards, points and draws in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

import msgspec

from collector.admission import DAY_US
from collector.frameworks import Over, Part, PlaceKind
from collector.judge import judge
from collector.school import Evidence, Place, School
from collector.verdict import PartVerdict
from evidence import quantities as q
from evidence.model import Facts, Failure, Quantity, Reading
from evidence.scan import AskedBy, Scan, Spot, Survey, Task
from evidence.survey import ALPHABET, DRAWN, with_check
from tests.collector.making import BOX, NOW, clause, part, run, school

SECOND_US = 1_000_000
SCAN_US = 10 * SECOND_US
SSID = "School"
OWN = tuple(f"02:00:00:00:{number:02x}:10" for number in range(1, 9))
TASK = Task("wifi", {"scans": 5})
ROOMS = tuple(Place(f"main/b1/{number}", "teaching") for number in range(101, 105))
STRONG: Mapping[str, int] = {OWN[0]: -5_000}


def code_of(order: str, place: str) -> str:
    """The code on a place's card in an order."""
    number = crc32(f"{order}:{place}".encode())
    return with_check(ALPHABET[number // 31**at % 31] for at in range(DRAWN))


def heard(bssid: str, mbm: int, **facts: int | str) -> Reading:
    """One access point as the probe tells it: 5 GHz, Wi-Fi 6, in every scan."""
    about: Facts = {
        "ssid": SSID,
        "ssid_hex": SSID.encode().hex(),
        "frequency_mhz": 5180,
        "channel": 36,
        "width_mhz": 80,
    }
    about |= {
        "generation": 6,
        "phy_mbit_s": 1201,
        "security": "WPA2-PSK",
        "k": 1,
        "v": 1,
        "r": 0,
        "seen": 5,
        "scans": 5,
    }
    return q.WIFI_SIGNAL.reading(mbm, bssid, about | facts)


def bands(**states: str) -> tuple[Reading, ...]:
    """What the adapter hears: 2.4 and 5 GHz unless told."""
    usual = {"2.4": "can", "5": "can", "6": "cannot"}
    return tuple(q.WIFI_BAND.reading(states.get(f"g{band[0]}", state), band) for band, state in usual.items())


def listened(
    *signals: Reading,
    point: int = 1,
    attempt: int = 1,
    code: str = "",
    driver: str = "iwlwifi",
    scans: int = 5,
    hears: Sequence[Reading] = bands(),
) -> tuple[Reading, ...]:
    """What one run of `wifi` tells."""
    about: Facts = {"attempt": attempt, "code": code} if code else {"attempt": attempt}
    head = q.SURVEY_POINT.reading(point, facts=about)
    return (head, *hears, q.WIFI_SCANS.reading(scans, facts={"driver": driver, "source": "nl80211"}), *signals)


@dataclass
class Walked:
    """A school, its orders and what came in; time goes on by itself, a minute from point to point."""

    places: tuple[Place, ...] = ROOMS
    about: dict[str, Any] = field(default_factory=dict)
    orders: list[Scan] = field(default_factory=list)
    runs: list[Evidence] = field(default_factory=list)
    at_us: int = 1_000 * SECOND_US
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def order(
        self,
        *places: str,
        points: int = 1,
        days_ago: float = 1,
        draw_of: str = "",
        owned: Sequence[str] = OWN,
        agents: tuple[str, ...] = (BOX,),
        hours: int = 12,
        tasks: tuple[Task, ...] = (TASK,),
    ) -> Scan:
        """A survey of these places, all unless some are named."""
        paths = places or tuple(place.path for place in self.places)
        issued = NOW - round(days_ago * DAY_US)
        survey = Survey(tuple(Spot(path, points) for path in paths), (SSID.encode().hex(),), tuple(owned), draw_of)
        by = AskedBy.DRAW if draw_of else AskedBy.EVALUATOR
        name = f"order-{len(self.orders) + 1}"
        scan = Scan(name, "s", agents, tasks, issued, issued + hours * 3600 * SECOND_US, by, survey=survey)
        self.orders.append(scan)
        self.codes[scan.id] = {path: code_of(scan.id, path) for path in paths}
        return scan

    def walk(
        self,
        scan: Scan,
        place: str,
        signals: Mapping[str, int] | Iterable[Reading] = STRONG,
        *,
        agent: str = BOX,
        after_us: int = 60 * SECOND_US,
        failure: Failure | None = None,
        boot: str = "boot-1",
        **about: Any,
    ) -> Evidence:
        """One point of a place, with its right code unless told."""
        readings = [heard(bssid, mbm) for bssid, mbm in signals.items()] if isinstance(signals, Mapping) else signals
        about.setdefault("code", code_of(scan.id, place))
        told = listened(*readings, **about)
        sequence = 1 + sum(one.report.agent == agent for one in self.runs)
        made = run(
            "wifi",
            *told,
            agent=agent,
            sequence=sequence,
            settings=dict(TASK.settings),
            scan=scan,
            place=place,
            failure=failure,
        )
        begun = self.at_us + after_us
        self.at_us = begun + SCAN_US
        times = {"started_monotonic_us": begun, "ended_monotonic_us": self.at_us, "boot_id": boot}
        conditions = msgspec.structs.replace(made.report.conditions, **times)
        made = replace(made, report=msgspec.structs.replace(made.report, conditions=conditions))
        self.runs.append(made)
        return made

    def walk_all(self, scan: Scan, signals: Mapping[str, int] = STRONG, **other: Mapping[str, int]) -> None:
        """Every place of an order once; `other` names rooms (`r102`) that hear something else."""
        for spot in scan.survey.spots if scan.survey is not None else ():
            room = f"r{spot.place.rpartition('/')[2]}"
            for point in range(1, spot.points + 1):
                self.walk(scan, spot.place, other.get(room, signals), point=point)

    def draw(self, scan: Scan, place: str = ROOMS[0].path, signals: Mapping[str, int] = STRONG) -> Scan:
        """The draw of a survey, walked."""
        again = self.order(place, draw_of=scan.id, days_ago=0.4)
        self.walk(again, place, signals)
        return again

    @property
    def school(self) -> School:
        """The school as the collector knows it."""
        held = {one.report.agent: 0 for one in self.runs}
        for one in self.runs:
            held[one.report.agent] = max(held[one.report.agent], one.report.sequence)
        known: dict[str, Any] = {
            "places": self.places,
            "orders": tuple(self.orders),
            "codes": self.codes,
            "networks": (SSID.encode().hex(),),
        }
        return school(**{**known, "held": held or {BOX: 0}, **self.about})

    def verdict(self, quantity: Quantity = q.WIFI_COVERAGE, **about: Any) -> PartVerdict:
        """What is said of a part that asks for all places."""
        return judge(clause(wanted(quantity, **about)), self.school, self.runs, NOW).parts[0]


def wanted(quantity: Quantity = q.WIFI_COVERAGE, **about: Any) -> Part:
    """A part that asks for Wi-Fi at all places."""
    usual: dict[str, Any] = {
        "either": (quantity,),
        "at_least": 1_000_000,
        "over": Over.PLACES,
        "kinds": tuple(PlaceKind),
        "within_days": 180,
    }
    return part(**usual | about)


def whole(**other: Mapping[str, int]) -> Walked:
    """Four rooms walked, and the draw of the first."""
    found = Walked()
    scan = found.order()
    found.walk_all(scan, **other)
    found.draw(scan, signals=other.get("r101", STRONG))
    return found
