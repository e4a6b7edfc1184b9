"""Which names do the operator's servers answer to, and who else is to be reached over IPv6?"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select

from collector.school import Names, Target
from collector.store.engine import reading, writing
from collector.store.tables import NAMES, TARGET


@dataclass(frozen=True, slots=True)
class Outside:
    """The room of what IPv6 is measured against: the operator's list, the same for all schools."""

    engine: Engine

    def names(self) -> tuple[Names, ...]:
        """The names of every server that has some."""
        with reading(self.engine) as connection:
            return names_of(connection)

    def set_names(self, names: Names) -> None:
        """What a server answers to, in place of what was known."""
        with writing(self.engine) as connection:
            connection.execute(delete(NAMES).where(NAMES.c.server == names.server))
            connection.execute(insert(NAMES).values(asdict(names)))

    def remove_names(self, server: str) -> None:
        """A server has no names any more."""
        with writing(self.engine) as connection:
            connection.execute(delete(NAMES).where(NAMES.c.server == server))

    def targets(self) -> tuple[Target, ...]:
        """Every target, by operator and address."""
        with reading(self.engine) as connection:
            return targets_of(connection)

    def add_target(self, target: Target) -> None:
        """A target; one of the same address and port is replaced."""
        with writing(self.engine) as connection:
            connection.execute(delete(TARGET).where(_here(target)))
            connection.execute(insert(TARGET).values(asdict(target)))

    def remove_target(self, target: Target) -> None:
        """Forget a target; raises ValueError where there is none."""
        with writing(self.engine) as connection:
            if not connection.execute(delete(TARGET).where(_here(target))).rowcount:
                raise ValueError(f"no target {target.subject}; `campusproof-collector target list` shows them")


def _here(target: Target) -> ColumnElement[bool]:
    """The row of one address and port."""
    return and_(TARGET.c.address == target.address, TARGET.c.port == target.port)


def names_of(connection: Connection) -> tuple[Names, ...]:
    """The names of all servers."""
    return tuple(Names(*row) for row in connection.execute(select(NAMES).order_by(NAMES.c.zone)))


def targets_of(connection: Connection) -> tuple[Target, ...]:
    """All targets."""
    rows = connection.execute(select(TARGET).order_by(TARGET.c.operator, TARGET.c.address, TARGET.c.port))
    return tuple(Target(*row) for row in rows)
