"""
Whom does a port hear by what is not LLDP-MIB?

*Method*: CDP (CISCO-CDP-MIB) and the tables in which TP-Link, MikroTik and BDCOM (and those who sell its switches) keep what LLDP
hears. Their indexes begin with an ifIndex, or name one in a column.
"""

from __future__ import annotations

from collections.abc import Iterator

from probes._snmp.exchange import Oid
from probes._switch import mib
from probes._switch.devices import NONE, cdp_capabilities, device_of, lldp_capabilities
from probes._switch.model import Device, Neighbour
from probes._switch.naming import PortNames
from probes._switch.neighbours_lldp import heard
from probes._switch.tables import Tables
from probes._switch.wording import address, chassis, mac_of, mac_text, port_id, system_name, words

DOT1D = "dot1dBasePortIfIndex"


def cdp(tables: Tables, names: PortNames) -> Iterator[Neighbour]:
    """The neighbours of CDP, indexed by ifIndex and neighbour."""
    for index in _indexes(tables, *mib.CDP):
        if len(index) != 2:
            return
        identity = words(tables.octets("cdpCacheDeviceId", index))
        mac = mac_text(tables.octets("cdpCacheDeviceId", index)) or mac_text(mac_of(identity, bare=True))
        yield Neighbour(
            local=index[0] if index[0] in names.ports else None,
            by="cdp",
            device=cdp_device_at(tables, index),
            name="" if mac else system_name(identity.encode()),
            chassis=mac,
            port_ids=_texts(words(tables.octets("cdpCacheDevicePort", index))),
            description=words(tables.octets("cdpCachePlatform", index)),
            addresses=_texts(address(tables.octets("cdpCacheAddress", index))),
            local_text=str(index[0]),
        )


def cdp_device_at(tables: Tables, index: Oid) -> Device:
    """What the neighbour of one row of CDP is."""
    able = cdp_capabilities(tables.octets("cdpCacheCapabilities", index))
    platform, identity = (words(tables.octets(f"cdpCache{column}", index)) for column in ("Platform", "DeviceId"))
    return device_of(able, NONE, platform, identity)


def nms(tables: Tables, names: PortNames) -> Iterator[Neighbour]:
    """The neighbours of NMS-LLDP-MIB; the local port is the column, or else the middle of an index as LLDP-MIB has it."""
    for index in _indexes(tables, *mib.NMS_COLUMNS):
        number = tables.number("nmsLldpRemLocalPortNum", index)
        if number is None and len(index) == 3:
            number = tables.number(DOT1D, (index[1],)) or index[1]
        yield heard(tables, "vendor", index, number if number in names.ports else None, str(number or ""), ())


def tp_link(tables: Tables, names: PortNames) -> Iterator[Neighbour]:
    """The neighbours of TPLINK-LLDPINFO-MIB, indexed by ifIndex and neighbour; some count ports there, and name them in a column."""
    for index in _indexes(tables, *_columns(11863, "lldpNeighbor")):
        told = words(tables.octets("lldpNeighborPortId", index))
        name = system_name(tables.octets("lldpNeighborDeviceName", index))
        description = words(tables.octets("lldpNeighborDeviceDescr", index))
        ports = (
            port_id(None, tables.octets("lldpNeighborPortIdDescr", index)),
            words(tables.octets("lldpNeighborPortDescr", index)),
        )
        yield Neighbour(
            local=index[0] if index[0] in names.ports else names.one(names.named(told)),
            by="vendor",
            device=device_of(
                lldp_capabilities(tables.octets("lldpNeighborCapEnabled", index)),
                lldp_capabilities(tables.octets("lldpNeighborCapAvailable", index)),
                description,
                name,
            ),
            name=name,
            chassis=chassis(None, tables.octets("lldpNeighborChassisId", index)),
            port_ids=_texts(*ports),
            description=description,
            addresses=_texts(address(tables.octets("lldpNeighborManageIpAddr", index))),
            local_text=told or str(index[0]),
        )


def mikrotik(tables: Tables, names: PortNames) -> Iterator[Neighbour]:
    """The neighbours of MIKROTIK-MIB: they name no port of the other end."""
    for index in _indexes(tables, *_columns(14988, "mtxrNeighbor")):
        number = tables.number("mtxrNeighborInterfaceID", index)
        name = system_name(tables.octets("mtxrNeighborIdentity", index))
        platform = words(tables.octets("mtxrNeighborPlatform", index))
        version = words(tables.octets("mtxrNeighborVersion", index))
        yield Neighbour(
            local=number if number in names.ports else None,
            by="vendor",
            device=device_of(NONE, NONE, f"{platform} {version}", name),
            name=name,
            chassis=chassis(4, tables.octets("mtxrNeighborMacAddress", index)),
            description=f"{platform} {version}".strip(),
            addresses=_texts(address(tables.octets("mtxrNeighborIpAddress", index))),
            local_text=str(number or ""),
        )


def _indexes(tables: Tables, *columns: str) -> list[Oid]:
    """The indexes of all rows that any of these columns has."""
    return sorted({index for column in columns for index in tables.rows(column) if index})


def _texts(*texts: str) -> tuple[str, ...]:
    """Those that say something, each once."""
    return tuple(dict.fromkeys(text for text in texts if text))


def _columns(enterprise: int, prefix: str) -> list[str]:
    """The columns of a vendor's neighbour table."""
    return [name for name in mib.VENDOR[enterprise] if name.startswith(prefix)]
