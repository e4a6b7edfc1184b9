"""Is a port called what the evidence says, and is the evidence kept?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from probes._switch.found import SwitchFound
from probes._switch.links import links_of
from probes._switch.model import Device, Kind
from probes._switch.roles import PortRole, Role, cores_of, roles_of
from tests.probes.switch.drawn import group, neighbour, port, subject, switch


def role(*heard: Any, ports: Any = None, **more: Any) -> PortRole:
    """The role of port 1 of a switch that stands alone."""
    one = switch(1, ports or (port(1, "g1"),), *heard, **more)
    return roles_of(one, links_of([one]))[1]


def hears(device: Device) -> Any:
    """A neighbour of this kind on port 1."""
    return neighbour(1, 9, "p", device=device)


@pytest.mark.parametrize(
    ("device", "value", "score"),
    [
        (Device.SWITCH, Role.UPLINK, 65),
        (Device.ROUTER, Role.UPLINK, 60),
        (Device.AP, Role.AP, 85),
        (Device.PHONE, Role.ACCESS, 85),
        (Device.CAMERA, Role.ACCESS, 85),
        (Device.STATION, Role.ACCESS, 80),
        (Device.UNKNOWN, Role.UNKNOWN, 0),
    ],
)
def test_neighbours_alone(device: Device, value: Role, score: int) -> None:
    """One switch alone: what announces itself behind a port says what the port is for."""
    found = role(hears(device))

    assert (found.value, found.score, found.device) == (value, score, device)


@pytest.mark.parametrize(
    ("more", "value", "score"),
    [
        ({"stations": {1: 25}, "vlans": {1: 4}}, Role.UPLINK, 40),
        ({"stations": {1: 25}, "vlans": {1: 1}}, Role.UNKNOWN, 0),
        ({"root_port": 1}, Role.UPLINK, 45),
        ({"root_port": 1, "stations": {1: 25}, "vlans": {1: 4}}, Role.UPLINK, 50),
        ({"stations": {1: 3}}, Role.ACCESS, 30),
        ({"stations": {1: 4}}, Role.UNKNOWN, 0),
        ({"default_ports": frozenset({1})}, Role.WAN, 50),
        ({"wan": ("g1",)}, Role.WAN, 100),
        ({}, Role.UNKNOWN, 0),
    ],
    ids=["many", "many in one VLAN", "root", "root and many", "few", "some", "default route", "declared", "nothing"],
)
def test_what_is_learned(more: dict[str, Any], value: Role, score: int) -> None:
    """Without a neighbour, addresses, the spanning tree and the default route give weaker evidence."""
    found = role(**more)

    assert (found.value, found.score) == (value, score)


@pytest.mark.parametrize(
    ("alias", "more", "value"),
    [
        ("uplink:c4900m", {}, Role.UPLINK),
        ("上联核心", {}, Role.UPLINK),
        ("to core 1", {}, Role.UPLINK),
        ("uplink", {"stations": {1: 2}}, Role.UNKNOWN),
        ("uplink", {"stations": {1: 9}}, Role.UPLINK),
        ("出口-电信", {}, Role.WAN),
        ("ISP", {"default_ports": frozenset({1})}, Role.WAN),
        ("WAN", {"root_port": 1}, Role.UPLINK),
        ("score board", {}, Role.UNKNOWN),
        ("cable to the van", {}, Role.UNKNOWN),
    ],
)
def test_words(alias: str, more: dict[str, Any], value: Role) -> None:
    """What is written on a port decides only where nothing speaks against it."""
    assert role(ports=(port(1, "g1", alias=alias),), **more).value is value


def test_words_against_a_neighbour() -> None:
    """A phone behind a port that is called uplink is a phone."""
    assert role(hears(Device.PHONE), ports=(port(1, "g1", alias="uplink"),)).value is Role.ACCESS


BEHIND = {
    "a switch and stations": ([Device.SWITCH, Device.STATION, Device.STATION], Role.UPLINK, 65),
    "a switch and access points": ([Device.AP, Device.SWITCH, Device.AP, Device.AP], Role.UPLINK, 65),
    "many access points": ([Device.AP] * 3, Role.UPLINK, 86),
    "an access point behind another": ([Device.AP] * 2, Role.AP, 85),
    "many stations": ([Device.STATION] * 5, Role.ACCESS, 80),
    "a telephone and its computer": ([Device.PHONE, Device.STATION], Role.ACCESS, 90),
}


@pytest.mark.parametrize(("devices", "value", "score"), BEHIND.values(), ids=BEHIND)
def test_several_behind_one_port(devices: list[Device], value: Role, score: int) -> None:
    """Beside a switch nothing else says what a port is for, and the same word twice does not count twice."""
    heard = [neighbour(1, 10 + number, "p", device=device) for number, device in enumerate(devices)]
    found = role(*heard)

    assert (found.value, found.score) == (value, score)


def test_words_beside_the_name() -> None:
    """What a switch shows of a description in ifDescr, after the port's name, counts as a description."""
    assert role(ports=(port(1, "gei-0/1/0/1", descr="gei-0/1/0/1 uplink-library"),)).value is Role.UPLINK
    assert role(ports=(port(1, "gei-0/1/0/1", descr="gei-0/1/0/1"),)).value is Role.UNKNOWN


@pytest.mark.parametrize("alias", ["Route-Aggregation2 Interface", "to Bridge-Aggregation 12", "Eth-Trunk 3"])
def test_the_name_of_an_aggregate_is_no_description(alias: str) -> None:
    """What the switch itself writes on an aggregate does not call it an uplink."""
    assert role(ports=(port(1, "g1", alias=alias),)).value is Role.UNKNOWN


def test_a_port_that_is_down() -> None:
    """A port that is down has no role, unless the school declared it."""
    down = (port(1, "g1", oper=2, alias="uplink"),)

    assert (role(ports=down).value, role(ports=down, wan=("g1",)).value) == (Role.UNKNOWN, Role.WAN)


def test_stack() -> None:
    """A stack port, and a port that hears its own switch, join a stack."""
    assert role(ports=(port(1, "StackPort1", kind=Kind.STACK),)).value is Role.STACK
    assert role(neighbour(1, 1, "g2")).value is Role.STACK


def test_an_aggregate_and_its_members() -> None:
    """What is known of a member holds for its aggregate, and the other way round."""
    ports = (port(1, "x1", lag=100), port(2, "x2", lag=100), group(100, "Po1", (1, 2)))
    one = switch(1, ports, neighbour(2, 9, "p"), root_port=100)

    assert {found.value for found in roles_of(one, links_of([one])).values()} == {Role.UPLINK}


def pair(confirmed: bool = True, **more: Any) -> Sequence[SwitchFound]:
    """Two switches joined at their first ports, in two buildings."""
    first = switch(1, (port(1, "g1"),), neighbour(1, 2, "g1"), place="main/a/1", **more)
    heard = (neighbour(1, 1, "g1"),) if confirmed else ()
    return [first, switch(2, (port(1, "g1"),), *heard, place="main/b/1")]


@pytest.mark.parametrize(("confirmed", "score"), [(True, 90), (False, 65)])
def test_between_buildings(confirmed: bool, score: int) -> None:
    """A link between switches in two buildings is a building link at both ends, with less score where one end is silent."""
    both = pair(confirmed)
    found = [roles_of(one, links_of(both))[1] for one in both]

    assert [(one.value, one.score) for one in found] == [(Role.BUILDING, score)] * 2


def test_the_evidence_is_kept() -> None:
    """What a role was decided from stays with it, in words."""
    both = pair()

    assert roles_of(both[0], links_of(both))[1].evidence == (
        f"link to {subject(2)} (confirmed: both)",
        "joins main/a and main/b",
    )


def test_a_link_to_the_core() -> None:
    """A link of a core switch within one building is a core link."""
    both = [
        switch(1, (port(1, "g1"),), neighbour(1, 2, "g1"), core=True),
        switch(2, (port(1, "g1"),), neighbour(1, 1, "g1")),
    ]
    links = links_of(both)

    assert roles_of(both[1], links, cores_of(both, links))[1].value is Role.CORE


def test_a_contradicted_link() -> None:
    """A port whose neighbour is belied has no role by that."""
    one, two, three = (
        switch(1, (port(1, "g1"),), neighbour(1, 2, "g1")),
        switch(2, (port(1, "g1"),), neighbour(1, 3, "g1")),
        switch(3, (port(1, "g1"),), neighbour(1, 2, "g1")),
    )

    assert roles_of(one, links_of([one, two, three]))[1].value is Role.UNKNOWN


def star(*roots: int) -> Sequence[SwitchFound]:
    """Switch 1 in the middle of 2 and 3; those that are the root of a spanning tree."""
    ports = (port(1, "g1"), port(2, "g2"))
    return [
        switch(1, ports, neighbour(1, 2, "g1"), neighbour(2, 3, "g1"), is_root=1 in roots),
        switch(2, ports, neighbour(1, 1, "g1"), is_root=2 in roots),
        switch(3, ports, neighbour(1, 1, "g2"), is_root=3 in roots),
    ]


def test_the_core_is_inferred() -> None:
    """Where the school declares none, the switch with links to most others is the core; that nobody declared it is told on the map."""
    switches = star(2)

    assert cores_of(switches, links_of(switches)) == {subject(1)}


def test_no_core() -> None:
    """Two switches that are alike have no core."""
    both = pair()

    assert cores_of(both, links_of(both)) == frozenset()


@pytest.mark.parametrize(
    ("devices", "announced"),
    [
        pytest.param((Device.PHONE,), (Device.PHONE,), id="one"),
        pytest.param(
            (Device.PHONE, Device.STATION), (Device.PHONE, Device.STATION), id="a telephone and what is behind it"
        ),
        pytest.param((Device.AP, Device.AP), (Device.AP,), id="two of one kind"),
        pytest.param((Device.PHONE, Device.SWITCH), (), id="a telephone behind a switch"),
        pytest.param((Device.UNKNOWN,), (), id="one that does not say"),
        pytest.param((), (), id="nobody"),
    ],
)
def test_what_announced_itself(devices: tuple[Device, ...], announced: tuple[Device, ...]) -> None:
    """Kept is which devices say themselves what they are; behind a switch they say nothing of this port."""
    assert (
        role(*(neighbour(1, 9 + number, "p", device=one) for number, one in enumerate(devices))).announced == announced
    )


def test_what_is_heard_over_the_command_line() -> None:
    """A telephone that only the command line shows explains the few addresses, whatever is written on the port."""
    phone = replace(neighbour(1, 9, "p", device=Device.PHONE), by="cli")
    found = role(phone, ports=(port(1, "g1", alias="uplink"),), stations={1: 2})

    assert (found.value, "few addresses speak against its description" in found.evidence) == (Role.ACCESS, False)
