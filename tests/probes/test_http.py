"""Does an exchange say what was asked, over which connection, and where it stuck?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest

from probes._http import Asked, Exchange, exchange

LOOPBACK = ip_address("::1")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


@contextmanager
def answering(*pieces: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server for one connection that says these pieces, waits for its end, and keeps what it heard first."""
    heard: list[bytes] = []
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(4096))
                for piece in pieces:
                    connection.sendall(piece)
                connection.settimeout(5)
                while connection.recv(4096):
                    pass

        at_work = threading.Thread(target=serve)
        at_work.start()
        yield server.getsockname()[1], heard
        at_work.join()


def asked(port: int, **more: Any) -> Exchange:
    """One request without TLS."""
    return exchange(Asked(LOOPBACK, port, "a.example", tls=False, timeout_s=0.5, **more))


def test_an_unusual_port_stands_in_the_host_field() -> None:
    """RFC 9112 section 3.2: the Host field has the port unless it is the scheme's own."""
    with answering(ANSWER + b"0123456789") as (port, heard):
        came = asked(port)

    assert (came.whole, f"Host: a.example:{port}".encode() in heard[0].splitlines()) == (True, True)


@pytest.mark.parametrize("pieces", [(), (ANSWER + b"0123",)], ids=["no answer", "half an answer"])
def test_what_was_read_of_a_connection_that_sticks(pieces: tuple[bytes, ...]) -> None:
    """Where no whole answer comes, the addresses, the segments and the path MTU of the connection are told all the same."""
    with answering(*pieces) as (port, _):
        came = asked(port)

    assert (came.stage, came.error, came.status, came.source) == ("receive", "ETIMEDOUT", 0, "::1")
    assert (came.pmtu, came.mss > 0) == (65536, True)


def test_an_answer_without_end_is_no_time_out() -> None:
    """More than was to be taken says so, and is not taken for a slow line."""
    with answering(ANSWER + b"0123456789") as (port, _):
        came = asked(port, most_octets=4)

    assert (came.stage, came.error) == ("receive", "EFBIG")
