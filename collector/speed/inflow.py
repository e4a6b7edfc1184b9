"""
How much content of one stream came in here, and when?

*Method*: octets are counted as the kernel hands them out and thrown away there (MSG_TRUNC): this is the receiver, and nobody outside
can make it count what did not come. The thread wakes about two hundred times a second, whatever the rate. What came before the first
bin of the run falls into no window.
"""

from __future__ import annotations

import contextlib
import mmap
import socket
import threading
from dataclasses import dataclass, field

from collector.speed import sockets
from collector.speed.allowance import Allowance
from collector.speed.bins import Series, monotonic_us

WAKES_S = 200
ADAPT_US = 100_000
SECOND_US = 1_000_000
NOWHERE = mmap.mmap(-1, sockets.SINK_OCTETS)  # never written: the kernel only wants to see an address


@dataclass(slots=True)
class Inflow:
    """One stream of an upload; it is read until the other end closes it, or the run is cut."""

    connection: socket.socket
    allowance: Allowance
    cut: threading.Event
    counted: Series = field(default_factory=Series)
    settled: bool = False

    def flow(self) -> None:
        """Receive until nothing more comes."""
        try:
            sockets.for_receiving(self.connection)
            self._receive()
        except OSError:
            return  # the other end is gone: what came before stays
        finally:
            self.settled = True

    def _receive(self) -> None:
        """Octets by the moment at which they were here."""
        adapted_us, since = monotonic_us(), 0
        while not self.cut.is_set():
            try:
                octets = self.connection.recv_into(NOWHERE, sockets.SINK_OCTETS, socket.MSG_TRUNC)
            except BlockingIOError:  # a fifth of a second went by without any
                continue
            if not octets:
                return
            now_us = monotonic_us()
            self.counted.add(now_us, octets)
            self.allowance.count(octets)
            since += octets
            if now_us - adapted_us >= ADAPT_US:
                sockets.wake_for(self.connection, since * SECOND_US // ((now_us - adapted_us) * WAKES_S))
                adapted_us, since = now_us, 0

    def end(self) -> None:
        """Wake the thread of the stream."""
        self.cut.set()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
