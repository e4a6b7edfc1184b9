"""
Which addresses does a name have, and did anybody answer?

*Method*: A and AAAA are asked of the system's resolvers (resolv.conf; the hosts file is not read); an address stands for
itself and is asked of nobody. A resolver that is silent or fails leaves the question open, which is kept apart from "no".
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cache

import dns.exception
import dns.resolver

from probes._failures import of_dns
from probes._settings import is_address

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SYSTEM = "/etc/resolv.conf"
LOOPBACK: tuple[Address, ...] = (ipaddress.IPv6Address("::1"), ipaddress.IPv4Address("127.0.0.1"))


@dataclass(frozen=True, slots=True)
class Resolved:
    """
    What was learnt about a name.

    `open` is true where a question got no answer, so that there may be more addresses; `answered` where some resolver
    answered something, were it an error; `notes` are the words for the record types that gave no address.
    """

    addresses: tuple[Address, ...]
    open: bool = False
    answered: bool = True
    notes: tuple[str, ...] = ()


def resolve(host: str, timeout_s: float) -> Resolved:
    """The addresses of a host, AAAA before A (RFC 6724 section 2.1); each of the two questions may take `timeout_s`."""
    if is_address(host):
        return Resolved((ipaddress.ip_address(host),))
    if host.rstrip(".").lower() == "localhost":  # RFC 6761 section 6.3: never a question for a resolver
        return Resolved(LOOPBACK)
    asked = [_ask(host, kind, timeout_s) for kind in ("AAAA", "A")]
    return Resolved(
        addresses=tuple(address for one in asked for address in one.addresses),
        open=any(one.open for one in asked),
        answered=any(one.answered for one in asked),
        notes=tuple(note for one in asked for note in one.notes),
    )


def _ask(host: str, kind: str, timeout_s: float) -> Resolved:
    """One question."""
    try:
        answer = _resolver().resolve(host, kind, lifetime=timeout_s, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as none:
        return Resolved((), notes=(f"{kind}: {of_dns(none)[1]}",))
    except dns.resolver.NoNameservers as failed:
        return Resolved((), open=True, answered=_answered(failed), notes=(f"{kind}: {of_dns(failed)[1]}",))
    except dns.exception.DNSException as silent:
        return Resolved((), open=True, answered=False, notes=(f"{kind}: {of_dns(silent)[1]}",))
    return Resolved(tuple(ipaddress.ip_address(record.address) for record in answer))


def _answered(failed: dns.resolver.NoNameservers) -> bool:
    """Whether one of the resolvers that failed did answer; each error is (server, tcp, port, error, response)."""
    return any(error[4] is not None for error in failed.kwargs.get("errors", ()))


@cache
def _resolver(file: str = SYSTEM) -> dns.resolver.Resolver:
    """The resolvers of a resolv.conf that have addresses, read once; NoResolverConfiguration where it cannot be read."""
    try:
        read = dns.resolver.Resolver(file)
    except (dns.exception.DNSException, ValueError) as odd:  # a line that names no server or no domain, or is no text
        raise dns.resolver.NoResolverConfiguration from odd
    read.nameservers = [server for server in map(str, read.nameservers) if _has_address(server)]
    return read


def _has_address(server: str) -> bool:
    """Whether a resolver is given by its address, with a zone (RFC 4007 section 11) or without, and not by a URL (RFC 8484)."""
    try:
        return bool(ipaddress.ip_address(server).max_prefixlen)
    except ValueError:
        return False


def resolvers(file: str = SYSTEM) -> tuple[str, ...]:
    """The addresses of the system's resolvers, or of those in another resolv.conf; empty where there is none."""
    try:
        return tuple(map(str, _resolver(file).nameservers))
    except dns.resolver.NoResolverConfiguration:
        return ()
