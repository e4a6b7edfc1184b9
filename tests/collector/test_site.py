"""How far does a school's own site support IPv6, by what vantages saw of it, and was it there?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.frameworks import Grade
from collector.judge import judge
from collector.plausible_ipv6 import CHECKS_OF_A_SITE
from collector.school import Evidence, School, Site
from collector.site import availability, site_support
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Quantity, Reading, Settings
from tests.collector.making import clause, codes, part, run, school

WWW, OTHER = "www.school.cn", "old.school.cn"
EAST, WEST = "vantage-1", "vantage-2"
ONE = (Site(WWW),)
TWO = (Site(WWW), Site(OTHER))
SUPPORTED = {"either": (q.SITE_IPV6,), "at_least": None, "equals": "supported"}


def checks(name: str = WWW, **states: str) -> tuple[Reading, ...]:
    """Every check of a site passes, but for these states; of S8 and S9 nothing is told unless it is said."""
    values = {check: states.get(check, NOT_TESTED if check in ("S8", "S9") else PASS) for check in CHECKS_OF_A_SITE}
    return tuple(
        q.SITE_CHECK.reading(
            value,
            f"{check}/{name}",
            {"share_ppm": 900_000, "code": "LINKS_WITHOUT_IPV6"} if value == FAIL else {"share_ppm": 900_000},
        )
        for check, value in values.items()
    )


def trials(count: int, tries: int = 4, family: str = "v6", name: str = WWW) -> Reading:
    """So many of the trials of a run were answered."""
    return q.SITE_ANSWERED.reading(count * 1_000_000 // tries, f"{family}/{name}", {"tries": tries, "answered": count})


def look(*readings: Reading, agent: str = EAST, names: tuple[str, ...] = (WWW,), **about: Any) -> Evidence:
    """What a vantage saw."""
    order: Settings = {"sites": [{"name": name, "port": 443} for name in names]}
    return run("site", *readings, agent=agent, settings=order, **about)


def owner(*stored: Evidence, sites: tuple[Site, ...] = ONE) -> School:
    """The school of these sites, which the operator's vantages look at."""
    return school(stored, sites=sites, vantages={EAST: "east", WEST: "west"}, held={})


def support(*stored: Evidence, sites: tuple[Site, ...] = ONE) -> tuple[list[object], list[Code]]:
    """How far the sites go, and what is said against them."""
    measured = site_support(owner(*stored, sites=sites), stored)
    return [one.value for one in measured.readings], codes(measured)


def a_day(links: dict[str, str], answered: int = 4, runs: int = 12) -> list[Evidence]:
    """Looks every two hours; the last of them tells the links."""
    return [
        look(*checks(**links), trials(answered), sequence=at + 1, days_ago=(runs - at) / 12 - 0.01)
        for at in range(runs)
    ]


FULL = {"S8": PASS, "S9": PASS}


@pytest.mark.parametrize(
    ("states", "value"),
    [
        pytest.param({}, "supported", id="all six"),
        *(pytest.param({one: FAIL}, "none", id=f"{one} fails") for one in ("S1", "S2")),
        *(pytest.param({one: FAIL}, "partial", id=f"{one} fails") for one in ("S3", "S4", "S5", "S6")),
        pytest.param({"S10": FAIL, "S11": INCONCLUSIVE}, "supported", id="others and times change nothing"),
        pytest.param({"S2": FAIL, "S3": NOT_TESTED}, "none", id="what follows from a failure is not tested"),
        pytest.param({"S5": FAIL, "S6": INCONCLUSIVE}, "partial", id="one fails and one is open"),
    ],
)
def test_support(states: dict[str, str], value: str) -> None:
    """Without name or ports there is none, with all six there is support, and between them it is in part."""
    assert support(look(*checks(**states)))[0] == [value]


@pytest.mark.parametrize("state", [INCONCLUSIVE, NOT_TESTED])
@pytest.mark.parametrize("check", ["S1", "S2", "S3", "S4", "S5", "S6"])
def test_what_a_vantage_cannot_tell(check: str, state: str) -> None:
    """A check that told nothing is no failure of the school's: it is open, and is told why."""
    assert support(look(*checks(**{check: state}))) == ([], [Code.SITE_CHECK])


def test_a_failure_behind_what_is_open() -> None:
    """A page that differs says nothing of a site whose name was not looked up: it may have no IPv6 at all."""
    assert support(look(*checks(S1=INCONCLUSIVE, S5=FAIL)))[0] == []


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        pytest.param(a_day(FULL), "complete", id="48 trials and the links"),
        pytest.param(a_day(FULL, runs=11), "supported", id="44 trials"),
        pytest.param(a_day(FULL, answered=3), "supported", id="three of four answered"),
        pytest.param(a_day({**FULL, "S9": FAIL}), "supported", id="the second links fail"),
        pytest.param(a_day({"S8": PASS}), "supported", id="the second links are not known"),
        pytest.param([look(*checks(**FULL), trials(4), sequence=at + 1, days_ago=at) for at in range(12)], "supported", id="48 trials in twelve days"),
        pytest.param([look(*checks(**FULL), trials(4, family="v4"), sequence=at + 1, days_ago=at / 13) for at in range(12)], "supported", id="48 trials over IPv4"),
        pytest.param([look(*checks(**FULL), trials(4, name=OTHER), sequence=at + 1, days_ago=at / 13) for at in range(12)], "supported", id="48 trials of another site"),
    ],
)  # fmt: skip
def test_complete(stored: list[Evidence], value: str) -> None:
    """Complete asks for 48 trials over IPv6 in a day, 95 % of them answered, and for the links."""
    assert support(*stored)[0] == [value]


@pytest.mark.parametrize(("answered", "value"), [(45, "supported"), (46, "complete"), (48, "complete")])
def test_nineteen_of_twenty(answered: int, value: str) -> None:
    """95 % of 48 trials are 46."""
    stored = [
        look(*checks(**FULL), trials(min(4, max(0, answered - 4 * at))), sequence=at + 1, days_ago=at / 13)
        for at in range(12)
    ]

    assert support(*stored)[0] == [value]


@pytest.mark.parametrize("first", [EAST, WEST])
def test_two_vantages(first: str) -> None:
    """What failed from one place failed, whatever the other saw and whichever looked last."""
    second = WEST if first == EAST else EAST

    assert support(look(*checks(S2=FAIL), agent=first, days_ago=1), look(*checks(), agent=second))[0] == ["none"]


def test_a_vantage_without_a_way() -> None:
    """A vantage that sees nothing hides nothing that another one sees."""
    blind = look(*checks(S1=INCONCLUSIVE, S2=NOT_TESTED), agent=WEST)

    assert support(look(*checks(), days_ago=1), blind)[0] == ["supported"]


def test_the_newest_look_of_a_vantage() -> None:
    """What was mended is mended, in whatever order the store hands it out."""
    stored = [look(*checks(), sequence=2), look(*checks(S1=FAIL), days_ago=1)]

    assert support(*stored)[0] == ["supported"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param((), ([], [Code.SITE_NOT_SEEN]), id="nobody looked at the second"),
        pytest.param(checks(OTHER, S3=FAIL), (["partial"], [Code.SITE_CHECK]), id="the second in part"),
        pytest.param(checks(OTHER, S3=INCONCLUSIVE), ([], [Code.SITE_CHECK]), id="the second is open"),
        pytest.param(checks(OTHER), (["supported"], []), id="both"),
    ],
)
def test_the_worst_of_several(other: tuple[Reading, ...], expected: tuple[list[object], list[Code]]) -> None:
    """The worst site counts; one that is open may be it."""
    assert support(look(*checks(), *other), sites=TWO) == expected


def test_nothing_is_worse_than_none() -> None:
    """Where one site has none, an open one changes nothing."""
    assert support(look(*checks(S1=FAIL)), sites=TWO) == (["none"], [Code.SITE_CHECK, Code.SITE_NOT_SEEN])


@pytest.mark.parametrize("compute", [site_support, availability])
def test_no_site(compute: Any) -> None:
    """A school whose list has no site is told so."""
    assert codes(compute(owner(sites=()), [])) == [Code.NOT_DECLARED]


# --- Availability -----------------------------------------------------------------------------------------------------


def available(*stored: Evidence, sites: tuple[Site, ...] = ONE) -> tuple[list[object], list[Code]]:
    """The share of trials that were answered, and what is said against it."""
    measured = availability(owner(*stored, sites=sites), stored)
    return [one.value for one in measured.readings], codes(measured)


@pytest.mark.parametrize(
    ("readings", "share"),
    [
        pytest.param((trials(3),), 750_000, id="one family"),
        pytest.param((trials(1), trials(3, family="v4")), 750_000, id="the better of two"),
        pytest.param((trials(1, 3),), 333_333, id="a share that is no whole number"),
        pytest.param((trials(0),), 0, id="never"),
    ],
)
def test_availability(readings: tuple[Reading, ...], share: int) -> None:
    """A site is there where it answers over either family."""
    assert available(look(*readings)) == ([share], [])


def test_availability_of_many_runs() -> None:
    """Trials are added up, not shares."""
    assert available(look(trials(4, 4)), look(trials(0, 8), sequence=2))[0] == [333_333]


def test_availability_of_several() -> None:
    """The site that did worst counts."""
    assert available(look(trials(4), trials(1, name=OTHER)), sites=TWO)[0] == [250_000]


@pytest.mark.parametrize(
    "odd", [q.SITE_ANSWERED.reading(10**6, f"v6/{WWW}"), q.SITE_ANSWERED.reading(10**6, f"v6/{WWW}", {"tries": 0})]
)
def test_no_trials(odd: Reading) -> None:
    """A share of nothing is none, and a site that nobody tried is not left out of several."""
    assert (available(look(odd)), available(look(trials(4)), sites=TWO)) == (([], [Code.SITE_NOT_SEEN]),) * 2


# --- Judged -----------------------------------------------------------------------------------------------------------


def verdict(*stored: Evidence, **about: Any) -> Status:
    """What is said of support."""
    return judge(clause(part(**SUPPORTED)), owner(*stored, **about), stored, stored[0].received_unix_us).status


def test_a_vantage_is_believed() -> None:
    """What a vantage of the operator's saw, by order, meets a clause: what follows is not true of nothing."""
    assert verdict(look(*checks())) is Status.MET


@pytest.mark.parametrize("quantity", [q.SITE_IPV6, q.SITE_AVAILABILITY], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("sites", "code"), [((), Code.NOT_DECLARED), (ONE, Code.SITE_NOT_SEEN)], ids=["no site", "one"]
)
def test_nobody_looked(quantity: Quantity, sites: tuple[Site, ...], code: Code) -> None:
    """Before anybody looked it is said that the list has no site, or that an order from outside is needed."""
    asked = part(either=(quantity,), support=True, grade=Grade.A0)

    assert [one.code for one in judge(clause(asked), owner(sites=sites), [], 1).parts[0].reasons] == [code]


def test_a_box_of_the_school_is_not() -> None:
    """From inside one's own site is always there: an agent of the school's proves nothing of it."""
    one = look(*checks(), agent="box-1")
    about = school([one], sites=ONE, vantages={EAST: "east"})

    assert judge(clause(part(**SUPPORTED)), about, [one], one.received_unix_us).status is Status.NOT_SHOWN


@given(
    st.sampled_from(["S1", "S2", "S3", "S4", "S5", "S6"]),
    st.sampled_from([FAIL, INCONCLUSIVE, NOT_TESTED]),
    st.booleans(),
)
def test_losing_a_word_never_helps(check: str, state: str, lost: bool) -> None:
    """A check that did not pass does not turn good by being left out."""
    readings = [one for one in checks(**{check: state}) if not (lost and one.subject.startswith(f"{check}/"))]

    assert verdict(look(*readings)) is not Status.MET


@given(st.lists(st.sampled_from([PASS, FAIL, INCONCLUSIVE]), min_size=1, max_size=4), st.data())
def test_losing_what_a_vantage_saw_never_makes_complete(states: list[str], data: st.DataObject) -> None:
    """Fewer looks of one vantage give no better support than its newest one; without any there is none at all."""
    stored = [look(*checks(S6=state), sequence=at, days_ago=5 - at) for at, state in enumerate(states, 1)]
    kept = data.draw(st.lists(st.sampled_from(stored[:-1]), unique_by=id)) if len(stored) > 1 else []

    assert support(*kept, stored[-1]) == support(*stored)
    assert support(*[]) == ([], [Code.SITE_NOT_SEEN])
