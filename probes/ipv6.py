"""
How far up the IPv6 ladder does this place get?

*Method*: four rungs, each measured even where the one below fails. L0: the stack is on. L1: a router answers a
solicitation. L2: the host has a native global address that the network gave it. L3: the gateway answers. The interface is
the one of the default route (IPv4 first, else IPv6).

What it does not prove: names, reach, packet sizes or speed over IPv6: L4 to L9 are not measured by this release, so the
grade of a place that passes L3 is an interval. A router that answers proves no line behind it. Nothing is said of other
networks (VLANs) than the one that this interface is in.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from ipaddress import IPv6Network
from typing import Annotated, Any

import psutil
from pydantic import BaseModel, Field

from evidence.model import Failure, Raw, Reading, Unmeasurable
from evidence.quantities import IPV6_GRADE, IPV6_RUNG
from probes import Probe
from probes._interfaces import default_interface
from probes._ipv6 import kernel, rungs
from probes._ipv6.classes import class_of
from probes._ipv6.gateway import echoes_answered
from probes._ipv6.routers import Heard, Patience, Search, search
from probes._ipv6.rungs import LATER, Rung
from probes._settings import FROZEN, InterfaceName

SETTLE_S = 4.0  # duplicate address detection takes one second (RFC 4862 section 5.1) after the router has answered
PASS_S = 0.1
WaitS = Annotated[float, Field(strict=True, gt=0, le=30)]


class Settings(BaseModel):
    """What a Scan orders of this probe; times are in seconds."""

    model_config = FROZEN

    interface: InterfaceName | None = Field(
        default=None, description="the interface to measure; the one of the default route if left out"
    )
    rs_tries: Annotated[int, Field(strict=True, ge=1, le=10)] = Field(
        default=3, description="how many router solicitations to send"
    )
    rs_interval_s: WaitS = Field(default=4.0, description="time between two solicitations")
    listen_s: WaitS = Field(default=12.0, description="longest wait for a router")
    linger_s: Annotated[float, Field(strict=True, ge=0, le=30)] = Field(
        default=1.0, description="how long to listen for a second router after the first"
    )
    lab_prefixes: Annotated[list[IPv6Network], Field(max_length=16)] = Field(
        default_factory=list, description="prefixes that count as native; ordered for virtual schools only"
    )


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Climb from L0 to L3 and grade; without CAP_NET_RAW L1 and L3 are not tested."""
    interface = settings.interface or _interface()
    _demand_present(interface)
    # 1. L0: wait for duplicate address detection, which runs when the link comes up.
    on, addresses = kernel.stack_on(interface), _settled(interface, None)
    climbed = [rungs.stack(on, addresses)]
    yield _reading(climbed[0])
    # 2. L1: ask for routers.
    found, asked = _search(interface, addresses, settings)
    yield from _advertisements(found)
    climbed.append(asked)
    yield _reading(asked)
    # 3. L2: the addresses that the answer may just have given us.
    addresses = _settled(interface, found)
    climbed.append(rungs.native_address(addresses, found, settings.lab_prefixes))
    yield _reading(climbed[2])
    # 4. L3: the gateway.
    routes = kernel.default_routes(interface)
    neighbour, answered = _knock(interface, routes)
    climbed.append(rungs.gateway(next(iter(routes), None), neighbour, answered))
    yield _reading(climbed[3])
    # 5. What the kernel showed, what is not measured yet, and what follows.
    yield Raw("kernel.json", _kernel(on, addresses, routes, neighbour, settings))
    yield from (_reading(Rung(name, "not_tested", "NOT_IN_THIS_RELEASE")) for name in LATER)
    yield _grade(interface, climbed)


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


def _search(interface: str, addresses: tuple[kernel.Address, ...], settings: Settings) -> tuple[Search | None, Rung]:
    """L1, and what was heard; None where no solicitation could be sent."""
    own = next((one.address for one in addresses if one.address.is_link_local and one.settled), None)
    if own is None:
        return None, Rung("L1", "not_tested", "NO_LINK_LOCAL")
    patience = Patience(settings.rs_tries, settings.rs_interval_s, settings.listen_s, settings.linger_s)
    try:
        found = search(interface, own, patience)
    except PermissionError:
        return None, Rung("L1", "not_tested", "NOT_PERMITTED")
    return found, rungs.router(found)


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
    low, high = rungs.grade(climbed)
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
    """Our own addresses, routes and the gateway's state; of other hosts nothing, and no hardware address."""
    own = [
        {"class": class_of(one.address, settings.lab_prefixes), **asdict(one), "flags": sorted(one.flags)}
        for one in addresses
    ]
    routes_in_words = [asdict(route) for route in routes]
    return _json({"stack_on": on, "addresses": own, "default_routes": routes_in_words, "gateway_neighbour": neighbour})


def _json(record: Any) -> bytes:
    """Addresses and networks as text."""
    return json.dumps(record, ensure_ascii=False, indent=1, default=str).encode()


PROBE = Probe(produces=(IPV6_RUNG, IPV6_GRADE), settings=Settings, run=run, deadline_s=90)
