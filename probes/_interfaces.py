"""
Which network port carries the default route, and what is it?

*Method*: routes by rtnetlink in the process's own network namespace; rate, duplex and MTU by psutil; the driver by
ethtool's GDRVINFO, which needs no right and, unlike /sys, always speaks of the namespace that asks.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import socket
import struct
from dataclasses import dataclass
from typing import Any

import psutil
from pyroute2 import IPRoute  # type: ignore[import-untyped]  # the library ships no types

SIOCETHTOOL = 0x8946  # linux/sockios.h
ETHTOOL_GDRVINFO = 3  # linux/ethtool.h; struct ethtool_drvinfo: u32 cmd, char driver[32], ...
DRVINFO_OCTETS = 196
RTN_UNICAST = 1  # linux/rtnetlink.h: a route that leads somewhere, unlike blackhole or unreachable
DUPLEX: dict[int, str] = {psutil.NIC_DUPLEX_FULL: "full", psutil.NIC_DUPLEX_HALF: "half"}
MBIT_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Port:
    """One network port; `speed_bit_s` is None where the driver tells none, `driver` is "unknown" where it has no name."""

    name: str
    driver: str
    up: bool
    speed_bit_s: int | None
    duplex: str
    mtu: int


def default_interface(families: tuple[int, ...] = (socket.AF_INET, socket.AF_INET6)) -> str | None:
    """The name of the interface with the best default route, the first family first; None where there is none."""
    with IPRoute() as netlink:
        for family in families:
            routes = [route for route in netlink.get_default_routes(family=family) if route["type"] == RTN_UNICAST]
            for route in sorted(routes, key=lambda one: one.get("RTA_PRIORITY") or 0):
                index = _out(route)
                if index is not None:
                    return socket.if_indextoname(index)
    return None


def _out(route: Any) -> int | None:
    """The interface number of a route, of its first hop where it has several."""
    several = route.get("RTA_MULTIPATH") or [{}]
    index: int | None = route.get("RTA_OIF") or several[0].get("oif")
    return index


def port(name: str) -> Port | None:
    """What the kernel says of a port; None where there is no port of that name."""
    stats = psutil.net_if_stats().get(name)
    if stats is None:
        return None
    speed = stats.speed * MBIT_S if 0 < stats.speed < 10_000_000 else None
    return Port(name, driver(name), stats.isup, speed, DUPLEX.get(stats.duplex, "unknown"), stats.mtu)


def driver(name: str) -> str:
    """The kernel's name of a port's driver, such as `r8169`, `veth` or `tun`; `unknown` where it has none."""
    answer = ctypes.create_string_buffer(struct.pack("=I", ETHTOOL_GDRVINFO), DRVINFO_OCTETS)
    request = struct.pack("16sP8x", name.encode(), ctypes.addressof(answer))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        try:
            fcntl.ioctl(handle, SIOCETHTOOL, request)
        except OSError as refused:
            if refused.errno not in (errno.EOPNOTSUPP, errno.ENODEV, errno.EPERM):
                raise
            return "unknown"
    return answer.raw[4:36].partition(b"\0")[0].decode(errors="replace") or "unknown"
