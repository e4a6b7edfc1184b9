"""Which measurement servers did the operator enrol, and on which days may no school be measured?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from collector.school import Server
from collector.store.engine import reading, writing
from collector.store.rows import Block
from collector.store.tables import AGENT, BLOCK, SERVER


@dataclass(frozen=True, slots=True)
class Servers:
    """The room of measurement servers: the operator's list, from which every target of a bandwidth run comes."""

    engine: Engine

    def add(self, server: Server, now_us: int) -> None:
        """A new server; raises ValueError for a key or a name that is taken: nobody may sign for both ends of a run."""
        with writing(self.engine) as connection:
            if connection.execute(select(AGENT.c.id).where(AGENT.c.id == server.id)).first() is not None:
                raise ValueError(f"key: {server.id[:16]} is an agent's; a measurement server has a key of its own")
            named = select(SERVER.c.id).where(SERVER.c.name == server.name, SERVER.c.revoked.is_(False))
            if connection.execute(named).first() is not None:
                raise ValueError(
                    f"server {server.name!r}: this name is taken; revoke that server, or take another name"
                )
            _insert(connection, server, now_us)

    def all(self) -> Mapping[str, Server]:
        """All servers by their key ids, revoked ones too, in the order in which they were enrolled."""
        with reading(self.engine) as connection:
            return servers_of(connection)

    def get(self, identity: str) -> Server | None:
        """The server with that key id."""
        return self.all().get(identity)

    def revoke(self, name: str) -> Server:
        """The server of that name is trusted no more; raises ValueError where there is none."""
        named = (SERVER.c.name == name) & SERVER.c.revoked.is_(False)
        with writing(self.engine) as connection:
            row = connection.execute(select(SERVER).where(named)).first()
            if row is None:
                trusted = select(SERVER.c.name).where(SERVER.c.revoked.is_(False)).order_by(SERVER.c.name)
                there = ", ".join(connection.execute(trusted).scalars()) or "none"
                raise ValueError(f"no server {name!r} that is trusted; there are: {there}")
            connection.execute(update(SERVER).where(named).values(revoked=True))
            return _server(row)

    def blocks(self) -> Sequence[Block]:
        """The days on which no school is measured, in their order."""
        with reading(self.engine) as connection:
            return [Block(*row) for row in connection.execute(select(BLOCK).order_by(BLOCK.c.first))]

    def block(self, block: Block) -> None:
        """Block days for all schools; days that begin on the same day are replaced."""
        with writing(self.engine) as connection:
            connection.execute(delete(BLOCK).where(BLOCK.c.first == block.first))
            connection.execute(insert(BLOCK).values(first=block.first, last=block.last, note=block.note))

    def unblock(self, first: str) -> None:
        """Take a block back that begins on that day; raises ValueError where there is none."""
        with writing(self.engine) as connection:
            if not connection.execute(delete(BLOCK).where(BLOCK.c.first == first)).rowcount:
                raise ValueError(f"no block begins on {first}; `campusproof-collector block list` shows them")


def servers_of(connection: Connection) -> dict[str, Server]:
    """All servers by their key ids, in the order in which they were enrolled."""
    rows = connection.execute(select(SERVER).order_by(SERVER.c.added_unix_us, SERVER.c.name)).all()
    return {row.id: _server(row) for row in rows}


def _insert(connection: Connection, server: Server, now_us: int) -> None:
    """The row of a new server, with an empty chain."""
    row = {
        "id": server.id,
        "name": server.name,
        "host": server.host,
        "port": server.port,
        "path": server.path,
        "operator": server.operator,
        "public_key": server.public_key,
        "capacity_bit_s": server.capacity_bit_s,
        "added_unix_us": now_us,
        "revoked": False,
        "last_sequence": 0,
        "last_id": "",
    }
    try:
        connection.execute(insert(SERVER).values(row))
    except IntegrityError as wrong:
        raise ValueError(
            f"key: {server.id[:16]} was enrolled before; a server that comes back has a new key"
        ) from wrong


def _server(row: Row[tuple[object, ...]]) -> Server:
    """A server as a value."""
    return Server(
        id=row.id,
        name=row.name,
        host=row.host,
        port=row.port,
        path=row.path,
        operator=row.operator,
        public_key=row.public_key,
        revoked=row.revoked,
        capacity_bit_s=row.capacity_bit_s,
    )
