"""
What can be measured of a school's Wi-Fi? A part of the one table in `evidence.quantities`.

What one place hears is told network by network (subject: the BSSID, IEEE 802.11-2020 section 9.2.4.3.4, in lower case with colons); what
follows for places is the judge's. The controller's own list stands beside it: whose an access point is, is not heard on the air.
"""

from __future__ import annotations

from evidence.model import JUDGE, Quantity, Unit

# --- What a place hears -----------------------------------------------------------------------------------------------
WIFI_SIGNAL = Quantity(
    "wifi.signal",
    Unit.MBM,
    "收到的一个接入点信号强度（多次扫描的中位数）",
    "Signal strength of one access point heard: the median over the scans",
    source="wifi",
)
WIFI_HEARD = Quantity(
    "wifi.heard",
    Unit.COUNT,
    "听到一个接入点的次数，但没有可用的信号强度",
    "How often an access point was heard of which no signal strength is known",
    source="wifi",
)
WIFI_BAND = Quantity(
    "wifi.band",
    Unit.STATE,
    "本机无线网卡能否收听该频段",
    "Whether this radio can hear a band",
    states=("can", "cannot", "restricted", "unknown"),
    source="wifi",
)
WIFI_SCANS = Quantity("wifi.scans", Unit.COUNT, "完成的扫描次数", "Scans that ran to their end", source="wifi")
WIFI_STRANGERS = Quantity(
    "wifi.strangers",
    Unit.COUNT,
    "听到的非本校接入点个数（只计数）",
    "Access points heard that are not the school's: only their number",
    source="wifi",
)
SURVEY_POINT = Quantity(
    "survey.point",
    Unit.COUNT,
    "在该地点的第几个测点",
    "Which point of its place this is",
    source="wifi",
)

# --- The controller's own list ----------------------------------------------------------------------------------------
APS_ANSWERED = Quantity(
    "aps.answered",
    Unit.PPM,
    "应答的无线控制器占所列控制器的比例",
    "Share of the listed controllers that answered",
    source="aps",
)
AP_STATE = Quantity(
    "ap.state",
    Unit.STATE,
    "控制器所报告的接入点状态",
    "State of an access point as its controller tells it",
    states=("up", "down", "standby", "unknown"),
    source="aps",
)
AP_BSSID = Quantity(
    "ap.bssid",
    Unit.STATE,
    "接入点所发的一个 BSSID",
    "One BSSID that an access point of the controller sends",
    states=("up", "down", "unknown"),
    source="aps",
)
AP_RADIO = Quantity(
    "ap.radio", Unit.COUNT, "接入点一个射频的关联终端数", "Clients on one radio of an access point", source="aps"
)
AP_WIRED = Quantity(
    "ap.wired", Unit.BIT_S, "接入点有线口的速率", "Rate of the wired port of an access point", source="aps"
)
ROAM_TRACE = Quantity(
    "roam.trace",
    Unit.COUNT,
    "控制器记录的本机切换次数",
    "Hand-overs of this box that the controller has on its books",
    source="aps",
)

# --- Roaming ----------------------------------------------------------------------------------------------------------
ROAM_HANDOVER = Quantity(
    "roam.handover",
    Unit.MICROSECOND,
    "一次切换中断的时间",
    "How long one hand-over interrupted the pings",
    source="roam",
)
ROAM_HANDOVERS = Quantity("roam.handovers", Unit.COUNT, "切换次数", "Number of hand-overs", source="roam")
ROAM_FAILED = Quantity("roam.failed", Unit.COUNT, "失败的切换次数", "Number of hand-overs that failed", source="roam")
ROAM_LOSS = Quantity(
    "roam.loss", Unit.PPM, "走动期间的丢包率", "Share of the pings lost during the walk", source="roam"
)
ROAM_KEPT = Quantity(
    "roam.kept",
    Unit.STATE,
    "切换后地址是否不变",
    "Whether the address stayed over all hand-overs",
    states=("yes", "no"),
    source="roam",
)

# --- What the judge computes ------------------------------------------------------------------------------------------
WIFI_COVERAGE = Quantity(
    "wifi.coverage", Unit.PPM, "有无线覆盖的地点比例", "Share of places with Wi-Fi coverage", source=JUDGE
)
WIFI_GIGABIT_COVERAGE = Quantity(
    "wifi.gigabit_coverage",
    Unit.PPM,
    "有千兆无线覆盖的地点比例",
    "Share of places with gigabit-capable Wi-Fi",
    source=JUDGE,
)
WIFI_ROAMING = Quantity(
    "wifi.roaming",
    Unit.STATE,
    "同一网络名下终端能否自动切换接入点",
    "Whether a device moves between access points of one network by itself",
    states=("yes", "no", "cannot_tell"),
    source=JUDGE,
)
DEVICES_MANAGED_SHARE = Quantity(
    "devices.managed_share",
    Unit.PPM,
    "纳入同一管理平台的设备与无线接入点比例",
    "Share of devices and access points known to one controller",
    source=JUDGE,
)
