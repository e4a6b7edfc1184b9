"""
Do the counters at both ends of a link follow the volumes that the collector drew?

*Method*: a volume is seen on a link when one end's counter of octets sent and the other end's counter of octets received rise in
its window by at least the payload and by no more than payload, headers and a little background. A link follows when enough
volumes are seen on it and both ends stay quiet in every window in which nothing was sent. Pure: one run and two ports in, yes
or no out.

What it does not prove: that nobody emulates both counters. Whoever does must follow volumes and times that he could not know
before: a price, not a proof (grade A2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from collector.school import Evidence, Link, School
from evidence import quantities as q
from evidence.model import Report

PROBE = "stimulus"
SEEN_AT_LEAST = 3  # volumes: two may fall together by chance on a busy link
QUIET_AT_LEAST = 1  # windows: without one nothing shows that the counters do not rise by themselves
HEADERS_PPM = 250_000  # headers of IP and Ethernet, ARP, and the agent's own questions to the switches
BACKGROUND_PPM = 200_000  # of the smallest volume: what else may cross the link in a window
ALL_PPM = 1_000_000
Rises = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class _Pulse:
    """One ordered window: its number, and what was to be sent and was sent in it, in octets."""

    number: int
    octets: int
    sent: int


def follows(school: School, link: Link, runs: Iterable[Evidence]) -> bool:
    """Whether some run shows that a declared link follows; a switch that gave it nothing does not spoil the links of others."""
    one, other = (_subject(school, end.switch, end.port) for end in (link.one, link.other))
    return any(_in_run(run.report, one, other) for run in runs)


def _subject(school: School, switch: str, port: str) -> str:
    """How the probe names a port; of a switch that is not in the list, nothing."""
    found = school.switch(switch)
    return "" if found is None else f"{found.subject}/{port}"


def _in_run(report: Report, one: str, other: str) -> bool:
    """The rule, for one run and the two ends of a link."""
    rises = {(reading.quantity, reading.subject): reading.low or 0 for reading in report.readings}
    pulses = [
        _Pulse(number, int(pulse["octets"]), rises.get((q.STIMULUS_SENT.name, str(number)), 0))
        for number, pulse in enumerate(report.settings.get("pulses", []))
    ]
    volumes = [pulse for pulse in pulses if pulse.octets]
    quiet = [pulse for pulse in pulses if not pulse.octets]
    background = min((pulse.octets for pulse in volumes), default=0) * BACKGROUND_PPM // ALL_PPM
    seen = sum(_is_seen(pulse, rises, one, other, background) for pulse in volumes)
    silent = all(_is_quiet(pulse, rises, one, other, background) for pulse in quiet)
    return seen >= SEEN_AT_LEAST and len(quiet) >= QUIET_AT_LEAST and silent


def _is_seen(pulse: _Pulse, rises: Rises, one: str, other: str, background: int) -> bool:
    """Whether a volume that was sent in full left one end and came in at the other."""
    most = pulse.octets + pulse.octets * HEADERS_PPM // ALL_PPM + background
    ways = ((one, other), (other, one))
    return pulse.sent >= pulse.octets and any(
        pulse.octets <= rises.get((q.STIMULUS_OUT.name, f"{start}@{pulse.number}"), 0) <= most
        and pulse.octets <= rises.get((q.STIMULUS_IN.name, f"{end}@{pulse.number}"), 0) <= most
        for start, end in ways
    )


def _is_quiet(pulse: _Pulse, rises: Rises, one: str, other: str, background: int) -> bool:
    """Whether all four counters were read and stayed under the background; a counter that was not read may have risen."""
    counters = product((q.STIMULUS_IN.name, q.STIMULUS_OUT.name), (one, other))
    return all(rises.get((name, f"{end}@{pulse.number}"), background + 1) <= background for name, end in counters)
