"""
What does the school look like with exactly one thing broken?

Each fault is a context manager: when its block begins the fault is in force and can be seen (through SNMP too, whose
agent keeps an old answer for up to three seconds), and when its block has ended the school is whole again and answers
as before. Faults may be nested.
"""

import itertools
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.readiness import LLDP_REM_SYS_NAME
from tests.lab.school import VirtualSchool
from tests.lab.topology import LINKS, SECOND_LINKS, SWITCH_ADDRESS, Link
from tests.lab.wiring import links_of

IF_OPER_STATUS = "1.3.6.1.2.1.2.2.1.8"
IF_HIGH_SPEED = "1.3.6.1.2.1.31.1.1.1.15"
UP, DOWN = "1", "2"
SNMP, TROUBLED = 161, 1161
REPOSITORY = Path(__file__).parents[2]
SEEN_WITHIN_S = 10
ANNOUNCED = {1000: "1000BaseT", 10000: "10GbaseT"}
"""How lldpd begins the name of a MAU, by the rate in Mbit/s."""
_number = itertools.count()


@contextmanager
def desk_speed(school: VirtualSchool, mbit_s: int, station: str = "agent") -> Iterator[None]:
    """Let a station's cable negotiate another speed: seen by the station and by its switch port."""
    link = link_at(f"{station}:eth0")
    _set_and_see_speed(school, link, mbit_s)
    try:
        yield
    finally:
        _set_and_see_speed(school, link, school.settings.desk_mbit_s)


@contextmanager
def uplink_speed(school: VirtualSchool, switch: str, mbit_s: int) -> Iterator[None]:
    """Let the uplink of an access switch run at another speed: seen by both ends; needs a school with `changeable` links."""
    link = link_at(f"{switch}:ge1")
    _set_and_see_speed(school, link, mbit_s)
    try:
        yield
    finally:
        _set_and_see_speed(school, link, school.settings.uplink_mbit_s)


@contextmanager
def uplink_down(school: VirtualSchool, switch: str) -> Iterator[None]:
    """Pull the uplink of an access switch: its neighbour's port loses its carrier, and all behind it is cut off."""
    link = link_at(f"{switch}:ge1")
    core, core_port = link.ends[0]
    _set_link(school, link, up=False)
    try:
        _await_snmp(school, core, core_port, IF_OPER_STATUS, DOWN)
        yield
    finally:
        _set_link(school, link, up=True)
        _await_snmp(school, core, core_port, IF_OPER_STATUS, UP)
        school.ready(only=(f"snmp {switch}", "lldp"))
        await_neighbours(school)


@contextmanager
def second_link_down(school: VirtualSchool, end: str) -> Iterator[None]:
    """Pull a second link, given by its other end: both ports lose their carrier, and nobody loses a way."""
    link = link_at(end)
    _set_link(school, link, up=False)
    try:
        for switch, port in link.ends:
            _await_snmp(school, switch, port, IF_OPER_STATUS, DOWN)
        yield
    finally:
        _set_link(school, link, up=True)
        for switch, port in link.ends:
            _await_snmp(school, switch, port, IF_OPER_STATUS, UP)
        await_neighbours(school)


@contextmanager
def lldp_mute(school: VirtualSchool, switch: str) -> Iterator[None]:
    """Let one switch hear its neighbours and say nothing: it knows them, and they forget it."""
    before = {name: neighbours(school, name) for name in SWITCH_ADDRESS}
    _lldp(school, switch, "configure", "lldp", "status", "rx-only")
    try:
        _await(f"the others to forget {switch}", lambda: switch not in neighbours(school, "core"))
        yield
    finally:
        _lldp(school, switch, "configure", "lldp", "status", "rx-and-tx")
        _await("all neighbours", lambda: {name: neighbours(school, name) for name in SWITCH_ADDRESS} == before)


@contextmanager
def half_speed(school: VirtualSchool, end: str, mbit_s: int) -> Iterator[None]:
    """Let one end of a cable say another speed than the other, which no real link does and a liar may."""
    link = link_at(end)
    (node, _, port) = end.partition(":")
    school.node(node).run(["ethtool", "-s", port, "speed", str(mbit_s), "duplex", "full"], check=True)
    try:
        _tell_neighbours(school, (node, port), next(other for other in link.ends if other != (node, port)), mbit_s)
        _await_snmp(school, node, port, IF_HIGH_SPEED, str(mbit_s))
        yield
    finally:
        _set_and_see_speed(school, link, school.settings.uplink_mbit_s)


@contextmanager
def no_ra(school: VirtualSchool, *, crash: bool = False) -> Iterator[None]:
    """Stop router advertisements: politely (stations lose the route at once) or by a crash (they keep it a while)."""
    school.node("gw").stop("radvd", signal.SIGKILL if crash else signal.SIGTERM)
    try:
        if not crash:
            _await("the agent's IPv6 default route to go", lambda: not has_v6_route(school))
        yield
    finally:
        school.start("gw", "radvd")
        school.ready(only=("slaac", "http over IPv6"))


@contextmanager
def no_v6_route(school: VirtualSchool) -> Iterator[None]:
    """Take the gateway's IPv6 default route: stations still have addresses, and get `no route` for anything outside."""
    school.node("gw").run(["ip", "-6", "route", "del", "default"], check=True)
    try:
        yield
    finally:
        school.restore_routes("gw")


@contextmanager
def v6_eaten(school: VirtualSchool) -> Iterator[None]:
    """Let the provider drop IPv6 without a word, which browsers hide by falling back to IPv4."""
    with _dropping(school, "wan", "forward", "meta nfproto ipv6"):
        yield


@contextmanager
def collector_cut(school: VirtualSchool) -> Iterator[None]:
    """Let the gateway drop, without a word, everything sent to the operator's machine; open connections hang too."""
    with (
        _dropping(school, "gw", "forward", "ip daddr 198.51.100.0/24"),
        _dropping(school, "gw", "forward", "ip6 daddr 2001:db8:51::/64"),
    ):
        yield


@contextmanager
def snmp_loss(school: VirtualSchool, switch: str, percent: int) -> Iterator[None]:
    """Let a switch lose this share of the SNMP requests sent to it."""
    share = "" if percent == 100 else f"numgen random mod 100 < {percent}"  # nft refuses a comparison that always holds
    with _dropping(school, switch, "input", f"udp dport 161 {share}"):
        yield


@contextmanager
def snmp_troubled(school: VirtualSchool, switch: str, mood: str, *how: str | float) -> Iterator[None]:
    """
    Put an agent that breaks one rule (`MOODS` of `tests/probes/responder.py`) in front of a switch's own.

    What comes from outside for the SNMP port goes to it; it asks the real one, through loopback, and spoils the answers.
    """
    node = school.node(switch)
    behind = [SNMP, school.settings.community]
    one = {"address": "0.0.0.0", "port": TROUBLED, "community": behind[1], "behind": behind, "mood": [mood, *how]}
    specification = node.write("trouble.json", json.dumps([one]))
    node.log("trouble").unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.probes.responder"]
    node.spawn("trouble", [*command, str(specification)], env={"PYTHONPATH": str(REPOSITORY)})
    try:
        _await(f"the agent in front of {switch}", lambda: "ready" in node.tail("trouble"))
        with _redirecting(school, switch):
            yield
    finally:
        node.stop("trouble", signal.SIGKILL)


@contextmanager
def metro_down(school: VirtualSchool) -> Iterator[None]:
    """Stop the metropolitan network's service: its address is reachable and refuses."""
    with _stopped(school, "metro", "nginx", "metro"):
        yield


@contextmanager
def lldp_off(school: VirtualSchool, switch: str) -> Iterator[None]:
    """Switch LLDP off on one switch: it says good-bye to its neighbours, and its own LLDP-MIB is empty."""
    with _stopped(school, switch, "lldpd", "lldp"):
        yield


@contextmanager
def egress_rate(school: VirtualSchool, rate_bit_s: int) -> Iterator[None]:
    """Shape the school's egress to another rate."""
    school.set_egress(rate_bit_s)
    try:
        yield
    finally:
        school.set_egress(school.settings.egress_bit_s)


def has_v6_route(school: VirtualSchool) -> bool:
    """Whether the agent has an IPv6 default route."""
    return "default" in school.node("agent").run(["ip", "-6", "route", "show", "default"], check=True).stdout


def link_at(end: str) -> Link:
    """Find the link of an end `machine:interface`."""
    return next(link for link in (*LINKS, *SECOND_LINKS) if end in (link.one, link.other))


def neighbours(school: VirtualSchool, switch: str) -> list[str]:
    """The names that a switch hears by LLDP, as its SNMP agent tells them. The gateway asks."""
    walk = ["snmpwalk", "-v2c", "-c", school.settings.community, "-r2", "-t0.5", "-Oqv", SWITCH_ADDRESS[switch]]
    told = school.node("gw").run([*walk, LLDP_REM_SYS_NAME]).stdout
    return sorted(line.strip().strip('"') for line in told.splitlines())


def _lldp(school: VirtualSchool, switch: str, *words: str) -> str:
    """Say something to a switch's LLDP speaker; its answer."""
    client = [str(school.directory / "lldpcli"), "-u", "/run/lldpd.socket", *words]
    return school.node(switch).run(client, check=True).stdout


def _tell_neighbours(school: VirtualSchool, end: tuple[str, str], hearer: tuple[str, str], mbit_s: int) -> None:
    """
    Let a switch announce the speed that its port has now, and wait until the other end has heard it.

    Nothing tells lldpd of a tap's speed, and by itself it looks every half minute only; another alias of the port makes it look.
    """
    (node, port), (other, at) = end, hearer
    school.node(node).run(["ip", "link", "set", port, "alias", f"change {next(_number)}"], check=True)

    def heard() -> bool:
        _lldp(school, node, "update")
        told = _lldp(school, other, "-f", "keyvalue", "show", "neighbors", "ports", at, "details")
        return f".auto-negotiation.current={ANNOUNCED[mbit_s]}" in told

    _await(f"{other} to hear {mbit_s} Mbit/s from {node}", heard)


@contextmanager
def command_line(school: VirtualSchool, switch: str, family: str, answers: dict[str, str]) -> Iterator[str]:
    """Give a switch a command line over SSH with these answers; the fingerprint of its host key, another one each time."""
    node = school.node(switch)
    texts = node.write("cli.json", json.dumps(answers))
    node.log("cli").unlink(missing_ok=True)
    node.spawn("cli", [sys.executable, "-m", "tests.lab.cli", family, texts], env={"PYTHONPATH": str(REPOSITORY)})
    try:
        _await(f"the command line of {switch}", lambda: "key " in node.tail("cli"))
        yield node.tail("cli").splitlines()[0].removeprefix("key ")
    finally:
        node.stop("cli", signal.SIGKILL)


def passwords_told(school: VirtualSchool, switch: str) -> list[str]:
    """The passwords that a switch's command line was given so far."""
    lines = school.node(switch).tail("cli", 100).splitlines()
    return [line.removeprefix("password ") for line in lines if line.startswith("password ")]


def await_neighbours(school: VirtualSchool) -> None:
    """Wait until every switch hears as many neighbours as it has cables to others."""
    ends = [end for link in links_of(school.settings) if link.kind in ("uplink", "second") for end in link.ends]
    for switch in SWITCH_ADDRESS:
        cables = sum(name == switch for name, _ in ends)
        _await(f"{switch} to hear {cables} neighbours", lambda at=switch, of=cables: len(neighbours(school, at)) == of)  # type: ignore[misc]


@contextmanager
def _stopped(school: VirtualSchool, node: str, tag: str, service: str) -> Iterator[None]:
    """Stop a daemon for a while; at the end its service answers again."""
    school.node(node).stop(tag)
    try:
        yield
    finally:
        school.start(node, tag)
        school.ready(only=(service,))
        if service == "lldp":
            await_neighbours(school)


@contextmanager
def _redirecting(school: VirtualSchool, node: str) -> Iterator[None]:
    """Lead what comes over the network for a machine's SNMP port to the troubled one; who asks through loopback meets the real one."""
    table = f"fault{next(_number)}"
    rule = f'iifname != "lo" udp dport {SNMP} redirect to :{TROUBLED}'
    chain = f"chain leads {{\n type nat hook prerouting priority dstnat\n {rule}\n}}\n"
    school.node(node).run(["nft", "-f", "-"], stdin=f"table ip {table} {{\n{chain}}}\n", check=True)
    try:
        yield
    finally:
        school.node(node).run(["nft", "delete", "table", "ip", table], check=True)


@contextmanager
def _dropping(school: VirtualSchool, node: str, hook: str, match: str) -> Iterator[None]:
    """Drop what matches on a machine; a table of its own, so that taking it away takes nothing else."""
    table = f"fault{next(_number)}"
    chain = f"chain drops {{\n type filter hook {hook} priority -10\n {match} drop\n}}\n"
    school.node(node).run(["nft", "-f", "-"], stdin=f"table inet {table} {{\n{chain}}}\n", check=True)
    try:
        yield
    finally:
        school.node(node).run(["nft", "delete", "table", "inet", table], check=True)


def _set_link(school: VirtualSchool, link: Link, *, up: bool) -> None:
    """Pull a link or put it back. A veth's end that goes down takes the other's carrier; a tap's carrier is its own."""
    if link in school.cables:
        for node, port in link.ends:
            school.node(node).run(["ip", "link", "set", port, "carrier", "on" if up else "off"], check=True)
    else:
        node, port = link.ends[1]
        school.node(node).run(["ip", "link", "set", port, "up" if up else "down"], check=True)
        if up:
            school.restore_routes(node)


def _set_and_see_speed(school: VirtualSchool, link: Link, mbit_s: int) -> None:
    school.set_link_speed(link, mbit_s)
    ends = list(link.ends)
    if all(node in SWITCH_ADDRESS for node, _ in ends):
        for end, hearer in zip(ends, reversed(ends), strict=True):
            _tell_neighbours(school, end, hearer, mbit_s)
    for node, port in ends:
        if node in SWITCH_ADDRESS:
            _await_snmp(school, node, port, IF_HIGH_SPEED, str(mbit_s))


def _await_snmp(school: VirtualSchool, switch: str, port: str, column: str, value: str) -> None:
    """Wait until a switch says this of a port. The gateway asks, because the agent may be behind what is broken."""
    index = school.node(switch).run(["cat", f"/sys/class/net/{port}/ifindex"], check=True).stdout.strip()
    get = ["snmpget", "-v2c", "-c", school.settings.community, "-r9", "-t0.2", "-Oqve", SWITCH_ADDRESS[switch]]

    def says_so() -> bool:
        return school.node("gw").run([*get, f"{column}.{index}"]).stdout.strip() == value

    _await(f"{switch} to say {value} for {column} of {port}", says_so)


def _await(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SEEN_WITHIN_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {SEEN_WITHIN_S} s for {what}")
        time.sleep(0.02)
