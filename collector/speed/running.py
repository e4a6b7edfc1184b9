"""
One run of a session: who streams, since when, and what came of it?

*Method*: streams join on connections of their own, from the address of the session only: content that goes elsewhere proves nothing
of this line. Bin 0 begins at the next bin of the server's grid after the first stream is there. At the end of a download the streams end at a chunk's
end and their last tags are waited for, because a chunk counts by both of its moments; an upload is drained.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from dataclasses import dataclass, field

from collector.speed import sockets
from collector.speed.allowance import Allowance
from collector.speed.bins import Series, monotonic_us, next_bin, summed
from collector.speed.inflow import Inflow
from collector.speed.outflow import Outflow
from collector.speed.party import Member, Party, Span
from collector.speed.vitals import Vitals
from evidence.model import Facts
from evidence.stream import BIN_US, LATE_US, MOST_STREAMS, Direction, Run

SECOND_US = 1_000_000
UP_DRAIN_US = 1_000_000
TAGS_S = 0.008  # the longest wait for tags: so exactly is known when a chunk was sent
NAP_S = 0.002  # tags are read in batches: at 10 Gbit/s five thousand come a second
Flow = Outflow | Inflow


@dataclass(eq=False, slots=True)
class Running:
    """A run from its order to its end; `pace_bit_s` of 0 leaves the rate to the line."""

    order: Run
    check: bytes
    pace_bit_s: int
    most_us: int
    allowance: Allowance
    first: threading.Event = field(default_factory=threading.Event)  # a stream has joined
    started: threading.Event = field(default_factory=threading.Event)  # bin 0 has begun
    over: threading.Event = field(default_factory=threading.Event)
    cut: threading.Event = field(default_factory=threading.Event)
    origin: int = 0
    strangers: int = 0
    flows: list[Flow] = field(default_factory=list)
    vitals: Vitals = field(init=False)
    _tags: selectors.BaseSelector | None = None
    _reader: threading.Thread | None = None
    _counted: list[Series] = field(default_factory=list)
    _numbers: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """A download has one thread that reads the tags of all streams."""
        self.vitals = Vitals(self.order.direction)
        if self.order.direction is Direction.DOWN:
            self._tags = selectors.DefaultSelector()
            self._reader = threading.Thread(target=self._read_tags, args=(self._tags,), name="tags", daemon=True)
            self._reader.start()

    def joined(self, connection: socket.socket, number: int) -> Flow | None:
        """A further stream; None where it is one too many, was there before, or comes after the end."""
        with self._lock:
            if self.over.is_set() or number in self._numbers or len(self._numbers) >= MOST_STREAMS:
                return None
            self._numbers.add(number)
            flow = self._flow(connection)
            self.flows.append(flow)
            self._counted.append(flow.counted)
            self._pace()
        self.first.set()
        return flow

    def _flow(self, connection: socket.socket) -> Flow:
        """A stream of this run's direction, ready."""
        if self._tags is None:
            sockets.for_receiving(connection)
            return Inflow(connection, self.allowance, self.cut)
        sockets.for_sending(connection)
        flow = Outflow(connection, self.check, self.allowance, self.over, self.cut)
        self._tags.register(connection, selectors.EVENT_READ, flow)
        return flow

    def _pace(self) -> None:
        """The rate of all streams together, shared among those that are there."""
        if self.pace_bit_s and self._tags is not None:
            for flow in self.flows:
                sockets.pace(flow.connection, self.pace_bit_s // len(self.flows))

    def begin(self) -> None:
        """Wait for the next bin of the grid; it is bin 0."""
        self.origin = next_bin(monotonic_us())
        time.sleep(max(self.origin * BIN_US - monotonic_us(), 0) / SECOND_US)
        self.vitals = Vitals(self.order.direction)
        self.started.set()

    def member(self) -> Member:
        """This run as its party sees it."""
        return Member(self.origin, self.most_us, bool(self.pace_bit_s), self._counted)

    def look(self) -> None:
        """Read what the kernel tells of every stream."""
        self.vitals.look([flow.connection for flow in tuple(self.flows)])

    def bins(self, first: int, end: int) -> tuple[int, ...]:
        """What was credited in some bins, counted from bin 0."""
        return tuple(summed(tuple(self._counted), self.origin + first, self.origin + end))

    def stop(self) -> int:
        """Let no further content begin; until when the streams may finish what is under way, on the monotonic clock."""
        with self._lock:
            self.over.set()
        self.started.set()
        return monotonic_us() + (LATE_US if self._tags is not None else UP_DRAIN_US)

    @property
    def drained(self) -> bool:
        """Whether nothing further can be credited."""
        return all(flow.settled for flow in tuple(self.flows))

    def close(self) -> None:
        """End every stream at once, and the thread that reads tags."""
        self.stop()
        self.cut.set()
        for flow in self.flows:
            flow.end()
        if self._reader is not None:
            self._reader.join()

    def credited(self, span: Span) -> int:
        """Octets proved in a span: by arrival of their tags or by when they had left, whichever is less."""
        arrived = sum(summed(tuple(self._counted), span.first, span.end))
        sent = [flow.sent for flow in self.flows if isinstance(flow, Outflow)]
        return min(arrived, sum(summed(sent, span.first, span.end))) if sent else arrived

    def in_flight(self, span: Span) -> int:
        """Octets that had been sent and not yet proved at the begin of a span or at its end, whichever is less: all that a queue could hide."""
        sent = [flow.sent for flow in self.flows if isinstance(flow, Outflow)]
        under_way = [
            sum(summed(sent, self.origin - 1, at)) - sum(summed(tuple(self._counted), self.origin - 1, at))
            for at in (span.first, span.end)
        ]
        return max(min(under_way), 0) if sent else 0

    def facts(self, party: Party) -> Facts:
        """What is told of the run beside its figure."""
        told: Facts = {"streams": len(self.flows), "strangers": self.strangers, **self.vitals.facts()}
        outflows = [flow for flow in self.flows if isinstance(flow, Outflow)]
        if self._tags is not None:
            told["wrong_tags"] = sum(flow.wrong_tags for flow in outflows)
            told["late_tags"] = sum(flow.late_tags for flow in outflows)
        if party.group:
            told |= {"group": party.group, "seats": party.seats, "present": party.present}
        return told

    def _read_tags(self, tags: selectors.BaseSelector) -> None:
        """Note what has left and read the tags of all streams until the run is cut."""
        with tags:
            while not self.cut.wait(NAP_S):
                for flow in tuple(self.flows):
                    if isinstance(flow, Outflow):
                        flow.note_what_left()
                for key, _ in tags.select(TAGS_S):
                    if not key.data.read_tags():
                        tags.unregister(key.fileobj)
