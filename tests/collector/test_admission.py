"""Which reports may be judged, and what follows from those that are missing?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from collector.admission import Standing, is_fresh, issued_us, latest_runs, standings
from collector.dispatch import HOUR_US
from collector.frameworks import Over, Part
from collector.judge import judge
from collector.school import Evidence, Place, School
from collector.verdict import Code, Reason, Status
from evidence import quantities as q
from evidence.model import Reading, Settings
from evidence.scan import Scan, Task
from tests.collector.making import (
    BOX,
    NOW,
    OTHER_BOX,
    clause,
    desk,
    ordered,
    part,
    reached,
    run,
    school,
)

SETTINGS: Settings = {"services": [["portal.edu", 443], ["10.0.0.7", 80]], "timeout_s": 3, "deep": {"list": [1, 2]}}
ORDER = ordered("metro", SETTINGS)
GOOD = run("metro", q.METRO_REACHED.reading(0), settings=SETTINGS, scan=ORDER)
HERE, THERE = Place("main/b1/1", "teaching"), Place("main/b2/1", "teaching")


def standing_of(one: Evidence) -> Standing:
    """The standing of the only report of a school with two agents."""
    return standings(School("s", "一中", held={BOX: 1, OTHER_BOX: 0}), [one]).of[0][1]


def told(**about: Any) -> Evidence:
    """The good run with other fields in its report."""
    return replace(GOOD, report=msgspec.structs.replace(GOOD.report, **about))


def asked(**about: Any) -> Evidence:
    """The good run under another order."""
    scan: Scan = msgspec.structs.replace(ORDER, **about)
    return replace(GOOD, scan=scan)


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        pytest.param(GOOD, Standing.ADMITTED, id="the answer to its order"),
        pytest.param(replace(GOOD, scan=None), Standing.NOT_ORDERED, id="no such order"),
        pytest.param(told(scan=""), Standing.NOT_ORDERED, id="a report that names no order"),
        pytest.param(told(scan="another"), Standing.NOT_ORDERED, id="a report that names another order"),
        pytest.param(asked(id="another"), Standing.NOT_ORDERED, id="an order of another id"),
        pytest.param(told(probe="desk"), Standing.NOT_ORDERED, id="a probe that the order does not name"),
        pytest.param(asked(tasks=()), Standing.NOT_ORDERED, id="an order of nothing"),
        pytest.param(asked(school="t"), Standing.NOT_THIS_AGENT, id="the order of another school"),
        pytest.param(asked(agents=(OTHER_BOX,)), Standing.NOT_THIS_AGENT, id="the order of another agent"),
        pytest.param(told(agent=OTHER_BOX), Standing.NOT_THIS_AGENT, id="another agent's answer"),
        pytest.param(
            replace(told(agent="gone"), scan=msgspec.structs.replace(ORDER, agents=("gone",))),
            Standing.NOT_THIS_AGENT,
            id="an agent that was taken back",
        ),
    ],
)
def test_standing(one: Evidence, standing: Standing) -> None:
    """Only the answer of the agent that was asked, to an order for its school that names the probe, is admitted."""
    assert standing_of(one) is standing


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({**SETTINGS, "services": [["127.0.0.1", 443], ["10.0.0.7", 80]]}, id="the school's own server"),
        pytest.param({**SETTINGS, "services": [["portal.edu", 8443], ["10.0.0.7", 80]]}, id="another port"),
        pytest.param({**SETTINGS, "services": [["portal.edu", 443]]}, id="one target less"),
        pytest.param({**SETTINGS, "services": [["10.0.0.7", 80], ["portal.edu", 443]]}, id="in another order"),
        pytest.param({**SETTINGS, "services": [["portal.edu", "443"], ["10.0.0.7", 80]]}, id="text for a number"),
        pytest.param({**SETTINGS, "timeout_s": 30}, id="another patience"),
        pytest.param({**SETTINGS, "deep": {"list": [1, 2, 3]}}, id="deep inside"),
        pytest.param({**SETTINGS, "extra": 1}, id="one key more"),
        pytest.param({key: value for key, value in SETTINGS.items() if key != "deep"}, id="one key less"),
        pytest.param({**SETTINGS, "timeout_s": True}, id="yes for a number"),
        pytest.param({**SETTINGS, "timeout_s": 3.0}, id="a number that cannot be signed"),
        pytest.param({}, id="none"),
    ],
)
def test_other_settings(settings: Settings) -> None:
    """Settings that differ in one value from the ordered ones are not the ordered ones."""
    assert standing_of(told(settings=settings)) is Standing.OTHER_SETTINGS


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param((), id="none"),
        pytest.param((q.METRO_REACHED.reading(10**6),), id="a share without connects"),
        pytest.param((q.METRO_REACHED.reading(0), q.DESK_SPEED.reading(10**10)), id="one of another probe"),
    ],
)
def test_odd_readings(readings: tuple[Reading, ...]) -> None:
    """A report whose readings no run of its probe can have given is not judged at all."""
    assert standing_of(told(readings=readings)) is Standing.ODD_READINGS


@pytest.mark.parametrize(
    ("received_us", "standing"),
    [
        pytest.param(NOW, Standing.TOO_EARLY, id="before"),
        pytest.param(NOW + HOUR_US - 1, Standing.TOO_EARLY, id="just before"),
        pytest.param(NOW + HOUR_US, Standing.ADMITTED, id="at the start"),
        pytest.param(NOW + HOUR_US + 1, Standing.ADMITTED, id="after"),
    ],
)
def test_before_the_start(received_us: int, standing: Standing) -> None:
    """What came before the moment for which it was ordered was not measured then."""
    assert standing_of(replace(asked(start_unix_us=NOW + HOUR_US), received_unix_us=received_us)) is standing


@pytest.mark.parametrize(
    ("stands", "place", "standing"),
    [
        pytest.param({BOX: HERE.path}, HERE.path, Standing.ADMITTED, id="where it was enrolled"),
        pytest.param({BOX: HERE.path}, THERE.path, Standing.OTHER_PLACE, id="elsewhere"),
        pytest.param({BOX: HERE.path}, "", Standing.OTHER_PLACE, id="nowhere"),
        pytest.param({BOX: ""}, THERE.path, Standing.OTHER_PLACE, id="enrolled without a place"),
        pytest.param({OTHER_BOX: HERE.path}, THERE.path, Standing.ADMITTED, id="nothing is known of it"),
    ],
)
def test_the_place(stands: dict[str, str], place: str, standing: Standing) -> None:
    """An agent measures at the place at which the operator enrolled it, whatever its report says."""
    one = told(place=place)

    assert standings(school([one], stands=stands), [one]).of[0][1] is standing


def test_revoked() -> None:
    """What a revoked agent sent is not judged any more."""
    assert standings(school([GOOD], revoked=frozenset({BOX})), [GOOD]).of[0][1] is Standing.REVOKED


@pytest.mark.parametrize(
    "first",
    [
        pytest.param({"place": THERE.path}, id="from another place"),
        pytest.param({"readings": ()}, id="without readings"),
    ],
)
def test_a_first_answer_that_is_not_judged_is_the_answer(first: dict[str, Any]) -> None:
    """Whatever is wrong with the first answer to an order, there is no second."""
    stored = [told(**first), replace(told(sequence=2, previous="x"), id="second")]
    found = standings(school(stored, stands={BOX: ""}), stored).of

    assert found[1][1] is Standing.ANSWERED_BEFORE


def test_keys_in_another_order_are_the_same_settings() -> None:
    """Settings are compared in their signed form, in which keys have one order."""
    assert standing_of(told(settings=dict(reversed(SETTINGS.items())))) is Standing.ADMITTED


def test_only_the_first_answer() -> None:
    """An order is answered once by each agent and probe: nobody repeats a run until the figure pleases."""
    order = msgspec.structs.replace(
        ordered("testing", {}), agents=(BOX, OTHER_BOX), tasks=(Task("testing", {}), Task("desk", {}))
    )
    stored = [
        reached(1, scan=order),
        reached(1, scan=order, sequence=2),
        desk(1, scan=order, sequence=3),
        reached(1, scan=order, agent=OTHER_BOX),
    ]
    found = [standing for _, standing in standings(school(stored), stored).of]

    assert found == [Standing.ADMITTED, Standing.ANSWERED_BEFORE, Standing.ADMITTED, Standing.ADMITTED]


def test_a_first_answer_with_other_settings_is_the_answer() -> None:
    """Having run it otherwise, an agent has no second try at the order."""
    stored = [told(settings={}), replace(told(sequence=2, previous="x"), id="second")]
    found = [standing for _, standing in standings(School("s", "一中", held={BOX: 2}), stored).of]

    assert found == [Standing.OTHER_SETTINGS, Standing.ANSWERED_BEFORE]


@pytest.mark.parametrize(
    ("here", "held", "complete"),
    [
        pytest.param([1, 2, 3], 3, True, id="all"),
        pytest.param([1, 3], 3, False, id="one in the middle"),
        pytest.param([2, 3], 3, False, id="the first"),
        pytest.param([1, 2], 3, False, id="the last"),
        pytest.param([], 1, False, id="the only one"),
        pytest.param([], 0, True, id="an agent that has not sent yet"),
        pytest.param([1, 2], 1, True, id="one more than acknowledged"),
    ],
)
def test_complete(here: list[int], held: int, complete: bool) -> None:
    """Evidence is complete when every sequence number that was acknowledged is here."""
    stored = [reached(1, sequence=number) for number in here]

    assert standings(School("s", "一中", held={BOX: held}), stored).complete is complete


def test_latest_runs() -> None:
    """The latest run of each agent by its order's time, then by sequence."""
    stored = [
        reached(1, days_ago=1),
        reached(2, sequence=2, days_ago=1),
        reached(3, sequence=3, days_ago=2),
        reached(4, agent=OTHER_BOX, days_ago=5),
    ]
    assert [one.id for one in latest_runs(stored, "testing")] == ["id-box-1-2", "id-box-2-1"]


@pytest.mark.parametrize(
    ("days_ago", "fresh"), [(2.5, False), (2, True), (0, True), (-0.01, False), (-400, False)], ids=lambda one: f"{one}"
)
def test_fresh(days_ago: float, fresh: bool) -> None:
    """Age is counted from the order on the collector's clock, never from the box's; what is yet to come is not fresh."""
    assert is_fresh(reached(1, days_ago=days_ago), 2, NOW) is fresh


def test_issued_without_an_order() -> None:
    """What nobody ordered is as old as can be."""
    assert issued_us(replace(GOOD, scan=None)) == 0


# --- Silence ----------------------------------------------------------------------------------------------------------

PLACES = (HERE, THERE)
EVERY = part(at_least=1000)
AT_PLACES = part(at_least=1000, over=Over.PLACES, kinds=("teaching",))
ANY = part(at_least=1000, over=Over.ANY)
UNANSWERED = (Status.NOT_SHOWN, [Code.UNANSWERED])


def order(days_ago: float, agent: str = BOX, probe: str = "testing") -> Scan:
    """An order given so many days ago, open for one day."""
    return ordered(probe, {}, agent=agent, days_ago=days_ago, name=f"open-{agent}-{days_ago}")


def said(asked: Part, stored: list[Evidence], **about: Any) -> tuple[Status, list[Code]]:
    """What is said of a part by a school with one place, and why."""
    found = judge(clause(asked), school(stored, **{"places": PLACES[:1], **about}), stored, NOW).parts[0]
    return found.status, [reason.code for reason in found.reasons]


@pytest.mark.parametrize("asked", [EVERY, AT_PLACES], ids=["every", "places"])
@pytest.mark.parametrize(
    ("orders", "found"),
    [
        pytest.param([], (Status.MET, []), id="none since"),
        pytest.param([order(4)], (Status.MET, []), id="one before its answer"),
        pytest.param([order(1.1)], UNANSWERED, id="one since has expired"),
        pytest.param([order(0.9)], (Status.MET, []), id="one since is open"),
        pytest.param([order(0.5), order(1.1)], UNANSWERED, id="an open one buries none that has expired"),
        pytest.param([order(1.1), order(2)], UNANSWERED, id="two have expired"),
        pytest.param([order(-1)], (Status.MET, []), id="one is yet to come"),
        pytest.param([order(1.1, probe="desk")], (Status.MET, []), id="of another probe"),
        pytest.param([order(1.1, agent=OTHER_BOX)], UNANSWERED, id="of an agent that never answered"),
    ],
)
def test_unanswered(asked: Part, orders: list[Scan], found: tuple[Status, list[Code]]) -> None:
    """An agent that lets an order expire without an answer does not keep what it showed before."""
    stored = [reached(1000, days_ago=3, place=HERE.path)]

    assert said(asked, stored, orders=tuple(orders)) == found


@pytest.mark.parametrize("asked", [EVERY, AT_PLACES], ids=["every", "places"])
def test_answered_since(asked: Part) -> None:
    """An answer to a later order, whenever it came, ends the silence."""
    late = order(1.5)
    stored = [reached(1000, scan=late, place=HERE.path)]

    assert said(asked, stored, orders=(order(3), late)) == (Status.MET, [])


def test_an_odd_answer_is_none() -> None:
    """An answer that cannot be judged does not end the silence."""
    late = order(1.5, probe="desk")
    stored = [desk(10**9, days_ago=3), run("desk", scan=late, sequence=2)]
    asked = part(either=(q.DESK_SPEED,), at_least=10**9)

    assert said(asked, stored, orders=(late,)) == UNANSWERED


def test_unanswered_by_a_revoked_agent() -> None:
    """Nobody waits for the answer of an agent that is not trusted any more."""
    about: dict[str, Any] = {"orders": (order(1.1, agent=OTHER_BOX),), "revoked": frozenset({OTHER_BOX})}

    assert said(EVERY, [reached(1000)], **about) == (Status.MET, [])


def test_unanswered_is_said_by_agent() -> None:
    """Each agent that is silent is named, shortly."""
    orders = (order(1.1, agent="0123456789abcdef0123"), order(1.1, agent=OTHER_BOX))
    stored = [reached(1000)]
    reasons = judge(clause(EVERY), school(stored, orders=orders), stored, NOW).parts[0].reasons

    assert [one.about["agent"] for one in reasons] == ["0123456789abcdef", OTHER_BOX]


def test_unanswered_does_not_save() -> None:
    """What was found against the school stands, whoever is silent."""
    assert said(EVERY, [reached(1, days_ago=3)], orders=(order(1.1),))[0] is Status.NOT_MET


def test_the_best_run_waits_for_nobody() -> None:
    """Over any, silence and revocation take nothing from the best run."""
    stored = [reached(1000), reached(1, agent=OTHER_BOX, days_ago=2)]
    about: dict[str, Any] = {"orders": (order(1.1),), "revoked": frozenset({OTHER_BOX})}

    assert said(ANY, stored, **about) == (Status.MET, [])


@pytest.mark.parametrize("asked", [EVERY, AT_PLACES], ids=["every", "places"])
@pytest.mark.parametrize(
    ("others", "found"),
    [
        pytest.param([(HERE, 2)], (Status.NOT_SHOWN, [Code.REVOKED]), id="measured before it there"),
        pytest.param([(HERE, 1)], (Status.NOT_SHOWN, [Code.REVOKED]), id="at the same moment"),
        pytest.param([(THERE, 0), (HERE, 2)], (Status.NOT_SHOWN, [Code.REVOKED]), id="since, but elsewhere"),
        pytest.param([(HERE, 0)], (Status.MET, []), id="since, and there"),
    ],
)
def test_a_revoked_slow_agent(asked: Part, others: list[tuple[Place, float]], found: tuple[Status, list[Code]]) -> None:
    """Revoking the agent that measured badly does not make it good: another must have measured there since."""
    good = [
        reached(1000, place=place.path, days_ago=days, agent=f"new-{number}")
        for number, (place, days) in enumerate(others)
    ]
    stored = [reached(1, agent=OTHER_BOX, days_ago=1, place=HERE.path), *good]

    assert said(asked, stored, revoked=frozenset({OTHER_BOX})) == found


def test_only_a_revoked_agent() -> None:
    """What was good by a revoked agent alone is not shown any more, and it is said why."""
    stored = [reached(1000)]
    reasons = judge(clause(EVERY), school(stored, revoked=frozenset({BOX})), stored, NOW).parts[0].reasons

    assert reasons == (Reason(Code.NOT_ORDERED, {"probe": "testing", "standing": "revoked"}),)


@pytest.mark.parametrize("asked", [EVERY, AT_PLACES, ANY], ids=["every", "places", "any"])
@pytest.mark.parametrize("days_ago", [-0.01, -400])
def test_an_order_of_the_future(asked: Part, days_ago: float) -> None:
    """An order given by a clock that was ahead stays fresh for no longer than any other: it is not judged yet."""
    assert said(asked, [reached(1000, days_ago=days_ago, place=HERE.path)]) == (Status.NOT_SHOWN, [Code.STALE])


@pytest.mark.parametrize("asked", [EVERY, AT_PLACES], ids=["every", "places"])
def test_an_order_of_the_future_buries_none(asked: Part) -> None:
    """Beside an order of the future an earlier good run does not decide."""
    stored = [reached(1000, place=HERE.path), reached(1, sequence=2, days_ago=-1, place=HERE.path)]

    assert said(asked, stored) == (Status.NOT_SHOWN, [Code.STALE])


@pytest.mark.parametrize("asked", [EVERY, AT_PLACES, ANY], ids=["every", "places", "any"])
def test_an_early_answer(asked: Part) -> None:
    """A good answer from before the order's start meets nothing."""
    late = msgspec.structs.replace(order(1), start_unix_us=NOW - HOUR_US)

    assert said(asked, [reached(1000, scan=late, place=HERE.path)]) == (Status.NOT_SHOWN, [Code.NOT_ORDERED])


@pytest.mark.parametrize("asked", [EVERY, AT_PLACES, ANY], ids=["every", "places", "any"])
def test_a_claimed_place(asked: Part) -> None:
    """A good answer of an agent that says to be where it was not enrolled meets nothing."""
    stored = [reached(1000, place=HERE.path)]

    assert said(asked, stored, stands={BOX: THERE.path}) == (Status.NOT_SHOWN, [Code.NOT_ORDERED])
