"""What can one run of `wifi`, `roam` or `aps` not have told?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.plausible import is_plausible
from evidence import quantities as q
from evidence.model import Failure, Reading
from tests.collector.making import run
from tests.collector.test_roaming import passed, ten, walk
from tests.collector.wifi_school import OWN, bands, heard, listened

GOOD = heard(OWN[0], -5000)


def believed(probe: str, *readings: Reading, failure: Failure | None = None) -> bool:
    """Whether a run can have told this."""
    settings: dict[str, Any] = {
        "wifi": {"scans": 5},
        "roam": {"handovers": 10, "duration_s": 900},
        "aps": {"controllers": []},
    }
    return is_plausible(run(probe, *readings, settings=settings[probe], failure=failure).report)


LISTENED: list[Any] = [
    pytest.param(listened(GOOD), True, id="a run"),
    pytest.param(
        listened(q.WIFI_HEARD.reading(4, OWN[0], {"seen": 4, "generation": 6})), True, id="without a strength"
    ),
    pytest.param(listened(GOOD)[1:], True, id="no point of a survey"),
    pytest.param(listened(GOOD, point=65), False, id="a point too many"),
    pytest.param(listened(GOOD, point=0), False, id="point nought"),
    pytest.param(listened(GOOD, attempt=4), False, id="a fourth attempt"),
    pytest.param((q.SURVEY_POINT.reading(1), *listened(GOOD)[1:]), False, id="no attempt"),
    pytest.param(
        (q.SURVEY_POINT.reading(1, "x", {"attempt": 1}), *listened(GOOD)[1:]), False, id="a point of something"
    ),
    pytest.param(listened(GOOD, scans=6), False, id="more scans than ordered"),
    pytest.param(listened(GOOD, scans=3), False, id="fewer, and no failure"),
    pytest.param(listened(heard(OWN[0], -5000, seen=6)), False, id="heard more often than there were scans"),
    pytest.param(listened(heard("02:00:00:00:01:1Z", -5000)), False, id="no BSSID"),
    pytest.param(listened(heard(OWN[0], -50)), False, id="stronger than at the antenna"),
    pytest.param(listened(heard(OWN[0], -13_000)), False, id="weaker than noise"),
    pytest.param(listened(heard(OWN[0], -5000, lowest_mbm=-4000)), False, id="a median below its lowest"),
    pytest.param(listened(heard(OWN[0], -5000, highest_mbm="x")), False, id="a highest that is no number"),
    pytest.param(listened(heard(OWN[0], -5000, generation=4, phy_mbit_s=1201)), False, id="a gigabit of 802.11n"),
    pytest.param(listened(heard(OWN[0], -5000, generation=5, width_mhz=320)), True, id="320 MHz of Wi-Fi 5: so told"),
    pytest.param(listened(heard(OWN[0], -5000, width_mhz=20, phy_mbit_s=2403)), False, id="more than 20 MHz carry"),
    pytest.param(listened(heard(OWN[0], -5000, generation=9)), False, id="a generation that is none"),
    pytest.param(listened(heard(OWN[0], -5000, seen="x")), False, id="seen that is no number"),
    pytest.param(listened(GOOD, hears=bands()[:2]), False, id="a band missing"),
    pytest.param(listened(GOOD, q.WIFI_STRANGERS.reading(3, "5")), True, id="strangers"),
    pytest.param(listened(GOOD, q.WIFI_STRANGERS.reading(3, "60")), False, id="strangers in another band"),
    pytest.param((), False, id="nothing at all"),
    pytest.param((GOOD,), False, id="heard without a scan"),
]


@pytest.mark.parametrize(("readings", "expected"), LISTENED)
def test_wifi(readings: tuple[Reading, ...], expected: bool) -> None:
    """What a run of `wifi` tells belongs together."""
    assert believed("wifi", *readings) is expected


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        pytest.param((), True, id="nothing"),
        pytest.param(listened(scans=2), True, id="fewer scans"),
        pytest.param((GOOD,), False, id="heard without a scan"),
    ],
)
def test_wifi_that_failed(readings: tuple[Reading, ...], expected: bool) -> None:
    """A run that failed may tell less, and nothing that contradicts itself."""
    assert believed("wifi", *readings, failure=Failure.INTERRUPTED) is expected


LESS = [q.ROAM_LOSS.name, q.ROAM_KEPT.name, q.ROAM_FAILED.name, q.ROAM_HANDOVERS.name]


def replaced(new: Reading) -> tuple[Reading, ...]:
    """Ten hand-overs with another reading of one quantity."""
    return tuple(new if one.quantity == new.quantity else one for one in ten())


ROAMED: list[Any] = [
    pytest.param(ten(), True, id="a walk"),
    pytest.param(walk(), True, id="no hand-over"),
    pytest.param(tuple(one for one in walk() if one.quantity != q.ROAM_LOSS.name), True, id="no hand-over and no ping"),
    *(pytest.param(tuple(one for one in ten() if one.quantity != name), False, id=f"no {name}") for name in LESS),
    pytest.param(replaced(q.ROAM_HANDOVERS.reading(11)), False, id="another sum"),
    pytest.param(replaced(q.ROAM_FAILED.reading(1)), False, id="another number of failed ones"),
    pytest.param(walk(passed(2)), False, id="a number missing"),
    pytest.param(replaced(q.ROAM_LOSS.reading(0, facts={"sent": 10, "received": 9})), False, id="another loss"),
    pytest.param(replaced(q.ROAM_LOSS.reading(0)), False, id="a loss of nothing"),
    pytest.param(replaced(q.ROAM_LOSS.reading(0, facts={"sent": 0, "received": 0})), False, id="none sent"),
    pytest.param(replaced(q.ROAM_LOSS.reading(0, facts={"sent": 9, "received": 10})), False, id="more came back"),
]


@pytest.mark.parametrize(("readings", "expected"), ROAMED)
def test_roam(readings: tuple[Reading, ...], expected: bool) -> None:
    """Sums are those of the single hand-overs and of the pings."""
    assert believed("roam", *readings) is expected


UP, SENDS = q.AP_STATE.reading("up", "ap-1"), q.AP_BSSID.reading("up", OWN[0], {"ap": "ap-1"})
ALL = q.APS_ANSWERED.reading(1_000_000)
LISTED: list[Any] = [
    pytest.param(
        (UP, SENDS, q.AP_WIRED.reading(10**9, "ap-1"), q.AP_RADIO.reading(3, "ap-1/1"), ALL), True, id="a list"
    ),
    pytest.param((UP, SENDS), False, id="who answered is missing"),
    pytest.param((SENDS, ALL), False, id="a BSSID of nobody"),
    pytest.param((UP, q.AP_BSSID.reading("up", "ap-1", {"ap": "ap-1"}), ALL), False, id="no BSSID"),
    pytest.param((UP, q.AP_WIRED.reading(10**9, "ap-2"), ALL), False, id="a wire of nobody"),
    pytest.param((UP, q.AP_RADIO.reading(3, "ap-2/1"), ALL), False, id="a radio of nobody"),
]


@pytest.mark.parametrize(("readings", "expected"), LISTED)
def test_aps(readings: tuple[Reading, ...], expected: bool) -> None:
    """What belongs to an access point belongs to one that is told."""
    assert believed("aps", *readings) is expected


def test_aps_that_failed() -> None:
    """A controller that did not answer tells nothing."""
    assert believed("aps", failure=Failure.TIMED_OUT) is True
