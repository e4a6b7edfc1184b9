"""
Do the probes of the air work on a real cfg80211, with real access points and a real station?

One virtual machine for all cases (tests/lab/guest): radios are simulated by the kernel's own mac80211_hwsim, access points are hostapd's, the station is
wpa_supplicant's. The cases that scan come before those that join, for a station that roams decides itself when to scan.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from evidence.quantities import ALL
from tests.lab.guest.air import (
    NEIGHBOUR,
    NEW,
    OLD,
    OTHER_BSSID,
    SSID,
    STATION,
    TWIN,
    AccessPoint,
    bring_back,
    hand_over,
    join,
    set_level,
    take_out,
)
from tests.lab.guest.fixtures import begin, ended, evidence, guest_on_air
from tests.lab.guest.machine import Guest
from tests.probes.face import Answer

pytestmark = [pytest.mark.wifi, pytest.mark.slow, pytest.mark.alone]

HEX = SSID.encode().hex()
BETWEEN_S = 1.5  # the kernel holds packets back for up to a second after an interface has come up again
SCHOOL: dict[str, Any] = {"owned": [OLD.bssid, NEW.bssid], "networks": [HEX]}


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """The guest, its access points sending."""
    with guest_on_air(tmp_path_factory.mktemp("guest")) as made:
        yield made


@pytest.fixture(scope="module")
def first(guest: Guest) -> tuple[Answer, dict[str, bytes]]:
    """Five scans of the air as it is at the start, with their raw evidence."""
    set_level(guest, OLD, -55)
    set_level(guest, NEW, -61)
    number = begin(guest, "wifi", {"scans": 5, **SCHOOL})
    return ended(guest, number), evidence(guest, number)


@pytest.fixture(scope="module")
def walk(guest: Guest) -> Answer:
    """A walk of ten hand-overs in the school's network."""
    join(guest)
    set_level(guest, OLD, -58)
    number = begin(guest, "roam", {"handovers": 10, "duration_s": 120, **SCHOOL})
    ways = cycle((OLD, NEW))
    while not guest.through(number, BETWEEN_S):
        hand_over(guest, next(ways))
    return ended(guest, number)


def signal(answer: Answer, point: AccessPoint) -> int:
    """The strength of one access point, mBm."""
    value: int = answer.value("wifi.signal", point.bssid)
    return value


def heard(answer: Answer) -> set[str]:
    """The BSSIDs that were heard."""
    return {line["subject"] for line in answer.of("wifi.signal")}


def test_scan(first: tuple[Answer, dict[str, bytes]]) -> None:
    """Five scans of a real kernel run to their end, and the driver that made them is named as what it is."""
    answer, _ = first
    (scans,) = answer.of("wifi.scans")

    assert answer.end == {"end": "complete"}, answer.errors
    assert (scans["value"], scans["facts"]["driver"], scans["facts"]["interface"]) == (5, "mac80211_hwsim", STATION)


def test_levels(first: tuple[Answer, dict[str, bytes]]) -> None:
    """Each access point is heard at the level at which it arrives, in most of the scans at least."""
    answer, _ = first
    seen = {line["subject"]: line["facts"]["seen"] for line in answer.of("wifi.signal")}

    assert (signal(answer, OLD), signal(answer, NEW)) == (-5500, -6100)
    assert min(seen[OLD.bssid], seen[NEW.bssid]) >= 3


def test_what_they_send(first: tuple[Answer, dict[str, bytes]]) -> None:
    """Generation, width, band and roaming aids are those that the access points were set to."""
    answer, _ = first
    facts = {line["subject"]: line["facts"] for line in answer.of("wifi.signal")}
    names = ("ssid_hex", "frequency_mhz", "generation", "width_mhz", "k", "v", "r", "mdid")

    assert [facts[OLD.bssid][name] for name in names] == [HEX, 2412, 4, 20, 1, 1, 1, "a1b2"]
    assert [facts[NEW.bssid][name] for name in names] == [HEX, 5180, 6, 80, 1, 1, 1, "a1b2"]


def test_bands(first: tuple[Answer, dict[str, bytes]]) -> None:
    """The radio can hear both bands in which the access points send, and the country is the one that they tell."""
    answer, _ = first

    assert [answer.value("wifi.band", band) for band in ("2.4", "5")] == ["can", "can"]
    assert answer.of("wifi.scans")[0]["facts"]["regdomain"] == "CN"


def test_twin(first: tuple[Answer, dict[str, bytes]]) -> None:
    """A stranger's access point that sends the school's network name is shown, with its BSSID."""
    answer, _ = first

    assert heard(answer) == {OLD.bssid, NEW.bssid, TWIN.bssid}
    assert answer.of("wifi.signal", TWIN.bssid)[0]["facts"]["ssid_hex"] == HEX


def test_neighbours_are_a_number(first: tuple[Answer, dict[str, bytes]]) -> None:
    """A neighbour's network leaves as a count: neither its BSSID nor its name is in a reading or in raw evidence."""
    answer, raw = first
    said = json.dumps(answer.lines).encode() + b"".join(map(unpacked, raw.values()))
    traces = (OTHER_BSSID.encode(), bytes.fromhex(OTHER_BSSID.replace(":", "")), OTHER_BSSID.replace(":", "").encode())
    names = (NEIGHBOUR.encode(), NEIGHBOUR.encode().hex().encode())

    assert (answer.value("wifi.strangers", "2.4"), [one for one in (*traces, *names) if one in said]) == (1, [])


def unpacked(octets: bytes) -> bytes:
    """Raw evidence as it was before it was packed."""
    return gzip.decompress(octets) if octets.startswith(b"\x1f\x8b") else octets


def test_a_hole(guest: Guest, first: tuple[Answer, dict[str, bytes]]) -> None:
    """A step of the level is seen, and an access point that is out of reach is not heard: no cache speaks for it."""
    assert NEW.bssid in heard(first[0])
    set_level(guest, OLD, -78)
    take_out(guest, NEW)
    answer = ended(guest, begin(guest, "wifi", {"scans": 2, **SCHOOL}))
    bring_back(guest, NEW)

    assert (signal(answer, OLD), NEW.bssid in heard(answer)) == (-7800, False)


def test_an_aborted_scan(guest: Guest, first: tuple[Answer, dict[str, bytes]]) -> None:
    """A scan that somebody aborts is made again: it neither hangs the run nor counts as one that heard nothing."""
    number = begin(guest, "wifi", {"scans": 2, **SCHOOL})
    guest.do(f"for turn in $(seq 200); do iw dev {STATION} scan abort 2>/dev/null && exit 0; sleep 0.05; done; exit 1")
    answer = ended(guest, number)
    (scans,) = answer.of("wifi.scans")

    assert (scans["value"], scans["facts"]["aborted"], answer.end) == (2, 1, {"end": "complete"})


def test_walk(walk: Answer) -> None:
    """Ten hand-overs between the two access points are seen, each from where the station was to where it went; nine of ten succeed."""
    found = walk.of("roam.handover")
    ways = {(line["facts"]["from"], line["facts"]["to"]) for line in found if line["facts"]["ok"]}

    assert walk.end == {"end": "complete"}, walk.errors
    assert (walk.value("roam.handovers"), len(found), walk.value("roam.failed") <= 1) == (10, 10, True)
    assert ways == {(OLD.bssid, NEW.bssid), (NEW.bssid, OLD.bssid)}


def test_interruptions(walk: Answer) -> None:
    """Each hand-over says how long it interrupted and how strong both access points were."""
    facts = [line["facts"] for line in walk.of("roam.handover") if line["facts"]["ok"]]
    levels = {OLD.bssid: -5800, NEW.bssid: -6100}

    assert all(50_000 <= line["value"] <= 6_000_000 for line in walk.of("roam.handover"))
    assert {one["after_mbm"] - levels[one["to"]] for one in facts} == {0}


def test_pings(walk: Answer) -> None:
    """Ten pings a second are counted, sent and answered; the address stayed."""
    (loss,) = walk.of("roam.loss")
    facts = loss["facts"]

    assert facts["sent"] >= 150
    assert loss["value"] == -(-(facts["sent"] - facts["received"]) * 1_000_000 // facts["sent"])
    assert walk.value("roam.kept") == "yes"


def test_network(walk: Answer) -> None:
    """The network that was walked is named, and the driver as what it is."""
    (handovers,) = walk.of("roam.handovers")

    assert handovers["facts"] == {
        "interface": STATION,
        "driver": "mac80211_hwsim",
        "ssid": SSID,
        "ssid_hex": HEX,
        "security": "WPA2-PSK",
    }


def test_a_foreign_network(guest: Guest, walk: Answer) -> None:
    """A box in a network that is not the school's walks nowhere, and the network is not named."""
    foreign = {"networks": [NEIGHBOUR.encode().hex()], "owned": [TWIN.bssid]}
    answer = ended(guest, begin(guest, "roam", {"duration_s": 60, **foreign}))

    assert [answer.end["failure"], len(answer.lines), SSID in answer.end["detail"]] == ["not_supported", 1, False]


def test_an_access_point_that_falls_silent(guest: Guest, walk: Answer) -> None:
    """A station whose access points both fall silent is handed over to nothing: the hand-over has failed, and pings are lost."""
    number = begin(guest, "roam", {"handovers": 1, "duration_s": 60, **SCHOOL})
    guest.do("sleep 1.5")
    for point in (OLD, NEW):
        take_out(guest, point)
    answer = ended(guest, number)
    (handover,) = answer.of("roam.handover")

    assert (answer.value("roam.failed"), handover["facts"]["ok"], "to" in handover["facts"]) == (1, 0, False)
    assert answer.value("roam.loss") > 100_000


def test_every_quantity_is_declared(first: tuple[Answer, dict[str, bytes]], walk: Answer) -> None:
    """What the probes said is of the one table, and each in its unit."""
    said = {(line["quantity"], line["unit"]) for one in (first[0], walk) for line in one.lines if "quantity" in line}

    assert said <= {(one.name, one.unit.value) for one in ALL.values()}
