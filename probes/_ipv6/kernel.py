"""
What IPv6 does this host have on one interface?

*Method*: rtnetlink in the process's own network namespace, and the one sysctl that switches the stack off. Nothing is sent.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

from pyroute2 import IPRoute  # type: ignore[import-untyped]  # the library ships no types

SYSCTL = Path("/proc/sys/net/ipv6/conf")  # of the namespace of the process that reads it
FLAGS = {  # linux/if_addr.h
    0x01: "temporary",
    0x04: "optimistic",
    0x08: "dad_failed",
    0x20: "deprecated",
    0x40: "tentative",
    0x80: "permanent",
    0x800: "stable_privacy",
}
KERNEL_RA = 2  # IFAPROT_KERNEL_RA, linux/if_addr.h
ROUTE_ORIGIN = {2: "kernel", 3: "boot", 4: "static", 9: "ra", 16: "dhcp"}  # linux/rtnetlink.h
PREFERENCE = {0: "medium", 1: "high", 3: "low"}
FIRST_PREFERRED = ("high", "medium", "low")  # RFC 4191 section 3.2
NEIGHBOUR = {  # linux/neighbour.h
    0x01: "incomplete",
    0x02: "reachable",
    0x04: "stale",
    0x08: "delay",
    0x10: "probe",
    0x20: "failed",
    0x40: "noarp",
    0x80: "permanent",
}
UNICAST = 1
ARPHRD_ETHER = 1  # linux/if_arp.h


@dataclass(frozen=True, slots=True)
class Address:
    """One address of our own; lifetimes in seconds, None where the kernel tells none."""

    address: IPv6Address
    prefix_length: int
    flags: frozenset[str]
    by_kernel_ra: bool
    preferred_s: int | None = None
    valid_s: int | None = None

    @property
    def settled(self) -> bool:
        """Whether duplicate address detection (RFC 4862 section 5.4) has let it pass."""
        return "dad_failed" not in self.flags and ("tentative" not in self.flags or "optimistic" in self.flags)

    @property
    def network(self) -> IPv6Network:
        """The /64 that it lies in."""
        return IPv6Network((self.address, 64), strict=False)


@dataclass(frozen=True, slots=True)
class DefaultRoute:
    """One IPv6 default route through the interface."""

    gateway: IPv6Address | None
    origin: str
    metric: int
    preference: str


def stack_on(interface: str) -> bool:
    """Whether the kernel has IPv6 and it is not switched off on the interface."""
    switch = SYSCTL / interface / "disable_ipv6"
    return switch.exists() and switch.read_text().strip() == "0"


def addresses(interface: str) -> tuple[Address, ...]:
    """All IPv6 addresses of the interface."""
    with IPRoute() as netlink:
        found = netlink.get_addr(family=socket.AF_INET6, index=socket.if_nametoindex(interface))
        # A kernel without IPv6 answers with the addresses of IPv4.
        return tuple(_address(one) for one in found if one["family"] == socket.AF_INET6)


def _address(message: Any) -> Address:
    """One RTM_NEWADDR message."""
    bits = message.get("IFA_FLAGS") or message["flags"]
    lifetimes = message.get("IFA_CACHEINFO") or {}
    return Address(
        address=IPv6Address(message.get("IFA_ADDRESS")),
        prefix_length=message["prefixlen"],
        flags=frozenset(name for bit, name in FLAGS.items() if bits & bit),
        by_kernel_ra=message.get("IFA_PROTO") == KERNEL_RA,
        preferred_s=lifetimes.get("ifa_preferred"),
        valid_s=lifetimes.get("ifa_valid"),
    )


def default_routes(interface: str) -> tuple[DefaultRoute, ...]:
    """The IPv6 default routes through the interface, the one that the kernel takes first."""
    index = socket.if_nametoindex(interface)
    with IPRoute() as netlink:
        routes = [
            one
            for one in netlink.get_default_routes(family=socket.AF_INET6)
            if one["type"] == UNICAST and one["family"] == socket.AF_INET6
        ]
    hops = [
        DefaultRoute(
            gateway=IPv6Address(gateway) if gateway else None,
            origin=ROUTE_ORIGIN.get(route["proto"], str(route["proto"])),
            metric=route.get("RTA_PRIORITY") or 0,
            preference=PREFERENCE.get(route.get("RTA_PREF") or 0, "medium"),
        )
        for route in routes
        for out, gateway in _hops(route)
        if out == index
    ]
    return tuple(sorted(hops, key=lambda hop: (hop.metric, FIRST_PREFERRED.index(hop.preference), hop.gateway is None)))


def _hops(route: Any) -> list[tuple[int | None, str | None]]:
    """Interface number and gateway of each next hop of a route."""
    several = route.get("RTA_MULTIPATH")
    if several:
        return [(hop.get("oif"), hop.get("RTA_GATEWAY")) for hop in several]
    return [(route.get("RTA_OIF"), route.get("RTA_GATEWAY"))]


def neighbour_state(interface: str, gateway: IPv6Address) -> str:
    """The state of the gateway in the neighbour cache (RFC 4861 section 7.3.2); its hardware address is not read out."""
    index = socket.if_nametoindex(interface)
    with IPRoute() as netlink:
        for one in netlink.get_neighbours(family=socket.AF_INET6, ifindex=index):
            if one.get("NDA_DST") == str(gateway):
                return NEIGHBOUR.get(one["state"], "none")
    return "none"


def hardware_address(interface: str) -> bytes:
    """Our own link-layer address, for the option that RFC 4861 section 4.1 wants in a solicitation; empty without one."""
    with IPRoute() as netlink:
        (link,) = netlink.get_links(socket.if_nametoindex(interface))
    text = link.get("IFLA_ADDRESS") or ""
    return bytes.fromhex(text.replace(":", ""))


def is_ethernet(interface: str) -> bool:
    """Whether it is an Ethernet-like interface (ARPHRD_ETHER), as cards, Wi-Fi, veth and tap are, and not a loopback or tun."""
    with IPRoute() as netlink:
        (link,) = netlink.get_links(socket.if_nametoindex(interface))
    return bool(link["ifi_type"] == ARPHRD_ETHER)
