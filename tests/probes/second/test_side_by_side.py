"""Do both tools come near a line whose rate is known, and how far off may each be?"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.lab.fixtures import PipeMaker
from tests.lab.node import Node
from tests.lab.pipe import Shape
from tests.probes.face import ROOT
from tests.probes.spaces import until

pytestmark = pytest.mark.alone

LINE_BIT_S = 100_000_000
PAYLOAD = 1448 / 1514  # of what the shaper counts: frames without their check sequence, TCP over IPv4 with timestamps
MINI_PORT, IPERF3_PORT = 8080, 5201
SERVE = f"""
import socket, threading
from collector.speed import mini
mini.run([socket.create_server(("0.0.0.0", {MINI_PORT}))], threading.Event())
"""


def ask(agent: Node, tool: str, server: str) -> dict[str, float]:
    """What a tool makes of both directions, as a part of the line's true payload rate."""
    settings = json.dumps({"tool": tool, "server": server, "duration_s": 2, "saturating": True})
    inside = f"cd {ROOT} && exec {sys.executable} -m probes second_opinion"
    lines: list[dict[str, Any]] = [
        json.loads(line) for line in agent.run(["sh", "-c", inside], stdin=settings).stdout.splitlines()
    ]
    return {one["quantity"]: one["value"] / (LINE_BIT_S * PAYLOAD) for one in lines if "quantity" in one}


@pytest.mark.lab
def test_side_by_side(a_pipe: PipeMaker) -> None:
    """On a line of 100 Mbit/s iperf3 is within 2 %, and speedtest-cli within 20 %: it counts the start, and what it has not yet sent."""
    pipe = a_pipe(Shape(down_bit_s=LINE_BIT_S, up_bit_s=LINE_BIT_S))
    server = pipe.node("server")
    server.spawn("iperf3", ["iperf3", "-s"])
    server.spawn("mini", ["sh", "-c", f"cd {ROOT} && exec {sys.executable} -c '{SERVE}'"])
    for port in (MINI_PORT, IPERF3_PORT):
        until(_listens(server, port), f"port {port}")
    found = {
        tool: ask(pipe.node("agent"), tool, f"{pipe.server(4)}:{port}")
        for tool, port in (("iperf3", IPERF3_PORT), ("speedtest-cli", MINI_PORT))
    }

    both = dict.fromkeys(("second.down", "second.up"))
    assert found == {
        "iperf3": {name: pytest.approx(1, abs=0.02) for name in both},
        "speedtest-cli": {name: pytest.approx(1, abs=0.2) for name in both},
    }


def _listens(machine: Node, port: int) -> Callable[[], bool]:
    """Whether a machine listens on a TCP port."""
    return lambda: bool(machine.run(["ss", "-Hltn", f"sport = :{port}"]).stdout.strip())
