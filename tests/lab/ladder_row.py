"""
How do the machines of a ladder hang together, and what runs on them?

Addresses follow from the number of a street; nothing has a name outside of its namespaces.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.probes.face import ROOT
from tests.probes.spaces import Host, cable, running, until

ROLES = Path(__file__).with_name("ladder_roles.py")
DESK = Path(__file__).with_name("ladder_desk.py")
ZONE = "echo.test"
SERVER, SERVER_V4, NARROW, DEAD = "2001:db8:f::10", "203.0.113.10", "2001:db8:e::80", "2001:db8:f::dead"
OPERATORS = {"2001:db8:a::1": "one", "2001:db8:a::2": "one", "2001:db8:b::1": "two", "2001:db8:c::1": "three"}
NARROW_MTU = 1280
WHOLE_MSS = 1440

Asking = Callable[[str], str]


@dataclass(frozen=True)
class Street:
    """Three machines in a row, and the two that all streets lead to."""

    number: int
    desk: Host
    router: Host
    mid: Host
    outside: Host
    narrow: Host

    @property
    def lan(self) -> str:
        """The prefix (/64) between desk and router."""
        return f"2001:db8:1{self.number:x}::"

    @property
    def desk_v4(self) -> str:
        """The desk's IPv4 address, of a /28."""
        return f"192.0.2.{16 * self.number + 2}"

    @property
    def router_v4(self) -> str:
        """The router's, on the same link."""
        return f"192.0.2.{16 * self.number + 1}"

    def up(self, end: int) -> tuple[str, str]:
        """Both addresses at one end (1 or 2) of the link between router and provider."""
        return f"2001:db8:2{self.number:x}::{end}", f"198.51.100.{8 * self.number + end}"

    def far(self, end: int) -> tuple[str, str]:
        """Both addresses at one end of the link between provider and what lies outside."""
        return f"2001:db8:3{self.number:x}::{end}", f"198.51.100.{8 * self.number + 4 + end}"

    def slow(self, end: int) -> str:
        """An end of the slow way between router and provider."""
        return f"2001:db8:4{self.number:x}::{end}"

    def route(self, slow: bool = False) -> None:
        """Over which of its two ways IPv6 goes between router and provider."""
        self.router.ip("-6", "route", "replace", "default", "via", self.slow(2) if slow else self.up(2)[0])
        self.mid.ip("-6", "route", "replace", f"{self.lan}/64", "via", self.slow(1) if slow else self.up(1)[0])


def wire(streets: Sequence[Street]) -> None:
    """Cables, addresses and routes of both families."""
    outside, narrow = streets[0].outside, streets[0].narrow
    routers = [outside, narrow, *(one for street in streets for one in (street.router, street.mid))]
    for one in [*routers, *(street.desk for street in streets)]:
        one.sysctl("ipv6/conf/default/dad_transmits", 0)
        one.sysctl("ipv6/conf/all/forwarding", int(one in routers))
        one.sysctl("ipv4/ip_forward", int(one in routers))
    _wire_outside(outside, narrow)
    for street in streets:
        _wire_street(street)


def _wire_outside(outside: Host, narrow: Host) -> None:
    """The server, the hosts of other operators, and the hop of 1280 octets."""
    joined(outside, "nr0", narrow, "eth0")
    for address in (f"{SERVER}/128", f"{SERVER_V4}/32", *(f"{address}/128" for address in OPERATORS)):
        addressed(outside, "lo", address)
    addressed(outside, "nr0", "2001:db8:e::1/64")
    addressed(narrow, "eth0", f"{NARROW}/64")
    outside.ip("-6", "route", "add", "blackhole", f"{DEAD}/128")
    for one, name in ((outside, "nr0"), (narrow, "eth0")):
        one.ip("link", "set", name, "mtu", str(NARROW_MTU))
    # Its server offers whole segments all the same, so that packets have to be refused on the way.
    narrow.ip("-6", "route", "add", "default", "via", "2001:db8:e::1", "advmss", str(WHOLE_MSS))


def _wire_street(street: Street) -> None:
    """From the desk's cable to what lies outside."""
    joined(street.desk, "ge0", street.router, "lan0")
    joined(street.router, "up0", street.mid, "dn0")
    joined(street.mid, "far0", street.outside, f"in{street.number}")
    addressed(street.router, "lan0", f"{street.lan}1/64", f"{street.router_v4}/28")
    for at, name, (six, four) in (
        (street.router, "up0", street.up(1)),
        (street.mid, "dn0", street.up(2)),
        (street.mid, "far0", street.far(1)),
        (street.outside, f"in{street.number}", street.far(2)),
    ):
        addressed(at, name, f"{six}/64", f"{four}/30")
    street.route()
    desk_v4 = f"192.0.2.{16 * street.number}/28"
    for at, to, via in (
        (street.mid, "default", street.far(2)[0]),
        (street.router, "default", street.up(2)[1]),
        (street.mid, "default", street.far(2)[1]),
        (street.mid, desk_v4, street.up(1)[1]),
        (street.outside, f"{street.lan}/64", street.far(1)[0]),
        (street.outside, f"{street.up(1)[0]}/64", street.far(1)[0]),
        (street.outside, desk_v4, street.far(1)[1]),
        (street.outside, f"{street.up(1)[1]}/32", street.far(1)[1]),
    ):
        at.ip("-6" if ":" in via else "-4", "route", "add", to, "via", via)


def joined(one: Host, name: str, other: Host, other_name: str) -> None:
    """A cable that carries packets one by one, as they would be on a wire."""
    cable(one, name, other, other_name)
    for at, port in ((one, name), (other, other_name)):
        at.run("ethtool", "-K", port, "tso", "off", "gso", "off", "gro", "off")


def addressed(at: Host, name: str, *addresses: str) -> None:
    """Addresses on an interface, at once."""
    for address in addresses:
        at.ip("addr", "add", address, "dev", name, *(["nodad"] if ":" in address else []))


def role(at: Host, name: str, *words: str) -> list[str]:
    """The command that plays a role on a machine."""
    program = [str(DESK)] if name == "desk" else [str(ROLES), name]
    return [*at.inside, sys.executable, "-W", "error", *program, *words]


@contextmanager
def asking(command: list[str], log: Path) -> Iterator[Asking]:
    """A role that answers a line with a line; it is waited for when it is asked first."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        lines, waited = child.stdout, [False]

        def ask(line: str) -> str:
            if not waited[0]:
                waited[0] = lines.readline() == "ready\n"
            assert waited[0], log.read_text()
            print(line, file=child.stdin, flush=True)
            answer = lines.readline()
            assert answer, log.read_text()
            return answer.strip()

        try:
            yield ask
        finally:
            child.terminate()


def server_key(state: Path) -> str:
    """The key of the operator's server, which this makes."""
    command = [sys.executable, "-m", "collector", "echo-server", "--key", "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


@contextmanager
def serving(places: Mapping[str, Host], folder: Path) -> Iterator[None]:
    """The operator's echo server on some machines, with one key and a state below the folder for each."""
    with ExitStack() as running_now:
        for name, at in places.items():
            state = folder / f"server-{name}"
            shutil.copytree(folder / "server", state)
            words = ["--listen", "[::]:443", "--listen", "0.0.0.0:443", "--plain", "[::]:80", "--state", str(state)]
            command = [*at.inside, sys.executable, "-m", "collector", "echo-server", *words]
            running_now.enter_context(running(command, folder / f"{name}.log"))
        for name in places:
            until(partial(_serves, folder / f"{name}.log"), f"the echo server {name}", 60)
        yield


def _serves(log: Path) -> bool:
    """Whether a server has said of each of its listeners that it listens; fails with its words where it said something else."""
    lines = log.read_text().splitlines()
    assert all(line.startswith("echoing on") for line in lines), lines
    return len(lines) == 3
