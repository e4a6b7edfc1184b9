"""
How far up the IPv6 ladder does this place get?

*Method*: ten rungs, each measured even where the one below fails. L0: the stack is on. L1: a router answers a solicitation, and no
other contradicts it, for which is listened while the others are climbed. L2: the host has a native global address that the network
gave it. L3: the gateway answers. L4: resolvers give AAAA records. L5: hosts of several operators are reached. L6: the operator's
server signs that it was asked from this address. L7: large packets pass. L8: IPv6 is no slower and no less sure than IPv4, so that
nothing falls back. L9: rates and losses are alike. Every connection goes to a literal address of the order. The interface is the one of
the default route (IPv4 first, else IPv6).

What it does not prove: anything about other networks (VLANs) than the one that this interface is in, or about other times; that anybody
uses IPv6 (the switches tell, see `uplinks`); that nobody gets in from outside (`inbound`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any

import psutil
from pyroute2.netlink.exceptions import NetlinkError  # type: ignore[import-untyped]  # the library ships no types

from evidence.ladder import FAIL, INCONCLUSIVE, grade_of
from evidence.model import Failure, Raw, Reading, Unmeasurable
from evidence.quantities import IPV6_GRADE, IPV6_RUNG
from probes import Probe, Progress, Yield
from probes._interfaces import default_interface
from probes._ipv6 import dhcp6, dual, kernel, names, parity, reach, rungs, sizes, web
from probes._ipv6.classes import class_of
from probes._ipv6.dhcp6 import Offered
from probes._ipv6.gateway import echoes_answered
from probes._ipv6.routers import Heard, Patience, Search, Searching, searching
from probes._ipv6.rungs import Climb
from probes._ipv6.settings import Settings
from probes._rung import Rung

SETTLE_S = 4.0  # duplicate address detection takes one second (RFC 4862 section 5.1) after the router has answered
PASS_S = 0.1


def run(settings: Settings) -> Iterator[Yield]:
    """Climb from L0 to L9 and grade; without CAP_NET_RAW L1 and L3 are not tested. Raises Unmeasurable where the interface goes meanwhile."""
    interface = settings.interface or _interface()
    _demand_present(interface)
    try:
        yield from _climbed(settings, interface)
    except (OSError, NetlinkError):
        _demand_present(interface)
        raise


def _climbed(settings: Settings, interface: str) -> Iterator[Yield]:
    """The whole ladder."""
    # 1. L0: wait for duplicate address detection, which runs when the link comes up.
    on, addresses = kernel.stack_on(interface), _settled(interface, None)
    climbed = [rungs.stack(on, addresses)]
    yield _reading(climbed[0])
    with ExitStack() as listening:
        # 2. Ask for routers, and listen on for a second one while the other rungs are climbed.
        search, untold = _searching(listening, interface, addresses, settings)
        found = search.so_far() if search else None
        # 3. L2: the addresses that the answer may just have given us.
        addresses = _settled(interface, found)
        offered = _asked_of_dhcp(interface, addresses, found)
        yield from _exchanged(offered)
        climbed.append(rungs.native_address(addresses, found, settings.lab_prefixes, offered))
        yield _reading(climbed[-1])
        # 4. L3: the gateway.
        routes = kernel.default_routes(interface)
        neighbour, answered = _knock(interface, routes)
        climbed.append(rungs.gateway(next(iter(routes), None), neighbour, answered))
        yield _reading(climbed[-1])
        # 5. L4 to L9: what lies behind it.
        for step in _steps(settings, interface, found, offered):
            climb = _fair(step(climbed), climbed)
            yield from climb.raws
            climbed.append(climb.rung)
            yield _reading(climb.rung)
        # 6. L1: all routers that were heard meanwhile.
        yield Progress("routers")
        heard = search.whole() if search else None
    climbed.append(untold or rungs.router(heard or Search(), settings.routers))
    yield from _advertisements(heard)
    yield _reading(climbed[-1])
    # 7. What the kernel showed, and what follows.
    yield Raw("kernel.json", _kernel(on, addresses, routes, neighbour, settings))
    yield _grade(interface, climbed)


def _steps(
    settings: Settings, interface: str, found: Search | None, offered: Offered | None
) -> tuple[Callable[[list[Rung]], Climb], ...]:
    """L4 to L9, each of which may look at what was climbed before."""
    return (
        lambda _: names.climb(settings, interface, found, offered),
        lambda _: reach.climb(settings, interface),
        lambda _: web.climb(settings, interface),
        lambda before: sizes.climb(settings, interface) if _server_accepts(before) else _out_of_reach("L7"),
        lambda _: dual.climb(settings, interface),
        lambda before: parity.climb(settings, interface) if _server_accepts(before) else _out_of_reach("L9"),
    )


def _fair(climb: Climb, before: list[Rung]) -> Climb:
    """The same, but nothing is decided against a place by a server that does not answer while it is open whose fault that is."""
    reached = next((rung for rung in before if rung.name == "L5"), None)
    away = (
        reached is not None and reached.state == INCONCLUSIVE and reached.evidence.get("server", "reached") != "reached"
    )
    if away and climb.rung.state == FAIL and climb.rung.code in ("NO_ANSWER", "V6_UNSTABLE"):
        return replace(climb, rung=replace(climb.rung, state=INCONCLUSIVE))
    return climb


def _server_accepts(before: list[Rung]) -> bool:
    """Whether the operator's server accepted a connection over IPv6, or was not asked to: else more of it would only cost time."""
    reached = next(rung for rung in before if rung.name == "L5")
    return reached.evidence.get("server", "reached") == "reached"


def _out_of_reach(name: str) -> Climb:
    """A rung that is about a server which is not reached."""
    return Climb(Rung(name, "not_tested", "NOT_REACHED"))


def _interface() -> str:
    """The interface of the default route, else the only one that is up; raises Unmeasurable where that leaves a choice."""
    name = default_interface()
    if name:
        return name
    up = [name for name, stats in psutil.net_if_stats().items() if stats.isup and kernel.is_ethernet(name)]
    if len(up) != 1:
        state = f"{len(up)} interfaces are up" if up else "no interface is up"
        raise Unmeasurable(Failure.UNREACHABLE, f"no default route and {state}; name one in the setting interface")
    return up[0]


def _demand_present(interface: str) -> None:
    """Refuse an interface that is not there; raises Unmeasurable."""
    if interface not in psutil.net_if_stats():
        raise Unmeasurable(Failure.UNREACHABLE, f"this host has no interface {interface}")


def _settled(interface: str, found: Search | None) -> tuple[kernel.Address, ...]:
    """The addresses, once each prefix that hosts may use has given one and none is being checked any more."""
    wanted = [prefix.network for prefix in rungs.prefixes_of(found) if prefix.autonomous and prefix.valid_s]
    until_s = time.monotonic() + SETTLE_S
    while True:
        addresses = kernel.addresses(interface)
        served = all(any(one.address in network for one in addresses) for network in wanted)
        if (
            served and all(one.settled or "dad_failed" in one.flags for one in addresses)
        ) or time.monotonic() > until_s:
            return addresses
        time.sleep(PASS_S)


def _searching(
    listening: ExitStack, interface: str, addresses: tuple[kernel.Address, ...], settings: Settings
) -> tuple[Searching | None, Rung | None]:
    """The search for routers, under way; or None and L1, where no solicitation could be sent."""
    own = next((one.address for one in addresses if one.address.is_link_local and one.settled), None)
    if own is None:
        return None, Rung("L1", "not_tested", "NO_LINK_LOCAL")
    patience = Patience(settings.rs_tries, settings.rs_interval_s, settings.listen_s, settings.linger_s)
    try:
        return listening.enter_context(searching(interface, own, patience)), None
    except PermissionError:
        return None, Rung("L1", "not_tested", "NOT_PERMITTED")


def _asked_of_dhcp(interface: str, addresses: tuple[kernel.Address, ...], found: Search | None) -> Offered | None:
    """What DHCPv6 servers offer, where a router points to them or an address looks like theirs; None where nothing does."""
    flags = [one.read.gist for one in (found.heard if found else ()) if one.read]
    prefixes = rungs.prefixes_of(found)
    given = any(rungs.origin(one, prefixes) == "dhcpv6" for one in addresses if not one.address.is_link_local)
    return dhcp6.asked(interface) if given or any(gist.managed or gist.other for gist in flags) else None


def _exchanged(offered: Offered | None) -> Iterator[Raw]:
    """What was said to DHCPv6 servers and by them."""
    if offered is not None:
        yield Raw("dhcp6.json", _json(asdict(offered)))


def _knock(interface: str, routes: tuple[kernel.DefaultRoute, ...]) -> tuple[str, int | None]:
    """The gateway's state in the neighbour cache and how many echoes it answered; None where none could be sent."""
    gateway = routes[0].gateway if routes else None
    if gateway is None:
        return "none", None
    try:
        answered: int | None = echoes_answered(interface, gateway)
    except PermissionError:
        answered = None
    return kernel.neighbour_state(interface, gateway), answered


def _reading(rung: Rung) -> Reading:
    """One rung as a reading."""
    return IPV6_RUNG.reading(rung.state, subject=rung.name, facts=rung.facts)


def _grade(interface: str, climbed: list[Rung]) -> Reading:
    """The grade that follows."""
    low, high = grade_of({rung.name: (rung.state, rung.code) for rung in climbed})
    facts = {"interface": interface}
    return (
        IPV6_GRADE.reading(low, facts=dict(facts)) if low == high else IPV6_GRADE.between(low, high, facts=dict(facts))
    )


def _advertisements(found: Search | None) -> Iterator[Raw]:
    """Each advertisement as it came, and both readings of all."""
    heard = found.heard if found else []
    for number, one in enumerate(heard, start=1):
        yield Raw(f"ra-{number}.bin", one.message.octets)
    if heard:
        yield Raw("ra.json", _json([_heard(number, one) for number, one in enumerate(heard, start=1)]))


def _heard(number: int, one: Heard) -> dict[str, Any]:
    """One advertisement in words."""
    return {
        "file": f"ra-{number}.bin",
        "source": one.message.source,
        "hop_limit": one.message.hop_limit,
        "after_ms": one.after_ms,
        "malformed": one.malformed,
        "second_reader": one.second,
        "read": asdict(one.read) if one.read else None,
    }


def _kernel(
    on: bool,
    addresses: tuple[kernel.Address, ...],
    routes: tuple[kernel.DefaultRoute, ...],
    neighbour: str,
    settings: Settings,
) -> bytes:
    """Our own addresses, routes and the gateway's state; of other hosts nothing, and no hardware address but a router's own word."""
    own = [
        {"class": class_of(one.address, settings.lab_prefixes), **asdict(one), "flags": sorted(one.flags)}
        for one in addresses
    ]
    routes_in_words = [asdict(route) for route in routes]
    return _json({"stack_on": on, "addresses": own, "default_routes": routes_in_words, "gateway_neighbour": neighbour})


def _json(record: Any) -> bytes:
    """Addresses and networks as text."""
    return json.dumps(record, ensure_ascii=False, indent=1, default=str).encode()


PROBE = Probe(produces=(IPV6_RUNG, IPV6_GRADE), settings=Settings, run=run, deadline_s=150)
