"""
How much do the school's ports to the outside carry on an ordinary day, and how fast are they?

*Method*: the 64-bit octet counters of the listed ports are read every `step_s` seconds for `window_s` seconds. The mean is the rise
between the first and the last reading, divided by the time between them; the peak is the largest rate over a minute.
Where a device is seen to refresh its counters more rarely than it is asked, the readings that told something new are taken. It
sends nothing but these polls.

What it does not prove: that the counters are true, that a listed port leads outside (the operator's list says so), or how much more
the line behind it would carry.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from evidence.model import Facts, Failure, Quantity, Raw, Reading
from evidence.quantities import WAN_MEAN_DOWN, WAN_MEAN_UP, WAN_PEAK_DOWN, WAN_PEAK_UP, WAN_RATE
from probes import Probe
from probes._settings import FROZEN, TimeoutS
from probes._snmp.backends import Name, backend
from probes._snmp.pace import Pace
from probes._stimulus.counters import Lost
from probes._stimulus.ends import NAMES_DEADLINE_S, told_of
from probes._stimulus.settings import Watched
from probes._switch.model import Status
from probes._switch.settings import each_once
from probes._wan.follow import Next, Watch, follow
from probes._wan.polls import Carried, Known, Poll, asked_for, fault_of, is_live, refreshed

REST_US = 60_000_000  # no device is believed to keep its counters for longer
MINUTE_US = 59_500_000  # a minute between two readings, which come a little early or late
SLACK_S = 8.0  # for the last answers, so that no deadline takes readings away that were made


class Settings(BaseModel):
    """What a Scan orders of this probe, with the secrets that the agent adds; times are in seconds."""

    model_config = FROZEN

    switches: Annotated[list[Watched], Field(min_length=1, max_length=20), AfterValidator(each_once)] = Field(
        description="the devices with the ports to the outside"
    )
    window_s: Annotated[int, Field(strict=True, ge=60, le=840)] = Field(default=300, description="how long to look")
    step_s: Annotated[int, Field(strict=True, ge=1, le=30)] = Field(default=10, description="time between two readings")
    timeout_s: TimeoutS = Field(default=2.0, description="longest wait for one reply")
    retries: Annotated[int, Field(strict=True, ge=0, le=5)] = Field(
        default=2, description="how often a request without a reply is repeated"
    )


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Look for the window; raises Unmeasurable, after its readings, where a port gave no figure."""
    # 1. Look.
    watches = [Watch(switch) for switch in settings.switches]
    with asyncio.Runner() as loop:
        loop.run(_polled(watches, settings))
    # 2. What each port carried.
    losses: list[tuple[str, Lost]] = []
    for watch in watches:
        for where, found in _figures(watch, settings):
            if isinstance(found, Lost):
                losses.append((where, found))
            else:
                yield found
    yield Raw("wan.json", json.dumps({"switches": [watch.record() for watch in watches]}, indent=1).encode())
    if losses:
        raise told_of(losses)


# --- Looking ----------------------------------------------------------------------------------------------------------


async def _polled(watches: Sequence[Watch], settings: Settings) -> None:
    """Poll all devices at once, each for the window from when its ports were found."""
    opens, longest_s = backend(Name.OWN, Pace()), NAMES_DEADLINE_S + settings.window_s + SLACK_S
    looks = [follow(watch, opens, settings.timeout_s, settings.retries, _moments(settings)) for watch in watches]
    ends = await asyncio.gather(*(asyncio.wait_for(look, longest_s) for look in looks), return_exceptions=True)
    for end in ends:
        # A device that ran out of time has been polled until then, and that counts.
        if isinstance(end, BaseException) and not isinstance(end, TimeoutError):
            raise end


def _moments(settings: Settings) -> Next:
    """Each step of the window, which begins when this is first asked; steps that have passed are left out."""
    begin_s: float | None = None

    def next_s(watch: Watch) -> float | None:
        nonlocal begin_s
        now_s = time.monotonic()
        if begin_s is None:
            begin_s = now_s
            return now_s
        after_s = ((now_s - begin_s) // settings.step_s + 1) * settings.step_s
        return begin_s + after_s if after_s <= settings.window_s else None

    return next_s


# --- What comes of it -------------------------------------------------------------------------------------------------


def _figures(watch: Watch, settings: Settings) -> Iterator[tuple[str, Reading | Lost]]:
    """The readings of each port of a device, and why others have none."""
    yield from watch.unknown()
    if watch.lost is not None:
        return
    for where, row in watch.ports.items():
        rate = _rate(watch, where, row)
        if rate is not None:
            yield where, rate
        found = _knots(watch.polls, row, settings.window_s)
        if isinstance(found, Lost):
            yield where, found
        else:
            yield from _carried(watch, where, row, found)


def _rate(watch: Watch, where: str, row: int) -> Reading | None:
    """How fast a port is: exact where it plainly says so, at most that where its words need repair, nothing where it is down."""
    speed = watch.speed(row)
    if speed.bit_s is None:
        return None
    facts: Facts = {"status": speed.status, "why": speed.why}
    if speed.status is Status.REPORTED:
        return WAN_RATE.reading(speed.bit_s, subject=where, facts=facts)
    return WAN_RATE.between(None, speed.bit_s, subject=where, facts=facts)


def _knots(polls: Sequence[Poll], row: int, window_s: int) -> list[Known] | Lost:
    """The readings of a port that count, for at least half the window; or why it has no figure."""
    fault = fault_of(polls, row)
    if fault is not None:
        return fault
    every, new = asked_for(polls), refreshed(polls)
    if _us(every) * 2 < window_s * 1_000_000:
        return Lost(Failure.TIMED_OUT, f"it answered for {_us(every) // 1_000_000} of {window_s} s")
    if is_live(polls) or _us(new) * 2 >= _us(every):
        return every if is_live(polls) else new
    if _us(every) >= 4 * REST_US:
        # Were it traffic, a device that rests a minute at most would have told it over at least half of this time.
        return every
    words = f"in {_us(every) // 1_000_000} s it told something new {len(new)} times"
    return Lost(Failure.INSTRUMENT_LIMIT, f"{words}: no traffic, or counters that are refreshed too rarely")


def _us(knots: Sequence[Known]) -> int:
    """The time between the first and the last."""
    return knots[-1].at_us - knots[0].at_us if knots else 0


def _carried(watch: Watch, where: str, row: int, knots: Sequence[Known]) -> Iterator[tuple[str, Reading | Lost]]:
    """Mean and peak of a port, down and up."""
    mean, minutes = Carried(knots[0], knots[-1]), list(_minutes(knots))
    for way, (of_mean, of_peak) in enumerate(((WAN_MEAN_DOWN, WAN_PEAK_DOWN), (WAN_MEAN_UP, WAN_PEAK_UP))):
        yield where, _reading(of_mean, watch, where, row, way, mean)
        if minutes:
            peak = max(minutes, key=lambda one: one.bit_s(row)[way])
            yield where, _reading(of_peak, watch, where, row, way, peak)
    if not minutes:
        yield where, Lost(Failure.INSTRUMENT_LIMIT, "no minute between two readings that told something new")


def _minutes(knots: Sequence[Known]) -> Iterator[Carried]:
    """From each reading to the first that is a minute later."""
    for at, begin in enumerate(knots):
        end = next((one for one in knots[at + 1 :] if one.at_us - begin.at_us >= MINUTE_US), None)
        if end is not None:
            yield Carried(begin, end)


def _reading(quantity: Quantity, watch: Watch, where: str, row: int, way: int, found: Carried) -> Reading:
    """One rate, with what it was computed from: the two counters and the time between them."""
    facts: Facts = {
        "first": str(found.begin.counters[row][way]),
        "last": str(found.end.counters[row][way]),
        "window_us": found.us,
        "error_ppm": found.error_ppm,
        "polls": len(watch.polls),
        "missed": watch.missed.total(),
    }
    for name, poll in (("up_time_first", watch.polls[0]), ("up_time_last", watch.polls[-1])):
        up_time = poll.samples[row].up_time
        facts |= {} if up_time is None else {name: up_time}
    return quantity.reading(found.bit_s(row)[way], subject=where, facts=facts)


PROBE = Probe(
    produces=(WAN_RATE, WAN_MEAN_DOWN, WAN_MEAN_UP, WAN_PEAK_DOWN, WAN_PEAK_UP),
    settings=Settings,
    run=run,
    deadline_s=900,
)
