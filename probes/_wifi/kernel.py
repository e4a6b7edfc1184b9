"""
How is the kernel's nl80211 asked, and how does it tell that a scan ended?

*Method*: pyroute2 finds the family and its groups, sends a request and gathers the answer, whose octets are read by us
(`probes._wifi.attributes`); events come over a socket of our own, because a wait for one has to end in time.

What it does not prove: that the driver behind it did what it was asked.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pyroute2.netlink import (  # type: ignore[import-untyped]
    NLM_F_ACK,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    genlmsg,
)
from pyroute2.netlink.exceptions import NetlinkError  # type: ignore[import-untyped]
from pyroute2.netlink.generic import GenericNetlinkSocket  # type: ignore[import-untyped]

from evidence.model import Failure, Unmeasurable
from probes._failures import errno_name, of_errno
from probes._wifi.attributes import GENERIC_OCTETS, MESSAGE, encoded

FAMILY, GENERIC = "nl80211", 16
SOL_NETLINK, ADD_MEMBERSHIP = 270, 1
LARGEST_DATAGRAM = 65536
ROOM_OCTETS = 1 << 20
FLAGS = {True: NLM_F_REQUEST | NLM_F_DUMP, False: NLM_F_REQUEST | NLM_F_ACK}


@dataclass(frozen=True, slots=True)
class Event:
    """One message of a group: its command and the octets of its attributes."""

    command: int
    octets: bytes


class Refused(OSError):
    """The kernel refused a request; `errno` says why."""


class Kernel(AbstractContextManager["Kernel"]):
    """A connection to nl80211; raises Unmeasurable where this kernel has none."""

    def __init__(self) -> None:
        self._requests = GenericNetlinkSocket()
        try:
            self._requests.bind(FAMILY, genlmsg)
        except (NetlinkError, OSError) as wrong:
            self._requests.close()
            raise Unmeasurable(
                Failure.NOT_SUPPORTED,
                "this kernel has no nl80211: no wireless adapter is plugged in, or its driver is not loaded",
            ) from wrong

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._requests.close()

    def request(self, command: int, attributes: Mapping[int, bytes], dump: bool = False) -> list[bytes]:
        """The attributes of each message of the answer; raises Refused."""
        asked = genlmsg()
        asked["cmd"], asked["version"] = command, 1
        asked.encode()
        head = bytes(asked.data)[MESSAGE.size :]
        body = head + b"".join(encoded(kind, content) for kind, content in attributes.items())
        return [bytes(one) for one in self._answers(body, dump)]

    def _answers(self, body: bytes, dump: bool) -> Iterator[bytes]:
        """What the kernel says to a request of these octets."""
        try:
            for one in self._requests.nlm_request(_Octets(body), msg_type=self._requests.prid, msg_flags=FLAGS[dump]):
                start = one.offset + MESSAGE.size + GENERIC_OCTETS
                yield one.data[start : one.offset + one["header"]["length"]]
        except NetlinkError as wrong:
            raise Refused(wrong.code, errno_name(wrong.code)) from wrong

    def listen(self, *groups: str) -> Events:
        """Events of these groups (`scan`, `mlme`, `config`), from now on."""
        known = self._requests.mcast_groups
        return Events([known[group] for group in groups])


class _Octets(genlmsg):  # type: ignore[misc]
    """A message whose octets are there already."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body

    def encode(self) -> None:
        """Header and octets."""
        super().encode()
        del self.data[MESSAGE.size :]
        self.data += self.body
        self["header"]["length"] = len(self.data)
        self.data[0:4] = len(self.data).to_bytes(4, "little")


class Events:
    """A socket that hears events; close it, or use it in a `with`."""

    def __init__(self, groups: list[int]) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, GENERIC)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM_OCTETS)
        self._socket.bind((0, 0))
        for group in groups:
            self._socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """What becomes readable when there is an event."""
        return self._socket.fileno()

    def waiting(self) -> list[Event]:
        """The events that have come, without a wait."""
        found: list[Event] = []
        while some := self._read(0):
            found += some
        return found

    def until(self, deadline_s: float) -> Iterator[Event]:
        """Events as they come, until the monotonic clock shows `deadline_s`."""
        while (left_s := deadline_s - time.monotonic()) > 0:
            yield from self._read(left_s)

    def _read(self, timeout_s: float) -> list[Event]:
        """The events of one datagram; none after the time. Messages that were lost for want of room are no error: scans end anyway."""
        self._socket.settimeout(timeout_s)
        try:
            octets = self._socket.recv(LARGEST_DATAGRAM)
        except (TimeoutError, BlockingIOError):
            return []
        except OSError as wrong:
            if wrong.errno == errno.ENOBUFS:
                return []
            raise Unmeasurable(of_errno(wrong.errno or 0), f"nl80211: {errno_name(wrong.errno or 0)}") from wrong
        return list(_events(octets))


def _events(octets: bytes) -> Iterator[Event]:
    """The messages of one datagram."""
    at = 0
    while at + MESSAGE.size + GENERIC_OCTETS <= len(octets):
        length = int.from_bytes(octets[at : at + 4], "little")
        if length < MESSAGE.size + GENERIC_OCTETS or at + length > len(octets):
            return
        body = octets[at + MESSAGE.size : at + length]
        yield Event(body[0], body[GENERIC_OCTETS:])
        at += (length + 3) & ~3
