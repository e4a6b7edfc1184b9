"""
How fast may switches be asked?

*Method*: one token bucket a device and one for all. A switch's processor is slow and also does the school's spanning tree: a
scan must not be felt. Repeats of a request are not counted, for each has waited for its time-out already.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable

from probes._snmp.exchange import Exchange, Pdu, Reply

PER_DEVICE_PER_S = 20.0
IN_ALL_PER_S = 200.0
BURST = 5


class Bucket:
    """So many a second, and a few at once after a rest."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._apart_s = 1 / per_s
        self._ahead_s = (burst - 1) / per_s
        self._next_s = 0.0

    def take(self, now_s: float) -> float:
        """Take the next turn; how long from now it is away."""
        turn_s = max(self._next_s, now_s)
        self._next_s = turn_s + self._apart_s
        return max(0.0, turn_s - self._ahead_s - now_s)


class Pace:
    """The limits of one run, in requests a second for one device and for all."""

    def __init__(
        self, per_device_per_s: float = PER_DEVICE_PER_S, in_all_per_s: float = IN_ALL_PER_S, burst: int = BURST
    ) -> None:
        self._new = (per_device_per_s, burst)
        self._all = Bucket(in_all_per_s, burst)
        self._devices: dict[Hashable, Bucket] = {}

    def held(self, exchange: Exchange, device: Hashable) -> Exchange:
        """The same exchange at this pace; all exchanges with one device share its turns."""
        return _Held(exchange, self._devices.setdefault(device, Bucket(*self._new)), self._all)


class _Held:
    """An exchange that waits for its turn."""

    def __init__(self, exchange: Exchange, own: Bucket, shared: Bucket) -> None:
        self._exchange, self._own, self._shared = exchange, own, shared

    async def request(self, pdu: Pdu) -> Reply:
        """See `Exchange.request`."""
        # The device's turn first: while it waits for that, it takes nobody's turn of those for all.
        for bucket in (self._own, self._shared):
            wait_s = bucket.take(time.monotonic())
            if wait_s:
                await asyncio.sleep(wait_s)
        return await self._exchange.request(pdu)
