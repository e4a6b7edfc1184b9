"""Is it told how far a run is, in passing, without holding it up?"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from agent.telling import rate_of, telling

EVERY_S = 0.05


@pytest.mark.parametrize(
    ("line", "rate"),
    [
        pytest.param({"rate_bit_s": 941_482_011}, "941 Mbit/s", id="three digits"),
        pytest.param({"rate_bit_s": 9_418_000_000}, "9.41 Gbit/s", id="a larger unit"),
        pytest.param({"rate_bit_s": 1_000_000_000}, "1 Gbit/s", id="round"),
        pytest.param({"rate_bit_s": 7}, "7 bit/s", id="small"),
        pytest.param({"rate_bit_s": 0}, "0 bit/s", id="nothing flows"),
        pytest.param({}, "", id="no rate"),
        pytest.param({"rate_bit_s": "fast"}, "", id="no number"),
    ],
)
def test_rate(line: dict[str, Any], rate: str) -> None:
    """A rate that changes is shown with three digits."""
    assert rate_of(line) == rate


def test_the_latest() -> None:
    """Of many lines the latest is told, and told once."""
    said: list[str] = []
    with telling(said.append, EVERY_S) as tell:
        for rate in range(100):
            tell({"progress": "down", "rate_bit_s": rate * 1_000_000})
        time.sleep(5 * EVERY_S)

    assert said == ["down 99 Mbit/s"]


def test_nobody_waits_for_an_answer() -> None:
    """A collector that is slow to answer holds up no run."""
    answered = threading.Event()

    def slow(_: str) -> None:
        answered.wait(10)

    with telling(slow, EVERY_S) as tell:
        tell({"progress": "idle"})
        time.sleep(3 * EVERY_S)
        started = time.monotonic()
        for _ in range(1000):
            tell({"progress": "down"})
        lasted = time.monotonic() - started
        answered.set()

    assert lasted < 1


def test_the_end_waits_for_no_answer() -> None:
    """When a run has ended its finding is sealed at once, also while a collector that cannot be reached is being told."""
    asked, answered = threading.Event(), threading.Event()

    def unheard(_: str) -> None:
        asked.set()
        answered.wait(3)

    with telling(unheard, EVERY_S) as tell:
        tell({"progress": "down"})
        asked.wait(5)
        started = time.monotonic()
    lasted = time.monotonic() - started
    answered.set()

    assert lasted < 1


def test_nothing_is_told_afterwards() -> None:
    """When the run has ended nothing of it is told any more: what comes next is its end."""
    said: list[str] = []
    with telling(said.append, EVERY_S) as tell:
        tell({"progress": "down"})
    length = len(said)
    tell({"progress": "up"})
    time.sleep(3 * EVERY_S)

    assert len(said) == length
