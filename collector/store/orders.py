"""Which orders were given, to whom, and how far are they?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from collector.store.engine import reading, writing
from collector.store.rows import Entry, OrderRow
from collector.store.tables import ADDRESSEE, CHANNEL, ORDER, PROGRESS
from evidence.scan import Progress, Scan


@dataclass(frozen=True, slots=True)
class Orders:
    """The room of orders: kept before anyone can see them."""

    engine: Engine

    def add(self, scan: Scan, envelope: bytes) -> None:
        """Keep a sealed order for its agents."""
        row = {
            "id": scan.id,
            "school": scan.school,
            "issued_unix_us": scan.issued_unix_us,
            "expires_unix_us": scan.expires_unix_us,
            "cancelled": False,
            "content": msgspec.json.encode(scan),
        }
        with writing(self.engine) as connection:
            connection.execute(insert(ORDER).values(row))
            _address(connection, scan, envelope, cancels=False)

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
        """What an agent last said about one probe of an order."""
        place = {"scan": scan, "agent": agent, "probe": progress.probe}
        with writing(self.engine) as connection:
            connection.execute(delete(PROGRESS).filter_by(**place))
            said = {"state": progress.state, "detail": progress.detail, "said_unix_us": now_us}
            connection.execute(insert(PROGRESS).values({**place, **said}))


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
