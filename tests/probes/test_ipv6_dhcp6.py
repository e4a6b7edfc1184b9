"""Are the messages of DHCPv6 those of the standard? Scapy is the oracle, dnsmasq the server."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest
from scapy.layers import dhcp6 as oracle

from probes._ipv6 import dhcp6
from tests.probes.spaces import Host, find, need, running, until

IDENTITY = struct.pack("!H", 4) + bytes(16)
DNSMASQ = ["--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--interface=lan0", "--log-facility=-"]


@pytest.mark.parametrize(("kind", "layer"), [(1, oracle.DHCP6_Solicit), (11, oracle.DHCP6_InfoRequest)])
def test_questions(kind: int, layer: type) -> None:
    """A question is one that scapy reads as what it is, with our identity and what is asked for."""
    read = layer(dhcp6.question(kind, b"abc", IDENTITY))
    asked = read[oracle.DHCP6OptOptReq].reqopts

    assert (read.trid, bytes(read[oracle.DHCP6OptClientId].duid), asked, oracle.DHCP6OptIA_NA in read) == (
        int.from_bytes(b"abc"),
        IDENTITY,
        [23, 24],
        kind == 1,
    )


def test_answers() -> None:
    """An answer that scapy writes gives its addresses, resolvers and status."""
    address = oracle.DHCP6OptIAAddress(addr="2001:db8::123", preflft=600, validlft=600)
    message = oracle.DHCP6_Advertise(trid=1) / oracle.DHCP6OptIA_NA(iaid=1, ianaopts=[address])
    message /= oracle.DHCP6OptDNSServers(dnsservers=["2001:db8::53", "2001:db8::54"])
    message /= oracle.DHCP6OptStatusCode(statuscode=5)
    found = dhcp6._gathered([(b"", bytes(message))])

    told = [str(one) for one in (*found.addresses, *found.resolvers)]
    assert (told, found.status, found.advertised) == (["2001:db8::123", "2001:db8::53", "2001:db8::54"], 5, True)


@pytest.mark.parametrize("octets", [b"", b"\x02ab", b"\x02abc\x00", b"\x02abc\x00\x17\x00\x20abc"])
def test_no_messages(octets: bytes) -> None:
    """Octets that are cut off are no message."""
    assert dhcp6.read(octets) is None


def test_a_real_server(pair: tuple[Host, Host], tmp_path: Path) -> None:
    """A real dnsmasq offers an address and its resolver; nothing but the offer is taken."""
    need("dnsmasq")
    desk, router = pair
    router.ip("addr", "add", "2001:db8:1::1/64", "dev", "lan0", "nodad")
    more = ["--dhcp-range=2001:db8:1::100,2001:db8:1::1ff,64,10m", f"--dhcp-leasefile={tmp_path}/leases"]
    more += ["--dhcp-option=option6:dns-server,[2001:db8:1::1]", f"--pid-file={tmp_path}/pid"]
    with running([*router.inside, find("dnsmasq") or "", *DNSMASQ, *more], tmp_path / "log"):
        until(lambda: router.listens(547), "dnsmasq")
        said = desk.run("sh", "-c", f"cd {Path(__file__).parents[2]} && {sys.executable} -c '{ASKING}'")

    assert said.split() == ["1", "2001:db8:1::1", "True", "False"]


ASKING = (
    'from probes._ipv6.dhcp6 import asked; found = asked("ge0"); '
    "print(len(found.addresses), *found.resolvers, found.advertised, found.silent)"
)


def test_nobody_answers(pair: tuple[Host, Host]) -> None:
    """Without a server the questions are told, and that nobody offered anything."""
    desk, _ = pair
    said = desk.run("sh", "-c", f"cd {Path(__file__).parents[2]} && {sys.executable} -c '{ASKING}'")

    assert said.split() == ["0", "False", "True"]
