"""
What does it cost to read switches with one of our backends? Run as a child, so that nobody else's time is counted.

`python -m bench.snmp_clients '{"backend": "own", "v3": false, "agents": 1, "port": 16100, "how": "tables"}'` prints one JSON
object: rows, failures, processor seconds, seconds, and the largest memory in MB.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from typing import Any

from bench.snmp_agents import COMMUNITY, IF_ENTRY, IF_X_ENTRY, USER, address
from evidence.model import Unmeasurable
from probes._snmp.backends import Name, backend
from probes._snmp.exchange import Backend, Community, Credentials, Oid, Target
from probes._snmp.pace import Pace
from probes._snmp.walk import Walk, Walker

TIMEOUT_S, RETRIES = 2.0, 3
TABLES: tuple[Oid, ...] = (IF_ENTRY, IF_X_ENTRY)
COLUMNS: tuple[Oid, ...] = tuple((*IF_ENTRY, column) for column in range(1, 23)) + tuple(
    (*IF_X_ENTRY, column) for column in range(1, 20)
)
TWO: tuple[Oid, ...] = ((*IF_ENTRY, 2), (*IF_X_ENTRY, 6))


async def _one(open_exchange: Backend, credentials: Credentials, order: dict[str, Any], number: int) -> list[Walk]:
    """Read one switch."""
    target = Target(address(number), order["port"], TIMEOUT_S, RETRIES)
    async with open_exchange(target, credentials) as exchange:
        walker = Walker(exchange, time.monotonic() + 120)
        if order["how"] == "together":
            return await walker.walk_together(COLUMNS)
        return [await walker.walk(part) for part in (TWO if order["how"] == "two" else TABLES)]


async def _all(order: dict[str, Any]) -> tuple[int, int]:
    """Read all switches at once; rows, and how many were not read whole."""
    open_exchange = backend(Name(order["backend"]), Pace() if order.get("paced") else None)
    credentials: Credentials = USER if order["v3"] else Community(COMMUNITY.decode())
    found = await asyncio.gather(
        *(_one(open_exchange, credentials, order, number) for number in range(order["agents"])), return_exceptions=True
    )
    whole = [walks for walks in found if not isinstance(walks, BaseException) and all(walk.complete for walk in walks)]
    bugs = [one for one in found if isinstance(one, BaseException) and not isinstance(one, Unmeasurable)]
    assert not bugs, bugs
    return sum(len(walk.rows) for walks in whole for walk in walks), len(found) - len(whole)


def main(order: dict[str, Any]) -> None:
    """Read, and print what it cost; imports and the hashing of passphrases are not counted, as each run does them once."""
    asyncio.run(_all(order | {"agents": 1, "how": "two"}))
    used, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    rows, failed = asyncio.run(_all(order))
    seconds, now = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    print(json.dumps({"rows": rows, "failed": failed, "cpu_s": cpu_s, "s": seconds, "rss_mb": now.ru_maxrss / 1024}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
