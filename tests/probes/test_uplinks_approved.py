"""Is a neighbour asked only if an admin approved its name, only with its own secret, and only where it can be the school's?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from probes._switch.approved import unasked
from probes._switch.asking import Asked
from probes._switch.model import Device, Neighbour
from probes._switch.reading import Told
from probes._switch.settings import Approved, Switch
from tests.probes.agents import Interface, switch
from tests.probes.face import ROOT, Answer, probe
from tests.probes.lldp_rows import PHONE, STATION, hears, itself
from tests.probes.responder import packed
from tests.probes.spaces import Host, running, until

CORE, ACC1, ACC3, PUBLIC, LOOP, PC = (
    "10.9.0.1", "10.9.0.11", "10.9.0.13", "11.0.0.9", "127.0.0.9", "10.9.0.19",
)  # fmt: skip
PORTS = tuple(f"ge{number}" for number in range(1, 9))
G = 1_000_000_000


def rows(name: str, number: int, *heard: tuple[int, int, str, str, tuple[str, ...], bytes]) -> dict[str, str]:
    """A switch of eight ports that hears these."""
    table = switch(*map(Interface, PORTS)) | itself(name, number, dict(enumerate(PORTS, start=1)))
    for local, who, called, port, addresses, says in heard:
        table |= hears(local, who, called, port, addresses, says)
    return packed(table)


BRIDGE = b"\x20\x00"
TABLES = {
    CORE: rows(
        "core", 1,
        (1, 11, "acc1", "ge1", (ACC1,), BRIDGE),
        (2, 13, "acc3", "ge1", (ACC3,), BRIDGE),
        (3, 14, "outside", "ge1", (PUBLIC,), BRIDGE),
        (4, 15, "loop", "ge1", (LOOP, "0.0.0.0", "::1"), BRIDGE),
        (5, 16, "pc", "eth0", (PC,), STATION),
        (6, 17, "phone", "p1", (PC,), PHONE),
    ),
    ACC1: rows("acc1", 11, (1, 1, "core", "ge1", (CORE,), BRIDGE)),
    ACC3: rows("acc3", 13, (1, 1, "core", "ge2", (CORE,), BRIDGE)),
    **dict.fromkeys((PUBLIC, LOOP, PC), rows("whoever", 99)),
}  # fmt: skip
NAMES = ("acc1", "outside", "loop", "pc", "phone")
V3 = {"user": "reader", "auth": "SHA-256", "auth_key": "planted-key-7", "priv": "AES", "priv_key": "planted-key-8"}
APPROVED = [{"name": name, **V3} for name in NAMES]


@dataclass(frozen=True)
class Run:
    """A run in a network of its own, and who in it was asked with which community."""

    answer: Answer
    asked: set[tuple[str, str]]


@pytest.fixture
def ground(desk: Host, tmp_path: Path) -> Iterator[tuple[Host, Path]]:
    """A host that is all of these devices at once, each at its address, and a log of who was asked."""
    for address in {*TABLES} - {LOOP}:
        desk.ip("address", "add", f"{address}/32", "dev", "lo")
    agents = [{"address": one, "port": 161, "community": "secret-0", "rows": table} for one, table in TABLES.items()]
    (tmp_path / "agents.json").write_text(json.dumps(agents))
    command = [*desk.inside, "env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.probes.responder"]
    log = tmp_path / "asked"
    with running([*command, str(tmp_path / "agents.json")], log):
        until(lambda: "ready" in log.read_text(), "the agents")
        yield desk, log


def ask(ground: tuple[Host, Path], **more: Any) -> Run:
    """Ask the core switch, and its neighbours as far as the settings allow."""
    desk, log = ground
    settings = {"switches": [{"host": CORE, "community": "secret-0"}], "timeout_s": 1, "retries": 1}
    answer = probe("uplinks", settings | more, inside=desk.inside)
    lines = [line.split(" ") for line in log.read_text().splitlines() if " " in line]
    return Run(answer, {(address, community) for address, community in lines})


def test_without_discover_nobody_else_is_asked(ground: tuple[Host, Path]) -> None:
    """Neighbours are shown and counted, and no packet goes to any of them."""
    run = ask(ground)

    (share,) = run.answer.of("devices.answered", "")
    neighbours = {line["facts"]["neighbour"] for line in run.answer.of("link.speed")}
    assert (run.asked, share["facts"]["undiscovered"]) == ({(CORE, "secret-0")}, 4)
    assert neighbours == {"acc1", "acc3", "outside", "loop"}


def test_only_what_can_be_a_switch_of_the_school_is_asked(ground: tuple[Host, Path]) -> None:
    """
    Of five approved names one is asked, and not in the clear.

    The others announce a public address or this box itself, or that they are a station or a telephone; one is not approved.
    """
    run = ask(ground, discover=True, approved=APPROVED)

    told = {line["subject"] for line in run.answer.of("devices.answered")}
    assert run.asked == {(CORE, "secret-0"), (ACC1, "v3")}
    assert told == {"", f"{CORE}:161", f"{ACC1}:161"}


def test_a_neighbour_that_does_not_answer_is_no_certain_link(ground: tuple[Host, Path]) -> None:
    """A neighbour that was asked in vain counts as a switch that did not answer; every link stays at most, without another end."""
    answer = ask(ground, discover=True, approved=APPROVED).answer

    strangers = {
        line["facts"]["neighbour"]: (line.get("at_most"), line["facts"]["peer"]) for line in answer.of("link.speed")
    }
    assert strangers == dict.fromkeys(("acc1", "acc3", "outside", "loop"), (G, ""))
    assert answer.value("devices.answered") == 500_000


def test_a_community_for_an_approved_name_is_refused() -> None:
    """A secret in the clear is not given to whoever announces a name."""
    approved = [{"name": "acc1", "community": "planted-9"}]
    answer = probe("uplinks", {"switches": [{"host": CORE, "community": "x"}], "discover": True, "approved": approved})

    assert (answer.status, "v3 only" in answer.errors, "planted-9" in answer.errors) == (2, True, False)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        *((address, True) for address in ("10.9.0.1", "172.16.0.1", "192.168.1.1", "fd00::1")),
        *((address, False) for address in ("8.8.8.8", "11.0.0.9", "172.32.0.1", "127.0.0.1", "127.9.9.9", "0.0.0.0")),
        *((address, False) for address in ("169.254.1.1", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1")),
        *((address, False) for address in ("::1", "::", "fe80::1", "ff02::1", "2606:4700::1", "::ffff:8.8.8.8")),
        *((address, False) for address in ("::ffff:127.0.0.1", "64:ff9b::8.8.8.8")),
    ],
)
def test_which_addresses_can_be_the_school_s(address: str, asked: bool) -> None:
    """A secret goes to private unicast addresses only, in whatever form an address is announced."""
    heard = Neighbour(local=1, by="lldp", device=Device.SWITCH, name="acc1", addresses=(address,))
    core = Asked(Switch.model_validate({"host": "10.9.0.250", "community": "x"}), Told(), neighbours=(heard,))

    found = unasked([Approved.model_validate({"name": "acc1", **V3})], [core])
    assert [one.host for one in found] == ([address] if asked else [])


@pytest.mark.parametrize(
    ("device", "asked"),
    [
        *((device, True) for device in (Device.SWITCH, Device.ROUTER, Device.UNKNOWN)),
        *((device, False) for device in (Device.STATION, Device.PHONE, Device.CAMERA, Device.AP)),
    ],
)
def test_which_devices_can_be_a_switch(device: Device, asked: bool) -> None:
    """What says that it is something else than a switch is not asked, whatever name it goes by."""
    heard = Neighbour(local=1, by="lldp", device=device, name="acc1", addresses=(ACC1,))
    core = Asked(Switch.model_validate({"host": CORE, "community": "x"}), Told(), neighbours=(heard,))

    assert bool(unasked([Approved.model_validate({"name": "acc1", **V3})], [core])) is asked
