r"""
Which machines does a pipe have, and how are they joined and numbered?

    agent ---- lan0
    ...           router wan0 ---- lan0 isp srv0 ---- server
    neighbour -- lanN                       srv1 ---- second

The line out of the school is the link between router and isp; each shapes what it sends into it. Everything here is data or text; nothing
here acts. Documentation prefixes only (RFC 5737, RFC 3849).
"""

from __future__ import annotations

from typing import Literal

from tests.lab.topology import Link, Machine

Direction = Literal["down", "up"]

SCHOOL = {4: "198.51.100.0/24", 6: "2001:db8:51::/48"}
"""What the agents' addresses lie in: no address is translated."""
SERVERS = {
    "server": {4: "203.0.113.10", 6: "2001:db8:113:1::10"},
    "second": {4: "203.0.113.140", 6: "2001:db8:113:2::10"},
}
ROUTER = {4: "192.0.2.2", 6: "2001:db8:2::2"}
INNER = "198.51.100.1"
"""The router, seen from the first agent."""
NEIGHBOUR = "198.51.100.254"
LINE: dict[Direction, tuple[str, str]] = {"down": ("isp", "lan0"), "up": ("router", "wan0")}
"""Who sends into the line in each direction, and through which of its ports."""
FAR = Link("isp:srv0", "server:eth0")
BURST_OCTETS = 128 * 1024
"""How much above its rate a policer lets pass at once: 20 ms of 50 Mbit/s."""


def inside(agents: int, neighbour: bool) -> tuple[str, ...]:
    """The names of the machines behind the line."""
    names = ("agent",) if agents == 1 else tuple(f"agent{number}" for number in range(1, agents + 1))
    return (*names, "neighbour") if neighbour else names


def port(number: int, name: str) -> Link:
    """The link of a machine behind the line to the school's router."""
    return Link(f"router:lan{number}", f"{name}:eth0")


def links(names: tuple[str, ...], second: bool) -> list[Link]:
    """Every link of a pipe."""
    more = [Link("isp:srv1", "second:eth0")] if second else []
    return [Link("isp:lan0", "router:wan0"), FAR, *more, *(port(number, name) for number, name in enumerate(names))]


def machines(names: tuple[str, ...], second: bool) -> dict[str, Machine]:
    """Every machine of a pipe."""
    return {
        "router": _router(names),
        "isp": _isp(second),
        "server": _server("server", 1),
        **({"second": _server("second", 129)} if second else {}),
        **{name: _behind(number, name) for number, name in enumerate(names)},
    }


def _network(number: int, name: str) -> int:
    """The last octet of a /30 behind the router; the neighbour has the last one."""
    return 252 if name == "neighbour" else 4 * number


def _behind(number: int, name: str) -> Machine:
    """A machine in the school."""
    at = _network(number, name)
    addresses = (f"198.51.100.{at + 2}/30", f"2001:db8:51:{at:x}::2/64")
    return Machine("host", {"eth0": addresses}, gateways=(f"198.51.100.{at + 1}", f"2001:db8:51:{at:x}::1"))


def _router(names: tuple[str, ...]) -> Machine:
    """The school's router."""
    ports: dict[str, tuple[str, ...]] = {"wan0": (f"{ROUTER[4]}/30", f"{ROUTER[6]}/64")}
    for number, name in enumerate(names):
        at = _network(number, name)
        ports[f"lan{number}"] = (f"198.51.100.{at + 1}/30", f"2001:db8:51:{at:x}::1/64")
    return Machine("router", ports, gateways=("192.0.2.1", "2001:db8:2::1"))


def _isp(second: bool) -> Machine:
    """The provider's router."""
    ports: dict[str, tuple[str, ...]] = {
        "lan0": ("192.0.2.1/30", "2001:db8:2::1/64"),
        "srv0": ("203.0.113.1/25", "2001:db8:113:1::1/64"),
    }
    if second:
        ports["srv1"] = ("203.0.113.129/25", "2001:db8:113:2::1/64")
    return Machine("router", ports, routes=tuple((SCHOOL[family], ROUTER[family]) for family in (4, 6)))


def _server(name: str, gateway: int) -> Machine:
    """A server outside."""
    net = 1 if name == "server" else 2
    addresses = (f"{SERVERS[name][4]}/25", f"{SERVERS[name][6]}/64")
    return Machine("host", {"eth0": addresses}, gateways=(f"203.0.113.{gateway}", f"2001:db8:113:{net}::1"))


def policer(interface: str, rate_bit_s: int) -> str:
    """The rule, in text for `nft`, that drops at once what goes out by an interface above a rate."""
    return f"""table inet policer {{
  chain passing {{
    type filter hook forward priority filter; policy accept;
    oifname "{interface}" limit rate over {rate_bit_s // 8} bytes/second burst {BURST_OCTETS} bytes drop
  }}
}}
"""
