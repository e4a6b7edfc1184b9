"""
What may happen to a datagram on its way?

`between` is a path to an agent on loopback on which somebody sits who loses, delays, repeats, changes and invents replies.
"""

from __future__ import annotations

import heapq
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from probes._snmp import ber

Answers = list[tuple[float, bytes]]
"""What reaches the asker: after how many seconds, and which octets."""


@dataclass
class Path:
    """Where to ask, and what was seen there."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)


Change = Callable[[Path], Answers]
"""What becomes of the last reply, given all that was seen."""


def as_it_came(path: Path) -> Answers:
    """The reply, at once."""
    return [(0, path.replies[-1])]


@contextmanager
def between(agent_port: int, change: Change = as_it_came, answers_from: str = "127.0.0.1") -> Iterator[Path]:
    """A path to an agent, which answers from another address if told to."""
    over = threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        front.bind(("127.0.0.1", 0))
        other.bind((answers_from, 0))
        back.connect(("127.0.0.1", agent_port))
        path = Path(front.getsockname()[1])
        out = front if answers_from == "127.0.0.1" else other
        worker = threading.Thread(target=_carry, args=(path, change, front, back, out, over))
        worker.start()
        try:
            yield path
        finally:
            over.set()
            worker.join()


def _carry(
    path: Path, change: Change, front: socket.socket, back: socket.socket, out: socket.socket, over: threading.Event
) -> None:
    peer, due, order = ("", 0), list[tuple[float, int, bytes]](), count()
    while not over.is_set():
        for ready in select.select([front, back], [], [], 0.01)[0]:
            octets, sender = ready.recvfrom(65_535)
            if ready is front:
                peer = sender
                path.requests.append(octets)
                back.send(octets)
            else:
                path.replies.append(octets)
                for delay_s, answer in change(path):
                    heapq.heappush(due, (time.monotonic() + delay_s, next(order), answer))
        while due and due[0][0] <= time.monotonic():
            out.sendto(heapq.heappop(due)[2], peer)


def with_bindings(request: bytes, *bindings: bytes) -> bytes:
    """A reply to a v2c request with the values given as octets, each for the object that was asked for and the one after."""
    at, stop = ber.expect(request, 0, len(request), ber.SEQUENCE)
    _, after = ber.number(request, at, stop)
    _, pdu_at = ber.expect(request, after, stop, ber.OCTETS)
    _, id_at, id_stop = ber.header(request, pdu_at, stop)
    _, after_id = ber.number(request, id_at, id_stop)
    rows = b"".join(ber.element(ber.SEQUENCE, one) for one in bindings)
    pdu = request[id_at:after_id] + ber.integer(0) * 2 + ber.element(ber.SEQUENCE, rows)
    return ber.element(ber.SEQUENCE, request[at:pdu_at] + ber.element(0xA2, pdu))
