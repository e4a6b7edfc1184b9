"""
What does the operator say about what IPv6 is measured against, and about its own agents outside?

`names set|list|remove` says which names and addresses an echo server has, `target add|list|remove` who else is to be reached, `vantage
token|list` enrols the operator's agents outside. Each verb gives the lines to print.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from collector.assembly import Collector
from collector.dispatch import HOUR_US
from collector.ipv6_orders import MOST_TARGETS
from collector.list_cells import address, site_name
from collector.plausible_ipv6 import is_native
from collector.school import Names, Server, Target
from collector.secrets import new_token
from evidence.wire import VANTAGE

LONGEST_NAME = 64
LONGEST_ZONE = 240  # octets: the longest name below it has 253 (RFC 1035 section 2.3.4)
HTTPS, HTTP = 443, 80
# RFC 3849, RFC 9637 and RFC 5737: a virtual school has no others, a real one never has them.
DOCUMENTATION = (IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))
DOCUMENTATION_4 = (IPv4Network("192.0.2.0/24"), IPv4Network("198.51.100.0/24"), IPv4Network("203.0.113.0/24"))
Lines = Callable[[argparse.Namespace, Collector], Iterator[str]]
Printing = Callable[[Lines], object]


def names_verbs(parser: argparse.ArgumentParser, printing: Printing) -> None:
    """`names set|list|remove`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    setting = verbs.add_parser(
        "set", help="the names and addresses of the echo server beside one of your measurement servers"
    )
    setting.add_argument("server", help="the measurement server, as `server list` names it")
    setting.add_argument("--zone", required=True, help="below which v4, v6, ds ... are, such as echo.bureau.example")
    setting.add_argument("--v6", required=True, metavar="ADDRESS", help="of v6, ds and big")
    setting.add_argument(
        "--v4", default="", metavar="ADDRESS", help="of v4 and ds: without it nothing can be compared (L8, L9)"
    )
    setting.add_argument(
        "--mtu1280", default="", metavar="ADDRESS", help="behind a hop of 1280 octets: without it L7 stays open"
    )
    setting.add_argument("--bad6", default="", metavar="ADDRESS", help="of yours, at which nobody answers")
    setting.add_argument("--port", type=int, default=HTTPS, help="of TLS; default 443")
    setting.add_argument("--http-port", type=int, default=HTTP, help="without TLS; default 80")
    setting.set_defaults(verb=printing(_set))
    listing = verbs.add_parser("list", help="all servers that have names")
    listing.set_defaults(verb=printing(_list))
    remove = verbs.add_parser("remove", help="a server has no names any more")
    remove.add_argument("server")
    remove.set_defaults(verb=printing(_remove))


def target_verbs(parser: argparse.ArgumentParser, printing: Printing) -> None:
    """`target add|list|remove`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="a host that a place with IPv6 has to reach; five in three networks are enough")
    add.add_argument("address", metavar="[ADDRESS]:PORT", help="port 443 if none is given")
    add.add_argument("--operator", required=True, help="in whose network it stands, such as CERNET2")
    add.set_defaults(verb=printing(_add_target))
    listing = verbs.add_parser("list", help="all targets")
    listing.set_defaults(verb=printing(_targets))
    remove = verbs.add_parser("remove", help="forget a target")
    remove.add_argument("address", metavar="[ADDRESS]:PORT")
    remove.set_defaults(verb=printing(_remove_target))


def vantage_verbs(parser: argparse.ArgumentParser, printing: Printing) -> None:
    """`vantage token|list`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    making = verbs.add_parser(
        "token", help="a one-time token to enrol an agent of your own with, outside of all schools"
    )
    making.add_argument("name", help="what it is called, such as telecom-1")
    making.set_defaults(verb=printing(_vantage))
    listing = verbs.add_parser("list", help="your agents outside")
    listing.set_defaults(verb=printing(_vantages))


def _set(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """The names of a server."""
    server = _server(options.server, collector)
    names = Names(
        server.id,
        _zone(options.zone),
        _six("--v6", options.v6),
        _four("--v4", options.v4) if options.v4 else "",
        _six("--mtu1280", options.mtu1280) if options.mtu1280 else "",
        _six("--bad6", options.bad6) if options.bad6 else "",
        _port("--port", options.port),
        _port("--http-port", options.http_port),
    )
    given = [one for one in (names.v6, names.mtu1280, names.bad6) if one]
    if len(set(given)) < len(given):
        raise ValueError("--v6, --mtu1280 and --bad6: three different addresses expected")
    if names.port == names.http_port:
        raise ValueError(f"--port and --http-port {names.port}: two different ports expected")
    collector.store.outside.set_names(names)
    yield _said(names, server)
    yield from _only_virtual(*given, *([names.v4] if names.v4 else []))
    if not names.v4:
        yield "no --v4: L8 and L9 cannot be compared, so no school reaches grade 3"
    if not names.mtu1280:
        yield "no --mtu1280: L7 stays open, so no school reaches grade 3"


def _zone(text: str) -> str:
    """The zone, in lower case, with room for a name below it."""
    try:
        zone = site_name(text)
    except ValueError as wrong:
        raise ValueError(f"--zone {text!r}: a host name such as echo.bureau.example expected") from wrong
    if len(zone) > LONGEST_ZONE:
        raise ValueError(f"--zone: at most {LONGEST_ZONE} characters expected")
    return zone


def _port(option: str, port: int) -> int:
    """A port that is one."""
    if not 0 < port < 65536:
        raise ValueError(f"{option} {port}: expected 1 to 65535")
    return port


def _six(option: str, text: str) -> str:
    """A native IPv6 address, or one of documentation, in its one spelling."""
    found = _parsed(text)
    if not isinstance(found, IPv6Address) or not is_native(found, DOCUMENTATION):
        raise ValueError(
            f"{option} {text!r}: a native global IPv6 address expected, not a name, a tunnel's or a local one"
        )
    return str(found)


def _four(option: str, text: str) -> str:
    """An IPv4 address of a host in its one spelling; in the education network it may be a private one."""
    found = _parsed(text)
    wrong = not isinstance(found, IPv4Address) or found.is_loopback or found.is_link_local
    if found is None or wrong or found.is_multicast or found.is_unspecified or found.is_reserved:
        raise ValueError(f"{option} {text!r}: the IPv4 address of a host expected, not a name")
    return str(found)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address without a zone; None for anything else."""
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def _only_virtual(*addresses: str) -> Iterator[str]:
    """A line for each documentation address: no real school can reach it."""
    for text in addresses:
        found = ip_address(text)
        if any(found in six for six in DOCUMENTATION) or any(found in four for four in DOCUMENTATION_4):
            yield f"warning: {text} is a documentation address; only virtual schools can be measured against it"


def _server(name: str, collector: Collector) -> Server:
    """The trusted server of that name."""
    trusted = {one.name: one for one in collector.store.servers.all().values() if not one.revoked}
    if name not in trusted:
        raise ValueError(f"no server {name!r} that is trusted; there are: {', '.join(sorted(trusted)) or 'none'}")
    return trusted[name]


def _said(names: Names, server: Server | None) -> str:
    """One server's names in a line."""
    about = {"v6": names.v6, "v4": names.v4, "mtu1280": names.mtu1280, "bad6": names.bad6}
    known = " ".join(f"{name} {value}" for name, value in about.items() if value)
    return (
        f"{server.name if server else names.server[:16]}\t{names.zone}\t{known}\tports {names.port} {names.http_port}"
    )


def _list(_: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """All names."""
    servers = collector.store.servers.all()
    for names in collector.store.outside.names():
        yield _said(names, servers.get(names.server))


def _remove(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """Forget the names of a server, revoked ones too: a name may have been several servers' one after the other."""
    servers, outside = collector.store.servers.all(), collector.store.outside
    named = [one.server for one in outside.names() if servers[one.server].name == options.server]
    if not named:
        there = ", ".join(sorted({servers[one.server].name for one in outside.names()})) or "none"
        raise ValueError(f"no server {options.server!r} that has names; there are: {there}")
    for server in named:
        outside.remove_names(server)
    yield f"{options.server}: no names"


def _target(text: str) -> tuple[str, int]:
    """A literal IPv6 address and a port."""
    try:
        host, port = address(text, HTTPS)
    except ValueError as wrong:
        raise ValueError(f"target {text!r}: expected [ADDRESS]:PORT") from wrong
    return _six("target", host), port


def _add_target(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """A new target, or another operator for one that is known."""
    operator, outside = options.operator.strip(), collector.store.outside
    if not operator or len(operator) > LONGEST_NAME:
        raise ValueError(f"--operator {operator!r}: 1 to {LONGEST_NAME} characters expected")
    target = Target(*_target(options.address), operator)
    others = [one for one in outside.targets() if one.subject != target.subject]
    if len(others) >= MOST_TARGETS:
        raise ValueError(f"target {target.subject}: at most {MOST_TARGETS} targets are asked; remove one first")
    outside.add_target(target)
    yield f"{target.subject}\t{target.operator}"
    yield from _only_virtual(target.address)


def _targets(_: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """All targets."""
    for target in collector.store.outside.targets():
        yield f"{target.subject}\t{target.operator}"


def _remove_target(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """Forget a target."""
    target = Target(*_target(options.address), "")
    collector.store.outside.remove_target(target)
    yield f"{target.subject}: forgotten"


def _vantage(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """A token, printed once; only its hash is kept."""
    name = options.name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise ValueError(f"name: 1 to {LONGEST_NAME} characters expected")
    token, kept = new_token(collector.key.public_key())
    now_us = collector.now_us()
    expires_us = now_us + collector.config.token_hours * HOUR_US
    collector.store.schools.add_vantage_token(kept, name, expires_us, now_us)
    yield token


def _vantages(_: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """The operator's agents outside."""
    for agent in collector.store.schools.agents(VANTAGE):
        yield f"{agent.place}\t{agent.id[:16]}\t{'revoked' if agent.revoked else 'trusted'}"
