"""Is a wireless controller asked with this box's secrets, and with nothing that an order says of the box?"""

from __future__ import annotations

from pathlib import Path

from agent import known
from agent.config import AgentConfig, SnmpSecret, SshSecret
from agent.scan import run_probe, with_secrets
from agent.stations import own_stations
from evidence.model import Failure
from tests.agent.conftest import SECRETS
from tests.probes.cli.device import PASSWORD, USER, Device, key_of, serving, transcripts

COMMUNITY = SECRETS[0]
LISTED = {"host": "192.0.2.1", "port": 161, "name": "ac-1", "vendor": "huawei"}


def config(directory: Path, port: int = 22) -> AgentConfig:
    """A box that knows an SNMP secret and a login for the controller."""
    return AgentConfig(
        state=str(directory),
        snmp={"192.0.2.1": SnmpSecret(community=COMMUNITY)},
        ssh={host: SshSecret(user=USER, password=PASSWORD, port=port) for host in ("192.0.2.1", "127.0.0.1")},
    )


def test_secrets_join_a_controller(tmp_path: Path) -> None:
    """A listed controller gets the community, the login and the pinned host key of its address, as a switch does."""
    known.pin(tmp_path, {"192.0.2.1:22": "SHA256:pinned"})
    (one,) = with_secrets({"controllers": [LISTED]}, config(tmp_path), "aps")["controllers"]

    assert (one["community"], one["ssh"]["user"], one["ssh"]["host_key"]) == (COMMUNITY, USER, "SHA256:pinned")
    assert {key: one[key] for key in LISTED} == LISTED


def test_a_controller_without_a_secret(tmp_path: Path) -> None:
    """One for which this box knows nothing is told to the probe as such."""
    (one,) = with_secrets({"controllers": [LISTED | {"host": "192.0.2.9"}]}, config(tmp_path), "aps")["controllers"]

    assert one["no_secret"] is True
    assert "community" not in one


def test_the_stations_are_this_box_s_own(tmp_path: Path) -> None:
    """Whose hand-overs are asked for is never an order's to say: anybody's way through the school could be followed so."""
    joined = with_secrets({"controllers": [LISTED], "stations": ["02:00:00:00:00:09"]}, config(tmp_path), "aps")

    assert joined["stations"] == own_stations()
    assert "02:00:00:00:00:09" not in joined["stations"]


def test_a_host_key_is_pinned(tmp_path: Path) -> None:
    """The key that a controller's command line shows first is pinned, and what is known of switches stays as it was."""
    with serving(Device("huawei_vrp", answers=transcripts("huawei_vrp"))) as device:
        found = run_probe("aps", {"controllers": [LISTED | {"host": "127.0.0.1"}]}, config(tmp_path, device.port))

    assert found.failure is None
    assert known.host_keys(tmp_path) == {f"127.0.0.1:{device.port}": key_of(device)}
    assert not (tmp_path / known.LAST).exists()


def test_nobody_there(tmp_path: Path) -> None:
    """A controller without a secret and without a login ends the run with the reason."""
    found = run_probe("aps", {"controllers": [LISTED | {"host": "127.0.0.1"}]}, AgentConfig(state=str(tmp_path)))

    assert (found.failure, "no SNMP secret in this box's config.toml" in found.detail) == (Failure.NOT_PERMITTED, True)
