"""
What kind of IPv6 address is it?

Native is what a provider can route: 2000::/3 without the parts below. `ipaddress.is_global` is not used: it takes 6to4,
NAT64 prefixes and 3fff::/20 for global.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, IPv6Network

NATIVE = IPv6Network("2000::/3")  # RFC 4291 section 2.4
NOT_NATIVE = {
    IPv6Network("2001::/32"): "teredo",  # RFC 4380
    IPv6Network("2002::/16"): "6to4",  # RFC 3056
    IPv6Network("2001:db8::/32"): "documentation",  # RFC 3849
    IPv6Network("3fff::/20"): "documentation",  # RFC 9637
    IPv6Network("2001:2::/48"): "benchmarking",  # RFC 5180
    IPv6Network("2001:10::/28"): "orchid",  # RFC 4843
    IPv6Network("2001:20::/28"): "orchid",  # RFC 7343
    IPv6Network("fc00::/7"): "ula",  # RFC 4193
    IPv6Network("fe80::/10"): "link_local",  # RFC 4291 section 2.5.6
}
ISATAP = (0x00005EFE, 0x02005EFE)  # first half of the interface identifier, RFC 5214 section 6.1


def class_of(address: IPv6Address, lab: Iterable[IPv6Network] = ()) -> str:
    """
    The class of an address: native, lab, ula, link_local, teredo, 6to4, isatap, documentation, benchmarking, orchid, other.

    `lab` are prefixes that a virtual school uses as if they were native.
    """
    if int(address) >> 32 & 0xFFFFFFFF in ISATAP:
        return "isatap"
    if any(address in network for network in lab):
        return "lab"
    for network, name in NOT_NATIVE.items():
        if address in network:
            return name
    return "native" if address in NATIVE else "other"
