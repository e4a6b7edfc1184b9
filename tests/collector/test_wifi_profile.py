"""Are the figures of the profile in the units of the readings, each with its source?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import collector
from collector.wifi_profile import NAME, profile

FILE = Path(collector.__file__).parent / f"profiles/{NAME}.toml"


@pytest.mark.parametrize(
    ("area_m2", "points"),
    [
        pytest.param(0, 1, id="not told"),
        pytest.param(20, 1, id="twenty square metres"),
        pytest.param(21, 2, id="one more"),
        pytest.param(56, 3, id="a class-room"),
        pytest.param(2_000, 12, id="a sports hall"),
    ],
)
def test_points(area_m2: int, points: int) -> None:
    """A point for each twenty square metres begun, one at least and twelve at most."""
    assert profile().points_for(area_m2) == points


def test_units() -> None:
    """Strengths are in mBm and times in microseconds."""
    figures = profile()

    assert (figures.pass_mbm, figures.fail_mbm, figures.uncertainty_mb, figures.same_floor_us, figures.loss_ppm) == (
        *(-6_500, -7_000, 300, 5_000_000),
        50_000,
    )


def test_sources() -> None:
    """Every table of the profile names sources, and they are words."""
    told = tomllib.loads(FILE.read_text("utf-8"))
    tables = {name: table for name, table in told.items() if isinstance(table, dict)}
    named = {name: [value for key, value in table.items() if key.endswith("_source")] for name, table in tables.items()}

    assert all(named.values())
    assert all(len(source) > 20 for sources in named.values() for source in sources)
