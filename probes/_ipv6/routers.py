"""
Which routers answer a solicitation?

*Method*: a router solicitation to ff02::2 (RFC 4861 section 4.1), up to `tries` times, from our link-local address; then
listening. What comes must have hop limit 255 and a link-local source (section 6.1.2), is read by our own reader and, where
scapy is installed, by a second one. After the first router that offers itself as a default, `linger_s` more for another: on a thread,
while the rungs above are climbed.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address

from probes._failures import errno_name
from probes._ipv6.icmp import HOP_LIMIT, Message, open_socket, receive, send
from probes._ipv6.kernel import hardware_address
from probes._ra import ROUTER_ADVERTISEMENT, Advertisement, MalformedAdvertisement, parse
from probes._scapy import second_reading

ROUTER_SOLICITATION = 133
ALL_ROUTERS = "ff02::2"
MOST_ADVERTISEMENTS = 16
LOOK_S = 0.2  # how soon a search hears that nobody wants it any more


@dataclass(frozen=True, slots=True)
class Heard:
    """One advertisement: `read` is our reading, or `malformed` the rule that it breaks; `second` is agrees, disagrees, absent."""

    message: Message
    after_ms: int
    read: Advertisement | None
    malformed: str
    second: str = "absent"

    @property
    def offers(self) -> bool:
        """Whether it is a valid offer to be a default router."""
        return self.read is not None and self.read.gist.lifetime_s > 0


@dataclass(slots=True)
class Search:
    """What a search for routers came to: different advertisements in the order in which they came."""

    heard: list[Heard] = field(default_factory=list)
    sent: int = 0
    send_error: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to ask and how long to listen, in seconds."""

    tries: int
    interval_s: float
    listen_s: float
    linger_s: float


@dataclass(slots=True)
class Searching:
    """A search under way on a thread of its own; `answered` is set with the first offer, or at the end."""

    found: Search = field(default_factory=Search)
    answered: threading.Event = field(default_factory=threading.Event)
    unwanted: threading.Event = field(default_factory=threading.Event)
    work: Future[None] | None = None

    def so_far(self) -> Search:
        """What was heard up to the first offer, or all that came; waits for it."""
        self.answered.wait()
        return Search(list(self.found.heard), self.found.sent, self.found.send_error)

    def whole(self) -> Search:
        """All that was heard, with the second reader's word; waits for the end."""
        if self.work is not None:
            self.work.result()
        # The second reader is slow to load, so it reads only when nothing more has to be heard.
        return replace(self.found, heard=[_compared(one) for one in self.found.heard])


@contextmanager
def searching(interface: str, source: IPv6Address, patience: Patience) -> Iterator[Searching]:
    """Solicit and listen while the block does something else; raises PermissionError without CAP_NET_RAW."""
    under_way = Searching()
    with open_socket(interface, ROUTER_ADVERTISEMENT) as connection, ThreadPoolExecutor(1) as thread:
        under_way.work = thread.submit(_search, connection, interface, source, patience, under_way)
        try:
            yield under_way
        finally:
            under_way.unwanted.set()


def _search(
    connection: socket.socket, interface: str, source: IPv6Address, patience: Patience, under_way: Searching
) -> None:
    """Solicit until one offers itself, and listen to the end."""
    found, started = under_way.found, time.monotonic()
    end = started + patience.listen_s
    try:
        while time.monotonic() < end and not under_way.unwanted.is_set():
            next_try = started + found.sent * patience.interval_s
            offered = under_way.answered.is_set()  # RFC 4861 section 6.3.7: then no more solicitations
            asking = found.sent < patience.tries and not offered
            if asking and time.monotonic() >= next_try:
                _solicit(connection, interface, source, found)
                continue
            wake = min(end, time.monotonic() + LOOK_S, next_try if asking else end)
            message = receive(connection, wake)
            if (
                message is not None
                and _keep(found, message, source, started)
                and found.heard[-1].offers
                and not offered
            ):
                end = time.monotonic() + patience.linger_s
                under_way.answered.set()
    finally:
        under_way.answered.set()


def _solicit(connection: socket.socket, interface: str, source: IPv6Address, found: Search) -> None:
    """One solicitation, with our link-layer address so that the router need not ask for it."""
    own = hardware_address(interface)
    option = struct.pack("!BB", 1, 1) + own if len(own) == 6 else b""
    found.sent += 1
    try:
        send(connection, struct.pack("!BBHI", ROUTER_SOLICITATION, 0, 0, 0) + option, ALL_ROUTERS, interface, source)
    except OSError as refused:
        found.send_error = errno_name(refused.errno or 0)


def _keep(found: Search, message: Message, own: IPv6Address, started: float) -> bool:
    """Add an advertisement unless it is our own, a repetition, or one too many."""
    if (
        any(_same(one.message, message) for one in found.heard)
        or message.source == own
        or len(found.heard) >= MOST_ADVERTISEMENTS
    ):
        return False
    found.heard.append(_read(message, round((time.monotonic() - started) * 1000)))
    return True


def _same(one: Message, other: Message) -> bool:
    """Whether two messages say the same; the checksum (octets 2 and 3) also covers to whom they were sent."""
    return (one.source, one.hop_limit, one.octets[4:]) == (other.source, other.hop_limit, other.octets[4:])


def _read(message: Message, after_ms: int) -> Heard:
    """Our reading of an advertisement, or why a host must discard it (RFC 4861 section 6.1.2)."""
    if message.hop_limit != HOP_LIMIT:
        return Heard(message, after_ms, None, f"hop limit {message.hop_limit}")
    if not message.source.is_link_local:
        return Heard(message, after_ms, None, "its source is not link-local")
    try:
        return Heard(message, after_ms, parse(message.octets), "")
    except MalformedAdvertisement as broken:
        return Heard(message, after_ms, None, str(broken))


def _compared(one: Heard) -> Heard:
    """The same with the second reader's word on it."""
    other = second_reading(one.message.octets) if one.read else None
    if one.read is None or other is None:
        return one
    return replace(one, second="agrees" if other == one.read.gist else "disagrees")
