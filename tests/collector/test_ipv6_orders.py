"""Is IPv6 measured against what the operator wrote down, and from outside only where the school itself was seen?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.ipv6_orders import MOST_TARGETS, from_outside, ladder, limits, vantages
from collector.school import Evidence, Names, School, Server, Site, Target
from collector.wrong_order import WrongOrder
from evidence import quantities as q
from evidence.model import Facts, Settings
from probes import load
from probes._ipv6.settings import Limits
from tests.collector.egress_school import school_with, server
from tests.collector.ladder_school import LOCAL, climb, climbed, failing, pupils
from tests.collector.making import NOW, OTHER_BOX, run

HZ, EDU, GONE = server("hz-1"), server("edu-1", "metro"), server("gone", revoked=True)
WHOLE = Names(HZ.id, "echo.a.example", "2001:da8::1", "198.18.0.1", "2001:da8::2", "2001:da8::3", 8443, 8080)
BARE = Names(EDU.id, "echo.e.example", "2001:da8:e::1")
PAST = Names(GONE.id, "echo.g.example", "2001:da8:f::1")
TELECOM = Target("2400:3200::1", 443, "Telecom")


def settings_of(*servers: Server, **about: Any) -> Settings:
    """What is ordered of the ladder in a school of an operator with these servers."""
    return ladder(school_with(*servers, **about)).settings


# --- From inside ------------------------------------------------------------------------------------------------------


def test_nothing_declared() -> None:
    """Of what nobody wrote down nothing is ordered: the order is as short as before there were names."""
    assert settings_of(HZ, EDU) == {}


def test_names() -> None:
    """The order names the server's key, addresses and ports, and leaves out what it has no name for."""
    echo = settings_of(HZ, names=(WHOLE,))["echo"]

    assert echo == {
        "zone": "echo.a.example",
        "server_key": HZ.public_key,
        "v6": "2001:da8::1",
        "v4": "198.18.0.1",
        "mtu1280": "2001:da8::2",
        "bad6": "2001:da8::3",
        "operator": "CERNET",
        "port": 8443,
        "http_port": 8080,
    }
    assert set(settings_of(EDU, names=(BARE,))["echo"]) == {"zone", "server_key", "v6", "operator", "port", "http_port"}


@pytest.mark.parametrize(
    ("names", "zone"),
    [
        pytest.param((BARE, WHOLE), "echo.a.example", id="the internet before the metro network"),
        pytest.param((BARE,), "echo.e.example", id="the metro network where there is no other"),
        pytest.param((PAST, BARE), "echo.e.example", id="never one that is revoked"),
        pytest.param((PAST,), None, id="none that is trusted"),
        pytest.param((Names("ff" * 32, "echo.x.example", "2001:da8::9"),), None, id="one that is not known"),
    ],
)
def test_which_server(names: tuple[Names, ...], zone: str | None) -> None:
    """A school is measured against a trusted server, one on the internet first."""
    assert settings_of(HZ, EDU, GONE, names=names).get("echo", {}).get("zone") == zone


@pytest.mark.parametrize(
    ("targets", "names", "asked"),
    [
        pytest.param((), (WHOLE,), [], id="the server alone"),
        pytest.param((TELECOM,), (WHOLE,), ["2400:3200::1"], id="a target"),
        pytest.param((TELECOM,), (), ["2400:3200::1"], id="a target without a server"),
        pytest.param(
            (TELECOM,), (BARE, WHOLE), ["2400:3200::1", "2001:da8:e::1"], id="another server of the operator's"
        ),
        pytest.param((), (PAST, WHOLE), [], id="none that is revoked"),
        pytest.param((Target("2001:da8::1", 8443, "x"),), (WHOLE,), [], id="the server itself is no further target"),
        pytest.param((Target("2001:da8:e::1", 443, "x"),), (BARE, WHOLE), ["2001:da8:e::1"], id="a host counts once"),
    ],
)
def test_targets(targets: tuple[Target, ...], names: tuple[Names, ...], asked: list[str]) -> None:
    """Every host is asked once, whoever named it: else one host would make up for several."""
    settings = settings_of(HZ, EDU, GONE, names=names, targets=targets)

    assert [one["address"] for one in settings.get("targets", [])] == asked


def test_as_many_as_the_probe_takes() -> None:
    """More targets than the probe takes are cut, not refused."""
    many = tuple(Target(f"2400:3200::{number:x}", 443, "Telecom") for number in range(MOST_TARGETS + 1))

    assert len(settings_of(HZ, names=(WHOLE,), targets=many)["targets"]) == MOST_TARGETS


@pytest.mark.parametrize("virtual", [False, True])
def test_the_probe_takes_what_is_ordered(virtual: bool) -> None:
    """The probe accepts the longest order that there is, with an operator's name of any length."""
    named = server("long-1", "metro")
    other = Server(**{name: getattr(named, name) for name in Server.__slots__} | {"operator": "网" * 100})
    about = {"names": (WHOLE, Names(other.id, "e.example", "2001:da8:e::1")), "targets": (TELECOM,), "virtual": virtual}
    settings = settings_of(HZ, other, routers=("fe80::1", "00:25:9e:00:00:01"), **about)

    assert load("ipv6").settings.model_validate(settings).model_dump(mode="json", exclude_unset=True) == settings


def test_each_order_has_a_nonce_of_its_own() -> None:
    """An echo of another order fits none: the nonce is drawn anew, 128 bits."""
    one, other = (settings_of(HZ, names=(WHOLE,))["nonce"] for _ in range(2))

    assert (len(one), len(other), one != other) == (32, 32, True)


def test_the_bounds_are_those_of_the_probe() -> None:
    """`ladder.toml` has every bound that the probe has, and the same figures: a run by hand says what an order says."""
    assert limits() == Limits().model_dump()


def test_bounds_are_ordered() -> None:
    """The bounds go out with every order that climbs above L3, so that a report holds what it was judged by."""
    assert settings_of(HZ, names=(WHOLE,))["limits"] == limits()


# --- From outside -----------------------------------------------------------------------------------------------------

WATCHED = School(
    "s", "一中", sites=(Site("www.a.example"), Site("b.example", 8443)), vantages={"v1": "one", "v2": "two"}
)


@pytest.mark.parametrize(("named", "asked"), [((), ("v1", "v2")), (("v2",), ("v2",)), (("v2", "v2"), ("v2",))])
def test_who_looks(named: tuple[str, ...], asked: tuple[str, ...]) -> None:
    """All vantages are asked unless some are named."""
    assert vantages(WATCHED, named, ["site"]) == asked


@pytest.mark.parametrize(
    ("school", "named", "probes", "words"),
    [
        pytest.param(WATCHED, (), ["site", "desk"], "desk runs inside the school, site, inbound outside", id="mixed"),
        pytest.param(WATCHED, ("box",), ["site"], "box is no vantage of the operator's", id="a box of the school"),
        pytest.param(
            School("s", "一中"), (), ["site"], "type: campusproof-collector vantage token NAME", id="no vantage"
        ),
        pytest.param(School("s", "一中"), ("v",), ["site"], "No vantage is enrolled", id="no vantage, and one named"),
    ],
)
def test_who_does_not_look(school: School, named: tuple[str, ...], probes: list[str], words: str) -> None:
    """What is outside is seen by vantages alone, and what is missing is said."""
    with pytest.raises(WrongOrder) as caught:
        vantages(school, named, probes)

    assert words in str(caught.value)


@pytest.mark.parametrize("virtual", [False, True])
def test_sites(virtual: bool) -> None:
    """The sites of the list are ordered as the probe takes them; documentation networks are public for a virtual school only."""
    watched = School("s", "一中", virtual, sites=WATCHED.sites)
    (task,) = from_outside(watched, ["site"], [], NOW)

    assert task.settings["sites"] == [{"name": "www.a.example", "port": 443}, {"name": "b.example", "port": 8443}]
    assert ("lab_prefixes" in task.settings, bool(load("site").settings.model_validate(task.settings))) == (
        virtual,
        True,
    )


def knocked(*stored: Evidence, **about: Any) -> list[str]:
    """At which addresses is knocked where these reports are held."""
    (task,) = from_outside(pupils(*stored, **about), ["inbound"], stored, NOW)
    assert load("inbound").settings.model_validate(task.settings)
    found: list[str] = task.settings["addresses"]
    return found


def test_knocks() -> None:
    """The vantage knocks where the school's boxes were seen, each once."""
    assert knocked(climbed(), climbed(agent=OTHER_BOX)) == [LOCAL]


LAST_WEEK = climbed(days_ago=8)
TUNNEL: Facts = {"local": "2002:cb00:7100::1"}


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param((), id="no report"),
        pytest.param((LAST_WEEK,), id="an old one: the address may be a stranger's by now"),
        pytest.param((climbed(days_ago=2), climbed(*climb(failing("L6")), sequence=2)), id="the newest was not seen"),
        pytest.param((climbed(*climb(L6={"local": "2400:3200::1"})),), id="an address that is no echo's"),
        pytest.param((climbed(*climb(failing("L2"), L6=TUNNEL)),), id="a tunnel"),
        pytest.param((climbed(agent="stranger", sequence=1),), id="a box that is not the school's"),
        pytest.param((run("desk", q.DESK_SPEED.reading(10**9, "eth0")),), id="another probe"),
    ],
)
def test_nowhere_to_knock(stored: tuple[Evidence, ...]) -> None:
    """Nobody knocks at an address that the operator's own server did not just see as the school's."""
    about = {"held": {"box-1": 2}} if stored and stored[0].report.agent == "stranger" else {}
    with pytest.raises(WrongOrder, match="within 7 days; order the probe ipv6 first"):
        knocked(*stored, **about)


def test_no_site() -> None:
    """Where the list names no site it is said what to write."""
    with pytest.raises(WrongOrder, match=r"names no site; add a row site to it, such as: site,www\.school\.example"):
        from_outside(School("s", "一中"), ["site"], [], NOW)
