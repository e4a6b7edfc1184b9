"""
Is the virtual school what it says it is, and does nothing of it stay behind?

Real daemons in network namespaces; needs root (see `tests/lab/needs.py`). These tests prove the instrument, not the
product.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.lab import faults
from tests.lab.fixtures import SchoolMaker
from tests.lab.needs import missing
from tests.lab.node import Node
from tests.lab.readiness import KNOCK, NotReadyError
from tests.lab.school import VirtualSchool
from tests.lab.settings import Settings, bit_s
from tests.lab.topology import (
    AGENT,
    COLLECTOR,
    COLLECTOR_V6,
    GATEWAY_OUTSIDE,
    INTERNET,
    INTERNET_V6,
    LOG_SERVER,
    METRO,
    SNMP_USERS,
    SWITCH_ADDRESS,
    SnmpUser,
)

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[1]
SYS_DESCR = "1.3.6.1.2.1.1.1.0"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
LISTENER = "import socket; s = socket.create_server(('::', 8443), family=socket.AF_INET6, dualstack_ipv6=True)\n" + (
    "while True: s.accept()"
)
GOODPUT = 1448 / 1514
"""What TCP carries of a shaped rate: the shaper counts Ethernet headers, TCP's user sees its payload only."""

HOLDER = """
import json, signal, sys
from pathlib import Path
from tests.lab.school import VirtualSchool
with VirtualSchool(Path(sys.argv[1])) as school:
    school.ready()
    networks = [node.network for node in school.nodes.values()]
    print(json.dumps([networks, [cable.process.pid for cable in school.cables.values()]]), flush=True)
    signal.pause()
"""


def snmp(node: Node, *asked: str, community: str = "lab-public", program: str = "snmpget") -> list[str]:
    """Ask a switch through SNMP v2c; its values, or nothing if it is silent."""
    answer = node.run([program, "-v2c", "-c", community, "-r1", "-t0.5", "-Oqv", *asked])
    return answer.stdout.split("\n")[:-1]


def port_index(school: VirtualSchool, switch: str, name: str) -> str:
    """Find a port's ifIndex by its name, as a client has to."""
    walk = ["snmpwalk", "-v2c", "-c", "lab-public", "-Oqn", SWITCH_ADDRESS[switch], IF_NAME]
    rows = (row.split() for row in school.node("agent").run(walk, check=True).stdout.splitlines())
    return next(row[0].rpartition(".")[2] for row in rows if row[1].strip('"') == name)


def opens(node: Node, address: str, port: int) -> bool:
    """Whether a machine can open a TCP connection to an address."""
    return node.run([*KNOCK, address, str(port)]).returncode == 0


def living(networks: set[int]) -> list[int]:
    """List all processes whose network namespace is one of these."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        # It ended while we were looking; or it hides from everyone, which none of ours does.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if (process / "ns/net").stat().st_ino in networks:
                found.append(int(process.name))
    return found


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not reaped yet has no command line."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


def comes_true(claim: Callable[[], bool], within_s: float = 5) -> bool:
    """Wait for a claim to hold."""
    deadline = time.monotonic() + within_s
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def host_interfaces() -> set[str]:
    """List the interfaces of the host's own network namespace."""
    return set(os.listdir("/sys/class/net"))


def agent_v6(school: VirtualSchool) -> str:
    """Find the address that the agent made for itself."""
    shown = school.node("agent").run(["ip", "-6", "-json", "address", "show", "dev", "eth0", "scope", "global"]).stdout
    return str(json.loads(shown)[0]["addr_info"][0]["local"])


@pytest.fixture
def listening(school: VirtualSchool) -> Iterator[VirtualSchool]:
    """The shared school with a program on agent and operator's machine that accepts TCP on port 8443."""
    for name in ("agent", "gov"):
        school.node(name).spawn("listener", [sys.executable, "-c", LISTENER])
    for address in (AGENT, "::1"):
        assert comes_true(lambda at=address: opens(school.node("agent"), at, 8443))  # type: ignore[misc]
    assert comes_true(lambda: opens(school.node("gov"), "::1", 8443))
    yield school
    for name in ("agent", "gov"):
        school.node(name).stop("listener")


def test_all_services_answer_within_fifteen_seconds(a_school: SchoolMaker) -> None:
    """A school stands and every service of it has answered 15 s after it was asked for."""
    assert max(a_school().answered_s.values()) < 15


def test_stopping_leaves_nothing(tmp_path: Path, a_school: SchoolMaker) -> None:
    """A stopped school leaves no process in its namespaces, no cable and no interface on the host."""
    before = host_interfaces()
    with VirtualSchool(tmp_path) as school:
        school.ready()
        networks = {node.network for node in school.nodes.values()}
        cables = [cable.process for cable in school.cables.values()]

    left = living(networks), [cable.pid for cable in cables if cable.poll() is None]
    assert left == ([], [])
    assert comes_true(lambda: host_interfaces() <= before)  # another school's taps pass through here for a moment


def test_a_killed_test_leaves_nothing(tmp_path: Path, a_school: SchoolMaker) -> None:
    """When the process that holds a school is killed by SIGKILL, the kernel takes the whole school away."""
    before = host_interfaces()
    argv = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT, text=True) as holder:
        assert holder.stdout is not None
        networks, cables = json.loads(holder.stdout.readline())
        alive = len(living(set(networks)))
        holder.kill()
    assert alive > len(networks)

    def nothing_left() -> bool:
        return not living(set(networks)) and not any(map(runs, cables)) and host_interfaces() <= before

    assert comes_true(nothing_left)


def test_two_schools_stand_side_by_side(school: VirtualSchool, a_school: SchoolMaker) -> None:
    """A second school has the same names and addresses as the first, and its own traffic."""
    other = a_school(community="of-the-other")

    answers = [snmp(one.node("agent"), SWITCH_ADDRESS["core"], SYS_DESCR) for one in (school, other)]
    assert [bool(answer) for answer in answers] == [True, False]


@pytest.mark.parametrize("address", [COLLECTOR, COLLECTOR_V6], ids=["IPv4", "IPv6"])
def test_the_agent_reaches_the_operator(listening: VirtualSchool, address: str) -> None:
    """Connections from inside the school to the operator's machine open."""
    assert opens(listening.node("agent"), address, 8443)


@pytest.mark.parametrize("address", [AGENT, GATEWAY_OUTSIDE, None], ids=["private", "outside", "IPv6"])
def test_the_operator_does_not_reach_the_agent(listening: VirtualSchool, address: str | None) -> None:
    """No connection from outside opens, though the same one opens from a neighbour inside."""
    target = address or agent_v6(listening)
    seen = [opens(listening.node(name), target, 8443) for name in ("desk", "gov")]

    assert seen == [target != GATEWAY_OUTSIDE, False]


def test_the_operator_sees_the_gateway_only(school: VirtualSchool) -> None:
    """IPv4 from the school leaves behind the gateway's address (NAT)."""
    asked = f"from urllib.request import urlopen; print(urlopen('http://{INTERNET}/myip').read().decode())"
    assert school.node("agent").run([sys.executable, "-c", asked]).stdout.strip() == GATEWAY_OUTSIDE


def test_a_slow_desk_is_seen_from_both_ends(school: VirtualSchool) -> None:
    """A desk link that negotiates 100 Mbit/s says so to the station and in the switch's ifHighSpeed."""
    column = f"{faults.IF_HIGH_SPEED}.{port_index(school, 'acc1', 'ge2')}"

    def both() -> tuple[str, list[str]]:
        station = school.node("agent").run(["cat", "/sys/class/net/eth0/speed"]).stdout.strip()
        return station, snmp(school.node("agent"), SWITCH_ADDRESS["acc1"], column)

    with faults.desk_speed(school, 100):
        slow = both()
    assert (slow, both()) == (("100", ["100"]), ("1000", ["1000"]))


def test_uplinks_say_ten_gigabit(school: VirtualSchool) -> None:
    """A link between switches is 10 Gbit/s by default, in ifHighSpeed."""
    column = f"{faults.IF_HIGH_SPEED}.{port_index(school, 'core', 'ge2')}"
    assert snmp(school.node("agent"), SWITCH_ADDRESS["core"], column) == ["10000"]


@pytest.mark.parametrize("uplink_mbit_s", [1000, 10_000], ids=["cable", "veth"])
def test_a_pulled_uplink_is_seen_by_the_core(a_school: SchoolMaker, uplink_mbit_s: int) -> None:
    """With the uplink of acc2 pulled, the core's port is down and acc2 is silent; put back, both are as before."""
    school = a_school(uplink_mbit_s=uplink_mbit_s)
    column = f"{faults.IF_OPER_STATUS}.{port_index(school, 'core', 'ge3')}"

    def seen() -> tuple[list[str], bool]:
        agent = school.node("agent")
        return snmp(agent, SWITCH_ADDRESS["core"], column), bool(snmp(agent, SWITCH_ADDRESS["acc2"], SYS_DESCR))

    with faults.uplink_down(school, "acc2"):
        pulled = seen()
    assert (pulled, seen()) == (([faults.DOWN], False), ([faults.UP], True))


def test_without_router_advertisements_no_v6_route(school: VirtualSchool) -> None:
    """A router that stops advertising takes the stations' IPv6 default route along; it comes back with it."""
    with faults.no_ra(school):
        without = faults.has_v6_route(school)
    assert (without, faults.has_v6_route(school)) == (False, True)


def test_a_school_without_router_advertisements(a_school: SchoolMaker) -> None:
    """A school made without router advertisements has no IPv6 default route at the agent."""
    assert not faults.has_v6_route(a_school(ra=False))


def test_a_crashed_router_is_missed_later(school: VirtualSchool) -> None:
    """A router that stops without a word leaves its route with the stations for a while."""
    with faults.no_ra(school, crash=True):
        kept = faults.has_v6_route(school)
    assert (kept, faults.has_v6_route(school)) == (True, True)


@pytest.mark.parametrize("fault", [faults.no_v6_route, faults.v6_eaten])
def test_broken_v6_leaves_v4_alone(
    school: VirtualSchool, fault: Callable[[VirtualSchool], contextlib.AbstractContextManager[None]]
) -> None:
    """With IPv6 broken upstream IPv4 still works, and afterwards both do."""
    agent = school.node("agent")
    with fault(school):
        broken = [opens(agent, address, 80) for address in (INTERNET, INTERNET_V6)]
    assert (broken, opens(agent, INTERNET_V6, 80)) == ([True, False], True)


def test_a_stopped_metro_service_refuses(school: VirtualSchool) -> None:
    """With the metropolitan service stopped, its address refuses at once; then it accepts again."""
    agent = school.node("agent")
    with faults.metro_down(school):
        words = agent.run([*KNOCK, METRO, "80"]).stderr
    assert ("refused" in words, opens(agent, METRO, 80)) == (True, True)


def test_a_cut_collector_is_silent(listening: VirtualSchool) -> None:
    """With the operator cut off connections time out, while the internet is still there."""
    agent = listening.node("agent")
    with faults.collector_cut(listening):
        words = agent.run([*KNOCK, COLLECTOR, "8443"]).stderr
        others = opens(agent, INTERNET, 80)
    assert ("timed out" in words, others, opens(agent, COLLECTOR, 8443)) == (True, True, True)


def test_lldp_off_empties_the_neighbours(school: VirtualSchool) -> None:
    """A switch whose LLDP stops says good-bye: the core forgets it, and learns it again."""

    def neighbours() -> list[str]:
        names = snmp(school.node("agent"), SWITCH_ADDRESS["core"], "1.0.8802.1.1.2.1.4.1.1.9", program="snmpwalk")
        return sorted(name.strip('"') for name in names)

    with faults.lldp_off(school, "acc1"):
        forgotten = comes_true(lambda: neighbours() == ["acc2"])
    assert (forgotten, neighbours()) == (True, ["acc1", "acc2"])


def test_snmp_loss_loses(school: VirtualSchool) -> None:
    """With all requests lost a switch is silent; afterwards it answers."""
    agent = school.node("agent")
    with faults.snmp_loss(school, "core", 100):
        lost = snmp(agent, SWITCH_ADDRESS["core"], SYS_DESCR)
    assert (lost, len(snmp(agent, SWITCH_ADDRESS["core"], SYS_DESCR))) == ([], 1)


@pytest.mark.parametrize("user", SNMP_USERS, ids=lambda user: user.auth)
def test_snmp_v3_answers(school: VirtualSchool, user: SnmpUser) -> None:
    """Each user of SNMPv3 reads with authentication and privacy."""
    keys = ["-u", user.name, "-a", user.auth, "-A", user.auth_key, "-x", "AES", "-X", user.priv_key]
    get = ["snmpget", "-v3", "-l", "authPriv", *keys, "-Oqv", SWITCH_ADDRESS["acc2"], SYS_DESCR]
    assert "Ruijie" in school.node("agent").run(get, check=True).stdout


def test_a_wrong_community_is_silence(school: VirtualSchool) -> None:
    """A switch does not answer a community that it does not know."""
    assert snmp(school.node("agent"), SWITCH_ADDRESS["core"], SYS_DESCR, community="wrong") == []


@pytest.mark.parametrize("reverse", [["--reverse"], []], ids=["down", "up"])
def test_the_egress_carries_its_rate(school: VirtualSchool, reverse: list[str]) -> None:
    """An egress shaped to 200 Mbit/s carries it within 5 %, in each direction."""
    iperf = ["iperf3", "--client", INTERNET, "--json", "--time", "3", "--omit", "1", *reverse]
    with faults.egress_rate(school, 200_000_000):
        told = json.loads(school.node("agent").run(iperf, check=True).stdout)
    assert told["end"]["sum_received"]["bits_per_second"] == pytest.approx(200_000_000 * GOODPUT, rel=0.05)


def test_a_line_is_kept_per_sender_and_day(school: VirtualSchool) -> None:
    """What a machine sends to the log server stands in a file of its address and of the day."""
    school.node("acc1").run(["logger", "--server", LOG_SERVER, "--port", "514", "--udp", "port ge2 is up"], check=True)
    files = school.node("log").directory / "logs" / SWITCH_ADDRESS["acc1"]
    assert comes_true(lambda: any("port ge2 is up" in day.read_text() for day in files.glob("????-??-??.log")))


def test_what_does_not_answer_is_named(a_school: SchoolMaker) -> None:
    """A school that does not get ready says which service is silent and what its daemon logged."""
    school = a_school()
    school.node("metro").stop("nginx")
    with pytest.raises(NotReadyError, match=r"(?s)metro does not answer.*nginx on metro"):
        school.ready(timeout_s=1)


@pytest.mark.parametrize(("text", "rate"), [("600 Mbit/s", 600_000_000), ("1.5Gbit/s", 1_500_000_000)])
def test_rates_as_people_write_them(text: str, rate: int) -> None:
    """A rate is read with its unit."""
    assert bit_s(text) == rate


@pytest.mark.skipif(os.geteuid() != 0, reason="without root that is all that is said, whatever is installed")
def test_a_missing_program_is_named_with_its_package(tmp_path: Path) -> None:
    """What keeps a school from running is said in words, each with the apt package that helps."""
    assert "no radvd (apt package radvd)" in missing(str(tmp_path))


def test_a_short_lived_thread_may_not_make_a_school(tmp_path: Path, a_school: SchoolMaker) -> None:
    """A school is made by the main thread only: the kernel would kill it with any other thread that made it."""

    def make() -> None:
        with VirtualSchool(tmp_path):
            pass

    with ThreadPoolExecutor(1) as threads, pytest.raises(RuntimeError, match="main thread"):
        threads.submit(make).result()


def test_a_program_inherits_descriptors(school: VirtualSchool) -> None:
    """A program left running gets the descriptors that it is passed, and `run` waits for what it wrote."""
    reader, writer = os.pipe()
    with open(reader, "rb") as told, open(writer, "wb") as pipe:
        script = "import os, socket, sys; os.write(int(sys.argv[1]), socket.gethostname().encode())"
        argv = [sys.executable, "-c", script, str(writer)]
        school.node("agent").spawn("writer", argv, pass_fds=[writer]).wait()
        pipe.close()
        assert told.read() == b"agent"


def test_a_command_that_takes_too_long_is_killed(school: VirtualSchool) -> None:
    """A command that outlives its time is killed, inside the machine too."""
    agent = school.node("agent")
    with pytest.raises(subprocess.TimeoutExpired):
        agent.run(["sleep", "4242"], timeout_s=0.2)
    assert comes_true(lambda: "4242" not in agent.run(["ps", "-e", "-o", "args"], check=True).stdout)


def test_a_folder_in_run_is_refused() -> None:
    """A school's folder may not be in /run, because each machine has a /run of its own."""
    with pytest.raises(ValueError, match="/run"):
        VirtualSchool(Path("/run/school"), Settings())
