"""
Does a run say rightly what limited it?

Four of the scripted cases, one direction each, of `tests/lab/pipe_cases.py`; `python -m bench egress.limits` plays all twenty. Needs root.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.fixtures import require_lab
from tests.lab.pipe_cases import CASES, Case, run, wrong

pytestmark = [pytest.mark.alone, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(120)]

CHOSEN = ("slow receivers, RTT 20 ms", "200M of others on 1G", "port of 100M, line of 1G", "policer of 200M")


@pytest.mark.parametrize("case", [case for case in CASES if case.name in CHOSEN], ids=lambda case: case.name)
def test_the_limit_is_named(case: Case, tmp_path: Path) -> None:
    """What the script made scarce on the way down is what is named."""
    require_lab()
    down = replace(case, limits={"down": case.limits["down"]})

    ran = run(down, tmp_path)

    assert not wrong(down, ran), f"{wrong(down, ran)}\n{ran.told()}"
