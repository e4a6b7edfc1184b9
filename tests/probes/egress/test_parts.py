"""Are streams added where they are wanted, round trips summed up rightly, and this box's load read right?"""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest

from evidence.layers import Segments
from evidence.stream import SMALL_CHUNK, Direction, tag
from evidence.tcp_info import OCTETS, TcpInfo, tcp_info
from probes._egress.counted import Counted
from probes._egress.echoes import LONGEST_S, Echoes, Latency, RoundTrip, in_short, is_held_up
from probes._egress.limits import Sender
from probes._egress.load import Load, Ticks, between, ticks
from probes._egress.run import wanted_streams
from probes._egress.sender import segments_of, sender_of
from probes._egress.streams import Stream, Streams
from probes._egress.talk import Where

SECOND, MBIT = 1_000_000, 125_000
LATE_US = round(LONGEST_S * SECOND)


def carried(*each: int) -> Counted:
    """A series with so many Mbit in each tenth of a second, each of them five times."""
    made, so_far = Counted(), 0
    for number, mbit in enumerate((mbit for mbit in each for _ in range(5)), 1):
        so_far += mbit * MBIT
        made.note(number * SECOND // 10, so_far)
    return made


@pytest.mark.parametrize(
    ("halves", "at_s", "rtt_us", "running", "try_once", "wanted"),
    [
        pytest.param((10, 30), 1, 1_000, 4, False, 6, id="it still grows"),
        pytest.param((30, 31), 1, 1_000, 4, False, 4, id="it does not grow"),
        pytest.param((30, 31, 30, 31), 2, 1_000, 4, True, 6, id="once, to see that more bring nothing"),
        pytest.param((500, 500), 1, 20_000, 4, False, 8, id="what rate and round trip ask for"),
        pytest.param((10_000, 10_000), 1, 50_000, 4, False, 32, id="never more than the most"),
        pytest.param((30, 20), 1, 1_000, 8, False, 8, id="none is taken away"),
    ],
)
def test_streams(halves: tuple[int, ...], at_s: int, rtt_us: int, running: int, try_once: bool, wanted: int) -> None:
    """1.5 x rate x round trip / 20 Mbit, or two more while the last step brought more than 5 %."""
    assert wanted_streams(carried(*halves), at_s * SECOND, rtt_us, running, try_once) == wanted


def test_a_late_echo_ends_nothing() -> None:
    """An echo that takes too long counts as the longest, and when it has come the next ones are timed again."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0.2)
        echoes = Echoes("server", ours)
        with echoes.going_on() as first:
            held = [theirs.recv(16)]
            time.sleep(0.5)
            theirs.sendall(b"".join(held))
            until = time.monotonic() + 2
            while first[-1].took_us >= LATE_US and time.monotonic() < until:
                theirs.sendall(theirs.recv(16))
                time.sleep(0.01)
        theirs.settimeout(0.1)
        with suppress(TimeoutError):
            theirs.sendall(theirs.recv(16))

    assert first[0].took_us == LATE_US
    assert first[-1].took_us < LATE_US


def test_round_trips_in_short() -> None:
    """Median, 95th percentile and least; nothing of none."""
    trips = [RoundTrip(0, took) for took in range(100, 0, -1)]

    assert (in_short(trips), in_short([])) == (Latency(50, 95, 1, 100), None)


@pytest.mark.parametrize(
    ("took_ms", "now_ms", "held"),
    [
        pytest.param([(0, 200), (300, 200), (600, 200), (900, 200)], 1200, True, id="all of a second"),
        pytest.param([(0, 200), (300, 200), (600, 20), (900, 200)], 1200, False, id="one was quick"),
        pytest.param([(500, 200), (800, 200)], 1100, False, id="not for a second yet"),
        pytest.param([(0, 20)], 1100, True, id="none came back for a second"),
        pytest.param([(0, 160), (300, 160), (600, 160), (900, 160)], 1200, False, id="a rise of less"),
        pytest.param([], 5000, False, id="no echo was sent"),
    ],
)
def test_a_line_that_is_held_up(took_ms: list[tuple[int, int]], now_ms: int, held: bool) -> None:
    """Every echo of a second is 150 ms above the idle round trip of 20 ms, or none comes back."""
    trips = [RoundTrip(at * 1000, took * 1000) for at, took in took_ms]

    assert is_held_up(trips, 20_000, now_ms * 1000) is held


def test_load_between_two_readings() -> None:
    """Shares of the ticks that were not idle, of the busiest processor's interrupts, and of the time that threads waited."""
    before = Ticks(0, 0, (0, 0, 0), ((0, 0, 0), (0, 0, 0)), {"1": 500})
    after = Ticks(1000, 0, (200, 100, 30), ((100, 90, 0), (100, 10, 30)), {"1": 300_500, "2": 100_000})

    assert between(before, after) == Load(500_000, 900_000, 300_000, 400_000)


def test_the_kernels_ticks() -> None:
    """This box can be read: ticks of each processor, and our own threads' waiting."""
    now = ticks()

    assert (now.box[0] > 0, len(now.cores) > 0, len(now.waited_ns) > 0, now.own_us > 0) == (True, True, True, True)


def info(**changes: int) -> TcpInfo:
    """A connection that was busy for four seconds."""
    octets = bytearray(OCTETS)
    octets[5], octets[7] = 1, changes.get("app_limited", 0)
    for at, key, value in ((16, "mss", 1448), (156, "out", 1000), (100, "again", 20), (216, "duplicates", 5)):
        struct.pack_into("=I", octets, at, changes.get(key, value))
    struct.pack_into("=QQQ", octets, 168, 4 * SECOND, changes.get("receiver", 0), 0)
    return tcp_info(bytes(octets))


def test_what_this_box_tells_as_sender() -> None:
    """Times are shares of each stream's own life, segments sums; what the other end had twice was not lost."""
    streams = [Stream(number, opened_us=SECOND, last=info(receiver=SECOND)) for number in range(3)]

    told = sender_of(Direction.UP, {}, streams, 6 * SECOND)
    assert told == Sender(800_000, 200_000, 0, False, 20_000, 15_000)


def test_what_the_server_tells_as_sender() -> None:
    """It shares times out over all streams and the whole run: those that joined later were not idle before."""
    streams = [Stream(0, opened_us=1), Stream(1, opened_us=5_000_001)]
    facts: dict[str, Any] = {"busy_ppm": 750_000, "app_limited": 1, "lost_ppm": "many", "retransmitted_ppm": -1}

    assert sender_of(Direction.DOWN, facts, streams, 10_000_001) == Sender(busy_ppm=1_000_000, app_limited=True)


@pytest.mark.parametrize("mss", [0, 1, 70_000, "1448"])
def test_a_segment_size_that_cannot_be(mss: int | str) -> None:
    """A server that tells none or a wild one does not raise the IP layer: where nobody knows, the largest counts."""
    assert segments_of(Direction.DOWN, {"mss": mss}, [], 4) == Segments(65535, 4, timestamps=False)


def test_a_download_is_read_and_tagged_to_its_last_whole_chunk() -> None:
    """What is left of a chunk when the stream ends is counted and not tagged; the tail is not waited for."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = Where("here", ip_address("127.0.0.1"), server.getsockname()[1], None, 2.0)
        streams = Streams(where, "join", 1, Direction.DOWN, bytes(32), -1)
        streams.begin(1)
        other, _ = server.accept()
        content = bytes(SMALL_CHUNK * 2 + 1000)
        threading.Thread(target=other.sendall, args=(content,), daemon=True).start()
        came = b""
        other.settimeout(5)
        while not came.endswith(tag(bytes(32), content[:SMALL_CHUNK]) * 2):
            came += other.recv(65536)
        until_s = time.monotonic() + 5
        while streams.octets() < len(content) and time.monotonic() < until_s:
            time.sleep(0.02)
        octets = streams.octets()
        streams.end()
        streams.close()
        other.close()

    assert (octets, streams.streams[0].chunks) == (len(content), 2)


class Gated(Where):
    """A server that is connected to only when the gate opens."""

    gate = threading.Event()

    def connect(self) -> socket.socket:
        """Wait, then connect."""
        self.gate.wait(10)
        return super().connect()


def test_a_connect_that_takes_longer_than_the_run() -> None:
    """A stream that is still connecting when all are closed is closed by its own thread."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = Gated("here", ip_address("127.0.0.1"), server.getsockname()[1], None, 2.0)
        streams = Streams(where, "join", 1, Direction.DOWN, bytes(32), -1)
        streams.add(1)
        streams.end()
        streams.close()
        where.gate.set()
        other, _ = server.accept()
        streams.threads[0].join(5)
        other.close()
        connection = streams.streams[0].connection

    assert connection is not None
    assert connection.fileno() == -1
