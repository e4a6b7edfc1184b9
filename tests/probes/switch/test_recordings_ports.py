"""What do recordings of real switches give? The truth is section 4.1 of the notes and another program's reading of the same walks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from probes._switch.model import Kind, Status, SwitchPort
from probes._switch.ports import ports_of
from probes._switch.vendors import model_name, vendor_name
from tests.probes.recorded import RECORDINGS, tables

M, G = 10**6, 10**9
NAMES = [
    "vrp_5720-32x-ei",
    "vrp_ac6605-26",
    "comware_a5500",
    "ruijie_s6150",
    "jetstream_vlans",
    "ios_2960x",
    "procurve",
    "swos_css610-8p-2s+",
]


def ports(name: str) -> list[SwitchPort]:
    """What counts of one recording."""
    return list(ports_of(tables(name)))


def up(name: str) -> dict[str, int | None]:
    """The rate of each physical port that is up, by its label."""
    return {port.label: port.speed.bit_s for port in ports(name) if port.up and port.kind is Kind.PHYSICAL}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vrp_5720-32x-ei", (32, 11)),  # 33 interfaces of type Ethernet, of which MEth0/0/1 is for management
        ("vrp_ac6605-26", (27, 3)),  # likewise
        ("comware_a5500", (28, 24)),
        ("ruijie_s6150", (32, 0)),  # 33, of which Mg0 is for management and the only one up
        ("jetstream_vlans", (18, 6)),  # 19, of which one is a VLAN
        ("ios_2960x", (133, 49)),
        ("procurve", (52, 42)),  # 53, of which oobm0 is for management
        ("swos_css610-8p-2s+", (10, 9)),
    ],
)
def test_how_many_ports(name: str, expected: tuple[int, int]) -> None:
    """Physical ports, and those of them that are up."""
    physical = [port for port in ports(name) if port.kind is Kind.PHYSICAL]
    assert (len(physical), sum(port.up for port in physical)) == expected


def test_one_uplink_of_10g() -> None:
    """Of four 10G ports that all tell 10000, the one that is up is credited, beside ten of 1G."""
    rates = up("vrp_5720-32x-ei")
    assert sorted(rates.values(), key=str) == [G] * 10 + [10 * G]
    assert rates["XGigabitEthernet0/0/4"] == 10 * G


def test_ports_that_are_down_are_never_credited() -> None:
    """32 ports that tell 25000 and 100000 while they are down give no rate at all."""
    assert [port.speed.bit_s for port in ports("ruijie_s6150")] == [None] * 32


def test_a_cage_of_10g_at_1g() -> None:
    """Of two SFP+ cages one runs at 10G; the other at 1G, and it is told what it could do."""
    cages = {port.label: (port.speed.bit_s, port.cage_bit_s) for port in ports("swos_css610-8p-2s+")}
    assert (cages["SFP+1"], cages["SFP+2"]) == ((10 * G, None), (G, 10 * G))


@pytest.mark.parametrize(
    ("name", "label", "members", "rates"),
    [
        pytest.param("ios_2960x", "Po1", (10152, 11152), (2 * G, G), id="Po1 typed 53"),
        pytest.param("procurve", "Trk1", (55, 56), (20 * G, 10 * G), id="Trk1"),
    ],
)
def test_aggregates(name: str, label: str, members: tuple[int, ...], rates: tuple[int, int]) -> None:
    """The members are found, their sum is what the switch tells, and each of them names its aggregate."""
    found = ports(name)
    (lag,) = [port for port in found if port.kind is Kind.LAG]
    assert (lag.label, lag.members, lag.speed.status) == (label, members, Status.REPORTED)
    assert (lag.speed.bit_s, lag.largest_bit_s) == rates
    assert tuple(port.index for port in found if port.lag == lag.index) == members


def test_stack_ports_are_apart() -> None:
    """The three stack ports of a Catalyst stack and their halves are stack ports, and nothing else is."""
    stacked = [port.label for port in ports("ios_2960x") if port.kind is Kind.STACK]
    assert stacked == [f"Stack{part}" for s in "123" for part in (f"Port{s}", f"Sub-St{s}-1", f"Sub-St{s}-2")]


def test_cameras_at_100() -> None:
    """Of 42 ports that are up 37 run at 100, most of them cameras, and two at 10000."""
    rates = list(up("procurve").values())
    assert (rates.count(100 * M), rates.count(G), rates.count(10 * G)) == (37, 3, 2)


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("comware_a5500", "GigabitEthernet1/0/26", ("1000_BASE_LX_SFP 1310 nm", "fibre")),
        ("procurve", "A1", ("SFP+LR 1310nm", "fibre")),
        ("procurve", "3", ("", "copper")),
        ("ios_2960x", "Gi1/0/52", ("1000BaseSX SFP", "fibre")),
        ("ios_2960x", "Gi1/0/1", ("", "unknown")),
        ("swos_css610-8p-2s+", "SFP+1", ("", "unknown")),
        ("jetstream_vlans", "gigabitEthernet 1/0/18 : fiber", ("", "fibre")),
    ],
)
def test_what_is_plugged_in(name: str, label: str, expected: tuple[str, str]) -> None:
    """Modules and media where the switch names them, and nothing where it does not."""
    (port,) = [port for port in ports(name) if port.label == label]
    assert (port.transceiver, port.medium) == expected


def expected_ports(name: str) -> dict[int, dict[str, Any]]:
    """What another program made of the same walk, by ifIndex."""
    path = RECORDINGS / f"{name}.expected.json"
    if not path.exists():
        pytest.skip(f"no other program's reading lies beside this recording: {path.name}")
    read = json.loads(path.read_text())["ports"]["poller"]["ports"]
    return {port["ifIndex"]: port for port in read}


@pytest.mark.parametrize("name", NAMES)
def test_against_another_program(name: str) -> None:
    """State and rate of every port that is up are what LibreNMS reads, and what it calls down is down here."""
    found, expected = ports(name), expected_ports(name)
    ours = {port.index: (port.up, port.speed.bit_s) for port in found if port.kind is not Kind.STACK}
    theirs = {index: expected[index]["ifOperStatus"] == "up" for index in ours}
    assert ours == {index: (state, expected[index]["ifSpeed"] if state else None) for index, state in theirs.items()}


@pytest.mark.parametrize("name", NAMES)
def test_no_status_but_reported(name: str) -> None:
    """In these recordings nothing had to be guessed, and no two words disagree."""
    assert {port.speed.status for port in ports(name) if port.up and port.kind is not Kind.STACK} <= {Status.REPORTED}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vrp_5720-32x-ei", ("Huawei", "S5720-32X-EI-24S-AC")),
        ("vrp_ac6605-26", ("Huawei", "AC6605-26-PWR")),
        ("comware_a5500", ("H3C", "JD377A")),
        ("ruijie_s6150", ("Ruijie", "S6150-24VS8CQ-X")),
        ("jetstream_vlans", ("TP-Link", "")),
        ("ios_2960x", ("Cisco", "WS-C2960X-48FPS-L")),
        ("procurve", ("HP", "JL074A")),
        ("swos_css610-8p-2s+", ("MikroTik SwOS", "CSS610-8P-2S+")),
    ],
)
def test_who_made_it(name: str, expected: tuple[str, str]) -> None:
    """Maker and model of each."""
    read = tables(name)
    assert (vendor_name(read), model_name(read)) == expected
