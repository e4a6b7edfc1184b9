"""
How is one connection to the measurement server opened and spoken over, without ever hanging?

*Method*: the address is a literal that we chose, of the family that was ordered, over the interface of the line; nothing falls back to
another one by itself. Frames are read with a deadline each; whatever ends a connection becomes a Failure with the server's name.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field

from evidence.errors import Malformed
from evidence.model import Failure, Unmeasurable
from evidence.stream import Message, Unframing, frame
from probes._failures import errno_name, of_errno
from probes._resolve import Address, resolve
from probes._settings import parted

SILENT_S = 5.0  # a server that says nothing for this long is gone: it sends bins five times a second
AT_ONCE = 65536
SO_BINDTODEVICE = 25  # linux/socket.h; without rights since Linux 5.7


@dataclass(frozen=True, slots=True)
class Where:
    """One address of a server, and the interface that leads there if one was ordered."""

    name: str
    address: Address
    port: int
    bind: str | None
    timeout_s: float

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.address.version

    def connect(self) -> socket.socket:
        """A connection whose every step has a time-out; raises Unmeasurable, naming server and errno."""
        kind = socket.AF_INET if self.family == 4 else socket.AF_INET6
        connection = socket.socket(kind, socket.SOCK_STREAM)
        connection.settimeout(self.timeout_s)
        try:
            if self.bind:
                connection.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, self.bind.encode())
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect((str(self.address), self.port))
        except OSError as refused:
            connection.close()
            raise lost(self.name, refused) from refused
        return connection


def where(server: str, family: int | None, bind: str | None, timeout_s: float) -> Where:
    """The first address of a server in the family ordered, or of either; raises Unmeasurable where it has none."""
    host, port = parted(server)
    found = resolve(host, timeout_s)
    fitting = [one for one in found.addresses if family in (None, one.version)]
    if not fitting:
        wanted = f" over IPv{family}" if family else ""
        words = "; ".join(found.notes) or f"it has {', '.join(map(str, found.addresses))} only"
        raise Unmeasurable(Failure.NAME_NOT_FOUND, f"{server}: no address{wanted}: {words}")
    return Where(server, fitting[0], port, bind, timeout_s)


def lost(name: str, why: OSError) -> Unmeasurable:
    """What a connection that failed becomes."""
    if isinstance(why, TimeoutError):
        return Unmeasurable(Failure.TIMED_OUT, f"{name}: no answer in time")
    number = why.errno or 0
    return Unmeasurable(of_errno(number), f"{name}: {errno_name(number)}")


@dataclass(slots=True)
class Talk:
    """The control connection: messages out, messages in."""

    name: str
    connection: socket.socket
    heard_s: float = field(default_factory=time.monotonic)
    _unframing: Unframing = field(default_factory=Unframing)
    _whole: list[Message] = field(default_factory=list)

    def say(self, message: Message) -> None:
        """Send one message; raises Unmeasurable where the connection is lost."""
        try:
            self.connection.settimeout(SILENT_S)
            self.connection.sendall(frame(message))
        except OSError as why:
            raise lost(self.name, why) from why

    def hear(self, within_s: float) -> Message | None:
        """The next message, or None within this time; raises Unmeasurable when the server hung up or was silent for five seconds."""
        until_s = time.monotonic() + within_s
        while not self._whole:
            left_s = until_s - time.monotonic()
            octets = self._read(max(left_s, 0.0))
            if octets is not None:
                self._take(octets)
            elif time.monotonic() - self.heard_s > SILENT_S:
                raise Unmeasurable(Failure.TIMED_OUT, f"{self.name}: the server said nothing for {SILENT_S:.0f} s")
            elif left_s <= 0:
                return None
        return self._whole.pop(0)

    def next(self) -> Message:
        """The next message, which must come before the server counts as silent; raises Unmeasurable."""
        heard = None
        while heard is None:
            heard = self.hear(SILENT_S)
        return heard

    def _take(self, octets: bytes) -> None:
        """Messages out of what came."""
        if not octets:
            raise Unmeasurable(Failure.REFUSED, f"{self.name}: the server hung up")
        try:
            self._whole.extend(self._unframing.fed(octets))
        except Malformed as wrong:
            raise Unmeasurable(Failure.UNREADABLE, f"{self.name}: {wrong}") from wrong
        if self._whole:
            self.heard_s = time.monotonic()

    def _read(self, within_s: float) -> bytes | None:
        """What has come; None where nothing did in time, empty at the end."""
        try:
            # A time-out of zero would make the socket non-blocking, which is another thing.
            self.connection.settimeout(max(within_s, 0.001))
            return self.connection.recv(AT_ONCE)
        except TimeoutError:
            return None
        except OSError as why:
            raise lost(self.name, why) from why
