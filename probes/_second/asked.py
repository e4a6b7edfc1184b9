"""What is asked of a tool, and what does it answer? The same for every tool, so that one reading is made of either."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.model import Failure, Unmeasurable
from evidence.stream import Direction
from probes._resolve import Address
from probes._settings import subject


@dataclass(frozen=True, slots=True)
class Asked:
    """One run of one direction; `address` is None for the public server that the tool chooses."""

    address: Address | None
    port: int
    direction: Direction
    duration_s: int
    streams: int
    timeout_s: float

    @property
    def where(self) -> str:
        """`host:port`, an IPv6 address in brackets."""
        return subject(str(self.address), self.port)


@dataclass(frozen=True, slots=True)
class Opinion:
    """
    What a tool found: octets of payload and the microseconds that it counted them in.

    `counted` says at which end: a sender's count takes for carried what still waits in its buffers. `record` is its own words, JSON.
    """

    version: str
    server: str
    octets: int
    window_us: int
    counted: str
    record: bytes

    @property
    def rate_bit_s(self) -> int:
        """The payload rate."""
        return self.octets * 8_000_000 // self.window_us


def checked(opinion: Opinion) -> Opinion:
    """The same; raises Unmeasurable where nothing was carried, for silence is no rate of zero."""
    if opinion.octets <= 0 or opinion.window_us <= 0:
        raise Unmeasurable(Failure.UNREADABLE, f"{opinion.server}: the tool ended without having carried anything")
    return opinion
