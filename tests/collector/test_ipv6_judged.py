"""Does any lie that root on a box can tell turn a clause on IPv6 green, and does anything open turn it red?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.frameworks import shipped
from collector.ipv6 import ladder_grades, raised
from collector.ipv6_orders import limits
from collector.judge import judge, judge_all
from collector.plausible import is_plausible
from collector.verdict import Status
from evidence import quantities as q
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS, RUNGS
from evidence.model import Facts, Failure, Reading
from probes._ipv6 import dual, parity
from probes._ipv6.downloads import Download
from probes._ipv6.settings import Limits
from probes._literal import Connect
from probes._rung import Rung
from tests.collector.ladder_school import (
    LOCAL,
    ORDER,
    STRANGERS_KEY,
    climb,
    climbed,
    facts_of,
    failing,
    graded,
    pupils,
    sealed,
    untested,
)
from tests.collector.making import NOW, OTHER_BOX, clause, ends, part
from tests.probes.test_ipv6_parity import brought, connects, ended

HOUR_US = 3_600_000_000
ABROAD = "2409:8a00:2::77"  # in no prefix of the school's


def status(*readings: Reading, at_least: int = 3, **about: Any) -> Status:
    """What is said of a grade where one box reports this."""
    one = climbed(*readings, **about)
    return judge(clause(part(either=(q.IPV6_GRADE,), at_least=at_least)), pupils(one), [one], NOW).status


def echoed(**about: Any) -> Facts:
    """L6 with a seal over other words."""
    return {"echo": sealed(**about)}


def from_address(address: str, code: str = "", local: str = LOCAL) -> Facts:
    """L6 where another address arrived, and the box tells it as the server does."""
    return {"echo": sealed(seen=address), "seen": address, "local": local, "code": code}


def best(*readings: Reading, low: int = 3) -> tuple[Reading, ...]:
    """A climb with the grade that root would like."""
    return (*readings[:-1], graded(low, low))


# --- Lies -------------------------------------------------------------------------------------------------------------

LIES: dict[str, tuple[Reading, ...]] = {
    "the seal of his own key": climb(L6={"echo": sealed(STRANGERS_KEY)}),
    "his own key by the server's name": climb(L6={"echo": sealed(STRANGERS_KEY, server="s1")}),
    "the seal of another order": climb(L6=echoed(nonce="0ther.box-1")),
    "the seal of another box": climb(L6=echoed(nonce=f"5eed.{OTHER_BOX}")),
    "the seal of nobody's request": climb(L6=echoed(nonce="")),
    "the seal of last hour": climb(L6=echoed(answered_unix_us=NOW - HOUR_US)),
    "a seal that is still to come": climb(L6=echoed(answered_unix_us=NOW + HOUR_US)),
    "another certificate": climb(L6={"certificate": "cd" * 32}),
    "no certificate": climb(L6={"certificate": "", **echoed(certificate="")}),
    "forwarded": climb(L6=echoed(forwarded="via")),
    "over IPv4": climb(L6=from_address("203.0.113.7")),
    "over IPv4, as IPv6 writes it": climb(L6=from_address("::ffff:203.0.113.7")),
    "over IPv4, told as translated": climb(L6=from_address("::ffff:203.0.113.7", "NAT66")),
    "translated": climb(L6=from_address(ABROAD, "NPT")),
    "translated, and no word of it": climb(L6=from_address(ABROAD)),
    "translated, and another address told": climb(L6={"echo": sealed(seen=ABROAD)}),
    "through a tunnel": climb(L6=from_address(ABROAD, local=ABROAD), L5={"source": ABROAD}),
    "through a tunnel that he calls a network": climb(
        L2={"prefix": "2409:8a00:2::/64"}, L5={"source": ABROAD}, L6=from_address(ABROAD, local=ABROAD)
    ),
    "from half the internet": climb(
        L2={"prefix": "2000::/3"}, L5={"source": ABROAD}, L6=from_address(ABROAD, local=ABROAD)
    ),
    "failed, and grade 3": best(*climb(failing("L7"))),
    "not tested, and grade 3": best(*climb(untested("L8"))),
    "translated, and grade 3": best(*climb(L6=from_address("2409:8a00:1::1", "NAT66"))),
    "grade 4": best(*climb(), low=4),
    "an open grade": (*climb()[:-1], graded(3, 4)),
    "a rung left out": (*climb()[:7], *climb()[8:]),
    "a rung that failed, and passed": (*climb(), q.IPV6_RUNG.reading(FAIL, "L7")),
    "a rung that passed, and failed": (q.IPV6_RUNG.reading(FAIL, "L7"), *climb()),
    "only a grade": (graded(3, 3),),
    "a code that is no remark": climb(L5={"code": "PARTIAL_TRANSIT"}),
    "fewer targets than ordered": climb(L5={"targets": 4, "reached": 4}),
    "one of the targets": climb(L5={"reached": 1, "operators_reached": 1}),
    "a large transfer that took a minute": climb(L7={"normal_up_us": 60_000_000}),
    "connects that are not clean": climb(L8={"v6_clean": 3}),
}


@pytest.mark.parametrize("at_least", [2, 3, 4])
@pytest.mark.parametrize("readings", LIES.values(), ids=LIES)
def test_a_lie_shows_nothing(readings: tuple[Reading, ...], at_least: int) -> None:
    """Whatever root lets a box report of itself, no grade that needs the server's word is met by it."""
    assert status(*readings, at_least=at_least) is not Status.MET


@pytest.mark.parametrize("readings", LIES.values(), ids=LIES)
def test_no_policy_believes_a_lie(readings: tuple[Reading, ...]) -> None:
    """No clause of any policy is met by one of them."""
    one = climbed(*readings)

    assert Status.MET not in {verdict.status for verdict in judge_all(shipped(), pupils(one), [one], NOW)}


ORDERS: dict[str, Mapping[str, Any]] = {
    "another server": {"echo": {**ORDER["echo"], "server_key": "00" * 32}},
    "his own nonce": {"nonce": "mine"},
    "easier bounds": {"limits": {**ORDER["limits"], "reach_ppm": 0}},
    "fewer targets": {"targets": ORDER["targets"][:1]},
    "a lab's prefix": {"lab_prefixes": ["2000::/3"]},
}


@pytest.mark.parametrize("other", ORDERS.values(), ids=ORDERS)
def test_other_settings_than_ordered(other: Mapping[str, Any]) -> None:
    """A climb by settings of root's own is no answer to the order, though it agrees with them."""
    ordered = climbed()
    told = climbed(settings={**ORDER, **other}, scan=ordered.scan)

    assert judge(clause(part(either=(q.IPV6_GRADE,), at_least=3)), pupils(told), [told], NOW).status is not Status.MET


def test_a_run_that_broke_off() -> None:
    """A run that failed has shown nothing to its end, however good its rungs."""
    assert status(failure=Failure.INTERRUPTED) is Status.NOT_SHOWN


# --- Losing words -----------------------------------------------------------------------------------------------------

WORDS = (
    st.text(max_size=40) | st.integers(1 - 2**53, 2**53 - 1) | st.sampled_from(["9" * 5000, "[" * 200_000, "::", "1/"])
)
PLACES = [(rung, fact) for rung, facts in facts_of().items() for fact in (*facts, "code", "prefixes", "nat64")]


@settings(deadline=None)
@given(st.sampled_from(PLACES), WORDS)
def test_no_word_breaks_the_judge(where: tuple[str, str], word: int | str) -> None:
    """Whatever a box writes into a fact of a rung, a verdict comes of it: no report keeps a school from being judged."""
    rung, fact = where
    odd: dict[str, Facts] = {rung: {fact: word}}

    assert status(*climb(None, None, **odd)) in tuple(Status)


STATES = st.fixed_dictionaries(
    dict.fromkeys(RUNGS, st.sampled_from([PASS, PASS, PASS, FAIL, NOT_TESTED, INCONCLUSIVE]))
)


@given(STATES, st.sampled_from(RUNGS))
def test_keeping_a_rung_back_never_helps(states: dict[str, str], rung: str) -> None:
    """A rung that is kept back, or told to be untested, never gives a better verdict than what it found."""
    told = status(*climb(states))
    kept_back = [
        status(*climb({**states, rung: NOT_TESTED})),
        status(*(one for one in climb(states) if one.subject != rung)),
    ]

    assert told is Status.MET or Status.MET not in kept_back


# --- What is open is not refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("used", [True, None], ids=["used", "not known"])
@pytest.mark.parametrize(
    ("states", "grade"),
    [
        pytest.param({"L8": INCONCLUSIVE}, (2, 4), id="L8 tells nothing"),
        pytest.param({"L5": NOT_TESTED}, (1, 4), id="L5 is not tested"),
        pytest.param({"L0": INCONCLUSIVE}, (0, 4), id="L0 tells nothing"),
        pytest.param({"L8": INCONCLUSIVE, "L7": FAIL}, (2, 2), id="L7 fails"),
        pytest.param({"L8": INCONCLUSIVE, "L9": FAIL}, (2, 3), id="L9 fails"),
    ],
)
def test_an_open_rung_leaves_grade_4_open(states: dict[str, str], grade: tuple[int, int], used: bool | None) -> None:
    """Where nothing failed, real use is not ruled out by a rung that told nothing."""
    one = climbed(*climb(states))

    assert ends(raised(ladder_grades(pupils(one), [one]), [one], used)) == [grade]


def test_an_echo_that_is_not_believed_leaves_grade_4_open() -> None:
    """What is not believed is not shown, and not refused."""
    one = climbed()
    asked = clause(part(either=(q.IPV6_GRADE,), at_least=4))

    assert judge(asked, pupils(one, servers={}), [one], NOW).status is Status.NOT_SHOWN


# --- What the probe passes is believed ---------------------------------------------------------------------------------

LIMITS = Limits(**limits())
COUNTS = st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([900, 2_000, 12_000, 90_000]))
LOADS = st.lists(
    st.sampled_from([10**6, 9 * 10**7, 10**8, 9 * 10**8]).map(lambda rate: brought(6, rate))
    | st.sampled_from([10**6, 9 * 10**7, 10**8, 9 * 10**8]).map(lambda rate: brought(4, rate, 950_000))
    | st.tuples(st.sampled_from([6, 4]), st.sampled_from(["ETIMEDOUT", "ECONNRESET"])).map(
        lambda how: ended(*how[:1], error=how[1])
    ),
    max_size=10,
)


def made(family: int, tries: int, counts: tuple[int, int, int]) -> tuple[Connect, ...]:
    """So many connects, of which some needed a second SYN, some were not accepted, and the others took so long."""
    repeated, silent, us = counts
    return connects(family, tries - repeated - silent, repeated, silent, us)


def is_believed(rung: Rung) -> bool:
    """Whether the collector takes a climb in which a rung came to this for one that the probe can have made."""
    readings = [one for one in climb({rung.name: rung.state}) if one.subject != rung.name][:-1]
    mine = q.IPV6_RUNG.reading(rung.state, rung.name, {**rung.evidence, **({"code": rung.code} if rung.code else {})})
    grade = climb({rung.name: rung.state})[-1]
    return is_plausible(climbed(*readings, mine, grade).report)


@settings(max_examples=300, deadline=None)
@given(COUNTS, COUNTS, LOADS, st.sampled_from([None, 10**8, 10**9]))
def test_l9_as_the_probe_judges_it(
    six: tuple[int, int, int], four: tuple[int, int, int], loads: list[Download], port_bit_s: int | None
) -> None:
    """Whatever the probe saw of both families and however it judges it, its report is not refused as odd."""
    assert is_believed(
        parity.judged(parity.Beside(made(6, 20, six), made(4, 20, four), tuple(loads), port_bit_s), LIMITS)
    )


@settings(max_examples=300, deadline=None)
@given(COUNTS, COUNTS, st.lists(st.sampled_from([6, 6, 4, 0]), min_size=1, max_size=10), st.booleans())
def test_l8_as_the_probe_judges_it(
    six: tuple[int, int, int], four: tuple[int, int, int], winners: list[int], without_ipv4: bool
) -> None:
    """The same of ten connects and the races after them, also where there is no IPv4."""
    beside = () if without_ipv4 else made(4, 10, four)
    races = () if without_ipv4 else tuple(dual.Race(winner, 900) for winner in winners)

    assert is_believed(dual.judged(dual.Pairs(made(6, 10, six), beside, races, None, without_ipv4), LIMITS))
