"""Can one climb of the ladder, one look at a site, or one knock at a box, have given these readings?"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.plausible import is_plausible
from collector.plausible_ipv6 import CHECKS_OF_A_SITE, echo_of, is_native
from evidence import quantities as q
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS, RUNGS
from evidence.model import Facts, Failure, Reading, Settings
from probes._ipv6.classes import class_of
from tests.collector.ladder_school import (
    LOCAL,
    ORDER,
    STRANGERS_KEY,
    climb,
    climbed,
    facts_of,
    failing,
    graded,
    sealed,
    untested,
)
from tests.collector.making import OTHER_BOX, ladder, run

LAB = [IPv6Network("2001:db8::/32")]
TRANSLATED = "2409:8a00:2::1"
OTHER_PREFIX = "2409:8a00:2::77"


def plausible(*readings: Reading, failure: Failure | None = None, **settings: Any) -> bool:
    """Whether the probe `ipv6` can have given this under the usual order, or one that differs in these settings."""
    return is_plausible(climbed(*readings, settings={**ORDER, **settings}, failure=failure).report)


def seen_as(address: str, **about: Any) -> Facts:
    """L6 where the server saw this address."""
    return {"seen": address, "echo": sealed(seen=address), **about}


# --- The ladder -------------------------------------------------------------------------------------------------------

GIVEN = {
    "all rungs": climb(),
    "no rung": climb(failing(*RUNGS)),
    "of an older agent": climb(dict.fromkeys(RUNGS[4:], NOT_TESTED)),
    "rungs that tell nothing": climb(dict.fromkeys(RUNGS[5:], INCONCLUSIVE)),
    "no resolver over IPv6": climb(L4={"code": "NO_V6_RESOLVER", "v6_resolvers": 0}),
    "a translator of names": climb(L4={"code": "DNS64", "nat64": "64:ff9b::/96"}),
    "an address translator": climb(L6=seen_as(TRANSLATED, code="NAT66")),
    "a prefix translator": climb(L6=seen_as(OTHER_PREFIX, code="NPT")),
    "no IPv4 at all": climb(
        untested("L9"), {"L8": "v4_us"}, L8={"code": "NO_IPV4", "v4_accepted": 0, "races": 0, "v6_wins": 0}
    ),
    "a lease of DHCPv6": climb(L2={"prefix": f"{LOCAL}/128", "origin": "dhcpv6"}),
    "a second network": climb(
        L2={"prefix": "2409:8a00:1:20::/64", "prefixes": "2409:8a00:1:20::/64 2409:8a00:1:10::/64"}
    ),
    "a full port": climb(L9={"limit": "port", "v6_bit_s": 1}),
    "a rate of which only a bound is known": climb(lost={"L9": "v4_bit_s"}, L9={"v4_at_most_bit_s": 10**9}),
    "a download of IPv4 that broke off": climb(L9={"broken": 1}),
    "a rate at the bound": climb(L9={"v6_bit_s": 800_000_000}),
    "a local address where the network gave none": climb(failing("L2"), L5={"source": "fd00::7"}),
}


@pytest.mark.parametrize("readings", GIVEN.values(), ids=GIVEN)
def test_what_the_probe_gives(readings: tuple[Reading, ...]) -> None:
    """A climb as the probe makes it is one that it can have made."""
    assert plausible(*readings)


def remarked(name: str) -> tuple[Reading, ...]:
    """A climb of which one rung passes with a remark that there is not."""
    facts: dict[str, Facts] = {name: {"code": "FINE"}}
    return climb(None, None, **facts)


ODD: dict[str, tuple[Reading, ...]] = {
    "a rung is missing": climb()[1:],
    "a rung that there is not": (*climb(), q.IPV6_RUNG.reading(FAIL, "L10")),
    "a rung twice": (*climb(), q.IPV6_RUNG.reading(FAIL, "L0")),
    "no grade": climb()[:-1],
    "a grade too high": (*climb(failing("L7"))[:-1], graded(3, 3)),
    "a grade too low": (*climb()[:-1], graded(2, 2)),
    "a grade that is open": (*climb()[:-1], graded(2, 3)),
    "the judge's grade": (*climb()[:-1], graded(4, 4)),
    "translated and supported": (*climb(L6=seen_as(TRANSLATED, code="NAT66"))[:-1], graded(3, 3)),
    **{f"{name} with an unknown remark": remarked(name) for name in RUNGS},
    "a remark of another rung": climb(L7={"code": "NO_IPV4"}),
    "L2: a tunnel": climb(L2={"prefix": "2002:cb00:7101::/64"}),
    "L2: local only": climb(L2={"prefix": "fd00:1::/64"}),
    "L2: documentation": climb(L2={"prefix": "2001:db8::/64"}),
    "L2: no network": climb(L2={"prefix": "2409::/64/64"}),
    "L2: a second one that is none": climb(L2={"prefixes": "2409:8a00:1:10::/64 fd00:1::/64"}),
    "L2: half the internet": climb(L2={"prefix": "2000::/3"}),
    "L2: more than what is native": climb(L2={"prefix": "2000::/2"}),
    "L2: a native network around tunnels": climb(L2={"prefix": "2001::/16"}),
    "L4: no resolver": climb(L4={"resolvers": 0}),
    "L4: no figures": climb(lost={"L4": "resolvers"}),
    "L4: silent over IPv6": climb(L4={"v6_resolvers": 0}),
    "L4: a remark for nothing": climb(L4={"code": "NO_V6_RESOLVER"}),
    "L5: not the server": climb(L5={"server": "ETIMEDOUT"}),
    "L5: other targets": climb(L5={"targets": 6, "reached": 6}),
    "L5: other operators": climb(L5={"operators": 5, "operators_reached": 5}),
    "L5: fewer than the bound": climb(L5={"reached": 2, "operators_reached": 2}),
    "L5: more than asked": climb(L5={"reached": 6}),
    "L5: one operator of several": climb(L5={"operators_reached": 1}),
    "L5: more operators than there are": climb(L5={"operators_reached": 5}),
    "L5: from nowhere": climb(lost={"L5": "source"}),
    "L5: from another network": climb(L5={"source": TRANSLATED}),
    "L5: no figures": climb(L5={"reached": "all"}),
    "L6: no seal": climb(lost={"L6": "echo"}),
    "L6: no envelope": climb(L6={"echo": "<html>"}),
    "L6: no text": climb(L6={"echo": "\ud800"}),
    "L6: another's key": climb(L6={"echo": sealed(STRANGERS_KEY)}),
    "L6: another order's nonce": climb(L6={"echo": sealed(nonce="0ld." + "box-1")}),
    "L6: another box's nonce": climb(L6={"echo": sealed(nonce="5eed.box-2")}),
    "L6: through a proxy": climb(L6={"echo": sealed(forwarded="via")}),
    "L6: over IPv4": climb(L6=seen_as("203.0.113.7", code="NAT66")),
    "L6: over IPv4, mapped": climb(L6=seen_as("::ffff:203.0.113.7", code="NAT66")),
    "L6: another certificate": climb(L6={"certificate": "cd" * 32}),
    "L6: no TLS": climb(L6={"certificate": "", "echo": sealed(certificate="")}),
    "L6: another port": climb(L6={"seen_port": 1}),
    "L6: not what the seal says": climb(L6={"seen": TRANSLATED, "code": "NAT66"}),
    "L6: translated without a word": climb(L6=seen_as(TRANSLATED)),
    "L6: a prefix is no address": climb(L6=seen_as(TRANSLATED, code="NPT")),
    "L6: a remark for nothing": climb(L6={"code": "NAT66"}),
    "L6: from another network": climb(L6=seen_as(TRANSLATED, local=TRANSLATED)),
    "L6: from no address": climb(L6={"local": "ge0"}),
    "L6: ISATAP in the school's network": climb(
        L6=seen_as("2409:8a00:1:10:0:5efe:cb00:7107", local="2409:8a00:1:10:0:5efe:cb00:7107")
    ),
    "L7: one transfer is missing": climb(lost={"L7": "mtu1280_up_us"}),
    "L7: one took too long": climb(L7={"normal_down_us": 4_400_001}),
    "L8: too few tries": climb(L8={"tries": 9, "v6_accepted": 9, "v6_clean": 9}),
    "L8: not clean": climb(L8={"v6_clean": 8}),
    "L8: more clean than accepted": climb(L8={"v6_accepted": 9}),
    "L8: slow": climb(L8={"v6_us": 250_901}),
    "L8: IPv4 wins": climb(L8={"v6_wins": 4}),
    "L8: more wins than races": climb(L8={"v6_wins": 11}),
    "L8: no race": climb(L8={"races": 0, "v6_wins": 0}),
    "L8: no time of IPv4": climb(lost={"L8": "v4_us"}),
    "L8: no figures": climb(lost={"L8": "tries"}),
    "L8: IPv4 that never answered": climb(L8={"v4_accepted": 0}),
    "L8: no IPv4 that answered": climb(L8={"code": "NO_IPV4"}),
    "L9: too few tries": climb(L9={"tries": 19, "v6_accepted": 19, "v6_clean": 19, "v4_accepted": 19, "v4_clean": 19}),
    "L9: losses": climb(L9={"v6_accepted": 19, "v6_clean": 19}),
    "L9: losses at the first SYN": climb(L9={"v6_clean": 19}),
    "L9: silent IPv4": climb(L9={"v4_accepted": 0, "v4_clean": 0}),
    "L9: later": climb(L9={"v6_us": 60_000, "v4_us": 45_000}),
    "L9: slower": climb(L9={"v6_bit_s": 799_999_999}),
    "L9: no rate of IPv4": climb(lost={"L9": "v4_bit_s"}),
    "L9: no rate": climb(lost={"L9": "v6_bit_s"}),
    "L9: no download": climb(L9={"downloads": 0}),
    "L9: too many that broke off": climb(L9={"broken": 3}),
    "L9: one download of a family": climb(L9={"downloads": 3}),
    "L9: less than no download": climb(L9={"downloads": -1}),
    "L9: IPv4 carries nothing": climb(L9={"v4_bit_s": -1}),
    "L9: no figures": climb(lost={"L9": "v4_us"}),
}  # fmt: skip


@pytest.mark.parametrize("readings", ODD.values(), ids=ODD)
def test_what_the_probe_never_gives(readings: tuple[Reading, ...]) -> None:
    """One rung that can not have passed like this, or one that is missing, spoils the report."""
    assert not plausible(*readings)


@pytest.mark.parametrize(
    ("settings", "best"),
    [
        pytest.param({"echo": None}, 4, id="no echo server"),
        pytest.param({"echo": {}}, 4, id="an empty one"),
        pytest.param({"limits": None}, 4, id="no bounds"),
        pytest.param({"limits": {"dns_us": 1}}, 4, id="some bounds"),
        pytest.param({"nonce": ""}, 6, id="no nonce"),
        pytest.param({"echo": {**ORDER["echo"], "server_key": "no key"}}, 6, id="no key"),
        pytest.param({"echo": {**ORDER["echo"], "mtu1280": None}}, 7, id="no narrow path"),
        pytest.param({"echo": {**ORDER["echo"], "v4": None}}, 8, id="no IPv4 of the server"),
        pytest.param({"parity": False}, 9, id="no comparison"),
        pytest.param({"targets": []}, 5, id="no targets"),
    ],
)
def test_no_rung_passes_by_what_was_not_ordered(settings: Settings, best: int) -> None:
    """A rung that needs something of the order passes only where it was ordered; those below it are left alone."""
    found = [plausible(*climb(untested(*RUNGS[count:])), **settings) for count in (best, best + 1)]

    assert found == [True, False]


@pytest.mark.parametrize(("lab", "good"), [(["2001:db8::/32"], True), ([], False)], ids=["ordered", "not ordered"])
def test_the_prefix_of_a_lab(lab: list[str], good: bool) -> None:
    """The documentation prefix stands for a real one only where the order says so, as it does for virtual schools."""
    here = "2001:db8:1::77"
    readings = climb(L2={"prefix": "2001:db8:1::/64"}, L5={"source": here}, L6=seen_as(here, local=here))

    assert plausible(*readings, lab_prefixes=lab) is good


def test_an_order_that_names_the_server_twice() -> None:
    """The operator's server counts once, though it stands among the targets too."""
    own = {"address": "2001:da8:0::1", "operator": "somebody"}

    assert plausible(*climb(), targets=[*ORDER["targets"], own])


ONE_OPERATOR: list[Settings] = [{**target, "operator": "CERNET"} for target in ORDER["targets"]]


@pytest.mark.parametrize(
    ("bounds", "targets", "told", "good"),
    [
        pytest.param({}, ORDER["targets"][1:], {"targets": 4, "reached": 4}, False, id="fewer targets"),
        pytest.param({"fewest_targets": 4}, ORDER["targets"][1:], {"targets": 4, "reached": 4}, True, id="enough targets"),
        pytest.param({}, ONE_OPERATOR, {"operators": 1, "operators_reached": 1}, False, id="fewer operators"),
        pytest.param({"fewest_operators": 1}, ONE_OPERATOR, {"operators": 1, "operators_reached": 1}, True, id="one will do"),
    ],
)  # fmt: skip
def test_fewer_targets_than_the_bounds_ask_for(
    bounds: Settings, targets: list[Settings], told: Facts, good: bool
) -> None:
    """L5 passes by an order of as many targets and operators as its bounds ask for, and by no smaller one."""
    assert plausible(*climb(L5=told), targets=targets, limits={**ORDER["limits"], **bounds}) is good


def test_no_nonce_is_no_nonce() -> None:
    """Where no nonce was ordered, no seal is one of this order: also not one over an empty nonce."""
    assert not plausible(*climb(L6={"echo": sealed(nonce=".box-1")}), nonce="")


def test_a_server_of_no_operator() -> None:
    """A server of which no operator is told counts as one of its own."""
    assert plausible(*climb(), echo={**ORDER["echo"], "operator": ""})


@pytest.mark.parametrize(("readings", "good"), [(climb()[:4], True), ((), True), (ODD["L6: no seal"][:7], False)])
def test_a_run_that_failed(readings: tuple[Reading, ...], good: bool) -> None:
    """A run that failed may lack rungs and the grade, but no rung that it tells can be odd."""
    assert is_plausible(run("ipv6", *readings, settings=ORDER, failure=Failure.INTERRUPTED).report) is good


def test_a_run_that_failed_before_l2() -> None:
    """Where nothing is told of L2, any address will do that is one."""
    assert plausible(climb()[5], failure=Failure.INTERRUPTED)


def test_a_grade_of_a_run_that_failed() -> None:
    """What a failed run says of its grade follows from the rungs that it tells."""
    assert not plausible(*climb()[:4], graded(3, 3), failure=Failure.INTERRUPTED)


def test_an_echo_of_another_box() -> None:
    """What a box got sealed is nothing that another one can show."""
    assert not is_plausible(climbed(agent=OTHER_BOX).report)


def test_no_echo_without_its_rung() -> None:
    """Where L6 is not told there is no echo."""
    assert echo_of(climbed(*climb()[:4]).report) is None


@pytest.mark.parametrize("passed", range(5))
def test_rungs_that_tell_no_more_than_their_state(passed: int) -> None:
    """The rungs of grade 1 need no further word, as in reports of older agents."""
    assert is_plausible(run("ipv6", *ladder(passed, int(passed == 4))).report)


FIGURES = [(name, fact) for name, facts in facts_of().items() if name > "L3" for fact in facts if fact != "us"]


@given(st.sampled_from(FIGURES))
def test_losing_a_word_never_helps(which: tuple[str, str]) -> None:
    """Of no fact that a passed rung rests on can the report keep silent, but for those that tell more than is asked."""
    more = {("L8", "v4_clean"), ("L9", "broken"), ("L7", "pmtu")}

    assert plausible(*climb(lost=dict([which]))) is (which in more)


ADDRESSES = (
    st.integers(0, 2**128 - 1)
    | st.integers(0x2001 << 112, (0x2003 << 112) - 1)
    | st.integers(0x3FFF << 112, 0x4001 << 112)
)


@given(ADDRESSES.map(IPv6Address), st.booleans())
def test_native_is_what_the_probe_calls_so(address: IPv6Address, lab: bool) -> None:
    """Probe and collector have one idea of which addresses a provider can route."""
    prefixes = LAB if lab else []

    assert is_native(address, prefixes) is (class_of(address, prefixes) in ("native", "lab"))


@pytest.mark.parametrize(
    "text",
    ["2001:0::1", "2002::1", "3fff:fff::1", "2001:2::1", "2001:10::1", "2001:20::1", "fd00::1", "2400::5efe:a00:1"],
)
def test_what_is_not_native(text: str) -> None:
    """Tunnels, documentation, benchmarking and the like are no address of a school's."""
    assert not is_native(IPv6Address(text))


# --- From outside -----------------------------------------------------------------------------------------------------

ADDRESS = "2409:8a00:1:10::77"


def knock(state: str, subject: str = f"L11/{ADDRESS}", **facts: int | str) -> Reading:
    """What a knock at an address came to."""
    return q.IPV6_RUNG.reading(state, subject, dict(facts))


@pytest.mark.parametrize(
    ("readings", "good"),
    [
        pytest.param((knock(PASS, reached=0),), True, id="silent"),
        pytest.param((knock(PASS, reached=2, code="OPEN_INBOUND"),), True, id="open"),
        pytest.param((knock(INCONCLUSIVE, code="NO_WAY"),), True, id="no way"),
        pytest.param((knock(PASS, reached=2),), False, id="open without a word"),
        pytest.param((knock(PASS, code="OPEN_INBOUND"),), False, id="open by nothing"),
        pytest.param((knock(PASS, reached=0, code="FINE"),), False, id="another remark"),
        pytest.param((knock(FAIL),), False, id="a failure"),
        pytest.param((knock(PASS, "L11/2409::1"),), False, id="another address"),
        pytest.param((knock(PASS, "L6"),), False, id="a rung of the box"),
        pytest.param((), False, id="nothing"),
    ],
)
def test_inbound(readings: tuple[Reading, ...], good: bool) -> None:
    """A knock at each ordered address passes, with a remark where somebody was reached, or tells nothing."""
    assert is_plausible(run("inbound", *readings, settings={"addresses": ["2409:8a00:1:10:0::77"]}).report) is good


@pytest.mark.parametrize(("settings", "failure", "good"), [
    ({}, None, False), ({"addresses": [ADDRESS]}, Failure.INTERRUPTED, True),
], ids=["nothing ordered", "failed"])  # fmt: skip
def test_no_knock(settings: Settings, failure: Failure | None, good: bool) -> None:
    """Only a run that failed may tell nothing."""
    assert is_plausible(run("inbound", settings=settings, failure=failure).report) is good


SITES: Settings = {"sites": [{"name": "www.school.cn", "port": 443}]}
LINKS: Facts = {"share_ppm": 900_000}


def looked(**states: str) -> tuple[Reading, ...]:
    """Every check of the site passes, but for these states."""
    return tuple(
        q.SITE_CHECK.reading(states.get(check, PASS), f"{check}/www.school.cn", LINKS if check in ("S8", "S9") else {})
        for check in CHECKS_OF_A_SITE
    )


def answered(ppm: int, subject: str = "v6/www.school.cn", **facts: int | str) -> Reading:
    """How often a site answered."""
    return q.SITE_ANSWERED.reading(ppm, subject, {"tries": 4, "answered": 3, **facts})


@pytest.mark.parametrize(
    ("readings", "good"),
    [
        pytest.param(looked(), True, id="all checks"),
        pytest.param((*looked(S1=FAIL), answered(750_000)), True, id="a share of trials"),
        pytest.param(
            (*looked()[:6], q.SITE_CHECK.reading(FAIL, "S8/www.school.cn", {"share_ppm": 1}), *looked()[7:]),
            True,
            id="broken links",
        ),
        pytest.param(looked()[1:], False, id="a check is missing"),
        pytest.param((), False, id="nothing"),
        pytest.param((*looked(), q.SITE_CHECK.reading(PASS, "S1/other.cn")), False, id="another site"),
        pytest.param((*looked(), q.SITE_CHECK.reading(PASS, "S7/www.school.cn")), False, id="the judge's check"),
        pytest.param((*looked(), answered(750_000, "v6/other.cn")), False, id="a share of another site"),
        pytest.param((*looked(), answered(750_000, "v5/www.school.cn")), False, id="another family"),
        pytest.param((*looked(), answered(1_000_000)), False, id="a share that is not that of its trials"),
        pytest.param((*looked(), answered(0, tries=0, answered=0)), False, id="no trials"),
        pytest.param((*looked(), answered(1_000_000, answered=5)), False, id="more answers than trials"),
        pytest.param((*looked(), answered(750_000, tries="4")), False, id="trials that are no number"),
        pytest.param(
            (*looked()[:6], q.SITE_CHECK.reading(PASS, "S8/www.school.cn"), *looked()[7:]), False, id="no links"
        ),
    ],
)
def test_site(readings: tuple[Reading, ...], good: bool) -> None:
    """Every check of every ordered site is told, and shares are those of their trials."""
    assert is_plausible(run("site", *readings, settings=SITES).report) is good


def test_a_site_that_was_not_ordered() -> None:
    """An order without a site gives no run; one that failed may tell nothing."""
    found = [is_plausible(run("site", failure=failure).report) for failure in (None, Failure.BUG)]

    assert found == [False, True]
