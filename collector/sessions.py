"""
Which sessions did an order of the probe `egress` ask for, of whom and at which server?

The settings of an order hold one ticket for each agent at the first server and, where there is a second one, at that too. They come
from the collector's own books: what a report says is compared with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.model import Settings

PROBE = "egress"


@dataclass(frozen=True, slots=True)
class Ordered:
    """One ticket of an order: whose it is, the session that it opens, its sealed text, and the server's public key (hex)."""

    agent: str
    session: str
    ticket: str
    server_key: str


def ordered_sessions(settings: Settings) -> tuple[Ordered, ...]:
    """All tickets of an order, those at the first server first; none where the server is open to all."""
    return tuple(_at(settings)) + tuple(_at(settings.get("second") or {}))


def own_session(settings: Settings, agent: str) -> Ordered | None:
    """An agent's ticket at the first server."""
    return next((one for one in _at(settings) if one.agent == agent), None)


def second_session(settings: Settings, agent: str) -> Ordered | None:
    """An agent's ticket at the second server."""
    return own_session(settings.get("second") or {}, agent)


def session_named(settings: Settings, session: str) -> Ordered | None:
    """The ticket that opens a session."""
    return next((one for one in ordered_sessions(settings) if one.session == session), None)


def _at(entry: Settings) -> Iterator[Ordered]:
    """The tickets of one server of an order."""
    for one in entry.get("tickets", []):
        yield Ordered(str(one["agent"]), str(one["session"]), str(one["ticket"]), str(entry.get("server_key", "")))
