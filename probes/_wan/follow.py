"""
What do the counters of a device say, again and again?

*Method*: the rows of the ports are found once; then one request a poll for all of them (eight ports a request), over one exchange that is
opened anew after a silence. ifHighSpeed, ifSpeed and ifOperStatus are asked once, after the first poll, and again
where no answer came. A poll without an answer is
counted and nothing else: the next one comes at its own moment.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Backend, Exchange
from probes._snmp.walk import Walker
from probes._stimulus.counters import Lost, now_us, read
from probes._stimulus.ends import NAMES_DEADLINE_S, End, found_one
from probes._stimulus.settings import Watched
from probes._switch.mib import INTERFACES, PORT_DETAILS
from probes._switch.model import Speed, Status
from probes._switch.speed import Told, speed_of
from probes._switch.tables import number
from probes._wan.polls import Poll

HIGH_SPEED, LOW_SPEED = INTERFACES["ifHighSpeed"], PORT_DETAILS["ifSpeed"]
OPER_STATUS = INTERFACES["ifOperStatus"]
UP = 1
RATES_DEADLINE_S = 10.0
MOST_ASKED = 5  # times that a device is asked for rates which it does not tell
UNTOLD = Speed(Status.UNKNOWN, None, "not told")

Next = Callable[["Watch"], float | None]


@dataclass(slots=True)
class Watch:
    """One listed device: its rows, the rate of each, and every poll that it answered; `missed` counts the others by reason."""

    switch: Watched
    end: End | None = None
    speeds: dict[int, Speed] = field(default_factory=dict)
    polls: list[Poll] = field(default_factory=list)
    missed: Counter[tuple[Failure, str]] = field(default_factory=Counter)

    @property
    def lost(self) -> Lost | None:
        """Why the device as a whole has no figures; None where it was polled."""
        if self.end is None:
            return Lost(Failure.TIMED_OUT, "its ports were not found in time")
        if self.end.lost or self.polls:
            return self.end.lost
        failure, detail = next(iter(self.missed), (Failure.TIMED_OUT, "it was not asked"))
        return Lost(failure, detail) if self.end.indexes else None

    @property
    def ports(self) -> dict[str, int]:
        """The rows that are polled, by `host:port/ifName`."""
        return self.end.ports if self.end else {}

    def unknown(self) -> Iterator[tuple[str, Lost]]:
        """The ports that have no figures, as readings name them."""
        if self.lost is None and self.end is not None:
            yield from self.end.unknown()
        elif self.lost is not None:
            yield from ((f"{self.switch.subject}/{port}", self.lost) for port in self.switch.ports)

    def speed(self, row: int) -> Speed:
        """How fast a port runs by its own word."""
        return self.speeds.get(row, UNTOLD)

    def record(self) -> dict[str, Any]:
        """Everything that was asked and answered; counters as decimal strings, moments of the box's monotonic clock."""
        return {
            "switch": self.switch.subject,
            "rows": self.ports,
            "speeds": {row: [one.status, one.bit_s, one.why] for row, one in self.speeds.items()},
            "polls": [_poll(poll) for poll in tuple(self.polls)],
            "missed": [[*why, times] for why, times in tuple(self.missed.items())],
        }


def _poll(poll: Poll) -> dict[str, Any]:
    """One answer as it was: per row its name, sysUpTime, octets in and out."""
    rows = {
        row: [one.name, one.up_time, _decimal(one.octets_in), _decimal(one.octets_out)]
        for row, one in poll.samples.items()
    }
    return {"asked_us": poll.asked_us, "answered_us": poll.answered_us, "rows": rows}


def _decimal(counter: int | None) -> str | None:
    """A Counter64 in JSON."""
    return None if counter is None else str(counter)


async def follow(watch: Watch, opens: Backend, timeout_s: float, retries: int, next_s: Next) -> None:
    """
    Find the ports of one device and poll them until `next_s` names no moment (of the monotonic clock, seconds) any more.

    It is asked after each poll, and before the first one. Nothing is raised for a device that is silent.
    """
    try:
        async with asyncio.timeout(NAMES_DEADLINE_S):
            watch.end = await found_one(watch.switch, opens, timeout_s, retries)
    except TimeoutError:
        return
    target, moment_s = watch.end.target, next_s(watch) if watch.end.indexes else None
    while target is not None and moment_s is not None:
        await _until(moment_s)
        try:
            async with opens(target, watch.switch.credentials) as exchange:
                await _poll_on(watch, watch.end, exchange, next_s)
            return
        except Unmeasurable as why:
            watch.missed[why.failure, why.detail] += 1
            moment_s = next_s(watch)


async def _poll_on(watch: Watch, end: End, exchange: Exchange, next_s: Next) -> None:
    """Poll over one exchange, at once and then at each moment; raises Unmeasurable where there is no answer."""
    moment_s: float | None = time.monotonic()
    while moment_s is not None:
        await _until(moment_s)
        asked_us = now_us()
        samples = await read(exchange, end.indexes)
        watch.polls.append(Poll(asked_us, now_us(), samples))
        if not watch.speeds and len(watch.polls) <= MOST_ASKED:
            await _ask_rates(watch, end, exchange)
        moment_s = next_s(watch)


async def _ask_rates(watch: Watch, end: End, exchange: Exchange) -> None:
    """How fast each port runs, and whether it is up."""
    columns = (HIGH_SPEED, LOW_SPEED, OPER_STATUS)
    asked = [(*column, row) for row in end.indexes for column in columns]
    said = await Walker(exchange, time.monotonic() + RATES_DEADLINE_S).get(asked)
    for row in end.indexes:
        high, low, status = (number(said.get((*column, row))) for column in columns)
        name = watch.polls[0].samples[row].name
        watch.speeds[row] = speed_of(Told(status == UP, high, low, (name,)))


async def _until(moment_s: float) -> None:
    """Wait for a moment of the monotonic clock; one that has passed begins at once."""
    await asyncio.sleep(max(0.0, moment_s - time.monotonic()))
