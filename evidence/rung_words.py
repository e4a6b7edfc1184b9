"""
What is the matter with a rung of the IPv6 ladder, and what is to be done next, in Chinese and English?

One sentence and one step for each code that a probe may give (docs/probes.md), for the page of an evaluator as for the terminal of a network
admin. Blanks are filled from the facts of the reading. Those of L0 to L3 stand in `evidence.rung_words_link`.
"""

from __future__ import annotations

from evidence.rung_words_link import LINK
from evidence.rung_words_link import Said as Said

RUNGS: dict[str, Said] = LINK | {
    "DHCPV6_SILENT": Said(
        "地址像是 DHCPv6 分配的，但没有 DHCPv6 服务器应答",
        "the address looks like one of DHCPv6, but no DHCPv6 server answered",
        "请检查本 VLAN 的 DHCPv6 服务器是否运行、是否有空闲地址，以及中继是否可达。",
        "Check that the DHCPv6 server of this VLAN runs and has free addresses, and that the relay reaches it.",
    ),
    "TENTATIVE": Said(
        "地址仍在进行重复地址检测",
        "the address is still being checked for duplicates",
        "请重新测量；若仍如此，请检查本 VLAN 是否存在环路。",
        "Measure again; if it stays, look for a loop on this VLAN.",
    ),
    "NO_TARGETS": Said(
        "本次测量没有给出测量目标",
        "the order names nothing to measure against",
        "由运维人员登记域名和目标（campusproof-collector names、target），学校无需操作。",
        "The operator enters names and targets (campusproof-collector names, target); nothing to do at the school.",
    ),
    "NOT_REACHED": Said(
        "未测试：经 IPv6 无法到达运维方的服务器",
        "not tested, because the operator's server is not reached over IPv6",
        "请先解决下面的一级。",
        "Mend the rung below first.",
    ),
    "AAAA_FILTERED": Said(
        "解析服务器 {resolver} 返回域名的 IPv4 地址，却隐藏其 IPv6 地址",
        "the resolver {resolver} gives the IPv4 address of a name and hides its IPv6 address",
        "请在该解析服务器上关闭 AAAA 过滤（dnsmasq：filter-AAAA；网关或上网行为管理设备同样检查）。",
        "Switch off the filtering of AAAA records on this resolver (dnsmasq: filter-AAAA; also on the gateway or the behaviour-management device).",
    ),
    "AAAA_SERVFAIL": Said(
        "解析服务器 {resolver} 无法回答 IPv6 地址查询",
        "the resolver {resolver} fails on questions for IPv6 addresses",
        "请升级或更换该解析服务器，并检查是否允许其回答 AAAA 查询。",
        "Update or replace this resolver; check that it may answer AAAA questions.",
    ),
    "AAAA_SLOW": Said(
        "解析服务器 {resolver} 回答 IPv6 地址查询过慢",
        "the resolver {resolver} answers questions for IPv6 addresses too slowly",
        "请检查该解析服务器经 IPv4 和 IPv6 到上级服务器的路径。",
        "Check the resolver's own way to its upstream servers over IPv4 and IPv6.",
    ),
    "AAAA_OTHER": Said(
        "解析服务器 {resolver} 给出的 IPv6 地址与域名的真实地址不同",
        "the resolver {resolver} gives another IPv6 address than the name has",
        "请查明是什么改写了解析结果（解析服务器、网关、上网行为管理），并放行测量域名。",
        "Find what rewrites DNS answers (resolver, gateway, behaviour management) and take the measurement's names out of it.",
    ),
    "AAAA_SYNTHESISED": Said(
        "域名本有 IPv6 地址，解析服务器 {resolver} 却用 DNS64 合成了另一个",
        "the resolver {resolver} makes up an IPv6 address by DNS64 although the name has one",
        "请让 DNS64 只为没有 AAAA 记录的域名合成地址（RFC 6147）。",
        "Let DNS64 make up addresses for names without AAAA records only (RFC 6147).",
    ),
    "NAME_MISSING": Said(
        "解析服务器查不到运维方的测量域名",
        "the operator's measurement name is not known to the resolver",
        "由运维方检查其域名区域（deploy/echo）；若其他域名正常，学校无需操作。",
        "The operator checks its zone (deploy/echo); nothing to do at the school unless other names fail too.",
    ),
    "RESOLVER_SILENT": Said(
        "本网络的解析服务器均未应答",
        "no resolver of this network answered",
        "请检查网络下发的 DNS 服务器及其可达性。",
        "Check the DNS servers that the network hands out and that they are reachable.",
    ),
    "NO_RESOLVER": Said(
        "网络没有下发解析服务器",
        "the network hands out no resolver",
        "请通过路由器通告（RDNSS）或 DHCP 下发 DNS 服务器。",
        "Announce DNS servers by router advertisement (RDNSS) or DHCP.",
    ),
    "NO_V6_RESOLVER": Said(
        "没有解析服务器经 IPv6 应答",
        "no resolver answers over IPv6",
        "请为解析服务器配置 IPv6 地址，并通过 RDNSS 或 DHCPv6 下发；本级仍算通过。",
        "Give the resolver an IPv6 address and announce it by RDNSS or DHCPv6; the rung passes all the same.",
    ),
    "DNS64": Said("网络通过 NAT64 访问 IPv4", "the network reaches IPv4 by NAT64", "无需处理。", "Nothing to do."),
    "NO_TRANSIT": Said(
        "无法到达 IPv6 互联网上的任何主机",
        "no host on the IPv6 internet is reached",
        "请检查出口路由器的 IPv6 默认路由、运营商是否承载该前缀，再检查防火墙的 IPv6 规则。",
        "Check the IPv6 default route on the egress router and that the provider carries the prefix; then the firewall's rules for IPv6.",
    ),
    "PARTIAL_TRANSIT": Said(
        "只能到达一部分 IPv6 互联网",
        "only a part of the IPv6 internet is reached",
        "请询问运营商为何无法到达其他运营商的 IPv6 网络，并检查本校前缀在运营商之外的路由。",
        "Ask the provider why other operators' IPv6 networks are not reached; check the route of the prefix beyond the provider.",
    ),
    "SERVER_UNREACHABLE": Said(
        "其他主机经 IPv6 可达，运维方的服务器不可达",
        "other hosts are reached over IPv6, the operator's server is not",
        "由运维方检查其服务器，学校无需操作。",
        "The operator checks its server; nothing to do at the school.",
    ),
    "FEW_TARGETS": Said(
        "运维方清单中的目标太少，无法区分整个 IPv6 互联网与某一家运营商的网络",
        "the operator's list names too few hosts to tell the IPv6 internet from one operator's network",
        "由运维人员登记至少三家网络中的五个目标（campusproof-collector target add），学校无需操作。",
        "The operator enters at least five targets in three networks (campusproof-collector target add); nothing to do at the school.",
    ),
    "NO_ANSWER": Said(
        "运维方的服务器经 IPv6 没有返回页面",
        "the operator's server gives no page over IPv6",
        "请检查防火墙及查看网页流量的设备对 IPv6 的处理。",
        "Check the firewall and anything that looks into web traffic for IPv6.",
    ),
    "CAPTIVE": Said(
        "认证门户或其他设备代替服务器作了应答",
        "a portal or another device answers in the server's place",
        "请将本机加入认证免认证名单，或先登录；并检查认证门户是否支持 IPv6。",
        "Take the box out of the sign-on portal, or sign it on; check that the portal works for IPv6 at all.",
    ),
    "NO_TLS": Said(
        "经 IPv6 只能访问未加密的页面",
        "pages are reached over IPv6 only without TLS",
        "请在防火墙上为 IPv6 放行 443 端口。",
        "Open port 443 for IPv6 in the firewall.",
    ),
    "TLS_INTERCEPT": Said(
        "途中有设备用自己的证书解开了 TLS",
        "TLS is opened on the way by a device with a certificate of its own",
        "请将测量域名排除在 TLS 解密之外，或关闭对 IPv6 的解密。",
        "Take the measurement's names out of TLS inspection, or switch the inspection off for IPv6.",
    ),
    "PROXY": Said(
        "请求由代理转发，服务器看到的不是本机的 IPv6",
        "a proxy carries the request on; the server was not asked over IPv6 by this box",
        "请让本机不经代理访问外网。",
        "Let the box go out without the proxy.",
    ),
    "ECHO_WRONG": Said(
        "应答由另一把密钥签名，不是运维方的",
        "the answer is sealed by another key than the operator's",
        "由运维方核对回显服务器的密钥与清单（campusproof-collector server list）。",
        "The operator compares the key of its echo server with the list (campusproof-collector server list).",
    ),
    "NAT66": Said(
        "地址在途中被转换（NAT66）",
        "addresses are translated on the way (NAT66)",
        "请取消 NAT66，直接向主机通告运营商前缀：有地址转换时只算可达，不算支持 IPv6。",
        "Remove NAT66 and announce the provider's prefix to the hosts: with it the place counts as reachable, not as supporting IPv6.",
    ),
    "NPT": Said(
        "前缀在途中被转换（NPTv6）",
        "the prefix is translated on the way (NPTv6)",
        "请取消前缀转换，直接向主机通告运营商前缀。",
        "Remove the prefix translation and announce the provider's prefix to the hosts.",
    ),
    "PMTU_BLACKHOLE_UP": Said(
        "发往外网的大包被悄悄丢弃（路径 MTU 黑洞）",
        "large packets to the outside are lost without a word (path MTU)",
        "请在各级防火墙上放行发给主机的 ICMPv6“包过大”（Packet Too Big）；临时可在网关上调低 MSS。",
        "Let ICMPv6 Packet Too Big in to the hosts on every firewall; as a stopgap lower the MSS on the gateway.",
    ),
    "PMTU_BLACKHOLE_DOWN": Said(
        "来自外网的大包被悄悄丢弃（路径 MTU 黑洞）",
        "large packets from the outside are lost without a word (path MTU)",
        "请放行发往互联网的 ICMPv6“包过大”（Packet Too Big）；临时可在网关上调低 MSS。",
        "Let ICMPv6 Packet Too Big out to the internet; as a stopgap lower the MSS on the gateway.",
    ),
    "PMTU_BLACKHOLE_BOTH": Said(
        "双向的大包都被悄悄丢弃（路径 MTU 黑洞）",
        "large packets are lost both ways without a word (path MTU)",
        "请双向放行 ICMPv6“包过大”（Packet Too Big）；临时可在网关上调低 MSS。",
        "Let ICMPv6 Packet Too Big through in both directions; as a stopgap lower the MSS on the gateway.",
    ),
    "LARGE_FAILS_OTHER": Said(
        "大数据传输中断，即使使用小包",
        "large transfers stick, also with small packets",
        "请检查会切断连接的设备：上网行为管理、会话限制、故障链路。",
        "Look for devices that cut connections: behaviour management, session limits, a faulty link.",
    ),
    "SMALL_FAILS": Said(
        "连小数据也无法传完",
        "not even small transfers end",
        "请先解决下面的一级，再重新测量。",
        "Mend the rung below first, then measure again.",
    ),
    "NO_MTU1280": Said(
        "运维方没有可供测量的窄路径",
        "the operator has no narrow path to measure against",
        "由运维方设置 mtu1280 域名（deploy/echo），学校无需操作。",
        "The operator sets up the name mtu1280 (deploy/echo); nothing to do at the school.",
    ),
    "V6_UNSTABLE": Said(
        "IPv6 连接失败或需要重试，浏览器会转用 IPv4",
        "connections over IPv6 fail or need a second try, so that browsers go over to IPv4",
        "请检查 IPv6 路径上的丢包：链路误码、路由器过忙、两个默认路由器中有一个失效。",
        "Look for losses on the IPv6 path: link errors, a router that is busy, two default routers of which one is dead.",
    ),
    "V6_SLOW": Said(
        "IPv6 比 IPv4 慢得多，浏览器不会使用",
        "IPv6 is so much slower than IPv4 that browsers do not use it",
        "请比较两条路径（traceroute -6）：通常是隧道或运营商绕路所致。",
        "Compare both paths (traceroute -6): a tunnel or a detour of the provider's is the usual cause.",
    ),
    "V4_PREFERRED": Said(
        "竞速时多由 IPv4 胜出",
        "in a race IPv4 mostly wins",
        "请比较两条路径，消除 IPv6 连接首包的延迟。",
        "Compare both paths; remove what delays the first packets of IPv6 connections.",
    ),
    "NO_IPV4": Said(
        "本网络没有 IPv4 可供比较", "there is no IPv4 here to compare with", "无需处理。", "Nothing to do."
    ),
    "NOT_NARROW": Said(
        "运维方的窄路径并不窄，未能检验大包",
        "the operator's narrow path is not narrow, so that nothing had to be said of large packets",
        "由运维方检查 mtu1280 域名（deploy/echo），学校无需操作。",
        "The operator checks the name mtu1280 (deploy/echo); nothing to do at the school.",
    ),
    "SERVER_ERROR": Said(
        "运维方的服务器应答了错误",
        "the operator's server answers with an error",
        "由运维方检查其服务器，学校无需操作。",
        "The operator checks its server; nothing to do at the school.",
    ),
    "GW_NO_ECHO": Said(
        "网关有应答，但丢弃 ping",
        "the gateway is there, and throws echoes away",
        "无需处理。",
        "Nothing to do.",
    ),
    "NO_V4_NAME": Said(
        "运维方清单中没有可供比较的 IPv4 地址",
        "the operator's list has no IPv4 address to compare with",
        "由运维人员添加（campusproof-collector names set --v4）。",
        "The operator adds one (campusproof-collector names set --v4).",
    ),
    "V4_SILENT": Said(
        "经 IPv4 无法到达运维方的服务器，无从比较",
        "the operator's server is not reached over IPv4, so nothing can be compared",
        "请检查 IPv4 后重新测量。",
        "Check IPv4, then measure again.",
    ),
    "DEGRADED_LOSS": Said(
        "IPv6 连接失败多于 IPv4",
        "more connections fail over IPv6 than over IPv4",
        "请检查 IPv6 路径上的丢包。",
        "Look for losses on the IPv6 path.",
    ),
    "DEGRADED_RTT": Said(
        "IPv6 往返时延明显大于 IPv4",
        "round trips over IPv6 take notably longer than over IPv4",
        "请要求运营商提供与 IPv4 同样直接的原生路径。",
        "Ask the provider for a native path as direct as that of IPv4.",
    ),
    "DEGRADED_RATE": Said(
        "IPv6 的速率明显低于 IPv4",
        "IPv6 carries notably less than IPv4",
        "请检查路由器或防火墙是否用软件转发 IPv6，以及是否对 IPv6 限速。",
        "Check whether a router or firewall handles IPv6 in software, and rate limits for IPv6.",
    ),
    "TOO_SLOW": Said(
        "比较未能在规定时间内完成",
        "the comparison did not end in its time",
        "请在较空闲的时段重新测量。",
        "Measure again in a quieter hour.",
    ),
    "TOO_SHORT": Said(
        "下载结束得太快，无法把速率与往返时延区分开",
        "the downloads ended too soon to tell a rate from round trips",
        "请下达更大的下载量（rate_octets），然后重新测量。",
        "Order larger downloads (rate_octets), then measure again.",
    ),
    "BROKEN_OFF": Said(
        "从运维方服务器的下载中断，或内容不符",
        "downloads from the operator's server broke off or had other content",
        "请检查途中是什么截断或改写了网页流量，然后重新测量。",
        "Check what cuts or rewrites web traffic on the way, then measure again.",
    ),
    "NOT_ORDERED": Said("本次未要求测量", "not ordered in this run", "无需处理。", "Nothing to do."),
    "OPEN_INBOUND": Said(
        "从互联网经 IPv6 可到达本机的端口",
        "ports of this box are reached from the internet over IPv6",
        "请在出口设置 IPv6 有状态过滤，默认拒绝来自外部的连接。",
        "Set a stateful filter for IPv6 at the egress that refuses connections from outside.",
    ),
    "NOT_THERE": Said(
        "路由器回复该地址不存在",
        "a router says that there is no such address",
        "请确认设备已开机且地址未变，再重新测量。",
        "Check that the box is on and still has this address, then measure again.",
    ),
    "NO_WAY": Said(
        "校外观测点自身没有可用的 IPv6",
        "the outside vantage itself has no working IPv6",
        "由运维方修复观测点，学校无需操作。",
        "The operator mends the vantage; nothing to do at the school.",
    ),
}
OTHER = Said(
    "未通过（{code}）",
    "did not pass ({code})",
    "查看证据中该级的明细，处理后重新测量。",
    "See the rung's details in the evidence, mend it and measure again.",
)


def said_of(code: str) -> Said:
    """What is said of a code; of one of a later release, that it did not pass."""
    return RUNGS.get(code, OTHER)
