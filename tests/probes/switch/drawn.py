"""Switches for the tests, drawn in a few words: rows of tables by the names that the MIBs give them, and ports that are up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probes._snmp.exchange import Oid, Value
from probes._snmp.walk import End, Walk
from probes._switch.model import Kind, Speed, Status, SwitchPort
from probes._switch.tables import Tables

GIGABIT = 1_000_000_000
TEN = 10 * GIGABIT


def index_of(written: int | str) -> Oid:
    """`0.3.1` as an index."""
    return tuple(int(part) for part in str(written).split("."))


def drawn(scalars: Mapping[str, Value] | None = None, **columns: Mapping[Any, Any]) -> Tables:
    """Tables of these columns, each `{index: value}`; text stands for its octets."""
    walks = {
        name: Walk(
            {index_of(index): value.encode() if isinstance(value, str) else value for index, value in rows.items()},
            End.LEFT_SUBTREE,
        )
        for name, rows in columns.items()
    }
    return Tables(scalars or {}, walks)


def port(index: int, name: str, bit_s: int | None = GIGABIT, **more: Any) -> SwitchPort:
    """A port that is up and whose speed is as the switch reports it."""
    status = Status.UNKNOWN if bit_s is None else Status.REPORTED
    given = {"kind": Kind.PHYSICAL, "oper": 1, "speed": Speed(status, bit_s), "name": name, "label": name}
    return SwitchPort(index=index, **{**given, **more})


def group(index: int, name: str, members: tuple[int, ...], each_bit_s: int = TEN, **more: Any) -> SwitchPort:
    """An aggregate of ports that are all up."""
    given = {"kind": Kind.LAG, "members": members, "members_up": len(members), "largest_bit_s": each_bit_s}
    return port(index, name, each_bit_s * len(members), **{**given, **more})


def ports_in(tables: Tables) -> tuple[SwitchPort, ...]:
    """All interfaces of type Ethernet in recorded tables, as far as a neighbour asks for them."""
    return tuple(
        port(
            index[-1],
            tables.text("ifName", index) or tables.text("ifDescr", index),
            descr=tables.text("ifDescr", index),
            alias=tables.text("ifAlias", index),
            oper=tables.number("ifOperStatus", index),
        )
        for index in tables.rows("ifType")
        if tables.number("ifType", index) in (6, 117)
    )
