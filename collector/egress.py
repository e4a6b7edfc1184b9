"""
What did the two ends of a line see of one run: the school's agent, and the operator's measurement server?

*Method*: the agent's report and the server's own are joined by the session that the order gave them. What both saw counts, the lower
of the two; where they differ by more than 5 % they contradict each other, and that quantity is not judged of that order. Sessions of one group
were measured side by side in the very same window of the server's clock: their rates are added. A run whose window was long
enough and whose public address, as the server saw it, lies in a declared prefix of the ordered line was seen by two parties of
opposed interest (grade A3); any other is the agent's word (A1), and why is said. The counters of the ports to the outside are a
witness: octets that were measured and did not cross them came another way. An upper end is kept only where the server had proved
that it can do more, a second server agrees and the box's own port is fast enough. Pure: runs in, credits out.

What it does not prove: that no faster line stands behind the declared prefix, nor that the box is in the school. A capacity that is
rented for the test is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address

from collector.drivers import is_of_a_wire
from collector.frameworks import Grade
from collector.school import Evidence, School
from collector.two_ends import ALL_PPM, WAYS, Pair, agree, number_of, pairs_of
from collector.verdict import Code, Reason
from evidence import quantities as q
from evidence.layers import Segments
from evidence.model import Facts, Reading, Report
from evidence.steady import BATCHES_A_SECOND, FEWEST_BATCHES, FEWEST_PACED
from evidence.stream import BIN_US, Ended

TOLERANCE_PPM = 50_000  # by how much two counts of the same octets may differ, and the witness may stay below them
SERVERS_AGREE_PPM = 100_000
HEADROOM_PPM = 1_250_000  # what an instrument must be able to do, as a part of an upper end that it shows


@dataclass(frozen=True, slots=True)
class Credit:
    """
    What one session, or those of one group, show of a quantity.

    `behind` is the evidence of both ends. `short` says why it is worth no more than its grade, `limits` what kept the figure
    from being higher. With anything in `against` it is shown and never judged.
    """

    reading: Reading
    grade: Grade
    behind: tuple[Evidence, ...]
    short: tuple[Reason, ...] = ()
    limits: tuple[Reason, ...] = ()
    against: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()

    @property
    def orders(self) -> frozenset[str]:
        """The orders behind it."""
        return frozenset(one.report.scan for one in self.behind)


def credits_of(quantity: str, school: School, runs: Sequence[Evidence]) -> tuple[Credit, ...]:
    """What admitted runs of agents and servers show of a quantity: one credit a session or group, in bit/s."""
    way = WAYS[quantity]
    slots: dict[tuple[object, ...], dict[str, Pair]] = {}
    for pair in pairs_of(way, school, runs):
        slots.setdefault(pair.slot, {}).setdefault(pair.run.report.agent, pair)  # each agent adds once
    found = [credit for pairs in slots.values() for credit in _credits(school, list(pairs.values()))]
    spoiled = frozenset[str]().union(*(credit.orders for credit in found if credit.against))
    return tuple(_without_spoiled(credit, spoiled, found) for credit in found)


def _without_spoiled(credit: Credit, spoiled: frozenset[str], found: Sequence[Credit]) -> Credit:
    """A credit of an order in which something contradicts: nothing else of that order and quantity is judged either."""
    if credit.against or not credit.orders & spoiled:
        return credit
    reasons = [reason for one in found if one.orders & credit.orders for reason in one.against]
    return replace(credit, against=tuple(dict.fromkeys(reasons)))


# --- What is said of one session or group -----------------------------------------------------------------------------


def _credits(school: School, pairs: Sequence[Pair]) -> Iterator[Credit]:
    """
    One session, or the sum of a group; where several lines were measured side by side, each line's own sum too.

    Members that are only their agents' word lower the grade of a sum: those that both ends saw are added without them as well.
    """
    lines = sorted({pair.line for pair in pairs})
    sums = [[pair for pair in pairs if pair.line == line] for line in lines]
    for members in [*sums, list(pairs)] if len(lines) > 1 else sums:
        yield _credit(school, members, pairs)
        seen = [pair for pair in members if not any(_short(school, pair))]
        if 0 < len(seen) < len(members):
            yield _credit(school, seen, pairs)


def _credit(school: School, pairs: Sequence[Pair], together: Sequence[Pair]) -> Credit:
    """What these sessions show together, of all that were measured at the same time."""
    low = sum(pair.low for pair in pairs)
    short = tuple(reason for pair in pairs for reason in _short(school, pair))
    against = tuple(reason for pair in pairs for reason in _disagreement(pair)) + _past_the_witness(pairs)
    high = _high(school, pairs[0]) if len(pairs) == 1 and not short and not against else None
    line = ", ".join(sorted({pair.line for pair in pairs}))
    behind = {one.id: one for pair in pairs for one in pair.behind}
    return Credit(
        pairs[0].way.quantity.between(low, high, line, _facts(pairs)),
        Grade.A1 if short else Grade.A3,
        tuple(behind.values()),
        tuple(dict.fromkeys(short)),
        tuple(dict.fromkeys(_limit(pair) for pair in pairs)),
        against,
        (_measured(pairs), *_other_traffic(together)),
    )


def _facts(pairs: Sequence[Pair]) -> Facts:
    """What is told beside the figure: of one session what its agent told, of a group how many there were."""
    return pairs[0].own.facts if len(pairs) == 1 else {"agents": len(pairs)}


def _short(school: School, pair: Pair) -> Iterator[Reason]:
    """Why a session is only the agent's word: nobody else saw it, not for long enough, or not coming from the school's line."""
    if pair.observed is None:
        yield Reason(Code.NO_SERVER_REPORT)
        return
    seconds = _window_us(pair.observed) // 1_000_000
    if _window_us(pair.observed) < _settled_us(pair.run.report) - BIN_US:
        yield Reason(Code.TOO_SHORT, {"seconds": seconds})
    if not _is_of_line(school, pair):
        yield Reason(Code.ADDRESS_NOT_REGISTERED, {"seen": _seen(pair), "line": pair.line or "—"})


def _window_us(observed: Reading) -> int:
    """How long the window was, by the server's clock."""
    return number_of(observed, "to_unix_us") - number_of(observed, "from_unix_us")


def _settled_us(report: Report) -> int:
    """How long a window must be before a figure can have settled; who holds the rate himself is sooner there."""
    fewest = FEWEST_PACED if report.settings.get("threshold_bit_s") else FEWEST_BATCHES
    return fewest * 1_000_000 // BATCHES_A_SECOND


def _is_of_line(school: School, pair: Pair) -> bool:
    """Whether the public address that the server saw lies in a prefix of the ordered line, and the line leads where the server is."""
    line = school.line(pair.line)
    return line is not None and line.kind == pair.way.path and line.has(_seen(pair))


def _seen(pair: Pair) -> str:
    """The address as the server saw it, one of IPv4 in its own spelling."""
    told = str((pair.observed or pair.own).facts.get("seen", ""))
    try:
        address = ip_address(told)
    except ValueError:
        return told or "—"
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _disagreement(pair: Pair) -> tuple[Reason, ...]:
    """That the two ends counted differently; two honest counts of the same octets do not, but of a run that was cut each had its own window."""
    if pair.observed is None or _was_cut(pair.own, pair.observed) or agree(pair.own, pair.observed, TOLERANCE_PPM):
        return ()
    counted, proved = pair.own.low or 0, pair.observed.low or 0
    return (Reason(Code.CONTRADICTION, {"counted": counted, "proved": proved, "quantity": pair.way.quantity.name}),)


def _was_cut(own: Reading, observed: Reading) -> bool:
    """Whether a run was cut by the word of both ends: an agent alone cannot say so of one that the server saw settle."""
    return own.facts.get("ended") == Ended.CUT and observed.facts.get("ended") != Ended.STEADY


# --- The witness: the counters of the ports to the outside --------------------------------------------------------------


def _past_the_witness(pairs: Sequence[Pair]) -> tuple[Reason, ...]:
    """
    That less crossed the ports to the outside than was measured: the test's octets came another way.

    Which port belongs to which line is not declared: every witness adds up all of them.
    """
    least = min((one.high for one in map(_witness, pairs) if one is not None and one.high is not None), default=None)
    if least is None:
        return ()
    frames = sum(map(_frames, pairs))
    if least * ALL_PPM >= frames * (ALL_PPM - TOLERANCE_PPM):
        return ()
    name = f"egress.wan_{pairs[0].way.direction}"
    return (Reason(Code.CONTRADICTION, {"crossed": least, "proved": frames, "quantity": name}),)


def _other_traffic(together: Sequence[Pair]) -> tuple[Reason, ...]:
    """That clearly more crossed the ports to the outside than all who measured at that time did: there was other traffic too."""
    most = max((one.low for one in map(_witness, together) if one is not None and one.low is not None), default=0)
    frames = sum(map(_frames, together)) if most else 0
    if most * ALL_PPM <= frames * (ALL_PPM + TOLERANCE_PPM):
        return ()
    return (Reason(Code.OTHER_TRAFFIC, {"crossed": most, "beside": most - frames}),)


def _witness(pair: Pair) -> Reading | None:
    """What the counters showed during a run, Ethernet L2."""
    name, direction = f"egress.wan_{pair.way.direction}", pair.way.direction
    readings = pair.run.report.readings
    return next((one for one in readings if one.quantity == name and one.subject == direction), None)


def _frames(pair: Pair) -> int:
    """The rate that both ends saw, as Ethernet L2 has it."""
    segments = Segments(number_of(pair.own, "mss"), number_of(pair.own, "family"))
    payload = pair.low * segments.mss // segments.packet if pair.way.is_ip else pair.low
    return segments.l2(payload)


# --- The upper end, and what limited the run ----------------------------------------------------------------------------


def _high(school: School, pair: Pair) -> int | None:
    """The agent's upper end, where everything else had room above it and two servers agree; else none is known."""
    high, observed, second = pair.own.high, pair.observed, pair.second
    if high is None or observed is None or second is None:
        return None
    # What a server did at best is told as payload: compared with an upper end at the IP layer it is the stricter rule.
    is_server_faster = number_of(observed, "hour_best_bit_s") * ALL_PPM >= high * HEADROOM_PPM
    is_port_faster = number_of(pair.own, "port_bit_s") * ALL_PPM >= high * HEADROOM_PPM
    is_wire = is_of_a_wire(pair.own.facts.get("driver", ""), school.virtual)
    room = is_server_faster and is_port_faster and is_wire and _state(pair) == "network"
    return high if room and agree(observed, second, SERVERS_AGREE_PPM) else None


def _limit(pair: Pair) -> Reason:
    """What kept the figure from being higher, as the agent saw it."""
    return Reason(Code.LIMITED_BY, {"by": _state(pair)})


def _state(pair: Pair) -> str:
    """The state that the agent told of this direction."""
    told = (one for one in pair.run.report.readings if one.quantity == q.EGRESS_LIMITED_BY.name)
    return next((str(one.value) for one in told if one.subject == pair.way.direction), "unknown")


def _measured(pairs: Sequence[Pair]) -> Reason:
    """Over which line it was measured, from where, to whom, when, and what limited it."""
    first = pairs[0]
    server, settings = first.server, first.run.report.settings
    seen = dict.fromkeys(map(_seen, pairs))
    about: dict[str, str | int] = {
        "quantity": first.way.quantity.name,
        "line": ", ".join(sorted({pair.line or "—" for pair in pairs})),
        "server": server.name if server is not None else str(settings.get("server", "—")),
        "operator": (server.operator if server is not None else "") or "—",
        "path": first.way.path,
        "seen": ", ".join(seen),
        "unix_us": number_of(first.observed, "to_unix_us") or first.run.received_unix_us,
        "by": ",".join(dict.fromkeys(map(_state, pairs))),
        "agents": len(pairs),
    }
    return Reason(Code.MEASURED_OVER, about)
