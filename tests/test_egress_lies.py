"""
What is a liar credited?

The clients of `tests/attacks` on the agent's machine of a pipe, against the real server. Needs root.
"""

from __future__ import annotations

import pytest

from tests.attacks.inside import hoarded, optimistic, replayed
from tests.lab.fixtures import PipeMaker
from tests.lab.pipe import Shape
from tests.lab.pipe_cases import M
from tests.lab.pipe_ends import speed_server

pytestmark = [pytest.mark.alone, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(120)]

AHEAD = 1_000_000
NARROW = Shape(20 * M, 20 * M)


@pytest.mark.parametrize("guess", [False, True], ids=["and sends the tags that it knows", "and makes tags up"])
def test_acknowledging_what_never_came_brings_nothing(a_pipe: PipeMaker, guess: bool) -> None:
    """The sender's kernel believes the acknowledgements; less than 2 % of what they claim is credited."""
    pipe = a_pipe(NARROW)
    speed_server(pipe)

    # How far the sender's kernel goes along depends on the moment: a lie that it did not believe is told again.
    for _ in range(3):
        told = optimistic(pipe, AHEAD, guess)
        claimed, credited = told["kernel_acked_bit_s"], told["mean_bit_s"]
        if claimed > 2 * NARROW.down_bit_s:
            break

    assert claimed > 2 * NARROW.down_bit_s, f"the attack did not work: {told}"
    assert credited < 0.02 * claimed, told


def test_tags_of_an_earlier_run_bring_nothing(a_pipe: PipeMaker) -> None:
    """The content of every stream is another: what was right once is wrong now."""
    pipe = a_pipe(NARROW)
    speed_server(pipe)

    honest, again = replayed(pipe)

    assert honest["mean_bit_s"] > 0.9 * NARROW.ip_bit_s("down"), honest
    assert (again["mean_bit_s"], again["octets"]) == (0, 0), again


def test_tags_let_go_in_bursts_bring_no_more_than_came(a_pipe: PipeMaker) -> None:
    """Whoever keeps tags back for most of two seconds is credited at most what the line carried."""
    pipe = a_pipe(NARROW)
    speed_server(pipe)

    told = hoarded(pipe, 1.8)

    assert 0 < told["mean_bit_s"] <= NARROW.ip_bit_s("down"), told
