"""
What do the server's kernel and processor tell of a run?

*Method*: TCP_INFO of every stream and the box's processor time are read twice a second while the run goes on. Nothing is credited for
them: they help to say what limited the run. The segment size is the largest that was seen, the round-trip times are medians over
the streams.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median_low

from collector.speed.bins import monotonic_us
from evidence.model import Facts
from evidence.stream import Direction
from evidence.tcp_info import OCTETS, OPTION, TcpInfo, tcp_info

PPM = 1_000_000
IDLE = (3, 4)  # columns of /proc/stat: idle, waiting for a disk


@dataclass(frozen=True, slots=True)
class Load:
    """Processor time of the whole box (ticks, busy and all) and how long this process's threads waited for a processor."""

    at_us: int
    busy: int
    all: int
    waited_us: int


def load() -> Load:
    """The box now."""
    ticks = [int(field) for field in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]]
    return Load(monotonic_us(), sum(ticks) - sum(ticks[at] for at in IDLE), sum(ticks), _waited_us())


def _waited_us() -> int:
    """Time in the run queue over all threads that live (second figure of schedstat); none where the kernel does not keep it."""
    waited_ns = 0
    for one in Path("/proc/self/task").glob("*/schedstat"):
        try:
            waited_ns += int(one.read_text("ascii").split()[1])
        except OSError:  # the thread ended meanwhile
            continue
    return waited_ns // 1000


def info_of(connection: socket.socket) -> TcpInfo | None:
    """TCP_INFO of a connection; None for one that was closed."""
    try:
        return tcp_info(connection.getsockopt(socket.IPPROTO_TCP, OPTION, OCTETS))
    except OSError:
        return None


@dataclass(slots=True)
class Vitals:
    """What was read while a run went on."""

    direction: Direction
    began: Load = field(default_factory=load)
    ended: Load | None = None
    acked: list[tuple[int, int]] = field(default_factory=list)  # moments and octets acknowledged over all streams
    largest_mss: int = 0
    looks: int = 0
    app_limited: int = 0
    newest: dict[int, TcpInfo] = field(default_factory=dict)  # by the place of the stream
    oldest: dict[int, tuple[int, TcpInfo]] = field(default_factory=dict)  # the same, with its moment

    def look(self, connections: Sequence[socket.socket]) -> None:
        """Read all streams and the box once."""
        for at, connection in enumerate(connections):
            if (info := info_of(connection)) is not None:
                self.newest[at] = info
                self.oldest.setdefault(at, (monotonic_us(), info))
                self.looks += 1
                self.app_limited += info.app_limited
                self.largest_mss = max(
                    self.largest_mss, info.snd_mss if self.direction is Direction.DOWN else info.rcv_mss
                )
        self.ended = load()
        self.acked.append((self.ended.at_us, sum(info.octets_acked for info in self.newest.values())))

    def facts(self) -> Facts:
        """What both sides may want to know."""
        if not self.newest or self.ended is None:
            return {}
        of_all = list(self.newest.values())
        return {
            "mss": self.largest_mss,
            "timestamps": int(all(one.timestamps for one in of_all)),
            "rtt_us": median_low(one.rtt_us for one in of_all),
            "min_rtt_us": median_low(one.min_rtt_us for one in of_all),
            "app_limited": int(2 * self.app_limited > self.looks),
            **_shares(of_all),
            **self._times(self.ended.at_us),
            **_processor(self.began, self.ended),
        }

    def _times(self, now_us: int) -> Facts:
        """What held the senders, as parts of the time that each stream was there: some join later."""
        held = {"busy_ppm": 0, "receiver_limited_ppm": 0, "buffer_limited_ppm": 0}
        for at, (_, old) in self.oldest.items():
            new = self.newest[at]
            held["busy_ppm"] += new.busy_us - old.busy_us
            held["receiver_limited_ppm"] += new.receiver_limited_us - old.receiver_limited_us
            held["buffer_limited_ppm"] += new.buffer_limited_us - old.buffer_limited_us
        time_us = max(sum(now_us - began_us for began_us, _ in self.oldest.values()), 1)
        return {name: _part(part_us, time_us) for name, part_us in held.items()}

    def acked_bit_s(self, from_us: int, to_us: int) -> int:
        """Rate at which the other end's kernel acknowledged within a span; 0 where it was read less than twice in it."""
        inside = [one for one in self.acked if from_us <= one[0] <= to_us]
        if len(inside) < 2:
            return 0
        (begin_us, before), (end_us, after) = inside[0], inside[-1]
        return (after - before) * 8 * PPM // (end_us - begin_us)


def _shares(of_all: Sequence[TcpInfo]) -> Facts:
    """Parts of the segments."""
    segments = max(sum(one.segments_out for one in of_all), 1)
    again = sum(one.segments_retransmitted for one in of_all)
    lost = max(again - sum(one.duplicates for one in of_all), 0)
    return {"retransmitted_ppm": again * PPM // segments, "lost_ppm": lost * PPM // segments}


def _processor(began: Load, ended: Load) -> Facts:
    """How busy the box was, and how long this process's threads waited for it: with several of them, more than all of the time."""
    lasted_us = max(ended.at_us - began.at_us, 1)
    return {
        "server_cpu_ppm": _part(ended.busy - began.busy, max(ended.all - began.all, 1)),
        "server_wait_ppm": max(ended.waited_us - began.waited_us, 0) * PPM // lasted_us,
    }


def _part(part: int, whole: int) -> int:
    """A part of a whole, in ppm, never above all of it."""
    return min(part * PPM // whole, PPM)
