"""What can root at the school, who knows every card and every figure, turn green? Nothing that the evidence does not carry."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations
from typing import Any

import msgspec
import pytest

from collector.admission import standings
from collector.coverage import rows_of
from collector.judge import judge
from collector.school import Evidence, Place
from collector.verdict import Code, PartVerdict, Status
from evidence.model import Reading
from evidence.scan import Task
from tests.collector.making import BOX, NOW, OTHER_BOX, clause
from tests.collector.wifi_school import OWN, ROOMS, SECOND_US, STRONG, Walked, code_of, heard, wanted, whole

ROOM, NEXT = ROOMS[0].path, ROOMS[1].path
WIFI = ("wifi.coverage", "wifi.gigabit_coverage", "wifi.roaming", "devices.managed_share")


def told(one: Evidence, *, received_us: int | None = None, conditions: dict[str, Any] | None = None) -> Evidence:
    """The same run, received at another time or made under other conditions."""
    made = msgspec.structs.replace(one.report.conditions, **(conditions or {}))
    report = msgspec.structs.replace(one.report, conditions=made)
    return replace(one, report=report, received_unix_us=received_us or one.received_unix_us)


def codes(verdict: PartVerdict) -> set[Code]:
    """The codes of its reasons."""
    return {reason.code for reason in verdict.reasons}


def said(walked: Walked, runs: list[Evidence] | None = None, **about: Any) -> PartVerdict:
    """What is said of all places by these runs."""
    return judge(clause(wanted(**about)), walked.school, walked.runs if runs is None else runs, NOW).parts[0]


def states(walked: Walked) -> dict[str, str]:
    """The state of each place."""
    return {row.place.path: row.state for row in rows_of(walked.school, walked.runs, NOW)}


def jittered(dice: random.Random, count: int = 6, base: int = -5000) -> list[Reading]:
    """What a real radio hears of so many access points: no two times alike."""
    found = []
    for number in range(count):
        mbm = base - 400 * number + 100 * dice.randint(-4, 4)
        spread: dict[str, int] = {
            "lowest_mbm": mbm - 100 * dice.randint(0, 5),
            "highest_mbm": mbm + 100 * dice.randint(0, 5),
        }
        found.append(heard(OWN[number], mbm, **spread))
    return found


# --- Copies and replays ---------------------------------------------------------------------------------------------------


def copied(where: str) -> Walked:
    """Two rooms, of which one run's figures come again: in the next room, at the next point, in the next order, or in the draw."""
    dice, found = random.Random(1), Walked(places=ROOMS[:2])  # noqa: S311 - a repeatable draw
    once = jittered(dice)
    first = found.order(points=2 if where == "point" else 1, days_ago=2)
    for number in range(1, first.survey.points_at(ROOM) + 1 if first.survey is not None else 1):
        found.walk(first, ROOM, once, point=number)
        found.walk(first, NEXT, once if where == "room" else jittered(dice, base=-4600), point=number)
    if where == "order":
        first = found.order()
        found.walk(first, ROOM, once)
        found.walk(first, NEXT, jittered(dice, base=-4600))
    again = found.order(ROOM, draw_of=first.id, days_ago=0.4)
    found.walk(again, ROOM, once if where == "draw" else jittered(dice))
    return found


@pytest.mark.parametrize(
    ("where", "status"),
    [
        *((where, Status.NOT_SHOWN) for where in ("room", "point", "order", "draw")),
        pytest.param("nowhere", Status.MET, id="measured anew"),
    ],
)
def test_copied_figures(where: str, status: Status) -> None:
    """Figures that come again to the last one, wherever, were not heard twice."""
    verdict = said(copied(where))

    assert (verdict.status, Code.COPIED in codes(verdict)) == (status, status is not Status.MET)


def test_every_copy_is_found() -> None:
    """Of copies at several attempts at two points none is left that counts."""
    found = Walked(places=ROOMS[:1])
    once, scan = jittered(random.Random(2)), found.order(points=2)  # noqa: S311 - a repeatable draw
    for point in (1, 2):
        for attempt in (1, 2, 3):
            found.walk(scan, ROOM, once, point=point, attempt=attempt)

    assert states(found) == {ROOM: "cannot_tell"}


def test_attempts_may_be_alike() -> None:
    """A laptop that lies still may hear the same twice at one point."""
    found = Walked(places=ROOMS[:1])
    once, scan = jittered(random.Random(2)), found.order()  # noqa: S311 - a repeatable draw
    for attempt in (1, 2):
        found.walk(scan, ROOM, once, attempt=attempt)

    assert states(found) == {ROOM: "pass"}


def test_one_device_with_many_names_is_no_twin() -> None:
    """Six networks of one radio are equally strong in two rooms as often as one is: that says nothing against an honest walk."""
    bssids = tuple(f"02:00:00:00:01:1{number}" for number in range(6))
    found = Walked(places=ROOMS[:2])
    scan = found.order(owned=bssids)
    for place, mbm in ((ROOM, -5000), (NEXT, -5050)):
        found.walk(scan, place, dict.fromkeys(bssids, mbm))

    assert states(found) == {ROOM: "pass", NEXT: "pass"}


def test_twins_in_a_crowd() -> None:
    """The two rooms that are one are found among many, and only they are against each other."""
    rooms = tuple(Place(f"main/b1/{number}", "teaching") for number in range(30))
    found, dice = Walked(places=rooms), random.Random(3)  # noqa: S311 - a repeatable draw
    scan = found.order()
    vectors = [{bssid: -4000 - 100 * dice.randint(0, 30) for bssid in OWN[:5]} for _ in rooms]
    vectors[25] = {bssid: mbm + 50 for bssid, mbm in vectors[4].items()}
    for room, vector in zip(rooms, vectors, strict=True):
        found.walk(scan, room.path, vector)
    open_ = {path for path, state in states(found).items() if state == "cannot_tell"}

    assert open_ == {"main/b1/4", "main/b1/25"}


def test_three_rooms_that_are_one() -> None:
    """None of them is left out because the two others were found already."""
    found = Walked(places=ROOMS[:3])
    scan = found.order()
    for number, room in enumerate(found.places):
        found.walk(scan, room.path, dict.fromkeys(OWN[:5], -5000 - 50 * number))

    assert set(states(found).values()) == {"cannot_tell"}


# --- Figures that cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"generation": 4, "width_mhz": 40, "phy_mbit_s": 1100}, "fail", id="802.11n"),
        pytest.param({"generation": 5, "width_mhz": 20, "phy_mbit_s": 1201}, "fail", id="Wi-Fi 5 at 20 MHz"),
        pytest.param({"generation": 6, "width_mhz": 80, "phy_mbit_s": 1201}, "pass", id="Wi-Fi 6 at 80 MHz"),
    ],
)
def test_a_rate_that_cannot_be(facts: dict[str, int], expected: str) -> None:
    """A gigabit is one only where generation and width can carry it, whatever rate is told."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(), ROOM, [heard(OWN[0], -5000, **facts)])
    (row,) = rows_of(found.school, standings(found.school, found.runs).admitted, NOW)

    assert (row.state, row.gigabit) == ("pass", expected)


# --- Clocks ------------------------------------------------------------------------------------------------------------------


def two_rooms(**changes: Any) -> dict[str, str]:
    """Two rooms walked in two boots of one box, the second run under these conditions."""
    found = Walked(places=ROOMS[:2])
    scan = found.order()
    found.walk(scan, ROOM)
    found.walk(scan, NEXT, {OWN[1]: -5000}, boot="boot-2")
    before = {"started_unix_us": 1_000 * SECOND_US, "ended_unix_us": 1_010 * SECOND_US}
    found.runs = [told(found.runs[0], conditions=before), told(found.runs[1], conditions=changes)]
    return states(found)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        pytest.param(-5, "cannot_tell", id="before the first ended"),
        pytest.param(4, "cannot_tell", id="at once"),
        pytest.param(90, "pass", id="after a start that takes its time"),
    ],
)
def test_a_new_boot_is_no_new_body(seconds: int, state: str) -> None:
    """Who invents a boot for each room is still one box: between two boots the wall clock tells."""
    begun = (1_010 + seconds) * SECOND_US

    assert two_rooms(started_unix_us=begun, ended_unix_us=begun + SECOND_US) == {ROOM: state, NEXT: state}


def test_a_run_inside_another() -> None:
    """A second attempt that hides inside the first one does not cover that the next room was measured at the same time."""
    found = Walked(places=ROOMS[:2])
    scan = found.order()
    found.walk(scan, ROOM)
    found.walk(scan, ROOM, attempt=2, after_us=-19 * SECOND_US)
    found.walk(scan, NEXT, {OWN[1]: -5000}, after_us=6 * SECOND_US)

    assert states(found)[ROOM] == "cannot_tell"


# --- The draw --------------------------------------------------------------------------------------------------------------


def after_the_draw(place: str, first: int, later: int) -> Walked:
    """Two rooms walked and drawn of; then two more attempts come in."""
    found = Walked(places=ROOMS[:2])
    scan = found.order(hours=48)
    found.walk_all(scan, r102={OWN[0]: first})
    draw = found.draw(scan)
    for attempt in (2, 3):
        late = found.walk(scan, place, {OWN[0]: later}, attempt=attempt)
        found.runs[-1] = told(late, received_us=draw.issued_unix_us + attempt)
    return found


@pytest.mark.parametrize(
    ("first", "later", "status"),
    [
        pytest.param(-9000, -4000, Status.NOT_MET, id="a hole made good"),
        pytest.param(-6600, -4000, Status.NOT_SHOWN, id="a borderline room made good"),
        pytest.param(-5000, -9000, Status.NOT_MET, id="a good room that is a hole"),
        pytest.param(-5000, -4900, Status.MET, id="nothing new"),
    ],
)
def test_after_the_draw(first: int, later: int, status: Status) -> None:
    """Who knows which rooms were drawn makes no other room better; worse it may become."""
    assert said(after_the_draw(NEXT, first, later)).status is status


def test_measured_only_after_the_draw() -> None:
    """A point of which everything came in after the draw is not measured, and that is said."""
    found = Walked(places=ROOMS[:2])
    scan = found.order(hours=48)
    found.walk(scan, ROOM)
    draw = found.draw(scan)
    late = found.walk(scan, NEXT)
    found.runs[-1] = told(late, received_us=draw.issued_unix_us + 1)

    assert (states(found)[NEXT], codes(said(found))) == ("cannot_tell", {Code.AFTER_DRAW})


def test_the_first_of_two_draws() -> None:
    """A survey that was drawn of twice is closed at the first; both are to be walked."""
    found = whole()
    survey = found.orders[0]
    found.order(NEXT, draw_of=survey.id, days_ago=0.2)

    assert codes(said(found)) == {Code.REMEASURE_OPEN}


@pytest.mark.parametrize(
    ("signals", "low"),
    [
        pytest.param(STRONG, 1_000_000, id="borne out"),
        pytest.param({OWN[0]: -7_000}, 0, id="contradicted"),
        pytest.param(None, 1_000_000, id="not walked yet"),
    ],
)
def test_no_figure_is_credited_against_its_draw(signals: dict[str, int] | None, low: int) -> None:
    """Where the draw says otherwise, no share of places is shown as covered."""
    found = Walked()
    scan = found.order()
    found.walk_all(scan)
    again = found.order(ROOM, draw_of=scan.id, days_ago=0.4)
    if signals is not None:
        found.walk(again, ROOM, signals)
    shown = said(found).shown

    assert shown is not None
    assert (shown.at_least, shown.facts["profile"]) == (low, "cn-k12-v1")


def test_a_draw_is_no_survey() -> None:
    """The one room that was drawn and is strong now does not stand for the survey that found it weak."""
    found = whole(r101={OWN[0]: -7_500})
    found.runs[-1] = replace(
        found.runs[-1], report=msgspec.structs.replace(found.runs[-1].report, readings=found.runs[1].report.readings)
    )

    assert states(found)[ROOM] == "fail"


# --- Orders ------------------------------------------------------------------------------------------------------------------


def test_the_best_of_many_orders() -> None:
    """Four surveys, one of them good: whichever of them is the newest decides, not the best."""
    for good in range(4):
        found = Walked(places=ROOMS[:1])
        for number in range(4):
            scan = found.order(days_ago=5 - number)
            found.walk(scan, ROOM, STRONG if number == good else {})
            found.draw(scan)

        assert said(found).status is (Status.MET if good == 3 else Status.NOT_MET)


def test_a_newer_order_of_other_rooms() -> None:
    """A later survey of the good rooms alone leaves the bad one as it was."""
    found = whole(r102={})
    later = found.order(*(place.path for place in ROOMS if place.path != NEXT), days_ago=0.9)
    found.walk_all(later)

    assert (said(found).status, states(found)[NEXT]) == (Status.NOT_MET, "fail")


def test_a_later_walk_that_shows_nothing() -> None:
    """A walk with a wrong code after a bad one does not bring an older good one back."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(days_ago=5), ROOM)
    found.walk(found.order(days_ago=3), ROOM, code="ZZZZZZ")

    assert states(found) == {ROOM: "cannot_tell"}


def test_a_roaming_order_is_no_survey_of_places() -> None:
    """An order of hand-overs alone, walked or run out, hides no survey of places."""
    found = whole()
    found.order(days_ago=0.6, hours=1, tasks=(Task("roam", {"handovers": 10, "duration_s": 900}),))

    assert said(found).status is Status.MET


def test_codes_as_they_are_typed() -> None:
    """Lower case, spaces and hyphens are no other code."""
    found = Walked(places=ROOMS[:1])
    scan = found.order()
    code = code_of(scan.id, ROOM).lower()
    found.walk(scan, ROOM, code=f"{code[:3]}-{code[3:]}")

    assert states(found) == {ROOM: "pass"}


# --- Whatever is lost --------------------------------------------------------------------------------------------------------


def random_walk(seed: int) -> Walked:
    """Two or three rooms by one or two boxes with strengths, attempts, slips and draws as they come."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable draw
    found = Walked(places=ROOMS[: dice.choice((2, 3))])
    scan = found.order(agents=(BOX, OTHER_BOX))
    for place in found.places:
        for attempt in range(1, dice.choice((1, 1, 2, 3)) + 1):
            more: dict[str, Any] = {"code": "ZZZZZZ"} if dice.random() < 0.1 else {}
            strength = {OWN[0]: dice.choice((-4500, -5000, -5500, -6500, -9000))}
            found.walk(scan, place.path, strength, attempt=attempt, agent=dice.choice((BOX, OTHER_BOX)), **more)
    found.draw(scan, found.places[0].path, {OWN[0]: dice.choice((-4500, -5000, -9000))})
    return found


@pytest.mark.parametrize("seed", range(12))
def test_losing_evidence_never_helps(seed: int) -> None:
    """Whichever reports are lost, withheld attempts and bad rooms too, nothing becomes met that was not."""
    found = random_walk(seed)
    owner, indicator = found.school, clause(wanted())
    was_met = judge(indicator, owner, found.runs, NOW).status is Status.MET
    met = [
        kept
        for size in range(len(found.runs))
        for kept in combinations(found.runs, size)
        if judge(indicator, owner, kept, NOW).status is Status.MET
    ]

    assert was_met or not met


def test_some_random_walks_are_met() -> None:
    """Else the rule above would say nothing."""
    assert 0 < sum(said(random_walk(seed)).status is Status.MET for seed in range(60)) < 60
