"""Is whatever the reader tells of a beacon believed, also of one that nobody should send?"""

from __future__ import annotations

import random

import pytest

from collector.plausible import is_plausible
from collector.wifi_rates import HIGHEST_MBIT_S, highest_mbit_s
from evidence import quantities as q
from probes._beacons import facts_of, read
from probes._dot11.rates import peak_mbit_s
from tests.collector.making import run
from tests.collector.wifi_school import OWN, heard, listened
from tests.probes.air import eht, he, ht, vht

PARTS = (ht(), ht(4, 40, 36), vht(), vht(8), he(), he(8), eht(2, 4), eht(15, 4))
BEACONS = 400


def test_strange_beacons() -> None:
    """A neighbour's odd beacon under the school's name, whole or damaged, spoils no honest run."""
    dice = random.Random(7)  # noqa: S311 - a repeatable draw
    for _ in range(BEACONS):
        octets = bytearray(b"".join(dice.sample(PARTS, dice.randint(0, 4))))
        for _ in range(dice.choice((0, 0, 1, 3)) if octets else 0):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        facts = {**facts_of(read(bytes(octets), 0, 5180, OWN[7])), "seen": 5}
        stranger = q.WIFI_SIGNAL.reading(-5000, OWN[7], facts)

        assert is_plausible(run("wifi", *listened(heard(OWN[0], -5000), stranger), settings={"scans": 5}).report)


@pytest.mark.parametrize(
    ("generation", "width_mhz"), [(one, width) for one, known in HIGHEST_MBIT_S.items() for width in known]
)
def test_rates(generation: int, width_mhz: int) -> None:
    """The table is what the probe's formula gives for the most streams and the best scheme."""
    streams, scheme = {4: (4, 7), 5: (8, 9), 6: (8, 11), 7: (8, 13)}[generation]
    formula = peak_mbit_s(generation, width_mhz, streams, scheme)

    assert formula <= highest_mbit_s(generation, width_mhz) <= formula + 1


@pytest.mark.parametrize(
    ("generation", "width_mhz", "expected"),
    [
        pytest.param(3, 20, 54, id="before 802.11n"),
        pytest.param(3, 320, 54, id="before 802.11n, however wide"),
        pytest.param(5, 320, 6934, id="wider than it can be"),
        pytest.param(6, 22, 1148, id="between two widths"),
        pytest.param(6, 0, 1148, id="no width told"),
        pytest.param(0, 20, 0, id="no generation told"),
        pytest.param(9, 320, 0, id="a generation that there is not"),
    ],
)
def test_odd_widths(generation: int, width_mhz: int, expected: int) -> None:
    """What is told beyond the table makes no network faster."""
    assert highest_mbit_s(generation, width_mhz) == expected
