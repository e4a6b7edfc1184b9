"""
What is a network in which one thing about IPv6 is wrong?

Five machines in a row: `desk` measures, `router` is the school's, `mid` the provider's, `outside` holds the operator's echo server and hosts
of three operators, and `narrow` the same server behind a hop of 1280 octets. Both families all the way. Every case begins
with a swept lab (`Ladder.swept`), starts what it needs, and breaks one thing by a real means: a filter, a route, a lifetime.

It does not prove: anything about real routers' software, Wi-Fi, or a provider's network.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

from tests.probes.face import ROOT, Answer, probe
from tests.probes.spaces import Host, cable, host, need, running, until

ROLES = Path(__file__).with_name("ladder_roles.py")
DELAY = Path(__file__).with_name("pipe_delay.py")
ZONE = "echo.test"
SERVER, SERVER_V4, NARROW, DEAD = "2001:db8:f::10", "203.0.113.10", "2001:db8:e::80", "2001:db8:f::dead"
OPERATORS = {"2001:db8:a::1": "one", "2001:db8:a::2": "one", "2001:db8:b::1": "two", "2001:db8:c::1": "three"}
LAN, LAN_V4 = "2001:db8:1::", "192.0.2."
NAT64 = "64:ff9b::c000:aa"
HOSTS = {"desk": "ge0", "router": "lan0"}


def advertisement(
    prefix: str = LAN,
    lifetime_s: int = 1800,
    *,
    preferred_s: int = 1800,
    flags: int = 0,
    prefix_flags: int = 0xC0,
    resolver: str = "",
) -> bytes:
    """A router advertisement (RFC 4861 section 4.2); no prefix where it is empty."""
    octets = struct.pack("!BBHBBHII", 134, 0, 0, 64, flags, lifetime_s, 0, 0)
    if prefix:
        octets += struct.pack("!BBBBIII", 3, 4, 64, prefix_flags, 3600, preferred_s, 0) + IPv6Address(prefix).packed
    if resolver:
        octets += struct.pack("!BBHI", 25, 3, 0, 600) + IPv6Address(resolver).packed
    return octets


@dataclass
class Ladder:
    """The row of machines; `key` is that of the operator's server."""

    desk: Host
    router: Host
    mid: Host
    outside: Host
    narrow: Host
    folder: Path
    key: str
    case: ExitStack = field(default_factory=ExitStack)

    # --- what is asked ----------------------------------------------------------------------------------------------

    @property
    def settings(self) -> dict[str, Any]:
        """What the operator orders."""
        echo = {
            "zone": ZONE,
            "server_key": self.key,
            "v6": SERVER,
            "v4": SERVER_V4,
            "mtu1280": NARROW,
            "operator": "own",
        }
        targets = [{"address": address, "operator": operator} for address, operator in OPERATORS.items()]
        return {
            "lab_prefixes": ["2001:db8::/32"],
            "rs_interval_s": 0.3,
            "listen_s": 1.0,
            "linger_s": 0.2,
            "interface": "ge0",
            "echo": echo,
            "targets": targets,
            "nonce": "abc123",
            "rate_octets": 1048576,
            "limits": {"size_us": 1_500_000, "dns_us": 600_000},
        }

    def measured(self, evidence: Path | None = None, **more: Any) -> Answer:
        """A run of the probe at the desk."""
        return probe("ipv6", self.settings | more, inside=self.desk.inside, evidence=evidence)

    # --- what runs --------------------------------------------------------------------------------------------------

    def play(self, at: Host, role: str, *words: str) -> Path:
        """A role of `ladder_roles.py` until the end of the case; where it writes."""
        log = self.folder / f"{role}-{len(list(self.folder.iterdir()))}.log"
        command = [*at.inside, sys.executable, str(ROLES), role, *words]
        self.case.enter_context(running(command, log))
        until(lambda: "ready" in log.read_text(), f"{role}: {log.read_text()}")
        return log

    def advertise(self, *messages: bytes) -> None:
        """The router answers solicitations."""
        self.play(self.router, "router", "lan0", *(message.hex() for message in messages))

    def names(self, **how: Any) -> None:
        """A resolver on the router, which also stands for the operator's name server."""
        both = {"AAAA": [SERVER], "A": [SERVER_V4]}
        names = {f"ds.{ZONE}": both, f"v6ns.{ZONE}": {"AAAA": [SERVER]}, "ipv4only.arpa": {"A": ["192.0.0.170"]}}
        told = self.folder / "names.json"
        told.write_text(json.dumps({"names": names | how.pop("names", {}), **how}))
        self.play(self.router, "dns", str(told))

    def resolver(self, *addresses: str) -> None:
        """Who the desk asks."""
        lines = "".join(f"nameserver {address}\n" for address in addresses)
        (self.folder / "resolv.conf").write_text(lines + "options timeout:1 attempts:1\n")

    def healthy(self, *messages: bytes, resolver: str = f"{LAN}1", **names: Any) -> None:
        """A network in which nothing is wrong, unless other advertisements or names are given."""
        self.advertise(*(messages or (advertisement(),)))
        self.names(**names)
        self.resolver(resolver)

    def filter(self, at: Host, rules: str) -> None:
        """A chain of nft for IPv6, in a table of its own, until the end of the case."""
        number = len(list(self.folder.iterdir()))
        (self.folder / f"rules-{number}").write_text(f"table ip6 t{number} {{\nchain c {{\n{rules}\n}}\n}}\n")
        at.run("nft", "-f", str(self.folder / f"rules-{number}"))
        self.case.callback(at.run, "nft", "flush", "ruleset")

    def captured(self) -> Path:
        """What leaves the desk over IPv4 from now on."""
        return self.play(self.desk, "capture", "ge0")

    def certificate(self) -> str:
        """A certificate of somebody who is not the operator."""
        other = self.folder / "other"
        if not other.exists():
            started = [
                sys.executable,
                "-m",
                "collector",
                "echo-server",
                "--listen",
                "127.0.0.1:0",
                "--state",
                str(other),
            ]
            with running(started, self.folder / "other.log"):
                until(lambda: (other / "echo-server.pem").exists(), "a certificate")
        return str(other / "echo-server.pem")

    def narrowed(self, mtu: int) -> None:
        """The link between router and provider carries no more than so many octets."""
        for one, name in ((self.router, "up0"), (self.mid, "dn0")):
            one.ip("link", "set", name, "mtu", str(mtu))
            self.case.callback(one.ip, "link", "set", name, "mtu", "1500")

    def slowed(self, one_way_us: int) -> None:
        """IPv6 between router and provider takes another way, which is slow."""
        log = self.folder / "slow.log"
        self.case.enter_context(running([*self.router.inside, sys.executable, str(DELAY), str(one_way_us)], log))
        until(lambda: len(log.read_text().split()) == 2, "a slow cable")
        here, there = log.read_text().split()
        self.router.ip("link", "set", there, "netns", str(self.mid.pid))
        for one, name, number in ((self.router, here, 1), (self.mid, there, 2)):
            one.ip("link", "set", name, "up")
            one.ip("addr", "add", f"2001:db8:55::{number}/64", "dev", name, "nodad")
        self.router.ip("route", "replace", "default", "via", "2001:db8:55::2")
        self.mid.ip("route", "replace", f"{LAN}/64", "via", "2001:db8:55::1")
        self.case.callback(self._quick_again)

    def _quick_again(self) -> None:
        """IPv6 takes the usual way."""
        self.router.ip("route", "replace", "default", "via", "2001:db8:2::2")
        self.mid.ip("route", "replace", f"{LAN}/64", "via", "2001:db8:2::1")

    @contextmanager
    def swept(self) -> Iterator[Ladder]:
        """The lab as it was made, for one case."""
        self.desk.sysctl("ipv6/conf/ge0/disable_ipv6", 0)
        self.desk.sysctl("ipv6/conf/ge0/accept_ra_defrtr", 1)
        self.desk.ip("-6", "addr", "flush", "dev", "ge0", "scope", "global")
        self.desk.run("sh", "-c", "ip -6 route flush default; ip -6 neigh flush all; ip -6 route flush cache")
        self.desk.run("sh", "-c", "ip addr flush dev ge0 scope global 2>/dev/null; true")
        for one in (self.desk, self.outside, self.narrow):
            one.ip("-6", "route", "flush", "cache")  # what an earlier case taught of a narrow path
        for one, name in ((self.desk, "ge0"), (self.router, "lan0")):
            until(partial(one.speaks_ipv6, name), f"a link-local address on {name}")
        self.desk.ip("addr", "add", f"{LAN_V4}2/24", "dev", "ge0")
        self.desk.ip("route", "replace", "default", "via", f"{LAN_V4}1")
        with ExitStack() as case:
            self.case = case
            yield self


@contextmanager
def ladder(folder: Path) -> Iterator[Ladder]:
    """The lab, with the operator's server in it."""
    need("unshare", "nsenter", "ip", "nft")
    state = folder / "server"
    key = subprocess.run(
        [sys.executable, "-m", "collector", "echo-server", "--key", "--state", str(state)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout.strip()
    with host() as desk, host() as router, host() as mid, host() as outside, host() as narrow:
        made = Ladder(desk, router, mid, outside, narrow, folder, key)
        _wire(made)
        (folder / "resolv.conf").write_text("")
        desk.run("mount", "--bind", str(folder / "resolv.conf"), "/etc/resolv.conf")
        with _serving(outside, state, folder / "outside.log"), _serving(narrow, state, folder / "narrow.log"):
            yield made


def _wire(made: Ladder) -> None:
    """Cables, addresses and routes of both families."""
    row = (made.desk, made.router, made.mid, made.outside, made.narrow)
    for one in row:
        one.sysctl("ipv6/conf/default/dad_transmits", 0)
        one.sysctl("ipv6/conf/all/forwarding", int(one is not made.desk))
        one.sysctl("ipv4/ip_forward", int(one is not made.desk))
    names = (("ge0", "lan0"), ("up0", "dn0"), ("far0", "eth0"), ("nr0", "eth0"))
    for (one, other), (name, far) in zip(zip(row, row[1:], strict=False), names, strict=True):
        cable(one, name, other, far)
        for at, port in ((one, name), (other, far)):
            at.run("sh", "-c", f"ethtool -K {port} tso off gso off gro off 2>/dev/null || true")
    for at, port, addresses in (
        (made.router, "lan0", (f"{LAN}1/64", f"{LAN_V4}1/24")),
        (made.router, "up0", ("2001:db8:2::1/64", "198.51.100.1/30")),
        (made.mid, "dn0", ("2001:db8:2::2/64", "198.51.100.2/30")),
        (made.mid, "far0", ("2001:db8:3::1/64", "198.51.100.5/30")),
        (made.outside, "eth0", ("2001:db8:3::2/64", "198.51.100.6/30")),
        (made.outside, "lo", (f"{SERVER}/128", f"{SERVER_V4}/32", *(f"{address}/128" for address in OPERATORS))),
        (made.outside, "nr0", ("2001:db8:e::1/64",)),
        (made.narrow, "eth0", (f"{NARROW}/64",)),
    ):
        for address in addresses:
            at.ip("addr", "add", address, "dev", port, *(["nodad"] if ":" in address else []))
    for at, to, via in (
        (made.router, "default", "2001:db8:2::2"),
        (made.mid, "default", "2001:db8:3::2"),
        (made.mid, f"{LAN}/64", "2001:db8:2::1"),
        (made.outside, "default", "2001:db8:3::1"),
        (made.router, "default", "198.51.100.2"),
        (made.mid, "default", "198.51.100.6"),
        (made.mid, f"{LAN_V4}0/24", "198.51.100.1"),
        (made.outside, "default", "198.51.100.5"),
    ):
        at.ip("-6" if ":" in via else "-4", "route", "add", to, "via", via)
    # The hop of 1280 octets. Its server offers full segments all the same, so that packets have to be refused on the way.
    made.outside.ip("link", "set", "nr0", "mtu", "1280")
    made.narrow.ip("link", "set", "eth0", "mtu", "1280")
    made.narrow.ip("-6", "route", "add", "default", "via", "2001:db8:e::1", "advmss", "1440")
    made.outside.ip("-6", "route", "add", "blackhole", f"{DEAD}/128")


@contextmanager
def _serving(at: Host, state: Path, log: Path) -> Iterator[None]:
    """The operator's echo server on a machine."""
    words = ["--listen", "[::]:443", "--listen", "0.0.0.0:443", "--plain", "[::]:80", "--state", str(state)]
    with running([*at.inside, sys.executable, "-m", "collector", "echo-server", *words], log):
        until(lambda: log.read_text().count("echoing") == 3, f"the echo server: {log.read_text()}", 20)
        yield
