"""Is a place called covered only where somebody measured that it is, and every doubt named?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import pytest

from collector.coverage import rows_of
from collector.judge import judge
from collector.place_parts import twins
from collector.school import Place
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.model import Failure, Reading
from tests.collector.making import BOX, NOW, OTHER_BOX, clause, run
from tests.collector.wifi_school import (
    OWN,
    ROOMS,
    SECOND_US,
    STRONG,
    Walked,
    bands,
    code_of,
    heard,
    listened,
    wanted,
    whole,
)

ROOM, NEXT = ROOMS[0].path, ROOMS[1].path
MET, NOT_MET, NOT_SHOWN = Status.MET, Status.NOT_MET, Status.NOT_SHOWN


def codes(walked: Walked, **about: Any) -> set[Code]:
    """The codes of the reasons why not all is covered."""
    return {reason.code for reason in walked.verdict(**about).reasons}


def state(walked: Walked, place: str = ROOM) -> str:
    """The state of one place."""
    rows = rows_of(walked.school, walked.runs, NOW)
    return next(row.state for row in rows if row.place.path == place)


def one_room(signals: Mapping[str, int] | list[Reading] = STRONG, **about: Any) -> Walked:
    """One room walked once."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(), ROOM, signals, **about)
    return found


# --- The whole of it -------------------------------------------------------------------------------------------------


def test_all_covered() -> None:
    """All places walked, all strong, the draw walked and the same: met, at A1, with all the evidence."""
    verdict = whole().verdict()

    assert (verdict.status, verdict.grade.name, len(verdict.evidence), verdict.reasons) == (MET, "A1", 5, ())


def test_a_hole() -> None:
    """One room without the school's Wi-Fi is enough, and it is named first."""
    verdict = whole(r102={}).verdict()

    assert (verdict.status, verdict.reasons[0].code, verdict.reasons[0].about) == (
        NOT_MET,
        Code.PLACE_HOLE,
        {"place": NEXT},
    )


@pytest.mark.parametrize(
    ("left", "status"),
    [pytest.param((), NOT_SHOWN, id="nobody walked"), pytest.param((ROOM,), NOT_SHOWN, id="one room of four")],
)
def test_not_everywhere(left: tuple[str, ...], status: Status) -> None:
    """Where nobody walked nothing is shown, however good the rest is."""
    found = Walked()
    scan = found.order()
    for place in left:
        found.walk(scan, place)

    assert (found.verdict().status, state(found, ROOMS[3].path)) == (status, "not_measured")


def test_the_share_is_an_interval() -> None:
    """What is open may come out either way: from what passes to what has not failed."""
    found = Walked()
    scan = found.order()
    found.walk(scan, ROOM)
    found.walk(scan, NEXT, {})
    shown = found.verdict().shown

    assert shown is not None
    assert (shown.at_least, shown.at_most) == (250_000, 750_000)


def test_only_the_wanted_places_count() -> None:
    """A part that asks for offices says nothing of class-rooms."""
    found = whole(r102={})
    found.places = (*ROOMS[:1], Place(NEXT, "office"), *ROOMS[2:])

    assert (found.verdict(kinds=("teaching",)).status, found.verdict(kinds=("office",)).status) == (MET, NOT_MET)


def test_no_such_place() -> None:
    """Without a place of the wanted kind nothing is shown."""
    assert codes(whole(), kinds=("living",)) == {Code.NO_PLACE}


def test_a_figure_beside_a_verdict() -> None:
    """As a figure it decides nothing."""
    assert whole().verdict(support=True).status is NOT_SHOWN


# --- Limits -----------------------------------------------------------------------------------------------------------

STRENGTHS = [
    (-6_200, "pass"),
    (-6_201, "borderline"),
    (-6_500, "borderline"),
    (-7_000, "borderline"),
    (-7_300, "borderline"),
    (-7_301, "fail"),
    (-9_000, "fail"),
]


@pytest.mark.parametrize(("mbm", "expected"), STRENGTHS)
def test_limits(mbm: int, expected: str) -> None:
    """Within the adapter's uncertainty of a limit nothing is decided."""
    assert state(one_room({OWN[0]: mbm})) == expected


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        pytest.param([heard("02:00:00:00:99:99", -4000)], "fail", id="only a stranger's"),
        pytest.param([heard(OWN[0], -4000, seen=2)], "fail", id="heard in two scans of five"),
        pytest.param([heard(OWN[0], -4000, seen=3)], "pass", id="heard in three"),
        pytest.param([heard(OWN[0], -5000, frequency_mhz=2437)], "pass", id="the older band covers"),
        pytest.param([q.WIFI_HEARD.reading(5, OWN[0], {"seen": 5})], "fail", id="without a strength"),
    ],
)
def test_whose_and_how_often(signals: list[Reading], expected: str) -> None:
    """Only the school's own access points count, and those that were heard often enough."""
    assert state(one_room(signals)) == expected


@pytest.mark.parametrize(
    ("hears", "expected"),
    [
        pytest.param(bands(g5="cannot"), "cannot_tell", id="a radio without 5 GHz"),
        pytest.param(bands(g2="restricted"), "cannot_tell", id="2.4 GHz switched off"),
        pytest.param(bands(g5="unknown", g2="unknown"), "cannot_tell", id="a recording"),
        pytest.param(bands(), "fail", id="both bands"),
    ],
)
def test_silence_of_a_deaf_radio(hears: tuple[Reading, ...], expected: str) -> None:
    """What a radio cannot hear is no hole."""
    assert state(one_room({}, hears=hears)) == expected


def test_a_deaf_radio_can_show_coverage() -> None:
    """What it hears strongly enough is there."""
    assert state(one_room(hears=bands(g5="cannot"))) == "pass"


def test_the_older_band_alone() -> None:
    """2.4 GHz alone covers, is told as such, and is no gigabit."""
    found = one_room([heard(OWN[0], -5000, frequency_mhz=2437, generation=4, phy_mbit_s=144)])
    (row,) = rows_of(found.school, found.runs, NOW)

    assert (row.state, row.legacy, row.gigabit) == ("pass", True, "fail")


def test_two_radios_of_one_device() -> None:
    """The second access point is another device's, not the same one's other radio."""
    found = one_room({"02:00:00:00:01:10": -5000, "02:00:00:00:01:11": -5100, "02:00:00:00:02:10": -6000})
    found.orders.clear()
    scan = found.order(owned=("02:00:00:00:01:10", "02:00:00:00:01:11", "02:00:00:00:02:10"))
    found.runs.clear()
    found.walk(scan, ROOM, {"02:00:00:00:01:10": -5000, "02:00:00:00:01:11": -5100, "02:00:00:00:02:10": -6000})
    (row,) = rows_of(found.school, found.runs, NOW)

    assert (row.best.subject if row.best else "", row.second.subject if row.second else "") == (
        "02:00:00:00:01:10",
        "02:00:00:00:02:10",
    )


# --- Points -----------------------------------------------------------------------------------------------------------


def hall(*strengths: int, points: int = 20) -> Walked:
    """A hall of twenty points with these strengths, the rest strong."""
    found = Walked(places=ROOMS[:1])
    scan = found.order(points=points)
    for number in range(1, points + 1):
        found.walk(scan, ROOM, {OWN[0]: strengths[number - 1] if number <= len(strengths) else -5000}, point=number)
    return found


@pytest.mark.parametrize(
    ("strengths", "expected"),
    [
        pytest.param((), "pass", id="all"),
        pytest.param((-9000,), "pass", id="one of twenty fails"),
        pytest.param((-9000, -9000), "fail", id="two of twenty fail"),
        pytest.param((-6500, -6500), "borderline", id="two are open"),
        pytest.param((-9000, -6500), "borderline", id="one fails, one is open"),
    ],
)
def test_points(strengths: tuple[int, ...], expected: str) -> None:
    """Ninety-five of a hundred points of one place must pass; never so over places."""
    assert state(hall(*strengths)) == expected


def test_a_missing_point() -> None:
    """A place of which a point is missing is not measured."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(points=2), ROOM)
    (row,) = rows_of(found.school, found.runs, NOW)

    assert (row.state, row.gigabit, row.points_done, row.points_asked) == ("not_measured", "not_measured", 1, 2)


def test_a_missing_point_beside_a_hole() -> None:
    """A point that fails is enough, whatever the missing one would say."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(points=2), ROOM, {})

    assert state(found) == "fail"


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        pytest.param((-9000, -5000), "fail", id="the worse of two"),
        pytest.param((-9000, -5000, -5000), "pass", id="the middle of three"),
        pytest.param((-5000, -9000, -9000), "fail", id="two bad ones of three"),
    ],
)
def test_attempts(attempts: tuple[int, ...], expected: str) -> None:
    """A point that was measured again is its median, the lower one: never the best."""
    found = Walked(places=ROOMS[:1])
    scan = found.order()
    for number, mbm in enumerate(attempts, 1):
        found.walk(scan, ROOM, {OWN[0]: mbm}, attempt=number)

    assert state(found) == expected


# --- Was somebody there? ------------------------------------------------------------------------------------------------

AGAINST: list[Any] = [
    pytest.param({"code": ""}, Code.WRONG_CODE, id="no code"),
    pytest.param({"code": "ZZZZZZ"}, Code.WRONG_CODE, id="a wrong code"),
    pytest.param({"code": code_of("order-1", NEXT)}, Code.CODE_OF_ANOTHER, id="another place's code"),
    pytest.param({"driver": "veth"}, Code.VIRTUAL_RADIO, id="no radio"),
    pytest.param({"driver": "mac80211_hwsim"}, Code.VIRTUAL_RADIO, id="a simulated radio"),
    pytest.param({"driver": "replay"}, Code.VIRTUAL_RADIO, id="a recording"),
    pytest.param({"failure": Failure.INTERRUPTED}, Code.FAILED, id="a run that failed"),
]


@pytest.mark.parametrize(("about", "code"), AGAINST)
def test_against_a_visit(about: dict[str, Any], code: Code) -> None:
    """A visit with something against it shows nothing, and says what."""
    found = Walked()
    scan = found.order()
    found.walk(scan, ROOM, **about)
    for place in ROOMS[1:]:
        found.walk(scan, place.path)

    assert (state(found), code in codes(found)) == ("cannot_tell", True)


def test_too_few_scans() -> None:
    """Three scans show nothing where five are asked for."""
    found = one_room(scans=3)
    found.orders.clear()
    (row,) = rows_of(found.school, found.runs, NOW)

    assert Code.TOO_FEW_SCANS in {reason.code for reason in row.reasons}


@pytest.mark.parametrize("driver", ["mac80211_hwsim", "replay"])
def test_a_virtual_school(driver: str) -> None:
    """In a virtual school a simulated radio or a recording stands for a real one."""
    found = one_room(driver=driver)
    found.about["virtual"] = True

    assert state(found) == "pass"


@pytest.mark.parametrize(
    ("other", "seconds", "expected"),
    [
        pytest.param("main/b1/102", 4, "cannot_tell", id="the next room"),
        pytest.param("main/b1/102", 6, "pass", id="the next room at a walk"),
        pytest.param("main/b2/101", 59, "cannot_tell", id="another building"),
        pytest.param("main/b2/101", 61, "pass", id="another building at a walk"),
        pytest.param("main/b1/102", -5, "cannot_tell", id="at the same time"),
    ],
)
def test_haste(other: str, seconds: int, expected: str) -> None:
    """Who is in another place sooner than anybody walks was not in one of them."""
    found = Walked(places=(ROOMS[0], Place(other, "teaching")))
    scan = found.order()
    found.walk(scan, ROOM)
    found.walk(scan, other, {OWN[1]: -5000}, after_us=seconds * SECOND_US)

    assert (state(found), state(found, other)) == (expected, expected)


@pytest.mark.parametrize(
    ("there", "seconds", "expected"),
    [
        pytest.param("main/b1/2/201", 19, "cannot_tell", id="another floor"),
        pytest.param("main/b1/2/201", 21, "pass", id="another floor at a walk"),
        pytest.param("main/b1/1/102", 6, "pass", id="the same floor"),
    ],
)
def test_floors(there: str, seconds: int, expected: str) -> None:
    """Stairs take longer than a corridor."""
    here = "main/b1/1/101"
    found = Walked(places=(Place(here, "teaching"), Place(there, "teaching")))
    scan = found.order()
    found.walk(scan, here)
    found.walk(scan, there, {OWN[1]: -5000}, after_us=seconds * SECOND_US)

    assert state(found, there) == expected


def test_two_boxes_at_the_same_time() -> None:
    """Two laptops may be in two places at once, and a box that was started anew has a new clock."""
    found = Walked(places=ROOMS[:2])
    scan = found.order(agents=(BOX, OTHER_BOX))
    found.walk(scan, ROOM)
    found.walk(scan, NEXT, {OWN[1]: -5000}, agent=OTHER_BOX, after_us=-30 * SECOND_US)

    assert (state(found), state(found, NEXT)) == ("pass", "pass")


FOUR = {bssid: -5_000 - 300 * number for number, bssid in enumerate(OWN[:4])}


@pytest.mark.parametrize(
    ("shift", "fewer", "expected"),
    [
        pytest.param(0, 0, "cannot_tell", id="the very same"),
        pytest.param(100, 0, "cannot_tell", id="within a dB"),
        pytest.param(150, 0, "pass", id="further apart"),
        pytest.param(0, 1, "pass", id="three access points only"),
    ],
)
def test_twin_rooms(shift: int, fewer: int, expected: str) -> None:
    """Two rooms in which everything is equally strong are one room measured twice."""
    vector = dict(list(FOUR.items())[fewer:])
    found = Walked(places=ROOMS[:2])
    scan = found.order()
    found.walk(scan, ROOM, vector)
    found.walk(scan, NEXT, {bssid: mbm - shift for bssid, mbm in vector.items()})

    assert (state(found), state(found, NEXT)) == (expected, expected)


# --- Orders ------------------------------------------------------------------------------------------------------------


def test_the_newest_walk_counts() -> None:
    """What was mended and walked again counts, not what was before."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(days_ago=5), ROOM, {})
    found.walk(found.order(days_ago=1), ROOM)

    assert state(found) == "pass"


def test_an_order_that_ran_out() -> None:
    """A newer order that nobody walked hides the older one: a school does not keep its good day by silence."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(days_ago=5), ROOM)
    found.order(days_ago=1)

    assert state(found) == "not_measured"


def test_an_order_that_is_open() -> None:
    """One that can still be walked hides nothing."""
    found = Walked(places=ROOMS[:1])
    found.walk(found.order(days_ago=5), ROOM)
    found.order(days_ago=1, hours=48)

    assert state(found) == "pass"


def test_too_long_ago() -> None:
    """A walk of before the period is none."""
    found = Walked(places=ROOMS[:1])
    scan = found.order(days_ago=200)
    found.walk(scan, ROOM)

    assert codes(found) == {Code.STALE}


def test_a_run_without_a_survey() -> None:
    """What the box measures by itself is of no place that was walked to."""
    found = Walked(places=ROOMS[:1])
    found.runs.append(run("wifi", *listened(heard(OWN[0], -4000))[1:], settings={"scans": 5}))

    assert state(found) == "not_measured"


# --- The draw ----------------------------------------------------------------------------------------------------------


def drawn(signals: Mapping[str, int] | None, days_ago: float = 0.4, hours: int = 24, **about: Any) -> Walked:
    """Four rooms walked, and a draw of the first that hears this; not walked where it hears nothing at all."""
    found = Walked()
    scan = found.order()
    found.walk_all(scan)
    again = found.order(ROOM, draw_of=scan.id, days_ago=days_ago, hours=hours)
    if signals is not None:
        found.walk(again, ROOM, signals, **about)
    return found


def no_draw() -> Walked:
    """Four rooms walked, and nothing drawn."""
    found = Walked()
    found.walk_all(found.order())
    return found


DRAWS: list[Any] = [
    pytest.param(no_draw, Code.NOT_DRAWN_YET, id="nothing drawn"),
    pytest.param(lambda: drawn(None), Code.REMEASURE_OPEN, id="not walked yet"),
    pytest.param(lambda: drawn(None, hours=1), Code.REMEASURE_MISSED, id="not walked in time"),
    pytest.param(lambda: drawn({OWN[0]: -6_100}), Code.REMEASURE_DIFFERS, id="11 dB weaker"),
    pytest.param(lambda: drawn({OWN[0]: -3_900}), Code.REMEASURE_DIFFERS, id="11 dB stronger"),
    pytest.param(lambda: drawn({}), Code.REMEASURE_DIFFERS, id="nothing there"),
    pytest.param(lambda: drawn(STRONG, code="ZZZZZZ"), Code.WRONG_CODE, id="with a wrong code"),
    pytest.param(lambda: drawn({OWN[0]: -6_000}), None, id="10 dB weaker"),
]


@pytest.mark.parametrize(("made", "code"), DRAWS)
def test_the_draw(made: Callable[[], Walked], code: Code | None) -> None:
    """Nothing is met before the drawn places were walked again and said the same."""
    verdict = made().verdict()

    assert (verdict.status, verdict.reasons[0].code if verdict.reasons else None) == (
        MET if code is None else NOT_SHOWN,
        code,
    )


def test_a_hole_needs_no_draw() -> None:
    """A bad result stands without one."""
    found = Walked()
    found.walk_all(found.order(), r102={})

    assert found.verdict().status is NOT_MET


# --- Gigabit ------------------------------------------------------------------------------------------------------------


def wired(rate: int | None, bssid: str = OWN[0], **about: Any) -> Any:
    """What the controller tells of the access point behind a BSSID."""
    listing = [q.AP_STATE.reading("up", "ap-1"), q.AP_BSSID.reading("up", bssid, {"ap": "ap-1"})]
    listing += (
        [q.AP_WIRED.reading(rate, "ap-1")] if rate is not None else [q.AP_WIRED.between(100_000_000, None, "ap-1")]
    )
    return run("aps", *listing, q.APS_ANSWERED.reading(1_000_000), **{"agent": OTHER_BOX, **about})


@pytest.mark.parametrize(
    ("facts", "rate", "status"),
    [
        pytest.param({}, 10**9, MET, id="Wi-Fi 6 on a gigabit wire"),
        pytest.param({}, 10**8, NOT_MET, id="on a 100 Mbit/s wire"),
        pytest.param({}, None, MET, id="on a wire of which only a lower end is known"),
        pytest.param({"phy_mbit_s": 867, "generation": 5}, 10**9, NOT_MET, id="867 Mbit/s"),
    ],
)
def test_gigabit(facts: dict[str, int], rate: int | None, status: Status) -> None:
    """A PHY rate of 1000 Mbit/s at pass strength, on a wire that carries it."""
    found = Walked(places=ROOMS[:1])
    scan = found.order()
    found.walk(scan, ROOM, [heard(OWN[0], -5000, **facts)])
    found.draw(scan)
    found.runs.append(wired(rate))

    assert found.verdict(q.WIFI_GIGABIT_COVERAGE).status is status


def test_covered_without_gigabit() -> None:
    """A covered place without gigabit is told so."""
    found = one_room([heard(OWN[0], -5000, phy_mbit_s=574)])

    assert found.verdict(q.WIFI_GIGABIT_COVERAGE).reasons[0].code is Code.NO_GIGABIT


# --- What is said beside -------------------------------------------------------------------------------------------------


def test_an_evil_twin() -> None:
    """Who uses the school's name and is not its own is told, and covers nothing."""
    found = one_room([heard(OWN[0], -5000), heard("02:00:00:00:66:66", -3000)])

    assert [reason.about for reason in twins(found.runs)] == [{"bssid": "02:00:00:00:66:66", "place": ROOM}]


def test_losing_evidence_never_helps() -> None:
    """Whichever reports a school loses, a clause that is not met does not become met."""
    found = whole(r102={}, r103={OWN[0]: -6_500})
    indicator, judged = clause(wanted()), found.school

    for size in range(len(found.runs)):
        for kept in combinations(found.runs, size):
            assert judge(indicator, judged, kept, NOW).status is not MET


def test_losing_evidence_never_helps_when_met() -> None:
    """With a report lost nothing is met: neither a room nor the draw may be missing."""
    found = whole()
    indicator, judged = clause(wanted()), found.school

    assert {
        judge(indicator, judged, [one for one in found.runs if one is not lost], NOW).status for lost in found.runs
    } == {NOT_SHOWN}
