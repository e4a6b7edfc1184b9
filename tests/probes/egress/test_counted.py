"""Are windows and bins cut out of a series without shifting anything, and is a burst no rate?"""

from __future__ import annotations

import sys
import threading

from hypothesis import given
from hypothesis import strategies as st

from probes._egress.counted import Counted, Proved, gained_ppm, is_rising, lower, proved

A_BIN, M = 100_000, 1_000_000


def counted(*octets: int, step_us: int = A_BIN, start: int = 0) -> Counted:
    """A series with so many octets in each step."""
    made, so_far = Counted(), start
    made.start(start)
    for number, more in enumerate(octets, 1):
        so_far += more
        made.note(number * step_us, so_far)
    return made


def test_bins_of_a_series_that_was_read_late() -> None:
    """A reader that comes late shifts nothing: between two readings a straight line is assumed."""
    late = Counted()
    for at_us in (95_000, 250_000, 301_000, 420_000):
        late.note(at_us, at_us)

    assert late.bins() == [100_000] * 4


def test_read_while_it_grows() -> None:
    """A reader on another thread never sees a moment without its octets."""
    made, before_s = Counted(), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        writer = threading.Thread(target=_grow, args=(made,))
        writer.start()
        wrong = 0
        while writer.is_alive():
            at_us = made.end_us
            wrong += made.until(at_us) != at_us
        writer.join()
    finally:
        sys.setswitchinterval(before_s)

    assert wrong == 0


def _grow(made: Counted) -> None:
    """A reading in each microsecond."""
    for number in range(1, 100_000):
        made.note(number, number)


def test_what_came_before_bin_0_is_not_counted() -> None:
    """Content may flow before the server says Go; it belongs to no bin."""
    assert counted(500, 500, start=9_000).bins() == [500, 500]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=50), st.integers(1, 250_000))
def test_bins_lose_nothing(octets: list[int], step_us: int) -> None:
    """The bins add up to what had flowed at the end of the last whole one."""
    made = counted(*octets, step_us=step_us)

    assert sum(made.bins()) == made.until(made.end_us // A_BIN * A_BIN)


def test_a_count_that_went_back_is_none() -> None:
    """A stream that closed takes nothing away from what had flowed."""
    made = counted(100, 100)
    made.note(300_000, 50)

    assert made.bins() == [100, 100, 0]


def test_less_than_two_seconds_count_as_two() -> None:
    """A line that lets a burst through has not that rate."""
    burst = counted(*[10 * M] * 5)

    assert (burst.rate(0, 500_000), burst.kept_up(0, 500_000)) == (800 * M, 200 * M)


def test_a_cut_run_proves_the_smaller_of_both_ends() -> None:
    """What both ends' bins carry, over the time that both have."""
    assert proved([1000] * 40, [900] * 30) == Proved(72_000, 0, 3_000_000, 0)


def test_a_run_that_was_cut_at_once_proves_no_burst() -> None:
    """Half a second of whatever rate counts as two seconds."""
    assert proved([10 * M] * 5, [10 * M] * 5) == Proved(200 * M, 0, 500_000, 0)


def test_a_cut_run_without_a_bin_proves_nothing() -> None:
    """Nothing credited, nothing told."""
    assert proved([1000] * 10, []) is None


def test_a_rate_less_its_half_width() -> None:
    """A mean that is known to ten percent proves nine tenths; one that is not known proves nothing."""
    assert (lower(1000, 100_000), lower(1000, 3_000_000)) == (900, 0)


def test_streams_that_were_added_and_brought_nothing() -> None:
    """The second before the addition against the second from half a second after it."""
    assert gained_ppm(counted(*[1000] * 20, *[5000] * 5, *[1010] * 15), 2_000_000) == 10_000


def test_too_short_to_tell_what_streams_brought() -> None:
    """Without a second on both sides nothing is said."""
    assert (gained_ppm(counted(*[1000] * 30), 2_000_000), gained_ppm(counted(*[1000] * 30), 500_000)) == (None, None)


def test_rising() -> None:
    """A sum grows while the last step carried more than five percent above the one before."""
    assert (is_rising(counted(1000, 1060), 200_000, A_BIN), is_rising(counted(1000, 1040), 200_000, A_BIN)) == (
        True,
        False,
    )
