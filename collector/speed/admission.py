"""
May whoever says this measure here now?

*Method*: the ticket is opened with the collector's key, without asking the collector; it must name this server, its slot must have come
and not be over (with five seconds of grace for clocks that differ), it must not have been used, and its school's volume of the day must
not be. Who may wait does so in the queue until its slot is over, on one connection. The ticket counts as used from just before the welcome,
on the disk. The place and the volume are taken for as long as the leave is used, and given back whatever ends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from collector.speed.bins import monotonic_us
from collector.speed.parts import Parts, Trust
from collector.speed.room import Claim, claim_of
from collector.speed.talk import Talk
from collector.speed.volumes import Grant
from evidence.errors import Rejected
from evidence.stream import VERSION, Hello, Refused, Ticket, Waiting, open_ticket

GRACE_US = 5_000_000
OPEN_WAIT_US = 60_000_000
TELL_US = 1_500_000  # who waits hears of it at least every two seconds
LOOK_S = 0.1
BETWEEN_US = 10_000_000


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave to measure: the ticket and its sealed text, and what may be moved."""

    ticket: Ticket
    sealed: str
    grant: Grant


@contextmanager
def admitted(parts: Parts, talk: Talk, hello: Hello) -> Iterator[Leave | Refused]:
    """Leave to measure while this lasts, after waiting in the queue if need be; a refusal is what to answer, and takes nothing."""
    ticket = _ticket(parts, hello)
    with ExitStack() as taken:
        given = ticket if isinstance(ticket, Refused) else _leave(parts, talk, ticket, hello.ticket, taken)
        if isinstance(given, Refused):
            taken.close()  # before it is told: who hears it may come again at once
        yield given


def _leave(parts: Parts, talk: Talk, ticket: Ticket, sealed: str, taken: ExitStack) -> Leave | Refused:
    """A place in the room, the volume, and the ticket noted as used; `taken` gives back the first two."""
    claim = claim_of(ticket)
    if not parts.room.ask(claim):
        return Refused("used", f"session {ticket.session[:16]} waits or measures here already")
    taken.callback(parts.room.leave, claim)
    refused = _waited(parts, talk, ticket, claim) or _refusal(parts, ticket)
    if refused is not None:
        return refused
    with parts.ending_all():  # without its books this server may admit nobody
        grant = parts.volumes.grant(ticket.school, ticket.most_octets)
        taken.callback(parts.volumes.give_back, grant)
        if not grant.octets:
            return Refused("day_volume", f"school {ticket.school}: the volume of this day has been used up")
        return _use(parts, ticket, sealed) or Leave(ticket, sealed, grant)


def _ticket(parts: Parts, hello: Hello) -> Ticket | Refused:
    """The ticket of a greeting, if it holds here and now."""
    if hello.version != VERSION:
        return Refused("version", f"version {hello.version}: this server speaks {VERSION}")
    if parts.trust is None:
        return parts.open_ticket()
    try:
        ticket = open_ticket(hello.ticket, parts.trust.collector)
    except Rejected as why:
        return Refused("bad_ticket", str(why))
    return _refusal(parts, ticket) or ticket


def _refusal(parts: Parts, ticket: Ticket) -> Refused | None:
    """What speaks against a ticket now; nothing does at a server that is open to all."""
    if parts.trust is None:
        return None
    now_us = parts.now_us()
    if ticket.server != parts.id:
        return Refused("not_this_server", f"the ticket is for {ticket.server[:16]}, this is {parts.id[:16]}")
    if now_us < ticket.not_before_unix_us - GRACE_US:
        return Refused("too_early", f"the slot begins in {(ticket.not_before_unix_us - now_us) // 1_000_000} s")
    if now_us > ticket.not_after_unix_us + GRACE_US:
        return Refused("too_late", f"the slot ended {(now_us - ticket.not_after_unix_us) // 1_000_000} s ago")
    return _spent(parts.trust, ticket)


def _spent(trust: Trust, ticket: Ticket) -> Refused | None:
    """Whether a ticket was used before."""
    return _used(ticket) if trust.kept.is_used(ticket.session) else None


def _used(ticket: Ticket) -> Refused:
    """A ticket is good once."""
    return Refused("used", f"session {ticket.session[:16]} was measured before")


def _waited(parts: Parts, talk: Talk, ticket: Ticket, claim: Claim) -> Refused | None:
    """Wait in the queue, saying so; a refusal when the slot ends first or nobody is there any more."""
    until_us = monotonic_us() + _patience_us(parts, ticket)
    told_us = 0
    while position := parts.room.position(claim):
        now_us = monotonic_us()
        if now_us >= until_us or parts.stop.is_set():
            return Refused("busy", "others are measuring here until the slot is over")
        if now_us - told_us >= TELL_US:
            talk.say(Waiting(position, position * len(ticket.directions) * (ticket.most_us + BETWEEN_US)))
            told_us = now_us
        talk.heard(LOOK_S)
        if talk.lost:
            return Refused("gone", "closed while it waited")
    return None


def _patience_us(parts: Parts, ticket: Ticket) -> int:
    """How long a place in the queue is worth waiting for."""
    return OPEN_WAIT_US if parts.trust is None else ticket.not_after_unix_us - parts.now_us()


def _use(parts: Parts, ticket: Ticket, sealed: str) -> Refused | None:
    """Note the ticket as used, or refuse it if it was."""
    if parts.trust is None or parts.trust.kept.use(ticket.session, sealed, parts.now_us(), ticket.not_after_unix_us):
        return None
    return _used(ticket)
