"""
Has a rate settled, and from when on does it count?

*Method*: bins of 100 ms are joined to batches of half a second. The warm-up is what to cut off so that the mean of the rest is known
best (MSER: White 1997; the least variance over number), at most half. The rest has settled when the half-width of the 95 % confidence
interval of its mean (Student's t) and its trend a second are both within 2 % of the mean. A rate that has settled is not thereby the
line's: what limited it is another question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

BINS_A_BATCH = 5
BATCHES_A_SECOND = 2
MOST_PPM = 20_000  # half-width of the mean, and trend a second
FEWEST_BATCHES = 6  # three seconds after the warm-up
FEWEST_PACED = 4  # two seconds, where the rate is held by the sender
ALL_PPM = 1_000_000
# Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom.
STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True, slots=True)
class Window:
    """
    The bins that count, `first` up to but without `end`, and how well their mean is known.

    `half_width_ppm` and `trend_ppm_s` are parts of the mean; `steady` when both are small.
    """

    first: int
    end: int
    half_width_ppm: int
    trend_ppm_s: int

    @property
    def steady(self) -> bool:
        """Whether the mean of the window has settled."""
        return self.half_width_ppm <= MOST_PPM and abs(self.trend_ppm_s) <= MOST_PPM


def window_of(bins: Sequence[int], fewest: int = FEWEST_BATCHES) -> Window | None:
    """The window that counts of a series of bins; None while there are fewer than `fewest` batches of half a second."""
    batches = [sum(bins[at : at + BINS_A_BATCH]) for at in range(0, len(bins) - BINS_A_BATCH + 1, BINS_A_BATCH)]
    if len(batches) < max(fewest, 2):
        return None
    last_start = min(len(batches) // 2, len(batches) - fewest)
    start = min(range(last_start + 1), key=lambda cut: _variance_of_mean(batches[cut:]))
    kept = batches[start:]
    first = start * BINS_A_BATCH
    return Window(first, first + len(kept) * BINS_A_BATCH, _half_width_ppm(kept), _trend_ppm_s(kept))


def _variance_of_mean(batches: Sequence[int]) -> float:
    """What MSER makes least."""
    return stdev(batches) ** 2 / len(batches)


def _half_width_ppm(batches: Sequence[int]) -> int:
    """Half the width of the confidence interval, as a part of the mean; everything where nothing flowed."""
    mean = fmean(batches)
    quantile = STUDENT[min(len(batches) - 1, len(STUDENT)) - 1]
    return round(quantile * stdev(batches) / len(batches) ** 0.5 / mean * ALL_PPM) if mean else ALL_PPM


def _trend_ppm_s(batches: Sequence[int]) -> int:
    """The slope of the least-squares line, as a part of the mean a second."""
    mean, middle = fmean(batches), (len(batches) - 1) / 2
    if not mean:
        return 0
    spread = sum((at - middle) ** 2 for at in range(len(batches)))
    slope = sum((at - middle) * batch for at, batch in enumerate(batches)) / spread
    return round(slope * BATCHES_A_SECOND / mean * ALL_PPM)
