"""
What is a client credited that sends the tags of an earlier run again?

`python -m tests.attacks.replay THERE PORT SECONDS`: an honest download of one stream is recorded, tags and all; in a second session, and
on a second stream of the first, the recorded tags are sent as fast as content comes. One line of JSON a run tells what came of it.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evidence.stream import TAG_OCTETS, Done, chunk_octets, tag
from tests.attacks.session import Session, session, told

Tagging = Callable[[int, bytes], bytes]
"""The tag to send for a chunk: its number, its content."""


def download(opened: Session, at: tuple[str, int], number: int, seconds: float, tagging: Tagging) -> Done:
    """One download of one stream, each chunk answered by a tag of the caller's choice; the server's word."""
    opened.run(number, 1, int(seconds * 1_000_000))
    with socket.create_connection(at, timeout=15) as stream:
        stream.sendall(opened.join(number, 0))
        for count, chunk in enumerate(_chunks(stream)):
            with _lost_at_the_end():
                stream.sendall(tagging(count, chunk))
        done = opened.until(Done)
    assert isinstance(done, Done)
    return done


@contextmanager
def _lost_at_the_end() -> Iterator[None]:
    """The server may close before it has read a last tag."""
    try:
        yield
    except (BrokenPipeError, ConnectionResetError):
        return


def _chunks(stream: socket.socket) -> Iterator[bytes]:
    """Whole chunks until the server ends."""
    offset, held = 0, bytearray()
    while True:
        try:
            octets = stream.recv(1 << 20)
        except ConnectionResetError:
            return
        if not octets:
            return
        held += octets
        while len(held) >= (wanted := chunk_octets(offset)):
            yield bytes(held[:wanted])
            del held[:wanted]
            offset += wanted


def main(there: str, port: int, seconds: float) -> None:
    """Record, replay, and print both."""
    recorded: list[bytes] = []

    def honest(_: int, chunk: bytes) -> bytes:
        recorded.append(tag(check, chunk))
        return recorded[-1]

    def replayed(number: int, _: bytes) -> bytes:
        return recorded[number] if number < len(recorded) else bytes(TAG_OCTETS)

    for tagging in (honest, replayed):
        with session(there, port) as opened:
            check = bytes.fromhex(opened.welcome.check)
            print(told(download(opened, (there, port), 1, seconds, tagging)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
