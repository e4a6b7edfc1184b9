"""
How did an egress run go, second by second, as a person at the terminal sees it?

*Method*: the bins of the raw evidence `egress.json`, drawn by plotext as text without colours: this box's own count of a download as `v`, of
an upload as `^`, one after the other as they were measured, and as `.` what the server counted where that lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from math import floor, log10

import msgspec
from rich.text import Text

from agent.speech import Speech
from evidence.model import Raw
from evidence.stream import BIN_US, Direction

RAW = "egress.json"
ROWS = 12
NARROWEST, WIDEST = 30, 100  # columns: below, nothing can be told apart; above, bins lie far from each other
MARKS, SERVER_MARK = {Direction.DOWN: "v", Direction.UP: "^"}, "."
BITS, SECOND_US = 8, 1_000_000
HEADROOM = 1.05
PAUSE_BINS = 5  # between two runs in the picture
TICKS_X, TICKS_Y = 8, 5


class Run(msgspec.Struct, frozen=True):
    """One run of the raw evidence: its direction, and octets in each bin of 100 ms as this box and as the server counted them."""

    direction: Direction
    own_octets: tuple[int, ...]
    server_octets: tuple[int, ...]

    @property
    def bins(self) -> int:
        """How many bins there are to draw."""
        return max(len(self.own_octets), len(self.server_octets))


class _Side(msgspec.Struct, frozen=True):
    """One server of the raw evidence."""

    runs: tuple[Run, ...]


class _Evidence(msgspec.Struct, frozen=True):
    """What a picture takes of the raw evidence."""

    servers: tuple[_Side, ...]


def runs_of(raws: Iterable[Raw]) -> list[Run]:
    """The runs at the ordered server, in their order; none where there is no raw evidence, or one of a later form."""
    found = next((raw for raw in raws if raw.name == RAW), None)
    if found is None:
        return []
    try:
        servers = msgspec.json.decode(found.content, type=_Evidence).servers
    except msgspec.DecodeError:
        return []
    return [run for side in servers[:1] for run in side.runs if any(run.own_octets) or any(run.server_octets)]


def plot_of(runs: list[Run], width: int, speech: Speech) -> Text | None:
    """The picture, at most 15 rows, with a line above that says what is what; None where there is nothing to draw or no room."""
    if not runs or width < NARROWEST:
        return None
    names = {Direction.DOWN: speech.say("download"), Direction.UP: speech.say("upload")}
    server = speech.say("counted by the server")
    marks = [f"{MARKS[run.direction]} {names[run.direction]}" for run in runs] + [f"{SERVER_MARK} {server}"]
    text = Text(speech.say("Mbit/s over seconds: {legend}", legend="  ".join(marks)), style="dim")
    return text.append("\n").append(_drawn(runs, min(width, WIDEST)), style="not dim")


def _drawn(runs: list[Run], width: int) -> str:
    """The picture as plain text."""
    import plotext  # type: ignore[import-untyped]  # the library ships no types; heavy, and needed by a run that is shown

    starts = [0, *accumulate(run.bins + PAUSE_BINS for run in runs)]
    top = max(_rate(max((*run.own_octets, *run.server_octets))) for run in runs) * HEADROOM
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, ROWS)
    for start, run in zip(starts, runs, strict=False):
        for octets, mark in ((run.server_octets, SERVER_MARK), (run.own_octets, MARKS[run.direction])):
            at_s = [_second(start + number) for number in range(len(octets))]
            if octets:
                figure.draw(figure.signal(at_s, [_rate(one) for one in octets], marker=mark).lines())
    for axis, end, count in (("x", _second(starts[-1] - PAUSE_BINS), TICKS_X), ("y", top, TICKS_Y)):
        ticks = _ticks(end, count)
        figure.ruler(axis).lim(0, end).ticks(ticks, [f"{tick:g}" for tick in ticks])
    drawn: str = figure.build().string(colorless=True)
    return drawn.rstrip("\n")


def _rate(octets: int) -> float:
    """Mbit/s of what was counted in one bin."""
    return octets * BITS / BIN_US


def _second(number: int) -> float:
    """When a bin begins."""
    return number * BIN_US / SECOND_US


def _ticks(end: float, most: int) -> list[float]:
    """Round numbers from 0 to the end of an axis, about as many as wanted at most."""
    size = 10.0 ** floor(log10(end / most))
    step = next(size * part for part in (1, 2, 5, 10) if size * part * most >= end)
    return [number * step for number in range(int(end / step) + 1)]
