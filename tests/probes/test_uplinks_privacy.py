"""
Does anything that names a person's device leave the box?

A made-up switch in whose tables stand a desktop computer, a telephone, a camera, a printer and their addresses, each under a marked
name, beside a switch, a router and an access point. Readings and raw evidence are searched for every mark.
"""

from __future__ import annotations

import json

import pytest

from probes._snmp.exchange import Oid, Value
from probes._switch import mib
from tests.probes.agents import Interface, switch
from tests.probes.face import Answer, probe
from tests.probes.lldp_rows import BRIDGE, PHONE, STATION, chassis, hears, itself
from tests.probes.responder import Table, answering

PORTS = {index: f"ge{index}" for index in range(1, 13)}
ROUTER, WLAN, NOTHING = b"\x08\x00", b"\x30\x00", b"\x00\x00"
PEOPLE: dict[str, tuple[int, bytes]] = {
    "mark-pc-zhang": (1, STATION),
    "mark-phone-li": (2, PHONE),
    "mark-camera-wang": (3, STATION),
    "mark-mute-zhao": (4, NOTHING),
}
EQUIPMENT: dict[str, tuple[int, bytes]] = {"acc1": (5, BRIDGE), "gw": (6, ROUTER), "ap-3f": (7, WLAN)}
CDP_PHONE, CDP_SWITCH, CDP_HOST = (bytes((0, 0, 0, one)) for one in (0x90, 0x28, 0x10))
STATION_MACS = [bytes((0x3C, 0x5A, 0xB4, 0, 7, last)) for last in range(5)]
STATION_ADDRESSES = [f"10.66.7.{last}" for last in (21, 22, 23)]


def rows() -> dict[Oid, Value]:
    """The switch."""
    table = switch(*map(Interface, PORTS.values())) | itself("core", 1, PORTS)
    for number, (name, (local, says)) in enumerate((PEOPLE | EQUIPMENT).items(), start=20):
        table |= hears(local, number, name, f"port-of-{name}", (f"10.66.9.{number}",), says)
    for index in PORTS:
        table[*mib.PORT_DETAILS["ifAlias"], index] = f"mark-alias-{index}".encode()
    for local, name, says in (
        (8, "mark-cdp-phone", CDP_PHONE),
        (9, "mark-cdp-host", CDP_HOST),
        (10, "sw-cdp", CDP_SWITCH),
    ):
        table |= {
            (*mib.CDP["cdpCacheDeviceId"], local, 1): name.encode(),
            (*mib.CDP["cdpCacheDevicePort"], local, 1): b"Port 1",
            (*mib.CDP["cdpCachePlatform"], local, 1): f"platform of {name}".encode(),
            (*mib.CDP["cdpCacheCapabilities"], local, 1): says,
        }
    for number, mac in enumerate(STATION_MACS):
        table[*mib.STATIONS["dot1qTpFdbPort"], 10, *mac] = number + 1
        table[*mib.STATIONS_UNTAGGED["dot1dTpFdbPort"], *mac] = number + 1
        table[*mib.PORT_DETAILS["dot1dBasePortIfIndex"], number + 1] = number + 1
    for mac, address in zip(STATION_MACS, STATION_ADDRESSES, strict=False):
        octets = tuple(map(int, address.split(".")))
        table[*mib.ADDRESSES["ipNetToMediaPhysAddress"], 1, *octets] = mac
        table[*mib.ADDRESSES["ipNetToPhysicalPhysAddress"], 1, 1, 4, *octets] = mac
    return table


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, str]:
    """What one run told, and all that may leave the box as one text."""
    folder = tmp_path_factory.mktemp("left")
    with answering(Table(rows())) as port:
        one = {"host": "127.0.0.1", "port": port, "community": "public"}
        answer = probe("uplinks", {"switches": [one]}, evidence=folder)
    return answer, "\n".join([*map(json.dumps, answer.lines), *(path.read_text() for path in folder.iterdir())]).lower()


def test_the_run_was_complete(left: tuple[Answer, str]) -> None:
    """The switch told all of this, so that there was something to leave out: stations are counted."""
    answer, everything = left
    roles = answer.of("port.role")

    assert (answer.end, answer.errors) == ({"end": "complete"}, "")
    assert sum(line["facts"].get("stations", 0) for line in roles) == len(STATION_MACS), everything[-3000:]


@pytest.mark.parametrize("name", [*PEOPLE, "mark-cdp-phone", "mark-cdp-host", "mark-alias"])
def test_no_name_of_a_person_s_device_leaves(left: tuple[Answer, str], name: str) -> None:
    """Neighbours that are no equipment of the network, and what people wrote beside a port, leave in no form."""
    assert name not in left[1]
    assert name.encode().hex() not in left[1]


@pytest.mark.parametrize("number", range(20, 20 + len(PEOPLE)))
def test_no_address_of_a_person_s_neighbour_leaves(left: tuple[Answer, str], number: int) -> None:
    """Nor do the chassis and the management address that such a neighbour announced."""
    assert [form for form in [*spellings(chassis(number)), f"10.66.9.{number}"] if form in left[1]] == []


@pytest.mark.parametrize("mac", STATION_MACS, ids=bytes.hex)
def test_no_hardware_address_leaves(left: tuple[Answer, str], mac: bytes) -> None:
    """An address learned on a port is in nothing, in any usual spelling."""
    assert [form for form in spellings(mac) if form in left[1]] == []


@pytest.mark.parametrize("address", STATION_ADDRESSES)
def test_no_ip_address_leaves(left: tuple[Answer, str], address: str) -> None:
    """An address of the ARP table is in nothing."""
    assert address not in left[1]


@pytest.mark.parametrize("name", [*EQUIPMENT, "sw-cdp"])
def test_the_network_s_own_devices_are_named(left: tuple[Answer, str], name: str) -> None:
    """Switches, routers and access points are shown by their names, or nobody could find them."""
    assert f'"{name}"' in left[1]


def spellings(mac: bytes) -> list[str]:
    """How people and programs write a hardware address."""
    plain = mac.hex()
    fours = [plain[at : at + 4] for at in (0, 4, 8)]
    return [plain, mac.hex(":"), mac.hex("-"), mac.hex(" "), ".".join(fours), "-".join(fours), ".".join(map(str, mac))]
