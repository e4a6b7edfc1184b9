"""Is a download credited for content that arrived, and for nothing else?"""

from __future__ import annotations

import time

import pytest

from evidence.stream import SMALL_CHUNK, TAG_OCTETS, Direction, Ended, Go, Stop
from tests.collector.speed.client import Behaviour, Stream, hoarding, honest, leaking, session
from tests.collector.speed.serving import Serving

pytestmark = pytest.mark.alone

SECOND_US = 1_000_000
PACE_BIT_S = 80_000_000
SLOW_BIT_S = 5_000_000


def lying(stream: Stream) -> None:
    """Read everything, prove nothing."""
    for _ in stream.tags():
        stream.connection.sendall(bytes(TAG_OCTETS))


def guessing(stream: Stream) -> None:
    """Send tags without having read anything, then be honest."""
    stream.connection.sendall(bytes(TAG_OCTETS))
    honest(stream)


def silent(stream: Stream) -> None:
    """Read everything, say nothing."""
    for _ in stream.tags():
        continue


def asleep(stream: Stream) -> None:
    """Never read."""
    time.sleep(2)


def swapped(stream: Stream) -> None:
    """Send the right tags, each pair the wrong way round."""
    held: list[bytes] = []
    for one in stream.tags():
        held.append(one)
        if len(held) == 2:
            stream.connection.sendall(held[1] + held[0])
            held.clear()


def test_honest(shared: Serving) -> None:
    """Whole chunks that were read and proved are credited, all of them and no octet more than was read."""
    with session(shared.address, shared.ticket()) as client:
        client.begin(streams=2, pace_bit_s=PACE_BIT_S)
        _, bins = client.end()
        client.close()
        read = sum(stream.read for stream in client.streams)

    assert 0.75 * read <= sum(bins) <= read


@pytest.mark.parametrize("behave", [lying, guessing, silent, swapped])
def test_nothing_proved(shared: Serving, behave: Behaviour) -> None:
    """Wrong tags, none, or none in their order credit nothing, whatever was read."""
    with session(shared.address, shared.ticket()) as client:
        done = client.measure(behave=behave, streams=2, most_us=SECOND_US // 2)

    assert (done.octets, done.rate_bit_s, done.steady) == (0, 0, False)


def test_wrong_tags_are_told(shared: Serving) -> None:
    """A wrong tag ends the credit of its stream for good, and is told once."""
    with session(shared.address, shared.ticket()) as client:
        done = client.measure(behave=lying, streams=3, most_us=SECOND_US // 2)

    assert done.facts["wrong_tags"] == 3


def test_one_wrong_tag_is_the_end(shared: Serving) -> None:
    """After one wrong tag right ones credit nothing, and the other streams go on."""

    def once(stream: Stream) -> None:
        for number, one in enumerate(stream.tags()):
            stream.connection.sendall(one if number != 3 else bytes(TAG_OCTETS))

    with session(shared.address, shared.ticket()) as client:
        client.begin(behave=once, pace_bit_s=PACE_BIT_S)
        _, bins = client.end()

    assert sum(bins) == 3 * 64 * 1024


def test_held_back(shared: Serving) -> None:
    """Tags held back and let go evenly later make the bins settle far above the rate that was sent; the figure stays below it."""
    with session(shared.address, shared.ticket()) as client:
        client.begin(behave=leaking(1.5, 1.75), streams=2, most_us=3_700_000, pace_bit_s=PACE_BIT_S)
        done, bins = client.end()
    window = bins[done.from_us // 100_000 : done.to_us // 100_000]
    sent = PACE_BIT_S // 8 * (done.to_us - done.from_us) // SECOND_US

    assert sum(window) > 1.4 * sent
    assert done.octets <= 1.03 * sent


def test_late_tags(shared: Serving) -> None:
    """A tag that comes more than two seconds after its chunk credits nothing, and is told."""
    with session(shared.address, shared.ticket()) as client:
        client.begin(behave=hoarding(2.2), most_us=2_500_000, pace_bit_s=PACE_BIT_S)
        done, bins = client.end()
        read = client.streams[0].read

    assert int(done.facts["late_tags"]) > 0
    assert sum(bins) <= read - int(done.facts["late_tags"]) * 64 * 1024


def test_never_read(shared: Serving) -> None:
    """Who takes nothing holds nobody: the run ends in its time."""
    began_s = time.monotonic()
    with session(shared.address, shared.ticket()) as client:
        done = client.measure(behave=asleep, streams=4, most_us=SECOND_US // 2)

    assert (done.octets, time.monotonic() - began_s < 4) == (0, True)


def test_paced(shared: Serving) -> None:
    """A paced run settles after three seconds on its rate; what waits in the server's own sockets does not count as under way."""
    with session(shared.address, shared.ticket()) as client:
        done = client.measure(streams=4, most_us=12 * SECOND_US, pace_bit_s=PACE_BIT_S)

    assert int(done.facts["in_flight_ppm"]) < 30_000
    assert (done.ended, done.steady) == (Ended.STEADY, True)
    assert abs(done.rate_bit_s - PACE_BIT_S) < 0.02 * PACE_BIT_S


def test_slow(shared: Serving) -> None:
    """On a slow line what waits here for the wire makes no tag late: both ends count the same but for the chunks at the window's edges."""
    read: list[tuple[float, int]] = []

    def noting(stream: Stream) -> None:
        before = 0
        for one in stream.tags():
            stream.connection.sendall(one)
            read.append((time.monotonic(), stream.read - before))
            before = stream.read

    with session(shared.address, shared.ticket()) as client:
        client.begin(behave=noting, streams=4, most_us=3 * SECOND_US, pace_bit_s=SLOW_BIT_S)
        client.until(Go)
        began_s = time.monotonic()
        done, _ = client.end()
    own = sum(octets for at_s, octets in read if done.from_us <= (at_s - began_s) * SECOND_US < done.to_us)

    assert (done.facts["late_tags"], done.octets > 500_000) == (0, True)
    assert abs(done.octets - own) <= max(0.03 * own, 4 * SMALL_CHUNK)


def test_ticket_paces(shared: Serving) -> None:
    """The rate of the ticket holds whatever the agent asks for."""
    with session(shared.address, shared.ticket(most_bit_s=PACE_BIT_S)) as client:
        client.begin(streams=2, pace_bit_s=PACE_BIT_S * 50)
        _, bins = client.end()

    assert sum(bins) < 1.25 * PACE_BIT_S / 8


def test_volume(shared: Serving) -> None:
    """No octet is sent beyond the ticket's volume, and the run says that this ended it."""
    with session(shared.address, shared.ticket(most_octets=5_000_000)) as client:
        done = client.measure(streams=4, most_us=5 * SECOND_US)
        client.close()
        read = sum(stream.read for stream in client.streams)

    assert done.ended is Ended.OCTETS
    assert 4_500_000 < read <= 5_000_000


def test_stopped(shared: Serving) -> None:
    """The agent may end a run; what had not settled is a lower bound."""
    with session(shared.address, shared.ticket()) as client:
        client.begin(most_us=10 * SECOND_US, pace_bit_s=PACE_BIT_S)
        time.sleep(0.6)
        client.say(Stop(1))
        done, bins = client.end()

    assert (done.ended, done.steady, bool(bins)) == (Ended.STOPPED, False, True)


def test_facts(shared: Serving) -> None:
    """What the kernel and the box tell stands beside the figure."""
    with session(shared.address, shared.ticket()) as client:
        facts = client.measure(streams=2, pace_bit_s=PACE_BIT_S).facts

    told = {
        *(
            "streams",
            "strangers",
            "mss",
            "timestamps",
            "family",
            "rtt_us",
            "min_rtt_us",
            "retransmitted_ppm",
            "lost_ppm",
        ),
        *("busy_ppm", "receiver_limited_ppm", "buffer_limited_ppm", "app_limited", "server_cpu_ppm", "server_wait_ppm"),
        *("kernel_acked_bit_s", "in_flight_ppm", "wrong_tags", "late_tags"),
    }
    assert set(facts) - {"hour_best_bit_s"} == told


def test_best_of_the_hour(speed: Serving) -> None:
    """The best that was proved before is told, this run left out."""
    with session(speed.address, speed.ticket()) as client:
        first = client.measure(streams=2, most_us=2_000_000, pace_bit_s=PACE_BIT_S)
    with session(speed.address, speed.ticket()) as client:
        second = client.measure(most_us=SECOND_US // 2, pace_bit_s=PACE_BIT_S)

    assert ("hour_best_bit_s" in first.facts, second.facts["hour_best_bit_s"]) == (False, first.rate_bit_s)


def test_each_direction_once(shared: Serving) -> None:
    """A ticket leaves each of its directions one run."""
    with session(shared.address, shared.ticket(directions=(Direction.DOWN,))) as client:
        client.measure(most_us=SECOND_US // 2)
        client.order(Direction.DOWN)
        refused = client.next()

    assert getattr(refused, "code", "") == "direction"
