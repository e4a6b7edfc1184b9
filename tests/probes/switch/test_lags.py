"""Which ports does an aggregate bundle, and how fast is it? Rows written from the MIBs; no switch was recorded with most of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes._snmp.walk import End, Walk
from probes._switch.lags import told_bit_s
from probes._switch.model import Kind, Status, SwitchPort
from probes._switch.ports import ports_of
from probes._switch.speed import RATES
from probes._switch.tables import Tables
from tests.probes.switch.interfaces import Row, read, shown

G = 10**9
ALONE = Row("Eth-Trunk1", 2000, if_type=53)
LAG, ONE, TWO, OTHER = 100, 7, 8, 9
STACKED = {"100.7": 1, "100.8": 1}


def switch(lag: Row = ALONE, one: Row | None = None, two: Row | None = None, **columns: Any) -> dict[int, SwitchPort]:
    """An aggregate (100), two ports that may be its members (7, 8) and one that is not (9)."""
    rows = {LAG: lag, ONE: one or Row("port7"), TWO: two or Row("port8"), OTHER: Row("port9")}
    return read(rows, **columns)


BASE_PORTS = {3: ONE, 4: TWO, 12: OTHER}
SOURCES: dict[str, Any] = {
    "Huawei, hwTrunkIfIndex": {"hwTrunkIfIndex": {5: LAG}, "hwTrunkValidEntry": {"5.7": 1, "5.8": 1, "5.9": 2}},
    "Ruijie, ruijieApPortMemberApNumber": {
        "ruijieApConfigIndex": {1: LAG, 2: 300},
        "ruijieApPortMemberApNumber": {7: 1, 8: 1, 9: 0},
    },
    "dot3adAggPortAttachedAggID": {"dot3adAggPortAttachedAggID": {7: LAG, 8: LAG, 9: 0}},
    "attached goes before selected": {
        "dot3adAggPortAttachedAggID": {7: LAG, 8: LAG, 9: 0},
        "dot3adAggPortSelectedAggID": {7: LAG, 8: LAG, 9: LAG},
    },
    "dot3adAggPortSelectedAggID alone": {"dot3adAggPortSelectedAggID": {7: LAG, 8: LAG, 9: 9}},
    "dot3adAggPortListPorts, bits are base ports": {
        "dot3adAggPortListPorts": {LAG: b"\x30\x00"},
        "dot1dBasePortIfIndex": BASE_PORTS,
    },
    "ifStackTable": {"ifStackStatus": {**STACKED, "0.100": 1, "7.0": 1, "8.0": 1}},
    "ifStackTable in reverse order": {"ifStackStatus": {"7.100": 1, "8.100": 1}},
    "ifStackTable among VLANs": {"ifStackStatus": {**STACKED, "300.9": 1, "300.100": 1, "9.300": 1}},
    "ifStackTable with a row that is not active": {"ifStackStatus": {**STACKED, "100.9": 2}},
    "the vendor goes before the rest": {
        "hwTrunkIfIndex": {0: LAG},
        "hwTrunkValidEntry": {"0.7": 1, "0.8": 1},
        "ifStackStatus": {"100.9": 1},
    },
}


@pytest.mark.parametrize("columns", SOURCES.values(), ids=SOURCES)
def test_members(columns: Any) -> None:
    """Rows written from the MIB: each source names ports 7 and 8, whose sum is what the aggregate tells."""
    ports = switch(**columns)

    assert (ports[LAG].members, ports[LAG].members_up, ports[OTHER].lag) == ((7, 8), 2, None)
    assert (ports[ONE].lag, ports[TWO].lag) == (LAG, LAG)
    assert (ports[LAG].speed.status, ports[LAG].speed.bit_s, ports[LAG].largest_bit_s) == (Status.REPORTED, 2 * G, G)


def test_a_list_of_ports_in_words() -> None:
    """NX-OS writes the ports of a group as text; its bits are not taken for ports."""
    rows = {LAG: ALONE, **{index: Row(f"Ethernet1/{index}") for index in range(1, 17)}}
    tables = shown(
        rows, dot3adAggPortListPorts={LAG: "7-8"}, dot1dBasePortIfIndex={index: index for index in range(1, 25)}
    )
    tables = Tables({"sysObjectID": (1, 3, 6, 1, 4, 1, 9, 12)}, tables.walks)

    assert {port.lag for port in ports_of(tables)} == {None}


def test_half_a_table() -> None:
    """Members of which only some were read are none: half a sum would contradict what an honest switch tells."""
    tables = shown({LAG: ALONE, ONE: Row("port7"), TWO: Row("port8")})
    half = Walk({(ONE,): LAG}, End.OUT_OF_TIME)
    ports = {port.index: port for port in ports_of(Tables(walks={**tables.walks, "dot3adAggPortAttachedAggID": half}))}

    assert (ports[LAG].members, ports[LAG].speed.status) == ((), Status.INFERRED)


NO_MEMBERS: dict[str, Any] = {
    "bits beyond the base ports": {
        "dot3adAggPortListPorts": {LAG: b"\xc0"},
        "dot1dBasePortIfIndex": BASE_PORTS,
    },
    "bits without base ports": {"dot3adAggPortListPorts": {LAG: b"\x30"}},
    "a port attached to itself": {"dot3adAggPortAttachedAggID": {7: 7, 8: 8}},
    "ifStackTable between two ports": {"ifStackStatus": {"7.8": 1}},
    "ifStackTable between an aggregate and a VLAN": {"ifStackStatus": {"100.300": 1, "300.100": 1}},
}


@pytest.mark.parametrize("columns", NO_MEMBERS.values(), ids=NO_MEMBERS)
def test_no_members(columns: Any) -> None:
    """Rows that join no port to the aggregate leave its members unknown."""
    assert switch(**columns)[LAG].members == ()


def test_units_of_juniper() -> None:
    """Where the table joins `ge-0/0/0.0` to `ae0.0`, the port is a member of the aggregate."""
    rows = {
        1: Row("ge-0/0/0"),
        2: Row("ge-0/0/0.0", if_type=53),
        3: Row("ae0", if_type=161),
        4: Row("ae0.0", if_type=161),
    }
    ports = read(rows, ifStackStatus={"4.2": 1, "2.1": 1, "4.3": 1, "0.4": 1})
    assert (sorted(ports), ports[3].members, ports[3].speed.status) == ([1, 3], (1,), Status.REPORTED)


LAG_SPEED: dict[str, tuple[dict[str, Row], tuple[Status, int | None, int, int | None]]] = {
    "a member is down": (
        {"lag": Row("Po1", 1000, if_type=53), "two": Row("port8", oper=2)},
        (Status.REPORTED, G, 1, G),
    ),
    "a member is down and still counted by the switch": (
        {"two": Row("port8", oper=2)},
        (Status.CONFLICT, G, 1, G),
    ),
    "all members are down": (
        {"one": Row("port7", oper=2), "two": Row("port8", oper=2)},
        (Status.UNKNOWN, None, 0, None),
    ),
    "no member tells a rate": (
        {"one": Row("port7", 0), "two": Row("port8", 0)},
        (Status.UNKNOWN, None, 2, None),
    ),
    "one of two tells no rate": (
        {"lag": Row("Po1", 0, if_type=53), "two": Row("port8", 0)},
        (Status.INFERRED, G, 2, G),
    ),
    "the aggregate is down": ({"lag": Row("Po1", 2000, oper=2, if_type=53)}, (Status.UNKNOWN, None, 2, G)),
    "it tells 0 (aos, srlinux)": ({"lag": Row("lag1", 0, if_type=161)}, (Status.REPORTED, 2 * G, 2, G)),
    "it tells the rate of one (MikroTik)": ({"lag": Row("bonding1", 1000)}, (Status.CONFLICT, G, 2, G)),
    "it tells 40G always (SONiC)": ({"lag": Row("PortChannel01", 40_000)}, (Status.CONFLICT, 2 * G, 2, G)),
    "it tells nonsense": ({"lag": Row("Po1", 1234)}, (Status.CONFLICT, 2 * G, 2, G)),
    "it tells bit/s": ({"lag": Row("Po1", 2 * G)}, (Status.REPORTED, 2 * G, 2, G)),
    "only ifSpeed, right": ({"lag": Row("Po1", 0, 2 * G)}, (Status.REPORTED, 2 * G, 2, G)),
    "only ifSpeed, another": ({"lag": Row("Po1", 0, G)}, (Status.CONFLICT, G, 2, G)),
    "only ifSpeed, 2820130816": (
        {
            "lag": Row("Po1", None, 2_820_130_816),
            "one": Row("port7", 10_000),
            "two": Row("port8", 10_000),
        },
        (Status.REPORTED, 20 * G, 2, 10 * G),
    ),
    "only ifSpeed, 4294967295": (
        {
            "lag": Row("Po1", None, 4_294_967_295),
            "one": Row("port7", 10_000),
            "two": Row("port8", 10_000),
        },
        (Status.REPORTED, 20 * G, 2, 10 * G),
    ),
    "members of two rates": (
        {"lag": Row("Po1", 11_000), "one": Row("port7", 10_000)},
        (Status.REPORTED, 11 * G, 2, 10 * G),
    ),
    "a member whose name makes a conflict": (
        {"lag": Row("Po1", 2000), "one": Row("Gi1/0/1", 10_000)},
        (Status.CONFLICT, 2 * G, 2, G),
    ),
    "a member that was repaired": ({"one": Row("port7", G)}, (Status.REPAIRED, 2 * G, 2, G)),
}


@pytest.mark.parametrize(("rows", "expected"), LAG_SPEED.values(), ids=LAG_SPEED)
def test_speed_of_an_aggregate(rows: dict[str, Row], expected: tuple[Status, int | None, int, int | None]) -> None:
    """Step 4: the sum of the members that are up; what the aggregate tells can only lower it."""
    lag = switch(**rows, ifStackStatus=STACKED)[LAG]
    assert (lag.speed.status, lag.speed.bit_s, lag.members_up, lag.largest_bit_s) == expected, lag.speed.why


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(Row("Po1", 20_000), 20 * G, id="2 x 10G"),
        pytest.param(Row("Po1", 10_000), 10 * G, id="one member or ten"),
        pytest.param(Row("Po1", 2 * G), 2 * G, id="in bit/s"),
        pytest.param(Row("Po1", 0, 2_820_130_816), 20 * G, id="3c 2820130816 is 20G (OPNsense)"),
        pytest.param(Row("Po1", 0, 3 * G), 3 * G, id="ifSpeed"),
        pytest.param(Row("Po1", 0, 4_294_967_295), None, id="ifSpeed at its end"),
        pytest.param(Row("Po1", 0), None, id="nothing"),
        pytest.param(Row("Po1", 1234), None, id="no sum of rates"),
        pytest.param(Row("Po1", 2**31 + 7), None, id="signed"),
        pytest.param(Row("Po1", 20_000, oper=2), None, id="down"),
    ],
)
def test_members_that_are_not_known(row: Row, expected: int | None) -> None:
    """Without members an aggregate's own word is inferred at most, and no member's rate is."""
    lag = read({LAG: row})[LAG]
    status = Status.INFERRED if expected else Status.UNKNOWN
    assert (lag.speed.status, lag.speed.bit_s, lag.largest_bit_s, lag.members) == (status, expected, None, ())


def test_a_hint_by_description_and_sum() -> None:
    """Up ports of the aggregate's own ifAlias whose rates add up to what it tells are taken as members, as inferred."""
    named = [Row(f"port{number}", alias="to core") for number in (7, 8)]
    ports = switch(Row("Po1", 2000, if_type=53, alias="to core"), *named)

    assert (ports[LAG].members, ports[LAG].speed.status, ports[LAG].speed.bit_s) == ((7, 8), Status.INFERRED, 2 * G)


@pytest.mark.parametrize(
    ("high", "alias"), [pytest.param(3000, "to core", id="another sum"), pytest.param(2000, "", id="no description")]
)
def test_no_hint(high: int, alias: str) -> None:
    """Equal descriptions without the right sum, or none at all, make no members."""
    named = [Row(f"port{number}", alias=alias) for number in (7, 8)]
    assert switch(Row("Po1", high, if_type=53, alias=alias), *named)[LAG].members == ()


@pytest.mark.parametrize(
    ("high", "expected"), [(16_000, 16 * G), (170, None), (1_600_000, 1600 * G), (800_000, 800 * G), (17_000, None)]
)
def test_at_most_sixteen_members(high: int, expected: int | None) -> None:
    """What an aggregate tells is a sum only up to sixteen ports of one rate."""
    assert told_bit_s(high, None) == expected


NUMBERS = st.one_of(
    st.none(), st.integers(-2, 2**33), st.sampled_from([0, 1000, 10_000, 2000, 20_000, G, 2**32 - 1, 1_410_065_408])
)
ROWS = st.builds(
    Row,
    name=st.sampled_from(["port1", "Gi1/0/1", "Te1/1/1", "Po1", "Eth-Trunk1", "StackPort1", "Vlan1", "SFP+1"]),
    high=NUMBERS,
    low=NUMBERS,
    oper=st.sampled_from([1, 1, 1, 2, 6, None]),
    if_type=st.sampled_from([6, 6, 53, 161]),
    alias=st.sampled_from([None, "to core"]),
)
STACKS = st.dictionaries(st.tuples(st.integers(1, 6), st.integers(1, 6)), st.integers(1, 2), max_size=8)


@given(st.dictionaries(st.integers(1, 6), ROWS, max_size=6), STACKS)
def test_whatever_a_switch_shows(rows: dict[int, Row], stacks: dict[tuple[int, int], int]) -> None:
    """No port that is not up has a rate, one port's is a rate of Ethernet, and no aggregate is faster than its members."""
    ports = read(rows, ifStackStatus={f"{high}.{low}": status for (high, low), status in stacks.items()})
    for port in ports.values():
        bit_s = port.speed.bit_s
        assert bit_s is None or port.up
        assert bit_s is None or bit_s in RATES or port.kind is Kind.LAG
        assert port.speed.status is not Status.REPORTED or port.kind is not Kind.LAG or port.members
        if port.members:
            assert (bit_s or 0) <= sum(ports[index].speed.bit_s or 0 for index in port.members if ports[index].up)
