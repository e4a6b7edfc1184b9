"""
Which objects of a switch are asked, and where do they stand?

Every object that this probe may ask a switch for stands here once, by its name in its MIB: the scan notice is printed from
this list. Nothing is ever written.
"""

from __future__ import annotations

from probes._snmp.exchange import Oid

MIB_2: Oid = (1, 3, 6, 1, 2, 1)
ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)
LLDP: Oid = (1, 0, 8802, 1, 1, 2, 1)  # LLDP-MIB, IEEE 802.1AB-2005
LLDP_V2: Oid = (1, 3, 111, 2, 802, 1, 1, 13, 1)  # LLDP-V2-MIB, IEEE 802.1AB-2009
LAG: Oid = (1, 2, 840, 10006, 300, 43, 1)  # IEEE8023-LAG-MIB
HUAWEI: Oid = (*ENTERPRISES, 2011, 5, 25)
RUIJIE: Oid = (*ENTERPRISES, 4881, 1, 1, 10, 2)
H3C: Oid = (*ENTERPRISES, 25506, 2)
HP_TRANSCEIVER: Oid = (*ENTERPRISES, 11, 2, 14, 11, 5, 1, 82, 1, 1, 1, 1)
MIKROTIK: Oid = (*ENTERPRISES, 14988, 1, 1)
TP_LINK_LLDP: Oid = (*ENTERPRISES, 11863, 6, 35, 1, 2, 2, 1)

SCALARS: dict[str, Oid] = {
    # SNMPv2-MIB, RFC 3418
    "sysDescr": (*MIB_2, 1, 1, 0),
    "sysObjectID": (*MIB_2, 1, 2, 0),
    "sysName": (*MIB_2, 1, 5, 0),
    "sysLocation": (*MIB_2, 1, 6, 0),
    # IF-MIB, RFC 2863
    "ifNumber": (*MIB_2, 2, 1, 0),
    "ifTableLastChange": (*MIB_2, 31, 1, 5, 0),
    # IP-MIB, RFC 4293
    "ipForwarding": (*MIB_2, 4, 1, 0),
    # BRIDGE-MIB, RFC 4188
    "dot1dBaseBridgeAddress": (*MIB_2, 17, 1, 1, 0),
    "dot1dStpDesignatedRoot": (*MIB_2, 17, 2, 5, 0),
    "dot1dStpRootPort": (*MIB_2, 17, 2, 7, 0),
    # LLDP-MIB
    "lldpLocChassisIdSubtype": (*LLDP, 3, 1, 0),
    "lldpLocChassisId": (*LLDP, 3, 2, 0),
    "lldpLocSysName": (*LLDP, 3, 3, 0),
}
SYS_UP_TIME: Oid = (*MIB_2, 1, 3, 0)

# Without all rows of these a switch has not answered: a port that was left out may be the slow one.
INTERFACES: dict[str, Oid] = {
    "ifType": (*MIB_2, 2, 2, 1, 3),
    "ifOperStatus": (*MIB_2, 2, 2, 1, 8),
    "ifName": (*MIB_2, 31, 1, 1, 1, 1),
    "ifHighSpeed": (*MIB_2, 31, 1, 1, 1, 15),
}
# What else is known of an interface; a row that is missing leaves that one thing unknown.
PORT_DETAILS: dict[str, Oid] = {
    "ifDescr": (*MIB_2, 2, 2, 1, 2),
    "ifSpeed": (*MIB_2, 2, 2, 1, 5),
    "ifConnectorPresent": (*MIB_2, 31, 1, 1, 1, 17),
    "ifAlias": (*MIB_2, 31, 1, 1, 1, 18),
    "dot3StatsDuplexStatus": (*MIB_2, 10, 7, 2, 1, 19),  # EtherLike-MIB, RFC 3635
    "ifMauType": (*MIB_2, 26, 2, 1, 1, 3),  # MAU-MIB, RFC 4836
    "dot1dBasePortIfIndex": (*MIB_2, 17, 1, 4, 1, 2),
}
AGGREGATES: dict[str, Oid] = {
    "ifStackStatus": (*MIB_2, 31, 1, 2, 1, 3),
    "dot3adAggPortListPorts": (*LAG, 1, 2, 1, 1),
    "dot3adAggPortSelectedAggID": (*LAG, 2, 1, 1, 12),
    "dot3adAggPortAttachedAggID": (*LAG, 2, 1, 1, 13),
}
NEIGHBOURS: dict[str, Oid] = {
    "ifPhysAddress": (*MIB_2, 2, 2, 1, 6),  # many a neighbour names a port by its address
    "lldpLocPortIdSubtype": (*LLDP, 3, 7, 1, 2),
    "lldpLocPortId": (*LLDP, 3, 7, 1, 3),
    "lldpLocPortDesc": (*LLDP, 3, 7, 1, 4),
    "lldpRemChassisIdSubtype": (*LLDP, 4, 1, 1, 4),
    "lldpRemChassisId": (*LLDP, 4, 1, 1, 5),
    "lldpRemPortIdSubtype": (*LLDP, 4, 1, 1, 6),
    "lldpRemPortId": (*LLDP, 4, 1, 1, 7),
    "lldpRemPortDesc": (*LLDP, 4, 1, 1, 8),
    "lldpRemSysName": (*LLDP, 4, 1, 1, 9),
    "lldpRemSysDesc": (*LLDP, 4, 1, 1, 10),
    "lldpRemSysCapSupported": (*LLDP, 4, 1, 1, 11),
    "lldpRemSysCapEnabled": (*LLDP, 4, 1, 1, 12),
    "lldpRemManAddrIfSubtype": (*LLDP, 4, 2, 1, 3),
    "lldpXdot3RemPortOperMauType": (*LLDP, 5, 4623, 1, 3, 1, 1, 4),
    "lldpXdot3RemLinkAggStatus": (*LLDP, 5, 4623, 1, 3, 3, 1, 1),
}
# Asked only where LLDP-MIB showed no neighbour.
NEIGHBOURS_V2: dict[str, Oid] = {
    "lldpV2RemChassisIdSubtype": (*LLDP_V2, 4, 1, 1, 5),
    "lldpV2RemChassisId": (*LLDP_V2, 4, 1, 1, 6),
    "lldpV2RemPortIdSubtype": (*LLDP_V2, 4, 1, 1, 7),
    "lldpV2RemPortId": (*LLDP_V2, 4, 1, 1, 8),
    "lldpV2RemPortDesc": (*LLDP_V2, 4, 1, 1, 9),
    "lldpV2RemSysName": (*LLDP_V2, 4, 1, 1, 10),
    "lldpV2RemSysDesc": (*LLDP_V2, 4, 1, 1, 11),
    "lldpV2RemSysCapSupported": (*LLDP_V2, 4, 1, 1, 12),
    "lldpV2RemSysCapEnabled": (*LLDP_V2, 4, 1, 1, 13),
    "lldpV2RemManAddrIfSubtype": (*LLDP_V2, 4, 2, 1, 3),
}
# NMS-LLDP-MIB of BDCOM and of makers who build on it (FS, PBN): LLDP-MIB under a number of their own. Its rows are numbered
# otherwise than the MIB says, so that the local port is read from a column.
NMS_COLUMNS = {
    "nmsLldpRemLocalPortNum": 2,
    "nmsLldpRemChassisIdSubtype": 4,
    "nmsLldpRemChassisId": 5,
    "nmsLldpRemPortIdSubtype": 6,
    "nmsLldpRemPortId": 7,
    "nmsLldpRemPortDesc": 8,
    "nmsLldpRemSysName": 9,
    "nmsLldpRemSysDesc": 10,
    "nmsLldpRemSysCapSupported": 11,
    "nmsLldpRemSysCapEnabled": 12,
}
CDP: dict[str, Oid] = {
    "cdpCacheAddress": (*ENTERPRISES, 9, 9, 23, 1, 2, 1, 1, 4),  # CISCO-CDP-MIB
    "cdpCacheDeviceId": (*ENTERPRISES, 9, 9, 23, 1, 2, 1, 1, 6),
    "cdpCacheDevicePort": (*ENTERPRISES, 9, 9, 23, 1, 2, 1, 1, 7),
    "cdpCachePlatform": (*ENTERPRISES, 9, 9, 23, 1, 2, 1, 1, 8),
    "cdpCacheCapabilities": (*ENTERPRISES, 9, 9, 23, 1, 2, 1, 1, 9),
}
STATIONS: dict[str, Oid] = {
    "dot1qTpFdbPort": (*MIB_2, 17, 7, 1, 2, 2, 1, 2),  # Q-BRIDGE-MIB, RFC 4363
}
# Asked only where Q-BRIDGE-MIB showed no address.
STATIONS_UNTAGGED: dict[str, Oid] = {
    "dot1dTpFdbPort": (*MIB_2, 17, 4, 3, 1, 2),
}
INVENTORY: dict[str, Oid] = {
    "entPhysicalDescr": (*MIB_2, 47, 1, 1, 1, 1, 2),  # ENTITY-MIB, RFC 6933
    "entPhysicalContainedIn": (*MIB_2, 47, 1, 1, 1, 1, 4),
    "entPhysicalClass": (*MIB_2, 47, 1, 1, 1, 1, 5),
    "entPhysicalName": (*MIB_2, 47, 1, 1, 1, 1, 7),
    "entPhysicalSerialNum": (*MIB_2, 47, 1, 1, 1, 1, 11),
    "entPhysicalModelName": (*MIB_2, 47, 1, 1, 1, 1, 13),
    "entAliasMappingIdentifier": (*MIB_2, 47, 1, 3, 2, 1, 2),
}
ADDRESSES: dict[str, Oid] = {
    "ipAdEntIfIndex": (*MIB_2, 4, 20, 1, 2),  # IP-MIB, RFC 4293
    "ipAddressIfIndex": (*MIB_2, 4, 34, 1, 3),
    "ipAddressPrefix": (*MIB_2, 4, 34, 1, 5),
    "ipv6RouterAdvertSendAdverts": (*MIB_2, 4, 39, 1, 2),
    "ipIfStatsHCInOctets": (*MIB_2, 4, 31, 3, 1, 6),
    "ipIfStatsHCOutOctets": (*MIB_2, 4, 31, 3, 1, 33),
    "ipNetToPhysicalPhysAddress": (*MIB_2, 4, 35, 1, 4),
    "ipNetToMediaPhysAddress": (*MIB_2, 4, 22, 1, 2),  # at last: a core knows ten thousands
}
ROUTES: dict[str, Oid] = {
    "ipRouteIfIndex": (*MIB_2, 4, 21, 1, 2, 0, 0, 0, 0),  # the default route only; RFC 1213
    "ipCidrRouteIfIndex": (*MIB_2, 4, 24, 4, 1, 5, 0, 0, 0, 0),  # RFC 2096
    "inetCidrRouteIfIndex": (*MIB_2, 4, 24, 7, 1, 7, 1, 4, 0, 0, 0, 0, 0),  # RFC 4292
}
# Asked only of ports that may lead out of the school.
COUNTERS: dict[str, Oid] = {
    "ifHCInOctets": (*MIB_2, 31, 1, 1, 1, 6),
    "ifHCOutOctets": (*MIB_2, 31, 1, 1, 1, 10),
}
# Tables of one vendor, by the enterprise number with which its sysObjectID begins.
VENDOR: dict[int, dict[str, Oid]] = {
    9: CDP,
    11: {
        **CDP,  # HP ProCurve hears CDP and keeps it in the same table
        "hpicfXcvrType": (*HP_TRANSCEIVER, 5),  # HP-ICF-TRANSCEIVER-MIB
        "hpicfXcvrWavelength": (*HP_TRANSCEIVER, 7),
    },
    2011: {
        "hwTrunkIfIndex": (*HUAWEI, 41, 1, 3, 3, 1, 4),  # HUAWEI-IF-EXT-MIB
        "hwTrunkValidEntry": (*HUAWEI, 41, 1, 4, 1, 1, 2),
        "hwEthernetPortType": (*HUAWEI, 157, 1, 1, 1, 1, 12),  # HUAWEI-PORT-MIB
        "hwEthernetDuplex": (*HUAWEI, 157, 1, 1, 1, 1, 14),
        "hwEntityOpticalMode": (*HUAWEI, 31, 1, 1, 3, 1, 1),  # HUAWEI-ENTITY-EXTENT-MIB
        "hwEntityOpticalWaveLength": (*HUAWEI, 31, 1, 1, 3, 1, 2),
        "hwEntityOpticalVenderPn": (*HUAWEI, 31, 1, 1, 3, 1, 25),
    },
    25506: {
        "hh3cTransceiverType": (*H3C, 70, 1, 1, 1, 2),  # HH3C-TRANSCEIVER-INFO-MIB
        "hh3cTransceiverWaveLength": (*H3C, 70, 1, 1, 1, 3),
    },
    4881: {
        "ruijieApConfigIndex": (*RUIJIE, 7, 1, 6, 1, 2),  # RUIJIE-AP-MIB: an AP is an aggregate port there
        "ruijieApPortMemberApNumber": (*RUIJIE, 7, 1, 7, 1, 2),
    },
    3320: {name: (*ENTERPRISES, 3320, 127, 1, 4, 1, 1, column) for name, column in NMS_COLUMNS.items()},
    11606: {name: (*ENTERPRISES, 11606, 127, 1, 4, 1, 1, column) for name, column in NMS_COLUMNS.items()},
    52642: {name: (*ENTERPRISES, 52642, 127, 1, 4, 1, 1, column) for name, column in NMS_COLUMNS.items()},
    11863: {
        "lldpNeighborPortId": (*TP_LINK_LLDP, 1),  # TPLINK-LLDPINFO-MIB
        "lldpNeighborChassisId": (*TP_LINK_LLDP, 4),
        "lldpNeighborPortIdDescr": (*TP_LINK_LLDP, 6),
        "lldpNeighborPortDescr": (*TP_LINK_LLDP, 8),
        "lldpNeighborDeviceName": (*TP_LINK_LLDP, 9),
        "lldpNeighborDeviceDescr": (*TP_LINK_LLDP, 10),
        "lldpNeighborCapAvailable": (*TP_LINK_LLDP, 11),
        "lldpNeighborCapEnabled": (*TP_LINK_LLDP, 12),
        "lldpNeighborManageIpAddr": (*TP_LINK_LLDP, 13),
    },
    14988: {
        "mtxrNeighborIpAddress": (*MIKROTIK, 11, 1, 1, 2),  # MIKROTIK-MIB
        "mtxrNeighborMacAddress": (*MIKROTIK, 11, 1, 1, 3),
        "mtxrNeighborVersion": (*MIKROTIK, 11, 1, 1, 4),
        "mtxrNeighborPlatform": (*MIKROTIK, 11, 1, 1, 5),
        "mtxrNeighborIdentity": (*MIKROTIK, 11, 1, 1, 6),
        "mtxrNeighborInterfaceID": (*MIKROTIK, 11, 1, 1, 8),
    },
}

# Rows of these name people's devices: they are counted on the box and never kept.
PERSONAL = frozenset(
    {
        *STATIONS,
        *STATIONS_UNTAGGED,
        "ipNetToMediaPhysAddress",
        "ipNetToPhysicalPhysAddress",
        "ipAdEntIfIndex",
        "ipAddressIfIndex",
        "ipAddressPrefix",
        "ifAlias",  # people write names of people into it, and into what LLDP tells of a port
        "lldpLocPortDesc",
        "lldpRemPortDesc",
        "lldpV2RemPortDesc",
        *NMS_COLUMNS,
        *(name for table in VENDOR.values() for name in table if name.startswith(("lldpNeighbor", "mtxrNeighbor"))),
    }
)
# Columns of neighbours' tables by how they begin: by which columns a neighbour is judged, and how much of an index names it.
NEIGHBOUR_ROWS: dict[str, tuple[str, int]] = {
    "lldpRem": ("lldpRem", 3),
    "lldpXdot3Rem": ("lldpRem", 3),
    "lldpV2Rem": ("lldpV2Rem", 4),
    "cdpCache": ("cdpCache", 2),
}
