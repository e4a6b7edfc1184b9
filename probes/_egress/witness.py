"""
What do the counters of the school's ports to the outside say while an egress run sends?

*Method*: a thread of its own polls all listed ports, ten times a second; a poll is one request a device. What passed in a window is told
by `probes._wan.polls`: by interpolation between polls, or over whole refresh steps. Devices are added up; one that carried less than a
hundredth of the others counts as quiet. Octets are those of Ethernet L2: Linux counts frames without their check sequence, most
switches with it (0.3 % of full frames). Every wait has an end, and a device that is silent, restarted or too slow costs the run nothing
but this figure.

What it does not prove: whose octets they are, that the counters are true, or that the ports lead outside; the operator's list says so.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

from evidence.model import Facts, Failure
from probes._snmp.backends import Name, backend
from probes._snmp.pace import Pace
from probes._stimulus.counters import Lost
from probes._stimulus.settings import Watched
from probes._switch.speed import NOT_UP
from probes._wan.follow import Watch, follow
from probes._wan.polls import ALL_PPM, MOST_ERROR_PPM, Carried, asked_for, at_most, carried, is_live, refreshed

STEP_S = 0.1  # so fine that four seconds of a device that counts once a second are known to a twentieth
FIRST_S = 2.0  # what "is the line busy?" is answered from
BEGIN_S = 3.0  # finding the ports and the first polls
CLOSING_S = 3.0  # for a poll behind the end of a window
STOP_S = 3.0
LOOK_S = 0.02
QUIET_SHARE = 100
ROUGHLY_PPM = 500_000


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What the ports to the outside carried, in bit/s of Ethernet L2, and how that is known."""

    down_bit_s: int
    up_bit_s: int
    facts: Facts


def watching(switches: Sequence[Watched], timeout_s: float, retries: int = 1) -> Witness:
    """A context in which these devices are polled; entering and leaving it waits for none of them."""
    return Witness(switches, timeout_s, retries)


class Witness:
    """The ports to the outside during a run; see `watching`. All moments are seconds of `time.monotonic`."""

    def __init__(self, switches: Sequence[Watched], timeout_s: float, retries: int) -> None:
        self._watches = [Watch(switch) for switch in switches]
        self._timeout_s, self._retries = timeout_s, retries
        self._begun, self._started_s = threading.Event(), 0.0
        self._bug: Exception | None = None
        self._end: Callable[[], object] | None = None
        self._thread = threading.Thread(target=self._work, name="wan-witness", daemon=True)

    def __enter__(self) -> Self:
        self._started_s = time.monotonic()
        self._thread.start()
        self._begun.wait(STOP_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the polling; a name that is still being resolved ends by its own time-out. Raises what polling broke by, a bug of ours."""
        if self._end is not None:
            self._end()
        self._thread.join(STOP_S)
        if self._bug is not None and error is None:
            raise self._bug

    # --- What it says -------------------------------------------------------------------------------------------------

    def busy_ppm(self, line_bit_s: int = 0) -> int | None:
        """
        How full the busiest direction of the busiest port is, from the first two seconds; None where that is not known.

        A share of the port's rate, or of `line_bit_s` where the line behind it is slower. Waits for the polls, at most 5 s after entering.
        """
        self._wait(self._has_begun, self._started_s + BEGIN_S + FIRST_S)
        shares = [share for watch in self._watches for share in _shares(watch, line_bit_s)]
        return max(shares, default=None)

    def rates(self, from_s: float, to_s: float, wait_s: float = CLOSING_S) -> Witnessed | Lost:
        """What the ports carried in a window, added up; or why that cannot be told. Waits at most `wait_s` for polls after its end."""
        from_us, to_us = round(from_s * 1e6), round(to_s * 1e6)
        alone = len(self._watches) == 1
        self._wait(lambda: all(_covers(watch, to_us, alone) for watch in self._watches), time.monotonic() + wait_s)
        for watch in self._watches:
            for where, lost in watch.unknown():  # without one of its parts a sum is none
                return Lost(lost.failure, f"{where}: {lost.detail}")
        return _summed([(watch, _of(watch, from_us, to_us)) for watch in self._watches], from_us, to_us)

    def record(self) -> dict[str, Any]:
        """Every poll, for the raw evidence; moments are microseconds of the monotonic clock."""
        return {"switches": [watch.record() for watch in self._watches]}

    # --- How it works -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Poll all devices until the context is left."""
        with asyncio.Runner() as loop:
            loop.run(self._poll_all())

    async def _poll_all(self) -> None:
        """All devices at once, until the end is called from the other thread."""
        over, opens = asyncio.Event(), backend(Name.OWN, Pace())
        self._end = partial(asyncio.get_running_loop().call_soon_threadsafe, over.set)
        self._begun.set()
        polling = [
            asyncio.create_task(follow(watch, opens, self._timeout_s, self._retries, _next)) for watch in self._watches
        ]
        await over.wait()
        for task in polling:
            task.cancel()
        for outcome in await asyncio.gather(*polling, return_exceptions=True):
            if isinstance(outcome, Exception):
                self._bug = outcome

    def _has_begun(self) -> bool:
        """Whether every device has been polled for two seconds, or will not be."""
        return all(
            watch.polls[-1].answered_us - watch.polls[0].answered_us >= FIRST_S * 1e6
            if watch.polls
            else watch.end is not None and not watch.end.indexes
            for watch in self._watches
        )

    def _wait(self, ready: Callable[[], bool], until_s: float) -> None:
        """Wait for something of the other thread, but not longer than that, nor for a thread that has ended."""
        while time.monotonic() < until_s and self._thread.is_alive() and not ready():
            time.sleep(LOOK_S)


def _next(watch: Watch) -> float:
    """When a device is asked again: a step after it was asked, or after the answer of a slow one, or after a silence."""
    now_s = time.monotonic()
    due_s = watch.polls[-1].asked_us / 1e6 + STEP_S if watch.polls else now_s
    return due_s if due_s > now_s else now_s + STEP_S


def _covers(watch: Watch, to_us: int, alone: bool) -> bool:
    """
    Whether a device has been asked after a moment, or never was.

    Of one among several, which may be quiet, it must also have told something new since.
    """
    since = [poll for poll in watch.polls if poll.asked_us >= to_us]
    return not watch.polls or bool(since if alone else refreshed(since))


def _of(watch: Watch, from_us: int, to_us: int) -> Carried | Lost:
    """What one device carried."""
    return carried(tuple(watch.polls), from_us, to_us, MOST_ERROR_PPM)


def _shares(watch: Watch, line_bit_s: int) -> list[int]:
    """How full each port of a device is, where that is known."""
    polls = tuple(watch.polls)
    knots = asked_for(polls) if is_live(polls) else refreshed(polls)
    found = carried(polls, knots[0].at_us, knots[-1].at_us, ROUGHLY_PPM) if knots else None
    if not isinstance(found, Carried):
        return []
    full_bit_s = {row: line_bit_s or watch.speed(row).bit_s for row in watch.ports.values()}
    return [max(found.bit_s(row)) * ALL_PPM // full for row, full in full_bit_s.items() if full]


Found = tuple[Watch, Carried | Lost]


def _summed(found: Sequence[Found], from_us: int, to_us: int) -> Witnessed | Lost:
    """The rates of all devices together, those that carried next to nothing left out."""
    told = [(watch, one) for watch, one in found if isinstance(one, Carried)]
    rates = [one.bit_s(row) for watch, one in told for row in watch.ports.values()]
    down_bit_s, up_bit_s = sum(one[0] for one in rates), sum(one[1] for one in rates)
    for watch, one in found:
        if isinstance(one, Lost) and not _is_quiet(watch, from_us, to_us, max(down_bit_s, up_bit_s)):
            return Lost(one.failure, f"{watch.switch.subject}: {one.detail}")
    if not told:
        return Lost(Failure.NOT_SUPPORTED, "no port to the outside is listed")
    return Witnessed(down_bit_s, up_bit_s, _facts(found, [one for _, one in told]))


def _is_quiet(watch: Watch, from_us: int, to_us: int, others_bit_s: int) -> bool:
    """Whether a device carried nothing to speak of, by what it told before and after or because its ports are down."""
    polls = tuple(watch.polls)
    if all(watch.speed(row) is NOT_UP for row in watch.ports.values()) and not refreshed(polls):
        return True
    octets = at_most(polls, from_us, to_us)
    return octets is not None and octets * 8_000_000 * QUIET_SHARE <= others_bit_s * (to_us - from_us)


def _facts(found: Sequence[Found], told: Sequence[Carried]) -> Facts:
    """How the figure is known: the least window of all devices, and the worst of the rest."""
    speeds = [watch.speed(row).bit_s for watch, _ in found for row in watch.ports.values()]
    facts: Facts = {
        "polls": sum(len(watch.polls) for watch, _ in found),
        "ports": len(speeds),
        "window_us": min(one.us for one in told),
        "refresh_us": max(one.refresh_us for one in told),
        "error_ppm": max(one.error_ppm for one in told),
        "quiet": len(found) - len(told),
    }
    known = [speed for speed in speeds if speed is not None]
    return facts | {"speed_bit_s": sum(known)} if known and len(known) == len(speeds) else facts
