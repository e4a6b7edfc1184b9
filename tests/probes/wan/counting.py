"""
How does a device count, whose truth is known to the microsecond?

`Counting` answers over SNMP with counters that are functions of time, taken when it is asked or at steps of its own, as
switches do; `poll` and `series` make the same without a network.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from probes._snmp.exchange import Missing, Oid, Value
from probes._stimulus.counters import OCTETS_IN, OCTETS_OUT, Sample
from probes._wan.polls import Poll
from tests.probes.agents import UP_TIME, Simulator
from tests.probes.conftest import MARKERS

COMMUNITY = MARKERS["community"]
FIRST = 2**40  # where counters begin: more than 32 bits hold
SECOND = 1_000_000


@dataclass
class Counting(Simulator):
    """
    A device whose ports carry so many octets a second (in, out), by row; it takes its counters anew every `refresh_s`.

    After `breaks_s` they begin anew (`goes_back`), or the whole device does (`starts_anew`); `narrow` rows have no 64-bit counters.
    """

    octets_s: dict[int, tuple[int, int]] = field(default_factory=dict)
    refresh_s: float = 0.0
    breaks_s: float = 1e9
    goes_back: bool = False
    starts_anew: bool = False
    narrow: tuple[int, ...] = ()
    born_s: float = field(default_factory=time.monotonic)

    def _get(self, oid: Oid) -> Value:
        age_s = time.monotonic() - self.born_s
        if oid == UP_TIME:
            return 5 if self.starts_anew and age_s > self.breaks_s else 100_000 + round(age_s * 100)
        if oid[:-1] not in (OCTETS_IN, OCTETS_OUT):
            return super()._get(oid)
        return self._counter(oid, age_s) if oid[-1] not in self.narrow else Missing.NO_SUCH_INSTANCE

    def _counter(self, oid: Oid, age_s: float) -> int:
        """One counter as it was at the last refresh."""
        taken_s = age_s // self.refresh_s * self.refresh_s if self.refresh_s else age_s
        if self.goes_back and age_s > self.breaks_s:
            return 0
        return FIRST + round(taken_s * self.octets_s[oid[-1]][oid[:-1] == OCTETS_OUT])


def listed(port: int, *ports: str, **more: Any) -> dict[str, Any]:
    """A device of the settings."""
    return {"host": "127.0.0.1", "port": port, "community": COMMUNITY, "ports": list(ports or ("wan0",)), **more}


def poll(at_us: int, octets_in: int | None, octets_out: int | None = 0, took_us: int = 2_000, up_time: int = 9) -> Poll:
    """One answer about one row."""
    asked_us = at_us - took_us // 2
    return Poll(asked_us, asked_us + took_us, {1: Sample(at_us, "wan0", up_time, octets_in, octets_out)})


def series(moments_us: Sequence[int], octets_s: int, refresh_us: int = 1, phase_us: int = 0) -> list[Poll]:
    """The answers of a port that carries evenly, a tenth of it outwards, and is counted anew at every step."""

    def carried(at_us: int) -> int:
        taken_us = (at_us - phase_us) // refresh_us * refresh_us + phase_us
        return FIRST + taken_us * octets_s // SECOND

    return [poll(at, carried(at), carried(at) // 10) for at in moments_us]
