r"""
Which machines does the virtual school have, and how are they joined and numbered?

       narrow   inet      gov      metro
             \     \       |       /
                    +---- wan ----+            the provider's router
                           |                   shaped in both directions: the school's egress
                           gw                  NAT, no new connection inward
                           | ge1
                  +------ core ------+ ge4
              ge2 |    ge3 |         log
                acc1      acc2
              ge2 |    ge2 |
               agent      desk

With `second_links` there are also core:ge5 - acc1:ge3 and acc1:ge4 - acc2:ge3. They carry LLDP and nothing else: no bridge has them,
for a second way between two bridges would be a loop.

Everything here is data; nothing here acts. Documentation prefixes (RFC 5737, RFC 3849) and shared address space (RFC
6598) are used, and `.test` names (RFC 6761), so that no packet or name can be mistaken for a real one.
"""

from dataclasses import dataclass, field
from typing import Literal

PUBLIC_DNS = "203.0.113.10"
SCHOOL_DNS = "10.20.0.1"
SCHOOL_DNS_V6 = "2001:db8:2000:1::1"
COLLECTOR = "198.51.100.10"
COLLECTOR_V6 = "2001:db8:51::10"
METRO = "100.64.10.10"
METRO_V6 = "2001:db8:64::10"
INTERNET = "203.0.113.10"
INTERNET_V6 = "2001:db8:113::10"
NARROW_V6 = "2001:db8:1280::80"
ECHO_ZONE = "echo.test"
OTHERS_V6 = {
    "2001:db8:113::11": "Example Mobile",
    "2001:db8:113::12": "Example Unicom",
    "2001:db8:113::13": "Example Unicom",
}
"""Who else is to be reached over IPv6, and in whose network that is."""
LOG_SERVER = "10.20.0.5"
GATEWAY_OUTSIDE = "192.0.2.2"
AGENT = "10.20.0.100"
SCHOOL_V4 = "10.20.0.0/16"
SCHOOL_V6 = "2001:db8:2000::/48"
SCHOOL_LAN_V6 = "2001:db8:2000:1::/64"
SWITCH_ADDRESS = {"core": "10.20.0.2", "acc1": "10.20.0.11", "acc2": "10.20.0.12"}
CORE_V6 = "2001:db8:2000:1::2"

PUBLIC_NAMES = {
    "collector.gov.test": (COLLECTOR, COLLECTOR_V6),
    "portal.metro.test": (METRO, METRO_V6),
    "www.speed.test": (INTERNET, INTERNET_V6),
    "v4only.speed.test": (INTERNET,),
    "v6only.speed.test": (INTERNET_V6,),
    f"ds.{ECHO_ZONE}": (INTERNET, INTERNET_V6),
    f"v6.{ECHO_ZONE}": (INTERNET_V6,),
    f"v4.{ECHO_ZONE}": (INTERNET,),
    f"v6ns.{ECHO_ZONE}": (INTERNET_V6,),
    f"mtu1280.{ECHO_ZONE}": (NARROW_V6,),
}
SCHOOL_DOMAIN = "school.test"

Role = Literal["host", "router", "station", "switch"]


@dataclass(frozen=True)
class Machine:
    """One machine: its addresses per interface, its ways out, and the resolver that it asks."""

    role: Role
    addresses: dict[str, tuple[str, ...]]
    gateways: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()
    resolver: str = SCHOOL_DNS
    ports: tuple[str, ...] = field(default=())
    """The ports of a switch, joined by the bridge `br0`."""
    spare: tuple[str, ...] = field(default=())
    """The ports of its second links, which are in no bridge."""


MACHINES = {
    "inet": Machine(
        "host",
        {"eth0": ("203.0.113.10/24", "2001:db8:113::10/64", *(f"{address}/64" for address in OTHERS_V6))},
        gateways=("203.0.113.1", "2001:db8:113::1"),
        resolver=PUBLIC_DNS,
    ),
    "narrow": Machine("host", {"eth0": (f"{NARROW_V6}/64",)}, gateways=("2001:db8:1280::1",), resolver=PUBLIC_DNS),
    "gov": Machine(
        "host",
        {"eth0": ("198.51.100.10/24", "2001:db8:51::10/64")},
        gateways=("198.51.100.1", "2001:db8:51::1"),
        resolver=PUBLIC_DNS,
    ),
    "metro": Machine(
        "host",
        {"eth0": ("100.64.10.10/24", "2001:db8:64::10/64")},
        gateways=("100.64.10.1", "2001:db8:64::1"),
        resolver=PUBLIC_DNS,
    ),
    "wan": Machine(
        "router",
        {
            "inet0": ("203.0.113.1/24", "2001:db8:113::1/64"),
            "nr0": ("2001:db8:1280::1/64",),
            "gov0": ("198.51.100.1/24", "2001:db8:51::1/64"),
            "metro0": ("100.64.10.1/24", "2001:db8:64::1/64"),
            "gw0": ("192.0.2.1/30", "2001:db8:0:1::1/64"),
        },
        routes=((SCHOOL_V6, "2001:db8:0:1::2"),),  # the school's IPv4 is private: the provider has no route to it
        resolver=PUBLIC_DNS,
    ),
    "gw": Machine(
        "router",
        {
            "wan0": ("192.0.2.2/30", "2001:db8:0:1::2/64"),
            "lan0": ("10.20.0.1/24", "2001:db8:2000:1::1/64"),
        },
        gateways=("192.0.2.1", "2001:db8:0:1::1"),
    ),
    "core": Machine(
        "switch",
        {"br0": ("10.20.0.2/24", "2001:db8:2000:1::2/64")},
        gateways=("10.20.0.1", "2001:db8:2000:1::1"),
        ports=("ge1", "ge2", "ge3", "ge4"),
        spare=("ge5",),
    ),
    "acc1": Machine(
        "switch", {"br0": ("10.20.0.11/24",)}, gateways=("10.20.0.1",), ports=("ge1", "ge2"), spare=("ge3", "ge4")
    ),
    "acc2": Machine(
        "switch", {"br0": ("10.20.0.12/24",)}, gateways=("10.20.0.1",), ports=("ge1", "ge2"), spare=("ge3",)
    ),
    "log": Machine("station", {"eth0": ("10.20.0.5/24",)}, gateways=("10.20.0.1",)),
    "agent": Machine("station", {"eth0": ("10.20.0.100/24",)}, gateways=("10.20.0.1",)),
    "desk": Machine("station", {"eth0": ("10.20.0.21/24",)}, gateways=("10.20.0.1",)),
}

Kind = Literal["plain", "uplink", "desk", "second"]


@dataclass(frozen=True)
class Link:
    """Two ends `machine:interface`; an uplink or a desk link is a cable where its speed is not a veth's 10 Gbit/s."""

    one: str
    other: str
    kind: Kind = "plain"

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Machine and interface of both ends."""
        (a, _, a_port), (b, _, b_port) = self.one.partition(":"), self.other.partition(":")
        return (a, a_port), (b, b_port)


LINKS = (
    Link("inet:eth0", "wan:inet0"),
    Link("narrow:eth0", "wan:nr0"),
    Link("gov:eth0", "wan:gov0"),
    Link("metro:eth0", "wan:metro0"),
    Link("gw:wan0", "wan:gw0"),
    Link("gw:lan0", "core:ge1"),
    Link("core:ge2", "acc1:ge1", "uplink"),
    Link("core:ge3", "acc2:ge1", "uplink"),
    Link("log:eth0", "core:ge4"),
    Link("agent:eth0", "acc1:ge2", "desk"),
    Link("desk:eth0", "acc2:ge2", "desk"),
)
SECOND_LINKS = (
    Link("core:ge5", "acc1:ge3", "second"),
    Link("acc1:ge4", "acc2:ge3", "second"),
)
"""Only in a school whose settings say so."""


@dataclass(frozen=True)
class Group:
    """What a switch says of an aggregate (LAG) that no kernel here has: the rows are ours, written from IF-MIB and IEEE8023-LAG-MIB."""

    name: str
    members: tuple[str, ...]
    index: int = 1_000_001
    mbit_s: int = 20_000


GROUPS = {"core": Group("Eth-Trunk1", ("ge2", "ge5")), "acc1": Group("Bridge-Aggregation1", ("ge1", "ge3"))}
"""Only in a school with second links."""
EGRESS = (("wan", "gw0"), ("gw", "wan0"))
"""Where the egress is shaped: at the sender's side of each direction, download first."""


@dataclass(frozen=True)
class Identity:
    """What a switch says that it is; the enterprise numbers are IANA's, the rest of the object id is only plausible."""

    description: str
    object_id: str


IDENTITIES = {
    "core": Identity(
        "Huawei Versatile Routing Platform Software VRP (R) S6730-H48X6C V200R022", "1.3.6.1.4.1.2011.2.23.740"
    ),
    "acc1": Identity("H3C Comware Platform Software, S5130S-28S-EI", "1.3.6.1.4.1.25506.1.1"),
    "acc2": Identity("Ruijie 10G Ethernet Switch (RG-S2910) By Ruijie Networks", "1.3.6.1.4.1.4881.1.1"),
}


@dataclass(frozen=True)
class SnmpUser:
    """A user of SNMPv3 with authentication and privacy, known to all three switches."""

    name: str
    auth: Literal["SHA", "SHA-256"]
    auth_key: str = "lab-auth-secret"
    priv_key: str = "lab-priv-secret"


SNMP_USERS = (SnmpUser("reader-sha", "SHA"), SnmpUser("reader-sha256", "SHA-256"))

_ALL = {
    "net/ipv6/conf/all/disable_ipv6": "0",
    "net/ipv6/conf/default/disable_ipv6": "0",
    "net/ipv6/conf/default/dad_transmits": "0",  # an address is usable at once instead of after a second
    "net/ipv6/conf/default/router_solicitation_delay": "0",
    "net/ipv6/conf/default/router_solicitation_interval": "1",
}
_NO_RA = {"net/ipv6/conf/all/accept_ra": "0", "net/ipv6/conf/default/accept_ra": "0"}
SYSCTLS: dict[Role, dict[str, str]] = {
    "host": _ALL | _NO_RA,
    "router": _ALL | _NO_RA | {"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"},
    "station": _ALL,
    "switch": _ALL | _NO_RA,
}
"""Kernel settings per role, written before any interface exists, because interfaces copy them when they appear."""
