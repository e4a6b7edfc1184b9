"""
Can a run of the probes `wifi`, `roam` or `aps` have told this?

*Method*: what one run tells belongs together: a network is heard in no more scans than there were, its median lies between its extremes, no rate is
higher than its generation has; sums are those of the single hand-overs; an access point that a BSSID names is in the list. A run that failed may tell less.

What it does not prove: that any of it was heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from collector.plausible_switches import Said
from collector.wifi_rates import highest_mbit_s
from evidence import quantities as q
from evidence.model import Reading, Report
from evidence.survey import TRIES

ALL_PPM = 1_000_000
BSSID = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
BANDS = frozenset(("2.4", "5", "6"))
WEAKEST_MBM, STRONGEST_MBM = -12_000, -100
# A beacon can name a number of streams that no network has; what is told of it is believed as told, and judged by the table.
TOLD_STREAMS, STREAMS = 15, 8
MOST_POINTS = 64
MOST_SCANS = 20


def make_one_listening(report: Report, said: Said) -> bool:
    """One run of `wifi`: its point, its bands, its scans, and what was heard in them."""
    scans = said.get((q.WIFI_SCANS.name, ""))
    point = said.get((q.SURVEY_POINT.name, ""))
    if any(one.subject for one in report.readings if one.quantity in (q.WIFI_SCANS.name, q.SURVEY_POINT.name)):
        return False
    if point is not None and not _is_point(point):
        return False
    heard = [one for one in report.readings if one.quantity in (q.WIFI_SIGNAL.name, q.WIFI_HEARD.name)]
    if scans is None:
        return report.failure is not None and not heard
    count = scans.low or 0
    ordered = report.settings.get("scans", 5)
    if count > MOST_SCANS or (report.failure is None and _source(scans) != "pcap" and count != ordered):
        return False
    bands = {subject for quantity, subject in said if quantity == q.WIFI_BAND.name}
    return bands == BANDS and _strangers(report) and all(_is_heard(one, scans) for one in heard)


def _is_point(point: Reading) -> bool:
    """A point that an order can ask for, at an attempt that it allows."""
    attempt = point.facts.get("attempt")
    return 1 <= (point.low or 0) <= MOST_POINTS and isinstance(attempt, int) and 1 <= attempt <= TRIES


def _source(scans: Reading) -> str:
    """What was listened to."""
    return str(scans.facts.get("source", ""))


def _strangers(report: Report) -> bool:
    """Others are counted band by band."""
    return all(one.subject in BANDS for one in report.readings if one.quantity == q.WIFI_STRANGERS.name)


def _is_heard(one: Reading, scans: Reading) -> bool:
    """One network as it can have been heard in so many scans."""
    if not BSSID.fullmatch(one.subject) or not _numbers(
        one, ("seen", "frequency_mhz", "generation", "width_mhz", "phy_mbit_s")
    ):
        return False
    if int(one.facts.get("seen", 0)) > (scans.low or 0):
        return False
    if one.quantity == q.WIFI_SIGNAL.name and not _is_strength(one):
        return False
    generation = int(one.facts.get("generation", 0))
    rate, width = int(one.facts.get("phy_mbit_s", 0)), int(one.facts.get("width_mhz", 0))
    return (rate - 1) * STREAMS < highest_mbit_s(generation, width) * TOLD_STREAMS  # rates are rounded


def _numbers(one: Reading, names: Iterable[str]) -> bool:
    """Facts that are numbers, where they are there."""
    return all(isinstance(one.facts.get(name, 0), int) for name in names)


def _is_strength(one: Reading) -> bool:
    """A median between its extremes, of what a radio can hear."""
    value = one.value
    lowest, highest = one.facts.get("lowest_mbm", value), one.facts.get("highest_mbm", value)
    if not (isinstance(value, int) and isinstance(lowest, int) and isinstance(highest, int)):
        return False
    return WEAKEST_MBM <= lowest <= value <= highest <= STRONGEST_MBM


def make_one_walk(report: Report, said: Said) -> bool:
    """One run of `roam`: its sums are those of its hand-overs and of its pings."""
    total, failed = said.get((q.ROAM_HANDOVERS.name, "")), said.get((q.ROAM_FAILED.name, ""))
    single = [one for one in report.readings if one.quantity == q.ROAM_HANDOVER.name]
    if total is None or failed is None or (q.ROAM_KEPT.name, "") not in said:
        return report.failure is not None
    if {one.subject for one in single} != {str(number) for number in range(1, len(single) + 1)}:
        return False
    counted = (len(single), sum(one.facts.get("ok") != 1 for one in single))
    return (total.low, failed.low) == counted and _loss(said.get((q.ROAM_LOSS.name, "")), bool(single))


def _loss(loss: Reading | None, needed: bool) -> bool:
    """The share of pings lost follows from how many were sent; a walk with hand-overs has sent some."""
    if loss is None:
        return not needed
    sent, received = loss.facts.get("sent"), loss.facts.get("received")
    if not (isinstance(sent, int) and isinstance(received, int)) or not 0 <= received <= sent or sent == 0:
        return False
    return loss.value == -(-(sent - received) * ALL_PPM // sent)


def make_one_list(report: Report, said: Said) -> bool:
    """One run of `aps`: what belongs to an access point belongs to one that is told."""
    known = {subject for quantity, subject in said if quantity == q.AP_STATE.name}
    bssids = [one for one in report.readings if one.quantity == q.AP_BSSID.name]
    wired = {subject for quantity, subject in said if quantity == q.AP_WIRED.name}
    radios = {subject.rpartition("/")[0] for quantity, subject in said if quantity == q.AP_RADIO.name}
    if any(not BSSID.fullmatch(one.subject) or one.facts.get("ap") not in known for one in bssids):
        return False
    answered = any(quantity == q.APS_ANSWERED.name for quantity, _ in said)
    return wired <= known and radios <= known and (answered or report.failure is not None)
