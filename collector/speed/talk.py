"""
What is said on one connection, and how long may it take?

*Method*: the first frame of a connection is read to its last octet and not beyond, within a few seconds altogether, so that content
that follows is left where it is. A control connection is read as octets come. A connection that fails, closes or speaks nonsense is
lost, and nothing more is said on it; who holds it decides what that means.
"""

from __future__ import annotations

import contextlib
import socket
from collections import deque
from dataclasses import dataclass, field

from collector.speed.bins import monotonic_us
from evidence.errors import Malformed
from evidence.stream import LENGTH, Message, Unframing, frame

FIRST_FRAME_US = 5_000_000
LARGEST_FIRST = 64 * 1024  # octets: a Hello with its ticket is about two thousand
SAY_S = 5.0
SECOND_US = 1_000_000
AT_ONCE = 64 * 1024
MOST_MESSAGES, MOST_OCTETS = 100, 256 * 1024  # an agent says a handful of words in a session; who floods is left


class Unspoken(Exception):
    """A connection that did not say a whole first frame in time; the text says what came instead."""


def first_frame(connection: socket.socket) -> Message:
    """The first message of a connection, and not one octet more; raises Unspoken or Malformed."""
    until_us = monotonic_us() + FIRST_FRAME_US
    head = _exactly(connection, LENGTH.size, until_us)
    (size,) = LENGTH.unpack(head)
    if size > LARGEST_FIRST:
        raise Malformed(f"first frame: {size} octets, at most {LARGEST_FIRST}")
    messages = list(Unframing().fed(head + _exactly(connection, size, until_us)))
    return messages[0]


def _exactly(connection: socket.socket, octets: int, until_us: int) -> bytes:
    """So many octets before a moment of the monotonic clock."""
    got = bytearray()
    while len(got) < octets:
        left_us = until_us - monotonic_us()
        if left_us <= 0:
            raise Unspoken(f"{len(got)} of {octets} octets came in time")
        connection.settimeout(left_us / SECOND_US)
        try:
            some = connection.recv(octets - len(got))
        except OSError as why:
            raise Unspoken(str(why)) from why
        if not some:
            raise Unspoken("closed before its first frame")
        got += some
    return bytes(got)


@dataclass(slots=True)
class Talk:
    """A control connection after its first frame; `lost` once it failed, was closed, or something came that is no message."""

    connection: socket.socket
    lost: bool = False
    _unframing: Unframing = field(default_factory=Unframing)
    _ready: deque[Message] = field(default_factory=deque)
    _messages: int = 0
    _octets: int = 0

    def say(self, *messages: Message) -> None:
        """Say something; a peer that does not take it for seconds is lost."""
        if self.lost:
            return
        self.connection.settimeout(SAY_S)
        try:
            self.connection.sendall(b"".join(frame(message) for message in messages))
        except OSError:
            self.lost = True

    def heard(self, within_s: float) -> Message | None:
        """The next message; None where none is whole within the time, or where the connection is lost."""
        if not self._ready and not self.lost:
            self._read(within_s)
        return self._ready.popleft() if self._ready else None

    def _read(self, within_s: float) -> None:
        """What has come meanwhile."""
        self.connection.settimeout(max(within_s, 0.001))
        try:
            octets = self.connection.recv(AT_ONCE)
            said = list(self._unframing.fed(octets))
        except TimeoutError:
            return
        except (OSError, Malformed):
            self.lost = True
        else:
            self._ready.extend(said)
            self._messages, self._octets = self._messages + len(said), self._octets + len(octets)
            self.lost = not octets or self._messages > MOST_MESSAGES or self._octets > MOST_OCTETS

    def close(self) -> None:
        """Wake whoever reads here, and end it."""
        self.lost = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
