"""
From which figures on is a place covered, a walk believable, roaming shown?

The profile `cn-k12-v1` as values in the units of the readings. Every figure stands with its source in `collector/profiles/`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NAME = "cn_k12_v1"
MB = 100  # hundredths of a dB in one
PPM = 10_000  # ppm in one per cent
SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Profile:
    """The figures of one profile: strengths in mBm, differences in hundredths of a dB, times in microseconds, shares in ppm."""

    id: str
    pass_mbm: int
    fail_mbm: int
    uncertainty_mb: int
    seen_at_least: int
    scans_at_least: int
    points_ppm: int
    area_m2: int
    most_points: int
    phy_mbit_s: int
    wired_bit_s: int
    same_floor_us: int
    other_floor_us: int
    other_building_us: int
    twin_mb: int
    twin_radios: int
    copied_bssids: int
    remeasure_mb: int
    handovers: int
    failed_ppm: int
    loss_ppm: int

    def points_for(self, area_m2: int) -> int:
        """How many points a place of this area has; one where the list does not say how large it is."""
        return max(1, min(self.most_points, -(-area_m2 // self.area_m2)))


@cache
def profile() -> Profile:
    """The profile of this release."""
    told = tomllib.loads(files("collector").joinpath(f"profiles/{NAME}.toml").read_text("utf-8"))
    signal, points, gigabit, walk, roaming = (told[name] for name in ("signal", "points", "gigabit", "walk", "roaming"))
    return Profile(
        id=told["id"],
        pass_mbm=signal["pass_dbm"] * MB,
        fail_mbm=signal["fail_dbm"] * MB,
        uncertainty_mb=signal["uncertainty_db"] * MB,
        seen_at_least=signal["seen_at_least"],
        scans_at_least=signal["scans_at_least"],
        points_ppm=points["share"] * PPM,
        area_m2=points["area_m2"],
        most_points=points["most"],
        phy_mbit_s=gigabit["phy_mbit_s"],
        wired_bit_s=gigabit["wired_bit_s"],
        same_floor_us=walk["same_floor_s"] * SECOND_US,
        other_floor_us=walk["other_floor_s"] * SECOND_US,
        other_building_us=walk["other_building_s"] * SECOND_US,
        twin_mb=walk["twin_db"] * MB,
        twin_radios=walk["twin_radios"],
        copied_bssids=walk["copied_bssids"],
        remeasure_mb=walk["remeasure_db"] * MB,
        handovers=roaming["handovers"],
        failed_ppm=roaming["failed_share"] * PPM,
        loss_ppm=roaming["loss_share"] * PPM,
    )
