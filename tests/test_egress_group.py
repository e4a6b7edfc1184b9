"""
Do several small boxes together see what the port to the outside counts?

Four agents behind ports of 250 Mbit/s, the real server with tickets of one group, the counters of both ends of the line. Needs root.
"""

from __future__ import annotations

import pytest

from evidence.stream import Direction
from tests.lab.fixtures import PipeMaker
from tests.lab.pipe import Shape
from tests.lab.pipe_ends import witness
from tests.lab.pipe_tickets import Office, counted_bit_s, group, summed_l2_bit_s

pytestmark = [pytest.mark.alone, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(120)]


def test_four_agents_that_begin_apart_see_what_the_port_counts(a_pipe: PipeMaker) -> None:
    """Begun within 1.2 s, their sum over the common window is within 3 % of what the line's port counted in it."""
    pipe = a_pipe(Shape(agents=4, port_bit_s=250_000_000, per_packet=True))
    office = Office(pipe)
    office.serve()

    with pipe.watched("isp", "lan0/statistics/tx_bytes") as log:
        members = group(office, Direction.DOWN, (0.0, 0.4, 0.8, 1.2), switches=witness(pipe))

    found, counted = summed_l2_bit_s(members, "down"), counted_bit_s(log, members)
    assert found == pytest.approx(counted, rel=0.03), "\n".join(one.told() for one in members)
