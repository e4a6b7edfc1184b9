"""Is a walk followed to its end, and told as it was?"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest

from evidence.model import Failure, Raw, Reading, Unmeasurable
from probes._roam.follow import Association, Walk, follow, now_us
from probes._roam.pings import Address, Gateway, Pings
from probes._roam.station import Network
from probes._roam.track import Ping, Track, lost_of, settled
from probes.roam import Settings, _ended_by_signal, _evidence, _readings, _refuse_foreign
from tests.probes.face import probe
from tests.probes.spaces import Host

A, B, C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
MS = 1000
S = 1_000_000


# --- The loop ---------------------------------------------------------------------------------------------------------


@dataclass
class Scripted:
    """A station that moves at set moments after its start: what the kernel tells of it, and what it says when asked."""

    moves: list[tuple[float, str]]
    tells: bool = True
    here: str = A
    started: float = field(default_factory=time.monotonic)
    told: list[str] = field(default_factory=list)
    ends: tuple[int, int] = field(default_factory=os.pipe)

    def fileno(self) -> int:
        """The reading end of a pipe: what becomes readable when there is news."""
        self._move()
        return self.ends[0]

    def news(self) -> list[str]:
        """What has happened since the last time."""
        os.read(self.ends[0], 64)
        told, self.told = self.told, []
        return told

    def asked(self) -> Association:
        """Where it is."""
        self._move()
        return Association(self.here, -5000 if self.here else None)

    def _move(self) -> None:
        """Make the moves whose moment has come."""
        while self.moves and time.monotonic() - self.started >= self.moves[0][0]:
            self.here = self.moves.pop(0)[1]
            if self.tells:
                self.told.append(self.here)
                os.write(self.ends[1], b"!")


OURS: frozenset[Address] = frozenset({ip_address("10.20.0.77")})


@pytest.fixture
def pings() -> Iterator[Pings]:
    """Pings to this machine itself."""
    with Pings(Gateway(ip_address("127.0.0.1"), "lo")) as made:
        yield made


def a_walk(pings: Pings, *moves: tuple[float, str], wanted: int = 2, for_s: float = 10, tells: bool = True) -> Walk:
    """A walk of a scripted station."""
    station = Scripted(list(moves), tells)
    return Walk(station, pings, lambda: OURS, wanted, now_us() + int(for_s * S), lambda: False)


@pytest.mark.parametrize("tells", [True, False], ids=["told by the kernel", "asked only"])
def test_follow(pings: Pings, tells: bool) -> None:
    """Hand-overs are seen at once from what the kernel tells, and still seen where its messages are lost; the walk ends when enough were tried."""
    walk = a_walk(pings, (0.2, ""), (0.4, B), (0.9, ""), (1.1, C), tells=tells)
    list(follow(walk))

    assert [stay.bssid for stay in walk.track.stays] == [A, B, C]
    assert (lost_of(settled(walk.track.pings, now_us())), now_us() < walk.until_us) == (0, True)


def test_a_short_absence(pings: Pings) -> None:
    """A station that leaves and is back before it is asked again has failed to move, and is seen to."""
    walk = a_walk(pings, (0.45, ""), (0.46, A), wanted=1)
    list(follow(walk))

    assert [one.failed for one in walk.track.handovers(now_us())] == [True]


def test_an_answer_overtaken(pings: Pings) -> None:
    """What is asked while the kernel has news says nothing: nobody is handed over twice."""
    walk = a_walk(pings, *((0.2 + 0.2 * number, (B, A)[number % 2]) for number in range(6)), wanted=6)
    list(follow(walk))

    assert [stay.bssid for stay in walk.track.stays] == [A, B, A, B, A, B, A]


def test_the_time_is_over(pings: Pings) -> None:
    """A walk without hand-overs ends at its time."""
    walk = a_walk(pings, for_s=1)
    list(follow(walk))

    assert (walk.track.handovers(now_us()), walk.until_us <= now_us() < walk.until_us + S) == ((), True)


def test_stopped(pings: Pings) -> None:
    """A walk that somebody stops ends then, with what was walked."""
    walk = a_walk(pings, (0.2, B), wanted=100)
    began = now_us()
    walk.stopped = lambda: now_us() - began > S
    list(follow(walk))

    assert (len(walk.track.handovers(now_us())), now_us() - began < 3 * S) == (1, True)


def test_other_addresses(pings: Pings) -> None:
    """A box that has another address after a hand-over has lost its connections, though it is answered again."""
    walk = a_walk(pings, (0.2, B), wanted=1)
    addresses = [OURS, frozenset({ip_address("10.20.0.78")})]
    walk.addresses = lambda: addresses.pop(0) if len(addresses) > 1 else addresses[0]
    list(follow(walk))

    assert not walk.kept


def test_a_moment_without_address(pings: Pings) -> None:
    """A box that is without any address for a moment and then has the same one has kept it."""
    walk = a_walk(pings, (0.2, B), wanted=1)
    addresses = [OURS, frozenset[Address](), OURS]
    walk.addresses = lambda: addresses.pop(0) if len(addresses) > 1 else addresses[0]
    list(follow(walk))

    assert walk.kept


def test_a_silent_gateway() -> None:
    """A gateway that answers no pings at all says nothing of the air: the walk ends in words, and no loss is told."""
    with (
        Pings(Gateway(ip_address("192.0.2.1"), "lo")) as pings,
        pytest.raises(Unmeasurable, match="answers no pings") as why,
    ):
        list(follow(a_walk(pings, for_s=20)))

    assert why.value.failure is Failure.TIMED_OUT


# --- What is told -----------------------------------------------------------------------------------------------------

NETWORK = Network("wlan2", 4, "iwlwifi", b"School", A, A, "WPA2-PSK")
HEX = b"School".hex()


def walked(pings: Pings, *lost_ms: int) -> Walk:
    """A walk that is over: from A to B after two seconds, ten pings a second, some of them lost."""
    start = now_us() - 20 * S
    track = Track()
    track.join(A, start)
    track.stays[-1].heard(-7100)
    track.leave(start + 2020 * MS)
    track.join(B, start + 2080 * MS)
    track.stays[-1].heard(-5200)
    for at in range(0, 10_000, 100):
        track.pings.append(Ping(start + at * MS, None if at in lost_ms else start + (at + 5) * MS))
    return Walk(Scripted([]), pings, lambda: OURS, 1, start, lambda: False, track)


def told(walk: Walk) -> dict[str, Reading]:
    """The readings of a walk by quantity."""
    return {one.quantity: one for one in _readings(walk, NETWORK, 4)}


def test_readings(pings: Pings) -> None:
    """A hand-over is told with both access points, their strengths, what was lost and how long it took; the network stands beside the number."""
    said = told(walked(pings, 2100, 2200))

    assert (said["roam.handover"].subject, said["roam.handover"].value) == ("1", 300 * MS)
    assert said["roam.handover"].facts == {
        "from": A,
        "to": B,
        "before_mbm": -7100,
        "after_mbm": -5200,
        "lost": 2,
        "ok": 1,
    }
    assert (said["roam.handovers"].value, said["roam.handovers"].facts["ssid_hex"]) == (1, HEX)


def test_sums(pings: Pings) -> None:
    """Loss is rounded up and told with what it was computed from; the gateway only by its kind."""
    said = told(walked(pings, *range(3000, 3700, 100)))

    assert (said["roam.failed"].value, said["roam.kept"].value, said["roam.loss"].value) == (0, "yes", 70_000)
    assert said["roam.loss"].facts == {"sent": 100, "received": 93, "gateway": "ipv4"}


def test_an_address_lost(pings: Pings) -> None:
    """Who did not keep the address says so."""
    walk = walked(pings)
    walk.kept = False

    assert told(walk)["roam.kept"].value == "no"


def test_a_handover_to_nothing(pings: Pings) -> None:
    """Who left and reached nothing names no other access point, and the interruption is known from below only."""
    walk = walked(pings, *range(2000, 10_000, 100))
    del walk.track.stays[1]
    handover = told(walk)["roam.handover"]

    assert (handover.value, (handover.at_least or 0) > 17 * S, handover.facts["ok"], "to" in handover.facts) == (
        None,
        True,
        0,
        False,
    )


def test_no_handover(pings: Pings) -> None:
    """A walk without hand-overs tells their number, zero, and the pings."""
    walk = walked(pings)
    del walk.track.stays[1:]
    walk.track.stays[0].until_us = None

    assert [(one.quantity, one.value) for one in _readings(walk, NETWORK, 4)] == [
        ("roam.handovers", 0),
        ("roam.failed", 0),
        ("roam.loss", 0),
        ("roam.kept", "yes"),
    ]


def test_evidence(pings: Pings) -> None:
    """The raw evidence is what all figures follow from, counted from the first ping."""
    raw = Raw("roam.json", _evidence(walked(pings, 100).track))
    said = json.loads(raw.content)

    assert said["stays"] == [[A, 0, 2020 * MS, -7100, -7100], [B, 2080 * MS, None, -5200, -5200]]
    assert (said["pings"][0], said["pings"][1], len(said["pings"])) == ([0, 5 * MS], [100 * MS, None], 100)


FOREIGN: list[dict[str, Any]] = [{"networks": ["aa"]}, {"owned": [B]}, {"networks": ["aa"], "owned": [B]}]


@pytest.mark.parametrize("more", FOREIGN)
def test_a_foreign_network(more: dict[str, Any]) -> None:
    """A box in a network that is not the school's ends without a name of it."""
    with pytest.raises(Unmeasurable, match="not the school's") as why:
        _refuse_foreign(NETWORK, Settings(**more))

    assert (why.value.failure, "School" in why.value.detail, A in why.value.detail) == (
        Failure.NOT_SUPPORTED,
        False,
        False,
    )


@pytest.mark.parametrize("more", [{}, {"networks": [HEX]}, {"owned": [A]}])
def test_an_own_network(more: dict[str, Any]) -> None:
    """A network is the school's by its name or by its access point, and anybody's own by hand."""
    _refuse_foreign(NETWORK, Settings(**more))


def test_a_signal_ends_the_walk() -> None:
    """SIGTERM ends the walk and not the run; afterwards it ends what it always ended."""
    before = signal.getsignal(signal.SIGTERM)
    with _ended_by_signal() as came:
        os.kill(os.getpid(), signal.SIGTERM)

    assert (came, signal.getsignal(signal.SIGTERM)) == ([signal.SIGTERM], before)


def test_a_box_without_wifi(desk: Host) -> None:
    """A box without a radio of its own cannot walk, and says so."""
    answer = probe("roam", {}, inside=desk.inside)

    assert (answer.end["end"], answer.end["failure"]) == ("failed", "not_supported")


@pytest.mark.parametrize(
    "wrong",
    [{"handovers": 0}, {"duration_s": 19}, {"networks": ["School"]}, {"owned": ["02-00-00-00-00-00"]}, {"point": 1}],
)
def test_settings(wrong: dict[str, Any]) -> None:
    """What cannot be meant is refused before anything is sent."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)
