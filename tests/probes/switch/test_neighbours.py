"""Is everybody whom a port hears told once, by his own words and on the right port? Rows written from the MIBs."""

from __future__ import annotations

from typing import Any

import pytest

from probes._switch.devices import Capability, cdp_capabilities, device_of, lldp_capabilities
from probes._switch.model import Device, Neighbour
from probes._switch.neighbours import neighbours_of
from tests.probes.switch.drawn import drawn, port

PORTS = (
    port(10, "GigabitEthernet0/0/1", alias="to hall"),
    port(11, "GigabitEthernet0/0/2", alias="twice"),
    port(12, "GigabitEthernet0/0/3", alias="twice"),
    port(13, "XGigabitEthernet0/0/1"),
)
CHASSIS = bytes.fromhex("020000000009")
TEXT = "02:00:00:00:00:09"


def lldp(index: str = "0.5.1", **more: Any) -> dict[str, dict[str, Any]]:
    """One row of lldpRemTable; a value of None leaves its column out."""
    row = {
        "ChassisIdSubtype": 4,
        "ChassisId": CHASSIS,
        "PortIdSubtype": 5,
        "PortId": "Gi1/0/9",
        "SysName": "far",
        **more,
    }
    return {f"lldpRem{name}": {index: value} for name, value in row.items() if value is not None}


def heard(**columns: Any) -> tuple[Neighbour, ...]:
    """The neighbours of these columns."""
    return neighbours_of(drawn(**columns), PORTS)


def one(**columns: Any) -> Neighbour:
    """The only neighbour of these columns."""
    (neighbour,) = heard(**columns)
    return neighbour


@pytest.mark.parametrize(
    ("columns", "local"),
    [
        ({"lldpLocPortId": {"5": "GigabitEthernet0/0/2"}}, 11),
        ({"lldpLocPortId": {"5": "gi0/0/2"}}, 11),
        ({"lldpLocPortId": {"5": "“GigabitEthern\n65 74 30 2F 30 2F 32 E2 80 9D "}}, 11),
        ({"lldpLocPortId": {"5": "whatever"}, "lldpLocPortDesc": {"5": "GigabitEthernet0/0/3"}}, 12),
        ({"lldpLocPortDesc": {"5": "to hall"}}, 10),
        ({"lldpLocPortDesc": {"5": "twice"}}, None),
        ({"lldpLocPortDesc": {"5": "twice"}, "dot1dBasePortIfIndex": {"5": 12}}, 12),
        ({"lldpLocPortId": {"5": "GigabitEthernet0/0/2"}, "dot1dBasePortIfIndex": {"5": 12}}, 11),
        ({"dot1dBasePortIfIndex": {"5": 12}}, 12),
        ({"lldpLocPortId": {"5": "11"}, "lldpLocPortIdSubtype": {"5": 7}, "dot1dBasePortIfIndex": {"5": 12}}, 11),
        ({"lldpLocPortId": {"5": "5"}, "lldpLocPortIdSubtype": {"5": 7}, "dot1dBasePortIfIndex": {"5": 12}}, 12),
        ({"lldpLocPortId": {"5": "MEth0/0/1"}, "ifName": {"99": "MEth0/0/1"}, "dot1dBasePortIfIndex": {"5": 12}}, None),
        ({"lldpLocPortId": {"5": bytes(5) + b"\7"}, "lldpLocPortIdSubtype": {"5": 3}, "ifPhysAddress": {"12": bytes(5) + b"\7"}}, 12),
        ({}, None),
    ],
    ids=[
        "name", "short name", "half in hex", "description", "alias", "two aliases", "two aliases, base port", "name before base port",
        "base port", "digits are an ifIndex", "digits repeat the number", "management port", "address", "nothing fits",
    ],
)  # fmt: skip
def test_the_local_port(columns: dict[str, Any], local: int | None) -> None:
    """The local port is found by name, by base port, by number; words that name no port, or two, lead nowhere."""
    assert one(**lldp(), **columns).local == local


def test_the_number_as_the_last_resort() -> None:
    """Where nothing is written of a local port its number may be its ifIndex."""
    assert one(**lldp("0.12.1")).local == 12


def test_a_port_that_cannot_be_told_keeps_its_words() -> None:
    """A neighbour without a local port is kept, with what the switch wrote of the port."""
    found = one(**lldp(), lldpLocPortId={"5": "mgmt0"}, ifName={"7": "mgmt0"})

    assert (found.local, found.local_text, found.name) == (None, "mgmt0", "far")


def test_names_of_a_stack() -> None:
    """Where several ports bear the name, the number must tell which; else none is taken."""
    ports = (port(1, "g1", label="g1#1"), port(50, "g1", label="g1#50"))

    def local(index: str) -> int | None:
        return neighbours_of(drawn(**lldp(index), lldpLocPortId={index.split(".")[1]: "g1"}), ports)[0].local

    assert (local("0.50.1"), local("0.7.1")) == (50, None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"SysName": " (G"}, {"name": ""}),
        ({"SysName": ""}, {"name": ""}),
        ({"SysName": None}, {"name": ""}),
        ({"SysName": "“SW-27”"}, {"name": "SW-27"}),
        ({"SysName": '"quoted"'}, {"name": "quoted"}),
        ({"SysName": "教学楼".encode("gb18030")}, {"name": "教学楼"}),
        ({"ChassisId": bytes(6)}, {"chassis": ""}),
        ({"ChassisId": "“02:00:00:00:0\n30 3A 30 39 E2 80 9D "}, {"chassis": TEXT}),
        ({"ChassisId": "0200-0000-0009"}, {"chassis": TEXT}),
        ({"ChassisIdSubtype": 5, "ChassisId": b"\1\x0a\0\0\7"}, {"chassis": "10.0.0.7"}),
        ({"ChassisIdSubtype": 7, "ChassisId": "core"}, {"chassis": "core"}),
        ({"ChassisIdSubtype": None}, {"chassis": TEXT}),
        ({"PortIdSubtype": 3, "PortId": CHASSIS}, {"port_ids": (TEXT,)}),
        ({"PortId": "47 69 31 2F 30 2F 39"}, {"port_ids": ("Gi1/0/9",)}),
        ({"PortId": "0x4769312f302f39"}, {"port_ids": ("Gi1/0/9",)}),
        ({"PortId": "Gi1/0/9\0"}, {"port_ids": ("Gi1/0/9",)}),
        ({"PortId": None, "PortDesc": "uplink"}, {"port_ids": ("uplink",)}),
        ({"PortDesc": "Gi1/0/9"}, {"port_ids": ("Gi1/0/9",)}),
    ],
)
def test_what_a_neighbour_wrote(row: dict[str, Any], expected: dict[str, Any]) -> None:
    """Quotes, hex, scraps and empty identities are cleaned off; a MAC address is one however it is spelled."""
    found = one(**lldp(**row))

    assert {name: getattr(found, name) for name in expected} == expected


def test_rows_in_any_order_of_time() -> None:
    """Of rows that differ by TimeMark only the newest counts, in whatever order they come."""
    columns = {
        "lldpRemSysName": {"900.10.1": "new", "100.10.1": "old", "50.11.2": "other"},
        "lldpRemChassisId": {"900.10.1": "c", "100.10.1": "b", "50.11.2": "a"},
    }

    assert [(found.local, found.name) for found in heard(**columns)] == [(10, "new"), (11, "other")]


@pytest.mark.parametrize("index", ["10", "10.1.1.1"])
def test_rows_of_another_count(index: str) -> None:
    """A table whose rows are numbered as no agent should is not trusted."""
    assert heard(**lldp(index)) == ()


def test_rows_without_a_time_mark() -> None:
    """A table without TimeMark is read, if the local port's name stands in the table of local ports."""
    assert one(**lldp("5.1"), lldpLocPortId={"5": "GigabitEthernet0/0/2"}).local == 11
    assert one(**lldp("11.1")).local is None


@pytest.mark.parametrize(
    ("index", "address"),
    [
        ("1.4.10.0.0.7", "10.0.0.7"),
        ("1.10.0.0.7", "10.0.0.7"),
        ("2.16.253.0" + ".0" * 13 + ".1", "fd00::1"),
        ("1.4.0.0.0.0", ""),
        ("1.4.127.0.0.1", ""),
        ("2.16.254.128" + ".0" * 13 + ".1", ""),
        ("6.6.2.0.0.0.0.9", ""),
        ("1.4.10.0.0", ""),
    ],
)
def test_management_addresses(index: str, address: str) -> None:
    """Addresses stand in the index, with or without their length; those that reach no device are dropped."""
    found = one(**lldp(), lldpRemManAddrIfSubtype={f"0.5.1.{index}": 2})

    assert found.addresses == ((address,) if address else ())


def test_the_other_ends_speed() -> None:
    """The media type that the other end announces is its running speed."""
    assert one(**lldp(), lldpXdot3RemPortOperMauType={"0.5.1": 30}).peer_bit_s == 1_000_000_000


def cdp(index: str = "10.1", **more: Any) -> dict[str, dict[str, Any]]:
    """One row of cdpCacheTable."""
    row = {"DeviceId": "far.example.org", "DevicePort": "GigabitEthernet1/0/9", "Platform": "cisco WS-C3850", **more}
    return {f"cdpCache{name}": {index: value} for name, value in row.items()}


def test_one_device_by_two_protocols() -> None:
    """What LLDP and CDP hear on one port by one name is one neighbour; LLDP's word stands first and CDP's is added."""
    found = one(**lldp("0.10.1"), **cdp(Address=b"\x0a\0\0\7"))

    assert (found.by, found.name, found.port_ids, found.addresses, found.description) == (
        "lldp", "far", ("Gi1/0/9", "GigabitEthernet1/0/9"), ("10.0.0.7",), "cisco WS-C3850",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({"index": "11.1"}, 2),
        ({"DeviceId": "another", "DevicePort": "Gi7"}, 2),
        ({"DeviceId": "another", "DevicePort": "Gi1/0/9"}, 1),
        ({"DeviceId": "far(FOX1234)"}, 1),
    ],
    ids=["another port", "another device", "one port of theirs", "serial number"],
)
def test_two_devices_by_two_protocols(other: dict[str, Any], count: int) -> None:
    """Neighbours on two ports, or of which nothing agrees, are two."""
    assert len(heard(**lldp("0.10.1"), **cdp(**other))) == count


def test_two_rows_of_one_device() -> None:
    """A device that LLDP hears with two of its ports on one of ours is two rows; it may be a bridge of its own in between."""
    columns = {
        name: {**rows, **more}
        for (name, rows), more in zip(lldp("0.10.1").items(), lldp("0.10.2", PortId="Gi2").values(), strict=True)
    }

    assert [found.port_ids for found in heard(**columns)] == [("Gi1/0/9",), ("Gi2",)]


def test_lldp_v2() -> None:
    """LLDP-V2-MIB gives the ifIndex itself."""
    row = {"ChassisIdSubtype": 4, "ChassisId": CHASSIS, "PortIdSubtype": 5, "PortId": "x1", "SysName": "far"}
    found = one(**{f"lldpV2Rem{name}": {"7.12.1.3": value} for name, value in row.items()})

    assert (found.local, found.by, found.chassis, found.port_ids) == (12, "lldp_v2", TEXT, ("x1",))


@pytest.mark.parametrize(
    "columns",
    [
        {
            "lldpNeighborChassisId": {"12.1": TEXT},
            "lldpNeighborPortIdDescr": {"12.1": "Gi1/0/9"},
            "lldpNeighborDeviceName": {"12.1": "far"},
            "lldpNeighborManageIpAddr": {"12.1": b"\x0a\0\0\7"},
            "lldpNeighborCapEnabled": {"12.1": "Bridge Router"},
        },
        {
            "nmsLldpRemLocalPortNum": {"3.12.5": 12},
            "nmsLldpRemChassisIdSubtype": {"3.12.5": 4},
            "nmsLldpRemChassisId": {"3.12.5": CHASSIS},
            "nmsLldpRemPortId": {"3.12.5": "Gi1/0/9"},
            "nmsLldpRemSysName": {"3.12.5": "far"},
            "nmsLldpRemSysCapEnabled": {"3.12.5": b"\x20"},
        },
        {
            "mtxrNeighborMacAddress": {"4": CHASSIS},
            "mtxrNeighborIdentity": {"4": "far"},
            "mtxrNeighborIpAddress": {"4": b"\x0a\0\0\7"},
            "mtxrNeighborPlatform": {"4": "CRS326 Switch"},
            "mtxrNeighborInterfaceID": {"4": 12},
        },
    ],
    ids=["TP-Link", "BDCOM", "MikroTik"],
)
def test_tables_of_vendors(columns: dict[str, Any]) -> None:
    """What a vendor keeps in a table of its own is read into the same form."""
    found = one(**columns)

    assert (found.local, found.by, found.chassis, found.name, found.device) == (
        12,
        "vendor",
        TEXT,
        "far",
        Device.SWITCH,
    )


@pytest.mark.parametrize("index", ["4", "0.0.4"])
def test_routeros_numbers_neighbours_only(index: str) -> None:
    """Where RouterOS gives a neighbour's number and no port, its own table names the interface; LLDP knows the far port."""
    found = one(**lldp(index), mtxrNeighborInterfaceID={"4": 12}, mtxrNeighborMacAddress={"4": CHASSIS})

    assert (found.local, found.by, found.port_ids) == (12, "lldp", ("Gi1/0/9",))


@pytest.mark.parametrize(
    ("octets", "capability"),
    [
        (b"\x28", Capability.BRIDGE | Capability.ROUTER),
        (b"\x04\x00", Capability.TELEPHONE),
        (b"28 2 4", Capability.BRIDGE | Capability.ROUTER),
        (b"00", Capability(0)),
        (b"28 00 2 4", Capability.BRIDGE | Capability.ROUTER),
        (b"Bridge Router", Capability.BRIDGE | Capability.ROUTER),
        (b"42 72 69 64 67 65 20 52 6F 75 74 65 72 1 6 9 10 11", Capability.BRIDGE | Capability.ROUTER),
        (b"", Capability(0)),
    ],
)
def test_capabilities(octets: bytes, capability: Capability) -> None:
    """Capabilities come as BITS, or as what somebody printed of them."""
    assert lldp_capabilities(octets) == capability


NOTHING = Capability(0)
BRIDGE, WLAN, PHONE, STATION, ROUTER = (
    Capability.BRIDGE, Capability.WLAN_AP, Capability.TELEPHONE, Capability.STATION, Capability.ROUTER,
)  # fmt: skip


@pytest.mark.parametrize(
    ("able", "words", "device"),
    [
        (BRIDGE, "", Device.SWITCH),
        (BRIDGE | ROUTER, "", Device.SWITCH),
        (ROUTER, "", Device.ROUTER),
        (BRIDGE | PHONE, "", Device.PHONE),
        (BRIDGE | WLAN, "", Device.AP),
        (BRIDGE | ROUTER | WLAN, "U6-Pro", Device.AP),
        (BRIDGE | STATION, "Linux host 6.1 Debian GNU/Linux 12", Device.STATION),
        (BRIDGE | STATION, "Debian GNU/Linux 10 SONiC Software", Device.SWITCH),
        (BRIDGE, "Ubuntu 22.04", Device.SWITCH),
        (STATION, "AXIS P3245", Device.CAMERA),
        (STATION, "HIKVISION DS-2CD2143", Device.CAMERA),
        (BRIDGE, "Hikvision DS-3E1526 switch", Device.SWITCH),
        (STATION, "", Device.STATION),
        (cdp_capabilities(bytes.fromhex("00000026")), "cisco AIR-AP2702I-UXK9", Device.AP),
        (cdp_capabilities(bytes.fromhex("00000029")), "cisco WS-C3850-12S", Device.SWITCH),
        (cdp_capabilities(bytes.fromhex("00000490")), "Cisco IP Phone 7945", Device.PHONE),
        (NOTHING, "Huawei AP AP7050DN-E", Device.AP),
        (NOTHING, "S5720-56C-PWR-EI-AC Huawei Versatile Routing Platform", Device.SWITCH),
        (NOTHING, "MikroTik RouterOS 6.49", Device.ROUTER),
        (NOTHING, "Yealink SIP-T46", Device.PHONE),
        (NOTHING, "", Device.UNKNOWN),
        (BRIDGE, "VMware ESX", Device.STATION),
        (NOTHING, "RG-AP720-L", Device.AP),
        (NOTHING, "H3C Comware Platform Software S5130 switch", Device.SWITCH),
    ],
)
def test_devices(able: Capability, words: str, device: Device) -> None:
    """A telephone or access point that bridges is no switch; a general purpose host that says it is a station is a host."""
    assert device_of(able, NOTHING, words) is device


def test_a_name_is_no_device() -> None:
    """What somebody called a device counts only where it does not say that it forwards."""
    assert device_of(BRIDGE, NOTHING, "", "AP101") is Device.SWITCH
    assert device_of(NOTHING, NOTHING, "", "AP101") is Device.AP


def test_what_it_could_do_counts_where_nothing_is_enabled() -> None:
    """Capabilities that are enabled count; those supported only where none is."""
    assert device_of(STATION, BRIDGE | ROUTER, "") is Device.STATION
    assert device_of(NOTHING, BRIDGE, "") is Device.SWITCH


def test_a_network_card_that_announces_itself() -> None:
    """A chassis that is the port's own address, with no name and no capability, is some host's network card."""
    assert one(**lldp(PortIdSubtype=3, PortId=CHASSIS, SysName=None)).device is Device.STATION


@pytest.mark.parametrize("capabilities", [0x10, 0x11, 0x31], ids=["wlan", "wlan and station", "and bridge"])
def test_a_laptop_is_no_access_point(capabilities: int) -> None:
    """A wireless card says that it could be an access point; its owner's name and address must not leave for that."""
    able = Capability(capabilities)

    assert device_of(able, able, "Ubuntu 22.04.4 LTS Linux 6.5.0 x86_64", "zhangsan-thinkpad") is Device.STATION
