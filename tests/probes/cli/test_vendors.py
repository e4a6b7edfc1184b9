"""Are families known by what they say, ports by any of their names, and is nothing but reading ever on the list?"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import pytest
from pydantic import ValidationError

from probes._cli import Vendor, canonical, speed_bit_s, vendor, vendor_names, vendor_of
from probes._cli.screen import screen
from probes._cli.speeds import duplex, of_mau

M, G = 1_000_000, 1_000_000_000


def table(name: str = "ruijie_os") -> dict[str, Any]:
    """The content of a family's file."""
    return {"name": name, **tomllib.loads(files("probes").joinpath("vendors", f"{name}.toml").read_text("utf-8"))}


@pytest.mark.parametrize(
    ("object_id", "descr", "family"),
    [
        (
            "1.3.6.1.4.1.2011.2.23.339",
            "S5720-32X-EI-AC Huawei Versatile Routing Platform Software VRP (R)",
            "huawei_vrp",
        ),
        (".1.3.6.1.4.1.2011.2.23.339", "", "huawei_vrp"),
        ("1.3.6.1.4.1.2011.2.1.1", "a switch with a web page only", None),
        ("1.3.6.1.4.1.20110.1", "", None),
        ("1.3.6.1.4.1.25506.11.1.1", "H3C Comware Platform Software", "h3c_comware"),
        ("1.3.6.1.4.1.11.2.3.7.11.1", "HP Comware Platform Software", "h3c_comware"),
        ("1.3.6.1.4.1.11.2.3.7.11.1", "ProCurve J9022A", None),
        ("1.3.6.1.4.1.4881.1.1.10", "Ruijie 10G Ethernet Switch", "ruijie_os"),
        ("1.3.6.1.4.1.9.1.1208", "Cisco IOS Software, C2960X", "cisco_ios"),
        ("1.3.6.1.4.1.9.1.1", "Cisco IOS XR Software", None),
        ("1.3.6.1.4.1.3902.3.100", "ZXR10 ROS Version V4.08", "zte_zxros"),
        ("1.3.6.1.4.1.14988.1", "RouterOS CRS328", "mikrotik_routeros"),
        ("1.3.6.1.4.1.14988.2", "CSS610 SwOS", None),
        ("", "RouterOS CRS328", "mikrotik_routeros"),
        ("", "", None),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux RouterOS", None),
    ],
)
def test_a_family_is_known_by_its_object_id(object_id: str, descr: str, family: str | None) -> None:
    """The maker's number decides, and the description must not contradict it; a stranger is no family of ours."""
    found = vendor_of(object_id, descr)

    assert (found.name if found else None) == family


@pytest.mark.parametrize(
    ("family", "one", "other", "same"),
    [
        ("huawei_vrp", "XGE0/0/1", "XGigabitEthernet0/0/1", True),
        ("huawei_vrp", "GE0/0/1", "XGigabitEthernet0/0/1", False),
        ("huawei_vrp", "Eth-Trunk1", "eth-trunk1", True),
        ("huawei_vrp", "40GE1/0/1", "100GE1/0/1", False),
        ("h3c_comware", "BAGG1", "Bridge-Aggregation1", True),
        ("h3c_comware", "XGE1/0/49(R)", "Ten-GigabitEthernet1/0/49", True),
        ("h3c_comware", "XGE1/0/4", "XGE1/0/49", False),
        ("h3c_comware", "GE1/0/1", "M-GigabitEthernet1/0/1", False),
        ("ruijie_os", "Gi0/1", "GigabitEthernet 0/1", True),
        ("ruijie_os", "Ag1", "AggregatePort 1", True),
        ("cisco_ios", "Ten 1/1/1", "TenGigabitEthernet1/1/1", True),
        ("cisco_ios", "Tw1/0/1", "Twe1/0/1", False),
        ("cisco_ios", "Po1", "Port-channel1", True),
        ("zte_zxros", "gei-0/1/1/1", "xgei-0/1/1/1", False),
        ("mikrotik_routeros", "sfp-sfpplus1", "SFP-SFPPLUS1", True),
    ],
)
def test_spellings_of_a_port(family: str, one: str, other: str, same: bool) -> None:
    """Short and long names of one port are the same port, and no two ports are."""
    assert (canonical(vendor(family), one) == canonical(vendor(family), other)) is same


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1000", G), ("10G", 10 * G), ("40Gbps-speed", 40 * G), ("1000Mbps-speed", G), ("Unknown-speed", None),
        ("a-1000", G), ("a-10G", 10 * G), ("auto", None), ("10GE", 10 * G), ("(10M)", 10 * M), ("1Gbps", G),
        ("2.5Gbps", 2_500 * M), ("100M(a)", 100 * M), ("0", None), ("", None), ("1", None), ("99999999999", None),
    ],
)  # fmt: skip
def test_speeds(text: str, rate: int | None) -> None:
    """Every spelling of a rate is read in bit/s; words and rates that no port has are no rate."""
    assert speed_bit_s(text) == rate


@pytest.mark.parametrize(
    ("text", "known"),
    [("a-full", "full"), ("Duplex/half", "half"), ("full-duplex", "full"), ("auto", "unknown"), ("false", "half")],
)
def test_duplex(text: str, known: str) -> None:
    """What runs is told, what is only configured is unknown."""
    assert duplex(text) == known


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("speed(10000)/duplex(Full)", (10 * G, "full")),
        ("Speed(1000)/Duplex(Half)", (G, "half")),
        ("--", (None, "unknown")),
    ],
)
def test_a_peers_rate(text: str, told: tuple[int | None, str]) -> None:
    """OperMau is the neighbour's own rate."""
    assert of_mau(text) == told


@pytest.mark.parametrize(
    "command",
    [
        "reboot", "show version | redirect flash:x", "display current-configuration ; reboot", "show version\nreboot",
        "configure terminal", "/system reboot", "/interface set print", "system-view", "show x > y", " show version",
    ],
)  # fmt: skip
def test_a_command_that_does_more_than_read(command: str) -> None:
    """A file with a command that could change anything is refused."""
    content = table()
    content["questions"]["inventory"]["command"] = command

    with pytest.raises(ValidationError, match="only reads"):
        Vendor.model_validate(content)


def test_a_pager_command_that_is_none() -> None:
    """Only the pager of the session may be switched off."""
    with pytest.raises(ValidationError, match="pager_off"):
        Vendor.model_validate({**table(), "pager_off": ["undo info-center enable"]})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"textfsm": "Value A (\\S+)\n\nStart\n  ^${A} -> Record\n"}, "last rule of every state"),
        ({"textfsm": "Value A (\\S+\n\nStart\n  ^. -> Error\n"}, "does not compile"),
        ({"fields": {"model": "NO_SUCH"}}, "gives no NO_SUCH"),
        ({"template": "ntc"}, "either template"),
        ({"textfsm": ""}, "either template"),
        ({"none": ["("]}, "regular expression"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_question_that_cannot_be_used(change: dict[str, Any], words: str) -> None:
    """What is wrong with a family's file is said when it is loaded."""
    content = table()
    content["questions"]["inventory"] |= change

    with pytest.raises(ValidationError, match=words):
        Vendor.model_validate(content)


def test_every_family_loads() -> None:
    """The six families of this release load, and one that is not there is named."""
    loaded = [vendor(name).title for name in vendor_names()]

    assert len(loaded) == 6
    with pytest.raises(LookupError, match="no vendor 'nokia'"):
        vendor("nokia")


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        ("one\r\ntwo  \r\n", ["one", "two", ""]),
        ("a\r\n  ---- More ----\x1b[42D" + " " * 42 + "\x1b[42Db\r\n", ["a", "b", ""]),
        (" --More-- " + "\x08" * 10 + " " * 10 + "\x08" * 10 + "c", ["c"]),
        ("\x1b[1;31mred\x1b[0m\x1b[K", ["red"]),
        ("教室".encode().decode("latin-1"), ["教室"]),
        ("教室".encode("gb18030").decode("latin-1"), ["教室"]),
        ("\x85\x0c".encode("latin-1").decode("latin-1"), ["�"]),
    ],
    ids=["lines", "vrp pager", "ios pager", "colours", "utf-8", "gb18030", "neither"],
)
def test_screen(raw: str, lines: list[str]) -> None:
    """What was painted over is gone, and text is UTF-8 or else GB18030."""
    assert screen(raw) == lines
