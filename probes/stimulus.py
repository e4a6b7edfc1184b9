"""
Does traffic that this box sends as ordered show in the counters at both ends of the links that it must cross?

*Method*: the order names volumes, moments and quiet windows that nobody at the school could know before. For each, the 64-bit
octet counters of all listed ports are read over SNMP, the volume is pushed as UDP at an even rate, and after a pause, for
switches refresh their counters only now and then, they are read again. Nothing is judged here: the rises are the readings.

What it does not prove: the rate of a link, nor, for one run alone, whose octets a counter counted. A switch that invents its
counters must know the volumes and moments to pass; the school's own traffic adds to every rise.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from evidence.model import Facts, Failure, Raw, Reading, Unmeasurable
from evidence.quantities import STIMULUS_IN, STIMULUS_OUT, STIMULUS_SENT
from probes import Probe
from probes._resolve import Address, resolve
from probes._snmp.backends import Name, backend
from probes._snmp.exchange import Backend
from probes._snmp.pace import Pace
from probes._stimulus.counters import Lost, Sample, now_us, read, rises
from probes._stimulus.ends import End, found, told_of
from probes._stimulus.push import Push, push
from probes._stimulus.settings import Pulse, Settings

Samples = dict[int, Sample] | Lost
Risen = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Window:
    """One volume or silence: what was sent and, for each switch, what was read before and after."""

    number: int
    pulse: Pulse
    sent: Push | Lost
    before: list[Samples]
    after: list[Samples]


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Push every volume; raises Unmeasurable, after its readings, where an end or the network gave no figure."""
    started_us = now_us()
    opens = backend(Name.OWN, Pace())
    windows: list[_Window] = []
    losses: list[tuple[str, Lost]] = []
    with asyncio.Runner() as loop:
        # 1. Which row is which port; with nobody to watch there is nothing to send for.
        ends = loop.run(found(settings.switches, opens, settings.timeout_s, settings.retries))
        losses += [one for end in ends for one in end.unknown()]
        for number, pulse in settings.in_time() if any(end.indexes for end in ends) else []:
            # 2. At its moment: counters, the volume or as long a silence, the pause, counters.
            loop.run(_until(started_us / 1e6 + pulse.at_s))
            before = loop.run(_read(ends, opens))
            sent = loop.run(_pushed(settings, pulse))
            loop.run(asyncio.sleep(settings.settle_s))
            windows.append(_Window(number, pulse, sent, before, loop.run(_read(ends, opens))))
            # 3. By how much they rose.
            for where, figure in _figures(windows[-1], ends, started_us):
                if isinstance(figure, Lost):
                    losses.append((where, figure))
                else:
                    yield figure
    yield Raw("stimulus.json", json.dumps(_evidence(ends, windows, losses, started_us), indent=1).encode())
    if losses:
        raise told_of(losses)


# --- The switches -----------------------------------------------------------------------------------------------------


async def _read(ends: list[End], opens: Backend) -> list[Samples]:
    """The counters of all ends, all switches at once."""
    return list(await asyncio.gather(*(_read_one(end, opens) for end in ends)))


async def _read_one(end: End, opens: Backend) -> Samples:
    """The counters of one switch, or why there are none this time."""
    if end.target is None or not end.indexes:
        return {}
    try:
        async with opens(end.target, end.switch.credentials) as exchange:
            return await read(exchange, end.indexes)
    except Unmeasurable as why:
        return Lost(why.failure, why.detail)


# --- The volumes ------------------------------------------------------------------------------------------------------


async def _until(moment_s: float) -> None:
    """Wait for a moment of the monotonic clock; one that has passed begins at once."""
    await asyncio.sleep(max(0.0, moment_s - time.monotonic()))


async def _pushed(settings: Settings, pulse: Pulse) -> Push | Lost:
    """Send one volume, or wait as long as the largest one takes."""
    started_us = now_us()
    if not pulse.octets:
        await asyncio.sleep(settings.sending_s(pulse))
        return Push(0, 0, started_us, now_us())
    try:
        towards = await asyncio.to_thread(_address, pulse.towards, settings.timeout_s)
        return await asyncio.to_thread(push, towards, settings.udp_port, pulse.octets, settings.rate_bit_s)
    except Unmeasurable as why:
        return Lost(why.failure, why.detail)


def _address(host: str, timeout_s: float) -> Address:
    """The first address of a host; raises Unmeasurable where it has none."""
    found = resolve(host, timeout_s)
    if not found.addresses:
        raise Unmeasurable(Failure.NAME_NOT_FOUND, f"{host}: {'; '.join(found.notes)}")
    return found.addresses[0]


# --- What comes of it -------------------------------------------------------------------------------------------------


def _figures(window: _Window, ends: list[End], started_us: int) -> Iterator[tuple[str, Reading | Lost]]:
    """The readings of one window, or what was lost of it; without a volume the counters tell nothing."""
    number, sent = window.number, window.sent
    if isinstance(sent, Lost):
        yield f"pulse {number}", sent
        return
    yield str(number), _sent(window, sent, started_us)
    for end, before, after in zip(ends, window.before, window.after, strict=True):
        for port, row in end.rows.items():
            if isinstance(row, int):
                yield from _risen(f"{end.switch.subject}/{port}@{number}", _rises(row, before, after))


def _sent(window: _Window, sent: Push, started_us: int) -> Reading:
    """What was sent, where to, when after the start of the run, and how long it took."""
    facts: Facts = {"towards": window.pulse.towards, "datagrams": sent.datagrams, "at_us": sent.started_us - started_us}
    facts["window_us"] = sent.ended_us - sent.started_us
    return STIMULUS_SENT.reading(sent.octets, subject=str(window.number), facts=facts)


def _rises(row: int, before: Samples, after: Samples) -> Risen | Lost:
    """Octets in, octets out and the time between the two readings of one row; or why not."""
    if isinstance(before, Lost):
        return before
    if isinstance(after, Lost):
        return after
    found = rises(before[row], after[row])
    return found if isinstance(found, Lost) else (*found, after[row].at_us - before[row].at_us)


def _risen(where: str, found: Risen | Lost) -> Iterator[tuple[str, Reading | Lost]]:
    """The two readings of a port in a window."""
    if isinstance(found, Lost):
        yield where, found
        return
    octets_in, octets_out, window_us = found
    yield where, STIMULUS_IN.reading(octets_in, subject=where, facts={"window_us": window_us})
    yield where, STIMULUS_OUT.reading(octets_out, subject=where, facts={"window_us": window_us})


def _evidence(
    ends: list[End], windows: list[_Window], losses: list[tuple[str, Lost]], started_us: int
) -> dict[str, Any]:
    """Which row was which port, every sample, and what was lost; moments are microseconds of the box's monotonic clock."""
    return {
        "started_us": started_us,
        "rows": {
            end.switch.subject: {port: row for port, row in end.rows.items() if isinstance(row, int)} for end in ends
        },
        "windows": [_record(window, ends) for window in windows],
        "lost": [{"where": where, **asdict(lost)} for where, lost in losses],
    }


def _record(window: _Window, ends: list[End]) -> dict[str, Any]:
    """One window as it was."""
    samples = [
        {"switch": end.switch.subject, "if_index": row, "when": when, **asdict(sample)}
        for when, found in (("before", window.before), ("after", window.after))
        for end, one in zip(ends, found, strict=True)
        if not isinstance(one, Lost)
        for row, sample in one.items()
    ]
    return {"pulse": window.number, **window.pulse.model_dump(), "sent": asdict(window.sent), "samples": samples}


PROBE = Probe(produces=(STIMULUS_SENT, STIMULUS_IN, STIMULUS_OUT), settings=Settings, run=run, deadline_s=900)
