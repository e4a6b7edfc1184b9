"""
Do the counters at both ends of a link follow the volumes that the collector drew?

*Method*: a volume is seen on a link when one end's counter of octets sent and the other end's counter of octets received rise in
its window by at least the payload and by no more than payload, headers and a little background. A link follows when enough
volumes are seen on it, no counter of it ever rises by more, and both ends stay quiet in every window in which nothing was
sent. A switch with one link, a leaf, is on the way to no other: its link is crossed in one direction by volumes for others only if the agent stands behind it. The agent stands
behind one leaf at most, so a run in which two such links are crossed so shows nothing. One leaf may route: its link is crossed in
both directions. Of an agent's runs that sent to an end of a link the latest decides. Pure: runs and the list in, yes or no out.

What it does not prove: that nobody emulates both counters. Whoever does must follow volumes and times that he could not know
before: a price, not a proof (grade A2). The order names the target of each volume, so he can obey the rule of leaves too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from collector.admission import issued_us
from collector.ends import names_of
from collector.school import Evidence, Link, School, at
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
    """One ordered window: its number, what was to be sent and was sent in it, in octets, and towards which switch."""

    number: int
    octets: int
    sent: int
    towards: str


@dataclass(frozen=True, slots=True)
class _Windows:
    """One run: its windows, the rises of all counters, and what else may cross a link in a window, in octets."""

    volumes: tuple[_Pulse, ...]
    quiet: tuple[_Pulse, ...]
    rises: Rises
    background: int

    def crossed(self, pulse: _Pulse, start: str, end: str) -> bool:
        """Whether a volume that was sent in full left one port and came in at the other."""
        most = self.most(pulse)
        return (
            pulse.sent >= pulse.octets
            and pulse.octets <= self.rises.get((q.STIMULUS_OUT.name, f"{start}@{pulse.number}"), 0) <= most
            and pulse.octets <= self.rises.get((q.STIMULUS_IN.name, f"{end}@{pulse.number}"), 0) <= most
        )

    def most(self, pulse: _Pulse) -> int:
        """By how much one volume, its headers and the background may raise a counter, in octets."""
        return pulse.octets + pulse.octets * HEADERS_PPM // ALL_PPM + self.background

    def was_calm(self, pulse: _Pulse, ends: tuple[str, str]) -> bool:
        """Whether all four counters were read and none rose by more than the volume explains: else what fitted elsewhere may be chance."""
        counters = product((q.STIMULUS_IN.name, q.STIMULUS_OUT.name), ends)
        rises = [self.rises.get((name, f"{end}@{pulse.number}")) for name, end in counters]
        return all(rise is not None and rise <= self.most(pulse) for rise in rises)

    def was_quiet(self, pulse: _Pulse, ends: tuple[str, str]) -> bool:
        """Whether all four counters were read and stayed under the background; a counter that was not read may have risen."""
        counters = product((q.STIMULUS_IN.name, q.STIMULUS_OUT.name), ends)
        return all(
            self.rises.get((name, f"{end}@{pulse.number}"), self.background + 1) <= self.background
            for name, end in counters
        )


def follows(school: School, link: Link, runs: Iterable[Evidence]) -> bool:
    """Whether some run shows that a declared link follows; a switch that gave it nothing does not spoil the links of others."""
    ends = names_of(school).subjects(link)
    found = (_windows(run.report) for run in _deciding(school, link, runs))
    return any(_follows(windows, ends) and _is_possible(school, windows) for windows in found)


def _deciding(school: School, link: Link, runs: Iterable[Evidence]) -> list[Evidence]:
    """Of each agent the latest run that sent to an end of a link; of one that sent to none, the latest that watched it: volumes for
    others may cross it on the way."""
    hosts = {switch.host for switch in school.switches if switch.name in (link.one.switch, link.other.switch)}
    ends = set(names_of(school).subjects(link))
    ordered = sorted(runs, key=lambda run: (issued_us(run), run.report.sequence))
    watching = {run.report.agent: run for run in ordered if ends <= _watched(run.report)}
    return list((watching | {run.report.agent: run for run in ordered if _targets(run.report) & hosts}).values())


def _watched(report: Report) -> set[str]:
    """Of which ports a run was to read the counters."""
    switches = report.settings.get("switches", [])
    return {f"{at(one['host'], int(one.get('port', 161)))}/{port}" for one in switches for port in one["ports"]}


def _targets(report: Report) -> set[str]:
    """Towards whom a run was to send something."""
    return {str(pulse["towards"]) for pulse in report.settings.get("pulses", []) if int(pulse["octets"])}


def _windows(report: Report) -> _Windows:
    """What was ordered of a run, and what rose in it."""
    rises = {(reading.quantity, reading.subject): reading.low or 0 for reading in report.readings}
    pulses = [
        _Pulse(number, int(pulse["octets"]), rises.get((q.STIMULUS_SENT.name, str(number)), 0), str(pulse["towards"]))
        for number, pulse in enumerate(report.settings.get("pulses", []))
    ]
    volumes = tuple(pulse for pulse in pulses if pulse.octets)
    quiet = tuple(pulse for pulse in pulses if not pulse.octets)
    background = min((pulse.octets for pulse in volumes), default=0) * BACKGROUND_PPM // ALL_PPM
    return _Windows(volumes, quiet, rises, background)


def _follows(windows: _Windows, ends: tuple[str, str]) -> bool:
    """The rule, for one run and the two ends of a link."""
    one, other = ends
    seen = sum(windows.crossed(pulse, one, other) or windows.crossed(pulse, other, one) for pulse in windows.volumes)
    silent = all(windows.was_quiet(pulse, ends) for pulse in windows.quiet)
    calm = all(windows.was_calm(pulse, ends) for pulse in windows.volumes)
    return seen >= SEEN_AT_LEAST and len(windows.quiet) >= QUIET_AT_LEAST and silent and calm


def _is_possible(school: School, windows: _Windows) -> bool:
    """Whether volumes for others crossed at most one leaf's link in one direction, and at most one in both."""
    one_way, both_ways = (_passed(school, windows, ways) for ways in (1, 2))
    return len(one_way) <= 1 and len(both_ways) <= 1


def _passed(school: School, windows: _Windows, ways: int) -> set[Link]:
    """The links of leaves that volumes for other switches crossed in so many directions."""
    degree, names = school.degrees, names_of(school)
    hosts = {switch.name: switch.host for switch in school.switches}
    passed: set[Link] = set()
    for link in school.links:
        one, other = names.subjects(link)
        for leaf in (end.switch for end in (link.one, link.other) if degree[end.switch] == 1):
            others = [pulse for pulse in windows.volumes if pulse.towards != hosts.get(leaf)]
            found = [windows.crossed(pulse, one, other) + windows.crossed(pulse, other, one) for pulse in others]
            passed |= {link} if found.count(ways) >= SEEN_AT_LEAST else set()
    return passed
