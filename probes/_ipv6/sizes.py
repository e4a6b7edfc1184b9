"""
L7: do large packets pass as well as small ones, both ways?

*Method*: a small GET, a POST of 8000 octets and a GET of 64 KiB, side by side, to the operator's server, and the same over the path of
`mtu1280`, on which a hop carries 1280 octets and says so (Packet Too Big, RFC 4443 section 3.2). What sticks is repeated with segments
of 1220 octets, which always fit (RFC 8200 section 5): where that helps, somebody on the way throws those messages away. Content is
compared with what it must be, so that no portal's page passes for it.

What it does not prove: that every path carries full packets; it is the path to one server, and one with a narrow hop.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from ipaddress import IPv6Address

from evidence.echo import OBJECT_PATH, block
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Facts, Raw
from probes._http import Asked, Exchange, exchange
from probes._ipv6.rungs import Climb
from probes._ipv6.settings import Echo, Settings
from probes._ipv6.web import AT_THE_SERVER
from probes._rung import Rung

SMALL, UP, DOWN = "small", "up", "down"
SMALL_OCTETS, POSTED_OCTETS, LARGE_OCTETS = 1000, 8000, 65_536
TRIES = 2
NARROW_MTU = 1280
SAFE_MSS = 1220  # 1280 less 40 octets of IPv6 and 20 of TCP
OK = 200
NORMAL, NARROW = "normal", "mtu1280"
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """One transfer over one path, and its repetition with small segments where it stuck; `good` is content and time."""

    path: str
    kind: str
    first: Exchange
    good: bool
    again: Exchange | None = None
    good_again: bool = False


def climb(settings: Settings, interface: str) -> Climb:
    """Make the three transfers over both paths."""
    echo = settings.echo
    if echo is None:
        return Climb(Rung("L7", NOT_TESTED, "NO_TARGETS"))
    paths = {NORMAL: echo.v6} | ({NARROW: echo.mtu1280} if echo.mtu1280 else {})
    wanted = [(path, kind) for path in paths for kind in (SMALL, UP, DOWN)]
    wait_s = settings.limits.size_us / MICROSECONDS
    with ThreadPoolExecutor(len(wanted)) as pool:
        sizes = list(pool.map(lambda one: _size(echo, paths[one[0]], one, wait_s, interface), wanted))
    return Climb(judged(sizes, narrow_ordered=NARROW in paths), (Raw("sizes.json", _written(sizes)),))


def _size(echo: Echo, to: IPv6Address, wanted: tuple[str, str], wait_s: float, interface: str) -> Size:
    """One transfer, and again with small segments where it stuck."""
    path, kind = wanted
    for _ in range(TRIES):  # a lost SYN says nothing of sizes
        first = exchange(_asked(echo, to, path, kind, wait_s, interface))
        if first.stage != "connect":
            break
    if _is_good(first, kind):
        return Size(path, kind, first, True)
    again = exchange(_asked(echo, to, path, kind, wait_s, interface, SAFE_MSS))
    return Size(path, kind, first, False, again, _is_good(again, kind))


def _asked(echo: Echo, to: IPv6Address, path: str, kind: str, wait_s: float, interface: str, mss: int = 0) -> Asked:
    """The request of one kind."""
    name = f"{'mtu1280' if path == NARROW else 'big'}.{echo.zone}"
    method, target, content = {
        SMALL: ("GET", f"{OBJECT_PATH}?octets={SMALL_OCTETS}", b""),
        UP: ("POST", OBJECT_PATH, block()[:POSTED_OCTETS]),
        DOWN: ("GET", f"{OBJECT_PATH}?octets={LARGE_OCTETS}", b""),
    }[kind]
    return Asked(to, echo.port, name, target, method, content, timeout_s=wait_s, interface=interface, mss=mss)


def _is_good(came: Exchange, kind: str) -> bool:
    """Whether the whole content came, or arrived, as it is."""
    if not came.whole or came.status != OK:
        return False
    if kind == UP:
        return _told(came.body) == {"octets": POSTED_OCTETS, "sha256": _sha256(POSTED_OCTETS)}
    return came.sha256 == _sha256(SMALL_OCTETS if kind == SMALL else LARGE_OCTETS)


def _told(body: bytes) -> object:
    """What the server says it got; None for what is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _sha256(octets: int) -> str:
    """The hash of the first octets of an object of one block."""
    return hashlib.sha256(block()[:octets]).hexdigest()


def judged(sizes: list[Size], narrow_ordered: bool) -> Rung:
    """The rung: the normal path decides first, then the narrow one."""
    by_kind = {(one.path, one.kind): one for one in sizes}
    facts: Facts = {f"{path}_{kind}_us": one.first.us for (path, kind), one in by_kind.items() if one.good}
    for path in dict.fromkeys(one.path for one in sizes):
        mine = {kind: one for (where, kind), one in by_kind.items() if where == path}
        code = _code(mine)
        if code:
            stuck = " ".join(kind for kind, one in mine.items() if not one.good)
            state = INCONCLUSIVE if code in ("SMALL_FAILS", "SERVER_ERROR") else FAIL
            return Rung("L7", state, code, facts | {"path": path, "stuck": stuck, "pmtu": mine[DOWN].first.pmtu})
    if not narrow_ordered:
        return Rung("L7", INCONCLUSIVE, "NO_MTU1280", facts)
    narrow = by_kind[(NARROW, UP)].first
    if narrow.pmtu > NARROW_MTU and narrow.mss > SAFE_MSS:  # nobody had to say that a packet was too big
        return Rung("L7", INCONCLUSIVE, "NOT_NARROW", facts | {"pmtu": narrow.pmtu, "mss": narrow.mss})
    return Rung("L7", PASS, evidence=facts | {"pmtu": narrow.pmtu, "mss": narrow.mss})


def _code(mine: Mapping[str, Size]) -> str:
    """What is wrong with one path; empty where nothing is."""
    stuck = {kind: one for kind, one in mine.items() if not one.good}
    if not stuck:
        return ""
    if any(one.first.whole and one.first.status in AT_THE_SERVER for one in stuck.values()):
        return "SERVER_ERROR"
    mended = {kind for kind, one in stuck.items() if one.good_again and one.first.stage != "connect"}
    if not mended:
        return "SMALL_FAILS" if SMALL in stuck else "LARGE_FAILS_OTHER"
    if stuck.keys() - mended - {SMALL}:
        return "LARGE_FAILS_OTHER"
    # A handshake that needs small segments is the server's certificate, which comes down.
    up = UP in mended and stuck[UP].first.stage in ("send", "receive")
    down = any(kind != UP or stuck[kind].first.stage not in ("send", "receive") for kind in mended)
    return f"PMTU_BLACKHOLE_{'BOTH' if up and down else 'UP' if up else 'DOWN'}"


def _written(sizes: list[Size]) -> bytes:
    """Every transfer with both addresses, its times, and what the kernel believed of the path."""
    rows = [
        {"path": one.path, "kind": one.kind, "good": one.good, "good_again": one.good_again}
        | {"first": _in_words(one.first), "again": _in_words(one.again) if one.again else None}
        for one in sizes
    ]
    return json.dumps(rows, indent=1).encode()


def _in_words(came: Exchange) -> dict[str, object]:
    """One exchange without its content."""
    kept = ("port", "status", "octets", "sha256", "source", "first_us", "us", "pmtu", "mss", "stage", "error")
    return {"to": str(came.to)} | {key: value for key, value in asdict(came).items() if key in kept}
