"""
How do datagrams come and go?

*Method*: one connected UDP socket a target, so that the kernel hands over nothing from another address or port, and tells at
once where nobody listens. The socket is looked at once more before a time-out is believed: a busy process must not take its
own lateness for silence.

What it does not see: the answer of a switch that replies from another of its addresses than it was asked at. That is
silence here; list the address that it answers from.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque

from evidence.model import Unmeasurable
from probes._failures import errno_name, of_errno

LARGEST = 65_535
WORDS = {"ECONNREFUSED": "refused: nothing listens on this UDP port (ICMP)"}


class Datagrams:
    """A connected UDP socket in the running loop."""

    def __init__(self, host: str, port: int) -> None:
        """Connect, which sends nothing; raises Unmeasurable where there is no way to the address."""
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._error: OSError | None = None
        try:
            family, kind, _, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
            )[0]
            self._socket = _connected(family, kind, address)
        except OSError as error:
            raise _unmeasurable(error) from error
        self._loop.add_reader(self._socket.fileno(), self._readable)

    def send(self, octets: bytes) -> None:
        """Send one datagram; one for which the kernel has no room is lost like any other on its way."""
        try:
            with contextlib.suppress(BlockingIOError):
                self._socket.send(octets)
        except OSError as error:
            raise _unmeasurable(error) from error

    async def receive(self, until_s: float) -> bytes | None:
        """The next datagram, or None if there is none until this moment of the monotonic clock."""
        if not self._waiting and self._error is None:
            self._waiter = self._loop.create_future()
            timer = self._loop.call_at(until_s, self._wake)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
            if not self._waiting and self._error is None:
                self._readable()
        if self._error is not None:
            error, self._error = self._error, None
            raise _unmeasurable(error) from error
        return self._waiting.popleft() if self._waiting else None

    def forget(self) -> None:
        """Drop what came before the next request."""
        self._waiting.clear()
        self._error = None

    def close(self) -> None:
        """Close the socket."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _readable(self) -> None:
        """Read one datagram, if there is one; the loop calls again while there are more."""
        try:
            self._waiting.append(self._socket.recv(LARGEST))
        except BlockingIOError:
            return
        except OSError as error:
            self._error = error
        self._wake()

    def _wake(self) -> None:
        """Go on waiting no longer."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _connected(family: int, kind: int, address: object) -> socket.socket:
    """A socket that talks with one address only."""
    made = socket.socket(family, kind)
    try:
        made.setblocking(False)
        made.connect(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
    except OSError:
        made.close()
        raise
    return made


def _unmeasurable(error: OSError) -> Unmeasurable:
    """What the network said."""
    name = errno_name(error.errno or 0)
    return Unmeasurable(of_errno(error.errno or 0), WORDS.get(name, f"cannot be reached ({name})"))
