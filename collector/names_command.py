"""
What does the operator say about what IPv6 is measured against, and about its own agents outside?

`names set|list|remove` says which names and addresses an echo server has, `target add|list|remove` who else is to be reached, `vantage
token|list` enrols the operator's agents outside. Each verb gives the lines to print.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from ipaddress import ip_address

from collector.assembly import Collector
from collector.dispatch import HOUR_US
from collector.list_cells import address, site_name
from collector.school import Names, Server, Target
from collector.secrets import hashed, new_secret
from evidence.seal import key_id
from evidence.wire import VANTAGE

LONGEST_NAME = 64
HTTPS, HTTP = 443, 80
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
    for port in (options.port, options.http_port):
        if not 0 < port < 65536:
            raise ValueError(f"--port {port}: expected 1 to 65535")
    names = Names(
        server.id,
        site_name(options.zone),
        _literal("--v6", options.v6, 6),
        _literal("--v4", options.v4, 4),
        _literal("--mtu1280", options.mtu1280, 6),
        _literal("--bad6", options.bad6, 6),
        options.port,
        options.http_port,
    )
    given = [one for one in (names.v6, names.mtu1280, names.bad6) if one]
    if len(set(given)) < len(given):
        raise ValueError("--v6, --mtu1280 and --bad6: three different addresses expected")
    collector.store.outside.set_names(names)
    yield _said(names, server)
    if not names.v4:
        yield "no --v4: L8 and L9 cannot be compared, so no school reaches grade 3"
    if not names.mtu1280:
        yield "no --mtu1280: L7 stays open, so no school reaches grade 3"


def _literal(option: str, text: str, version: int) -> str:
    """An address of one family in its one spelling; empty stays empty."""
    if not text:
        return ""
    try:
        found = ip_address(text)
    except ValueError:
        found = None
    if found is None or found.version != version or "%" in text or not _is_usable(str(found)):
        raise ValueError(f"{option} {text!r}: a public IPv{version} address expected, not a name")
    return str(found)


def _is_usable(text: str) -> bool:
    """Whether others can reach an address at all; documentation addresses are left to virtual schools."""
    found = ip_address(text)
    return not (found.is_loopback or found.is_link_local or found.is_multicast or found.is_unspecified)


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
    """Forget the names of a server, revoked ones too."""
    named = next((one for one in collector.store.servers.all().values() if one.name == options.server), None)
    collector.store.outside.remove_names(named.id if named else "")
    yield f"{options.server}: no names"


def _target(text: str) -> tuple[str, int]:
    """A literal IPv6 address and a port."""
    host, port = address(text, HTTPS)
    return _literal("target", host, 6), port


def _add_target(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """A new target."""
    operator = options.operator.strip()
    if not operator or len(operator) > LONGEST_NAME:
        raise ValueError(f"--operator: 1 to {LONGEST_NAME} characters expected")
    target = Target(*_target(options.address), operator)
    collector.store.outside.add_target(target)
    yield f"{target.subject}\t{target.operator}"


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
    secret = new_secret()[:32]
    now_us = collector.now_us()
    expires_us = now_us + collector.config.token_hours * HOUR_US
    collector.store.schools.add_vantage_token(hashed(secret), name, expires_us, now_us)
    yield f"cp1-{secret}-{key_id(collector.key.public_key())}"


def _vantages(_: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """The operator's agents outside."""
    for agent in collector.store.schools.agents(VANTAGE):
        yield f"{agent.place}\t{agent.id[:16]}\t{'revoked' if agent.revoked else 'trusted'}"
