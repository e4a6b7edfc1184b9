"""
L8: would a browser stay with IPv6, or go over to IPv4 without a word?

*Method*: ten connects to one server over both families side by side; over IPv6 one counts that is accepted at the first SYN, for a
browser does not wait for the second (RFC 8305 section 5). Then races as RFC 8305 has them: IPv6 begins, IPv4 follows 250 ms later, who is
accepted first wins and the other is hung up. Where an address with nobody behind it is ordered, one more race tells how long such a
browser would stand. A host that has no IPv4 route to the server is judged by IPv6 alone.

What it does not prove: what a certain browser does; each has thresholds and a memory of its own.
"""

from __future__ import annotations

import errno
import json
import selectors
import socket
import time
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address, IPv6Address

from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Facts, Raw
from probes._ipv6.rungs import Climb
from probes._ipv6.series import median_us, series, told
from probes._ipv6.settings import Echo, Limits, Settings
from probes._ipv6.way import has_way
from probes._literal import Address, Connect, opened
from probes._rung import Rung

TRIES = 10
WAIT_S = 3.0  # for one connect
ATTEMPT_DELAY_S = 0.25  # RFC 8305 section 8
RACES = 10
RACE_S = 3.0  # for one race
RACES_S = 6.0  # for all of them: those that are left over are not run, and not counted
ALL_PPM = 1_000_000

NO_FAMILY = "EAFNOSUPPORT"


@dataclass(frozen=True, slots=True)
class Race:
    """Which family won (6, 4, or 0 for nobody), after how long, and from which of our addresses to which."""

    winner: int
    us: int
    source: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Connects of both families made side by side, the races after them, the one against nobody; `without_ipv4`: no IPv4 was tried."""

    six: tuple[Connect, ...]
    four: tuple[Connect, ...] = ()
    races: tuple[Race, ...] = ()
    dead: Race | None = None
    without_ipv4: bool = False


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
    """All connects, and the races where there is somebody to race."""
    if not has_way(v4, interface):
        (six,) = series((echo.v6,), echo.port, TRIES, WAIT_S, interface)
        return Pairs(six, without_ipv4=True)
    six, four = series((echo.v6, v4), echo.port, TRIES, WAIT_S, interface)
    has_family = any(one.error != NO_FAMILY for one in six)  # else the kernel gives no socket to race with
    if not has_family or not any(one.accepted for one in (*six, *four)):
        return Pairs(six, four)
    until = time.monotonic() + RACES_S
    races = tuple(_races(echo.v6, v4, echo.port, interface, until))
    dead = race(echo.bad6, v4, echo.port, interface) if echo.bad6 is not None else None
    return Pairs(six, four, races, dead)


def _races(six: IPv6Address, four: IPv4Address, port: int, interface: str, until_s: float) -> list[Race]:
    """One race after the other as long as there is time, at least one."""
    races = [race(six, four, port, interface)]
    while len(races) < RACES and time.monotonic() < until_s:
        races.append(race(six, four, port, interface))
    return races


def race(six: IPv6Address, four: IPv4Address, port: int, interface: str) -> Race:
    """IPv6 begins; IPv4 joins after the attempt delay, or at once where IPv6 has failed (RFC 8305 section 5)."""
    began = time.monotonic()
    with selectors.DefaultSelector() as running, opened(six, interface) as first, opened(four, interface) as second:
        _begin(first, six, port, running)
        won = _first(running, began + ATTEMPT_DELAY_S)
        if won is None:
            _begin(second, four, port, running)
            won = _first(running, began + RACE_S)
        took_us = round((time.monotonic() - began) * 1_000_000)
        if won is None:
            return Race(0, took_us)
        source = str((first if won is six else second).getsockname()[0])
        return Race(won.version, took_us, source, str(won))


def _begin(connection: socket.socket, to: Address, port: int, running: selectors.BaseSelector) -> None:
    """Start a connect without waiting; it is not running where the system refuses it at once."""
    connection.setblocking(False)
    if connection.connect_ex((str(to), port)) in (0, errno.EINPROGRESS):
        running.register(connection, selectors.EVENT_WRITE, to)


def _first(running: selectors.BaseSelector, until_s: float) -> Address | None:
    """Who is accepted first before a moment; those that fail fall out, and nobody is waited for when all did."""
    while running.get_map() and (left_s := until_s - time.monotonic()) > 0:
        for key, _ in running.select(left_s):
            connection: socket.socket = key.fileobj  # type: ignore[assignment]  # only sockets are registered
            if not connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                to: Address = key.data
                return to
            running.unregister(connection)
    return None


def judged(pairs: Pairs, limits: Limits) -> Rung:
    """The rung: what IPv6 does alone, then what it does beside IPv4."""
    facts = _facts(pairs)
    if not any(one.accepted for one in (*pairs.six, *pairs.four)):
        return Rung("L8", INCONCLUSIVE, "SERVER_UNREACHABLE", facts)
    six, four = median_us(pairs.six), median_us(pairs.four)
    if six is None or sum(one.clean for one in pairs.six) * ALL_PPM < limits.dual_ppm * len(pairs.six):
        return Rung("L8", FAIL, "V6_UNSTABLE", facts)
    if pairs.without_ipv4:
        return Rung("L8", PASS, "NO_IPV4", facts)
    if four is None:
        return Rung("L8", INCONCLUSIVE, "V4_SILENT", facts)
    if six > four + limits.slower_us:
        return Rung("L8", FAIL, "V6_SLOW", facts)
    if _wins(pairs) * ALL_PPM < limits.race_ppm * len(pairs.races):
        return Rung("L8", FAIL, "V4_PREFERRED", facts)
    return Rung("L8", PASS, evidence=facts)


def _facts(pairs: Pairs) -> Facts:
    """What it rests on, in short; `fall_back_us` only where it was IPv4 that the browser fell back to."""
    facts: Facts = {"tries": len(pairs.six)}
    for family, connects in ((6, pairs.six), (4, pairs.four)):
        facts |= told(family, connects)
    facts |= {"races": len(pairs.races), "v6_wins": _wins(pairs)}
    if pairs.dead is not None:
        name = {4: "fall_back_us", 6: "bad6_accepted_us"}.get(pairs.dead.winner, "nobody_us")
        facts[name] = pairs.dead.us
    return facts


def _wins(pairs: Pairs) -> int:
    """How many races IPv6 won."""
    return sum(one.winner == 6 for one in pairs.races)


def _written(pairs: Pairs) -> bytes:
    """Both series with both addresses of every connection."""
    return json.dumps(asdict(pairs), indent=1, default=str).encode()
