"""Is what a list says of Wi-Fi read as it is written, and every wrong row named?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.changes import changes
from collector.importing import imported
from collector.school import AccessPoint, Controller, Place, Plan, School
from collector.written_list import ListWrong
from tests.collector.test_importing import BEFORE, HEAD, KNOWN

WHOLE = """\
place,main/b1/1/101,54,,teaching,yes,,
place,main/b1/1/102,,,office,,,
position,main/b1/1/101,12.5 8,,,,,
plan,main/b1/1,72x20,,,,,
network,School,,,,,,
network,测试,b2e2cad4,,,,,
controller,ac-1,10.0.0.9,,huawei,,,
controller,ac-2,[2001:db8::9]:1161,,,,,
ap,hall,02-00-00-00-01-10 0200.0000.0111,,,,,
"""
FOUND = {
    "places": (Place("main/b1/1/101", "teaching", True, 54, 125, 80), Place("main/b1/1/102", "office")),
    "plans": (Plan("main/b1/1", 72, 20),),
    "networks": (b"School".hex(), "b2e2cad4"),
    "controllers": (Controller("ac-1", "10.0.0.9", 161, "huawei"), Controller("ac-2", "2001:db8::9", 1161)),
    "access_points": (AccessPoint("hall", ("02:00:00:00:01:10", "02:00:00:00:01:11")),),
}


def read(directory: Path, rows: str, before: School = BEFORE) -> School:
    """The school with a list of these rows."""
    path = directory / "list.csv"
    path.write_text(f"{HEAD}\n{rows}", "utf-8")
    return imported(before, path, KNOWN)


def test_whole(tmp_path: Path) -> None:
    """Areas, positions, plans, names, controllers and access points."""
    found = read(tmp_path, WHOLE)

    assert {name: getattr(found, name) for name in FOUND} == FOUND


WRONG: list[Any] = [
    pytest.param("place,a/b/1,large,,office,,,", "the area in m2", id="area"),
    pytest.param("place,a/b/1,0,,office,,,", "the area in m2", id="no area"),
    pytest.param("place,a/b/1,,,office,,,\nposition,a/b/1,12,,,,,", "two lengths in metres", id="one length"),
    pytest.param(
        "place,a/b/1,,,office,,,\nposition,a/b/1,1 2,,,,,\nposition,a/b/1,1 2,,,,,", "twice", id="two positions"
    ),
    pytest.param("position,a/b/9,1 2,,,,,", "no place 'a/b/9'", id="a position of nothing"),
    pytest.param("plan,a/b,72,,,,,", "width x height", id="plan"),
    pytest.param("plan,a/b,72x0,,,,,", "width x height", id="a flat plan"),
    pytest.param("plan,a/b,72x20,,,,,", "no place of the list is on this floor", id="a plan of nothing"),
    pytest.param("place,a/b/1,,,office,,,\nplan,a/b,7x2,,,,,\nplan,a/b,7x2,,,,,", "twice", id="two plans"),
    pytest.param("network,School,xyz,,,,,", "1 to 32 octets", id="no hex"),
    pytest.param(f"network,{'长' * 11},,,,,,", "1 to 32 octets", id="a name that is too long"),
    pytest.param("network,School,,,,,,\nnetwork,School,,,,,,", "twice", id="a name twice"),
    pytest.param("controller,ac,10.0.0.9,,juniper,,,", "expected one of huawei", id="vendor"),
    pytest.param("controller,ac,10.0.0.9:0,,,,,", "HOST or HOST:PORT", id="port"),
    pytest.param("controller,ac,10.0.0.9,,,,,\ncontroller,ac2,10.0.0.9,,,,,", "twice", id="an address twice"),
    pytest.param("ap,a,02:00:00:00:01,,,,,", "a BSSID such as", id="five octets"),
    pytest.param("ap,a,03:00:00:00:01:10,,,,,", "a BSSID such as", id="a group address"),
    pytest.param("ap,a,,,,,,", "1 to 64 BSSIDs", id="no BSSID"),
    pytest.param("ap,a,02:00:00:00:01:10 02:00:00:00:01:10,,,,,", "twice", id="a BSSID twice"),
    pytest.param("ap,a,02:00:00:00:01:10,,,,,\nap,b,02:00:00:00:01:10,,,,,", "twice", id="a BSSID of two"),
    pytest.param("ap,a,02:00:00:00:01:10,,,,,\nap,a,02:00:00:00:01:11,,,,,", "twice", id="a name of two"),
    pytest.param("removed,a/b/1,,,,,,", "say why", id="no reason"),
    pytest.param("removed,a/b/1,,,,,,gone", "was never in the list", id="never there"),
    pytest.param("place,a/b/1,,,office,,,\nremoved,a/b/1,,,,,,gone", "still a place", id="still there"),
]


@pytest.mark.parametrize(("rows", "words"), WRONG)
def test_wrong(tmp_path: Path, rows: str, words: str) -> None:
    """A wrong row is named with what is expected."""
    with pytest.raises(ListWrong, match=words):
        read(tmp_path, rows)


OLD = School(
    "s", "一中", places=(Place("old/b/1", "office"), Place("old/b/2", "office")), plans=(Plan("old/b", 9, 9, "aa"),)
)


def test_a_place_does_not_vanish(tmp_path: Path) -> None:
    """A place leaves the list with a reason only."""
    with pytest.raises(ListWrong, match="place old/b/2 was in the list before"):
        read(tmp_path, "place,old/b/1,,,office,,,\n", OLD)


def test_a_place_is_removed(tmp_path: Path) -> None:
    """With a reason it goes; the reason stays, also with the next list, and the plan keeps its picture."""
    rows = "place,old/b/1,,,office,,,\nplan,old/b,9x9,,,,,\n"
    once = read(tmp_path, f"{rows}removed,old/b/2,,,,,,torn down\n", OLD)
    again = read(tmp_path, f"{rows}removed,old/b/2,,,,,,torn down\n", once)

    assert (again.removed, again.plans[0].picture, [place.path for place in again.places]) == (
        {"old/b/2": "torn down"},
        "aa",
        ["old/b/1"],
    )


def test_a_removed_place_is_told(tmp_path: Path) -> None:
    """What leaves the list is told with its reason, beside the place that is gone."""
    rows = "place,old/b/1,,,office,,,\nplan,old/b,9x9,,,,,\nremoved,old/b/2,,,,,,torn down\n"
    told = [str(change) for change in changes(OLD, read(tmp_path, rows, OLD))]

    assert told == ["- place old/b/2 office", "+ removed old/b/2 torn down"]


def test_changes(tmp_path: Path) -> None:
    """What a list changes of Wi-Fi is told row by row."""
    told = [str(change) for change in changes(BEFORE, read(tmp_path, WHOLE))]

    assert [line for line in told if " place " in f" {line} " or "network" in line or "ap " in line] == [
        "+ place main/b1/1/101 teaching main 54 m2 at 12.5 8",
        "+ place main/b1/1/102 office",
        "+ network 5363686f6f6c School",
        "+ network b2e2cad4 \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}",
        "+ ap hall 02:00:00:00:01:10 02:00:00:00:01:11",
    ]


def test_most(tmp_path: Path) -> None:
    """A list holds so many network names and no more."""
    with pytest.raises(ListWrong, match="more than 64 rows network"):
        read(tmp_path, "".join(f"network,n{number},,,,,,\n" for number in range(65)))
