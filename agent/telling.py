"""
How far is a run that is under way, for who looks on?

What a probe tells between its readings is shown at the terminal as it comes, and told to the collector in passing: the latest only, every
few seconds, on a thread of its own, so that no measurement waits for an answer. It informs people, proves nothing and is never sealed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.scan import Tell
from evidence.model import Unit
from evidence.spelled import spelled_value

EVERY_S = 3.0
MOMENT_S = 0.2  # in which a collector that is there has answered
DIGITS = 3  # a rate that changes while one reads it needs no more


def rate_of(line: dict[str, Any]) -> str:
    """The rate in a line of progress with three digits, such as `941 Mbit/s`; empty where it tells none."""
    rate = line.get("rate_bit_s")
    if not isinstance(rate, int) or rate < 0:
        return ""
    unit = 10 ** max(len(str(rate)) - DIGITS, 0)
    return spelled_value(Unit.BIT_S, rate // unit * unit, "en")


@dataclass(slots=True)
class _Latest:
    """What was last heard."""

    text: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def hear(self, line: dict[str, Any]) -> None:
        """Keep one line of progress in a few words."""
        self.text = f"{line['progress']} {rate_of(line)}".strip()


@contextmanager
def telling(say: Callable[[str], None], every_s: float = EVERY_S) -> Iterator[Tell]:
    """Who to tell while the block runs: `say` gets the latest every `every_s` seconds, and nothing new when the block has ended."""
    latest = _Latest()
    thread = threading.Thread(target=_tell, args=(latest, say, every_s), daemon=True)
    thread.start()
    try:
        yield latest.hear
    finally:
        latest.over.set()
        # What is being said now should be heard before the end is told; one that nobody hears must not hold up the sealing.
        thread.join(MOMENT_S)


def _tell(latest: _Latest, say: Callable[[str], None], every_s: float) -> None:
    """Say what is new, at most once in a while."""
    told = ""
    while not latest.over.wait(every_s):
        if latest.text != told:
            told = latest.text
            say(told)
