"""Does the agent's command line do what it says, without a collector where it needs none?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.__main__ import main
from agent.identity import load, put_aside
from agent.known import pin
from agent.outbox import Outbox
from agent.scan import Finding
from agent.tables import table_of
from agent.words import translation
from evidence import quantities as q
from evidence.model import Conditions, Failure, Reading
from tests.agent.conftest import token
from tests.collector.running import Running

Run = Callable[..., tuple[int, str, str]]
HEAVY = {"pydantic", "httpx", "scapy", "pysnmp", "netmiko", "rich", "cryptography"}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """One command on a box of its own; its status, what it printed and what it said is wrong."""
    path = tmp_path / "config.toml"
    path.write_text(f'[agent]\nstate = "{tmp_path}/state"\n')

    def one(*arguments: str) -> tuple[int, str, str]:
        status = main(["--config", str(path), *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return one


@pytest.fixture
def settings(tmp_path: Path, listener: tuple[str, int]) -> str:
    """A file with settings for one probe."""
    path = tmp_path / "probes.toml"
    path.write_text(f'[probes.metro]\nservices = [["{listener[0]}", {listener[1]}]]\ntimeout_s = 1.5\n')
    return str(path)


# --- Help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [[], ["scan"], ["enrol"], ["run"], ["notice"], ["record"], ["paste"], ["forget-key"]])
def test_help_is_quick(verb: list[str]) -> None:
    """Help loads nothing heavy: on a small box that would take seconds."""
    command = [sys.executable, "-X", "importtime", "-m", "agent", *verb, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}

    assert (done.stdout.startswith("usage: campusproof-agent"), loaded & HEAVY) == (True, set())


@pytest.mark.parametrize("arguments", [[], ["fly"], ["enrol"], ["scan", "--language", "fr"]])
def test_no_such_verb(run: Run, arguments: list[str]) -> None:
    """A command that there is not is refused with status 2."""
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2


# --- Scanning by hand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["本次测量结果", "100 %", "未登记"]),
        ("en", ["What this scan found", "100 %", "This box is not enrolled: nothing was signed or sent."]),
    ],
)
def test_scan(run: Run, settings: str, language: str, words: list[str]) -> None:
    """Without a collector a scan measures and shows a table in both languages."""
    status, printed, _ = run("scan", "metro", "--settings", settings, "--language", language)
    missing = [word for word in words if word not in printed and language == "en"]

    assert (status, missing, "100 %" in printed) == (0, [], True)


def test_scan_of_an_enrolled_box(run: Run, settings: str, collector: Running, tmp_path: Path) -> None:
    """What an enrolled box finds by hand is sealed as a report without an order."""
    run("enrol", token(collector), "--collector", collector.url)
    run("scan", "metro", "--settings", settings, "--language", "en")

    assert [one.sequence for one in Outbox(tmp_path / "state").waiting()] == [1]


@pytest.mark.parametrize(
    ("probes", "text", "words"),
    [
        pytest.param(
            ["names"], "", "no probe 'names'; there are: aps, desk, egress, inbound, ipv6, metro, ", id="no such probe"
        ),
        pytest.param([], "[probes.names]\n", "no probe 'names'", id="no such probe in the file"),
        pytest.param(
            ["metro"], "", "metro: services: expected, and not there; give a file with a table", id="no settings"
        ),
        pytest.param(
            [], "[probes.metro]\n", "[probes.metro] services: expected, and not there", id="settings that lack one"
        ),
        pytest.param(
            [], "[probes.metro]\nservices = 3", "[probes.metro] services: expected a list", id="a wrong setting"
        ),
        pytest.param(
            [],
            '[probes.uplinks]\nswitches = ["10.0.0.1"]',
            "switches, number 1: expected a table",
            id="a switch by name",
        ),
        pytest.param([], "[probe.metro]\n", "expected tables [probes.NAME] only", id="another table"),
        pytest.param([], "probes = 3\n", "expected tables [probes.NAME] only", id="no table"),
        pytest.param([], "[probes]\ndesk = 3\n", "expected tables [probes.NAME] only", id="a number for a table"),
        pytest.param([], "[probes\n", "probes.toml: ", id="no TOML"),
        pytest.param([], None, "No such file", id="no file"),
    ],
)
def test_wrong_scan(run: Run, tmp_path: Path, probes: list[str], text: str | None, words: str) -> None:
    """A probe or setting that there is not is named, with status 2."""
    path = tmp_path / "probes.toml"
    if text is not None:
        path.write_text(text)
    status, _, said = run("scan", *probes, *(["--settings", str(path)] if text != "" else []))

    assert (status, words in said) == (2, True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_table(language: str) -> None:
    """A table shows every subject as it is, brackets and all, and says what could not be measured."""
    from rich.console import Console

    rows = {
        "metro": Finding(
            (q.METRO_CONNECT.reading(900, "[fd00::1]:443"), Reading("later.quantity", "ppm", "[b]x[/b]", 1)),
            (),
            Conditions("test", 1, 2, 1, 2),
            Failure.TIMED_OUT,
            "[fd00::2]:443 [/x]",
        )
    }
    screen = Console(width=200, record=True, file=open(os.devnull, "w"))  # noqa: SIM115 - closed below
    screen.print(table_of(rows, translation(language), language))
    screen.file.close()
    text = screen.export_text()

    assert [one for one in ("[fd00::1]:443", "0.9 ms", "[b]x[/b]", "[fd00::2]:443 [/x]") if one not in text] == []


# --- Switches ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def listed(tmp_path: Path) -> str:
    """A file with a list of one switch, which is not there."""
    path = tmp_path / "probes.toml"
    path.write_text(
        "[probes.uplinks]\ntimeout_s = 0.2\nretries = 0\n"
        'switches = [{host = "127.0.0.1", port = 9, name = "acc-1", community = "x", core = true}]\n'
    )
    return str(path)


def test_scan_of_switches(run: Run, listed: str) -> None:
    """Switches are shown as a tree with what to do, not as a table."""
    status, printed, _ = run("scan", "uplinks", "--settings", listed, "--language", "en")

    assert (status, "Switches: 0 of 1 answered" in printed, "What to do" in printed, "Remarks" in printed) == (
        1,
        True,
        True,
        False,
    )


def test_notice(run: Run, listed: str, tmp_path: Path) -> None:
    """The notice is printed, or written as a page, for the devices of the file."""
    status, printed, _ = run("notice", "--settings", listed, "--language", "en")
    page = tmp_path / "notice.html"
    written, said, _ = run("notice", "--settings", listed, "--html", str(page))

    assert (status, "127.0.0.1:9 | acc-1" in printed, written, str(page) in said) == (0, True, 0, True)
    assert "127.0.0.1:9" in page.read_text("utf-8")


def test_notice_without_a_list(run: Run) -> None:
    """Without a file and without an order the notice has blank lines."""
    status, printed, _ = run("notice", "--language", "en")

    assert (status, "____ | ____" in printed) == (0, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "expected a table [probes.uplinks]", id="no list"),
        pytest.param("[probes.uplinks]\nswitches = 3", "switches: expected a list", id="a number for a list"),
        pytest.param("[probes.uplinks]\nswitches = [{port = 1}]", "with a host each", id="no host"),
        pytest.param(None, "No such file", id="no file"),
    ],
)
def test_wrong_notice(run: Run, tmp_path: Path, text: str | None, words: str) -> None:
    """A file that lists no switches is named, with status 2."""
    path = tmp_path / "probes.toml"
    if text is not None:
        path.write_text(text)
    status, _, said = run("notice", "--settings", str(path))

    assert (status, words in said, "probes.toml: " in said) == (2, True, True)


def test_notice_nowhere(run: Run, listed: str, tmp_path: Path) -> None:
    """A page that cannot be written is said."""
    status, _, said = run("notice", "--settings", listed, "--html", str(tmp_path / "no/notice.html"))

    assert (status, "notice.html" in said) == (2, True)


def test_forget_key(run: Run, tmp_path: Path) -> None:
    """A pin is taken back once; a second time there is none, and those that there are are named."""
    pin(tmp_path / "state", {"10.0.0.1:22": "SHA256:a", "10.0.0.2:22": "SHA256:b"})
    first, second = run("forget-key", "10.0.0.1"), run("forget-key", "10.0.0.1")

    assert (first[0], "10.0.0.1:22" in first[1]) == (0, True)
    assert (second[0], "10.0.0.2:22" in second[2], "10.0.0.1:22" in second[2]) == (1, True, False)


# --- Enrolling --------------------------------------------------------------------------------------------------------


def test_enrol(run: Run, collector: Running, tmp_path: Path) -> None:
    """A token makes the box known, and the next step is said."""
    status, printed, _ = run("enrol", token(collector), "--collector", collector.url)

    assert (status, "campusproof-agent run" in printed) == (0, True)
    assert load(tmp_path / "state").known.school == collector.home


def test_enrolled_already(run: Run, collector: Running) -> None:
    """A box that is enrolled is not enrolled again."""
    run("enrol", token(collector), "--collector", collector.url)

    assert run("enrol", token(collector), "--collector", collector.url)[0] == 2


@pytest.mark.parametrize(
    ("token_text", "address", "status"),
    [
        pytest.param("cp1-a", "http://127.0.0.1:9", 2, id="half a token"),
        pytest.param(f"cp1-a-{'0' * 64}", "http://10.0.0.1", 2, id="an unsafe address"),
        pytest.param(f"cp1-a-{'0' * 64}", "http://127.0.0.1:9", 1, id="nobody there"),
        pytest.param(f"cp1-a-{'0' * 64}", "here", 1, id="another collector"),
    ],
)
def test_not_enrolled(run: Run, collector: Running, tmp_path: Path, token_text: str, address: str, status: int) -> None:
    """What cannot be enrolled is said, and leaves no identity."""
    found = run("enrol", token_text, "--collector", collector.url if address == "here" else address)

    assert (found[0], found[2] != "", (tmp_path / "state/enrolled.json").exists()) == (status, True, False)


def test_enrol_with_a_bad_key(run: Run, collector: Running, tmp_path: Path) -> None:
    """A key that others can read is not enrolled."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state/agent.key").write_text("00" * 32)
    (tmp_path / "state/agent.key").chmod(0o644)

    status, _, said = run("enrol", token(collector), "--collector", collector.url)
    assert (status, "chmod 600" in said) == (2, True)


# --- Working ----------------------------------------------------------------------------------------------------------


def test_run_without_enrolment(run: Run) -> None:
    """A box that is not enrolled says what to type."""
    status, _, said = run("run")

    assert (status, "campusproof-agent enrol TOKEN" in said) == (2, True)


def test_run(run: Run, collector: Running, tmp_path: Path) -> None:
    """The installed agent carries out an order and ends when it is told to."""
    run("enrol", token(collector), "--collector", collector.url)
    command = [sys.executable, "-m", "agent", "--config", str(tmp_path / "config.toml"), "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as child:
        collector.order(probes=["desk"])
        end = time.monotonic() + 30
        while collector.held() == 0 and time.monotonic() < end:
            time.sleep(0.05)
        child.send_signal(signal.SIGTERM)
        status = child.wait(20)

    assert (collector.held(), status) == (1, 0)


def test_enrol_anew(tmp_path: Path) -> None:
    """`--anew` puts the old key, identity and outbox aside, all of them, and deletes nothing."""
    for name in ("agent.key", "enrolled.json", "outbox.sqlite"):
        (tmp_path / name).write_text(name, "utf-8")
    put_aside(tmp_path)
    put_aside(tmp_path)

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*") if path.is_file()) == [
        "before-1/agent.key",
        "before-1/enrolled.json",
        "before-1/outbox.sqlite",
    ]
