"""Is the cause named that was there, and an upper end told only where nothing else could have been?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evidence.layers import Segments
from evidence.stream import Direction
from probes._egress.limits import Limit, Seen, Sender, at_most, limit
from probes._egress.load import Load
from probes._interfaces import Port

G, M = 1_000_000_000, 1_000_000
SHAPER = Seen(
    direction=Direction.DOWN,
    rate_bit_s=574 * M,
    server_bit_s=574 * M,
    half_width_ppm=2_000,
    steady=True,
    segments=Segments(1448, 4),
    sender=Sender(busy_ppm=990_000),
    port=Port("ge0", "igc", True, 2_500 * M, "full", 1500),
    load=Load(300_000, 500_000, 100_000, 50_000),
    idle_us=2_000,
    loaded_us=40_000,
    second_bit_s=570 * M,
    witness_l2_bit_s=602 * M,
    hour_best_bit_s=4 * G,
    gained_ppm=1_000,
)
GIGABIT, VETH = (Port("ge0", driver, True, G, "full", 1500) for driver in ("igc", "veth"))
STARVED, SLOW = Sender(busy_ppm=20_000, app_limited=True), Sender(busy_ppm=990_000, receiver_limited_ppm=220_000)
BOX, BUSY = Load(999_000, 999_000, 0, 1_600_000), Load(999_000, 999_000, 0, 1_500_000)
CORE, HALF_IDLE = Load(300_000, 980_000, 600_000, 0), Sender(busy_ppm=500_000)
UP = {"direction": Direction.UP}


def seen(**changes: Any) -> Seen:
    """A run that a shaper limited, changed."""
    return replace(SHAPER, **changes)


@pytest.mark.parametrize(
    ("changes", "state", "how"),
    [
        pytest.param({}, "network", "shaper", id="a shaper fills its queue"),
        pytest.param(
            {"loaded_us": 2_100, "sender": Sender(990_000, retransmitted_ppm=15_000)},
            "network",
            "policer",
            id="a policer",
        ),
        pytest.param({"loaded_us": 2_100}, "network", "full", id="neither queue nor loss"),
        pytest.param({"pace_bit_s": 580 * M}, "pace", "reached", id="the pace was reached"),
        pytest.param({"pace_bit_s": 630 * M}, "network", "shaper", id="the line is below the pace"),
        pytest.param({"rate_bit_s": 941 * M, "port": GIGABIT}, "port", "full", id="the port is full"),
        pytest.param({"rate_bit_s": 900 * M, "port": GIGABIT}, "network", "shaper", id="the port is not full"),
        pytest.param(
            {"rate_bit_s": 941 * M, "port": VETH}, "network", "shaper", id="a virtual port's rate says nothing"
        ),
        pytest.param(
            {"rate_bit_s": 941 * M, "port": VETH, "virtual_ports": True}, "port", "full", id="a virtual port in the lab"
        ),
        pytest.param({"load": BOX}, "cpu", "box", id="no processor left"),
        pytest.param({"load": CORE}, "cpu", "core", id="one processor takes all packets"),
        pytest.param({"load": BUSY}, "network", "shaper", id="we wait a little, and the line is kept busy"),
        pytest.param(
            {"load": replace(BUSY, waited_ppm=200_000), "sender": HALF_IDLE}, "cpu", "box", id="and it is not"
        ),
        pytest.param(
            {"load": replace(BUSY, box_ppm=890_000), "sender": HALF_IDLE}, "unknown", "idle", id="time was left"
        ),
        pytest.param({"sender": STARVED}, "server", "sender", id="the server had nothing to send"),
        pytest.param({"sender": STARVED, **UP}, "cpu", "sender", id="this box had nothing to send"),
        pytest.param({"sender": Sender(990_000, app_limited=True)}, "network", "shaper", id="empty for a moment only"),
        pytest.param({"server_cpu_ppm": 990_000, "server_wait_ppm": 1_700_000}, "server", "cpu", id="the server's box"),
        pytest.param({"second_bit_s": 700 * M}, "server", "second", id="a second server gives more"),
        pytest.param(
            {"sender": Sender(990_000, buffer_limited_ppm=900_000)},
            "server",
            "send_buffer",
            id="its buffer is too small",
        ),
        pytest.param(
            {"sender": Sender(990_000, buffer_limited_ppm=900_000), **UP}, "unknown", "send_buffer", id="our buffer is"
        ),
        pytest.param({"sender": SLOW}, "receiver", "window", id="this box read too slowly"),
        pytest.param({"sender": SLOW, **UP}, "receiver", "server_window", id="the server read too slowly"),
        pytest.param({"sender": SLOW, "load": BOX}, "cpu", "box", id="who has no processor reads slowly"),
        pytest.param(
            {"witness_l2_bit_s": 700 * M}, "other_traffic", "witness", id="the line carried more than this run"
        ),
        pytest.param(
            {"witness_l2_bit_s": 700 * M, "load": BOX}, "other_traffic", "witness", id="and this box was full"
        ),
        pytest.param(
            {"witness_l2_bit_s": 700 * M, "load": BOX, "sender": HALF_IDLE},
            "cpu",
            "box",
            id="and we did not fill the line",
        ),
        pytest.param(
            {"witness_l2_bit_s": 700 * M, "sender": SLOW}, "receiver", "window", id="and this box read slowly"
        ),
        pytest.param(
            {"witness_l2_bit_s": 700 * M, "second_bit_s": 700 * M},
            "server",
            "second",
            id="and a second server gives more",
        ),
        pytest.param({"witness_l2_bit_s": None}, "network", "shaper", id="no witness"),
        pytest.param({"steady": False}, "unsteady", "interval", id="it had not settled"),
        pytest.param({"steady": False, "sender": SLOW}, "receiver", "window", id="unsteady, and the cause is known"),
        pytest.param({"sender": HALF_IDLE}, "unknown", "idle", id="nothing was under way half of the time"),
        pytest.param({"whole": False}, "unknown", "cut", id="cut"),
    ],
)
def test_the_cause(changes: dict[str, Any], state: str, how: str) -> None:
    """The first cause in order that shows is named, and how it shows."""
    assert limit(seen(**changes)) == Limit(state, {"how": how})


def test_small_packets_are_told() -> None:
    """A line whose packets are small is named with their size: it carries less payload for the same rate."""
    assert limit(seen(segments=Segments(1228, 4))).facts == {"how": "shaper", "mtu": 1280}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"second_bit_s": None}, id="no second server"),
        pytest.param({"second_bit_s": 500 * M}, id="the second server disagrees"),
        pytest.param({"hour_best_bit_s": 0}, id="nobody got more from this server"),
        pytest.param({"hour_best_bit_s": 700 * M}, id="nobody got a quarter more"),
        pytest.param({"port": Port("ge0", "igc", True, 700 * M, "full", 1500)}, id="a port without room"),
        pytest.param({"port": Port("ge0", "veth", True, 10 * G, "full", 1500)}, id="a virtual port"),
        pytest.param({"port": None}, id="no port known"),
        pytest.param({"load": Load(850_000, 900_000, 0, 0)}, id="a busy box"),
        pytest.param({"load": None}, id="a box that nobody watched"),
        pytest.param({"gained_ppm": 30_000}, id="more streams brought more"),
        pytest.param({"gained_ppm": None}, id="no streams were added"),
        pytest.param({"witness_l2_bit_s": None}, id="nobody saw what others had"),
        pytest.param({"witness_l2_bit_s": 700 * M}, id="others had a share"),
        pytest.param({"steady": False}, id="not settled"),
        pytest.param({"pace_bit_s": 580 * M}, id="paced"),
        pytest.param({"sender": SLOW}, id="a slow receiver"),
    ],
)
def test_no_upper_end(changes: dict[str, Any]) -> None:
    """Where one of the conditions is missing, nothing is said about the most that the line can carry."""
    changed = seen(**changes)

    assert at_most(changed, limit(changed)) is None


def test_the_upper_end() -> None:
    """It is the larger of the rates with its half-width, and what others carried meanwhile."""
    others = (602 * M - SHAPER.segments.l2(574 * M)) * 574 * M // SHAPER.segments.l2(574 * M)

    assert at_most(SHAPER, limit(SHAPER)) == 574 * M * 1_002_000 // 1_000_000 + others
