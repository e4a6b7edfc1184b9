"""Is an upload counted where it arrives, and only from the address that holds the session?"""

from __future__ import annotations

import pytest

from evidence.stream import MOST_STREAMS, Direction, Ended, Join, Stop, frame
from tests.collector.speed.client import Stream, connected, honest, session, uploading
from tests.collector.speed.serving import Serving

pytestmark = pytest.mark.alone

UP = Direction.UP
HALF_US = 500_000


def test_counted(shared: Serving) -> None:
    """What came in is credited, and never more than was sent."""
    with session(shared.address, shared.ticket(most_octets=10_000_000_000)) as client:
        client.begin(UP, uploading, 2, HALF_US)
        _, bins = client.end()
        client.close()
        sent = sum(stream.read for stream in client.streams)

    assert 0 < sum(bins) <= sent


def test_volume(shared: Serving) -> None:
    """The volume of the ticket ends a run; both directions share it."""
    with session(shared.address, shared.ticket(most_octets=5_000_000)) as client:
        first = client.measure(UP, uploading, most_us=5_000_000)
        second = client.measure(Direction.DOWN, honest, most_us=5_000_000)

    assert (first.ended, second.ended, second.octets) == (Ended.OCTETS, Ended.OCTETS, 0)


def test_before_go(shared: Serving) -> None:
    """What comes before bin 0 counts in no window."""

    def at_once(stream: Stream) -> None:
        stream.connection.sendall(bytes(200_000))

    with session(shared.address, shared.ticket()) as client:
        client.order(UP, 1, HALF_US)
        assert client.welcome is not None
        with connected(shared.address) as early:
            early.sendall(frame(Join(client.welcome.join, 2, 0)) + bytes(200_000))
            done, bins = client.end()

    assert sum(bins) <= 200_000
    assert done.octets <= 200_000


@pytest.mark.parametrize(
    ("token", "source", "strangers"),
    [("0" * 32, "", 0), ("", "127.0.0.2", 1)],
    ids=["a wrong join token", "another address"],
)
def test_stranger(shared: Serving, token: str, source: str, strangers: int) -> None:
    """A stream that cannot show the session's token, or comes from another address than the session, is none of it."""
    with session(shared.address, shared.ticket()) as client:
        client.order(UP, 2, HALF_US)
        client.join(UP, 0, uploading)
        client.join(UP, 1, uploading, token, source)
        done = client.end()[0]

    assert (done.facts["streams"], done.facts["strangers"]) == (1, strangers)


def test_only_strangers(shared: Serving) -> None:
    """A run into which no stream of the session comes is cut, and says how many strangers there were."""
    with session(shared.address, shared.ticket()) as client:
        client.order(UP, 1, HALF_US)
        client.join(UP, 0, uploading, source="127.0.0.2").close()
        client.say(Stop(2))
        done = client.end()[0]

    assert (done.ended, done.octets, done.facts["streams"]) == (Ended.CUT, 0, 0)


def test_same_number_twice(shared: Serving) -> None:
    """A stream has its number once."""
    with session(shared.address, shared.ticket()) as client:
        client.order(UP, 2, HALF_US)
        client.join(UP, 0, uploading)
        client.join(UP, 0, uploading)
        done = client.end()[0]

    assert done.facts["streams"] == 1


def test_too_many_streams(shared: Serving) -> None:
    """No run has more streams than the contract allows."""
    with session(shared.address, shared.ticket()) as client:
        client.begin(UP, uploading, MOST_STREAMS + 4, HALF_US)
        done = client.end()[0]

    assert done.facts["streams"] == MOST_STREAMS


def test_streams_join_later(shared: Serving) -> None:
    """Further streams may join while the run goes on."""
    with session(shared.address, shared.ticket()) as client:
        client.begin(UP, uploading, 1, 1_000_000)
        client.next()  # Go
        client.join(UP, 7, uploading)
        done = client.end()[0]

    assert done.facts["streams"] == 2
