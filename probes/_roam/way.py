"""
Which gateway lies behind the Wi-Fi interface, and which address has this box there?

*Method*: routes and addresses by rtnetlink, of this interface only: where a cable is plugged in too, its route is another. IPv4 first. Nothing is
sent; neither address leaves the probe.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address

from pyroute2 import IPRoute  # type: ignore[import-untyped]  # the library ships no types

from probes._interfaces import RTN_UNICAST
from probes._roam.pings import Address

FAMILIES = (socket.AF_INET, socket.AF_INET6)
SCOPE_GLOBAL = 0  # linux/rtnetlink.h


def gateway_of(index: int) -> Address | None:
    """The next hop of an interface's best default route, IPv4 first; None where there is none."""
    with IPRoute() as netlink:
        for family in FAMILIES:
            routes = [one for one in netlink.get_default_routes(family=family) if one["type"] == RTN_UNICAST]
            through = [one for one in routes if one.get("RTA_OIF") == index and one.get("RTA_GATEWAY")]
            if through:
                best = min(through, key=lambda one: one.get("RTA_PRIORITY") or 0)
                return ip_address(best.get("RTA_GATEWAY"))
    return None


def addresses_of(index: int, version: int) -> frozenset[Address]:
    """The addresses of an interface in one version of IP that reach further than the link."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    with IPRoute() as netlink:
        found = [one for one in netlink.get_addr(family=family, index=index) if one["family"] == family]
    return frozenset(ip_address(one.get("IFA_ADDRESS")) for one in found if one["scope"] == SCOPE_GLOBAL)
