"""
What would a small honest measurement server say, and what would a lying one?

Stands in for the operator's server where a test needs one that misbehaves: one thread a connection, the wire of `evidence/stream.py`, a run
of fixed length. Each `Fault` is one way of not being honest, or of not being there. It proves nothing about the real server.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.model import SERVER, Conditions, Report
from evidence.seal import REPORT, key_id, seal
from evidence.stream import (
    BIN_US,
    LENGTH,
    Bins,
    Bye,
    Direction,
    Done,
    Echo,
    Ended,
    Go,
    Hello,
    Join,
    Keystream,
    Message,
    Refused,
    Run,
    Sealed,
    Stop,
    Unframing,
    Waiting,
    Welcome,
    chunk_octets,
    frame,
    tag,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
HEARD_S = 0.1


class Fault(Enum):
    """One way to go wrong."""

    NONE = "none"
    REFUSES = "refuses"
    QUEUES = "queues"
    SILENT_HELLO = "accepts and says nothing"
    SILENT_RUN = "sends content but no bins"
    EARLY_CUT = "is killed half a second into a run"
    CUT = "is killed one and a half seconds into a run"
    LATE_CUT = "is killed two and a half seconds into a run"
    NONSENSE = "says what only an agent says"
    WINDOW = "says a window that lies outside the run"
    ENDLESS = "never ends a run"
    NO_GO = "never begins a run"
    HANGS_UP = "ends without its observation"
    OTHER_SIGNER = "seals with another key"
    OTHER_SESSION = "seals another session"
    OTHER_PATH = "lies behind the metro network"
    SLOW_ECHO = "answers echoes late while content flows"
    NO_ECHO = "does not answer echoes"
    UNSTEADY = "says that the rate had not settled"


def _exactly(connection: socket.socket, octets: int) -> bytes:
    """So many octets; raises ConnectionError at the end."""
    got = b""
    while len(got) < octets:
        more = connection.recv(octets - len(got))
        if not more:
            raise ConnectionResetError
        got += more
    return got


def _message(connection: socket.socket) -> Message:
    """The next message, and nothing of what follows it."""
    head = _exactly(connection, LENGTH.size)
    (message,) = Unframing().fed(head + _exactly(connection, LENGTH.unpack(head)[0]))
    return message


@dataclass
class StandIn:
    """One server on loopback; `lasts_s` is how long its runs take, `rate_bit_s` what it sends or takes at most, `told` what it was told."""

    fault: Fault = Fault.NONE
    lasts_s: float = 2.5
    rate_bit_s: int = 200_000_000
    sealed: bool = False
    facts: dict[str, int | str] = field(default_factory=dict)
    most_bit_s: int = 0
    told: list[Message] = field(default_factory=list)
    received: int = 0
    wrong_tags: int = 0
    check: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    bins: list[int] = field(default_factory=list)
    run: Run | None = None
    begun_s: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)
    open: list[socket.socket] = field(default_factory=list)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=64))

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Accept until gone."""
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.open.append(connection)
                threading.Thread(target=self._first, args=(connection,), daemon=True).start()

    def vanish(self) -> None:
        """As a killed process: every connection is closed at once."""
        self.gone.set()
        self.over.set()
        for connection in (self.listener, *self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _first(self, connection: socket.socket) -> None:
        with suppress(OSError):
            match _message(connection):
                case Hello() as hello:
                    self.told.append(hello)
                    self._control(connection)
                case Echo():
                    self._echo(connection)
                case Join() as join:
                    self._stream(connection, join)

    def _echo(self, connection: socket.socket) -> None:
        if self.fault is Fault.NO_ECHO:
            self.gone.wait(60)
        while not self.gone.is_set():
            came = _exactly(connection, 16)
            self.gone.wait(0.3 if self.fault is Fault.SLOW_ECHO and self.begun_s else 0)
            connection.sendall(came)

    # --- Control ------------------------------------------------------------------------------------------------------

    def _control(self, connection: socket.socket) -> None:
        def say(message: Message) -> None:
            connection.sendall(frame(message))

        if self._is_no_server(say):
            return
        path = "metro" if self.fault is Fault.OTHER_PATH else ""
        keys = PUBLIC, "aa" * 16, self.check.hex()
        say(Welcome("session-1", *keys, "192.0.2.7", 10**12, 12_000_000, self.most_bit_s, path=path))
        while not self.gone.is_set():
            match _message(connection):
                case Run() as ordered:
                    self.told.append(ordered)
                    self._run(connection, say, ordered)
                case Bye() if self.fault is not Fault.HANGS_UP:
                    say(Sealed(self._observation()))
                case other:
                    self.told.append(other)
                    connection.shutdown(socket.SHUT_RDWR)

    def _is_no_server(self, say: Callable[[Message], None]) -> bool:
        """What comes instead of a welcome, or before it."""
        if self.fault is Fault.REFUSES:
            say(Refused("too_late", "the slot ended at 02:10"))
        if self.fault is Fault.SILENT_HELLO:
            self.gone.wait(60)
        if self.fault is Fault.QUEUES:
            say(Waiting(1, 100_000))
        if self.fault is Fault.NONSENSE:
            say(Join("", 0, 0))
        return self.fault in (Fault.REFUSES, Fault.SILENT_HELLO, Fault.NONSENSE)

    def _run(self, connection: socket.socket, say: Callable[[Message], None], ordered: Run) -> None:
        """One run of a fixed length; the window is all of it but the first half second."""
        self.bins, self.run = [0] * 2000, ordered
        self.over.clear()
        self.begun_s = 0.0
        while not self.begun_s or self.fault is Fault.NO_GO:
            if self.gone.wait(0.005):
                return None
        say(Go(ordered.number))
        ends_s = self.begun_s + min(self.lasts_s, ordered.most_us / 1e6)
        told, stopped = 0, False
        while (time.monotonic() < ends_s or self.fault is Fault.ENDLESS) and not stopped:
            stopped = self._was_stopped(connection)
            if self._dies():
                return self.vanish()
            whole = int((time.monotonic() - self.begun_s) * 1e6) // BIN_US
            if self.fault is not Fault.SILENT_RUN and whole > told:
                say(Bins(ordered.number, told, tuple(self.bins[told:whole])))
                told = whole
        if self.fault is Fault.SILENT_RUN:
            self.gone.wait(60)
            return None
        return self._end(say, ordered, told, stopped)

    def _was_stopped(self, connection: socket.socket) -> bool:
        """Whether the agent said Stop within a tenth of a second."""
        connection.settimeout(HEARD_S)
        try:
            self.told.append(_message(connection))
        except TimeoutError:
            return False
        finally:
            connection.settimeout(None)
        return isinstance(self.told[-1], Stop)

    def _dies(self) -> bool:
        after_s = {Fault.EARLY_CUT: 0.5, Fault.CUT: 1.5, Fault.LATE_CUT: 2.5}.get(self.fault)
        return after_s is not None and time.monotonic() - self.begun_s > after_s

    def _end(self, say: Callable[[Message], None], ordered: Run, whole: int, stopped: bool) -> None:
        self.over.set()
        if ordered.direction is Direction.UP:
            say(Stop(ordered.number))
        first, end = min(5, whole - 1), whole
        octets = sum(self.bins[first:end])
        rate = octets * 8_000_000 // ((end - first) * BIN_US)
        from_us, to_us = first * BIN_US, end * BIN_US
        if self.fault is Fault.WINDOW:
            to_us += 60_000_000
        unsteady = stopped or self.fault is Fault.UNSTEADY
        ended = Ended.STOPPED if stopped else Ended.TIME if unsteady else Ended.STEADY
        width = 100_000 if unsteady else 5_000
        facts = {"mss": 1448, "timestamps": 1, "busy_ppm": 980_000, "lost_ppm": 0, "retransmitted_ppm": 0} | self.facts
        done = Done(ordered.number, ordered.direction, ended, not unsteady, from_us, to_us, octets, rate, width, facts)
        say(done)

    def _observation(self) -> str:
        if not self.sealed:
            return ""
        signer = OTHER_KEY if self.fault is Fault.OTHER_SIGNER else KEY
        session = "session-2" if self.fault is Fault.OTHER_SESSION else "session-1"
        report = Report(
            key_id(signer.public_key()), 1, "", SERVER, {}, (), Conditions("stand-in", 1, 2, 1, 2), session=session
        )
        return seal(REPORT, report, signer).decode()

    # --- Content ------------------------------------------------------------------------------------------------------

    def _stream(self, connection: socket.socket, join: Join) -> None:
        while (ordered := self.run) is None or ordered.number != join.run:  # a stream may be quicker than the order
            if self.gone.wait(0.002):
                return
        self.begun_s = self.begun_s or time.monotonic()
        if ordered.direction is Direction.DOWN:
            self._send(connection, ordered)
        else:
            self._receive(connection)

    def _send(self, connection: socket.socket, ordered: Run) -> None:
        """Keystream at the stream's share of the rate; what comes back must be the tags of it, in order."""
        keystream, offset, started_s = Keystream(secrets.token_bytes(16)), 0, time.monotonic()
        share = self.rate_bit_s / ordered.streams
        while not self.over.is_set():
            chunk = bytearray(chunk_octets(offset))
            keystream.fill(chunk, len(chunk))
            connection.sendall(chunk)
            offset += len(chunk)
            self._credit(_exactly(connection, 16) == tag(self.check, chunk), len(chunk))
            self.over.wait(max(0.0, started_s + offset * 8 / share - time.monotonic()))
        connection.shutdown(socket.SHUT_WR)

    def _credit(self, right: bool, octets: int) -> None:
        self.wrong_tags += not right
        self._count(octets if right else 0)

    def _receive(self, connection: socket.socket) -> None:
        """Read at the rate, throw away, count."""
        buffer, octets, started_s = memoryview(bytearray(65536)), 0, time.monotonic()
        share = self.rate_bit_s / 4
        while got := connection.recv_into(buffer):
            octets += got
            self._count(got)
            self.over.wait(max(0.0, started_s + octets * 8 / share - time.monotonic()))

    def _count(self, octets: int) -> None:
        self.received += octets
        self.bins[int((time.monotonic() - self.begun_s) * 1e6) // BIN_US] += octets


@contextmanager
def stand_in(server: StandIn) -> Iterator[StandIn]:
    """A server that is there for the block."""
    accepting = threading.Thread(target=server.serve, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.vanish()
        accepting.join(5)
