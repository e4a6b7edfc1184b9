"""Do the counters at both ends of a link follow the volumes that the collector drew, and what are they worth?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.follows import follows
from collector.frameworks import Grade
from collector.judge import judge
from collector.school import End, Evidence, Link, School, Switch
from collector.stimulus import LARGEST, MOST_TARGETS, SMALLEST, drawn
from collector.verdict import Status
from evidence import quantities as q
from evidence.model import Failure, Quantity, Reading, Settings
from probes import load
from tests.collector.making import (
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    NEAR,
    NOW,
    OTHER_BOX,
    TO_FAR,
    TO_NEAR,
    WHOLE,
    clause,
    part,
    port,
    run,
    school,
    uplinks,
)

CORE_1, NEAR_UP, CORE_2, FAR_UP = (
    f"{switch.subject}/{name}" for switch, name in ((CORE, "ge1"), (NEAR, "up"), (CORE, "ge2"), (FAR, "up"))
)
VOLUMES = (500_000, 0, 900_000, 1_700_000, 0, 3_000_000)
PULSES = [{"at_s": 20 * number, "octets": octets, "towards": FAR.host} for number, octets in enumerate(VOLUMES, 1)]
SETTINGS: Settings = {
    "switches": [
        {"host": CORE.host, "port": 161, "ports": ["ge1", "ge2"]},
        {"host": NEAR.host, "port": 161, "ports": ["up"]},
        {"host": FAR.host, "port": 161, "ports": ["up"]},
    ],
    "pulses": PULSES,
}
NOISE = 90_000  # octets in each window; the allowance is a fifth of the smallest volume: 100,000


def crossing(ends: tuple[str, str], scale: float = 1.05, **odd: int) -> list[Reading]:
    """Counters at both ends while every volume leaves the first and comes in at the second; `odd` ones by direction, end, window."""
    found = []
    for number, octets in enumerate(VOLUMES):
        rise = round(octets * scale) + NOISE if octets else NOISE
        for mark, end, quantity, value in (
            ("out0", ends[0], q.STIMULUS_OUT, rise),
            ("in1", ends[1], q.STIMULUS_IN, rise),
            ("in0", ends[0], q.STIMULUS_IN, NOISE),
            ("out1", ends[1], q.STIMULUS_OUT, NOISE),
        ):
            found.append(quantity.reading(odd.get(f"{mark}_{number}", value), f"{end}@{number}"))
    return found


def volumes(*readings: Reading, sent: dict[int, int] | None = None, **about: Any) -> Evidence:
    """A run of the probe stimulus that sent everything, or otherwise."""
    words = [
        q.STIMULUS_SENT.reading((sent or {}).get(number, octets), str(number)) for number, octets in enumerate(VOLUMES)
    ]
    return run("stimulus", *words, *readings, **{"settings": SETTINGS, "sequence": 2, **about})


def near_follows(*readings: Reading, **about: Any) -> bool:
    """Whether the link between core and acc-1 follows in such a run."""
    return follows(school(**CAMPUS), TO_NEAR, [volumes(*readings, **about)])


WAY = (NEAR_UP, CORE_1)


@pytest.mark.parametrize(
    ("readings", "good"),
    [
        pytest.param(crossing(WAY), True, id="from acc-1 to core"),
        pytest.param(crossing(WAY[::-1]), True, id="from core to acc-1"),
        pytest.param(crossing(WAY, 1.25), True, id="the most that headers may make"),
        pytest.param(crossing(WAY, 1.0), True, id="no headers counted"),
        pytest.param(crossing(WAY, 0.8), False, id="less than was sent"),
        pytest.param(crossing(WAY, 1.5), False, id="more than was sent"),
        pytest.param([], False, id="no counter was read"),
        pytest.param(crossing(WAY)[1::2], False, id="one end only"),
        pytest.param(crossing((FAR_UP, CORE_2)), False, id="another link"),
        pytest.param(crossing(WAY, out0_0=0), True, id="one volume missed, three seen"),
        pytest.param(crossing(WAY, out0_0=0, in1_2=0), False, id="two volumes missed"),
        pytest.param(crossing(WAY, out0_0=10**12), False, id="three seen, and one window with far more"),
        pytest.param(crossing(WAY, in0_0=10**12), False, id="far more in the other direction"),
        pytest.param(crossing(WAY, out0_1=100_000), True, id="a quiet window at the allowance"),
        pytest.param(crossing(WAY, out0_1=100_001), False, id="a quiet window that was not quiet"),
        pytest.param(crossing(WAY, in0_4=200_000), False, id="nor in the other direction"),
        pytest.param(
            [one for one in crossing(WAY) if not one.subject.endswith("@1")], False, id="a quiet window unread"
        ),
        pytest.param(
            [one for one in crossing(WAY) if one.subject != f"{WAY[0]}@5"], False, id="one end of a volume unread"
        ),
    ],
)
def test_follows(readings: list[Reading], good: bool) -> None:
    """A link follows if three volumes left one end and came in at the other, and nothing crossed while nothing was sent."""
    assert near_follows(*readings) is good


def test_in_and_out_at_one_end() -> None:
    """What rises as sent at both ends crossed nothing."""
    wrong = [q.STIMULUS_OUT.reading(one.low or 0, one.subject) for one in crossing(WAY) if "@" in one.subject]

    assert not near_follows(*wrong)


def test_a_volume_that_was_not_sent_in_full() -> None:
    """A volume that the box could not send is none."""
    assert not near_follows(*crossing(WAY), sent={0: 499_999, 2: 0})


def test_a_failed_run() -> None:
    """A run in which another switch gave nothing still shows what was read at both ends in every window."""
    part_of_the_other = [one for one in crossing((FAR_UP, CORE_2)) if not one.subject.endswith("@5")]

    assert near_follows(*crossing(WAY), *part_of_the_other, failure=Failure.TIMED_OUT)


@pytest.mark.parametrize("pulses", [[], PULSES[:1], [PULSES[1]]], ids=["none", "one volume", "a quiet window"])
def test_too_few_windows(pulses: list[Settings]) -> None:
    """Without volumes, and without a quiet window, nothing follows."""
    assert not near_follows(*crossing(WAY), settings={**SETTINGS, "pulses": pulses})


def test_a_link_to_nowhere() -> None:
    """A link to a switch that is not in the list follows nothing."""
    assert not follows(school(**CAMPUS), Link(End("gone", "x"), End("core", "ge1")), [volumes(*crossing(WAY))])


# --- Where the agent can stand -------------------------------------------------------------------------------------------

TARGETS = [NEAR.host] * 4 + [FAR.host] * 4
LEAVES: Settings = {
    **SETTINGS,
    "pulses": [{"at_s": 1, "octets": 600_000 + 1000 * n, "towards": host} for n, host in enumerate(TARGETS)]
    + [{"at_s": 200, "octets": 0, "towards": FAR.host}],
}


def leaves(near: str, far: str, **about: Any) -> Evidence:
    """A run with four volumes to each leaf; each link is crossed upwards (^), downwards (v), both ways (x) or not, by window."""
    found = []
    for number, pulse in enumerate(LEAVES["pulses"]):
        for (leaf, core), marks in (((NEAR_UP, CORE_1), near), ((FAR_UP, CORE_2), far)):
            rise, mark = pulse["octets"], marks.ljust(len(LEAVES["pulses"]), "-")[number]
            up, down = rise * (mark in "^x"), rise * (mark in "vx")
            for quantity, end, value in (
                (q.STIMULUS_OUT, leaf, up),
                (q.STIMULUS_IN, core, up),
                (q.STIMULUS_OUT, core, down),
                (q.STIMULUS_IN, leaf, down),
            ):
                found.append(quantity.reading(value, f"{end}@{number}"))
    words = [q.STIMULUS_SENT.reading(pulse["octets"], str(n)) for n, pulse in enumerate(LEAVES["pulses"])]
    return run("stimulus", *words, *found, **{"settings": LEAVES, "sequence": 2, **about})


@pytest.mark.parametrize(
    ("near", "far", "good"),
    [
        pytest.param("vvvv----", "----vvvv", True, id="the agent stands at the core"),
        pytest.param("----^^^^", "----vvvv", True, id="behind acc-1"),
        pytest.param("xxxx^^^^", "----vvvv", True, id="behind acc-1, in another network than its switches"),
        pytest.param("----^^^^", "xxxxxxxx", True, id="behind acc-1, and acc-2 routes"),
        pytest.param("^^^^^^^^", "^^^^^^^^", False, id="both links carry everything"),
        pytest.param("vvvvvvvv", "vvvvvvvv", False, id="in the other direction"),
        pytest.param("xxxxxxxx", "xxxxxxxx", False, id="in both directions"),
        pytest.param("vvvv^^--", "^^--vvvv", True, id="two volumes may fall together by chance"),
        pytest.param("vvvv^^^-", "^^^-vvvv", False, id="three may not"),
    ],
)
def test_volumes_for_other_leaves(near: str, far: str, good: bool) -> None:
    """The agent stands behind one leaf at most: where two leaves' links carry volumes for others, no counter is believed."""
    assert follows(school(**CAMPUS), TO_FAR, [leaves(near, far)]) is good


@pytest.mark.parametrize(
    ("later", "agent", "good"),
    [("----", "box-1", False), ("vvvv", "box-1", True), ("----", OTHER_BOX, True)],
    ids=["nothing crosses any more", "it still crosses", "another agent's"],
)
def test_the_latest_run_decides(later: str, agent: str, good: bool) -> None:
    """What an agent sent to the end of a link lately counts, and no longer what it once did."""
    runs = [leaves("", "----" + later, sequence=3, agent=agent), leaves("vvvv----", "----vvvv", days_ago=3)]

    assert follows(school(**CAMPUS), TO_FAR, runs) is good


def test_a_ring_has_no_leaf() -> None:
    """Where every switch has two links nothing is known of the way that packets take."""
    ring = (TO_NEAR, TO_FAR, Link(End("acc-1", "x"), End("acc-2", "x")))

    assert follows(school(**{**CAMPUS, "links": ring}), TO_FAR, [leaves("^" * 8, "^" * 8)])


# --- What it is worth ----------------------------------------------------------------------------------------------------

BOTH = (*crossing(WAY), *crossing((CORE_2, FAR_UP)))
CROSS = (*port(NEAR, "x", 10 * GIGABIT), *port(FAR, "x", 10 * GIGABIT))


def judged(*stored: Evidence, quantity: Quantity = q.BACKBONE_MIN, **about: Any) -> tuple[Status, Grade]:
    """Status and grade of a part that asks for 10 Gbit/s at this grade."""
    asked = {"either": (quantity,), "at_least": 10 * GIGABIT, **about}
    found = judge(clause(part(**asked)), school(stored, **CAMPUS), stored, NOW).parts[0]
    return found.status, found.grade


@pytest.mark.parametrize(
    ("stored", "quantity", "grade"),
    [
        pytest.param((uplinks(*WHOLE),), q.BACKBONE_MIN, Grade.A1, id="no volumes"),
        pytest.param((uplinks(*WHOLE), volumes(*BOTH)), q.BACKBONE_MIN, Grade.A2, id="every link follows"),
        pytest.param((uplinks(*WHOLE), volumes(*BOTH)), q.CORE_SPEED, Grade.A2, id="the core's links"),
        pytest.param((uplinks(*WHOLE), volumes(*crossing(WAY))), q.BACKBONE_MIN, Grade.A1, id="one does not"),
        pytest.param(
            (uplinks(*WHOLE), volumes(*crossing((CORE_2, FAR_UP)))), q.BUILDING_MIN, Grade.A2, id="it does not decide"
        ),
        pytest.param((uplinks(*WHOLE), volumes(*BOTH, days_ago=8)), q.BACKBONE_MIN, Grade.A1, id="too old"),
        pytest.param(
            (
                uplinks(*WHOLE),
                volumes(*crossing(WAY)),
                volumes(*crossing((CORE_2, FAR_UP)), agent=OTHER_BOX, sequence=1),
            ),
            q.BACKBONE_MIN,
            Grade.A2,
            id="each in a run of its own",
        ),
    ],
)
def test_grade(stored: tuple[Evidence, ...], quantity: Quantity, grade: Grade) -> None:
    """Where every link that decides follows the collector's volumes, a verdict on links has grade A2, else A1."""
    assert judged(*stored, quantity=quantity) == (Status.MET, grade)


def test_an_undeclared_link_follows_nothing() -> None:
    """A link that was found and never ordered keeps the grade at A1."""
    link = q.LINK_SPEED.reading(
        10 * GIGABIT, f"{NEAR.subject}/x", {"confirmed": "both", "peer": f"{FAR.subject}/x", "status": "reported"}
    )

    assert judged(uplinks(*WHOLE, *CROSS, link), volumes(*BOTH)) == (Status.MET, Grade.A1)


def test_an_unproven_parser() -> None:
    """What a parser read that never saw a recording of its switch stays at A1."""
    rate = q.PORT_SPEED.reading(10 * GIGABIT, NEAR_UP, {"status": "reported", "parser": "unproven"})
    readings = [rate if one.quantity == rate.quantity and one.subject == NEAR_UP else one for one in WHOLE]

    assert judged(uplinks(*readings), volumes(*BOTH)) == (Status.MET, Grade.A1)


def test_a_part_that_asks_for_it() -> None:
    """A part that asks for A2 is met with the volumes and not shown without."""
    asked = [judged(*stored, grade=Grade.A2)[0] for stored in ((uplinks(*WHOLE),), (uplinks(*WHOLE), volumes(*BOTH)))]

    assert asked == [Status.NOT_SHOWN, Status.MET]


def test_the_runs_are_evidence() -> None:
    """The runs that made the grade stand among the evidence, and the verdict is as old as the oldest of them."""
    stored = (uplinks(*WHOLE), volumes(*BOTH, days_ago=2))
    asked = clause(part(either=(q.BACKBONE_MIN,), at_least=1))
    found = judge(asked, school(stored, **CAMPUS), stored, NOW).parts[0]

    assert (found.evidence, found.issued_unix_us) == (
        ("id-box-1-1", "id-box-1-2"),
        stored[1].scan.issued_unix_us if stored[1].scan else None,
    )


# --- The draw ------------------------------------------------------------------------------------------------------------


def pulses_of(about: School) -> list[dict[str, Any]]:
    """The windows of one draw."""
    task = drawn(about)
    assert task is not None
    return list(task.settings["pulses"])


def test_a_draw() -> None:
    """Each switch at the rim gets three volumes of its own in random order, with quiet windows between them."""
    pulses = pulses_of(school(**CAMPUS))
    loud = [pulse for pulse in pulses if pulse["octets"]]

    assert sorted(pulse["towards"] for pulse in loud) == [NEAR.host] * 3 + [FAR.host] * 3
    assert len({pulse["octets"] for pulse in loud}) == len(loud)
    assert all(SMALLEST <= pulse["octets"] <= LARGEST for pulse in loud)
    assert len(pulses) - len(loud) >= 2


def test_times_of_a_draw() -> None:
    """Windows do not overlap, and no two draws are the same."""
    one, other = (pulses_of(school(**CAMPUS)) for _ in range(2))
    times = [pulse["at_s"] for pulse in one]

    assert (one != other, min(b - a for a, b in zip([0, *times], times, strict=False)) >= 14) == (True, True)


def test_the_ends_of_a_draw() -> None:
    """All ends of all declared links are watched, and no other port."""
    task = drawn(school(**CAMPUS))

    assert task is not None
    assert {(one["name"], *one["ports"]) for one in task.settings["switches"]} == {
        ("core", "ge1", "ge2"),
        ("acc-1", "up"),
        ("acc-2", "up"),
    }


def test_a_draw_for_few() -> None:
    """Of one link without a rim beside it there are still four volumes; of a ring every switch is a target."""
    ring = (TO_NEAR, TO_FAR, Link(End("acc-1", "x"), End("acc-2", "x")))
    two = [pulse for pulse in pulses_of(school(switches=(CORE, NEAR), links=(TO_NEAR,))) if pulse["octets"]]

    assert (len(two), {one["towards"] for one in pulses_of(school(**{**CAMPUS, "links": ring}))}) == (
        6,
        {CORE.host, NEAR.host, FAR.host},
    )


def test_a_draw_for_many() -> None:
    """Of a large school some switches are drawn, so that the run ends in time."""
    many = tuple(Switch(f"s{number}", f"10.2.0.{number}") for number in range(1, 40))
    links = tuple(Link(End("core", f"p{one.name}"), End(one.name, "up")) for one in many)
    pulses = pulses_of(school(switches=(CORE, *many), links=links))

    assert (len({one["towards"] for one in pulses}), pulses[-1]["at_s"] < 580) == (MOST_TARGETS, True)


def test_a_draw_for_very_many() -> None:
    """Of more switches than one order holds, the targets and those on the way to them are watched."""
    many = tuple(Switch(f"s{number}", f"10.2.{number}.1") for number in range(1, 90))
    links = tuple(Link(End("core", f"p{one.name}"), End(one.name, "up")) for one in many)
    task = drawn(school(switches=(*many, CORE), links=links))

    assert task is not None
    watched = {one["host"]: one["ports"] for one in task.settings["switches"]}
    assert (len(watched), len(watched[CORE.host])) == (50, 64)
    assert {pulse["towards"] for pulse in task.settings["pulses"]} <= set(watched)


@pytest.mark.parametrize("count", [1, 2, 5, 40, 90])
def test_the_probe_takes_every_draw(count: int) -> None:
    """Whatever the size of the school, the probe accepts what is drawn, once the box has added its secrets."""
    many = tuple(Switch(f"s{number}", f"10.2.{number}.1") for number in range(1, count + 1))
    links = tuple(Link(End("core", f"p{one.name}"), End(one.name, "up")) for one in many)
    task = drawn(school(switches=(*many, CORE), links=links))

    assert task is not None
    switches = [{**one, "community": "x"} for one in task.settings["switches"]]
    assert load(task.probe).settings.model_validate({**task.settings, "switches": switches})


def test_nothing_to_draw() -> None:
    """Without a declared link there is nothing to send across."""
    assert drawn(school(switches=(CORE,))) is None
