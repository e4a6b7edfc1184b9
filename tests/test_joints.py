"""Does everything that no import may join fit together: quantities, probes, judge, settings, commands, pages, import rules?"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from agent import config as agent_config
from agent.__main__ import _parser as agent_parser
from agent.config import AgentConfig, Limits, Line, SnmpSecret, SshSecret
from collector import config as collector_config
from collector.__main__ import _parser as collector_parser
from collector.computed import BEHIND, DERIVED
from collector.config import CollectorConfig
from collector.echo import config as echo_config
from collector.echo.config import EchoServerConfig
from collector.frameworks import shipped
from collector.place_parts import PLACED
from collector.school import AccessPoint, Controller, End, Place, Site
from collector.speed import config as speed_config
from collector.speed.config import SpeedServerConfig
from collector.speed.observation import OF
from collector.two_ends import WAYS
from evidence.quantities import ALL, JUDGE, SERVER
from evidence.survey import WALKED
from evidence.verify import _parser as verify_parser
from evidence.wire import OUTSIDE
from probes import load, names
from probes._egress.readings import RATES
from tests.collector.egress_school import TELECOM, enrolled
from tests.collector.running import running

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
EXAMPLE = ROOT / "config.example.toml"

# Quantities that a policy needs and that nothing gives yet. This list only shrinks: a new quantity comes with its probe.
AWAITED = {
    *("internet.reached", "place.wired", "wired.coverage"),
    *("logs.months", "logs.span", "logs.gap_days", "logs.sources_covered", "logs.canaries_found", "logs.grade"),
    *("logs.security_months", "logs.device_months", "logs.behaviour"),
    *("names.blocked_share", "names.sign_on", "gateway.alarms"),
}


# --- Quantities -------------------------------------------------------------------------------------------------------


def test_sources() -> None:
    """A quantity whose source is a probe is produced by that probe and by the further ones it names, and a probe produces no other."""
    sources = {(source, one.name) for one in ALL.values() for source in (one.source, *one.also)}
    declared = {(source, name) for source, name in sources if source not in ("", JUDGE, SERVER)}

    assert declared == {(name, one.name) for name in names() for one in load(name).produces}


def test_observed() -> None:
    """A quantity whose source is the measurement server is one that the server signs, and it signs no other."""
    assert {one.name for one in ALL.values() if one.source == SERVER} == {
        one.name for pair in OF.values() for one in pair
    }


def test_two_ends() -> None:
    """Every rate of the probe egress has the quantity of the server that is its other half."""
    assert {one.quantity for one in WAYS.values()} == {one for pair in RATES.values() for one in pair}
    assert {one.observed for one in WAYS.values()} == {one for pair in OF.values() for one in pair}


def test_computed() -> None:
    """A quantity that only the judge gives is in its table, with the probe whose runs stand behind it."""
    computed = {one.name for one in ALL.values() if one.source == JUDGE}

    assert (computed - set(DERIVED) - set(PLACED), computed ^ set(BEHIND), set(BEHIND.values()) - set(names())) == (
        set(),
        set(),
        set(),
    )


def test_awaited() -> None:
    """What nothing gives yet is what is listed here."""
    assert {one.name for one in ALL.values() if not one.source} == AWAITED


def test_policies() -> None:
    """Every quantity that a policy names is declared."""
    named = {
        one.name
        for framework in shipped()
        for indicator in framework.indicators
        for part in indicator.parts
        for one in part.either
    }
    assert named <= set(ALL)


def test_every_probe_can_be_ordered(tmp_path: Path) -> None:
    """Of a school whose list has everything each probe can be ordered that stands behind a quantity of some policy or of the judge."""
    named = {one for framework in shipped() for at in framework.indicators for part in at.parts for one in part.either}
    needed = {BEHIND.get(one.name, one.source) for one in named} - {""} | set(BEHIND.values())
    outside, walked = needed & set(OUTSIDE), needed & set(WALKED)
    with running(tmp_path) as up:
        up.home = up.founded()
        wifi: dict[str, Any] = {
            "places": (Place("main/b1/101", "teaching"),),
            "networks": ("53",),
            "controllers": (Controller("ac", "10.0.0.9"),),
            "access_points": (AccessPoint("a", ("02:00:00:00:00:01",)),),
        }
        up.declare(up.home, wans=(End("core", "ge24"),), lines=(TELECOM,), sites=(Site("www.a.example"),), **wifi)
        enrolled(up)
        up.vantage()
        scans = [up.order(up.enrolled(), probes=sorted(needed - outside - walked)), up.order(probes=sorted(outside))]
        scans.append(up.order(up.enrolled(), probes=sorted(walked)))

    assert {task.probe for scan in scans for task in scan.tasks} == needed


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_probe_has_a_heading(name: str) -> None:
    """Every probe has its heading in docs/probes.md."""
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs/probes.md").read_text("utf-8"), re.MULTILINE)

    assert [one for one in headings if name in re.split(r"[^\w]+", one)]


def verbs(parser: argparse.ArgumentParser) -> list[str]:
    """Every command of a parser, spelled as a person types it."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    found = [verb for action in below for one in action.choices.values() for verb in verbs(one)]
    return found or [parser.prog.replace(" [--config FILE]", "")]


COMMANDS = [verb for parser in (agent_parser(), collector_parser(), verify_parser()) for verb in verbs(parser)]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_has_a_heading(command: str) -> None:
    """Every command has its heading in docs/commands.md."""
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs/commands.md").read_text("utf-8"), re.MULTILINE)

    assert command in headings


def test_every_documented_command_is_there() -> None:
    """docs/commands.md names no command that there is not."""
    page = (ROOT / "docs/commands.md").read_text("utf-8")
    headings = set(re.findall(r"^### (.*)$", page, re.MULTILINE))

    assert headings <= set(COMMANDS)


# --- Settings ---------------------------------------------------------------------------------------------------------


def example(with_secrets: bool = False) -> dict[str, Any]:
    """config.example.toml; with its commented settings, if asked."""
    text = EXAMPLE.read_text("utf-8")
    if with_secrets:
        text = re.sub(r"^# (?=\[agent\.(?:lines|snmp|ssh)|\w+ = )", "", text, flags=re.MULTILINE)
    return tomllib.loads(text)


def fields(kind: type[msgspec.Struct]) -> set[str]:
    """The settings of a table."""
    return set(kind.__struct_fields__)


def test_example_is_accepted() -> None:
    """Every program reads the example, and the values that it shows are the defaults."""
    programs = (agent_config, collector_config, speed_config, echo_config)
    assert [one.load(EXAMPLE) for one in programs] == [
        *(AgentConfig(), CollectorConfig(), SpeedServerConfig(), EchoServerConfig()),
    ]


def test_example_misses_nothing() -> None:
    """Every setting has its line in the example."""
    shown = example(with_secrets=True)
    secrets, logins = ({key for table in shown["agent"][kind].values() for key in table} for kind in ("snmp", "ssh"))

    assert set(shown["agent"]) == fields(AgentConfig)
    assert set(shown["agent"]["limits"]) == fields(Limits)
    assert {key for table in shown["agent"]["lines"].values() for key in table} == fields(Line)
    assert (secrets, logins) == (fields(SnmpSecret), fields(SshSecret))
    assert set(shown["collector"]) == fields(CollectorConfig)
    assert set(shown["speed_server"]) == fields(SpeedServerConfig)
    assert set(shown["echo_server"]) == fields(EchoServerConfig)


def test_example_secrets_are_accepted(tmp_path: Path) -> None:
    """The secrets that the example shows as remarks have the form that the agent reads."""
    text = re.sub(r"^# (?=\[agent\.(?:lines|snmp|ssh)|\w+ = )", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    (tmp_path / "config.toml").write_text(text, "utf-8")

    config = agent_config.load(tmp_path / "config.toml")
    assert (set(config.lines), set(config.snmp), set(config.ssh)) == ({"telecom-1"}, {"*", "10.20.0.1"}, {"10.20.0.1"})


def test_example_explains_everything() -> None:
    """Above each setting of the example stands one line, English first, then Chinese."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    settings = [number for number, line in enumerate(lines) if re.match(r"(# )?\w+ = ", line)]
    bare = [lines[number] for number in settings if not re.match(r"# [A-Z].*[a-z].*[\u4e00-\u9fff]", lines[number - 1])]

    assert bare == []


def test_tables_of_the_settings() -> None:
    """The tables inside the agent's table are the ones that these tests look into."""
    tables = {Limits, Line, SnmpSecret, SshSecret}
    nested = {name for name, hint in get_type_hints(AgentConfig).items() if {hint, *get_args(hint)} & tables}

    assert nested == {"limits", "lines", "snmp", "ssh"}


# --- Import rules -----------------------------------------------------------------------------------------------------

BROKEN = [
    pytest.param("collector/clock.py", "import probes", "the collector never measures", id="collector -> probes"),
    pytest.param("collector/clock.py", "import agent", "meet on the wire only", id="collector -> agent"),
    pytest.param("agent/clock.py", "import collector", "meet on the wire only", id="agent -> collector"),
    pytest.param("probes/desk.py", "import agent.keys", "probes know evidence only", id="probes -> agent"),
    pytest.param("evidence/wire.py", "import probes", "evidence imports nothing of ours", id="evidence -> probes"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source to break."""
    for package in ("agent", "collector", "evidence", "probes"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "locale"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(copy: Path, path: str, line: str) -> None:
    """Add a line to a file of the copy."""
    with (copy / path).open("a") as file:
        file.write(f"\n{line}\n")


@pytest.mark.parametrize(("path", "line", "contract"), BROKEN)
def test_import_contracts(copy: Path, path: str, line: str, contract: str) -> None:
    """An import across a wall is found, and the wall is named."""
    plant(copy, path, line)
    done = subprocess.run([BIN / "lint-imports", "--no-cache"], cwd=copy, capture_output=True, text=True, check=False)

    broken = re.findall(r"^(.*) BROKEN", done.stdout, re.MULTILINE)
    assert (done.returncode, [contract in one for one in broken].count(True)) == (1, 1), done.stdout


OWNED = [
    ("pysnmp", "probes/desk.py", "import pysnmp"),
    ("scapy", "probes/desk.py", "import scapy"),
    ("sqlalchemy", "collector/judge.py", "import sqlalchemy"),
    ("sqlite3", "agent/service.py", "import sqlite3"),
    ("speedtest", "probes/desk.py", "import speedtest"),
    ("dpkt", "probes/desk.py", "import dpkt"),
    ("plotext", "agent/service.py", "import plotext"),
    ("httpx", "agent/service.py", "import httpx"),
    ("datetime.now", "collector/judge.py", "import datetime\nNOW = datetime.datetime.now(datetime.UTC)"),
    ("time.time", "collector/judge.py", "import time\nNOW = time.time()"),
    ("time.time_ns", "agent/service.py", "import time\nNOW = time.time_ns()"),
    ("os.environ", "agent/service.py", "import os\nHOME = os.environ"),
    ("os.getenv", "collector/app.py", 'import os\nHOME = os.getenv("HOME")'),
]


@pytest.mark.parametrize(("banned", "path", "line"), OWNED, ids=[one[0] for one in OWNED])
def test_one_owner(copy: Path, banned: str, path: str, line: str) -> None:
    """What one file owns is refused everywhere else."""
    plant(copy, path, line)
    command = [str(BIN / "ruff"), "check", "--no-cache", "--select", "TID251", "--output-format", "concise", path]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.count("TID251")) == (1, 1), done.stdout


def test_as_it_is(copy: Path) -> None:
    """The source as it is breaks no wall: what these tests find is what they planted."""
    done = subprocess.run([BIN / "lint-imports", "--no-cache"], cwd=copy, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
