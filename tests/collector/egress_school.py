"""Measurement servers and lines in a few words: what the tests about ordering the way out stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.egress_orders import Wish
from collector.school import Line, School, Server, Setting
from collector.wrong_order import WrongOrder
from evidence.model import Report
from evidence.scan import Scan
from evidence.seal import key_id
from evidence.stream import Ticket, open_ticket
from tests.collector.running import Box, Running

GIGABIT = 1_000_000_000
EVENING_US = 1_790_001_000_000_000  # Monday, 2026-09-21, 22:30 in China
TELECOM = Line("telecom", ("203.0.113.0/28", "2001:db8:1::/48"), "internet")
METRO = Line("metro", ("10.0.0.0/8",), "metro")
ALLOWED = {"saturating": Setting("yes", "2026-09-01")}


def server(name: str = "s1", path: str = "internet", **about: Any) -> Server:
    """A server with a key of its own, which nobody holds any more."""
    return server_of(Ed25519PrivateKey.generate(), name, path, **about)


def server_of(key: Ed25519PrivateKey, name: str = "s1", path: str = "internet", **about: Any) -> Server:
    """The server that signs with this key."""
    public = key.public_key()
    host = about.pop("host", f"{name}.example")
    return Server(key_id(public), name, host, 8766, path, "CERNET", public.public_bytes_raw().hex(), **about)


def school_with(*servers: Server, **about: Any) -> School:
    """A school in the books of an operator with these servers."""
    return School(**{"id": "s", "name": "一中", "servers": {one.id: one for one in servers}, **about})


@dataclass
class Speed:
    """A measurement server as the collector's door sees it: an enrolled key with a chain of its own."""

    box: Box
    server: Server

    def report(self, scan: Scan, session: str, **about: Any) -> Report:
        """Its next report, of one session of an order."""
        return self.box.report("speed_server", **{"scan": scan.id, "session": session, **about})

    def sealed(self, scan: Scan, session: str, **about: Any) -> bytes:
        """The same, sealed."""
        return self.box.sealed(self.report(scan, session, **about))


def enrolled(collector: Running, name: str = "", path: str = "internet", **about: Any) -> Speed:
    """A new measurement server in the operator's list."""
    key = Ed25519PrivateKey.generate()
    box = Box(key)
    found = server_of(key, name or f"s-{box.id[:8]}", path, **about)
    collector.parts.store.servers.add(found, collector.clock.us)
    return Speed(box, found)


def tickets(collector: Running, scan: Scan, second: bool = False) -> list[Ticket]:
    """The tickets of an order, opened with the collector's key."""
    settings = scan.settings_of("egress") or {}
    given = (settings["second"] if second else settings)["tickets"]
    return [open_ticket(one["ticket"], collector.parts.key.public_key()) for one in given]


def order(collector: Running, *boxes: Box, school: str = "", start_us: int = 0, **wish: Any) -> Scan:
    """An order of the way out."""
    return collector.order(*boxes, school=school, probes=["egress"], start_us=start_us, wish=Wish(**wish))


def refused(collector: Running, *boxes: Box, school: str = "", start_us: int = 0, **wish: Any) -> str:
    """Why there can be no such order."""
    with pytest.raises(WrongOrder) as caught:
        order(collector, *boxes, school=school, start_us=start_us, **wish)
    return str(caught.value)
