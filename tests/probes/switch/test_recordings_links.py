"""What do real switches tell of their neighbours? Recordings, against what another tool made of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from probes._switch.found import SwitchFound, found_of
from probes._switch.links import links_of
from probes._switch.model import Device
from probes._switch.neighbours import neighbours_of
from probes._switch.ports import ports_of
from probes._switch.roles import Role, roles_of
from tests.probes.recorded import RECORDINGS, tables


def found(name: str) -> SwitchFound:
    """The one switch of a recording."""
    read = tables(name)
    ports = ports_of(read)
    return found_of("192.0.2.1:161", read, ports, neighbours_of(read, ports))


def heard(switch: SwitchFound) -> set[tuple[str, str]]:
    """Who is heard where: the port's ifName, and the name or else the first port ID of the other end."""
    return {
        (port.name, neighbour.name or neighbour.description)
        for neighbour in switch.neighbours
        if (port := switch.port(neighbour.local)) is not None
    }


def expected(name: str) -> set[tuple[str, str]]:
    """The same by the other tool."""
    path = RECORDINGS / f"{name}.expected.json"
    if not path.exists():
        pytest.skip(f"what another tool makes of the recordings is not beside this project: no {path.name}")
    links: list[dict[str, Any]] = json.loads(path.read_text())["discovery-protocols"]["discovery"]["links"]
    return {(link["ifName"], link["remote_hostname"]) for link in links}


@pytest.mark.parametrize(("name", "count"), [("ios_2960x", 7), ("procurve", 6), ("vrp_ac6605-26", 2)])
def test_neighbours(name: str, count: int) -> None:
    """Every neighbour that another tool finds is found on the same port; more may be those that tell no name."""
    told, ours = expected(name), heard(found(name))

    assert (len(told), told - ours, {who for _, who in ours - told}) == (
        count,
        set(),
        {""} if name == "procurve" else set(),
    )


def test_a_shared_segment() -> None:
    """Five devices behind one port, in texts that come half in hex: all are told, and no direct link is."""
    switch = found("jetstream_vlans")
    names = {neighbour.name for neighbour in switch.neighbours}
    (port,) = {switch.port(neighbour.local) for neighbour in switch.neighbours}

    assert len(switch.neighbours) == 5
    assert port is not None
    assert re.search(r"1/0/18\b", port.name)
    assert all(name.isprintable() and not name.startswith("“") for name in names)
    assert [(link.local.index, link.shared) for link in links_of([switch])] == [(port.index, True)]


def roles(name: str) -> dict[str, Role]:
    """The role of each port of a recording by its label, where there is one."""
    switch = found(name)
    given = roles_of(switch, links_of([switch]))
    return {port.label: given[port.index].value for port in switch.ports if given[port.index].value is not Role.UNKNOWN}


@pytest.mark.parametrize(
    ("name", "uplinks"),
    [
        ("comware_a5500", {"GigabitEthernet1/0/26"}),
        ("vrp_5720-32x-ei", {"XGigabitEthernet0/0/4"}),
        ("vrp_ac6605-26", {"GigabitEthernet0/0/24"}),
        ("procurve", {"A1", "A2", "Trk1"}),
        ("ios_2960x", {"Gi1/0/52", "Gi3/0/52", "Po1"}),
        ("ruijie_s6150", set()),
    ],
)
def test_uplinks_of_one_switch_alone(name: str, uplinks: set[str]) -> None:
    """One switch read without any other still tells which of its ports lead on."""
    assert {label for label, role in roles(name).items() if role is Role.UPLINK} == uplinks


def test_access_points_of_one_switch_alone() -> None:
    """Access points that announce themselves are told on their ports."""
    assert {label for label, role in roles("ios_2960x").items() if role is Role.AP} == {
        "Gi1/0/3", "Gi1/0/4", "Gi1/0/5", "Gi3/0/3", "Gi3/0/4",
    }  # fmt: skip
    assert [label for label, role in roles("vrp_ac6605-26").items() if role is Role.AP] == ["GigabitEthernet0/0/1"]


def test_an_aggregate_to_one_switch() -> None:
    """Two members that hear one unlisted switch are one link of their aggregate."""
    (link,) = links_of([found("ios_2960x")])

    assert (link.local.label, link.speed.bit_s, link.aggregate_bit_s, link.at_most) == (
        "Po1", 1_000_000_000, 2_000_000_000, True,
    )  # fmt: skip


def test_devices() -> None:
    """Cameras, a phone and a host are no switches, though they speak LLDP."""
    devices = {neighbour.local: neighbour.device for neighbour in found("procurve").neighbours}

    assert devices == {
        27: Device.CAMERA, 31: Device.STATION, 41: Device.CAMERA, 42: Device.CAMERA, 44: Device.PHONE,
        55: Device.SWITCH, 56: Device.SWITCH,
    }  # fmt: skip
