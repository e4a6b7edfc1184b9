"""Is a transaction of the collector's database all or nothing, whatever ends it?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from collector.store.engine import opened, reading, writing


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with a table of numbers."""
    engine = opened(tmp_path)
    with writing(engine) as database:
        database.exec_driver_sql("CREATE TABLE number (value INTEGER)")
    yield engine
    engine.dispose()


def numbers(engine: Engine) -> list[int]:
    """What another reader sees."""
    with reading(engine) as database:
        return list(database.exec_driver_sql("SELECT value FROM number").scalars())


def breaking_off(engine: Engine, why: type[BaseException]) -> None:
    """Write a number, and do not come to the end."""
    with writing(engine) as database:
        database.exec_driver_sql("INSERT INTO number VALUES (1)")
        raise why


@pytest.mark.parametrize("why", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_what_was_begun_and_not_ended(engine: Engine, why: type[BaseException]) -> None:
    """An exception on the way leaves nothing behind, and the next writer gets the lock."""
    with pytest.raises(why):
        breaking_off(engine, why)

    with writing(engine) as database:
        database.exec_driver_sql("INSERT INTO number VALUES (2)")
    assert numbers(engine) == [2]


def test_a_view_does_not_change(engine: Engine) -> None:
    """What is written during a reading is seen by the next one only."""
    with reading(engine) as before:
        before.exec_driver_sql("SELECT value FROM number").all()
        with writing(engine) as database:
            database.exec_driver_sql("INSERT INTO number VALUES (3)")
        assert before.exec_driver_sql("SELECT value FROM number").all() == []

    assert numbers(engine) == [3]
