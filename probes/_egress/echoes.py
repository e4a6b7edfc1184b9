"""
How long does a round trip to the server take, while the line is idle and while it is full?

*Method*: sixteen octets go out on a connection of their own and come back as they went; the time is between the two on the monotonic
clock. Idle: twenty, one after the other. Loaded: one every 50 ms while content flows, on a thread of its own; those that were sent within
the window that counts are the loaded round trips. A round trip includes the time that both programs take to be woken.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from statistics import median

from evidence.stream import ECHO_OCTETS, Echo, frame
from probes._egress.talk import Where, lost

IDLE, IDLE_GAP_S = 20, 0.02
LOADED_GAP_S = 0.05  # 20 Hz
LONGEST_S = 2.0  # an echo that takes longer counts as this long
HELD_US = 1_000_000  # a rise counts as one when all echoes of a second show it
RISE_US = 150_000


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One echo: when it was sent (monotonic, microseconds) and how long it took."""

    at_us: int
    took_us: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Round trips in short: microseconds."""

    median_us: int
    p95_us: int
    least_us: int
    echoes: int


def in_short(trips: Sequence[RoundTrip]) -> Latency | None:
    """Median, 95th percentile and least of round trips; None where there is none."""
    took = sorted(trip.took_us for trip in trips)
    if not took:
        return None
    return Latency(round(median(took)), took[(len(took) * 95 - 1) // 100], took[0], len(took))


def is_held_up(trips: Sequence[RoundTrip], idle_us: int, now_us: int) -> bool:
    """Whether for a second every echo took 150 ms longer than on the idle line, or none came back at all."""
    if not trips or trips[0].at_us > now_us - HELD_US:
        return False
    last = [trip for trip in trips if trip.at_us + trip.took_us > now_us - HELD_US]
    return all(trip.took_us > idle_us + RISE_US for trip in last)


@dataclass(slots=True)
class Echoes:
    """A connection of echoes."""

    name: str
    connection: socket.socket
    _owed: int = 0  # octets of echoes that have not come back yet
    _last: bytes = b""
    _ending: threading.Event = field(default_factory=threading.Event)

    def once(self) -> RoundTrip:
        """One round trip; raises Unmeasurable where it does not come back."""
        try:
            return self._timed()
        except OSError as why:
            raise lost(f"{self.name}: echo", why) from why

    def _timed(self) -> RoundTrip:
        """One round trip; raises OSError."""
        sent = os.urandom(ECHO_OCTETS)
        started_ns = time.monotonic_ns()
        self.connection.sendall(sent)
        self._owed += ECHO_OCTETS
        self._returned(sent)
        return RoundTrip(started_ns // 1000, (time.monotonic_ns() - started_ns) // 1000)

    def _returned(self, sent: bytes) -> None:
        """Read one echo, behind those that came too late; raises OSError where it is another one or none."""
        while self._owed:
            more = self.connection.recv(self._owed)
            if not more:
                raise ConnectionResetError(errno.ECONNRESET, "the server hung up")
            self._owed -= len(more)
            self._last = (self._last + more)[-ECHO_OCTETS:]
        if self._last != sent:
            raise ConnectionAbortedError(errno.EPROTO, "another echo came back")

    def idle(self) -> list[RoundTrip]:
        """Twenty round trips, one after the other; raises Unmeasurable."""
        trips = []
        for _ in range(IDLE):
            trips.append(self.once())
            time.sleep(IDLE_GAP_S)
        return trips

    @contextmanager
    def going_on(self) -> Iterator[list[RoundTrip]]:
        """Echoes at 20 Hz meanwhile; the list grows while the block runs."""
        trips: list[RoundTrip] = []
        self._ending.clear()
        thread = threading.Thread(target=self._go_on, args=(trips,), daemon=True)
        thread.start()
        try:
            yield trips
        finally:
            self._ending.set()
            thread.join(LONGEST_S + LOADED_GAP_S)

    def _go_on(self, trips: list[RoundTrip]) -> None:
        """A thread: echo after echo until told to end or the server is gone, which the control connection finds out too."""
        with suppress(OSError):
            while not self._ending.wait(LOADED_GAP_S):
                started_us = time.monotonic_ns() // 1000
                try:
                    trips.append(self._timed())
                except TimeoutError:
                    trips.append(RoundTrip(started_us, round(LONGEST_S * 1e6)))


@contextmanager
def echoing(where: Where, join: str) -> Iterator[Echoes]:
    """A connection of echoes of a session, closed with the block; raises Unmeasurable."""
    with closing(where.connect()) as connection:
        connection.settimeout(LONGEST_S)
        try:
            connection.sendall(frame(Echo(join)))
        except OSError as why:
            raise lost(where.name, why) from why
        yield Echoes(where.name, connection)
