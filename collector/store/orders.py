"""Which orders were given, to whom, and how far are they?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from collector.slots import Load, Slot
from collector.store.engine import reading, writing
from collector.store.rows import UNDER_WAY, Booking, Entry, OrderRow
from collector.store.tables import ADDRESSEE, CHANNEL, ORDER, PROGRESS, SLOT, TICKET
from evidence.scan import Progress, Scan


@dataclass(frozen=True, slots=True)
class Orders:
    """The room of orders: kept before anyone can see them."""

    engine: Engine

    def add(self, scan: Scan, envelope: bytes) -> None:
        """Keep a sealed order for its agents."""
        with writing(self.engine) as connection:
            add_order(connection, scan, envelope)

    def booked(self, since_us: int) -> Sequence[Slot]:
        """The slots of all schools that end after that moment, also those of orders that were taken back: their tickets are out."""
        with reading(self.engine) as connection:
            return _booked(connection, since_us)

    def book(self, since_us: int, placing: Callable[[Sequence[Slot]], Sequence[Booking]]) -> Sequence[Booking]:
        """
        Keep the orders that `placing` makes of the slots that end after that moment: nobody else books in between.

        Whatever `placing` raises leaves nothing behind.
        """
        with writing(self.engine) as connection:
            bookings = placing(_booked(connection, since_us))
            for booking in bookings:
                _book(connection, booking)
        return bookings

    def cancel(self, scan: Scan, envelope: bytes) -> None:
        """Keep a sealed cancellation for the same agents; a second one changes nothing."""
        with writing(self.engine) as connection:
            changed = update(ORDER).where(ORDER.c.id == scan.id, ORDER.c.cancelled.is_(False)).values(cancelled=True)
            if connection.execute(changed).rowcount:
                _address(connection, scan, envelope, cancels=True)

    def after(self, agent: str, cursor: int, now_us: int) -> Sequence[Entry]:
        """What the channel holds for an agent after a cursor, without orders that expired; cancellations always."""
        query = (
            select(CHANNEL.c.cursor, CHANNEL.c.envelope)
            .join(ADDRESSEE, ADDRESSEE.c.cursor == CHANNEL.c.cursor)
            .join(ORDER, ORDER.c.id == CHANNEL.c.scan)
            .where(ADDRESSEE.c.agent == agent, CHANNEL.c.cursor > cursor)
            .where(CHANNEL.c.cancels | (ORDER.c.cancelled.is_(False) & (ORDER.c.expires_unix_us > now_us)))
            .order_by(CHANNEL.c.cursor)
        )
        with reading(self.engine) as connection:
            return [Entry(*row) for row in connection.execute(query)]

    def of_school(self, school: str, most: int = 20) -> Sequence[OrderRow]:
        """The latest orders of a school."""
        query = select(ORDER).where(ORDER.c.school == school).order_by(ORDER.c.issued_unix_us.desc()).limit(most)
        with reading(self.engine) as connection:
            return [_order(connection, row) for row in connection.execute(query).all()]

    def get(self, scan: str) -> OrderRow | None:
        """One order."""
        with reading(self.engine) as connection:
            row = connection.execute(select(ORDER).where(ORDER.c.id == scan)).first()
            return None if row is None else _order(connection, row)

    def progress(self, scan: str, agent: str, progress: Progress, now_us: int) -> None:
        """What an agent last said about one probe of an order; what comes late does not undo that it is done."""
        place = {"scan": scan, "agent": agent, "probe": progress.probe}
        with writing(self.engine) as connection:
            before = connection.execute(select(PROGRESS.c.state).filter_by(**place)).scalar()
            if before is not None and before not in UNDER_WAY and progress.state in UNDER_WAY:
                return
            connection.execute(delete(PROGRESS).filter_by(**place))
            said = {"state": progress.state, "detail": progress.detail, "said_unix_us": now_us}
            connection.execute(insert(PROGRESS).values({**place, **said}))


def add_order(connection: Connection, scan: Scan, envelope: bytes) -> None:
    """A sealed order and its entry in the channel."""
    row = {
        "id": scan.id,
        "school": scan.school,
        "issued_unix_us": scan.issued_unix_us,
        "expires_unix_us": scan.expires_unix_us,
        "cancelled": False,
        "content": msgspec.json.encode(scan),
    }
    connection.execute(insert(ORDER).values(row))
    _address(connection, scan, envelope, cancels=False)


def _book(connection: Connection, booking: Booking) -> None:
    """A sealed order with its slot and its tickets."""
    add_order(connection, booking.scan, booking.envelope)
    slot, load = booking.slot, booking.slot.load
    row = {
        "scan": booking.scan.id,
        "school": load.school,
        "line": load.line,
        "shared": load.shared,
        "from_unix_us": slot.from_us,
        "to_unix_us": slot.to_us,
        "rate_bit_s": load.rate_bit_s,
        "octets": load.octets,
        "saturating": load.saturating,
    }
    connection.execute(insert(SLOT).values(row))
    for ticket in booking.tickets:
        about = {"session": ticket.session, "agent": ticket.agent, "server": ticket.server}
        connection.execute(insert(TICKET).values(scan=booking.scan.id, **about))


def _booked(connection: Connection, since_us: int) -> list[Slot]:
    """The slots that end after a moment."""
    rows = connection.execute(select(SLOT).where(SLOT.c.to_unix_us > since_us).order_by(SLOT.c.from_unix_us)).all()
    return [
        Slot(
            Load(row.school, row.line, row.shared, row.rate_bit_s, row.octets, row.saturating),
            row.from_unix_us,
            row.to_unix_us,
        )
        for row in rows
    ]


def _address(connection: Connection, scan: Scan, envelope: bytes, cancels: bool) -> None:
    """A new entry of the channel for every agent of the order."""
    row = {"scan": scan.id, "cancels": cancels, "envelope": envelope}
    cursor = connection.execute(insert(CHANNEL).values(row).returning(CHANNEL.c.cursor)).scalar_one()
    connection.execute(insert(ADDRESSEE), [{"agent": agent, "cursor": cursor} for agent in scan.agents])


def _order(connection: Connection, row: Row[tuple[object, ...]]) -> OrderRow:
    """An order as a value, with what its agents last said."""
    said = connection.execute(select(PROGRESS).where(PROGRESS.c.scan == row.id)).all()
    progress = {(one.agent, one.probe): Progress(one.probe, one.state, one.detail) for one in said}
    return OrderRow(msgspec.json.decode(row.content, type=Scan), row.cancelled, progress)
