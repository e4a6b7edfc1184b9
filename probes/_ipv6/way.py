"""
Does a route of this host lead to an address through one interface?

*Method*: the kernel is asked which entry of its tables matches (RTM_GETROUTE with RTM_F_FIB_MATCH, its policy rules included). A connect
cannot tell: of a socket that is bound to an interface Linux believes that every IPv4 address is on the link where no route matches, and
such a host would seem to have an IPv4 that is slow to fail. Nothing is sent.

What it does not prove: that anybody answers there.
"""

from __future__ import annotations

import errno
import socket

from pyroute2 import IPRoute, NetlinkError  # type: ignore[import-untyped]  # the library ships no types

from probes._literal import FAMILY, Address

FIB_MATCH = 0x2000  # RTM_F_FIB_MATCH, linux/rtnetlink.h: the entry itself, and an error where there is none
UNICAST = 1  # RTN_UNICAST: an entry that leads somewhere, unlike blackhole or unreachable
LOCAL = 2  # RTN_LOCAL: an address of our own
NONE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EINVAL, errno.EACCES)  # no entry; unreachable, blackhole, prohibit


def has_way(to: Address, interface: str) -> bool:
    """Whether an entry leads there; a blackhole is none."""
    index = socket.if_nametoindex(interface)
    with IPRoute() as netlink:
        try:
            found = netlink.route("get", family=FAMILY[to.version], dst=str(to), oif=index, flags=FIB_MATCH)
        except NetlinkError as refused:
            if refused.code not in NONE:
                raise
            return False
        return any(one["type"] in (UNICAST, LOCAL) for one in found)
