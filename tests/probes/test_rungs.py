"""Is each rung of the ladder judged as its definition says?"""

from __future__ import annotations

import struct
from ipaddress import IPv6Address, IPv6Network

import pytest
from pydantic import ValidationError

from probes._ipv6 import rungs
from probes._ipv6.classes import class_of
from probes._ipv6.dhcp6 import Offered
from probes._ipv6.icmp import Message
from probes._ipv6.kernel import Address, DefaultRoute
from probes._ipv6.routers import Heard, Search
from probes._ipv6.settings import Settings
from probes._ra import parse

LAB = (IPv6Network("2001:db8::/32"),)
ROUTE = DefaultRoute(IPv6Address("fe80::1"), "ra", 1024, "medium")


def own(address: str, *flags: str, ra: bool = True, length: int = 64) -> Address:
    """An address of this host."""
    return Address(IPv6Address(address), length, frozenset(flags), by_kernel_ra=ra)


def heard(prefix: str | None = None, lifetime_s: int = 1800, source: str = "fe80::1", second: str = "agrees") -> Heard:
    """A valid advertisement with one prefix or none."""
    octets = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, lifetime_s, 0, 0)
    if prefix:
        octets += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 1800, 0) + IPv6Address(prefix).packed
    return Heard(Message(IPv6Address(source), 255, octets), 5, parse(octets), "", second)


BROKEN = Heard(Message(IPv6Address("fe80::1"), 64, b""), 5, None, "hop limit 64", "absent")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("2001:da8:1::1", "native"),
        ("240e::1", "native"),
        ("3ffe::1", "native"),
        ("2001::1", "teredo"),
        ("2001:0:4136:e378::1", "teredo"),
        ("2002:c000:204::1", "6to4"),
        ("2001:db8::1", "documentation"),
        ("3fff:1::1", "documentation"),
        ("2001:2::1", "benchmarking"),
        ("2001:2:1::1", "native"),
        ("2001:10::1", "orchid"),
        ("2001:2f::1", "orchid"),
        ("2001:30::1", "native"),
        ("fd00::1", "ula"),
        ("fc00::1", "ula"),
        ("fe80::1", "link_local"),
        ("fec0::1", "other"),
        ("64:ff9b::1", "other"),
        ("4000::1", "other"),
        ("2001:da8::5efe:10.0.0.1", "isatap"),
        ("2001:da8::200:5efe:10.0.0.1", "isatap"),
    ],
)
def test_classes(address: str, kind: str) -> None:
    """Native is 2000::/3 without what no provider routes; ISATAP shows in the interface identifier."""
    assert class_of(IPv6Address(address)) == kind


@pytest.mark.parametrize(
    ("on", "addresses", "state", "code"),
    [
        pytest.param(True, [own("fe80::2", "permanent")], "pass", "", id="link-local"),
        pytest.param(False, [], "fail", "STACK_OFF", id="off"),
        pytest.param(True, [own("2001:da8::2")], "fail", "STACK_OFF", id="no link-local"),
        pytest.param(True, [own("fe80::2", "tentative", "dad_failed")], "fail", "DAD_FAIL", id="taken"),
        pytest.param(True, [own("fe80::2", "tentative")], "fail", "DAD_FAIL", id="tentative for ever"),
        pytest.param(True, [own("fe80::2", "tentative", "optimistic")], "pass", "", id="optimistic"),
    ],
)
def test_l0(on: bool, addresses: list[Address], state: str, code: str) -> None:
    """L0 needs the stack on and a link-local address that passed duplicate address detection."""
    rung = rungs.stack(on, addresses)

    assert (rung.name, rung.state, rung.code) == ("L0", state, code)


@pytest.mark.parametrize(
    ("search", "state", "code"),
    [
        pytest.param(Search([heard("2001:da8::")], 1), "pass", "", id="one router"),
        pytest.param(
            Search([heard("2001:da8::"), heard("2001:da8::", source="fe80::2")], 1), "pass", "", id="two alike"
        ),
        pytest.param(Search([heard("2001:da8::"), BROKEN], 1), "pass", "", id="one good, one broken"),
        pytest.param(
            Search([heard("fd00::", 0, "fe80::2"), heard("2001:da8::")], 1), "pass", "", id="no router beside"
        ),
        pytest.param(Search([heard()], 1), "pass", "", id="no prefix"),
        pytest.param(
            Search([heard("2001:da8::"), heard(None, 1800, "fe80::2")], 1),
            "pass",
            "",
            id="a second one without a prefix",
        ),
        pytest.param(
            Search([heard("2001:da8::"), heard("2001:da8:9::", 0, "fe80::2")], 1),
            "fail",
            "ROGUE_RA",
            id="who gives addresses and no way",
        ),
        pytest.param(
            Search([heard("2001:da8::"), heard("2001:da8:9::")], 1), "fail", "ROGUE_RA", id="two under one address"
        ),
        pytest.param(Search([], 3), "fail", "NO_RA", id="silence"),
        pytest.param(Search([], 3, "EPERM"), "inconclusive", "NOT_SENT", id="could not ask"),
        pytest.param(Search([heard("2001:da8::", 0)], 3), "fail", "RA_LIFETIME_0", id="no default router"),
        pytest.param(Search([BROKEN], 3), "fail", "RA_MALFORMED", id="broken"),
        pytest.param(
            Search([heard("2001:da8::"), heard("2001:da8:bad::", source="fe80::2")], 1),
            "fail",
            "ROGUE_RA",
            id="two unlike",
        ),
        pytest.param(
            Search([heard("2001:da8::", second="disagrees")], 1),
            "inconclusive",
            "PARSERS_DISAGREE",
            id="read in two ways",
        ),
    ],
)
def test_l1(search: Search, state: str, code: str) -> None:
    """L1 needs a router that offers itself and is contradicted by no other router and no other reader."""
    rung = rungs.router(search)

    assert (rung.name, rung.state, rung.code) == ("L1", state, code)


@pytest.mark.parametrize(
    ("addresses", "search", "state", "code"),
    [
        pytest.param([own("2001:da8::2")], Search([heard("2001:da8::")]), "pass", "", id="slaac"),
        pytest.param([own("2001:da8::2", ra=False, length=128)], Search([heard()]), "pass", "", id="dhcpv6"),
        pytest.param(
            [own("2001:da8::2", "permanent", ra=False)], Search([heard("2001:da8::")]), "pass", "", id="in its prefix"
        ),
        pytest.param([own("2001:da8::2", "permanent", ra=False)], Search(), "fail", "MANUAL_ONLY", id="by hand"),
        pytest.param(
            [own("2001:da8::2", "permanent", ra=False)], None, "inconclusive", "NOT_PERMITTED", id="nobody asked"
        ),
        pytest.param([own("2001:da8::2", "deprecated")], Search(), "fail", "DEPRECATED_ONLY", id="deprecated"),
        pytest.param([own("2001:da8::2", "deprecated"), own("2001:da8::3")], Search(), "pass", "", id="one deprecated"),
        pytest.param(
            [own("2001:da8::2", "tentative", "dad_failed")], Search(), "fail", "DAD_FAIL", id="taken by another"
        ),
        pytest.param([own("fd00::2")], Search([heard("fd00::")]), "fail", "ULA_ONLY", id="ula"),
        pytest.param([own("2002:c000:204::1")], Search(), "fail", "TUNNEL_6TO4", id="6to4"),
        pytest.param([own("2001::1")], Search(), "fail", "TUNNEL_TEREDO", id="teredo"),
        pytest.param([own("2001:da8::5efe:10.0.0.1")], Search(), "fail", "ISATAP", id="isatap"),
        pytest.param([own("2001:db8::2")], Search(), "fail", "DOC_PREFIX", id="documentation"),
        pytest.param([own("fec0::2")], Search(), "fail", "NOT_NATIVE", id="site-local"),
        pytest.param([own("fd00::2"), own("2001::1")], Search(), "fail", "TUNNEL_TEREDO", id="the most telling"),
        pytest.param([own("fe80::2")], Search(), "fail", "NO_ADDRESS", id="link-local only"),
        pytest.param([], None, "fail", "NO_ADDRESS", id="none"),
    ],
)
def test_l2(addresses: list[Address], search: Search | None, state: str, code: str) -> None:
    """L2 needs a native global address that is preferred and that the network gave."""
    rung = rungs.native_address(addresses, search, ())

    assert (rung.name, rung.state, rung.code) == ("L2", state, code)


def test_several_networks_are_told() -> None:
    """A host with addresses in two networks tells both, for it may send from either."""
    rung = rungs.native_address([own("2001:da8::2"), own("2001:da8:1::2")], Search(), ())

    assert rung.facts["prefixes"] == "2001:da8:1::/64 2001:da8::/64"


@pytest.mark.parametrize(
    ("offered", "code"),
    [
        pytest.param(Offered(), "DHCPV6_SILENT", id="asked in vain"),
        pytest.param(
            Offered(not_asked="port_busy"), "DHCPV6_SILENT", id="could not be asked, and no router tells of one"
        ),
        pytest.param(Offered(addresses=(IPv6Address("2001:da8::9"),)), "", id="offered"),
        pytest.param(None, "", id="nobody pointed to it"),
    ],
)
def test_dhcpv6(offered: Offered | None, code: str) -> None:
    """An address as DHCPv6 gives them counts where a server answers, or none could be asked."""
    address = own("2001:da8::2", ra=False, length=128)

    assert rungs.native_address([address], Search(), (), offered).code == code


def test_an_address_that_is_still_checked() -> None:
    """A native address that stays tentative decides nothing."""
    rung = rungs.native_address([own("2001:da8::2", "tentative")], Search(), ())

    assert (rung.state, rung.code) == ("inconclusive", "TENTATIVE")


@pytest.mark.parametrize(
    ("known", "code"),
    [
        pytest.param(["fe80::1"], "", id="by link-local address"),
        pytest.param(["FE80:0::0001"], "", id="however it is spelled"),
        pytest.param(["fe80::1%eth0"], "", id="with the scope of whoever wrote it"),
        pytest.param(["02:00:5e:00:00:01"], "ROGUE_RA", id="another"),
        pytest.param([], "", id="no list"),
    ],
)
def test_listed_routers(known: list[str], code: str) -> None:
    """Where the list names routers, any other that announces itself is one too many."""
    assert rungs.router(Search([heard("2001:da8::")]), Settings(routers=known).routers).code == code


@pytest.mark.parametrize("router", ["", "gw-1", "192.0.2.1", "02:00:5e:00:00", "02:00:5e:00:00:01:02"])
def test_what_names_no_router(router: str) -> None:
    """A router that could never be heard would make every other one a stranger: it is refused, and the text says what was expected."""
    with pytest.raises(ValidationError, match="expected a hardware address"):
        Settings(routers=[router])


def test_a_lab_prefix_is_marked() -> None:
    """A prefix that was ordered as the lab's counts as native, and the reading says so."""
    rung = rungs.native_address([own("2001:db8:1::2")], Search([heard("2001:db8:1::")]), LAB)

    facts = {"class": "native", "origin": "slaac", "prefix": "2001:db8:1::/64", "lab": "yes"}
    assert (rung.state, rung.facts) == ("pass", facts)


@pytest.mark.parametrize(
    ("route", "neighbour", "answered", "state", "code"),
    [
        pytest.param(ROUTE, "reachable", 3, "pass", "", id="all"),
        pytest.param(ROUTE, "stale", 2, "pass", "", id="two of three"),
        pytest.param(ROUTE, "reachable", 1, "fail", "GW_UNREACHABLE", id="one of three"),
        pytest.param(ROUTE, "failed", 0, "fail", "GW_UNREACHABLE", id="nobody there"),
        pytest.param(None, "none", 0, "fail", "NO_ROUTE", id="no route"),
        pytest.param(ROUTE, "stale", None, "not_tested", "NOT_PERMITTED", id="no right"),
    ],
)
def test_l3(route: DefaultRoute | None, neighbour: str, answered: int | None, state: str, code: str) -> None:
    """L3 needs a default route and two answers of three from its gateway."""
    rung = rungs.gateway(route, neighbour, answered)

    assert (rung.name, rung.state, rung.code) == ("L3", state, code)
