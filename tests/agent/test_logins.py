"""Do logins and host keys of switches go where they belong, and are pins kept over runs?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agent import known
from agent.byhand import _public, about_keys
from agent.config import AgentConfig, SnmpSecret, SshSecret
from agent.known import HostKey
from agent.outbox import Outbox
from agent.scan import Finding, _Lines, _remember, run_probe, with_secrets
from agent.words import translation
from evidence import quantities as q
from evidence.model import Conditions
from tests.agent.conftest import SECRETS, Enrolled

COMMUNITY, USER, AUTH, PRIV = SECRETS
PASSWORD, ENABLE = "planted-password-5", "planted-enable-6"
LOGIN = SshSecret("reader", PASSWORD, ENABLE, port=2222, vendor="huawei_vrp")
SSH = {"user": "reader", "password": PASSWORD, "enable": ENABLE, "port": 2222, "vendor": "huawei_vrp"}
SWITCH = {"host": "10.0.0.1", "community": "mine"}
HERE, KEY, OTHER_KEY = "10.0.0.1:2222", "SHA256:first", "SHA256:second"


@pytest.fixture
def config(tmp_path: Path) -> AgentConfig:
    """A box with a login for one switch and a secret for one name."""
    return AgentConfig(
        state=str(tmp_path),
        snmp={"*": SnmpSecret(community="all"), "acc-7": SnmpSecret(user=USER)},
        ssh={"10.0.0.1": LOGIN},
    )


def joined(config: AgentConfig, probe: str = "uplinks", **more: Any) -> dict[str, Any]:
    """One switch as the probe is told of it."""
    one: dict[str, Any] = with_secrets({"switches": [SWITCH | more]}, config, probe)["switches"][0]
    return one


def test_a_login_joins_its_switch(config: AgentConfig) -> None:
    """The switch is given the login that is configured for its host, before any key is known without one."""
    assert joined(config) == {**SWITCH, "ssh": SSH}


def test_the_pinned_key_joins_the_login(config: AgentConfig) -> None:
    """Once a key is pinned, every login is bound to it, also one that was typed."""
    known.pin(config.directory, {HERE: KEY})
    typed = {"user": "me", "password": "p", "port": 2222, "host_key": OTHER_KEY}

    assert joined(config)["ssh"] == {**SSH, "host_key": KEY}
    assert joined(config, ssh=typed)["ssh"] == {**typed, "host_key": KEY}


def test_a_pin_is_of_one_command_line(config: AgentConfig) -> None:
    """A pin belongs to the address and port of the command line, whatever port SNMP is asked on."""
    known.pin(config.directory, {HERE: KEY})

    assert (joined(config, port=1161)["ssh"]["host_key"], "host_key" in joined(config, ssh={"user": "u"})["ssh"]) == (
        KEY,
        False,
    )


def test_only_uplinks_logs_in(config: AgentConfig) -> None:
    """A probe that asks no command line is handed no login."""
    assert joined(config, "stimulus") == SWITCH


@pytest.mark.parametrize(
    ("neighbour", "given"),
    [
        pytest.param({"name": "acc-7"}, {"name": "acc-7", "user": USER}, id="by its name"),
        pytest.param({"name": "acc-8"}, {"name": "acc-8", "no_secret": True}, id="no other"),
        pytest.param({"name": "*"}, {"name": "*", "no_secret": True}, id="never the one for all"),
        pytest.param({}, {"no_secret": True}, id="no name"),
        pytest.param({"name": "a", "community": "c"}, {"name": "a", "community": "c"}, id="one of its own"),
        pytest.param("acc-7", "acc-7", id="no table"),
    ],
)
def test_approved_neighbours(config: AgentConfig, neighbour: Any, given: Any) -> None:
    """A neighbour that was approved is given what stands under its own name."""
    assert with_secrets({"approved": [neighbour]}, config)["approved"] == [given]


# --- After a run ------------------------------------------------------------------------------------------------------


def after_run(config: AgentConfig, key: str) -> tuple[HostKey, ...]:
    """What is remembered of a run in which the switch showed this key."""
    shown = q.DEVICES_ANSWERED.reading(1_000_000, "10.0.0.1:161", {"name": "a", "ssh_host_key": key})
    strange = q.DEVICES_ANSWERED.reading(1_000_000, "10.0.0.9:161", {"ssh_host_key": "SHA256:of-nobody-asked"})
    lines = _Lines([shown, strange, q.DEVICES_ANSWERED.reading(1_000_000)])
    return _remember(with_secrets({"switches": [{"host": "10.0.0.1"}]}, config), lines, config)


def test_a_key_is_pinned_by_a_run(config: AgentConfig) -> None:
    """The key that a listed switch showed is pinned under its command line; the next run is bound to it."""
    (key,) = after_run(config, KEY)

    assert (key.new, known.host_keys(config.directory), joined(config)["ssh"]["host_key"]) == (True, {HERE: KEY}, KEY)


def test_a_changed_key_is_told_and_not_taken(config: AgentConfig, caplog: pytest.LogCaptureFixture) -> None:
    """Another key than before is an error in the log, and the pin stays."""
    after_run(config, KEY)
    (key,) = after_run(config, OTHER_KEY)

    assert (key.changed, known.host_keys(config.directory)) == (True, {HERE: KEY})
    assert f"{HERE} shows another SSH host key than before: {OTHER_KEY}, pinned is {KEY}" in caplog.text


@pytest.mark.parametrize(
    ("pinned", "words"),
    [
        pytest.param("", ["seen for the first time and pinned", KEY], id="new"),
        pytest.param(OTHER_KEY, ["[bold red]", f"campusproof-agent forget-key {HERE}", KEY, OTHER_KEY], id="changed"),
        pytest.param(KEY, [], id="the same"),
    ],
)
def test_what_is_said_of_a_key(pinned: str, words: list[str]) -> None:
    """A new key is shown to be compared; a changed one in red with what to do; the same one not at all."""
    finding = Finding((), (), Conditions("test", 1, 2, 1, 2), host_keys=(HostKey(HERE, KEY, pinned),))
    said = "".join(about_keys(finding, translation("en")))

    assert (bool(said), [word for word in words if word not in said]) == (bool(words), [])


def test_a_run_is_remembered_without_secrets(tmp_path: Path) -> None:
    """Which switches were asked is kept for the notice, and no secret with it."""
    config = AgentConfig(
        state=str(tmp_path), snmp={"127.0.0.1": SnmpSecret(community=COMMUNITY)}, ssh={"127.0.0.1": LOGIN}
    )
    settings = {"switches": [{"host": "127.0.0.1", "port": 9, "name": "a"}], "timeout_s": 0.2, "retries": 0}
    found = run_probe("uplinks", settings, config)
    kept = known.last_run(tmp_path)

    assert (kept.settings, kept.readings) == ({"switches": settings["switches"]}, found.readings)
    assert [one for one in (COMMUNITY, PASSWORD, ENABLE) if one in (tmp_path / known.LAST).read_text()] == []


# --- What leaves ------------------------------------------------------------------------------------------------------


def test_a_report_repeats_what_was_given(config: AgentConfig) -> None:
    """The report has the settings as the admin typed them: no login, key or secret of this box, and none that was typed."""
    known.pin(config.directory, {HERE: KEY})
    given = {
        "switches": [{"host": "10.0.0.1"}, {"host": "10.0.0.2", "community": COMMUNITY}],
        "approved": [{"name": "acc-8"}],
        "discover": True,
    }

    assert _public("uplinks", given, config) == {
        "switches": [{"host": "10.0.0.1"}, {"host": "10.0.0.2"}],
        "approved": [{"name": "acc-8"}],
        "discover": True,
    }


def test_no_login_is_said(enrolled: Enrolled, tmp_path: Path) -> None:
    """A login of this box is neither printed nor logged nor sealed."""
    path = tmp_path / "config.toml"
    path.write_text(
        f'[agent]\nstate = "{enrolled.config.state}"\n[agent.snmp."127.0.0.1"]\ncommunity = "{COMMUNITY}"\n'
        f'[agent.ssh."127.0.0.1"]\nuser = "{USER}"\npassword = "{PASSWORD}"\nenable = "{ENABLE}"\nport = 9\n'
    )
    (tmp_path / "probes.toml").write_text(
        '[probes.uplinks]\ntimeout_s = 1\nretries = 0\nswitches = [{host = "127.0.0.1", port = 9}]\n'
    )
    command = [sys.executable, "-m", "agent", "--config", str(path), "scan", "uplinks", "--settings"]
    done = subprocess.run([*command, str(tmp_path / "probes.toml")], capture_output=True, check=False, timeout=60)
    state = b"".join(one.content for one in Outbox(Path(enrolled.config.state)).waiting())

    told = done.stdout + done.stderr + state + msgspec.json.encode(known.last_run(Path(enrolled.config.state)))
    assert [one for one in (COMMUNITY, USER, PASSWORD, ENABLE) if one.encode() in told] == []
