"""Does an order of the way out name the operator's own server, the right line and a rate that policies ask for, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collector.egress_choice import asked_rates, planned
from collector.egress_orders import Plan, Wish, egress_settings, spelled_volume
from collector.frameworks import Framework, shipped
from collector.school import End, Line, School, Server, Setting
from collector.wrong_order import WrongOrder
from evidence.stream import Direction
from probes import load
from tests.collector.egress_school import ALLOWED, GIGABIT, METRO, TELECOM, school_with, server
from tests.collector.making import CAMPUS

POLICIES = shipped()
INSIDE, OUTSIDE = server("inside", "metro"), server("outside")
AGENTS = ("a", "b", "c", "d")


def plan(school: School, wish: Wish | None = None, agents: int = 1, policies: tuple[Framework, ...] = POLICIES) -> Plan:
    """What is ordered of so many agents."""
    return planned(school, AGENTS[:agents], wish or Wish(), policies)


def refused(school: School, wish: Wish | None = None, agents: int = 1, **about: Any) -> str:
    """Why nothing can be ordered."""
    with pytest.raises(WrongOrder) as caught:
        plan(school, wish, agents, **about)
    return str(caught.value)


# --- Which server -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "path", "expected"),
    [
        pytest.param((INSIDE, OUTSIDE), "", OUTSIDE, id="the internet first"),
        pytest.param((INSIDE,), "", INSIDE, id="the metro network where there is no other"),
        pytest.param((INSIDE, OUTSIDE), "metro", INSIDE, id="as asked"),
        pytest.param((replace(OUTSIDE, revoked=True), INSIDE), "", INSIDE, id="none that was revoked"),
    ],
)
def test_which_server(servers: tuple[Server, ...], path: str, expected: Server) -> None:
    """A server of the operator's list that is trusted, on the path that is asked for."""
    assert plan(school_with(*servers), Wish(path)).servers == (expected,)


@pytest.mark.parametrize(
    ("servers", "path", "words"),
    [
        ((), "", "No measurement server is enrolled"),
        ((replace(OUTSIDE, revoked=True),), "", "No measurement server is enrolled"),
        ((INSIDE,), "internet", "No measurement server on the internet is enrolled"),
        ((OUTSIDE,), "metro", "No measurement server in the education network is enrolled"),
    ],
)
def test_no_server(servers: tuple[Server, ...], path: str, words: str) -> None:
    """Without a server there is nothing to measure against, and the command that adds one is told."""
    said = refused(school_with(*servers), Wish(path))

    assert said.startswith(words)
    assert "campusproof-collector server add" in said


def test_a_second_server() -> None:
    """A second opinion comes from another server of the same path."""
    other = server("outside-2")
    found = plan(school_with(OUTSIDE, INSIDE, other), Wish(second=True))

    assert found.servers == (OUTSIDE, other)


def test_no_second_server() -> None:
    """A server of another path is no second opinion."""
    assert "no second measurement server beside outside" in refused(school_with(OUTSIDE, INSIDE), Wish(second=True))


# --- Which line -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "name", "expected"),
    [
        pytest.param((), "", None, id="none is declared"),
        pytest.param((TELECOM, METRO), "", TELECOM, id="the only one that leads there"),
        pytest.param((METRO,), "", None, id="none leads there"),
        pytest.param((TELECOM, replace(TELECOM, name="mobile")), "telecom", TELECOM, id="by name"),
    ],
)
def test_which_line(lines: tuple[Line, ...], name: str, expected: Line | None) -> None:
    """The line that leads to the server's network; of several the one that is named."""
    assert plan(school_with(OUTSIDE, lines=lines), Wish(line=name)).line == expected


@pytest.mark.parametrize(
    ("lines", "name", "words"),
    [
        (
            (TELECOM, replace(TELECOM, name="mobile")),
            "",
            "several lines that lead there; name one with --line: telecom, mobile",
        ),
        ((TELECOM,), "mobile", "no line mobile that leads to this server's network; there are: telecom"),
        ((TELECOM, METRO), "metro", "no line metro that leads to this server's network; there are: telecom"),
        ((), "telecom", "no line telecom that leads to this server's network; there are: -"),
    ],
)
def test_no_such_line(lines: tuple[Line, ...], name: str, words: str) -> None:
    """A line that does not lead there, and a choice that nobody made, are told with the lines that there are."""
    assert words in refused(school_with(OUTSIDE, lines=lines), Wish(line=name))


# --- How fast ---------------------------------------------------------------------------------------------------------


def policy(*names: str) -> tuple[Framework, ...]:
    """Some of the shipped policies."""
    return tuple(one for one in POLICIES if one.id in names)


@pytest.mark.parametrize(
    ("policies", "path", "bureau", "rates"),
    [
        pytest.param(("zhangjiagang-2021",), "internet", {}, [200_000_000], id="200M"),
        pytest.param(("zhangjiagang-2021",), "metro", {}, [], id="a metro server proves no internet"),
        pytest.param(("zhejiang-2022",), "metro", {}, [GIGABIT], id="either network"),
        pytest.param(("zibo",), "internet", {"larger": "yes"}, [600_000_000], id="a condition that holds"),
        pytest.param(("zibo",), "internet", {"larger": "no"}, [], id="one that does not"),
        pytest.param(("zibo",), "internet", {}, [], id="one that nobody has decided"),
        pytest.param(("wenzhou-2021",), "internet", {"egress_10g": "throughput"}, [10 * GIGABIT], id="10G"),
        pytest.param(("wenzhou-2021",), "internet", {}, [], id="10G by the line"),
    ],
)
def test_asked_rates(policies: tuple[str, ...], path: str, bureau: dict[str, str], rates: list[int]) -> None:
    """What policies ask of this school on this path, where their conditions hold."""
    school = school_with(OUTSIDE, bureau={key: Setting(value, "2026-09-01") for key, value in bureau.items()})

    assert list(asked_rates(school, path, policy(*policies))) == rates


@pytest.mark.parametrize(
    ("policies", "wish", "agents", "threshold", "pace"),
    [
        pytest.param(("zhangjiagang-2021", "zhejiang-2022"), Wish(), 1, GIGABIT, 1_050_000_000, id="the largest"),
        pytest.param(("zhangjiagang-2021",), Wish(), 1, 200_000_000, 210_000_000, id="the only one"),
        pytest.param((), Wish(at_least_bit_s=300_000_000), 1, 300_000_000, 315_000_000, id="as asked"),
        pytest.param(("zhejiang-2022",), Wish(group=True), 4, 250_000_000, 262_500_000, id="shared by a group"),
        pytest.param((), Wish(at_least_bit_s=10, group=True), 3, 4, 4, id="shared, and not less than asked"),
        pytest.param(("zhejiang-2022",), Wish(), 4, GIGABIT, 1_050_000_000, id="one agent after the other"),
        pytest.param(("zhejiang-2022",), Wish(saturate=True), 1, 0, 0, id="as fast as it goes"),
    ],
)
def test_rate(policies: tuple[str, ...], wish: Wish, agents: int, threshold: int, pace: int) -> None:
    """Unless told otherwise a run is paced a little above the largest rate that is asked for, up to 2.5 Gbit/s."""
    found = plan(school_with(OUTSIDE, bureau=ALLOWED), wish, agents, policy(*policies))

    assert (found.threshold_bit_s, found.pace_bit_s) == (threshold, pace)


@pytest.mark.parametrize(
    ("wish", "agents", "words"),
    [
        (Wish(), 1, "No policy asks this school for a rate of up to 2.5 Gbit/s there"),
        (Wish(at_least_bit_s=2_500_000_001), 1, "One agent can be paced up to 2.5 Gbit/s"),
        (Wish(at_least_bit_s=10 * GIGABIT, group=True), 3, "One agent can be paced up to 2.5 Gbit/s"),
        (Wish(at_least_bit_s=GIGABIT, group=True), 1, "A group needs at least two agents"),
    ],
)
def test_no_rate(wish: Wish, agents: int, words: str) -> None:
    """A rate that no pace can show is refused with what to do instead."""
    ten = {"egress_10g": Setting("throughput", "2026-09-01")}

    assert refused(school_with(OUTSIDE, bureau=ten), wish, agents, policies=policy("wenzhou-2021")).startswith(words)


@pytest.mark.parametrize(
    ("wish", "agents"),
    [(Wish(saturate=True), 1), (Wish(at_least_bit_s=10 * GIGABIT, group=True), 4)],
    ids=["as fast as it goes", "paced, and faster together than a paced run may be"],
)
@pytest.mark.parametrize(
    "bureau", [{}, {"saturating": Setting("no", "2026-09-01")}, {"saturating": Setting("yes", "2026-09-22")}]
)
def test_not_allowed(bureau: dict[str, Setting], wish: Wish, agents: int) -> None:
    """A run that fills the line needs the bureau's yes, from the day on from which it holds."""
    with pytest.raises(WrongOrder, match="a row bureau,saturating,yes in the school's list"):
        planned(school_with(OUTSIDE, bureau=bureau), AGENTS[:agents], wish, POLICIES, "2026-09-21")


def test_too_many_agents() -> None:
    """More agents than one order of the probe holds are refused before anything is sealed."""
    with pytest.raises(WrongOrder, match="At most 100 agents"):
        planned(school_with(OUTSIDE), [str(number) for number in range(101)], Wish(), POLICIES)


# --- How much ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "agents", "volume"),
    [
        pytest.param(Wish(at_least_bit_s=200_000_000, directions=(Direction.DOWN,)), 1, "79 MB", id="200M"),
        pytest.param(Wish(at_least_bit_s=600_000_000, directions=(Direction.DOWN,)), 1, "0.2 GB", id="600M"),
        pytest.param(Wish(at_least_bit_s=GIGABIT, directions=(Direction.DOWN,)), 1, "0.4 GB", id="1G"),
        pytest.param(Wish(at_least_bit_s=GIGABIT), 1, "0.8 GB", id="both directions"),
        pytest.param(Wish(at_least_bit_s=GIGABIT), 4, "3.1 GB", id="four agents"),
        pytest.param(Wish(at_least_bit_s=GIGABIT, group=True), 4, "0.8 GB", id="four agents together"),
        pytest.param(Wish(at_least_bit_s=GIGABIT, second=True), 1, "1.6 GB", id="a second server"),
        pytest.param(Wish(saturate=True, directions=(Direction.DOWN,)), 1, "15.0 GB", id="as fast as it goes"),
    ],
)
def test_estimate(wish: Wish, agents: int, volume: str) -> None:
    """A paced run uses its rate for three seconds a direction and agent; a saturating one no more than its server can send."""
    found = plan(school_with(OUTSIDE, server("other"), bureau=ALLOWED), wish, agents)

    assert spelled_volume(found.estimate_octets()) == volume


@pytest.mark.parametrize(
    ("wish", "left", "octets"),
    [
        pytest.param(Wish(at_least_bit_s=GIGABIT), 1, 2 * 1_050_000_000 * 6 // 8, id="six seconds of a paced run"),
        pytest.param(Wish(saturate=True), None, 30_000_000_000, id="twelve seconds at the server's rate"),
        pytest.param(Wish(saturate=True), 8_000_000_000, 4_000_000_000, id="what is left of the day, shared"),
    ],
)
def test_ticket_octets(wish: Wish, left: int | None, octets: int) -> None:
    """A ticket allows what the run may need at most; a saturating one shares what is left of the day's volume."""
    assert plan(school_with(OUTSIDE, bureau=ALLOWED), wish, 2).ticket_octets(left) == octets


@pytest.mark.parametrize(
    ("wish", "agents", "seconds"),
    [
        (Wish(directions=(Direction.DOWN,)), 1, 16),
        (Wish(), 1, 32),
        (Wish(), 4, 128),
        (Wish(group=True), 4, 32),
        (Wish(saturate=True), 1, 44),
        (Wish(second=True), 1, 64),
        (Wish(second=True, group=True), 4, 64),
    ],
)
def test_slot_length(wish: Wish, agents: int, seconds: int) -> None:
    """A slot holds all runs that follow one another, and ten minutes for agents that come late."""
    found = plan(school_with(OUTSIDE, server("other"), bureau=ALLOWED), wish, agents)

    assert found.lasts_us == (seconds + 600) * 1_000_000


@pytest.mark.parametrize(("octets", "words"), [(1, "0 MB"), (79_000_000, "79 MB"), (394_000_000, "0.4 GB")])
def test_volume_in_words(octets: int, words: str) -> None:
    """A volume has the figures that a person needs."""
    assert spelled_volume(octets) == words


# --- Settings ---------------------------------------------------------------------------------------------------------

TICKET = [{"agent": "a", "session": "5e", "ticket": "{}"}]
SIX = replace(OUTSIDE, host="2001:db8::1")


def test_settings() -> None:
    """What is ordered: server, key, path, line, rate and tickets; what is not needed is left out."""
    assert egress_settings(plan(school_with(SIX, lines=(TELECOM,))), [TICKET]) == {
        "server": "[2001:db8::1]:8766",
        "server_key": OUTSIDE.public_key,
        "tickets": TICKET,
        "direction": "both",
        "max_s": 6,
        "path": "internet",
        "operator": "CERNET",
        "line": "telecom",
        "threshold_bit_s": GIGABIT,
    }


def test_witnesses() -> None:
    """The ports that lead out of the school are watched, those of each switch together."""
    wans = (End("core", "ge2"), End("acc-1", "ge9"), End("core", "ge1"))
    settings = egress_settings(plan(school_with(OUTSIDE, wans=wans, **CAMPUS)), [TICKET])

    assert settings["switches"] == [
        {"host": "10.0.0.1", "port": 161, "name": "core", "ports": ["ge1", "ge2"]},
        {"host": "10.0.0.2", "port": 161, "name": "acc-1", "ports": ["ge9"]},
    ]


@pytest.mark.parametrize("virtual", [False, True])
def test_virtual_ports(virtual: bool) -> None:
    """The rate that a virtual port tells is believed in a virtual school only."""
    assert egress_settings(plan(school_with(OUTSIDE, virtual=virtual)), [TICKET]).get("virtual_ports", False) is virtual


@pytest.mark.parametrize("wish", [Wish(), Wish(saturate=True), Wish(second=True, directions=(Direction.UP,))])
def test_the_probe_takes_what_is_ordered(wish: Wish) -> None:
    """The probe accepts the settings once the box has added its secrets, and means the same rate and time by them."""
    about: dict[str, Any] = {"bureau": ALLOWED, "lines": (TELECOM,), "wans": (End("core", "ge1"),), **CAMPUS}
    found = plan(school_with(SIX, server("other"), **about), wish)
    settings = egress_settings(found, [TICKET, TICKET])
    secrets = [{**one, "community": "public"} for one in settings["switches"]]
    taken: Any = load("egress").settings.model_validate({**settings, "switches": secrets})

    assert (taken.pace_bit_s, taken.most_us, taken.directions) == (found.pace_bit_s, found.most_us, found.directions)
