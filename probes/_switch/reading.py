"""
What does one switch tell, asked table by table?

*Method*: first one small question, so that who does not answer is not asked the long ones; then the four columns without
which nothing can be said, then everything else in the order of its worth, until the end or the deadline. Time since start
and the number of interfaces are read before and after: a switch that restarted or renumbered meanwhile is read once more,
and after that nothing read of it can be joined.

What it does not prove: that the switch tells the truth.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Exchange, Oid, Value
from probes._snmp.walk import End, Walk, Walker
from probes._switch import mib
from probes._switch.model import NAMED
from probes._switch.names import is_written
from probes._switch.neighbours_lldp import device_at
from probes._switch.neighbours_vendor import cdp_device_at
from probes._switch.tables import Tables, number, text

TRIES = 2
KEPT = 0.1  # of the time given to a switch, for the clock and the counters at the end
# Columns whose octets are text in whatever script; elsewhere octets that are no plain text are shown in hex.
TEXTS = ("Descr", "Desc", "Name", "Location", "SerialNum", "Platform", "Version")
GUARD = {"sysUpTime": mib.SYS_UP_TIME, "ifNumber": mib.SCALARS["ifNumber"]}


@dataclass(frozen=True, slots=True)
class Told:
    """
    What one switch told: its tables, and a failure where its ports are not all among them.

    `heard` is false where it gave no sign at all, so that another of its addresses may be tried.
    """

    tables: Tables = field(default_factory=Tables)
    failure: Failure | None = None
    detail: str = ""
    heard: bool = False

    def record(self) -> dict[str, Any]:
        """The columns as plain values, for the raw evidence; of what names people's devices only the number of rows."""
        return {
            "failure": self.failure.value if self.failure else None,
            "detail": self.detail,
            "scalars": {name: _plain(name, value) for name, value in self.tables.scalars.items()},
            "columns": {name: _column(self.tables, name, walk) for name, walk in self.tables.walks.items()},
        }


async def read_switch(
    exchange: Exchange, subject: str, silence: str, deadline_s: float, wan: Sequence[str] = ()
) -> Told:
    """
    Read one switch; trouble ends up in `failure`, and what was read before it is kept.

    `deadline_s` is on the monotonic clock, `wan` are the ifNames of ports that lead out of the school. `silence` says in words
    what to suspect where there is no answer at all: SNMP has one silence for many reasons.
    """
    # A big chassis may not come to the end of its tables: what is asked last has time kept for it.
    now_s = time.monotonic()
    walker, closing = Walker(exchange, deadline_s - (deadline_s - now_s) * KEPT), Walker(exchange, deadline_s)
    scalars: dict[str, Value] = {}
    walks: dict[str, Walk] = {}
    heard = False
    try:
        for _ in range(TRIES):
            # 1. One small question first.
            before = await _guard(walker)
            heard = True
            # 2. Who it is, its interfaces, and all else.
            scalars |= _named(mib.SCALARS, await walker.get(list(mib.SCALARS.values())))
            walks = await _together(walker, mib.INTERFACES)
            if not _trouble(subject, walks)[0]:
                walks |= await _all_else(walker, Tables(scalars, walks))
                walks |= await _counters(closing, Tables(scalars, walks), wan)
            # 3. The clock again.
            if _is_same(before, await _guard(closing)):
                return Told(Tables(scalars, walks), *_trouble(subject, walks), heard)
    except Unmeasurable as why:
        heard = heard or why.failure is not Failure.TIMED_OUT
        detail = f"{subject}: {why.detail}" if heard else f"no answer from {subject}: {silence}"
        return Told(Tables(scalars, walks), why.failure, detail, heard)
    return Told(Tables(scalars), Failure.UNREADABLE, f"{subject} restarted or renumbered while it was read", heard)


async def _guard(walker: Walker) -> Mapping[str, Value]:
    """Time since start in hundredths of a second, and the number of interfaces."""
    return _named(GUARD, await walker.get(list(GUARD.values())))


def _is_same(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    """Whether the switch neither restarted nor got or lost an interface between the two."""
    started, now = number(before.get("sysUpTime")) or 0, number(after.get("sysUpTime")) or 0
    # Time since start wraps after 497 days: a step back from near the top is none.
    return (now >= started or started > 0xFFFF_0000) and before.get("ifNumber") == after.get("ifNumber")


async def _together(walker: Walker, columns: Mapping[str, Oid]) -> dict[str, Walk]:
    """Some columns of one table, row by row: rows that come and go stay whole, and an empty table costs one question."""
    return dict(zip(columns, await walker.walk_together(list(columns.values())), strict=True))


async def _all_else(walker: Walker, tables: Tables) -> dict[str, Walk]:
    """What is worth knowing beside the interfaces, the long tables last; what cannot be read stays unknown."""
    details = {**mib.PORT_DETAILS, **mib.NEIGHBOURS}
    vendor = {**mib.CDP, **mib.VENDOR.get(tables.enterprise or 0, {})}
    walks = await _tables(walker, details, vendor, mib.AGGREGATES)
    if not Tables(walks=walks).rows("lldpRemChassisId"):
        walks |= await _tables(walker, mib.NEIGHBOURS_V2)
    walks |= await _tables(walker, mib.ROUTES, mib.INVENTORY, mib.STATIONS)
    if not Tables(walks=walks).rows("dot1qTpFdbPort"):
        walks |= await _tables(walker, mib.STATIONS_UNTAGGED)
    return walks | await _tables(walker, mib.ADDRESSES)


async def _tables(walker: Walker, *groups: Mapping[str, Oid]) -> dict[str, Walk]:
    """Groups of columns, table by table."""
    walks: dict[str, Walk] = {}
    for table in (table for group in groups for table in _by_table(group)):
        walks |= await _together(walker, table)
    return walks


async def _counters(walker: Walker, tables: Tables, wan: Sequence[str]) -> dict[str, Walk]:
    """Octets through the ports that lead out: those that the school named, and those of the default route."""
    ways_out = {number(value) for column in mib.ROUTES for value in tables.rows(column).values()}
    indexes = [index for index, name in tables.rows("ifName").items() if text(name) in wan or index[0] in ways_out]
    asked = {(*oid, *index): (name, index) for name, oid in mib.COUNTERS.items() for index in indexes}
    found: dict[str, dict[Oid, Value]] = {name: {} for name in mib.COUNTERS}
    for oid, value in (await walker.get(list(asked))).items() if asked else ():
        name, index = asked[oid]
        found[name][index] = value
    return {name: Walk(rows, End.LEFT_SUBTREE) for name, rows in found.items()}


def _by_table(columns: Mapping[str, Oid]) -> list[dict[str, Oid]]:
    """Columns grouped by the table that they stand in."""
    tables: dict[Oid, dict[str, Oid]] = {}
    for name, oid in columns.items():
        tables.setdefault(oid[:-1], {})[name] = oid
    return list(tables.values())


def _named(names: Mapping[str, Oid], values: Mapping[Oid, Value]) -> dict[str, Value]:
    """Objects by their names, those that the switch has."""
    return {name: values[oid] for name, oid in names.items() if oid in values}


def _trouble(subject: str, walks: Mapping[str, Walk]) -> tuple[Failure | None, str]:
    """The first reason why the interfaces read are not all there are."""
    for name in mib.INTERFACES:
        walk = walks.get(name)
        if walk is not None and walk.failure:
            return walk.failure, f"{subject}: {name} ended early ({walk.end_reason}); {len(walk.rows)} rows were read"
    if "ifType" in walks and not walks["ifType"].rows:
        return Failure.UNREADABLE, f"{subject} answers but shows no interface: its view may leave out IF-MIB"
    return None, ""


def unread(tables: Tables) -> Sequence[str]:
    """The columns whose walk did not reach its end."""
    return [name for name, walk in tables.walks.items() if not walk.complete]


def _column(tables: Tables, name: str, walk: Walk) -> dict[str, Any]:
    """One column for the raw evidence."""
    head = {"end": walk.end_reason.value, "complete": walk.complete, "count": len(walk.rows)}
    if name in mib.PERSONAL:
        return head
    rows = {index: value for index, value in walk.rows.items() if _may_leave(tables, name, index)}
    return {**head, "rows": {".".join(map(str, index)): _plain(name, value) for index, value in rows.items()}}


def _may_leave(tables: Tables, name: str, index: Oid) -> bool:
    """Whether a row is of the switch itself, or of a neighbour that is a switch, a router or an access point."""
    if name == "ifDescr":
        return not is_written(*(tables.text(column, index) for column in ("ifName", "ifDescr", "ifAlias")))
    for begins, (columns, length) in mib.NEIGHBOUR_ROWS.items():
        if name.startswith(begins):
            row = index[:length]
            device = cdp_device_at(tables, row) if columns == "cdpCache" else device_at(tables, columns, row)
            return device in NAMED
    return True


def _plain(column: str, value: Value) -> int | str | None:
    """A value for JSON: numbers, text, object names with dots, other octets in hex."""
    if isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    if not isinstance(value, bytes):
        return None
    return text(value) if column.endswith(TEXTS) or _is_ascii(value) else value.hex()


def _is_ascii(value: bytes) -> bool:
    """Whether octets are plain ASCII text, as a port's name is and a hardware address hardly ever."""
    return all(0x20 <= octet < 0x7F for octet in value)
