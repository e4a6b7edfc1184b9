"""
L9: is IPv6 as good as IPv4 to the same server?

*Method*: connects of both families side by side, at least twenty of each: how many are accepted, and how many at the first SYN, and how
long they take. Then downloads in turns, one family after the other, as large as fit into about a second. A shortfall that may be chance is
looked at again before it is told. Where both families fill the port, or the processor of this box, no difference of the line's is left to be seen.

What it does not prove: how fast the line is. Only the ratio counts, and the bound on the time of all of it (`DEADLINE_S`) may leave it
undecided.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from ipaddress import IPv4Address
from statistics import median_low

from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.layers import SMALLEST_MSS, Segments
from evidence.model import Facts, Raw
from probes._interfaces import port
from probes._ipv6.downloads import DOWNLOAD_S, Download, download, fitting
from probes._ipv6.rungs import Climb
from probes._ipv6.series import median_us, series, told
from probes._ipv6.settings import Echo, Limits, Settings
from probes._ipv6.way import has_way
from probes._literal import Address, Connect
from probes._rung import Rung

TRIES, MORE_TRIES = 20, 40  # one loss in twenty may be chance; in sixty the bound tells
CONNECT_S = 3.0
FIRST_BLOCKS = 8  # 512 KiB: enough to see how much fits into a second
PAIRS, MORE_PAIRS = 3, 3
ENOUGH = 2  # downloads of each family that tell a rate
FEWEST_ROUND_TRIPS = 20  # of a download: in fewer TCP is still finding out how fast it may be (RFC 5681 section 3.1)
DEADLINE_S = 25.0
ALL_PPM = 1_000_000
FULL_PPM = 900_000  # of a port's rate, or of one processor


@dataclass(frozen=True, slots=True)
class Beside:
    """Both families beside each other; the rate of the port in bit/s is None where its driver tells none."""

    six: tuple[Connect, ...]
    four: tuple[Connect, ...]
    downloads: tuple[Download, ...] = ()
    port_bit_s: int | None = None

    def telling(self, family: int) -> list[Download]:
        """The downloads of a family that tell a rate, or a bound of one."""
        return [one for one in self.downloads if one.family == family and (one.good or one.slow)]

    def broken(self, family: int) -> int:
        """How many downloads of a family tell nothing: cut off, or of other content."""
        return sum(one.family == family and not (one.good or one.slow) for one in self.downloads)

    def rate_bit_s(self, family: int) -> tuple[int, int]:
        """At least and at most how fast a family is, by the median of what tells a rate, of which there must be some."""
        rates = [one.rate_bit_s for one in self.telling(family)]
        return median_low(low for low, _ in rates), median_low(high for _, high in rates)


def climb(settings: Settings, interface: str, deadline_s: float = DEADLINE_S) -> Climb:
    """Compare both families; no download begins that might not end before the deadline."""
    echo = settings.echo
    if echo is None or not settings.parity:
        return Climb(Rung("L9", NOT_TESTED, "NO_TARGETS" if settings.parity else "NOT_ORDERED"))
    if echo.v4 is None:
        return Climb(Rung("L9", INCONCLUSIVE, "NO_V4_NAME"))
    if not has_way(echo.v4, interface):
        return Climb(Rung("L9", NOT_TESTED, "NO_IPV4"))
    beside = _measured(echo, echo.v4, interface, settings, time.monotonic() + deadline_s)
    return Climb(judged(beside, settings.limits), (Raw("parity.json", _written(beside)),))


def _measured(echo: Echo, v4: IPv4Address, interface: str, settings: Settings, until_s: float) -> Beside:
    """Connects, then downloads where both families are accepted, as long as there is time."""
    families: tuple[Address, ...] = (echo.v6, v4)
    six, four = series(families, echo.port, TRIES, CONNECT_S, interface)
    if loses(six, four, settings.limits) and _may_mend(six, four, settings.limits):
        more_six, more_four = series(families, echo.port, MORE_TRIES, CONNECT_S, interface)
        six, four = six + more_six, four + more_four
    known = port(interface)
    beside = Beside(six, four, port_bit_s=known.speed_bit_s if known else None)
    if not all(any(one.accepted for one in connects) for connects in (six, four)):
        return beside
    return _downloaded(beside, echo, families, interface, settings, until_s)


def _downloaded(
    beside: Beside, echo: Echo, families: Sequence[Address], interface: str, settings: Settings, until_s: float
) -> Beside:
    """Downloads in turns: three of each family, and up to three more where that may turn out otherwise."""
    blocks = fitting([download(echo, to, interface, FIRST_BLOCKS) for to in families], settings.rate_octets)
    for number in range(PAIRS + MORE_PAIRS):
        if number >= PAIRS and not _may_turn(beside, settings.limits):
            break
        if time.monotonic() + len(families) * DOWNLOAD_S > until_s:
            break
        in_turn = families if number % 2 == 0 else families[::-1]
        pair = tuple(download(echo, to, interface, blocks) for to in in_turn)
        beside = replace(beside, downloads=beside.downloads + pair)
    return beside


def judged(beside: Beside, limits: Limits) -> Rung:
    """The rung: losses before round trips, these before rates; what else is worse stands in `also`."""
    facts = _facts(beside)
    if not any(one.accepted for one in beside.four):
        reached = any(one.accepted for one in beside.six)
        return Rung("L9", INCONCLUSIVE, "V4_SILENT" if reached else "SERVER_UNREACHABLE", facts)
    slower = is_slower(beside, limits)
    worse = {
        "DEGRADED_LOSS": loses(beside.six, beside.four, limits),
        "DEGRADED_RTT": _is_later(beside, limits),
        "DEGRADED_RATE": slower is True,
    }
    code, *more = [code for code, holds in worse.items() if holds] or [""]
    if code:
        return Rung("L9", FAIL, code, facts | ({"also": " ".join(more)} if more else {}))
    if slower is None:
        return Rung("L9", INCONCLUSIVE, _undecided(beside), facts)
    return Rung("L9", PASS, evidence=facts)


def loses(six: Sequence[Connect], four: Sequence[Connect], limits: Limits) -> bool:
    """Whether fewer connects succeed over IPv6, at all or at the first SYN, than the bound allows beside IPv4's."""
    accepted6, accepted4 = (sum(one.accepted for one in connects) for connects in (six, four))
    clean6, clean4 = (sum(one.clean for one in connects) for connects in (six, four))
    short = any(
        ours * ALL_PPM < limits.parity_ppm * theirs for ours, theirs in ((accepted6, accepted4), (clean6, clean4))
    )
    return short or (accepted4 > 0 and accepted6 == 0)


def _may_mend(six: Sequence[Connect], four: Sequence[Connect], limits: Limits) -> bool:
    """Whether a shortfall would be within the bound if nothing were lost in some more tries."""
    clean = [next((one for one in connects if one.clean), None) for connects in (six, four)]
    if clean[0] is None or clean[1] is None:
        return False
    return not loses((*six, *[clean[0]] * MORE_TRIES), (*four, *[clean[1]] * MORE_TRIES), limits)


def _is_later(beside: Beside, limits: Limits) -> bool:
    """Whether the median round trip is longer by more than the share, and by more than the time, that is allowed."""
    six, four = median_us(beside.six), median_us(beside.four)
    if six is None or four is None:
        return False
    return six - four > limits.rtt_us and (six - four) * ALL_PPM > limits.rtt_ppm * four


def is_slower(beside: Beside, limits: Limits) -> bool | None:
    """Whether the rate over IPv6 is less than the bound allows beside IPv4's; None where what was seen leaves it open."""
    if min(len(beside.telling(6)), len(beside.telling(4))) < ENOUGH:
        return None
    (six_low, six_high), (four_low, four_high) = beside.rate_bit_s(6), beside.rate_bit_s(4)
    held = six_low * ALL_PPM >= limits.rate_ppm * four_high or bool(limit(beside))
    if held:
        return False if beside.broken(6) <= beside.broken(4) else None
    return True if six_high * ALL_PPM < limits.rate_ppm * four_low and not _is_short(beside) else None


def _is_short(beside: Beside) -> bool:
    """Whether the downloads over IPv6 last so few round trips that these decide, and not the rate."""
    return median_low(one.took_us for one in beside.telling(6)) < FEWEST_ROUND_TRIPS * (median_us(beside.six) or 0)


def _undecided(beside: Beside) -> str:
    """Why the rates tell nothing: downloads broke off, were too short for a rate, or had too little time."""
    if beside.broken(6) + beside.broken(4):
        return "BROKEN_OFF"
    enough = min(len(beside.telling(6)), len(beside.telling(4))) >= ENOUGH
    return "TOO_SHORT" if enough and _is_short(beside) else "TOO_SLOW"


def _may_turn(beside: Beside, limits: Limits) -> bool:
    """Whether more downloads may decide what is open, or show that what was slow was an exception."""
    slower = is_slower(beside, limits)
    if not slower:
        return slower is None
    best_bit_s = max(one.rate_bit_s[0] for one in beside.telling(6))
    return best_bit_s * ALL_PPM >= limits.rate_ppm * beside.rate_bit_s(4)[0]


def limit(beside: Beside) -> str:
    """What holds both families back on this side: `port`, `processor`, or empty for neither; asks for downloads of both."""
    if all(_fills_port(beside, family) for family in (6, 4)):
        return "port"
    busy = [median_low(one.busy_ppm for one in beside.telling(family)) for family in (6, 4)]
    return "processor" if min(busy) >= FULL_PPM else ""


def _fills_port(beside: Beside, family: int) -> bool:
    """Whether a family reaches what the port carries at the IP layer, nearly."""
    if beside.port_bit_s is None:
        return False
    segments = Segments(max(beside.telling(family)[0].came.mss, SMALLEST_MSS), family)
    most_bit_s = segments.ip(segments.payload_of_l1(beside.port_bit_s))
    return beside.rate_bit_s(family)[0] * ALL_PPM >= most_bit_s * FULL_PPM


def _facts(beside: Beside) -> Facts:
    """What it rests on, in short; a rate that is only bounded stands as `..._at_most_bit_s`."""
    facts: Facts = {"tries": len(beside.six)} | told(6, beside.six) | told(4, beside.four)
    facts |= {"downloads": len(beside.downloads), "broken": beside.broken(6) + beside.broken(4)}
    for family in (6, 4):
        if beside.telling(family):
            low, high = beside.rate_bit_s(family)
            facts |= {f"v{family}_bit_s": low} if low == high else {f"v{family}_at_most_bit_s": high}
    if beside.telling(6) and beside.telling(4) and (what := limit(beside)):
        facts["limit"] = what
    return facts


def _written(beside: Beside) -> bytes:
    """Both series with both addresses of every connection, and the downloads without their content."""
    words = {
        "six": [asdict(one) for one in beside.six],
        "four": [asdict(one) for one in beside.four],
        "port_bit_s": beside.port_bit_s,
        "downloads": [_in_words(one) for one in beside.downloads],
    }
    return json.dumps(words, indent=1, default=str).encode()


def _in_words(one: Download) -> dict[str, object]:
    """One download."""
    came = one.came
    named = ("to", "port", "source", "status", "octets", "sha256", "first_us", "us", "mss", "stage", "error")
    return {
        "family": one.family,
        "wanted": one.wanted,
        "good": one.good,
        "busy_ppm": one.busy_ppm,
        "rate_bit_s": one.rate_bit_s,
        **{name: getattr(came, name) for name in named},
    }
