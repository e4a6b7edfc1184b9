"""Is the station read rightly out of what nl80211 says? Messages recorded in the guest (roam_messages.txt), and some made after the kernel's header."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.model import Failure, Unmeasurable
from probes._roam.follow import Association
from probes._roam.station import (
    LINK_BSSID,
    MLO_LINKS,
    REQUEST_ELEMENTS,
    STATUS_CODE,
    Air,
    Nl80211Station,
    is_access_point,
    network_of,
    signal_mbm,
)
from probes._wifi.attributes import Attr, Command, encoded
from probes._wifi.kernel import Event

OLD, NEW, ELSEWHERE = "02:00:00:00:00:00", "02:00:00:00:01:00", "02:00:00:00:09:09"
STATION, INDEX = "wlan2", 4
RECORDING = Path(__file__).parent / "roam_messages.txt"


@dataclass
class Recorded:
    """nl80211 as it was recorded: answers by command, and events that come when a test lets them."""

    answers: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    events: list[Event] = field(default_factory=list)
    coming: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the recording."""
        for line in RECORDING.read_text("ascii").splitlines():
            kind, _, rest = line.partition(" ")
            if kind != "#":
                command, octets = rest.split()
                self._keep(kind, int(command), bytes.fromhex(octets))

    def _keep(self, kind: str, command: int, octets: bytes) -> None:
        """One line."""
        if kind == "answer":
            self.answers[command].append(octets)
        else:
            self.events.append(Event(command, octets))

    def ask(self, command: int, asked: Mapping[int, bytes], dump: bool) -> list[bytes]:
        """The recorded answer."""
        return self.answers[command]

    def fileno(self) -> int:
        """No test waits."""
        raise NotImplementedError

    def waiting(self) -> list[Event]:
        """The events that have come."""
        come, self.coming = self.coming, []
        return come


def air(recorded: Recorded) -> Air:
    """The recording as the station sees it."""
    return Air(recorded.ask, recorded)


def station(recorded: Recorded) -> Nl80211Station:
    """The station of the recording."""
    return Nl80211Station(air(recorded), network_of(air(recorded), None))


def connected(peer: str, ssid: bytes | None, *more: bytes, index: int = INDEX) -> Event:
    """An event CONNECT; without a name of a network, one without the elements of the request."""
    request = [encoded(REQUEST_ELEMENTS, bytes([0, len(ssid)]) + ssid)] if ssid is not None else []
    parts = [
        encoded(Attr.IFINDEX, index.to_bytes(4, "little")),
        encoded(Attr.MAC, bytes.fromhex(peer.replace(":", ""))),
    ]
    return Event(Command.CONNECT, b"".join([*parts, *request, *more]))


def test_network() -> None:
    """Interface, name, BSSID and security are those of the entry of the scan that is marked as associated."""
    network = network_of(air(Recorded()), None)

    assert (network.index, network.bssid, network.peer) == (INDEX, NEW, NEW)
    assert {**network.facts(), "driver": ""} == {
        "interface": STATION,
        "driver": "",
        "ssid": "School",
        "ssid_hex": b"School".hex(),
        "security": "WPA2-PSK",
    }


def test_asked() -> None:
    """The station says where it is, and how strong that is."""
    assert station(Recorded()).asked() == Association(NEW, -5000)


def test_news() -> None:
    """Of all the kernel tells of a hand-over, leaving and reaching are news, in order."""
    recorded = Recorded()
    followed = station(recorded)
    recorded.coming = recorded.events

    assert followed.news() == ["", OLD, "", NEW]
    assert followed.news() == []


def test_another_interface() -> None:
    """What another interface of this box does is no news."""
    recorded = Recorded()
    followed = station(recorded)
    recorded.coming = [connected(OLD, b"School", index=INDEX + 1)]

    assert followed.news() == []


def test_a_refusal() -> None:
    """An access point that refuses is none that was reached."""
    recorded = Recorded()
    followed = station(recorded)
    recorded.coming = [connected(OLD, b"School", encoded(STATUS_CODE, b"\x11\0"))]

    assert followed.news() == []


def test_another_network() -> None:
    """A station that moves to another network has left, and where it went is not told: neither as news nor when asked."""
    recorded = Recorded()
    followed = station(recorded)
    recorded.coming = [connected(ELSEWHERE, b"Cafe")]
    news = followed.news()
    recorded.answers[Command.GET_STATION] = [encoded(Attr.MAC, bytes.fromhex(ELSEWHERE.replace(":", "")))]

    assert (news, followed.asked()) == ([""], Association(""))


def test_a_peer_that_is_new() -> None:
    """Where an event does not name the network, it is looked up: here the scan still says the network of the start."""
    recorded = Recorded()
    followed = station(recorded)
    recorded.coming = [connected(ELSEWHERE, None)]

    assert followed.news() == [NEW]


def test_a_peer_that_nobody_knows() -> None:
    """A peer of which the scan knows nothing is no access point of this network."""
    recorded = Recorded()
    followed = station(recorded)
    recorded.answers[Command.GET_SCAN] = []
    recorded.coming = [connected(ELSEWHERE, None)]

    assert followed.news() == [""]


def test_several_links() -> None:
    """A peer with several links is told by the BSSID of its first link (802.11be, linux/nl80211.h), also when the station is asked."""
    recorded = Recorded()
    followed = station(recorded)
    links = [encoded(number, encoded(LINK_BSSID, bytes([2, 0, 0, 0, 7, number]))) for number in (1, 2)]
    recorded.coming = [connected(ELSEWHERE, b"School", encoded(MLO_LINKS, b"".join(links)))]
    news = followed.news()
    recorded.answers[Command.GET_STATION] = [encoded(Attr.MAC, bytes.fromhex(ELSEWHERE.replace(":", "")))]

    assert (news, followed.asked().bssid) == (["02:00:00:00:07:01"], "02:00:00:00:07:01")


def test_no_peer() -> None:
    """A station without a peer is with nothing."""
    recorded = Recorded()
    followed = station(recorded)
    recorded.answers[Command.GET_STATION] = []

    assert followed.asked() == Association("")


def without(recorded: Recorded, *commands: Command) -> Recorded:
    """The recording without the answers to these."""
    for command in commands:
        recorded.answers[command] = []
    return recorded


@pytest.mark.parametrize(
    ("recorded", "interface", "failure"),
    [
        pytest.param(without(Recorded(), Command.GET_INTERFACE), None, Failure.NOT_SUPPORTED, id="no radio"),
        pytest.param(Recorded(), "wlan7", Failure.NOT_SUPPORTED, id="no such interface"),
        pytest.param(without(Recorded(), Command.GET_SCAN), None, Failure.UNREACHABLE, id="in no network"),
        pytest.param(without(Recorded(), Command.GET_SCAN), STATION, Failure.UNREACHABLE, id="the named one in none"),
    ],
)
def test_no_network(recorded: Recorded, interface: str | None, failure: Failure) -> None:
    """Without a radio, or without a network, nothing is walked, and the words say which."""
    with pytest.raises(Unmeasurable) as why:
        network_of(air(recorded), interface)

    assert why.value.failure is failure


@pytest.mark.parametrize(
    ("mask", "values", "expected"),
    [(0xFE, 0xAA, True), (0xFE, 0x2A, False), (0xFE, 0xEA, False), (0, 0, True)],
    ids=["associated", "not yet associated", "another station spoken to directly", "untold"],
)
def test_who_is_the_access_point(mask: int, values: int, expected: bool) -> None:
    """A peer is the access point if it is associated, or if its driver does not tell; never a station spoken to directly."""
    assert is_access_point(mask.to_bytes(4, "little") + values.to_bytes(4, "little")) is expected


def test_flags_untold() -> None:
    """A driver without flags has one peer only."""
    assert is_access_point(None)


@pytest.mark.parametrize(
    ("told", "mbm"), [({7: b"\xba"}, -7000), ({7: b"\0", 13: b"\xb9"}, -7100), ({7: b"\0"}, None), ({}, None)]
)
def test_signal(told: dict[int, bytes], mbm: int | None) -> None:
    """The last signal counts, else the average; zero is what some drivers say when they know none."""
    assert signal_mbm(told) == mbm
