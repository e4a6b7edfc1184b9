"""Over generated buildings with walls and shadowing, is a true hole ever called covered, and is the share right?"""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import hypot, log10

import pytest

from collector.coverage import rows_of
from collector.school import Place
from collector.wifi_profile import profile
from tests.collector.making import NOW
from tests.collector.wifi_school import OWN, Walked

ROOMS, ROOM_M, WALL_DB = 24, 6.0, 6.0
POWER_DBM, FIRST_METRE_DB, EXPONENT = 17.0, 47.0, 2.2
SHADOW_DB = 4.0
ADAPTER_DB = 3.0  # what two adapters of one model differ by: the profile's uncertainty
WORLDS = range(40)


@dataclass(frozen=True)
class World:
    """One corridor of rooms: where the access points stand, and how each weakens on the way to each room."""

    aps: tuple[float, ...]
    shadows: dict[tuple[int, int], float]

    def truth_dbm(self, room: int) -> float:
        """The strength of the best access point in the middle of a room."""
        return max(self._from(number, room) for number in range(len(self.aps)))

    def _from(self, number: int, room: int) -> float:
        """One access point's strength there: distance, walls and shadow."""
        middle = (room + 0.5) * ROOM_M
        away = max(1.0, hypot(middle - self.aps[number], 3.0))
        walls = abs(int(self.aps[number] // ROOM_M) - room)
        return POWER_DBM - FIRST_METRE_DB - 10 * EXPONENT * log10(away) - WALL_DB * walls - self.shadows[number, room]

    def vector(self, room: int, error_db: float) -> dict[str, int]:
        """What an adapter with this error hears there of each access point, down to its noise."""
        told = {OWN[number]: round(100 * (self._from(number, room) + error_db)) for number in range(len(self.aps))}
        return {bssid: mbm for bssid, mbm in told.items() if mbm > -9_500}


def world(seed: int) -> World:
    """A building from a seed: three to six access points anywhere."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable building
    count = chance.randint(3, 6)
    aps = tuple(chance.uniform(0, ROOMS * ROOM_M) for _ in range(count))
    shadows = {(ap, room): chance.gauss(0, SHADOW_DB) for ap in range(count) for room in range(ROOMS)}
    return World(aps, shadows)


def walked(made: World, seed: int) -> tuple[Walked, list[str]]:
    """Every second or so room walked, with an adapter's error; and the states that come of it."""
    chance = random.Random(seed + 1_000)  # noqa: S311 - the same
    found = Walked(places=tuple(Place(f"main/b1/{number}", "teaching") for number in range(ROOMS)))
    scan = found.order()
    for room in range(ROOMS):
        if chance.random() < 0.8:
            error_db = chance.uniform(-ADAPTER_DB, ADAPTER_DB)
            found.walk(scan, f"main/b1/{room}", made.vector(room, error_db))
    return found, [row.state for row in rows_of(found.school, found.runs, NOW)]


@pytest.mark.parametrize("seed", WORLDS)
def test_no_hole_is_green(seed: int) -> None:
    """No room whose true strength is below the limit is called covered, and none above it a hole."""
    made = world(seed)
    _, states = walked(made, seed)
    figures = profile()
    wrong = [
        room
        for room, state in enumerate(states)
        if (state == "pass" and made.truth_dbm(room) * 100 < figures.pass_mbm)
        or (state == "fail" and made.truth_dbm(room) * 100 >= figures.fail_mbm)
    ]

    assert wrong == []


@pytest.mark.parametrize("seed", WORLDS)
def test_the_share_holds_the_truth(seed: int) -> None:
    """The true share of covered rooms lies within the interval that is told."""
    made = world(seed)
    found, _ = walked(made, seed)
    shown = found.verdict().shown
    truth = sum(made.truth_dbm(room) * 100 >= profile().pass_mbm for room in range(ROOMS)) * 1_000_000 // ROOMS

    assert shown is not None
    assert (shown.at_least or 0) <= truth <= (shown.at_most or 0)


def test_the_worlds_have_both() -> None:
    """The buildings have holes and covered rooms, and both are found: else the rules above would say nothing."""
    told = [state for seed in WORLDS for state in walked(world(seed), seed)[1]]

    assert min(told.count("pass"), told.count("fail")) > 100
