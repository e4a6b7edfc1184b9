"""
Who may measure now, and who waits?

*Method*: the rates promised to all sessions together stay within 80 % of what the server can carry. A paced session is promised its
rate; a saturating one the rate at which its volume would be used up in its time, at most all there is: so a large one runs alone, and
small ones beside each other. A group counts once and enters whole. One session at a time of one line of one school, unless they are of
one group. Who came first goes first; only somebody whose line is busy is passed, and members of a group that is in follow it at once.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from evidence.stream import Ticket

PROMISED_PERCENT = 80
SECOND_US = 1_000_000


@dataclass(eq=False, frozen=True, slots=True)
class Claim:
    """A session that wants in: which, whose line, which group, at which rate for all seats."""

    session: str
    school: str
    line: str
    group: str
    rate_bit_s: int


def claim_of(ticket: Ticket) -> Claim:
    """What a ticket asks for."""
    alone_bit_s = ticket.most_bit_s or ticket.most_octets * 8 * SECOND_US // max(ticket.most_us, 1)
    seats = ticket.seats if ticket.group else 1
    return Claim(ticket.session, ticket.school, ticket.line, ticket.group, alone_bit_s * seats)


@dataclass(slots=True)
class Room:
    """The sessions of one server."""

    capacity_bit_s: int
    _active: list[Claim] = field(default_factory=list)
    _waiting: list[Claim] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, claim: Claim) -> bool:
        """Come to the end of the queue, or in at once; False, and no place, where the same session waits or is in."""
        with self._lock:
            if any(one.session == claim.session for one in (*self._active, *self._waiting)):
                return False
            self._waiting.append(claim)
            self._let_in()
            return True

    def position(self, claim: Claim) -> int:
        """0 for one that is in; otherwise its place in the queue."""
        with self._lock:
            return self._waiting.index(claim) + 1 if claim in self._waiting else 0

    def leave(self, claim: Claim) -> None:
        """Make room."""
        with self._lock:
            for claims in (self._active, self._waiting):
                if claim in claims:
                    claims.remove(claim)
            self._let_in()

    def _let_in(self) -> None:
        """All who may enter now, in their order."""
        held_up = False
        for claim in tuple(self._waiting):
            if self._is_line_busy(claim):
                continue
            held_up = held_up or not self._fits(claim)
            if not held_up or self._is_promised(claim):
                self._waiting.remove(claim)
                self._active.append(claim)

    def _is_line_busy(self, claim: Claim) -> bool:
        """Whether somebody else is measuring over the same line."""
        return any(
            (one.school, one.line) == (claim.school, claim.line) and not _together(one, claim) for one in self._active
        )

    def _is_promised(self, claim: Claim) -> bool:
        """Whether its group is in, and its rate with it."""
        return any(_together(one, claim) for one in self._active)

    def _fits(self, claim: Claim) -> bool:
        """Whether what is promised stays within the capacity; a group that is in has been promised already."""
        room_bit_s = self.capacity_bit_s * PROMISED_PERCENT // 100
        units = {one.group or one: min(one.rate_bit_s, room_bit_s) for one in self._active}
        if self._is_promised(claim):
            return True
        return sum(units.values()) + min(claim.rate_bit_s, room_bit_s) <= room_bit_s


def _together(one: Claim, other: Claim) -> bool:
    """Whether two sessions belong to one group."""
    return bool(one.group) and one.group == other.group
