"""
How is content moved as fast as it goes, and counted where it cannot be talked up?

*Method*: one thread a stream. Downward every octet is read into memory and every whole chunk is answered with its tag; the kernel wakes
the thread only when most of a chunk is there (SO_RCVLOWAT), which is what makes it cheap. Upward one block of random octets is sent from
memory by sendfile, so that nothing on the way can shrink it; what counts is what the other end acknowledged (TCP_INFO), never what was
handed to a socket.

What it does not prove: that what was acknowledged was read; the server counts an upload where it arrives.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from evidence.model import Unmeasurable
from evidence.stream import LARGE_CHUNK, Direction, Join, chunk_octets, frame, tag
from evidence.tcp_info import OCTETS, OPTION, TcpInfo, tcp_info
from probes._egress.talk import Where, lost

LOOK = struct.pack("ll", 0, 500_000)  # struct timeval: how often a thread that waits looks whether it is to end
SO_MAX_PACING_RATE = 47  # asm-generic/socket.h
UNSENT = 256 * 1024  # octets that may lie in a socket unsent: more only adds delay at the end
BLOCK = 4 * 1024 * 1024  # octets of random content in memory
AT_ONCE = 512 * 1024  # octets a sendfile
PATIENCE_S = 2.0  # how long all threads may take to end


@dataclass(slots=True)
class Stream:
    """One connection of content: `octets` read by its thread, and what ended it if not we."""

    number: int
    connection: socket.socket | None = None
    opened_us: int = 0
    octets: int = 0
    chunks: int = 0
    fault: str = ""
    first: TcpInfo | None = None
    last: TcpInfo | None = None
    _wakes_at: int = 1

    def wake_at(self, octets: int) -> None:
        """Let the kernel wake the reader only when so much is there; it never waits for more than was asked of it."""
        if self.connection is not None and octets != self._wakes_at:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, octets)
            self._wakes_at = octets

    def look(self) -> TcpInfo | None:
        """What the kernel tells of the connection; its last word where it is closed, None before there is one."""
        with suppress(OSError, ValueError):
            if self.connection is not None:
                self.last = tcp_info(self.connection.getsockopt(socket.IPPROTO_TCP, OPTION, OCTETS + 16))
                self.first = self.first or self.last
        return self.last


@dataclass(slots=True)
class Streams:
    """All connections of content of one run, in one direction; `pace_bit_s` is that of each stream, upward only."""

    where: Where
    join: str
    run: int
    direction: Direction
    check: bytes
    block: int  # the file of random octets that an upload sends
    pace_bit_s: int = 0
    streams: list[Stream] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, count: int) -> None:
        """Open the first streams; raises Unmeasurable where the server cannot be reached."""
        for _ in range(count):
            stream = Stream(len(self.streams))
            self.streams.append(stream)
            try:
                self._open(stream)
            except OSError as why:
                raise lost(self.where.name, why) from why
            self._start(stream)

    def add(self, count: int) -> None:
        """Open more streams without waiting: a connect may take long on a line that is full."""
        for _ in range(count):
            self.streams.append(Stream(len(self.streams)))
            self._start(self.streams[-1])

    def _start(self, stream: Stream) -> None:
        self.threads.append(threading.Thread(target=self._work, args=(stream,), daemon=True))
        self.threads[-1].start()

    def _open(self, stream: Stream) -> socket.socket:
        """Connect and join; raises Unmeasurable or OSError."""
        connection = self.where.connect()
        stream.connection, stream.opened_us = connection, time.monotonic_ns() // 1000
        connection.sendall(frame(Join(self.join, self.run, stream.number)))
        _prepare(connection, self.direction, self.pace_bit_s)
        stream.look()
        return connection

    def _work(self, stream: Stream) -> None:
        """A thread: move content until told to end, and say why it ended otherwise."""
        try:
            connection = stream.connection or self._open(stream)
            if self.direction is Direction.DOWN:
                self._receive(stream, connection)
            else:
                self._send(connection)
        except (OSError, Unmeasurable) as why:
            stream.fault = "" if self.ending.is_set() else str(why)
        finally:
            # `close` closes what it sees; a connect that took longer than the run is ours to close.
            if self.closed.is_set() and stream.connection is not None:
                stream.connection.close()

    def octets(self) -> int:
        """Payload so far: read into memory downward, acknowledged by the other end upward."""
        if self.direction is Direction.DOWN:
            return sum(stream.octets for stream in self.streams)
        looked = (stream.look() for stream in self.streams)
        return sum(told.octets_acked for told in looked if told is not None)

    def end(self) -> None:
        """Send nothing more and wait for the threads; what lies in the sockets is still delivered."""
        self.ending.set()
        how = socket.SHUT_WR if self.direction is Direction.UP else socket.SHUT_RDWR
        for stream in self.streams:
            stream.look()
            with suppress(OSError):  # the other end may have closed it
                if stream.connection is not None:
                    stream.connection.shutdown(how)
        until_s = time.monotonic() + PATIENCE_S
        for thread in self.threads:
            thread.join(max(until_s - time.monotonic(), 0.0))

    def close(self) -> None:
        """Close what is open, and let a thread that still connects close its own; `end` comes before."""
        self.closed.set()
        for stream in self.streams:
            stream.look()
            if stream.connection is not None:
                stream.connection.close()

    def _receive(self, stream: Stream, connection: socket.socket) -> None:
        """Read chunk after chunk, tag each; raises OSError."""
        buffer = memoryview(bytearray(LARGE_CHUNK))
        while (chunk := self._chunk(stream, connection, buffer)) is not None:
            self._answer(connection, tag(self.check, chunk))
            stream.chunks += 1

    def _answer(self, connection: socket.socket, octets: bytes) -> None:
        """Send a tag, however long the way back is blocked; raises OSError."""
        while octets and not self.ending.is_set():
            with suppress(BlockingIOError):
                octets = octets[connection.send(octets) :]

    def _chunk(self, stream: Stream, connection: socket.socket, buffer: memoryview) -> memoryview | None:
        """The next whole chunk, read into the buffer; None where the stream ends first."""
        size, filled = chunk_octets(stream.octets), 0
        stream.wake_at(size)
        while filled < size and not self.ending.is_set():
            try:
                got = connection.recv_into(buffer[filled:size])
            except BlockingIOError:  # too little came within a look: take the tail as it comes
                stream.wake_at(1)
                continue
            if not got:
                return None
            filled += got
            stream.octets += got
        return buffer[:size] if filled == size else None

    def _send(self, connection: socket.socket) -> None:
        """Send the block again and again; raises OSError."""
        at, out = 0, connection.fileno()
        while not self.ending.is_set():
            with suppress(BlockingIOError):  # nothing went out within a look
                at = (at + os.sendfile(out, self.block, at, min(AT_ONCE, BLOCK - at))) % BLOCK


def _prepare(connection: socket.socket, direction: Direction, pace_bit_s: int) -> None:
    """Blocking, with the kernel's own time-outs: one system call less for each read and write than with Python's."""
    connection.settimeout(None)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, LOOK)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, LOOK)
    if direction is Direction.UP:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
        if pace_bit_s:
            connection.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, struct.pack("=Q", pace_bit_s // 8))


@contextmanager
def random_block() -> Iterator[int]:
    """A file in memory with random octets, for all uploads of a run; its descriptor."""
    block = os.memfd_create("campusproof-block")
    try:
        for _ in range(BLOCK // LARGE_CHUNK):
            os.write(block, os.urandom(LARGE_CHUNK))
        yield block
    finally:
        os.close(block)
