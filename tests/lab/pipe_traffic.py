"""
How does somebody else load a line meanwhile, and what does a port count?

`pipe_traffic.py watch FILE` prints the number in a file, such as a counter below /sys, twenty times a second behind the microseconds of
the monotonic clock. `pipe_traffic.py send ADDRESS BIT_S` sends UDP datagrams to port 9 at a steady rate of payload until it is ended; `pipe_traffic.py sink`
takes them. It stands alone and imports little. A datagram of 1,472 octets fills a packet of 1,500.
"""

import contextlib
import socket
import sys
import time
from pathlib import Path

DISCARD = 9
DATAGRAM = bytes(1472)
LOOK_S = 0.05
TURN_S = 0.002
"""How often it sends what has become due: at 500 Mbit/s 85 datagrams at once."""


def send(address: str, rate_bit_s: int) -> None:
    """Send for ever; what a full queue loses is not made up for."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        sender.connect((address, DISCARD))
        begun, sent = time.monotonic(), 0
        while True:
            due = int((time.monotonic() - begun) * rate_bit_s / 8 / len(DATAGRAM))
            for _ in range(due - sent):
                with contextlib.suppress(ConnectionRefusedError):  # the other end may not listen yet
                    sender.send(DATAGRAM)
            sent = due
            time.sleep(TURN_S)


def sink() -> None:
    """Take what comes; `recv_into` a small buffer with MSG_TRUNC costs no copy."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker:
        taker.bind(("", DISCARD))
        nothing = bytearray(1)
        while True:
            taker.recv_into(nothing, 1, socket.MSG_TRUNC)


def watch(file: Path) -> None:
    """Print for ever."""
    while True:
        sys.stdout.write(f"{time.monotonic_ns() // 1000} {file.read_text()}")
        sys.stdout.flush()
        time.sleep(LOOK_S)


if __name__ == "__main__":
    if sys.argv[1] == "sink":
        sink()
    if sys.argv[1] == "watch":
        watch(Path(sys.argv[2]))
    send(sys.argv[2], int(sys.argv[3]))
