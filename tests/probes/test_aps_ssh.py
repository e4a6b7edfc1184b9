"""What does a controller's command line add to what it tells over SNMP? Over a real SSH server with synthetic transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from probes._aps import mib
from probes._aps.model import AccessPoint, Bss, Listing, State
from probes._aps.spoken import joined
from probes._cli import vendor
from probes._snmp.exchange import Oid, Value
from tests.probes import controllers as made
from tests.probes.cli.device import PASSWORD, USER, Device, host_key, key_of, serving, transcripts
from tests.probes.conftest import MARKERS
from tests.probes.face import Answer, here
from tests.probes.responder import Table, answering
from tests.probes.test_aps import facts, values


def told(device: Device, objects: Mapping[Oid, Value] | None = None, **more: Any) -> Answer:
    """What one run tells of a controller with this command line, and these objects over SNMP where it has any."""
    ssh = {"user": USER, "password": PASSWORD, "port": device.port, "vendor": device.family}
    one: dict[str, Any] = {"host": "127.0.0.1", "port": 1, "ssh": ssh | more}
    if objects is None:
        return here("aps", {"controllers": [one | {"no_secret": True}]})
    with answering(Table(objects), MARKERS["community"]) as port:
        one |= {"port": port, "community": MARKERS["community"]}
        return here("aps", {"controllers": [one], "timeout_s": 1, "retries": 1})


def device(family: str, **moods: Any) -> Device:
    """A device of a family with all its transcripts."""
    return Device(family, **({"answers": transcripts(family)} | moods))


POINTS = {
    "huawei_vrp": {
        "02:00:5e:00:53:70": "up", "02:00:5e:00:53:80": "down", "02:00:5e:00:53:90": "standby", "02:00:5e:00:53:a0": "down",
    },
    "h3c_comware": {"02:00:5e:00:54:01": "up", "ap-102": "down", "02:00:5e:00:54:03": "standby"},
    "ruijie_os": {"02:00:5e:00:55:01": "up", "02:00:5e:00:55:02": "down"},
    "cisco_ios": {"02:00:5e:00:56:10": "up", "02:00:5e:00:56:20": "down"},
}  # fmt: skip
NETWORKS = {
    "huawei_vrp": {"02:00:5e:00:53:70": "up", "02:00:5e:00:53:78": "up", "02:00:5e:00:53:80": "down"},
    "h3c_comware": {"02:00:5e:00:54:10": "unknown", "02:00:5e:00:54:20": "unknown"},
    "ruijie_os": {},
    "cisco_ios": {},
}


@pytest.mark.parametrize("family", POINTS)
def test_without_snmp(family: str) -> None:
    """Where the box has no SNMP secret, the command line gives the access points and networks, marked as read by no proven parser."""
    with serving(device(family)) as one:
        answer = told(one)

    assert (values(answer, "ap.state"), values(answer, "ap.bssid")) == (POINTS[family], NETWORKS[family])
    assert {line["facts"]["parser"] for line in (*answer.of("ap.state"), *answer.of("ap.bssid"))} == {"unproven"}
    assert answer.value("aps.answered") == 1_000_000
    assert facts(answer, "aps.answered", "127.0.0.1:1")["ssh_host_key"] == key_of(one)


def test_what_snmp_left_open() -> None:
    """Networks that SNMP does not show come from the command line; what SNMP told is not asked twice."""
    hidden = mib.HUAWEI_WLAN.columns["bss_bssid"][:-1]
    objects = {oid: value for oid, value in made.huawei().items() if oid[: len(hidden)] != hidden}
    with serving(device("huawei_vrp")) as one:
        answer = told(one, objects)

    assert values(answer, "ap.bssid") == NETWORKS["huawei_vrp"]
    assert values(answer, "ap.state") == {"02:00:00:5e:53:00": "up", "02:00:00:5e:54:00": "down"}
    assert {line["facts"]["via"] for line in answer.of("ap.state")} == {"snmp"}
    # An access point that both name is called by the address that SNMP has for it, and the name of a network is text.
    found = facts(answer, "ap.bssid", "02:00:5e:00:53:78")
    assert (found["ap"], found["name"], found["ssid"]) == ("02:00:00:5e:53:00", "ap-301", "school teachers")
    assert "ssid_hex" not in found


def test_nothing_is_open() -> None:
    """A controller that told all over SNMP is not logged in to."""
    with serving(device("huawei_vrp")) as one:
        told(one, made.huawei())

    assert one.passwords == []


def test_another_host_key() -> None:
    """A controller that shows another key than the pinned one gets no password, and has not answered."""
    with serving(device("huawei_vrp", key=host_key(1))) as one:
        answer = told(one, host_key=key_of(Device("huawei_vrp")))

    assert (one.passwords, answer.value("aps.answered"), answer.end["failure"]) == ([], 0, "not_permitted")
    assert "another host key" in facts(answer, "aps.answered", "127.0.0.1:1")["ssh"]


@pytest.mark.parametrize(("question", "points"), [("aps", 0), ("networks", 4)])
def test_a_cut_answer(question: str, points: int) -> None:
    """An answer that breaks off gives no row; without the list of access points a controller has not answered."""
    with serving(device("huawei_vrp", hang_up_in=vendor("huawei_vrp").questions[question].command)) as one:
        answer = told(one)

    assert (len(answer.of("ap.state")), answer.of("ap.bssid")) == (points, [])
    assert answer.value("aps.answered") == (1_000_000 if points else 0)
    assert "unreadable" in facts(answer, "aps.answered", "127.0.0.1:1")["ssh"]


def test_two_words_for_one_state() -> None:
    """What SNMP says of a state stands; the command line fills in what it left open, and is named as the source."""
    first = Listing((AccessPoint("a", "one", state=State.DOWN), AccessPoint("b", "two")))
    second = Listing(
        (AccessPoint("a", "one", state=State.UP, by="ssh"), AccessPoint("x", "two", state=State.UP, by="ssh")),
        (),
        (Bss("n", "x", "two", by="ssh"),),
    )
    both = joined(first, second)

    assert [(one.id, one.state, one.by) for one in both.aps] == [("a", State.DOWN, "snmp"), ("b", State.UP, "ssh")]
    assert [one.ap for one in both.networks] == ["b"]
