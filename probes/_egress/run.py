"""
How much does one direction carry?

*Method*: a few streams begin; in a saturating run more join while the sum still grows, at most what rate and round trip ask for. The server
decides when it has settled and which window counts (evidence/steady.py); we count the same octets at our end, watch round trips and this
box meanwhile, and keep what both had when a run is cut. A paced run is stopped when it is felt: round trips that rise, others on the line.

What it does not prove: what limited the rate: `limits` says that of what was gathered here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from evidence.model import Failure, Unmeasurable
from evidence.stream import (
    FEWEST_STREAMS,
    MOST_STREAMS,
    Bins,
    Direction,
    Done,
    Go,
    Refused,
    Run,
    Stop,
    streams_for,
)
from probes import Progress
from probes._egress.counted import Counted, is_rising
from probes._egress.echoes import Echoes, RoundTrip, is_held_up
from probes._egress.load import Loads, watched
from probes._egress.session import Session, unexpected
from probes._egress.streams import Streams

TICK_S = 0.1
SHOWN_US = 500_000
ADDING_US = 1_000_000  # streams are added at 1, 2 and 3 s
ADDINGS = 3
A_FEW = 2
GRACE_S = 10.0  # after its longest time a run is over, whatever the server says
MOST_BINS = 1000
FELT_EVERY_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """
    One direction as it is to be measured.

    `idle_us` is the round trip of the idle line, `disturbed` says in words who else is felt, `bounding` whether an upper end may follow.
    """

    number: int
    direction: Direction
    most_us: int
    pace_bit_s: int
    idle_us: int
    block: int
    disturbed: Callable[[Ran], str]
    bounding: bool = False

    @property
    def streams(self) -> int:
        """How many streams to begin with: a paced run knows its rate."""
        return streams_for(self.pace_bit_s, self.idle_us) if self.pace_bit_s else FEWEST_STREAMS


@dataclass(slots=True)
class Ran:
    """What one run came to, at both ends; `done` is missing where it was cut, and `cut` says why."""

    plan: Plan
    streams: Streams
    started_us: int = 0
    counted: Counted = field(default_factory=Counted)
    credited: list[int] = field(default_factory=list)
    trips: list[RoundTrip] = field(default_factory=list)
    loads: Loads = field(default_factory=Loads)
    added_us: list[int] = field(default_factory=list)
    looks: int = 0
    asked_us: int = 0
    stopped: str = ""
    done: Done | None = None
    cut: Unmeasurable | None = None

    @property
    def now_us(self) -> int:
        """Microseconds since bin 0 began."""
        return time.monotonic_ns() // 1000 - self.started_us


def run(session: Session, echoes: Echoes, plan: Plan) -> Iterator[Progress | Ran]:
    """Measure one direction, telling progress, and end with what it came to; only a bug raises."""
    welcome, count = session.welcome, plan.streams
    streams = Streams(
        session.where, welcome.join, plan.number, plan.direction, bytes.fromhex(welcome.check), plan.block
    )
    streams.pace_bit_s = plan.pace_bit_s // count if plan.direction is Direction.UP else 0
    ran = Ran(plan, streams)
    try:
        session.talk.say(Run(plan.number, plan.direction, count, plan.most_us, plan.pace_bit_s))
        streams.begin(count)
        _wait_for_go(session, ran)
        with _counting(ran), watched() as ran.loads, echoes.going_on() as ran.trips:
            yield from _follow(session, ran)
    except Unmeasurable as why:
        ran.cut = why
    finally:
        streams.end()
        streams.close()
    yield ran


def _wait_for_go(session: Session, ran: Ran) -> None:
    """Bin 0 begins when the server says so; raises Unmeasurable."""
    match session.talk.next():
        case Go(run=number) if number == ran.plan.number:
            ran.started_us = time.monotonic_ns() // 1000
            ran.counted.start(ran.streams.octets())
        case Refused(code=code, detail=detail):
            raise Unmeasurable(Failure.NOT_PERMITTED, f"{session.where.name}: the server refused ({code}): {detail}")
        case other:
            raise unexpected(session.where.name, other)


@contextmanager
def _counting(ran: Ran) -> Iterator[None]:
    """Read our own sum ten times a second, on a thread of its own: nothing that the main thread waits for makes a hole."""
    ending = threading.Event()

    def go_on() -> None:
        while not ending.wait(TICK_S):
            ran.counted.note(ran.now_us, ran.streams.octets())

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
        ran.counted.note(ran.now_us, ran.streams.octets())


def _follow(session: Session, ran: Ran) -> Iterator[Progress]:
    """Hear the server, add streams, watch for what disturbs, until it is done; raises Unmeasurable when cut or overdue."""
    shown_us = 0
    while ran.done is None:
        _take(session, ran)
        if ran.now_us > ran.plan.most_us + GRACE_S * 1e6:
            raise Unmeasurable(Failure.TIMED_OUT, f"{session.where.name}: the server did not end the run")
        _add(ran)
        _stop_where_felt(session, ran)
        if ran.now_us >= shown_us + SHOWN_US:
            shown_us = ran.now_us
            yield _progress(ran)


def _take(session: Session, ran: Ran) -> None:
    """One message of the server, if one comes within a tick."""
    match session.talk.hear(TICK_S):
        case Bins(run=number, first=first, octets=octets) if number == ran.plan.number:
            _keep(ran.credited, first, octets, session.where.name)
        case Stop(run=number) if number == ran.plan.number:
            ran.streams.end()
        case Done(run=number) as done if number == ran.plan.number:
            ran.done = _checked(done, ran, session.where.name)
        case None | Bins() | Stop() | Done():
            pass  # nothing, or what is left of the run before
        case other:
            raise unexpected(session.where.name, other)


def _keep(credited: list[int], first: int, octets: tuple[int, ...], name: str) -> None:
    """Bins in their places; raises Unmeasurable for places that cannot be."""
    if first < 0 or first + len(octets) > MOST_BINS:
        raise Unmeasurable(Failure.UNREADABLE, f"{name}: bins from {first} on cannot be")
    credited.extend([0] * (first + len(octets) - len(credited)))
    credited[first : first + len(octets)] = octets


def _checked(done: Done, ran: Ran, name: str) -> Done:
    """Refuse a result whose window lies outside the run or whose direction is another."""
    inside = 0 <= done.from_us <= done.to_us <= ran.now_us + SHOWN_US
    if not inside or done.direction != ran.plan.direction or min(done.octets, done.rate_bit_s, done.half_width_ppm) < 0:
        raise Unmeasurable(
            Failure.UNREADABLE, f"{name}: a window of {done.from_us} to {done.to_us} us cannot be: not this run"
        )
    return done


def _add(ran: Ran) -> None:
    """At one, two and three seconds of a saturating run, more streams where they are wanted."""
    at_us = (ran.looks + 1) * ADDING_US
    if ran.plan.pace_bit_s or ran.looks >= ADDINGS or ran.counted.end_us < at_us:
        return
    ran.looks += 1
    running = len(ran.streams.streams)
    # An upper end needs to have seen that more streams bring nothing; without one they only disturb.
    try_once = ran.plan.bounding and ran.looks == A_FEW and not ran.added_us
    more = wanted_streams(ran.counted, at_us, ran.plan.idle_us, running, try_once) - running
    if more > 0 and ran.done is None:
        ran.streams.add(more)
        ran.added_us.append(ran.now_us)


def wanted_streams(counted: Counted, at_us: int, rtt_us: int, running: int, try_once: bool = False) -> int:
    """How many streams there should be: what half as much again at this round trip asks for, and two more while the sum still grows by 5 %."""
    step_us = (
        at_us * 3 // 10 if at_us <= ADDING_US else ADDING_US // 2
    )  # slow start is over by then, where streams are enough
    asked = streams_for(
        counted.rate(at_us - step_us, at_us) * 3 // 2, rtt_us
    )  # what runs at its streams' limit asks for more
    grown = running + A_FEW if try_once or is_rising(counted, at_us, step_us) else running
    return min(max(asked, grown, running), MOST_STREAMS)


def _stop_where_felt(session: Session, ran: Ran) -> None:
    """End a paced run that is felt."""
    if not ran.plan.pace_bit_s or ran.stopped:
        return
    if is_held_up(ran.trips, ran.plan.idle_us, time.monotonic_ns() // 1000):
        ran.stopped = "round trips rose by more than 150 ms for a second"
    elif ran.now_us >= ran.asked_us + FELT_EVERY_US:
        ran.asked_us = ran.now_us
        ran.stopped = ran.plan.disturbed(ran)
    if ran.stopped:
        session.talk.say(Stop(ran.plan.number))


def _progress(ran: Ran) -> Progress:
    """Phase, rate of the last second, and when."""
    end_us = ran.counted.end_us
    rate = ran.counted.rate(max(end_us - ADDING_US, 0), end_us) if end_us else 0
    return Progress(ran.plan.direction.value, rate_bit_s=rate, at_us=ran.now_us, streams=len(ran.streams.streams))
