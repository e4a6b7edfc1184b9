"""Are the sums true to the links, and does the map hold what the pages may draw and nothing of stations?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from probes._switch.found import SwitchFound
from probes._switch.links import links_of
from probes._switch.model import Device, Speed, Status
from probes._switch.roles import roles_of
from probes._switch.sums import Sum, backbone, building, core, desktop_share, redundant_share
from probes._switch.topology import proposed_building
from tests.probes.switch.drawn import GIGABIT, TEN, group, map_of, neighbour, port, subject, switch

FAST = GIGABIT // 10
MILLION = 1_000_000


def chain(**more: Any) -> Sequence[SwitchFound]:
    """s1 =10G= s2 -1G- s3; s1 and s2 stand in one building, s3 in another."""
    return [
        switch(1, (port(1, "x1", TEN),), neighbour(1, 2, "x1"), place="main/a/1", core=True),
        switch(
            2,
            (port(1, "x1", TEN), port(2, "g2")),
            neighbour(1, 1, "x1"),
            neighbour(2, 3, "g1"),
            place="main/a/2",
            **more,
        ),
        switch(3, (port(1, "g1"),), neighbour(1, 2, "g2"), place="main/b/1"),
    ]


def interval(figure: Sum) -> tuple[int | None, int | None]:
    """The figure without its facts."""
    return figure.low, figure.high


CORE = frozenset({subject(1)})


def test_minima() -> None:
    """With every link confirmed the slowest of all, of those between buildings and of the core's are exact."""
    links = links_of(chain())

    assert interval(backbone(links)) == interval(building(links)) == (GIGABIT, GIGABIT)
    assert interval(core(links, CORE)) == (TEN, TEN)


@pytest.mark.parametrize("broken", ["silent switch", "one end", "unlisted switch", "inferred speed"])
def test_minima_that_are_bounds(broken: str) -> None:
    """Where something is silent, unconfirmed, unlisted or inferred, the slowest link is an upper bound only."""
    switches = list(chain())
    if broken == "one end":
        switches[2] = switch(3, (port(1, "g1"),))
    if broken == "unlisted switch":
        switches[2] = switch(3, (port(1, "g1"), port(2, "g2")), neighbour(1, 2, "g2"), neighbour(2, 9, "g1"))
    if broken == "inferred speed":
        switches[2] = switch(3, (port(1, "g1", speed=Speed(Status.INFERRED, GIGABIT)),), neighbour(1, 2, "g2"))

    assert interval(backbone(links_of(switches), silent=broken == "silent switch")) == (None, GIGABIT)


def test_no_links() -> None:
    """Where no link was found there is no figure."""
    assert interval(backbone(())) == (None, None)


def test_desks() -> None:
    """Ports of desks that are up count by speed; cameras and phones apart, links, aggregates and access points not at all."""
    ports = (
        port(1, "g1"), port(2, "g2", FAST), port(3, "g3", None), port(4, "g4", oper=2), port(5, "g5", FAST), port(6, "g6", FAST),
        port(7, "g7", TEN), port(8, "g8"), port(9, "g9", lag=10), group(10, "Po1", (9,)), port(11, "g11", GIGABIT // 100),
    )  # fmt: skip
    heard = (
        neighbour(5, 9, device=Device.CAMERA), neighbour(6, 9, device=Device.PHONE), neighbour(7, 9), neighbour(8, 9, device=Device.AP),
    )  # fmt: skip
    one = switch(1, ports, *heard, stations={1: 1, 2: 1})
    figure = desktop_share([(one, roles_of(one, links_of([one])))])

    assert interval(figure) == (250_000, 500_000)
    assert figure.facts == {"up": 4, "gigabit": 1, "at_100": 1, "at_10": 1, "unknown": 1, "cameras": 1, "phones": 1}


@pytest.mark.parametrize(
    ("stations", "bit_s", "expected"),
    [(3, GIGABIT, (MILLION, MILLION)), (200, GIGABIT, (0, MILLION)), (200, FAST, (0, 0))],
    ids=["a few", "many behind a gigabit", "many behind less"],
)
def test_a_port_of_many_is_no_desk(stations: int, bit_s: int, expected: tuple[int, int]) -> None:
    """A gigabit that two hundred stations share proves no desk's gigabit; less than that proves that none has it."""
    one = switch(1, (port(1, "g1", bit_s),), stations={1: stations})

    assert interval(desktop_share([(one, roles_of(one))])) == expected


def ring(closed: bool, silent: bool = False) -> Sequence[SwitchFound]:
    """Three switches in a ring, or the same with one cable missing; `silent`: one cable is told from one end only."""
    ports = (port(1, "g1"), port(2, "g2", oper=1 if closed else 2))
    heard = () if silent else (neighbour(2, 2, "g2"),)
    return [
        switch(1, (port(1, "g1"), port(2, "g2")), neighbour(1, 2, "g1"), neighbour(2, 3, "g1")),
        switch(2, ports, neighbour(1, 1, "g1"), neighbour(2, 3, "g2")),
        switch(3, ports, neighbour(1, 1, "g2"), *heard),
    ]


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        (ring(closed=True), (1_000_000, 1_000_000)),
        (ring(closed=False), (0, 0)),
        (ring(closed=True, silent=True), (0, 1_000_000)),
        (chain(), (0, 0)),
    ],
    ids=["ring", "ring cut", "ring told by half", "chain"],
)
def test_two_ways(switches: Sequence[SwitchFound], expected: tuple[int, int]) -> None:
    """A switch has two ways if it reaches the core whichever cable is cut; a cable told from one end only may count."""
    assert interval(redundant_share(switches, links_of(switches), CORE)) == expected


def test_two_ways_in_an_aggregate() -> None:
    """Two members of one aggregate are two ways."""
    ports = (port(1, "x1", TEN, lag=100), port(2, "x2", TEN, lag=100), group(100, "Po1", (1, 2)))
    both = [switch(at, ports, neighbour(1, 3 - at, "x1"), neighbour(2, 3 - at, "x2")) for at in (1, 2)]

    assert interval(redundant_share(both, links_of(both), CORE)) == (1_000_000, 1_000_000)


def test_no_core_no_share() -> None:
    """Without a core nothing can be said of ways to it."""
    assert interval(redundant_share(chain(), links_of(chain()), frozenset())) == (None, None)


def drawn_map() -> dict[str, Any]:
    """A map with an unlisted switch, an access point, a phone and stations."""
    switches = list(chain(location="教学楼2 301", stations={2: 40}))
    more = (
        neighbour(1, 2, "g2"),
        neighbour(2, 8, "g1", addresses=("10.9.9.8",)),
        neighbour(3, 7, "e0", device=Device.AP),
        neighbour(4, 6, "p", device=Device.PHONE, name="SEP-of-the-head", addresses=("10.9.9.6",)),
    )
    switches[2] = switch(3, tuple(port(at, f"g{at}") for at in range(1, 5)), *more, place="main/b/1")
    return map_of(switches)


def test_the_map() -> None:
    """The map holds switches, links, carrying ports and what is not listed; counts and names, integers and strings."""
    found = drawn_map()

    assert [one["subject"] for one in found["switches"]] == [subject(1), subject(2), subject(3)]
    assert [(one["switch"], one["port"], one["peer"], one["peer_port"], one["bit_s"]) for one in found["links"]] == [
        (subject(1), "x1", subject(2), "x1", TEN),
        (subject(2), "g2", subject(3), "g1", GIGABIT),
        (subject(3), "g2", "", "", GIGABIT),
    ]
    assert [(one["port"], one["role"]) for one in found["ports"]] == [
        ("x1", "core"), ("x1", "core"), ("g2", "building"), ("g1", "building"), ("g2", "uplink"),
    ]  # fmt: skip
    assert [(one["name"], one["device"], one["addresses"]) for one in found["undiscovered"]] == [
        ("s8", "switch", ["10.9.9.8"]), ("s7", "ap", []),
    ]  # fmt: skip
    assert found["stations"] == [{"switch": subject(2), "port": "g2", "count": 40}]


@pytest.mark.parametrize(
    ("declared", "cores"), [(True, ["declared", "no", "no"]), (False, ["no", "inferred", "no"])], ids=["yes", "no"]
)
def test_the_map_says_who_named_the_core(declared: bool, cores: list[str]) -> None:
    """A core that nobody declared is marked as inferred: in the chain the switch in the middle."""
    one, *others = chain()
    switches = [one if declared else replace(one, core=False), *others]

    assert [drawn["core"] for drawn in map_of(switches)["switches"]] == cores


def test_the_map_is_plain() -> None:
    """Nothing in the map but text and whole numbers, and no word of a station."""
    written = json.dumps(drawn_map())

    assert json.loads(written, parse_float=lambda _: pytest.fail("a float")) == drawn_map()
    assert [word for word in ("SEP-of", "10.9.9.6", "null", "true", "02:00:00") if word in written] == []


@pytest.mark.parametrize(
    ("location", "name", "expected"),
    [
        ("教学楼2 301", "", "教学楼2"),
        ("实验楼一层", "", "实验楼"),
        ("Building A, floor 3", "", "Building A"),
        ("bldg-4 room 2", "", "bldg-4"),
        ("", "图书馆-sw1", "图书馆"),
        ("rack 3", "sw1", ""),
    ],
)
def test_a_building_is_proposed(location: str, name: str, expected: str) -> None:
    """What sysLocation or the name says of a building is proposed to a person, and decides nothing."""
    assert proposed_building(location, name) == expected
