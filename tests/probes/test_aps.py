"""What does one run of the probe make of a controller's access points, networks, radios and wired ports? Against made-up agents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from collector.plausible import is_plausible
from evidence.model import Conditions, Reading, Report
from probes._aps import mib
from probes._snmp.exchange import Oid, Value
from probes.aps import Settings
from tests.probes import controllers as made
from tests.probes.agents import Simulator
from tests.probes.conftest import MARKERS
from tests.probes.face import Answer, here, probe
from tests.probes.recorded import recording
from tests.probes.responder import Answers, Table, answering

FIRST, SECOND = "02:00:00:5e:53:00", "02:00:00:5e:54:00"
SCHOOL_HEX = "教学楼".encode("gb18030").hex()
M, G = 1_000_000, 1_000_000_000


@contextmanager
def asked(*agents: Answers, **more: Any) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """The subjects of some controllers, and the settings that ask them."""
    with ExitStack() as stack:
        ports = [stack.enter_context(answering(agent, MARKERS["community"])) for agent in agents]
        listed = [{"host": "127.0.0.1", "port": port, "community": MARKERS["community"]} | more for port in ports]
        settings = {"controllers": listed, "timeout_s": 1, "retries": 1}
        yield [f"127.0.0.1:{port}" for port in ports], settings


def told(objects: Mapping[Oid, Value], **more: Any) -> Answer:
    """What one run tells of a controller with these objects."""
    with asked(Table(objects), **more) as (_, settings):
        return here("aps", settings)


@pytest.fixture(scope="module")
def runs() -> dict[str, Answer]:
    """One run a maker."""
    return {maker: told(table()) for maker, table in made.MAKERS.items()}


MAKERS = pytest.mark.parametrize("maker", made.MAKERS)
CONTROLLERS = pytest.mark.parametrize("maker", [one for one in made.MAKERS if one != "ubiquiti"])


def values(answer: Answer, quantity: str) -> dict[str, Any]:
    """Values by subject."""
    return {line["subject"]: line.get("value") for line in answer.of(quantity)}


def facts(answer: Answer, quantity: str, subject: str) -> dict[str, Any]:
    """What goes with one reading."""
    (line,) = answer.of(quantity, subject)
    found: dict[str, Any] = line["facts"]
    return found


# --- Access points ----------------------------------------------------------------------------------------------------


@CONTROLLERS
def test_an_access_point_that_is_off(maker: str, runs: dict[str, Answer]) -> None:
    """Of every make the access point at work is up and the one that is not is down, each with its name."""
    answer = runs[maker]

    assert values(answer, "ap.state") == {FIRST: "up", SECOND: "down"}
    assert [facts(answer, "ap.state", one)["name"] for one in (FIRST, SECOND)] == ["ap-301", "教学楼 302"]
    assert answer.value("aps.answered") == 1_000_000


def test_an_access_point_that_answers_for_itself(runs: dict[str, Answer]) -> None:
    """A UniFi access point is known by its tables, for it calls itself a Linux; that it answers is its state."""
    found = facts(runs["ubiquiti"], "ap.state", FIRST)

    assert values(runs["ubiquiti"], "ap.state") == {FIRST: "up"}
    assert (found["name"], found["model"], found["clients"]) == ("ap-301", "UAP-AC-Pro", 12)


# --- Networks ---------------------------------------------------------------------------------------------------------

NETWORKS = {
    "huawei": {"02:00:00:5e:53:00": "up", "02:00:00:5e:53:10": "up", "02:00:00:5e:53:11": "down"},
    "h3c": {"02:00:00:5e:53:10": "unknown", "02:00:00:5e:53:20": "unknown"},
    "cisco": {
        "02:00:00:5e:53:00": "unknown", "02:00:00:5e:53:01": "unknown",
        "02:00:00:5e:53:0f": "unknown", "02:00:00:5e:53:0e": "unknown",
    },
    "aruba": {"02:00:00:5e:53:10": "up", "02:00:00:5e:53:11": "up"},
    "instant": {"02:00:00:5e:53:10": "up", "02:00:00:5e:53:11": "up"},
    "ubiquiti": {"02:00:00:5e:53:01": "up", "02:00:00:5e:53:02": "up"},
}  # fmt: skip


@MAKERS
def test_the_addresses_of_the_networks(maker: str, runs: dict[str, Answer]) -> None:
    """Every BSSID of every make is told with its access point: it is what the school owns on the air."""
    networks = runs[maker].of("ap.bssid")

    assert {line["subject"]: line["value"] for line in networks} == NETWORKS[maker]
    assert {line["facts"]["ap"] for line in networks} == {FIRST}


@pytest.mark.parametrize("maker", ["huawei", "h3c", "aruba", "instant", "ubiquiti"])
def test_a_name_in_chinese(maker: str, runs: dict[str, Answer]) -> None:
    """The name of a network comes as octets, and as text that is read as GB18030 where it is no UTF-8."""
    line = runs[maker].of("ap.bssid")[0]

    assert (line["facts"]["ssid"], line["facts"]["ssid_hex"]) == ("教学楼", SCHOOL_HEX)


def test_addresses_that_are_worked_out(runs: dict[str, Answer]) -> None:
    """Cisco's are marked, in the block of their access point, and without a name where it could be either."""
    lines = runs["cisco"].of("ap.bssid")

    assert {line["facts"]["derived"] for line in lines} == {1}
    assert not any("ssid" in line["facts"] for line in lines)
    assert {(line["subject"][-2:], line["facts"]["band"]) for line in lines} == {
        ("00", "2.4"), ("01", "2.4"), ("0f", "5"), ("0e", "5"),
    }  # fmt: skip


# --- Radios and wired ports -------------------------------------------------------------------------------------------

RADIOS = {
    "huawei": {"0": ("2.4", 6, 20, 6), "1": ("5", 36, 80, 6)},
    "h3c": {"1": ("5", 36, None, None), "2": ("2.4", 6, None, None)},
    "cisco": {"0": ("2.4", 6, None, 6), "1": ("5", 36, None, 6)},
    "aruba": {"0": ("5", 36, 80, 6), "1": ("2.4", 6, 20, 6)},
    "instant": {"0": ("5", 36, 80, 6), "1": ("2.4", 6, 20, 6)},
    "ubiquiti": {"ng": ("2.4", 6, None, 6), "na": ("5", 36, None, 6)},
}


@MAKERS
def test_radios(maker: str, runs: dict[str, Answer]) -> None:
    """Band, channel, width and clients of every radio, as far as the make tells them."""
    found = {
        line["subject"].partition("/")[2]: (
            line["facts"].get("band"), line["facts"].get("channel"), line["facts"].get("width_mhz"), line.get("value"),
        )
        for line in runs[maker].of("ap.radio")
    }  # fmt: skip

    assert found == RADIOS[maker]


def test_clients_that_are_not_told(runs: dict[str, Answer]) -> None:
    """A radio of H3C's has no more clients than its access point; that it has none is not said."""
    assert {(line["at_least"], line["at_most"]) for line in runs["h3c"].of("ap.radio")} == {(0, 12)}


def test_what_goes_with_a_radio(runs: dict[str, Answer]) -> None:
    """Noise and power in mBm, load in ppm; what its MIB calls invalid is left out."""
    assert facts(runs["huawei"], "ap.radio", f"{FIRST}/0") == {
        "state": "up", "band": "2.4", "channel": 6, "width_mhz": 20, "util_ppm": 70_000, "noise_mbm": -9500, "power_mbm": 2000,
    }  # fmt: skip
    assert facts(runs["instant"], "ap.radio", f"{FIRST}/0")["noise_mbm"] == -9500
    assert facts(runs["aruba"], "ap.radio", f"{FIRST}/0")["power_mbm"] == 1800
    assert "util_ppm" not in facts(runs["h3c"], "ap.radio", f"{FIRST}/1")


def test_the_wired_port(runs: dict[str, Answer]) -> None:
    """Huawei and UniFi tell the rate, H3C what the port can do at most."""
    (at_most,) = runs["h3c"].of("ap.wired")

    assert values(runs["ubiquiti"], "ap.wired") == {FIRST: 100 * M}
    assert (at_most["at_most"], at_most.get("at_least")) == (100 * M, None)
    assert values(runs["huawei"], "ap.wired") == {FIRST: G}


# --- Controllers ------------------------------------------------------------------------------------------------------


def test_two_controllers_know_one_access_point() -> None:
    """It is told once, by the controller that has it at work; the other's word for it is no second access point."""
    with asked(Table(made.huawei(ap_state=11)), Table(made.huawei(ap_state=8))) as (subjects, settings):
        answer = here("aps", settings)

    assert values(answer, "ap.state") == {FIRST: "up", SECOND: "up"}
    assert (facts(answer, "ap.state", SECOND)["controller"], facts(answer, "ap.state", SECOND)["also"]) == (
        subjects[1],
        subjects[0],
    )
    assert len(answer.of("ap.bssid")) == 3


def test_the_list_names_the_maker() -> None:
    """A controller whose identity is another's is read by the maker that the list names."""
    table = made.aruba() | {(*made.SYSTEM, 2, 0): (1, 3, 6, 1, 4, 1, 11, 2, 3)}

    assert values(told(table, vendor="Aruba"), "ap.state") == {FIRST: "up", SECOND: "down"}


@pytest.mark.parametrize(
    ("objects", "more", "words"),
    [
        (made.identity((9999, 1)), {}, "the tables of no maker"),
        (made.huawei(), {"vendor": "nokia"}, "'nokia' is no maker"),
        (made.identity((4881, 1)), {"vendor": "ruijie"}, "it is asked over SSH"),
        (made.identity((2011, 2, 23)), {}, "shows no access point"),
    ],
    ids=["no maker", "a maker that is not known", "one without tables", "a switch"],
)
def test_who_is_no_controller(objects: dict[Oid, Value], more: dict[str, Any], words: str) -> None:
    """Who shows no access point has not answered, with the reason; there is no empty list of access points."""
    answer = told(objects, **more)

    (of_one, of_all) = answer.of("aps.answered")
    assert words in of_one["facts"]["detail"]
    assert (of_one["value"], of_all["value"], answer.of("ap.state")) == (0, 0, [])


@pytest.mark.parametrize(
    ("agent", "failure"),
    [
        (Simulator(made.huawei(), silent_after=4), "timed_out"),
        (Simulator(made.huawei(), refuses=True), "not_permitted"),
        (Simulator(made.huawei(), restarts=True), "unreadable"),
        (Simulator(made.huawei(), loops_at=(*mib.HUAWEI_WLAN.columns["bss_bssid"], *made.FIRST, 1, 1)), "unreadable"),
    ],
    ids=["silent", "refuses", "restarts", "goes round"],
)
def test_half_a_list_is_no_answer(agent: Simulator, failure: str) -> None:
    """A controller that did not show all its access points and networks has not answered, and the run says why."""
    with asked(agent) as (subjects, settings):
        answer = here("aps", settings | {"timeout_s": 0.15, "retries": 0})

    assert (answer.value("aps.answered", subjects[0]), answer.end["failure"]) == (0, failure)


def test_one_of_two_answers() -> None:
    """What one controller knows is told, and the share says that another did not answer."""
    with asked(Table(made.huawei())) as (_, settings):
        settings["controllers"].append({"host": "127.0.0.1", "port": 1, "no_secret": True})
        answer = here("aps", settings)

    assert (answer.value("aps.answered"), answer.end) == (500_000, {"end": "complete"})
    assert facts(answer, "aps.answered", "127.0.0.1:1")["failure"] == "not_permitted"
    assert len(answer.of("ap.state")) == 2


@MAKERS
def test_the_judge_takes_it(maker: str, runs: dict[str, Answer]) -> None:
    """Every run is one that the probe can have made, by the rules of the collector that never lets another in."""
    readings = tuple(msgspec.convert(line, Reading) for line in runs[maker].lines if "quantity" in line)
    conditions = Conditions("campusproof", 0, 0, 0, 0, "boot")
    report = Report("agent", 1, "", "aps", {}, readings, conditions)

    assert is_plausible(report)


def test_what_leaves_the_box(folder: Path) -> None:
    """Raw evidence has every column and how its walk ended; no secret and no address of a person's device is in it."""
    with asked(Table(made.huawei())) as (_, settings):
        answer = probe("aps", settings, evidence=folder)

    kept = (folder / "controller-1.json").read_text()
    assert json.loads(kept)["columns"]["ap_state"]["complete"] is True
    assert MARKERS["community"] not in kept + json.dumps(answer.lines)


def test_a_real_controller() -> None:
    """A recorded AC of Huawei's that shows one access point with six networks, and not its state."""
    answer = told(recording("vrp_ac6605-26"))

    assert values(answer, "ap.state") == {"50:6f:77:ea:dc:a0": "unknown"}
    assert len(answer.of("ap.bssid")) == 6
    assert {line["facts"]["channel"] for line in answer.of("ap.radio")} == {6, 40}


@pytest.mark.parametrize(
    "wrong",
    [
        {"controllers": []},
        {"controllers": [{"host": "a", "no_secret": True}] * 2},
        {"controllers": [{"host": "a", "no_secret": True, "place": "b"}]},
        {"controllers": [{"host": "a"}]},
        {"controllers": [{"host": "a", "no_secret": True}], "stations": ["02-00-00-00-00-01"]},
    ],
    ids=["none", "twice", "unknown key", "no secret", "an address written otherwise"],
)
def test_settings_that_are_refused(wrong: dict[str, Any]) -> None:
    """What would ask nobody, one twice, or something unknown is refused."""
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


# --- Hand-overs of this box -------------------------------------------------------------------------------------------

OWN, OTHER = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


def huawei_track(station: bytes) -> dict[Oid, Value]:
    """A first network, then three hand-overs."""
    return {(*mib.ROAMED["huawei"], *station, at): kind for at, kind in enumerate([3, 1, 1, 2])}


def h3c_track(*stations: bytes) -> dict[Oid, Value]:
    """One row for each network that a station was in."""
    return {(*mib.ROAMED["h3c"], at): station for at, station in enumerate(stations)}


@pytest.mark.parametrize(
    ("objects", "count"),
    [
        (made.huawei() | huawei_track(OWN) | huawei_track(OTHER), 3),
        (made.h3c() | h3c_track(OWN, OTHER, OWN, OWN, OTHER, OWN), 3),
        (made.huawei() | huawei_track(OTHER), 0),
    ],
    ids=["huawei", "h3c", "never seen"],
)
def test_hand_overs_that_the_controller_saw(objects: dict[Oid, Value], count: int, folder: Path) -> None:
    """Only this box's own are counted, and no other station's address is kept anywhere."""
    with asked(Table(objects)) as (subjects, settings):
        answer = probe("aps", settings | {"stations": [OWN.hex(":")]}, evidence=folder)

    kept = (folder / "controller-1.json").read_text() + json.dumps(answer.lines)
    assert values(answer, "roam.trace") == {subjects[0]: count}
    assert OTHER.hex() not in kept
    assert OTHER.hex(":") not in kept


def test_no_hand_overs_without_a_station(runs: dict[str, Answer]) -> None:
    """Without an address of this box's own nobody's hand-overs are asked for."""
    assert runs["huawei"].of("roam.trace") == []
