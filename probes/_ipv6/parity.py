"""
L9: is IPv6 as good as IPv4 to the same server?

*Method*: twenty connects of each family side by side for success and round trip, then downloads in turns, one family after the other, as
large as fit into about a second. Rates are compared at the IP layer (`evidence.layers`), for the larger header is IPv6's, not the line's.

What it does not prove: how fast the line is: one TCP connection through one process on this box. Only the ratio counts, and the bound on
the time of all of it (`DEADLINE_S`) may leave it undecided.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address
from statistics import median

from evidence.echo import BLOCK_OCTETS, OBJECT_PATH, block
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.layers import SMALLEST_MSS, Segments
from evidence.model import Facts, Raw
from probes._http import Asked, Exchange, exchange
from probes._ipv6.dual import NO_WAY
from probes._ipv6.rungs import Climb, Rung
from probes._ipv6.settings import Echo, Limits, Settings
from probes._literal import Address, Connect, connect

TRIES = 20
BETWEEN_S = 0.05
CONNECT_S = 3.0
FIRST_BLOCKS = 8  # 512 KiB: enough to see how much fits into a second
DOWNLOADS = 3
DOWNLOAD_S = 3.0
DEADLINE_S = 25.0
OK = 200
ALL_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Download:
    """One download: its family, what was wanted, what came, and whether it is what it must be."""

    family: int
    wanted: int
    came: Exchange
    good: bool

    @property
    def rate_bit_s(self) -> int:
        """Bits a second at the IP layer, from the first octet of the answer on; 0 where it did not come whole."""
        took_us = self.came.us - self.came.first_us
        if not self.good or took_us <= 0:
            return 0
        return Segments(max(self.came.mss, SMALLEST_MSS), self.family).ip(self.came.octets * 8 * ALL_PPM // took_us)


@dataclass(frozen=True, slots=True)
class Beside:
    """Both families beside each other."""

    six: tuple[Connect, ...]
    four: tuple[Connect, ...]
    downloads: tuple[Download, ...] = ()


def climb(settings: Settings, interface: str) -> Climb:
    """Compare both families."""
    echo = settings.echo
    if not settings.parity or echo is None:
        return Climb(Rung("L9", NOT_TESTED, "NO_TARGETS" if settings.parity else "NOT_ORDERED"))
    if echo.v4 is None:
        return Climb(Rung("L9", NOT_TESTED, "NO_V4_NAME"))
    beside = _measured(echo, echo.v4, interface, settings.rate_octets)
    return Climb(judged(beside, settings.limits), (Raw("parity.json", _written(beside)),))


def _measured(echo: Echo, v4: IPv4Address, interface: str, most_octets: int) -> Beside:
    """Connects, then downloads as long as there is time."""
    until = time.monotonic() + DEADLINE_S
    with ThreadPoolExecutor(2 * TRIES) as pool:
        started = []
        for _ in range(TRIES):
            started.append([pool.submit(connect, to, echo.port, CONNECT_S, interface) for to in (echo.v6, v4)])
            time.sleep(BETWEEN_S)
        done = [(six.result(), four.result()) for six, four in started]
    six, four = tuple(one for one, _ in done), tuple(one for _, one in done)
    if not any(one.accepted for one in four):
        return Beside(six, four)
    return Beside(six, four, tuple(_downloads(echo, v4, interface, most_octets, until)))


def _downloads(echo: Echo, v4: IPv4Address, interface: str, most_octets: int, until: float) -> list[Download]:
    """A small one of each family, then some as large as fit into a second, in turns."""
    families: tuple[Address, ...] = (echo.v6, v4)
    small = [_download(echo, to, interface, FIRST_BLOCKS) for to in families]
    fastest = max(one.rate_bit_s for one in small)
    blocks = max(min(most_octets, fastest // 8) // BLOCK_OCTETS, 1)
    found: list[Download] = []
    for _ in range(DOWNLOADS):
        for to in families:
            if time.monotonic() + DOWNLOAD_S < until:
                found.append(_download(echo, to, interface, blocks))
    return found


def _download(echo: Echo, to: Address, interface: str, blocks: int) -> Download:
    """One download of so many blocks."""
    octets = blocks * BLOCK_OCTETS
    target = f"{OBJECT_PATH}?octets={octets}"
    asked = Asked(to, echo.port, f"ds.{echo.zone}", target, timeout_s=DOWNLOAD_S, interface=interface, keep_octets=0)
    came = exchange(asked)
    return Download(to.version, octets, came, came.whole and came.status == OK and came.sha256 == _sha256(blocks))


def _sha256(blocks: int) -> str:
    """The hash of an object of so many blocks."""
    digest, content = hashlib.sha256(), block()
    for _ in range(blocks):
        digest.update(content)
    return digest.hexdigest()


def judged(beside: Beside, limits: Limits) -> Rung:
    """The rung: losses before round trips, these before rates."""
    six, four = _accepted(beside.six), _accepted(beside.four)
    facts: Facts = {"tries": len(beside.six), "v6_accepted": six, "v4_accepted": four}
    if not four:
        without = all(one.error in NO_WAY for one in beside.four)
        return Rung("L9", NOT_TESTED if without else INCONCLUSIVE, "NO_IPV4" if without else "V4_SILENT", facts)
    if six * ALL_PPM < limits.parity_ppm * four:
        return Rung("L9", FAIL, "DEGRADED_LOSS", facts)
    times = {6: _median_us(beside.six), 4: _median_us(beside.four)}
    rates = {family: _rate(beside.downloads, family) for family in (6, 4)}
    facts |= {"v6_us": times[6], "v4_us": times[4], "v6_bit_s": rates[6], "v4_bit_s": rates[4]}
    return _compared(times, rates, facts, limits)


def _compared(times: dict[int, int], rates: dict[int, int], facts: Facts, limits: Limits) -> Rung:
    """Round trips and rates against the bounds."""
    more_us = times[6] - times[4]
    if more_us > limits.rtt_us and more_us * ALL_PPM > limits.rtt_ppm * times[4]:
        return Rung("L9", FAIL, "DEGRADED_RTT", facts)
    if not rates[4]:
        return Rung("L9", INCONCLUSIVE, "NO_RATE", facts)
    if rates[6] * ALL_PPM < limits.rate_ppm * rates[4]:
        return Rung("L9", FAIL, "DEGRADED_RATE", facts)
    return Rung("L9", PASS, evidence=facts)


def _accepted(connects: Sequence[Connect]) -> int:
    """How many were accepted."""
    return sum(one.accepted for one in connects)


def _median_us(connects: Sequence[Connect]) -> int:
    """The median of those that were accepted, of which there are some."""
    return round(median(one.us for one in connects if one.us is not None))


def _rate(downloads: Sequence[Download], family: int) -> int:
    """The best download of a family: a busy line slows one, it speeds none up."""
    return max((one.rate_bit_s for one in downloads if one.family == family), default=0)


def _written(beside: Beside) -> bytes:
    """Both series with both addresses of every connection, and the downloads without their content."""
    downloads = [
        {
            "family": one.family,
            "to": str(one.came.to),
            "source": one.came.source,
            "wanted": one.wanted,
            "octets": one.came.octets,
            "good": one.good,
            "first_us": one.came.first_us,
            "us": one.came.us,
            "mss": one.came.mss,
            "stage": one.came.stage,
            "error": one.came.error,
            "rate_bit_s": one.rate_bit_s,
        }
        for one in beside.downloads
    ]
    words = {"six": [asdict(one) for one in beside.six], "four": [asdict(one) for one in beside.four]}
    return json.dumps(words | {"downloads": downloads}, indent=1, default=str).encode()
