"""
Which access points do the school's wireless controllers know, and which networks do these send?

*Method*: each controller is asked over SNMP for the tables named in `probes/_aps/mib.py`, at a pace that it does not feel, and over SSH for
what those leave open, where the box has an account. An access point that stands in any of the tables is one of the list; a state
that no table tells is unknown. What two controllers know of one access point is told once, by the one that has it at work.

What it does not prove: that an access point sends what its controller says, or that anybody hears it: that is `wifi`'s. A controller may
list what is not there, and an access point on its own is in no controller's list. Addresses of networks of Cisco's are worked out.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from evidence import quantities as q
from evidence.model import Failure, Raw, Reading, Unmeasurable
from probes import Probe
from probes._aps import told
from probes._aps.asking import Asked, ask_controller
from probes._aps.settings import Controller
from probes._settings import FROZEN, TimeoutS
from probes._snmp import backends
from probes._snmp.pace import Pace
from probes._switch.settings import each_once

MOST_CONTROLLERS = 50
Mac = Annotated[str, Field(strict=True, pattern=r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")]


class Settings(BaseModel):
    """What a Scan orders of this probe, with the secrets that the agent adds; times are in seconds."""

    model_config = FROZEN

    controllers: Annotated[
        list[Controller], Field(min_length=1, max_length=MOST_CONTROLLERS), AfterValidator(each_once)
    ] = Field(description="the wireless controllers to ask")
    timeout_s: TimeoutS = Field(default=2.0, description="longest wait for one reply")
    retries: Annotated[int, Field(strict=True, ge=0, le=5)] = Field(
        default=2, description="how often a request without a reply is repeated"
    )
    stations: Annotated[list[Mac], Field(max_length=4)] = Field(
        default=[], description="hardware addresses of this box, whose hand-overs the controllers are asked for"
    )


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Read every listed controller; raises Unmeasurable, after its readings, only where none answered."""
    asked: list[Asked] = []
    with asyncio.Runner() as loop:
        # 1. Each controller, and what was read of it as soon as it and those before it are done.
        tasks = loop.run(_start(settings))
        for task in tasks:
            one = loop.run(_finished(task))
            asked.append(one)
            yield _record(len(asked), one)
            yield told.answered(one)
    # 2. What they know together.
    yield from told.readings_of_all(asked)
    yield from told.roamed(asked)
    yield told.answered_by_all(asked)
    # 3. Nothing was measured if nobody answered.
    if all(one.failure for one in asked):
        raise Unmeasurable(asked[0].failure or Failure.UNREADABLE, asked[0].detail)


async def _start(settings: Settings) -> list[asyncio.Task[Asked]]:
    """One task a controller."""
    backend = backends.backend(backends.Name.OWN, Pace())
    return [
        asyncio.create_task(ask_controller(one, backend, settings.timeout_s, settings.retries, settings.stations))
        for one in settings.controllers
    ]


async def _finished(task: asyncio.Task[Asked]) -> Asked:
    """What a task came to."""
    return await task


def _record(number: int, one: Asked) -> Raw:
    """The raw evidence of one controller."""
    head = {"controller": one.controller.subject, "name": one.controller.name, "version": one.controller.spoken}
    return Raw(f"controller-{number}.json", json.dumps(head | one.told.record(), ensure_ascii=False).encode())


PROBE = Probe(
    produces=(q.APS_ANSWERED, q.AP_STATE, q.AP_BSSID, q.AP_RADIO, q.AP_WIRED, q.ROAM_TRACE),
    settings=Settings,
    run=run,
    deadline_s=900,
)
