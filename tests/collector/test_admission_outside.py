"""Which reports of the operator's agents outside may be judged?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.admission import Standing, standings, unanswered
from collector.school import School
from evidence.model import Failure, Settings
from tests.collector.making import NOW, ordered, run, school

SETTINGS: Settings = {"services": [["portal.edu", 443]], "timeout_s": 3}
LOOK: Settings = {"sites": [{"name": "www.a.example", "port": 443}]}
KNOCK: Settings = {"addresses": ["2409:8a00::1"]}
OUTSIDE_RUNS = {
    probe: run(probe, settings=settings, agent="outside", failure=Failure.UNREACHABLE)
    for probe, settings in (("site", LOOK), ("inbound", KNOCK), ("metro", SETTINGS))
}


@pytest.mark.parametrize(
    ("probe", "about", "standing"),
    [
        pytest.param("site", {"vantages": {"outside": "v"}}, Standing.ADMITTED, id="a vantage looks at the site"),
        pytest.param("inbound", {"vantages": {"outside": "v"}}, Standing.ADMITTED, id="a vantage knocks"),
        pytest.param("site", {"held": {"outside": 1}}, Standing.NOT_THIS_AGENT, id="a box looks at its own site"),
        pytest.param("inbound", {"held": {"outside": 1}}, Standing.NOT_THIS_AGENT, id="a box knocks at itself"),
        pytest.param("site", {}, Standing.NOT_THIS_AGENT, id="a vantage that was revoked"),
        pytest.param(
            "metro", {"vantages": {"outside": "v"}}, Standing.NOT_THIS_AGENT, id="a vantage says what is inside"
        ),
    ],
)
def test_from_outside(probe: str, about: dict[str, Any], standing: Standing) -> None:
    """What only somebody outside can see counts of the operator's vantages alone, and nothing else of theirs does."""
    seen = School(**{"id": "s", "name": "一中", **about})

    assert standings(seen, [OUTSIDE_RUNS[probe]]).of[0][1] is standing


@pytest.mark.parametrize(
    ("vantages", "silent"), [({"outside": "v"}, ("outside",)), ({"another": "w"}, ())], ids=["trusted", "revoked"]
)
def test_a_silent_vantage(vantages: dict[str, str], silent: tuple[str, ...]) -> None:
    """A vantage that lets an order expire is waited for as long as it is trusted."""
    late = ordered("site", LOOK, agent="outside", days_ago=2)
    watched = school(orders=(late,), vantages=vantages)

    assert unanswered(watched, standings(watched, []), "site", NOW) == silent


def test_a_vantage_has_no_holes() -> None:
    """A vantage's chain runs over many schools: what a school has of it is never called incomplete."""
    fifth = run("site", settings=LOOK, agent="outside", sequence=5, failure=Failure.UNREACHABLE)

    assert standings(School("s", "一中", vantages={"outside": "v"}), [fifth]).complete
