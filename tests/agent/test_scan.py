"""Does a run in its child process keep what it found, and no secret?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from agent.config import AgentConfig, Limits, SnmpSecret
from agent.outbox import Outbox
from agent.scan import BOOT_ID, Finding, _Lines, _take, run_probe, with_secrets
from agent.service import report_of
from evidence.model import Failure, Raw
from tests.agent.conftest import SECRETS, Enrolled

COMMUNITY, USER, AUTH, PRIV = SECRETS
V2C = SnmpSecret(community=COMMUNITY)
V3 = SnmpSecret(user=USER, auth="SHA-256", auth_key=AUTH, priv="AES", priv_key=PRIV)
Address = tuple[str, int]


def metro(*services: Address, timeout_s: int = 1) -> dict[str, Any]:
    """Settings of the probe metro, as an order has them."""
    return {"services": [list(service) for service in services], "timeout_s": timeout_s}


# --- One run ----------------------------------------------------------------------------------------------------------


def test_complete(listener: Address) -> None:
    """A run to its end gives its readings and its raw evidence, and no failure."""
    found = run_probe("metro", metro(listener), AgentConfig())

    assert (found.failure, "metro.reached" in [one.quantity for one in found.readings], len(found.raws)) == (
        None,
        True,
        1,
    )


def test_desk() -> None:
    """The desk's port is read, or it is said why not; never a bug."""
    found = run_probe("desk", {}, AgentConfig())

    assert found.failure in (None, Failure.NOT_SUPPORTED, Failure.UNREACHABLE)


def test_conditions(listener: Address) -> None:
    """Beside the readings stand software, times on both clocks, this boot and the load."""
    found = run_probe("metro", metro(listener), AgentConfig(interface="lo")).conditions

    assert found.software.startswith("campusproof ")
    assert found.boot_id == BOOT_ID.read_text().strip()
    assert found.interface == "lo"
    assert found.ended_monotonic_us > found.started_monotonic_us


def test_an_interface_that_is_not_there(listener: Address) -> None:
    """An interface of the settings that the box does not have is left out."""
    assert run_probe("metro", metro(listener), AgentConfig(interface="none0")).conditions.interface == ""


def test_killed_at_its_deadline(listener: Address, stuck: Address) -> None:
    """A probe that is killed at its deadline keeps the readings that it had given before."""
    config = AgentConfig(limits=Limits(probe_deadline_s=2))
    found = run_probe("metro", metro(listener, *[stuck] * 5, timeout_s=10), config)

    assert (found.failure, found.detail) == (Failure.TIMED_OUT, "the probe was killed at its deadline of 2 s")
    assert "metro.connect" in [one.quantity for one in found.readings]


def test_stopped(stuck: Address) -> None:
    """A probe that is told to stop is gone within a second."""
    started = time.monotonic()
    found = run_probe("metro", metro(*[stuck] * 5, timeout_s=10), AgentConfig(), lambda: True)

    assert found.failure is Failure.INTERRUPTED
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("settings", [{"services": []}, {"servers": [["a", 1]]}, {}, {"services": [["a", 70000]]}])
def test_settings_that_the_probe_refuses(settings: dict[str, Any]) -> None:
    """Settings of another release are a failure of the run, with the key that is wrong."""
    found = run_probe("metro", settings, AgentConfig())

    assert (found.failure, found.readings) == (Failure.NOT_SUPPORTED, ())
    assert found.detail.startswith("this agent does not accept the settings: settings: ser")


def test_a_crash(listener: Address, stuck: Address) -> None:
    """A probe that the system ends is a bug of the program, told with its status; the readings before it are kept."""
    began = time.monotonic()

    def crashes() -> bool:
        if time.monotonic() - began > 2:
            for child in psutil.Process().children():
                if child.status() != psutil.STATUS_ZOMBIE and "probes" in child.cmdline():
                    child.send_signal(signal.SIGSEGV)
        return False

    found = run_probe("metro", metro(listener, *[stuck] * 5, timeout_s=10), AgentConfig(), crashes)

    words = "the probe ended with status -11 and no last line: it left no word"
    assert (found.failure, found.detail) == (Failure.BUG, words)
    assert "metro.connect" in [one.quantity for one in found.readings]


def test_no_such_probe() -> None:
    """A probe of a later release is a failure of the run."""
    assert "no probe 'names'" in run_probe("names", {}, AgentConfig()).detail


def test_raw_evidence_that_is_too_large(listener: Address) -> None:
    """Raw evidence above the limit is left out, the readings stay."""
    found = run_probe("metro", metro(listener), AgentConfig(limits=Limits(raw_octets=1)))

    assert (found.raws, found.readings != ()) == ((), True)


@pytest.mark.parametrize(
    ("out", "readings", "end"),
    [
        pytest.param(b"", 0, None, id="nothing"),
        pytest.param(b'{"quantity":"a","unit":"ppm","value":1}\n{"quan', 1, None, id="cut off in a line"),
        pytest.param(b'{"quantity":"a","unit":"ppm","value":1}\n{"end":"complete"}\n', 1, "complete", id="whole"),
        pytest.param(b'warning: x\n{"end":"complete"}\n', 0, "complete", id="a foreign line"),
        pytest.param(b'{"end":"failed","failure":"refused"}', 0, "failed", id="no last line end"),
        pytest.param(b'{"later":"kind"}\n', 0, None, id="a kind of line of a later release"),
        pytest.param(b'{"progress":"down","rate_bit_s":1}\n7\n[]\n', 0, None, id="what is no finding"),
    ],
)
def test_lines(tmp_path: Path, out: bytes, readings: int, end: str | None) -> None:
    """Every whole line counts; one that was cut off by a kill is left out."""
    lines = _Lines()
    for line in out.split(b"\n"):
        _take(line, tmp_path, AgentConfig(), lines)

    assert (len(lines.readings), lines.end and lines.end["end"]) == (readings, end)


def test_raw_lines(tmp_path: Path) -> None:
    """Raw evidence is read from the file that the line names."""
    (tmp_path / "a.json").write_bytes(b"{}")
    lines = _Lines()
    _take(b'{"evidence":"a.json","sha256":"x","size":2}', tmp_path, AgentConfig(limits=Limits(raw_octets=2)), lines)

    assert lines.raws == [Raw("a.json", b"{}")]


# --- Secrets ----------------------------------------------------------------------------------------------------------

BY_PORT = {"10.0.0.1:1161": V3, "10.0.0.1": V2C, "*": SnmpSecret(community="others")}


@pytest.mark.parametrize(
    ("switch", "secret"),
    [
        pytest.param({"host": "10.0.0.1", "port": 1161}, V3, id="by address and port"),
        pytest.param({"host": "10.0.0.1", "port": 161}, V2C, id="by address"),
        pytest.param({"host": "10.0.0.1"}, V2C, id="by address, no port"),
        pytest.param({"host": "10.0.0.2"}, SnmpSecret(community="others"), id="all others"),
    ],
)
def test_with_secrets(switch: dict[str, Any], secret: SnmpSecret) -> None:
    """Each switch is given the secret that is configured closest to it."""
    found = with_secrets({"switches": [switch], "timeout_s": 2}, AgentConfig(snmp=BY_PORT))

    assert found == {"switches": [{**switch, **secret.settings()}], "timeout_s": 2}


@pytest.mark.parametrize("host", ["", "203.0.114.9", "switch.example", "2400:3200::1"])
def test_a_secret_for_all_stays_inside(host: str) -> None:
    """The secret for all others goes to private addresses only: whatever else is ordered must be named by the school."""
    found = with_secrets({"switches": [{"host": host}]}, AgentConfig(snmp=BY_PORT))

    assert found == {"switches": [{"host": host, "no_secret": True}]}


def test_no_secret() -> None:
    """A switch without a secret is told to the probe as one."""
    assert with_secrets({"switches": [{"host": "a"}]}, AgentConfig())["switches"] == [{"host": "a", "no_secret": True}]


def test_a_secret_of_ones_own() -> None:
    """Settings that bring a secret along, by hand, keep it."""
    given = {"switches": [{"host": "10.0.0.1", "community": "mine"}]}

    assert with_secrets(given, AgentConfig(snmp=BY_PORT)) == given


@pytest.mark.parametrize("settings", [{}, {"services": [["a", 1]]}, {"switches": "all"}, {"switches": ["10.0.0.1"]}])
def test_no_switches(settings: dict[str, Any]) -> None:
    """Settings without a list of switches are given no secret."""
    assert with_secrets(settings, AgentConfig(snmp=BY_PORT)) == settings


def test_the_order_is_not_touched() -> None:
    """The ordered settings, which the report repeats, never hold a secret."""
    ordered = {"switches": [{"host": "10.0.0.1"}]}
    with_secrets(ordered, AgentConfig(snmp=BY_PORT))

    assert ordered == {"switches": [{"host": "10.0.0.1"}]}


def config_with_secrets(enrolled: Enrolled) -> Path:
    """A config.toml with a planted secret of each kind."""
    path = Path(enrolled.config.state).parent / "config.toml"
    path.write_text(
        f"""[agent]\nstate = "{enrolled.config.state}"
[agent.snmp."127.0.0.1:9"]\ncommunity = "{COMMUNITY}"
[agent.snmp."127.0.0.1:10"]\nuser = "{USER}"\nauth = "SHA-256"\nauth_key = "{AUTH}"\npriv = "AES"\npriv_key = "{PRIV}"
"""
    )
    return path


def test_no_secret_leaves(enrolled: Enrolled) -> None:
    """No secret of this box is in a sealed report, its raw evidence or its failure's words."""
    config = msgspec.structs.replace(enrolled.config, snmp={"127.0.0.1:9": V2C, "127.0.0.1:10": V3})
    settings = {"switches": [{"host": "127.0.0.1", "port": port} for port in (9, 10)], "timeout_s": 1, "retries": 0}
    found: Finding = run_probe("uplinks", settings, config)
    sealing = report_of(enrolled.identity, found, "uplinks", settings, "")
    enrolled.outbox.seal("uplinks", "", 0, found.raws, sealing)
    kept = b"".join(path.read_bytes() for path in enrolled.outbox.path.parent.glob("outbox.sqlite*"))
    whole = repr(found).encode() + kept + sealing(1, "")[1]

    assert len([one for one in found.readings if one.quantity == "devices.answered"]) == 3
    assert [secret for secret in SECRETS if secret.encode() in whole] == []


def test_no_secret_is_said(enrolled: Enrolled, tmp_path: Path) -> None:
    """No secret of this box is printed, logged or sealed by a scan by hand, which seals all the same."""
    path = config_with_secrets(enrolled)
    (tmp_path / "probes.toml").write_text(
        '[probes.uplinks]\ntimeout_s = 1\nretries = 0\nswitches = [{host = "127.0.0.1", port = 9}, '
        '{host = "127.0.0.1", port = 10}]\n'
    )
    command = [sys.executable, "-m", "agent", "--config", str(path), "scan", "uplinks", "--settings"]
    done = subprocess.run([*command, str(tmp_path / "probes.toml")], capture_output=True, check=False, timeout=60)
    (report,) = [one.content for one in Outbox(Path(enrolled.config.state)).waiting()]

    assert [one for one in SECRETS if one.encode() in done.stdout + done.stderr + report + _payload(report)] == []
    # The report repeats what the admin gave, and nothing that the box added.
    given = [{"host": "127.0.0.1", "port": 9}, {"host": "127.0.0.1", "port": 10}]
    assert json.loads(_payload(report))["settings"]["switches"] == given


def _payload(envelope: bytes) -> bytes:
    """The signed payload of an envelope."""
    import base64

    return base64.b64decode(json.loads(envelope)["payload"])


@pytest.mark.parametrize(
    "wrong", ["community = 7", f'community = "{COMMUNITY}"\nuser = "{USER}"', f'comunity = "{COMMUNITY}"']
)
def test_a_wrong_secret_is_not_repeated(tmp_path: Path, wrong: str) -> None:
    """The words about a wrong secret never repeat it."""
    (tmp_path / "config.toml").write_text(f'[agent.snmp."10.0.0.1"]\n{wrong}\n')
    command = [sys.executable, "-m", "agent", "--config", str(tmp_path / "config.toml"), "scan"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, [one for one in SECRETS if one in done.stderr]) == (2, [])
