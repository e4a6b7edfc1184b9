"""Does deploy/echo/mtu1280 make a path of 1280 octets that says so, and put everything back?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.probes.face import ROOT
from tests.probes.spaces import Host, cable, host, need, running, until

pytestmark = pytest.mark.alone

SCRIPT = ROOT / "deploy/echo/mtu1280"
SPACE = "campusproof-mtu1280"
SCHOOL, MACHINE, NARROW, BEYOND = "2001:db8:5::2", "2001:db8:5::1", "2001:db8:5::80", "2001:db8:6::2"
ASK = """
import json, sys
from ipaddress import ip_address
from probes._http import Asked, exchange
for method, target, octets in (("GET", "/object?octets=1000", 0), ("GET", "/object?octets=65536", 0), ("POST", "/object", 8000)):
    came = exchange(Asked(ip_address(sys.argv[1]), 443, "mtu1280.test", target, method, bytes(octets), timeout_s=1.5))
    print(json.dumps({"status": came.status, "stage": came.stage, "pmtu": came.pmtu}))
"""
KNOCK = "import socket, sys; socket.create_connection((sys.argv[1], 7), 1.5)"


@dataclass(frozen=True)
class Narrow:
    """A school's box and the operator's machine on one cable, where the narrow address is looked for; `beyond` is behind the machine."""

    school: Host
    machine: Host
    beyond: Host

    def script(self, verb: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run it on the machine."""
        words = ["env", *(f"{name}={value}" for name, value in settings.items()), str(SCRIPT), verb]
        return subprocess.run([*self.machine.inside, *words], capture_output=True, text=True, check=False)

    def asked(self) -> list[dict[str, Any]]:
        """What comes of the school's requests: a small object, a large one down, one up."""
        command = [*self.school.inside, sys.executable, "-c", ASK, NARROW]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def reaches_beyond(self) -> bool:
        """Whether the machine forwards what has nothing to do with the narrow path."""
        knock = [*self.school.inside, sys.executable, "-c", KNOCK, BEYOND]
        return "refused" in subprocess.run(knock, capture_output=True, text=True, check=False).stderr

    def looks(self) -> list[str]:
        """Everything that the script may change on the machine; the time that a kernel has left is not looked at."""
        values = "cd /proc/sys/net/ipv6/conf && grep -s . */accept_ra */forwarding */proxy_ndp */mtu"
        questions = ("ip -br link", "ip -6 route", "ip -6 neigh show proxy", "nft list ruleset", "ip netns", values)
        return [self.machine.run("sh", "-c", one) for one in questions]


@contextmanager
def row() -> Iterator[Narrow]:
    """The three machines, nothing set up."""
    need("unshare", "nsenter", "ip", "nft")
    with host() as school, host() as machine, host() as beyond:
        for one in (school, machine, beyond):
            one.sysctl("ipv6/conf/default/dad_transmits", 0)
        machine.run("mount", "-t", "tmpfs", "none", "/run")
        cable(school, "eth0", machine, "wan0")
        cable(machine, "lan0", beyond, "eth0")
        for at, port, address in (
            (school, "eth0", SCHOOL),
            (machine, "wan0", MACHINE),
            (machine, "lan0", "2001:db8:6::1"),
            (beyond, "eth0", BEYOND),
        ):
            at.ip("addr", "add", f"{address}/64", "dev", port, "nodad")
            until(partial(at.speaks_ipv6, port), f"a link-local address on {port}")
        school.ip("-6", "route", "add", "2001:db8:6::/64", "via", MACHINE)
        beyond.ip("-6", "route", "add", "default", "via", "2001:db8:6::1")
        yield Narrow(school, machine, beyond)


@pytest.fixture(scope="module")
def machines() -> Iterator[Narrow]:
    """The three machines for the tests that need no server."""
    with row() as made:
        yield made


@pytest.fixture
def narrow(machines: Narrow) -> Iterator[Narrow]:
    """The same, swept after the test."""
    yield machines
    machines.script("down")
    machines.machine.sysctl("ipv6/conf/all/forwarding", 0)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Narrow]:
    """The narrow path with the operator's server at its end."""
    folder = tmp_path_factory.mktemp("narrow")
    log = folder / "echo.log"
    words = [sys.executable, "-m", "collector", "echo-server", "--listen", "[::]:443", "--state", str(folder / "state")]
    with row() as made:
        done = made.script("up", ADDRESS=NARROW, UPLINK="wan0")
        assert done.returncode == 0, done.stderr
        with running([*made.machine.inside, "ip", "netns", "exec", SPACE, *words], log):
            until(lambda: bool(log.read_text()), "a word of the echo server", 20)
            assert "echoing" in log.read_text()
            yield made


def test_path(served: Narrow) -> None:
    """Objects of every size pass; full packets are offered both ways, and what goes up is cut to 1280 because the hop said so."""
    assert served.asked() == [{"status": 200, "stage": "", "pmtu": octets} for octets in (1500, 1500, 1280)]


def test_deaf(served: Narrow) -> None:
    """Where somebody throws Packet Too Big away, only what goes up large sticks: that is what the path is for."""
    rules = "table ip6 t { chain c { type filter hook input priority 0; icmpv6 type packet-too-big drop; }; }"
    served.school.run("nft", rules)
    served.school.ip("-6", "route", "flush", "cache")  # what the other test has taught it
    stages = [one["stage"] for one in served.asked()]

    assert (stages[:2], stages[2] in ("send", "receive")) == (["", ""], True)


def test_put_back(narrow: Narrow) -> None:
    """After `down` the machine is as it was before `up`."""
    before = narrow.looks()
    between = (narrow.script("up", ADDRESS=NARROW, UPLINK="wan0").returncode, narrow.looks() != before)
    narrow.script("down")

    assert (between, narrow.looks()) == ((0, True), before)


def test_forwards_nothing_else(narrow: Narrow) -> None:
    """A machine that was no router becomes none for others, and still hears its own router."""
    narrow.script("up", ADDRESS=NARROW, UPLINK="wan0")
    heard = narrow.machine.run("cat", "/proc/sys/net/ipv6/conf/wan0/accept_ra").strip()
    shut = narrow.reaches_beyond()
    narrow.machine.run("nft", "delete", "table", "ip6", SPACE)

    assert (heard, shut, narrow.reaches_beyond()) == ("2", False, True)


def test_router_already(narrow: Narrow) -> None:
    """A machine that forwards already is left to its operator's filters."""
    narrow.machine.sysctl("ipv6/conf/all/forwarding", 1)
    status = narrow.script("up", ADDRESS=NARROW, UPLINK="wan0").returncode
    rules = narrow.machine.run("nft", "list", "ruleset")
    narrow.script("down")

    assert (status, rules, narrow.reaches_beyond()) == (0, "", True)


WRONG = [
    pytest.param({}, "ADDRESS is missing", id="no address"),
    pytest.param({"ADDRESS": NARROW}, "give UPLINK", id="no default route"),
    pytest.param({"ADDRESS": MACHINE, "UPLINK": "wan0"}, "an address of this machine", id="own address"),
    pytest.param({"ADDRESS": NARROW, "UPLINK": "wan9"}, "wan9", id="no such port"),
    pytest.param({"ADDRESS": "192.0.2.1", "UPLINK": "wan0"}, "192.0.2.1", id="IPv4"),
]


def test_wrong(narrow: Narrow) -> None:
    """What cannot be is said in words, and nothing is left of it."""
    before = narrow.looks()
    for settings, words in [case.values for case in WRONG]:
        done = narrow.script("up", **settings)  # type: ignore[arg-type]  # a parameter set forgets its types
        assert (done.returncode != 0, str(words) in done.stderr, narrow.looks()) == (True, True, before), done.stderr


def test_twice(narrow: Narrow) -> None:
    """A second `up` is refused, and the first one stays."""
    narrow.script("up", ADDRESS=NARROW, UPLINK="wan0")
    before = narrow.looks()
    done = narrow.script("up", ADDRESS=NARROW, UPLINK="wan0")

    assert (done.returncode, "it is up" in done.stderr, narrow.looks()) == (2, True, before)
