"""
Does whatever a neighbour sends come out of our reader as read or as malformed, and does another reader make the same of it?

Mutants are made of advertisements of a real radvd, heard on a cable of the test's own, and of ones that scapy writes, with every option that
our reader knows. Most changes hit what gives a message its form (types, lengths, counts), for changed values are read as well as others.
"""

from __future__ import annotations

import contextlib
import random
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from probes._ra import HEADER_OCTETS, MalformedAdvertisement, parse
from probes._scapy import second_reading
from tests.lab.ladder_row import role
from tests.probes.spaces import Host, cable, find, host, need, running, until

MUTANTS = 100_000
LARGEST = 65_535
RADVD = """
interface lan0 {{
  AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; {more}
}};
"""
PLAIN = "prefix 2001:db8:1::/64 { AdvOnLink on; AdvAutonomous on; };"
FULL = """AdvManagedFlag on; AdvOtherConfigFlag on; AdvLinkMTU 1480; AdvDefaultPreference high; AdvDefaultLifetime 600;
  prefix 2001:db8:1::/64 { AdvPreferredLifetime 60; AdvValidLifetime 120; }; prefix fd00:1::/48 { AdvAutonomous off; };
  RDNSS 2001:db8::53 2001:db8::54 { AdvRDNSSLifetime 300; }; DNSSL school.test edu.test { };
  route 2001:db8:5::/48 { AdvRoutePreference low; }; route 2001:db8:6::/64 { };"""
NO_ROUTER = "AdvDefaultLifetime 0; RDNSS 2001:db8::53 { }; DNSSL a.very.long.name.of.a.school.test { };"
# Scapy reads these by a layout of its own, whatever their length field says; ours goes by the field (RFC 4861 section 4.6) and skips
# what a host has no use for. Where such an option has another length than scapy thinks, the two part, and the probe claims nothing.
OF_FIXED_LENGTH = {1: 1, 2: 1, 4: 0, 6: 1, 7: 1, 8: 1, 9: 0, 10: 0, 17: 3, 18: 3, 19: 0, 23: 3, 26: 1, 37: 0}
"""Units of eight octets of an option as scapy lays it out; 0 where it does not come out even, or depends on the content."""


def options(octets: bytes) -> Iterator[tuple[int, int]]:
    """Where each option of a valid message begins, and how many octets it has."""
    at = HEADER_OCTETS
    while at < len(octets):
        yield at, octets[at + 1] * 8
        at += octets[at + 1] * 8


def form_of(octets: bytes) -> list[int]:
    """The octets of a valid message that give it its form: what it is, and of each option its type, length, and what follows them."""
    return [0, 1, *(at + more for at, _ in options(octets) for more in range(4))]


def is_comparable(octets: bytes) -> bool:
    """Whether scapy goes by the length of every option."""
    return all(OF_FIXED_LENGTH.get(octets[at], length // 8) == length // 8 for at, length in options(octets))


def mutants(originals: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """The same ones for the same originals: two to eight octets changed, some cut off, doubled or with options exchanged."""
    dice = random.Random(seed)  # noqa: S311 - nothing is secret
    forms = [form_of(one) for one in originals]
    while True:
        which = dice.randrange(len(originals))
        octets = bytearray(originals[which])
        for _ in range(dice.randint(2, 8)):
            at = dice.choice(forms[which]) if dice.random() < 0.9 else dice.randrange(len(octets))
            octets[at] = dice.choice((0, 1, 3, 5, 24, 25, 31, 38, 63, 64, 128, 255, dice.randrange(256)))
        match dice.randrange(12):
            case 0:
                yield bytes(octets[: dice.randint(0, len(octets))])
            case 1:
                yield bytes(octets + octets[HEADER_OCTETS:])
            case 2:
                yield bytes(octets + originals[dice.randrange(len(originals))][HEADER_OCTETS:])
            case _:
                yield bytes(octets)


def heard_of_radvd(router: Host, desk: Host, folder: Path, settings: str) -> bytes:
    """The answer of a real radvd to a solicitation, as an ICMPv6 message."""
    (folder / "radvd.conf").write_text(RADVD.format(more=settings))
    command = [find("radvd") or "", "-n", "-C", str(folder / "radvd.conf"), "-p", str(folder / "pid"), "-m", "stderr"]
    log = folder / "hear.log"
    with running([*router.inside, *command], folder / "radvd.log"), running(role(desk, "hear", "ge0"), log):
        until(lambda: log.read_text().endswith("\n"), f"radvd: {(folder / 'radvd.log').read_text()}")
        return bytes.fromhex(log.read_text())


def written_by_scapy() -> list[bytes]:
    """Advertisements with what radvd does not send: PREF64, routes of each length, options that nobody knows."""
    pytest.importorskip("scapy", reason="scapy is an optional extra and not installed")
    from scapy.layers import inet6
    from scapy.packet import Raw

    head = inet6.ICMPv6ND_RA(chlim=64, M=0, O=1, routerlifetime=1800)
    prefix = inet6.ICMPv6NDOptPrefixInfo(prefix="2001:db8:1::", prefixlen=64, validlifetime=3600, preferredlifetime=60)
    resolvers = inet6.ICMPv6NDOptRDNSS(dns=["2001:db8::53", "fe80::53"], lifetime=300)
    names = inet6.ICMPv6NDOptDNSSL(searchlist=["school.test.", "x.test."], lifetime=60)
    routes = [inet6.ICMPv6NDOptRouteInfo(prefix="2001:db8:5::", plen=length, prf=1) for length in (0, 48, 65)]
    pref64 = inet6.ICMPv6NDOptPREF64(prefix="64:ff9b::", scaledlifetime=100, plc=0)
    unknown = Raw(struct.pack("!BB6s", 200, 1, b"\xff" * 6))
    link, mtu = inet6.ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:00:01"), inet6.ICMPv6NDOptMTU(mtu=1480)
    whole = head / link / mtu / prefix / resolvers / names / pref64
    for route in routes:
        whole = whole / route
    return [bytes(one) for one in (head, head / prefix, head / pref64 / prefix, whole, whole / unknown)]


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What is changed: real and written ones, all of them valid."""
    need("radvd", "unshare", "nsenter", "ip")
    with host() as desk, host() as router:
        for one in (desk, router):
            one.sysctl("ipv6/conf/default/dad_transmits", 0)
        router.sysctl("ipv6/conf/all/forwarding", 1)
        cable(desk, "ge0", router, "lan0")
        until(lambda: desk.speaks_ipv6("ge0") and router.speaks_ipv6("lan0"), "link-local addresses")
        folders = [tmp_path_factory.mktemp("radvd") for _ in range(3)]
        settings = (PLAIN, FULL, NO_ROUTER)
        heard = [heard_of_radvd(router, desk, *pair) for pair in zip(folders, settings, strict=True)]
    return heard + written_by_scapy()


def test_the_originals(originals: list[bytes]) -> None:
    """Every option that our reader knows stands in one of them, and both readers understand all of them alike."""
    known = {octets[at] for octets in originals for at, _ in options(octets)}

    assert {1, 3, 5, 24, 25, 31, 38} <= known
    assert [second_reading(octets) for octets in originals] == [parse(octets).gist for octets in originals]


def test_mutants(originals: list[bytes]) -> None:
    """Of a hundred thousand each is read or called malformed, nothing else; none takes longer than it takes to blink."""
    read, slowest_s = 0, 0.0
    dice = mutants(originals, 4861)
    for _ in range(MUTANTS):
        octets = next(dice)
        began = time.thread_time()
        try:
            parse(octets)
            read += 1
        except MalformedAdvertisement:
            pass
        slowest_s = max(slowest_s, time.thread_time() - began)

    assert (MUTANTS // 20 < read < MUTANTS * 9 // 10, slowest_s < 0.1) == (True, True), (read, slowest_s)


@pytest.mark.parametrize(
    "unit",
    [
        bytes([200, 1]) + bytes(6),
        bytes([31, 2]) + bytes(14),
        bytes([31, 2]) + bytes(6) + b"\x01a" * 4,
        bytes([5, 1]) + bytes(6),
    ],
    ids=["unknown options", "empty names", "names that do not end", "one MTU after the other"],
)
def test_the_largest(unit: bytes) -> None:
    """A message as large as any is read or refused in less than a second, whatever it is full of."""
    octets = (struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + unit * LARGEST)[: LARGEST // 8 * 8]
    began = time.thread_time()
    with contextlib.suppress(MalformedAdvertisement):
        parse(octets)

    assert time.thread_time() - began < 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # what another library warns of when it is loaded is not ours
def test_two_readers_agree(originals: list[bytes]) -> None:
    """Scapy makes the same of every one of these mutants that is valid and in which it goes by the lengths of the options."""
    dice, compared, apart = mutants(originals, 4861), 0, 0
    for _ in range(MUTANTS):
        octets = next(dice)
        try:
            ours = parse(octets).gist
        except MalformedAdvertisement:
            continue
        if not is_comparable(octets):
            apart += 1
            continue
        assert second_reading(octets) == ours, octets.hex()
        compared += 1

    assert (compared > MUTANTS // 20, apart < compared // 5) == (True, True), (compared, apart)
