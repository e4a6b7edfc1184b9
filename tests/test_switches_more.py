"""
Do the ways to a switch beside SNMP of a listed one hold in the virtual school: neighbours, the command line, and the stimulus?

Real snmpd and lldpd; the command line is a fake over real SSH whose text is ours; the stimulus crosses two real uplinks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import faults
from tests.lab.linked import HIGH_SPEED, USER, WHOLE, WITHOUT_RATES, G, Seen, ask, named, rate
from tests.lab.school import VirtualSchool
from tests.lab.topology import SWITCH_ADDRESS
from tests.probes.cli.device import PASSWORD
from tests.probes.cli.device import USER as READER
from tests.probes.face import Answer, probe

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
DESK = "10.20.0.21"
VOLUMES = (1_500_000, 0, 700_000)
APART_S = 5.0


def test_neighbours_are_found_from_one_switch(school: VirtualSchool) -> None:
    """From one listed switch to the neighbour that it names, and from there to the next, each as an admin approved it, over SNMP v3."""
    acc1 = {"host": SWITCH_ADDRESS["acc1"], **USER}
    settings = {"switches": [acc1], "discover": True, "approved": [{"name": name, **USER} for name in ("core", "acc2")]}
    answer = probe("uplinks", settings, inside=school.node("agent").enter)

    links = {named(line["subject"]): (named(line["facts"]["peer"]), rate(line)) for line in answer.of("link.speed")}
    (share,) = answer.of("devices.answered", "")
    assert links == {"acc1/ge1": ("core/ge2", "10G"), "core/ge3": ("acc2/ge1", "10G")}
    assert (share["facts"]["answered"], share["facts"]["undiscovered"]) == (3, 0)


@pytest.mark.parametrize("approved", [[], ["acc1"]], ids=["nobody", "another"])
def test_a_neighbour_that_nobody_approved_is_shown(school: VirtualSchool, approved: list[str]) -> None:
    """A neighbour that is not approved by its name is told as undiscovered, and is not asked."""
    settings = {
        "switches": [{"host": SWITCH_ADDRESS["core"], **USER}],
        "discover": True,
        "approved": [{"name": name, **USER} for name in approved],
    }
    answer = probe("uplinks", settings, inside=school.node("agent").enter)

    asked = {named(line["subject"]) for line in answer.of("devices.answered") if line["subject"]}
    shown = {line["facts"]["neighbour"] for line in answer.of("link.speed") if not line["facts"]["peer"]}
    assert (asked, shown) == ({"core", *approved}, {"acc1", "acc2"} - {*approved})


SHOWN = {
    "show interfaces status": (
        "Interface                                Status    Vlan   Duplex   Speed     Type\n"
        "---------------------------------------- --------  ----   -------  --------- ------\n"
        "ge 1                                     up        trunk  Full     10G       fiber\n"
        "ge 2                                     up        30     Full     1000M     copper\n"
        "ge 3                                     up        trunk  Full     10G       fiber\n"
    )
}
"""What acc2 would say as the Ruijie switch that it says it is; written by us in the form of that family."""


def logged_in(school: VirtualSchool, folder: Path, **more: str) -> Seen:
    """Ask all switches; of acc2 also the command line, for its agent sends rates that cannot be read."""
    ssh = {"user": READER, "password": PASSWORD, **more}
    with faults.snmp_troubled(school, "acc2", "garbles", HIGH_SPEED):
        return ask(school, folder, {"acc2": {"ssh": ssh}})


def test_the_command_line_settles_what_snmp_leaves_open(linked_school: VirtualSchool, tmp_path: Path) -> None:
    """Rates that SNMP did not tell are read over SSH; they say so, and the host key that was seen is told, to be kept."""
    with faults.command_line(linked_school, "acc2", "ruijie_os", SHOWN) as key:
        seen = logged_in(linked_school, tmp_path)

    port = seen.port("acc2/ge1", "port.speed")
    (answered,) = seen.answer.of("devices.answered", f"{SWITCH_ADDRESS['acc2']}:161")
    assert port is not None
    assert (port["value"], port["facts"]["via"], answered["facts"]["ssh_host_key"]) == (10 * G, "ssh", key)
    assert seen.links() == WHOLE


def test_a_changed_host_key_is_told_no_password(linked_school: VirtualSchool, tmp_path: Path) -> None:
    """A command line with another key than the one that was kept hears no password, and settles nothing."""
    with faults.command_line(linked_school, "acc2", "ruijie_os", SHOWN) as key:
        seen = logged_in(linked_school, tmp_path / "first", host_key=key)
        assert (seen.links(), set(faults.passwords_told(linked_school, "acc2"))) == (WHOLE, {PASSWORD})
    with faults.command_line(linked_school, "acc2", "ruijie_os", SHOWN):
        seen = logged_in(linked_school, tmp_path / "second", host_key=key)

    (answered,) = seen.answer.of("devices.answered", f"{SWITCH_ADDRESS['acc2']}:161")
    assert (faults.passwords_told(linked_school, "acc2"), seen.links()) == ([], WITHOUT_RATES)
    assert key in answered["facts"]["ssh"]


@pytest.fixture(scope="module")
def pushed(school: VirtualSchool) -> Answer:
    """Two volumes and a silence on the way from the agent behind acc1 to the desk behind acc2."""
    ports = {"acc1": ["ge1", "ge2"], "core": ["ge2", "ge3", "ge4"], "acc2": ["ge1"]}
    switches = [{"host": SWITCH_ADDRESS[name], "ports": names, **USER} for name, names in ports.items()]
    pulses = [{"at_s": APART_S * number, "octets": octets, "towards": DESK} for number, octets in enumerate(VOLUMES)]
    return probe(
        "stimulus", {"switches": switches, "pulses": pulses, "settle_s": 3.5}, inside=school.node("agent").enter
    )


@pytest.mark.parametrize(
    ("quantity", "port"),
    [
        ("stimulus.out", "acc1/ge1"),
        ("stimulus.in", "core/ge2"),
        ("stimulus.out", "core/ge3"),
        ("stimulus.in", "acc2/ge1"),
    ],
)
def test_both_ends_of_every_link_on_the_way_follow(pushed: Answer, quantity: str, port: str) -> None:
    """What was pushed shows at both ends of both links that it crosses, with its headers, and the silence stays silent."""
    rises = [line["value"] for line in pushed.of(quantity) if named(line["subject"]).startswith(f"{port}@")]

    assert (pushed.end, len(rises)) == ({"end": "complete"}, len(VOLUMES)), pushed.errors
    assert [VOLUMES[at] <= rises[at] <= VOLUMES[at] * 1.25 for at in (0, 2)] == [True, True], rises
    assert rises[1] < min(filter(None, VOLUMES)) // 10


def test_a_port_beside_the_way_stays_silent(pushed: Answer) -> None:
    """The log server's port of the core switch shows none of the volumes."""
    rises = [line["value"] for line in pushed.of("stimulus.out") if named(line["subject"]).startswith("core/ge4@")]

    assert max(rises) < min(filter(None, VOLUMES)) // 10
