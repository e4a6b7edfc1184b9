"""What does one run of the probe make of a switch's ports, its names, and the settings it was given? Against a made-up agent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.notice import groups
from probes._snmp.exchange import Oid
from probes._switch import mib
from tests.probes.agents import Interface, Simulator, switch
from tests.probes.conftest import MARKERS
from tests.probes.face import Answer, here, probe
from tests.probes.responder import Table, answering

RATES = (10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000)
PORTS = (
    Interface("ge1"),
    Interface("ge2", oper=2, high_speed=1000),
    Interface("xge1", high_speed=10_000),
    Interface("ge3", high_speed=0),
    Interface("ge4", high_speed=None),
    Interface("ge5", high_speed=1_000_000_000),
    Interface("ge6", high_speed=1234),
    Interface("ge7", oper=6),
    Interface("fe1", if_type=62, high_speed=100),
    Interface("lo", if_type=24, high_speed=10),
    Interface("Vlanif10"),
    Interface("br0"),
    Interface("Eth-Trunk1"),
    Interface("GigabitEthernet0/0/1.100"),
    Interface("NULL0", if_type=1),
)
TRUNK = len(PORTS) - 2  # the ifIndex of Eth-Trunk1
ATTACHED = mib.AGGREGATES["dot3adAggPortAttachedAggID"]


@contextmanager
def asked(agent: Simulator, **more: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The subject of a simulated switch and the settings that ask it."""
    with answering(agent, MARKERS["community"]) as port:
        one = {"host": "127.0.0.1", "port": port, "community": MARKERS["community"]}
        yield f"127.0.0.1:{port}", {"switches": [one], "timeout_s": 1, "retries": 1, **more}


@pytest.fixture(scope="module")
def answer() -> Answer:
    """What one run tells of these ports."""
    with asked(Simulator(switch(*PORTS))) as (_, settings):
        return here("uplinks", settings)


def of_ports(answer: Answer, quantity: str) -> dict[str, dict[str, Any]]:
    """The readings by what follows the switch in the subject."""
    return {line["subject"].partition("/")[2]: line for line in answer.of(quantity)}


def test_which_ports_count(answer: Answer) -> None:
    """Ethernet ports that are present are told, up or not, and groups as such; loopback, VLAN, bridge, sub-interface and null are not."""
    ports = of_ports(answer, "port.up")

    assert {port: line["facts"]["kind"] for port, line in ports.items()} == {
        **dict.fromkeys(["ge1", "ge2", "xge1", "ge3", "ge4", "ge5", "ge6", "fe1"], "physical"),
        "Eth-Trunk1": "lag",
    }
    assert [port for port, line in ports.items() if line["value"] == "no"] == ["ge2"]


def test_which_rates_count(answer: Answer) -> None:
    """Only a port that is up has a rate, and only one that Ethernet has; what had to be repaired or guessed says so."""
    speeds = of_ports(answer, "port.speed")

    assert {
        port: (line["value"], line["facts"]["status"]) for port, line in speeds.items() if port != "Eth-Trunk1"
    } == {
        "ge1": (1_000_000_000, "reported"),
        "xge1": (10_000_000_000, "reported"),
        "ge5": (1_000_000_000, "repaired"),
        "fe1": (100_000_000, "reported"),
    }
    assert {line["facts"]["via"] for line in speeds.values()} == {"snmp"}


def test_what_goes_with_a_port(answer: Answer) -> None:
    """A port's state comes with its index and the switch's word; a rate that cannot be used is told as it came, with the reason."""
    up = {port: line["facts"] for port, line in of_ports(answer, "port.up").items()}

    assert up["ge1"] == {"if_index": 1, "oper_status": "up", "kind": "physical"}
    assert (up["ge2"]["oper_status"], "status" in up["ge2"]) == ("down", False)
    assert {port: (facts["status"], facts.get("if_high_speed")) for port, facts in up.items() if "status" in facts} == {
        "ge3": ("unknown", 0),
        "ge4": ("unknown", None),
        "ge6": ("unknown", 1234),
    }
    assert all(up[port]["why"] for port in ("ge3", "ge4", "ge6"))


def test_a_group_of_ports() -> None:
    """A group is the sum of its members that are up, and tells the fastest of them; what it says of itself stands beside."""
    table = switch(*PORTS) | {(*ATTACHED, index): TRUNK for index in (1, 2, 9)}
    table[*mib.INTERFACES["ifHighSpeed"], TRUNK] = 40_000
    with asked(Simulator(table)) as (_, settings):
        answer = here("uplinks", settings)

    told = of_ports(answer, "port.speed")["Eth-Trunk1"]
    up = of_ports(answer, "port.up")
    assert (told["value"], {port for port, line in up.items() if line["facts"].get("lag") == "Eth-Trunk1"}) == (
        1_100_000_000,
        {"ge1", "ge2", "fe1"},
    )
    assert told["facts"] | {"why": ""} == {
        "if_index": TRUNK, "kind": "lag", "status": "conflict", "via": "snmp", "why": "", "members": "ge1,ge2,fe1",
        "members_up": 2, "sum_bit_s": 1_100_000_000, "largest_bit_s": 1_000_000_000, "told_bit_s": 40_000_000_000,
    }  # fmt: skip


def test_names_that_are_not_unique() -> None:
    """Two ports of one name, as in a stack, are told apart by their index; without ifName, ifDescr is the name."""
    ports = (Interface("ge1"), Interface("ge1"), Interface("", descr="Port 3"), Interface(""))
    with asked(Simulator(switch(*ports))) as (_, settings):
        up = of_ports(here("uplinks", settings), "port.up")

    assert list(up) == ["ge1#1", "ge1#2", "Port 3", "#4"]


def test_names_in_chinese() -> None:
    """Names come in UTF-8 or, from older switches, in GB18030."""
    table = switch(Interface("a"), Interface("b"))
    table[*mib.INTERFACES["ifName"], 1] = "教学楼".encode()
    table[*mib.INTERFACES["ifName"], 2] = "实验楼".encode("gb18030")
    with asked(Simulator(table)) as (_, settings):
        assert list(of_ports(here("uplinks", settings), "port.up")) == ["教学楼", "实验楼"]


def test_many_ports() -> None:
    """A chassis with 400 ports is read whole."""
    ports = [Interface(f"xe-0/0/{number}", high_speed=RATES[number % 4] // 1_000_000) for number in range(400)]
    with asked(Table(switch(*ports))) as (_, settings):  # type: ignore[arg-type]
        answer = here("uplinks", settings)

    assert (len(answer.of("port.speed")), answer.value("devices.answered")) == (400, 1_000_000)


NOTICE = {oid for _, objects in groups(str) for oid in objects}
OF_SOME = {oid for table in (mib.COUNTERS, *mib.VENDOR.values()) for oid in table.values()} - {*mib.CDP.values()}


def test_what_is_asked() -> None:
    """A switch is asked for what the scan notice lists, without the tables of other makers and counters that nobody needs."""
    agent = Simulator(switch(*PORTS))
    with asked(agent) as (_, settings):
        here("uplinks", settings)

    known: set[Oid] = NOTICE - OF_SOME
    strange = {oid for pdu in agent.asked for oid in pdu.oids if not any(oid[: len(one)] == one for one in known)}
    assert strange == set()


def test_the_school_s_list_is_used() -> None:
    """Name, place, core and the way out of the list are in the readings of the switch and in the map."""
    table = switch(*PORTS) | {
        (*mib.COUNTERS["ifHCInOctets"], 3): 12_345_678_901_234,
        (*mib.COUNTERS["ifHCOutOctets"], 3): 7,
    }
    listed = {"name": "一号楼", "place": "main/teaching-1/101", "core": True, "wan": ["xge1"]}
    with asked(Simulator(table)) as (subject, settings):
        settings["switches"][0] |= listed
        answer = here("uplinks", settings)

    assert answer.of("devices.answered", subject)[0]["facts"]["name"] == "一号楼"
    assert answer.of("port.role", f"{subject}/xge1")[0]["value"] == "wan"
    assert answer.value("wan.speed", f"{subject}/xge1") == 10_000_000_000
    assert answer.value("wan.in", f"{subject}/xge1") == "12345678901234"
    assert answer.value("wan.out", f"{subject}/xge1") == "7"


def test_the_map_is_kept_as_evidence(folder: Path) -> None:
    """Raw evidence is the columns of each switch and one map of all, and says of each column why it ended."""
    with asked(Simulator(switch(*PORTS))) as (subject, settings):
        settings["switches"][0] |= {"place": "main/teaching-1/101"}
        answer = probe("uplinks", settings, evidence=folder)

    (drawn,) = json.loads((folder / "topology.json").read_text())["switches"]
    columns = json.loads((folder / "switch-1.json").read_text())["columns"]
    assert [line["evidence"] for line in answer.lines if "evidence" in line] == ["switch-1.json", "topology.json"]
    assert (drawn["subject"], drawn["building"], drawn["ports_up"]) == (subject, "main/teaching-1", 7)
    assert (columns["ifType"]["complete"], columns["ifType"]["count"]) == (True, len(PORTS))


def test_the_other_backend(snmp_settings: tuple[Answer, Answer]) -> None:
    """pysnmp, where it is chosen, gives the same readings."""
    own, other = snmp_settings

    assert own.end == other.end == {"end": "complete"}
    assert [line for line in own.lines if "quantity" in line] == [line for line in other.lines if "quantity" in line]


@pytest.fixture
def snmp_settings() -> tuple[Answer, Answer]:
    """The answers of one switch to both backends."""
    with asked(Simulator(switch(*PORTS))) as (_, settings):
        return here("uplinks", settings), here("uplinks", settings | {"backend": "pysnmp"})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param(
            {"approved": [{"name": "acc1", "user": "u", "auth_key": "longer-than-8"}]},
            "discover = true",
            id="approved but not asked",
        ),
        pytest.param({"backend": "gufo"}, "backend", id="a backend that there is not"),
        pytest.param({"switches": []}, "switches", id="no switch"),
        pytest.param({"switches": [{"host": "127.0.0.1", "community": "x"}] * 2}, "listed twice", id="one twice"),
        pytest.param({"switches": [{"host": "127.0.0.1"}]}, "community", id="no secret and not said so"),
        pytest.param({"walls": 4}, "walls", id="a key that there is not"),
    ],
)
def test_settings_that_are_refused(more: dict[str, Any], words: str) -> None:
    """Settings that would ask nobody, ask twice or mean nothing are refused in words, before anything is sent."""
    answer = probe("uplinks", {"switches": [{"host": "127.0.0.1", "community": "x"}]} | more)

    assert (answer.status, words in answer.errors) == (2, True), answer.errors


def test_a_switch_without_a_secret_is_not_asked() -> None:
    """A switch for which this box knows no secret counts as not answered, and no packet goes to it."""
    agent = Simulator(switch(*PORTS))
    with asked(agent) as (_, settings):
        settings["switches"][0] = {"host": "127.0.0.1", "port": settings["switches"][0]["port"], "no_secret": True}
        answer = here("uplinks", settings)

    assert (answer.value("devices.answered"), answer.end["failure"], agent.asked) == (0, "not_permitted", [])


def test_a_column_that_is_cut_off() -> None:
    """What was read before a switch fell silent stays, and the switch counts as not answered."""
    with asked(Simulator(switch(*PORTS), stalls_at=mib.INTERFACES["ifHighSpeed"]), timeout_s=0.3) as (
        subject,
        settings,
    ):
        answer = here("uplinks", settings)

    facts = answer.of("devices.answered", subject)[0]["facts"]
    assert (len(answer.of("port.up")) > 0, facts["failure"], answer.end["failure"]) == (True, "timed_out", "timed_out")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        pytest.param(Simulator(switch(*PORTS), restarts=True), "restarted", id="restarts"),
        pytest.param(Simulator({}), "shows no interface", id="a view without interfaces"),
        pytest.param(
            Simulator(switch(*PORTS), loops_at=(*mib.INTERFACES["ifType"], 5)), "ended early", id="goes round"
        ),
        pytest.param(Simulator(switch(Interface("lo", if_type=24))), "no physical port", id="no port at all"),
    ],
)
def test_an_answer_that_cannot_be_used(agent: Simulator, words: str) -> None:
    """A switch whose answers cannot be joined or are no answer is `unreadable`, in words."""
    with asked(agent) as (_, settings):
        answer = here("uplinks", settings)

    assert (answer.end["failure"], words in answer.end["detail"]) == ("unreadable", True), answer.end


def test_nobody_answers(closed_port: tuple[str, int]) -> None:
    """Where no switch answers, the share is told as 0 and the run failed as the first switch did."""
    silent = {"host": "127.0.0.1", "port": closed_port[1], "community": "x"}
    answer = here("uplinks", {"switches": [silent], "timeout_s": 0.3, "retries": 0})

    assert (answer.value("devices.answered"), answer.end["failure"]) == (0, "refused")


def test_switches_are_asked_at_once(closed_port: tuple[str, int]) -> None:
    """Eight switches of which seven do not answer take as long as one."""
    silent = [{"host": f"127.0.0.{last}", "port": closed_port[1], "community": "x"} for last in range(1, 9)]
    with asked(Simulator(switch(*PORTS))) as (_, settings):
        settings["switches"] += silent[1:]
        answer = here("uplinks", settings | {"timeout_s": 1})

    assert answer.value("devices.answered") == 125_000
