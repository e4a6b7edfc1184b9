"""Does the uplinks probe tell what a switch shows, and never more? Against net-snmp's agent and one that misbehaves."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from probes._ports import ETHERNET_RATES
from tests.probes.agents import Interface, Simulator, serve, switch
from tests.probes.conftest import MARKERS, USERS, Snmpd
from tests.probes.face import Answer, here, probe

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


@contextmanager
def asked(agent: Simulator, **more: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The subject of a simulated switch and the settings that ask it."""
    with serve(agent, MARKERS["community"]) as port:
        one = {"host": "127.0.0.1", "port": port, "community": MARKERS["community"]}
        yield f"127.0.0.1:{port}", {"switches": [one], "timeout_s": 0.5, "retries": 0, **more}


def readings(answer: Answer, quantity: str) -> dict[str, Any]:
    """Value by what follows the switch in the subject."""
    return {line["subject"].partition("/")[2]: line["value"] for line in answer.of(quantity)}


def test_which_ports_are_physical_and_up() -> None:
    """Ethernet ports that are present are told, up or not; loopback, VLAN, bridge, group, sub-interface and null are not."""
    with asked(Simulator(switch(*PORTS))) as (_, settings):
        up = readings(here("uplinks", settings), "port.up")

    assert up == {"ge1": "yes", "ge2": "no", "xge1": "yes", **dict.fromkeys(["ge3", "ge4", "ge5", "ge6", "fe1"], "yes")}


def test_which_rates_count() -> None:
    """Only a port that is up has a rate, and only one that Ethernet has."""
    with asked(Simulator(switch(*PORTS))) as (_, settings):
        speeds = readings(here("uplinks", settings), "port.speed")

    assert speeds == {"ge1": 1_000_000_000, "xge1": 10_000_000_000, "fe1": 100_000_000}


def test_what_goes_with_a_port() -> None:
    """A port's state comes with its index and the switch's word; a rate that cannot be used is told as it came."""
    with asked(Simulator(switch(*PORTS))) as (subject, settings):
        up = here("uplinks", settings).of("port.up")

    assert {line["subject"].removeprefix(f"{subject}/"): line["facts"] for line in up[:6]} == {
        "ge1": {"if_index": 1, "oper_status": "up"},
        "ge2": {"if_index": 2, "oper_status": "down"},
        "xge1": {"if_index": 3, "oper_status": "up"},
        "ge3": {"if_index": 4, "oper_status": "up", "speed": "unknown", "if_high_speed": 0},
        "ge4": {"if_index": 5, "oper_status": "up", "speed": "unknown"},
        "ge5": {"if_index": 6, "oper_status": "up", "speed": "unknown", "if_high_speed": 1_000_000_000},
    }


def test_names_that_are_not_unique() -> None:
    """Two ports of one name, as in a stack, are told apart by their index; without ifName, ifDescr is the name."""
    ports = (Interface("ge1"), Interface("ge1"), Interface("", descr="Port 3"), Interface(""))
    with asked(Simulator(switch(*ports))) as (_, settings):
        up = readings(here("uplinks", settings), "port.up")

    assert list(up) == ["ge1#1", "ge1#2", "Port 3", "#4"]


def test_ifdescr_is_asked_only_where_needed() -> None:
    """A switch whose interfaces all have a name is not asked for their descriptions, and never for their owners' words."""
    agent = Simulator(switch(*PORTS))
    with asked(agent) as (_, settings):
        here("uplinks", settings)

    columns = {pdu.oids[0][:11] for pdu in agent.asked} | {pdu.oids[0][:10] for pdu in agent.asked}
    assert columns & {(1, 3, 6, 1, 2, 1, 2, 2, 1, 2), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18)} == set()


def test_names_in_chinese() -> None:
    """Names come in UTF-8 or, from older switches, in GB18030."""
    table = switch(Interface("a"), Interface("b"))
    table[1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 1] = "教学楼".encode()
    table[1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 2] = "实验楼".encode("gb18030")
    with asked(Simulator(table)) as (_, settings):
        assert list(readings(here("uplinks", settings), "port.up")) == ["教学楼", "实验楼"]


def test_many_ports() -> None:
    """A chassis with 400 ports is read whole."""
    ports = [Interface(f"xe-0/0/{number}", high_speed=ETHERNET_RATES[number % 4]) for number in range(400)]
    with asked(Simulator(switch(*ports))) as (_, settings):
        answer = here("uplinks", settings)

    assert (len(answer.of("port.speed")), answer.value("devices.answered")) == (400, 1_000_000)


def test_a_switch_that_goes_silent() -> None:
    """What was read stays, and the switch counts as not answered."""
    with asked(Simulator(switch(*PORTS), silent_after=6), timeout_s=0.3) as (subject, settings):
        answer = here("uplinks", settings)

    facts = answer.of("devices.answered", subject)[0]["facts"]
    assert (len(answer.of("port.up")) > 0, facts["failure"], answer.end["failure"]) == (True, "timed_out", "timed_out")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        pytest.param(Simulator(switch(*PORTS), restarts=True), "restarted", id="restarts"),
        pytest.param(Simulator({}), "shows no interface", id="a view without interfaces"),
        pytest.param(
            Simulator(switch(*PORTS), loops_at=(1, 3, 6, 1, 2, 1, 2, 2, 1, 3, 5)), "ended early", id="goes round"
        ),
    ],
)
def test_an_answer_that_cannot_be_used(agent: Simulator, words: str) -> None:
    """A switch whose answers cannot be joined or are no answer is `unreadable`, in words."""
    with asked(replace(agent)) as (_, settings):
        answer = here("uplinks", settings)

    assert (answer.end["failure"], words in answer.end["detail"]) == ("unreadable", True), answer.end


def test_a_silent_switch_beside_one_that_answers(snmpd: Snmpd, closed_port: tuple[str, int], folder: Path) -> None:
    """One of two that answers is half, and the run is complete; the silent one says what to look at."""
    silent = {"host": "127.0.0.1", "port": closed_port[1], "community": "x", "name": "二号楼"}
    settings = {"switches": [snmpd.v2c(), silent], "timeout_s": 0.3, "retries": 1}
    answer = probe("uplinks", settings, evidence=folder)

    (told,) = answer.of("devices.answered", f"127.0.0.1:{closed_port[1]}")
    detail = f"no answer from 127.0.0.1:{closed_port[1]}: wrong community, SNMP switched off, or blocked (ACL)"
    assert (answer.value("devices.answered"), answer.end["end"]) == (500_000, "complete")
    assert told["facts"] == {"name": "二号楼", "failure": "timed_out", "detail": detail}


def test_nobody_answers(closed_port: tuple[str, int]) -> None:
    """Where no switch answers, the share is told as 0 and the run failed as the first switch did."""
    silent = {"host": "127.0.0.1", "port": closed_port[1], "community": "x"}
    answer = here("uplinks", {"switches": [silent], "timeout_s": 0.3, "retries": 0})

    assert (answer.value("devices.answered"), answer.end["failure"]) == (0, "timed_out")


@pytest.mark.parametrize(
    ("auth", "priv"),
    [*USERS, pytest.param("SHA-256", None, id="without privacy"), pytest.param("", "", id="v2c")],
)
def test_net_snmp_answers(snmpd: Snmpd, auth: str, priv: str | None) -> None:
    """SNMP v2c and every authentication and privacy of v3 read the same interfaces that this host has."""
    one = snmpd.v3(auth, priv) if auth else snmpd.v2c()
    answer = here("uplinks", {"switches": [one], "timeout_s": 2})

    assert (answer.value("devices.answered"), answer.end) == (1_000_000, {"end": "complete"})


def test_net_snmp_over_ipv6(snmpd: Snmpd) -> None:
    """An IPv6 switch stands in brackets."""
    answer = here("uplinks", {"switches": [snmpd.v2c(host="::1")], "timeout_s": 2})

    assert answer.value("devices.answered", f"[::1]:{snmpd.port}") == 1_000_000


def test_this_hosts_interfaces(snmpd: Snmpd, folder: Path) -> None:
    """The raw evidence holds the interfaces that the kernel has, and of the switch's tables only these columns."""
    probe("uplinks", {"switches": [snmpd.v2c()], "timeout_s": 2}, evidence=folder)

    columns = json.loads((folder / "switch-1.json").read_text())["columns"]
    names = {name for _, name in socket.if_nameindex()}
    assert set(columns) == {"ifType", "ifOperStatus", "ifName", "ifHighSpeed"}
    assert "lo" in names & set(columns["ifName"]["rows"].values())


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        pytest.param({"auth_key": "wrong-key-wrong-key"}, "login_rejected", id="wrong authentication key"),
        pytest.param({"user": "nobody"}, "login_rejected", id="unknown user"),
        pytest.param(
            {"priv_key": "wrong-key-wrong-key"}, "timed_out", id="wrong privacy key, of which net-snmp says nothing"
        ),
        pytest.param({"user": "strict", "priv": None, "priv_key": None}, "not_permitted", id="privacy is demanded"),
    ],
)
def test_a_login_that_is_refused(snmpd: Snmpd, change: dict[str, object], failure: str) -> None:
    """What the agent's own report says is the failure; its silence is a time-out."""
    one = {key: value for key, value in (snmpd.v3() | change).items() if value is not None}
    answer = here("uplinks", {"switches": [one], "timeout_s": 0.5, "retries": 0})

    assert (answer.value("devices.answered"), answer.end["failure"]) == (0, failure), answer.end


def test_no_secret_is_ever_told(snmpd: Snmpd, folder: Path) -> None:
    """Whether a login works or not, no secret is in what is printed or kept."""
    wrong = snmpd.v3(user="nobody", host="127.0.0.2")
    settings = {"switches": [snmpd.v2c(), snmpd.v3(host="::1"), wrong], "timeout_s": 0.5, "retries": 0}
    answer = probe("uplinks", settings, evidence=folder)

    told = answer.errors + str(answer.lines) + "".join(path.read_text() for path in folder.iterdir())
    assert [secret for secret in MARKERS.values() if secret in told] == []


def test_switches_are_asked_at_once(closed_port: tuple[str, int]) -> None:
    """Eight silent switches take as long as one."""
    silent = [{"host": f"127.0.0.{last}", "port": closed_port[1], "community": "x"} for last in range(1, 9)]
    with asked(Simulator(switch(*PORTS))) as (_, settings):
        settings["switches"] += silent[1:]
        answer = here("uplinks", settings | {"timeout_s": 1})

    assert answer.value("devices.answered") == 125_000
