"""
What is kept of a run, so that anybody can work out its figures again?

Both ends' bins, TCP_INFO of every stream, round trips, this box's ticks, the witness's polls. Moments of a run are microseconds after its
bin 0; `started_us` is that moment on the box's monotonic clock.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import msgspec

from probes._egress.run import Ran
from probes._egress.sender import shown
from probes._egress.streams import Stream


def recorded(sides: list[dict[str, Any]], witness: dict[str, Any] | None) -> bytes:
    """The content of `egress.json`."""
    return json.dumps({"servers": sides, "witness": witness}, ensure_ascii=False, indent=1).encode()


def run_record(ran: Ran) -> dict[str, Any]:
    """One run as it was."""
    return {
        "run": ran.plan.number,
        "direction": ran.plan.direction.value,
        "pace_bit_s": ran.plan.pace_bit_s,
        "started_us": ran.started_us,
        "own_octets": ran.counted.bins(),
        "own_series": list(ran.counted.series),
        "server_octets": ran.credited,
        "added_us": ran.added_us,
        "stopped": ran.stopped,
        "cut": str(ran.cut) if ran.cut is not None else "",
        "done": msgspec.to_builtins(ran.done),
        "echoes": [[trip.at_us - ran.started_us, trip.took_us] for trip in ran.trips],
        "ticks": [asdict(one) for one in ran.loads.seen],
        "streams": [_stream(one) for one in ran.streams.streams],
    }


def _stream(stream: Stream) -> dict[str, Any]:
    """One connection as its kernel told it."""
    return {
        "stream": stream.number,
        "opened_us": stream.opened_us,
        "octets": stream.octets,
        "chunks": stream.chunks,
        "fault": stream.fault,
        "first": shown(stream.first),
        "last": shown(stream.last),
    }
