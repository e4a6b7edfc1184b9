"""What are liars credited, beside what they claim? The clients of `tests/attacks`, behind a line of 20 Mbit/s."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.snmp import Line
from tests.attacks.inside import hoarded, optimistic, replayed
from tests.lab.pipe import Pipe, Shape
from tests.lab.pipe_ends import speed_server

AHEAD = {"250 KB": 250_000, "1 MB": 1_000_000}
"""Less than the queue of the line holds is no lie: it arrives."""


def measure(line: Line) -> None:
    """One line a guess, and the replay."""
    with tempfile.TemporaryDirectory() as folder, Pipe(Path(folder), Shape(20_000_000, 20_000_000)) as pipe:
        speed_server(pipe)
        for name, ahead in AHEAD.items():
            told = optimistic(pipe, ahead)
            share = told["mean_bit_s"] / told["kernel_acked_bit_s"]
            peer = f"kernel of the sender {told['kernel_acked_bit_s'] / 1e6:.1f} Mbit/s, arrived {told['arrived_bit_s'] / 1e6:.1f}"
            line(
                f"acknowledging {name} ahead, line of 20M: credited", f"{share * 100:.2f} % of the claim", peer, "< 2 %"
            )
        honest, again = replayed(pipe)
        line(
            "tags of an earlier run again: credited",
            f"{again['mean_bit_s']} bit/s",
            f"the honest run {honest['mean_bit_s'] / 1e6:.1f} Mbit/s",
            "0",
        )
        burst = hoarded(pipe, 1.8)
        line(
            "tags kept back for 1.8 s: credited",
            f"{burst['mean_bit_s'] / 1e6:.1f} Mbit/s",
            f"late tags: {burst['late_tags']}",
            "<= 20",
        )
