"""Does every question of every family read its transcripts, and refuse what it does not know?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.model import Failure, Unmeasurable
from probes._cli import CliAp, CliDevice, CliLag, CliNeighbour, CliNetwork, CliPort, Row, parse, vendor, vendor_names
from tests.probes.cli.device import TRANSCRIPTS

M, G = 1_000_000, 1_000_000_000
MANIFEST = tomllib.loads((Path(__file__).parent / "manifest.toml").read_text("utf-8"))
QUESTIONS = [(family, question) for family in vendor_names() for question in vendor(family).questions]
EXPECTED: dict[tuple[str, str], list[Row]] = {
    ("huawei_vrp", "interfaces"): [
        CliPort("Eth-Trunk1", True, None, "unknown", "to-core"),
        CliPort("GigabitEthernet0/0/1", True, G, "full", "教室 301"),
        CliPort("GigabitEthernet0/0/2", True, 100 * M, "half"),
        CliPort("GigabitEthernet0/0/3", False),
        CliPort("GigabitEthernet0/0/4", False),
        CliPort("XGigabitEthernet0/0/1", True, 10 * G, "full", "uplink:core"),
        CliPort("XGigabitEthernet0/0/2", True, G, "full"),
    ],
    ("huawei_vrp", "lags"): [
        CliLag("Eth-Trunk1", ("XGigabitEthernet0/0/1", "XGigabitEthernet0/0/2"), ("XGigabitEthernet0/0/1",)),
        CliLag("Eth-Trunk2", *[("GigabitEthernet0/0/23", "GigabitEthernet0/0/24")] * 2),
    ],
    ("huawei_vrp", "neighbours"): [
        CliNeighbour(
            "XGigabitEthernet0/0/1", "core-1", "Ten-GigabitEthernet1/0/5", ("bridge", "router"), 10 * G, "full"
        ),
        CliNeighbour("GigabitEthernet0/0/1", "ap-301", "eth0", ("wlan",)),
    ],
    ("huawei_vrp", "inventory"): [CliDevice("S5735-L24T4X-A Routing Switch", "S5735 V200R019C10SPC500")],
    ("huawei_vrp", "aps"): [
        CliAp("ap-301", "AirEngine5760", "up", "nor", "0200-5e00-5370", "", 12, "default"),
        CliAp("教学楼 302", "AirEngine5760", "down", "fault", "0200-5e00-5380", "", 0, "default"),
        CliAp("ap-303", "AirEngine5760", "standby", "stdby", "0200-5e00-5390", "", 0, "default"),
        CliAp("ap-304", "AirEngine5760", "down", "vmiss", "0200-5e00-53a0", "", 0, "default"),
    ],
    ("huawei_vrp", "networks"): [
        CliNetwork("0200-5E00-5370", "ap-301", "school", "0", True),
        CliNetwork("0200-5E00-5378", "ap-301", "school teachers", "1", True),
        CliNetwork("0200-5E00-5380", "教学楼 302", "school", "0", False),
    ],
    ("h3c_comware", "interfaces"): [
        CliPort("Bridge-Aggregation1", True, 20 * G, "full", "to-core"),
        CliPort("GigabitEthernet1/0/1", True, 100 * M, "half", "GigabitEthernet1/0/1 Interface"),
        CliPort("GigabitEthernet1/0/2", False, None, "unknown", "GigabitEthernet1/0/2 Interface"),
        CliPort("Ten-GigabitEthernet1/0/49", True, 10 * G, "full", "上联 核心"),
        CliPort("Ten-GigabitEthernet1/0/50", False, None, "unknown", "Ten-GigabitEthernet1/0/50 Interface"),
    ],
    ("h3c_comware", "lags"): [
        CliLag("Bridge-Aggregation1", ("XGE1/0/49", "XGE1/0/50"), ("XGE1/0/49",)),
        CliLag("Bridge-Aggregation2", *[("GE1/0/23", "GE1/0/24")] * 2),
    ],
    ("h3c_comware", "neighbours"): [
        CliNeighbour(
            "Ten-GigabitEthernet1/0/49", "core-1", "XGigabitEthernet0/0/5", ("bridge", "router"), 10 * G, "full"
        ),
        CliNeighbour("GigabitEthernet1/0/3", "ap-101", "eth0", ("wlan",)),
        CliNeighbour("GigabitEthernet1/0/3", "phone-7", "", ("telephone",)),
    ],
    ("h3c_comware", "aps"): [
        CliAp("ap-101", "WA6320", "up", "R/M"),
        CliAp("ap-102", "WA6320", "down", "I"),
        CliAp("ap-103", "WA6320", "standby", "R/B"),
    ],
    ("h3c_comware", "ap_addresses"): [
        CliAp("ap-101", mac="0200-5e00-5401"),
        CliAp("ap-102", mac="N/A"),
        CliAp("ap-103", mac="0200-5e00-5403"),
    ],
    ("h3c_comware", "networks"): [
        CliNetwork("0200-5e00-5410", "ap-101", "学校", "1"),
        CliNetwork("0200-5e00-5420", "ap-101", "guests", "2"),
    ],
    ("ruijie_os", "interfaces"): [
        CliPort("GigabitEthernet 0/1", True, G, "full"),
        CliPort("GigabitEthernet 0/2", True, 100 * M, "half"),
        CliPort("GigabitEthernet 0/3", False),
        CliPort("GigabitEthernet 0/4", False),
        CliPort("TenGigabitEthernet 0/49", True, 10 * G, "full"),
        CliPort("TenGigabitEthernet 0/50", True, G, "full"),
        CliPort("AggregatePort 1", True, 11 * G, "full"),
    ],
    ("ruijie_os", "lags"): [CliLag("Ag1", ("Te0/49", "Te0/50")), CliLag("Ag2", ("Gi0/23",))],
    ("ruijie_os", "neighbours"): [
        CliNeighbour(
            "TenGigabitEthernet 0/49", "core-1", "TenGigabitEthernet 1/5", ("bridge", "router"), 10 * G, "full"
        ),
        CliNeighbour("GigabitEthernet 0/1", "ap-11", "", ("wlan",)),
        CliNeighbour("GigabitEthernet 0/1", "ap-12", "", ("wlan",)),
    ],
    ("ruijie_os", "inventory"): [CliDevice("RG-S5750C-28GT4XS-H", "S5750C_RGOS 11.4(1)B12P11")],
    ("ruijie_os", "aps"): [
        CliAp("0200.5e00.5501", state="up", told="Run", mac="0200.5e00.5501"),
        CliAp("教学楼 202", state="down", told="Quit", mac="0200.5e00.5502"),
    ],
    ("cisco_ios", "interfaces"): [
        CliPort("Gi1/0/1", True, G, "full", "room 301"),
        CliPort("Gi1/0/2", True, 100 * M, "half"),
        CliPort("Gi1/0/3", False),
        CliPort("Gi1/0/4", False),
        CliPort("Te1/1/1", True, 10 * G, "full", "uplink core"),
        CliPort("Te1/1/2", True, G, "full"),
        CliPort("Po1", True, G, "full", "to core"),
    ],
    ("cisco_ios", "lags"): [
        CliLag("Po1", ("Te1/1/1", "Te1/1/2"), ("Te1/1/1",)),
        CliLag("Po2", *[tuple(f"Gi1/0/{number}" for number in range(20, 25))] * 2),
    ],
    ("cisco_ios", "neighbours"): [
        CliNeighbour("Te1/1/1", "core-1.school.example", "Te1/0/5", ("bridge", "router")),
        CliNeighbour("Gi1/0/1", "ap-41", "eth0", ("wlan",)),
    ],
    ("cisco_ios", "neighbours_cdp"): [
        CliNeighbour(
            "TenGigabitEthernet1/1/1", "core-1.school.example", "TenGigabitEthernet1/0/5", ("router", "bridge", "igmp")
        ),
        CliNeighbour("GigabitEthernet1/0/1", "ap-41", "GigabitEthernet0", ("bridge",)),
    ],
    ("cisco_ios", "inventory"): [CliDevice("WS-C2960X-48FPD-L", "V05")],
    ("cisco_ios", "aps"): [
        CliAp("ap-41", "C9120AXI-H", "up", "Registered", "0200.5e00.5601", "0200.5e00.5610"),
        CliAp("ap-42", "C9120AXI-H", "down", "Downloading", "0200.5e00.5602", "0200.5e00.5620"),
    ],
    ("zte_zxros", "interfaces"): [
        CliPort("gei-0/1/1/1", True, G, "full", "none"),
        CliPort("gei-0/1/1/2", True, 100 * M, "half", "room 302"),
        CliPort("gei-0/1/1/3", False, None, "unknown", "none"),
        CliPort("xgei-0/1/2/1", True, 10 * G, "full", "to-core"),
    ],
    ("zte_zxros", "lags"): [CliLag("smartgroup1", ("xgei-0/1/2/1", "xgei-0/1/2/2"), ("xgei-0/1/2/1",))],
    ("zte_zxros", "neighbours"): [
        CliNeighbour("xgei-0/1/2/1", "core-1", "xgei-0/1/1/5", ("bridge", "router")),
        CliNeighbour("gei-0/1/1/2", "ap-51", "", ("wlan",)),
    ],
    ("mikrotik_routeros", "interfaces"): [
        CliPort("ether1", True, G, "full"),
        CliPort("ether2-room", True, 100 * M, "half"),
        CliPort("ether3", False),
        CliPort("sfp-sfpplus1", True, 10 * G, "full"),
    ],
    ("mikrotik_routeros", "lags"): [CliLag("bonding1", ("sfp-sfpplus1", "sfp-sfpplus2"))],
    ("mikrotik_routeros", "neighbours"): [
        CliNeighbour("sfp-sfpplus1", "core-1", "Ten-GigabitEthernet1/0/6", ("bridge", "router")),
        CliNeighbour("ether2-room", "ap-61", "eth0", ("wlan",)),
    ],
}


def text_of(family: str, question: str) -> str:
    """The main transcript of a question."""
    return (TRANSCRIPTS / family / f"{question}.txt").read_text("utf-8")


@pytest.mark.parametrize(("family", "question"), QUESTIONS)
def test_a_transcript_gives_its_rows(family: str, question: str) -> None:
    """Every question of every family has a transcript, and exactly these rows stand in it; a down port has no speed."""
    assert parse(vendor(family), question, text_of(family, question)) == EXPECTED[family, question]


@pytest.mark.parametrize(("family", "question"), QUESTIONS)
def test_an_unknown_line_is_never_read_over(family: str, question: str) -> None:
    """Wherever a line stands that no template knows, the answer is unreadable, or the line was part of a free text."""
    lines, expected = text_of(family, question).split("\n"), EXPECTED[family, question]
    refused = 0
    for at in range(len(lines)):
        strange = "\n".join([*lines[:at], "9!9 no switch says this 9!9", *lines[at:]])
        rows = rows_or_failure(family, question, strange)
        refused += rows is Failure.UNREADABLE
        assert rows is Failure.UNREADABLE or undescribed(rows) == undescribed(expected), f"before line {at + 1}"
    assert refused > 1, "a template that accepts everything"


@pytest.mark.parametrize(("family", "question"), QUESTIONS)
def test_a_refusal_is_not_an_empty_answer(family: str, question: str) -> None:
    """Where the device says no in its own words, the question is not supported; silence is unreadable."""
    no = {"mikrotik_routeros": "bad command name ap (line 1 column 1)", "huawei_vrp": "Error: Unrecognized command"}

    assert rows_or_failure(family, question, no.get(family, "% Unrecognized command")) is Failure.NOT_SUPPORTED
    assert rows_or_failure(family, question, "") is Failure.UNREADABLE


@pytest.mark.parametrize("path", [path for path in MANIFEST if "fails" in MANIFEST[path]])
def test_what_cannot_be_read_is_said(path: str) -> None:
    """A transcript that the template would lose a row of fails as the manifest says."""
    family, name = path.removesuffix(".txt").split("/")

    assert rows_or_failure(family, name.split("-")[0], (TRANSCRIPTS / path).read_text()) == MANIFEST[path]["fails"]


def test_the_manifest_names_every_transcript() -> None:
    """Each file is listed with where it comes from, and nothing else is."""
    files = {str(path.relative_to(TRANSCRIPTS)) for path in TRANSCRIPTS.rglob("*.txt")}

    assert files == set(MANIFEST)
    assert all(one["origin" if one["kind"] == "recorded" else "imitates"] for one in MANIFEST.values())
    assert {one["kind"] for one in MANIFEST.values()} <= {"recorded", "synthetic"}


@pytest.mark.parametrize(("family", "question"), QUESTIONS)
def test_only_a_recording_proves_a_question(family: str, question: str) -> None:
    """A question is marked unproven exactly as long as no recorded transcript was read with it."""
    kinds = {
        one["kind"] for path, one in MANIFEST.items() if re.fullmatch(rf"{family}/{question}(-[\w-]+)?\.txt", path)
    }

    assert vendor(family).questions[question].unproven == ("recorded" not in kinds)


def undescribed(rows: list[Row] | Failure) -> list[Row] | Failure:
    """Rows without what is free text in them."""
    without: Callable[[Row], Row] = lambda row: replace(row, description="") if isinstance(row, CliPort) else row  # noqa: E731
    return [without(row) for row in rows] if isinstance(rows, Iterable) and not isinstance(rows, str) else rows


def rows_or_failure(family: str, question: str, text: str) -> list[Row] | Failure:
    """The rows, or why there are none."""
    try:
        return parse(vendor(family), question, text)
    except Unmeasurable as why:
        return why.failure


@pytest.mark.parametrize(
    ("family", "change", "words"),
    [
        ("h3c_comware", lambda text: text.replace("GigabitEthernet1/0/2\nC", "nonsense\nC"), "'nonsense' is no name"),
        ("ruijie_os", lambda text: text + text, "told twice"),
        ("huawei_vrp", lambda text: text.replace("GigabitEthernet0/0/2", "GigabitEthernet0/0/1"), "told twice"),
        ("mikrotik_routeros", lambda text: "\n", "without a row"),
        ("cisco_ios", lambda text: text.split("Gi1/0/1")[0], "without a row"),
    ],
)
def test_rows_that_cannot_be_right(family: str, change: Callable[[str], str], words: str) -> None:
    """What a template let pass is checked again: names, ports told twice, and a table without a row."""
    with pytest.raises(Unmeasurable, match=words) as why:
        parse(vendor(family), "interfaces", change(text_of(family, "interfaces")))

    assert why.value.failure is Failure.UNREADABLE
