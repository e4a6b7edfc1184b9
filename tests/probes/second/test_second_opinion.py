"""Is a second opinion only ever shown, asked only where it may be asked, and told no better than its tool is?"""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.config import AgentConfig
from agent.scan import run_probe
from collector.computed import BEHIND, DERIVED
from collector.frameworks import shipped
from evidence.model import Failure
from evidence.quantities import ALL
from evidence.stream import Direction
from probes._second.asked import Asked, Opinion
from probes._second.settings import Settings
from probes.second_opinion import reading
from tests.probes.face import ROOT, probe
from tests.probes.second.conftest import Iperf3, Mini
from tests.probes.spaces import Host

SECOND = {name for name, one in ALL.items() if one.source == "second_opinion"}
HALF_A_GIGABIT = 62_500_000  # octets in a second
PROGRAM = re.compile(
    r"""["'](?:[^"'\n]*/)?speedtest(?:["']| -)"""
)  # as a word of a command line, with or without its folder
PUBLIC = {"tool": "speedtest-cli", "public": True}
ASKED = Asked(ipaddress.ip_address("192.0.2.1"), 5201, Direction.UP, 1, 4, 4.0)


def told(tool: str, octets: int) -> Any:
    """The reading of an opinion of so many octets in a second."""
    settings = Settings.model_validate({"tool": tool, "server": "192.0.2.1:5201"})
    return reading(settings, ASKED, Opinion("1", "192.0.2.1:5201", octets, 1_000_000, "sender", b"{}"))


# --- What is told -----------------------------------------------------------------------------------------------------


def test_within_the_tool() -> None:
    """speedtest-cli is told as it is up to 500 Mbit/s."""
    found = told("speedtest-cli", HALF_A_GIGABIT)

    assert (found.value, "beyond_tool" in found.facts) == (500_000_000, False)


def test_beyond_the_tool() -> None:
    """Above 500 Mbit/s it says only that there was so much, and nothing in the facts says more."""
    found = told("speedtest-cli", HALF_A_GIGABIT + 1)

    numbers = {fact for fact in found.facts.values() if isinstance(fact, int)}
    assert (found.value, found.at_least, found.at_most, found.facts["beyond_tool"], numbers) == (
        None,
        500_000_000,
        None,
        1,
        {1, 4},
    )


def test_iperf3_has_no_such_limit() -> None:
    """iperf3 is told as it is."""
    assert told("iperf3", 20 * HALF_A_GIGABIT).value == 10_000_000_000


# --- Who may ask ------------------------------------------------------------------------------------------------------


def test_an_agent_asks_no_public_server(tmp_path: Path) -> None:
    """What an agent runs, by order or by hand, asks no public server: nothing of one is ever sealed."""
    found = run_probe("second_opinion", PUBLIC, AgentConfig(state=str(tmp_path)))

    assert (found.failure, found.readings, "python -m probes" in found.detail) == (Failure.NOT_PERMITTED, (), True)


def test_a_person_may(desk: Host) -> None:
    """The same settings by hand get as far as the network, which there is none of here."""
    answer = probe("second_opinion", PUBLIC, inside=desk.inside)

    assert (answer.end["failure"], "no public server" in answer.end["detail"]) == ("unreachable", True)


def test_a_box_that_allows_no_saturating_run(listener: tuple[str, int]) -> None:
    """Where the box's admin allows no run as fast as it goes nothing is sent, and the words say what to change."""
    settings = {"tool": "iperf3", "server": f"127.0.0.1:{listener[1]}", "saturating": False}
    answer = probe("second_opinion", settings)

    assert (len(answer.lines), answer.end["failure"], "saturating = true" in answer.end["detail"]) == (
        1,
        "not_permitted",
        True,
    )


def test_an_order_to_a_box_that_allows_none(listener: tuple[str, int], tmp_path: Path) -> None:
    """An ordered run is made only where the box's admin allows it, whatever the order says of that."""
    settings = {"tool": "iperf3", "server": f"127.0.0.1:{listener[1]}", "saturating": True}
    found = run_probe("second_opinion", settings, AgentConfig(state=str(tmp_path)), ordered=True)

    assert found.failure is Failure.NOT_PERMITTED


MISTAKES = {
    "no server": {"tool": "iperf3"},
    "no port": {"tool": "iperf3", "server": "192.0.2.1"},
    "no tool": {"server": "192.0.2.1:1"},
    "Ookla's": {"tool": "speedtest", "server": "192.0.2.1:1"},
    "public iperf3": {"tool": "iperf3", "public": True},
    "public and a server": {**PUBLIC, "server": "192.0.2.1:1"},
    "public and a family": {**PUBLIC, "family": 4},
    "the other family": {"tool": "iperf3", "server": "192.0.2.1:1", "family": 6},
    "too long": {"tool": "iperf3", "server": "192.0.2.1:1", "duration_s": 11},
    "too many": {"tool": "iperf3", "server": "192.0.2.1:1", "streams": 17},
    "an option": {"tool": "iperf3", "server": "-s:1", "family": 7},
}


@pytest.mark.parametrize("settings", MISTAKES.values(), ids=MISTAKES.keys())
def test_settings_that_are_wrong(settings: dict[str, Any]) -> None:
    """Settings that cannot be meant are refused before anything is sent."""
    with pytest.raises(ValidationError):
        Settings.model_validate_json(json.dumps(settings))


def test_no_family_is_chosen_silently(mini_server: Mini) -> None:
    """A server that answers over IPv4 only is not measured over IPv4 when IPv6 is asked for."""
    port = mini_server.v4.rpartition(":")[2]
    settings = {"tool": "speedtest-cli", "server": f"localhost:{port}", "family": 6}

    assert probe("second_opinion", settings).end["failure"] == "refused"


# --- Never judged -----------------------------------------------------------------------------------------------------


def test_no_policy_names_it() -> None:
    """No policy has a part that a second opinion could meet."""
    named = {
        name for framework in shipped() for one in framework.indicators for part in one.parts for name in part.either
    }

    assert (SECOND, SECOND & named) == ({"second.down", "second.up"}, set())


def test_nothing_is_computed_from_it() -> None:
    """No quantity that the judge computes has a second opinion behind it."""
    assert ("second_opinion" in BEHIND.values(), SECOND & {*BEHIND, *DERIVED}) == (False, set())


# --- Whose program is never run ---------------------------------------------------------------------------------------


def test_no_program_of_ooklas_is_run(mini_server: Mini, iperf3_server: Iperf3, iperf3: str, tmp_path: Path) -> None:
    """Programs of that name that lie first on the path are not touched, whichever tool is asked."""
    for name in ("speedtest", "speedtest-cli", "ookla"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (tmp_path / name).chmod(0o755)
    first = ["env", f"PATH={tmp_path}:{Path(iperf3).parent}:/usr/bin:/bin"]
    servers = {"speedtest-cli": mini_server.v4, "iperf3": f"127.0.0.1:{iperf3_server.port}"}
    ends = [
        probe("second_opinion", {"tool": tool, "server": server, "duration_s": 1, "direction": "up"}, inside=first).end
        for tool, server in servers.items()
    ]

    assert (ends, (tmp_path / "ran").exists()) == ([{"end": "complete"}] * 2, False)


def test_no_line_names_ooklas_program() -> None:
    """No text in the product is the name of that program, but for the one by which the library is looked for: nothing could be run."""
    sources = [
        path for package in ("agent", "collector", "evidence", "probes") for path in (ROOT / package).rglob("*.py")
    ]
    named = [str(path.relative_to(ROOT)) for path in sources for _ in PROGRAM.findall(path.read_text("utf-8"))]

    assert named == ["probes/second_opinion.py"]


def test_one_owner(tmp_path: Path) -> None:
    """No other file may import the library."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "other.py").write_text("import speedtest\n")
    ruff = str(Path(sys.executable).parent / "ruff")
    command = [ruff, "check", "--no-cache", "--select", "TID251", "--output-format", "concise", "probes/other.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.count("TID251")) == (1, 1), done.stdout
