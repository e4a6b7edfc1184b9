"""
How can a link say 100 Mbit/s or 1000 Mbit/s, when a veth always says 10000?

Method: a tap's speed can be set with ethtool. This program opens two taps, prints their names, and carries every frame
from one to the other until it is killed or a tap disappears. Whoever started it moves the taps into two machines.
Frames keep their virtio-net header, so that one read carries up to 64 KiB and Python is fast enough (4 Gbit/s and more
on two cores).

It does not prove: negotiation. A tap has no autonegotiation, and its speed is what ethtool was told.
"""

import errno
import fcntl
import os
import select
import struct
import sys

# include/uapi/linux/if_tun.h
TUNSETIFF = 0x400454CA
TUNSETOFFLOAD = 0x400454D0
TUNSETVNETHDRSZ = 0x400454D8
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
IFF_VNET_HDR = 0x4000
OFFLOAD_CHECKSUM_TSO4_TSO6 = 0x01 | 0x02 | 0x04
VIRTIO_NET_HEADER_BYTES = 12
LARGEST_FRAME_BYTES = 70_000
FRAMES_A_TURN = 64
"""After so many frames the other direction gets its turn."""

LOST_ON_THE_WAY = {errno.EIO, errno.ENOBUFS, errno.ENETDOWN, errno.EAGAIN}
"""The far end is down or full: a real cable loses such a frame too."""


def open_tap() -> tuple[int, str]:
    """Open a new tap; the kernel chooses a free number, so that two schools never ask for the same name."""
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    asked = struct.pack("16sH22x", b"labtap%d", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)
    name = fcntl.ioctl(tap, TUNSETIFF, asked)[:16].rstrip(b"\0").decode()
    fcntl.ioctl(tap, TUNSETVNETHDRSZ, struct.pack("i", VIRTIO_NET_HEADER_BYTES))
    fcntl.ioctl(tap, TUNSETOFFLOAD, OFFLOAD_CHECKSUM_TSO4_TSO6)
    return tap, name


def carry(source: int, sink: int) -> None:
    """Carry what waits at one end to the other, at most one turn's worth."""
    for _ in range(FRAMES_A_TURN):
        try:
            frame = os.read(source, LARGEST_FRAME_BYTES)
        except BlockingIOError:
            return
        try:
            os.write(sink, frame)
        except OSError as error:
            if error.errno not in LOST_ON_THE_WAY:
                raise


def main() -> None:
    """Print the two names on one line, then carry frames for ever."""
    (one, one_name), (other, other_name) = open_tap(), open_tap()
    sys.stdout.write(f"{one_name} {other_name}\n")
    sys.stdout.flush()
    far_end = {one: other, other: one}
    poll = select.epoll()
    for tap in far_end:
        poll.register(tap, select.EPOLLIN)
    while True:
        for tap, _ in poll.poll():
            carry(tap, far_end[tap])


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        if (
            error.errno != errno.EBADFD
        ):  # EBADFD: a machine has gone and took its tap along, so the cable's work is over
            raise
