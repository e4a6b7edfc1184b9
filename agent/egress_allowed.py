"""
May this box make this egress run, over which port, how much can it move, and how much has been moved today?

*Method*: settings with tickets are the collector's; of them this box adds what only it knows: its own key id, whether its admin allows
runs that fill the line, and which port leads to the line. The octets of each day (China's, UTC+8) stand in a small file: the rise of the
port that moved most while a run went on, whatever became of the run, less what headers and acknowledgements make of it, for tickets count
content. A run that could pass the day's volume, by its ticket or by what its port carries in its time, is refused.

What it does not prove: that nobody else used the port meanwhile; then the tally is too high.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
from pydantic import ValidationError

from agent import clock, identity
from agent.config import AgentConfig
from agent.kept import kept
from evidence.errors import Rejected
from evidence.layers import Segments
from evidence.model import Json, Settings
from evidence.stream import open_ticket
from probes._egress.settings import Settings as EgressSettings
from probes._interfaces import default_interface, port

EGRESS, SECOND = "egress", "second_opinion"
LOADS = (EGRESS, SECOND)  # what takes the line as a whole: one at a time, and counted
TALLY = "egress-day.json"
DAY_S, CHINA_AHEAD_S = 86_400, 8 * 3_600
BITS = 8
PATIENCE_US, LOOK_S = 30_000_000, 0.2  # how long an ordered run waits for another one
UNDER_WAY = "another egress run is under way on this box: nothing was sent; measure again when it has ended"
FULL = Segments(mss=1428, family=6)  # what leaves the least of a frame of 1500 octets to payload
ACKNOWLEDGED = 2  # segments for one acknowledgement, RFC 9293 section 3.8.6.3


class Tally(msgspec.Struct, frozen=True):
    """How many octets egress runs moved on one day, counted from 1970 in China's time."""

    day: int = 0
    octets: int = 0


# --- What the box adds ------------------------------------------------------------------------------------------------


def added(settings: Settings, config: AgentConfig, ordered: bool) -> Settings:
    """
    What this box adds to the settings of an egress run; nothing of it is repeated in a report.

    An order without tickets never fills the line; without an order that is the word of the admin who typed it.
    """
    box: Settings = {}
    if settings.get("tickets"):
        own = _identity(config)
        box = {"saturating": config.limits.saturating} | ({"agent": own.agent} if own is not None else {})
    elif ordered:
        box = {"saturating": False}
    line = config.lines.get(str(settings.get("line", "")))
    return box | ({"bind": line.interface} if line is not None else {})


def added_to_second(config: AgentConfig, ordered: bool) -> Settings:
    """What this box adds to the settings of another tool's run, which knows no pace: whether its admin allows it."""
    return {"saturating": config.limits.saturating or not ordered}


def _identity(config: AgentConfig) -> identity.Identity | None:
    """Who this box is; None where it is not enrolled."""
    try:
        return identity.load(config.directory)
    except identity.NotEnrolled:
        return None


def own_leaves(settings: Settings, agent: str) -> list[dict[str, Json]]:
    """The entries of this agent among the tickets, those for a second server behind the first ones."""
    second = settings.get("second")
    among = [settings.get("tickets"), second.get("tickets") if isinstance(second, dict) else None]
    leaves = [leaf for tickets in among if isinstance(tickets, list) for leaf in tickets]
    return [leaf for leaf in leaves if isinstance(leaf, dict) and leaf.get("agent") == agent]


def session_of(probe: str, settings: Settings, agent: str) -> str:
    """The session that this agent's ticket of a run opens; empty for another probe and where there is none."""
    leaves = own_leaves({"tickets": settings.get("tickets")}, agent) if probe == EGRESS else []
    return str(leaves[0].get("session", "")) if leaves else ""


# --- How much ---------------------------------------------------------------------------------------------------------


def most_octets(settings: Settings, config: AgentConfig) -> tuple[int, int | None]:
    """The most that a run can move, and the rate on the wire it is reckoned at; 0 and None where the port tells no rate."""
    # The devices that witness it move nothing, and their secrets are joined to them later.
    wanted = EgressSettings.model_validate({key: value for key, value in settings.items() if key != "switches"})
    line = config.lines.get(wanted.line)
    name = line.interface if line is not None else config.interface or default_interface()
    used = port(name) if name else None
    rates = [rate for rate in (FULL.l1(wanted.pace_bit_s), used.speed_bit_s if used else None) if rate]
    if not rates:
        return 0, None
    servers = 1 if wanted.second is None else 2
    return min(rates) * wanted.most_us * len(wanted.directions) * servers // (BITS * 1_000_000), min(rates)


def refusal(settings: Settings, config: AgentConfig, ordered: bool) -> str | None:
    """Why a run that was ordered, or has tickets, may not begin, in words: it could pass what this box may move in a day."""
    if not settings.get("tickets") and not ordered:
        return None
    moved, limit = moved_today(config.directory), config.limits.egress_day_octets
    wanted = _ticketed(settings, config) if settings.get("tickets") else _carried(settings, config)
    if moved + wanted <= limit and moved < limit:
        return None
    return (
        f"this box may move {limit} octets a day in egress runs ([agent.limits] egress_day_octets): {moved} were moved today "
        f"and this run may move {wanted} more; order it for another day, or with a threshold"
    )


def _carried(settings: Settings, config: AgentConfig) -> int:
    """The most that an order without tickets can move; 0 for settings of another release: the probe will say so, and move nothing."""
    try:
        return most_octets(settings, config)[0]
    except ValidationError:
        return 0


def _ticketed(settings: Settings, config: AgentConfig) -> int:
    """The most content that this agent's tickets allow and its port can carry; 0 where none of them is the collector's: no server takes it."""
    own = _identity(config)
    if own is None:
        return 0
    allowed = sum(_octets_of(leaf, own) for leaf in own_leaves(settings, own.agent))
    try:
        carried, rate = most_octets(settings, config)
    except ValidationError:  # of another release: the probe will say so, and move nothing
        return allowed
    return min(allowed, carried) if rate is not None else allowed


def _octets_of(leaf: dict[str, Json], own: identity.Identity) -> int:
    """What a ticket allows; 0 for one that the collector did not seal."""
    try:
        return open_ticket(str(leaf.get("ticket", "")), own.collector_key).most_octets
    except Rejected:
        return 0


def moved_today(directory: Path) -> int:
    """How many octets egress runs have moved since midnight in China."""
    tally = _tally(directory)
    return tally.octets if tally.day == day_in_china(clock.unix_us()) else 0


@contextmanager
def counted(directory: Path) -> Iterator[None]:
    """Add what the block moves to the day's tally."""
    before = _counters()
    try:
        yield
    finally:
        rises = [octets - before.get(name, octets) for name, octets in _counters().items()]
        moved = moved_today(directory) + content_of(max(rises, default=0))
        kept(directory, TALLY, msgspec.json.encode(Tally(day_in_china(clock.unix_us()), moved)))


@contextmanager
def alone(directory: Path, ordered: bool, stop: Callable[[], bool]) -> Iterator[bool]:
    """
    Whether no other egress run of this box is under way, until the block ends: two would measure each other, and lose what they count.

    An ordered run waits for another one to end, a run by hand does not.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    until_us = clock.monotonic_us() + (PATIENCE_US if ordered else 0)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        while not (free := _locked(descriptor)) and clock.monotonic_us() < until_us and not stop():
            time.sleep(LOOK_S)
        yield free
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the lock is ours now; the kernel takes it back when we end, however that is."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def content_of(counted: int) -> int:
    """How much of what a port counted in and out was content, at the least that full frames leave to it."""
    acknowledgement = FULL.l2(FULL.mss) - FULL.mss
    return counted * FULL.mss * ACKNOWLEDGED // (FULL.l2(FULL.mss) * ACKNOWLEDGED + acknowledgement)


def _tally(directory: Path) -> Tally:
    """The tally as it is kept; empty where none was kept yet."""
    path = directory / TALLY
    return msgspec.json.decode(path.read_bytes(), type=Tally) if path.exists() else Tally()


def day_in_china(unix_us: int) -> int:
    """The number of the day there, which has one time of day, counted from 1970."""
    return (unix_us // 1_000_000 + CHINA_AHEAD_S) // DAY_S


def _counters() -> dict[str, int]:
    """Octets in and out of each port of this box."""
    return {name: one.bytes_sent + one.bytes_recv for name, one in psutil.net_io_counters(pernic=True).items()}
