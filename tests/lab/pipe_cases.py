"""
What limits a run, in twenty cases where the lab knows?

A case is a pipe, what else goes on meanwhile, and what may be said of each direction. Used by the tests (a few) and by `bench/egress.py`
(all).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.pipe import Pipe, Shape
from tests.lab.pipe_ends import DISTURBED, Ran, measure, place, speed_server, witness
from tests.lab.pipe_plan import Direction

M, G = 1_000_000, 1_000_000_000
LONGEST_S = 6
DIRECTIONS: tuple[Direction, ...] = ("down", "up")


@dataclass(frozen=True, slots=True)
class Case:
    """One script; `limits` are the states that are right for each direction that is run."""

    name: str
    shape: Shape
    limits: Mapping[Direction, tuple[str, ...]]
    hogs: int = 0
    cross_bit_s: int = 0
    witnessed: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def direction(self) -> str:
        """The probe's setting."""
        return "both" if len(self.limits) == len(DIRECTIONS) else next(iter(self.limits))


def both(*states: str) -> dict[Direction, tuple[str, ...]]:
    """The same states for both directions."""
    return dict.fromkeys(DIRECTIONS, states)


SMALL_WINDOW = 64 * 1024  # octets: 26 Mbit/s a stream at 20 ms
FAR = 10_000  # microseconds one way
CASES = (
    Case("line of 600M", Shape(600 * M, 600 * M), both("network")),
    Case("line of 200M, RTT 20 ms", Shape(200 * M, 200 * M, one_way_us=FAR), both("network")),
    Case(
        "slow receivers, RTT 20 ms",
        Shape(one_way_us=FAR, windows=(("agent", SMALL_WINDOW, 0), ("server", SMALL_WINDOW, 0))),
        {"down": ("receiver",), "up": ("receiver", "server")},
    ),
    Case(
        "slow sender at the server, RTT 20 ms",
        Shape(one_way_us=FAR, windows=(("server", 0, SMALL_WINDOW),)),
        {"down": ("server",)},
    ),
    Case("the server's own port of 200M, a second server", Shape(server_bit_s=200 * M, second=True), {"down": ("server",)}),
    Case("six busy loops, line of 10G", Shape(10 * G, 10 * G), both("cpu"), hogs=6),
    Case("200M of others on 1G", Shape(neighbour=True, per_packet=True), both("other_traffic"), 0, 200 * M, True),
    Case("500M of others on 1G", Shape(neighbour=True, per_packet=True), both("other_traffic"), 0, 500 * M, True),
    Case("port of 100M, line of 1G", Shape(port_mbit_s=100), both("port"), settings={"virtual_ports": True}),
    Case("policer of 200M", Shape(200 * M, 200 * M, policed=True), both("network")),
    Case("line of 300M, MTU 1280", Shape(300 * M, 300 * M, mtu=1280), both("network")),
)  # fmt: skip


def count() -> int:
    """How many directions of all cases are run."""
    return sum(len(case.limits) for case in CASES)


def run(case: Case, directory: Path) -> Ran:
    """Play one case with the real server and the real probe."""
    with Pipe(directory, case.shape) as pipe, ExitStack() as meanwhile:
        speed_server(pipe)
        settings = dict(case.settings) | {"direction": case.direction, "max_s": LONGEST_S}
        if case.shape.second:
            speed_server(pipe, on="second")
            settings["second"] = {"server": place(pipe, on="second")}
        if case.witnessed:
            settings["switches"] = witness(pipe)
        if case.cross_bit_s:
            for direction in case.limits:
                meanwhile.enter_context(pipe.cross_traffic(direction, case.cross_bit_s))
        meanwhile.enter_context(pipe.hogs(case.hogs))
        return _once_more(case, pipe, settings)


def _once_more(case: Case, pipe: Pipe, settings: dict[str, Any]) -> Ran:
    """Measure, and again where what is named, wrongly, is that this machine was too busy with something else."""
    ran = measure(pipe, **settings)
    named = {ran.limited_by(way) for way, right in case.limits.items() if ran.limited_by(way) not in right}
    return measure(pipe, **settings) if named & set(DISTURBED) else ran


def wrong(case: Case, ran: Ran) -> list[str]:
    """The directions in which the run named something else, in words."""
    named = {direction: ran.limited_by(direction) for direction in case.limits}
    return [f"{case.name}, {way}: {said}" for way, said in named.items() if said not in case.limits[way]]
