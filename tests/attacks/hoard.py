"""
What is a client credited that keeps its tags back and lets them go in bursts?

`python -m tests.attacks.hoard THERE PORT SECONDS HOLD_S`: an honest reader of one stream whose right tags leave only every HOLD_S seconds, so
that some tenths of a second see far more of them than the line carried. One line of JSON tells what came of it.
"""

from __future__ import annotations

import sys
import time

from evidence.stream import tag
from tests.attacks.replay import download
from tests.attacks.session import session, told


def main(there: str, port: int, seconds: float, hold_s: float) -> None:
    """Hoard, release, and print."""
    with session(there, port) as opened:
        check, kept, let_go_s = bytes.fromhex(opened.welcome.check), bytearray(), [time.monotonic()]

        def hoarded(_: int, chunk: bytes) -> bytes:
            kept.extend(tag(check, chunk))
            if time.monotonic() < let_go_s[0] + hold_s:
                return b""
            let_go_s[0] = time.monotonic()
            released = bytes(kept)
            kept.clear()
            return released

        print(told(download(opened, (there, port), 1, seconds, hoarded)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
