"""
What can be measured of the way out of a school? A part of the one table in `evidence.quantities`.

Down is towards the school. Rates are payload unless the name ends in `_ip`; `evidence.layers` says how one follows from the other.
"""

from __future__ import annotations

from evidence.model import JUDGE, SERVER, Quantity, Unit

EGRESS_DOWN = Quantity("egress.down", Unit.BIT_S, "下行带宽，净荷", "Download rate, payload", source="egress")
EGRESS_UP = Quantity("egress.up", Unit.BIT_S, "上行带宽，净荷", "Upload rate, payload", source="egress")
EGRESS_DOWN_IP = Quantity(
    "egress.down_ip", Unit.BIT_S, "下行带宽，按 IP 层", "Download rate at the IP layer", source="egress"
)
EGRESS_UP_IP = Quantity(
    "egress.up_ip", Unit.BIT_S, "上行带宽，按 IP 层", "Upload rate at the IP layer", source="egress"
)
INTERNET_DOWN = Quantity(
    "egress.internet.down", Unit.BIT_S, "互联网下行带宽，净荷", "Internet download rate, payload", source="egress"
)
INTERNET_UP = Quantity(
    "egress.internet.up", Unit.BIT_S, "互联网上行带宽，净荷", "Internet upload rate, payload", source="egress"
)
INTERNET_DOWN_IP = Quantity(
    "egress.internet.down_ip",
    Unit.BIT_S,
    "互联网下行带宽，按 IP 层",
    "Internet download rate at the IP layer",
    source="egress",
)
INTERNET_UP_IP = Quantity(
    "egress.internet.up_ip",
    Unit.BIT_S,
    "互联网上行带宽，按 IP 层",
    "Internet upload rate at the IP layer",
    source="egress",
)
METRO_DOWN = Quantity(
    "egress.metro.down",
    Unit.BIT_S,
    "教育城域网下行带宽，净荷",
    "Education network download rate, payload",
    source="egress",
)
METRO_UP = Quantity(
    "egress.metro.up",
    Unit.BIT_S,
    "教育城域网上行带宽，净荷",
    "Education network upload rate, payload",
    source="egress",
)
METRO_DOWN_IP = Quantity(
    "egress.metro.down_ip",
    Unit.BIT_S,
    "教育城域网下行带宽，按 IP 层",
    "Education network download rate at the IP layer",
    source="egress",
)
METRO_UP_IP = Quantity(
    "egress.metro.up_ip",
    Unit.BIT_S,
    "教育城域网上行带宽，按 IP 层",
    "Education network upload rate at the IP layer",
    source="egress",
)
EGRESS_LIMITED_BY = Quantity(
    "egress.limited_by",
    Unit.STATE,
    "是什么限制了带宽测量结果",
    "What limited the bandwidth result",
    states=("network", "port", "cpu", "receiver", "server", "other_traffic", "unsteady", "pace", "unknown"),
    source="egress",
)
EGRESS_IDLE_LATENCY = Quantity(
    "egress.idle_latency",
    Unit.MICROSECOND,
    "线路空闲时的往返时延",
    "Round-trip time while the line is idle",
    source="egress",
)
EGRESS_LOADED_LATENCY = Quantity(
    "egress.loaded_latency",
    Unit.MICROSECOND,
    "线路满载时的往返时延",
    "Round-trip time while the line is full",
    source="egress",
)
EGRESS_RESPONSIVENESS = Quantity(
    "egress.responsiveness",
    Unit.COUNT,
    "满载时每分钟的往返次数",
    "Round trips a minute while the line is full",
    source="egress",
)
EGRESS_LOSS = Quantity("egress.loss", Unit.PPM, "丢包率", "Share of packets lost", source="egress")
EGRESS_RETRANSMITTED = Quantity(
    "egress.retransmitted", Unit.PPM, "重传报文占比", "Share of segments sent again", source="egress"
)
EGRESS_WAN_DOWN = Quantity(
    "egress.wan_down",
    Unit.BIT_S,
    "测量期间出口端口计数器的下行速率",
    "Download rate that the counters of the port to the outside show during a measurement",
    source="egress",
)
EGRESS_WAN_UP = Quantity(
    "egress.wan_up",
    Unit.BIT_S,
    "测量期间出口端口计数器的上行速率",
    "Upload rate that the counters of the port to the outside show during a measurement",
    source="egress",
)
# What the measurement server signs of the same session: the other party's word.
OBSERVED_DOWN = Quantity(
    "observed.down",
    Unit.BIT_S,
    "测速服务器核实的下行净荷速率",
    "Download payload rate that the server proved",
    source=SERVER,
)
OBSERVED_UP = Quantity(
    "observed.up",
    Unit.BIT_S,
    "测速服务器收到的上行净荷速率",
    "Upload payload rate that the server received",
    source=SERVER,
)
OBSERVED_DOWN_IP = Quantity(
    "observed.down_ip",
    Unit.BIT_S,
    "测速服务器核实的下行速率，按 IP 层",
    "Download rate that the server proved, at the IP layer",
    source=SERVER,
)
OBSERVED_UP_IP = Quantity(
    "observed.up_ip",
    Unit.BIT_S,
    "测速服务器收到的上行速率，按 IP 层",
    "Upload rate that the server received, at the IP layer",
    source=SERVER,
)
# What another tool says: shown beside, never judged.
SECOND_DOWN = Quantity(
    "second.down", Unit.BIT_S, "其他工具测得的下行速率", "Download rate by another tool", source="second_opinion"
)
SECOND_UP = Quantity(
    "second.up", Unit.BIT_S, "其他工具测得的上行速率", "Upload rate by another tool", source="second_opinion"
)
# What the counters of the ports to the outside show of everyday traffic.
WAN_PEAK_DOWN = Quantity(
    "wan.peak_down",
    Unit.BIT_S,
    "出口端口一分钟平均下行速率的最大值",
    "Largest one-minute download rate of a port to the outside",
    source="wan",
)
WAN_PEAK_UP = Quantity(
    "wan.peak_up",
    Unit.BIT_S,
    "出口端口一分钟平均上行速率的最大值",
    "Largest one-minute upload rate of a port to the outside",
    source="wan",
)
WAN_MEAN_DOWN = Quantity(
    "wan.mean_down", Unit.BIT_S, "出口端口平均下行速率", "Mean download rate of a port to the outside", source="wan"
)
WAN_MEAN_UP = Quantity(
    "wan.mean_up", Unit.BIT_S, "出口端口平均上行速率", "Mean upload rate of a port to the outside", source="wan"
)
WAN_RATE = Quantity(
    "wan.rate", Unit.BIT_S, "出口端口接入速率", "Access rate of a port to the outside (ifHighSpeed)", source="wan"
)
EGRESS_BUSY_HEADROOM = Quantity(
    "egress.busy_headroom",
    Unit.PPM,
    "忙时出口余量占线路速率的比例",
    "Share of the line that is free in its busy hour",
    source=JUDGE,
)
