"""Are two ports called joined only where both switches, or what they have learned, say so? Switches drawn by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes._switch.links import links_of
from probes._switch.model import Device, Kind, Speed, Status
from probes._switch.wording import mac_of
from tests.probes.switch.drawn import GIGABIT, TEN, ends, group, mac, neighbour, port, subject, switch

FAST = GIGABIT // 10
A = (port(1, "g1"), port(2, "g2"), port(3, "g3"))


def test_both_ends() -> None:
    """Where each end names the other's port there is one link, both-confirmed, under the first switch of the list."""
    links = links_of([switch(1, A, neighbour(1, 2, "g2")), switch(2, A, neighbour(2, 1, "g1"))])

    assert ends(links) == [("s1/g1", "s2/g2", "both")]
    assert (links[0].speed, links[0].at_most, links[0].by) == (Speed(Status.REPORTED, GIGABIT), False, "lldp")


def test_one_end_silent() -> None:
    """Where the other end hears nobody the link is confirmed from one end; its port is known, and so are both speeds."""
    links = links_of([switch(1, A), switch(2, A, neighbour(2, 1, "g1"))])

    assert (ends(links), links[0].at_most) == ([("s2/g2", "s1/g1", "one")], False)


def test_no_end_speaks() -> None:
    """Without LLDP and without learned addresses there is no link."""
    assert links_of([switch(1, A), switch(2, A)]) == ()


@pytest.mark.parametrize(
    ("said", "theirs"),
    [
        ("GigabitEthernet1/0/1", "Gi1/0/1"),
        ("Gi1/0/1", "GigabitEthernet1/0/1"),
        ("Ten-GigabitEthernet1/0/1", "XGE1/0/1"),
        ("10GE1/0/1", "XGigabitEthernet1/0/1"),
        ("bridge1/ether5", "ether5"),
        ("“ether5”".strip("“”"), "ETHER5"),
        ("1/0/18", "gigabitEthernet 1/0/18 : copper"),
        ("GigabitEthernet1/0/18", "gigabitEthernet 1/0/18 : copper"),
        ("Te1/1/1", "TenGigabitEthernet1/1/1"),
        ("Eth1/1", "Ethernet1/1"),
    ],
)
def test_names_of_one_port(said: str, theirs: str) -> None:
    """A port may be named long or short, with a bridge before it or its medium behind it."""
    other = (port(7, theirs), port(8, "Vlan1"))
    links = links_of([switch(1, A, neighbour(1, 2, said)), switch(2, other, neighbour(7, 1, "g1"))])

    assert ends(links) == [("s1/g1", f"s2/{theirs}", "both")]


@pytest.mark.parametrize("said", ["XGE1/0/1", "1", "g1x", "GigabitEthernet1/0/11"])
def test_names_that_are_not_bent(said: str) -> None:
    """Words that name another kind of port, or part of a name, name no port; the switch alone is known then."""
    links = links_of([switch(1, A, neighbour(1, 2, said)), switch(2, (port(7, "GE1/0/1"),))])

    assert ends(links) == [("s1/g1", "", "one")]
    assert (links[0].peer_subject, links[0].at_most) == (subject(2), True)


def test_contradicted() -> None:
    """A says B, but B says C: A's word is no link and a conflict, the one that both tell is."""
    links = links_of(
        [
            switch(1, A, neighbour(1, 2, "g2")),
            switch(2, A, neighbour(2, 3, "g3")),
            switch(3, A, neighbour(3, 2, "g2")),
        ]
    )

    assert ends(links) == [("s1/g1", "s2/g2", "none"), ("s2/g2", "s3/g3", "both")]
    assert (links[0].speed.status, links[0].against) == (Status.CONFLICT, "the other port hears s3")


def test_the_other_port_names_another() -> None:
    """Where the far port names another port of ours than the one that hears it, neither word makes a link."""
    links = links_of([switch(1, A, neighbour(1, 2, "g2")), switch(2, A, neighbour(2, 1, "g3"))])

    assert {confirmed for _, _, confirmed in ends(links)} == {"none"}
    assert links[0].against == "the other port names another port"


def test_two_that_name_one_port() -> None:
    """Two switches that both hear one silent port reach it through something unseen: neither link is direct."""
    links = links_of([switch(1, A, neighbour(1, 3, "g1")), switch(2, A, neighbour(1, 3, "g1")), switch(3, A)])

    assert ends(links) == [("s1/g1", "s3/g1", "none"), ("s2/g1", "s3/g1", "none")]


def test_an_unmanaged_switch_between() -> None:
    """A port that hears two switches has something unseen behind it: no link to either, and a mark on the port."""
    links = links_of(
        [
            switch(1, A, neighbour(1, 2, "g1"), neighbour(1, 3, "g1")),
            switch(2, A, neighbour(1, 1, "g1"), neighbour(1, 3, "g1")),
            switch(3, A),
        ]
    )

    assert (ends(links), [link.shared for link in links]) == (
        [("s1/g1", "", "none"), ("s2/g1", "", "none")],
        [True, True],
    )


def test_a_phone_and_a_switch_on_a_port() -> None:
    """Stations that announce themselves beside a switch change nothing."""
    phone = neighbour(1, 9, device=Device.PHONE, name="", chassis="")
    links = links_of([switch(1, A, phone, neighbour(1, 2, "g2")), switch(2, A, neighbour(2, 1, "g1"))])

    assert ends(links) == [("s1/g1", "s2/g2", "both")]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"chassis": ""}, ("s1/g1", "s2/g2", "both")),
        ({"chassis": "", "name": "S2.example.edu.cn"}, ("s1/g1", "s2/g2", "both")),
        ({"name": ""}, ("s1/g1", "s2/g2", "both")),
        ({"chassis": "", "name": "", "addresses": ("10.0.0.2",)}, ("s1/g1", "s2/g2", "both")),
        ({"chassis": "", "name": "Switch"}, ("s1/g1", "", "one")),
        ({"chassis": "02:00:00:00:00:99"}, ("s1/g1", "", "one")),
    ],
    ids=["name", "domain", "chassis", "address", "factory name", "another chassis"],
)
def test_who_the_neighbour_is(more: dict[str, Any], found: tuple[str, str, str]) -> None:
    """A switch is known by chassis, name or address; a name that its chassis ID belies, or that makers give, is nobody's."""
    other = switch(2, A, neighbour(2, 1, "g1"), addresses=frozenset({"10.0.0.2"}))

    assert ends(links_of([switch(1, A, neighbour(1, 2, "g2", **more)), other]))[0] == found


@pytest.mark.parametrize("said", ["MEth0/0/1", "mgmt0", "M-GigabitEthernet0/0/0", "fxp0", "Management1"])
def test_a_management_port(said: str) -> None:
    """A switch that is heard by its management port is not joined there."""
    assert links_of([switch(1, A, neighbour(1, 2, said)), switch(2, A)]) == ()


def test_beyond_the_way_out() -> None:
    """What is heard on the declared way out is not the school's: no link with an unknown end."""
    assert links_of([switch(1, A, neighbour(1, 9, "p", device=Device.ROUTER), wan=("g1",))]) == ()


def test_two_switches_of_one_name() -> None:
    """A name that two listed switches bear is neither's."""
    heard = neighbour(1, 2, "g1", chassis="")
    links = links_of([switch(1, A, heard), switch(2, A, sys_name="s2"), switch(3, A, sys_name="s2")])

    assert [(link.peer_subject, link.neighbour) for link in links] == [("", "s2")]


def test_a_switch_that_hears_itself() -> None:
    """A loop, or a box that borrows the switch's name: no link to itself, but something that nobody listed."""
    links = links_of([switch(1, A, neighbour(1, 1, "g2"))])

    assert [(link.local.label, link.peer, link.at_most) for link in links] == [("g1", None, True)]


@pytest.mark.parametrize("down", [1, 2])
def test_down_ports(down: int) -> None:
    """A port that is down has no link, whatever is remembered of its neighbour."""
    here = (port(1, "g1", oper=2 if down == 1 else 1),)
    there = (port(2, "g2", oper=2 if down == 2 else 1),)

    assert links_of([switch(1, here, neighbour(1, 2, "g2")), switch(2, there, neighbour(2, 1, "g1"))]) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "announced", "speed", "at_most"),
    [
        (TEN, TEN, None, (TEN, "reported"), False),
        (TEN, GIGABIT, None, (GIGABIT, "conflict"), False),
        (TEN, TEN, GIGABIT, (GIGABIT, "conflict"), False),
        (TEN, None, None, (TEN, "reported"), True),
        (None, None, None, (None, "unknown"), False),
    ],
    ids=["agree", "differ", "announced", "one end", "neither"],
)
def test_speed(
    ours: int | None, theirs: int | None, announced: int | None, speed: tuple[Any, str], at_most: bool
) -> None:
    """A link runs at the lower of what its ends tell; a difference is a conflict, one end alone an upper bound."""
    first = switch(1, (port(1, "x1", ours),), neighbour(1, 2, "x1", peer_bit_s=announced))
    link = links_of([first, switch(2, (port(1, "x1", theirs),), neighbour(1, 1, "x1"))])[0]

    assert ((link.speed.bit_s, str(link.speed.status)), link.at_most) == (speed, at_most)


def test_the_worse_end_counts() -> None:
    """A speed that one end had to be helped to is no better on the link."""
    helped = port(1, "x1", speed=Speed(Status.INFERRED, TEN))
    link = links_of(
        [switch(1, (port(1, "x1", TEN),), neighbour(1, 2, "x1")), switch(2, (helped,), neighbour(1, 1, "x1"))]
    )[0]

    assert link.speed.status is Status.INFERRED


BUNDLED = (port(1, "x1", TEN, lag=100), port(2, "x2", TEN, lag=100), group(100, "Po1", (1, 2)))


@pytest.mark.parametrize(
    ("first", "second", "aggregate"),
    [
        (((1, "x1"), (2, "x2")), ((1, "x1"), (2, "x2")), 2 * TEN),
        (((1, "Po1"), (2, "Po1")), ((1, "Po1"), (2, "Po1")), 2 * TEN),
        (((1, "x1"), (2, "x2")), (), 2 * TEN),
        (((1, "x1"), (2, "x2")), ((1, "x1"),), TEN),
        (((100, "Po1"),), ((100, "Po1"),), 2 * TEN),
    ],
    ids=["members", "members name the aggregate", "one end silent", "one member confirmed", "aggregates"],
)
def test_aggregates(first: Any, second: Any, aggregate: int) -> None:
    """Links between members of two aggregates are one: its speed is a member's, the sum of what is confirmed stands apart."""
    switches = [
        switch(1, BUNDLED, *(neighbour(local, 2, name) for local, name in first)),
        switch(2, BUNDLED, *(neighbour(local, 1, name) for local, name in second)),
    ]
    links = links_of(switches)

    assert ends(links) == [("s1/Po1", "s2/Po1", "both" if second else "one")]
    assert (links[0].speed.bit_s, links[0].aggregate_bit_s) == (TEN, aggregate)


def test_an_aggregate_to_two_switches() -> None:
    """Members of one aggregate that lead to two switches are links of their own."""
    links = links_of(
        [
            switch(1, BUNDLED, neighbour(1, 2, "g1"), neighbour(2, 3, "g1")),
            switch(2, (port(1, "g1", TEN),), neighbour(1, 1, "x1")),
            switch(3, (port(1, "g1", TEN),), neighbour(1, 1, "x2")),
        ]
    )

    assert ends(links) == [("s1/x1", "s2/g1", "both"), ("s1/x2", "s3/g1", "both")]


def test_one_subject_a_link() -> None:
    """Two links never begin at one end: an aggregate that leads to two aggregates is told by its members."""
    links = links_of(
        [
            switch(1, BUNDLED, neighbour(1, 2, "x1"), neighbour(2, 3, "x1")),
            switch(2, BUNDLED, neighbour(1, 1, "x1")),
            switch(3, BUNDLED, neighbour(1, 1, "x2")),
        ]
    )

    assert ends(links) == [("s1/x1", "s2/x1", "both"), ("s1/x2", "s3/x1", "both")]


def test_a_member_that_is_contradicted() -> None:
    """A member whose other end is belied stands beside the link of its aggregate, not in it."""
    links = links_of(
        [
            switch(1, BUNDLED, neighbour(1, 2, "x1"), neighbour(2, 2, "x2")),
            switch(2, BUNDLED, neighbour(1, 1, "x1"), neighbour(2, 3, "g1")),
            switch(3, A),
        ]
    )

    assert [end for end in ends(links) if end[0].startswith("s1")] == [
        ("s1/x2", "s2/x2", "none"),
        ("s1/Po1", "s2/Po1", "both"),
    ]


def test_a_ring() -> None:
    """Three switches in a ring have three links, told once each."""
    links = links_of(
        [
            switch(1, A, neighbour(1, 2, "g2"), neighbour(2, 3, "g1")),
            switch(2, A, neighbour(2, 1, "g1"), neighbour(1, 3, "g2")),
            switch(3, A, neighbour(1, 1, "g2"), neighbour(2, 2, "g1")),
        ]
    )

    assert ends(links) == [("s1/g1", "s2/g2", "both"), ("s1/g2", "s3/g1", "both"), ("s2/g1", "s3/g2", "both")]


def test_a_neighbour_that_names_no_port() -> None:
    """Where one end cannot name the other's port (MikroTik), the other end's word for both settles it."""
    links = links_of([switch(1, A, neighbour(1, 2)), switch(2, A, neighbour(2, 1, "g1"))])

    assert ends(links) == [("s1/g1", "s2/g2", "both")]


def test_neither_names_a_port() -> None:
    """Two switches that name each other and no ports have one link, which is not confirmed from both ends."""
    assert ends(links_of([switch(1, A, neighbour(1, 2)), switch(2, A, neighbour(2, 1))])) == [("s1/g1", "s2/g2", "one")]


@pytest.mark.parametrize(
    ("device", "count"),
    [(Device.SWITCH, 1), (Device.ROUTER, 1), (Device.AP, 0), (Device.PHONE, 0), (Device.UNKNOWN, 1)],
)
def test_who_is_not_listed(device: Device, count: int) -> None:
    """A switch or router that is on no list is a link with an unknown end, and so is what does not say what it is; others are none."""
    links = links_of([switch(1, A, neighbour(1, 9, "g1", device=device))])

    assert ([link.peer for link in links], [link.at_most for link in links]) == ([None] * count, [True] * count)


def learned(number: int, **on: int) -> dict[bytes, int]:
    """On which port a switch has learned the addresses of others: `s2=1`."""
    assert number
    return {mac_of(mac(int(name[1:]))): index for name, index in on.items()}


@pytest.mark.parametrize(
    ("first", "second", "third", "expected"),
    [
        ({"s2": 1}, {"s1": 2}, {}, [("s1/g1", "s2/g2", "fdb")]),
        ({"s2": 1}, {}, {}, []),
        (
            {"s2": 1, "s3": 1},
            {"s1": 1, "s3": 2},
            {"s1": 1, "s2": 1},
            [("s1/g1", "s2/g1", "fdb"), ("s2/g2", "s3/g1", "fdb")],
        ),
        ({"s2": 1, "s3": 1}, {"s1": 1, "s3": 1}, {}, []),
        ({"s2": 1}, {"s1": 1}, {"s1": 1, "s2": 2}, []),
    ],
    ids=[
        "next to each other",
        "one has learned nothing",
        "a chain",
        "both see a third there",
        "a third sees both apart",
    ],
)
def test_learned_addresses(first: Any, second: Any, third: Any, expected: list[tuple[str, str, str]]) -> None:
    """Without LLDP two switches are joined if each has learned the other on one port and no third stands between."""
    told = [switch(at, A, learned=learned(at, **on)) for at, on in enumerate((first, second, third), 1)]

    assert ends(links_of(told)) == expected


def test_learned_addresses_behind_a_neighbour() -> None:
    """Where a port hears a switch that is not listed, a listed one learned there stands behind that."""
    links = links_of(
        [switch(1, A, neighbour(1, 9, "g1"), learned=learned(1, s2=1)), switch(2, A, learned=learned(2, s1=1))]
    )

    assert ends(links) == [("s1/g1", "", "one")]


def test_stack_ports() -> None:
    """A stack port is no end of a link."""
    stack = (port(1, "StackPort1", kind=Kind.STACK),)

    assert (
        links_of([switch(1, stack, neighbour(1, 2, "StackPort1")), switch(2, stack, neighbour(1, 1, "StackPort1"))])
        == ()
    )


@pytest.mark.parametrize(
    ("stations", "count"),
    [({1: 1}, 0), ({1: 2}, 1), ({}, 1)],
    ids=["one device", "more than one", "nobody tells how many"],
)
def test_what_does_not_say_what_it_is(stations: dict[int, int], count: int) -> None:
    """A neighbour that announces the least that LLDP allows may be a switch, unless it alone is learned on the port."""
    quiet = replace(switch(1, A, neighbour(1, 9, "g1", device=Device.UNKNOWN)), stations=stations)

    assert len(links_of([quiet])) == count
