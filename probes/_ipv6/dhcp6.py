"""
Does a DHCPv6 server answer here, and what would it give?

*Method*: a SOLICIT for an address and an INFORMATION-REQUEST (RFC 8415 sections 18.2.1 and 18.2.6) from a plain UDP socket on the client's
port. A solicitation alone takes no lease. Own writer and reader of the few options that are looked at; the octets of both ways are kept.

What it does not prove: that the server would keep its offer. Where another client on this box holds the port, nothing can be asked.
"""

from __future__ import annotations

import errno
import secrets
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address

from probes._failures import errno_name

SERVERS = "ff02::1:2"  # All_DHCP_Relay_Agents_and_Servers
CLIENT_PORT, SERVER_PORT = 546, 547
SOLICIT, ADVERTISE, REPLY, INFORMATION_REQUEST = 1, 2, 7, 11
CLIENT_ID, IA_NA, IA_ADDRESS, OPTION_REQUEST, ELAPSED_TIME, STATUS, DNS_SERVERS, DOMAINS = 1, 3, 5, 6, 8, 13, 23, 24
DUID_UUID = 4
WAIT_S = 1.5
TRIES = 2
LARGEST = 65_535
HELD = {errno.EADDRINUSE: "port_busy", errno.EACCES: "not_permitted", errno.EPERM: "not_permitted"}


@dataclass(frozen=True, slots=True)
class Offered:
    """
    What servers answered: to the SOLICIT which addresses, to either question which resolvers; `status` is a server's refusal.

    `sent` and `received` are messages in hex. `not_asked` says why nothing could be sent, and is empty where something was.
    """

    addresses: tuple[IPv6Address, ...] = ()
    resolvers: tuple[IPv6Address, ...] = ()
    advertised: bool = False
    replied: bool = False
    status: int = 0
    sent: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    not_asked: str = ""

    @property
    def silent(self) -> bool:
        """Whether a server was asked for an address and none offered one."""
        return not self.not_asked and not self.addresses


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a server: its type, the transaction that it answers (3 octets), and its options in their order."""

    kind: int
    transaction: bytes
    options: tuple[tuple[int, bytes], ...]


def asked(interface: str) -> Offered:
    """Ask on one interface for an address and for other settings; what cannot be asked is told, not raised."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as connection:
            index = _bound(connection, interface)
            identity = _identity()
            solicited = _exchanged(connection, index, SOLICIT, identity)
            informed = _exchanged(connection, index, INFORMATION_REQUEST, identity)
    except OSError as refused:
        return Offered(not_asked=HELD.get(refused.errno or 0) or errno_name(refused.errno or 0))
    return _gathered([*solicited, *informed])


def _bound(connection: socket.socket, interface: str) -> int:
    """Take the client's port on this interface only; its number."""
    index = socket.if_nametoindex(interface)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    connection.bind(("::", CLIENT_PORT, 0, index))
    return index


def _identity() -> bytes:
    """A DUID drawn for this once (RFC 8415 section 11.5): the evidence holds it, and names no hardware."""
    return struct.pack("!H", DUID_UUID) + secrets.token_bytes(16)


def _exchanged(connection: socket.socket, index: int, kind: int, identity: bytes) -> list[tuple[bytes, bytes | None]]:
    """Each message sent with its answer, if one came; asked again once where none did."""
    done: list[tuple[bytes, bytes | None]] = []
    for _ in range(TRIES):
        message = question(kind, secrets.token_bytes(3), identity)
        connection.sendto(message, (SERVERS, SERVER_PORT, 0, index))
        done.append((message, _answer(connection, message[1:4])))
        if done[-1][1] is not None:
            break
    return done


def _answer(connection: socket.socket, transaction: bytes) -> bytes | None:
    """The first whole answer to our own question before the time is over."""
    until = time.monotonic() + WAIT_S
    while (left := until - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            octets = connection.recv(LARGEST)
        except TimeoutError:
            return None
        message = read(octets)
        if message is not None and message.transaction == transaction and message.kind in (ADVERTISE, REPLY):
            return octets
    return None


def question(kind: int, transaction: bytes, identity: bytes) -> bytes:
    """A SOLICIT or an INFORMATION-REQUEST with its options (RFC 8415 sections 16.2 and 16.12)."""
    options = [
        (CLIENT_ID, identity),
        (ELAPSED_TIME, bytes(2)),
        (OPTION_REQUEST, struct.pack("!HH", DNS_SERVERS, DOMAINS)),
    ]
    if kind == SOLICIT:
        options.append((IA_NA, struct.pack("!III", 1, 0, 0)))
    return bytes([kind]) + transaction + b"".join(struct.pack("!HH", code, len(body)) + body for code, body in options)


def read(octets: bytes) -> Message | None:
    """A message taken apart; None for octets that are none (RFC 8415 section 8)."""
    if len(octets) < 4:
        return None
    options = _options(octets[4:])
    return None if options is None else Message(octets[0], octets[1:4], options)


def _options(octets: bytes) -> tuple[tuple[int, bytes], ...] | None:
    """Options one after the other (section 21.1); None where one is longer than what is left."""
    found, at = [], 0
    while at < len(octets):
        if at + 4 > len(octets):
            return None
        code, length = struct.unpack_from("!HH", octets, at)
        if at + 4 + length > len(octets):
            return None
        found.append((code, octets[at + 4 : at + 4 + length]))
        at += 4 + length
    return tuple(found)


def _gathered(done: list[tuple[bytes, bytes | None]]) -> Offered:
    """What all answers say together."""
    answers = [answer for _, answer in done if answer is not None]
    messages = [message for answer in answers if (message := read(answer)) is not None]
    resolvers = [
        IPv6Address(body[at : at + 16])
        for message in messages
        for code, body in message.options
        if code == DNS_SERVERS and len(body) % 16 == 0
        for at in range(0, len(body), 16)
    ]
    return Offered(
        addresses=tuple(address for message in messages for address in _addresses(message)),
        resolvers=tuple(dict.fromkeys(resolvers)),
        advertised=any(message.kind == ADVERTISE for message in messages),
        replied=any(message.kind == REPLY for message in messages),
        status=next((status for message in messages for status in _statuses(message) if status), 0),
        sent=tuple(message.hex() for message, _ in done),
        received=tuple(answer.hex() for answer in answers),
    )


def _within(message: Message) -> Iterator[tuple[int, bytes]]:
    """The options inside each identity association (section 21.4)."""
    for code, body in message.options:
        if code == IA_NA and len(body) >= 12:
            yield from _options(body[12:]) or ()


def _addresses(message: Message) -> list[IPv6Address]:
    """The addresses that are offered (section 21.6)."""
    return [IPv6Address(body[:16]) for code, body in _within(message) if code == IA_ADDRESS and len(body) >= 24]


def _statuses(message: Message) -> list[int]:
    """What servers say of themselves (section 21.13); 0 is success."""
    return [
        int.from_bytes(body[:2])
        for code, body in (*message.options, *_within(message))
        if code == STATUS and len(body) >= 2
    ]
