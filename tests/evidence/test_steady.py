"""Has a rate settled, and from when on does it count?"""

from __future__ import annotations

import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.steady import BINS_A_BATCH, FEWEST_PACED, STUDENT, Window, window_of

FULL = 12_500_000  # octets of a bin at 1 Gbit/s
RAMP = [FULL * step // 10 for step in range(10)]  # one second of slow start


def noisy(count: int, share: float, seed: int = 1) -> list[int]:
    """Bins around the full rate with this relative standard deviation."""
    chance = random.Random(seed)  # noqa: S311 - the same noise each time, guards nothing
    return [round(FULL * chance.gauss(1, share)) for _ in range(count)]


def mean_of(bins: list[int], window: Window) -> float:
    """The mean over a window as a part of the full rate."""
    return fmean(bins[window.first : window.end]) / FULL


def found(bins: list[int], fewest: int = 6) -> Window:
    """The window of a series that is long enough."""
    window = window_of(bins, fewest)
    assert window is not None
    return window


def test_too_short() -> None:
    """Of less than three seconds nothing is said."""
    assert window_of([FULL] * 29) is None


@pytest.mark.parametrize(("bins", "said"), [(19, False), (20, True)])
def test_paced_run_is_shorter(bins: int, said: bool) -> None:
    """Where the sender holds the rate, two seconds are enough."""
    assert (window_of([FULL] * bins, FEWEST_PACED) is not None) is said


def test_flat_rate_counts_whole() -> None:
    """A rate that is even from the beginning loses nothing to a warm-up."""
    assert found([FULL] * 40) == Window(0, 40, 0, 0)


def test_slow_start_is_cut_off() -> None:
    """The second in which the rate climbs is not in the window, and the mean is that of the rest."""
    bins = RAMP + noisy(40, 0.005)
    window = found(bins)

    assert (window.first, window.steady, round(mean_of(bins, window), 2)) == (10, True, 1.0)


def test_at_most_half_is_cut_off() -> None:
    """A rate that climbs all the time keeps its second half, and has not settled."""
    window = found([FULL * step // 60 for step in range(60)])

    assert (window.first, window.steady) == (30, False)


@pytest.mark.parametrize(
    "bins",
    [
        pytest.param([FULL, FULL // 2, FULL * 3 // 2, FULL, FULL] * 8, id="alternating inside a batch is even"),
        pytest.param(noisy(60, 0.03), id="a little noise"),
    ],
)
def test_settles(bins: list[int]) -> None:
    """Noise that averages out within half a second or a few keeps nothing open."""
    assert found(bins).steady


@pytest.mark.parametrize(
    "bins",
    [
        pytest.param([FULL] * 20 + [FULL // 2] * 20 + [FULL] * 20, id="another's download for two seconds"),
        pytest.param(([FULL] * 5 + [FULL // 3] * 5) * 6, id="swinging from batch to batch"),
        pytest.param([0] * 40, id="nothing flows"),
        pytest.param([FULL - FULL * at // 100 for at in range(40)], id="falling"),
    ],
)
def test_does_not_settle(bins: list[int]) -> None:
    """What swings, falls or does not flow gives no figure that counts as settled."""
    assert not found(bins).steady


def test_trend() -> None:
    """The trend is a part of the mean a second: a hundredth a bin over four seconds falls by some 12 % a second."""
    window = found([FULL - FULL * at // 100 for at in range(40)], fewest=8)

    assert -130_000 < window.trend_ppm_s < -110_000


def test_half_width_against_a_table() -> None:
    """Six batches, alternately 101 and 99 of 100: 2.571 x 1.0954 / sqrt(6) = 1.1499 of 100."""
    bins = [value for batch in (101, 99) * 3 for value in [batch * 10**6] * BINS_A_BATCH]

    assert found(bins).half_width_ppm == 11_498


def test_students_t() -> None:
    """The quantiles fall from 12.706 at one degree of freedom to 2.042 at thirty."""
    assert (STUDENT[0], STUDENT[4], STUDENT[-1], sorted(STUDENT, reverse=True)) == (12.706, 2.571, 2.042, list(STUDENT))


@given(st.lists(st.integers(min_value=0, max_value=10**10), min_size=10, max_size=150))
def test_any_series(bins: list[int]) -> None:
    """Whatever the bins are, the window lies inside them, keeps half of them or more, and nothing breaks."""
    window = window_of(bins)

    assert window is None or (0 <= window.first <= len(bins) // 2 and window.first + 30 <= window.end <= len(bins))
