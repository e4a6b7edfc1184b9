"""
What does one controller tell, asked table by table?

*Method*: first one small question, so that who does not answer is not asked the long ones; its identity names the maker, or, where it
does not (an access point with a plain Linux agent says nothing of itself), the maker whose first table it has. Then that maker's tables, those
first without which it has not answered. Time since start is read before and after: a controller that restarted meanwhile is read
once more, and after that nothing read of it can be joined.

What it does not prove: that the controller tells the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evidence.model import Failure, Unmeasurable
from probes._aps import mib
from probes._aps.listing import listing
from probes._aps.mib import FAMILIES, IDENTITY, Family
from probes._aps.model import Listing
from probes._aps.numbers import address
from probes._aps.spoken import FAMILIES as SPOKEN
from probes._snmp.exchange import Exchange, Oid, Value
from probes._snmp.walk import Walk, Walker
from probes._switch.mib import SYS_UP_TIME
from probes._switch.tables import Tables, number, text

TRIES = 2
TEXTS = ("name", "model", "group", "location", "template", "ssid", "text")
BEFORE_THE_WRAP = 0xFFFF_0000  # hundredths of a second: time since start begins anew after 497 days


@dataclass(frozen=True, slots=True)
class Told:
    """
    What one controller told over SNMP: its tables, and a failure where its access points are not all among them.

    `heard` is false where it gave no sign at all, so that another of its addresses may be tried.
    """

    family: Family | None = None
    tables: Tables = field(default_factory=Tables)
    failure: Failure | None = None
    detail: str = ""
    heard: bool = False
    roamed: int | None = None

    @property
    def listing(self) -> Listing:
        """What its tables say."""
        return Listing() if self.family is None else listing(self.family, self.tables)

    def record(self) -> dict[str, Any]:
        """The columns as plain values, for the raw evidence."""
        objects = self.family.columns if self.family else {}
        return {
            "family": self.family.name if self.family else "",
            "failure": self.failure.value if self.failure else None,
            "detail": self.detail,
            "scalars": {name: _plain(name, value) for name, value in self.tables.scalars.items()},
            "columns": {name: _column(name, objects[name], walk) for name, walk in self.tables.walks.items()},
        }


async def read_controller(
    exchange: Exchange, subject: str, silence: str, vendor: str, stations: Sequence[str], deadline_s: float
) -> Told:
    """
    Read one controller; trouble ends up in `failure`, and what was read before it is kept.

    `deadline_s` is on the monotonic clock. `vendor` names its maker, or is empty. `stations` are hardware addresses of this box, whose
    hand-overs are counted. `silence` says in words what to suspect where there is no answer at all.
    """
    walker, told = Walker(exchange, deadline_s), Told()
    try:
        for _ in range(TRIES):
            # 1. One small question first: who it is, and since when.
            before = await _up_time(walker)
            told = Told(heard=True)
            scalars = _named(await walker.get(list(IDENTITY.values())))
            # 2. Whose tables it has, and those tables.
            family = await _family(walker, Tables(scalars), vendor)
            told = await _read(walker, subject, family, scalars, vendor)
            roamed = await _roamed(walker, family, stations)
            # 3. The clock again.
            if _goes_on(before, await _up_time(walker)):
                return Told(told.family, told.tables, told.failure, told.detail, heard=True, roamed=roamed)
    except Unmeasurable as why:
        heard = told.heard or why.failure is not Failure.TIMED_OUT
        detail = f"{subject}: {why.detail}" if heard else f"no answer from {subject}: {silence}"
        return Told(told.family, told.tables, why.failure, detail, heard)
    return Told(failure=Failure.UNREADABLE, detail=f"{subject} restarted while it was read", heard=True)


async def _up_time(walker: Walker) -> int:
    """Time since start in hundredths of a second, nought where it has none."""
    return number((await walker.get([SYS_UP_TIME])).get(SYS_UP_TIME)) or 0


def _goes_on(before: int, after: int) -> bool:
    """Whether a controller has not restarted between the two."""
    return after >= before or before > BEFORE_THE_WRAP


def _named(values: Mapping[Oid, Value]) -> dict[str, Value]:
    """What it says of itself, by the names of the objects."""
    return {name: values[oid] for name, oid in IDENTITY.items() if oid in values}


async def _family(walker: Walker, tables: Tables, vendor: str) -> Family | None:
    """The family whose tables to read: of those that the list or the identity names, else of all, the first that has any."""
    named = [one for one in FAMILIES if one.name == vendor]
    own = named or [one for one in FAMILIES if tables.enterprise in one.enterprises]
    if vendor and not named:
        return None
    for family in own or FAMILIES:
        if len(own) == 1 or (await walker.walk(family.first)).rows:
            return family
    return own[0] if own else None


async def _read(walker: Walker, subject: str, family: Family | None, scalars: Mapping[str, Value], vendor: str) -> Told:
    """The tables of the family, or why there are none to read."""
    if family is None:
        return Told(None, Tables(scalars), Failure.NOT_SUPPORTED, f"{subject}: {_no_family(vendor)}", heard=True)
    walks: dict[str, Walk] = {}
    for table in _by_table(family.columns):
        walks |= dict(zip(table, await walker.walk_together(list(table.values())), strict=True))
        if any(name in walks and walks[name].failure for name in family.needed):
            break  # it has not answered, whatever else it would tell
    tables = Tables(scalars, walks)
    return Told(family, tables, *_trouble(subject, family, tables), heard=True)


def _no_family(vendor: str) -> str:
    """Why there are no tables to read, in words."""
    if vendor in SPOKEN:
        return f"of {vendor} no tables are known here: it is asked over SSH, for which the box needs a login in its config.toml"
    makers = ", ".join(dict.fromkeys(one.name for one in FAMILIES))
    what = (
        f"{vendor!r} is no maker that is known here" if vendor else "it shows the tables of no maker that is known here"
    )
    return f"{what}; over SNMP there are {makers}"


def _trouble(subject: str, family: Family, tables: Tables) -> tuple[Failure | None, str]:
    """The first reason why the access points read are not all there are."""
    for name in family.needed:
        walk = tables.walks.get(name)
        if walk is not None and walk.failure:
            return walk.failure, f"{subject}: {name} ended early ({walk.end_reason}); {len(walk.rows)} rows were read"
    if not listing(family, tables).aps:
        return (
            Failure.UNREADABLE,
            f"{subject} answers but shows no access point: its view may leave out {family.name}'s tables",
        )
    return None, ""


async def _roamed(walker: Walker, family: Family | None, stations: Sequence[str]) -> int | None:
    """How often the controller saw this box being handed over; None where it was not asked or does not say."""
    column = mib.ROAMED.get(family.name) if family else None
    if column is None or not stations:
        return None
    if family is mib.H3C_WLAN:
        walk = await walker.walk(column)
        heard = [address(value) for value in walk.rows.values()]
        # One row for each network that a station was in: one hand-over less.
        return sum(max(0, heard.count(one) - 1) for one in set(stations)) if walk.complete else None
    walks = await walker.walk_together(
        [(*column, *bytes.fromhex(one.replace(":", ""))) for one in sorted(set(stations))]
    )
    if not all(walk.complete for walk in walks):
        return None
    return sum(
        value in (1, 2) for walk in walks for value in walk.rows.values()
    )  # l2, l3; 3 is the first network of all


def _by_table(columns: Mapping[str, Oid]) -> list[dict[str, Oid]]:
    """Columns grouped by the table that they stand in, in the order in which they are listed."""
    tables: dict[Oid, dict[str, Oid]] = {}
    for name, oid in columns.items():
        tables.setdefault(oid[:-1], {})[name] = oid
    return list(tables.values())


def unread(tables: Tables) -> Sequence[str]:
    """The columns whose walk did not reach its end."""
    return [name for name, walk in tables.walks.items() if not walk.complete]


def _column(name: str, oid: Oid, walk: Walk) -> dict[str, Any]:
    """One column for the raw evidence."""
    rows = {".".join(map(str, index)): _plain(name, value) for index, value in walk.rows.items()}
    return {"object": ".".join(map(str, oid)), "end": walk.end_reason.value, "complete": walk.complete, "rows": rows}


def _plain(column: str, value: Value) -> int | str | None:
    """A value for JSON: numbers, text, object names with dots, other octets in hex."""
    if isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    if not isinstance(value, bytes):
        return None
    return text(value) if column.endswith(TEXTS) or column in IDENTITY else value.hex()
