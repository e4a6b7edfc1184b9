"""
Whom does LLDP hear, and on which port?

*Method*: lldpRemTable is indexed by TimeMark, local port number and neighbour; of rows that differ by TimeMark only the newest counts
(RFC 4502 TimeFilter). The number of a local port is the agent's own count: lldpLocPortTable tells its name. A table whose rows
are numbered otherwise is not trusted, save that some agents leave out the TimeMark and name the port all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from probes._snmp.exchange import Oid, Value
from probes._switch import mib
from probes._switch.devices import device_of, lldp_capabilities
from probes._switch.mau import TYPES as MAU_TYPES
from probes._switch.model import Device, Neighbour
from probes._switch.naming import PortNames
from probes._switch.tables import Tables
from probes._switch.wording import PORT_LOCAL, PORT_MAC, address, chassis, port_id, system_name, words

WITH_TIME_MARK = 3
WITHOUT_TIME_MARK = 2


@dataclass(frozen=True, slots=True)
class Row:
    """Where the rows of one neighbour stand: the index of its columns, and the number of the local port in it."""

    index: Oid
    local: int


def lldp(tables: Tables, names: PortNames) -> Iterator[Neighbour]:
    """The neighbours of LLDP-MIB."""
    addresses = _addresses(tables, "lldpRemManAddrIfSubtype", WITH_TIME_MARK)
    for row in _rows(tables):
        local, told = local_port(tables, names, row.local)
        if len(row.index) == WITHOUT_TIME_MARK and not names.meant(_told_of(tables, row.local)):
            local = None
        if mib_number := tables.number("mtxrNeighborInterfaceID", row.index[-1:]) if row.local == 0 else None:
            local = mib_number if mib_number in names.ports else None
        yield heard(tables, "lldp", row.index, local, told, addresses.get(row.index, ()))


def _rows(tables: Tables) -> list[Row]:
    """The rows to read, in any order of TimeMarks; none of a table that is numbered as no agent should."""
    indexes = {
        index
        for name in mib.NEIGHBOURS
        if name.startswith("lldpRem") and "Man" not in name
        for index in tables.rows(name)
    }
    if {len(index) for index in indexes} == {1} and tables.rows("mtxrNeighborInterfaceID"):
        return [Row(index, 0) for index in sorted(indexes)]  # RouterOS before 7.7 numbers neighbours only
    if {len(index) for index in indexes} == {WITHOUT_TIME_MARK}:
        return [Row(index, index[0]) for index in sorted(indexes)]
    if any(len(index) != WITH_TIME_MARK for index in indexes):
        return []
    newest = {index[1:]: index for index in sorted(indexes)}
    return [Row(index, index[1]) for index in newest.values()]


def lldp_v2(tables: Tables, names: PortNames) -> Iterator[Neighbour]:
    """The neighbours of LLDP-V2-MIB, indexed by TimeMark, ifIndex, destination address and neighbour."""
    addresses = _addresses(tables, "lldpV2RemManAddrIfSubtype", WITH_TIME_MARK + 1)
    indexes = {index for name in mib.NEIGHBOURS_V2 if "Man" not in name for index in tables.rows(name)}
    if any(len(index) != WITH_TIME_MARK + 1 for index in indexes):
        return
    for index in {index[1:]: index for index in sorted(indexes)}.values():
        local = index[1] if index[1] in names.ports else None
        yield heard(tables, "lldp_v2", index, local, str(index[1]), addresses.get(index, ()))


PREFIX = {"lldp": "lldpRem", "lldp_v2": "lldpV2Rem", "vendor": "nmsLldpRem"}


def heard(tables: Tables, by: str, index: Oid, local: int | None, told: str, addresses: tuple[str, ...]) -> Neighbour:
    """One row of a table that has the columns of LLDP-MIB, under whatever number."""
    prefix = PREFIX[by]
    subtype = tables.number(f"{prefix}PortIdSubtype", index)
    identity = chassis(tables.number(f"{prefix}ChassisIdSubtype", index), tables.octets(f"{prefix}ChassisId", index))
    port = port_id(subtype, tables.octets(f"{prefix}PortId", index))
    name = system_name(tables.octets(f"{prefix}SysName", index))
    description = words(tables.octets(f"{prefix}SysDesc", index))
    ports = (port, words(tables.octets(f"{prefix}PortDesc", index)))
    return Neighbour(
        local=local,
        by=by,
        device=device_at(tables, prefix, index),
        name=name,
        chassis=identity,
        port_ids=tuple(dict.fromkeys(text for text in ports if text)),
        description=description,
        addresses=addresses,
        peer_bit_s=_mau_bit_s(tables.rows("lldpXdot3RemPortOperMauType").get(index)) if by == "lldp" else None,
        local_text=told,
    )


def device_at(tables: Tables, prefix: str, index: Oid) -> Device:
    """What the neighbour of one row is; a network card that announces its own address and nothing else stands in some host."""
    enabled = lldp_capabilities(tables.octets(f"{prefix}SysCapEnabled", index))
    supported = lldp_capabilities(tables.octets(f"{prefix}SysCapSupported", index))
    name, description = (tables.octets(f"{prefix}{column}", index) for column in ("SysName", "SysDesc"))
    told = (words(description), system_name(name))
    subtype = tables.number(f"{prefix}PortIdSubtype", index)
    identity = chassis(tables.number(f"{prefix}ChassisIdSubtype", index), tables.octets(f"{prefix}ChassisId", index))
    bare = subtype == PORT_MAC and port_id(subtype, tables.octets(f"{prefix}PortId", index)) == identity
    if bare and not (enabled or supported) and not any(told):
        return Device.STATION
    return device_of(enabled, supported, *told)


def _told_of(tables: Tables, local: int) -> tuple[str, str]:
    """What lldpLocPortTable writes of a local port: its ID and its description."""
    octets = tables.octets("lldpLocPortId", (local,))
    named = port_id(tables.number("lldpLocPortIdSubtype", (local,)), octets)
    return named, words(tables.octets("lldpLocPortDesc", (local,)))


def local_port(tables: Tables, names: PortNames, number: int) -> tuple[int | None, str]:
    """The ifIndex of a port that LLDP knows by this number, None where none fits or two fit; and what was told of it."""
    written = _told_of(tables, number)
    told = next((text for text in written if text), str(number))
    meant = names.meant(written)
    counted = [at for at in _counted(tables, number, written[0], len(names.ports)) if at in names.ports]
    if not meant:
        return next(iter(counted), None), told
    # Names that several ports bear, as in a stack: the number may tell which of them.
    return names.one(meant) or next((at for at in counted if at in meant), None), told


def _counted(tables: Tables, number: int, written: str, ports: int) -> list[int]:
    """The ifIndexes that a port number may stand for, the likeliest first."""
    base = tables.number("dot1dBasePortIfIndex", (number,))
    local = tables.number("lldpLocPortIdSubtype", (number,)) in (None, PORT_LOCAL)
    # An ID of digits is an ifIndex (Juniper, Alcatel), unless it merely repeats a number that may count ports.
    means_index = written.isdecimal() and local and (int(written) != number or number > ports)
    own = [int(written)] if means_index else []
    return [*own, *([base] if base else []), number]


def _mau_bit_s(value: Value) -> int | None:
    """The rate of the MAU type that the other end announces in bit/s, None for one that is not known."""
    mau = MAU_TYPES.get(value) if isinstance(value, int) else None
    return mau.bit_s if mau else None


def _addresses(tables: Tables, column: str, head: int) -> Mapping[Oid, tuple[str, ...]]:
    """Management addresses by the index of their neighbour; they stand in the index: family, length (not always), octets."""
    found: dict[Oid, tuple[str, ...]] = {}
    for index in tables.rows(column):
        written = _address_in(index[head:])
        if written:
            found[index[:head]] = tuple(dict.fromkeys((*found.get(index[:head], ()), written)))
    return found


def _address_in(rest: Oid) -> str:
    """The address in what follows a neighbour's index, empty for one of another family or a broken one."""
    family, octets = rest[:1], rest[1:]
    if octets[:1] in ((4,), (16,)):  # the length; some agents leave it out, but then its first number is hardly 4 or 16
        octets = octets[1:]
    if (family, len(octets)) not in (((1,), 4), ((2,), 16)) or any(part > 255 for part in octets):
        return ""
    return address(bytes(octets))
