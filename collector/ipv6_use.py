"""
Is IPv6 used at a school, and in how many of its networks is it there?

*Method*: the layer-3 switches' own tables, as `uplinks` read them. Used (L10): at the last reading at least half of the devices heard have a global
address, and on each school day of thirty the counters of IPv6 octets rose by more than our own measurements can move. Networks (V1 to V3): a VLAN
counts where its interface has a /64, sends advertisements and hears devices with global addresses; one in which an agent climbed to grade 3 (V4) counts by that.
An agent stands where the operator's server saw it, wherever it says that it stands. What is not told leaves the share open, and use too
where a switch of the list gave no word. Counters are compared within one day, of one agent, while the same switches answered; a day on which the
way out was to be measured shows nothing. Pure.

What it does not prove: who uses it. The counters are the switches' word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import IPv6Network

from collector.admission import latest_runs
from collector.calendar import calendar_of, day_of
from collector.ends import names_of
from collector.ipv6 import SUPPORTED, echo_of, ladder_grades, rung_of
from collector.plausible_ipv6 import prefixes_of, subnet
from collector.school import Evidence, School
from collector.seen import seen_in, silence
from collector.sessions import PROBE as EGRESS
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Reading
from evidence.scan import Task

UPLINKS, LADDER = "uplinks", "ipv6"
ALL_PPM = 1_000_000
USED_PPM = 500_000
DAYS = 30
FEWEST_DAYS = 10  # school days of thirty, holidays and all
MEBIBYTE = 1024 * 1024
DOWNLOADS, BESIDE_OCTETS = 8, 4 * MEBIBYTE  # of one ladder: downloads over IPv6, and all that is smaller
RATE_OCTETS = 8 * MEBIBYTE  # of one download, where the order names no other size
OTHER_OCTETS = 64 * MEBIBYTE  # of a run of any other probe: tables of switches, pages of a site
UNBOUNDED = (EGRESS, "second_opinion")  # fill the line
MOST_DIGITS = 30  # of a sum of 64-bit counters
COUNTED = 4  # times that one octet counts at one switch: in and out, at two of its interfaces
WHOLE_SWITCH, OF_VLANS = "L10", ("V1", "V2", "V3")
WORST_FIRST = (FAIL, NOT_TESTED, INCONCLUSIVE, PASS)


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of the switches: by which agent, between which times, which of them answered, and all IPv6 octets so far."""

    agent: str
    from_us: int
    until_us: int
    switches: tuple[str, ...]
    octets: int

    def is_on(self, day: date) -> bool:
        """Whether it was taken on that day, whatever the box's clock said: between order and receipt."""
        return day_of(self.from_us) == day == day_of(self.until_us)

    def compares_with(self, later: Moment) -> bool:
        """Whether one agent read the same switches at both, the other time clearly later."""
        return (self.agent, self.switches) == (later.agent, later.switches) and self.until_us <= later.from_us


def is_used(school: School, runs: Sequence[Evidence], now_us: int) -> bool | None:
    """Whether the switches show that IPv6 is used, by the runs of `uplinks` of the last thirty days; None while they tell too little."""
    latest = latest_runs(runs, UPLINKS)
    shares = [share for run in latest if (share := _share(run)) is not None]
    if _silent(school, latest):  # nobody knows how many devices it has
        return None
    if not shares or min(shares) < USED_PPM:
        return False if shares else None
    today, calendar = day_of(now_us), calendar_of(school)
    days = [day for ago in range(1, DAYS + 1) if calendar.has_lessons(day := today - timedelta(days=ago))]
    moments = [moment for run in runs if run.report.probe == UPLINKS and (moment := _moment(run)) is not None]
    shown = len(days) >= FEWEST_DAYS and all(_rose(school, moments, day) for day in days)
    return True if shown else None


def _share(run: Evidence) -> int | None:
    """The share (ppm) of devices with IPv6 that a run saw, nothing where it saw that there is none; None where it does not tell."""
    rung = rung_of(run, WHOLE_SWITCH)
    share = rung.facts.get("share_ppm") if rung is not None else None
    if rung is not None and rung.value == FAIL:
        return 0
    return share if isinstance(share, int) else None


def _moment(run: Evidence) -> Moment | None:
    """What a run read of counters; None where it does not tell."""
    rung = rung_of(run, WHOLE_SWITCH)
    told = str(rung.facts.get("ipv6_octets", "")) if rung is not None else ""
    if rung is None or run.scan is None or not (told.isascii() and told.isdecimal() and len(told) <= MOST_DIGITS):
        return None
    whole = [one for one in run.report.readings if one.quantity == q.DEVICES_ANSWERED.name and one.low == ALL_PPM]
    switches = (*sorted(one.subject for one in whole if one.subject), str(rung.facts.get("switches", "")))
    from_us = max(run.scan.issued_unix_us, run.scan.start_unix_us)
    return Moment(run.report.agent, from_us, run.received_unix_us, switches, int(told))


def _rose(school: School, moments: Iterable[Moment], day: date) -> bool:
    """Whether the counters rose by more than our own octets between two readings of one day."""
    of_day = [one for one in moments if one.is_on(day)]
    pairs = [(one, other) for one in of_day for other in of_day if one.compares_with(other)]
    ours = _own_octets(school, day) if pairs else None
    if ours is None:
        return False
    return any(other.octets - one.octets > ours * COUNTED * len(one.switches) for one, other in pairs)


def _own_octets(school: School, day: date) -> int | None:
    """What our own measurements can have moved over IPv6 on a day at most, by the orders that were open then; None without a bound."""
    total = 0
    for scan in school.orders:
        if not day_of(scan.issued_unix_us) <= day <= day_of(scan.expires_unix_us):
            continue
        if any(task.probe in UNBOUNDED for task in scan.tasks):
            return None
        total += len(scan.agents) * sum(map(_most_octets, scan.tasks))
    return total


def _most_octets(task: Task) -> int:
    """What one run of a probe can move over IPv6 at most."""
    if task.probe == LADDER:
        return DOWNLOADS * int(task.settings.get("rate_octets", RATE_OCTETS)) + BESIDE_OCTETS
    return OTHER_OCTETS


def vlans_with_ipv6(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the VLANs that some switch is the gateway of, in which IPv6 is there."""
    asked = latest_runs(runs, UPLINKS)
    networks = _networks(asked)
    silent = _silent(school, asked)
    if not networks:
        return Measured(reasons=silent or (Reason(Code.NO_FIGURE),))
    stand = list(_standing(school, latest_runs(runs, LADDER)))
    states = {name: _state(rungs, stand) for name, rungs in networks.items()}
    low = sum(state == PASS for state in states.values()) * ALL_PPM // len(states)
    high = sum(state != FAIL for state in states.values()) * ALL_PPM // len(states)
    names = names_of(school)
    missing = [
        Reason(Code.VLAN_WITHOUT_IPV6, {"network": names.said(name) or name})
        for name, state in states.items()
        if state == FAIL
    ]
    # How many networks a switch has that gave no word, nobody knows.
    share = q.IPV6_VLAN_SHARE.between(0, ALL_PPM) if silent else q.IPV6_VLAN_SHARE.between(low, high)
    return Measured((share,), (*missing, *silent))


def _networks(asked: Sequence[Evidence]) -> dict[str, dict[str, Reading]]:
    """The rungs of each VLAN; of what two agents say of one the worse."""
    networks: dict[str, dict[str, Reading]] = {}
    for one in (one for run in asked for one in run.report.readings if one.quantity == q.IPV6_RUNG.name):
        rung, _, network = one.subject.partition("/")
        if rung in OF_VLANS:
            rungs = networks.setdefault(network, {})
            rungs[rung] = min(rungs.get(rung, one), one, key=lambda told: WORST_FIRST.index(str(told.value)))
    return networks


def _silent(school: School, asked: Sequence[Evidence]) -> tuple[Reason, ...]:
    """The switches of the list that gave no word, or not all of it."""
    seen = seen_in(asked)
    named = ((one.subject, {"switch": one.name, "host": one.subject}) for one in school.switches)
    return tuple(reason for subject, about in named if (reason := silence(subject, dict(about), seen)) is not None)


def _standing(school: School, ladders: Sequence[Evidence]) -> Iterator[tuple[tuple[IPv6Network, ...], Reading]]:
    """
    The networks in which each agent stands, and the grade that it is taken to have there.

    Of those that an agent names, one that works is believed only where the server saw it.
    """
    for run in ladders:
        grade, rung = next(iter(ladder_grades(school, [run]).readings), None), rung_of(run, "L2")
        if grade is not None and rung is not None and rung.value == PASS:
            opened = echo_of(run) if (grade.low or 0) >= SUPPORTED else None
            yield (prefixes_of(rung) if opened is None else (subnet(opened.seen),)), grade


def _state(rungs: dict[str, Reading], stand: Sequence[tuple[tuple[IPv6Network, ...], Reading]]) -> str:
    """One VLAN: works or not where an agent in it shows that; else by what the switch tells of it."""
    network = _network(rungs.get("V1"))
    grades = [grade for networks, grade in stand if network is not None and any(map(network.overlaps, networks))]
    if any(grade.high is not None and grade.high < SUPPORTED for grade in grades):
        return FAIL
    if any((grade.low or 0) >= SUPPORTED for grade in grades):
        return PASS
    values = [str(one.value) for one in rungs.values()]
    if FAIL in values:
        return FAIL
    return PASS if values == [PASS] * len(OF_VLANS) else ""


def _network(rung: Reading | None) -> IPv6Network | None:
    """The /64 that a VLAN has; None where the switch does not tell it."""
    told = "" if rung is None else str(rung.facts.get("network", ""))
    return IPv6Network(told) if told else None
