"""Are pings sent, answered and counted over either kind of socket and either version of IP, and is the way found that they take?"""

from __future__ import annotations

import sys
import time
from ipaddress import ip_address

import pytest

from probes._roam.pings import Gateway, Pings, checksum
from tests.probes.spaces import Host

ANSWERED = """
import sys, time, select
from ipaddress import ip_address
from probes._roam.pings import Gateway, Pings
with Pings(Gateway(ip_address(sys.argv[1]), "ge0")) as pings:
    for number in range(5):
        pings.send(number)
        time.sleep(0.05)
    select.select([pings], [], [], 1)
    time.sleep(0.1)
    print(sorted(pings.answered()))
"""


@pytest.mark.parametrize("groups", ["0 2147483647", "1 0"], ids=["datagram socket", "raw socket"])
@pytest.mark.parametrize("gateway", ["10.9.0.2", "2001:db8:9::2"])
def test_pings(pair: tuple[Host, Host], gateway: str, groups: str) -> None:
    """Each request that the gateway answers is counted by its number, over either kind of socket and either version of IP."""
    desk, router = pair
    desk.sysctl("ipv4/ping_group_range", groups)
    for one, end in ((desk, 1), (router, 2)):
        name = "ge0" if one is desk else "lan0"
        one.ip("addr", "replace", f"10.9.0.{end}/24", "dev", name)
        one.ip("addr", "replace", f"2001:db8:9::{end}/64", "dev", name, "nodad")

    assert desk.run(sys.executable, "-c", ANSWERED, gateway).strip() == "[0, 1, 2, 3, 4]"


def test_a_gateway_of_the_link(pair: tuple[Host, Host]) -> None:
    """A gateway is pinged by its address of the link too, which is what a router advertisement names."""
    desk, router = pair
    address = router.ip("-6", "-o", "addr", "show", "dev", "lan0", "scope", "link").split()[3].partition("/")[0]

    assert desk.run(sys.executable, "-c", ANSWERED, address).strip() == "[0, 1, 2, 3, 4]"


def test_no_way(pair: tuple[Host, Host]) -> None:
    """A request that finds no way is lost and ends nothing."""
    assert pair[0].run(sys.executable, "-c", ANSWERED, "10.99.0.1").strip() == "[]"


def test_checksum() -> None:
    """The Internet checksum over octets and their own checksum is zero."""
    assert checksum(b"\x08\x00" + checksum(b"\x08\x00ab").to_bytes(2, "big") + b"ab") == 0


def test_answers_of_others() -> None:
    """An answer with another mark, or to somebody else's request, is no answer."""
    with (
        Pings(Gateway(ip_address("127.0.0.1"), "lo")) as pings,
        Pings(Gateway(ip_address("127.0.0.1"), "lo")) as others,
    ):
        others.send(7)
        time.sleep(0.05)

        assert pings.answered() == []


WAY = """
import socket, sys
from probes._roam.way import addresses_of, gateway_of
index = socket.if_nametoindex("ge0")
gateway = gateway_of(index)
print(gateway, *sorted(map(str, addresses_of(index, gateway.version if gateway else 4))))
"""


def way(desk: Host) -> list[str]:
    """The gateway behind the interface, and our addresses there."""
    return desk.run(sys.executable, "-c", WAY).split()


def test_the_way(pair: tuple[Host, Host]) -> None:
    """The gateway is that of the interface's own best default route, also where another interface has a better one; IPv4 goes first."""
    desk, _ = pair
    desk.ip("addr", "replace", "10.9.0.1/24", "dev", "ge0")
    desk.ip("addr", "replace", "2001:db8:9::1/64", "dev", "ge0", "nodad")
    desk.ip("link", "add", "t0", "type", "veth", "peer", "name", "fb0")
    desk.ip("link", "set", "t0", "up")
    desk.ip("addr", "add", "10.8.0.1/24", "dev", "t0")
    desk.ip("route", "add", "default", "via", "10.8.0.9", "metric", "10")
    desk.ip("route", "add", "default", "via", "10.9.0.8", "metric", "700")
    desk.ip("route", "add", "default", "via", "10.9.0.9", "metric", "600")
    desk.ip("-6", "route", "add", "default", "via", "2001:db8:9::9", "dev", "ge0")

    assert way(desk) == ["10.9.0.9", "10.9.0.1"]


def test_the_way_over_ipv6(pair: tuple[Host, Host]) -> None:
    """Where there is no IPv4 the gateway is that of IPv6, and addresses of the link alone do not count as ours."""
    desk, _ = pair
    desk.ip("addr", "replace", "2001:db8:9::1/64", "dev", "ge0", "nodad")
    desk.ip("-6", "route", "add", "default", "via", "fe80::9", "dev", "ge0")

    assert way(desk) == ["fe80::9", "2001:db8:9::1"]


def test_no_gateway(pair: tuple[Host, Host]) -> None:
    """Without a default route there is nobody to ping."""
    pair[0].ip("addr", "replace", "10.9.0.1/24", "dev", "ge0")

    assert way(pair[0]) == ["None", "10.9.0.1"]
