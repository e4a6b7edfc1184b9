"""Interfaces of a switch for the tests, each in one line, as IF-MIB would show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from probes._switch.model import SwitchPort
from probes._switch.ports import ports_of
from probes._switch.tables import Tables
from tests.probes.switch.drawn import drawn


@dataclass(frozen=True)
class Row:
    """One interface; what is None is not shown. `high` is ifHighSpeed, `low` ifSpeed, `plug` ifConnectorPresent."""

    name: str
    high: int | None = 1000
    low: int | None = None
    oper: int | None = 1
    if_type: int = 6
    descr: str | None = None
    alias: str | None = None
    plug: int | None = None


COLUMNS = {
    "ifType": "if_type",
    "ifOperStatus": "oper",
    "ifName": "name",
    "ifHighSpeed": "high",
    "ifDescr": "descr",
    "ifSpeed": "low",
    "ifConnectorPresent": "plug",
    "ifAlias": "alias",
}


def shown(rows: dict[int, Row], **columns: dict[Any, Any]) -> Tables:
    """The tables of a switch with these interfaces by ifIndex, and further columns."""
    standard = {
        column: {index: getattr(row, field) for index, row in rows.items() if getattr(row, field) is not None}
        for column, field in COLUMNS.items()
    }
    return drawn({}, **standard, **columns)


def read(rows: dict[int, Row], **columns: dict[Any, Any]) -> dict[int, SwitchPort]:
    """What counts of these interfaces, by ifIndex."""
    return {port.index: port for port in ports_of(shown(rows, **columns))}


def one(row: Row, **columns: dict[Any, Any]) -> SwitchPort:
    """The port that a single interface, ifIndex 1, makes."""
    return read({1: row}, **columns)[1]
