"""Does the probe read net-snmp's agent in every version and protection, and is a secret ever told?"""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.probes.conftest import MARKERS, USERS, Snmpd
from tests.probes.face import here, probe


@pytest.mark.parametrize(
    ("auth", "priv"),
    [*USERS, pytest.param("SHA-256", None, id="without privacy"), pytest.param("", "", id="v2c")],
)
def test_net_snmp_answers(snmpd: Snmpd, auth: str, priv: str | None) -> None:
    """SNMP v2c and every authentication and privacy of v3 read the same interfaces that this host has."""
    one = snmpd.v3(auth, priv) if auth else snmpd.v2c()
    answer = here("uplinks", {"switches": [one], "timeout_s": 2})

    (told,) = answer.of("devices.answered", f"127.0.0.1:{snmpd.port}")
    assert (told["value"], told["facts"]["snmp"], answer.end) == (1_000_000, "3" if auth else "2c", {"end": "complete"})


def test_net_snmp_over_ipv6(snmpd: Snmpd) -> None:
    """An IPv6 switch stands in brackets."""
    answer = here("uplinks", {"switches": [snmpd.v2c(host="::1")], "timeout_s": 2})

    assert answer.value("devices.answered", f"[::1]:{snmpd.port}") == 1_000_000


def test_this_hosts_interfaces(snmpd: Snmpd, folder: Path) -> None:
    """The raw evidence holds the interfaces that the kernel has, and of tables that name people's devices only how many rows."""
    probe("uplinks", {"switches": [snmpd.v2c()], "timeout_s": 2}, evidence=folder)

    columns = json.loads((folder / "switch-1.json").read_text())["columns"]
    names = {name for _, name in socket.if_nameindex()}
    assert "lo" in names & set(columns["ifName"]["rows"].values())
    assert [name for name in ("ifAlias", "dot1qTpFdbPort", "ipNetToMediaPhysAddress") if "rows" in columns[name]] == []


def test_a_silent_switch_beside_one_that_answers(snmpd: Snmpd, folder: Path) -> None:
    """One of two that answers is half, and the run is complete; the silent one says what to look at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        silent = {"host": "127.0.0.1", "port": mute.getsockname()[1], "community": "x", "name": "二号楼"}
        settings = {"switches": [snmpd.v2c(), silent], "timeout_s": 0.3, "retries": 1}
        answer = probe("uplinks", settings, evidence=folder)

    subject = f"127.0.0.1:{silent['port']}"
    (told,) = answer.of("devices.answered", subject)
    detail = f"no answer from {subject}: wrong community, SNMP switched off, or blocked (ACL)"
    assert (answer.value("devices.answered"), answer.end["end"]) == (500_000, "complete")
    assert told["facts"] == {"name": "二号楼", "failure": "timed_out", "detail": detail, "via": "snmp"}


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        pytest.param({"auth_key": "wrong-key-wrong-key"}, "login_rejected", id="wrong authentication key"),
        pytest.param({"user": "nobody"}, "login_rejected", id="unknown user"),
        pytest.param(
            {"priv_key": "wrong-key-wrong-key"}, "timed_out", id="wrong privacy key, of which net-snmp says nothing"
        ),
        pytest.param({"user": "strict", "priv": None, "priv_key": None}, "not_permitted", id="privacy is demanded"),
    ],
)
def test_a_login_that_is_refused(snmpd: Snmpd, change: dict[str, object], failure: str) -> None:
    """What the agent's own report says is the failure; its silence is a time-out."""
    one = {key: value for key, value in (snmpd.v3() | change).items() if value is not None}
    answer = here("uplinks", {"switches": [one], "timeout_s": 0.5, "retries": 0})

    assert (answer.value("devices.answered"), answer.end["failure"]) == (0, failure), answer.end


def test_no_secret_is_ever_told(snmpd: Snmpd, folder: Path) -> None:
    """Whether a login works or not, no secret is in what is printed or kept."""
    wrong = snmpd.v3(user="nobody", host="127.0.0.2")
    settings = {"switches": [snmpd.v2c(), snmpd.v3(host="::1"), wrong], "timeout_s": 0.5, "retries": 0}
    answer = probe("uplinks", settings, evidence=folder)

    told = answer.errors + str(answer.lines) + "".join(path.read_text() for path in folder.iterdir())
    assert [secret for secret in MARKERS.values() if secret in told] == []
