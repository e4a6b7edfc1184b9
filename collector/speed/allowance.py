"""
How many octets may a session still move?

Asked before content is sent, told after content has come. Counted is what moved, not what was proved: the volume was spent either way.
"""

from __future__ import annotations

import threading


class Allowance:
    """The octets of one session, shared by the threads of its streams."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.spent = 0
        self.exhausted = False
        self._lock = threading.Lock()

    def take(self, octets: int) -> bool:
        """Whether so many octets may be sent; they are spent if so, and all is over if not."""
        with self._lock:
            if self.spent + octets > self.most:
                self.exhausted = True
                return False
            self.spent += octets
            return True

    def count(self, octets: int) -> None:
        """So many octets came."""
        with self._lock:
            self.spent += octets
            self.exhausted = self.exhausted or self.spent >= self.most
