"""Is a walk ordered with everything it needs, judged at its own places only, and drawn of when it is done?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.admission import Standing, standings
from collector.school import AccessPoint, Controller, Place, School
from collector.survey_orders import new_codes, owned_of, survey_of, walked_tasks
from collector.wrong_order import WrongOrder
from evidence import quantities as q
from evidence.model import Report
from evidence.scan import AskedBy, Scan, Spot, Survey
from evidence.survey import is_code
from tests.collector.making import NOW, OTHER_BOX, run, school
from tests.collector.running import HOUR_US, Box, Running, running
from tests.collector.wifi_school import OWN, ROOMS, Walked, heard, listened

AP = AccessPoint("ap-1", (OWN[0],))
WIFI: dict[str, Any] = {"places": ROOMS, "networks": ("53",), "access_points": (AP,)}


# --- What is ordered -------------------------------------------------------------------------------------------------------


def test_survey() -> None:
    """All places with a point for each 20 m², twelve at most; the names and the access points of the list."""
    places = (
        Place("a/b/1", "teaching"),
        Place("a/b/2", "teaching", area_m2=41),
        Place("a/b/3", "activity", area_m2=900),
    )
    survey = survey_of(school(places=places, networks=("53",), access_points=(AP,)), [], NOW)

    assert survey == Survey((Spot("a/b/1", 1), Spot("a/b/2", 3), Spot("a/b/3", 12)), ("53",), (OWN[0],))


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        pytest.param({"places": ()}, "names no place", id="places"),
        pytest.param({"networks": ()}, "names no network", id="networks"),
        pytest.param({"access_points": ()}, "nobody knows which access points", id="access points"),
    ],
)
def test_what_is_missing(missing: dict[str, Any], words: str) -> None:
    """What is missing is told with what to add."""
    with pytest.raises(WrongOrder) as told:
        survey_of(school(**{**WIFI, **missing}), [], NOW)

    assert words in told.value.message


def test_a_strangers_place() -> None:
    """A place that is not in the list cannot be walked to."""
    with pytest.raises(WrongOrder):
        survey_of(school(**WIFI), [], NOW, ["main/b9/1"])


def test_whose_access_points() -> None:
    """What the controllers told last, and what the list names; nothing of half a year ago."""
    told = [
        q.AP_STATE.reading("up", "a"),
        q.AP_BSSID.reading("up", OWN[1], {"ap": "a"}),
        q.APS_ANSWERED.reading(1_000_000),
    ]
    old = [
        q.AP_STATE.reading("up", "a"),
        q.AP_BSSID.reading("up", OWN[2], {"ap": "a"}),
        q.APS_ANSWERED.reading(1_000_000),
    ]
    stored = [run("aps", *told, days_ago=1), run("aps", *old, agent=OTHER_BOX, days_ago=200)]

    assert owned_of(school(stored, **WIFI), stored, NOW) == (OWN[0], OWN[1])


def test_walked_probes_go_alone() -> None:
    """What a person carries and what runs by itself are two orders."""
    with pytest.raises(WrongOrder):
        walked_tasks(["wifi", "desk"])


def test_codes() -> None:
    """Each place has a code of its own, which is one."""
    codes = new_codes(Survey(tuple(Spot(f"p{number}", 1) for number in range(200))))

    assert (len(set(codes.values())), all(map(is_code, codes.values()))) == (200, True)


# --- Who may answer, where and how often --------------------------------------------------------------------------------------


def standing(walked: Walked) -> list[Standing]:
    """The standing of each run, in order."""
    return [found for _, found in standings(walked.school, walked.runs).of]


@pytest.mark.parametrize(
    ("place", "about", "expected"),
    [
        pytest.param(ROOMS[0].path, {}, Standing.ADMITTED, id="a place of the order"),
        pytest.param(ROOMS[2].path, {}, Standing.OTHER_PLACE, id="another place"),
        pytest.param(ROOMS[0].path, {"point": 3}, Standing.OTHER_PLACE, id="a point too many"),
        pytest.param("", {}, Standing.OTHER_PLACE, id="no place"),
    ],
)
def test_place(place: str, about: dict[str, Any], expected: Standing) -> None:
    """A walk is judged where its order leads, and nowhere else."""
    found = Walked()
    found.walk(found.order(ROOMS[0].path, ROOMS[1].path, points=2), place, **about)

    assert standing(found) == [expected]


def test_each_point_once() -> None:
    """Each attempt at each point is answered once: the first answer counts."""
    found = Walked()
    scan = found.order(points=2)
    abouts: list[dict[str, Any]] = [{}, {}, {"attempt": 2}, {"point": 2}]
    for about in abouts:
        found.walk(scan, ROOMS[0].path, **about)

    assert standing(found) == [Standing.ADMITTED, Standing.ANSWERED_BEFORE, Standing.ADMITTED, Standing.ADMITTED]


def test_a_run_that_told_no_point() -> None:
    """A run that ended before it could tell its point is one of its place, and shows nothing."""
    found = Walked()
    made = found.walk(found.order(), ROOMS[0].path)
    bare = msgspec.structs.replace(made.report, readings=made.report.readings[1:])
    found.runs = [type(made)(made.id, bare, made.received_unix_us, made.scan)]

    assert standing(found) == [Standing.OTHER_PLACE if not bare.place else Standing.ADMITTED]


# --- The whole way on loopback ------------------------------------------------------------------------------------------------


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Running]:
    """A collector with a school that can be walked."""
    with running(tmp_path) as found:
        found.home = found.founded()
        found.declare(found.home, **WIFI)
        yield found


def told(box: Box, scan: Scan, place: str, code: str) -> Report:
    """A report of one point."""
    return box.report(
        "wifi", *listened(heard(OWN[0], -5000), code=code), scan=scan.id, settings={"scans": 5}, place=place
    )


def post(up: Running, box: Box, scan: Scan, place: str) -> int:
    """Hand in one point with its right code; the status."""
    code = up.parts.store.surveys.codes(scan.id)[place]
    return up.http.post("/v1/evidence", content=box.sealed(told(box, scan, place, code))).status_code


def draws(up: Running) -> list[Scan]:
    """The draws of the school."""
    return [scan for scan in up.school().orders if scan.asked_by is AskedBy.DRAW]


def ordered(up: Running, box: Box, asked_by: AskedBy = AskedBy.EVALUATOR) -> Scan:
    """A survey of all places."""
    return up.parts.dispatch.order(up.school(), asked_by, [box.id], ["wifi"])


def test_a_walk_is_drawn_of_when_it_is_done(up: Running) -> None:
    """Ten minutes after the last place the draw is there: one of four, for the same box, with a new code, once."""
    box = up.enrolled()
    scan = ordered(up, box)
    before = [post(up, box, scan, place.path) for place in ROOMS[:3]] + [len(draws(up))]
    post(up, box, scan, ROOMS[3].path)
    before.append(len(draws(up)))
    up.clock.us += HOUR_US // 6
    up.http.get("/v1/scans", params={"wait_s": 0}, headers=box.channel)
    (draw,) = draws(up)
    up.parts.draws.settle(up.home)

    codes = up.parts.store.surveys.codes
    assert draw.survey is not None
    (spot,) = draw.survey.spots
    assert (
        before,
        draw.agents,
        draw.survey.remeasures,
        len(draws(up)),
        codes(draw.id)[spot.place] != codes(scan.id)[spot.place],
    ) == (
        [201, 201, 201, 0, 0],
        (box.id,),
        scan.id,
        1,
        True,
    )


def test_a_walk_that_ran_out_is_drawn_of(up: Running) -> None:
    """When its time is over what was measured is drawn of, as soon as a box asks for orders."""
    box = up.enrolled()
    scan = ordered(up, box)
    post(up, box, scan, ROOMS[1].path)
    up.clock.us = scan.expires_unix_us + 1
    up.http.get("/v1/scans", params={"wait_s": 0}, headers=box.channel)

    assert [spot.place for draw in draws(up) if draw.survey for spot in draw.survey.spots] == [ROOMS[1].path]


def test_nothing_to_draw_of(up: Running) -> None:
    """A survey that nobody walked is closed without a draw, half a year after its end."""
    box = up.enrolled()
    scan = ordered(up, box)
    up.clock.us = scan.expires_unix_us + 181 * 24 * HOUR_US
    given = up.parts.draws.settle(up.home)

    assert (given, up.parts.store.surveys.undrawn(up.home)) == ([], [])


def test_what_comes_late_is_drawn_of(up: Running) -> None:
    """What a box delivers after the end of a survey gets its draw too."""
    box = up.enrolled()
    scan = ordered(up, box)
    up.clock.us = scan.expires_unix_us + 1
    given = up.parts.draws.settle(up.home)
    post(up, box, scan, ROOMS[0].path)

    assert (given, len(draws(up))) == ([], 1)


def test_a_walk_blocks_no_other_order(up: Running) -> None:
    """While a school's own walk is open it may order other things, but no second walk."""
    box = up.enrolled()
    ordered(up, box, AskedBy.SCHOOL_ADMIN)
    up.parts.dispatch.order(up.school(), AskedBy.SCHOOL_ADMIN, [box.id], ["desk"])

    with pytest.raises(WrongOrder):
        ordered(up, box, AskedBy.SCHOOL_ADMIN)


def test_codes_are_no_part_of_the_order(up: Running) -> None:
    """What the box gets tells no code."""
    box = up.enrolled()
    scan = ordered(up, box)
    entries = up.http.get("/v1/scans", params={"wait_s": 0}, headers=box.channel).text
    codes = up.parts.store.surveys.codes(scan.id).values()

    assert [code for code in codes if code in entries] == []


def test_a_controller_is_asked(up: Running) -> None:
    """Where controllers are listed the probe aps is among what is ordered."""
    up.declare(
        up.home, **WIFI, controllers=(Controller("ac-1", "10.0.0.9", vendor="huawei"), Controller("ac-2", "10.0.0.10"))
    )
    box = up.enrolled()
    scan = up.parts.dispatch.order(up.school(), AskedBy.EVALUATOR, [box.id], ["aps"])

    assert scan.settings_of("aps") == {
        "controllers": [
            {"host": "10.0.0.9", "port": 161, "name": "ac-1", "vendor": "huawei"},
            {"host": "10.0.0.10", "port": 161, "name": "ac-2"},
        ],
        "timeout_s": 2,
    }


def test_how_long_there_is(up: Running) -> None:
    """A walk has two weeks where the settings say nothing else."""
    box = up.enrolled()
    scan = ordered(up, box)

    assert scan.expires_unix_us - scan.issued_unix_us == 336 * HOUR_US


def test_a_school_without_wifi() -> None:
    """A school whose list says nothing of Wi-Fi has nothing to walk."""
    with pytest.raises(WrongOrder):
        survey_of(School("s", "一中"), [], NOW)
