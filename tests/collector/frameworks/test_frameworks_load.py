"""Does a policy file become the values that stand in it, frozen and in base units?"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from collector.frameworks import (
    BoundWrong,
    Condition,
    Demand,
    Framework,
    Grade,
    Over,
    Part,
    PlaceKind,
    Setting,
    load,
    settled,
)
from evidence import quantities
from evidence.model import Unit

GOOD = Path(__file__).with_name("good.toml")


@pytest.fixture(scope="module")
def framework() -> Framework:
    """The whole grammar once."""
    return load(GOOD)


@pytest.fixture
def parts(framework: Framework) -> dict[str, Part]:
    """The parts of its first indicator, by id."""
    return {part.id: part for part in framework.indicators[0].parts}


def test_pinned(framework: Framework) -> None:
    """A framework names the hash of the bytes of its file."""
    assert framework.sha256 == hashlib.sha256(GOOD.read_bytes()).hexdigest()


def test_frozen(framework: Framework) -> None:
    """Nobody changes a framework after loading."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        framework.indicators[0].points = 9  # type: ignore[misc]


def test_indicator(framework: Framework) -> None:
    """Demand, points and levels are the document's."""
    one = framework.indicators[0]

    assert (one.demand, one.points, one.levels, one.elsewhere) == (Demand.POINTS, 2, ("one",), Demand.OPTIONAL)


def test_free(framework: Framework) -> None:
    """An item left to the school is optional everywhere."""
    two = framework.indicators[1]

    assert (two.free, two.demand, two.levels, two.elsewhere) == (True, Demand.OPTIONAL, (), None)


def test_rate(parts: dict[str, Part]) -> None:
    """A bound, its tolerance and its words come in the quantity's unit and as written."""
    assert parts["metro"] == Part(
        id="metro",
        asks="带宽",
        asks_en="Rate",
        either=(quantities.INTERNET_DOWN_IP, quantities.METRO_DOWN_IP),
        at_least=1_000_000_000,
        written="1 Gbit/s",
        tolerance_ppm=50_000,
        over=Over.ANY,
        within_days=30,
        grade=Grade.A3,
        when=Condition(owner="bureau", key="larger", equals="yes"),
    )


def test_at_most(framework: Framework) -> None:
    """A bound from above may be nought."""
    assert framework.indicators[1].parts[0].at_most == 0


def test_person(parts: dict[str, Part]) -> None:
    """A by-a-person part is asked in its own words and has no figure."""
    person = parts["person"]

    assert (person.kind, person.asks, person.asks_en, person.either, person.any_of) == (
        "person",
        "看过",
        "Seen",
        (),
        "seen",
    )


def test_machine(parts: dict[str, Part]) -> None:
    """Every other part is settled by readings."""
    assert {part.kind for part in parts.values() if part.id != "person"} == {"machine"}


def test_required(parts: dict[str, Part]) -> None:
    """Support never decides."""
    assert [part.id for part in parts.values() if part.required] == ["metro", "person", "state", "places"]


def test_places(parts: dict[str, Part]) -> None:
    """Kinds, main places, share and what the bureau must have set stand in the part."""
    part = parts["places"]
    wanted = (Over.PLACES, (PlaceKind.TEACHING,), True, 900_000, ("main_places", "rate"))

    assert (part.over, part.kinds, part.main, part.share_at_least_ppm, part.needs) == wanted


def test_all_kinds(tmp_path: Path) -> None:
    """ "All" is every kind of place that there is."""
    file = tmp_path / "all.toml"
    file.write_text(GOOD.read_text().replace('["teaching"]', '["all"]'))

    assert load(file).indicators[0].parts[4].kinds == tuple(PlaceKind)


@pytest.mark.parametrize(
    ("default", "value", "applies"),
    [
        pytest.param("", "line", True, id="set to it"),
        pytest.param("", "throughput", False, id="set to another"),
        pytest.param("", "", None, id="unset: nobody has decided"),
        pytest.param("line", "", True, id="unset: the default is it"),
        pytest.param("throughput", "", False, id="unset: the default is another"),
        pytest.param("line", "throughput", False, id="what is set beats the default"),
    ],
)
def test_condition(default: str, value: str, applies: bool | None) -> None:
    """A part applies when its setting, or else the default, holds what it names."""
    assert Condition(owner="bureau", key="egress_10g", equals="line", default=default).applies(value) is applies


def test_when_unset(parts: dict[str, Part]) -> None:
    """A condition takes the default of its setting."""
    assert [parts[name].when.when_unset for name in ("metro", "state")] == [False, True]  # type: ignore[union-attr]


def test_settled(parts: dict[str, Part]) -> None:
    """The bureau's setting becomes the bound, in words and in the quantity's unit."""
    part = settled(parts["places"], "100 Mbit/s")

    assert (parts["places"].at_least, part.at_least, part.written) == (None, 100_000_000, "100 Mbit/s")


@pytest.mark.parametrize(("name", "value"), [("places", ""), ("metro", "100 Mbit/s")], ids=["unset", "needs none"])
def test_not_settled(parts: dict[str, Part], name: str, value: str) -> None:
    """A part without such a setting stays as it is."""
    assert settled(parts[name], value) is parts[name]


CHOICE = Setting(owner="bureau", key="larger", asks="", asks_en="", choices=("yes", "no"))
RATE = Setting(owner="bureau", key="rate", asks="", asks_en="", unit=Unit.BIT_S)


@pytest.mark.parametrize(("setting", "value"), [(CHOICE, "no"), (RATE, "1 Gbit/s")], ids=["choice", "figure"])
def test_setting_taken(setting: Setting, value: str) -> None:
    """A choice that is offered, or a figure in the unit, is taken."""
    setting.check(value)


@pytest.mark.parametrize(("setting", "value"), [(CHOICE, "1 Gbit/s"), (RATE, "yes")], ids=["choice", "figure"])
def test_setting_refused(setting: Setting, value: str) -> None:
    """Anything else is refused before it is kept."""
    with pytest.raises(BoundWrong):
        setting.check(value)
