"""
May we measure at this server, and what did it sign in the end?

*Method*: `Hello` with the ticket of this very agent, if there are tickets; `Waiting` is shown as progress; `Refused` ends the probe in the
server's own words. In the end the server's observation is opened with the key that it showed at the beginning: its signature and the
session that it names are checked here, so that a server that keeps another record than ours is found out at once.

What it does not prove: whose key it is. The order names the key; the collector knows the server.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.errors import Rejected
from evidence.model import SERVER, Failure, Report, Unmeasurable
from evidence.seal import REPORT, key_id, open_sealed
from evidence.stream import VERSION, Bye, Hello, Refused, Sealed, Waiting, Welcome
from probes import Progress
from probes._egress.settings import Leave
from probes._egress.talk import Talk, Where

LONGEST_WAIT_S = (
    600.0  # in a queue: a slot is never shorter, and agents of one order that come together wait for one another
)
NO_LEAVE = {"busy": Failure.REFUSED, "version": Failure.NOT_SUPPORTED}


@dataclass(frozen=True, slots=True)
class Session:
    """A session that the server has opened."""

    where: Where
    talk: Talk
    welcome: Welcome


def ticket_of(leaves: list[Leave], agent: str, server: str) -> str:
    """The ticket to show, empty where none is needed; raises Unmeasurable where there are tickets and none is this agent's."""
    own = [one.ticket for one in leaves if agent and one.agent == agent]
    if leaves and not own:
        raise Unmeasurable(
            Failure.NOT_PERMITTED, f"{server}: the order has no ticket for this box: ask for a new order"
        )
    return own[0] if own else ""


@contextmanager
def talking(where: Where) -> Iterator[Talk]:
    """A control connection, closed with the block."""
    with closing(where.connect()) as connection:
        yield Talk(where.name, connection)


def open_session(
    where: Where, talk: Talk, ticket: str, server_key: str, path: str, wait_s: float
) -> Iterator[Progress | Session]:
    """
    Wait for our turn, telling progress, and end with the session.

    Raises Unmeasurable where the server refuses, and where our turn has not come after `wait_s`.
    """
    until_s = time.monotonic() + wait_s
    talk.say(Hello(VERSION, ticket))
    while time.monotonic() < until_s:
        match talk.next():
            case Waiting(position=position, wait_us=wait_us):
                yield Progress("queue", position=position, wait_us=wait_us)
            case Welcome() as welcome:
                _check(welcome, where.name, server_key, path)
                yield Session(where, talk, welcome)
                return
            case Refused(code=code, detail=detail):
                words = f"{where.name}: the server refused ({code}): {detail}"
                raise Unmeasurable(NO_LEAVE.get(code, Failure.NOT_PERMITTED), words)
            case other:
                raise unexpected(where.name, other)
    raise Unmeasurable(Failure.TIMED_OUT, f"{where.name}: still in the queue after {wait_s:.0f} s")


def unexpected(name: str, message: object) -> Unmeasurable:
    """What a message out of its place becomes."""
    return Unmeasurable(Failure.UNREADABLE, f"{name}: {type(message).__name__} came out of its place")


def _check(welcome: Welcome, name: str, server_key: str, path: str) -> None:
    """Refuse a server that is not the one ordered, lies behind something else than was ordered, or whose keys are none."""
    if path and welcome.path and welcome.path != path:
        raise Unmeasurable(
            Failure.UNREADABLE, f"{name}: the server lies behind {welcome.path[:16]!r}, ordered is {path!r}"
        )
    if server_key and welcome.server != server_key:
        raise Unmeasurable(
            Failure.UNREADABLE, f"{name}: the server shows the key {welcome.server[:16]}, ordered is {server_key[:16]}"
        )
    for key in (welcome.server, welcome.check):
        if len(octets(key, name)) != 32:
            raise Unmeasurable(Failure.UNREADABLE, f"{name}: a key of the session has not 32 octets")


def octets(spelled: str, name: str) -> bytes:
    """Octets out of hex; raises Unmeasurable."""
    try:
        return bytes.fromhex(spelled)
    except ValueError as wrong:
        raise Unmeasurable(Failure.UNREADABLE, f"{name}: a key of the session is not hex") from wrong


# --- The end ----------------------------------------------------------------------------------------------------------


def observation(session: Session) -> str:
    """What the server signed of this session, as it came; empty from a server that is open to all. Raises Unmeasurable."""
    session.talk.say(Bye())
    match session.talk.next():
        case Sealed(envelope=envelope):
            return envelope
        case other:
            raise unexpected(session.where.name, other)


def fault_of(envelope: str, welcome: Welcome) -> str:
    """What is wrong with a server's observation, in words; empty where it is signed by the server and names the session."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(welcome.server))
        opened = open_sealed(envelope.encode(), lambda wanted: key if wanted == key_id(key) else None)
        report = opened.body(REPORT, Report)
    except (Rejected, ValueError) as wrong:
        return f"the server's observation does not hold: {wrong}"
    if (report.session, report.probe) != (welcome.session, SERVER):
        return f"the server's observation names the session {report.session[:64]!r} of the probe {report.probe[:64]!r}"
    return ""
