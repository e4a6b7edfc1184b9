"""
What is to be typed on which device to mend the upper rungs of the IPv6 ladder: names, way out, web, sizes, and IPv6 beside IPv4 (L4 to L9, L11)?

A part of the one table in `agent.ladder_devices`, in the same form.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.ladder_vendors import BOX, H3C, HUAWEI, LINUX, RUIJIE, SETTINGS, Commands

BY_HAND: Commands = {
    SETTINGS: (
        "[probes.ipv6]",
        "targets = [",
        '  { address = "<IPV6>", port = 443, operator = "<NETWORK>" },',
        "]",
        "",
        "[probes.ipv6.echo]",
        'zone = "<ZONE>"',
        'server_key = "<64 HEX DIGITS>"',
        'v6 = "<IPV6>"',
        'v4 = "<IPV4>"',
        'mtu1280 = "<IPV6>"',
    ),
    BOX: ("campusproof-agent scan ipv6 --settings probes.toml --explain",),
}
RESOLVERS: Commands = {
    BOX: ("cat /etc/resolv.conf", "dig -6 @{resolver} AAAA <NAME>"),
    LINUX: ("# /etc/radvd.conf, interface <LAN>", "RDNSS <RESOLVER> { };", "", "systemctl restart radvd"),
    HUAWEI: (
        "interface Vlanif<VLAN>",
        " ipv6 nd ra dns-server <RESOLVER>",
        "",
        "dhcpv6 pool <POOL>",
        " dns-server <RESOLVER>",
        "interface Vlanif<VLAN>",
        " dhcpv6 server <POOL>",
        " ipv6 nd autoconfig other-flag",
    ),
    H3C: (
        "interface Vlan-interface<VLAN>",
        " ipv6 nd ra dns server <RESOLVER> 1800 sequence 0",
        "",
        "ipv6 dhcp pool <POOL>",
        " dns-server <RESOLVER>",
        "interface Vlan-interface<VLAN>",
        " ipv6 dhcp select server",
        " ipv6 dhcp server apply pool <POOL>",
        " ipv6 nd autoconfig other-flag",
    ),
    RUIJIE: (
        "ipv6 dhcp pool <POOL>",
        " dns-server <RESOLVER>",
        "interface vlan <VLAN>",
        " ipv6 dhcp server <POOL>",
        " ipv6 nd other-config-flag",
    ),
}
FILTERED: Commands = {
    BOX: ("dig @{resolver} AAAA <NAME>", "dig @{resolver} A <NAME>"),
    LINUX: (
        "grep -rn filter-AAAA /etc/dnsmasq.conf /etc/dnsmasq.d/",
        "grep -rn filter-aaaa /etc/bind/ /etc/named*",
        "systemctl restart <RESOLVER-SERVICE>",
    ),
}
SLOW_NAMES: Commands = {
    BOX: ("dig @{resolver} AAAA <NAME> | grep 'Query time'", "ping -c 10 {resolver}"),
    LINUX: ("dig +trace AAAA <NAME>", "dig -6 +trace AAAA <NAME>"),
}
DNS64: Commands = {
    BOX: ("dig @{resolver} AAAA <NAME>",),
    LINUX: (
        "grep -rn 'dns64\\|exclude' /etc/bind/ /etc/named*",
        "grep -rn dns64-synthall /etc/unbound/",
        "systemctl restart <RESOLVER-SERVICE>",
    ),
}
WAY_OUT: Commands = {
    BOX: ("traceroute -6 -n {server}",),
    LINUX: (
        "ip -6 route show default",
        "ip -6 route add default via <PROVIDER-ADDRESS> dev <WAN>",
        "sysctl -w net.ipv6.conf.all.forwarding=1",
    ),
    HUAWEI: (
        "display ipv6 routing-table :: 0",
        "ipv6 route-static :: 0 <PROVIDER-ADDRESS>",
        "ping ipv6 -a {gateway_address} <PROVIDER-ADDRESS>",
    ),
    H3C: (
        "display ipv6 routing-table :: 0",
        "ipv6 route-static :: 0 <PROVIDER-ADDRESS>",
        "ping ipv6 -a {gateway_address} <PROVIDER-ADDRESS>",
    ),
    RUIJIE: ("show ipv6 route", "ipv6 route ::/0 <PROVIDER-ADDRESS>", "ping ipv6 <PROVIDER-ADDRESS>"),
}
WEB_PORT: Commands = {
    BOX: ("curl -6vk --max-time 8 'https://[{server}]/echo?nonce=x'",),
    LINUX: ("nft insert rule ip6 <TABLE> <FORWARD> tcp dport { 80, 443 } accept",),
    HUAWEI: ("acl ipv6 <NUMBER>", " rule <ID> permit tcp destination-port eq 443"),
    H3C: ("acl ipv6 advanced <NUMBER>", " rule <ID> permit tcp destination-port eq 443"),
    RUIJIE: ("ipv6 access-list <NAME>", " <ID> permit tcp any any eq 443"),
}
SIGN_ON: Commands = {
    BOX: ("curl -6vk --max-time 8 'http://[{server}]/'",),
    HUAWEI: ("interface <PORT-OF-THE-BOX>", " undo authentication-profile"),
    H3C: ("portal free-rule <NUMBER> source mac <MAC-OF-THE-BOX>",),
    RUIJIE: ("web-auth direct-host {source}",),
}
INSPECTED: Commands = {
    BOX: ("openssl s_client -connect '[{server}]:443' -servername v6.<ZONE> </dev/null",),
}
BY_PROXY: Commands = {
    BOX: ("curl -6k 'https://[{server}]/echo?nonce=x'",),
    LINUX: ("nft list table ip6 nat   # redirect, tproxy",),
}
NO_TRANSLATION: Commands = {
    LINUX: (
        "nft -a list ruleset ip6   # masquerade, snat, prefix to",
        "nft delete rule ip6 <TABLE> <CHAIN> handle <NUMBER>",
    ),
    HUAWEI: ("display nat-policy rule all", "nat-policy", " undo rule name <RULE>"),
    H3C: ("display nat66 all", "interface <WAN>", " undo nat66 <RULE>"),
    RUIJIE: ("show running-config | include nat",),
}
PATH_MTU: Commands = {
    BOX: ("ping -6 -M do -s 1452 -c 3 {server}", "tracepath -6 -n {server}"),
    LINUX: (
        "nft insert rule ip6 <TABLE> <FORWARD> icmpv6 type packet-too-big accept",
        "",
        "# /etc/radvd.conf, interface <LAN>",
        "AdvLinkMTU 1280;",
        "",
        "nft add rule ip6 <TABLE> <FORWARD> tcp flags syn \\",
        "  tcp option maxseg size set rt mtu",
    ),
    HUAWEI: (
        "acl ipv6 <NUMBER>",
        " rule <ID> permit icmpv6 icmp6-type packet-too-big",
        "",
        "interface Vlanif<VLAN>",
        " ipv6 mtu 1280",
        "",
        "interface <WAN>",
        " tcp adjust-mss 1220",
    ),
    H3C: (
        "acl ipv6 advanced <NUMBER>",
        " rule <ID> permit icmpv6 icmp6-type packet-too-big",
        "",
        "interface Vlan-interface<VLAN>",
        " ipv6 mtu 1280",
        "",
        "interface <WAN>",
        " tcp mss 1220",
    ),
    RUIJIE: (
        "ipv6 access-list <NAME>",
        " <ID> permit icmp any any packet-too-big",
        "",
        "interface vlan <VLAN>",
        " ipv6 mtu 1280",
    ),
}
LOSSES: Commands = {
    BOX: ("ping -6 -c 100 -i 0.2 -I {port} {gateway}", "ping -6 -c 100 -i 0.2 {server}", "traceroute -6 -n {server}"),
    LINUX: ("ip -s link show dev <WAN>", "ip -6 route show default"),
    HUAWEI: ("display interface <WAN>", "display cpu-usage", "display ipv6 routing-table :: 0"),
    H3C: ("display interface <WAN>", "display cpu-usage", "display ipv6 routing-table :: 0"),
    RUIJIE: ("show interfaces <WAN>", "show cpu", "show ipv6 route"),
}
SLOW_RATE: Commands = {
    LINUX: ("tc -s qdisc show dev <WAN>",),
    HUAWEI: ("display cpu-usage", "display traffic-policy applied-record", "display interface <WAN>"),
    H3C: ("display cpu-usage", "display qos policy interface", "display interface <WAN>"),
    RUIJIE: ("show cpu", "show policy-map", "show interfaces <WAN>"),
}
INBOUND_SHUT: Commands = {
    LINUX: (
        "nft add table ip6 inbound",
        "nft add chain ip6 inbound f '{ type filter hook forward priority 0; }'",
        "nft add rule ip6 inbound f ct state established,related accept",
        "nft add rule ip6 inbound f icmpv6 type packet-too-big accept",
        "nft add rule ip6 inbound f iifname <WAN> drop",
    ),
}

BEYOND: Mapping[str, Commands] = {
    "NO_TARGETS": BY_HAND,
    "NO_RESOLVER": RESOLVERS,
    "RESOLVER_SILENT": RESOLVERS,
    "NO_V6_RESOLVER": RESOLVERS,
    "AAAA_FILTERED": FILTERED,
    "AAAA_SERVFAIL": FILTERED,
    "AAAA_OTHER": FILTERED,
    "AAAA_SLOW": SLOW_NAMES,
    "AAAA_SYNTHESISED": DNS64,
    "NO_TRANSIT": WAY_OUT,
    "PARTIAL_TRANSIT": WAY_OUT,
    "NO_ANSWER": WEB_PORT,
    "NO_TLS": WEB_PORT,
    "CAPTIVE": SIGN_ON,
    "TLS_INTERCEPT": INSPECTED,
    "PROXY": BY_PROXY,
    "NAT66": NO_TRANSLATION,
    "NPT": NO_TRANSLATION,
    "PMTU_BLACKHOLE_UP": PATH_MTU,
    "PMTU_BLACKHOLE_DOWN": PATH_MTU,
    "PMTU_BLACKHOLE_BOTH": PATH_MTU,
    "LARGE_FAILS_OTHER": LOSSES,
    "V6_UNSTABLE": LOSSES,
    "V6_SLOW": LOSSES,
    "V4_PREFERRED": LOSSES,
    "DEGRADED_LOSS": LOSSES,
    "DEGRADED_RTT": LOSSES,
    "DEGRADED_RATE": SLOW_RATE,
    "OPEN_INBOUND": INBOUND_SHUT,
}
