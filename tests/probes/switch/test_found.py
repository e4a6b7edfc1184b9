"""From tables to links: three switches whose tables are written from the MIBs, and tables that hold nonsense."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes._switch import mib
from probes._switch.found import SwitchFound, found_of, with_learned
from probes._switch.links import links_of
from probes._switch.neighbours import neighbours_of
from probes._switch.tables import Tables
from tests.probes.switch.drawn import TEN, drawn, ends, map_of, port, subject

PORTS = (port(101, "XGigabitEthernet0/0/1", TEN), port(102, "XGigabitEthernet0/0/2", TEN))


def own(number: int) -> bytes:
    """The bridge address of switch `number`."""
    return bytes([2, 0, 0, 0, 0, number])


def told(number: int, lldp: dict[int, tuple[int, int]], fdb: dict[int, int] | None = None, root: int = 0) -> Tables:
    """A switch whose port 1 or 2 hears `(switch, its port)` and has learned the address of switches; LLDP counts ports from 1."""
    rows = {f"88.{here}.{at}": (there, port) for at, (here, (there, port)) in enumerate(lldp.items(), 1)}
    return drawn(
        {
            "sysName": f"s{number}".encode(),
            "sysLocation": b"Building A",
            "dot1dBaseBridgeAddress": own(number),
            "lldpLocChassisIdSubtype": 4,
            "lldpLocChassisId": own(number),
            "lldpLocSysName": f"s{number}".encode(),
            "dot1dStpRootPort": root,
            "dot1dStpDesignatedRoot": b"\x80\0" + own(1),
        },
        dot1dBasePortIfIndex={"1": 101, "2": 102},
        lldpLocPortId={"1": "XGigabitEthernet0/0/1", "2": "XGigabitEthernet0/0/2"},
        lldpRemChassisIdSubtype=dict.fromkeys(rows, 4),
        lldpRemChassisId={index: own(there) for index, (there, _) in rows.items()},
        lldpRemPortIdSubtype=dict.fromkeys(rows, 5),
        lldpRemPortId={index: f"XGE0/0/{port}" for index, (_, port) in rows.items()},
        lldpRemSysCapEnabled=dict.fromkeys(rows, b"\x28"),
        dot1qTpFdbPort={f"1.2.0.0.0.0.{mac}": port for mac, port in (fdb or {}).items()},
        ipRouteIfIndex={"0": 102} if number == 1 else {},
        ipAdEntIfIndex={f"10.0.0.{number}": 5},
    )


def shown(number: int, tables: Tables) -> SwitchFound:
    """Switch `number` by its tables alone."""
    return found_of(subject(number), tables, PORTS, neighbours_of(tables, PORTS))


def read(*tables: Tables) -> list[SwitchFound]:
    """The switches of these tables, each knowing where it has learned the others."""
    found = [shown(number, one) for number, one in enumerate(tables, 1)]
    macs = frozenset().union(*(switch.macs for switch in found))
    return [with_learned(switch, one, macs) for switch, one in zip(found, tables, strict=True)]


def test_a_chain_by_lldp() -> None:
    """Three switches in a row by LLDP alone."""
    switches = read(told(1, {1: (2, 1)}), told(2, {1: (1, 1), 2: (3, 1)}), told(3, {1: (2, 2)}))

    assert ends(links_of(switches)) == [
        ("s1/XGigabitEthernet0/0/1", "s2/XGigabitEthernet0/0/1", "both"),
        ("s2/XGigabitEthernet0/0/2", "s3/XGigabitEthernet0/0/1", "both"),
    ]


def test_a_chain_by_addresses() -> None:
    """The same without LLDP, by what each has learned."""
    switches = read(told(1, {}, {2: 1, 3: 1}), told(2, {}, {1: 1, 3: 2}), told(3, {}, {1: 1, 2: 1}))

    assert ends(links_of(switches)) == [
        ("s1/XGigabitEthernet0/0/1", "s2/XGigabitEthernet0/0/1", "fdb"),
        ("s2/XGigabitEthernet0/0/2", "s3/XGigabitEthernet0/0/1", "fdb"),
    ]


def test_what_a_switch_is_known_by() -> None:
    """Names, addresses, the way to the root and the default route are found in its tables."""
    first, second = read(told(1, {}), told(2, {}, root=2))

    assert (first.sys_name, first.chassis, first.addresses) == ("s1", "02:00:00:00:00:01", frozenset({"10.0.0.1"}))
    assert (first.is_root, first.root_port, first.default_ports) == (True, None, frozenset({102}))
    assert (second.is_root, second.root_port, second.location) == (False, 102, "Building A")


@pytest.mark.parametrize(
    ("place", "building"),
    [("main/a/301", "main/a"), ("main/a", "main/a"), ("main", ""), ("", ""), ("main//a/3", "main/a")],
)
def test_the_building_of_a_place(place: str, building: str) -> None:
    """The first two parts of a place are its building; one part alone names none."""
    assert replace(read(told(1, {}))[0], place=place).building == building


COLUMNS = sorted(
    {
        *mib.NEIGHBOURS,
        *mib.NEIGHBOURS_V2,
        *mib.STATIONS,
        *mib.CDP,
        *mib.NMS_COLUMNS,
        *mib.VENDOR[11863],
        *mib.VENDOR[14988],
    }
)
VALUES = st.one_of(st.none(), st.integers(-1, 2**32), st.binary(max_size=20), st.tuples(st.integers(0, 5)))
INDEXES = st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 6), max_size=12).map(
    lambda parts: ".".join(map(str, parts)) or "0"
)


@given(
    st.dictionaries(st.sampled_from(COLUMNS), st.dictionaries(INDEXES, VALUES, max_size=4), max_size=8),
    st.dictionaries(st.sampled_from(sorted(mib.SCALARS)), VALUES),
)
@settings(max_examples=300, deadline=None)
def test_nonsense(columns: Any, scalars: Any) -> None:
    """Whatever stands in the tables, they are read without an error and give no link to another switch."""
    switches = [shown(1, drawn(scalars, **columns)), *read(told(1, {}))]

    assert [link for link in links_of(switches) if link.listed] == []
    assert json.loads(json.dumps(map_of(switches)))["switches"][1]["sys_name"] == "s1"
