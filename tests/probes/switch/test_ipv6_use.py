"""Whether the networks of a layer-3 switch have IPv6, by rows written from IP-MIB (RFC 4293)."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest

from evidence.model import Reading
from probes._snmp.exchange import Oid, Value
from probes._snmp.walk import End, Walk
from probes._switch.ipv6_use import Use, use_of, use_rung, vlan_rungs
from probes._switch.tables import Tables
from tests.probes.recorded import tables

GLOBAL, UNIQUE_LOCAL, LINK_LOCAL = "2001:db8:1:10::1", "fd00::1", "fe80::1"
VLAN = 700  # ifIndex of the interface Vlanif10
Columns = dict[str, dict[Oid, Value]]


def address(text: str) -> Oid:
    """The index InetAddressType, InetAddress of an IPv6 address."""
    return (2, 16, *IPv6Address(text).packed)


def layer3(columns: Columns, end: End = End.LEFT_SUBTREE, **scalars: Value) -> Tables:
    """A switch with two VLAN interfaces that have IPv4 addresses, and the columns given."""
    rows: Columns = {
        "ifType": {(VLAN,): 136, (VLAN + 1,): 136, (1,): 6},
        "ifName": {(VLAN,): b"Vlanif10", (VLAN + 1,): b"Vlanif20", (1,): b"GE0/0/1"},
        "ipAdEntIfIndex": {(10, 0, 0, 1): VLAN, (10, 0, 1, 1): VLAN + 1},
        "ipNetToPhysicalPhysAddress": {(VLAN, 1, 4, 10, 0, 0, 9): b"\x02\0\0\0\0\x09"},
        **columns,
    }
    return Tables(scalars, {name: Walk(row, end) for name, row in rows.items()})


def prefix(length: int) -> Value:
    """A row pointer as ipAddressPrefix has it."""
    return (1, 3, 6, 1, 2, 1, 4, 32, 1, 5, VLAN, *address("2001:db8:1:10::"), length)


def rungs(of: Tables) -> dict[str, Reading]:
    """The rungs of one switch by their subject."""
    return {one.subject: one for one in vlan_rungs("10.0.0.1:161", of)}


OWN: Columns = {"ipAddressIfIndex": {address(GLOBAL): VLAN}}
V1: dict[str, tuple[Columns, str]] = {
    "a global address with a /64": ({**OWN, "ipAddressPrefix": {address(GLOBAL): prefix(64)}}, "pass"),
    "a global address with a /128": ({**OWN, "ipAddressPrefix": {address(GLOBAL): prefix(128)}}, "fail"),
    "a global address without a prefix": (OWN, "inconclusive"),
    "a prefix that points nowhere": ({**OWN, "ipAddressPrefix": {address(GLOBAL): (0, 0)}}, "inconclusive"),
    "only a unique local address": ({"ipAddressIfIndex": {address(UNIQUE_LOCAL): VLAN}}, "fail"),
    "only a link-local address": ({"ipAddressIfIndex": {address(LINK_LOCAL): VLAN}}, "fail"),
    "a global address of another interface": ({"ipAddressIfIndex": {address(GLOBAL): 1}}, "fail"),
    "no table of addresses": ({}, "inconclusive"),
}


@pytest.mark.parametrize(("columns", "state"), V1.values(), ids=V1)
def test_v1_is_a_global_address_with_a_prefix_of_64_bits(columns: Columns, state: str) -> None:
    """A VLAN is numbered if its interface has a global address of a /64; a table that is not told decides nothing."""
    assert rungs(layer3(columns))["V1/10.0.0.1:161/Vlanif10"].value == state


def test_v1_tells_its_network() -> None:
    """The /64 that a VLAN has is told, so that an agent in it is known to be there; of none that is not one."""
    found = [rungs(layer3(columns))["V1/10.0.0.1:161/Vlanif10"].facts.get("network") for columns, _ in V1.values()]

    assert found == ["2001:db8:1:10::/64", *[None] * (len(V1) - 1)]


def test_v1_is_open_where_the_table_was_cut_off() -> None:
    """An address that was not read may be the global one."""
    cut = layer3({"ipAddressIfIndex": {address(LINK_LOCAL): VLAN}}, End.TIMED_OUT)

    assert rungs(cut)["V1/10.0.0.1:161/Vlanif10"].value == "inconclusive"


@pytest.mark.parametrize(("sent", "state"), [(1, "pass"), (2, "fail"), (None, "inconclusive")])
def test_v2_is_what_the_switch_says_of_its_router_advertisements(sent: int | None, state: str) -> None:
    """On and off are told; most switches tell nothing."""
    columns: Columns = {} if sent is None else {"ipv6RouterAdvertSendAdverts": {(VLAN,): sent}}

    assert rungs(layer3(columns))["V2/10.0.0.1:161/Vlanif10"].value == state


@pytest.mark.parametrize(
    ("neighbour", "state"),
    [
        ((VLAN, *address("2001:db8:1:10::77")), "pass"),
        ((VLAN, *address("fe80::77")), "fail"),
        ((1, *address("2001:db8:1:10::77")), "fail"),
        ((VLAN, 2, 16, 999), "fail"),
    ],
    ids=["global", "link-local only", "on another interface", "an index that is no address"],
)
def test_v3_is_a_device_with_a_global_address(neighbour: Oid, state: str) -> None:
    """Devices are counted by their hardware address; none is named."""
    heard = layer3({"ipNetToPhysicalPhysAddress": {neighbour: b"\x02\0\0\0\0\x77"}})

    found = rungs(heard)["V3/10.0.0.1:161/Vlanif10"]
    assert (found.value, "2001" in str(found.facts)) == (state, False)


def test_v3_is_open_where_no_neighbour_is_told() -> None:
    """An empty table is more often not implemented than true."""
    told = layer3({"ipNetToPhysicalPhysAddress": {}})

    assert rungs(told)["V3/10.0.0.1:161/Vlanif10"].value == "inconclusive"


NO_GATEWAY = {
    "it says that it does not route": layer3({}, ipForwarding=2),
    "it has one address, to be managed at": layer3({"ipAdEntIfIndex": {(10, 0, 0, 1): VLAN}}),
}


@pytest.mark.parametrize("told", NO_GATEWAY.values(), ids=NO_GATEWAY)
def test_a_switch_that_does_not_route_says_nothing_of_its_vlans(told: Tables) -> None:
    """An access switch without an IPv6 address is no VLAN without IPv6."""
    assert rungs(told) == {}


def many(count: int, with_ipv6: int, told: bool = True) -> Use:
    """A switch that hears so many devices, so many of them with a global address."""
    devices = [number.to_bytes(6, "big") for number in range(count)]
    return Use(frozenset(devices), frozenset(devices[:with_ipv6]), told, 2**63)


L10 = {
    "nobody has an address": (many(40, 0), "fail"),
    "most have one": (many(40, 30), "inconclusive"),
    "not all were told": (many(40, 30, told=False), "not_tested"),
    "too few are heard": (many(3, 0), "not_tested"),
}


@pytest.mark.parametrize(("use", "state"), L10.values(), ids=L10)
def test_l10_never_passes_by_one_moment(use: Use, state: str) -> None:
    """The rung asks for thirty days: a moment can only fail it, or give its share."""
    found = use_rung([use])

    assert (found.value, found.subject) == (state, "L10")


def test_a_device_heard_by_two_switches_counts_once() -> None:
    """The share is one of devices, not of table rows."""
    assert use_rung([many(40, 10), many(40, 10)]).facts["share_ppm"] == 250_000


def test_a_switch_gives_the_devices_of_both_families() -> None:
    """A device with an IPv4 and an IPv6 address is one device; octets of both directions are added."""
    mac, other = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"
    heard = layer3(
        {
            "ipNetToMediaPhysAddress": {(VLAN, 10, 0, 0, 1): mac, (VLAN, 10, 0, 0, 2): other},
            "ipNetToPhysicalPhysAddress": {(VLAN, *address(GLOBAL)): mac},
            "ipIfStatsHCInOctets": {(2, VLAN): 5, (1, VLAN): 100},
            "ipIfStatsHCOutOctets": {(2, VLAN): 7},
        }
    )

    assert use_of(heard) == Use(frozenset({mac, other}), frozenset({mac}), True, 12)


@pytest.mark.parametrize(
    ("end", "told"), [(End.LEFT_SUBTREE, True), (End.TOO_MANY_ROWS, False), (End.OUT_OF_TIME, False)]
)
def test_a_part_of_the_ipv4_devices_gives_no_share(end: End, told: bool) -> None:
    """Where not all devices that speak IPv4 were read, those with IPv6 are not set against them."""
    found = layer3({})
    heard = Walk({(VLAN, 10, 0, 0, 9): b"\x02\0\0\0\0\x09"}, end)

    assert use_of(Tables(walks={**found.walks, "ipNetToMediaPhysAddress": heard})).told is told


def test_a_switch_that_tells_no_ipv6_proves_nothing_against_it() -> None:
    """The recorded H3C switch does not implement the tables: every rung stays open."""
    told = tables("comware_a5500")

    states = {one.value for one in vlan_rungs("x:161", told)} | {use_rung([use_of(told)]).value}
    assert states == {"inconclusive", "not_tested"}
