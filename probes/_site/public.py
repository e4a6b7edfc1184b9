"""
May this vantage connect to an address that somebody else's name led to?

*Method*: only public addresses, of no host of our own network and not our own: a name of a school's may lead anywhere, and a page or a
name server behind it even more so. IPv6 by the table of `probes._ipv6.classes`, IPv4 by the registry as Python has it, less what that
takes for global and nobody routes. Who asks connects to the address that was checked; no name is resolved a second time.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import psutil

from probes._ipv6.classes import class_of
from probes._literal import FAMILY, Address
from probes._settings import is_address

Network = IPv4Network | IPv6Network
# What `is_global` takes for public: 6to4 relays (RFC 7526), and what one protocol assigns itself (RFC 6890).
NOT_PUBLIC = (IPv4Network("192.88.99.0/24"), IPv4Network("192.0.0.0/24"))
# A root server of each family: the kernel is asked for the way there, no packet is sent.
FAR: dict[int, Address] = {4: IPv4Address("198.41.0.4"), 6: IPv6Address("2001:503:ba3e::2:30")}


@dataclass(frozen=True, slots=True)
class Border:
    """What counts as outside: `lab` are networks ordered for virtual schools, `own` the addresses of this box."""

    lab: tuple[Network, ...] = ()
    own: frozenset[Address] = frozenset()

    def kind(self, address: Address) -> str:
        """The class of an IPv6 address, else `public`, `lab` or `not_public`."""
        if any(address in network for network in self.lab if network.version == address.version):
            return "lab"
        if isinstance(address, IPv6Address):
            return class_of(address)
        return "public" if _is_public(address) else "not_public"

    def admits(self, address: Address) -> bool:
        """Whether it may be connected to."""
        kind = self.kind(address)
        return kind == "lab" or (kind in ("native", "public") and address not in self.own)

    def admitted(self, addresses: Iterable[Address], version: int) -> list[Address]:
        """Those of one family that may be connected to, each once."""
        return [one for one in dict.fromkeys(addresses) if one.version == version and self.admits(one)]


def border(lab: Sequence[Network]) -> Border:
    """The border of this box."""
    listed = [one.address.partition("%")[0] for held in psutil.net_if_addrs().values() for one in held]
    return Border(tuple(lab), frozenset(ip_address(text) for text in listed if is_address(text)))


def way(version: int, lab: Sequence[Network] = ()) -> str:
    """Our own address of a family on the way to the internet, or to the lab where it has that family; empty where there is no way."""
    targets: list[Address] = [network[1] for network in lab if network.version == version and network.num_addresses > 1]
    sources = (source_towards(target) for target in [*targets, FAR[version]])
    return next((source for source in sources if source), "")


def source_towards(address: Address) -> str:
    """The source that the kernel would take to an address; empty where it has no such family, no route, or only an address of the link."""
    try:
        with socket.socket(FAMILY[address.version], socket.SOCK_DGRAM) as asking:
            asking.connect((str(address), 53))  # of UDP: chooses route and source, sends nothing
            source = ip_address(str(asking.getsockname()[0]).partition("%")[0])
    except OSError:
        return ""
    return "" if source.is_link_local else str(source)


def _is_public(address: IPv4Address) -> bool:
    """Whether IPv4 is routed to it as to one host."""
    return address.is_global and not address.is_multicast and not any(address in network for network in NOT_PUBLIC)
