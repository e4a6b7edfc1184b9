"""
Is IPv6 used at a school, and in how many of its networks is it there?

*Method*: the layer-3 switches' own tables, as `uplinks` read them. Used (L10): at the last reading at least half of the devices heard have a global
address, and on each school day of thirty the counters of IPv6 octets rose by more than our own measurements can move. Networks (V1 to V3): a VLAN
counts where its interface has a /64, sends advertisements and hears devices with global addresses; one in which an agent climbed to grade 3 (V4) counts by that.
What is not told leaves the share open. Pure.

What it does not prove: who uses it. The counters are the switches' word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from ipaddress import ip_address, ip_network

from collector.admission import latest_runs
from collector.calendar import calendar_of, day_of
from collector.ipv6 import SUPPORTED, ladder_grades, rung_of
from collector.school import Evidence, School
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.ladder import FAIL, PASS
from evidence.model import Reading

UPLINKS, LADDER = "uplinks", "ipv6"
ALL_PPM = 1_000_000
USED_PPM = 500_000
DAYS = 30
FEWEST_DAYS = 10  # school days of thirty, holidays and all
OUR_OCTETS = 512 * 1024 * 1024  # what a ladder and its neighbours can move in a day at most, both ways, with room
WHOLE_SWITCH, OF_VLANS = "L10", ("V1", "V2", "V3")


def is_used(school: School, runs: Sequence[Evidence], now_us: int) -> bool:
    """Whether the switches show that IPv6 is used, by the runs of `uplinks` of the last thirty days."""
    told = sorted(
        (one for run in runs if run.report.probe == UPLINKS and (one := _use(run)) is not None), key=lambda one: one[0]
    )
    if not told or told[-1][1] < USED_PPM:
        return False
    today = day_of(now_us)
    calendar = calendar_of(school)
    days = [day for ago in range(1, DAYS + 1) if calendar.has_lessons(day := today - timedelta(days=ago))]
    return len(days) >= FEWEST_DAYS and all(_rose(told, day) for day in days)


def _use(run: Evidence) -> tuple[int, int, int] | None:
    """When a run read the switches, the share (ppm) of devices with IPv6, and all IPv6 octets so far; None where it does not tell."""
    rung = rung_of(run, WHOLE_SWITCH)
    if rung is None or "share_ppm" not in rung.facts or not str(rung.facts.get("ipv6_octets", "")).isdecimal():
        return None
    share = rung.facts["share_ppm"]
    return (run.received_unix_us, share, int(rung.facts["ipv6_octets"])) if isinstance(share, int) else None


def _rose(told: Sequence[tuple[int, int, int]], day: date) -> bool:
    """Whether the counters rose by more than our own octets between two readings of one day."""
    of_day = [octets for at_us, _, octets in told if day_of(at_us) == day]
    return len(of_day) > 1 and max(of_day) - of_day[0] > OUR_OCTETS


def vlans_with_ipv6(school: School, runs: Sequence[Evidence]) -> Measured:
    """Share (ppm) of the VLANs that some switch is the gateway of, in which IPv6 is there."""
    networks: dict[str, dict[str, Reading]] = {}
    for run in latest_runs(runs, UPLINKS):
        for one in run.report.readings:
            rung, _, network = one.subject.partition("/")
            if one.quantity == q.IPV6_RUNG.name and rung in OF_VLANS:
                networks.setdefault(network, {})[rung] = one
    if not networks:
        return Measured()
    lived_in = list(_lived_in(school, latest_runs(runs, LADDER)))
    states = {name: _state(rungs, lived_in) for name, rungs in networks.items()}
    low = sum(state == PASS for state in states.values()) * ALL_PPM // len(states)
    high = sum(state != FAIL for state in states.values()) * ALL_PPM // len(states)
    missing = tuple(
        Reason(Code.VLAN_WITHOUT_IPV6, {"network": name}) for name, state in states.items() if state == FAIL
    )
    return Measured((q.IPV6_VLAN_SHARE.between(low, high),), missing)


def _lived_in(school: School, ladders: Sequence[Evidence]) -> Iterable[str]:
    """The prefixes of networks in which an agent climbed to grade 3."""
    for run in ladders:
        grade = next(iter(ladder_grades(school, [run]).readings), None)
        rung = rung_of(run, "L2")
        if grade is not None and (grade.low or 0) >= SUPPORTED and rung is not None:
            yield str(rung.facts.get("prefix", ""))


def _state(rungs: dict[str, Reading], lived_in: Sequence[str]) -> str:
    """One VLAN: it works where an agent in it got through; else by what the switch tells of it."""
    values = [str(one.value) for one in rungs.values()]
    first = rungs.get("V1")
    if first is not None and any(_same(str(first.facts.get("network", "")), prefix) for prefix in lived_in):
        return PASS
    if FAIL in values:
        return FAIL
    return PASS if values == [PASS] * len(OF_VLANS) else ""


def _same(network: str, prefix: str) -> bool:
    """Whether an agent's prefix is that of a VLAN."""
    try:
        return ip_address(prefix.partition("/")[0]) in ip_network(network)
    except ValueError:
        return False
