"""Do the counters of real kernels, told by net-snmp's agent, follow what the stimulus probe pushes past them?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.probes.conftest import MARKERS
from tests.probes.face import Answer, probe
from tests.probes.spaces import Host, cable, find, host, need, running, until

COMMUNITY = MARKERS["community"]
NEAR, FAR = "10.91.1.2", "10.91.2.2"
CACHED_S = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2"  # nsCacheTimeout of the interfaces table; 15 s unless told
VOLUMES = (500_000, 0, 900_000)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A desk, a switch that forwards to a second switch, each with its snmpd; the desk."""
    need("unshare", "nsenter", "ip", "snmpd", "snmpset")
    with ExitStack() as stack:
        desk, near, far = (stack.enter_context(host()) for _ in range(3))
        cable(desk, "ge0", near, "lan0")
        cable(near, "up0", far, "down0")
        for one, name, address in (
            (desk, "ge0", "10.91.1.1"),
            (near, "lan0", NEAR),
            (near, "up0", "10.91.2.1"),
            (far, "down0", FAR),
        ):
            one.sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
            one.ip("addr", "add", f"{address}/24", "dev", name)
        near.sysctl("ipv4/ip_forward", 1)
        desk.ip("route", "add", "10.91.2.0/24", "via", NEAR)
        far.ip("route", "add", "10.91.1.0/24", "via", "10.91.2.1")
        for one, address in ((near, NEAR), (far, FAR)):
            stack.enter_context(agent(one, address, tmp_path_factory.mktemp("snmpd")))
        yield desk


def agent(one: Host, address: str, folder: Path) -> Any:
    """An snmpd on a host that reads its counters anew every second."""
    lines = [
        f"agentAddress udp:{address}:161,udp:127.0.0.1:1161",
        f"rocommunity {COMMUNITY}",
        "rwcommunity lab 127.0.0.1",
    ]
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n")
    command = [*one.inside, "env", f"SNMP_PERSISTENT_DIR={folder}", "MIBS=", find("snmpd") or "snmpd"]
    stack = ExitStack()
    stack.enter_context(running([*command, "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf")], folder / "log"))
    until(lambda: one.listens(1161), "snmpd")
    one.run("env", "MIBS=", "snmpset", "-v2c", "-clab", "127.0.0.1:1161", CACHED_S, "i", "1")
    return stack


@pytest.fixture(scope="module")
def answer(floor: Host) -> Answer:
    """One run past both switches, with a quiet window between two volumes."""
    switches = [
        {"host": NEAR, "community": COMMUNITY, "ports": ["lan0", "up0"]},
        {"host": FAR, "community": COMMUNITY, "ports": ["down0"]},
    ]
    pulses = [{"at_s": 4.0 * number, "octets": octets, "towards": FAR} for number, octets in enumerate(VOLUMES)]
    settings = {"switches": switches, "pulses": pulses, "settle_s": 2.5}
    return probe("stimulus", settings, inside=floor.inside)


@pytest.mark.parametrize(
    ("quantity", "port"),
    [("stimulus.in", f"{NEAR}:161/lan0"), ("stimulus.out", f"{NEAR}:161/up0"), ("stimulus.in", f"{FAR}:161/down0")],
)
def test_real_counters_follow(answer: Answer, quantity: str, port: str) -> None:
    """At both ends of the link the volumes show, with headers and nothing else to speak of, and the silence stays silent."""
    volumes = [answer.value(quantity, f"{port}@{number}") / max(1, octets) for number, octets in enumerate(VOLUMES)]

    assert answer.end == {"end": "complete"}, answer
    assert 1.0 < volumes[0] < 1.06
    assert 1.0 < volumes[2] < 1.06
    assert volumes[1] < 5000


def test_the_other_way_stays_silent(answer: Answer) -> None:
    """Only the direction that the volume takes shows it."""
    assert answer.value("stimulus.out", f"{FAR}:161/down0@2") < 50_000
