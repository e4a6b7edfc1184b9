"""A measurement server on loopback in this process, with a collector's key that the test holds and a clock that it can set."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.speed.command import kept_parts, open_parts
from collector.speed.config import SpeedServerConfig
from collector.speed.kept import Kept
from collector.speed.parts import Parts
from collector.speed.server import Server, listening
from evidence.model import Report
from evidence.seal import REPORT, open_sealed, seal
from evidence.stream import TICKET, Direction, Ticket
from tests.collector.speed.client import Address

NUMBERS = count(1)
MINUTE_US = 60_000_000


@dataclass
class Serving:
    """One server: where it is, what is behind it, and the key that its tickets are sealed with."""

    address: Address
    parts: Parts
    collector: Ed25519PrivateKey

    @property
    def kept(self) -> Kept:
        """What it keeps."""
        assert self.parts.trust is not None
        return self.parts.trust.kept

    def ticket(self, key: Ed25519PrivateKey | None = None, **about: Any) -> str:
        """A sealed ticket that holds now, or one with other fields or of another key."""
        return self.sealed(key or self.collector, self.parts.now_us(), **{"server": self.parts.id, **about})

    @staticmethod
    def sealed(key: Ed25519PrivateKey, now_us: int, **about: Any) -> str:
        """A ticket of a key that holds at a moment; `server` must be among its fields."""
        number = next(NUMBERS)
        usual: dict[str, Any] = {
            "session": f"session-{number}",
            "school": f"school-{number}",
            "scan": "scan",
            "agent": "agent",
            "directions": (Direction.DOWN, Direction.UP),
            "not_before_unix_us": now_us - MINUTE_US,
            "not_after_unix_us": now_us + MINUTE_US,
            "most_octets": 1_000_000_000,
            "line": "line",
        }
        return seal(TICKET, Ticket(**usual | about), key).decode()

    def report(self, envelope: str) -> Report:
        """What an observation says, opened with the server's key."""
        return open_sealed(envelope.encode(), lambda _: self.parts.key.public_key()).body(REPORT, Report)

    def observations(self, count: int = 1) -> list[Report]:
        """So many observations that wait to be sent, as soon as they are there."""
        until_s = time.monotonic() + 10
        while len(waiting := self.kept.waiting()) < count:
            assert time.monotonic() < until_s, f"{len(waiting)} observations, {count} expected"
            time.sleep(0.02)
        return [self.report(one.content.decode()) for one in waiting]


@contextlib.contextmanager
def serving(
    directory: Path | None, collector: Ed25519PrivateKey, host: str = "127.0.0.1", **about: Any
) -> Iterator[Serving]:
    """A server that takes tickets and keeps its state in a directory, or one that is open to all; stopped when this ends."""
    public = collector.public_key().public_bytes_raw().hex()
    config = SpeedServerConfig(state=str(directory or ""), collector_key=public, name="lab", path="internet", **about)
    parts = kept_parts(config) if directory else open_parts(config)
    with listening([f"[{host}]:0" if ":" in host else f"{host}:0"]) as listeners:
        address = listeners[0].getsockname()[:2]
        thread = threading.Thread(target=Server(parts, listeners).serve)
        thread.start()
        try:
            yield Serving(address, parts, collector)
        finally:
            parts.stop.set()
            thread.join(20)
            assert not thread.is_alive()
