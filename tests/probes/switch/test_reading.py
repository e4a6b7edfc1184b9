"""Is a switch that is too big, or cut off while it is read, told from one that was read to its end?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest

from evidence.model import Failure
from probes._snmp.exchange import Oid, Pdu, Reply, Value
from probes._switch import mib
from probes._switch.ports import ports_of
from probes._switch.reading import Told, read_switch
from probes._switch.stations import stations_of
from tests.probes.responder import Table
from tests.probes.switch.interfaces import Row, shown

PORTS = {index: Row(f"GigabitEthernet0/0/{index}", 1000, 10**9) for index in range(1, 9)}
LEARNED: Mapping[Oid, Value] = {
    (*mib.STATIONS["dot1qTpFdbPort"], 1, 2, 0, 0, 0, high, low): 1 + low % 8 for high in range(40) for low in range(250)
}


class Slowly:
    """A switch that takes its time for each question and counts them."""

    def __init__(self, rows: Mapping[Oid, Value], each_s: float) -> None:
        self._table, self._each_s = Table(rows), each_s
        self.asked = 0

    async def request(self, pdu: Pdu) -> Reply:
        """See `Exchange.request`."""
        self.asked += 1
        await asyncio.sleep(self._each_s)
        reply = self._table.answer(pdu)
        assert reply is not None
        return reply


def rows(ports: Mapping[int, Row]) -> dict[Oid, Value]:
    """The objects of a switch with these interfaces."""
    columns = mib.INTERFACES | mib.PORT_DETAILS
    objects: dict[Oid, Value] = {
        (*columns[column], *index): value
        for column, walk in shown(dict(ports)).walks.items()
        for index, value in walk.rows.items()
    }
    return objects | {mib.SYS_UP_TIME: 100, mib.SCALARS["ifNumber"]: len(ports), mib.SCALARS["sysName"]: b"s1"}


def told(agent: Any, seconds: float) -> Told:
    """What it tells in this time."""
    return asyncio.run(read_switch(agent, "10.0.0.1:161", "silent", time.monotonic() + seconds))


def test_tables_that_do_not_end_in_time() -> None:
    """A switch whose addresses cannot all be read in time has answered for its ports; of the addresses none counts."""
    found = told(Slowly(rows(PORTS) | dict(LEARNED), 0.004), 1.0)
    ports = ports_of(found.tables)

    assert (found.failure, found.tables.cut("dot1qTpFdbPort"), len(ports)) == (None, True, 8)
    assert (stations_of(found.tables, ports), {port.speed.status for port in ports}) == ({}, {"reported"})


def test_interfaces_that_do_not_end_in_time() -> None:
    """A switch whose interfaces themselves cannot all be read in time has not answered."""
    many = {index: Row(f"CAPWAP-Tunnel {index}", None, if_type=131) for index in range(1, 2_000)}

    assert told(Slowly(rows(many), 0.02), 0.5).failure is Failure.TIMED_OUT


def test_interfaces_are_read_row_by_row() -> None:
    """The four columns that are needed cost no more questions than one of them alone, once the agent bears long ones."""
    many = {index: Row(f"CAPWAP-Tunnel {index}", 10, 10**7, if_type=131) for index in range(1, 1_001)}
    agent = Slowly(rows(many), 0)

    assert (told(agent, 30).failure, agent.asked < 220) == (None, True)


@pytest.mark.parametrize(
    ("row", "leaves"),
    [
        (Row("gei-0/1/0/1", descr="gei-0/1/0/1"), True),
        (Row("Gi0/1", descr="GigabitEthernet0/1", alias="Li Ming, office 3"), True),
        (Row("gei-0/1/0/1", descr="gei-0/1/0/1 Li Ming, office 3"), False),
        (Row("GE0/0/1", descr="Li Ming", alias="Li Ming"), False),
        (Row("", descr="GigabitEthernet 1/1/1"), True),
    ],
    ids=["the name", "a longer name", "the name and a description", "the description", "the only name"],
)
def test_descriptions_stay(row: Row, leaves: bool) -> None:
    """What people wrote on a port does not leave the box in ifDescr either."""
    kept = Told(shown({1: row})).record()["columns"]["ifDescr"]["rows"]

    assert kept == ({"1": row.descr} if leaves else {})
