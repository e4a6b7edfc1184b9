"""
L8: would a browser stay with IPv6, or go over to IPv4 without a word?

*Method*: ten connects to one server over both families side by side; over IPv6 one counts that is accepted at the first SYN, for a
browser does not wait for the second (RFC 8305 section 5). Then races as RFC 8305 has them: IPv6 begins, IPv4 follows 250 ms later, who is
accepted first wins. Where an address with nobody behind it is ordered, one more race tells how long such a browser would stand.

What it does not prove: what a certain browser does; each has thresholds and a memory of its own.
"""

from __future__ import annotations

import errno
import json
import selectors
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address, IPv6Address
from statistics import median
from typing import cast

from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Facts, Raw
from probes._ipv6.rungs import Climb, Rung
from probes._ipv6.settings import Echo, Limits, Settings
from probes._literal import Connect, connect, opened

TRIES = 10
RACES = 4
WAIT_S = 4.0
BETWEEN_S = 0.05
ATTEMPT_DELAY_S = 0.25  # RFC 8305 section 8
ALL_PPM = 1_000_000
NO_WAY = ("ENETUNREACH", "EADDRNOTAVAIL")  # this host has no address or no route of the family


@dataclass(frozen=True, slots=True)
class Race:
    """Which family won (6, 4, or 0 for nobody), after how long, and from which of our addresses."""

    winner: int
    us: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Connects of both families, made side by side, the races after them, and the one against an address with nobody behind it."""

    six: tuple[Connect, ...]
    four: tuple[Connect, ...]
    races: tuple[Race, ...] = ()
    dead: Race | None = None

    @property
    def without_ipv4(self) -> bool:
        """Whether this host has no IPv4 at all to compare with."""
        return all(one.error in NO_WAY for one in self.four)


def climb(settings: Settings, interface: str) -> Climb:
    """Connect ten times over both families, and race."""
    echo = settings.echo
    if echo is None:
        return Climb(Rung("L8", NOT_TESTED, "NO_TARGETS"))
    if echo.v4 is None:
        return Climb(Rung("L8", INCONCLUSIVE, "NO_V4_NAME"))
    pairs = _measured(echo, echo.v4, interface)
    return Climb(judged(pairs, settings.limits), (Raw("dual.json", _written(pairs)),))


def _measured(echo: Echo, v4: IPv4Address, interface: str) -> Pairs:
    """All connects and races."""
    with ThreadPoolExecutor(2 * TRIES) as pool:
        started = []
        for _ in range(TRIES):  # a lost packet must not delay the next try
            started.append([pool.submit(connect, to, echo.port, WAIT_S, interface) for to in (echo.v6, v4)])
            time.sleep(BETWEEN_S)
        done = [(six.result(), four.result()) for six, four in started]
    races = tuple(race(echo.v6, v4, echo.port, interface) for _ in range(RACES))
    dead = race(echo.bad6, v4, echo.port, interface) if echo.bad6 is not None else None
    return Pairs(tuple(six for six, _ in done), tuple(four for _, four in done), races, dead)


def race(six: IPv6Address, four: IPv4Address, port: int, interface: str) -> Race:
    """IPv6 begins; IPv4 joins after the attempt delay, or at once where IPv6 has failed (RFC 8305 section 5)."""
    began = time.monotonic()
    with selectors.DefaultSelector() as ready, opened(six, interface) as first, opened(four, interface) as second:
        running = _begin(first, (str(six), port), ready)
        won = _first(ready, began + ATTEMPT_DELAY_S) if running else None
        if won is None:
            joined = _begin(second, (str(four), port), ready)
            running = running or joined
            won = _first(ready, began + WAIT_S) if running else None
        took_us = round((time.monotonic() - began) * 1_000_000)
        if won is None:
            return Race(0, took_us)
        return Race(6 if won is first else 4, took_us, str(won.getsockname()[0]))


def _begin(connection: socket.socket, to: tuple[str, int], ready: selectors.BaseSelector) -> bool:
    """Start a connect without waiting; whether one is under way."""
    connection.setblocking(False)
    if connection.connect_ex(to) not in (0, errno.EINPROGRESS):
        return False
    ready.register(connection, selectors.EVENT_WRITE)
    return True


def _first(ready: selectors.BaseSelector, until: float) -> socket.socket | None:
    """The first connection that is accepted before a moment; those that fail fall out, and nobody is waited for when all did."""
    while ready.get_map() and (left := until - time.monotonic()) > 0:
        for key, _ in ready.select(left):
            connection = cast(socket.socket, key.fileobj)
            if not connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                return connection
            ready.unregister(connection)
    return None


def judged(pairs: Pairs, limits: Limits) -> Rung:
    """The rung."""
    clean = [one for one in pairs.six if one.clean]
    facts: Facts = {"tries": len(pairs.six), "v6_clean": len(clean), "v4_accepted": _accepted(pairs.four)}
    facts |= {"races": len(pairs.races), "v6_wins": sum(one.winner == 6 for one in pairs.races)}
    facts |= {
        f"v{family}_us": us
        for family, us in ((6, _median_us(pairs.six)), (4, _median_us(pairs.four)))
        if us is not None
    }
    if pairs.dead is not None:
        facts["fall_back_us"] = pairs.dead.us
    if len(clean) * ALL_PPM < limits.dual_ppm * len(pairs.six):
        return Rung("L8", FAIL, "V6_UNSTABLE", facts)
    if pairs.without_ipv4:
        return Rung("L8", PASS, "NO_IPV4", facts)
    code = _slower(pairs, limits)
    return Rung("L8", FAIL if code else PASS, code, facts)


def _slower(pairs: Pairs, limits: Limits) -> str:
    """What is wrong beside IPv4; empty where nothing is."""
    six, four = _median_us(pairs.six), _median_us(pairs.four)
    if six is not None and four is not None and six > four + limits.slower_us:
        return "V6_SLOW"
    won = sum(one.winner == 6 for one in pairs.races)
    return "V4_PREFERRED" if won * ALL_PPM < limits.race_ppm * len(pairs.races) else ""


def _accepted(connects: Sequence[Connect]) -> int:
    """How many were accepted."""
    return sum(one.accepted for one in connects)


def _median_us(connects: Sequence[Connect]) -> int | None:
    """The median of those that were accepted."""
    times = [one.us for one in connects if one.us is not None]
    return round(median(times)) if times else None


def _written(pairs: Pairs) -> bytes:
    """Both series with both addresses of every connection."""
    words = {
        "six": [asdict(one) for one in pairs.six],
        "four": [asdict(one) for one in pairs.four],
        "races": [asdict(one) for one in pairs.races],
        "dead": asdict(pairs.dead) if pairs.dead else None,
    }
    return json.dumps(words, indent=1, default=str).encode()
