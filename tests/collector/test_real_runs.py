"""Is what the probe gives of real switches ever taken for what no run can give?"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from collector.plausible import is_plausible
from collector.plausible_switches import RULES
from collector.seen import seen_in
from evidence.model import Reading, Settings
from tests.collector.making import run
from tests.probes.face import probe
from tests.probes.recorded import recording
from tests.probes.responder import Table, answering
from tests.probes.test_uplinks_recordings import TRUTHS

HELD = ("quantity", "unit", "subject", "value", "at_least", "at_most", "facts")


def asked(name: str) -> tuple[Settings, tuple[Reading, ...]]:
    """One device behind an agent that keeps the rules: what was ordered, and the readings of the probe."""
    with answering(Table(recording(name))) as port:
        one = {"host": "127.0.0.1", "port": port}
        answer = probe("uplinks", {"switches": [{**one, "community": "public"}], "timeout_s": 5})
    lines: list[dict[str, Any]] = [{key: line[key] for key in HELD if key in line} for line in answer.lines]
    return {"switches": [one]}, tuple(msgspec.convert(line, Reading) for line in lines if "quantity" in line)


@pytest.mark.parametrize("name", TRUTHS)
def test_a_real_switch(name: str) -> None:
    """Every rule about one run of `uplinks` holds for each recorded device, and its ports are seen."""
    settings, readings = asked(name)
    one = run("uplinks", *readings, settings=settings)
    said = {(reading.quantity, reading.subject): reading for reading in readings}

    assert [rule.__name__ for rule in RULES if not rule(one.report, said)] == []
    assert is_plausible(one.report)
    assert seen_in([one]).up
