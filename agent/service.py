"""
What does an enrolled agent do all day?

Three threads around one outbox: one waits on the order channel, one delivers what is sealed, and the main one measures, one
probe at a time. Every step is on the disk before the next begins, so a kill at any moment costs at most the run under way,
which is then done again.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from agent import clock
from agent.config import AgentConfig
from agent.courier import Courier, Entry, Offline, Refused, Untrusted
from agent.egress_allowed import EGRESS, session_of
from agent.identity import Identity
from agent.outbox import Outbox, Pending, Waiting
from agent.scan import Finding, run_probe
from agent.telling import telling
from evidence.errors import Rejected
from evidence.model import Failure, Report, Settings
from evidence.scan import AskedBy, Cancellation, Progress, Scan
from evidence.seal import CANCELLATION, SCAN, open_sealed
from evidence.survey import WALKED
from evidence.wire import OUTSIDE, VANTAGE

LOG = logging.getLogger("campusproof.agent")
SHORTEST_S, LONGEST_S = 0.5, 120.0  # back-off after an outage, drawn at random below a doubling bound (full jitter)
LOOK_S = 0.2


def report_of(
    identity: Identity, finding: Finding, probe: str, settings: Settings, scan: str, place: str = ""
) -> Callable[[int, str], tuple[str, bytes]]:
    """How the outbox seals a finding once it knows the place in the chain; `place` is where a walk has led, else where the box stands."""

    def sealing(sequence: int, previous: str) -> tuple[str, bytes]:
        report = Report(
            agent=identity.agent,
            sequence=sequence,
            previous=previous,
            probe=probe,
            settings=settings,
            readings=finding.readings,
            conditions=finding.conditions,
            scan=scan,
            place=place or identity.known.place,
            failure=finding.failure,
            detail=finding.detail,
            blobs=tuple(raw.blob for raw in finding.raws),
            session=session_of(probe, settings, identity.agent),
        )
        try:
            return identity.seal(report)
        except Rejected as why:  # too large, or with text that has no signed form: the run happened, and must be told
            LOG.error("report of %s cannot be sealed as it is: %s", probe, why)
            less = msgspec.structs.replace(
                report, readings=(), blobs=(), failure=Failure.INSTRUMENT_LIMIT, detail=f"cannot be sealed: {why}"
            )
            return identity.seal(less)

    return sealing


@dataclass(slots=True)
class Service:
    """An agent at work; `stop` ends all its threads."""

    config: AgentConfig
    identity: Identity
    outbox: Outbox
    courier: Courier
    stop: threading.Event = field(default_factory=threading.Event)
    sealed: threading.Event = field(default_factory=threading.Event)
    cancelled: set[str] = field(default_factory=set)
    broken: bool = False  # a thread ended by a bug
    scans: dict[str, Scan] = field(default_factory=dict)
    ahead_us: int = 0  # the collector's clock minus ours, as of the last answer of the order channel

    def run(self) -> None:
        """Work until `stop` is set."""
        others = self.attend()
        self._measure()
        self.sealed.set()
        for other in others:
            other.join(timeout=1)

    def attend(self) -> list[threading.Thread]:
        """Listen for orders and deliver what is sealed, on threads of their own; measure nothing."""
        others = [
            threading.Thread(target=self._guarded, args=(work,), daemon=True) for work in (self._listen, self._deliver)
        ]
        for other in others:
            other.start()
        return others

    def _guarded(self, work: Callable[[], None]) -> None:
        """One thread's work; if it ends by a bug, all ends, so that the supervisor sees it and starts anew."""
        try:
            work()
        finally:
            if not self.stop.is_set():
                self.broken = True
                self.stop.set()

    # --- orders in ---------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Wait on the order channel, keep what comes, and say nothing more."""
        pause = _Pause(self.stop)
        while not self.stop.is_set():
            try:
                found = self.courier.orders(self.identity, self.outbox.cursor(), self.config.poll_wait_s)
            except (Offline, Refused) as why:
                LOG.warning("order channel: %s", why)
                pause.longer()
                continue
            self.ahead_us = found.now_unix_us - clock.unix_us()
            taken = [self._take(entry) for entry in found.entries]
            if all(taken):
                pause.over()
            else:
                pause.longer()

    def _take(self, entry: Entry) -> bool:
        """One entry of the channel, an order to keep or a cancellation; False, and the cursor stays, if it is not the collector's."""
        try:
            opened = open_sealed(entry.envelope.encode(), self.identity.find_collector)
            if opened.payload_type == CANCELLATION:
                self._cancel(opened.body(CANCELLATION, Cancellation), entry.cursor)
                return True
            scan = opened.body(SCAN, Scan)
        except Rejected as why:
            LOG.error("order channel, entry %d is not the collector's: %s", entry.cursor, why)
            return False
        if self._is_ours(scan):
            self.outbox.keep_order(entry.cursor, scan, entry.envelope.encode())
        else:
            self.outbox.skip(entry.cursor)
        return True

    def _is_ours(self, scan: Scan) -> bool:
        """Whether an order names this agent, and its school; one of the operator's own, outside, looks at any school, but only from outside."""
        if self.identity.known.school == VANTAGE:
            is_ours = all(task.probe in OUTSIDE for task in scan.tasks)
        else:
            is_ours = scan.school == self.identity.known.school
        return is_ours and self.identity.agent in scan.agents

    def _cancel(self, cancellation: Cancellation, cursor: int) -> None:
        """Tasks not yet run are dropped, one under way is killed."""
        self.cancelled.add(cancellation.scan)
        self.outbox.drop(cancellation.scan, "cancelled", cursor)

    # --- measuring ---------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Run pending tasks when their time has come."""
        while not self.stop.is_set():
            due = [task for task in self.outbox.pending() if self._is_due(task)]
            if due:
                self._do(min(due, key=self._turn))
            else:
                self.stop.wait(LOOK_S)

    def _turn(self, task: Pending) -> tuple[bool, bool]:
        """Those of evaluators, the draw and the clock before the school's own; then what has a slot, which ends, before all else."""
        return self._order(task).asked_by is AskedBy.SCHOOL_ADMIN, task.probe != EGRESS

    def _order(self, task: Pending) -> Scan:
        """The order that a task belongs to; it was verified when it came and is verified again in every process."""
        if task.scan not in self.scans:
            self.scans[task.scan] = open_sealed(task.order, self.identity.find_collector).body(SCAN, Scan)
        return self.scans[task.scan]

    def _is_due(self, task: Pending) -> bool:
        """Whether a task may start now on the collector's clock; one past its expiry is dropped."""
        scan, now_us = self._order(task), clock.unix_us() + self.ahead_us
        if now_us > scan.expires_unix_us:
            self.outbox.drop(task.scan, "expired")
            self._say(task, "expired")
            return False
        if scan.survey is not None and task.probe in WALKED:
            return False  # waits for a person (agent.survey)
        return now_us >= scan.start_unix_us

    def _do(self, task: Pending) -> None:
        """Run one task, seal what it found, and wake the courier; a cancelled one leaves nothing behind."""
        settings = self._order(task).tasks[task.position].settings
        self._say(task, "running")
        with telling(lambda detail: self._say(task, "running", detail)) as tell:
            finding = run_probe(task.probe, settings, self.config, lambda: self._unwanted(task), tell, ordered=True)
        if self._unwanted(task):
            if task.scan in self.cancelled:
                self._say(task, "cancelled")
            return
        sealing = report_of(self.identity, finding, task.probe, settings, task.scan)
        self.outbox.seal(task.probe, task.scan, task.position, finding.raws, sealing)
        self.sealed.set()
        self._say(task, "sealed", finding.failure or "")

    def _unwanted(self, task: Pending) -> bool:
        """Whether the order was taken back or the agent is to stop: the run under way is then dropped, not sealed."""
        return self.stop.is_set() or task.scan in self.cancelled

    def _say(self, task: Pending, state: str, detail: str = "") -> None:
        """Tell the collector how far a task is; it informs people and may be lost."""
        try:
            self.courier.progress(self.identity, task.scan, Progress(task.probe, state, detail))
        except (Offline, Refused) as why:
            LOG.info("progress of %s not told: %s", task.probe, why)

    # --- evidence out ------------------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        """Send what is sealed, in sequence, and keep the receipts; then the raw evidence."""
        pause = _Pause(self.stop)
        while not self.stop.is_set():
            self.sealed.clear()
            try:
                busy = deliver_some(self.courier, self.identity, self.outbox)
            except (Offline, Refused, Untrusted) as why:
                LOG.warning("delivery: %s", why)
                pause.longer()
                continue
            pause.over()
            if not busy:
                self.sealed.wait(timeout=30)


def deliver_some(courier: Courier, identity: Identity, outbox: Outbox) -> bool:
    """Deliver the oldest envelopes and raw evidence; whether there was anything. Raises Offline, Refused, Untrusted."""
    waiting: list[Waiting] = outbox.waiting()
    for envelope in waiting:
        outbox.delivered(envelope.sequence, courier.deliver(identity, envelope))
    raws = outbox.raws()
    for sequence, evidence, sha256, content in raws:
        courier.deliver_raw(evidence, sha256, content)
        outbox.raw_delivered(sequence, sha256)
    return bool(waiting or raws)


@dataclass(slots=True)
class _Pause:
    """Back-off between attempts."""

    stop: threading.Event
    bound_s: float = SHORTEST_S

    def longer(self) -> None:
        """Wait a random time below the bound, and double the bound."""
        self.stop.wait(random.uniform(0, self.bound_s))  # noqa: S311 - spreads load, guards nothing
        self.bound_s = min(2 * self.bound_s, LONGEST_S)

    def over(self) -> None:
        """The next outage starts from the shortest pause."""
        self.bound_s = SHORTEST_S
