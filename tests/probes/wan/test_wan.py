"""What does the probe `wan` say of ports whose traffic is known?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from evidence.model import Failure, Raw, Reading, Unmeasurable
from probes import load
from probes.__main__ import _settings
from probes._snmp.exchange import Pdu, Reply
from probes._stimulus.counters import Lost
from probes._stimulus.ends import End
from probes._stimulus.settings import Watched
from probes._switch.speed import Told, speed_of
from probes._wan.follow import HIGH_SPEED, Watch
from probes._wan.polls import Poll
from probes.wan import Settings, _figures, run
from tests.probes.agents import Interface, switch
from tests.probes.responder import answering
from tests.probes.wan.counting import COMMUNITY, FIRST, SECOND, Counting, listed, poll, series

RATE = 1_000_000  # octets a second
STEPS = range(SECOND, 302 * SECOND, 10 * SECOND)
WHERE = "10.20.0.1:161/wan0"
PORT = Watched.model_validate({"host": "10.20.0.1", "community": "x", "ports": ["wan0"]})


def told(polls: list[Poll], up: bool = True, high: int | None = 1000, window_s: int = 300) -> dict[str, Any]:
    """The readings of a port that answered so, by quantity, and the losses under `lost`."""
    watch = Watch(PORT, End(PORT, rows={"wan0": 1}), {1: speed_of(Told(up, high))}, polls)
    asked = Settings(switches=[PORT], window_s=window_s)
    figures = [figure for where, figure in _figures(watch, asked) if where == WHERE]
    readings = {one.quantity: one for one in figures if isinstance(one, Reading)}
    return {**readings, "lost": [one for one in figures if isinstance(one, Lost)]}


def bursts(at_us: int) -> int:
    """An even flow, and one minute of ten times as much."""
    fast_us = min(max(at_us - 101 * SECOND, 0), 60 * SECOND)
    return FIRST + (at_us + 9 * fast_us) * RATE // SECOND


def test_mean_and_peak() -> None:
    """The mean is over the whole window, the peak the largest minute, and each can be computed again from its facts."""
    found = told([poll(at, bursts(at), FIRST) for at in STEPS])
    mean, peak = found["wan.mean_down"], found["wan.peak_down"]
    again = [
        (int(one.facts["last"]) - int(one.facts["first"])) * 8_000_000 // int(one.facts["window_us"])
        for one in (mean, peak)
    ]

    assert (mean.value, peak.value) == (8 * RATE * (300 + 540) // 300, 80 * RATE)
    assert again == [mean.value, peak.value]
    assert (found["wan.mean_up"].value, found["wan.peak_up"].value, found["lost"]) == (0, 0, [])
    assert mean.facts["up_time_first"] == mean.facts["up_time_last"] == 9


def test_a_minute_that_no_reading_hits() -> None:
    """A burst of half a minute is a peak of half its rate: what is told is a mean over a minute."""
    short = [poll(at, FIRST + RATE * 30 * (at > 100 * SECOND)) for at in STEPS]

    assert told(short)["wan.peak_down"].value == 4 * RATE


@pytest.mark.parametrize("refresh_us", [15 * SECOND, 30 * SECOND])
def test_counters_that_are_refreshed_rarely(refresh_us: int) -> None:
    """Mean and peak of an even flow stay within the error that is told, however rarely the device counts."""
    found = told(series(STEPS, RATE, refresh_us, phase_us=3 * SECOND))

    for name in ("wan.mean_down", "wan.peak_down"):
        one = found[name]
        assert one.value == pytest.approx(8 * RATE, rel=one.facts["error_ppm"] / 1e6), one


def test_a_port_without_traffic() -> None:
    """Counters that never move are no traffic: they were looked at for longer than any device rests."""
    found = told([poll(at, FIRST, FIRST) for at in STEPS])

    assert [found[name].value for name in ("wan.mean_down", "wan.peak_down", "wan.mean_up")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("up", "high", "value", "at_most"),
    [
        pytest.param(True, 10_000, 10**10, None, id="as it says"),
        pytest.param(True, 10**9, None, 10**9, id="bit/s in the column for Mbit/s"),
        pytest.param(True, 20_000, None, None, id="no rate of Ethernet"),
        pytest.param(False, 10_000, None, None, id="down"),
    ],
)
def test_the_access_rate(up: bool, high: int, value: int | None, at_most: int | None) -> None:
    """Only a rate that is plainly told is exact; one that needs repair is an upper bound; a port that is down has none."""
    rate = told([poll(at, FIRST + at) for at in STEPS], up, high).get("wan.rate")

    assert (rate and rate.value, rate and rate.at_most) == (value, at_most)


@pytest.mark.parametrize(
    ("polls", "failure", "words"),
    [
        pytest.param([poll(1, None), poll(300 * SECOND, None)], Failure.NOT_SUPPORTED, "64-bit", id="32 bits only"),
        pytest.param([poll(1, 9), poll(300 * SECOND, 8)], Failure.UNREADABLE, "from 9 to 8", id="it goes back"),
        pytest.param([poll(1, 9), poll(2 * SECOND, 9, up_time=3)], Failure.UNREADABLE, "restarted", id="a restart"),
        pytest.param([poll(1, 9), poll(100 * SECOND, 99)], Failure.TIMED_OUT, "of 300 s", id="silent too soon"),
        pytest.param([], Failure.TIMED_OUT, "not asked", id="no poll"),
    ],
)
def test_no_figure(polls: list[Poll], failure: Failure, words: str) -> None:
    """A port that the polls do not carry has no rates, and the reason says why."""
    found = told(polls)
    (lost,) = found["lost"]

    assert (lost.failure, words in lost.detail, "wan.mean_down" in found) == (failure, True, False), lost


def test_no_minute() -> None:
    """A device that refreshes too rarely for a minute between two readings has a mean, and no peak."""
    found = told(series(range(SECOND, 62 * SECOND, 10 * SECOND), RATE, 20 * SECOND), window_s=60)
    (lost,) = found["lost"]

    assert found["wan.mean_down"].value == pytest.approx(8 * RATE, rel=found["wan.mean_down"].facts["error_ppm"] / 1e6)
    assert ("wan.peak_down" in found, lost.failure) == (False, Failure.INSTRUMENT_LIMIT)


@pytest.mark.parametrize("octets_s", [0, RATE])
def test_neither_idle_nor_carrying(octets_s: int) -> None:
    """A short look at counters that hardly move cannot tell no traffic from counters that rest, and says so."""
    (lost,) = told(series(range(SECOND, 62 * SECOND, 10 * SECOND), octets_s, 50 * SECOND), window_s=60)["lost"]

    assert lost.failure is Failure.INSTRUMENT_LIMIT


# --- Over a network ---------------------------------------------------------------------------------------------------


def looked(*asked: dict[str, Any]) -> tuple[list[Reading | Raw], str]:
    """What a look of three seconds gives (an order has at least sixty), and how it ends."""
    switches = [Watched.model_validate(one) for one in asked]
    settings = Settings.model_construct(switches=switches, window_s=3, step_s=1, timeout_s=0.3, retries=0)
    found: list[Reading | Raw] = []
    try:
        for one in run(settings):
            found.append(one)
    except Unmeasurable as why:
        return found, str(why)
    return found, ""


def test_ports_that_answer_and_ports_that_do_not() -> None:
    """Each port that can be read has its readings, whatever the others do; what they lack is said at the end."""
    device = Counting(
        switch(Interface("wan0"), Interface("wan1")), octets_s={1: (RATE, RATE // 10), 2: (1, 1)}, narrow=(2,)
    )
    with answering(device, COMMUNITY) as port, answering(Counting({}, silent_after=0), COMMUNITY) as silent:
        found, words = looked(listed(port, "wan0", "wan1", "wan7"), listed(silent))
    readings = [one for one in found if isinstance(one, Reading)]
    means = {(one.quantity, one.subject): one.value for one in readings if "mean" in one.quantity}

    assert means == {
        ("wan.mean_down", f"127.0.0.1:{port}/wan0"): pytest.approx(8 * RATE, rel=0.01),
        ("wan.mean_up", f"127.0.0.1:{port}/wan0"): pytest.approx(8 * RATE // 10, rel=0.01),
    }
    assert {one.subject for one in readings if one.quantity == "wan.rate"} == {
        f"127.0.0.1:{port}/wan0",
        f"127.0.0.1:{port}/wan1",
    }
    assert ("wan7: no port has this name" in words, "and 3 more" in words) == (True, True), words


@dataclass
class Hesitating(Counting):
    """A device that leaves the first question for rates unanswered."""

    hesitated: bool = False

    def answer(self, pdu: Pdu) -> Reply | None:
        if not self.hesitated and any(oid[:-1] == HIGH_SPEED for oid in pdu.oids):
            self.hesitated = True
            return None
        return super().answer(pdu)


def test_rates_are_asked_for_again() -> None:
    """A device whose answer about its rates got lost is asked again; its counters count all the while."""
    device = Hesitating(switch(Interface("wan0")), octets_s={1: (RATE, 0)})
    with answering(device, COMMUNITY) as port:
        found, _ = looked(listed(port))

    rates = [one.value for one in found if isinstance(one, Reading) and one.quantity == "wan.rate"]
    assert (device.hesitated, len(rates)) == (True, 1)


def test_what_is_kept() -> None:
    """Raw evidence holds every poll and no secret."""
    with answering(Counting(switch(Interface("wan0")), octets_s={1: (RATE, 0)}), COMMUNITY) as port:
        found, _ = looked(listed(port))
    (kept,) = [one for one in found if isinstance(one, Raw)]
    (device,) = json.loads(kept.content)["switches"]

    assert (kept.name, len(device["polls"]), COMMUNITY in kept.content.decode()) == ("wan.json", 4, False)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        pytest.param({"switches": []}, "switches", id="no device"),
        pytest.param({"switches": [listed(161)] * 2}, "listed twice", id="twice"),
        pytest.param({"switches": [listed(161, ports=[])]}, "switches.0.ports", id="no port"),
        pytest.param({"window_s": 59}, "window_s", id="too short"),
        pytest.param({"window_s": 841}, "window_s", id="too long"),
        pytest.param({"step_s": 31}, "step_s", id="no minute to be seen"),
        pytest.param({"target": "192.0.2.1"}, "target", id="unknown key"),
    ],
)
def test_orders_that_are_refused(change: dict[str, Any], key: str) -> None:
    """An order that is none is refused in words that name the key."""
    with pytest.raises(ValueError, match="settings: ") as refused:
        _settings(load("wan"), json.dumps({"switches": [listed(161)], **change}).encode())

    assert (key in str(refused.value), COMMUNITY in str(refused.value)) == (True, False)
