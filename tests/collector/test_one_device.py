"""Is one access point ever taken for two, or one under no management for one under it?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.judge import judge
from collector.school import AccessPoint, Controller, Evidence
from collector.verdict import PartVerdict, Status
from evidence import quantities as q
from evidence.model import Reading
from tests.collector.making import BOX, NOW, OTHER_BOX, clause, part, run, school
from tests.collector.test_roaming import TASK as ROAM
from tests.collector.test_roaming import passed, ten, walk
from tests.collector.wifi_school import OWN, Walked

# --- Roaming -----------------------------------------------------------------------------------------------------------------

ROAMING = clause(part(either=(q.WIFI_ROAMING,), equals="yes", within_days=180))
OTHER_RADIO = "06:00:00:00:01:18"


def roamed(*walks: tuple[str, tuple[Reading, ...]], beside: tuple[Evidence, ...] = (), **about: Any) -> PartVerdict:
    """What is said of the walks of these boxes."""
    walked = Walked(about=about)
    scan = walked.order(tasks=(ROAM,), agents=tuple(agent for agent, _ in walks), owned=(*OWN, OTHER_RADIO))
    for agent, readings in walks:
        sequence = 1 + sum(one.report.agent == agent for one in walked.runs)
        walked.runs.append(
            run("roam", *readings, settings=dict(ROAM.settings), scan=scan, agent=agent, sequence=sequence)
        )
    walked.runs += beside
    return judge(ROAMING, walked.school, walked.runs, NOW).parts[0]


def to(reached: str) -> tuple[Reading, ...]:
    """Ten hand-overs from the first access point to this BSSID."""
    return walk(*(passed(number, reached=reached) for number in range(1, 11)))


def sends(*bssids: str, ap: str) -> tuple[Reading, ...]:
    """A controller that tells that an access point sends these."""
    names = tuple(q.AP_BSSID.reading("up", bssid, {"ap": ap}) for bssid in bssids)
    return (q.AP_STATE.reading("up", ap, {"controller": "10.0.0.9:161"}), *names)


def controller(*readings: Reading) -> Evidence:
    """An answer of the controllers."""
    return run("aps", *readings, q.APS_ANSWERED.reading(1_000_000), agent=OTHER_BOX)


ONE_DEVICE = (AccessPoint("ap-1", (OWN[0], OWN[1])),)
TWO_DEVICES = (AccessPoint("ap-1", (OWN[0],)), AccessPoint("ap-2", (OTHER_RADIO,)))
BANDS: list[Any] = [
    pytest.param(OTHER_RADIO, (), (), Status.NOT_SHOWN, id="addresses that look like one device's"),
    pytest.param(OTHER_RADIO, (), TWO_DEVICES, Status.MET, id="two by the list, whatever their addresses"),
    pytest.param(OWN[1], (), ONE_DEVICE, Status.NOT_SHOWN, id="one by the list"),
    pytest.param(
        OWN[1], (controller(*sends(OWN[0], OWN[1], ap="x")),), (), Status.NOT_SHOWN, id="one by its controller"
    ),
    pytest.param(
        OWN[1],
        (controller(*sends(OWN[0], ap="x"), *sends(OWN[1], ap="y")),),
        (),
        Status.MET,
        id="two by their controller",
    ),
]


@pytest.mark.parametrize(("reached", "beside", "listed", "status"), BANDS)
def test_bands_of_one_device(
    reached: str, beside: tuple[Evidence, ...], listed: tuple[AccessPoint, ...], status: Status
) -> None:
    """A change of band within one access point is no roaming, however its addresses look."""
    assert roamed((BOX, to(reached)), beside=beside, access_points=listed).status is status


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param(ten(), Status.MET, id="both work"),
        pytest.param(ten(count=9), Status.NOT_SHOWN, id="the other shows nothing"),
        pytest.param(ten(3), Status.NOT_MET, id="the other fails"),
    ],
)
def test_two_boxes(other: tuple[Reading, ...], status: Status) -> None:
    """One box's good walk does not speak for another's that shows nothing."""
    assert roamed((BOX, ten()), (OTHER_BOX, other)).status is status


# --- One management -----------------------------------------------------------------------------------------------------------

AC = Controller("ac", "10.0.0.9")
MANAGED = clause(part(either=(q.DEVICES_MANAGED_SHARE,), at_least=1_000_000))


def managed(*listed: AccessPoint, told_by: str = AC.subject) -> PartVerdict:
    """One access point in the controller, and these in the list."""
    point = q.AP_STATE.reading("up", "ap-1", {"controller": told_by, "name": "AP-1"} if told_by else {"name": "AP-1"})
    answered = q.APS_ANSWERED.reading(1_000_000, AC.subject)
    mine = run("aps", point, q.AP_BSSID.reading("up", OWN[0], {"ap": "ap-1"}), answered)
    return judge(MANAGED, school([mine], controllers=(AC,), access_points=listed), [mine], NOW).parts[0]


@pytest.mark.parametrize(
    ("listed", "status"),
    [
        pytest.param((), Status.MET, id="none beside"),
        pytest.param((AccessPoint("ap-1", ("02:00:00:00:77:10",)),), Status.MET, id="the same by its name"),
        pytest.param((AccessPoint("lab", (OWN[0],)),), Status.MET, id="the same by a BSSID"),
        pytest.param((AccessPoint("lab", (OWN[5],)),), Status.NOT_SHOWN, id="one of its own"),
    ],
)
def test_an_access_point_on_its_own(listed: tuple[AccessPoint, ...], status: Status) -> None:
    """An access point that only the list names is in nobody's management as far as is known."""
    assert managed(*listed).status is status


def test_whose_access_point_nobody_says() -> None:
    """It is in no controller's management, and so not in one with the others."""
    assert managed(told_by="").status is Status.NOT_MET
