"""
What do all sessions of one measurement server share?

Its name and key, what it keeps, who measures now, and the best that was proved lately. A server without a collector's key is open to
all: it asks for no ticket and signs no observation.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from collector.speed.bins import monotonic_us
from collector.speed.kept import Kept
from collector.speed.party import Parties
from collector.speed.room import Room
from collector.speed.volumes import Volumes
from evidence.seal import key_id
from evidence.stream import LONGEST_RUN_US, Direction, Ticket

HOUR_US = 3_600_000_000
OPEN_OCTETS = 100_000_000_000  # more than both directions move in their time at 30 Gbit/s


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tickets are taken, and where what they led to is kept."""

    collector: Ed25519PublicKey
    kept: Kept


@dataclass(slots=True)
class Best:
    """The best rates that were proved to anybody within the last hour."""

    _proved: deque[tuple[int, Direction, int]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of_the_hour(self, direction: Direction) -> int | None:
        """The best rate in one direction; None where nothing was proved."""
        since_us = monotonic_us() - HOUR_US
        with self._lock:
            while self._proved and self._proved[0][0] < since_us:
                self._proved.popleft()
            return max((rate for _, found, rate in self._proved if found is direction), default=None)

    def add(self, direction: Direction, rate_bit_s: int) -> None:
        """One more was proved."""
        if rate_bit_s:
            with self._lock:
                self._proved.append((monotonic_us(), direction, rate_bit_s))


@dataclass(frozen=True, slots=True)
class Parts:
    """The server's name, its key, and what its sessions use together; `sealed` is called when an observation waits to be sent."""

    key: Ed25519PrivateKey
    trust: Trust | None
    room: Room
    volumes: Volumes
    now_us: Callable[[], int]
    name: str = ""
    path: str = ""
    operator: str = ""
    sealed: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    broken: threading.Event = field(default_factory=threading.Event)  # it stops because something failed that must not
    parties: Parties = field(default_factory=Parties)
    best: Best = field(default_factory=Best)

    @property
    def id(self) -> str:
        """The key's id, which tickets name."""
        return key_id(self.key.public_key())

    @contextmanager
    def ending_all(self) -> Iterator[None]:
        """What is raised in here ends the whole server, so that its supervisor sees it and starts anew."""
        whole = False
        try:
            yield
            whole = True
        finally:
            if not whole:
                self.broken.set()
                self.stop.set()

    def open_ticket(self) -> Ticket:
        """What anybody may do at a server that is open to all."""
        return Ticket(
            session=secrets.token_hex(16),
            school="",
            scan="",
            agent="",
            server=self.id,
            directions=(Direction.DOWN, Direction.UP),
            not_before_unix_us=0,
            not_after_unix_us=2**52,
            most_octets=OPEN_OCTETS,
            most_us=LONGEST_RUN_US,
            path=self.path,
            operator=self.operator,
        )
