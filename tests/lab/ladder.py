"""
What is a network in which one thing about IPv6 is wrong?

A street is three machines in a row: `desk` measures, `router` is the school's, `mid` the provider's. Behind all streets stand `outside`, with
the operator's echo server and hosts of three operators, and `narrow`, the same server behind a hop of 1280 octets. Both families all the way.
Every case begins with a swept street (`Ladder.swept`), starts what it needs, and breaks one thing by a real means: a filter, a route,
a lifetime. Streets share nothing that a case breaks, so cases may run side by side.

It does not prove: anything about real routers' software, Wi-Fi, or a provider's network.
"""

from __future__ import annotations

import json
import struct
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv6Address
from itertools import count
from pathlib import Path
from typing import Any

from tests.lab.ladder_row import (
    DEAD,
    NARROW,
    OPERATORS,
    SERVER,
    SERVER_V4,
    ZONE,
    Asking,
    Street,
    asking,
    role,
    server_key,
    serving,
    wire,
)
from tests.probes.face import Answer
from tests.probes.spaces import Host, host, need, running, until

__all__ = [
    "DEAD",
    "NARROW",
    "OPERATORS",
    "SERVER",
    "SERVER_V4",
    "ZONE",
    "Ladder",
    "advertisement",
    "healthy",
    "ladder",
    "ladders",
]

DELAY = Path(__file__).with_name("pipe_delay.py")
LEASED = ("valid_lft", "600", "preferred_lft", "600")
SILENT: dict[str, Any] = {"silent": True}


def advertisement(
    prefix: str, lifetime_s: int = 1800, *, preferred_s: int = 1800, flags: int = 0, prefix_flags: int = 0xC0
) -> bytes:
    """A router advertisement (RFC 4861 section 4.2); no prefix where it is empty."""
    octets = struct.pack("!BBHBBHII", 134, 0, 0, 64, flags, lifetime_s, 0, 0)
    if prefix:
        octets += struct.pack("!BBBBIII", 3, 4, 64, prefix_flags, 3600, preferred_s, 0) + IPv6Address(prefix).packed
    return octets


@dataclass
class Ladder:
    """One street with what runs in it, and the operator's server behind; `key` is that server's."""

    street: Street
    folder: Path
    key: str
    case: ExitStack = field(default_factory=ExitStack)
    asked: dict[str, Asking] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def desk(self) -> Host:
        """The machine that measures."""
        return self.street.desk

    @property
    def router(self) -> Host:
        """The school's router."""
        return self.street.router

    @property
    def mid(self) -> Host:
        """The provider's."""
        return self.street.mid

    @property
    def lan(self) -> str:
        """The prefix (/64) of the street, which ends in `::`."""
        return self.street.lan

    # --- what is asked ----------------------------------------------------------------------------------------------

    @property
    def settings(self) -> dict[str, Any]:
        """What the operator orders."""
        own = {"zone": ZONE, "server_key": self.key, "operator": "own"}
        echo = own | {"v6": SERVER, "v4": SERVER_V4, "mtu1280": NARROW}
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
        }

    def measured(self, **more: Any) -> Answer:
        """A run of the probe at the desk, by a process that has loaded it before (`ladder_desk.py`), without L9; its evidence stays in the folder."""
        place = self.folder / f"run-{next(self.numbers)}"
        place.mkdir()
        (place / "settings").write_text(json.dumps(self.settings | {"parity": False} | more))
        status = int(self.asked["desk"](str(place)))
        told = [json.loads(line) for line in (place / "lines").read_text().splitlines()]
        return Answer(status, told, (place / "errors").read_text())

    def sent(self) -> set[tuple[int, str, int]]:
        """Protocol, destination and its port of all IPv4 that has left the desk since this was asked last."""
        told = json.loads(self.asked["capture"]("now"))
        assert told["lost"] == 0, "the capture was too slow"
        return {(protocol, to, port) for protocol, to, port in told["sent"]}

    # --- what runs --------------------------------------------------------------------------------------------------

    def play(self, at: Host, name: str, *words: str) -> str:
        """A role of `ladder_roles.py` until the end of the case; what it said when it was ready."""
        log = self.folder / f"{name}-{next(self.numbers)}.log"
        self.case.enter_context(running(role(at, name, *words), log))
        until(lambda: log.read_text().endswith("\n"), f"{name}: {log.read_text()}")
        return log.read_text().strip()

    def advertisement(self, lifetime_s: int = 1800, **more: Any) -> bytes:
        """One with the street's own prefix."""
        return advertisement(self.lan, lifetime_s, **more)

    def advertise(self, *messages: bytes, source: str = "") -> None:
        """The router answers each solicitation with these, from its own address or a given one, besides what it answers already."""
        path = self.folder / "advertised.json"
        told = json.loads(path.read_text()) + [{"source": source, "message": message.hex()} for message in messages]
        _write(path, told)

    def names(self, **how: Any) -> None:
        """A resolver on the router, which also stands for the operator's name server."""
        both = {"AAAA": [SERVER], "A": [SERVER_V4]}
        names = {f"ds.{ZONE}": both, f"v6ns.{ZONE}": {"AAAA": [SERVER]}, "ipv4only.arpa": {"A": ["192.0.0.170"]}}
        _write(self.folder / "names.json", {"names": names | how.pop("names", {}), **how})

    def resolver(self, *addresses: str) -> None:
        """Who the desk asks."""
        lines = "".join(f"nameserver {address}\n" for address in addresses)
        (self.folder / "resolv.conf").write_text(lines + "options timeout:1 attempts:1\n")

    def healthy(self, *messages: bytes, resolver: str = "", **names: Any) -> None:
        """A network in which nothing is wrong, unless other advertisements, another resolver or names are given."""
        self.advertise(*(messages or (self.advertisement(),)))
        self.names(**names)
        self.resolver(resolver or f"{self.lan}1")

    # --- what is broken ---------------------------------------------------------------------------------------------

    def filter(self, at: Host, rules: str, family: str = "ip6") -> None:
        """A chain of nft in a table of its own, until the end of the case."""
        number = next(self.numbers)
        path = self.folder / f"rules-{number}"
        path.write_text(f"table {family} t{number} {{\nchain c {{\n{rules}\n}}\n}}\n")
        at.run("nft", "-f", str(path))
        self.case.callback(at.run, "nft", "delete", "table", family, f"t{number}")

    def given(self, address: str, length: int = 64) -> None:
        """The desk has an address with lifetimes, as who is given one has."""
        self.desk.ip("addr", "add", f"{address}/{length}", "dev", "ge0", *LEASED)

    def without_ipv4(self) -> None:
        """The desk has no IPv4."""
        self.desk.ip("-4", "addr", "flush", "dev", "ge0")
        self.desk.ip("-4", "route", "flush", "table", "main")

    def narrowed(self, mtu: int) -> None:
        """The link between router and provider carries no more than so many octets."""
        for one, name in ((self.router, "up0"), (self.mid, "dn0")):
            one.ip("link", "set", name, "mtu", str(mtu))
            self.case.callback(one.ip, "link", "set", name, "mtu", "1500")

    def slowed(self, one_way_us: int) -> None:
        """IPv6 between router and provider takes another way, which is slow; IPv4 stays where it is."""
        log = self.folder / "slow.log"
        self.case.enter_context(running([*self.router.inside, sys.executable, str(DELAY), str(one_way_us)], log))
        until(lambda: len(log.read_text().split()) == 2, "a slow cable")
        here, there = log.read_text().split()
        self.router.ip("link", "set", there, "netns", str(self.mid.pid))
        for one, name, address in ((self.router, here, self.street.slow(1)), (self.mid, there, self.street.slow(2))):
            one.ip("link", "set", name, "up")
            one.ip("addr", "add", f"{address}/64", "dev", name, "nodad")
        self.case.callback(self.street.route)
        self.street.route(slow=True)

    # --- between cases ----------------------------------------------------------------------------------------------

    @contextmanager
    def swept(self) -> Iterator[Ladder]:
        """The street as it was made, for one case."""
        _write(self.folder / "advertised.json", [])
        _write(self.folder / "names.json", SILENT)
        self.resolver()
        self.desk.sysctl("ipv6/conf/ge0/disable_ipv6", 0)
        self.desk.sysctl("ipv6/conf/ge0/accept_ra_defrtr", 1)
        self.desk.run("sh", "-c", "ip addr flush dev ge0 scope global; ip addr flush dev ge0 scope site")
        self.desk.run("sh", "-c", "ip -6 route flush default; ip -6 neigh flush all")
        for one in (self.desk, self.street.outside, self.street.narrow):
            one.ip("-6", "route", "flush", "cache")  # what an earlier case taught of a narrow path
        for one, name in ((self.desk, "ge0"), (self.router, "lan0")):
            until(partial(one.speaks_ipv6, name), f"a link-local address on {name}")
        self.desk.ip("addr", "add", f"{self.street.desk_v4}/28", "dev", "ge0")
        self.desk.ip("route", "replace", "default", "via", self.street.router_v4)
        self.sent()
        with ExitStack() as case:
            self.case = case
            yield self


def _write(path: Path, told: Any) -> None:
    """A file that somebody else may be reading, whole at any moment."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(told))
    draft.rename(path)


@contextmanager
def ladders(folder: Path, how_many: int) -> Iterator[Sequence[Ladder]]:
    """So many streets, with the operator's server behind them; below a folder of their own."""
    need("unshare", "nsenter", "ip", "nft", "ethtool")
    key = server_key(folder / "server")
    with ExitStack() as standing:
        outside, narrow = (standing.enter_context(host()) for _ in range(2))
        streets = [_street(number, outside, narrow, standing) for number in range(how_many)]
        wire(streets)
        made = [_furnished(street, folder / f"street-{street.number}", key, standing) for street in streets]
        standing.enter_context(serving({"outside": outside, "narrow": narrow}, folder))
        yield made


def _street(number: int, outside: Host, narrow: Host, standing: ExitStack) -> Street:
    """Three new machines, not yet wired."""
    desk, router, mid = (standing.enter_context(host()) for _ in range(3))
    return Street(number, desk, router, mid, outside, narrow)


def _furnished(street: Street, folder: Path, key: str, standing: ExitStack) -> Ladder:
    """A street with what runs in it all the time."""
    folder.mkdir()
    made = Ladder(street, folder, key)
    _write(folder / "advertised.json", [])
    _write(folder / "names.json", SILENT)
    made.resolver()
    street.desk.run("mount", "--bind", str(folder / "resolv.conf"), "/etc/resolv.conf")
    for name, at, words in (
        ("desk", street.desk, []),
        ("capture", street.desk, ["ge0"]),
        ("router", street.router, ["lan0", str(folder / "advertised.json")]),
        ("dns", street.router, [str(folder / "names.json")]),
    ):
        made.asked[name] = standing.enter_context(asking(role(at, name, *words), folder / f"{name}.log"))
    return made


@contextmanager
def ladder(folder: Path) -> Iterator[Ladder]:
    """One street, with the operator's server behind it."""
    with ladders(folder, 1) as (made,):
        yield made


@contextmanager
def healthy() -> Iterator[Ladder]:
    """A network in which nothing is wrong: `.settings` is what the operator would order, `.desk` where to measure."""
    with tempfile.TemporaryDirectory() as folder, ladder(Path(folder)) as made, made.swept():
        made.healthy()
        yield made
