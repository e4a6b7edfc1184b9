"""Does the IPv6 ladder find what is really there? Two namespaces and a cable, with radvd or a hand-made router."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address
from pathlib import Path

import pytest

from tests.probes.face import ROOT, Answer, probe
from tests.probes.spaces import Host, find, need, running, until

RADVD = """
interface lan0 {{ AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; MinDelayBetweenRAs 3;
  AdvDefaultLifetime {lifetime_s}; prefix {prefix} {{ AdvOnLink on; AdvAutonomous on; {more} }}; }};
"""
LAB = {"lab_prefixes": ["2001:db8::/32"]}
QUICK = {"rs_interval_s": 0.15, "listen_s": 0.5, "linger_s": 0.1}
HAND_MADE = """
import socket, struct, sys, time
sys.path.insert(0, {root!r})
from probes._ipv6.icmp import open_socket
heard = open_socket("lan0", 133)
heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                 socket.inet_pton(socket.AF_INET6, "ff02::2") + struct.pack("=I", socket.if_nametoindex("lan0")))
heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, {hops})
print("ready", flush=True)
while True:
    heard.recvfrom(1500)
    for message in {messages!r}:
        heard.sendto(message, ("ff02::1", 0, 0, socket.if_nametoindex("lan0")))
"""


def rungs(answer: Answer) -> dict[str, str]:
    """Each measured rung as `pass` or as its code."""
    measured = sorted(
        (line for line in answer.of("ipv6.rung") if line["subject"] <= "L3"), key=lambda one: one["subject"]
    )
    return {line["subject"]: line.get("facts", {}).get("code") or line["value"] for line in measured}


@contextmanager
def radvd(router: Host, folder: Path, prefix: str, lifetime_s: int = 1800, more: str = "") -> Iterator[None]:
    """A real radvd on the router's cable."""
    need("radvd")
    (folder / "radvd.conf").write_text(RADVD.format(prefix=prefix, lifetime_s=lifetime_s, more=more))
    command = [*router.inside, find("radvd") or "", "-n", "-C", str(folder / "radvd.conf"), "-p", str(folder / "pid")]
    with running([*command, "-m", "stderr"], folder / "radvd.log"):
        yield


@contextmanager
def hand_made(router: Host, folder: Path, *messages: bytes, hops: int = 255) -> Iterator[None]:
    """A router that answers each solicitation with these ICMPv6 messages."""
    source = HAND_MADE.format(root=str(ROOT), messages=messages, hops=hops)
    with running([*router.inside, sys.executable, "-c", source], folder / "router.log"):
        until(lambda: "ready" in (folder / "router.log").read_text(), "the hand-made router")
        yield


def advertisement(prefix: str, lifetime_s: int = 1800) -> bytes:
    """An advertisement with one prefix for hosts to use."""
    head = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, lifetime_s, 0, 0)
    return head + struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 1800, 0) + IPv6Address(prefix).packed


def test_a_working_network(settled_pair: tuple[Host, Host], tmp_path: Path) -> None:
    """Behind a router that advertises a prefix, L0 to L3 pass and the grade is 1 to 3; address detection is waited for."""
    desk, router = settled_pair
    with radvd(router, tmp_path, "2001:db8:1::/64"):
        answer = probe("ipv6", LAB | {"rs_interval_s": 0.5, "rs_tries": 10, "linger_s": 0.1}, inside=desk.inside)

    (grade,) = answer.of("ipv6.grade")
    assert rungs(answer) == dict.fromkeys(("L0", "L1", "L2", "L3"), "pass"), answer.lines
    assert (grade["at_least"], grade["at_most"]) == (1, 3)


def test_the_documentation_prefix_is_not_native(pair: tuple[Host, Host], tmp_path: Path) -> None:
    """Without the order for a virtual school, 2001:db8::/32 is no native prefix and the grade is 0."""
    desk, router = pair
    with hand_made(router, tmp_path, advertisement("2001:db8:1::")):
        answer = probe("ipv6", QUICK, inside=desk.inside)

    assert (rungs(answer)["L2"], answer.value("ipv6.grade")) == ("DOC_PREFIX", 0)


@pytest.mark.parametrize(
    ("prefix", "code"),
    [("fd00:1::", "ULA_ONLY"), ("2001:2::", "NOT_NATIVE")],
)
def test_prefixes_that_are_not_native(pair: tuple[Host, Host], tmp_path: Path, prefix: str, code: str) -> None:
    """A router whose prefix no provider routes passes L1 and fails L2 with the code of its class."""
    desk, router = pair
    with hand_made(router, tmp_path, advertisement(prefix)):
        assert list(rungs(probe("ipv6", QUICK, inside=desk.inside)).values()) == ["pass", "pass", code, "pass"]


def test_no_router(pair: tuple[Host, Host]) -> None:
    """Silence fails L1 after all tries, and L2 and L3 with it."""
    desk, _ = pair
    answer = probe("ipv6", QUICK, inside=desk.inside)

    expected = {"L0": "pass", "L1": "NO_RA", "L2": "NO_ADDRESS", "L3": "NO_ROUTE"}
    assert (rungs(answer), answer.of("ipv6.rung", "L1")[0]["facts"]["solicitations"]) == (expected, 3)


def test_a_router_that_is_no_default(pair: tuple[Host, Host], tmp_path: Path) -> None:
    """Router lifetime 0 says "not through me"."""
    desk, router = pair
    with hand_made(router, tmp_path, advertisement("2001:db8:1::", lifetime_s=0)):
        answer = probe("ipv6", QUICK | LAB, inside=desk.inside)

    assert rungs(answer) == {"L0": "pass", "L1": "RA_LIFETIME_0", "L2": "pass", "L3": "NO_ROUTE"}


@pytest.mark.parametrize(
    ("octets", "hops"),
    [
        pytest.param(advertisement("2001:db8:1::")[:40], 255, id="cut off"),
        pytest.param(advertisement("2001:db8:1::"), 64, id="from beyond a router"),
    ],
)
def test_a_broken_advertisement(pair: tuple[Host, Host], tmp_path: Path, octets: bytes, hops: int) -> None:
    """An advertisement that a host must discard fails L1 as malformed."""
    desk, router = pair
    with hand_made(router, tmp_path, octets, hops=hops):
        assert rungs(probe("ipv6", QUICK, inside=desk.inside))["L1"] == "RA_MALFORMED"


def test_two_routers_that_contradict(pair: tuple[Host, Host], tmp_path: Path) -> None:
    """Two offers with different prefixes are the mark of a router that should not be there."""
    desk, router = pair
    with hand_made(router, tmp_path, advertisement("2001:db8:1::"), advertisement("2001:db8:bad::")):
        assert rungs(probe("ipv6", QUICK | LAB, inside=desk.inside))["L1"] == "ROGUE_RA"


def test_an_advertisement_that_readers_take_apart_differently(pair: tuple[Host, Host], tmp_path: Path) -> None:
    """Where the second reader makes something else of the same octets, L1 claims nothing; here it is misled by an option's length."""
    pytest.importorskip("scapy", reason="scapy is an optional extra and not installed")
    desk, router = pair
    head, prefix = advertisement("2001:db8:1::")[:16], advertisement("2001:db8:1::")[16:]
    with hand_made(router, tmp_path, head + b"\x12\x01" + bytes(6) + prefix):
        answer = probe("ipv6", QUICK | LAB, inside=desk.inside)

    told = answer.of("ipv6.rung", "L1")[0]
    assert (told["value"], told["facts"]["code"], rungs(answer)["L2"]) == ("inconclusive", "PARSERS_DISAGREE", "pass")


def test_a_solicitation_that_is_held_back(pair: tuple[Host, Host]) -> None:
    """Where the host's own filter keeps solicitations back, silence says nothing about routers."""
    need("nft")
    desk, _ = pair
    desk.run("nft", "add table ip6 t; add chain ip6 t c { type filter hook output priority 0; }")
    desk.run("nft", "add rule ip6 t c icmpv6 type nd-router-solicit drop")
    answer = probe("ipv6", QUICK, inside=desk.inside)
    desk.run("nft", "delete table ip6 t")

    told = answer.of("ipv6.rung", "L1")[0]
    assert (told["value"], told["facts"]["code"], told["facts"]["error"]) == ("inconclusive", "NOT_SENT", "EPERM")


def test_an_address_by_hand(pair: tuple[Host, Host]) -> None:
    """A native address that somebody typed in, with no router to vouch for it, is no sign of a network."""
    desk, router = pair
    desk.ip("addr", "add", "2001:db8:1::2/64", "dev", "ge0")
    router.ip("addr", "add", "2001:db8:1::1/64", "dev", "lan0")
    desk.ip("route", "add", "default", "via", "2001:db8:1::1")
    answer = probe("ipv6", QUICK | LAB, inside=desk.inside)

    assert rungs(answer) == {"L0": "pass", "L1": "NO_RA", "L2": "MANUAL_ONLY", "L3": "pass"}


def test_a_gateway_that_is_gone(pair: tuple[Host, Host]) -> None:
    """A default route to a neighbour that nobody is fails L3."""
    desk, _ = pair
    desk.ip("route", "add", "default", "via", "fe80::dead", "dev", "ge0")

    assert rungs(probe("ipv6", QUICK, inside=desk.inside))["L3"] == "GW_UNREACHABLE"


def test_the_stack_is_off(pair: tuple[Host, Host]) -> None:
    """With IPv6 switched off nothing is sent and the grade is exactly 0."""
    desk, _ = pair
    desk.sysctl("ipv6/conf/ge0/disable_ipv6", 1)
    answer = probe("ipv6", QUICK, inside=desk.inside)

    expected = {"L0": "STACK_OFF", "L1": "NO_LINK_LOCAL", "L2": "NO_ADDRESS", "L3": "NO_ROUTE"}
    assert (rungs(answer), answer.value("ipv6.grade")) == (expected, 0)


def test_an_address_that_another_has(settled_pair: tuple[Host, Host]) -> None:
    """A link-local address that duplicate address detection refused fails L0."""
    desk, router = settled_pair
    desk.sysctl("ipv6/conf/ge0/addr_gen_mode", 1)
    desk.ip("link", "set", "ge0", "down")
    router.ip("addr", "add", "fe80::77/64", "dev", "lan0", "nodad")
    desk.ip("link", "set", "ge0", "up")
    desk.ip("addr", "add", "fe80::77/64", "dev", "ge0")

    assert rungs(probe("ipv6", QUICK, inside=desk.inside))["L0"] == "DAD_FAIL"


def test_without_the_right_to_ask(pair: tuple[Host, Host]) -> None:
    """Without CAP_NET_RAW, L1 and L3 are not tested, the rest is, and the grade stays open."""
    need("setpriv")
    desk, _ = pair
    desk.ip("addr", "add", "2001:db8:1::2/64", "dev", "ge0", "valid_lft", "600", "preferred_lft", "600")
    desk.ip("route", "add", "default", "via", "fe80::1", "dev", "ge0")
    no_raw = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", "--"]
    answer = probe("ipv6", QUICK | LAB, inside=[*desk.inside, *no_raw])

    expected = {"L0": "pass", "L1": "NOT_PERMITTED", "L2": "pass", "L3": "NOT_PERMITTED"}
    (grade,) = answer.of("ipv6.grade")
    assert (rungs(answer), grade["at_least"], grade["at_most"]) == (expected, 0, 3)


def test_by_hand_without_the_right_to_ask(pair: tuple[Host, Host]) -> None:
    """Whether an address by hand belongs to the network is open where no router could be asked."""
    need("setpriv")
    desk, _ = pair
    desk.ip("addr", "add", "2001:db8:1::2/64", "dev", "ge0")
    no_raw = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", "--"]
    told = probe("ipv6", QUICK | LAB, inside=[*desk.inside, *no_raw]).of("ipv6.rung", "L2")[0]

    assert (told["value"], told["facts"]["code"]) == ("inconclusive", "NOT_PERMITTED")


def test_the_evidence_has_the_octets(pair: tuple[Host, Host], tmp_path: Path, folder: Path) -> None:
    """The advertisement is kept as it came, and both readers' word on it."""
    desk, router = pair
    sent = advertisement("2001:db8:1::")
    with hand_made(router, tmp_path, sent):
        probe("ipv6", QUICK, inside=desk.inside, evidence=folder)

    kept = (folder / "ra-1.bin").read_bytes()
    (one,) = json.loads((folder / "ra.json").read_text())
    assert (kept[:2] + kept[4:], one["hop_limit"], one["second_reader"]) == (sent[:2] + sent[4:], 255, "agrees")


def test_the_evidence_has_no_hardware_address(pair: tuple[Host, Host], folder: Path) -> None:
    """What the kernel knows of other hosts, and every hardware address, stays out of the evidence."""
    desk, _ = pair
    desk.ip("neigh", "add", "fe80::99", "lladdr", "02:00:00:00:00:99", "dev", "ge0")
    probe("ipv6", QUICK, inside=desk.inside, evidence=folder)

    told = "".join(path.read_text() for path in folder.glob("*.json"))
    assert [word for word in ("fe80::99", "02:00:00", "lladdr") if word in told] == []


def test_no_interface(desk: Host) -> None:
    """Without a default route and without one interface to take, nothing is measured."""
    answer = probe("ipv6", {}, inside=desk.inside)

    assert (len(answer.lines), answer.end["failure"]) == (1, "unreachable")


def test_an_interface_that_is_not_there(desk: Host) -> None:
    """An interface that was ordered and is not there is said so."""
    answer = probe("ipv6", {"interface": "nosuch0"}, inside=desk.inside)

    assert (answer.end["failure"], "nosuch0" in answer.end["detail"]) == ("unreachable", True)
