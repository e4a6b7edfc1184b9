"""What time is it for the collector? The only reader of its clock; everything else takes `now` as an argument."""

from __future__ import annotations

import time


def now_us() -> int:
    """Microseconds since 1970 (UTC)."""
    return time.time_ns() // 1000
