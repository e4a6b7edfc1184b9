"""Is a paced run ended when others rise on the line, without waiting for anybody, and only for what lasts?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from evidence.stream import Direction
from probes._egress.others import Others
from probes._egress.run import Plan, Ran
from probes._egress.streams import Streams
from probes._egress.talk import Where
from probes._egress.witness import Witness, Witnessed, watching
from probes._stimulus.settings import Watched
from tests.probes.egress.test_witness import DOWN, MBIT, device
from tests.probes.responder import answering
from tests.probes.wan.counting import COMMUNITY, Counting, listed

THRESHOLD = 500 * MBIT
CARRIED = 8 * DOWN
ROSE = "others on the line rose by more than a tenth"


def nobody(_: Ran) -> str:
    """Nobody is seen."""
    return ""


def begun(ago_s: float) -> Ran:
    """A paced run downward that began so long ago and has carried nothing."""
    where = Where("here", ip_address("127.0.0.1"), 9, None, 1.0)
    plan = Plan(1, Direction.DOWN, 6_000_000, THRESHOLD, 0, -1, nobody)
    ran = Ran(plan, Streams(where, "join", 1, Direction.DOWN, bytes(32), -1))
    ran.started_us = time.monotonic_ns() // 1000 - round(ago_s * 1e6)
    return ran


@contextmanager
def polled(agent: Counting, for_s: float) -> Iterator[Witness]:
    """A port that has been polled for so long."""
    with (
        answering(agent, COMMUNITY) as at,
        watching([Watched.model_validate(listed(at))], timeout_s=0.3, retries=0) as witness,
    ):
        time.sleep(for_s)
        yield witness


@pytest.fixture(scope="module")
def witness() -> Iterator[Witness]:
    """A port that has carried evenly for four seconds."""
    with polled(device(), 4.2) as witness:
        yield witness


@pytest.mark.parametrize(
    ("before_bit_s", "ago_s", "words"),
    [
        pytest.param(CARRIED - THRESHOLD // 5, 4.0, ROSE, id="they rose"),
        pytest.param(CARRIED - THRESHOLD // 20, 4.0, "", id="they rose a little"),
        pytest.param(CARRIED - THRESHOLD // 5, 2.0, "", id="not for three seconds yet"),
        pytest.param(None, 4.0, "", id="nobody knows what they carried before"),
    ],
)
def test_others_rise(witness: Witness, before_bit_s: int | None, ago_s: float, words: str) -> None:
    """What others carry over three seconds is compared with what they carried before, where that is known."""
    before = Witnessed(before_bit_s, 0, {}) if before_bit_s is not None else None

    assert Others(witness, THRESHOLD, before).rising(4)(begun(ago_s)) == words


def test_nobody_is_waited_for() -> None:
    """A device that has fallen silent holds up nothing."""
    with polled(device(silent_after=6), 1.5) as witness:
        asked, started_s = Others(witness, THRESHOLD, Witnessed(0, 0, {})).rising(4), time.monotonic()
        asked(begun(3.7))
        lasted_s = time.monotonic() - started_s

    assert lasted_s < 0.5
