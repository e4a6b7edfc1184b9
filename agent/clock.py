"""
What time does this box believe it is? The only reader of the agent's clocks.

The wall clock is shown and never trusted by anyone; durations come from the monotonic clock.
"""

from __future__ import annotations

import time


def unix_us() -> int:
    """The wall clock in microseconds since 1970 (UTC)."""
    return time.time_ns() // 1000


def monotonic_us() -> int:
    """The monotonic clock in microseconds since an arbitrary moment of this boot."""
    return time.monotonic_ns() // 1000
