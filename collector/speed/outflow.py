"""
How much content of one stream has arrived, and when was it sent?

*Method*: the thread of the stream enciphers chunk after chunk into one buffer, remembers the tag that proves it, and hands it to the
socket. Tags that come back are compared in order. A right one credits its chunk twice: to the bin in which the tag came, and to the
bin in which the chunk had left the socket for the wire; the smaller of the two counts in the end, so that tags held back and let go in
a burst raise nothing, and neither does content that waits here. After a wrong tag the stream is credited nothing more.

What it does not prove: which machine read the content, if several stand behind one address.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections import deque
from dataclasses import dataclass, field

from collector.speed import sockets
from collector.speed.allowance import Allowance
from collector.speed.bins import Series, monotonic_us
from evidence.stream import LARGE_CHUNK, LATE_US, TAG_OCTETS, Keystream, chunk_octets, is_right, tag

KEY_OCTETS = 16
TAGS_AT_ONCE = 256


@dataclass(slots=True)
class Chunk:
    """Content under way: the tag that proves it, its length, where it ends, and when it was seen to have left the socket for the wire."""

    tag: bytes
    octets: int
    end: int
    left_us: int = 0


@dataclass(slots=True)
class Outflow:
    """One stream of a download; `over` ends it at a chunk's end, `cut` at once."""

    connection: socket.socket
    check: bytes
    allowance: Allowance
    over: threading.Event
    cut: threading.Event
    counted: Series = field(default_factory=Series)  # by arrival of the tag
    sent: Series = field(default_factory=Series)  # the same chunks, by when they had left
    wrong_tags: int = 0
    late_tags: int = 0
    broken: bool = False  # a wrong tag came, or the tags ended
    sent_all: bool = False
    _pending: deque[Chunk] = field(default_factory=deque)
    _leaving: deque[Chunk] = field(default_factory=deque)
    _partial: bytearray = field(default_factory=bytearray)
    _handed: int = 0  # octets that the socket has taken

    def flow(self) -> None:
        """Send until the run is over, then say that nothing more comes."""
        try:
            sockets.for_sending(self.connection)
            self._send()
            self.connection.shutdown(socket.SHUT_WR)
        except OSError:
            self.broken = True  # the other end is gone: what it proved before stays
        finally:
            self.sent_all = True
        self.cut.wait()

    def _send(self) -> None:
        """Chunk after chunk; the tag is known before the first octet leaves."""
        keystream, buffer, offset = Keystream(secrets.token_bytes(KEY_OCTETS)), memoryview(bytearray(LARGE_CHUNK)), 0
        while not self.over.is_set():
            octets = chunk_octets(offset)
            if not self.allowance.take(octets):
                return
            content = buffer[:octets]
            keystream.fill(content, octets)
            offset += octets
            chunk = Chunk(tag(self.check, content), octets, offset)
            self._pending.append(chunk)
            self._leaving.append(chunk)
            self._hand_over(content)

    def _hand_over(self, content: memoryview) -> None:
        """A whole chunk; raises OSError when the run is cut before all of it is in the socket."""
        while content:
            try:
                taken = self.connection.send(content)
            except BlockingIOError:  # a fifth of a second went by and the socket took nothing
                if self.cut.is_set():
                    raise
                continue
            content = content[taken:]
            self._handed += taken

    def note_what_left(self) -> None:
        """
        Stamp the chunks of which no octet waits in the socket any more.

        Called every few milliseconds whether tags come or not: else who holds them back could choose when a chunk was sent.
        """
        # What was handed over is read first: what is handed over meanwhile makes less seem to have left, never more.
        handed = self._handed
        try:
            left, now_us = handed - sockets.unsent(self.connection), monotonic_us()
        except (OSError, ValueError):
            self.broken = (
                True  # the other end is gone, or the run is over and this socket closed: nothing more is credited
            )
            return
        while self._leaving and self._leaving[0].end <= left:
            self._leaving.popleft().left_us = now_us

    @property
    def settled(self) -> bool:
        """Whether no further tag can credit anything."""
        return self.broken or (self.sent_all and not self._pending)

    def read_tags(self) -> bool:
        """Credit what tags have come; False when no more will."""
        try:
            octets = self.connection.recv(TAGS_AT_ONCE * TAG_OCTETS, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            octets = b""
        now_us = monotonic_us()
        self._partial += octets
        while len(self._partial) >= TAG_OCTETS:
            self._credit(bytes(self._partial[:TAG_OCTETS]), now_us)
            del self._partial[:TAG_OCTETS]
        self.broken = self.broken or not octets
        return bool(octets)

    def _credit(self, given: bytes, now_us: int) -> None:
        """One tag, against the oldest chunk that has none."""
        if self.broken:
            return
        chunk = self._pending.popleft() if self._pending else None
        if chunk is None or not is_right(chunk.tag, given):
            self.wrong_tags += 1
            self.broken = True
            return
        left_us = chunk.left_us or now_us  # it left since the last look, a few milliseconds ago
        if now_us - left_us > LATE_US:  # from the wire on: on a slow line it waits here for longer than that
            self.late_tags += 1
        else:
            self.counted.add(now_us, chunk.octets)
            self.sent.add(left_us, chunk.octets)

    def end(self) -> None:
        """Wake the thread of the stream, whatever it waits for."""
        self.cut.set()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
