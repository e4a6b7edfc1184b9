"""
Are the second links of the virtual school, its groups of ports and its agents that misbehave what they say they are?

These tests prove the instrument, not the product.
"""

from __future__ import annotations

import pytest

from tests.lab import faults
from tests.lab.school import VirtualSchool
from tests.lab.topology import GROUPS, SWITCH_ADDRESS
from tests.test_lab import SYS_DESCR, opens, port_index, snmp

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
ATTACHED = "1.2.840.10006.300.43.1.2.1.1.13"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"


def told(school: VirtualSchool, switch: str, column: str) -> list[str]:
    """One column of a switch."""
    return snmp(school.node("agent"), SWITCH_ADDRESS[switch], column, program="snmpwalk")


def test_second_links_are_heard(linked_school: VirtualSchool) -> None:
    """Every switch hears by LLDP what is at the other end of each of its cables to a switch."""
    heard = {switch: faults.neighbours(linked_school, switch) for switch in SWITCH_ADDRESS}

    assert heard == {"core": ["acc1", "acc1", "acc2"], "acc1": ["acc2", "core", "core"], "acc2": ["acc1", "core"]}


def test_second_links_make_no_loop(linked_school: VirtualSchool) -> None:
    """The ports of second links are in no bridge, so that no packet goes round."""
    bridged = linked_school.node("acc1").run(["ls", "/sys/class/net/br0/brif"], check=True).stdout.split()

    assert bridged == ["ge1", "ge2"]


@pytest.mark.parametrize("switch", GROUPS)
def test_a_group_has_its_rows(linked_school: VirtualSchool, switch: str) -> None:
    """A group stands among the interfaces under its name, and both of its ports say that they belong to it."""
    group = GROUPS[switch]

    assert f'"{group.name}"' in told(linked_school, switch, IF_NAME)
    assert told(linked_school, switch, ATTACHED) == [str(group.index)] * len(group.members)


def test_a_port_without_carrier_leaves_its_group(linked_school: VirtualSchool) -> None:
    """With a second link pulled its ports belong to no group; put back, they do."""
    with faults.second_link_down(linked_school, "acc1:ge3"):
        pulled = sorted(told(linked_school, "core", ATTACHED))
    index = str(GROUPS["core"].index)

    assert (pulled, told(linked_school, "core", ATTACHED)) == (["0", index], [index, index])


def test_a_link_changes_its_speed_at_both_ends(linked_school: VirtualSchool) -> None:
    """A link between switches that falls to 1 Gbit/s says so at both ends, and afterwards what it said before."""

    def both() -> list[str]:
        ends = {"core": "ge3", "acc2": "ge1"}
        rows = {
            switch: f"{faults.IF_HIGH_SPEED}.{port_index(linked_school, switch, port)}" for switch, port in ends.items()
        }
        return [snmp(linked_school.node("agent"), SWITCH_ADDRESS[switch], row)[0] for switch, row in rows.items()]

    with faults.uplink_speed(linked_school, "acc2", 1000):
        slow = both()
    assert (slow, both()) == (["1000", "1000"], ["10000", "10000"])


def test_a_mute_switch_still_hears(linked_school: VirtualSchool) -> None:
    """A switch whose LLDP only listens is forgotten by the others and knows them."""
    with faults.lldp_mute(linked_school, "acc2"):
        heard = faults.neighbours(linked_school, "core"), faults.neighbours(linked_school, "acc2")

    assert heard == (["acc1", "acc1"], ["acc1", "core"])


def test_a_troubled_agent_stands_before_the_real_one(linked_school: VirtualSchool) -> None:
    """What comes over the network meets the agent that breaks a rule, and the real one when it is gone."""
    agent, bulk = (
        linked_school.node("agent"),
        ["snmpbulkget", "-v2c", "-c", "lab-public", "-Cr20", "-r0", SWITCH_ADDRESS["acc2"]],
    )
    with faults.snmp_troubled(linked_school, "acc2", "tooBig", 3):
        asked = [agent.run([*bulk, IF_NAME]), agent.run(["snmpget", *bulk[1:4], SWITCH_ADDRESS["acc2"], SYS_DESCR])]
    after = agent.run([*bulk, IF_NAME])

    assert ["tooBig" in asked[0].stderr, "Ruijie" in asked[1].stdout, after.returncode] == [True, True, 0]


def test_a_lossy_agent_loses_what_it_says(linked_school: VirtualSchool) -> None:
    """Of a dozen questions to an agent that loses half, about half are answered, the same ones at every run."""
    agent = linked_school.node("agent")

    def answered() -> list[bool]:
        with faults.snmp_troubled(linked_school, "acc2", "loses", 0.5):
            ask = ["snmpget", "-v2c", "-c", "lab-public", "-r0", "-t0.2", SWITCH_ADDRESS["acc2"], SYS_DESCR]
            return [agent.run(ask).returncode == 0 for _ in range(12)]

    first = answered()
    assert (2 < sum(first) < 10, first == answered()) == (True, True)


def test_a_command_line_comes_and_goes(linked_school: VirtualSchool) -> None:
    """A switch with a command line opens the SSH port and shows another host key each time; without one it is closed."""
    agent, keys, open_then = linked_school.node("agent"), set(), []
    for _ in range(2):
        with faults.command_line(linked_school, "acc2", "ruijie_os", {}) as key:
            keys.add(key)
            open_then.append(opens(agent, SWITCH_ADDRESS["acc2"], 22))

    assert (len(keys), open_then, opens(agent, SWITCH_ADDRESS["acc2"], 22)) == (2, [True, True], False)
