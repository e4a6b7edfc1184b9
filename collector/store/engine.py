"""
How is the database opened?

SQLite in WAL mode with `synchronous = FULL`: what was acknowledged survives a power cut (docs/decisions/0005). Writers take
the lock when they begin, so that what they check is still true when they commit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from collector.store.upgrade import StoreWrong, brought_up

FILE = "collector.sqlite"
BUSY_MS = 30_000


def opened(directory: Path) -> Engine:
    """An engine on the SQLite file in `directory`, with all tables; raises StoreWrong for a file that cannot be used."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Made before SQLite opens it, so that its log files too are the owner's only.
    os.close(os.open(directory / FILE, os.O_CREAT | os.O_RDWR, 0o600))
    (directory / FILE).chmod(0o600)
    engine = create_engine(f"sqlite:///{directory / FILE}")
    event.listen(engine, "connect", _prepare)
    try:
        brought_up(engine, directory / FILE)
    except StoreWrong:
        engine.dispose()
        raise
    return engine


def _prepare(connection: Any, _: object) -> None:
    """Each new connection writes through; transactions begin where we say, not where the driver guesses."""
    connection.isolation_level = None
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_MS}"):
        connection.execute(f"PRAGMA {setting}")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; closing the connection ends it."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction with the writer's lock from its start, all or nothing: closing an uncommitted connection rolls it back."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()
