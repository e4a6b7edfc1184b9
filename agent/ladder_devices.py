"""
What is to be typed on which device to mend a rung of the IPv6 ladder?

By the code of the rung: command lines for radvd and Linux, Huawei VRP, H3C Comware and Ruijie RGOS. Blanks in braces are filled from what was
measured; words in angle brackets are the admin's to fill. Where a device has no command of its own for it, it is left out.

What it does not prove: that a certain model and version knows the command; the manual of the device has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping

LINUX, HUAWEI, H3C, RUIJIE = "radvd / Linux", "Huawei VRP", "H3C Comware", "Ruijie RGOS"
Commands = Mapping[str, tuple[str, ...]]

ADVERTISE: Commands = {
    LINUX: (
        "# /etc/radvd.conf",
        "interface <LAN> { AdvSendAdvert on; AdvDefaultLifetime 1800;",
        "  prefix {prefix} { AdvOnLink on; AdvAutonomous on; }; };",
        "systemctl restart radvd",
    ),
    HUAWEI: ("interface Vlanif<VLAN>", " ipv6 enable", " ipv6 address {gateway_address}/64", " undo ipv6 nd ra halt"),
    H3C: ("interface Vlan-interface<VLAN>", " ipv6 address {gateway_address}/64", " undo ipv6 nd ra halt"),
    RUIJIE: ("interface vlan <VLAN>", " ipv6 enable", " ipv6 address {gateway_address}/64", " no ipv6 nd suppress-ra"),
}
LIFETIME: Commands = {
    LINUX: ("# /etc/radvd.conf: AdvDefaultLifetime 1800;", "systemctl restart radvd"),
    HUAWEI: ("interface Vlanif<VLAN>", " ipv6 nd ra router-lifetime 1800"),
    H3C: ("interface Vlan-interface<VLAN>", " ipv6 nd ra router-lifetime 1800"),
    RUIJIE: ("interface vlan <VLAN>", " ipv6 nd ra-lifetime 1800"),
}
GUARD: Commands = {
    LINUX: ("tcpdump -vvi <LAN> 'icmp6 and ip6[40] == 134'   # who announces: {router}",),
    HUAWEI: ("interface <ACCESS-PORT>", " nd raguard role host"),
    H3C: ("ipv6 nd raguard policy host", " device-role host", "vlan <VLAN>", " ipv6 nd raguard apply policy host"),
    RUIJIE: ("interface <ACCESS-PORT>", " ipv6 nd raguard attach-policy   # see the manual of the model"),
}
DEFAULT_ROUTE: Commands = {
    LINUX: ("ip -6 route show default", "ip -6 route add default via <PROVIDER-ADDRESS> dev <WAN>"),
    HUAWEI: ("display ipv6 routing-table :: 0", "ipv6 route-static :: 0 <PROVIDER-ADDRESS>"),
    H3C: ("display ipv6 routing-table :: 0", "ipv6 route-static :: 0 <PROVIDER-ADDRESS>"),
    RUIJIE: ("show ipv6 route", "ipv6 route ::/0 <PROVIDER-ADDRESS>"),
}
GATEWAY: Commands = {
    LINUX: ("ip -6 neigh show dev <LAN>", "nft list ruleset | grep -i icmpv6"),
    HUAWEI: ("display ipv6 interface Vlanif<VLAN>", "display ipv6 neighbors | include {gateway}"),
    H3C: ("display ipv6 interface Vlan-interface<VLAN>", "display ipv6 neighbors all"),
    RUIJIE: ("show ipv6 interface vlan <VLAN>", "show ipv6 neighbors"),
}
RESOLVERS: Commands = {
    LINUX: ("# /etc/radvd.conf: RDNSS <RESOLVER> { };", "dig @{resolver} AAAA <NAME>"),
    HUAWEI: ("interface Vlanif<VLAN>", " ipv6 nd ra dns-server <RESOLVER>"),
    H3C: ("interface Vlan-interface<VLAN>", " ipv6 nd ra dns server <RESOLVER> 1800 sequence 0"),
    RUIJIE: ("ipv6 dhcp pool <POOL>", " dns-server <RESOLVER>", "interface vlan <VLAN>", " ipv6 nd other-config-flag"),
}
FILTERED: Commands = {
    LINUX: (
        "# dnsmasq.conf: remove filter-AAAA",
        "# unbound.conf: remove private-address for the prefix",
        "dig @{resolver} AAAA <NAME>",
    ),
}
DHCP: Commands = {
    LINUX: ("# dnsmasq.conf: dhcp-range={prefix_start}100,{prefix_start}1ff,64,12h", "systemctl restart dnsmasq"),
    HUAWEI: (
        "dhcpv6 pool <POOL>",
        " address prefix {prefix}",
        "interface Vlanif<VLAN>",
        " dhcpv6 server <POOL>",
        " ipv6 nd autoconfig managed-address-flag",
    ),
    H3C: (
        "ipv6 dhcp pool 1",
        " network {prefix}",
        "interface Vlan-interface<VLAN>",
        " ipv6 dhcp select server",
        " ipv6 nd autoconfig managed-address-flag",
    ),
    RUIJIE: (
        "ipv6 dhcp pool <POOL>",
        " iana-address prefix {prefix}",
        "interface vlan <VLAN>",
        " ipv6 dhcp server <POOL>",
        " ipv6 nd managed-config-flag",
    ),
}
PATH_MTU: Commands = {
    LINUX: (
        "nft add rule ip6 <TABLE> <CHAIN> icmpv6 type packet-too-big accept",
        "nft add rule ip6 <TABLE> <FORWARD> tcp flags syn tcp option maxseg size set rt mtu",
    ),
    HUAWEI: (
        "acl ipv6 <NUMBER>",
        " rule permit icmpv6 icmp6-type packet-too-big",
        "interface <WAN>",
        " tcp adjust-mss 1220",
    ),
    H3C: (
        "acl ipv6 advanced <NUMBER>",
        " rule permit icmpv6 icmp6-type packet-too-big",
        "interface <WAN>",
        " tcp mss 1220",
    ),
    RUIJIE: (
        "ipv6 access-list <NAME>",
        " permit icmp any any packet-too-big",
        "interface <WAN>",
        " ipv6 tcp adjust-mss 1220",
    ),
}
NO_TRANSLATION: Commands = {
    LINUX: ("nft list ruleset | grep -n 'masquerade\\|snat'   # take out those of ip6",),
    HUAWEI: ("display current-configuration | include nat66",),
    H3C: ("display current-configuration | include nat66",),
    RUIJIE: ("show running-config | include nat66",),
}
INBOUND_SHUT: Commands = {
    LINUX: (
        "nft add chain ip6 filter forward '{ type filter hook forward priority 0; policy drop; }'",
        "nft add rule ip6 filter forward ct state established,related accept",
        "nft add rule ip6 filter forward iifname <LAN> accept",
    ),
}

# Which commands belong to which code; of codes that are the operator's or the provider's matter there are none.
BY_CODE: Mapping[str, Commands] = {
    "NO_RA": ADVERTISE,
    "RA_LIFETIME_0": LIFETIME,
    "NO_ADDRESS": ADVERTISE,
    "ULA_ONLY": ADVERTISE,
    "DOC_PREFIX": ADVERTISE,
    "NOT_NATIVE": ADVERTISE,
    "MANUAL_ONLY": ADVERTISE,
    "DEPRECATED_ONLY": ADVERTISE,
    "ROGUE_RA": GUARD,
    "RA_MALFORMED": GUARD,
    "DHCPV6_SILENT": DHCP,
    "NO_ROUTE": LIFETIME,
    "GW_UNREACHABLE": GATEWAY,
    "NO_RESOLVER": RESOLVERS,
    "RESOLVER_SILENT": RESOLVERS,
    "NO_V6_RESOLVER": RESOLVERS,
    "AAAA_FILTERED": FILTERED,
    "AAAA_SERVFAIL": FILTERED,
    "AAAA_SYNTHESISED": FILTERED,
    "NO_TRANSIT": DEFAULT_ROUTE,
    "PARTIAL_TRANSIT": DEFAULT_ROUTE,
    "NAT66": NO_TRANSLATION,
    "NPT": NO_TRANSLATION,
    "PMTU_BLACKHOLE_UP": PATH_MTU,
    "PMTU_BLACKHOLE_DOWN": PATH_MTU,
    "PMTU_BLACKHOLE_BOTH": PATH_MTU,
    "OPEN_INBOUND": INBOUND_SHUT,
}
