"""Which interfaces count, and what is known of each? Rows written from the MIBs, in the ways of many vendors."""

from __future__ import annotations

import pytest

from probes._switch.model import Kind
from probes._switch.ports import ports_of
from probes._switch.vendors import model_name, vendor_name
from tests.probes.switch.drawn import drawn
from tests.probes.switch.interfaces import Row, one, read, shown

M, G = 10**6, 10**9
PHYSICAL, LAG, STACK = Kind.PHYSICAL, Kind.LAG, Kind.STACK

COUNTS: dict[str, tuple[Row, Kind | None]] = {
    "ethernetCsmacd": (Row("GigabitEthernet0/0/1"), PHYSICAL),
    "fastEther": (Row("Fa0/1", 100, if_type=62), PHYSICAL),
    "fastEtherFX": (Row("Fa0/1", 100, if_type=69), PHYSICAL),
    "gigabitEthernet": (Row("Gi0/1", if_type=117), PHYSICAL),
    "down": (Row("Gi0/1", oper=2), PHYSICAL),
    "a number is a name (HP)": (Row("1"), PHYSICAL),
    "A1 (HP)": (Row("A1"), PHYSICAL),
    "1/1/1 (Aruba CX)": (Row("1/1/1"), PHYSICAL),
    "port1 (FortiSwitch)": (Row("port1"), PHYSICAL),
    "ether1 (RouterOS)": (Row("ether1"), PHYSICAL),
    "ether2-VLAN20 (RouterOS, named by a person)": (Row("ether2-VLAN20"), PHYSICAL),
    "Ethernet0 (SONiC)": (Row("Ethernet0", 100_000), PHYSICAL),
    "port1.0.1 (Allied Telesis)": (Row("port1.0.1"), PHYSICAL),
    "swp1 (Cumulus)": (Row("swp1"), PHYSICAL),
    "0/1 with words in ifDescr (EdgeSwitch, UniFi)": (
        Row("0/1", descr="Slot: 0 Port: 1 Gigabit - Level 0x6050001"),
        PHYSICAL,
    ),
    "a person's words in ifDescr": (Row("port7", descr="Management of the canteen"), PHYSICAL),
    "notPresent: phantom of a stack (ciscosb)": (Row("gi2/1/1", oper=6), None),
    "notPresent aggregate (ciscosb)": (Row("Po8", oper=6, if_type=161), None),
    "Vlan-interface254 typed 6 (TP-Link)": (Row("Vlan-interface254", 0), None),
    "Vlan-interface254 typed 6, in ifDescr only": (Row("254", 0, descr="Vlan-interface254"), None),
    "VLAN 1 typed 6 (ZyXEL)": (Row("VLAN 1"), None),
    "Vlanif1": (Row("Vlanif1", if_type=53), None),
    "DEFAULT_VLAN": (Row("DEFAULT_VLAN"), None),
    "loopback": (Row("LoopBack0", if_type=24), None),
    "InLoopBack0": (Row("InLoopBack0"), None),
    "NULL0": (Row("NULL0"), None),
    "Tunnel1": (Row("Tunnel1"), None),
    "Register-Tunnel0": (Row("Register-Tunnel0"), None),
    "MEth0/0/1 (Huawei)": (Row("MEth0/0/1"), None),
    "M-GigabitEthernet0/0/0 (H3C)": (Row("M-GigabitEthernet0/0/0"), None),
    "Mg0 (Ruijie)": (Row("Mg0", descr="Mgmt 0"), None),
    "mgmt0": (Row("mgmt0"), None),
    "Management1 (Arista)": (Row("Management1"), None),
    "me0 (Juniper)": (Row("me0"), None),
    "oobm0 (HP)": (Row("oobm0", descr="Out Of Band Management Port"), None),
    "System (D-Link)": (Row("System"), None),
    "CPU in ifDescr (Netgear)": (Row("0/5/1", descr="CPU Interface for Slot: 5 Port: 1"), None),
    "internal (FortiSwitch)": (Row("internal"), None),
    "br0": (Row("br0"), None),
    "Wlan-Radio0/0/0 (Huawei)": (Row("Wlan-Radio0/0/0"), None),
    "Virtual-Template0": (Row("Virtual-Template0"), None),
    "ath0 (UniFi AP)": (Row("ath0", 0), None),
    "AppGigabitEthernet1/0/1 (Catalyst 9300)": (Row("Ap1/0/1", descr="AppGigabitEthernet1/0/1"), None),
    "a sub-interface": (Row("GigabitEthernet0/0/1.100"), None),
    "a sub-interface of Linux": (Row("eth0.10"), None),
    "a unit of Juniper": (Row("ge-0/0/0.0", if_type=53), None),
    "a unit of an aggregate": (Row("ae0.0", if_type=161), None),
    "ieee8023adLag": (Row("3/1", 2000, if_type=161), LAG),
    "Eth-Trunk1 typed 6 (old Huawei)": (Row("Eth-Trunk1", 2000), LAG),
    "Bridge-Aggregation1 (H3C)": (Row("Bridge-Aggregation1", 2000, if_type=161), LAG),
    "BAGG1": (Row("BAGG1", 2000), LAG),
    "RAGG1": (Row("RAGG1", 2000), LAG),
    "Route-Aggregation1": (Row("Route-Aggregation1", 2000), LAG),
    "AggregatePort typed 53 (Ruijie)": (Row("Ag1", 2000, if_type=53, descr="AggregatePort 1"), LAG),
    "Po1 typed 53 (Cisco)": (Row("Po1", 2000, if_type=53, descr="Port-channel1"), LAG),
    "PortChannel0001 (SONiC)": (Row("PortChannel0001", if_type=161), LAG),
    "Trk1 typed 54 (HP)": (Row("Trk1", 2000, if_type=54), LAG),
    "LAG1 (TP-Link)": (Row("LAG1", 2000), LAG),
    "lag1 (Aruba CX)": (Row("lag1", 2000, if_type=161), LAG),
    "smartgroup1 (ZTE)": (Row("smartgroup1", 2000, if_type=54), LAG),
    "bond0 (Linux)": (Row("bond0", 2000), LAG),
    "bonding1 (RouterOS)": (Row("bonding1", 10_000, if_type=161), LAG),
    "ae0 (Juniper)": (Row("ae0", 2000, if_type=161), LAG),
    "Eth-Trunk1.100": (Row("Eth-Trunk1.100"), None),
    "StackPort1 typed 53 (Cisco)": (Row("StackPort1", 0, if_type=53), STACK),
    "StackSub-St1-1": (Row("StackSub-St1-1", 0, if_type=53), STACK),
    "a stack port typed 6": (Row("Stack-Port0/1", 10_000), STACK),
}


@pytest.mark.parametrize(("row", "kind"), COUNTS.values(), ids=COUNTS)
def test_what_counts(row: Row, kind: Kind | None) -> None:
    """An interface counts as a port, an aggregate, a stack port or not at all."""
    assert {port.kind for port in ports_of(shown({1: row}))} == ({kind} if kind else set())


def test_without_a_plug() -> None:
    """A port that has no connector, where others have one, is inside the switch; where none has one, it says nothing."""
    some = read({1: Row("1", plug=1), 2: Row("2", plug=2)})
    none = read({1: Row("1", plug=2), 2: Row("2", plug=2)})

    assert (list(some), list(none)) == ([1], [1, 2])


def test_an_aggregate_has_no_plug() -> None:
    """That an aggregate has no connector does not make it a phantom."""
    assert list(read({1: Row("Gi1/0/1", plug=1), 2: Row("Po1", plug=2, if_type=53)})) == [1, 2]


def test_phantoms_of_a_stack() -> None:
    """Of 400 ports that a stack lists for units that are not there, none counts."""
    rows = {index: Row(f"gi{index // 50}/0/{index % 50}", 1000, oper=1 if index < 50 else 6) for index in range(1, 450)}
    assert len(read(rows)) == 49


def test_order_and_labels() -> None:
    """Ports come by ifIndex; a name that two counted interfaces share, or none, gets its index."""
    rows = {
        30: Row("1"),
        4: Row("1"),
        9: Row("", descr="Port 3"),
        11: Row(""),
        12: Row("2"),
        13: Row("2", if_type=24),
    }
    assert [port.label for port in ports_of(shown(rows))] == ["1#4", "Port 3", "#11", "2", "1#30"]


def test_a_state_that_is_not_told() -> None:
    """A port without ifOperStatus stays in the list, and has no rate."""
    port = one(Row("Gi1/0/1", oper=None))
    assert (port.oper, port.up, port.speed.bit_s) == (None, False, None)


@pytest.mark.parametrize("oper", [2, 3, 4, 5, 7])
def test_no_state_but_up_has_a_rate(oper: int) -> None:
    """Down, testing, unknown, dormant and lowerLayerDown have no rate, whatever is told."""
    port = one(Row("XGE1/0/1", 10_000, 4_294_967_295, oper=oper), dot3StatsDuplexStatus={1: 2})
    assert (port.speed.bit_s, port.cage_bit_s, port.duplex) == (None, None, "unknown")


CAGES: dict[str, tuple[Row, int | None]] = {
    "3f SFP+2 runs at 1G": (Row("SFP+2", 1000), 10 * G),
    "3f Te1/1/1 runs at 1G": (Row("Te1/1/1", 1000), 10 * G),
    "3f a 25G port runs at 10G": (Row("TF0/1", 10_000), 25 * G),
    "3f a gigabit port runs at 100M": (Row("Gi1/0/1", 100), G),
    "runs at what it can do": (Row("SFP+1", 10_000), None),
    "the name says nothing": (Row("Ethernet1/1", 1000), None),
    "the rate is unknown": (Row("Te1/1/1", 0), None),
}


@pytest.mark.parametrize(("row", "expected"), CAGES.values(), ids=CAGES)
def test_what_the_cage_can_do(row: Row, expected: int | None) -> None:
    """A port that runs below what its name says is told so; the running rate stands."""
    assert one(row).cage_bit_s == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param({"dot3StatsDuplexStatus": {1: 3}}, "full", id="full"),
        pytest.param({"dot3StatsDuplexStatus": {1: 2}}, "half", id="half at 1G is shown"),
        pytest.param({"dot3StatsDuplexStatus": {1: 1}}, "unknown", id="1 is unknown and no fault"),
        pytest.param({}, "unknown", id="not told"),
        pytest.param({"hwEthernetDuplex": {1: 1}}, "full", id="Huawei full"),
        pytest.param({"hwEthernetDuplex": {1: 2}}, "half", id="Huawei half"),
        pytest.param({"dot3StatsDuplexStatus": {1: 1}, "hwEthernetDuplex": {1: 2}}, "half", id="Huawei where 1"),
        pytest.param({"dot3StatsDuplexStatus": {1: 3}, "hwEthernetDuplex": {1: 2}}, "full", id="the standard first"),
        pytest.param({"ifMauType": {"1.1": (1, 3, 6, 1, 2, 1, 26, 4, 29)}}, "half", id="by the media type"),
    ],
)
def test_duplex(columns: dict[str, dict[int, int]], expected: str) -> None:
    """3f: full and half are told apart, and unknown is not half."""
    assert one(Row("port1"), **columns).duplex == expected


def mau(*numbers: int) -> dict[str, tuple[int, ...]]:
    """ifMauType rows of port 1."""
    return {f"1.{place}": (1, 3, 6, 1, 2, 1, 26, 4, number) for place, number in enumerate(numbers, 1)}


def test_media_type_of_a_port() -> None:
    """ifMauType names the kind of Ethernet, its medium, and contradicts another rate."""
    port = one(Row("port1", 10_000), ifMauType=mau(24))
    assert (port.mau, port.medium, port.speed.status, port.speed.bit_s) == ("1000BASE-LX", "fibre", "conflict", G)


def test_a_port_of_two_sockets() -> None:
    """Where a port shows two media types of different rates, neither says what it runs at."""
    port = one(Row("port1", 1000), ifMauType=mau(30, 18))
    assert (port.mau, port.speed.status) == ("", "reported")


IF_INDEX = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
MODULES: dict[str, tuple[dict[str, dict[str, object]], tuple[str, str]]] = {
    "H3C by wavelength": (
        {"hh3cTransceiverType": {"1": "10G_BASE_LR_SFP"}, "hh3cTransceiverWaveLength": {"1": 1310}},
        ("10G_BASE_LR_SFP 1310 nm", "fibre"),
    ),
    "H3C copper module": (
        {"hh3cTransceiverType": {"1": "1000_BASE_T_AN_SFP"}, "hh3cTransceiverWaveLength": {"1": 2**31 - 1}},
        ("1000_BASE_T_AN_SFP", "copper"),
    ),
    "H3C direct attach": ({"hh3cTransceiverType": {"1": "SFP_PLUS_CABLE"}}, ("SFP_PLUS_CABLE", "copper")),
    "HP": (
        {"hpicfXcvrType": {"1": "SFP+LR"}, "hpicfXcvrWavelength": {"1": "1310nm"}},
        ("SFP+LR 1310nm", "fibre"),
    ),
    "Huawei by entity": (
        {
            "entAliasMappingIdentifier": {"67.0": (*IF_INDEX, 1)},
            "hwEntityOpticalMode": {"67": 2},
            "hwEntityOpticalWaveLength": {"67": 1310},
            "hwEntityOpticalVenderPn": {"67": "RTXM228-702"},
        },
        ("RTXM228-702 1310 nm", "fibre"),
    ),
    "Huawei without a mode": (
        {
            "entAliasMappingIdentifier": {"67.1": (*IF_INDEX, 1)},
            "hwEntityOpticalMode": {"67": 5},
            "hwEntityOpticalWaveLength": {"67": 0},
            "hwEntityOpticalVenderPn": {"67": "ABC-1"},
        },
        ("ABC-1", "unknown"),
    ),
    "Huawei port type": ({"hwEthernetPortType": {"1": 2}}, ("", "copper")),
    "ENTITY: the port itself (Cisco)": (
        {"entAliasMappingIdentifier": {"9.0": (*IF_INDEX, 1)}, "entPhysicalDescr": {"9": "1000BaseSX SFP"}},
        ("1000BaseSX SFP", "fibre"),
    ),
    "ENTITY: the module in the port": (
        {
            "entAliasMappingIdentifier": {"9.0": (*IF_INDEX, 1)},
            "entPhysicalContainedIn": {"9": 1, "10": 9},
            "entPhysicalDescr": {"9": "Port", "10": "SFP-10GBase-LR"},
        },
        ("SFP-10GBase-LR", "fibre"),
    ),
    "ENTITY: the module that the port is in": (
        {
            "entAliasMappingIdentifier": {"9.0": (*IF_INDEX, 1)},
            "entPhysicalContainedIn": {"9": 8},
            "entPhysicalDescr": {"9": "Port", "8": "10GBASE-SR SFP+ 850nm"},
        },
        ("10GBASE-SR SFP+ 850nm", "fibre"),
    ),
    "ENTITY: a card of many ports says nothing": (
        {
            "entAliasMappingIdentifier": {"9.0": (*IF_INDEX, 1), "10.0": (*IF_INDEX, 2)},
            "entPhysicalContainedIn": {"9": 8, "10": 8},
            "entPhysicalDescr": {"8": "24-port 1000BASE-T"},
        },
        ("", "unknown"),
    ),
    "ENTITY: a copper port (HP)": (
        {"entAliasMappingIdentifier": {"9.0": (*IF_INDEX, 1)}, "entPhysicalDescr": {"9": "HP 100/1000BASE-T Port"}},
        ("", "copper"),
    ),
    "a part number is no medium": (
        {"entAliasMappingIdentifier": {"9.0": (*IF_INDEX, 1)}, "entPhysicalDescr": {"9": "GigabitEthernet Container"}},
        ("", "unknown"),
    ),
}


@pytest.mark.parametrize(("columns", "expected"), MODULES.values(), ids=MODULES)
def test_what_is_plugged_in(columns: dict[str, dict[str, object]], expected: tuple[str, str]) -> None:
    """Rows written from the MIBs: the module is named where a table names it, the medium where its words tell it."""
    port = one(Row("port1"), **columns)
    assert (port.transceiver, port.medium) == expected


@pytest.mark.parametrize(
    ("name", "medium"),
    [("gigabitEthernet 1/0/1 : copper", "copper"), ("gigabitEthernet 1/0/17 : fiber", "fibre"), ("fibre1", "unknown")],
)
def test_a_name_that_tells_the_medium(name: str, medium: str) -> None:
    """TP-Link writes the medium behind the name; nothing is read out of other names."""
    assert one(Row(name)).medium == medium


MAKERS = {
    "Huawei": (2011, 2, 23, 294),
    "H3C": (25506, 11, 1, 24),
    "Ruijie": (4881, 1, 1, 10, 1, 863),
    "FS": (52642, 1),
    "ZTE": (3902, 3, 100),
    "Cisco": (9, 1, 1208),
    "MikroTik RouterOS": (14988, 1),
    "MikroTik SwOS": (14988, 2),
    "TP-Link": (11863, 5, 72),
    "HP/Aruba": (11, 2, 3, 7, 11, 181),
    "HP": (11, 2, 3, 7, 8, 5, 2),
    "Aruba": (14823, 1),
    "D-Link": (171, 10),
    "ZyXEL": (890, 1, 5),
    "DCN": (6339, 1),
    "FiberHome": (3807, 1),
    "BDCOM": (3320, 1),
    "Hikvision": (50001, 1),
    "net-snmp": (8072, 3, 2, 10),
    "Ubiquiti": (41112, 1, 6),
    "": (999_999, 1),
}


@pytest.mark.parametrize(("maker", "number"), MAKERS.items(), ids=MAKERS)
def test_who_made_it(maker: str, number: tuple[int, ...]) -> None:
    """Step 1: the longest known prefix of sysObjectID names the maker."""
    assert vendor_name(drawn({"sysObjectID": (1, 3, 6, 1, 4, 1, *number)})) == maker


@pytest.mark.parametrize(
    ("described", "model"),
    [
        ("S5720-32X-EI-24S-AC\r\nHuawei Versatile Routing Platform Software", "S5720-32X-EI-24S-AC"),
        ("H3C Comware Software, Version 7.1.070, Release 6126P20\r\nH3C S5130S-28P-EI", "S5130S-28P-EI"),
        ("Ruijie Full 25G Routing Switch(S6150-24VS8CQ-X) By Ruijie Networks", "S6150-24VS8CQ-X"),
        ("Juniper Networks, Inc. ex2300-c-12p Ethernet Switch, kernel JUNOS 18.1R3-S6.1", "ex2300-c-12p"),
        ("JetStream 16-Port Gigabit L2 Managed Switch with 2 SFP Slots", ""),
        ("Linux lab 6.1.0-13-amd64 #1 SMP Debian 6.1.55-1 x86_64", ""),
        ("", ""),
    ],
)
def test_which_model_by_its_description(described: str, model: str) -> None:
    """Without a chassis, the first word of sysDescr that looks like a model; nothing where none does."""
    assert model_name(drawn({"sysDescr": described.encode()})) == model


def test_which_model_by_its_chassis() -> None:
    """The chassis of the ENTITY-MIB goes before the description."""
    classes, models = {1: 11, 2: 3, 3: 9}, {2: "WS-C2960X", 3: "GLC-SX"}
    switch = drawn({"sysDescr": b"C2960X-UNIVERSALK9"}, entPhysicalClass=classes, entPhysicalModelName=models)
    assert model_name(switch) == "WS-C2960X"


@pytest.mark.parametrize("words", ["Vlan20 office", "system room", "bridge room"])
def test_what_people_wrote_makes_no_port_virtual(words: str) -> None:
    """Where ifDescr repeats ifAlias it is what people wrote: it decides nothing."""
    (found,) = ports_of(shown({1: Row("1/1/3", 100, descr=words, alias=words)}))

    assert (found.kind, found.speed.bit_s) == (PHYSICAL, 100_000_000)


@pytest.mark.parametrize("number", [2**53, 2**64 - 1, 2**80, -1])
def test_numbers_that_no_gauge_holds(number: int) -> None:
    """A rate that its object cannot carry is no rate, and nothing of it is too large to be told."""
    (found,) = ports_of(shown({1: Row("GE1", number)}))

    assert found.speed.bit_s is None
    assert all(one is None or one < 2**32 for one in found.told)
