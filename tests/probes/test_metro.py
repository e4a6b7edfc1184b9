"""Does the metro probe tell reached, not reached and undecided apart?"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evidence.model import Raw, Reading
from evidence.quantities import METRO_CONNECT, METRO_FIRST_HOP, METRO_REACHED
from probes.metro import Settings, run
from tests.probes.face import probe
from tests.probes.spaces import Host, find, need, running, until

Address = tuple[str, int]
DNSMASQ = "no-resolv\nno-hosts\nbind-interfaces\nlisten-address=127.0.0.1\n"
DNSMASQ += "address=/four.test/127.0.0.1\naddress=/both.test/127.0.0.1\naddress=/both.test/::1\nlocal=/test/\n"


def found(*services: Address, timeout_s: float = 2.0) -> list[Reading]:
    """The readings of one run in this process."""
    return [one for one in run(Settings(services=list(services), timeout_s=timeout_s)) if not isinstance(one, Raw)]


def test_a_service_that_accepts(listener: Address) -> None:
    """A connect is told with its time, its peer, our own address, its family and the first hop."""
    (connect,) = [one for one in found(listener) if one.quantity == METRO_CONNECT.name]

    facts = {"peer": "127.0.0.1", "source": "127.0.0.1", "family": "ipv4", "first_hop": "on-link"}
    assert (connect.subject, connect.facts, 0 < int(connect.value or 0) < 1_000_000) == (
        f"127.0.0.1:{listener[1]}",
        facts,
        True,
    )


def test_a_refusal_lowers_the_share(listener: Address, closed_port: Address) -> None:
    """A service that refuses counts as not reached and has no connect time."""
    readings = found(listener, closed_port)

    assert [(one.quantity, one.value) for one in readings if one.quantity != METRO_CONNECT.name] == [
        (METRO_FIRST_HOP.name, "known"),
        (METRO_REACHED.name, 500_000),
    ]


def test_the_share_is_rounded_down(listener: Address, closed_port: Address) -> None:
    """Two of three are 666666 ppm: a share is never rounded up to a bound."""
    assert found(listener, listener, closed_port)[-1].value == 666_666


def test_the_next_address_is_tried(listener: Address) -> None:
    """A name is reached if any of its addresses accepts; localhost is ::1 first, which refuses here."""
    assert found(("localhost", listener[1]))[-1].value == 1_000_000


def test_an_ipv6_service() -> None:
    """The subject of an IPv6 service has its address in brackets."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        connect = found(("::1", port))[0]

    assert (connect.subject, connect.facts["family"]) == (f"[::1]:{port}", "ipv6")


def test_every_attempt_is_evidence(listener: Address, closed_port: Address, folder: Path) -> None:
    """The raw evidence holds each address tried and what it answered, those that failed too."""
    probe("metro", {"services": [listener, closed_port]}, evidence=folder)

    services = json.loads((folder / "metro.json").read_text())["services"]
    assert [[attempt["error"] for attempt in one["attempts"]] for one in services] == [[""], ["ECONNREFUSED"]]


def test_the_first_hop_is_the_gateway(pair: tuple[Host, Host]) -> None:
    """For a service behind a router, the first hop is that router."""
    desk, router = pair
    desk.ip("addr", "add", "10.1.0.2/24", "dev", "ge0")
    router.ip("addr", "add", "10.1.0.1/24", "dev", "lan0")
    router.ip("addr", "add", "10.9.0.1/32", "dev", "lo")
    desk.ip("route", "add", "default", "via", "10.1.0.1")
    with _accepting(router, "10.9.0.1", 4433):
        answer = probe("metro", {"services": [["10.9.0.1", 4433]]}, inside=desk.inside)

    (hop,) = answer.of("metro.first_hop")
    assert (hop["value"], hop["facts"]) == ("known", {"first_hop": "10.1.0.1"})


def test_a_silent_service_is_timed(pair: tuple[Host, Host], folder: Path) -> None:
    """A service that says nothing costs one time-out and is not reached."""
    desk, _ = pair
    desk.ip("addr", "add", "10.1.0.2/24", "dev", "ge0")
    desk.ip("neigh", "add", "10.1.0.77", "lladdr", "02:00:00:00:00:77", "dev", "ge0")
    answer = probe("metro", {"services": [["10.1.0.77", 80]], "timeout_s": 0.3}, inside=desk.inside, evidence=folder)

    (service,) = json.loads((folder / "metro.json").read_text())["services"]
    assert (answer.value("metro.reached"), service["attempts"][0]["error"]) == (0, "ETIMEDOUT")


@pytest.fixture
def named(desk: Host, tmp_path: Path) -> Host:
    """A host whose only resolver is 127.0.0.1, where nobody answers yet."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    desk.run("mount", "--bind", str(tmp_path / "resolv.conf"), "/etc/resolv.conf")
    return desk


@contextmanager
def _accepting(where: Host, address: str, port: int) -> Iterator[None]:
    """A listener in a namespace."""
    source = f"import socket, time; s = socket.create_server(({address!r}, {port})); time.sleep(60)"
    with running([*where.inside, sys.executable, "-c", source], Path("/dev/null")):
        until(lambda: f":{port}" in where.run("ss", "-Hltn"), "the listener")
        yield


@contextmanager
def _resolver(where: Host, folder: Path, more: str = "") -> Iterator[None]:
    """A dnsmasq in a namespace that knows four.test and both.test."""
    need("dnsmasq")
    (folder / "dnsmasq.conf").write_text(DNSMASQ + more)
    command = [*where.inside, find("dnsmasq") or "", "-k", "-u", "root", "-C", str(folder / "dnsmasq.conf")]
    with running([*command, f"--pid-file={folder / 'pid'}"], folder / "dnsmasq.log"):
        until(lambda: where.listens(53), "dnsmasq")
        yield


def test_a_name_is_resolved(named: Host, tmp_path: Path) -> None:
    """The addresses of a name are those that the system's resolver gives."""
    with _resolver(named, tmp_path), _accepting(named, "127.0.0.1", 8443):
        answer = probe("metro", {"services": [["both.test", 8443]]}, inside=named.inside)

    assert answer.of("metro.connect", "both.test:8443")[0]["facts"]["peer"] == "127.0.0.1"


def test_no_such_name_is_not_reached(named: Host, tmp_path: Path) -> None:
    """A resolver that says that there is no such name decides: the service is not reached."""
    with _resolver(named, tmp_path):
        answer = probe("metro", {"services": [["nowhere.test", 80]]}, inside=named.inside)

    assert (answer.value("metro.reached"), answer.end["end"]) == (0, "complete")


def test_a_silent_resolver_leaves_it_open(named: Host, listener: Address) -> None:
    """A name that no resolver answered for is undecided: the share becomes an interval and never a silent zero."""
    named.run("sh", "-c", "nft add table inet t && nft add chain inet t o '{type filter hook output priority 0;}'")
    named.run("nft", "add", "rule", "inet", "t", "o", "udp", "dport", "53", "drop")
    with _accepting(named, "127.0.0.1", 8443):
        services = [["127.0.0.1", 8443], ["portal.test", 80], ["127.0.0.1", 1]]
        answer = probe("metro", {"services": services, "timeout_s": 0.5}, inside=named.inside)

    (share,) = answer.of("metro.reached")
    assert (share["at_least"], share["at_most"], share["facts"]["undecided"]) == (333_333, 666_666, 1)


def test_no_resolver_at_all(named: Host) -> None:
    """Where no resolver answers and no service is given by address, nothing was measured."""
    answer = probe("metro", {"services": [["portal.test", 80]], "timeout_s": 0.5}, inside=named.inside)

    assert (answer.of("metro.reached"), answer.end["failure"]) == ([], "name_not_found")


def test_a_resolver_that_fails_did_answer(named: Host, tmp_path: Path) -> None:
    """SERVFAIL or REFUSED is an answer that decides nothing: the share is open and the run complete."""
    with _resolver(named, tmp_path):
        answer = probe("metro", {"services": [["portal.example", 80]], "timeout_s": 1}, inside=named.inside)

    (share,) = answer.of("metro.reached")
    assert (share["at_least"], share["at_most"], answer.end["end"]) == (0, 1_000_000, "complete")


def test_nothing_is_asked_of_a_resolver_for_an_address(named: Host) -> None:
    """An address needs no resolver."""
    done = subprocess.run([*named.inside, "true"], check=True)
    answer = probe("metro", {"services": [["127.0.0.1", 1], ["::1", 1]]}, inside=named.inside)

    assert (done.returncode, answer.value("metro.reached")) == (0, 0)
