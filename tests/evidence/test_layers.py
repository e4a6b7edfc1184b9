"""How fast is a line at each layer, if this much payload went through?"""

from __future__ import annotations

import pytest

from evidence.layers import Segments

PLAIN_V4, PLAIN_V6 = Segments(1448, 4), Segments(1428, 6)


@pytest.mark.parametrize(
    ("segments", "packet"),
    [
        pytest.param(PLAIN_V4, 1500, id="IPv4"),
        pytest.param(PLAIN_V6, 1500, id="IPv6"),
        pytest.param(Segments(1460, 4, timestamps=False), 1500, id="without timestamps"),
        pytest.param(Segments(8948, 4), 9000, id="jumbo"),
        pytest.param(Segments(1440, 4), 1492, id="PPPoE"),
    ],
)
def test_packet(segments: Segments, packet: int) -> None:
    """A full segment with the headers of TCP and IP fills the path's MTU."""
    assert segments.packet == packet


@pytest.mark.parametrize(
    ("segments", "shares"),
    [
        pytest.param(PLAIN_V4, (9653, 9564, 9415), id="IPv4"),
        pytest.param(PLAIN_V6, (9520, 9432, 9285), id="IPv6"),
    ],
)
def test_shares(segments: Segments, shares: tuple[int, int, int]) -> None:
    """Payload is this share (of 10,000) of IP, L2 and L1."""
    million = 1_000_000_000
    found = (segments.ip(million), segments.l2(million), segments.l1(million))

    assert tuple(round(million * 10_000 / layer) for layer in found) == shares


def test_gigabit_port() -> None:
    """A perfect gigabit port carries 941.5 Mbit/s of payload over IPv4 and 928.5 over IPv6."""
    found = [segments.payload_of_l1(1_000_000_000) // 100_000 for segments in (PLAIN_V4, PLAIN_V6)]

    assert found == [9414, 9284]


def test_line_shaped_at_its_name() -> None:
    """A line shaped at 1000 Mbit/s of L2 carries 990.8 at the IP layer, one shaped at 940 carries 931.3: 0.95 lies between."""
    payload = [PLAIN_V4.mss * rate // (PLAIN_V4.packet + 14) for rate in (1_000_000_000, 940_000_000)]

    assert [PLAIN_V4.ip(one) // 100_000 for one in payload] == [9907, 9313]
