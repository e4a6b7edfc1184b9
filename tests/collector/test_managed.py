"""Is the share under one management told as far as it is known, and no further?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.judge import judge
from collector.managed import managed_share
from collector.school import Controller, Evidence
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.model import Facts
from tests.collector.making import CORE, NOW, clause, part, run, school

ONE, TWO = Controller("ac-1", "10.0.0.9"), Controller("ac-2", "10.0.0.10")


def listed(aps: dict[str, str], answered: dict[str, int], also: str = "") -> Evidence:
    """One run of `aps`: which controller tells of which access point."""
    told = []
    for name, controller in aps.items():
        facts: Facts = {"controller": controller}
        facts |= {"also": also} if also else {}
        told.append(q.AP_STATE.reading("up", name, facts))
    return run("aps", *told, *(q.APS_ANSWERED.reading(ppm, subject) for subject, ppm in answered.items()))


BOTH = {ONE.subject: 1_000_000, TWO.subject: 1_000_000}
CASES: list[Any] = [
    pytest.param({"a": ONE.subject, "b": ONE.subject}, BOTH, "", 0, (10**6, 10**6), set(), id="all in one"),
    pytest.param({"a": ONE.subject, "b": TWO.subject}, BOTH, "", 0, (500_000, 500_000), set(), id="half and half"),
    pytest.param(
        {"a": ONE.subject, "b": TWO.subject}, BOTH, TWO.subject, 0, (10**6, 10**6), set(), id="an active pair"
    ),
    pytest.param({"a": ONE.subject}, BOTH, "", 1, (500_000, 10**6), {Code.NOT_MANAGED}, id="a switch nobody tells of"),
    pytest.param(
        {"a": ONE.subject},
        {ONE.subject: 10**6, TWO.subject: 0},
        "",
        0,
        (0, 10**6),
        {Code.CONTROLLER_SILENT},
        id="one is silent",
    ),
]


@pytest.mark.parametrize(("aps", "answered", "also", "switches", "ends", "codes"), CASES)
def test_share(
    aps: dict[str, str], answered: dict[str, int], also: str, switches: int, ends: tuple[int, int], codes: set[Code]
) -> None:
    """What nobody can know widens the interval."""
    mine = listed(aps, answered, also)
    found = managed_share(school([mine], controllers=(ONE, TWO), switches=(CORE,) * switches), [mine])
    (reading,) = found.readings

    assert ((reading.at_least, reading.at_most), {reason.code for reason in found.reasons}) == (ends, codes)


def test_no_access_point() -> None:
    """A controller without access points shows nothing."""
    mine = run("aps", q.APS_ANSWERED.reading(1_000_000, ONE.subject))

    assert managed_share(school([mine], controllers=(ONE,)), [mine]).readings == ()


def test_judged() -> None:
    """All access points at one controller, and no switch in the list: met."""
    mine = run("aps", *listed({"a": ONE.subject}, {ONE.subject: 1_000_000}).report.readings)
    asked = clause(part(either=(q.DEVICES_MANAGED_SHARE,), at_least=1_000_000))

    assert judge(asked, school([mine], controllers=(ONE,)), [mine], NOW).status is Status.MET
