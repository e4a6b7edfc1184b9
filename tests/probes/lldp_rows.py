"""What does a switch's LLDP-MIB hold of a neighbour? Rows written from the MIB (IEEE 802.1AB-2005)."""

from __future__ import annotations

from ipaddress import ip_address

from probes._snmp.exchange import Oid, Value
from probes._switch import mib

MAC_ADDRESS, INTERFACE_NAME = 4, 5  # LldpChassisIdSubtype macAddress, LldpPortIdSubtype interfaceName
BRIDGE, PHONE, STATION = b"\x20\x00", b"\x24\x00", b"\x01\x00"  # LldpSystemCapabilitiesMap; telephones bridge too
ADDRESS_FAMILY = {4: 1, 6: 2}  # IANA address family numbers


def chassis(number: int) -> bytes:
    """The chassis ID of a made-up device."""
    return bytes((2, 0, 0, 0, 0, number))


def itself(name: str, number: int, ports: dict[int, str]) -> dict[Oid, Value]:
    """What a device says of itself: its name, its chassis, and its ports by ifIndex."""
    rows: dict[Oid, Value] = {
        mib.SCALARS["sysName"]: name.encode(),
        mib.SCALARS["lldpLocSysName"]: name.encode(),
        mib.SCALARS["lldpLocChassisIdSubtype"]: MAC_ADDRESS,
        mib.SCALARS["lldpLocChassisId"]: chassis(number),
    }
    for index, port in ports.items():
        rows[*mib.NEIGHBOURS["lldpLocPortIdSubtype"], index] = INTERFACE_NAME
        rows[*mib.NEIGHBOURS["lldpLocPortId"], index] = port.encode()
    return rows


def hears(
    local: int, number: int, name: str, port: str, addresses: tuple[str, ...] = (), says: bytes = BRIDGE
) -> dict[Oid, Value]:
    """One neighbour heard on the port with this ifIndex, its chassis by number, and its management addresses."""
    column, index = mib.NEIGHBOURS, (0, local, number)
    rows: dict[Oid, Value] = {
        (*column["lldpRemChassisIdSubtype"], *index): MAC_ADDRESS,
        (*column["lldpRemChassisId"], *index): chassis(number),
        (*column["lldpRemPortIdSubtype"], *index): INTERFACE_NAME,
        (*column["lldpRemPortId"], *index): port.encode(),
        (*column["lldpRemSysName"], *index): name.encode(),
        (*column["lldpRemSysCapSupported"], *index): says,
        (*column["lldpRemSysCapEnabled"], *index): says,
    }
    for text in addresses:
        octets = ip_address(text).packed
        where = (ADDRESS_FAMILY[ip_address(text).version], len(octets), *octets)
        rows[*column["lldpRemManAddrIfSubtype"], *index, *where] = 2
    return rows
