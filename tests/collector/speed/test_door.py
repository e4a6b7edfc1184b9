"""Does the door hold: nonsense, silence, echoes, both families, and no thread left behind?"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.speed.parts import OPEN_OCTETS
from collector.speed.server import MOST_SILENT, origin_of
from collector.speed.talk import MOST_MESSAGES
from evidence.stream import LENGTH, VERSION, Bins, Direction, Echo, Ended, Hello, Refused, Stop, frame
from tests.collector.speed.client import Stream, connected, honest, knocking, session, uploading
from tests.collector.speed.serving import Serving, serving

pytestmark = pytest.mark.alone

HALF_US = 500_000


@pytest.fixture(scope="module")
def everyone(key: Ed25519PrivateKey) -> Iterator[Serving]:
    """A server that is open to all."""
    with serving(None, key) as up:
        yield up


@pytest.mark.parametrize(
    "octets",
    [LENGTH.pack(2**31), LENGTH.pack(2**20) + b"{", LENGTH.pack(5) + b"hello", LENGTH.pack(2) + b"{}"],
    ids=["a huge frame", "a large first frame", "no JSON", "no message"],
)
def test_nonsense(shared: Serving, octets: bytes) -> None:
    """What is no message is refused with words, and the connection closed."""
    with knocking(shared.address) as client:
        client.control.sendall(octets)
        said = client.next()
        with pytest.raises((EOFError, ConnectionResetError)):
            client.next()

    assert isinstance(said, Refused)
    assert said.code == "malformed"


def test_strangers_leave_room(everyone: Serving) -> None:
    """Of many who say nothing the oldest goes first, long before its time, whichever addresses they come from; who speaks is heard."""
    with contextlib.ExitStack() as opened:
        sources = [f"127.0.0.{1 + number // 60}" for number in range(MOST_SILENT + 20)]
        strangers = [opened.enter_context(connected(everyone.address, source)) for source in sources]
        strangers[0].settimeout(2)
        first = strangers[0].recv(1)
        client = opened.enter_context(session(everyone.address, source="127.0.0.99"))

        assert (first, client.welcome is not None) == (b"", True)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_origin(address: str, origin: str) -> None:
    """Addresses of one IPv6 network are one origin: a host has as many of them as it likes."""
    assert origin_of(address) == origin


def test_flood(everyone: Serving) -> None:
    """Who says far more than a session needs is left."""
    with session(everyone.address) as client:
        with contextlib.suppress(OSError):
            for _ in range(10 * MOST_MESSAGES):
                client.control.sendall(frame(Stop(1)))
        with pytest.raises((EOFError, OSError)):
            client.until(Bins)


def spelled(connection: socket.socket, octets: bytes) -> None:
    """Octet by octet, ten a second."""
    for octet in octets:
        connection.sendall(bytes([octet]))
        time.sleep(0.1)


def test_slow_first_frame(shared: Serving) -> None:
    """Who spells his first frame octet by octet is left after five seconds, however busily he does it."""
    began_s = time.monotonic()
    with connected(shared.address) as slow, pytest.raises((ConnectionResetError, BrokenPipeError)):
        spelled(slow, frame(Hello(VERSION, "x" * 200)))

    assert 4.5 < time.monotonic() - began_s < 7


def test_nonsense_later(shared: Serving) -> None:
    """What is no message in the middle of a run cuts it; the session ends."""
    with session(shared.address, shared.ticket()) as client:
        client.begin(most_us=5_000_000)
        client.control.sendall(LENGTH.pack(2**31))
        with pytest.raises((EOFError, OSError)):
            client.end()


def test_other_version(shared: Serving) -> None:
    """A version that this server does not speak is refused as that."""
    with knocking(shared.address) as client:
        client.say(Hello(VERSION + 1))
        said = client.next()

    assert getattr(said, "code", "") == "version"


def test_echo(everyone: Serving) -> None:
    """Echoes come back as they were sent, while the session lives, and end with it."""
    with session(everyone.address) as client, connected(everyone.address) as echo:
        assert client.welcome is not None
        echo.sendall(frame(Echo(client.welcome.join)) + b"0123456789abcdef")
        back = echo.recv(16, socket.MSG_WAITALL)
        client.bye()
        ended = echo.recv(1)

    assert (back, ended) == (b"0123456789abcdef", b"")


def test_echo_of_a_stranger(everyone: Serving) -> None:
    """Whoever is not at the session's address has no echo."""
    with session(everyone.address) as client, connected(everyone.address, "127.0.0.2") as echo:
        assert client.welcome is not None
        echo.sendall(frame(Echo(client.welcome.join)))
        assert echo.recv(1) == b""


def test_ipv6(key: Ed25519PrivateKey) -> None:
    """Over IPv6 a session sees that address and tells that family."""
    with serving(None, key, "::1") as up, session(up.address) as client:
        done = client.measure(most_us=HALF_US, pace_bit_s=80_000_000)
        assert client.welcome is not None
        seen = client.welcome.seen

    assert (seen, done.facts["family"]) == ("::1", 6)


def test_open_to_all(everyone: Serving) -> None:
    """A server that is open to all measures without a ticket and signs nothing."""
    with session(everyone.address) as client:
        done = client.measure(most_us=HALF_US, pace_bit_s=80_000_000)
        sealed = client.bye()

    assert (done.octets > 0, sealed) == (True, "")


def test_volume_of_an_open_server(key: Ed25519PrivateKey) -> None:
    """Whoever measures at a server that is open to all has no day whose volume could end."""
    with serving(None, key, day_octets=1) as up, session(up.address) as client:
        assert client.welcome is not None
        assert client.welcome.most_octets == OPEN_OCTETS


def test_pace_beyond_all_numbers(everyone: Serving) -> None:
    """A pace that no kernel can take is none, and harms nobody."""
    with session(everyone.address) as client:
        done = client.measure(most_us=HALF_US, pace_bit_s=2**80)

    assert (done.octets > 0, everyone.parts.broken.is_set()) == (True, False)


def test_one_after_the_other(everyone: Serving) -> None:
    """At a server that is open to all the second waits, and is told so, until the first is gone."""
    with session(everyone.address) as first, knocking(everyone.address) as second:
        waiting = second.greet()
        first.bye()
        welcome = second.next()

    assert [type(one).__name__ for one in (waiting, welcome)] == ["Waiting", "Welcome"]


def asleep(_: Stream) -> None:
    """Never read."""
    time.sleep(1)


def test_nothing_is_left(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """After sessions of every kind no thread and no descriptor is left."""
    before, open_before = set(threading.enumerate()), len(list(Path("/proc/self/fd").iterdir()))
    with serving(tmp_path, key) as up:
        for behave, direction in ((honest, Direction.DOWN), (asleep, Direction.DOWN), (uploading, Direction.UP)):
            with session(up.address, up.ticket()) as client:
                client.begin(direction, behave, 3, HALF_US)
                client.next()  # and gone in the middle of it
        with knocking(up.address):
            pass
        up.observations(3)

    # The servers that other tests share may still have been closing their last connection when it was counted: fewer is no fault.
    assert set(threading.enumerate()) - before == set()
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_before


def test_stopped_in_the_middle(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """A server that is told to stop cuts its runs, tells their figures and signs them."""
    with serving(tmp_path, key) as up, session(up.address, up.ticket()) as client:
        client.begin(most_us=10_000_000, pace_bit_s=80_000_000)
        time.sleep(0.5)
        up.parts.stop.set()
        done = client.end()[0]
        report = up.observations()[0]

    assert (done.ended, [one.facts["ended"] for one in report.readings]) == (Ended.CUT, ["cut", "cut"])
