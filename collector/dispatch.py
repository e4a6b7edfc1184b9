"""
Who measures what, and when?

An order is sealed and stored before any agent can see it. Its settings come from what the operator declared of the school,
never from the school's box; the same values are what the judge compares a report with.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.follows import PROBE as VOLUMES
from collector.messages import N_
from collector.school import School, Switch
from collector.stimulus import drawn
from collector.store import Store
from evidence.model import Settings
from evidence.scan import AskedBy, Cancellation, Scan, Task
from evidence.seal import CANCELLATION, SCAN, seal

HOUR_US = 3_600_000_000
LAB_PREFIXES = ["2001:db8::/32"]  # the documentation prefix (RFC 3849) stands for a real one in a virtual school only
ASK_AGAIN_S = 1.0  # another process may have given the order
WAIT_S = 2
CONNECT_S = 3


class WrongOrder(Exception):
    """Nothing can be ordered; the message (of the catalogue) says what is missing, `about` fills its blanks."""

    def __init__(self, message: str, **about: str) -> None:
        super().__init__(message.format(**about))
        self.message = message
        self.about = about


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
    wake: Wake = field(default_factory=Wake)

    def order(
        self,
        school: School,
        asked_by: AskedBy,
        agents: Sequence[str] = (),
        probes: Sequence[str] = (),
        start_us: int = 0,
    ) -> Scan:
        """Order probes (unless named, all that the list has settings for and that send no traffic of their own) of agents (all, unless named)."""
        tasks = [
            task for task in (*tasks_of(school), *_on_request(school, probes)) if not probes or task.probe in probes
        ]
        who = agents or tuple(agent for agent in school.held if agent not in school.revoked)
        strangers = sorted(set(who) - (set(school.held) - school.revoked))
        if strangers:
            raise WrongOrder(N_("{school} has no agent {agent}."), school=school.name, agent=strangers[0])
        if not who:
            raise WrongOrder(N_("No agent of {school} is enrolled yet."), school=school.name)
        if not tasks or set(probes) - {task.probe for task in tasks}:
            can = ", ".join(task.probe for task in (*tasks_of(school), *_on_request(school, [VOLUMES])))
            raise WrongOrder(
                N_("{school}: no such probe, or no settings for it in the school's list: {probes}; there are: {can}."),
                school=school.name,
                probes=", ".join(probes),
                can=can,
            )
        now_us = self.now_us()
        if asked_by is AskedBy.SCHOOL_ADMIN and self._is_busy(school, now_us):
            raise WrongOrder(
                N_("An order of {school} is still under way; wait for it or take it back."), school=school.name
            )
        scan = Scan(
            id=secrets.token_hex(16),
            school=school.id,
            agents=tuple(who),
            tasks=tuple(tasks),
            issued_unix_us=now_us,
            expires_unix_us=now_us + self.order_hours * HOUR_US,
            asked_by=asked_by,
            start_unix_us=start_us,
        )
        self.store.orders.add(scan, seal(SCAN, scan, self.key))
        self.wake.all()
        return scan

    def _is_busy(self, school: School, now_us: int) -> bool:
        """Whether an order of the school's own is open: one at a time, so that nobody buries an evaluator's."""
        own = [row for row in self.store.orders.of_school(school.id) if row.scan.asked_by is AskedBy.SCHOOL_ADMIN]
        return any(row.is_open(now_us) for row in own)

    def cancel(self, scan: Scan) -> None:
        """Take an order back; what was sealed before stays."""
        cancellation = Cancellation(scan.id, scan.school, self.now_us())
        self.store.orders.cancel(scan, seal(CANCELLATION, cancellation, self.key))
        self.wake.all()


def tasks_of(school: School) -> list[Task]:
    """Every probe that can be ordered for a school, with settings from its declared list."""
    lab: Settings = {"lab_prefixes": LAB_PREFIXES} if school.virtual else {}
    tasks = [Task("desk", {}), Task("ipv6", lab)]
    if school.services:
        services = [[service.host, service.port] for service in school.services]
        tasks.append(Task("metro", {"services": services, "timeout_s": CONNECT_S}))
    if school.switches:
        tasks.append(Task("uplinks", _uplinks(school)))
    return tasks


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


def _on_request(school: School, probes: Sequence[str]) -> list[Task]:
    """What is only measured when it is asked for by name, because it puts traffic on the school's links."""
    task = drawn(school) if VOLUMES in probes else None
    return [] if task is None else [task]
