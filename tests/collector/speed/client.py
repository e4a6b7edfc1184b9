"""An agent's end of a session, honest or not: how a stream behaves is a function that each test chooses."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from evidence.stream import (
    LARGE_CHUNK,
    TAG_OCTETS,
    VERSION,
    Bins,
    Bye,
    Direction,
    Done,
    Go,
    Hello,
    Join,
    Message,
    Run,
    Sealed,
    Stop,
    Unframing,
    Welcome,
    chunk_octets,
    frame,
    tag,
)

Wanted = TypeVar("Wanted")
Address = tuple[str, int]
PATIENCE_S = 20.0


@dataclass
class Stream:
    """One data connection; `read` counts the octets that came."""

    connection: socket.socket
    check: bytes
    stopped: threading.Event
    read: int = 0

    def tags(self) -> Iterator[bytes]:
        """The right tag of each whole chunk, as it comes."""
        buffer = memoryview(bytearray(LARGE_CHUNK))
        while True:
            octets = chunk_octets(self.read)
            got = 0
            while got < octets:
                some = self.connection.recv_into(buffer[got:octets])
                if not some:
                    return
                got += some
            self.read += octets
            yield tag(self.check, buffer[:octets])


Behaviour = Callable[[Stream], None]


def honest(stream: Stream) -> None:
    """Read everything, prove every chunk."""
    for one in stream.tags():
        stream.connection.sendall(one)


def uploading(stream: Stream) -> None:
    """Send until the server says stop."""
    block = bytes(64 * 1024)
    while not stream.stopped.is_set():
        stream.read += stream.connection.send(block)


@dataclass
class Client:
    """One session from its control connection."""

    address: Address
    control: socket.socket
    source: str = ""
    heard: list[Message] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    welcome: Welcome | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    _unframing: Unframing = field(default_factory=Unframing)

    def say(self, message: Message) -> None:
        """Send a message on control."""
        self.control.sendall(frame(message))

    def next(self) -> Message:
        """The next message on control; raises EOFError when the server closes."""
        while not self.heard:
            octets = self.control.recv(65536)
            if not octets:
                raise EOFError
            self.heard.extend(self._unframing.fed(octets))
        return self.heard.pop(0)

    def until(self, kind: type[Wanted]) -> Wanted:
        """Skip to the next message of a kind."""
        while True:
            if isinstance(message := self.next(), kind):
                return message

    def greet(self, ticket: str = "") -> Message:
        """Say hello; what comes back first."""
        self.say(Hello(VERSION, ticket))
        return self.next()

    def open(self, ticket: str = "") -> Client:
        """Say hello and be welcomed, after waiting if need be."""
        self.say(Hello(VERSION, ticket))
        self.welcome = self.until(Welcome)
        return self

    def order(self, direction: Direction, streams: int = 1, most_us: int = 1_000_000, pace_bit_s: int = 0) -> None:
        """Order run number 1 in one direction, number 2 in the other."""
        self.say(Run(number_of(direction), direction, streams, most_us, pace_bit_s))

    def join(
        self, direction: Direction, stream: int, behave: Behaviour, token: str = "", source: str = ""
    ) -> socket.socket:
        """Open a stream that behaves so, on a thread of its own."""
        assert self.welcome is not None
        connection = connected(self.address, source or self.source)
        connection.sendall(frame(Join(token or self.welcome.join, number_of(direction), stream)))
        one = Stream(connection, bytes.fromhex(self.welcome.check), self.stopped)
        self.streams.append(one)
        thread = threading.Thread(target=_until_closed, args=(behave, one))
        thread.start()
        self.threads.append(thread)
        return connection

    def begin(
        self,
        direction: Direction = Direction.DOWN,
        behave: Behaviour = honest,
        streams: int = 1,
        most_us: int = 1_000_000,
        pace_bit_s: int = 0,
    ) -> None:
        """Order a run and join its streams."""
        self.stopped.clear()
        self.order(direction, streams, most_us, pace_bit_s)
        for number in range(streams):
            self.join(direction, number, behave)

    def end(self) -> tuple[Done, list[int]]:
        """The figure of the run and the bins that were told, from bin 0."""
        bins: list[int] = []
        while True:
            match self.next():
                case Bins(first=first, octets=octets):
                    assert first == len(bins)
                    bins += octets
                case Done() as done:
                    return done, bins
                case Stop():
                    self.stopped.set()
                case Go():
                    continue
                case other:
                    raise AssertionError(other)

    def measure(self, direction: Direction = Direction.DOWN, behave: Behaviour = honest, **about: int) -> Done:
        """One run from its order to its figure."""
        self.begin(direction, behave, **about)
        return self.end()[0]

    def bye(self) -> str:
        """End the session; the server's observation."""
        self.say(Bye())
        return self.until(Sealed).envelope

    def close(self) -> None:
        """End everything."""
        for one in (self.control, *(stream.connection for stream in self.streams)):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self.threads:
            thread.join(PATIENCE_S)


def number_of(direction: Direction) -> int:
    """The number of the run of a direction."""
    return 1 if direction is Direction.DOWN else 2


def connected(address: Address, source: str = "") -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(address, PATIENCE_S, (source, 0) if source else None)


def _until_closed(behave: Behaviour, stream: Stream) -> None:
    """A stream ends when either side closes it."""
    with contextlib.suppress(OSError):
        behave(stream)
    with contextlib.suppress(OSError):
        stream.connection.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def session(address: Address, ticket: str = "", source: str = "") -> Iterator[Client]:
    """A client that has been welcomed; it is gone when this ends."""
    with knocking(address, source) as client:
        yield client.open(ticket)


@contextlib.contextmanager
def knocking(address: Address, source: str = "") -> Iterator[Client]:
    """A client that has said nothing yet."""
    client = Client(address, connected(address, source), source)
    try:
        yield client
    finally:
        client.close()


def hoarding(for_s: float) -> Behaviour:
    """Read everything, hold the right tags back so long, let them go at once, and be honest from then on."""

    def behave(stream: Stream) -> None:
        held, until_s = b"", time.monotonic() + for_s
        for one in stream.tags():
            held += one
            if time.monotonic() >= until_s:
                stream.connection.sendall(held)
                held = b""

    return behave


def leaking(hold_s: float, tags_a_chunk: float) -> Behaviour:
    """Read everything, hold the right tags back so long, then let several go for each chunk that comes: a steady rate, and too high."""

    def behave(stream: Stream) -> None:
        held, owed, until_s = bytearray(), 0.0, time.monotonic() + hold_s
        for one in stream.tags():
            held += one
            if time.monotonic() >= until_s:
                owed += tags_a_chunk
                stream.connection.sendall(held[: int(owed) * TAG_OCTETS])
                del held[: int(owed) * TAG_OCTETS]
                owed -= int(owed)

    return behave
