"""
What is to be typed on which device to mend the lower rungs of the IPv6 ladder (L0 to L3), and which commands belong to which code?

Command lines for this box, Linux routers (radvd, dnsmasq), Huawei VRP, H3C Comware and Ruijie RGOS. Blanks in braces are filled from what was
measured; words in angle brackets are the admin's to fill. For what lies beyond the gateway: `agent.ladder_devices_beyond`.

What it does not prove: that a certain model and version knows the command; the manual of the device has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.ladder_devices_beyond import BEYOND
from agent.ladder_vendors import BOX, H3C, HUAWEI, LINUX, RUIJIE, Commands

STACK: Commands = {
    BOX: (
        "sysctl -w net.ipv6.conf.all.disable_ipv6=0",
        "sysctl -w net.ipv6.conf.{port}.disable_ipv6=0",
        "ip link set dev {port} down && ip link set dev {port} up",
        "ip -6 address show dev {port} scope link",
    ),
}
SAME_ADDRESS: Commands = {
    BOX: ("ip -6 address show dev {port} dadfailed", "ip link set dev {port} down && ip link set dev {port} up"),
    LINUX: ("ip -6 neigh show dev <LAN>",),
    HUAWEI: ("display ipv6 neighbors", "display mac-address <MAC>"),
    H3C: ("display ipv6 neighbors all", "display mac-address <MAC>"),
    RUIJIE: ("show ipv6 neighbors", "show mac-address-table address <MAC>"),
}
NOT_ASKED: Commands = {
    BOX: ("ip link show dev {port}", "nft list ruleset   # icmpv6 nd-router-solicit", "ip6tables -S OUTPUT"),
}
RIGHTS: Commands = {
    BOX: (
        "sudo campusproof-agent scan ipv6 --explain",
        "systemctl show -p AmbientCapabilities <UNIT>   # CAP_NET_RAW",
    ),
}
ADVERTISE: Commands = {
    LINUX: (
        "# /etc/radvd.conf",
        "interface <LAN> {",
        "  AdvSendAdvert on; AdvDefaultLifetime 1800;",
        "  prefix {prefix} { AdvOnLink on; AdvAutonomous on; };",
        "};",
        "",
        "sysctl -w net.ipv6.conf.all.forwarding=1",
        "ip -6 address add {gateway_address}/64 dev <LAN>",
        "systemctl restart radvd",
    ),
    HUAWEI: (
        "ipv6",
        "interface Vlanif<VLAN>",
        " ipv6 enable",
        " ipv6 address {gateway_address}/64",
        " undo ipv6 nd ra halt",
    ),
    H3C: ("interface Vlan-interface<VLAN>", " ipv6 address {gateway_address}/64", " undo ipv6 nd ra halt"),
    RUIJIE: ("interface vlan <VLAN>", " ipv6 enable", " ipv6 address {gateway_address}/64", " no ipv6 nd suppress-ra"),
}
LIFETIME: Commands = {
    LINUX: ("# /etc/radvd.conf, interface <LAN>", "AdvDefaultLifetime 1800;", "", "systemctl restart radvd"),
    HUAWEI: ("interface Vlanif<VLAN>", " undo ipv6 nd ra halt", " ipv6 nd ra router-lifetime 1800"),
    H3C: ("interface Vlan-interface<VLAN>", " undo ipv6 nd ra halt", " ipv6 nd ra router-lifetime 1800"),
    RUIJIE: ("interface vlan <VLAN>", " no ipv6 nd suppress-ra", " ipv6 nd ra-lifetime 1800"),
}
PREFERRED: Commands = {
    LINUX: (
        "# /etc/radvd.conf, prefix {prefix}",
        "AdvValidLifetime 2592000; AdvPreferredLifetime 604800;",
        "",
        "systemctl restart radvd",
    ),
    HUAWEI: ("interface Vlanif<VLAN>", " ipv6 nd ra prefix {prefix} 2592000 604800"),
    H3C: ("interface Vlan-interface<VLAN>", " ipv6 nd ra prefix {prefix} 2592000 604800"),
    RUIJIE: ("interface vlan <VLAN>", " ipv6 nd prefix {prefix} 2592000 604800"),
}
GUARD: Commands = {
    BOX: ("tcpdump -evvni {port} 'icmp6 and ip6[40] == 134'", "ip -6 neigh show dev {port} {router}"),
    LINUX: (
        "nft add table bridge raguard",
        "nft add chain bridge raguard f \\",
        "  '{ type filter hook forward priority 0; }'",
        "nft add rule bridge raguard f iifname <ACCESS-PORT> \\",
        "  icmpv6 type nd-router-advert drop",
    ),
    HUAWEI: ("display mac-address <MAC-OF-THE-ROGUE>", "interface <ACCESS-PORT>", " nd raguard role host"),
    H3C: ("display mac-address <MAC-OF-THE-ROGUE>", "interface <ACCESS-PORT>", " ipv6 nd raguard role host"),
    RUIJIE: (
        "show mac-address-table address <MAC-OF-THE-ROGUE>",
        "ipv6 access-list NO-RA",
        " deny icmp any any router-advertisement",
        " permit ipv6 any any",
        "interface <ACCESS-PORT>",
        " ipv6 traffic-filter NO-RA in",
    ),
}
DHCP: Commands = {
    LINUX: (
        "# /etc/dnsmasq.conf",
        "dhcp-range={prefix_start}1000,{prefix_start}1fff,64,12h",
        "",
        "systemctl restart dnsmasq",
    ),
    HUAWEI: (
        "dhcp enable",
        "dhcpv6 pool <POOL>",
        " address prefix {prefix}",
        " excluded-address {gateway_address}",
        " dns-server <RESOLVER>",
        "interface Vlanif<VLAN>",
        " dhcpv6 server <POOL>",
        " ipv6 nd autoconfig managed-address-flag",
    ),
    H3C: (
        "ipv6 dhcp pool <POOL>",
        " network {prefix}",
        " dns-server <RESOLVER>",
        "interface Vlan-interface<VLAN>",
        " ipv6 dhcp select server",
        " ipv6 nd autoconfig managed-address-flag",
    ),
    RUIJIE: (
        "ipv6 dhcp pool <POOL>",
        " iana-address prefix {prefix}",
        " dns-server <RESOLVER>",
        "interface vlan <VLAN>",
        " ipv6 dhcp server <POOL>",
        " ipv6 nd managed-config-flag",
    ),
}
GATEWAY: Commands = {
    BOX: ("ping -6 -c 3 -I {port} {gateway}", "ip -6 neigh show dev {port} {gateway}"),
    LINUX: ("ip -6 address show dev <LAN>", "nft list ruleset   # icmpv6 echo-request, nd-neighbor-solicit"),
    HUAWEI: ("display ipv6 interface Vlanif<VLAN>", "display acl ipv6 all"),
    H3C: ("display ipv6 interface Vlan-interface<VLAN>", "display acl ipv6 all"),
    RUIJIE: ("show ipv6 interface vlan <VLAN>", "show access-lists"),
}

# Codes that are the operator's or the provider's matter, or ask for nothing, have no commands (agent.ladder_words).
BY_CODE: Mapping[str, Commands] = {
    "STACK_OFF": STACK,
    "NO_LINK_LOCAL": STACK,
    "DAD_FAIL": SAME_ADDRESS,
    "NOT_SENT": NOT_ASKED,
    "NOT_PERMITTED": RIGHTS,
    "NO_RA": ADVERTISE,
    "RA_LIFETIME_0": LIFETIME,
    "RA_MALFORMED": GUARD,
    "ROGUE_RA": GUARD,
    "NO_ADDRESS": ADVERTISE,
    "ULA_ONLY": ADVERTISE,
    "DOC_PREFIX": ADVERTISE,
    "NOT_NATIVE": ADVERTISE,
    "MANUAL_ONLY": ADVERTISE,
    "DEPRECATED_ONLY": PREFERRED,
    "DHCPV6_SILENT": DHCP,
    "NO_ROUTE": LIFETIME,
    "GW_UNREACHABLE": GATEWAY,
    **BEYOND,
}


def commands_of(code: str, managed: bool) -> Commands:
    """What to type for a code; `managed`: the router says that addresses come by DHCPv6."""
    return DHCP if code == "NO_ADDRESS" and managed else BY_CODE.get(code, {})
