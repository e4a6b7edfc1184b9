"""Can anybody hold the echo server up by saying nothing, too little, too slowly or too often?"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from collector.echo.certificate import FILE, shown
from collector.echo.server import LARGEST_HEAD, Connection
from evidence.echo import LARGEST_OBJECT
from probes._http import unchecked
from tests.collector.echo.serving import NOW_US, Up, echoing

pytestmark = pytest.mark.alone

FIRST_S, LONGEST_S = 0.7, 1.2
HEAD = b"POST /object HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"


class Hurried(Connection):
    """The same bounds, smaller."""

    first_s, longest_s = FIRST_S, LONGEST_S
    most, most_of_one = 6, 4


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A server with little patience and little room."""
    with echoing(tmp_path_factory.mktemp("echo"), Hurried) as up:
        yield up


def connected(up: Up, source: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A connection over IPv4 from one of the loopback's addresses, to the port without TLS unless told."""
    return socket.create_connection(("127.0.0.1", port or up.plain[4]), 5, (source, 0))


def lasted_s(connection: socket.socket, says: Callable[[], None] = lambda: None) -> float:
    """How long it is until the server cuts a connection, on which something is said all the while."""
    started = time.monotonic()
    connection.settimeout(0.05)
    while time.monotonic() - started < 5:
        try:
            says()
            if connection.recv(65536) == b"":
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - started


SILENCES = [
    pytest.param(b"", FIRST_S, id="silent"),
    pytest.param(b"GET /echo?nonce=a HTTP/1.1\r\n", FIRST_S, id="half a request"),
    pytest.param(HEAD, LONGEST_S, id="half a body"),
]


@pytest.mark.parametrize(("said", "limit_s"), SILENCES)
def test_silent(hurried: Up, said: bytes, limit_s: float) -> None:
    """Who does not say what he wants is cut early, who does not say it to the end later."""
    with connected(hurried) as connection:
        connection.sendall(said)
        took_s = lasted_s(connection)

    assert limit_s - 0.1 < took_s < limit_s + 0.4


def test_dripping(hurried: Up) -> None:
    """An octet now and then makes a connection last no longer."""
    with connected(hurried) as connection:
        connection.sendall(HEAD.replace(b": 9", b": 60000"))
        took_s = lasted_s(connection, lambda: connection.sendall(b"x"))

    assert took_s < LONGEST_S + 0.4


def test_again_and_again(hurried: Up) -> None:
    """Nor does another request."""
    with connected(hurried) as connection:
        request = b"GET /object?octets=1 HTTP/1.1\r\nHost: a\r\n\r\n"
        took_s = lasted_s(connection, lambda: connection.sendall(request))

    assert took_s < LONGEST_S + 0.4


def test_does_not_read(hurried: Up) -> None:
    """Who does not read what he asked for is cut, and gets no more than was on its way."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", hurried.plain[4]))
        connection.sendall(f"GET /object?octets={LARGEST_OBJECT} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        time.sleep(LONGEST_S + 0.3)
        connection.settimeout(5)
        assert octets_left(connection) < LARGEST_OBJECT


def octets_left(connection: socket.socket) -> int:
    """How much comes until a connection ends."""
    octets = 0
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(1 << 20):
            octets += len(piece)
    return octets


def test_long_head(hurried: Up) -> None:
    """A request head that is too long is refused."""
    with connected(hurried) as connection:
        connection.sendall(b"GET /echo?nonce=a HTTP/1.1\r\nHost: a\r\nX: " + b"x" * (2 * LARGEST_HEAD))
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


CROWDS = [
    pytest.param(["127.0.0.1"] * 4, "127.0.0.1", True, id="one address has no more"),
    pytest.param(["127.0.0.1"] * 4, "127.0.0.2", False, id="another one has"),
    pytest.param([f"127.0.0.{number}" for number in range(1, 7)], "127.0.0.7", True, id="all together have no more"),
]


@pytest.mark.parametrize(("there", "comes", "is_cut"), CROWDS)
def test_crowd(hurried: Up, there: list[str], comes: str, is_cut: bool) -> None:
    """A connection too many, of one address or in all, is cut at once; the others stay, and there is room again when they leave."""
    with ExitStack() as open_ones:
        others = [open_ones.enter_context(connected(hurried, one)) for one in there]
        time.sleep(0.1)  # they are counted when the server has taken them
        last = open_ones.enter_context(connected(hurried, comes))
        cut = [is_over(one) for one in (last, others[0])]

    time.sleep(0.1)
    assert (cut, hurried.asked("/echo?nonce=a", 4).status) == ([is_cut, False], 200)


def is_over(connection: socket.socket) -> bool:
    """Whether a connection was cut, long before it would have been for its silence."""
    connection.settimeout(0.15)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_tls_silent(hurried: Up) -> None:
    """Who has shaken hands and then says nothing is cut as well."""
    with connected(hurried, port=hurried.secured[4]) as plain, unchecked().wrap_socket(plain) as connection:
        assert FIRST_S - 0.1 < lasted_s(connection) < FIRST_S + 0.4


def test_no_tls(hurried: Up) -> None:
    """Who never shakes hands keeps nobody else out."""
    with connected(hurried, port=hurried.secured[4]):
        assert hurried.asked("/echo?nonce=a", 4, tls=True).status == 200


def test_renewed(tmp_path: Path) -> None:
    """A certificate that is replaced while it runs changes nothing that is shown or sealed until the next start."""
    with echoing(tmp_path) as up:
        before = up.asked("/echo?nonce=a", tls=True).certificate
        (tmp_path / FILE).unlink()
        renewed = shown("", "", tmp_path, NOW_US).sha256
        after = up.asked("/echo?nonce=a", tls=True)

    assert (after.certificate, up.echoed(after).certificate, renewed != before) == (before, before, True)
