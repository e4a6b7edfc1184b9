"""
At which address does each listed switch answer, and which of its rows are the listed ports?

What every reader of port counters does first, and how one tells what was lost. Nothing here is read twice: the counters are in
`counters`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from evidence.model import Failure, Unmeasurable
from probes._resolve import resolve
from probes._snmp.exchange import Backend, Target
from probes._stimulus.counters import Lost, find
from probes._stimulus.settings import Watched

NAMES_DEADLINE_S = 45.0

Losses = Sequence[tuple[str, Lost]]


@dataclass(slots=True)
class End:
    """One listed switch in this run: where it answers and its rows, or why it gives none."""

    switch: Watched
    target: Target | None = None
    rows: dict[str, int | Lost] = field(default_factory=dict)
    lost: Lost | None = None

    @property
    def indexes(self) -> list[int]:
        """The rows to read."""
        return [row for row in self.rows.values() if isinstance(row, int)]

    @property
    def ports(self) -> dict[str, int]:
        """The rows to read, by `host:port/ifName`."""
        return {f"{self.switch.subject}/{port}": row for port, row in self.rows.items() if isinstance(row, int)}

    def unknown(self) -> Iterator[tuple[str, Lost]]:
        """The ports that cannot be read, as readings name them."""
        for port in self.switch.ports:
            row = self.lost or self.rows[port]
            if isinstance(row, Lost):
                yield f"{self.switch.subject}/{port}", row


async def found(switches: Iterable[Watched], opens: Backend, timeout_s: float, retries: int) -> list[End]:
    """Every switch with the rows of its ports, all asked at once."""
    return list(await asyncio.gather(*(found_one(switch, opens, timeout_s, retries) for switch in switches)))


async def found_one(switch: Watched, opens: Backend, timeout_s: float, retries: int) -> End:
    """One switch, over the first of its addresses that answers."""
    if switch.no_secret:
        return End(switch, lost=Lost(Failure.NOT_PERMITTED, "no SNMP secret in this box's config.toml"))
    name = await asyncio.to_thread(resolve, switch.host, timeout_s)
    lost = Lost(Failure.NAME_NOT_FOUND, "; ".join(name.notes))
    deadline_s = time.monotonic() + NAMES_DEADLINE_S
    for address in name.addresses:
        target = Target(str(address), switch.port, timeout_s, retries)
        try:
            async with opens(target, switch.credentials) as exchange:
                return End(switch, target, await find(exchange, switch.ports, deadline_s))
        except Unmeasurable as why:
            lost = Lost(why.failure, why.detail)
    return End(switch, lost=lost)


def told_of(losses: Losses) -> Unmeasurable:
    """How a run ends that has lost something: with the first loss, and how many there are more."""
    where, lost = losses[0]
    more = f"; and {len(losses) - 1} more" if losses[1:] else ""
    return Unmeasurable(lost.failure, f"{where}: {lost.detail}{more}")
