"""
Who measures what, and when?

An order is sealed and stored before any agent can see it. Its settings come from what the operator declared of the school,
never from the school's box; the same values are what the judge compares a report with.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.egress_orders import MOST_WATCHED, Wish, witnesses
from collector.follows import PROBE as VOLUMES
from collector.frameworks import Framework
from collector.headroom import PROBE as WATCH
from collector.ipv6_orders import INBOUND, from_outside, ladder, vantages
from collector.managed import PROBE as APS
from collector.messages import N_
from collector.school import Controller, School, Switch
from collector.sessions import PROBE as EGRESS
from collector.slots import Limits
from collector.stimulus import drawn
from collector.store import Store
from collector.survey_orders import new_codes, survey_of, walked_tasks
from collector.way_out import Placed, WayOut
from collector.wrong_order import WrongOrder
from evidence.model import Settings
from evidence.scan import AskedBy, Cancellation, Scan, Survey, Task
from evidence.seal import CANCELLATION, SCAN, seal
from evidence.survey import WALKED
from evidence.wire import OUTSIDE

__all__ = ["HOUR_US", "Dispatch", "Wake", "WrongOrder", "tasks_of"]

HOUR_US = 3_600_000_000
ASK_AGAIN_S = 1.0  # another process may have given the order
WAIT_S = 2
CONNECT_S = 3
WATCH_S = 300


@dataclass(slots=True)
class Wake:
    """Tells waiting polls that there may be something new; a poll that misses it asks again within `ASK_AGAIN_S`."""

    waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=set)

    async def wait(self, timeout_s: float) -> None:
        """Return when something was ordered or cancelled, or after the time."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        self.waiting.add(waiter)
        try:
            async with asyncio.timeout(min(timeout_s, ASK_AGAIN_S)):
                await waiter[1].wait()
        except TimeoutError:
            return
        finally:
            self.waiting.discard(waiter)

    def all(self) -> None:
        """Something new was ordered or cancelled; may be called from any thread."""
        for loop, event in tuple(self.waiting):
            loop.call_soon_threadsafe(event.set)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Gives and takes back orders."""

    store: Store
    key: Ed25519PrivateKey
    now_us: Callable[[], int]
    order_hours: int
    frameworks: tuple[Framework, ...] = ()
    limits: Limits = Limits()  # noqa: RUF009 - a frozen value
    survey_hours: int = 336
    wake: Wake = field(default_factory=Wake)

    def order(
        self,
        school: School,
        asked_by: AskedBy,
        agents: Sequence[str] = (),
        probes: Sequence[str] = (),
        start_us: int = 0,
        wish: Wish | None = None,
        places: Sequence[str] = (),
    ) -> Scan:
        """
        Order probes (unless named, all that the list has settings for but those that run by name only) of agents (all, unless named).

        `wish` says how the way out is to be measured, where that is among the probes; `places` where to walk, all unless some are named. Raises
        WrongOrder.
        """
        if set(probes) & set(WALKED):
            return self._survey(school, asked_by, agents, probes, start_us, places)
        if set(probes) & set(OUTSIDE):
            stored = self.store.ledger.of_school(school.id) if INBOUND in probes else ()
            who, tasks = vantages(school, agents, probes), from_outside(school, probes, stored, self.now_us())
        else:
            who, tasks = _who(school, agents), _tasks(school, probes)
        scan = self._scan(school, asked_by, who, tasks, start_us)
        if EGRESS in probes:
            ((scan, _),) = self._way_out.add(school, [(scan, wish or Wish())])
        else:
            self.store.orders.add(scan, seal(SCAN, scan, self.key))
        self.wake.all()
        return scan

    def _survey(
        self,
        school: School,
        asked_by: AskedBy,
        agents: Sequence[str],
        probes: Sequence[str],
        start_us: int,
        places: Sequence[str],
    ) -> Scan:
        """Order a walk through the school, with codes that only the collector knows; raises WrongOrder."""
        tasks = walked_tasks(probes)
        survey = survey_of(school, self.store.ledger.of_school(school.id), self.now_us(), places)
        scan = self._scan(school, asked_by, _who(school, agents), tasks, start_us, survey)
        self.store.surveys.add(scan, seal(SCAN, scan, self.key), new_codes(survey))
        self.wake.all()
        return scan

    def order_lines(
        self, school: School, asked_by: AskedBy, lines: Mapping[str, Sequence[str]], start_us: int, wish: Wish
    ) -> list[tuple[Scan, Placed]]:
        """
        Order runs over several lines of a school at the same time, each by the agents named for it: one group, an order each.

        Raises WrongOrder; then none is given.
        """
        everybody = [agent for agents in lines.values() for agent in agents]
        if len(set(everybody)) < len(everybody):
            raise WrongOrder(N_("An agent measures one line at a time: name each agent for one line only."))
        orders = [
            (self._scan(school, asked_by, _who(school, agents), [], start_us), replace(wish, line=line, group=True))
            for line, agents in lines.items()
        ]
        found = self._way_out.add(school, orders)
        self.wake.all()
        return found

    def _scan(
        self,
        school: School,
        asked_by: AskedBy,
        agents: tuple[str, ...],
        tasks: Sequence[Task],
        start_us: int,
        survey: Survey | None = None,
    ) -> Scan:
        """A new order, not yet sealed; raises WrongOrder while one of the school's own is open."""
        now_us = self.now_us()
        hours = self.order_hours if survey is None else self.survey_hours
        if asked_by is AskedBy.SCHOOL_ADMIN and self._is_busy(school, now_us, survey is not None):
            raise WrongOrder(
                N_("An order of {school} is still under way; wait for it or take it back."), school=school.name
            )
        return Scan(
            id=secrets.token_hex(16),
            school=school.id,
            agents=agents,
            tasks=tuple(tasks),
            issued_unix_us=now_us,
            expires_unix_us=now_us + hours * HOUR_US,
            asked_by=asked_by,
            start_unix_us=start_us,
            survey=survey,
        )

    def preview(
        self, school: School, agents: Sequence[str] = (), start_us: int = 0, wish: Wish | None = None
    ) -> Placed:
        """What an order of the way out would come to, its slot and its volume, without giving it; raises WrongOrder."""
        return self._way_out.preview(school, _who(school, agents), wish or Wish(), start_us, self.now_us())

    @property
    def _way_out(self) -> WayOut:
        """The part that books slots and gives tickets."""
        return WayOut(self.store, self.key, self.frameworks, self.limits)

    def _is_busy(self, school: School, now_us: int, walks: bool) -> bool:
        """Whether an order of the school's own is open: one at a time, so that nobody buries an evaluator's; a walk is open beside others."""
        undrawn = {scan.id for scan in self.store.surveys.undrawn(school.id)} if walks else set()
        own = [row for row in self.store.orders.of_school(school.id) if row.scan.asked_by is AskedBy.SCHOOL_ADMIN]
        open_ = [row.scan for row in own if row.is_open(now_us)]
        return any(scan.id in undrawn if walks else scan.survey is None for scan in open_)

    def cancel(self, scan: Scan) -> None:
        """Take an order back; what was sealed before stays."""
        cancellation = Cancellation(scan.id, scan.school, self.now_us())
        self.store.orders.cancel(scan, seal(CANCELLATION, cancellation, self.key))
        self.wake.all()


def _who(school: School, agents: Sequence[str]) -> tuple[str, ...]:
    """The agents that are asked, all that are trusted unless some are named; raises WrongOrder for a stranger, or for none."""
    trusted = tuple(agent for agent in school.held if agent not in school.revoked)
    strangers = sorted(set(agents) - set(trusted))
    if strangers:
        raise WrongOrder(N_("{school} has no agent {agent}."), school=school.name, agent=strangers[0])
    if not trusted:
        raise WrongOrder(N_("No agent of {school} is enrolled yet."), school=school.name)
    return tuple(dict.fromkeys(agents)) or trusted


def _tasks(school: School, probes: Sequence[str]) -> list[Task]:
    """The tasks of these probes, or of all that are not asked for by name only; that of the way out comes with its slot."""
    there = [*tasks_of(school), *_on_request(school, probes)]
    tasks = [task for task in there if not probes or task.probe in probes]
    if set(probes) - {task.probe for task in tasks} - {EGRESS} or not (tasks or EGRESS in probes):
        can = [task.probe for task in (*tasks_of(school), *_on_request(school, tuple(ON_REQUEST)))]
        can += [EGRESS] if any(not server.revoked for server in school.servers.values()) else []
        raise WrongOrder(
            N_("{school}: no such probe, or no settings for it in the school's list: {probes}; there are: {can}."),
            school=school.name,
            probes=", ".join(probes),
            can=", ".join(can),
        )
    return tasks


def tasks_of(school: School) -> list[Task]:
    """Every probe that can be ordered for a school, with settings from its declared list."""
    tasks = [Task("desk", {}), ladder(school)]
    if school.services:
        services = [[service.host, service.port] for service in school.services]
        tasks.append(Task("metro", {"services": services, "timeout_s": CONNECT_S}))
    if school.switches:
        tasks.append(Task("uplinks", _uplinks(school)))
    if school.controllers:
        tasks.append(Task(APS, {"controllers": [_controller(one) for one in school.controllers], "timeout_s": WAIT_S}))
    return tasks


def _controller(one: Controller) -> Settings:
    """One controller: what the list leaves out is left out."""
    known = {"host": one.host, "port": one.port, "name": one.name}
    return known | ({"vendor": one.vendor} if one.vendor else {})


def _uplinks(school: School) -> Settings:
    """The switches with what the list says of each, and the neighbours that may be asked beside them."""
    settings: Settings = {"switches": [_asked(school, switch) for switch in school.switches], "timeout_s": WAIT_S}
    if school.approved:
        settings |= {"discover": True, "approved": [{"name": name} for name in school.approved]}
    return settings


def _asked(school: School, switch: Switch) -> Settings:
    """One switch: what the list leaves out is left out."""
    wans = [end.port for end in school.wans if end.switch == switch.name]
    about: Settings = {"place": switch.place, "core": switch.core, "wan": wans}
    known = {key: value for key, value in about.items() if value}
    return {"host": switch.host, "port": switch.port, "name": switch.name, **known}


def _watched(school: School) -> Task | None:
    """A look at the ports to the outside while nothing is sent; None where the list has none."""
    switches = witnesses(school)[:MOST_WATCHED]
    return Task(WATCH, {"switches": switches, "window_s": WATCH_S}) if switches else None


# What runs inside the school only when it is asked for by name: it puts traffic on the school's links, or takes five minutes.
ON_REQUEST: dict[str, Callable[[School], Task | None]] = {VOLUMES: drawn, WATCH: _watched}


def _on_request(school: School, probes: Sequence[str]) -> list[Task]:
    """The tasks of those of these probes that are ordered by name only."""
    found = [task_of(school) for probe, task_of in ON_REQUEST.items() if probe in probes]
    return [task for task in found if task is not None]
