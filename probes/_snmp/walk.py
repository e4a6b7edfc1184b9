"""
Which rows has a column, and were they all read?

*Method*: GETBULK (RFC 3416 section 4.2.3), at first ten rows a request, more while it goes well; half as many after tooBig,
genErr or silence, and GETNEXT where even one is too many. A walk is complete only if the agent itself showed the end: an
object behind the column, or endOfMibView. Anything else leaves the rest unknown, and never says "there is no more".
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from evidence.model import Failure, Unmeasurable
from probes._failures import of_snmp_status
from probes._snmp.exchange import ErrorStatus, Exchange, Kind, Missing, Oid, Pdu, Reply, Value

FIRST_REPETITIONS = 10
MOST_REPETITIONS = 25  # some switches fall silent above (prometheus/snmp_exporter#756)
MOST_ROWS = 20_000


class End(StrEnum):
    """Why a walk ended; the first three prove that nothing is missing."""

    LEFT_SUBTREE = "left_subtree"
    END_OF_MIB_VIEW = "end_of_mib_view"
    NO_SUCH_NAME = "no_such_name"
    TIMED_OUT = "timed_out"
    OUT_OF_TIME = "out_of_time"
    REFUSED = "refused"
    NOT_INCREASING = "not_increasing"
    UNREADABLE = "unreadable"
    TOO_MANY_ROWS = "too_many_rows"


COMPLETE = (End.LEFT_SUBTREE, End.END_OF_MIB_VIEW, End.NO_SUCH_NAME)
FAILURE = {
    End.TIMED_OUT: Failure.TIMED_OUT,
    End.OUT_OF_TIME: Failure.TIMED_OUT,
    End.TOO_MANY_ROWS: Failure.INSTRUMENT_LIMIT,
    End.REFUSED: Failure.NOT_PERMITTED,
}


@dataclass(frozen=True, slots=True)
class Walk:
    """The rows of one column, keyed by what follows the column's name, and why there are no more of them."""

    rows: dict[Oid, Value]
    end_reason: End

    @property
    def complete(self) -> bool:
        """Whether the agent showed that these are all rows."""
        return self.end_reason in COMPLETE

    @property
    def failure(self) -> Failure | None:
        """What kept the rest from being read; None for a complete walk."""
        return None if self.complete else FAILURE.get(self.end_reason, Failure.UNREADABLE)


class Walker:
    """Walks columns of one agent, and remembers between them how many rows it can give in one reply."""

    def __init__(self, exchange: Exchange, deadline_s: float) -> None:
        """`deadline_s` is on the monotonic clock; no request starts after it."""
        self._exchange = exchange
        self._deadline_s = deadline_s
        self._repetitions = FIRST_REPETITIONS
        self._grows = True

    async def walk(self, column: Oid) -> Walk:
        """Read one column; what was read before trouble is kept."""
        column_walk = _Column(column)
        repetitions = self._repetitions
        while column_walk.end is None:
            if time.monotonic() >= self._deadline_s:
                column_walk.end = End.OUT_OF_TIME
                break
            trouble = column_walk.take(await self._ask(column_walk.last, repetitions))
            if trouble is None:
                repetitions = self._repetitions = self._more(repetitions)
            elif repetitions == 0 or trouble is End.REFUSED:
                column_walk.end = trouble
            elif trouble in (End.NO_SUCH_NAME, End.NOT_INCREASING):
                repetitions = 0  # this column's own trouble: the next one may be asked in bulk again
            else:
                repetitions = self._repetitions = repetitions // 2
                self._grows = False
        return Walk(column_walk.rows, column_walk.end)

    async def _ask(self, after: Oid, repetitions: int) -> Reply | End:
        """One request for what follows an object, or why there is no reply to it."""
        kind = Kind.GETBULK if repetitions else Kind.GETNEXT
        try:
            return await self._exchange.request(Pdu(kind, (after,), repetitions))
        except Unmeasurable as why:
            if why.failure is Failure.TIMED_OUT:
                return End.TIMED_OUT
            if why.failure is Failure.UNREADABLE:
                return End.UNREADABLE
            raise

    def _more(self, repetitions: int) -> int:
        """How many rows to ask for next after a good reply."""
        return min(repetitions * 2, MOST_REPETITIONS) if self._grows else repetitions


class _Column:
    """A walk under way: the rows so far, the object after which to ask, and the end once it is known."""

    def __init__(self, column: Oid) -> None:
        self.column = column
        self.last = column
        self.rows: dict[Oid, Value] = {}
        self.end: End | None = None

    def take(self, reply: Reply | End) -> End | None:
        """
        Take the rows of a reply; what is wrong with it, or None where it brought the walk on.

        A reply with something wrong in it is not taken at all: what it left out must be asked for again, row by row.
        """
        if isinstance(reply, End):
            return reply
        if reply.error_status:
            return _trouble(reply.error_status)
        if not reply.varbinds:
            return End.UNREADABLE
        before, kept = self.last, len(self.rows)
        for name, value in reply.varbinds:
            trouble = self._row(name, value)
            if trouble is not None:
                self.last, self.rows = before, dict(list(self.rows.items())[:kept])
                return trouble
            if self.end is not None:
                break
        return None

    def _row(self, name: Oid, value: Value) -> End | None:
        """Take one row, or see the end of the column, or say what is wrong."""
        if value is Missing.END_OF_MIB_VIEW:
            self.end = End.END_OF_MIB_VIEW
        elif name <= self.last:
            return End.NOT_INCREASING
        elif name[: len(self.column)] != self.column:
            self.end = End.LEFT_SUBTREE
        elif isinstance(value, Missing):
            return End.UNREADABLE
        elif len(self.rows) >= MOST_ROWS:
            self.end = End.TOO_MANY_ROWS
        else:
            self.rows[name[len(self.column) :]] = value
            self.last = name
        return None


def _trouble(status: int) -> End:
    """What an error-status means to a walk."""
    if status == ErrorStatus.NO_SUCH_NAME:
        return End.NO_SUCH_NAME
    return End.REFUSED if of_snmp_status(status) is Failure.NOT_PERMITTED else End.UNREADABLE
