"""
How do many connects over one family, or over several side by side, come out?

*Method*: the connects to all addresses begin at the same moments, one group every 30 ms, so that whatever disturbs the line meets all
families alike and a lost packet of one delays no other. A connect is clean that stood at the first SYN.

What it does not prove: where a packet was lost.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from evidence.model import Facts
from probes._literal import Address, Connect, connect

BETWEEN_S = 0.03


def series(
    families: Sequence[Address], port: int, tries: int, wait_s: float, interface: str
) -> list[tuple[Connect, ...]]:
    """So many connects to each address, all addresses at the same moments; a lost packet of one try delays no other."""
    with ThreadPoolExecutor(len(families) * tries) as pool:
        begun = []
        for _ in range(tries):
            begun.append([pool.submit(connect, to, port, wait_s, interface) for to in families])
            time.sleep(BETWEEN_S)
        done = [[one.result() for one in side_by_side] for side_by_side in begun]
    return list(zip(*done, strict=True))


def told(family: int, connects: Sequence[Connect]) -> Facts:
    """How many were accepted, and at the first SYN, and the median time where there is one."""
    accepted, clean = sum(one.accepted for one in connects), sum(one.clean for one in connects)
    facts: Facts = {f"v{family}_accepted": accepted, f"v{family}_clean": clean}
    us = median_us(connects)
    return facts if us is None else facts | {f"v{family}_us": us}


def median_us(connects: Sequence[Connect]) -> int | None:
    """The median time of those that were accepted."""
    times = [one.us for one in connects if one.us is not None]
    return round(median(times)) if times else None
