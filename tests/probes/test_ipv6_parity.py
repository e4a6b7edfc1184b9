"""Is L9 judged as its definition says, and does what is measured for it see what is worse over IPv6?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest

from evidence.layers import Segments
from probes._http import Exchange
from probes._ipv6.downloads import Download, fitting
from probes._ipv6.parity import Beside, climb, is_slower, judged
from probes._ipv6.settings import Limits, Settings
from probes._literal import Connect
from tests.probes.lane import FOUR, KEY, SIX, Lane, lane

AT: dict[int, IPv4Address | IPv6Address] = {6: IPv6Address("2001:db8::2"), 4: IPv4Address("192.0.2.2")}
MSS = {6: 1428, 4: 1448}
OCTETS = 1024 * 1024
M = 1_000_000
LIMITS = Limits()


def connects(family: int, clean: int = 20, repeated: int = 0, silent: int = 0, us: int = 2_000) -> tuple[Connect, ...]:
    """Connects of one family: accepted at the first SYN, at a later one, not at all."""
    stood = Connect(AT[family], 443, "", us)
    none = Connect(AT[family], 443, "", None, "ETIMEDOUT")
    return (stood,) * clean + (replace(stood, repeated=1),) * repeated + (none,) * silent


def brought(family: int, rate_bit_s: int, busy_ppm: int = 100_000) -> Download:
    """A whole download of 1 MiB at a rate of the IP layer."""
    took_us = Segments(MSS[family], family).ip(OCTETS * 8 * M // rate_bit_s)
    came = Exchange(AT[family], 443, 200, octets=OCTETS, first_us=5_000, us=5_000 + took_us, mss=MSS[family])
    return Download(family, OCTETS, came, good=True, busy_ppm=busy_ppm)


def ended(family: int, stage: str = "receive", error: str = "ETIMEDOUT", status: int = 0) -> Download:
    """A download that did not bring what it had to, after 2.5 s."""
    return Download(
        family, OCTETS, Exchange(AT[family], 443, status, us=2_500_000, stage=stage, error=error), good=False
    )


def downloads(six: int, four: int, pairs: int = 3, **more: int) -> tuple[Download, ...]:
    """Downloads in turns at these rates in bit/s."""
    return (brought(6, six, **more), brought(4, four, **more)) * pairs


ALIKE = downloads(100 * M, 100 * M)


def beside(*loads: Download, six: Any = None, four: Any = None, port_bit_s: int | None = 1000 * M) -> Beside:
    """Both families alike, but for what is given."""
    return Beside(six or connects(6), four or connects(4), loads or ALIKE, port_bit_s)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        pytest.param(beside(), ("pass", ""), id="both alike"),
        pytest.param(beside(six=connects(6, 19, 1)), ("fail", "DEGRADED_LOSS"), id="one SYN of twenty repeated"),
        pytest.param(beside(six=connects(6, 19, 0, 1)), ("fail", "DEGRADED_LOSS"), id="one of twenty not accepted"),
        pytest.param(
            beside(six=connects(6, 59, 1), four=connects(4, 60)), ("pass", ""), id="one of sixty: above 98 percent"
        ),
        pytest.param(
            beside(six=connects(6, 58, 2), four=connects(4, 60)), ("fail", "DEGRADED_LOSS"), id="two of sixty"
        ),
        pytest.param(beside(six=connects(6, 15, 5), four=connects(4, 15, 5)), ("pass", ""), id="both lose alike"),
        pytest.param(beside(four=connects(4, 1, 0, 19)), ("pass", ""), id="IPv4 loses more"),
        pytest.param(
            Beside(connects(6, 0, 0, 20), connects(4, 0, 20)), ("fail", "DEGRADED_LOSS"), id="nothing, IPv4 not clean"
        ),
        pytest.param(beside(six=connects(6, us=12_000)), ("pass", ""), id="10 ms later"),
        pytest.param(beside(six=connects(6, us=12_001)), ("fail", "DEGRADED_RTT"), id="more than 10 ms and a fifth"),
        pytest.param(
            beside(six=connects(6, us=120_000), four=connects(4, us=100_000)), ("pass", ""), id="20 ms, but a fifth"
        ),
        pytest.param(
            beside(six=connects(6, us=120_001), four=connects(4, us=100_000)),
            ("fail", "DEGRADED_RTT"),
            id="over a fifth",
        ),
        pytest.param(beside(*downloads(81 * M, 100 * M)), ("pass", ""), id="0.81 of the rate"),
        pytest.param(beside(*downloads(79 * M, 100 * M)), ("fail", "DEGRADED_RATE"), id="0.79 of the rate"),
        pytest.param(beside(*downloads(200 * M, 100 * M)), ("pass", ""), id="faster"),
        pytest.param(
            beside(*downloads(40 * M, 100 * M, busy_ppm=950_000)), ("pass", ""), id="the processor of the box is full"
        ),
        pytest.param(
            beside(*[brought(6, 40 * M, 100_000), brought(4, 100 * M, 950_000)] * 3),
            ("fail", "DEGRADED_RATE"),
            id="full in IPv4 only",
        ),
        pytest.param(
            beside(*downloads(79 * M, 100 * M), port_bit_s=None), ("fail", "DEGRADED_RATE"), id="port unknown"
        ),
        pytest.param(
            beside(*[ended(6), brought(4, 100 * M)] * 3),
            ("fail", "DEGRADED_RATE"),
            id="IPv6 too slow to end, by its bound",
        ),
        pytest.param(beside(*[ended(6), brought(4, 4 * M)] * 3), ("inconclusive", "TOO_SLOW"), id="a bound too near"),
        pytest.param(beside(*[brought(6, 100 * M), ended(4)] * 3), ("pass", ""), id="IPv4 too slow to end"),
        pytest.param(beside(*[ended(6), ended(4)] * 3), ("inconclusive", "TOO_SLOW"), id="both too slow to end"),
        pytest.param(beside(*downloads(100 * M, 100 * M, 1)), ("inconclusive", "TOO_SLOW"), id="time for one pair"),
        pytest.param(beside(*downloads(100 * M, 100 * M, 2)), ("pass", ""), id="time for two pairs"),
        pytest.param(
            beside(*[ended(6, "receive", "ECONNRESET"), brought(4, 100 * M)] * 3),
            ("inconclusive", "BROKEN_OFF"),
            id="IPv6 breaks off",
        ),
        pytest.param(
            beside(*ALIKE, ended(6, "", "", 200), brought(4, 100 * M)),
            ("inconclusive", "BROKEN_OFF"),
            id="other content once",
        ),
        pytest.param(beside(*ALIKE, brought(6, 100 * M), ended(4, "tls")), ("pass", ""), id="IPv4 breaks off once"),
        pytest.param(Beside(connects(6), connects(4, 0, 0, 20)), ("inconclusive", "V4_SILENT"), id="no answer by IPv4"),
        pytest.param(
            Beside(connects(6, 0, 0, 20), connects(4, 0, 0, 20)), ("inconclusive", "SERVER_UNREACHABLE"), id="no server"
        ),
        pytest.param(Beside(connects(6), connects(4)), ("inconclusive", "TOO_SLOW"), id="no time for downloads"),
        pytest.param(
            beside(*downloads(50 * M, 100 * M), six=connects(6, us=9_000)),
            ("inconclusive", "TOO_SHORT"),
            id="slower in too few round trips, which are allowed to be longer",
        ),
        pytest.param(
            beside(*downloads(90 * M, 100 * M), six=connects(6, us=9_000)), ("pass", ""), id="short and alike"
        ),
    ],
)
def test_judging(seen: Beside, verdict: tuple[str, str]) -> None:
    """Losses, round trips and rates are each held against IPv4's; what was seen too little of is not decided."""
    rung = judged(seen, LIMITS)

    assert (rung.state, rung.code) == verdict


def test_port_limit() -> None:
    """Where both families fill the port no ratio between them is a degradation, not even under a bound of one."""
    strict = Limits(rate_ppm=1_000_000)
    near, loads = connects(6, us=200), downloads(940 * M, 970 * M)

    assert [is_slower(beside(*loads, six=near, port_bit_s=rate), strict) for rate in (1000 * M, 2500 * M)] == [
        False,
        True,
    ]


def test_a_median_is_not_a_best() -> None:
    """One lucky download of three does not make IPv6 as fast as IPv4."""
    loads = (brought(6, 100 * M), *downloads(50 * M, 100 * M, 2), brought(4, 100 * M))

    assert judged(beside(*loads), LIMITS).code == "DEGRADED_RATE"


def test_all_that_is_worse() -> None:
    """The code is the worst of what is worse, and the others are told."""
    seen = beside(*downloads(10 * M, 100 * M), six=connects(6, 15, 5, us=15_000))

    rung = judged(seen, LIMITS)
    assert (rung.code, rung.evidence["also"]) == ("DEGRADED_LOSS", "DEGRADED_RTT DEGRADED_RATE")


def test_rates_are_of_the_ip_layer() -> None:
    """The same payload in the same time is more octets at the IP layer over IPv6, by the difference of the headers."""
    same = {family: Exchange(AT[family], 443, 200, octets=OCTETS, us=1_000_000, mss=MSS[family]) for family in (6, 4)}
    rates = {family: Download(family, OCTETS, came, good=True).rate_bit_s for family, came in same.items()}

    assert rates == {family: (Segments(MSS[family], family).ip(OCTETS * 8),) * 2 for family in (6, 4)}


def test_a_download_that_did_not_end_bounds_the_rate() -> None:
    """What was on its way when time was over is slower than all of it in that time, whatever the size of its segments."""
    low, high = ended(6).rate_bit_s

    assert (low, OCTETS * 8 * M // 2_500_000 < high < 1.2 * OCTETS * 8 * M / 2_500_000) == (0, True)


@pytest.mark.parametrize(
    ("first", "blocks"),
    [
        pytest.param((brought(6, 8 * M), brought(4, 16 * M)), 30, id="a second of the faster"),
        pytest.param((brought(6, 1000 * M), brought(4, 1000 * M)), 128, id="no more than ordered"),
        pytest.param((ended(6), ended(4)), 1, id="neither ended"),
    ],
)
def test_how_much_fits(first: tuple[Download, Download], blocks: int) -> None:
    """A download is as large as the faster family brings in a second, a block at least and the order at most."""
    assert fitting(first, 8 * OCTETS) == blocks


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({}, ("not_tested", "NO_TARGETS")),
        ({"parity": False}, ("not_tested", "NOT_ORDERED")),
        ({"echo": {"zone": "echo.test", "server_key": KEY, "v6": SIX}}, ("inconclusive", "NO_V4_NAME")),
        ({"echo": {"zone": "echo.test", "server_key": KEY, "v6": SIX, "v4": FOUR}}, ("not_tested", "NO_IPV4")),
    ],
    ids=["no echo", "not ordered", "no IPv4 name", "no IPv4 route"],
)
def test_nothing_is_sent(settings: dict[str, Any], verdict: tuple[str, str]) -> None:
    """Without an order, a server, or IPv4 to compare with, nothing is measured; loopback leads to no other host."""
    climbed = climb(Settings.model_validate_json(json.dumps(settings)), "lo")

    assert (climbed.rung.state, climbed.rung.code, climbed.raws) == (*verdict, ())


# --- both families on a cable -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    """Two hosts with both families, and the echo server."""
    with lane(tmp_path_factory.mktemp("lane")) as made:
        yield made


def test_a_line_that_works(line: Lane) -> None:
    """Both families pass, and each connect and download is told with both addresses and its times."""
    climbed = line.climb("parity")

    (parity,) = climbed.raws.values()
    ends = {(one["source"], one["to"]) for part in ("six", "four", "downloads") for one in parity[part]}
    assert (climbed.state, climbed.code, climbed.facts["v6_clean"]) == ("pass", "", 20), climbed
    assert ends == {("2001:db8:7::1", SIX), ("192.0.2.1", FOUR)}
    assert all(one["good"] and one["octets"] == one["wanted"] for one in parity["downloads"])


def test_one_loss_is_chance(line: Lane) -> None:
    """One SYN of twenty lost is looked at again, and one of sixty is within the bound."""
    with line.filtered("ip6 nexthdr tcp tcp flags & (syn | ack) == syn numgen inc mod 1000 3 drop"):
        climbed = line.climb("parity")

    assert (climbed.code != "DEGRADED_LOSS", climbed.facts["tries"], climbed.facts["v6_clean"]) == (True, 60, 59)


@pytest.mark.alone
def test_rates_are_true(line: Lane) -> None:
    """Both families bring what the line carries at the IP layer, which for both is the shaper's rate less the frames' headers."""
    with line.shaped(50):
        climbed = line.climb("parity")

    ip_bit_s = 50 * M * 1500 // 1514
    assert [climbed.facts[f"v{family}_bit_s"] for family in (6, 4)] == [pytest.approx(ip_bit_s, rel=0.05)] * 2, climbed


@pytest.mark.alone
def test_ipv6_is_policed(line: Lane) -> None:
    """Where IPv6 is let through at 2 MB/s and IPv4 as it comes, IPv6 is slower."""
    with line.filtered("ip6 nexthdr tcp limit rate over 2 mbytes/second burst 100 kbytes drop", hook="output"):
        climbed = line.climb("parity")

    assert "DEGRADED_RATE" in (climbed.code, *climbed.facts.get("also", "").split()), climbed
    six = (
        climbed.facts.get("v6_bit_s") or climbed.facts["v6_at_most_bit_s"]
    )  # bounded only, where no download came whole in its time
    assert six * 10 < climbed.facts["v4_bit_s"] * 9, climbed


def test_an_end_in_time(line: Lane) -> None:
    """When the time is over, what there is counts: without time for downloads the rung is not decided."""
    climbed = line.climb("parity", 4.0)

    assert (climbed.state, climbed.code, climbed.facts["downloads"]) == ("inconclusive", "TOO_SLOW", 0)


def test_no_object(line: Lane) -> None:
    """Who accepts and brings no object is no measure of a line: here he speaks no TLS."""
    climbed = line.climb("parity", echo={"port": 80})

    assert (climbed.state, climbed.code, climbed.facts["broken"]) == ("inconclusive", "BROKEN_OFF", 12)
