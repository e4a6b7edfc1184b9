"""
Does the probe `uplinks` see a school's switches as they are, and say less, never more, when something is wrong with one?

Three switches of the virtual school, each a real snmpd and a real lldpd, asked by the installed probe from the agent's place. Two
rows of cables are drawn twice: `core` and `acc1` call two of them one group (LAG) by rows of ours, for the kernel here has no
bonding; and acc1 has a second way to acc2. Each fault is put in force, and what is told of every link is compared with a table.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collector.plausible import is_plausible
from probes._switch.asking import SWITCH_DEADLINE_S
from tests.lab import faults
from tests.lab.linked import (
    GROUP,
    HIGH_SPEED,
    OPER,
    TO_ACC2,
    WHOLE,
    WITHOUT_RATES,
    G,
    Links,
    M,
    Seen,
    ask,
    named,
    report,
)
from tests.lab.school import VirtualSchool

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
Fault = Callable[[VirtualSchool], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def whole(linked_school: VirtualSchool, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The school with nothing wrong."""
    return ask(linked_school, tmp_path_factory.mktemp("whole"))


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


SHARES = ("desktop.gigabit_share", "uplink.redundant_share")


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
# acc2 tells of its ports and neither of all rates nor of its neighbours.
WITHOUT_NEIGHBOURS: Links = GROUP | {
    "core/ge3": ("one", "acc2/ge1", "<= 10G"),
    "acc1/ge4": ("one", "acc2/ge3", "<= 10G"),
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
        troubled("loops", HIGH_SPEED), WITHOUT_NEIGHBOURS, "<= 10G", {"acc2": "unreadable"}
    ),
    "an agent whose ifOperStatus goes round": Case(
        troubled("loops", OPER), WITHOUT_NEIGHBOURS, "<= 10G", {"acc2": "unreadable"}
    ),
    "ifHighSpeed without octets": Case(troubled("garbles", HIGH_SPEED), WITHOUT_RATES, "<= 10G", {}),
    "ifOperStatus without octets": Case(
        troubled("garbles", OPER), WITHOUT_NEIGHBOURS, "<= 10G", {"acc2": "unreadable"}
    ),
}


@pytest.fixture(scope="module", params=list(CASES))
def broken(
    request: pytest.FixtureRequest, linked_school: VirtualSchool, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Seen]:
    """The name of a fault, and what the probe told while it was in force."""
    case = CASES[request.param]
    with case.fault(linked_school):
        return request.param, ask(linked_school, tmp_path_factory.mktemp("broken"), case.changes)


def test_what_is_told_of_the_links(broken: tuple[str, Seen]) -> None:
    """Of a link that is slower, or of which an end is unknown, less is told; of the others the same as before."""
    name, seen = broken

    assert seen.links() == CASES[name].links


def test_no_fault_looks_better_than_it_is(broken: tuple[str, Seen]) -> None:
    """The slowest link between buildings is told exactly only where all of them were seen from both ends."""
    name, seen = broken

    assert seen.rate_of("building.min") == CASES[name].building


def test_a_share_is_open_while_a_switch_is_silent(broken: tuple[str, Seen]) -> None:
    """The shares of gigabit desks and of second ways are told exactly only where every switch told its ports."""
    name, seen = broken
    exact = {share for share in SHARES for line in seen.answer.of(share) if "value" in line}

    assert not (exact and CASES[name].failures)


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


def test_a_pulled_port_has_no_rate(linked_school: VirtualSchool, tmp_path: Path) -> None:
    """The port whose cable is pulled is told as down and without a rate, and its group as the sum of what is left."""
    with faults.second_link_down(linked_school, "acc1:ge3"):
        seen = ask(linked_school, tmp_path)

    port, group = seen.port("core/ge5", "port.up"), seen.port("core/Eth-Trunk1", "port.speed")
    assert port is not None
    assert (port["value"], seen.port("core/ge5", "port.speed")) == ("no", None)
    assert group is not None
    assert (group["value"], group["facts"]["members_up"], group["facts"]["status"]) == (10 * G, 1, "conflict")


def test_the_school_is_whole_again(linked_school: VirtualSchool, whole: Seen, tmp_path: Path) -> None:
    """After all faults are mended the links are what they were."""
    assert ask(linked_school, tmp_path).links() == whole.links()
