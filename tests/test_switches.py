"""
Does the probe `uplinks` see a school's switches as they are, and say less, never more, when something is wrong with one?

Three switches of the virtual school, each a real snmpd and a real lldpd, asked by the installed probe from the agent's place. Two
rows of cables are drawn twice: `core` and `acc1` call two of them one group (LAG) by rows of ours, for the kernel here has no
bonding; and acc1 has a second way to acc2. Each fault is put in force, and what is told of every link is compared with a table.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.plausible import is_plausible
from evidence.model import Conditions, Reading, Report
from probes._switch import mib
from probes._switch.asking import SWITCH_DEADLINE_S
from tests.lab import faults
from tests.lab.fixtures import require_lab
from tests.lab.school import VirtualSchool
from tests.lab.settings import Settings
from tests.lab.topology import SNMP_USERS, SWITCH_ADDRESS
from tests.probes.cli.device import PASSWORD, USER
from tests.probes.face import Answer, probe

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

M, G = 1_000_000, 1_000_000_000
PLACES = {"core": "main/teaching-1/1", "acc1": "main/teaching-1/301", "acc2": "main/teaching-2/201"}
HIGH_SPEED, OPER = ".".join(map(str, mib.INTERFACES["ifHighSpeed"])), ".".join(map(str, mib.INTERFACES["ifOperStatus"]))
V3 = SNMP_USERS[1]
Fault = Callable[[VirtualSchool], AbstractContextManager[None]]
Links = dict[str, tuple[str, str, str]]
"""By the near end: how it is confirmed, the far end, and the rate: exact (`10G`), at most (`<= 10G`), or unknown (`?`)."""

GROUP: Links = {"core/Eth-Trunk1": ("both", "acc1/Bridge-Aggregation1", "10G")}
TO_ACC2: Links = {"core/ge3": ("both", "acc2/ge1", "10G")}
SECOND: Links = {"acc1/ge4": ("both", "acc2/ge3", "10G")}
WHOLE = GROUP | TO_ACC2 | SECOND


@dataclass(frozen=True)
class Seen:
    """One run of the probe: what it told, what it kept as evidence, and how long it took."""

    answer: Answer
    topology: dict[str, Any]
    seconds: float
    settings: dict[str, Any]

    def links(self) -> Links:
        """All links, with the switches' names."""
        return {
            named(line["subject"]): (line["facts"]["confirmed"], named(line["facts"]["peer"]), rate(line))
            for line in self.answer.of("link.speed")
        }

    def rate_of(self, quantity: str) -> str:
        """One figure of the whole school, `-` where it is not told."""
        told = self.answer.of(quantity, "")
        return rate(told[0]) if told else "-"

    def port(self, where: str, quantity: str) -> dict[str, Any] | None:
        """A reading of one port."""
        return next((line for line in self.answer.of(quantity) if named(line["subject"]) == where), None)


def rate(line: dict[str, Any]) -> str:
    """A rate in Gbit/s as the tables here write it."""
    if "value" in line:
        return f"{line['value'] / G:g}G"
    return f"<= {line['at_most'] / G:g}G" if "at_most" in line else "?"


def named(subject: str) -> str:
    """`core/ge2` for `10.20.0.2:161/ge2`."""
    host, slash, port = subject.partition("/")
    return next((name for name, address in SWITCH_ADDRESS.items() if host == f"{address}:161"), host) + slash + port


def switches(school: VirtualSchool) -> list[dict[str, Any]]:
    """The school's list: two switches by community, one by a v3 user."""
    v3 = {"user": V3.name, "auth": V3.auth, "auth_key": V3.auth_key, "priv": "AES", "priv_key": V3.priv_key}
    plain = {"community": school.settings.community}
    secrets = {"core": plain, "acc1": v3, "acc2": plain}
    return [
        {"host": address, "name": name, "place": PLACES[name], "core": name == "core", **secrets[name]}
        for name, address in SWITCH_ADDRESS.items()
    ]


def ask(school: VirtualSchool, folder: Path, changes: dict[str, dict[str, Any]] | None = None) -> Seen:
    """Run the probe on the agent's machine; `changes` are other settings of one switch, by its name."""
    listed = [one | (changes or {}).get(one["name"], {}) for one in switches(school)]
    settings = {"switches": listed, "timeout_s": 1, "retries": 2}
    started = time.monotonic()
    answer = probe("uplinks", settings, evidence=folder, inside=school.node("agent").enter)
    drawn = json.loads((folder / "topology.json").read_text())
    return Seen(answer, drawn, time.monotonic() - started, settings)


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualSchool]:
    """A school with second links, whose links between switches can change their speed."""
    require_lab()
    settings = Settings(second_links=True, changeable=True)
    with VirtualSchool(tmp_path_factory.mktemp("switches"), settings) as school:
        school.ready()
        faults.await_neighbours(school)
        yield school


@pytest.fixture(scope="module")
def whole(campus: VirtualSchool, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The school with nothing wrong."""
    return ask(campus, tmp_path_factory.mktemp("whole"))


def test_every_link_is_certain(whole: Seen) -> None:
    """Both ends of each cable between switches name each other; the two cables of the group are one link at a member's rate."""
    assert (whole.answer.end, whole.links()) == ({"end": "complete"}, WHOLE), whole.answer.errors


def test_the_map_is_drawn_right(whole: Seen) -> None:
    """The map that the pages draw has three switches in their buildings, the three links, and nothing that nobody listed."""
    drawn = whole.topology

    assert {(one["sys_name"], one["building"], one["core"]) for one in drawn["switches"]} == {
        ("core", "main/teaching-1", "declared"),
        ("acc1", "main/teaching-1", "no"),
        ("acc2", "main/teaching-2", "no"),
    }
    assert (len(drawn["links"]), drawn["undiscovered"]) == (3, [])


def test_the_group_is_the_sum_of_its_members(whole: Seen) -> None:
    """A group of two at 10 Gbit/s is told as 20, its fastest member as 10, and each member says which group it is of."""
    group = whole.port("core/Eth-Trunk1", "port.speed")
    member = whole.port("core/ge5", "port.up")

    assert group is not None
    assert (group["value"], group["facts"]["members"], group["facts"]["largest_bit_s"], group["facts"]["status"]) == (
        20 * G, "ge2,ge5", 10 * G, "reported",
    )  # fmt: skip
    assert member is not None
    assert member["facts"]["lag"] == "Eth-Trunk1"


def test_what_each_port_is_for(whole: Seen) -> None:
    """Links between buildings, links at the core, and the rest are told apart by the school's own list of places."""
    roles = {named(line["subject"]): line["value"] for line in whole.answer.of("port.role")}

    assert {port for port, role in roles.items() if role == "building"} == {
        "core/ge3",
        "acc2/ge1",
        "acc1/ge4",
        "acc2/ge3",
    }
    assert {roles["core/Eth-Trunk1"], roles["acc1/Bridge-Aggregation1"]} == {"core"}


def test_the_sums_of_the_whole_school(whole: Seen) -> None:
    """Backbone, links between buildings, core, desks and second ways of a school that has all of them."""
    figures = {name: whole.rate_of(name) for name in ("backbone.min", "building.min", "core.speed")}

    assert figures == dict.fromkeys(figures, "10G")
    assert whole.answer.value("desktop.gigabit_share") == M
    assert whole.answer.value("uplink.redundant_share") == M
    assert whole.answer.value("devices.answered") == M


@dataclass(frozen=True)
class Case:
    """A fault, the settings that go with it, and what is told then: links, the slowest between buildings, and who did not answer."""

    fault: Fault
    links: Links
    building: str
    failures: dict[str, str]
    changes: dict[str, dict[str, Any]] | None = None


def troubled(*mood: str | float, switch: str = "acc2") -> Fault:
    """An agent that breaks a rule stands before a switch's own."""
    return lambda school: faults.snmp_troubled(school, switch, *mood)  # type: ignore[arg-type]


# What one of two ends of a link says when the other was asked in vain: at most its own rate, and a stranger there.
WITHOUT_ACC2: Links = GROUP | {"core/ge3": ("one", "", "<= 10G"), "acc1/ge4": ("one", "", "<= 10G")}
# acc2 has ports but no rates; and it tells of its ports and not of its neighbours.
WITHOUT_RATES: Links = GROUP | {"core/ge3": ("both", "acc2/ge1", "<= 10G"), "acc1/ge4": ("both", "acc2/ge3", "<= 10G")}
AT_MOST: Links = {
    end: ("one", peer, told) if told != "10G" else link
    for end, link in WITHOUT_RATES.items()
    for _, peer, told in [link]
}
CASES = {
    "a link pulled": Case(
        lambda school: faults.uplink_down(school, "acc2"),
        GROUP | {"acc1/ge4": ("one", "", "<= 10G")},
        "-",
        {"acc2": "timed_out"},
    ),
    "a member of the group pulled": Case(lambda school: faults.second_link_down(school, "acc1:ge3"), WHOLE, "10G", {}),
    "a second way pulled": Case(lambda school: faults.second_link_down(school, "acc2:ge3"), GROUP | TO_ACC2, "10G", {}),
    "a link at 1 Gbit/s": Case(
        lambda school: faults.uplink_speed(school, "acc2", 1000),
        WHOLE | {"core/ge3": ("both", "acc2/ge1", "1G")},
        "1G",
        {},
    ),
    "one end says 1 Gbit/s": Case(
        lambda school: faults.half_speed(school, "acc2:ge1", 1000),
        WHOLE | {"core/ge3": ("both", "acc2/ge1", "1G")},
        "<= 1G",
        {},
    ),
    "LLDP silent at one end": Case(
        lambda school: faults.lldp_mute(school, "acc2"),
        GROUP | {"acc2/ge1": ("one", "core/ge3", "10G"), "acc2/ge3": ("one", "acc1/ge4", "10G")},
        "<= 10G",
        {},
    ),
    "LLDP off at both ends": Case(lambda school: faults.lldp_off(school, "acc2"), GROUP, "-", {}),
    "a wrong community": Case(
        lambda _: nullcontext(), WITHOUT_ACC2, "-", {"acc2": "timed_out"}, {"acc2": {"community": "wrong"}}
    ),
    "a wrong key": Case(
        lambda _: nullcontext(),
        TO_ACC2 | {"core/Eth-Trunk1": ("one", "", "<= 10G"), "acc2/ge3": ("one", "", "<= 10G")},
        "<= 10G",
        {"acc1": "login_rejected"},
        {"acc1": {"auth_key": "not-the-lab-secret"}},
    ),
    "5 % of the requests lost": Case(troubled("loses", 0.05), WHOLE, "10G", {}),
    "a slow agent": Case(troubled("slow", 0.15), WHOLE, "10G", {}),
    "an agent that answers tooBig": Case(troubled("tooBig", 3), WHOLE, "10G", {}),
    "an agent whose ifHighSpeed goes round": Case(
        troubled("loops", HIGH_SPEED), AT_MOST, "<= 10G", {"acc2": "unreadable"}
    ),
    "an agent whose ifOperStatus goes round": Case(troubled("loops", OPER), GROUP, "-", {"acc2": "unreadable"}),
    "ifHighSpeed without octets": Case(troubled("garbles", HIGH_SPEED), WITHOUT_RATES, "<= 10G", {}),
    "ifOperStatus without octets": Case(troubled("garbles", OPER), GROUP, "-", {"acc2": "unreadable"}),
}


@pytest.fixture(scope="module", params=list(CASES))
def broken(
    request: pytest.FixtureRequest, campus: VirtualSchool, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Seen]:
    """The name of a fault, and what the probe told while it was in force."""
    case = CASES[request.param]
    with case.fault(campus):
        return request.param, ask(campus, tmp_path_factory.mktemp("broken"), case.changes)


def test_what_is_told_of_the_links(broken: tuple[str, Seen]) -> None:
    """Of a link that is slower, or of which an end is unknown, less is told; of the others the same as before."""
    name, seen = broken

    assert seen.links() == CASES[name].links


def test_no_fault_looks_better_than_it_is(broken: tuple[str, Seen]) -> None:
    """The slowest link between buildings is told exactly only where all of them were seen from both ends."""
    name, seen = broken

    assert seen.rate_of("building.min") == CASES[name].building


def test_who_did_not_answer(broken: tuple[str, Seen]) -> None:
    """The switch that has the fault counts as not answered and says why; the others answered."""
    name, seen = broken
    answers = {named(line["subject"]): line for line in seen.answer.of("devices.answered") if line["subject"]}

    assert {who: line["facts"]["failure"] for who, line in answers.items() if line["value"] == 0} == CASES[
        name
    ].failures


def test_every_fault_ends_in_time(broken: tuple[str, Seen]) -> None:
    """No fault keeps the run longer than a switch may take, and none is an error of the probe."""
    _, seen = broken

    assert (seen.answer.end, seen.seconds < SWITCH_DEADLINE_S) == ({"end": "complete"}, True), seen.answer.errors


def test_every_run_is_one_that_the_collector_believes(broken: tuple[str, Seen]) -> None:
    """Whatever is broken, what is told is one run of this probe: the collector keeps and judges it."""
    assert is_plausible(report(broken[1]))


def test_the_whole_run_is_one_that_the_collector_believes(whole: Seen) -> None:
    """So is what is told of the whole school."""
    assert is_plausible(report(whole))


def report(seen: Seen) -> Report:
    """A run as the agent would sign it, the secrets left out."""
    secret = {"community", "auth_key", "priv_key"}
    listed = [{key: value for key, value in one.items() if key not in secret} for one in seen.settings["switches"]]
    readings = [msgspec.convert(line, Reading) for line in seen.answer.lines if "quantity" in line]
    return Report(
        agent="agent",
        sequence=1,
        previous="",
        probe="uplinks",
        settings=seen.settings | {"switches": listed},
        readings=tuple(readings),
        conditions=Conditions("test", 1, 2, 1, 2),
    )


def test_a_pulled_port_has_no_rate(campus: VirtualSchool, tmp_path: Path) -> None:
    """The port whose cable is pulled is told as down and without a rate, and its group as the sum of what is left."""
    with faults.second_link_down(campus, "acc1:ge3"):
        seen = ask(campus, tmp_path)

    port, group = seen.port("core/ge5", "port.up"), seen.port("core/Eth-Trunk1", "port.speed")
    assert port is not None
    assert (port["value"], seen.port("core/ge5", "port.speed")) == ("no", None)
    assert group is not None
    assert (group["value"], group["facts"]["members_up"], group["facts"]["status"]) == (10 * G, 1, "conflict")


def test_the_school_is_whole_again(campus: VirtualSchool, whole: Seen, tmp_path: Path) -> None:
    """After all faults are mended the links are what they were."""
    assert ask(campus, tmp_path).links() == whole.links()


def test_neighbours_are_found_from_one_switch(school: VirtualSchool) -> None:
    """From one listed switch to the neighbour that it names, and from there to the next, each as an admin approved it, over SNMP v3."""
    v3 = {"user": V3.name, "auth": V3.auth, "auth_key": V3.auth_key, "priv": "AES", "priv_key": V3.priv_key}
    acc1 = {"host": SWITCH_ADDRESS["acc1"], **v3}
    settings = {"switches": [acc1], "discover": True, "approved": [{"name": name, **v3} for name in ("core", "acc2")]}
    answer = probe("uplinks", settings, inside=school.node("agent").enter)

    links = {named(line["subject"]): (named(line["facts"]["peer"]), rate(line)) for line in answer.of("link.speed")}
    (share,) = answer.of("devices.answered", "")
    assert links == {"acc1/ge1": ("core/ge2", "10G"), "core/ge3": ("acc2/ge1", "10G")}
    assert (share["facts"]["answered"], share["facts"]["undiscovered"]) == (3, 0)


@pytest.mark.parametrize("approved", [[], ["acc1"]], ids=["nobody", "another"])
def test_a_neighbour_that_nobody_approved_is_shown(school: VirtualSchool, approved: list[str]) -> None:
    """A neighbour that is not approved by its name is told as undiscovered, and is not asked."""
    v3 = {"user": V3.name, "auth": V3.auth, "auth_key": V3.auth_key, "priv": "AES", "priv_key": V3.priv_key}
    settings = {
        "switches": [{"host": SWITCH_ADDRESS["core"], **v3}],
        "discover": True,
        "approved": [{"name": name, **v3} for name in approved],
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
    ssh = {"user": USER, "password": PASSWORD, **more}
    with faults.snmp_troubled(school, "acc2", "garbles", HIGH_SPEED):
        return ask(school, folder, {"acc2": {"ssh": ssh}})


def test_the_command_line_settles_what_snmp_leaves_open(campus: VirtualSchool, tmp_path: Path) -> None:
    """Rates that SNMP did not tell are read over SSH; they say so, and the host key that was seen is told, to be kept."""
    with faults.command_line(campus, "acc2", "ruijie_os", SHOWN) as key:
        seen = logged_in(campus, tmp_path)

    port = seen.port("acc2/ge1", "port.speed")
    (answered,) = seen.answer.of("devices.answered", f"{SWITCH_ADDRESS['acc2']}:161")
    assert port is not None
    assert (port["value"], port["facts"]["via"], answered["facts"]["ssh_host_key"]) == (10 * G, "ssh", key)
    assert seen.links() == WHOLE


def test_a_changed_host_key_is_told_no_password(campus: VirtualSchool, tmp_path: Path) -> None:
    """A command line with another key than the one that was kept hears no password, and settles nothing."""
    with faults.command_line(campus, "acc2", "ruijie_os", SHOWN) as key:
        seen = logged_in(campus, tmp_path / "first", host_key=key)
        assert (seen.links(), set(faults.passwords_told(campus, "acc2"))) == (WHOLE, {PASSWORD})
    with faults.command_line(campus, "acc2", "ruijie_os", SHOWN):
        seen = logged_in(campus, tmp_path / "second", host_key=key)

    (answered,) = seen.answer.of("devices.answered", f"{SWITCH_ADDRESS['acc2']}:161")
    assert (faults.passwords_told(campus, "acc2"), seen.links()) == ([], WITHOUT_RATES)
    assert key in answered["facts"]["ssh"]
