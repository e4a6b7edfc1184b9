"""
What kind of device announces itself here?

*Method*: the capabilities that it says are enabled (LLDP-MIB LldpSystemCapabilitiesMap, CISCO-CDP-MIB), else those that it has; where
the bits say less than the words, its description decides. A telephone is a telephone and an access point an access point though
both bridge; a host that bridges for its virtual machines is a host if it says that it is a station and names a general
purpose system. It does not prove what the device is: a switch may call itself a telephone.
"""

from __future__ import annotations

import re
from enum import IntFlag

from probes._switch.model import Device
from probes._switch.wording import words


class Capability(IntFlag):
    """The first octet of LLDP's capabilities as BITS are sent: the bit numbered 0 is the highest."""

    OTHER = 0x80
    REPEATER = 0x40
    BRIDGE = 0x20
    WLAN_AP = 0x10
    ROUTER = 0x08
    TELEPHONE = 0x04
    DOCSIS = 0x02
    STATION = 0x01


NONE = Capability(0)
# CDP's bits (CISCO-CDP-MIB cdpCacheCapabilities): router 0x01, bridges 0x02 and 0x04, switch 0x08, host 0x10, repeater 0x40, phone 0x80.
CDP_BITS = {
    0x01: Capability.ROUTER,
    0x02: Capability.BRIDGE,
    0x04: Capability.BRIDGE,
    0x08: Capability.BRIDGE,
    0x10: Capability.STATION,
    0x40: Capability.REPEATER,
    0x80: Capability.TELEPHONE,
}
CAPABILITY_WORDS = {
    "bridge": Capability.BRIDGE,
    "switch": Capability.BRIDGE,
    "wlan": Capability.WLAN_AP,
    "access point": Capability.WLAN_AP,
    "router": Capability.ROUTER,
    "telephone": Capability.TELEPHONE,
    "phone": Capability.TELEPHONE,
    "station": Capability.STATION,
}
# net-snmp prints BITS as octets in hex and then the numbers of the bits that are set, and recordings are made of that.
PRINTED_BITS = re.compile(r"([0-9A-F]{2})(?: ([0-9A-F]{2}))?(?: \d{1,2})*")
PRINTED_WORDS = re.compile(r"((?:[2-7][0-9A-F] )+)\d.*")
SECOND_OCTET = 0xE0  # IEEE 802.1AB-2009 gives bits 8 to 10 a meaning

PHONE_WORDS = re.compile(
    r"\b(ip.?phone|telephone|soundpoint|polycom|yealink|grandstream gxp|snom|cisco (ip phone|cp-\d)|spa\d{3}|deskphone|sep[0-9a-f]{12})"
    r"|话机",
    re.IGNORECASE,
)
AP_WORDS = re.compile(
    r"\bAIR-(AP|CAP|LAP|SAP|BR)|\bAIR-[A-Z]*AP|\bC9[12]\d\dAX|\baccess[ -]?point\b|\bwireless ap\b|\bHuawei AP\b|\bAP\d{3,4}[A-Z]*\b|\bAirEngine\b"
    r"|\b(UAP|U6|U7|UniFi AP)\b|\bUAP-|\bU[67]-|\bRG-(AP|RAP)|\bWA\d{4}|\bW(AP|A)\d{3,4}\b|\bEAP\d{3}|\b(R|T|H)\d{3} Multimedia Hotzone"
    r"|\bAruba(OS)? .*\bAP-?\d{2,3}|\bInstant AP\b|无线接入点",
    re.IGNORECASE,
)
CAMERA_WORDS = re.compile(
    r"\b(axis|hikvision|dahua|uniview|tiandy|ip ?camera|network camera|ipcam|ipc|ds-2[a-z]{2}|dh-ipc|ipc-\w+|hanwha|vivotek)\b|摄像",
    re.IGNORECASE,
)
HOST_WORDS = re.compile(
    r"\b(windows|ubuntu|debian|centos|red hat|fedora|suse|almalinux|rocky linux|vmware|esxi|proxmox|hyper-v|xenserver|freebsd|darwin|macos)\b",
    re.IGNORECASE,
)
NETWORK_SYSTEMS = re.compile(
    r"\b(sonic|cumulus|openwrt|vyos|dnos|dell ?emc|arista|mikrotik|edgeos|unifi|opnsense|pfsense)\b", re.IGNORECASE
)
SWITCH_WORDS = re.compile(
    r"\bswitch|\bcomware\b|\bversatile routing platform\b|\bjetstream\b|\bprocurve\b|\bcatalyst\b|\bCRS\d|\bCSS\d|\bUSW\b|\bUSW-|交换机|\bjunos\b.*\bex\d|\bS\d{4}[A-Z-]",
    re.IGNORECASE,
)
ROUTER_WORDS = re.compile(
    r"\brouter\b|\brouteros\b|\bfirewall\b|\bgateway\b|\bfortigate\b|\busg\d|路由|防火墙", re.IGNORECASE
)


def lldp_capabilities(octets: bytes) -> Capability:
    """The capabilities in one column of LLDP, sent as BITS or, by agents and recorders that err, as text."""
    if 0 < len(octets) <= 2 and not (octets[1:] and octets[1] & ~SECOND_OCTET):
        return Capability(octets[0])
    written = words(octets)
    if spelled := PRINTED_WORDS.fullmatch(written.upper()):
        written = bytes.fromhex(spelled[1]).decode("ascii") if written.count(" ") > 4 else written
    if bits := PRINTED_BITS.fullmatch(written.upper()):
        return Capability(int(bits[1], 16))
    return capability_words(written)


def capability_words(written: str) -> Capability:
    """The capabilities that words name."""
    found = NONE
    for word, capability in CAPABILITY_WORDS.items():
        found |= capability if word in written.casefold() else NONE
    return found


def cdp_capabilities(octets: bytes) -> Capability:
    """CDP's capabilities in LLDP's terms."""
    number = int.from_bytes(octets[-4:], "big")
    found = NONE
    for bit, capability in CDP_BITS.items():
        found |= capability if number & bit else NONE
    return found


def device_of(enabled: Capability, supported: Capability, description: str) -> Device:
    """What a neighbour is, by its capabilities and then by its words (system description, platform, name)."""
    able = enabled or supported
    if Capability.TELEPHONE in able or (PHONE_WORDS.search(description) and Capability.ROUTER not in able):
        return Device.PHONE
    if Capability.WLAN_AP in able or AP_WORDS.search(description):
        return Device.AP
    if _is_host(able, description):
        return Device.CAMERA if CAMERA_WORDS.search(description) else Device.STATION
    if Capability.BRIDGE in able:
        return Device.SWITCH
    if Capability.ROUTER in able:
        return Device.ROUTER
    return _by_words(description)


def _is_host(able: Capability, description: str) -> bool:
    """Whether this is an end system: it says so and nothing else, or its system is one that hosts run."""
    if Capability.STATION not in able:
        return False
    forwards = bool(able & (Capability.BRIDGE | Capability.ROUTER))
    general = bool(HOST_WORDS.search(description)) and not NETWORK_SYSTEMS.search(description)
    return general if forwards else not SWITCH_WORDS.search(description)


def _by_words(description: str) -> Device:
    """What words alone say; a camera's maker makes switches too."""
    if SWITCH_WORDS.search(description):
        return Device.SWITCH
    if CAMERA_WORDS.search(description):
        return Device.CAMERA
    return Device.ROUTER if ROUTER_WORDS.search(description) else Device.UNKNOWN
