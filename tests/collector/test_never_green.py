"""Does any report that is not the answer to its order ever turn a clause green?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from collector.dispatch import HOUR_US, tasks_of
from collector.frameworks import shipped
from collector.judge import judge_all
from collector.school import Evidence
from collector.verdict import Status
from evidence import quantities as q
from evidence.model import Reading
from evidence.scan import Task
from tests.collector.making import (
    BOX,
    CAMPUS,
    INSIDE,
    NEAR,
    NOW,
    OTHER_BOX,
    REACHABLE,
    WHOLE,
    connects,
    ladder,
    ordered,
    port,
    run,
    school,
)

FULL = school(**CAMPUS, services=INSIDE)
PERFECT: dict[str, tuple[Reading, ...]] = {
    "desk": (q.DESK_SPEED.reading(10 * q.GIGABIT, "eth0", {"driver": "ixgbe"}),),
    "ipv6": ladder(4, 1),
    "metro": connects(*REACHABLE),
    "uplinks": (*WHOLE, *port(NEAR, "ge1")),
}
FULL_SCAN = msgspec.structs.replace(ordered("desk", {}), tasks=tuple(tasks_of(FULL)))


def perfect() -> list[Evidence]:
    """Perfect answers of one agent to an order of every probe."""
    return [
        run(task.probe, *PERFECT[task.probe], settings=task.settings, scan=FULL_SCAN, sequence=number)
        for number, task in enumerate(FULL_SCAN.tasks, start=1)
    ]


def forged(kind: str) -> list[Evidence]:
    """The same perfect readings, each spoiled in one way."""
    rows = perfect()
    if kind == "not ordered":
        return [replace(one, scan=None) for one in rows]
    if kind == "other settings":
        return [_with(one, settings={**one.report.settings, "timeout_s": 1}) for one in rows]
    if kind == "another place":
        return [_with(one, place="main/b1/1") for one in rows]
    if kind == "empty":
        return [_with(one, readings=()) for one in rows]
    if kind == "own server":
        return [_with(one, settings={"services": [["127.0.0.1", 443]]}) for one in rows if one.report.probe == "metro"]
    every: dict[str, dict[str, Any]] = {
        "another school": {"school": "t"},
        "another agent": {"agents": (OTHER_BOX,)},
        "another id": {"id": "x"},
        "another probe": {"tasks": (Task("names", {}),)},
        "too early": {"start_unix_us": NOW + HOUR_US},
        "the future": {"issued_unix_us": NOW + 1},
    }
    changes = every[kind]
    return [replace(one, scan=msgspec.structs.replace(FULL_SCAN, **changes)) for one in rows]


def _with(one: Evidence, **about: Any) -> Evidence:
    """The same run with other fields in its report."""
    return replace(one, report=msgspec.structs.replace(one.report, **about))


def parts_met(stored: list[Evidence]) -> int:
    """How many parts of all policies are met by this evidence."""
    about = replace(FULL, held={BOX: max((one.report.sequence for one in stored), default=0)}, stands={BOX: ""})
    stored = sorted(stored, key=lambda one: one.report.sequence)
    return sum(
        part.status is Status.MET for verdict in judge_all(shipped(), about, stored, NOW) for part in verdict.parts
    )


def test_perfect_answers_are_judged() -> None:
    """The same readings in answer to an order do meet parts: what follows is not true of nothing."""
    assert parts_met(perfect()) > 10


@pytest.mark.parametrize(
    "kind",
    [
        "not ordered",
        "other settings",
        "own server",
        "another school",
        "another agent",
        "another id",
        "another probe",
        "another place",
        "empty",
        "too early",
        "the future",
    ],
)
def test_never_green(kind: str) -> None:
    """Perfect readings that answer no order of the collector as it was given meet no part of any policy."""
    assert parts_met(forged(kind)) == 0


def test_a_second_answer_is_never_green() -> None:
    """Perfect readings sent after a first, bad answer to the same order meet nothing."""
    first = [_with(one, readings=()) for one in perfect()]
    second = [
        replace(_with(one, sequence=one.report.sequence + 4, previous="x"), id=f"{one.id}-again") for one in perfect()
    ]
    assert parts_met([*first, *second]) == 0
