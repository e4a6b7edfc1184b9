"""When does a reading meet a bound, when does it not, and when does it show nothing?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.frameworks import Over
from collector.judge import judge
from collector.school import Place, Setting
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.model import Failure, Reading
from tests.collector.making import FIGURE, GIGABIT, NOW, OTHER_BOX, clause, desk, part, reached, run, school

MET, NOT_MET, NOT_SHOWN = Status.MET, Status.NOT_MET, Status.NOT_SHOWN


def interval(at_least: int | None, at_most: int | None) -> Reading:
    """A share between two ends."""
    return FIGURE.between(at_least, at_most)


def exact(value: int) -> Reading:
    """A share."""
    return FIGURE.reading(value)


LOWER = [
    pytest.param(exact(1000), MET, id="exactly the bound"),
    pytest.param(exact(1001), MET, id="above"),
    pytest.param(exact(999), NOT_MET, id="one below"),
    pytest.param(exact(0), NOT_MET, id="zero"),
    pytest.param(interval(1000, 5000), MET, id="even the worst end reaches it"),
    pytest.param(interval(999, 5000), NOT_SHOWN, id="between its ends"),
    pytest.param(interval(999, 1000), NOT_SHOWN, id="only the best end reaches it"),
    pytest.param(interval(10, 999), NOT_MET, id="not even the best end reaches it"),
    pytest.param(interval(1000, None), MET, id="no upper end, proved"),
    pytest.param(interval(999, None), NOT_SHOWN, id="no upper end, open"),
    pytest.param(interval(None, 999), NOT_MET, id="no lower end, refuted"),
    pytest.param(interval(None, 1000), NOT_SHOWN, id="no lower end, open"),
    pytest.param(Reading("test.figure", "ppm", value="1000"), MET, id="a decimal string"),
    pytest.param(Reading("test.figure", "ppm", value="plenty"), NOT_SHOWN, id="text is no number"),
]
UPPER = [
    pytest.param(exact(1000), MET, id="exactly the bound"),
    pytest.param(exact(1001), NOT_MET, id="one above"),
    pytest.param(interval(0, 1000), MET, id="even the worst end keeps it"),
    pytest.param(interval(999, 1001), NOT_SHOWN, id="between its ends"),
    pytest.param(interval(1001, 9999), NOT_MET, id="not even the best end keeps it"),
    pytest.param(interval(0, None), NOT_SHOWN, id="no upper end, open"),
    pytest.param(interval(1001, None), NOT_MET, id="no upper end, refuted"),
    pytest.param(interval(None, 1000), MET, id="no lower end, proved"),
]


@pytest.mark.parametrize("over", [Over.EVERY, Over.ANY])
@pytest.mark.parametrize(("reading", "status"), LOWER)
def test_at_least(reading: Reading, status: Status, over: Over) -> None:
    """Met needs a proved lower end at the bound, not met a proved upper end below it; all else is not shown."""
    stored = [run("testing", reading)]

    assert judge(clause(part(at_least=1000, over=over)), school(stored), stored, NOW).status is status


@pytest.mark.parametrize("over", [Over.EVERY, Over.ANY])
@pytest.mark.parametrize(("reading", "status"), UPPER)
def test_at_most(reading: Reading, status: Status, over: Over) -> None:
    """For an upper bound the ends change places."""
    stored = [run("testing", reading)]

    assert judge(clause(part(at_most=1000, over=over)), school(stored), stored, NOW).status is status


@pytest.mark.parametrize(("state", "status"), [("full", MET), ("half", NOT_MET), ("unknown", NOT_MET)])
def test_equals(state: str, status: Status) -> None:
    """A state is the one asked for, or it is not."""
    stored = [run("desk", q.DESK_DUPLEX.reading(state), q.DESK_SPEED.reading(GIGABIT, "eth0"))]

    assert judge(clause(part(either=(q.DESK_DUPLEX,), equals="full")), school(stored), stored, NOW).status is status


@pytest.mark.parametrize(
    ("bound", "bit_s", "status"),
    [
        pytest.param("at_least", 9_500_000_000, MET, id="at the eased lower bound"),
        pytest.param("at_least", 9_499_999_999, NOT_MET, id="below the eased lower bound"),
        pytest.param("at_most", 10_500_000_000, MET, id="at the eased upper bound"),
        pytest.param("at_most", 10_500_000_001, NOT_MET, id="above the eased upper bound"),
    ],
)
def test_tolerance(bound: str, bit_s: int, status: Status) -> None:
    """The framework's tolerance eases the bound by exactly its share."""
    asked = part(either=(q.DESK_SPEED,), tolerance_ppm=50_000, **{bound: 10 * GIGABIT})
    stored = [desk(bit_s)]

    assert judge(clause(asked), school(stored), stored, NOW).status is status


def test_tolerance_rounds_towards_the_bound() -> None:
    """A tolerance of less than one unit eases nothing."""
    stored = [reached(999)]

    asked = part(at_least=1000, tolerance_ppm=999)
    assert judge(clause(asked), school(stored), stored, NOW).status is NOT_MET


@pytest.mark.parametrize(
    ("values", "every", "any_run"),
    [
        pytest.param((1000, 1000), MET, MET, id="both"),
        pytest.param((1000, 999), NOT_MET, MET, id="the second is bad"),
        pytest.param((999, 1000), NOT_MET, MET, id="the first is bad"),
        pytest.param((1, 999), NOT_MET, NOT_MET, id="neither"),
    ],
)
def test_over_agents(values: tuple[int, int], every: Status, any_run: Status) -> None:
    """The worst of all agents decides over every, the best run over any."""
    stored = [reached(values[0]), reached(values[1], agent=OTHER_BOX)]
    about = school(stored)

    found = [
        judge(clause(part(at_least=1000, over=over)), about, stored, NOW).status for over in (Over.EVERY, Over.ANY)
    ]
    assert found == [every, any_run]


@pytest.mark.parametrize(
    ("values", "every"),
    [pytest.param((1, 1000), MET, id="mended"), pytest.param((1000, 1), NOT_MET, id="broken since")],
)
def test_latest_run_of_an_agent(values: tuple[int, int], every: Status) -> None:
    """Over every, the latest run of an agent supersedes its earlier ones."""
    stored = [reached(values[0], days_ago=2), reached(values[1], sequence=2, days_ago=1)]

    assert judge(clause(part(at_least=1000)), school(stored), stored, NOW).status is every


def test_latest_is_by_order_not_by_delivery() -> None:
    """The order's time says which run is the latest, not the sequence in which they were sealed."""
    stored = [reached(1, days_ago=1), reached(1000, sequence=2, days_ago=3)]

    assert judge(clause(part(at_least=1000)), school(stored), stored, NOW).status is NOT_MET


@pytest.mark.parametrize("over", [Over.EVERY, Over.PLACES])
def test_a_failed_run_after_a_good_one(over: Over) -> None:
    """A run that could not finish takes back what an earlier one showed."""
    stored = [
        reached(1000, days_ago=2, place="main/b1/1"),
        run("testing", exact(1000), sequence=2, place="main/b1/1", failure=Failure.INTERRUPTED),
    ]
    asked = part(at_least=1000, over=over, kinds=("teaching",) if over is Over.PLACES else ())
    verdict = judge(clause(asked), school(stored, places=(Place("main/b1/1", "teaching"),)), stored, NOW)

    assert (verdict.status, verdict.parts[0].reasons[0].code) == (NOT_SHOWN, Code.FAILED)


def test_a_failed_run_with_a_bad_reading() -> None:
    """What a run proved before it failed still counts against the school."""
    stored = [run("testing", exact(1), failure=Failure.INTERRUPTED)]

    assert judge(clause(part(at_least=1000)), school(stored), stored, NOW).status is NOT_MET


def test_a_failed_run_does_not_spoil_the_best() -> None:
    """Over any, the best run stands whatever else failed: a busy line does not shrink the line."""
    stored = [reached(1000), run("testing", sequence=2, failure=Failure.TIMED_OUT)]

    assert judge(clause(part(at_least=1000, over=Over.ANY)), school(stored), stored, NOW).status is MET


# --- Over places ------------------------------------------------------------------------------------------------------

PLACES = (
    Place("main/b1/1", "teaching", main=True),
    Place("main/b1/2", "teaching"),
    Place("main/b2/1", "office", main=True),
)


def at(*values: int | None) -> list[Any]:
    """A run at each of the three places, in their order; none where None."""
    found = zip(PLACES, values, strict=True)
    return [
        reached(value, place=place.path, agent=f"box-{number}")
        for number, (place, value) in enumerate(found)
        if value is not None
    ]


@pytest.mark.parametrize(
    ("values", "asked", "status"),
    [
        pytest.param((9, 9, 9), {}, MET, id="all of a hundred per cent"),
        pytest.param((9, 9, 1), {}, NOT_MET, id="one bad place"),
        pytest.param((9, 9, None), {}, NOT_SHOWN, id="one place not measured"),
        pytest.param((None, None, 1), {}, NOT_MET, id="one bad place settles it"),
        pytest.param((9, 9, None), {"share_at_least_ppm": 666_666}, MET, id="enough without the missing"),
        pytest.param((9, None, None), {"share_at_least_ppm": 666_666}, NOT_SHOWN, id="the missing decide"),
        pytest.param((9, 1, 1), {"share_at_least_ppm": 666_666}, NOT_MET, id="too many bad"),
        pytest.param((9, 9, 1), {"kinds": ("teaching",)}, MET, id="another kind does not count"),
        pytest.param((9, 1, 9), {"main": True}, MET, id="only the main places"),
        pytest.param((9, 9, 9), {"kinds": ("outdoor",)}, NOT_SHOWN, id="no place of that kind"),
    ],
)
def test_over_places(values: tuple[int | None, ...], asked: dict[str, Any], status: Status) -> None:
    """The share of the declared places decides; a place that was not measured is never covered and never bad."""
    stored = at(*values)
    wanted = part(**{"at_least": 9, "over": Over.PLACES, "kinds": ("teaching", "office"), **asked})

    assert judge(clause(wanted), school(stored, places=PLACES), stored, NOW).status is status


@pytest.mark.parametrize(
    ("values", "bound", "places", "said"),
    [
        pytest.param((9, None, None), 9, PLACES, [(Code.COVERAGE, {"count": 1, "total": 3})], id="some are missing"),
        pytest.param((9, 9, 1), 9, PLACES, [(Code.BELOW, {})], id="none is missing"),
        pytest.param(
            (1, None, None), 9, PLACES, [(Code.BELOW, {}), (Code.COVERAGE, {"count": 1, "total": 3})], id="bad first"
        ),
        pytest.param((9, 9, 9), 9, (), [(Code.NO_PLACE, {})], id="none is declared"),
    ],
)
def test_why_over_places(values: Any, bound: int, places: Any, said: list[tuple[Code, dict[str, int]]]) -> None:
    """What proves it not met comes first; how many places were measured is said only where some are missing."""
    stored = at(*values)
    wanted = part(at_least=bound, over=Over.PLACES, kinds=("teaching", "office"))
    reasons = judge(clause(wanted), school(stored, places=places), stored, NOW).parts[0].reasons

    assert [(one.code, one.about) for one in reasons] == said


@pytest.mark.parametrize("slow_first", [True, False])
@pytest.mark.parametrize(
    ("values", "status"),
    [
        pytest.param((9, 9), MET, id="both good"),
        pytest.param((1, 9), NOT_MET, id="one slow"),
        pytest.param((None, 9), NOT_SHOWN, id="one without a reading"),
    ],
)
def test_two_agents_at_one_place(values: tuple[int | None, int], slow_first: bool, status: Status) -> None:
    """At a place the worst of every agent's latest run counts, whichever agent measured last."""
    first, second = values
    one: dict[str, Any] = {"place": PLACES[0].path, "days_ago": 2 if slow_first else 0}
    stored = [
        run("testing", **one) if first is None else reached(first, **one),
        reached(second, place=PLACES[0].path, agent=OTHER_BOX, days_ago=1),
    ]
    wanted = part(at_least=9, over=Over.PLACES, kinds=("teaching",))

    assert judge(clause(wanted), school(stored, places=PLACES[:1]), stored, NOW).status is status


@pytest.mark.parametrize(("values", "status"), [((1, 9), MET), ((9, 1), NOT_MET)], ids=["mended since", "broken since"])
def test_one_agent_twice_at_a_place(values: tuple[int, int], status: Status) -> None:
    """Of one agent the latest run at a place counts."""
    stored = [
        reached(value, place=PLACES[0].path, sequence=number, days_ago=3 - number)
        for number, value in enumerate(values, start=1)
    ]
    wanted = part(at_least=9, over=Over.PLACES, kinds=("teaching",))

    assert judge(clause(wanted), school(stored, places=PLACES[:1]), stored, NOW).status is status


@pytest.mark.parametrize(("driver", "status"), [("igb", MET), ("veth", NOT_SHOWN)])
def test_a_place_with_a_virtual_port(driver: str, status: Status) -> None:
    """A port that proves nothing shows nothing of its place, beside a place with one that does."""
    stored = [desk(GIGABIT, place=PLACES[0].path), desk(GIGABIT, driver, place=PLACES[1].path, agent=OTHER_BOX)]
    wanted = part(either=(q.DESK_SPEED,), at_least=GIGABIT, over=Over.PLACES, kinds=("teaching",))

    assert judge(clause(wanted), school(stored, places=PLACES[:2]), stored, NOW).status is status


def test_a_place_without_a_reading() -> None:
    """A run that finished without the reading shows nothing of its place."""
    stored = [run("testing", place=PLACES[0].path)]
    wanted = part(at_least=9, over=Over.PLACES, kinds=("teaching",))

    assert judge(clause(wanted), school(stored, places=PLACES[:1]), stored, NOW).status is NOT_SHOWN


# --- Drivers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("over", [Over.EVERY, Over.ANY])
@pytest.mark.parametrize(
    ("driver", "real", "virtual"),
    [
        pytest.param("igb", MET, MET, id="physical"),
        pytest.param("veth", NOT_SHOWN, MET, id="veth"),
        pytest.param("tun", NOT_SHOWN, MET, id="tun"),
        pytest.param("virtio_net", NOT_SHOWN, NOT_SHOWN, id="a hypervisor's"),
        pytest.param("brand_new", NOT_SHOWN, NOT_SHOWN, id="unknown"),
        pytest.param("", NOT_SHOWN, NOT_SHOWN, id="not told"),
    ],
)
def test_drivers(driver: str, real: Status, virtual: Status, over: Over) -> None:
    """A port's speed counts from drivers of physical ports only; veth and tun in a virtual school too."""
    stored = [desk(GIGABIT, driver)]
    asked = clause(part(either=(q.DESK_SPEED,), at_least=GIGABIT, over=over))

    assert [judge(asked, school(stored, virtual=v), stored, NOW).status for v in (False, True)] == [real, virtual]


def test_a_refused_driver_is_named() -> None:
    """The reason names the driver, so that adding one is a deliberate step."""
    stored = [desk(GIGABIT, "brand_new")]
    verdict = judge(clause(part(either=(q.DESK_SPEED,), at_least=GIGABIT)), school(stored), stored, NOW)

    assert [(one.code, one.about) for one in verdict.parts[0].reasons] == [(Code.VIRTUAL_PORT, {"driver": "brand_new"})]


def test_a_virtual_port_beside_a_physical_one() -> None:
    """Over every, a port that proves nothing keeps the good ones from being all there is."""
    stored = [desk(GIGABIT), desk(GIGABIT, "veth", agent=OTHER_BOX)]

    asked = clause(part(either=(q.DESK_SPEED,), at_least=GIGABIT))
    assert judge(asked, school(stored), stored, NOW).status is NOT_SHOWN


def test_bound_from_a_setting() -> None:
    """A bound that the bureau decides is the bureau's figure."""
    stored = [desk(GIGABIT)]
    asked = part(either=(q.DESK_SPEED,), at_least_from="classroom_speed", needs=("classroom_speed",))
    found = {
        figure: judge(
            clause(asked), school(stored, bureau={"classroom_speed": Setting(figure, "2026-09-01")}), stored, NOW
        ).status
        for figure in ("1 Gbit/s", "2.5 Gbit/s")
    }
    assert found == {"1 Gbit/s": MET, "2.5 Gbit/s": NOT_MET}
