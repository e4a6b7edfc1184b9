"""
Is a pipe of the lab what it says it is, and does nothing of it stay behind?

These tests prove the instrument, not the product: iperf3 and ping against what was asked for. Needs root.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from evidence.layers import Segments
from tests.lab.fixtures import PipeMaker, require_lab
from tests.lab.pipe import Pipe, Shape
from tests.lab.pipe_cases import M
from tests.lab.pipe_plan import Direction
from tests.test_lab import living

pytestmark = [pytest.mark.alone, pytest.mark.lab, pytest.mark.timeout(60)]

FAR = Shape(300 * M, 300 * M, one_way_us=10_000)


def iperf3(pipe: Pipe, direction: Direction) -> int:
    """The rate at the IP layer that iperf3 sees for two seconds."""
    node, server = pipe.node("agent"), pipe.server(4)
    words = ["iperf3", "-c", server, "-t", "2", "-O", "1", "-P", "4", "-J", *(["-R"] if direction == "down" else [])]
    end = json.loads(node.run(words, check=True).stdout)["end"]
    return Segments(1448, 4).ip(int(end["sum_received"]["bits_per_second"]))


def test_a_line_carries_its_rate(a_pipe: PipeMaker) -> None:
    """What iperf3 sees of a line of 300 Mbit/s with a round trip of 20 ms is within 1 % of what the shape says."""
    pipe = a_pipe(FAR)
    pipe.node("server").spawn("iperf3", ["iperf3", "--server"])

    assert iperf3(pipe, "down") == pytest.approx(pipe.shape.ip_bit_s("down"), rel=0.01)


def test_a_round_trip_takes_as_long_as_asked(a_pipe: PipeMaker) -> None:
    """A delay of 10 ms one way makes a round trip of 20 ms, give or take the machine's own time."""
    pipe = a_pipe(FAR)

    answer = pipe.node("agent").run(["ping", "-c5", "-i0.2", "-q", pipe.server(4)], check=True).stdout

    assert 20 <= float(answer.rpartition(" = ")[2].split("/")[0]) < 25, answer


def test_cross_traffic_comes_at_its_rate(a_pipe: PipeMaker) -> None:
    """Others' 50 Mbit/s of payload pass the port to the outside, each datagram in its frame."""
    pipe = a_pipe(Shape(neighbour=True, per_packet=True))
    read = ["cat", "/sys/class/net/wan0/statistics/rx_bytes"]
    with pipe.cross_traffic("down", 50 * M):
        pipe.node("agent").run(["sleep", "1"])
        first = int(pipe.node("router").run(read, check=True).stdout)
        pipe.node("agent").run(["sleep", "2"])
        rate = (int(pipe.node("router").run(read, check=True).stdout) - first) * 8 / 2

    assert rate == pytest.approx(50 * M * 1514 / 1472, rel=0.05)


def test_a_pipe_leaves_nothing(tmp_path: Path) -> None:
    """No process of its machines and no tap of its delay line is left."""
    require_lab()
    before = set(os.listdir("/sys/class/net"))
    with Pipe(tmp_path, FAR) as pipe:
        networks = {node.network for node in pipe.nodes.values()}

    assert (living(networks), set(os.listdir("/sys/class/net"))) == ([], before)
