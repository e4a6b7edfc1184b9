"""
What can be measured, in which unit, and what does each name mean?

The whole table from policies to quantities: every name that a policy clause needs stands here once, with one unit or its
closed states and one sentence in Chinese and English. Nothing else declares a quantity; those of the way out stand in
`evidence.quantities_egress`, those of Wi-Fi in `evidence.quantities_wifi`, and are named here too. `source` says who gives it: a probe of this release, `judge` where the collector
computes it from other readings, `speed_server` for the operator's measurement server, or nothing yet; `also` names further probes that
give other subjects of it.
"""

from __future__ import annotations

from evidence.model import JUDGE as JUDGE
from evidence.model import SERVER as SERVER
from evidence.model import Quantity, Unit
from evidence.quantities_egress import *  # noqa: F403 - one table in three files
from evidence.quantities_wifi import *  # noqa: F403 - the same

YES_NO = ("yes", "no")
GIGABIT = 1_000_000_000  # bit/s: what "gigabit" means where a quantity counts ports
ETHERNET_RATES = (
    tuple(  # bit/s: of one port no other rate is ever a report (IEEE 802.3); an aggregate's is a sum of them
        rate * 1_000_000
        for rate in (10, 100, 1000, 2500, 5000, 10_000, 25_000, 40_000, 50_000, 100_000, 200_000, 400_000)
    )
)

# --- The desk: the port that carries the default route -----------------------------------------------------------------
DESK_SPEED = Quantity(
    "desk.speed",
    Unit.BIT_S,
    "本机承载默认路由的网口协商速率",
    "Negotiated rate of the port that carries the default route",
    source="desk",
)
DESK_DUPLEX = Quantity(
    "desk.duplex",
    Unit.STATE,
    "该网口的双工方式",
    "Duplex of that port",
    states=("full", "half", "unknown"),
    source="desk",
)

# --- Switches: ports, links, roles ------------------------------------------------------------------------------------
PORT_SPEED = Quantity(
    "port.speed", Unit.BIT_S, "交换机已连通端口的当前速率", "Current rate of a switch port that is up", source="uplinks"
)
PORT_UP = Quantity(
    "port.up", Unit.STATE, "交换机端口是否连通", "Whether a switch port is up", states=YES_NO, source="uplinks"
)
PORT_ROLE = Quantity(
    "port.role",
    Unit.STATE,
    "交换机端口的用途",
    "What a switch port is for",
    states=("wan", "uplink", "building", "core", "ap", "access", "stack", "unknown"),
    source="uplinks",
)
DEVICES_ANSWERED = Quantity(
    "devices.answered",
    Unit.PPM,
    "应答的交换机占所列交换机的比例",
    "Share of the listed switches that answered",
    source="uplinks",
)
LINK_SPEED = Quantity(
    "link.speed",
    Unit.BIT_S,
    "一条链路两端较低的速率",
    "Rate of one link: the lower of its two ends",
    source="uplinks",
)
BACKBONE_MIN = Quantity(
    "backbone.min", Unit.BIT_S, "最慢一条主干链路的速率", "Rate of the slowest backbone link", source="uplinks"
)
BUILDING_MIN = Quantity(
    "building.min",
    Unit.BIT_S,
    "最慢一条楼宇间链路的速率",
    "Rate of the slowest link between buildings",
    source="uplinks",
)
CORE_SPEED = Quantity(
    "core.speed",
    Unit.BIT_S,
    "核心交换机最慢一条已声明链路的速率",
    "Rate of the slowest declared link of the core switch",
    source="uplinks",
)
DESKTOP_GIGABIT_SHARE = Quantity(
    "desktop.gigabit_share",
    Unit.PPM,
    "已连通的桌面端口中速率不低于 1 Gbit/s 的比例",
    "Share of the desktop ports that are up which run at 1 Gbit/s or more",
    source="uplinks",
)
UPLINK_REDUNDANT_SHARE = Quantity(
    "uplink.redundant_share",
    Unit.PPM,
    "有冗余上联的交换机比例",
    "Share of switches with a redundant uplink",
    source="uplinks",
)
STIMULUS_SENT = Quantity(
    "stimulus.sent", Unit.OCTET, "本机按指令发出的字节数", "Octets that this box sent as ordered", source="stimulus"
)
STIMULUS_IN = Quantity(
    "stimulus.in",
    Unit.OCTET,
    "一次发送期间端口接收字节计数的增量",
    "Rise of a port's counter of octets received while the box sent",
    source="stimulus",
)
STIMULUS_OUT = Quantity(
    "stimulus.out",
    Unit.OCTET,
    "一次发送期间端口发送字节计数的增量",
    "Rise of a port's counter of octets sent while the box sent",
    source="stimulus",
)

# --- The line to the outside ------------------------------------------------------------------------------------------
WAN_SPEED = Quantity(
    "wan.speed", Unit.BIT_S, "出口网关广域网口的速率", "Rate of the gateway's WAN port", source="uplinks"
)
WAN_IN = Quantity("wan.in", Unit.OCTET, "广域网口收到的字节计数", "Octets received on the WAN port", source="uplinks")
WAN_OUT = Quantity("wan.out", Unit.OCTET, "广域网口发出的字节计数", "Octets sent on the WAN port", source="uplinks")
WAN_MEDIUM = Quantity(
    "wan.medium",
    Unit.STATE,
    "广域网口的传输介质",
    "Medium of the WAN port",
    states=("fibre", "copper", "unknown"),
    source="uplinks",
)
INTERNET_REACHED = Quantity(
    "internet.reached", Unit.PPM, "应答的互联网目标比例", "Share of the named internet targets that accept a connection"
)

# --- The education metropolitan network -------------------------------------------------------------------------------
METRO_REACHED = Quantity(
    "metro.reached",
    Unit.PPM,
    "可连接的教育城域网指定服务比例",
    "Share of the named services of the education network that accept a connection",
    source="metro",
)
METRO_CONNECT = Quantity(
    "metro.connect",
    Unit.MICROSECOND,
    "与一项教育城域网服务建立 TCP 连接的时间",
    "Time to open a TCP connection to one service of the education network",
    source="metro",
)
METRO_FIRST_HOP = Quantity(
    "metro.first_hop",
    Unit.STATE,
    "通往该服务的第一跳是否已知",
    "Whether the first hop on the way to the service is known",
    states=("known", "unknown"),
    source="metro",
)
METRO_INSIDE_REACHED = Quantity(
    "metro.inside_reached",
    Unit.PPM,
    "可连接的“仅城域网内可达”服务比例",
    "Share of the services registered as reachable only from inside the education network that accept a connection",
    source=JUDGE,
)

# --- IPv6 -------------------------------------------------------------------------------------------------------------
IPV6_RUNG = Quantity(
    "ipv6.rung",
    Unit.STATE,
    "IPv6 阶梯中一级的结果",
    "Result of one rung of the IPv6 ladder",
    states=("pass", "fail", "not_tested", "inconclusive"),
    source="ipv6",
    also=("uplinks", "inbound"),
)
IPV6_GRADE = Quantity(
    "ipv6.grade",
    Unit.GRADE,
    "IPv6 支持程度：0 无，1 已准备，2 可达，3 支持，4 实际使用",
    "How far IPv6 works: 0 none, 1 prepared, 2 reachable, 3 supported, 4 in real use",
    source="ipv6",
)

IPV6_VLAN_SHARE = Quantity(
    "ipv6.vlan_share",
    Unit.PPM,
    "已有 IPv6 的用户网段（VLAN）比例",
    "Share of the user networks (VLANs) that have IPv6",
    source=JUDGE,
)

# --- The school's own site, seen from outside ---------------------------------------------------------------------------
SITE_CHECK = Quantity(
    "site.check",
    Unit.STATE,
    "学校网站 IPv6 检查中一项的结果",
    "Result of one check of the IPv6 of a school's site",
    states=("pass", "fail", "not_tested", "inconclusive"),
    source="site",
)
SITE_ANSWERED = Quantity(
    "site.answered",
    Unit.PPM,
    "一次测量中网站应答的尝试比例",
    "Share of the trials of one run in which a site answered",
    source="site",
)
SITE_IPV6 = Quantity(
    "site.ipv6",
    Unit.STATE,
    "学校网站的 IPv6 支持程度",
    "How far a school's site supports IPv6",
    states=("none", "partial", "supported", "complete"),
    source=JUDGE,
)

# --- Places: wired -------------------------------------------------------------------------------------------------
PLACE_WIRED = Quantity(
    "place.wired", Unit.STATE, "该地点是否有可用的有线网络", "Whether a place has working wired access", states=YES_NO
)
WIRED_COVERAGE = Quantity("wired.coverage", Unit.PPM, "有有线网络的地点比例", "Share of places with wired access")

# --- Logs -------------------------------------------------------------------------------------------------------------
LOGS_MONTHS = Quantity(
    "logs.months",
    Unit.MONTH,
    "一个来源可查询到的完整自然月数",
    "Whole calendar months back for which one source can be queried",
)
LOGS_SPAN = Quantity("logs.span", Unit.DAY, "一个来源可查询到的天数", "Days back for which one source can be queried")
LOGS_GAP_DAYS = Quantity("logs.gap_days", Unit.DAY, "日志缺失的天数", "Days without a record that should have some")
LOGS_SOURCES_COVERED = Quantity(
    "logs.sources_covered", Unit.PPM, "有日志的来源比例", "Share of the required sources with logs"
)
LOGS_CANARIES_FOUND = Quantity(
    "logs.canaries_found", Unit.PPM, "找回的标记记录比例", "Share of the planted records found again"
)
LOGS_GRADE = Quantity("logs.grade", Unit.GRADE, "日志留存的证明等级 R0-R4", "Proof of log retention, R0 to R4")
LOGS_SECURITY_MONTHS = Quantity(
    "logs.security_months",
    Unit.MONTH,
    "安全日志可查询的完整自然月数",
    "Whole months for which security logs can be queried",
)
LOGS_DEVICE_MONTHS = Quantity(
    "logs.device_months",
    Unit.MONTH,
    "网络设备日志可查询的完整自然月数",
    "Whole months for which network device logs can be queried",
)
LOGS_BEHAVIOUR = Quantity(
    "logs.behaviour", Unit.STATE, "是否有上网行为记录", "Whether use of the network is recorded", states=YES_NO
)

# --- Names and sites --------------------------------------------------------------------------------------------------
NAMES_BLOCKED = Quantity(
    "names.blocked_share", Unit.PPM, "被拦截的无害测试域名比例", "Share of the harmless test names that are blocked"
)
NAMES_SIGN_ON = Quantity(
    "names.sign_on",
    Unit.STATE,
    "上网前是否要求登录",
    "Whether sign-on is demanded before internet access",
    states=YES_NO,
)
SITE_AVAILABILITY = Quantity(
    "site.availability",
    Unit.PPM,
    "学校门户网站可访问的时间比例",
    "Share of the time in which the school's site answered",
    source=JUDGE,
)
GATEWAY_ALARMS = Quantity(
    "gateway.alarms", Unit.COUNT, "出口网关自身的违规告警数，只读", "The gateway's own alarms of violations, read only"
)

ALL: dict[str, Quantity] = {value.name: value for value in list(globals().values()) if isinstance(value, Quantity)}
