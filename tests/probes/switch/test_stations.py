"""Are stations counted on the right port, each once, and do their addresses stay inside?"""

from __future__ import annotations

from typing import Any

import pytest

from probes._switch.stations import bridge_port, identity_macs, learned_on, stations_of, vlans_of
from tests.probes.switch.drawn import drawn, port

PORTS = (port(10, "g1"), port(11, "g2"))
BASE = {"1": 10, "2": 11, "3": 99}
PC, PRINTER, SWITCH = "2.0.0.0.0.1", "2.0.0.0.0.2", "2.0.0.0.0.9"


def counted(fdb: dict[str, int], column: str = "dot1qTpFdbPort", **more: Any) -> dict[int, int]:
    """Stations by port, where bridge port 1 is ifIndex 10."""
    return dict(stations_of(drawn(dot1dBasePortIfIndex=BASE, **{column: fdb}, **more), PORTS))


@pytest.mark.parametrize(
    ("fdb", "expected"),
    [
        ({f"1.{PC}": 1, f"1.{PRINTER}": 1, f"1.{SWITCH}": 2}, {10: 2, 11: 1}),
        ({f"1.{PC}": 1, f"7.{PC}": 1}, {10: 1}),
        ({f"1.{PC}": 0}, {}),
        ({f"1.{PC}": 3}, {}),
        ({f"1.{PC}": 77}, {}),
        ({"1.1.0.94.0.0.1": 1}, {}),
        ({"1.0.0.94.0.1.5": 1}, {}),
        ({"1.0.0.12.7.172.5": 1}, {}),
        ({"1.0.0.0.0.0.0": 1}, {}),
        ({"1.2.0.0.0.0.300": 1}, {}),
    ],
    ids=[
        "two ports",
        "two VLANs",
        "no port",
        "no port of ours",
        "no bridge port",
        "group",
        "VRRP",
        "HSRP",
        "zeros",
        "broken",
    ],
)
def test_counts(fdb: dict[str, int], expected: dict[int, int]) -> None:
    """Each address counts once on the port that its bridge port is; those of no one device do not count."""
    assert counted(fdb) == expected


def test_without_vlans() -> None:
    """Where Q-BRIDGE-MIB shows nothing, BRIDGE-MIB counts."""
    assert counted({PC: 1}, column="dot1dTpFdbPort") == {10: 1}


def test_its_own_addresses() -> None:
    """A switch does not count itself."""
    tables = drawn(
        {"dot1dBaseBridgeAddress": bytes([2, 0, 0, 0, 0, 9])},
        dot1dBasePortIfIndex=BASE,
        dot1qTpFdbPort={f"1.{SWITCH}": 1, f"1.{PC}": 1, f"1.{PRINTER}": 1},
        ifPhysAddress={"10": bytes([2, 0, 0, 0, 0, 2])},
    )

    assert (stations_of(tables, PORTS), len(identity_macs(tables))) == ({10: 1}, 2)


def test_vlans() -> None:
    """In how many VLANs a port has learned anything is counted apart."""
    tables = drawn(dot1dBasePortIfIndex=BASE, dot1qTpFdbPort={f"1.{PC}": 1, f"7.{PC}": 1, f"7.{PRINTER}": 2})

    assert vlans_of(tables, PORTS) == {10: 2, 11: 1}


def test_where_a_known_switch_is() -> None:
    """A known address is found on its one port; one that two ports have learned is not, and no other address is told."""
    tables = drawn(
        dot1dBasePortIfIndex=BASE,
        dot1qTpFdbPort={f"1.{SWITCH}": 2, f"1.{PC}": 1, f"7.{PRINTER}": 1, f"8.{PRINTER}": 2},
    )
    known = {bytes([2, 0, 0, 0, 0, 9]), bytes([2, 0, 0, 0, 0, 2])}

    assert learned_on(tables, PORTS, known) == {bytes([2, 0, 0, 0, 0, 9]): 11}


@pytest.mark.parametrize(
    ("listed", "number", "index"),
    [({"3": 30}, 3, 30), ({"3": 30}, 4, None), ({}, 4, 4), ({"49153": 49153, "49170": 49170}, 18, 49170)],
    ids=["listed", "not listed", "none listed", "counted from a high number"],
)
def test_bridge_ports(listed: dict[str, int], number: int, index: int | None) -> None:
    """A bridge port is what the switch lists; without a list it is an ifIndex, and a list that begins high counts from 1."""
    assert bridge_port(drawn(dot1dBasePortIfIndex=listed), number) == index
