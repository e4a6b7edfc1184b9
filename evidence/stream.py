"""
What do a measurement server and an agent say to each other, and what proves that content arrived?

*Method*: every connection begins with one frame (four octets of length, big-endian, then JSON). A `Hello` opens a session, a `Join` a
stream of content, an `Echo` a connection of sixteen-octet echoes. In a download each stream is a keystream (AES-128 in counter mode,
NIST SP 800-38A) that nobody can know before it arrives; the receiver answers each chunk with its tag (Poly1305, RFC 8439) under the
session's check key, and the server credits the chunk when the right tag comes. Who acknowledges what he never read has no tag to
send. An upload is counted where it arrives. Times are microseconds, content is octets. No I/O: sockets stand on each side.

What it does not prove: that the receiver stands in the school. The server names the address that it saw (docs/egress.md).
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.poly1305 import Poly1305

from evidence.errors import Malformed
from evidence.model import Facts
from evidence.seal import key_id, open_sealed

VERSION = 1
TICKET = "application/vnd.campusproof.ticket.v1+json"
LARGEST_FRAME = 1024 * 1024  # octets: the sealed observation is the largest thing that is framed
LENGTH = struct.Struct(">I")
BIN_US = 100_000  # one bin of a result
TAG_OCTETS = 16
ECHO_OCTETS = 16
LATE_US = 2_000_000  # a tag that comes later than this after its chunk was sent credits nothing
SMALL_CHUNK, LARGE_CHUNK = 64 * 1024, 256 * 1024  # octets
SMALL_UNTIL = 64 * 1024 * 1024  # octets of a stream: a slow stream keeps small chunks, a fast one soon has large ones
FEWEST_STREAMS, MOST_STREAMS = 4, 32
STREAM_BITS_PER_RTT = 20_000_000  # what one stream carries in a round trip under Linux's default of 4 MiB (tcp_wmem)
LONGEST_RUN_US = 12_000_000


class Direction(StrEnum):
    """Which way content flows, as the school sees it."""

    DOWN = "down"
    UP = "up"


class Ended(StrEnum):
    """Why a run of a session came to its end."""

    STEADY = "steady"  # the figure had settled
    TIME = "time"  # it had not settled when the time was over
    OCTETS = "octets"  # the ticket's volume was used up
    STOPPED = "stopped"  # the agent stopped it
    CUT = "cut"  # the connection was lost


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Leave to measure once, sealed by the collector: who, at which server, over which line, when, and how much at most.

    `agent` and `server` are key ids. `most_bit_s` of 0 leaves the rate to the line (a saturating run); otherwise the sum of all streams
    is paced to it. Tickets of one `group` are measured side by side; `seats` says how many there are.
    """

    session: str
    school: str
    scan: str
    agent: str
    server: str
    directions: tuple[Direction, ...]
    not_before_unix_us: int
    not_after_unix_us: int
    most_octets: int
    most_bit_s: int = 0
    most_us: int = LONGEST_RUN_US
    path: str = ""
    operator: str = ""
    line: str = ""
    group: str = ""
    seats: int = 1


def open_ticket(text: str, collector: Ed25519PublicKey) -> Ticket:
    """The ticket in a sealed text; raises Malformed, UnknownKey or BadSignature where the collector did not seal it."""
    trusted = key_id(collector)
    opened = open_sealed(text.encode(), lambda wanted: collector if wanted == trusted else None)
    return opened.body(TICKET, Ticket)


# --- What is said -----------------------------------------------------------------------------------------------------


class Hello(msgspec.Struct, frozen=True, tag="hello", omit_defaults=True):
    """Agent: here is my ticket; empty at a server that is open to all."""

    version: int
    ticket: str = ""


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """Server: others are before you; it may take this long."""

    position: int
    wait_us: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Server: no, and why."""

    code: str
    detail: str


class Welcome(msgspec.Struct, frozen=True, tag="welcome", omit_defaults=True):
    """
    Server: the session begins.

    `server` is its public key (hex); `join` is what streams show (hex); `check` the key of the tags (hex); `seen` the agent's public
    address as it arrives here. The rest is what the session may use at most.
    """

    session: str
    server: str
    join: str
    check: str
    seen: str
    most_octets: int
    most_us: int
    most_bit_s: int = 0
    name: str = ""
    path: str = ""
    operator: str = ""


class Run(msgspec.Struct, frozen=True, tag="run", omit_defaults=True):
    """
    Agent: measure one direction now.

    `pace_bit_s` paces the payload of all streams together, 0 does not. `streams`, how many the agent begins with, is told for the
    record: the server counts those that join, and more may while the run goes on.
    """

    number: int
    direction: Direction
    streams: int
    most_us: int
    pace_bit_s: int = 0


class Join(msgspec.Struct, frozen=True, tag="join"):
    """Agent, first on a new connection: this is stream `stream` of run `run`."""

    join: str
    run: int
    stream: int


class Echo(msgspec.Struct, frozen=True, tag="echo"):
    """Agent, first on a new connection: send back what comes, sixteen octets at a time."""

    join: str


class Go(msgspec.Struct, frozen=True, tag="go"):
    """Server: the first stream of the run has joined; bin 0 begins now."""

    run: int


class Bins(msgspec.Struct, frozen=True, tag="bins"):
    """Server: octets credited in consecutive bins, the first of them numbered `first`."""

    run: int
    first: int
    octets: tuple[int, ...]


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Both ways: the run ends now; in an upload the agent sends nothing more."""

    run: int


class Done(msgspec.Struct, frozen=True, tag="done"):
    """
    Server: what a run came to.

    `from_us` and `to_us` are the window that counts, from the beginning of bin 0; `octets` were credited in it, `rate_bit_s` is the
    proved payload rate. `facts` are what the server's side of the connections told (its TCP_INFO, its processor).
    """

    run: int
    direction: Direction
    ended: Ended
    steady: bool
    from_us: int
    to_us: int
    octets: int
    rate_bit_s: int
    half_width_ppm: int
    facts: Facts


class Bye(msgspec.Struct, frozen=True, tag="bye"):
    """Agent: that was all."""


class Sealed(msgspec.Struct, frozen=True, tag="sealed"):
    """Server: its own signed observation of the session; empty from a server that is open to all."""

    envelope: str


Message = Hello | Waiting | Refused | Welcome | Run | Join | Echo | Go | Bins | Stop | Done | Bye | Sealed


def frame(message: Message) -> bytes:
    """A message as it travels."""
    body = msgspec.json.encode(message)
    return LENGTH.pack(len(body)) + body


@dataclass(slots=True)
class Unframing:
    """Messages out of octets as they come; what follows a first frame on a stream is left in `rest`."""

    rest: bytearray = field(default_factory=bytearray)

    def fed(self, octets: bytes) -> Iterator[Message]:
        """The messages that are whole now; raises Malformed for what is none. Stop iterating to leave the octets that follow in `rest`."""
        self.rest += octets
        while len(self.rest) >= LENGTH.size:
            (size,) = LENGTH.unpack_from(self.rest)
            if size > LARGEST_FRAME:
                raise Malformed(f"frame: {size} octets, at most {LARGEST_FRAME}")
            if len(self.rest) < LENGTH.size + size:
                return
            body = bytes(self.rest[LENGTH.size : LENGTH.size + size])
            del self.rest[: LENGTH.size + size]
            yield _message(body)


def _message(body: bytes) -> Message:
    """One message; fields that are not known are ignored."""
    try:
        found: Message = msgspec.json.decode(body, type=Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Malformed(f"frame: {wrong}") from wrong
    return found


# --- What proves ------------------------------------------------------------------------------------------------------


def chunk_octets(offset: int) -> int:
    """How long the chunk is that begins at this offset of a stream; both ends know it without being told."""
    return SMALL_CHUNK if offset < SMALL_UNTIL else LARGE_CHUNK


class Keystream:
    """The content of one stream: unpredictable to whoever does not hold the sixteen octets of its key."""

    def __init__(self, key: bytes) -> None:
        self._encryptor = Cipher(AES(key), CTR(bytes(16))).encryptor()
        self._zeros = memoryview(bytes(LARGE_CHUNK))

    def fill(self, into: bytearray | memoryview, octets: int) -> None:
        """The next `octets` of the stream into a buffer that is at least as long."""
        self._encryptor.update_into(self._zeros[:octets], memoryview(into)[:octets])


def tag(check: bytes, content: bytes | bytearray | memoryview) -> bytes:
    """The tag of a chunk under the session's check key (32 octets)."""
    poly = Poly1305(check)
    poly.update(content)
    return poly.finalize()


def is_right(expected: bytes, given: bytes) -> bool:
    """Whether a tag is the one that was expected, in constant time."""
    return hmac.compare_digest(expected, given)


def streams_for(rate_bit_s: int, rtt_us: int) -> int:
    """How many streams a rate needs at a round-trip time: one carries about 20 Mbit per round trip."""
    needed = -(-rate_bit_s * rtt_us // (STREAM_BITS_PER_RTT * 1_000_000))
    return min(max(needed, FEWEST_STREAMS), MOST_STREAMS)
