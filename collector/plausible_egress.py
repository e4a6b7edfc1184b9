"""
Can one run over the way out have given these readings, and can a measurement server have seen this?

*Method*: a run gives the quantities of the ordered network and direction, of one line, each as what was reached at least. How much of
the IP layer is payload follows from the segment size that it tells (`evidence.layers`); no more comes in than its own port carries.
What merely looks unlikely is no matter of this module: a report that breaks a rule here is never judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.drivers import is_of_a_wire
from collector.plausible_switches import Said
from collector.school import at
from collector.two_ends import WAYS
from evidence import quantities as q
from evidence.layers import IP_HEADER, SMALLEST_MSS, Segments
from evidence.model import Facts, Reading, Report

ALL_PPM = 1_000_000
ROUNDING_PPM = 20  # two roundings of a rate
SLACK_PPM = 20_000  # what a switch or the box held back before the window and let go in it
RATES = frozenset(WAYS)
DIRECTIONS = ("down", "up")
OF_A_DIRECTION = (
    q.EGRESS_LIMITED_BY,
    q.EGRESS_LOADED_LATENCY,
    q.EGRESS_RESPONSIVENESS,
    q.EGRESS_LOSS,
    q.EGRESS_RETRANSMITTED,
    q.EGRESS_WAN_DOWN,
    q.EGRESS_WAN_UP,
)
OF_WAN = (q.WAN_MEAN_DOWN, q.WAN_MEAN_UP)


def make_one_measurement(report: Report, said: Said) -> bool:
    """Whether one ordered run of the probe `egress` can have given the readings."""
    ways, line = _ways(report), str(report.settings.get("line", ""))
    rates = {name: reading for (name, _), reading in said.items() if name in RATES}
    ordered = {rate for way in ways.values() for rate in way}
    whole = report.failure is not None or bool(rates)  # of a direction into which nothing came there is no figure
    subjects = all(subject == line for name, subject in said if name in RATES)
    return whole and set(rates) <= ordered and subjects and _of_directions(report, said, ways, rates)


def _ways(report: Report) -> dict[str, tuple[str, str]]:
    """For each ordered direction the quantities of payload and of the IP layer."""
    path, direction = report.settings.get("path", ""), report.settings.get("direction", "both")
    stem = f"egress.{path}." if path else "egress."
    return {one: (f"{stem}{one}", f"{stem}{one}_ip") for one in DIRECTIONS if direction in (one, "both")}


def _of_directions(report: Report, said: Said, ways: dict[str, tuple[str, str]], rates: dict[str, Reading]) -> bool:
    """What is told of a direction is told of an ordered one; each that was measured has both layers and what limited it."""
    beside = {quantity.name for quantity in OF_A_DIRECTION}
    if not {subject for name, subject in said if name in beside} <= set(ways):
        return False
    measured = [(one, [rates[name] for name in way if name in rates]) for one, way in ways.items()]
    return all(
        not found
        or (_is_pair(report, found) and ((q.EGRESS_LIMITED_BY.name, one) in said or report.failure is not None))
        for one, found in measured
    )


def _is_pair(report: Report, found: list[Reading]) -> bool:
    """Payload and IP layer of one direction, of this session, the one as follows from the other; one alone where the run was cut off."""
    family = report.settings.get("family")
    mine = [one for one in found if one.facts.get("session") == report.session and one.value is None]
    if not report.session or mine != found or any(one.low is None for one in found):
        return False
    if family is not None and any(one.facts.get("family") != family for one in found):
        return False
    if len(found) == 1:
        return report.failure is not None and _is_alone(found[0])
    payload, ip = found
    return any(_is_carried(cut, payload) for cut in _segments(payload, ip))


def _is_alone(rate: Reading) -> bool:
    """Whether the one layer that a run came to before it was cut off says how its payload was cut up, and fits its port."""
    cuts = [cut for cut in (_cut(rate.facts, True), _cut(rate.facts, False)) if cut is not None]
    return any(rate.quantity.endswith("_ip") or _is_carried(cut, rate) for cut in cuts)


def _segments(payload: Reading, ip: Reading) -> Iterator[Segments]:
    """The ways to cut the payload up that give this rate at the IP layer, with or without timestamps."""
    for timestamps in (True, False):
        cut = _cut(payload.facts, timestamps)
        if cut is not None and cut == _cut(ip.facts, timestamps) and _follows(cut, payload, ip):
            yield cut


def _cut(facts: Facts, timestamps: bool) -> Segments | None:
    """How payload was cut up, as it is told; None where it is not told, or smaller than any."""
    mss, family = facts.get("mss"), facts.get("family")
    if not isinstance(mss, int) or mss < SMALLEST_MSS or not isinstance(family, int) or family not in IP_HEADER:
        return None
    return Segments(mss, family, timestamps)


def _follows(cut: Segments, payload: Reading, ip: Reading) -> bool:
    """Whether the rate at the IP layer is that of the payload, at both ends of the interval."""
    if (payload.high is None) != (ip.high is None):
        return False
    ends = ((payload.low, ip.low), (payload.high, ip.high))
    return all(one is None or other is None or _is_near(cut.ip(one), other) for one, other in ends)


def _is_near(one: int, other: int) -> bool:
    """Whether two rates differ by rounding only."""
    return abs(one - other) <= max(2, one * ROUNDING_PPM // ALL_PPM)


def _is_carried(cut: Segments, payload: Reading) -> bool:
    """Whether the box's own port can carry the rate; what a virtual port tells of itself is no evidence of anything."""
    port = payload.facts.get("port_bit_s")
    if not isinstance(port, int) or not port or not is_of_a_wire(payload.facts.get("driver", ""), virtual_school=False):
        return True
    return cut.l1(payload.low or 0) * ALL_PPM <= port * (ALL_PPM + SLACK_PPM)


# --- The measurement server -------------------------------------------------------------------------------------------


def make_one_observation(report: Report, said: Said) -> bool:
    """Whether a measurement server can have seen this of one session: a direction's payload and IP layer, in one window, from one address."""
    pairs = [tuple(said.get((f"observed.{one}{layer}", "")) for layer in ("", "_ip")) for one in DIRECTIONS]
    found = [pair for pair in pairs if pair != (None, None)]
    only_these = len(report.readings) == len(found) * len(("payload", "ip"))
    return bool(report.session) and only_these and all(_is_observed(*pair) for pair in found)


def _is_observed(payload: Reading | None, ip: Reading | None) -> bool:
    """Whether both layers of a direction are there, as what was proved at least, and agree about when and from where."""
    if payload is None or ip is None:
        return False
    same = all(payload.facts.get(key) == ip.facts.get(key) for key in ("from_unix_us", "to_unix_us", "seen", "group"))
    start, end = (payload.facts.get(key) for key in ("from_unix_us", "to_unix_us"))
    lows = all(one.value is None and one.low is not None and one.high is None for one in (payload, ip))
    timed = isinstance(start, int) and isinstance(end, int) and (start < end or (start == end and payload.low == 0))
    return same and lows and timed and bool(payload.facts.get("seen")) and _is_converted(payload, ip)


def _is_converted(payload: Reading, ip: Reading) -> bool:
    """Whether the rate at the IP layer is that of the payload, or the same where the server does not know how it was cut up."""
    told = payload.facts.get("mss")
    if not isinstance(told, int):
        return payload.low == ip.low
    known: Facts = {**payload.facts, "mss": max(told, SMALLEST_MSS)}
    cuts = (_cut(known, timestamps) for timestamps in (True, False))
    return any(cut is not None and _follows(cut, payload, ip) for cut in cuts)


# --- The ports to the outside -------------------------------------------------------------------------------------------


def make_one_watch(report: Report, said: Said) -> bool:
    """Whether one run of the probe `wan` can have given the readings: of ordered ports only, of both directions of a port."""
    ordered = {
        f"{at(str(one['host']), int(one.get('port', 161)))}/{port}"
        for one in report.settings.get("switches", [])
        for port in one.get("ports", [])
    }
    down, up = ({subject for name, subject in said if name == mean.name} for mean in OF_WAN)
    whole = report.failure is not None or down == ordered
    return whole and down == up and {subject for _, subject in said} <= ordered
