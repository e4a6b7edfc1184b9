"""
Do several small boxes together see what the port to the outside counts?

Four agents behind ports of 250 Mbit/s start with skews on a line of 1 Gbit/s; the sum of what they found, as Ethernet counts, is held
against the counters of the line's port over the same window, read from the kernel, and those of the router by SNMP, a second late.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from bench.snmp import Line
from evidence.stream import Direction
from tests.lab.pipe import Pipe, Shape
from tests.lab.pipe_ends import Ran, witness
from tests.lab.pipe_tickets import Office, counted_bit_s, group, summed_l2_bit_s

SKEWS = ((0.0, 0.0, 0.0, 0.0), (0.0, 0.4, 0.4, 0.4), (0.0, 0.4, 0.8, 1.2))
FOUR_SMALL = Shape(agents=4, port_bit_s=250_000_000, per_packet=True)


def measure(line: Line) -> None:
    """One line a skew."""
    with tempfile.TemporaryDirectory() as folder, Pipe(Path(folder), FOUR_SMALL) as pipe:
        office = Office(pipe)
        office.serve()
        switches = witness(pipe)
        for skews_s in SKEWS:
            with pipe.watched("isp", "lan0/statistics/tx_bytes") as log:
                members = group(office, Direction.DOWN, skews_s, switches=switches, max_s=8)
            found = summed_l2_bit_s(members, "down")
            counted, told = counted_bit_s(log, members), _told(members)
            what = f"4 agents x 250M on a line of 1G, begun within {max(skews_s)} s"
            apart = f"{_percent(found, counted)} of the port's counters, by SNMP {told}"
            line(what, f"{found / 1e6:.0f} Mbit/s", apart, "<= 3 % apart")


def _told(members: list[Ran]) -> str:
    """What the members' own witnesses say of the port, where its counters were of known moments."""
    told = [int(line["value"]) for one in members for line in one.answer.of("egress.wan_down", "down")]
    return f"{median(told) / 1e6:.0f} ({len(told)} of {len(members)})" if told else "not told"


def _percent(found: int, counted: int) -> str:
    """How far apart."""
    return f"{(found / counted - 1) * 100:+.2f} %"
