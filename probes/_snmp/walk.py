"""
Which rows has a column, and were they all read?

*Method*: GETBULK (RFC 3416 section 4.2.3), at first ten rows a request, more while it goes well and the reply stays in one
packet; fewer after tooBig, genErr or silence, and GETNEXT where even one is too many. Columns of one table are read
together, several in a request, as long as the agent keeps them apart; where it does not, one after the other. A walk is
complete only if the agent itself showed the end: an object behind the column, or endOfMibView. Anything else leaves the
rest unknown, and never says "there is no more".
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from evidence.model import Failure, Unmeasurable
from probes._failures import of_snmp_status
from probes._snmp.exchange import ErrorStatus, Exchange, Kind, Missing, Oid, Pdu, Reply, Value

FIRST_ROWS = 10
MOST_ROWS_AT_ONCE = 50
MOST_REPETITIONS = 25  # some switches fall silent above (prometheus/snmp_exporter#756)
MOST_COLUMNS_AT_ONCE = 10
MOST_OBJECTS_AT_ONCE = 20
MOST_OCTETS = 1400  # a reply in one packet: pieces of one are what firewalls drop
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
        self._rows = FIRST_ROWS
        self._proved = FIRST_ROWS
        self._grows = True
        self._silences = 0

    async def walk(self, column: Oid) -> Walk:
        """Read one column; what was read before trouble is kept."""
        return await self._walk(Column(column))

    async def walk_together(self, columns: Sequence[Oid]) -> list[Walk]:
        """Read several columns, in as few requests as the agent bears; a walk for each, in their order."""
        walks: list[Walk] = []
        for first in range(0, len(columns), MOST_COLUMNS_AT_ONCE):
            group = [Column(column) for column in columns[first : first + MOST_COLUMNS_AT_ONCE]]
            if not await self._together(group):
                group = [Column(column.column) for column in group]
            walks += [await self._walk(column) for column in group]
        return walks

    async def get(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        """
        The values of single objects; those that the agent does not have are left out.

        Raises Unmeasurable where the agent does not answer, or answers something else: silence is never "does not have".
        """
        found: dict[Oid, Value] = {}
        waiting = [tuple(oids[at : at + MOST_OBJECTS_AT_ONCE]) for at in range(0, len(oids), MOST_OBJECTS_AT_ONCE)]
        while waiting:
            asked = waiting.pop(0)
            if time.monotonic() >= self._deadline_s:
                raise Unmeasurable(Failure.TIMED_OUT, "out of time")
            reply = await self._exchange.request(Pdu(Kind.GET, asked))
            if reply.error_status:
                waiting += _fewer(asked, reply, found)
                continue
            if tuple(name for name, _ in reply.varbinds) != asked:
                raise Unmeasurable(Failure.UNREADABLE, "the agent answered for other objects than it was asked for")
            found |= {name: value for name, value in reply.varbinds if not isinstance(value, Missing)}
        return found

    async def _walk(self, column: Column) -> Walk:
        """Read one column, or the rest of it."""
        by_one = False
        while column.end is None:
            # After silence the next request is as small as can be, whatever it is for.
            singly = by_one or self._silences > 1 or not self._rows
            rows = 0 if singly else max(1, min(self._rows, column.fits, MOST_REPETITIONS))
            trouble = await self._step([column], rows)
            if trouble is None:
                continue
            if rows == 0 or trouble in (End.REFUSED, End.OUT_OF_TIME):
                column.end = trouble
                self._rows = self._proved if trouble is End.TIMED_OUT else self._rows
            elif trouble in (End.NO_SUCH_NAME, End.NOT_INCREASING):
                by_one = True  # this column's own trouble: the next one may be asked in bulk again
            else:
                self._shrink(rows, trouble)
        return Walk(column.rows, column.end)

    async def _together(self, group: list[Column]) -> bool:
        """Read columns side by side as far as that goes; False where what was read so is in doubt."""
        while len(open_ones := [column for column in group if column.end is None]) > 1:
            rows = max(1, min(min(self._rows, open_ones[0].fits) // len(open_ones), MOST_REPETITIONS))
            trouble = await self._step(open_ones, rows)
            ended = [column for column in open_ones if column.end is not None]
            if any(column.strays_into(other) for column in ended for other in group):
                return False
            if trouble in (End.UNREADABLE, End.TIMED_OUT) and rows > 1:
                self._shrink(rows * len(open_ones), trouble)
            elif trouble is not None:
                break  # each column for itself, from where it is
        return True

    async def _step(self, columns: list[Column], rows: int) -> End | None:
        """One request for what follows in each column; what is wrong, or None where it brought them on."""
        if time.monotonic() >= self._deadline_s:
            return End.OUT_OF_TIME
        reply = await self._ask(tuple(column.last for column in columns), rows)
        if isinstance(reply, End):
            return reply
        self._silences = 0
        trouble = _taken(columns, reply)
        if trouble is None and rows:
            self._grow(rows * len(columns))
        return trouble

    async def _ask(self, after: tuple[Oid, ...], rows: int) -> Reply | End:
        """One request for what follows some objects, or why there is no reply to it."""
        kind = Kind.GETBULK if rows else Kind.GETNEXT
        try:
            return await self._exchange.request(Pdu(kind, after, rows))
        except Unmeasurable as why:
            if why.failure is Failure.TIMED_OUT:
                return End.TIMED_OUT
            if why.failure is Failure.UNREADABLE:
                return End.UNREADABLE
            raise

    def _grow(self, rows: int) -> None:
        """Ask for more next time after a good reply to so much."""
        self._proved = rows
        if self._grows:
            self._rows = max(self._rows, min(rows * 2, MOST_ROWS_AT_ONCE))

    def _shrink(self, rows: int, trouble: End) -> None:
        """Ask for less after trouble: half, or after silence, which costs most, a quarter and then a single row."""
        self._grows = False
        if trouble is not End.TIMED_OUT:
            self._rows = rows // 2
            return
        self._silences += 1
        self._rows = rows // 4 if self._silences == 1 else 0


class Column:
    """A walk under way: the rows so far, the object after which to ask, and the end once it is known."""

    def __init__(self, column: Oid) -> None:
        self.column = column
        self.last = column
        self.rows: dict[Oid, Value] = {}
        self.end: End | None = None
        self.fits = MOST_ROWS_AT_ONCE
        self._behind: Oid = ()
        self._read: tuple[dict[Oid, Value], Oid, End | None, Oid] = ({}, column, None, ())

    def read(self, varbinds: Sequence[tuple[Oid, Value]]) -> End | None:
        """
        Look at the rows of a reply; what is wrong with them, or None where they bring the walk on.

        A reply with something wrong in it is not kept at all: what it left out must be asked for again, row by row.
        """
        column, width, last = self.column, len(self.column), self.last
        found: dict[Oid, Value] = {}
        self._read = (found, last, None, ())
        for name, value in varbinds:
            if name > last and name[:width] == column and value.__class__ is not Missing:
                found[name[width:]] = value
                last = name
                continue
            end = self._ending(name, value, last)
            if end not in COMPLETE:
                return end
            self._read = (found, last, end, name)
            return None
        self._read = (found, last, None, ())
        return None

    def keep(self) -> None:
        """Take what was last looked at."""
        found, self.last, self.end, self._behind = self._read
        self.rows |= found
        if len(self.rows) > MOST_ROWS:
            self.end = End.TOO_MANY_ROWS

    def strays_into(self, other: Column) -> bool:
        """Whether it ended at a row of the other that is not the other's first: then the agent has mixed them up."""
        inside = self is not other and self._behind[: len(other.column)] == other.column
        if self.end is not End.LEFT_SUBTREE or not inside:
            return False
        return next(iter(other.rows), None) != self._behind[len(other.column) :]

    def _ending(self, name: Oid, value: Value, last: Oid) -> End:
        """What an object says that is no further row."""
        if value is Missing.END_OF_MIB_VIEW:
            return End.END_OF_MIB_VIEW
        if name <= last:
            return End.NOT_INCREASING
        return End.LEFT_SUBTREE if name[: len(self.column)] != self.column else End.UNREADABLE


def _taken(columns: list[Column], reply: Reply) -> End | None:
    """Give each column its rows of a reply, or none any; what is wrong with it."""
    if reply.error_status:
        return _trouble(reply.error_status)
    # An agent may cut a reply short anywhere (RFC 3416 section 4.2.3): what is not a whole row of columns is asked for again.
    width = len(columns)
    whole = len(reply.varbinds) // width * width
    if not whole:
        return End.UNREADABLE
    for at, column in enumerate(columns):
        trouble = column.read(reply.varbinds[at:whole:width])
        if trouble is not None:
            return trouble
    for column in columns:
        column.keep()
        if reply.octets:
            column.fits = MOST_OCTETS * whole // reply.octets
    return None


def _fewer(asked: tuple[Oid, ...], reply: Reply, found: dict[Oid, Value]) -> list[tuple[Oid, ...]]:
    """What to ask for after an error-status: without the object that the agent does not have, or half and half."""
    trouble = _trouble(reply.error_status)
    if trouble is End.REFUSED:
        raise Unmeasurable(Failure.NOT_PERMITTED, "the agent refuses access to an object")
    if trouble is End.NO_SUCH_NAME and 0 < reply.error_index <= len(asked):
        rest = (*asked[: reply.error_index - 1], *asked[reply.error_index :])
        return [rest] if rest else []
    if len(asked) > 1:
        return [asked[: len(asked) // 2], asked[len(asked) // 2 :]]
    if trouble is not End.NO_SUCH_NAME:
        found[asked[0]] = None  # it is there and cannot be read
    return []


def _trouble(status: int) -> End:
    """What an error-status means to a walk."""
    if status == ErrorStatus.NO_SUCH_NAME:
        return End.NO_SUCH_NAME
    return End.REFUSED if of_snmp_status(status) is Failure.NOT_PERMITTED else End.UNREADABLE
