"""
What is left of a measurement that is cut?

The real server is killed, or the line is unplugged, while the real probe measures. Needs root.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.lab.fixtures import PipeMaker
from tests.lab.pipe import Pipe, Shape
from tests.lab.pipe_ends import Ran, flowed, place, speed_server, start

pytestmark = [pytest.mark.alone, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(120)]

ENOUGH = 200_000_000
"""Octets through the line: some two seconds of a gigabit."""


def kept(ran: Ran, direction: str) -> int:
    """The lower bound that was kept of a cut run; what it must not have is an upper one."""
    (reading,) = ran.answer.of(f"egress.{direction}_ip")
    assert "at_most" not in reading
    return int(reading["at_least"])


def cut_by_kill(pipe: Pipe) -> None:
    """The server's process is killed."""
    pipe.node("server").stop("speed-server", signal.SIGKILL)


@pytest.mark.parametrize("cut", [cut_by_kill, Pipe.cut], ids=["server killed", "line unplugged"])
def test_a_cut_run_keeps_what_was_proved(a_pipe: PipeMaker, cut: Callable[[Pipe], None]) -> None:
    """The report says so, a lower bound stays, and the probe ends by itself within seconds."""
    pipe = a_pipe(Shape())
    speed_server(pipe)
    running = start(pipe, {"server": place(pipe), "direction": "down"})
    flowed(pipe, "down", ENOUGH)

    cut_s = time.monotonic()
    cut(pipe)
    ran = running.end(40)

    assert ran.answer.end.get("failure") is not None, ran.told()
    assert kept(ran, "down") > 100_000_000, ran.told()
    assert time.monotonic() - cut_s < 20
