"""
How much does the way out of this school carry, in each direction, and what limited it?

*Method*: plain TCP to the operator's measurement server, one thread a stream; downward unpredictable content whose chunks are answered with
tags while the run goes on, upward random octets that the server counts. The server's clock decides which window counts; our own count over
that window is the reading. Round trips, this box's load, both kernels' words and, where it is listed, the counters of the port to the
outside are gathered meanwhile; the limit is named from them. docs/egress.md has the formulas, the states and the thresholds.

What it does not prove: that the box stands in the school (the server names the address that it saw), that a virtual port has the rate
that it tells, or that the line carries no more, except where `at_most` is told. A run that has not settled proves a lower bound only.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil

from evidence import quantities_egress as q
from evidence.model import Facts, Failure, Raw, Reading, Unmeasurable
from evidence.stream import Direction, Welcome
from probes import Probe, Progress, Yield
from probes._egress.echoes import Echoes, echoing, in_short
from probes._egress.others import Others, others
from probes._egress.readings import RATES, Told, counts_of, readings
from probes._egress.record import recorded, run_record
from probes._egress.run import Plan, Ran
from probes._egress.run import run as run_one
from probes._egress.session import LONGEST_WAIT_S, Session, fault_of, observation, open_session, talking, ticket_of
from probes._egress.settings import Leave, Settings
from probes._egress.streams import random_block
from probes._egress.talk import where
from probes._interfaces import Port, port

# At a second server nobody comes but who has measured at the first, one after the other; both waits fit into the deadline.
SECOND_WAIT_S = 90.0


@dataclass(slots=True)
class _Side:
    """One server of this run: what it said at the beginning and the end, and what was measured there."""

    server: str
    server_key: str
    leaves: list[Leave]
    wait_s: float = LONGEST_WAIT_S
    welcome: Welcome | None = None
    family: int = 4
    port: Port | None = None
    rans: list[Ran] = field(default_factory=list)
    envelope: str = ""
    wrong: Unmeasurable | None = None

    def rate(self, direction: Direction) -> int | None:
        """The settled rate of a direction; None where there is none."""
        found = [one for one in self.rans if one.plan.direction is direction and one.done is not None]
        counts = counts_of(found[0]) if found else None
        return counts.mean_bit_s if counts is not None and counts.steady else None

    def record(self) -> dict[str, Any]:
        """This server in the raw evidence; the keys of its streams are of no use any more and are left out."""
        shown = ("session", "server", "seen", "name", "path", "operator", "most_octets", "most_us", "most_bit_s")
        said = {key: getattr(self.welcome, key) for key in shown} if self.welcome is not None else {}
        words = str(self.wrong) if self.wrong is not None else ""
        return {"server": self.server, "welcome": said, "wrong": words, "runs": [run_record(one) for one in self.rans]}


def run(settings: Settings) -> Iterator[Yield]:
    """Measure each direction; raises Unmeasurable, after what was proved, where it could not be measured to the end."""
    first = _Side(settings.server, settings.server_key, settings.tickets)
    second = _second(settings)
    with ExitStack() as opened:
        # 1. May this box fill the line, and is anybody else filling it?
        _check_leave(settings)
        company = opened.enter_context(others(settings))
        block = opened.enter_context(random_block())
        # 2. The ordered server: its readings follow each run, or the second server, which decides with what they say.
        for found in _measured(first, settings, company, block):
            if not isinstance(found, Ran):
                yield found
            elif second is None:
                yield from _told(found, first, None, settings, company)
        # 3. A second server in the same run, where there is something to compare.
        if second is not None:
            yield from _compared(first, second, settings, company, block)
        # 4. Both ends' evidence.
        witness = company.witness.record() if company is not None else None
        yield Raw("egress.json", recorded([side.record() for side in (first, second) if side is not None], witness))
    if first.envelope:
        yield Raw("observation.json", first.envelope.encode())
    if first.wrong is not None:
        raise first.wrong


def _second(settings: Settings) -> _Side | None:
    """The second server, where one is ordered."""
    second = settings.second
    return _Side(second.server, second.server_key, second.tickets, SECOND_WAIT_S) if second is not None else None


def _compared(
    first: _Side, second: _Side, settings: Settings, company: Others | None, block: int
) -> Iterator[Progress | Reading]:
    """Measure the second server as well, if the first was measured to the end; then all readings of the first."""
    if first.rans and first.wrong is None:
        yield Progress("second")
        yield from (one for one in _measured(second, settings, company, block) if isinstance(one, Progress))
    for ran in first.rans:
        yield from _told(ran, first, second, settings, company)


def _check_leave(settings: Settings) -> None:
    """Nothing is sent where this box's admin has not allowed it."""
    if not settings.saturating and not settings.threshold_bit_s:
        raise Unmeasurable(
            Failure.NOT_PERMITTED,
            "saturating runs are not allowed on this box: its admin can allow them in config.toml, "
            "or a threshold can be ordered",
        )


def _measured(
    side: _Side, settings: Settings, company: Others | None, block: int
) -> Iterator[Progress | Reading | Ran]:
    """All directions at one server; what goes wrong is kept in the side and ends it."""
    try:
        place = where(side.server, settings.family, settings.bind, settings.timeout_s)
        side.family = place.family
        ticket = ticket_of(side.leaves, settings.agent, side.server)
        with talking(place) as talk:
            side.port = _port_of(talk.connection)
            for found in open_session(place, talk, ticket, side.server_key, settings.path, side.wait_s):
                if isinstance(found, Session):
                    side.welcome = found.welcome
                    yield from _runs(side, found, settings, company, block)
                else:
                    yield found
    except Unmeasurable as why:
        side.wrong = why


def _runs(
    side: _Side, session: Session, settings: Settings, company: Others | None, block: int
) -> Iterator[Progress | Reading | Ran]:
    """Idle round trips, then each direction, then what the server signed; raises Unmeasurable."""
    with echoing(session.where, session.welcome.join) as echoes:
        yield Progress("idle")
        idle = in_short(echoes.idle())
        idle_us = idle.median_us if idle is not None else 0
        if idle is not None:
            facts: Facts = {"p95_us": idle.p95_us, "least_us": idle.least_us, "echoes": idle.echoes}
            yield q.EGRESS_IDLE_LATENCY.reading(idle_us, facts=facts)
        for number, direction in enumerate(settings.directions, 1):
            plan = _plan(number, direction, idle_us, session, settings, company, block)
            yield from _one(side, session, echoes, plan)
    side.envelope = observation(session)
    fault = fault_of(side.envelope, session.welcome) if side.envelope else ""
    if fault:
        raise Unmeasurable(Failure.UNREADABLE, f"{side.server}: {fault}")


def _plan(
    number: int,
    direction: Direction,
    idle_us: int,
    session: Session,
    settings: Settings,
    company: Others | None,
    block: int,
) -> Plan:
    """One direction within what both the order and the server allow."""
    paces = [pace for pace in (settings.pace_bit_s, session.welcome.most_bit_s) if pace]
    felt = company.rising(session.where.family) if company is not None else _nobody
    most_us = min(settings.most_us, session.welcome.most_us)
    bounding = settings.second is not None and company is not None
    return Plan(number, direction, most_us, min(paces, default=0), idle_us, block, felt, bounding)


def _nobody(_ran: Ran) -> str:
    """Without a witness nobody is seen."""
    return ""


def _one(side: _Side, session: Session, echoes: Echoes, plan: Plan) -> Iterator[Progress | Ran]:
    """One direction; raises Unmeasurable, after what it came to, where it was cut."""
    for found in run_one(session, echoes, plan):
        if isinstance(found, Ran):
            side.rans.append(found)
        yield found
    if side.rans[-1].cut is not None:
        raise side.rans[-1].cut


def _told(ran: Ran, side: _Side, second: _Side | None, settings: Settings, company: Others | None) -> Iterator[Reading]:
    """The readings of one run; none where nothing was proved."""
    counts = counts_of(ran)
    if counts is None or side.welcome is None:
        return
    seen = company.over(ran, counts.from_us, counts.to_us) if company is not None else ""
    yield from readings(
        Told(
            settings,
            side.welcome,
            ran,
            counts,
            side.family,
            side.port,
            witnessed=None if isinstance(seen, str) else seen,
            witness_words=seen if isinstance(seen, str) else "",
            second_bit_s=second.rate(ran.plan.direction) if second is not None else None,
            second_words=str(second.wrong) if second is not None and second.wrong is not None else "",
        )
    )


def _port_of(connection: socket.socket) -> Port | None:
    """The port that a connection leaves by: that of its own address."""
    own = connection.getsockname()[0]
    names = (name for name, all_of in psutil.net_if_addrs().items() if any(one.address == own for one in all_of))
    return next((port(name) for name in names), None)


PROBE = Probe(
    produces=(
        *(quantity for pair in RATES.values() for quantity in pair),
        *(q.EGRESS_LIMITED_BY, q.EGRESS_IDLE_LATENCY, q.EGRESS_LOADED_LATENCY, q.EGRESS_RESPONSIVENESS),
        *(q.EGRESS_LOSS, q.EGRESS_RETRANSMITTED, q.EGRESS_WAN_DOWN, q.EGRESS_WAN_UP),
    ),
    settings=Settings,
    run=run,
    deadline_s=900,
)
