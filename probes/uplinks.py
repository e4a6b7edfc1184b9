"""
Which ports of the listed switches are up and how fast, what joins the switches, and what is each port for?

*Method*: each switch is asked over SNMP for the tables named in `probes/_switch/mib.py`, at a pace that it does not feel, and
over SSH for what those leave open, where the box has an account. A rate counts only while the port is up, and only if it is
one that Ethernet has; what contradicts itself is a conflict at the lower rate. Two switches are joined for certain if each
names the other's port. No address is tried that the school did not list, or approve by name after a listed switch named it.

What it does not prove: that data passes at the rate told, or that a switch tells the truth; `stimulus` raises the price of
that lie. A switch that did not show all its ports counts as not answered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from evidence import quantities as q
from evidence.model import Failure, Raw, Reading, Unmeasurable
from probes import Probe
from probes._settings import FROZEN, TimeoutS
from probes._snmp import backends
from probes._snmp.pace import Pace
from probes._switch import approved, ipv6_use, told
from probes._switch.asking import Asked, ask_switch
from probes._switch.school import readings_of_all, seen_by
from probes._switch.settings import Approved, Switch, each_once

AT_ONCE = {backends.Name.OWN: 64, backends.Name.PYSNMP: 8}  # pysnmp starves its own timers above (docs/decisions/0009)


class Settings(BaseModel):
    """What a Scan orders of this probe, with the secrets that the agent adds; times are in seconds."""

    model_config = FROZEN

    switches: Annotated[list[Switch], Field(min_length=1, max_length=200), AfterValidator(each_once)] = Field(
        description="the switches to ask"
    )
    timeout_s: TimeoutS = Field(default=2.0, description="longest wait for one reply")
    retries: Annotated[int, Field(strict=True, ge=0, le=5)] = Field(
        default=2, description="how often a request without a reply is repeated"
    )
    discover: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="ask also the neighbours in approved, at the addresses that listed switches name"
    )
    approved: Annotated[list[Approved], Field(max_length=200)] = Field(
        default=[], description="neighbours that an admin approved by name; needs discover"
    )
    backend: backends.Name = Field(default=backends.Name.OWN, description="which code talks SNMP: own or pysnmp")

    @model_validator(mode="after")
    def _no_surprise(self) -> Self:
        """Refuse names that would not be asked."""
        if self.approved and not self.discover:
            raise ValueError("approved: these are asked only with discover = true")
        return self


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Read every listed switch and what joins them; raises Unmeasurable, after its readings, only where no switch answered."""
    asked: list[Asked] = []
    pace = Pace()
    with asyncio.Runner() as loop:
        # 1. The listed switches, then those that they name and an admin approved, until nobody names another.
        waiting: Sequence[Switch] = settings.switches
        while waiting:
            tasks = loop.run(_start(waiting, settings, pace))
            for task in tasks:
                one = loop.run(_finished(task))
                asked.append(one)
                # 2. What was read of each, as soon as it and those before it are done.
                yield from _of_one(len(asked), one)
            waiting = approved.unasked(settings.approved, asked) if settings.discover else ()
    # 3. What joins them, and what follows.
    seen = seen_by(asked)
    yield Raw("topology.json", seen.topology())
    yield from readings_of_all(seen)
    yield ipv6_use.use_rung([ipv6_use.use_of(one.told.tables) for one in asked])
    yield told.answered_by_all(asked, len(seen.undiscovered))
    # 4. Nothing was measured if nobody answered.
    if all(one.failure for one in asked):
        raise Unmeasurable(asked[0].failure or Failure.UNREADABLE, asked[0].detail)


async def _start(switches: Sequence[Switch], settings: Settings, pace: Pace) -> list[asyncio.Task[Asked]]:
    """One task a switch, of which so many run at a time."""
    free = asyncio.Semaphore(AT_ONCE[settings.backend])
    backend = backends.backend(settings.backend, pace)

    async def in_turn(switch: Switch) -> Asked:
        async with free:
            return await ask_switch(switch, backend, settings.timeout_s, settings.retries)

    return [asyncio.create_task(in_turn(switch)) for switch in switches]


async def _finished(task: asyncio.Task[Asked]) -> Asked:
    """What a task came to."""
    return await task


def _of_one(number: int, one: Asked) -> Iterator[Reading | Raw]:
    """The raw evidence and the readings of one switch."""
    head = {"switch": one.switch.subject, "name": one.switch.name, "version": one.switch.spoken}
    yield Raw(f"switch-{number}.json", json.dumps(head | one.told.record(), ensure_ascii=False, indent=1).encode())
    yield from told.port_readings(one.switch.subject, one.ports)
    yield from ipv6_use.vlan_rungs(one.switch.subject, one.told.tables)
    yield told.answered(one)


PROBE = Probe(
    produces=(
        q.PORT_UP,
        q.PORT_SPEED,
        q.PORT_ROLE,
        q.LINK_SPEED,
        q.BACKBONE_MIN,
        q.BUILDING_MIN,
        q.CORE_SPEED,
        q.DESKTOP_GIGABIT_SHARE,
        q.UPLINK_REDUNDANT_SHARE,
        q.WAN_SPEED,
        q.WAN_MEDIUM,
        q.WAN_IN,
        q.WAN_OUT,
        q.IPV6_RUNG,
        q.DEVICES_ANSWERED,
    ),
    settings=Settings,
    run=run,
    deadline_s=900,
)
