"""
L4: do this network's resolvers give the IPv6 addresses that names have?

*Method*: AAAA and A of the operator's `ds.` name, of which the order tells the true AAAA, from every resolver that this host is configured with, and
from those that router advertisements and DHCPv6 offer; plain questions over UDP, over TCP where an answer was cut (RFC 7766). `ipv4only.arpa`
(RFC 7050) and PREF64 tell a NAT64. Questions and answers are kept octet for octet.

What it does not prove: that other names are answered as truly; nor which resolver another device uses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Facts, Raw
from probes._ipv6.dhcp6 import Offered
from probes._ipv6.routers import Search
from probes._ipv6.rungs import Climb
from probes._ipv6.settings import Echo, Settings
from probes._resolve import resolvers
from probes._rung import Rung

BEHIND_THE_STUB = Path("/run/systemd/resolve/resolv.conf")  # whom systemd-resolved asks, see resolved.conf(5)
STUBS = ("127.0.0.53", "127.0.0.54")
CONFIGURED, ADVERTISED, BY_DHCP = "configured", "advertised", "dhcpv6"
MOST_RESOLVERS = 8
MICROSECONDS = 1_000_000
NAT64_NAME = "ipv4only.arpa"
WELL_KNOWN = IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1
NAT64_BITS = 96
# Which answer is the worst, the worst first: a device may ask any of the configured resolvers.
WORST_FIRST = ("AAAA_SERVFAIL", "AAAA_FILTERED", "AAAA_OTHER", "AAAA_SYNTHESISED", "AAAA_SLOW", "NAME_MISSING", "")


@dataclass(frozen=True, slots=True)
class Question:
    """
    One question to one resolver and its answer: code (`NOERROR` ..., empty for none), addresses, how long it took (us).

    `sent` and `received` are the messages in hex.
    """

    resolver: str
    origin: str
    name: str
    kind: str
    rcode: str = ""
    addresses: tuple[str, ...] = ()
    us: int = 0
    error: str = ""
    sent: str = ""
    received: str = ""


def climb(settings: Settings, interface: str, found: Search | None, offered: Offered | None) -> Climb:
    """Ask every resolver."""
    if settings.echo is None:
        return Climb(Rung("L4", NOT_TESTED, "NO_TARGETS"))
    servers = _servers(interface, found, offered)
    wanted = [
        (server, name, kind)
        for server in servers
        for name, kind in (
            (f"ds.{settings.echo.zone}", "AAAA"),
            (f"ds.{settings.echo.zone}", "A"),
            (f"v6ns.{settings.echo.zone}", "AAAA"),
            (NAT64_NAME, "AAAA"),
        )
    ]
    wait_s = 2 * settings.limits.dns_us / MICROSECONDS
    with ThreadPoolExecutor(max(len(wanted), 1)) as pool:
        questions = list(pool.map(lambda one: _asked(one[0], one[1], one[2], wait_s), wanted))
    told = _told_nat64(found)
    return Climb(
        judged(questions, settings.echo, settings.limits.dns_us, told), (Raw("dns.json", _written(questions)),)
    )


def _servers(interface: str, found: Search | None, offered: Offered | None) -> list[tuple[str, str]]:
    """The resolvers with where each is known from; once each, the configured ones first."""
    advertised = [
        str(address)
        for one in (found.heard if found else ())
        if one.read
        for option in one.read.gist.resolvers
        for address in option.addresses
    ]
    named = [(server, CONFIGURED) for server in _configured()]
    named += [(server, ADVERTISED) for server in advertised]
    named += [(str(server), BY_DHCP) for server in (offered.resolvers if offered else ())]
    first: dict[str, str] = {}
    for server, origin in named:
        first.setdefault(_scoped(server, interface), origin)
    return list(first.items())[:MOST_RESOLVERS]


def _configured() -> tuple[str, ...]:
    """The system's resolvers; those behind systemd's stub, where that is asked."""
    told = resolvers()
    if set(told) <= set(STUBS) and told and BEHIND_THE_STUB.exists():
        return resolvers(str(BEHIND_THE_STUB))
    return told


def _scoped(server: str, interface: str) -> str:
    """A link-local resolver with the interface that it is on."""
    bare = server.partition("%")[0]
    return f"{bare}%{interface}" if ip_address(bare).is_link_local and ":" in bare else server


def _asked(asked_of: tuple[str, str], name: str, kind: str, wait_s: float) -> Question:
    """One question to one resolver, asked again once where nothing comes."""
    server, origin = asked_of
    query = dns.message.make_query(name, kind)
    error, asked_first = "", time.monotonic_ns()
    for patience_s in (wait_s, wait_s / 2):  # a slow answer is waited for; the second question is for one that got lost
        began = time.monotonic_ns()
        try:
            answer, _ = dns.query.udp_with_fallback(
                query, server, timeout=patience_s, ignore_unexpected=True, ignore_errors=True
            )
        except (dns.exception.DNSException, OSError, EOFError) as why:
            error = (
                type(why).__name__ if isinstance(why, dns.exception.DNSException) else f"{type(why).__name__}: {why}"
            )
            continue
        took_us = (time.monotonic_ns() - began) // 1000
        return _answered(Question(server, origin, name, kind, us=took_us, sent=query.to_wire().hex()), answer)
    took_us = (time.monotonic_ns() - asked_first) // 1000
    return Question(server, origin, name, kind, us=took_us, error=error, sent=query.to_wire().hex())


def _answered(question: Question, answer: dns.message.Message) -> Question:
    """The question with what its answer says."""
    addresses = tuple(
        str(record.address)
        for rrset in answer.answer
        if rrset.rdtype == dns.rdatatype.from_text(question.kind)
        for record in rrset
    )
    return Question(
        question.resolver,
        question.origin,
        question.name,
        question.kind,
        dns.rcode.to_text(answer.rcode()),
        addresses,
        question.us,
        "",
        question.sent,
        (answer.wire or b"").hex(),
    )


def _told_nat64(found: Search | None) -> list[IPv6Network]:
    """The prefixes of a NAT64 that routers announce (RFC 8781)."""
    return [prefix.network for one in (found.heard if found else ()) if one.read for prefix in one.read.nat64_prefixes]


def judged(questions: Sequence[Question], echo: Echo, slow_us: int, announced: Sequence[IPv6Network] = ()) -> Rung:
    """The rung: the worst of the configured resolvers that answered."""
    mine = [one for one in questions if one.origin == CONFIGURED]
    nat64 = [*announced, *_nat64(questions)]
    facts: Facts = {"resolvers": len({one.resolver for one in mine})}
    facts |= {"nat64": str(nat64[0])} if nat64 else {}
    facts |= {"v6_resolvers": len(_over_ipv6(questions))}
    facts |= {"v6ns": "answered" if any(one.addresses for one in questions if one.name.startswith("v6ns.")) else "none"}
    if not mine:
        return Rung("L4", FAIL, "NO_RESOLVER", facts)
    by_server = {
        server: [one for one in mine if one.resolver == server]
        for server in dict.fromkeys(one.resolver for one in mine)
    }
    codes = {server: _code(asked, echo, slow_us, nat64) for server, asked in by_server.items()}
    answered = {server: code for server, code in codes.items() if code != "RESOLVER_SILENT"}
    if not answered:
        return Rung("L4", INCONCLUSIVE, "RESOLVER_SILENT", facts | {"resolver": next(iter(codes))})
    server = min(answered, key=lambda one: WORST_FIRST.index(answered[one]))
    code = answered[server]
    facts |= {"resolver": server, "us": max(one.us for one in by_server[server] if one.name.startswith("ds."))}
    if code:
        return Rung("L4", INCONCLUSIVE if code == "NAME_MISSING" else FAIL, code, facts)
    remark = "" if facts["v6_resolvers"] else "NO_V6_RESOLVER"
    return Rung("L4", PASS, remark or ("DNS64" if nat64 else ""), facts)


def _code(asked: Sequence[Question], echo: Echo, slow_us: int, nat64: Sequence[IPv6Network]) -> str:
    """What one resolver makes of the operator's name; empty where it is right."""
    six, four = (
        next(one for one in asked if one.name == f"ds.{echo.zone}" and one.kind == kind) for kind in ("AAAA", "A")
    )
    if not six.rcode:
        return "AAAA_SLOW" if four.rcode else "RESOLVER_SILENT"
    if six.rcode not in ("NOERROR", "NXDOMAIN"):
        return "AAAA_SERVFAIL" if four.rcode == "NOERROR" else "NAME_MISSING"
    if not six.addresses:
        return "AAAA_FILTERED" if four.addresses else "NAME_MISSING"
    if {IPv6Address(one) for one in six.addresses} != {echo.v6}:
        return "AAAA_SYNTHESISED" if _all_within(six.addresses, [WELL_KNOWN, *nat64]) else "AAAA_OTHER"
    return "AAAA_SLOW" if six.us > slow_us else ""


def _all_within(addresses: Sequence[str], networks: Sequence[IPv6Network]) -> bool:
    """Whether every address lies in one of some networks."""
    return all(any(IPv6Address(address) in network for network in networks) for address in addresses)


def _nat64(questions: Sequence[Question]) -> list[IPv6Network]:
    """The /96 in which a name that has no AAAA was given one (RFC 7050 section 3)."""
    return [
        IPv6Network((address, NAT64_BITS), strict=False)
        for one in questions
        if one.name == NAT64_NAME
        for address in one.addresses
    ]


def _over_ipv6(questions: Sequence[Question]) -> set[str]:
    """The resolvers that answered over IPv6."""
    return {
        one.resolver
        for one in questions
        if one.rcode in ("NOERROR", "NXDOMAIN")
        and isinstance(address := ip_address(one.resolver.partition("%")[0]), IPv6Address)
        and address.ipv4_mapped is None
        and not address.is_loopback
    }


def _written(questions: Sequence[Question]) -> bytes:
    """Every question with its answer, octet for octet."""
    return json.dumps([asdict(one) for one in questions], indent=1).encode()
