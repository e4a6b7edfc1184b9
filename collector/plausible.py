"""
Can the probe that a report names have given these readings?

Root at the school can sign anything. What no run of the probe can have found is never judged: readings of another probe or
unit, values outside their range, two values for one subject, a complete run without the reading that the probe always gives, parts that contradict
each other. This proves no reading true; it keeps a bad one from being replaced by nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from collector.plausible_egress import make_one_measurement, make_one_observation, make_one_watch
from collector.plausible_ipv6 import make_one_climb, make_one_knock, make_one_look
from collector.plausible_switches import Said, make_one_run
from collector.plausible_wifi import make_one_list, make_one_listening, make_one_walk
from collector.school import at
from evidence import quantities as q
from evidence.model import LARGEST_COUNTER, LARGEST_INTEGER, SERVER, Reading, Report, Unit

ALL_PPM = 1_000_000
HIGHEST_GRADE = 4
# One figure of the whole run, without a subject.
OF_THE_RUN = (
    q.METRO_REACHED,
    q.IPV6_GRADE,
    q.BACKBONE_MIN,
    q.BUILDING_MIN,
    q.CORE_SPEED,
    q.DESKTOP_GIGABIT_SHARE,
    q.UPLINK_REDUNDANT_SHARE,
    q.EGRESS_IDLE_LATENCY,
    q.OBSERVED_DOWN,
    q.OBSERVED_UP,
    q.OBSERVED_DOWN_IP,
    q.OBSERVED_UP_IP,
)
LARGEST_PACKET = 65_535  # octets of an IPv4 packet


def is_plausible(report: Report) -> bool:
    """Whether every reading is one that its probe can give, and together they make one run of it."""
    if any(_is_odd(reading, report.probe) for reading in report.readings):
        return False
    said: dict[tuple[str, str], Reading] = {}
    for reading in report.readings:
        if said.setdefault((reading.quantity, reading.subject), reading) != reading:
            return False
    check = CHECKS.get(report.probe)
    return check is None or check(report, said)


def _is_odd(reading: Reading, probe: str) -> bool:
    """Whether a probe cannot have given one reading; one of a quantity that this release does not know decides nothing anyway."""
    quantity = q.ALL.get(reading.quantity)
    if quantity is None:
        return False
    if (
        probe not in (quantity.source, *quantity.also)
        or reading.unit != quantity.unit
        or (quantity in OF_THE_RUN and reading.subject)
    ):
        return True
    if quantity.states:
        return reading.value not in quantity.states
    ends = [end for end in (reading.low, reading.high) if end is not None]
    lowest, highest = _range(quantity.unit)
    return not ends or not all(lowest <= end <= highest for end in ends)


def _range(unit: Unit) -> tuple[int, int]:
    """The lowest and highest value of a unit."""
    if unit is Unit.PPM:
        return 0, ALL_PPM
    if unit is Unit.GRADE:
        return 0, HIGHEST_GRADE
    if unit is Unit.MBM:
        return -LARGEST_INTEGER, LARGEST_INTEGER
    return 0, LARGEST_COUNTER if unit is Unit.OCTET else LARGEST_INTEGER


def _desk(report: Report, said: Said) -> bool:
    """One port, with its speed, unless the run failed."""
    speeds = [reading for reading in report.readings if reading.quantity == q.DESK_SPEED.name]
    return len(speeds) == 1 or (not speeds and report.failure is not None)


def _metro(report: Report, said: Said) -> bool:
    """The share is that of the ordered services with a connect time."""
    share = said.get((q.METRO_REACHED.name, ""))
    if share is None:
        return report.failure is not None
    asked = {at(str(host), int(port)) for host, port in report.settings.get("services", [])}
    reached = {subject for quantity, subject in said if quantity == q.METRO_CONNECT.name}
    whole = len(report.settings.get("services", []))
    return reached <= asked and whole > 0 and share.low == len(reached) * ALL_PPM // whole


def _stimulus(report: Report, said: Said) -> bool:
    """Each ordered volume was sent or not, and counters rose at ordered ports only, in both directions."""
    volumes = [int(pulse["octets"]) for pulse in report.settings.get("pulses", [])]
    ports = {
        f"{at(str(one['host']), int(one.get('port', 161)))}/{port}"
        for one in report.settings.get("switches", [])
        for port in one.get("ports", [])
    }
    sent = {subject: reading for (name, subject), reading in said.items() if name == q.STIMULUS_SENT.name}
    rises = {
        direction.name: {subject for name, subject in said if name == direction.name}
        for direction in (q.STIMULUS_IN, q.STIMULUS_OUT)
    }
    windows = {f"{port}@{number}" for port in ports for number in range(len(volumes))}
    ordered = {str(number) for number in range(len(volumes))}
    whole = report.failure is not None or (set(sent) == ordered and bool(volumes))
    paired = rises[q.STIMULUS_IN.name] == rises[q.STIMULUS_OUT.name] or report.failure is not None
    known = set(sent) <= ordered and set().union(*rises.values()) <= windows
    return known and whole and paired and all((one.low or 0) <= _most(volumes[int(n)]) for n, one in sent.items())


def _most(octets: int) -> int:
    """The most that can be sent for a volume: the last packet is not cut; for a quiet window nothing."""
    return octets + LARGEST_PACKET if octets else 0


def _second_opinion(report: Report, said: Said) -> bool:
    """Another tool's word on at least one direction, unless the run failed."""
    return bool(said) or report.failure is not None


CHECKS: dict[str, Callable[[Report, Said], bool]] = {
    "desk": _desk,
    "metro": _metro,
    "ipv6": make_one_climb,
    "inbound": make_one_knock,
    "site": make_one_look,
    "uplinks": make_one_run,
    "stimulus": _stimulus,
    "egress": make_one_measurement,
    "wan": make_one_watch,
    "second_opinion": _second_opinion,
    "wifi": make_one_listening,
    "roam": make_one_walk,
    "aps": make_one_list,
    SERVER: make_one_observation,
}
