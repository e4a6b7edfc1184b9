"""
What has been sealed, what was delivered, and what is still ordered?

One SQLite file, `synchronous = FULL`: a sequence number, the sealed envelope, its raw evidence and the note that the
ordered task is done are one transaction, so a kill at any moment leaves either all of it or nothing. An envelope stays
until the collector's signed receipt for it is here; the receipts stay for good.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evidence.model import Raw
from evidence.scan import Scan

FILE = "outbox.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS envelope (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, probe TEXT NOT NULL, scan TEXT NOT NULL,
    content BLOB, receipt BLOB);
CREATE TABLE IF NOT EXISTS raw (
    sha256 TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES envelope, content BLOB NOT NULL,
    PRIMARY KEY (sha256, sequence));
CREATE TABLE IF NOT EXISTS task (
    scan TEXT NOT NULL, position INTEGER NOT NULL, probe TEXT NOT NULL, state TEXT NOT NULL, "order" BLOB NOT NULL,
    PRIMARY KEY (scan, position));
CREATE TABLE IF NOT EXISTS visit (
    id TEXT PRIMARY KEY, scan TEXT NOT NULL, place TEXT NOT NULL, point INTEGER NOT NULL, attempt INTEGER NOT NULL,
    code TEXT NOT NULL, state TEXT NOT NULL, summary TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cursor (only INTEGER PRIMARY KEY CHECK (only = 0), value INTEGER NOT NULL);
"""
Sealing = Callable[[int, str], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sealed envelope without a receipt: its place in the sequence, its id and its bytes."""

    sequence: int
    id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """An ordered task that has no sealed report yet; `order` is the collector's envelope as it came."""

    scan: str
    position: int
    probe: str
    order: bytes


@dataclass(frozen=True, slots=True)
class Visit:
    """
    One point of a survey that a person asked to be measured, under the id that the page gave it; `place` is empty for a walk with hand-overs.

    `state` is measuring, sealed, lost (cut off: measure again) or refused; `summary` says what was heard, for the walker.
    """

    id: str
    scan: str
    place: str
    point: int
    attempt: int
    code: str
    state: str
    summary: str = "{}"

    @property
    def told(self) -> dict[str, Any]:
        """The summary as a value."""
        told: dict[str, Any] = json.loads(self.summary)
        return told

    @property
    def hint(self) -> str:
        """What the point is likely to come to."""
        return str(self.told.get("hint", ""))

    def as_sealed(self) -> Visit:
        """The visit as it will be when it is sealed."""
        return replace(self, state="sealed")


class Outbox:
    """The box's memory. One object a thread: each opens the file anew."""

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
        with self._connected() as database, database:  # the inner one commits, or rolls back on any way out
            database.execute("BEGIN IMMEDIATE")
            yield database

    def seal(
        self,
        probe: str,
        scan: str,
        position: int,
        raws: Sequence[Raw],
        sealing: Sealing,
        visit: tuple[str, dict[str, Any]] | None = None,
    ) -> Waiting:
        """
        Give the next sequence number to `sealing(sequence, previous id)` and keep the (id, envelope) it returns.

        The task (`scan`, `position`) is done in the same transaction; `scan` is empty for a run without an order, `position` -1 where the task goes on.
        `visit` is the id and the summary of a survey's point that is sealed with it.
        """
        with self._writing() as database:
            last = database.execute("SELECT sequence, id FROM envelope ORDER BY sequence DESC LIMIT 1").fetchone()
            sequence, previous = (last[0] + 1, last[1]) if last else (1, "")
            identity, content = sealing(sequence, previous)
            database.execute(
                "INSERT INTO envelope VALUES (?, ?, ?, ?, ?, NULL)", (sequence, identity, probe, scan, content)
            )
            for raw in raws:
                database.execute("INSERT OR IGNORE INTO raw VALUES (?, ?, ?)", (raw.blob.sha256, sequence, raw.content))
            database.execute("UPDATE task SET state = 'sealed' WHERE scan = ? AND position = ?", (scan, position))
            if visit is not None:
                _settle(database, visit[0], "sealed", visit[1])
        return Waiting(sequence, identity, content)

    def waiting(self, most: int = 20) -> list[Waiting]:
        """The oldest envelopes without a receipt, in sequence."""
        query = "SELECT sequence, id, content FROM envelope WHERE receipt IS NULL ORDER BY sequence LIMIT ?"
        with self._connected() as database:
            return [Waiting(*row) for row in database.execute(query, (most,))]

    def depth(self) -> int:
        """How many envelopes wait for a receipt."""
        with self._connected() as database:
            return int(database.execute("SELECT count(*) FROM envelope WHERE receipt IS NULL").fetchone()[0])

    def delivered(self, sequence: int, receipt: bytes) -> None:
        """Keep a verified receipt; the envelope's bytes are the collector's care from now on."""
        with self._writing() as database:
            database.execute("UPDATE envelope SET receipt = ?, content = NULL WHERE sequence = ?", (receipt, sequence))

    def raws(self, most: int = 20) -> list[tuple[int, str, str, bytes]]:
        """Raw evidence still to be sent, of envelopes that the collector holds: (sequence, envelope's id, sha256, content)."""
        query = """SELECT raw.sequence, id, sha256, raw.content FROM raw JOIN envelope USING (sequence)
                   WHERE receipt IS NOT NULL ORDER BY raw.sequence LIMIT ?"""
        with self._connected() as database:
            return list(database.execute(query, (most,)))

    def raw_delivered(self, sequence: int, sha256: str) -> None:
        """This piece of raw evidence is held by the collector."""
        with self._writing() as database:
            database.execute("DELETE FROM raw WHERE sequence = ? AND sha256 = ?", (sequence, sha256))

    def cursor(self) -> int:
        """Up to where the order channel has been read."""
        with self._connected() as database:
            row = database.execute("SELECT value FROM cursor").fetchone()
        return int(row[0]) if row else 0

    def keep_order(self, cursor: int, scan: Scan, order: bytes) -> None:
        """Remember an order and how far the channel was read, before anything is measured; a second time changes nothing."""
        rows = [(scan.id, position, task.probe, order) for position, task in enumerate(scan.tasks)]
        with self._writing() as database:
            database.executemany("INSERT OR IGNORE INTO task VALUES (?, ?, ?, 'waiting', ?)", rows)
            _move(database, cursor)

    def drop(self, scan: str, state: str, cursor: int | None = None) -> None:
        """Tasks of an order that will not run any more (`expired`, `cancelled`); sealed ones stay sealed."""
        with self._writing() as database:
            database.execute("UPDATE task SET state = ? WHERE scan = ? AND state = 'waiting'", (state, scan))
            if cursor is not None:
                _move(database, cursor)

    def skip(self, cursor: int) -> None:
        """The channel's entry at `cursor` was read and is not for keeping."""
        with self._writing() as database:
            _move(database, cursor)

    def pending(self) -> list[Pending]:
        """Ordered tasks still to be run, oldest order first."""
        query = """SELECT scan, position, probe, "order" FROM task WHERE state = 'waiting' ORDER BY rowid"""
        with self._connected() as database:
            return [Pending(*row) for row in database.execute(query)]

    def begin(self, visit: Visit) -> None:
        """Remember that a point is asked for, before it is measured; raises sqlite3.IntegrityError for an id that is taken."""
        row = (visit.id, visit.scan, visit.place, visit.point, visit.attempt, visit.code, visit.state, visit.summary)
        with self._writing() as database:
            database.execute("INSERT INTO visit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def settle(self, visit: str, state: str, summary: dict[str, Any]) -> None:
        """How a visit ended that was not sealed."""
        with self._writing() as database:
            _settle(database, visit, state, summary)

    def visit(self, identity: str) -> Visit | None:
        """The visit of that id."""
        with self._connected() as database:
            row = database.execute("SELECT * FROM visit WHERE id = ?", (identity,)).fetchone()
        return Visit(*row) if row else None

    def visits(self) -> list[Visit]:
        """All visits, in the order in which they were asked for."""
        with self._connected() as database:
            return [Visit(*row) for row in database.execute("SELECT * FROM visit ORDER BY rowid")]

    def is_waiting(self, scan: str, position: int) -> bool:
        """Whether a task has been neither sealed nor dropped meanwhile."""
        query = "SELECT 1 FROM task WHERE scan = ? AND position = ? AND state = 'waiting'"
        with self._connected() as database:
            return database.execute(query, (scan, position)).fetchone() is not None


def _settle(database: sqlite3.Connection, visit: str, state: str, summary: dict[str, Any]) -> None:
    """The state of a visit and what is told of it."""
    row = (state, json.dumps(summary, ensure_ascii=False), visit)
    database.execute("UPDATE visit SET state = ?, summary = ? WHERE id = ?", row)


def _move(database: sqlite3.Connection, cursor: int) -> None:
    """The channel is read up to `cursor`; it never goes back."""
    database.execute(
        "INSERT INTO cursor VALUES (0, ?) ON CONFLICT (only) DO UPDATE SET value = max(value, excluded.value)",
        (cursor,),
    )
