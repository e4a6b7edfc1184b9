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

CORE, ACC1, ACC2, ACC3, PUBLIC, LOOP, PC = (
    "10.9.0.1", "10.9.0.11", "10.9.0.12", "10.9.0.13", "11.0.0.9", "127.0.0.9", "10.9.0.19",
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
    ACC1: rows("acc1", 11, (1, 1, "core", "ge1", (CORE,), BRIDGE), (2, 12, "acc2", "ge1", (ACC2,), BRIDGE)),
    ACC2: rows("acc2", 12, (1, 11, "acc1", "ge2", (ACC1,), BRIDGE)),
    ACC3: rows("acc3", 13, (1, 1, "core", "ge2", (CORE,), BRIDGE)),
    **dict.fromkeys((PUBLIC, LOOP, PC), rows("whoever", 99)),
}  # fmt: skip
SECRETS = {
    "acc1": "secret-1",
    "acc2": "secret-2",
    "outside": "secret-3",
    "loop": "secret-4",
    "pc": "secret-5",
    "phone": "secret-6",
}


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
    agents = [{"address": one, "port": 161, "community": _secret(one), "rows": table} for one, table in TABLES.items()]
    (tmp_path / "agents.json").write_text(json.dumps(agents))
    command = [*desk.inside, "env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.probes.responder"]
    log = tmp_path / "asked"
    with running([*command, str(tmp_path / "agents.json")], log):
        until(lambda: "ready" in log.read_text(), "the agents")
        yield desk, log


def _secret(address: str) -> str:
    """The community that a device wants to hear; the strangers take any, were they asked."""
    return {CORE: "secret-0", ACC1: "secret-1", ACC2: "secret-2"}.get(address, "secret-3")


def ask(ground: tuple[Host, Path], **more: Any) -> Run:
    """Ask the core switch, and its neighbours as far as the settings allow."""
    desk, log = ground
    settings = {"switches": [{"host": CORE, "community": "secret-0"}], "timeout_s": 1, "retries": 1}
    answer = probe("uplinks", settings | more, inside=desk.inside)
    lines = [line.split(" ") for line in log.read_text().splitlines() if " " in line]
    return Run(answer, {(address, community) for address, community in lines})


APPROVED = [{"name": name, "community": secret} for name, secret in SECRETS.items()]


def test_without_discover_nobody_else_is_asked(ground: tuple[Host, Path]) -> None:
    """Neighbours are shown and counted, and no packet goes to any of them."""
    run = ask(ground)

    (share,) = run.answer.of("devices.answered", "")
    neighbours = {line["facts"]["neighbour"] for line in run.answer.of("link.speed")}
    assert (run.asked, share["facts"]["undiscovered"]) == ({(CORE, "secret-0")}, 4)
    assert neighbours == {"acc1", "acc3", "outside", "loop"}


def test_approved_neighbours_are_asked_with_their_own_secret(ground: tuple[Host, Path]) -> None:
    """
    From one listed switch to the next that it names, each once and with the secret given for its name.

    Who is not approved is shown; a secret never goes to a public address, to this box itself, or to what says it is no switch.
    """
    run = ask(ground, discover=True, approved=APPROVED)

    told = {line["subject"] for line in run.answer.of("devices.answered")}
    assert run.asked == {(CORE, "secret-0"), (ACC1, "secret-1"), (ACC2, "secret-2")}
    assert told == {"", f"{CORE}:161", f"{ACC1}:161", f"{ACC2}:161"}


def test_what_approved_neighbours_add(ground: tuple[Host, Path]) -> None:
    """Links between switches that were asked are certain; those to strangers stay at most, without another end."""
    answer = ask(ground, discover=True, approved=APPROVED).answer

    links = {line["subject"]: line for line in answer.of("link.speed")}
    certain = {subject: line["value"] for subject, line in links.items() if line["facts"]["confirmed"] == "both"}
    strangers = {
        line["facts"]["neighbour"]: (line["at_most"], line["facts"]["peer"])
        for line in links.values()
        if "at_most" in line
    }
    assert certain == {f"{CORE}:161/ge1": G, f"{ACC1}:161/ge2": G}
    assert strangers == dict.fromkeys(("acc3", "outside", "loop"), (G, ""))


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

    found = unasked([Approved.model_validate({"name": "acc1", "community": "y"})], [core])
    assert [one.host for one in found] == ([address] if asked else [])
