"""
How fast does the operator's server give an object over one family?

*Method*: one GET of blocks whose content is known, over TLS; only the whole and right content counts. The rate is taken from the first
octet of the answer on and at the IP layer (`evidence.layers`), for the larger header is IPv6's, not the line's; TLS's own octets are not
in it. A download that was on its way when its time was over bounds the rate from above.

What it does not prove: how fast the line is: it is one TCP connection through one process on this box, whose share of a processor is told.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.echo import BLOCK_OCTETS, OBJECT_PATH, block
from evidence.layers import SMALLEST_MSS, Segments
from probes._http import Asked, Exchange, exchange
from probes._ipv6.settings import Echo
from probes._literal import Address

DOWNLOAD_S = 2.5
FITTING_S = 1.0
OK = 200
ALL_PPM = 1_000_000
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Download:
    """One download: its family, what was wanted, what came, whether it is what it must be, and how busy it kept one processor."""

    family: int
    wanted: int
    came: Exchange
    good: bool
    busy_ppm: int = 0

    @property
    def slow(self) -> bool:
        """Whether it was on its way when its time was over."""
        return not self.good and (self.came.stage, self.came.error) == ("receive", "ETIMEDOUT")

    @property
    def took_us(self) -> int:
        """How long its content took."""
        return max(self.came.us - self.came.first_us, 1)

    @property
    def rate_bit_s(self) -> tuple[int, int]:
        """At least and at most how fast, in bit/s at the IP layer; the same twice where it came whole."""
        segments = Segments(max(self.came.mss, SMALLEST_MSS), self.family)
        rate = segments.ip(self.wanted * 8 * MICROSECONDS // self.took_us)
        return (rate if self.good else 0), rate


def download(echo: Echo, to: Address, interface: str, blocks: int) -> Download:
    """One download of so many blocks from one address of the server."""
    target = f"{OBJECT_PATH}?octets={blocks * BLOCK_OCTETS}"
    asked = Asked(to, echo.port, f"ds.{echo.zone}", target, timeout_s=DOWNLOAD_S, interface=interface, keep_octets=0)
    used_ns, began_ns = time.thread_time_ns(), time.monotonic_ns()
    came = exchange(asked)
    used_ns, took_ns = time.thread_time_ns() - used_ns, time.monotonic_ns() - began_ns
    good = came.whole and came.status == OK and came.sha256 == sha256_of(blocks)
    return Download(to.version, blocks * BLOCK_OCTETS, came, good, used_ns * ALL_PPM // took_ns)


def fitting(first: Sequence[Download], most_octets: int) -> int:
    """How many blocks, one at least, the fastest of these brings in about a second."""
    fastest_bit_s = max(one.rate_bit_s[0] for one in first)
    return max(min(most_octets, round(fastest_bit_s * FITTING_S / 8)) // BLOCK_OCTETS, 1)


def sha256_of(blocks: int) -> str:
    """The hash (hex) of an object of so many blocks."""
    digest, content = hashlib.sha256(), block()
    for _ in range(blocks):
        digest.update(content)
    return digest.hexdigest()
