"""
What does the collector keep?

`Store` is all that the rest of the collector knows of a database: eight rooms, each with short transactions of its own.
Evidence is appended and never changed, and its receipt is given out only after the transaction is on the disk. SQLite is the
default; a cluster comes behind the same rooms.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from collector.store.engine import opened
from collector.store.ledger import Ledger
from collector.store.names import Outside
from collector.store.orders import Orders
from collector.store.people import People
from collector.store.schools import Schools
from collector.store.servers import Servers
from collector.store.surveys import Surveys

__all__ = ["Ledger", "Orders", "Outside", "People", "Schools", "Servers", "Store", "Surveys", "open_store"]


@dataclass(frozen=True, slots=True)
class Store:
    """The collector's memory."""

    engine: Engine
    schools: Schools
    ledger: Ledger
    orders: Orders
    people: People
    servers: Servers
    outside: Outside
    surveys: Surveys

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(directory: Path) -> Store:
    """The store in `directory`, made if it is not there."""
    engine = opened(directory)
    return Store(
        engine,
        Schools(engine),
        Ledger(engine),
        Orders(engine),
        People(engine),
        Servers(engine),
        Outside(engine),
        Surveys(engine),
    )
