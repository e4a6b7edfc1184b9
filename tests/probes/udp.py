"""How does a test stand behind a UDP port of loopback? One datagram in, one out or none, until the test is over."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[bytes], bytes | None]


@contextmanager
def replying(answer: Answer) -> Iterator[int]:
    """What answers datagrams, on a port of its own; the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.05)
        over = threading.Event()
        worker = threading.Thread(target=reply_until, args=(server, answer, over))
        worker.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            worker.join()


def reply_until(server: socket.socket, answer: Answer, over: threading.Event) -> None:
    """Answer what comes to a socket, which has a time-out, until it is over."""
    while not over.is_set():
        try:
            octets, peer = server.recvfrom(65_535)
        except TimeoutError:
            continue
        if (reply := answer(octets)) is not None:
            server.sendto(reply, peer)


def free_port() -> int:
    """A UDP port that nobody has just now."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.bind(("::", 0))
        port: int = taken.getsockname()[1]
    return port


def bound(port: int) -> bool:
    """Whether somebody has the port on IPv6 loopback, which snmpd takes last."""
    found = subprocess.run(["ss", "-Hlun6", f"sport = :{port}"], capture_output=True, text=True, check=True)
    return bool(found.stdout.strip())
