"""
What is the matter with one of the lower rungs of the IPv6 ladder (L0 to L3), and what is to be done next, in Chinese and English?

A part of the one table in `evidence.rung_words`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """Why, and what next, in both languages."""

    zh: str
    en: str
    step_zh: str
    step_en: str

    def why(self, language: str) -> str:
        """What is the matter, with its blanks."""
        return self.zh if language == "zh" else self.en

    def step(self, language: str) -> str:
        """What to do."""
        return self.step_zh if language == "zh" else self.step_en


LINK: dict[str, Said] = {
    "NO_RA": Said(
        "收不到路由器通告",
        "no router advertisement arrives",
        "在网关或三层交换机上为该 VLAN 打开路由器通告。",
        "Switch on router advertisements for this VLAN on the gateway or layer-3 switch.",
    ),
    "RA_LIFETIME_0": Said(
        "路由器声明自己不是默认路由器（生存期为 0）",
        "the router says that it is no default router (lifetime 0)",
        "把网关的路由器生存期设为大于 0，并检查其上游 IPv6 路由。",
        "Set the router lifetime above 0 on the gateway; check that it has an IPv6 route upstream.",
    ),
    "RA_MALFORMED": Said(
        "路由器通告无法读懂",
        "a router advertisement cannot be read",
        "找到发送它的设备（原始字节见证据），修正其设置。",
        "Find the device that sends it (the raw bytes are in the evidence) and mend its settings.",
    ),
    "ROGUE_RA": Said(
        "有不止一台路由器发送通告",
        "more than one router announces itself",
        "找到第二台路由器并关闭，或开启 RA Guard。",
        "Find the second router and switch it off, or turn on RA guard.",
    ),
    "PARSERS_DISAGREE": Said(
        "两个解析器对同一路由器通告的结论不一致",
        "two readers disagree about a router advertisement",
        "请把证据发给运维人员：该通告不常见。",
        "Send the evidence to the operator: the advertisement is unusual.",
    ),
    "STACK_OFF": Said(
        "本机未启用 IPv6",
        "IPv6 is switched off on this box",
        "在本机网口上启用 IPv6。",
        "Switch IPv6 on for the box's network port.",
    ),
    "DAD_FAIL": Said(
        "本机地址已被其他设备使用",
        "the box's own address is in use elsewhere",
        "在该 VLAN 中找出地址相同的设备。",
        "Find the device with the same address on this VLAN.",
    ),
    "ULA_ONLY": Said(
        "只有本地地址（ULA），没有可上网的地址",
        "only local addresses (ULA), none for the internet",
        "在该 VLAN 通告运营商分配的全球前缀。",
        "Announce the provider's global prefix in this VLAN.",
    ),
    "NO_LINK_LOCAL": Said(
        "网口没有可用于询问的链路本地地址",
        "the network port has no link-local address to ask from",
        "在本机网口上启用 IPv6。",
        "Switch IPv6 on for the box's network port.",
    ),
    "NOT_SENT": Said(
        "无法发出路由器请求",
        "the question to the routers could not be sent",
        "检查本机网口是否连通，然后重新测量。",
        "Check that the box's network port is up, then measure again.",
    ),
    "NOT_NATIVE": Said(
        "只有非原生的全球地址",
        "only addresses that are not native global ones",
        "在该 VLAN 通告运营商分配的全球前缀。",
        "Announce the provider's global prefix in this VLAN.",
    ),
    "NO_ADDRESS": Said(
        "没有形成全球地址",
        "no global address was formed",
        "通告带自动配置标志的 /64 前缀，或开启 DHCPv6。",
        "Announce a /64 prefix with the autonomous flag, or switch on DHCPv6.",
    ),
    "TUNNEL_6TO4": Said(
        "只有隧道地址（6to4）",
        "only a tunnel address (6to4)",
        "向运营商申请原生 IPv6。",
        "Ask the provider for native IPv6.",
    ),
    "TUNNEL_TEREDO": Said(
        "只有隧道地址（Teredo）",
        "only a tunnel address (Teredo)",
        "向运营商申请原生 IPv6。",
        "Ask the provider for native IPv6.",
    ),
    "ISATAP": Said(
        "只有隧道地址（ISATAP）",
        "only a tunnel address (ISATAP)",
        "向运营商申请原生 IPv6。",
        "Ask the provider for native IPv6.",
    ),
    "DOC_PREFIX": Said(
        "只有文档专用地址段的地址",
        "only an address of the documentation range",
        "使用运营商分配的前缀。",
        "Use the prefix that the provider assigned.",
    ),
    "DEPRECATED_ONLY": Said(
        "只有即将停用的地址",
        "only addresses that are being withdrawn",
        "把前缀的首选生存期设为大于 0。",
        "Set the preferred lifetime of the prefix above 0.",
    ),
    "MANUAL_ONLY": Said(
        "只有手工设置的地址",
        "only an address set by hand",
        "由网关通告前缀，使每台设备都能获得地址。",
        "Let the gateway announce the prefix, so that every device gets an address.",
    ),
    "NO_ROUTE": Said(
        "没有 IPv6 默认路由",
        "there is no IPv6 default route",
        "把网关的路由器生存期设为大于 0。",
        "Set the router lifetime above 0 on the gateway.",
    ),
    "GW_UNREACHABLE": Said(
        "网关没有通过 IPv6 应答",
        "the gateway does not answer over IPv6",
        "检查网关在该 VLAN 的 IPv6 地址及其过滤规则。",
        "Check the gateway's IPv6 address on this VLAN and its filter rules.",
    ),
    "NOT_IN_THIS_RELEASE": Said(
        "本版本尚未测试",
        "not tested by this release",
        "学校无需操作，后续版本将提供测量。",
        "Nothing to do at the school: a later release measures it.",
    ),
    "NOT_PERMITTED": Said(
        "探测端没有发送原始报文的权限",
        "the agent lacks the right to send raw packets",
        "按服务方式运行探测端（CAP_NET_RAW）。",
        "Run the agent as its service does (CAP_NET_RAW).",
    ),
}
