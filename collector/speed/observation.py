"""
What does the server sign of a session?

One Report of its own, in its own chain, with the ticket as its settings and the same `session` as the agent's: what was proved in each
run, at which address, over which path. It is kept before anybody sees it. A server that is open to all signs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import version

import msgspec

from collector.speed.admission import Leave
from collector.speed.bins import monotonic_us
from collector.speed.kept import Sealing
from collector.speed.parts import Parts, Trust
from collector.speed.result import Result
from evidence.errors import UnknownKey
from evidence.layers import SMALLEST_MSS, Segments
from evidence.model import SERVER, Conditions, Facts, Failure, Reading, Report
from evidence.quantities_egress import OBSERVED_DOWN, OBSERVED_DOWN_IP, OBSERVED_UP, OBSERVED_UP_IP
from evidence.seal import REPORT, evidence_id, open_sealed, seal
from evidence.stream import Direction, Done, Ticket, open_ticket

LOG = logging.getLogger("campusproof.speed")
SOFTWARE = f"campusproof {version('campusproof')}"
OF = {Direction.DOWN: (OBSERVED_DOWN, OBSERVED_DOWN_IP), Direction.UP: (OBSERVED_UP, OBSERVED_UP_IP)}


def observed(parts: Parts, leave: Leave, seen: str, results: Sequence[Result], began_us: int) -> str:
    """The sealed observation of a session, kept and ready to be sent; empty from a server that is open to all."""
    if parts.trust is None:
        return ""
    offset_us = parts.now_us() - monotonic_us()
    readings = tuple(one for found in results for one in _readings(found, leave.ticket, seen, offset_us))
    about = _About(leave.ticket, leave.sealed, began_us + offset_us, began_us, readings)
    if not results:
        about = msgspec.structs.replace(about, failure=Failure.INTERRUPTED, detail="the agent asked for no run")
    return _kept(parts, parts.trust, about)


def close_interrupted(parts: Parts, trust: Trust) -> None:
    """Sign, at the start, that this server was stopped during the sessions that left no observation; those of another collector wait."""
    for one in trust.kept.unobserved():
        try:
            ticket = open_ticket(one.sealed, trust.collector)
        except UnknownKey as why:  # it stays noted, and is signed at the first start with that collector's key again
            LOG.error("a session that was interrupted is not signed: %s; collector_key is not that of its ticket", why)
            continue
        detail = "the measurement server was stopped during this session"
        about = _About(ticket, one.sealed, one.opened_us, 0, (), Failure.INTERRUPTED, detail)
        _kept(parts, trust, about)


class _About(msgspec.Struct, frozen=True):
    """What an observation says."""

    ticket: Ticket
    sealed: str
    began_unix_us: int
    began_monotonic_us: int
    readings: tuple[Reading, ...]
    failure: Failure | None = None
    detail: str = ""


def _kept(parts: Parts, trust: Trust, about: _About) -> str:
    """Seal and keep in one step, and wake who sends it."""
    envelope = trust.kept.seal(about.ticket.session, _sealing(parts, about))
    parts.sealed.set()
    return envelope.decode()


def _sealing(parts: Parts, about: _About) -> Sealing:
    """How it is sealed once its place in the chain is known."""

    def sealing(sequence: int, previous: str) -> tuple[str, bytes]:
        report = Report(
            agent=parts.id,
            sequence=sequence,
            previous=previous,
            probe=SERVER,
            settings={"ticket": about.sealed},
            readings=about.readings,
            conditions=Conditions(
                SOFTWARE, about.began_unix_us, parts.now_us(), about.began_monotonic_us, monotonic_us()
            ),
            scan=about.ticket.scan,
            failure=about.failure,
            detail=about.detail,
            session=about.ticket.session,
        )
        envelope = seal(REPORT, report, parts.key)
        opened = open_sealed(envelope, lambda _: parts.key.public_key())
        return evidence_id(REPORT, opened.payload), envelope

    return sealing


def _readings(found: Result, ticket: Ticket, seen: str, offset_us: int) -> tuple[Reading, Reading]:
    """What one run proved, as payload and at the IP layer."""
    done = found.done
    payload, at_ip = OF[done.direction]
    facts: Facts = done.facts | {
        "from_unix_us": found.from_us + offset_us,
        "to_unix_us": found.to_us + offset_us,
        "octets": done.octets,
        "steady": int(done.steady),
        "ended": done.ended.value,
        "half_width_ppm": done.half_width_ppm,
        "seen": seen,
        "line": ticket.line,
        "path": ticket.path,
        "operator": ticket.operator,
    }
    return (
        payload.between(done.rate_bit_s, None, facts=facts),
        at_ip.between(_ip_bit_s(done), None, facts=facts),
    )


def _ip_bit_s(done: Done) -> int:
    """The rate at the IP layer; segments that are smaller than any path needs are not believed."""
    if "mss" not in done.facts:
        return done.rate_bit_s
    mss, family = int(done.facts["mss"]), int(done.facts["family"])
    return Segments(max(mss, SMALLEST_MSS), family, bool(done.facts["timestamps"])).ip(done.rate_bit_s)
