"""Do the facts of a port say what the switch told, in the units that they name?"""

from __future__ import annotations

import pytest

from evidence import quantities as q
from probes._switch.told import port_readings
from tests.probes.switch.drawn import GIGABIT, group


@pytest.mark.parametrize(
    ("told", "fact"),
    [
        pytest.param((2000, None), 2 * GIGABIT, id="Mbit/s"),
        pytest.param((2 * 10**9, None), 2 * GIGABIT, id="bit/s in ifHighSpeed"),
        pytest.param((0, 2 * 10**9), 2 * GIGABIT, id="ifSpeed alone"),
        pytest.param((1234, None), None, id="no sum of rates"),
        pytest.param((0, None), None, id="nothing"),
    ],
)
def test_what_an_aggregate_tells_of_itself(told: tuple[int | None, int | None], fact: int | None) -> None:
    """It stands beside the sum as the rate that it was compared with, in bit/s; what is no rate is no fact."""
    (found,) = (
        one
        for one in port_readings("x", [group(9, "Po1", (1, 2), GIGABIT, told=told)])
        if one.quantity == q.PORT_SPEED.name
    )

    assert found.facts.get("told_bit_s") == fact
