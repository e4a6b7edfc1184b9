"""Is a wrong setting of the agent refused by file and key, before anything is measured?"""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.__main__ import main
from agent.config import AgentConfig, ConfigWrong, Limits, Line, SnmpSecret, SshSecret, load

WRONG = [
    pytest.param("[agent]\ncolector = 'x'", "`colector`", id="an unknown key"),
    pytest.param("[agnet]\n", "unknown table [agnet]; expected [agent] or [collector]", id="an unknown table"),
    pytest.param("collector = 'x'\n", "collector stands outside a table", id="a key outside a table"),
    pytest.param("[agent]\nplain_http = 'yes'", "$.plain_http", id="text for yes"),
    pytest.param("[agent]\npoll_wait_s = '50'", "$.poll_wait_s", id="text for a number"),
    pytest.param("[agent]\npoll_wait_s = 301", "poll_wait_s is between 0 and 300", id="too long a wait"),
    pytest.param("[agent]\npoll_wait_s = -1", "poll_wait_s is between 0 and 300", id="a wait below zero"),
    pytest.param("[agent]\nlanguage = 'fr'", "language is zh or en", id="another language"),
    pytest.param("[agent.limits]\nprobe_deadline_s = 0", "limits are whole numbers above 0", id="no time"),
    pytest.param("[agent.limits]\nraw_octets = 0", "limits are whole numbers above 0", id="no room"),
    pytest.param("[agent.limits]\nprobe_deadline_s = 1.5", "$.limits.probe_deadline_s", id="half a second"),
    pytest.param("[agent.limits]\ncpu = 1", "`cpu`", id="an unknown limit"),
    pytest.param(
        "[agent.limits]\negress_day_octets = -1", "egress_day_octets is a number of octets", id="less than no volume"
    ),
    pytest.param("[agent.limits]\nsaturating = 'yes'", "$.limits.saturating", id="text for leave"),
    pytest.param("[agent.lines.'a']\n", "`interface`", id="a line without its port"),
    pytest.param(
        "[agent.lines.'a']\ninterface = 'not a port'", "interface is the name of a network port", id="no port's name"
    ),
    pytest.param("[agent.lines.'a']\ninterface = ''", "interface is the name of a network port", id="an empty name"),
    pytest.param("[agent.lines.'a']\ninterface = 'eth1'\nspeed = 1", "`speed`", id="an unknown key of a line"),
    pytest.param("[agent.snmp.'a']\n", "give either community (v2c) or user (v3)", id="a secret of no kind"),
    pytest.param("[agent.snmp.'a']\ncommunity='x'\nuser='y'", "give either community", id="a secret of both kinds"),
    pytest.param("[agent.snmp.'a']\npassword='x'", "`password`", id="an unknown secret"),
    pytest.param("[agent.snmp.'a']\ncommunity='x'\nversion='3'", "version is 2c or 1", id="a version of no community"),
    pytest.param("[agent.snmp.'a']\nuser='x'\nversion='1'", "version belongs to a community", id="a user of version 1"),
    pytest.param("[agent.ssh.'a']\nuser='x'", "`password`", id="half a login"),
    pytest.param("[agent.ssh.'a']\nuser='x'\npassword=''", "give user and password", id="an empty password"),
    pytest.param("[agent.ssh.'a']\nuser='x'\npassword='y'\nport=0", "port is a TCP port", id="no port"),
    pytest.param("[agent.ssh.'a']\nuser='x'\npassword='y'\nkey='z'", "`key`", id="an unknown key of a login"),
    pytest.param(
        "[agent.snmp.'a']\nuser='x'\nauth_key='short'",
        '[agent.snmp."a"] auth_key: expected 8 or more',
        id="a short key",
    ),
    pytest.param(
        "[agent.snmp.'a']\nuser='x'\nauth_key='long enough'\nauth='MD5'",
        "[agent.snmp.\"a\"] auth: expected 'SHA', ",
        id="a method that is none",
    ),
    pytest.param(
        "[agent.snmp.'a']\nuser='x'\nauth_key='long enough'\npriv='AES'",
        "priv and priv_key: expected both or neither",
        id="half a privacy",
    ),
    pytest.param("[agent.snmp.'a']\nuser='x'", '[agent.snmp."a"] auth_key: expected', id="a user without a key"),
    pytest.param(
        "[agent.snmp.'a']\nprv='x'", '[agent.snmp."a"] Object contains unknown field `prv`; the keys are', id="misspelt"
    ),
    pytest.param(
        "[agent.ssh.'10.0.0.1']\nuser='x'\npassword='y'\nvendor='huawei'",
        '[agent.ssh."10.0.0.1"] vendor: expected one of cisco_ios, ',
        id="a family that is none",
    ),
    pytest.param("[agent\n", "line 1", id="no TOML"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_wrong(tmp_path: Path, text: str, words: str) -> None:
    """The message names the file and the key."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigWrong) as caught:
        load(path)

    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_exit(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    """At the command line the same words go to standard error, with status 2."""
    path = tmp_path / "config.toml"
    path.write_text(text)

    assert main(["--config", str(path), "run"]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"\xff\xfe", None], ids=["not text", "no file"])
def test_unreadable(tmp_path: Path, content: bytes | None) -> None:
    """A file that cannot be read is named."""
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigWrong, match=r"config\.toml: "):
        load(path)


def test_a_whole_file(tmp_path: Path) -> None:
    """Every table is read, and the collector's is left to the collector."""
    path = tmp_path / "config.toml"
    path.write_text(
        '[agent]\nstate = "/x"\n[agent.limits]\nprobe_deadline_s = 60\n[agent.snmp."*"]\ncommunity = "c"\n'
        '[agent.ssh."a"]\nuser = "u"\npassword = "p"\nport = 2222\n[agent.lines."b"]\ninterface = "eth1"\n'
        "[collector]\nnot_checked_here = 1\n"
    )

    assert load(path) == AgentConfig(
        state="/x",
        limits=Limits(60),
        lines={"b": Line("eth1")},
        snmp={"*": SnmpSecret(community="c")},
        ssh={"a": SshSecret("u", "p", port=2222)},
    )


def test_without_a_file() -> None:
    """Without a file the defaults hold, and the state lies where the system wants it."""
    assert load(None).directory.name == "agent"


# --- Which secret belongs to whom -------------------------------------------------------------------------------------

FOR_ALL, OWN = SnmpSecret(community="for-all"), SnmpSecret(community="own")
BY_USER = SnmpSecret(user="reader", auth_key="eight letters")
LOGIN_FOR_ALL, LOGIN = SshSecret("u", "for-all"), SshSecret("u", "own")
CONFIG = AgentConfig(
    snmp={
        "*": FOR_ALL,
        "acc-7": BY_USER,
        "acc-9": OWN,
        "10.0.0.1": OWN,
        "10.0.0.2:1161": OWN,
        "[fd00::1]:161": BY_USER,
        "fe80::1%eth0": BY_USER,
    },
    ssh={"*": LOGIN_FOR_ALL, "10.0.0.1": LOGIN, "core.example": LOGIN},
)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        pytest.param("acc-7", BY_USER, id="by its name"),
        pytest.param("acc-9", None, id="a community travels in the clear, so it is never given to a name"),
        pytest.param("acc-8", None, id="the one for all is never given to a name"),
        pytest.param("*", None, id="nor to one that calls itself so"),
        pytest.param("10.0.0.1", None, id="nor that of an address"),
        pytest.param("10.0.0.2:1161", None, id="nor that of an address and port"),
        pytest.param("[fd00::1]:161", None, id="nor that of an IPv6 address"),
        pytest.param("fe80::1%eth0", None, id="nor that of an address with a zone"),
        pytest.param("", None, id="no name"),
    ],
)
def test_secret_by_name(name: str, secret: SnmpSecret | None) -> None:
    """Any device can announce any name: an approved neighbour is given what stands under its own name, and no more."""
    assert CONFIG.secret_by_name(name) == secret


def test_by_address_and_port() -> None:
    """The secret of one address and port is found where the address is of IPv6 too, and is that port's only."""
    assert [CONFIG.secret_of("fd00::1", port) for port in (161, 1161)] == [BY_USER, FOR_ALL]


@pytest.mark.parametrize(
    ("host", "login"),
    [
        pytest.param("10.0.0.1", LOGIN, id="by address"),
        pytest.param("10.0.0.9", LOGIN_FOR_ALL, id="all other private addresses"),
        pytest.param("core.example", LOGIN, id="by name"),
        pytest.param("acc.example", None, id="no other name"),
        pytest.param("203.0.114.9", None, id="no public address"),
        pytest.param("127.0.0.1", None, id="not this box itself"),
    ],
)
def test_login(host: str, login: SshSecret | None) -> None:
    """A login goes to the host it is for; the one for all to private addresses only."""
    assert CONFIG.ssh_of(host) == login


@pytest.mark.parametrize(
    ("mode", "logins", "warned"),
    [
        pytest.param(0o600, '[agent.snmp."10.0.0.1"]\ncommunity="c"\n', False, id="the owner's own"),
        pytest.param(0o640, '[agent.snmp."10.0.0.1"]\ncommunity="c"\n', True, id="a group may read it"),
        pytest.param(0o604, '[agent.ssh."10.0.0.1"]\nuser="u"\npassword="p"\n', True, id="all may read it"),
        pytest.param(0o644, "", False, id="no login is in it"),
    ],
)
def test_a_file_with_logins_that_others_may_read(
    mode: int, logins: str, warned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logins of switches that others on the box may read are warned of on every command, with what to do."""
    path = tmp_path / "config.toml"
    path.write_text(f'[agent]\nstate = "{tmp_path}/state"\nlanguage = "en"\n{logins}')
    path.chmod(mode)

    main(["--config", str(path), "forget-key", "10.0.0.1"])
    assert (f"Run: chmod 600 {path}" in capsys.readouterr().err) is warned
