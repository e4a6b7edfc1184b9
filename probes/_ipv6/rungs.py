"""
Which rungs of the ladder hold, and which grade follows?

Pure judgement over what was read: pass, fail with a code, not tested, or inconclusive. A rung is judged even where the one
below it fails, to explain; the grade counts only rungs with all below passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from evidence.model import Facts, Raw
from probes._ipv6.classes import NATIVE, class_of
from probes._ipv6.dhcp6 import Offered
from probes._ipv6.kernel import Address, DefaultRoute
from probes._ipv6.routers import Heard, Search
from probes._ra import Prefix
from probes._rung import Rung

# The code for a host that has addresses but none that is native, the most telling class first.
CODE_OF_CLASS = {
    "6to4": "TUNNEL_6TO4",
    "teredo": "TUNNEL_TEREDO",
    "isatap": "ISATAP",
    "documentation": "DOC_PREFIX",
    "ula": "ULA_ONLY",
    "benchmarking": "NOT_NATIVE",
    "orchid": "NOT_NATIVE",
    "other": "NOT_NATIVE",
}


@dataclass(frozen=True, slots=True)
class Climb:
    """One rung, and the raw evidence behind it."""

    rung: Rung
    raws: tuple[Raw, ...] = ()


def stack(on: bool, addresses: Sequence[Address]) -> Rung:
    """L0: IPv6 is not switched off and a link-local address has passed duplicate address detection."""
    own = [one for one in addresses if one.address.is_link_local]
    if not on or not own:
        return Rung("L0", "fail", "STACK_OFF", {"link_local": "present" if own else "absent"})
    if not any(one.settled for one in own):
        return Rung("L0", "fail", "DAD_FAIL", {"link_local": " ".join(sorted(own[0].flags))})
    return Rung("L0", "pass")


def router(search: Search, known: Sequence[str] = ()) -> Rung:
    """L1: a router offers itself, in advertisements that both readers understand alike; `known` names those that belong here, if anybody said."""
    offers = [one for one in search.heard if one.offers]
    malformed = [one for one in search.heard if one.malformed]
    facts: Facts = {"advertisements": len(search.heard), "solicitations": search.sent}
    if any(one.second == "disagrees" for one in search.heard):
        return Rung("L1", "inconclusive", "PARSERS_DISAGREE", facts)
    strangers = [one for one in search.heard if known and one.read and not _is_known(one, known)]
    if strangers:
        return Rung("L1", "fail", "ROGUE_RA", {"router": str(strangers[0].message.source), **facts})
    if offers:
        return _offered(search.heard, bool(known), {"router": str(offers[0].message.source), **facts})
    if malformed and len(malformed) == len(search.heard):
        return Rung("L1", "fail", "RA_MALFORMED", facts | {"rule": malformed[0].malformed})
    if search.heard:
        return Rung("L1", "fail", "RA_LIFETIME_0", facts)
    if search.send_error:
        return Rung("L1", "inconclusive", "NOT_SENT", facts | {"error": search.send_error})
    return Rung("L1", "fail", "NO_RA", facts)


def _is_known(one: Heard, known: Sequence[str]) -> bool:
    """Whether an advertisement comes from a router that belongs here, by its link-local or its hardware address."""
    mine = {str(one.message.source), one.read.source_link if one.read else ""} - {""}
    return not mine.isdisjoint(known)


def _offered(heard: Sequence[Heard], all_known: bool, facts: Facts) -> Rung:
    """Routers that contradict each other are the mark of one that should not be there, unless the list knows them all."""
    first = next(one.read for one in heard if one.offers and one.read).gist
    facts |= {"lifetime_s": first.lifetime_s, "managed": "yes" if first.managed else "no"}
    if first.prefixes:
        facts["prefix"] = str(first.prefixes[0].network)
    sets = {told for sets in _by_router(heard).values() for told in _as_one(sets)}
    if len(sets) > 1 and not all_known:
        return Rung("L1", "fail", "ROGUE_RA", facts | {"prefix_sets": len(sets)})
    return Rung("L1", "pass", evidence=facts)


def _by_router(heard: Sequence[Heard]) -> dict[IPv6Address, list[frozenset[IPv6Network]]]:
    """
    What each router tells hosts to use, an entry for each advertisement that tells something.

    One that offers itself to nobody counts too, as far as hosts take native addresses from it: a local prefix beside is no harm.
    """
    told: dict[IPv6Address, list[frozenset[IPv6Network]]] = {}
    for one in heard:
        used = frozenset(
            prefix.network
            for prefix in (one.read.gist.prefixes if one.read is not None else ())
            if one.offers or (prefix.autonomous and prefix.valid_s and prefix.network.subnet_of(NATIVE))
        )
        if used:
            told.setdefault(one.message.source, []).append(used)
    return told


def _as_one(sets: Sequence[frozenset[IPv6Network]]) -> list[frozenset[IPv6Network]]:
    """What one address says: one that adds a prefix, or drops one, is one router; one that says quite another thing is two in one name."""
    whole = frozenset[IPv6Network]().union(*sets)
    return [whole] if whole in sets else list(sets)


def prefixes_of(search: Search | None) -> list[Prefix]:
    """Every prefix of every valid advertisement."""
    return [prefix for one in (search.heard if search else ()) if one.read for prefix in one.read.gist.prefixes]


def origin(address: Address, prefixes: Sequence[Prefix]) -> str:
    """Where an address comes from: slaac, dhcpv6, manual, or dynamic where only its lifetimes show that it was given."""
    if address.by_kernel_ra:
        return "slaac"
    if "permanent" in address.flags:
        return "manual"
    if address.prefix_length == 128:
        return "dhcpv6"
    autonomous = any(prefix.autonomous and address.address in prefix.network for prefix in prefixes)
    return "slaac" if autonomous else "dynamic"


def native_address(
    addresses: Sequence[Address], search: Search | None, lab: Sequence[IPv6Network], dhcp: Offered | None = None
) -> Rung:
    """L2: a native global address that is preferred and was given by the network; `search` is None where L1 was not tested."""
    prefixes = prefixes_of(search)
    classed = [(class_of(one.address, lab), one) for one in addresses if not one.address.is_link_local]
    native = [(kind, one) for kind, one in classed if kind in ("native", "lab") and one.settled]
    usable = [(kind, one) for kind, one in native if "deprecated" not in one.flags]
    if not native:
        return _unsettled(classed) or _none_native({kind for kind, _ in classed})
    if not usable:
        return Rung("L2", "fail", "DEPRECATED_ONLY", {"prefix": str(native[0][1].network)})
    kind, best = min(usable, key=lambda pair: origin(pair[1], prefixes) == "manual")
    facts: Facts = {"class": "native", "origin": origin(best, prefixes), "prefix": str(best.network)}
    networks = sorted({str(one.network) for _, one in usable})
    if len(networks) > 1:
        facts["prefixes"] = " ".join(networks)
    if kind == "lab":
        facts["lab"] = "yes"
    if facts["origin"] == "dhcpv6" and dhcp is not None and not _is_leased(dhcp, search):
        return Rung("L2", "inconclusive", "DHCPV6_SILENT", facts)
    if facts["origin"] != "manual" or any(best.address in prefix.network for prefix in prefixes):
        return Rung("L2", "pass", evidence=facts)
    if search is None:
        return Rung("L2", "inconclusive", "NOT_PERMITTED", facts)
    return Rung("L2", "fail", "MANUAL_ONLY", facts)


def _is_leased(dhcp: Offered, search: Search | None) -> bool:
    """Whether a DHCPv6 server answers; where none could be asked, whether a router says that there is one."""
    if dhcp.not_asked:
        return search is None or any(one.read.gist.managed for one in search.heard if one.read)
    return not dhcp.silent


def _unsettled(classed: Sequence[tuple[str, Address]]) -> Rung | None:
    """What keeps native addresses from being used, where there are some; None where there are none."""
    native = [one for kind, one in classed if kind in ("native", "lab")]
    facts: Facts = {"prefix": str(native[0].network)} if native else {}
    if any("dad_failed" in one.flags for one in native):
        return Rung("L2", "fail", "DAD_FAIL", facts)
    return Rung("L2", "inconclusive", "TENTATIVE", facts) if native else None


def _none_native(kinds: set[str]) -> Rung:
    """Why there is no native address, by the most telling class of those there are."""
    for kind, code in CODE_OF_CLASS.items():
        if kind in kinds:
            return Rung("L2", "fail", code, {"class": kind})
    return Rung("L2", "fail", "NO_ADDRESS")


def gateway(route: DefaultRoute | None, neighbour: str, answered: int | None) -> Rung:
    """L3: a default route, and two of three echoes answered by its gateway; `answered` is None where none could be sent."""
    if route is None or route.gateway is None:
        return Rung("L3", "fail", "NO_ROUTE")
    facts: Facts = {"gateway": str(route.gateway), "route_origin": route.origin, "neighbour": neighbour}
    if answered is None:
        return Rung("L3", "not_tested", "NOT_PERMITTED", facts)
    facts["echoes_answered"] = answered
    if not answered and neighbour == "reachable":  # it answers for its address and throws echoes away, as firewalls do
        return Rung("L3", "pass", "GW_NO_ECHO", facts)
    if answered < 2 or neighbour in ("failed", "incomplete"):
        return Rung("L3", "fail", "GW_UNREACHABLE", facts)
    return Rung("L3", "pass", evidence=facts)
