"""
Which finished surveys have no draw yet, and which places does chance choose?

*Method*: after a report of a walk, and whenever one of a school's agents asks for orders, surveys that have been walked for ten minutes, or are over, and
were not drawn of get their draw: an order of its own, with new codes, for the same boxes.

What it does not prove: anything by itself; see `collector.remeasured`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.store import Store
from collector.survey_orders import SETTINGS, drawn_again, is_walked, new_codes, points_of
from collector.walked import PROBE as WIFI
from evidence.scan import AskedBy, Scan, Task
from evidence.seal import SCAN, seal

HOUR_US = 3_600_000_000
QUIET_US = (
    HOUR_US // 6
)  # who repeats a last point is not cut off: what comes after the draw cannot make a survey better
KEPT_US = 180 * 24 * HOUR_US  # what a box kept for so long after a survey's end proves nothing any more


@dataclass(frozen=True, slots=True)
class Draws:
    """Gives the orders that chance chooses; `survey_hours` is how long there is to walk them."""

    store: Store
    key: Ed25519PrivateKey
    now_us: Callable[[], int]
    survey_hours: int
    woken: Callable[[], None]

    def settle(self, school: str) -> list[Scan]:
        """Draw of every survey of a school that is walked or over and was not drawn of; gives the new orders."""
        given = []
        for scan in self.store.surveys.undrawn(school):
            again = self._draw(scan)
            given += [again] if again is not None else []
        if given:
            self.woken()
        return given

    def _draw(self, scan: Scan) -> Scan | None:
        """The draw of one survey; None where it is still walked, where nothing was measured, or where another process was faster."""
        now_us = self.now_us()
        reports = points_of(self.store.ledger.of_scan(scan.id))
        if scan.expires_unix_us > now_us and not (is_walked(scan, reports) and self._is_quiet(scan, now_us)):
            return None
        survey = drawn_again(scan, [place for place, _ in reports])
        if survey is None:
            if now_us > scan.expires_unix_us + KEPT_US:
                self.store.surveys.close(scan.id)
            return None
        again = Scan(
            id=secrets.token_hex(16),
            school=scan.school,
            agents=scan.agents,
            tasks=(Task(WIFI, dict(SETTINGS[WIFI])),),
            issued_unix_us=now_us,
            expires_unix_us=now_us + self.survey_hours * HOUR_US,
            asked_by=AskedBy.DRAW,
            survey=survey,
        )
        return again if self.store.surveys.add_draw(again, seal(SCAN, again, self.key), new_codes(survey)) else None

    def _is_quiet(self, scan: Scan, now_us: int) -> bool:
        """Whether the last report of a walk came some minutes ago."""
        return now_us - self.store.ledger.last_of_scan(scan.id) >= QUIET_US
