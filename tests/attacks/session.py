"""
What does a client of the measurement server need to say before it can lie?

The opening of a session and one download, as `evidence/stream.py` has it; streams are the liar's own affair.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from evidence.stream import Direction, Done, Go, Hello, Join, Message, Run, Unframing, Welcome, frame

WITHIN_S = 20.0


@dataclass(slots=True)
class Session:
    """An open session: its control connection and what the server offered."""

    control: socket.socket
    welcome: Welcome
    unframing: Unframing
    rest: list[Message] = field(default_factory=list)

    def run(self, number: int, streams: int, most_us: int) -> None:
        """Ask for a download."""
        self.control.sendall(frame(Run(number, Direction.DOWN, streams, most_us)))

    def join(self, number: int, stream: int) -> bytes:
        """What a stream begins with."""
        return frame(Join(self.welcome.join, number, stream))

    def until(self, kind: type[Go] | type[Done]) -> Go | Done:
        """The next message of a kind; what comes before it is left out."""
        for message in self._heard():
            if isinstance(message, kind):
                return message
        raise ConnectionError(f"the server closed before {kind.__name__}")

    def _heard(self) -> Iterator[Message]:
        """What the server says, as it comes."""
        while True:
            while self.rest:
                yield self.rest.pop(0)
            octets = self.control.recv(65536)
            if not octets:
                return
            self.rest += self.unframing.fed(octets)


@contextmanager
def session(address: str, port: int) -> Iterator[Session]:
    """A session at a server that is open to all."""
    with socket.create_connection((address, port), timeout=WITHIN_S) as control:
        control.sendall(frame(Hello(1)))
        unframing, heard = Unframing(), list[Message]()
        while not any(isinstance(message, Welcome) for message in heard):
            octets = control.recv(65536)
            if not octets:
                raise ConnectionError(f"the server closed after {heard}")
            heard += unframing.fed(octets)
        welcome = next(message for message in heard if isinstance(message, Welcome))
        yield Session(control, welcome, unframing)


def told(done: Done, **ours: int) -> str:
    """
    One line of JSON: what the server credited beside what its kernel believed, and what the liar knows himself.

    `mean_bit_s` is what was credited over the window, before anything is taken off because it had not settled.
    """
    shown = ("kernel_acked_bit_s", "wrong_tags", "late_tags")
    facts = {name: value for name, value in done.facts.items() if name in shown}
    mean_bit_s = done.octets * 8_000_000 // max(done.to_us - done.from_us, 1)
    credited = {"credited_bit_s": done.rate_bit_s, "mean_bit_s": mean_bit_s, "octets": done.octets}
    return json.dumps(credited | facts | ours)
