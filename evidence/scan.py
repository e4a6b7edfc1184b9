"""
What was ordered, of whom, with which settings, and until when?

A Scan is sealed by the collector before it is handed out, and is the only thing that decides what a probe measures
against. Times are microseconds since 1970 (UTC) on the collector's clock.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from evidence.model import Settings


class AskedBy(StrEnum):
    """Who gave the order: it never changes the figures, only what they can prove about other times."""

    SCHOOL_ADMIN = "school_admin"
    EVALUATOR = "evaluator"
    DRAW = "draw"
    CLOCK = "clock"


class Task(msgspec.Struct, frozen=True):
    """One probe to run and the settings that it must run with."""

    probe: str
    settings: Settings = {}


class Spot(msgspec.Struct, frozen=True):
    """A place to be walked to, and at how many points it is measured."""

    place: str
    points: int


class Survey(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Where a person is to carry the box, and what of the air is the school's.

    `networks` are the school's network names (SSID, octets as hex), `owned` the BSSIDs of its access points (lower case, colons) as its controller or its
    list names them. `remeasures` is the id of the order of which the collector drew these places again; else empty.
    """

    spots: tuple[Spot, ...]
    networks: tuple[str, ...] = ()
    owned: tuple[str, ...] = ()
    remeasures: str = ""

    def points_at(self, place: str) -> int:
        """At how many points a place is to be measured; 0 where it is none of the survey's."""
        return next((spot.points for spot in self.spots if spot.place == place), 0)


class Scan(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    An order to measure: every agent in `agents` (key ids) runs every task once, not before `start_unix_us`.

    With a `survey` its walked probes (evidence.survey.WALKED) wait for a person: the probe `wifi` runs once or more at each point, each run a report of
    its own.
    """

    id: str
    school: str
    agents: tuple[str, ...]
    tasks: tuple[Task, ...]
    issued_unix_us: int
    expires_unix_us: int
    asked_by: AskedBy
    start_unix_us: int = 0
    survey: Survey | None = None

    def settings_of(self, probe: str) -> Settings | None:
        """The settings ordered for a probe; None when the order does not name it."""
        return next((task.settings for task in self.tasks if task.probe == probe), None)


class Cancellation(msgspec.Struct, frozen=True):
    """The collector takes back the order `scan`; what was sealed before stays."""

    scan: str
    school: str
    issued_unix_us: int


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far an agent is with one task of an order; it informs people and proves nothing."""

    probe: str
    state: str
    detail: str = ""


STATES = ("waiting", "running", "sealed", "stored", "expired", "cancelled", "refused")
