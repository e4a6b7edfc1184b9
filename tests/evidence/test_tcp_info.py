"""What does the kernel tell of one TCP connection?"""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from evidence.tcp_info import OCTETS, OPTION, TcpInfo, tcp_info

SENT = 3_000_000


@pytest.fixture
def ends() -> list[TcpInfo]:
    """Both ends of a real connection over which 3 MB went."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        out = socket.create_connection(listening.getsockname())
        into, _ = listening.accept()
    with out, into:
        out.setblocking(False)
        left, come = memoryview(bytes(SENT)), 0
        while come < SENT:
            with suppress(BlockingIOError):
                left = left[out.send(left) :] if left else left
            come += into.recv_into(bytearray(1 << 20))
        return [tcp_info(one.getsockopt(socket.IPPROTO_TCP, OPTION, 256)) for one in (out, into)]


def test_real_connection(ends: list[TcpInfo]) -> None:
    """Of a real connection the sender's octets, segments and round trip are what they must be."""
    sender, receiver = ends

    assert sender.octets_sent == SENT
    assert 0 < sender.octets_acked <= SENT + 1
    assert receiver.octets_received >= sender.octets_acked - 1
    assert sender.segments_out >= SENT // sender.snd_mss
    assert 500 < sender.snd_mss <= 65_535
    assert 0 < sender.min_rtt_us <= sender.rtt_us < 10_000_000
    assert sender.timestamps
    assert sender.segments_retransmitted == sender.octets_retransmitted == 0


def test_older_kernel() -> None:
    """A kernel that tells less is named as the reason."""
    with pytest.raises(ValueError, match=r"200 octets.*Linux 4\.19"):
        tcp_info(bytes(200))


def test_flags() -> None:
    """Timestamps and the application's limit are single bits."""
    octets = bytearray(OCTETS)
    octets[5], octets[7] = 0b0110, 0b0001
    found = tcp_info(bytes(octets))

    assert (found.timestamps, found.app_limited) == (False, True)
