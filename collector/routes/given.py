"""What does every route start from? The collector, a bounded body, and who asks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from collector.assembly import Collector
from collector.intake import LARGEST_RAW
from collector.secrets import is_same
from collector.store.rows import Account, AgentRow
from evidence.errors import TooLarge, Unauthenticated
from evidence.seal import LARGEST_ENVELOPE

COOKIE = "campusproof-session"
LARGEST_BODY = LARGEST_RAW + 1024 * 1024  # what does not compress grows a little


def the_collector(request: Request) -> Collector:
    """The collector behind this application."""
    collector: Collector = request.app.state.collector
    return collector


Ours = Annotated[Collector, Depends(the_collector)]


async def bounded_body(request: Request) -> bytes:
    """The body as it came; raises TooLarge as soon as it is more than any kind of it may be."""
    most = LARGEST_BODY if request.method == "PUT" else LARGEST_ENVELOPE
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(f"body: more than {most} octets")
    return bytes(body)


Body = Annotated[bytes, Depends(bounded_body)]


def is_compressed(request: Request) -> bool:
    """Whether the body is one zstd frame."""
    return request.headers.get("content-encoding", "").strip().lower() == "zstd"


Compressed = Annotated[bool, Depends(is_compressed)]


def asking_agent(request: Request, collector: Ours) -> AgentRow:
    """The enrolled agent that asks on the order channel; raises Unauthenticated."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    identity, _, secret = credentials.partition(".")
    agent = collector.store.schools.agent(identity) if scheme.lower() == "bearer" else None
    if agent is None or agent.revoked or not is_same(secret, agent.secret_hash):
        raise Unauthenticated("authorization: expected Bearer AGENT.SECRET of an enrolled agent")
    return agent


Agent = Annotated[AgentRow, Depends(asking_agent)]


def logged_in(request: Request, collector: Ours) -> Account:
    """Who is logged in; raises NotLoggedIn."""
    return collector.front.who(request.cookies.get(COOKIE))


Person = Annotated[Account, Depends(logged_in)]
