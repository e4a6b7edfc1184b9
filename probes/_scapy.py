"""
What does another reader make of the same router advertisement?

The one place that loads scapy (GPL-2.0-only, an optional extra), and only when it is called: the import takes half a second.
Two independent readers that agree make a parsing mistake in evidence unlikely; where they disagree, nothing is claimed.
"""

from __future__ import annotations

from importlib.util import find_spec
from ipaddress import IPv6Address, IPv6Network

from probes._ra import Gist, Prefix, Resolvers


def second_reading(message: bytes) -> Gist | None:
    """Scapy's reading of the ICMPv6 message, in the form that ours is compared in; None where scapy is not installed."""
    if find_spec("scapy") is None:
        return None
    from scapy.layers import inet6
    from scapy.packet import Packet

    layer: Packet = inet6.ICMPv6ND_RA(message)
    prefixes, resolvers, mtu = [], [], None
    while layer:
        if isinstance(layer, inet6.ICMPv6NDOptPrefixInfo):
            network = IPv6Network((layer.prefix, layer.prefixlen), strict=False)
            prefixes.append(Prefix(network, bool(layer.L), bool(layer.A), layer.validlifetime, layer.preferredlifetime))
        elif isinstance(layer, inet6.ICMPv6NDOptRDNSS):
            resolvers.append(Resolvers(layer.lifetime, tuple(IPv6Address(address) for address in layer.dns)))
        elif isinstance(layer, inet6.ICMPv6NDOptMTU):
            mtu = layer.mtu
        layer = layer.payload
    head = inet6.ICMPv6ND_RA(message)
    return Gist(head.routerlifetime, bool(head.M), bool(head.O), tuple(prefixes), tuple(resolvers), mtu)
