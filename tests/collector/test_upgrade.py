"""Can a database of an earlier release be used, with all that it holds, and is one of a later release refused in words?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from collector.store import open_store
from collector.store.engine import FILE, opened
from collector.store.upgrade import FORM, StoreWrong

# The tables of the first release that later ones changed or refer to, with a report in them.
FIRST = """
CREATE TABLE school (id VARCHAR NOT NULL, name TEXT NOT NULL, virtual BOOLEAN NOT NULL, added_unix_us BIGINT NOT NULL,
    PRIMARY KEY (id));
CREATE TABLE agent (id VARCHAR NOT NULL, school VARCHAR NOT NULL, place TEXT NOT NULL, public_key VARCHAR NOT NULL,
    secret_hash VARCHAR NOT NULL, enrolled_unix_us BIGINT NOT NULL, software TEXT NOT NULL, revoked BOOLEAN NOT NULL,
    last_sequence BIGINT NOT NULL, last_id VARCHAR NOT NULL, last_seen_unix_us BIGINT NOT NULL, PRIMARY KEY (id),
    FOREIGN KEY(school) REFERENCES school (id));
CREATE INDEX ix_agent_school ON agent (school);
CREATE TABLE evidence (id VARCHAR NOT NULL, school VARCHAR NOT NULL, agent VARCHAR NOT NULL, sequence BIGINT NOT NULL,
    probe VARCHAR NOT NULL, scan VARCHAR NOT NULL, envelope BLOB NOT NULL, receipt BLOB NOT NULL,
    received_unix_us BIGINT NOT NULL, PRIMARY KEY (id), UNIQUE (agent, sequence),
    FOREIGN KEY(school) REFERENCES school (id), FOREIGN KEY(agent) REFERENCES agent (id));
CREATE INDEX ix_evidence_school ON evidence (school);
CREATE TABLE raw (evidence VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL, content BLOB,
    PRIMARY KEY (evidence, sha256), FOREIGN KEY(evidence) REFERENCES evidence (id));
INSERT INTO school VALUES ('s', '一中', 0, 1);
INSERT INTO agent VALUES ('a', 's', '', '00', '', 1, '', 0, 1, 'e', 0);
INSERT INTO evidence VALUES ('e', 's', 'a', 1, 'desk', '', X'7B7D', X'01', 7);
INSERT INTO raw VALUES ('e', 'ff', 'x.json', 2, X'0102');
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The directory of a collector of the first release."""
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.executescript(FIRST)
    return tmp_path


def asked(directory: Path, question: str) -> list[tuple[object, ...]]:
    """What the file says."""
    with closing(sqlite3.connect(directory / FILE)) as database:
        return database.execute(question).fetchall()


def test_what_was_held_is_held(old: Path) -> None:
    """Evidence, receipts and raw evidence are the same after the step, byte for byte."""
    store = open_store(old)
    stored, raws = store.ledger.envelope("e"), store.ledger.raws("e")
    store.close()

    assert stored is not None
    assert (stored.agent, stored.envelope, stored.receipt, stored.received_unix_us) == ("a", b"{}", b"\x01", 7)
    assert [raw.content for raw in raws] == [b"\x01\x02"]


@pytest.mark.parametrize("times", [1, 2])
def test_the_new_form(old: Path, times: int) -> None:
    """Afterwards evidence refers to schools only, raw evidence to it, nothing dangles; a second time nothing changes."""
    for _ in range(times):
        opened(old).dispose()
    tables = [row[2] for table in ("evidence", "raw") for row in asked(old, f"PRAGMA foreign_key_list({table})")]

    assert (tables, asked(old, "PRAGMA foreign_key_check"), asked(old, "PRAGMA user_version")) == (
        ["school", "evidence"],
        [],
        [(FORM,)],
    )


def test_as_new_as_a_new_one(old: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An old file ends with the same columns and indexes as one that is made today."""
    new = tmp_path_factory.mktemp("new")
    for directory in (old, new):
        opened(directory).dispose()
    form = "SELECT type, name FROM sqlite_master ORDER BY type, name"
    columns = "PRAGMA table_info(evidence)"

    assert [asked(old, question) for question in (form, columns)] == [
        asked(new, question) for question in (form, columns)
    ]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """The directory of a collector of the second release: evidence of anybody, and no tables of what IPv6 is measured against."""
    opened(tmp_path).dispose()
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.executescript("DROP TABLE names; DROP TABLE target; PRAGMA user_version = 2;")
        database.execute("INSERT INTO school VALUES ('s', '一中', 0, 1)")
        database.execute("INSERT INTO evidence VALUES ('e', 's', 'a', 1, 'desk', '', X'7B7D', X'01', 7)")
        database.commit()
    return tmp_path


def test_from_the_second_form(second: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file of the second release gets the tables that are new, and keeps what it holds."""
    new = tmp_path_factory.mktemp("new")
    for directory in (second, new):
        opened(directory).dispose()
    form = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"

    assert (asked(second, form), asked(second, "PRAGMA user_version")) == (asked(new, form), [(FORM,)])
    assert asked(second, "SELECT id, envelope FROM evidence") == [("e", b"{}")]


def test_a_list_of_an_earlier_release(second: Path) -> None:
    """A school's list that does not speak of routers and sites has none; what is measured against is empty."""
    with closing(sqlite3.connect(second / FILE)) as database:
        database.execute(
            "INSERT INTO declared VALUES ('s', 1, 7, ?)", (b'{"places":[{"path":"a/b","kind":"office"}]}',)
        )
        database.commit()
    store = open_store(second)
    school = store.schools.get("s")
    store.close()

    assert school is not None
    assert [place.path for place in school.places] == ["a/b"]
    assert (school.routers, school.sites, school.names, school.targets, dict(school.vantages)) == ((), (), (), (), {})


def later(file: Path) -> None:
    """Written by a release that is not known here."""
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"PRAGMA user_version = {FORM + 1}")


def no_database(file: Path) -> None:
    """Something else under that name."""
    file.write_bytes(b"no database at all, but as long as a page of one has to be" * 100)


def in_the_way(file: Path) -> None:
    """An old file in which the step cannot be done: its new table's name is taken."""
    with closing(sqlite3.connect(file)) as database:
        database.executescript(FIRST + "CREATE TABLE new_evidence (x);")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (later, f"written by a later release (form {FORM + 1}, this release knows up to {FORM}); use that release"),
        (no_database, "cannot open it: file is not a database; the file is as it was"),
        (in_the_way, "cannot make the tables of this release: table new_evidence already exists"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, damage: Callable[[Path], None], words: str) -> None:
    """A file that cannot be used is refused with its name, the step and what to do, and is as it was."""
    damage(tmp_path / FILE)
    before = asked(tmp_path, "SELECT * FROM evidence") if damage is in_the_way else []
    with pytest.raises(StoreWrong) as caught:
        opened(tmp_path)

    assert str(caught.value).startswith(f"{tmp_path / FILE}: {words}")
    assert damage is not in_the_way or asked(tmp_path, "SELECT * FROM evidence") == before
