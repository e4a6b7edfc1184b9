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
# cdpCacheCapabilities (CISCO-CDP-MIB): router, transparent and source-route bridge, switch, host, repeater, phone.
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


def _words(*patterns: str) -> re.Pattern[str]:
    """Any of these patterns, in whatever case."""
    return re.compile("|".join(patterns), re.IGNORECASE)


PHONE_WORDS = _words(
    r"\b(ip.?phone|telephone|deskphone|soundpoint|polycom|yealink|grandstream gxp|snom|spa\d{3}|sep[0-9a-f]{12})",
    r"\bcisco (ip phone|cp-\d)",
    r"话机",
)
AP_WORDS = _words(
    r"\b(access[ -]?point|wireless ap|instant ap|multimedia hotzone|airengine)\b|无线接入点",
    r"\bair-((ap|cap|lap|sap|br)|[a-z]*ap)|\bc9[12]\d\dax",  # Cisco
    r"\bhuawei ap\b|\bap\d{3,4}[a-z]*\b|\bwa\d{4}|\brg-r?ap",  # Huawei, H3C, Ruijie
    r"\b(uap|u6|u7)\b|\buap-|\beap\d{3}|\baruba(os)? .*\bap-?\d{2,3}",  # UniFi, TP-Link, Aruba
)
CAMERA_WORDS = _words(
    r"\b(axis|hikvision|dahua|uniview|tiandy|hanwha|vivotek)\b|摄像",
    r"\b(ip ?camera|network camera|ipcam|ipc|ds-2[a-z]{2}|dh-ipc|ipc-\w+)\b",
)
HOST_WORDS = _words(
    r"\b(windows|ubuntu|debian|centos|red hat|fedora|suse|almalinux|rocky linux|freebsd|darwin|macos)\b"
)
HYPERVISORS = _words(r"\b(vmware|esxi?|proxmox|hyper-v|xenserver)\b")
NETWORK_SYSTEMS = _words(
    r"\b(sonic|cumulus|openwrt|vyos|dnos|dell ?emc|arista|mikrotik|edgeos|unifi|opnsense|pfsense)\b"
)
SWITCH_WORDS = _words(
    r"\bswitch|交换机|\b(comware|versatile routing platform|jetstream|procurve|catalyst)\b",
    r"\b(crs|css)\d|\busw\b|\busw-|\bjunos\b.*\bex\d|\bs\d{4}[a-z-]",
)
ROUTER_WORDS = _words(r"\b(router|routeros|firewall|gateway|fortigate)\b|\busg\d|路由|防火墙")


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


def device_of(enabled: Capability, supported: Capability, description: str, name: str = "") -> Device:
    """
    What a neighbour is, by its capabilities and then by its words (system description, platform).

    Its name is what somebody called it; it counts only for a device that does not say that it forwards.
    """
    able = enabled or supported
    forwards = bool(able & (Capability.BRIDGE | Capability.ROUTER))
    written = description if forwards else f"{name} {description}"
    if Capability.TELEPHONE in able or (PHONE_WORDS.search(written) and Capability.ROUTER not in able):
        return Device.PHONE
    if Capability.WLAN_AP in able and _is_general(written) and not AP_WORDS.search(written):
        return Device.STATION  # a laptop with a wireless card says that it could be an access point
    if Capability.WLAN_AP in able or AP_WORDS.search(written):
        return Device.AP
    if _is_host(able, forwards, written):
        return Device.CAMERA if CAMERA_WORDS.search(written) else Device.STATION
    if forwards:
        return Device.SWITCH if Capability.BRIDGE in able else Device.ROUTER
    return _by_words(written)


def _is_host(able: Capability, forwards: bool, written: str) -> bool:
    """Whether this is an end system: it says so and nothing else, its system is one that hosts run, or it is a hypervisor."""
    if HYPERVISORS.search(written):
        return True
    if Capability.STATION not in able:
        return False
    return _is_general(written) if forwards else not SWITCH_WORDS.search(written)


def _is_general(written: str) -> bool:
    """Whether a system is one that people's computers run, and none that network devices are built on."""
    return bool(HOST_WORDS.search(written)) and not NETWORK_SYSTEMS.search(written)


def _by_words(written: str) -> Device:
    """What words alone say; a camera's maker makes switches too."""
    if SWITCH_WORDS.search(written):
        return Device.SWITCH
    if CAMERA_WORDS.search(written):
        return Device.CAMERA
    return Device.ROUTER if ROUTER_WORDS.search(written) else Device.UNKNOWN
