"""
How much may a school still move today?

*Method*: what was moved is on the disk within a second; what sessions that go on may still move is promised here, so that two of them
cannot both spend the rest of a day.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from collector.speed.kept import Kept


@dataclass(eq=False, slots=True)
class Grant:
    """Octets that a session may move; `left` of them are not yet on the disk as moved."""

    school: str
    octets: int
    left: int


@dataclass(slots=True)
class Volumes:
    """The day volumes of all schools; `kept` is None at a server that is open to all, which keeps none."""

    kept: Kept | None
    day_octets: int
    now_us: Callable[[], int]
    _open: list[Grant] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def grant(self, school: str, most_octets: int) -> Grant:
        """What a session may move: what its ticket says, or what is left of the day if that is less; 0 if nothing is."""
        with self._lock:
            octets = most_octets if self.kept is None else min(most_octets, self._left(self.kept, school))
            found = Grant(school, octets, octets)
            self._open.append(found)
            return found

    def _left(self, kept: Kept, school: str) -> int:
        """What neither was moved nor is promised."""
        promised = sum(one.left for one in self._open if one.school == school)
        return max(self.day_octets - kept.moved(school, self.now_us()) - promised, 0)

    def moved(self, grant: Grant, octets: int) -> None:
        """So many octets were moved since the last time."""
        with self._lock:
            if self.kept is not None and octets:
                self.kept.charge(grant.school, octets, self.now_us())
            grant.left = max(grant.left - octets, 0)

    def give_back(self, grant: Grant) -> None:
        """The session is over."""
        with self._lock:
            self._open.remove(grant)
