"""Which grade of IPv6 does a school's evidence show, and what of it is not believed?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.admission import DAY_US
from collector.frameworks import Over
from collector.ipv6 import ladder_grades, raised
from collector.judge import judge
from collector.school import Evidence, Line, Place, School
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS, RUNGS
from evidence.model import Failure, Reading
from evidence.seal import key_id
from tests.collector.egress_school import server_of
from tests.collector.ladder_school import (
    LINE,
    LOCAL,
    ORDER,
    SERVER,
    STRANGERS_KEY,
    climb,
    climbed,
    facts_of,
    failing,
    pupils,
    sealed,
)
from tests.collector.making import NOW, OTHER_BOX, clause, codes, ends, part

SUPPORTED = {"either": (q.IPV6_GRADE,), "at_least": 3}
HOUR_US = 3_600_000_000
IPV4_ONLY = Line("telecom", ("203.0.113.0/28",), "internet")


def status(*stored: Evidence, at_least: int = 3, **about: Any) -> Status:
    """What is said of a grade on this evidence alone."""
    asked = clause(part(**{**SUPPORTED, "at_least": at_least}))
    return judge(asked, pupils(*stored, **about), stored, NOW).status


# --- Met --------------------------------------------------------------------------------------------------------------


def test_a_whole_climb_is_supported() -> None:
    """All of L0 to L8 in one report, seen by the operator's server in the school's own prefix: what follows is not true of nothing."""
    assert status(climbed()) is Status.MET


@pytest.mark.parametrize("state", [FAIL, INCONCLUSIVE, NOT_TESTED])
@pytest.mark.parametrize("rung", RUNGS[:-1])
def test_every_rung_is_needed(rung: str, state: str) -> None:
    """Without any one of L0 to L8 the clause is not met, and the rung stands among the reasons."""
    one = climbed(*climb({rung: state}))
    verdict = judge(clause(part(**SUPPORTED)), pupils(one), [one], NOW).parts[0]

    assert verdict.status is (Status.NOT_MET if state == FAIL else Status.NOT_SHOWN)
    assert [reason.about["rung"] for reason in verdict.reasons if reason.code is Code.RUNG] == [rung]


def test_l9_is_not_needed() -> None:
    """Support asks for no parity."""
    assert status(climbed(*climb(failing("L9")))) is Status.MET


def test_rungs_of_two_reports_do_not_add_up() -> None:
    """What one box has and another has not is no whole ladder: the worst of both decides."""
    low, high = (
        climbed(*climb(failing("L0"))),
        climbed(*climb(failing("L8"), L6={"echo": sealed(nonce=f"5eed.{OTHER_BOX}")}), agent=OTHER_BOX),
    )

    assert status(low, high) is Status.NOT_MET


TRANSLATED = {
    "an address translator": climb(
        L6={"code": "NAT66", "seen": "2409:8a00:1::1", "echo": sealed(seen="2409:8a00:1::1")}
    ),
    "a prefix translator": climb(
        L6={"code": "NPT", "seen": "2409:8a00:1:9::77", "echo": sealed(seen="2409:8a00:1:9::77")}
    ),
}


@pytest.mark.parametrize("readings", TRANSLATED.values(), ids=TRANSLATED)
def test_translated_is_never_supported(readings: tuple[Reading, ...]) -> None:
    """Where another address arrives than was sent from, it is not met, and the translation is the reason."""
    one = climbed(*readings)
    verdict = judge(clause(part(**SUPPORTED)), pupils(one), [one], NOW).parts[0]

    assert (verdict.status, verdict.reasons[-1].about["code"]) == (Status.NOT_MET, readings[6].facts["code"])


def test_partial_transit_is_never_supported() -> None:
    """One operator's network is not the internet."""
    assert status(climbed(*climb(failing("L5"), L5={"code": "PARTIAL_TRANSIT"}))) is Status.NOT_MET


# --- The echo ---------------------------------------------------------------------------------------------------------

SPOILED: dict[str, tuple[dict[str, Any], dict[str, Any], Code]] = {
    "an unknown server": ({}, {"servers": {}}, Code.ECHO_NOT_TRUSTED),
    "a server that is trusted no more": (
        {},
        {"servers": {SERVER.id: replace(SERVER, revoked=True)}},
        Code.ECHO_NOT_TRUSTED,
    ),
    "seen in no prefix of the school's": (
        {},
        {"lines": (Line("telecom", ("2409:8a00:2::/48",), "internet"),)},
        Code.ECHO_ELSEWHERE,
    ),
    "sealed before the order": ({"answered_unix_us": NOW - HOUR_US}, {}, Code.ECHO_OUT_OF_TIME),
    "sealed after it came": ({"answered_unix_us": NOW + HOUR_US}, {}, Code.ECHO_OUT_OF_TIME),
}


@pytest.mark.parametrize(("said", "about", "code"), SPOILED.values(), ids=SPOILED)
def test_an_echo_that_carries_nothing(said: dict[str, Any], about: dict[str, Any], code: Code) -> None:
    """What nobody else saw is shown up to grade 1, stays open above, and is told why."""
    one = climbed(*climb(L6={"echo": sealed(**said)}))
    measured = ladder_grades(pupils(one, **about), [one])

    assert (ends(measured), codes(measured), status(one, **about)) == ([(1, 3)], [code], Status.NOT_SHOWN)


def test_a_server_that_names_another() -> None:
    """A key that is trusted no more seals nothing by calling itself by the name of one that is."""
    revoked, other = replace(SERVER, revoked=True), server_of(STRANGERS_KEY, "s2")
    one = climbed(*climb(L6={"echo": sealed(server=key_id(STRANGERS_KEY.public_key()))}))

    assert status(one, servers={revoked.id: revoked, other.id: other}) is Status.NOT_SHOWN


def test_a_rung_without_its_echo() -> None:
    """A rung that passed and shows no seal carries nothing, whoever let the report in."""
    one = climbed(*climb(lost={"L6": "echo"}))

    assert ends(ladder_grades(pupils(one), [one])) == [(1, 3)]


def test_a_grade_below_the_echo() -> None:
    """Where L6 did not pass there is nothing to be carried."""
    one = climbed(*climb(failing(*RUNGS[2:])))

    assert ladder_grades(pupils(one, servers={}), [one]).reasons == ()


def test_no_prefix_is_registered() -> None:
    """Where the operator registered no IPv6 prefix at all, no address is the school's, and that is what is to be mended."""
    one = climbed()
    measured = ladder_grades(pupils(one, lines=(IPV4_ONLY,)), [one])

    assert (ends(measured), [reason.code for reason in measured.reasons]) == ([(1, 3)], [Code.NO_IPV6_PREFIX])


@pytest.mark.parametrize("lines", [(LINE, IPV4_ONLY), (IPV4_ONLY, LINE)], ids=["first", "last"])
def test_any_line_will_do(lines: tuple[Line, ...]) -> None:
    """The prefix of one line of several is enough."""
    assert status(climbed(), lines=lines) is Status.MET


def test_a_run_without_a_grade() -> None:
    """A run that failed before it could grade has none, and blocks the others."""
    stored = climbed(), climbed(*climb()[:2], agent=OTHER_BOX, failure=Failure.UNREACHABLE)

    assert (ends(ladder_grades(pupils(*stored), stored)), status(*stored)) == ([(3, 3)], Status.NOT_SHOWN)


def test_a_run_that_nobody_ordered() -> None:
    """Without an order there is no time that the echo could have been made in."""
    one = replace(climbed(), scan=None)

    assert codes(ladder_grades(pupils(one), [one])) == []  # any time before its receipt
    assert status(one) is Status.NOT_SHOWN


@pytest.mark.parametrize("over", [Over.EVERY, Over.ANY, Over.PLACES])
def test_no_way_round_the_echo(over: Over) -> None:
    """However a policy adds runs up, the box's own figure counts nowhere."""
    one = climbed(place="main/b1/301")
    about = pupils(one, servers={}, places=(Place("main/b1/301", "teaching"),), stands={"box-1": "main/b1/301"})
    asked = part(**SUPPORTED, over=over, kinds=("teaching",) if over is Over.PLACES else ())

    assert judge(clause(asked), about, [one], NOW).status is Status.NOT_SHOWN


def test_over_places() -> None:
    """A place at which the whole ladder was climbed counts."""
    one = climbed(place="main/b1/301")
    about = pupils(one, places=(Place("main/b1/301", "teaching"),), stands={"box-1": "main/b1/301"})
    asked = part(**SUPPORTED, over=Over.PLACES, kinds=("teaching",))

    assert judge(clause(asked), about, [one], NOW).status is Status.MET


# --- Losing evidence --------------------------------------------------------------------------------------------------

HISTORIES = st.lists(
    st.tuples(st.sampled_from(RUNGS), st.sampled_from([PASS, FAIL, NOT_TESTED, INCONCLUSIVE])), min_size=1, max_size=4
)


@given(HISTORIES, st.data())
def test_losing_runs_never_helps(history: list[tuple[str, str]], data: st.DataObject) -> None:
    """Whichever climbs a school loses of those that were acknowledged, what is not met does not become met."""
    stored = [
        climbed(*climb({rung: state}), sequence=at, days_ago=5 - at) for at, (rung, state) in enumerate(history, 1)
    ]
    kept = data.draw(st.lists(st.sampled_from(stored), unique_by=id))
    asked, about = clause(part(**SUPPORTED)), pupils(*stored)
    whole, rest = (judge(asked, about, some, NOW).status for some in (stored, kept))

    assert rest is not Status.MET or whole is Status.MET


@given(st.sampled_from(["servers", "nonce", "echo", "seen", "local", "certificate"]), st.booleans())
def test_losing_a_word_never_helps(lost: str, declared: bool) -> None:
    """Without the server's key, the nonce or a word of the echo nothing is met, whatever is registered."""
    about: dict[str, Any] = {"lines": (LINE,) if declared else ()} | ({"servers": {}} if lost == "servers" else {})
    order = {key: value for key, value in ORDER.items() if key != lost}
    one = climbed(*climb(lost={"L6": lost} if lost in facts_of()["L6"] else {}), settings=order)

    assert status(one, **about) is not Status.MET


def test_growing_old_never_helps() -> None:
    """A climb that is older than a policy allows shows nothing."""
    assert (
        status(climbed(*climb(L6={"echo": sealed(answered_unix_us=NOW - 8 * DAY_US)}), days_ago=8)) is Status.NOT_SHOWN
    )


# --- Grade 4 ----------------------------------------------------------------------------------------------------------


def after(used: bool | None, *climbs: tuple[Reading, ...]) -> list[tuple[int | None, int | None]]:
    """What becomes of the grades where IPv6 is used, is not, or where that is open."""
    runs = [climbed(*one) for one in climbs]
    return ends(raised(ladder_grades(pupils(*runs), runs), runs, used))


@pytest.mark.parametrize(
    ("used", "state", "grade"),
    [
        pytest.param(True, PASS, (4, 4), id="used and level"),
        pytest.param(None, PASS, (3, 4), id="not known whether it is used"),
        pytest.param(True, NOT_TESTED, (3, 4), id="not compared"),
        pytest.param(True, FAIL, (3, 3), id="not level"),
        pytest.param(False, PASS, (3, 3), id="not used"),
    ],
)
def test_real_use(used: bool | None, state: str, grade: tuple[int, int]) -> None:
    """Grade 4 asks for parity and use; what is open leaves it open and what fails rules it out."""
    assert after(used, climb({"L9": state})) == [grade]


def test_real_use_of_less() -> None:
    """Use raises nothing that is not supported; beside it the supported one stays open."""
    assert after(True, climb(), climb(failing("L7"))) == [(3, 4), (2, 2)]


def test_a_climb_that_told_nothing() -> None:
    """A run without L9 shows no parity."""
    assert after(True, climb(), climb()[:2]) == [(3, 4)]


@pytest.mark.parametrize("at_least", [3, 4])
def test_what_is_open_is_not_failed(at_least: int) -> None:
    """Without a word of the switches grade 3 is met and grade 4 not shown, not refused."""
    expected = {3: Status.MET, 4: Status.NOT_SHOWN}

    assert status(climbed(), at_least=at_least) is expected[at_least]


def test_the_address_is_the_schools() -> None:
    """The address of these tests lies in the prefix of their line: the others fail by what they change."""
    assert LINE.has(LOCAL)


def test_of_another_order() -> None:
    """The same climb under an order with another nonce is no answer to it."""
    one = climbed()
    other = msgspec.structs.replace(one.report, settings={**ORDER, "nonce": "0ther"})
    about: School = pupils(one)

    assert judge(clause(part(**SUPPORTED)), about, [replace(one, report=other)], NOW).status is Status.NOT_SHOWN
