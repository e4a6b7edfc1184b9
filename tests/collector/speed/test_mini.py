"""Does our mini server answer as speedtest-cli expects it, and never stand in the way of a measurement?"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest

from collector.speed import mini
from collector.speed.mini import AT_ONCE, MOST_UPLOAD_OCTETS, PICTURE_OCTETS

pytestmark = pytest.mark.alone

# The library as its makers meant it, with nothing of ours in it but that it asks nobody for its configuration.
FOREIGN = """
import sys, json, speedtest
class Mini(speedtest.Speedtest):
    def get_config(self):
        self.config.update(client={})
tester = Mini(timeout=5)
servers = tester.set_mini_server(sys.argv[1])
best = tester.get_best_server(servers)
json.dump([best["url"], best["latency"] < 5000], sys.stdout)
"""


TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # not used, and quicker than the one that httpx would make each time


@dataclass(frozen=True)
class Up:
    """The server on both loopbacks; `measures` is set while it pretends to."""

    v4: str
    v6: str
    stop: threading.Event = field(default_factory=threading.Event)
    measures: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


LONGEST_S = 2.0


@pytest.fixture
def up() -> Iterator[Up]:
    """The server on a thread of its own, as the speed server runs it, with little patience."""
    four = socket.create_server(("127.0.0.1", 0))
    six = socket.create_server(("::1", 0), family=socket.AF_INET6)
    server = Up(f"http://127.0.0.1:{four.getsockname()[1]}", f"http://[::1]:{six.getsockname()[1]}")

    def serve() -> None:
        mini.run([four, six], server.stop, server.measures.is_set, LONGEST_S)
        server.ended.set()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server
    server.stop.set()
    thread.join()


def get(server: Up, path: str) -> httpx.Response:
    """One answer, whole."""
    return httpx.get(f"{server.v4}{path}", timeout=10, verify=TLS, trust_env=False)


def picture(width: int) -> str:
    """The path of a file."""
    return f"/speedtest/random{width}x{width}.jpg"


def begun(server: Up, standing: ExitStack) -> socket.socket:
    """The largest file, asked for, answered, and not read."""
    connection = standing.enter_context(_connected(server))
    connection.sendall(f"GET {picture(4000)} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def rest(connection: socket.socket) -> int:
    """How many octets come until the server ends the connection."""
    octets = 0
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(1 << 20):
            octets += len(piece)
    return octets


def _connected(server: Up) -> socket.socket:
    """A connection of our own."""
    return socket.create_connection(("127.0.0.1", int(server.v4.rpartition(":")[2])), 10)


# --- The protocol -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["v4", "v6"])
def test_the_real_library_takes_it(up: Up, family: str) -> None:
    """speedtest-cli finds a mini server and a latency over both families."""
    url = getattr(up, family)
    done = subprocess.run([sys.executable, "-c", FOREIGN, url], capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(done.stdout) == [f"{url}/speedtest/upload.php", True]


@pytest.mark.parametrize("width", [350, 1500])
def test_files(up: Up, width: int) -> None:
    """A file has the size of the original's picture."""
    assert len(get(up, picture(width)).content) == PICTURE_OCTETS[width]


def test_files_do_not_shrink(up: Up) -> None:
    """What is sent cannot be compressed on the way."""
    content = get(up, picture(500)).content

    assert len(zlib.compress(content)) >= len(content)


@pytest.mark.parametrize("name", ["random351x351.jpg", "random350x500.jpg", "random99999999999x99999999999.jpg", "x"])
def test_no_other_files(up: Up, name: str) -> None:
    """Nobody chooses the size of what is sent."""
    assert get(up, f"/speedtest/{name}").status_code == 404


def test_an_upload_is_counted(up: Up) -> None:
    """An upload is answered with its octets."""
    answer = httpx.post(
        f"{up.v4}/speedtest/upload.php", content=bytes(300_001), timeout=10, verify=TLS, trust_env=False
    )

    assert (answer.status_code, answer.text) == (200, "size=300001")


# --- Its limits -------------------------------------------------------------------------------------------------------


def test_an_upload_that_is_too_large(up: Up) -> None:
    """More octets than the tool ever sends are not taken."""
    with _connected(up) as connection:
        length = 4 * MOST_UPLOAD_OCTETS
        connection.sendall(
            f"POST /speedtest/upload.php HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n".encode()
        )
        sent = _sent_until_refused(connection, length)

    assert MOST_UPLOAD_OCTETS < sent < length


def _sent_until_refused(connection: socket.socket, length: int) -> int:
    """How much of a body the server takes."""
    sent = 0
    with contextlib.suppress(OSError):
        while sent < length:
            sent += connection.send(bytes(1 << 16))
    return sent


def test_so_many_at_once(up: Up) -> None:
    """Beyond the limit a request is told to come later; when one has gone there is room again."""
    with ExitStack() as standing:
        for _ in range(AT_ONCE):
            begun(up, standing)
        beyond = get(up, "/speedtest/latency.txt").status_code
    until = time.monotonic() + 5
    while get(up, "/speedtest/latency.txt").status_code != 200 and time.monotonic() < until:
        time.sleep(0.05)
    after = get(up, "/speedtest/latency.txt").status_code

    assert (beyond, after) == (503, 200)


def test_who_does_not_read(up: Up) -> None:
    """A request that takes too long is cut, and its room is free again."""
    with ExitStack() as standing:
        connection = begun(up, standing)
        time.sleep(LONGEST_S + 0.5)

        assert rest(connection) < PICTURE_OCTETS[4000]


def test_who_does_not_send(up: Up) -> None:
    """An upload that never comes to its end is cut."""
    with _connected(up) as connection:
        connection.sendall(b"POST /speedtest/upload.php HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc")
        answer = connection.recv(100)

    assert b"200 OK" not in answer


# --- A measurement comes first ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/speedtest/latency.txt", picture(4000)])
def test_refused_while_measuring(up: Up, path: str) -> None:
    """While a measurement runs nothing is served."""
    up.measures.set()

    assert get(up, path).status_code == 503


def test_cut_when_a_measurement_begins(up: Up) -> None:
    """What is on its way when a measurement begins ends at once."""
    with ExitStack() as standing:
        connection = begun(up, standing)
        up.measures.set()

        assert rest(connection) < PICTURE_OCTETS[4000]


def test_an_upload_is_cut_too(up: Up) -> None:
    """An upload on its way when a measurement begins is refused, and never counted."""
    body = iter(partial(_slowly, up.measures), None)
    answer = httpx.post(
        f"{up.v4}/speedtest/upload.php",
        content=body,
        headers={"content-length": "10000000"},
        timeout=10,
        verify=TLS,
        trust_env=False,
    )

    assert answer.status_code == 503


def _slowly(measures: threading.Event) -> bytes:
    """Some octets, and a measurement that begins."""
    time.sleep(0.05)
    measures.set()
    return bytes(1000)


def test_it_stops(up: Up) -> None:
    """A server that is told to stop ends soon, whoever is still reading."""
    with ExitStack() as standing:
        begun(up, standing)
        up.stop.set()

        assert up.ended.wait(4)
