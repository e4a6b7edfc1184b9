"""Which of the services inside the education network were reached, and does what is missing ever count as good?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.derived import inside_services
from collector.school import Service, Switch
from collector.verdict import Code, Measured
from evidence import quantities as q
from evidence.model import Failure
from tests.collector.making import (
    ALL_SERVICES,
    CORE,
    FAR,
    GIGABIT,
    INSIDE,
    NEAR,
    OTHER_BOX,
    codes,
    ends,
    metro,
    run,
    school,
)

TEN = 10 * GIGABIT
ALL = (CORE, NEAR, FAR)
SLOW = Switch("slow", "10.0.0.4", place="main/b2/2")


# --- The education network ---------------------------------------------------------------------------------------------


def inside(accepted: list[str], low: int, high: int | None = None, asked: Any = None, **about: Any) -> Measured:
    """What a run that reached these says about the inside services."""
    connects = [q.METRO_CONNECT.reading(900, subject) for subject in accepted]
    total = q.METRO_REACHED.between(low, low if high is None else high)
    settings = ALL_SERVICES if asked is None else {"services": asked}
    one = run("metro", *connects, total, settings=settings)
    return inside_services(school(**{"services": INSIDE, **about}), [one])


@pytest.mark.parametrize(
    ("accepted", "low", "high", "interval", "down"),
    [
        pytest.param(["a.edu:443", "b.edu:80", "out.edu:443"], 10**6, None, (10**6, 10**6), 0, id="all"),
        pytest.param(["a.edu:443", "b.edu:80"], 666_666, None, (10**6, 10**6), 0, id="only the outside one is down"),
        pytest.param(["a.edu:443", "out.edu:443"], 666_666, None, (500_000, 500_000), 1, id="one inside is down"),
        pytest.param(["out.edu:443"], 333_333, None, (0, 0), 2, id="both inside are down"),
        pytest.param(["a.edu:443"], 333_333, 666_666, (500_000, 10**6), 1, id="one is undecided"),
        pytest.param([], 0, 10**6, (0, 10**6), 2, id="the resolver is silent"),
    ],
)
def test_inside_services(accepted: list[str], low: int, high: int | None, interval: tuple[int, int], down: int) -> None:
    """Only services registered as inside count; one that a silent resolver left undecided widens the share."""
    found = inside(accepted, low, high)

    assert (ends(found), codes(found)) == ([interval], [Code.SERVICE_DOWN] * down)


def test_thirds_are_not_lost_to_rounding() -> None:
    """Where all that is missing may still be reached, the upper end is a hundred per cent."""
    services = tuple(Service(host, 1, True) for host in "abc")
    found = inside(["a:1"], 333_333, 10**6, [[host, 1] for host in "abc"], services=services)

    assert ends(found) == [(333_333, 10**6)]


def test_a_service_declared_since() -> None:
    """A service that the run was not asked about is not known, and not said to be down."""
    found = inside(["a.edu:443"], 10**6, asked=[["a.edu", 443]])

    assert (ends(found), codes(found)) == ([(500_000, 10**6)], [Code.NO_EVIDENCE])


def test_no_inside_service() -> None:
    """Without a service registered as inside, reaching others proves nothing."""
    assert codes(inside(["out.edu:443"], 10**6, services=INSIDE[2:])) == [Code.NOT_DECLARED]


def test_a_run_that_did_not_count() -> None:
    """A run that failed before its share says nothing, even where it connected."""
    one = run("metro", q.METRO_CONNECT.reading(9, "a.edu:443"), failure=Failure.INTERRUPTED)

    assert inside_services(school(services=INSIDE), [one]) == Measured()


def test_every_agent_counts() -> None:
    """Each agent's run gives a share of its own, so that the worst decides."""
    runs = [metro("a.edu:443", "b.edu:80"), metro("a.edu:443", agent=OTHER_BOX)]

    assert ends(inside_services(school(services=INSIDE), runs)) == [(10**6, 10**6), (500_000, 500_000)]


def test_an_ipv6_service() -> None:
    """A service at an IPv6 address is found under the name that the probe gives it."""
    services = (Service("fd00::1", 443, True),)

    assert ends(inside(["[fd00::1]:443"], 10**6, asked=[["fd00::1", 443]], services=services)) == [(10**6, 10**6)]
