"""Which schools are there, what was declared of them, and which agents are theirs?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from collector.school import School
from collector.store.declared import with_declared, written
from collector.store.engine import reading, writing
from collector.store.names import names_of, targets_of
from collector.store.rows import AgentRow
from collector.store.servers import servers_of
from collector.store.surveys import codes_of
from collector.store.tables import AGENT, DECLARED, ORDER, SCHOOL, SERVER, TOKEN
from evidence.errors import TokenRefused
from evidence.scan import Scan
from evidence.wire import VANTAGE

ORDERS_JUDGED = 500  # the latest orders of a school: more than any window of days holds


@dataclass(frozen=True, slots=True)
class Schools:
    """The room of schools, their declared lists, enrolment tokens and agents."""

    engine: Engine

    def add(self, identity: str, name: str, virtual: bool, now_us: int) -> None:
        """A new school; raises ValueError if the id is taken."""
        try:
            with writing(self.engine) as connection:
                row = {"id": identity, "name": name, "virtual": virtual, "added_unix_us": now_us}
                connection.execute(insert(SCHOOL).values(row))
        except IntegrityError as wrong:
            raise ValueError(f"school {identity!r}: this id is taken") from wrong

    def all(self) -> list[School]:
        """All schools with their latest declared lists, by name; where the operator's vantages belong is none."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(SCHOOL).where(SCHOOL.c.id != VANTAGE).order_by(SCHOOL.c.name)).all()
            return [_school(connection, row) for row in rows]

    def get(self, identity: str) -> School | None:
        """One school with its latest declared list and what is held of each of its agents; where the operator's vantages belong is none."""
        with reading(self.engine) as connection:
            row = connection.execute(select(SCHOOL).where(SCHOOL.c.id == identity, SCHOOL.c.id != VANTAGE)).first()
            return None if row is None else _school(connection, row)

    def declare(self, school: School, now_us: int) -> None:
        """Keep a new version of a school's declared list; older versions stay."""
        with writing(self.engine) as connection:
            last = select(func.coalesce(func.max(DECLARED.c.version), 0)).where(DECLARED.c.school == school.id)
            version = connection.execute(last).scalar_one() + 1
            row = {"school": school.id, "version": version, "declared_unix_us": now_us, "content": written(school)}
            connection.execute(insert(DECLARED).values(row))

    def add_vantage_token(self, secret_hash: str, name: str, expires_unix_us: int, now_us: int) -> None:
        """A one-time token for an agent of the operator's own, outside of all schools."""
        with writing(self.engine) as connection:
            if connection.execute(select(SCHOOL.c.id).where(SCHOOL.c.id == VANTAGE)).first() is None:
                row = {"id": VANTAGE, "name": VANTAGE, "virtual": False, "added_unix_us": now_us}
                connection.execute(insert(SCHOOL).values(row))
        self.add_token(secret_hash, VANTAGE, name, expires_unix_us)

    def add_token(self, secret_hash: str, school: str, place: str, expires_unix_us: int) -> None:
        """A one-time enrolment token, known by the hash of its secret."""
        row = {"secret_hash": secret_hash, "school": school, "place": place, "expires_unix_us": expires_unix_us}
        with writing(self.engine) as connection:
            connection.execute(insert(TOKEN).values(row))

    def enrol(
        self, token_hash: str, public_key: str, agent: str, software: str, secret_hash: str, now_us: int
    ) -> AgentRow:
        """
        Use a token for a new agent, in one step. Raises TokenRefused.

        The same key with the same token again gets a new channel secret: its first answer may have been lost.
        """
        with writing(self.engine) as connection:
            token = connection.execute(select(TOKEN).where(TOKEN.c.secret_hash == token_hash)).first()
            if token is None or token.expires_unix_us < now_us or token.agent not in (None, agent):
                raise TokenRefused("token: unknown, used or expired; ask the operator for a new one")
            connection.execute(update(TOKEN).where(TOKEN.c.secret_hash == token_hash).values(agent=agent))
            if connection.execute(select(SERVER.c.id).where(SERVER.c.id == agent)).first() is not None:
                raise TokenRefused("public_key: this key is a measurement server's")
            known = connection.execute(select(AGENT).where(AGENT.c.id == agent)).first()
            if known is None:
                connection.execute(
                    insert(AGENT).values(
                        id=agent,
                        school=token.school,
                        place=token.place,
                        public_key=public_key,
                        secret_hash=secret_hash,
                        enrolled_unix_us=now_us,
                        software=software,
                        revoked=False,
                        last_sequence=0,
                        last_id="",
                        last_seen_unix_us=0,
                    )
                )
            elif known.school != token.school or token.agent is None:
                raise TokenRefused("public_key: this key is enrolled already")
            else:
                connection.execute(update(AGENT).where(AGENT.c.id == agent).values(secret_hash=secret_hash))
            return _agent(connection.execute(select(AGENT).where(AGENT.c.id == agent)).one())

    def agent(self, identity: str) -> AgentRow | None:
        """An agent by its id."""
        with reading(self.engine) as connection:
            row = connection.execute(select(AGENT).where(AGENT.c.id == identity)).first()
            return None if row is None else _agent(row)

    def agents(self, school: str) -> Sequence[AgentRow]:
        """The agents of a school, in the order in which they were enrolled."""
        query = select(AGENT).where(AGENT.c.school == school).order_by(AGENT.c.enrolled_unix_us)
        with reading(self.engine) as connection:
            return [_agent(row) for row in connection.execute(query)]

    def revoke(self, agent: str) -> None:
        """The agent's key is trusted no more."""
        with writing(self.engine) as connection:
            connection.execute(update(AGENT).where(AGENT.c.id == agent).values(revoked=True))

    def seen(self, agent: str, now_us: int) -> None:
        """The agent asked the order channel at that moment."""
        with writing(self.engine) as connection:
            connection.execute(update(AGENT).where(AGENT.c.id == agent).values(last_seen_unix_us=now_us))


def _school(connection: Connection, row: Row[tuple[object, ...]]) -> School:
    """A school as a value, from its tables and the operator's list of servers."""
    agents = connection.execute(select(AGENT).where(AGENT.c.school == row.id)).all()
    given = select(ORDER.c.content).where(ORDER.c.school == row.id, ORDER.c.cancelled.is_(False))
    orders = connection.execute(given.order_by(ORDER.c.issued_unix_us.desc()).limit(ORDERS_JUDGED)).scalars()
    scans = tuple(msgspec.json.decode(content, type=Scan) for content in orders)
    school = School(
        id=row.id,
        name=row.name,
        virtual=row.virtual,
        held={agent.id: agent.last_sequence for agent in agents},
        stands={agent.id: agent.place for agent in agents},
        revoked=frozenset(agent.id for agent in agents if agent.revoked),
        servers=servers_of(connection),
        names=names_of(connection),
        targets=targets_of(connection),
        vantages=_vantages(connection),
        orders=scans,
        codes=codes_of(connection, [scan.id for scan in scans if scan.survey is not None]),
    )
    latest = select(DECLARED.c.content).where(DECLARED.c.school == row.id).order_by(DECLARED.c.version.desc()).limit(1)
    content = connection.execute(latest).scalar_one_or_none()
    return school if content is None else with_declared(school, content)


def _vantages(connection: Connection) -> dict[str, str]:
    """The operator's agents outside that are trusted, with their names, in the order in which they were enrolled."""
    query = (
        select(AGENT).where(AGENT.c.school == VANTAGE, AGENT.c.revoked.is_(False)).order_by(AGENT.c.enrolled_unix_us)
    )
    return {row.id: row.place for row in connection.execute(query)}


def _agent(row: Row[tuple[object, ...]]) -> AgentRow:
    """An agent as a value."""
    return AgentRow(
        id=row.id,
        school=row.school,
        place=row.place,
        public_key=row.public_key,
        secret_hash=row.secret_hash,
        enrolled_unix_us=row.enrolled_unix_us,
        software=row.software,
        revoked=row.revoked,
        last_sequence=row.last_sequence,
        last_seen_unix_us=row.last_seen_unix_us,
    )
