"""
Is the database one that this release can use, and what has to be done to one of an earlier release?

*Method*: the file carries the number of its form (`PRAGMA user_version`). New tables are made by name; a table whose columns changed
is copied into its new form, in one transaction: either the file has the new form afterwards, or it is as it was. A file of a later
release is refused: nobody here knows what its columns mean.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateTable

from collector.store.tables import EVIDENCE, METADATA

FORM = 4  # 1 had no number in the file, and evidence of agents only; 2 no names and targets of IPv6; 3 no surveys


class StoreWrong(ValueError):
    """The database cannot be used; the text names the file, the step and what to do."""


def brought_up(engine: Engine, file: Path) -> None:
    """Give the database in `file` all tables of this release; raises StoreWrong."""
    step = "open it"
    try:
        with engine.connect() as connection:
            form = _form(connection)
            if form > FORM:
                raise StoreWrong(
                    f"{file}: written by a later release (form {form}, this release knows up to {FORM}); use that release"
                )
            step = "make the tables of this release"
            if form < FORM:
                _from_earlier_form(connection)
    except DatabaseError as wrong:
        raise StoreWrong(
            f"{file}: cannot {step}: {wrong.orig}; the file is as it was; free disk space, or restore it from the backup"
        ) from wrong


def _form(connection: Connection) -> int:
    """The number of the file's form; an empty file has 0, as one of the first release has."""
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _from_earlier_form(connection: Connection) -> None:
    """
    Make what is not there, and free evidence from the rule that only an agent signs it.

    SQLite changes no foreign key: the table is copied, as www.sqlite.org/lang_altertable.html section 7 says. References
    are not followed meanwhile, else those of raw evidence would go with the old table.
    """
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    if _form(connection) < FORM:  # another process may have been faster
        if _is_bound_to_agents(connection):
            _copied(connection, EVIDENCE)
        METADATA.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {FORM}")
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _is_bound_to_agents(connection: Connection) -> bool:
    """Whether the table of evidence is there and refers to that of agents."""
    return any(row[2] == "agent" for row in connection.exec_driver_sql("PRAGMA foreign_key_list(evidence)"))


def _copied(connection: Connection, table: Table) -> None:
    """The table in its new form with all its rows; it refers to others and is referred to as before."""
    columns = ", ".join(column.name for column in table.columns)
    made = str(CreateTable(table).compile(connection.engine))
    connection.exec_driver_sql(made.replace(f"TABLE {table.name}", f"TABLE new_{table.name}", 1))
    connection.exec_driver_sql(f"INSERT INTO new_{table.name} ({columns}) SELECT {columns} FROM {table.name}")  # noqa: S608 - names of ours
    connection.exec_driver_sql(f"DROP TABLE {table.name}")
    connection.exec_driver_sql(f"ALTER TABLE new_{table.name} RENAME TO {table.name}")
    for index in table.indexes:
        index.create(connection)
