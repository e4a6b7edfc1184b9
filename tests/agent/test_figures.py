"""Do the figures for the whole school add up with the tree above them, and is nothing told as known that is not?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agent.advice import Problem, of_port, problems
from agent.switches import network_of
from evidence import quantities as q
from evidence.model import Reading
from tests.agent.campus import ACC1, CAMPUS, CORE, DIST, G, answered, down, link, port
from tests.agent.test_tree import drawn, line_of

M = 1_000_000
SHARE, REDUNDANT = q.DESKTOP_GIGABIT_SHARE, q.UPLINK_REDUNDANT_SHARE
LONELY: list[Reading] = [
    *port(f"{CORE}/GE1", G, "unknown"),
    *port(f"{CORE}/GE2", 100 * M, "unknown"),
    *port(f"{CORE}/XGE1", 10 * G, "uplink"),
    *down(f"{CORE}/GE3"),
    answered(CORE, "core-1", snmp="3"),
]
OTHER: list[Reading] = [*port(f"{ACC1}/GE1", G), answered(ACC1, "acc-1", snmp="3")]


# --- Switches that nothing is joined to -------------------------------------------------------------------------------


def test_a_switch_without_links_says_so() -> None:
    """A switch that hears nobody is drawn with its ports and what they count as, and has a next step."""
    text = drawn(LONELY)

    assert "no neighbour heard on any port" in text
    counts = line_of(text, "ports that are up: 3")
    assert "of these for people's devices: 2; counted with them although their role is not known: 2" in counts
    assert "Switch on LLDP there and at the switches it is joined to" in text


@pytest.mark.parametrize(
    ("readings", "alone"),
    [
        pytest.param(LONELY, ["core-1"], id="no link"),
        pytest.param([*LONELY, *OTHER, link(f"{CORE}/XGE1", f"{ACC1}/GE1", G)], [], id="a link"),
        pytest.param([*LONELY, link(f"{CORE}/XGE1", "", G, neighbour="sw-9")], [], id="a neighbour that nobody listed"),
        pytest.param([answered(CORE, "core-1", failure="timed_out")], [], id="a switch that is silent"),
        pytest.param([*down(f"{CORE}/GE3"), answered(CORE, "core-1")], [], id="no port that is up"),
    ],
)
def test_which_switch_is_alone(readings: Sequence[Reading], alone: list[str]) -> None:
    """Only a switch that answered, has a port up and heard nobody at all is called so."""
    assert [one.where for one in problems(network_of(readings)) if one.problem is Problem.ALONE] == alone


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        pytest.param([*LONELY, *OTHER], True, id="two switches, no link"),
        pytest.param(LONELY, False, id="one switch"),
        pytest.param(CAMPUS, False, id="links"),
    ],
)
def test_no_link_was_found(readings: Sequence[Reading], said: bool) -> None:
    """A picture of several switches without a link between them is not passed off as finished."""
    assert ("No link between the listed switches was found" in drawn(readings)) is said


# --- Shares -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        pytest.param(
            SHARE.reading(603_603, facts={"up": 111, "gigabit": 67, "at_100": 40, "at_10": 4, "unknown": 0}),
            "60.36 % (that is 67 of 111 ports; at 100 Mbit/s: 40; at 10 Mbit/s: 4)",
            id="desks with their number",
        ),
        pytest.param(
            SHARE.between(None, 750_000, facts={"up": 4, "gigabit": 3, "at_100": 1, "silent": 2}),
            "at most 75 % (that is 3 of 4 ports; at 100 Mbit/s: 1; switches that did not show all their ports: 2)",
            id="some switches are missing",
        ),
        pytest.param(
            SHARE.between(500_000, M, facts={"up": 2, "gigabit": 1, "unknown": 1}),
            "50 % … 100 % (that is 1 of 2 ports; not certain, or several devices behind one port: 1)",
            id="an interval",
        ),
        pytest.param(
            REDUNDANT.between(0, M, facts={"switches": 3, "redundant": 0}),
            "unknown (that is for certain 0 of 3 switches beside the core)",
            id="no uplink was found",
        ),
        pytest.param(
            REDUNDANT.between(0, 500_000, facts={"switches": 2, "redundant": 0}),
            "at most 50 % (that is for certain 0 of 2 switches beside the core)",
            id="some uplinks were found",
        ),
        pytest.param(
            REDUNDANT.reading(M, facts={"switches": 1, "redundant": 1}),
            "100 % (that is for certain 1 of 1",
            id="all of them",
        ),
        pytest.param(q.BACKBONE_MIN.between(None, G), "≤ 1 Gbit/s", id="a rate has no count"),
    ],
)
def test_a_figure(reading: Reading, words: str) -> None:
    """A share is told with what it was counted from; one of which nothing is known is unknown, not zero."""
    assert words in drawn([*LONELY, reading])


def test_the_tree_adds_up_with_the_share() -> None:
    """The ports that the tree calls people's are those that the probe counts: unknown roles with them, cameras apart."""
    readings = [
        *port("x:1/a", G),
        *port("x:1/b", 100 * M, "unknown"),
        *port("x:1/c", 100 * M, device="camera"),
        *port("x:1/d", 100 * M, "unknown", device="phone"),
        *port("x:1/e", G, "unknown", device="switch"),
        *port("x:1/f", G, "unknown", lag="Trk1"),
        *port("x:1/Trk1", G, "unknown", kind="lag"),
        *port("x:1/g", G, "uplink"),
        *port("x:1/h", 100 * M, "ap"),
        answered("x:1", "x"),
    ]
    (switch,) = network_of(readings).switches.values()

    assert [one.label for one in switch.ports if one.is_desk] == ["a", "b"]
    assert [one.label for one in switch.ports if one.is_apart] == ["c", "d"]


# --- Ports slower than they could be ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bit_s", "role", "facts", "expected"),
    [
        pytest.param(100 * M, "unknown", {"medium": "copper"}, {Problem.DESK_BELOW_1G}, id="a desk by copper"),
        pytest.param(100 * M, "unknown", {}, {Problem.DESK_BELOW_1G}, id="a desk, medium not told"),
        pytest.param(G, "access", {"medium": "copper"}, set(), id="a desk with a gigabit needs no more"),
        pytest.param(G, "unknown", {}, {Problem.BELOW_PORT}, id="a fast slot, nothing known of it"),
        pytest.param(100 * M, "access", {"device": "camera"}, set(), id="a camera needs no more"),
        pytest.param(100 * M, "ap", {"device": "ap"}, {Problem.BELOW_PORT}, id="an access point"),
        pytest.param(G, "unknown", {"medium": "fibre"}, {Problem.SLOWER_THAN_CAGE}, id="fibre"),
        pytest.param(G, "uplink", {}, {Problem.SLOWER_THAN_CAGE}, id="an uplink"),
        pytest.param(G, "unknown", {"lag": "Trk1"}, {Problem.SLOWER_THAN_CAGE}, id="a member of an aggregate"),
        pytest.param(
            100 * M,
            "access",
            {"medium": "fibre"},
            {Problem.SLOWER_THAN_CAGE, Problem.DESK_BELOW_1G},
            id="a desk by fibre",
        ),
    ],
)
def test_slower_than_it_could_be(bit_s: int, role: str, facts: dict[str, int | str], expected: set[Problem]) -> None:
    """Transceivers are to be checked only where there can be some; a desk's cable is the desk's step."""
    readings = port("x:1/a", bit_s, role, cage_bit_s=10 * G, **facts)
    (one,) = network_of([*readings, answered("x:1", "x")]).switches["x:1"].ports

    assert set(of_port(one)) == expected


def test_a_refusal_is_no_silence() -> None:
    """A port where nothing listens has its own step, and no community travelled there."""
    found = {one.problem for one in problems(network_of([answered(DIST, "d", failure="refused", snmp="2c")]))}

    assert found == {Problem.SNMP_REFUSED}


def test_a_switch_that_fell_silent_had_answered() -> None:
    """Whoever told some ports was asked rightly: the step is not about the community."""
    readings = [*port(f"{DIST}/a", G), answered(DIST, "d", failure="timed_out", snmp="3")]

    assert {one.problem for one in problems(network_of(readings))} == {Problem.CUT_SHORT}
