"""What do the polls of a device say of a window, and when do they say nothing?"""

from __future__ import annotations

import pytest

from evidence.model import Failure
from probes._stimulus.counters import Lost
from probes._wan.polls import Carried, Poll, at_most, carried
from tests.probes.wan.counting import FIRST, SECOND, poll, series

RATE = 100_000_000  # octets a second
HALF, FIFTH, TENTH = SECOND // 2, SECOND // 5, SECOND // 10


def each(step_us: int, until_us: int) -> range:
    """Moments of polls."""
    return range(SECOND, until_us, step_us)


@pytest.mark.parametrize("from_us", range(3 * SECOND, 4 * SECOND, 130_000))
def test_edges_between_polls(from_us: int) -> None:
    """Counters taken when asked give the rate of the very window, wherever its edges lie."""
    found = carried(series(each(FIFTH, 14 * SECOND), RATE), from_us, from_us + 8 * SECOND)

    assert isinstance(found, Carried)
    assert (found.us, found.refresh_us) == (8 * SECOND, 0)
    assert found.bit_s(1)[0] == pytest.approx(8 * RATE, rel=1e-6)


def test_a_change_of_rate_inside_the_window() -> None:
    """What passed in the window counts, not what passed before and after it."""
    slow = [poll(at, FIRST + at) for at in range(SECOND, 5 * SECOND, TENTH)]
    fast = [poll(at, FIRST + at + (at - 5 * SECOND) * 100) for at in range(5 * SECOND, 9 * SECOND + 1, TENTH)]
    found = carried(slow + fast, 5 * SECOND, 9 * SECOND)

    assert isinstance(found, Carried)
    assert found.bit_s(1)[0] == 101 * 8_000_000


@pytest.mark.parametrize("refresh_us", [SECOND, 2 * SECOND, 5 * SECOND])
@pytest.mark.parametrize("phase_us", range(0, 5 * SECOND, 370_000))
def test_whole_refresh_steps(refresh_us: int, phase_us: int) -> None:
    """Of counters that are taken now and then whole steps count, and the rate is right within the error that is told."""
    found = carried(series(each(FIFTH, 30 * SECOND), RATE, refresh_us, phase_us), 10 * SECOND, 20 * SECOND)

    assert isinstance(found, Carried)
    assert abs(found.bit_s(1)[0] - 8 * RATE) * 1_000_000 <= 8 * RATE * found.error_ppm
    assert (abs(found.refresh_us - refresh_us) <= FIFTH, found.us <= 10 * SECOND) == (True, True)


@pytest.mark.parametrize("step_us", [FIFTH, HALF, SECOND])
@pytest.mark.parametrize("refresh_us", [90_000, 700_000, SECOND, 3 * SECOND, 10 * SECOND, 30 * SECOND])
@pytest.mark.parametrize("phase_us", range(0, 3 * SECOND, 790_000))
def test_never_wrong_by_more_than_is_told(step_us: int, refresh_us: int, phase_us: int) -> None:
    """Whatever a device does with its counters, a rate that is told holds within its error, and that is at most a sixteenth."""
    polls = series(each(step_us, 40 * SECOND), RATE, refresh_us, phase_us)
    found = carried(polls, 12 * SECOND, 20 * SECOND)

    if isinstance(found, Carried):
        assert found.error_ppm <= 62_500
        assert abs(found.bit_s(1)[0] - 8 * RATE) * 1_000_000 <= 8 * RATE * found.error_ppm
    else:
        assert max(refresh_us, step_us) > FIFTH


LIVE = series(each(FIFTH, 14 * SECOND), RATE)


@pytest.mark.parametrize(
    ("polls", "failure", "words"),
    [
        pytest.param([], Failure.TIMED_OUT, "0 of its answers", id="no poll"),
        pytest.param(LIVE[:9], Failure.TIMED_OUT, "1 of its answers", id="polls before the window only"),
        pytest.param(LIVE[-15:], Failure.TIMED_OUT, "only 1.0 s of the window", id="polls at its end only"),
        pytest.param([*LIVE[:19], poll(4_900_000, 5)], Failure.UNREADABLE, "from", id="a counter went back"),
        pytest.param([*LIVE[:19], poll(4_900_000, 2**63 + 1)], Failure.UNREADABLE, "from", id="an absurd rise"),
        pytest.param([*LIVE[:19], poll(4_900_000, None)], Failure.NOT_SUPPORTED, "64-bit", id="no 64-bit counter"),
        pytest.param([*LIVE[:19], poll(4_900_000, 2**41, up_time=1)], Failure.UNREADABLE, "restarted", id="a restart"),
        pytest.param(series(each(HALF, 14 * SECOND), 0), Failure.INSTRUMENT_LIMIT, "something new 0 times", id="still"),
        pytest.param(
            series(each(FIFTH, 60 * SECOND), RATE, 30 * SECOND),
            Failure.INSTRUMENT_LIMIT,
            "new 0 times",
            id="every 30 s",
        ),
        pytest.param(
            series(each(FIFTH, 14 * SECOND), RATE, 3_700_000),
            Failure.INSTRUMENT_LIMIT,
            "every 3.8 s or so",
            id="less than half in whole steps",
        ),
        pytest.param(
            series(each(SECOND, 14 * SECOND), RATE, 2 * SECOND), Failure.INSTRUMENT_LIMIT, "known to", id="too vague"
        ),
    ],
)
def test_what_cannot_be_told(polls: list[Poll], failure: Failure, words: str) -> None:
    """A window that the polls do not carry has no figure, and the reason says why."""
    found = carried(polls, 4 * SECOND, 12 * SECOND)

    assert isinstance(found, Lost), found
    assert (found.failure, words in found.detail) == (failure, True), found


@pytest.mark.parametrize(("from_s", "to_s"), [(5, 5), (6, 5), (20, 30)])
def test_a_window_that_is_none(from_s: int, to_s: int) -> None:
    """A window without length, or after all polls, has no figure."""
    assert isinstance(carried(LIVE, from_s * SECOND, to_s * SECOND), Lost)


def test_answers_that_took_long() -> None:
    """An exchange that took seconds says little of when its counters were taken, and the figure is not told."""
    slow = [poll(at, FIRST + at * 100, took_us=900_000) for at in range(SECOND, 14 * SECOND, SECOND)]
    found = carried(slow, 4 * SECOND, 12 * SECOND)

    assert isinstance(found, Lost)
    assert found.failure is Failure.INSTRUMENT_LIMIT


def test_at_most_what_two_refreshes_enclose() -> None:
    """Of a device that hardly says anything, the rise around the window is the most that it can have carried in it."""
    polls = [poll(at * SECOND, FIRST + 700 * (at > 3) + 900 * (at > 13), FIRST) for at in range(1, 20)]

    assert at_most(polls, 5 * SECOND, 12 * SECOND) == 900
    assert at_most(polls, 2 * SECOND, 12 * SECOND) is None
    assert at_most(polls, 5 * SECOND, 18 * SECOND) is None
