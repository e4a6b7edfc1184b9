"""Is the queue of a server waited in for as long as a slot can last, and not for longer than the run may take?"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from ipaddress import ip_address

import pytest

from agent.config import Limits
from collector.egress_orders import GRACE_US
from evidence.model import Failure, Unmeasurable
from evidence.stream import LONGEST_RUN_US, Waiting, Welcome, frame
from probes import Progress
from probes._egress.session import LONGEST_WAIT_S, Session, open_session
from probes._egress.talk import Talk, Where
from probes.egress import PROBE, SECOND_WAIT_S

pytestmark = pytest.mark.alone

WELCOME = Welcome("session-1", "ab" * 32, "aa" * 16, "cd" * 32, "192.0.2.7", 10**12, 12_000_000)
AROUND_A_RUN_S = 10


def waited(queued_s: float, wait_s: float) -> list[Progress | Session | Failure]:
    """What is told by one who waits so long at most in a queue that takes so long."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        threading.Thread(target=_queue, args=(theirs, queued_s), daemon=True).start()
        where, told = Where("here", ip_address("127.0.0.1"), 9, None, 1.0), list[Progress | Session | Failure]()
        try:
            told.extend(open_session(where, Talk("here", ours), "ticket", "", "", wait_s))
        except Unmeasurable as why:
            told.append(why.failure)
        return told


def _queue(connection: socket.socket, queued_s: float) -> None:
    """A server with a queue that says so ten times a second."""
    until_s = time.monotonic() + queued_s
    with suppress(OSError):  # who waited has gone
        while time.monotonic() < until_s:
            connection.sendall(frame(Waiting(1, 100_000)))
            time.sleep(0.1)
        connection.sendall(frame(WELCOME))


def test_our_turn_comes() -> None:
    """While it lasts the wait is told, then the session is open."""
    *waits, last = waited(queued_s=0.5, wait_s=5)

    assert (len(waits) >= 3, isinstance(last, Session)) == (True, True)
    assert all(isinstance(one, Progress) and one.phase == "queue" for one in waits)


def test_our_turn_does_not_come() -> None:
    """A wait ends after its time, in words, although the server goes on saying that it lasts."""
    assert waited(queued_s=5, wait_s=0.3)[-1] is Failure.TIMED_OUT


@pytest.mark.parametrize("servers", [1, 2])
def test_the_waits_fit(servers: int) -> None:
    """All waits and both directions at each server are over before the deadline, which is within the agent's own."""
    waits_s = sum((LONGEST_WAIT_S, SECOND_WAIT_S)[:servers])
    runs_s = servers * 2 * (LONGEST_RUN_US / 1e6 + AROUND_A_RUN_S)

    assert waits_s + runs_s <= PROBE.deadline_s <= Limits().probe_deadline_s


def test_as_long_as_a_slot() -> None:
    """Agents of one order come all at once to a server that lets in one after the other: no ticket is given up while its slot can last."""
    assert LONGEST_WAIT_S * 1e6 >= GRACE_US
