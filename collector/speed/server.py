"""
Who is at the door?

*Method*: one thread accepts on all listeners, IPv4 and IPv6, and gives each connection a thread of its own; its first frame says what
it is: a session, a stream or an echo. Whoever says nothing whole within five seconds is left. The number of connections is bounded, and that
of those that have not yet said who they are, for each address and in all: the oldest of these goes first.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from collector.config import split_address
from collector.speed import sockets
from collector.speed.admission import admitted
from collector.speed.parts import Parts
from collector.speed.session import Session
from collector.speed.talk import Talk, Unspoken, first_frame
from evidence.errors import Malformed
from evidence.stream import Echo, Hello, Join, Message, Refused

LOG = logging.getLogger("campusproof.speed")
BACKLOG = 512
MOST_CONNECTIONS = 768  # below the thousand descriptors that a process may usually open
MOST_UNSPOKEN = 64  # of one address, or of one IPv6 network: a session opens its streams at once
MOST_SILENT = 256  # of all that have not yet said who they are: strangers leave room for those who measure
NETWORK_V6 = 64  # bits: a host may have any address of its network (RFC 4291 section 2.5.4)
LOOK_S = 0.2
END_S = 10.0


@dataclass(slots=True)
class Server:
    """A measurement server at work on its listeners; `parts.stop` ends it."""

    parts: Parts
    listeners: Sequence[socket.socket]
    sessions: dict[str, Session] = field(default_factory=dict)
    _threads: set[threading.Thread] = field(default_factory=set)
    _unspoken: Counter[str] = field(default_factory=Counter)
    _silent: dict[socket.socket, None] = field(default_factory=dict)  # the oldest first
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self) -> None:
        """Accept until it is stopped; what goes on then is cut, signed, and ended."""
        with selectors.DefaultSelector() as ready:
            for listener in self.listeners:
                listener.setblocking(False)
                ready.register(listener, selectors.EVENT_READ, listener)
            while not self.parts.stop.is_set():
                for key, _ in ready.select(LOOK_S):
                    self._accept(key.data)
        for listener in self.listeners:
            listener.close()
        for thread in tuple(self._threads):
            thread.join(END_S)

    def _accept(self, listener: socket.socket) -> None:
        """One connection and its thread; one too many is closed."""
        try:
            connection, address = listener.accept()
        except OSError as why:  # gone again before it was taken, or no descriptor is left
            LOG.warning("accept: %s", why)
            self.parts.stop.wait(LOOK_S)
            return
        with self._lock:
            origin = origin_of(address[0])
            if len(self._threads) >= MOST_CONNECTIONS or self._unspoken[origin] >= MOST_UNSPOKEN:
                connection.close()
                return
            self._unspoken[origin] += 1
            self._silent[connection] = None
            if len(self._silent) > MOST_SILENT:
                # Who has waited longest goes: whoever comes to measure speaks at once.
                with contextlib.suppress(OSError):
                    next(iter(self._silent)).shutdown(socket.SHUT_RDWR)
            thread = threading.Thread(target=self._attend, args=(connection, origin), daemon=True)
            self._threads.add(thread)
        thread.start()

    def _attend(self, connection: socket.socket, address: str) -> None:
        """One connection from its first frame to its end."""
        try:
            with connection:
                first = self._first(connection, address)
                if first is not None:
                    connection.settimeout(None)
                    self._answer(connection, first)
        except OSError as why:
            LOG.info("connection from %s: %s", address, why)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _first(self, connection: socket.socket, address: str) -> Message | None:
        """What a connection is for; None for one that does not say it in time and in form."""
        try:
            sockets.prepare(connection)
            return first_frame(connection)
        except Malformed as why:
            Talk(connection).say(Refused(why.code, why.detail))
        except Unspoken as why:
            LOG.info("connection from %s: %s", address, why)
        finally:
            with self._lock:
                self._silent.pop(connection, None)
                self._unspoken[address] -= 1
                self._unspoken += Counter()  # forgets addresses of which nobody is left
        return None

    def _answer(self, connection: socket.socket, first: Message) -> None:
        """Do what the first frame says; anything but the three beginnings is closed."""
        if isinstance(first, Hello):
            self._hold(Talk(connection), first)
        elif isinstance(first, Join | Echo) and (session := self.sessions.get(first.join)) is not None:
            if isinstance(first, Join):
                session.stream(connection, first)
            else:
                session.echo(connection)

    def _hold(self, talk: Talk, hello: Hello) -> None:
        """A session, if it is admitted."""
        seen = sockets.peer_of(talk.connection)
        with admitted(self.parts, talk, hello) as given:
            if isinstance(given, Refused):
                LOG.info("%s refused: %s %s", seen, given.code, given.detail)
                talk.say(given)
            else:
                self._measure(Session(self.parts, talk, given, seen))

    def _measure(self, session: Session) -> None:
        """A session that was admitted, to its end."""
        self.sessions[session.join] = session
        try:
            session.hold()
        finally:
            session.over = True
            del self.sessions[session.join]


def origin_of(address: str) -> str:
    """Where a connection comes from: an IPv4 address, or the network of an IPv6 address."""
    found = ip_address(address.partition("%")[0])
    return str(found) if found.version == 4 else str(ip_network((found, NETWORK_V6), strict=False))


@contextlib.contextmanager
def listening(addresses: Sequence[str]) -> Iterator[list[socket.socket]]:
    """One listening socket for each ADDRESS:PORT; raises OSError that names the address."""
    with contextlib.ExitStack() as opened:
        yield [opened.enter_context(_listening(*split_address(address))) for address in addresses]


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens on one address, of the family of the address."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as why:
        listener.close()
        raise OSError(f"listen: {host} port {port}: {why.strerror}; give another address or port") from why
    return listener
