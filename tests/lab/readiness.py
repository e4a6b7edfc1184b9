"""
Does every service of the virtual school answer, and how long did each take?

Method: each question is asked again and again, in turns, from the machine whose view matters (mostly the agent), until
all have their answer. What is asked is what a client would ask; a running process or an open port alone is not taken
for an answer where a real question is cheap. A service's time is when its answer was seen, counted from the school's
start.
"""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.node import Node
from tests.lab.settings import Settings
from tests.lab.topology import INTERNET, INTERNET_V6, LOG_SERVER, METRO, SCHOOL_LAN_V6, SWITCH_ADDRESS

SYS_NAME = "1.3.6.1.2.1.1.5.0"
LLDP_REM_SYS_NAME = "1.0.8802.1.1.2.1.4.1.1.9"
KNOCK = (sys.executable, "-I", "-S", str(Path(__file__).with_name("knock.py")))
ROUND_S = 0.01


@dataclass(frozen=True)
class Question:
    """A service, the command that asks it, the words that its answer holds, and the daemons behind it."""

    service: str
    argv: tuple[str, ...]
    words: tuple[str, ...]
    daemons: tuple[tuple[str, str], ...]
    asked_from: str = "agent"


class NotReadyError(TimeoutError):
    """A service of the virtual school did not answer in time; says which, and what its daemon logged."""


def questions(settings: Settings) -> list[Question]:
    """List what a school with these settings has to answer."""
    asked = [_snmp(switch, settings.community) for switch in SWITCH_ADDRESS]
    asked += [
        _lldp(settings.community),
        Question(
            "dns", ("getent", "ahostsv4", "www.speed.test"), (INTERNET,), (("gw", "unbound"), ("inet", "dnsmasq"))
        ),
        _http("http over IPv4", INTERNET, "inet"),
        Question("iperf3", ("ss", "-Hltn"), (":5201",), (("inet", "iperf3"),), asked_from="inet"),
        Question("log server", (*KNOCK, LOG_SERVER, "514"), ("open",), (("log", "rsyslogd"),)),
    ]
    if settings.ra:
        route = ("ip", "-6", "route", "show", "dev", "eth0")
        asked += [Question("slaac", route, ("default via", SCHOOL_LAN_V6), (("gw", "radvd"),))]
        asked += [_http("http over IPv6", INTERNET_V6, "inet")]
    return asked + ([_http("metro", METRO, "metro")] if settings.metro else [])


def await_answers(
    nodes: Mapping[str, Node], asked: Sequence[Question], deadline: float, since: float
) -> dict[str, float]:
    """Ask until all have answered; seconds from `since` per service. NotReadyError if late or if a daemon has ended."""
    answered_s: dict[str, float] = {}
    waiting = list(asked)
    while waiting:
        for question in [*waiting]:
            if answers(nodes, question):
                answered_s[question.service] = time.monotonic() - since
                waiting.remove(question)
        _give_up(nodes, waiting, late=time.monotonic() > deadline)
        time.sleep(ROUND_S)
    return answered_s


def answers(nodes: Mapping[str, Node], question: Question) -> bool:
    """Ask once; whether the answer holds all the expected words."""
    try:
        answer = nodes[question.asked_from].run(question.argv, timeout_s=2)
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0 and all(word in answer.stdout for word in question.words)


def _give_up(nodes: Mapping[str, Node], waiting: Sequence[Question], *, late: bool) -> None:
    """Raise NotReadyError if it is late, or if a daemon that is waited for has ended and will never answer."""
    ended = [q for q in waiting if any(not _runs(nodes[node], tag) for node, tag in q.daemons)]
    silent = waiting if late else ended
    if silent:
        told = [f"{q.service} does not answer" for q in silent]
        logs = {(node, tag): nodes[node].tail(tag) for q in silent for node, tag in q.daemons}
        told += [f"--- last lines of {tag} on {node}:\n{tail}" for (node, tag), tail in logs.items()]
        raise NotReadyError("\n".join(told))


def _runs(node: Node, tag: str) -> bool:
    return tag in node.processes and node.processes[tag].running


def _snmp(switch: str, community: str) -> Question:
    get = ("snmpget", "-v2c", "-c", community, "-r0", "-t0.2", "-Oqv", SWITCH_ADDRESS[switch], SYS_NAME)
    return Question(f"snmp {switch}", get, (switch,), ((switch, "snmpd"),))


def _lldp(community: str) -> Question:
    walk = ("snmpwalk", "-v2c", "-c", community, "-r0", "-t0.5", "-Oqv", SWITCH_ADDRESS["core"], LLDP_REM_SYS_NAME)
    return Question("lldp", walk, ("acc1", "acc2"), tuple((switch, "lldpd") for switch in SWITCH_ADDRESS))


def _http(service: str, address: str, server: str) -> Question:
    return Question(service, (*KNOCK, address, "80", "/small"), ("200 OK",), ((server, "nginx"),))
