"""Are switches asked no faster than they bear?"""

from __future__ import annotations

import asyncio
import time

from probes._snmp.exchange import Kind, Pdu, Reply
from probes._snmp.pace import Bucket, Pace


def test_a_few_at_once_and_then_so_many_a_second() -> None:
    """Five turns are free after a rest, and each further one is a twentieth of a second later than the one before."""
    bucket = Bucket(per_s=20, burst=5)

    assert [round(bucket.take(100.0), 3) for _ in range(8)] == [0, 0, 0, 0, 0, 0.05, 0.1, 0.15]


def test_rest_is_not_saved_up() -> None:
    """After an hour of rest no more are free than after a second."""
    bucket = Bucket(per_s=10, burst=2)
    bucket.take(0.0)

    assert [round(bucket.take(3600.0), 3) for _ in range(4)] == [0, 0, 0.1, 0.2]


class Counting:
    """An exchange that answers at once, and knows when it was asked."""

    def __init__(self) -> None:
        self.times_s: list[float] = []

    async def request(self, pdu: Pdu) -> Reply:
        """See `Exchange.request`."""
        self.times_s.append(time.monotonic())
        return Reply(0, 0, ())


def _rate(devices: int, requests: int, pace: Pace) -> float:
    """Requests a second in all, after the burst."""
    asked = Counting()

    async def ask(device: int) -> None:
        exchange = pace.held(asked, device)
        for _ in range(requests):
            await exchange.request(Pdu(Kind.GET, ()))

    async def ask_all() -> None:
        await asyncio.gather(*(ask(device) for device in range(devices)))

    asyncio.run(ask_all())
    return (len(asked.times_s) - 1) / (max(asked.times_s) - min(asked.times_s))


def test_one_device() -> None:
    """One device is asked at its own rate."""
    assert _rate(1, 21, Pace(per_device_per_s=50, in_all_per_s=1000, burst=1)) <= 52


def test_all_devices() -> None:
    """Many devices are asked at the rate of all."""
    assert _rate(10, 6, Pace(per_device_per_s=1000, in_all_per_s=100, burst=1)) <= 104


def test_exchanges_with_one_device_share_its_turns() -> None:
    """Asking a device through two exchanges is not twice as fast."""
    pace = Pace(per_device_per_s=50, in_all_per_s=1000, burst=1)
    first, second = Counting(), Counting()

    async def ask() -> None:
        one, two = pace.held(first, "a"), pace.held(second, "a")
        for _ in range(6):
            await asyncio.gather(one.request(Pdu(Kind.GET, ())), two.request(Pdu(Kind.GET, ())))

    asyncio.run(ask())
    times_s = first.times_s + second.times_s
    assert 11 / (max(times_s) - min(times_s)) <= 52
