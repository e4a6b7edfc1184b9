"""
How does one session go, from the welcome to the signed observation?

*Method*: one thread holds the control connection. It takes orders for runs, one direction after the other, tells bins five times a
second, asks twice a second whether the run is over, waits for the last tags, and tells the figure. If the connection is lost, what was
proved until then is kept and signed all the same. Nothing outlives its deadline: each run has its time and ten seconds, and the whole
session as many as it has directions.
"""

from __future__ import annotations

import secrets
import socket
import time
from dataclasses import dataclass, field

from collector.speed import sockets
from collector.speed.admission import Leave
from collector.speed.allowance import Allowance
from collector.speed.bins import complete_until, monotonic_us
from collector.speed.observation import observed
from collector.speed.parts import Parts
from collector.speed.party import Party, Span
from collector.speed.result import Result, nothing, result
from collector.speed.running import Flow, Running
from collector.speed.talk import Talk
from evidence.stream import (
    BIN_US,
    LONGEST_RUN_US,
    Bins,
    Bye,
    Ended,
    Go,
    Join,
    Refused,
    Run,
    Sealed,
    Stop,
    Welcome,
)

SECOND_US = 1_000_000
BETWEEN_US = 10_000_000  # to the next order, and to the first stream of a run
TICK_S = 0.05
TELL_US, LOOK_US, CHARGE_US = 200_000, 500_000, 1_000_000
ECHOES = 4


@dataclass(eq=False, slots=True)
class Session:
    """Leave that is being used; `join` is what its other connections show."""

    parts: Parts
    talk: Talk
    leave: Leave
    seen: str
    join: str = field(default_factory=lambda: secrets.token_hex(16))
    check: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    began_us: int = field(default_factory=monotonic_us)
    current: Running | None = None
    results: list[Result] = field(default_factory=list)
    over: bool = False
    echoes: int = 0
    said_bye: bool = False
    allowance: Allowance = field(init=False)
    _charged: int = 0

    def __post_init__(self) -> None:
        """The volume of all its runs."""
        self.allowance = Allowance(self.leave.grant.octets)

    # --- control -----------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Welcome, runs, observation: whatever ends the runs, what was proved is signed."""
        self.talk.say(self._welcome())
        try:
            message = self._all_runs()
        finally:
            self.over = True
            with self.parts.ending_all():  # what was proved must not get lost in silence
                envelope = observed(self.parts, self.leave, self.seen, self.results, self.began_us)
        if isinstance(message, Bye):
            self.talk.say(Sealed(envelope))

    def _all_runs(self) -> Run | Bye | Refused | None:
        """Each direction of the ticket once, as the agent asks for it; what it said last."""
        left = list(self.leave.ticket.directions)
        while (message := self._next()) is not None and not isinstance(message, Bye):
            if not isinstance(message, Run) or message.direction not in left:
                self.talk.say(Refused("direction", "the ticket leaves no run of this kind"))
                break
            left.remove(message.direction)
            self._run(message)
        return message

    def _next(self) -> Run | Bye | Refused | None:
        """The next order; None where none comes in time or the connection is lost."""
        until_us = monotonic_us() + BETWEEN_US
        if self.said_bye:
            return Bye()
        while not self.talk.lost and not self.parts.stop.is_set() and (left_us := until_us - monotonic_us()) > 0:
            message = self.talk.heard(min(left_us / SECOND_US, 0.5))
            if isinstance(message, Run | Bye):
                return message
            if message is not None and not isinstance(message, Stop):  # a Stop may cross the end of its run
                return Refused("order", "")
        return None

    def _welcome(self) -> Welcome:
        """What the session may use."""
        ticket, parts = self.leave.ticket, self.parts
        return Welcome(
            session=ticket.session,
            server=parts.key.public_key().public_bytes_raw().hex(),
            join=self.join,
            check=self.check.hex(),
            seen=self.seen,
            most_octets=self.leave.grant.octets,
            most_us=self._most_us(LONGEST_RUN_US),
            most_bit_s=ticket.most_bit_s,
            name=parts.name,
            path=parts.path,
            operator=parts.operator,
        )

    def _most_us(self, asked_us: int) -> int:
        """How long a run may take at most."""
        return max(min(asked_us, self.leave.ticket.most_us, LONGEST_RUN_US), BIN_US)

    # --- one run -----------------------------------------------------------------------------------------------------

    def _run(self, order: Run) -> None:
        """Measure once; the streams have ended when this returns."""
        paces = [rate for rate in (order.pace_bit_s, self.leave.ticket.most_bit_s) if rate > 0]
        running = Running(order, self.check, min(paces, default=0), self._most_us(order.most_us), self.allowance)
        self.current = running
        try:
            found = self._measured(running) if self._has_begun(running) else nothing(running)
        finally:
            self.current = None
            running.close()
            self._charge()
        self.results.append(found)
        self.talk.say(found.done)

    def _has_begun(self, running: Running) -> bool:
        """Wait until the first stream is there, then for the next bin of the grid."""
        until_us = monotonic_us() + BETWEEN_US
        while not running.first.wait(TICK_S):
            if self._is_stopped(running) or monotonic_us() >= until_us:
                return False
        running.begin()
        self.talk.say(Go(running.order.number))
        return True

    def _measured(self, running: Running) -> Result:
        """Count until the party ends, then wait for what is under way."""
        ticket = self.leave.ticket
        party = self.parts.parties.join(
            ticket.group, running.order.direction, ticket.seats, running.member(), monotonic_us()
        )
        span = self._watch(running, party)
        until_us = running.stop()
        self.talk.say(Stop(running.order.number))
        while not running.drained and monotonic_us() < until_us:
            time.sleep(TICK_S)
        direction = running.order.direction
        best_bit_s = self.parts.best.of_the_hour(direction)
        found = result(running, party, span, sockets.family_of(self.seen), best_bit_s)
        self.parts.best.add(direction, found.done.rate_bit_s)
        return found

    def _watch(self, running: Running, party: Party) -> Span:
        """Tell bins, look, charge and ask, until the party has ended; what it came to."""
        told, looked_us, charged_us = 0, 0, monotonic_us()
        while (span := party.judged(now_us := monotonic_us())) is None:
            if now_us - looked_us >= LOOK_US:
                running.look()
                looked_us = now_us
            if now_us - charged_us >= CHARGE_US:
                self._charge()
                charged_us = now_us
            if complete_until(now_us) - running.origin - told >= TELL_US // BIN_US:
                told = self._tell(running, told, now_us)
            if (why := self._why_over(running)) is not None:
                party.end(why, monotonic_us())
        running.look()
        self._tell(running, told, now_us)
        return span

    def _tell(self, running: Running, told: int, now_us: int) -> int:
        """Tell the bins that are over; the first that is still to be told."""
        end = max(complete_until(now_us) - running.origin, told)
        self.talk.say(Bins(running.order.number, told, running.bins(told, end)))
        return end

    def _why_over(self, running: Running) -> Ended | None:
        """What else than its figure ends a run."""
        if self._is_stopped(running):
            return Ended.CUT if self.talk.lost or self.parts.stop.is_set() else Ended.STOPPED
        return Ended.OCTETS if self.allowance.exhausted else None

    def _is_stopped(self, running: Running) -> bool:
        """Whether the agent says stop or is gone, or this server is to end."""
        message = self.talk.heard(TICK_S)
        self.said_bye = self.said_bye or isinstance(message, Bye)
        stopped = isinstance(message, Stop) and message.run == running.order.number
        return stopped or self.said_bye or self.talk.lost or self.parts.stop.is_set()

    def _charge(self) -> None:
        """Note on the disk what was moved since the last time."""
        spent = self.allowance.spent
        self.parts.volumes.moved(self.leave.grant, spent - self._charged)
        self._charged = spent

    # --- other connections -------------------------------------------------------------------------------------------

    def stream(self, connection: socket.socket, join: Join) -> None:
        """The connection of one stream, until its run is over; one that may not join is left at once."""
        if (joined := self._joined(connection, join)) is not None:
            running, flow = joined
            running.started.wait()  # set at the latest when the run is closed
            flow.flow()

    def _joined(self, connection: socket.socket, join: Join) -> tuple[Running, Flow] | None:
        """The run that a stream belongs to and its place in it."""
        until_us = monotonic_us() + SECOND_US
        while (running := self.current) is None or running.order.number != join.run:
            if self.over or monotonic_us() >= until_us:  # the order may still be on its way
                return None
            time.sleep(0.005)
        if sockets.peer_of(connection) != self.seen:
            running.strangers += 1
            return None
        flow = running.joined(connection, join.stream)
        return None if flow is None else (running, flow)

    def echo(self, connection: socket.socket) -> None:
        """Send back what comes while the session lives."""
        self.echoes += 1
        if self.echoes > ECHOES or sockets.peer_of(connection) != self.seen:
            return
        left = 1024 * 1024  # octets: far more than any number of echoes, far less than a run
        connection.settimeout(0.5)
        while not self.over and left > 0:
            try:
                octets = connection.recv(4096)
                connection.sendall(octets)
            except TimeoutError:
                continue
            except OSError:
                return
            if not octets:
                return
            left -= len(octets)
