"""Do readings without fault that answer no order of the collector's ever turn a clause about Wi-Fi green?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from collector.admission import DAY_US, standings
from collector.frameworks import shipped
from collector.judge import judge_all
from collector.school import Controller, Evidence, School
from collector.verdict import Status
from evidence import quantities as q
from evidence.scan import Scan, Task
from tests.collector.making import BOX, NOW, OTHER_BOX, run
from tests.collector.test_one_device import sends
from tests.collector.test_roaming import TASK as ROAM
from tests.collector.test_roaming import ten
from tests.collector.wifi_school import OWN, Walked

AC = Controller("ac", "10.0.0.9")
WIFI = ("wifi.coverage", "wifi.gigabit_coverage", "wifi.roaming", "devices.managed_share")


def perfect() -> tuple[Walked, list[Evidence]]:
    """A school without fault: every place walked and drawn, a walk past its access points, all of them in one controller."""
    found = Walked(about={"bureau": {}, "attributes": {}, "controllers": (AC,)})
    survey = Task("wifi", {"scans": 5})
    scan = found.order(tasks=(survey, ROAM))
    found.walk_all(scan)
    found.draw(scan)
    last = len(found.runs)
    found.runs.append(run("roam", *ten(), settings=dict(ROAM.settings), scan=scan, sequence=last + 1))
    told_ = (*sends(*OWN[:2], ap="x"), q.APS_ANSWERED.reading(1_000_000, AC.subject))
    found.runs.append(run("aps", *told_, sequence=last + 2))
    return found, found.runs


def met(owner: School, runs: list[Evidence]) -> int:
    """How many parts about Wi-Fi any policy calls met."""
    parts = [part for verdict in judge_all(shipped(), owner, runs, NOW) for part in verdict.parts]
    mine = [one for one in parts if {quantity.name for quantity in one.part.either} & set(WIFI)]
    return sum(one.status is Status.MET for one in mine)


def spoiled(kind: str) -> list[Evidence]:
    """The same readings, which answer no order as the collector gave it."""
    _, runs = perfect()
    changes: dict[str, dict[str, Any]] = {
        "another school": {"school": "t"},
        "another agent": {"agents": (OTHER_BOX,)},
        "another id": {"id": "x"},
        "the future": {"issued_unix_us": NOW + 1},
        "too early": {"start_unix_us": NOW + DAY_US},
    }
    if kind in changes:
        return [replace(one, scan=_changed(one.scan, changes[kind])) for one in runs]
    if kind == "not ordered":
        return [replace(one, scan=None) for one in runs]
    others: dict[str, dict[str, Any]] = {
        "other settings": {"settings": {"source": {"pcap": "my.pcap"}}},
        "another place": {"place": "main/b9/1"},
        "empty": {"readings": ()},
    }
    about = others[kind]
    return [replace(one, report=msgspec.structs.replace(one.report, **about)) for one in runs]


def _changed(scan: Scan | None, about: dict[str, Any]) -> Scan:
    """An order with other fields."""
    assert scan is not None
    return msgspec.structs.replace(scan, **about)


def test_a_school_without_fault() -> None:
    """It meets parts of several policies: what follows is not true of nothing."""
    found, runs = perfect()

    assert met(found.school, runs) >= 5


@pytest.mark.parametrize(
    "kind",
    [
        *("another school", "another agent", "another id", "the future", "too early"),
        *("not ordered", "other settings", "another place", "empty"),
    ],
)
def test_never_green(kind: str) -> None:
    """Perfect readings that answer no order of the collector's meet no part about Wi-Fi of any policy."""
    owner = replace(perfect()[0].school, orders=(), stands={BOX: ""})

    assert met(owner, spoiled(kind)) == 0


def test_every_run_is_admitted() -> None:
    """The school without fault is one whose every run is admitted: the judge, and not the door, is what is tested here."""
    found, runs = perfect()

    assert len(standings(found.school, runs).admitted) == len(runs)
