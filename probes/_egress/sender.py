"""
What did the sending end of a run tell of itself?

*Method*: downward the server's words in `Done`, upward our own TCP_INFO: medians of the times over the streams that were there from the
beginning, sums of the segments over all. Both are shown and name a limit; nothing is ever credited for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median_low

from evidence.layers import SMALLEST_MSS, Segments
from evidence.model import Facts
from evidence.steady import ALL_PPM
from evidence.stream import FEWEST_STREAMS, Direction
from evidence.tcp_info import TcpInfo
from probes._egress.limits import Sender
from probes._egress.streams import Stream

LARGEST_MSS = 65535


def number(facts: Mapping[str, int | str], key: str) -> int:
    """A number among the server's facts; 0 where it told none, or something else."""
    value = facts.get(key, 0)
    return value if isinstance(value, int) and value >= 0 else 0


def sender_of(direction: Direction, facts: Facts, streams: Sequence[Stream], ended_us: int) -> Sender:
    """The sending end in short."""
    return _told(facts, _presence_ppm(streams, ended_us)) if direction is Direction.DOWN else _own(streams, ended_us)


def _presence_ppm(streams: Sequence[Stream], ended_us: int) -> int:
    """How much of the run's time its streams were there, all together: those that join later are not idle before."""
    ages = [ended_us - stream.opened_us for stream in streams if stream.opened_us]
    return sum(ages) * ALL_PPM // (max(ages) * len(ages)) if ages and max(ages) > 0 else ALL_PPM


def _told(facts: Facts, presence_ppm: int) -> Sender:
    """The server, in its own words; it shares out times over all streams and the whole run."""

    def share(key: str) -> int:
        return min(number(facts, key) * ALL_PPM // max(presence_ppm, 1), ALL_PPM)

    return Sender(
        busy_ppm=share("busy_ppm"),
        receiver_limited_ppm=share("receiver_limited_ppm"),
        buffer_limited_ppm=share("buffer_limited_ppm"),
        app_limited=bool(number(facts, "app_limited")),
        retransmitted_ppm=number(facts, "retransmitted_ppm"),
        lost_ppm=number(facts, "lost_ppm"),
    )


def _own(streams: Sequence[Stream], ended_us: int) -> Sender:
    """This box, as its kernel told at the end."""
    lasts = [(stream, stream.last) for stream in streams if stream.last is not None]
    first = [(max(ended_us - stream.opened_us, 1), told) for stream, told in lasts[:FEWEST_STREAMS]]
    segments = max(sum(told.segments_out for _, told in lasts), 1)
    again = sum(told.segments_retransmitted for _, told in lasts)
    duplicates = sum(told.duplicates for _, told in lasts)
    return Sender(
        busy_ppm=_middle([told.busy_us * ALL_PPM // age for age, told in first]),
        receiver_limited_ppm=_middle([told.receiver_limited_us * ALL_PPM // age for age, told in first]),
        buffer_limited_ppm=_middle([told.buffer_limited_us * ALL_PPM // age for age, told in first]),
        app_limited=bool(_middle([int(told.app_limited) for _, told in first])),
        retransmitted_ppm=again * ALL_PPM // segments,
        lost_ppm=max(again - duplicates, 0) * ALL_PPM // segments,
    )


def _middle(values: Sequence[int]) -> int:
    """The median; 0 of nothing."""
    return median_low(values) if values else 0


def segments_of(direction: Direction, facts: Facts, streams: Sequence[Stream], family: int) -> Segments:
    """How payload was cut up: as it arrived here downward, where that is less than the server's first segments were; as we sent it upward."""
    told = [stream.last for stream in streams if stream.last is not None]
    if direction is Direction.UP:
        known = [_middle([one.snd_mss for one in told])]
    else:
        known = [number(facts, "mss"), max((one.rcv_mss for one in told), default=0)]
    # Where nobody knows, the largest: it adds the least to the payload.
    mss = min((one for one in known if SMALLEST_MSS <= one <= LARGEST_MSS), default=LARGEST_MSS)
    return Segments(mss, family, any(one.timestamps for one in told))


def shown(told: TcpInfo | None) -> dict[str, int] | None:
    """TCP_INFO as raw evidence has it."""
    return {name: int(getattr(told, name)) for name in TcpInfo.__slots__} if told is not None else None
