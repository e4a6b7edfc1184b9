"""
What must a measurement server not forget when it is killed?

One SQLite file, `synchronous = FULL`: which tickets were used, how much each school moved today, and the chain of its own sealed
observations. A ticket is noted as used before the session is welcomed; an observation is sealed and kept in one transaction before
anybody sees it, and stays until the collector's signed receipt is here.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

FILE = "speed-server.sqlite"
DAY_US = 86_400_000_000
CHINA_US = 8 * 3_600_000_000  # a school's day begins at midnight in UTC+8
SCHEMA = """
CREATE TABLE IF NOT EXISTS ticket (
    session TEXT PRIMARY KEY, sealed TEXT NOT NULL, opened_us INTEGER NOT NULL, until_us INTEGER NOT NULL,
    observed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS volume (
    school TEXT NOT NULL, day INTEGER NOT NULL, octets INTEGER NOT NULL, PRIMARY KEY (school, day));
CREATE TABLE IF NOT EXISTS envelope (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, session TEXT NOT NULL, content BLOB, receipt BLOB);
"""
Sealing = Callable[[int, str], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sealed observation without a receipt: its place in the sequence, its id and its bytes."""

    sequence: int
    id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Unobserved:
    """A ticket that was used and whose session left no observation: the sealed text, and when it was opened."""

    sealed: str
    opened_us: int


class Kept:
    """The server's memory; every call opens the file anew, so that threads may share it."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = directory / FILE
        # Made before SQLite opens it, so that its log files too are the owner's only.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._connected() as database:
            database.executescript("PRAGMA journal_mode = WAL;" + SCHEMA)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection that writes through to the disk."""
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=30)) as database:
            database.execute("PRAGMA synchronous = FULL")
            yield database

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing."""
        with self._connected() as database, database:
            database.execute("BEGIN IMMEDIATE")
            yield database

    # --- tickets -----------------------------------------------------------------------------------------------------

    def is_used(self, session: str) -> bool:
        """Whether the ticket of a session was used before."""
        with self._connected() as database:
            return database.execute("SELECT 1 FROM ticket WHERE session = ?", (session,)).fetchone() is not None

    def use(self, session: str, sealed: str, now_us: int, until_us: int) -> bool:
        """
        Note a ticket as used; False if it was used before.

        Tickets that are a day past their slot are forgotten: nobody could use them again.
        """
        with self._writing() as database:
            database.execute("DELETE FROM ticket WHERE observed = 1 AND until_us < ?", (now_us - DAY_US,))
            row = (session, sealed, now_us, until_us)
            return database.execute("INSERT OR IGNORE INTO ticket VALUES (?, ?, ?, ?, 0)", row).rowcount == 1

    def unobserved(self) -> list[Unobserved]:
        """Used tickets without an observation, oldest first: the server was killed while they were measured."""
        query = "SELECT sealed, opened_us FROM ticket WHERE observed = 0 ORDER BY rowid"
        with self._connected() as database:
            return [Unobserved(*row) for row in database.execute(query)]

    # --- volumes -----------------------------------------------------------------------------------------------------

    def charge(self, school: str, octets: int, now_us: int) -> None:
        """So many octets were moved for a school today; days long past are forgotten."""
        day = _day(now_us)
        with self._writing() as database:
            database.execute("DELETE FROM volume WHERE day < ?", (day - 1,))
            database.execute(
                "INSERT INTO volume VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET octets = octets + excluded.octets",
                (school, day, octets),
            )

    def moved(self, school: str, now_us: int) -> int:
        """How many octets were moved for a school today."""
        query = "SELECT octets FROM volume WHERE school = ? AND day = ?"
        with self._connected() as database:
            row = database.execute(query, (school, _day(now_us))).fetchone()
        return int(row[0]) if row else 0

    # --- observations ------------------------------------------------------------------------------------------------

    def seal(self, session: str, sealing: Sealing) -> bytes:
        """Give the next place in the chain to `sealing(sequence, previous id)`, keep the (id, envelope) it returns; the envelope."""
        with self._writing() as database:
            last = database.execute("SELECT sequence, id FROM envelope ORDER BY sequence DESC LIMIT 1").fetchone()
            sequence, previous = (last[0] + 1, last[1]) if last else (1, "")
            identity, content = sealing(sequence, previous)
            database.execute("INSERT INTO envelope VALUES (?, ?, ?, ?, NULL)", (sequence, identity, session, content))
            database.execute("UPDATE ticket SET observed = 1 WHERE session = ?", (session,))
        return content

    def waiting(self, most: int = 20) -> list[Waiting]:
        """The oldest observations without a receipt, in sequence."""
        query = "SELECT sequence, id, content FROM envelope WHERE receipt IS NULL ORDER BY sequence LIMIT ?"
        with self._connected() as database:
            return [Waiting(*row) for row in database.execute(query, (most,))]

    def delivered(self, sequence: int, receipt: bytes) -> None:
        """Keep a verified receipt; the envelope's bytes are the collector's care from now on."""
        with self._writing() as database:
            database.execute("UPDATE envelope SET receipt = ?, content = NULL WHERE sequence = ?", (receipt, sequence))


def _day(now_us: int) -> int:
    """The day of a moment, counted from 1970, in UTC+8."""
    return (now_us + CHINA_US) // DAY_US
