"""
What does the operator say about measurement servers, and about days on which nobody is measured?

`server add|list|revoke` keeps the operator's list of servers, from which every target of a bandwidth run comes; `block
add|list|remove` keeps the exam days of all schools. Each verb gives the lines to print.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from collector.assembly import Collector
from collector.calendar import minute
from collector.frameworks.bounds import number
from collector.intake import proper_key
from collector.list_cells import address, day
from collector.school import PATHS, Server
from collector.store.rows import Block
from evidence.errors import Malformed
from evidence.model import Unit
from evidence.seal import key_id

LONGEST_NAME = 64
REFUSALS_SHOWN = 3
Lines = Callable[[argparse.Namespace, Collector], Iterator[str]]


def server_verbs(parser: argparse.ArgumentParser, printing: Callable[[Lines], object]) -> None:
    """`server add|list|revoke`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="a measurement server of yours; its reports count from now on")
    add.add_argument("name")
    add.add_argument("address", metavar="HOST:PORT", help="where agents reach it; [IPv6]:PORT for an IPv6 address")
    add.add_argument(
        "--path", choices=PATHS, required=True, help="whether it stands on the internet or in the metro network"
    )
    add.add_argument("--operator", required=True, help="in whose network it stands, such as CERNET")
    add.add_argument(
        "--key", required=True, metavar="HEX", help="its public key: campusproof-collector speed-server --key"
    )
    add.add_argument("--capacity", default="10 Gbit/s", metavar="RATE", help="how fast it can be; default 10 Gbit/s")
    add.set_defaults(verb=printing(_add))
    listing = verbs.add_parser("list", help="all servers, and what was refused of them lately")
    listing.set_defaults(verb=printing(_list))
    revoke = verbs.add_parser(
        "revoke", help="trust a server no more: nothing it sends is taken, nothing it sent is judged"
    )
    revoke.add_argument("name")
    revoke.set_defaults(verb=printing(_revoke))


def block_verbs(parser: argparse.ArgumentParser, printing: Callable[[Lines], object]) -> None:
    """`block add|list|remove`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="days on which no bandwidth run is made at any school, such as an exam")
    add.add_argument("first", metavar="DAY", help="such as 2026-06-07")
    add.add_argument("last", metavar="LAST", nargs="?", default="", help="the last such day; default: the first")
    add.add_argument("--note", default="", help="what for")
    add.set_defaults(verb=printing(_block))
    listing = verbs.add_parser("list", help="all blocked days")
    listing.set_defaults(verb=printing(_blocks))
    remove = verbs.add_parser("remove", help="take back a block")
    remove.add_argument("first", metavar="DAY", help="the day on which it begins")
    remove.set_defaults(verb=printing(_unblock))


def _add(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """A new server."""
    if not options.name.strip() or len(options.name) > LONGEST_NAME or not options.operator.strip():
        raise ValueError(f"a name of 1 to {LONGEST_NAME} characters and an operator are expected")
    host, port = address(options.address, None)
    public_key = _public_key(options.key)
    identity = key_id(proper_key(public_key))
    if identity == key_id(collector.key.public_key()):
        raise ValueError("key: this is the collector's own; a measurement server has a key of its own")
    capacity_bit_s = number(options.capacity, Unit.BIT_S)
    server = Server(
        identity,
        options.name.strip(),
        host,
        port,
        options.path,
        options.operator.strip(),
        public_key,
        capacity_bit_s=capacity_bit_s,
    )
    collector.store.servers.add(server, collector.now_us())
    yield _said(server)


def _public_key(digits: str) -> str:
    """A public key in its one spelling; raises ValueError for what is no proper key."""
    try:
        return proper_key(digits).public_bytes_raw().hex()
    except Malformed as wrong:
        raise ValueError(
            f"--key: {wrong.detail.partition(': ')[2]}; on the server type: campusproof-collector speed-server --key"
        ) from wrong


def _list(_: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """All servers."""
    for server in collector.store.servers.all().values():
        yield _said(server)
        for refusal in collector.store.ledger.refusals([server.id], most=REFUSALS_SHOWN):
            yield f"  refused {minute(refusal.received_unix_us)} {refusal.code}: {refusal.detail}"


def _said(server: Server) -> str:
    """A server in one line."""
    revoked = "\trevoked" if server.revoked else ""
    return f"{server.name}\t{server.address}\t{server.path}\t{server.operator}\t{server.id[:16]}{revoked}"


def _revoke(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """Trust a server no more."""
    server = collector.store.servers.revoke(options.name)
    yield f"{server.name}: revoked (key {server.id[:16]})"


def _block(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """Block days."""
    first, last = day(options.first).isoformat(), day(options.last or options.first).isoformat()
    if last < first:
        raise ValueError(f"{options.last}: before {first}")
    block = Block(first, last, options.note)
    collector.store.servers.block(block)
    yield _spelled(block)


def _blocks(_: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """All blocked days."""
    yield from map(_spelled, collector.store.servers.blocks())


def _unblock(options: argparse.Namespace, collector: Collector) -> Iterator[str]:
    """Take a block back."""
    first = day(options.first).isoformat()
    collector.store.servers.unblock(first)
    yield f"{first}: free again"


def _spelled(block: Block) -> str:
    """Blocked days in one line."""
    return f"{block.first}\t{block.last}\t{block.note}".rstrip()
