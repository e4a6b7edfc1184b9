"""What do the tests of the probes stand on? Loopback sockets, an snmpd, and namespaces of our own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.probes.spaces import Host, cable, find, host, need, running, until
from tests.probes.udp import bound, free_port

MARKERS = {"community": "marker-community-x1", "auth_key": "marker-auth-key-x2", "priv_key": "marker-priv-key-x3"}
USERS = ("SHA", "AES"), ("SHA-224", "AES-192"), ("SHA-256", "AES"), ("SHA-384", "AES-256"), ("SHA-512", "AES-256")


@pytest.fixture
def listener() -> Iterator[tuple[str, int]]:
    """An address and port of loopback that accepts."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[:2]


@pytest.fixture
def closed_port() -> tuple[str, int]:
    """An address and port of loopback that refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address: tuple[str, int] = taken.getsockname()
    return address


@dataclass(frozen=True)
class Snmpd:
    """A running snmpd on IPv4 and IPv6 loopback, with one community and one user for each pair in USERS."""

    port: int

    def v2c(self, **more: object) -> dict[str, object]:
        """The settings of this switch for SNMP v2c."""
        return {"host": "127.0.0.1", "port": self.port, "community": MARKERS["community"], **more}

    def v3(self, auth: str = "SHA-256", priv: str | None = "AES", **more: object) -> dict[str, object]:
        """The settings of this switch for SNMP v3."""
        user = {"user": f"user-{auth}", "auth": auth, "auth_key": MARKERS["auth_key"]}
        private = {"priv": priv, "priv_key": MARKERS["priv_key"]} if priv else {}
        return {"host": "127.0.0.1", "port": self.port, **user, **private, **more}


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    """A real snmpd of net-snmp."""
    need("snmpd")
    lines = [f"rocommunity {MARKERS['community']}", f"rocommunity6 {MARKERS['community']}"]
    lines += ["view hidden included .1.3.6.1.2.1.1", "rocommunity noports default -V hidden"]
    for auth, priv in USERS:
        keys = f'{auth} "{MARKERS["auth_key"]}" {priv} "{MARKERS["priv_key"]}"'
        lines += [f"createUser user-{auth} {keys}", f"rouser user-{auth} auth"]
    with net_snmp(tmp_path_factory.mktemp("snmpd"), *lines) as port:
        yield Snmpd(port)


@contextmanager
def net_snmp(folder: Path, *lines: str) -> Iterator[int]:
    """A real snmpd with these lines of settings, on both loopbacks; the UDP port."""
    port = free_port()
    first = f"agentAddress udp:127.0.0.1:{port},udp6:[::1]:{port}"
    strict = f'createUser strict SHA-256 "{MARKERS["auth_key"]}" AES "{MARKERS["priv_key"]}"'
    (folder / "snmpd.conf").write_text("\n".join([first, *lines, strict, "rouser strict priv", ""]))
    command = ["env", f"SNMP_PERSISTENT_DIR={folder}", "MIBS=", find("snmpd") or "snmpd", "-f", "-Lo", "-C", "-c"]
    with running([*command, str(folder / "snmpd.conf")], folder / "log") as child:
        until(lambda: bound(port) or child.poll() is not None, "snmpd")
        assert child.poll() is None, (folder / "log").read_text()
        yield port


@pytest.fixture
def desk() -> Iterator[Host]:
    """A host of our own without any route."""
    need("unshare", "nsenter", "ip")
    with host() as made:
        yield made


@pytest.fixture(scope="session")
def street() -> Iterator[tuple[Host, Host]]:
    """A host whose `ge0` is cabled to the `lan0` of a second one, which forwards IPv6; address detection takes no time."""
    need("unshare", "nsenter", "ip")
    with host() as desk, host() as router:
        for one in (desk, router):
            one.sysctl("ipv6/conf/default/dad_transmits", 0)
        router.sysctl("ipv6/conf/all/forwarding", 1)
        cable(desk, "ge0", router, "lan0")
        yield desk, router


@pytest.fixture
def pair(street: tuple[Host, Host]) -> tuple[Host, Host]:
    """The street, swept: link-local addresses on a cable that works, and nothing else."""
    for one, name in zip(street, ("ge0", "lan0"), strict=True):
        one.sysctl(f"ipv6/conf/{name}/disable_ipv6", 0)
        one.ip("link", "set", name, "up")
        until(partial(one.speaks_ipv6, name), f"a link-local address on {name}")
        one.ip("addr", "flush", "scope", "global")
        one.run(
            "sh",
            "-c",
            "ip route flush table main; ip -6 route flush default; ip neigh flush all; ip -6 neigh flush all",
        )
        for more in ("t0", "fb0"):
            one.run("sh", "-c", f"ip link del {more} 2>/dev/null || true")
    return street


@pytest.fixture
def settled_pair(desk: Host) -> Iterator[tuple[Host, Host]]:
    """The same, with duplicate address detection as every host has it."""
    with host() as router:
        router.sysctl("ipv6/conf/all/forwarding", 1)
        cable(desk, "ge0", router, "lan0")
        yield desk, router


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where raw evidence goes."""
    return tmp_path / "evidence"
