"""Is it told alike by all who ask what is an address inside the school, and how a switch is written?"""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agent.config import AgentConfig, SnmpSecret
from probes._settings import SNMP_PORT, is_inside, parted, subject, switch_subject
from probes._stimulus.settings import Settings
from probes._switch.approved import unasked
from probes._switch.asking import Asked
from probes._switch.model import Device, Neighbour
from probes._switch.reading import Told
from probes._switch.settings import Approved, Switch

APPROVED = Approved.model_validate({"name": "acc1", "user": "reader", "auth_key": "planted-key-7"})
LISTED = {"host": "core.example", "community": "x"}


def is_target(address: str) -> bool:
    """Whether a volume may be sent there."""
    try:
        Settings.model_validate(
            {"switches": [{**LISTED, "ports": ["ge1"]}], "pulses": [{"at_s": 0, "octets": 1, "towards": address}]}
        )
    except ValidationError:
        return False
    return True


def is_given_the_secret_for_all(address: str) -> bool:
    """Whether the secret of `*` goes there."""
    return AgentConfig(snmp={"*": SnmpSecret(community="x")}).secret_of(address, SNMP_PORT) is not None


def is_asked(address: str) -> bool:
    """Whether an approved neighbour is asked there."""
    heard = Neighbour(local=1, by="lldp", device=Device.SWITCH, name="acc1", addresses=(address,))
    return bool(unasked([APPROVED], [Asked(Switch.model_validate(LISTED), Told(), neighbours=(heard,))]))


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        pytest.param("10.0.0.1", True, id="RFC 1918, first block"),
        pytest.param("10.255.255.254", True, id="its last host"),
        pytest.param("172.31.9.9", True, id="second block"),
        pytest.param("192.168.1.1", True, id="third block"),
        pytest.param("fd00::1", True, id="RFC 4193"),
        pytest.param("::ffff:10.0.0.1", True, id="IPv4 in IPv6"),
        pytest.param("10.0.0.0", False, id="a whole network"),
        pytest.param("10.255.255.255", False, id="everybody in it"),
        pytest.param("172.31.255.255", False, id="everybody in the second block"),
        pytest.param("192.168.255.255", False, id="everybody in the third"),
        pytest.param("100.64.0.1", False, id="a carrier's shared space"),
        pytest.param("203.0.113.5", False, id="documentation"),
        pytest.param("2001:db8::1", False, id="documentation, IPv6"),
        pytest.param("198.18.0.1", False, id="benches"),
        pytest.param("127.0.0.1", False, id="this box"),
        pytest.param("::1", False, id="this box, IPv6"),
        pytest.param("::ffff:127.0.0.1", False, id="this box, IPv4 in IPv6"),
        pytest.param("169.254.1.1", False, id="one link"),
        pytest.param("fe80::1", False, id="one link, IPv6"),
        pytest.param("fec0::1", False, id="site-local, given up by RFC 3879"),
        pytest.param("0.0.0.0", False, id="nobody"),
        pytest.param("::", False, id="nobody, IPv6"),
        pytest.param("239.1.1.1", False, id="a group"),
        pytest.param("ff02::1", False, id="a group, IPv6"),
        pytest.param("255.255.255.255", False, id="everybody"),
        pytest.param("240.0.0.1", False, id="reserved"),
        pytest.param("192.0.0.1", False, id="between provider and home"),
        pytest.param("64:ff9b::a00:1", False, id="translated"),
        pytest.param("11.0.0.9", False, id="public"),
        pytest.param("2400:3200::1", False, id="public, IPv6"),
    ],
)
def test_inside(address: str, inside: bool) -> None:
    """One rule says whether volumes, the secret for all and questions to approved neighbours may go to an address."""
    answers = [one(address) for one in (is_inside, is_target, is_given_the_secret_for_all, is_asked)]

    assert answers == [inside] * 4


@pytest.mark.parametrize("host", ["", "core", "core.example", "10.0.0.1:161", "fd00::1%eth0"])
def test_what_is_no_address_is_not_inside(host: str) -> None:
    """A name may lead anywhere, so nothing that is kept inside goes to one."""
    assert not is_inside(host)


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("10.0.0.1:1161", "10.0.0.1", 1161),
        ("10.0.0.1", "10.0.0.1", 161),
        ("core.example:1161", "core.example", 1161),
        ("[fd00::1]:1161", "fd00::1", 1161),
        ("[fd00::1]", "fd00::1", 161),
        ("fd00::1:161", "fd00::1:161", 161),
    ],
)
def test_host_and_port(written: str, host: str, port: int) -> None:
    """What is written is taken apart as it was put together, and 161 is meant where no port is named."""
    assert parted(written) == (host, port)
    assert parted(subject(host, port)) == (host, port)
    assert switch_subject({"host": host, "port": port}) == subject(host, port)


def test_a_switch_without_a_port() -> None:
    """An entry of a list that names no port means 161."""
    assert switch_subject({"host": "fd00::1"}) == "[fd00::1]:161"
