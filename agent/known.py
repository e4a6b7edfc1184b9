"""
What does this box remember of the switches that it asked?

*Method*: two small files in the agent's state directory, each written anew and put in place in one step, for the owner's eyes
only: the SSH host keys seen, and what the last run of `uplinks` was told and found. A host key is pinned when it is first
seen and never replaced by itself: another key under the same address may be somebody in between.

What it does not prove: that the first key seen was the right one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agent.kept import kept
from evidence.model import Reading, Settings
from probes._settings import parted

KEYS = "host-keys.json"
LAST = "last-uplinks.json"


@dataclass(frozen=True, slots=True)
class HostKey:
    """The host key that one command line showed in a run, and the one that was pinned before (empty for none)."""

    where: str
    seen: str
    pinned: str

    @property
    def new(self) -> bool:
        """Whether it was seen for the first time."""
        return not self.pinned

    @property
    def changed(self) -> bool:
        """Whether it is another one than was pinned."""
        return self.pinned not in ("", self.seen)


class LastRun(msgspec.Struct, frozen=True):
    """The last run of `uplinks`: its settings without secrets, and what it read."""

    settings: Settings = {}
    readings: tuple[Reading, ...] = ()


def host_keys(directory: Path) -> dict[str, str]:
    """The pinned keys, `SHA256:...` by `host:port` of the command line; none where nothing was kept yet."""
    path = directory / KEYS
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}


def pin(directory: Path, shown: dict[str, str]) -> tuple[HostKey, ...]:
    """Pin the keys that are new; gives every key shown, with what was pinned before."""
    before = host_keys(directory)
    keys = tuple(HostKey(where, key, before.get(where, "")) for where, key in shown.items())
    new = {key.where: key.seen for key in keys if key.new}
    if new:
        kept(directory, KEYS, msgspec.json.encode(before | new))
    return keys


def forget(directory: Path, host: str) -> list[str]:
    """Remove the pins of a host, named with or without its port; gives those removed."""
    before = host_keys(directory)
    gone = sorted(where for where in before if host in _names(where))
    if gone:
        kept(directory, KEYS, msgspec.json.encode({where: before[where] for where in before if where not in gone}))
    return gone


def _names(where: str) -> Iterable[str]:
    """How a person may write a pinned address."""
    host, _ = parted(where)
    return where, host, f"[{host}]"


def last_run(directory: Path) -> LastRun:
    """What the last run of `uplinks` was told and found; empty where there was none."""
    path = directory / LAST
    return msgspec.json.decode(path.read_bytes(), type=LastRun) if path.exists() else LastRun()


def keep_run(directory: Path, settings: Settings, readings: tuple[Reading, ...]) -> None:
    """Remember a run of `uplinks`; `settings` are those without secrets."""
    kept(directory, LAST, msgspec.json.encode(LastRun(settings, readings)))
