"""What is ordered of an agent, and how far is it? The one channel on which orders travel."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from collector.people import NoSuchThing
from collector.routes.given import Agent, Body, Ours
from evidence.errors import Malformed
from evidence.scan import STATES, Progress

router = APIRouter(prefix="/v1/scans")
LONGEST_WAIT_S = 300


@router.get("")
async def orders(
    agent: Agent,
    collector: Ours,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    wait_s: Annotated[int, Query(ge=0, le=LONGEST_WAIT_S)] = 50,
) -> dict[str, object]:
    """Sealed orders and cancellations after a cursor; waits up to `wait_s` seconds for the first."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    await asyncio.to_thread(collector.store.schools.seen, agent.id, collector.now_us())
    await asyncio.to_thread(collector.draws.settle, agent.school)
    while True:
        found = await asyncio.to_thread(collector.store.orders.after, agent.id, after, collector.now_us())
        left_s = until - loop.time()
        if found or left_s <= 0:
            entries = [{"cursor": entry.cursor, "envelope": entry.envelope.decode()} for entry in found]
            return {"now_unix_us": collector.now_us(), "entries": entries}
        await collector.dispatch.wake.wait(left_s)


@router.post("/{scan}/progress", status_code=204)
def progress(scan: str, agent: Agent, body: Body, collector: Ours) -> Response:
    """How far an agent is with one probe of an order."""
    said = _said(body)
    order = collector.store.orders.get(scan)
    if order is None or agent.id not in order.scan.agents or order.scan.settings_of(said.probe) is None:
        raise NoSuchThing(f"order {scan[:64]}")
    collector.store.orders.progress(scan, agent.id, said, collector.now_us())
    return Response(status_code=204)


def _said(body: bytes) -> Progress:
    """The body as a Progress; raises Malformed naming what is wrong."""
    try:
        said = msgspec.json.decode(body, type=Progress)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise Malformed(f"progress: {wrong}") from wrong
    if said.state not in STATES or len(said.detail) > 500:
        raise Malformed(f"progress: state is one of {', '.join(STATES)}; detail has at most 500 characters")
    return said
