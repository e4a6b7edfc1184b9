"""
What happens when somebody says “I stand here”?

*Method*: the request gets a row in the outbox before anything is measured, under the id that the page gave it, so that asking again is never
measuring again. One thread measures, one point at a time; the sealed report and the row's new state are one transaction. A row
whose run was cut off by a restart is told as lost, for the walker may stand elsewhere by now.

What it does not prove: where the box stands.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent import clock
from agent.config import AgentConfig
from agent.identity import Identity
from agent.outbox import Outbox, Visit
from agent.scan import Finding, run_probe
from agent.service import report_of
from agent.survey.route import Route, hint_of, route_of
from evidence.errors import Rejected
from evidence.model import Failure, Settings
from evidence.scan import Scan
from evidence.seal import SCAN, open_sealed
from evidence.survey import TRIES, WALKED, is_code, tidied

WIFI, ROAM = WALKED
NOT_SEALED = (
    Failure.NOT_PERMITTED,
    Failure.NOT_SUPPORTED,
    Failure.BUG,
)  # nothing was heard, and the walker can mend it
MEASURING, SEALED, LOST, REFUSED = "measuring", "sealed", "lost", "refused"
LONGEST_ID = 64
SUFFIXES = {".pcap": "pcap", ".pcapng": "pcap", ".cap": "pcap"}


class WrongVisit(ValueError):
    """What was asked cannot be measured; `code` is one of a closed list that the page has words for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Walker:
    """A box on its walk; `replay` is a recording instead of the radio, `told` hears of each sealed report."""

    config: AgentConfig
    identity: Identity
    outbox: Outbox
    told: Callable[[Route], None] = lambda route: None
    replay: Path | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    cancel: threading.Event = field(default_factory=threading.Event)
    waiting: queue.Queue[Visit | None] = field(default_factory=queue.Queue)
    progress: dict[str, dict[str, Any]] = field(default_factory=dict)
    asking: threading.Lock = field(default_factory=threading.Lock)

    def surveys(self) -> list[Scan]:
        """The orders that somebody can walk now; those that are over are dropped."""
        now_us, found = clock.unix_us(), {}
        for task in self.outbox.pending():
            try:
                scan = open_sealed(task.order, self.identity.find_collector).body(SCAN, Scan)
            except Rejected:  # kept by another collector's agent, before an enrolment anew
                continue
            if scan.survey is not None and scan.start_unix_us <= now_us <= scan.expires_unix_us:
                found[scan.id] = scan
        return list(found.values())

    def routes(self) -> list[Route]:
        """How far each of them is."""
        visits = self.outbox.visits()
        return [route_of(scan, visits) for scan in self.surveys()]

    def begin(self, identity: str, scan: str, place: str, point: int, code: str) -> Visit:
        """
        Ask for one point to be measured now; the same id again gives the same visit. Raises WrongVisit.

        One at a time: a second point is refused while one is measured.
        """
        with self.asking:
            known = self.outbox.visit(identity)
            if known is not None:
                return known
            visit = self._checked(identity, scan, place, point, code)
            if any(one.state == MEASURING for one in self.outbox.visits()):
                raise WrongVisit("busy")
            self.outbox.begin(visit)
        self.waiting.put(visit)
        return visit

    def _checked(self, identity: str, scan: str, place: str, point: int, code: str) -> Visit:
        """A visit that the order asks for, at its next attempt."""
        if not 8 <= len(identity) <= LONGEST_ID:
            raise WrongVisit("bad_request")
        route = next((one for one in self.routes() if one.scan.id == scan), None)
        if route is None:
            raise WrongVisit("no_survey")
        if place == "" and route.scan.settings_of(ROAM) is not None:
            return Visit(identity, scan, "", 0, 1, "", MEASURING)
        stop = next((one for one in route.stops if one.place == place), None)
        if stop is None or not 1 <= point <= stop.points:
            raise WrongVisit("no_place")
        if not is_code(code):
            raise WrongVisit("bad_code")
        attempt = stop.tries.get(point, 0) + 1
        if attempt > TRIES:
            raise WrongVisit("tries")
        return Visit(identity, scan, place, point, attempt, tidied(code), MEASURING)

    # --- measuring -------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Measure what is asked for until told to stop; to be run on a thread of its own."""
        for cut_off in self.outbox.visits():
            if cut_off.state == MEASURING:
                self.outbox.settle(cut_off.id, LOST, {})
        while not self.stop.is_set():
            visit = self.waiting.get()
            if visit is not None:
                self._measure(visit)

    def end(self) -> None:
        """Stop working; a run under way is dropped and told as lost."""
        self.stop.set()
        self.waiting.put(None)

    def _measure(self, visit: Visit) -> None:
        """One run, sealed, with the row's new state in the same transaction."""
        scan = next((one for one in self.surveys() if one.id == visit.scan), None)
        probe = WIFI if visit.place else ROAM
        ordered = scan.settings_of(probe) if scan is not None else None
        if scan is None or ordered is None:
            self.outbox.settle(visit.id, LOST, {})
            return
        self.cancel.clear()

        def hear(line: dict[str, Any]) -> None:
            self.progress[visit.id] = line

        finding = run_probe(probe, ordered, self.config, self._unwanted, hear, True, self._walk(scan, visit))
        self.progress.pop(visit.id, None)
        if self._unwanted():
            self.outbox.settle(visit.id, LOST, {})
        elif finding.failure in NOT_SEALED:
            self.outbox.settle(visit.id, REFUSED, {"failure": finding.failure, "detail": finding.detail})
        else:
            self._seal(visit, scan, probe, ordered, finding)

    def _unwanted(self) -> bool:
        """Whether the run under way is to end, and leave nothing behind."""
        return self.stop.is_set() or self.cancel.is_set()

    def _walk(self, scan: Scan, visit: Visit) -> Settings:
        """What the walk adds to the ordered settings."""
        survey = scan.survey
        joined: Settings = {"networks": list(survey.networks), "owned": list(survey.owned)} if survey else {}
        if visit.place:
            joined |= {"point": visit.point, "attempt": visit.attempt, "code": visit.code}
            if self.replay is not None:
                joined["source"] = {SUFFIXES.get(self.replay.suffix, "nl80211_dump"): str(self.replay)}
        return joined

    def _seal(self, visit: Visit, scan: Scan, probe: str, ordered: Settings, finding: Finding) -> None:
        """Seal what was found; a walk that is complete ends its task."""
        owned = scan.survey.owned if scan.survey is not None else ()
        hint, best_mbm, heard = hint_of(finding.readings, owned, finding.failure)
        summary = {
            "hint": hint,
            "best_mbm": best_mbm,
            "heard": heard,
            "failure": finding.failure or "",
            "detail": finding.detail,
        }
        sealing = report_of(self.identity, finding, probe, ordered, scan.id, visit.place)
        self.outbox.seal(probe, scan.id, self._position(scan, probe, visit), finding.raws, sealing, (visit.id, summary))
        self.told(route_of(scan, self.outbox.visits()))

    def _position(self, scan: Scan, probe: str, visit: Visit) -> int:
        """The task that is done with this report: that of a walk only with its last point."""
        position = next(number for number, task in enumerate(scan.tasks) if task.probe == probe)
        if probe == ROAM:
            return position
        route = route_of(scan, [*self.outbox.visits(), visit.as_sealed()])
        return position if route.complete and not route.repeat else -1
