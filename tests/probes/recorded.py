"""
What did a real switch say?

Reads an SNMP walk kept as `OID|type|value` lines (the format of snmpsim) into plain values, and into the `Tables` that the
probe would have read. The recordings lie beside the project and are not part of it: without them their tests are skipped.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from probes._snmp.exchange import Oid, Value
from probes._snmp.walk import End, Walk
from probes._switch import mib
from probes._switch.tables import Tables

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "recordings" / "switches"
INTEGERS = {"2", "65", "66", "67", "70"}
COLUMNS = {
    name: oid
    for group in (
        mib.INTERFACES,
        mib.PORT_DETAILS,
        mib.AGGREGATES,
        mib.INVENTORY,
        mib.NEIGHBOURS,
        mib.NEIGHBOURS_V2,
        mib.STATIONS,
        mib.STATIONS_UNTAGGED,
        mib.ADDRESSES,
        mib.ROUTES,
        *mib.VENDOR.values(),
    )
    for name, oid in group.items()
}


def recording(name: str) -> dict[Oid, Value]:
    """All objects of one recording; skips the test where the recordings are not beside the project."""
    path = RECORDINGS / f"{name}.snmprec"
    if not path.exists():
        pytest.skip(f"the recordings of real switches are not beside this project: no {path.name}")
    lines = path.read_text("latin-1").splitlines()
    return {oid: value for oid, value in map(_object, lines) if oid}


def _object(line: str) -> tuple[Oid, Value]:
    """One line; an object of a kind that is not used here has no value."""
    name, kind, value = [*line.split("|", 2), "", ""][:3]
    if not name.replace(".", "").isdigit():
        return (), None
    oid = tuple(int(part) for part in name.strip(".").split("."))
    return oid, _value(kind, value)


def _value(kind: str, value: str) -> Value:
    """A value by its tag (ASN.1, `x` for hex octets); None for one that the recorder has broken."""
    tag, in_hex = kind.rstrip("xe"), kind.endswith("x")
    if tag in INTEGERS:
        return int(value)
    if tag == "6":
        return tuple(int(part) for part in value.strip(".").split("."))
    if tag == "64" and not in_hex:
        return IPv4Address(value).packed
    if not in_hex:
        return value.encode("latin-1")
    return bytes.fromhex(value) if len(value) % 2 == 0 else None


def tables_of(objects: dict[Oid, Value]) -> Tables:
    """The tables that a complete reading of these objects gives."""
    ordered = sorted(objects)
    scalars = {name: objects[oid] for name, oid in mib.SCALARS.items() if oid in objects}
    walks = {
        name: Walk({o[len(column) :]: objects[o] for o in ordered if o[: len(column)] == column}, End.LEFT_SUBTREE)
        for name, column in COLUMNS.items()
    }
    return Tables(scalars, walks)


def tables(name: str) -> Tables:
    """The tables of one recording."""
    return tables_of(recording(name))
