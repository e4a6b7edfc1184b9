"""
Which report of an agent and which of a measurement server are two sights of one run over the way out?

*Method*: an order gives each agent a session at each server. The agent's report and the server's own that name it are one pair. Pure:
runs in, pairs out; what a pair is worth says `collector.egress`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collector.school import PATHS, Evidence, School, Server
from collector.sessions import PROBE, second_session
from evidence import quantities as q
from evidence.model import Quantity, Reading, Report

ALL_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Way:
    """What a quantity of the way out is about: the network, the direction, the server's quantity, and whether it is at the IP layer."""

    quantity: Quantity
    path: str
    direction: str
    observed: Quantity
    is_ip: bool


def _ways() -> Iterator[Way]:
    """Every quantity that both ends see."""
    for path in ("", *PATHS):
        for direction in ("down", "up"):
            for layer in ("", "_ip"):
                name = ".".join(filter(None, ("egress", path, direction + layer)))
                yield Way(q.ALL[name], path, direction, q.ALL[f"observed.{direction}{layer}"], layer == "_ip")


WAYS = {way.quantity.name: way for way in _ways()}


@dataclass(frozen=True, slots=True)
class Pair:
    """One session as seen from both ends; the server's side is missing where its report did not come."""

    way: Way
    run: Evidence
    own: Reading
    observation: Evidence | None = None
    observed: Reading | None = None
    server: Server | None = None
    second: Reading | None = None
    behind: tuple[Evidence, ...] = ()

    @property
    def low(self) -> int:
        """What both ends saw, in bit/s."""
        return min(one.low or 0 for one in (self.own, self.observed) if one is not None)

    @property
    def line(self) -> str:
        """The line that was to be measured."""
        return str(self.run.report.settings.get("line", ""))

    @property
    def slot(self) -> tuple[object, ...]:
        """What the members of a group have in common; every other session stands for itself."""
        facts = {} if self.observed is None else self.observed.facts
        window = facts.get("first_bin"), facts.get("end_bin")
        if self.server is None or not facts.get("group") or None in window:
            return (self.run.report.scan, self.run.report.session)
        return (self.server.id, facts["group"], *window)


def concerns(report: Report, quantity: str) -> bool:
    """Whether a run of the probe `egress` was to measure a quantity: its network, in its direction."""
    way = WAYS.get(quantity)
    if way is None or report.probe != PROBE:
        return way is None
    direction = report.settings.get("direction", "both")
    return report.settings.get("path", "") == way.path and direction in (way.direction, "both")


def pairs_of(way: Way, school: School, runs: Sequence[Evidence]) -> Iterator[Pair]:
    """Each agent's run that shows the quantity, with what the server signed of the same session."""
    observations = {(run.report.scan, run.report.session): run for run in runs if run.report.probe == q.SERVER}
    for run in runs:
        report = run.report
        own = reading_of(report, way.quantity) if concerns(report, way.quantity.name) else None
        if report.probe != PROBE or own is None:
            continue
        observation = observations.get((report.scan, report.session)) if report.session else None
        other = second_session(report.settings, report.agent)
        second = observations.get((report.scan, other.session)) if other is not None else None
        yield _joined(way, school, run, own, observation, second)


def _joined(
    way: Way, school: School, run: Evidence, own: Reading, observation: Evidence | None, second: Evidence | None
) -> Pair:
    """One session; of a server that saw nothing in this direction there is no word about it."""
    observed = None if observation is None else reading_of(observation.report, way.observed)
    if observation is None or observed is None:
        return Pair(way, run, own, behind=(run,))
    server = school.servers[observation.report.agent]
    if second is None or second.report.agent == server.id:
        return Pair(way, run, own, observation, observed, server, None, (run, observation))
    more = (second,) if own.high is not None else ()
    return Pair(
        way, run, own, observation, observed, server, reading_of(second.report, way.observed), (run, observation, *more)
    )


def reading_of(report: Report, quantity: Quantity) -> Reading | None:
    """The report's reading of a quantity; of one line there is one."""
    return next((one for one in report.readings if one.quantity == quantity.name), None)


def number_of(reading: Reading | None, fact: str) -> int:
    """A fact that is a number; 0 where it is not told."""
    value = 0 if reading is None else reading.facts.get(fact, 0)
    return value if isinstance(value, int) else 0


def agree(one: Reading, other: Reading, within_ppm: int) -> bool:
    """Whether two rates differ by no more than a part of the higher one."""
    lower, higher = sorted((one.low or 0, other.low or 0))
    return (higher - lower) * ALL_PPM <= higher * within_ppm
