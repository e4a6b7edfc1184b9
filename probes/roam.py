"""
Does a device that is carried through the school stay connected from one access point to the next?

*Method*: the box is associated with the school's network, as any device is, and is carried. Ten pings a second go to the gateway of the Wi-Fi
interface, and to nobody else. The kernel tells over nl80211 when the station leaves an access point and when it reaches one, and how strong
each was (probes/_roam/follow.py). A hand-over lies between the two; it failed if the station was away for more than five seconds, came back to
the access point that it had left, or had no ping answered within five seconds of the new one (probes/_roam/track.py). The walk ends when enough
hand-overs were tried, or early enough that the whole run takes no longer than `duration_s`.

What it does not prove: where the box was carried, that the access points are the school's (the judge asks the controller's list), or how another
device would fare: when to move is the station's own choice. Only the network that the box is in is reported, and only if it is the school's.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Annotated

from pydantic import BaseModel, Field

from evidence.model import Facts, Failure, Raw, Reading, Unmeasurable
from evidence.quantities import ROAM_FAILED, ROAM_HANDOVER, ROAM_HANDOVERS, ROAM_KEPT, ROAM_LOSS
from probes import Probe, Yield
from probes._roam.follow import Walk, follow, now_us
from probes._roam.pings import Gateway, Pings
from probes._roam.station import Network, Nl80211Station, network_of, opened
from probes._roam.track import Handover, Track, lost_of, settled
from probes._roam.way import addresses_of, gateway_of
from probes._settings import FROZEN, InterfaceName

PPM = 1_000_000
WIND_UP_S = 15  # what a run needs beside walking: to start, and to see how the last hand-over ends
Ssid = Annotated[str, Field(strict=True, pattern=r"^([0-9a-f]{2}){1,32}$")]
Bssid = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$")]


class Settings(BaseModel):
    """What a Scan orders of this probe, and what the box joins of its survey."""

    model_config = FROZEN

    handovers: Annotated[int, Field(strict=True, ge=1, le=100)] = Field(
        default=10, description="hand-overs after which the walk ends"
    )
    duration_s: Annotated[int, Field(strict=True, ge=20, le=3600)] = Field(
        default=900, description="longest time of the whole run"
    )
    interface: InterfaceName | None = Field(
        default=None, description="Wi-Fi interface; left out, the one that is associated"
    )
    networks: Annotated[list[Ssid], Field(max_length=64)] = Field(
        default_factory=list, description="the school's network names, hex; the box must be in one of them"
    )
    owned: Annotated[list[Bssid], Field(max_length=20_000)] = Field(
        default_factory=list, description="BSSIDs of the school; one of them makes a network the school's too"
    )


def run(settings: Settings) -> Iterator[Yield]:
    """Follow the box on its walk; the readings come when it has ended, progress meanwhile."""
    until_us = now_us() + max(1, settings.duration_s - WIND_UP_S) * 1_000_000
    with opened() as air, _ended_by_signal() as signals:
        network = network_of(air, settings.interface)
        _refuse_foreign(network, settings)
        address = gateway_of(network.index)
        if address is None:
            raise Unmeasurable(Failure.UNREACHABLE, f"no gateway behind {network.interface}: it has no default route")
        with Pings(Gateway(address, network.interface)) as pings:
            walk = Walk(
                station=Nl80211Station(air, network),
                pings=pings,
                addresses=partial(addresses_of, network.index, address.version),
                wanted=settings.handovers,
                until_us=until_us,
                stopped=lambda: bool(signals),
            )
            yield from follow(walk)
    yield from _readings(walk, network, address.version)
    yield Raw("roam.json", _evidence(walk.track))


def _refuse_foreign(network: Network, settings: Settings) -> None:
    """A network that is not the school's is nobody's business, not even its name."""
    if not (settings.networks or settings.owned):
        return
    if network.ssid.hex() not in settings.networks and network.bssid not in settings.owned:
        words = "this box is in a network that is not the school's: join the school's, then walk again"
        raise Unmeasurable(Failure.NOT_SUPPORTED, words)


@contextmanager
def _ended_by_signal() -> Iterator[list[int]]:
    """While it lasts, SIGINT and SIGTERM end the walk and not the run: what was walked is reported."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _readings(walk: Walk, network: Network, version: int) -> Iterator[Reading]:
    """Every hand-over, then what follows for the whole walk."""
    tried = walk.track.handovers(now_us())
    yield ROAM_HANDOVERS.reading(len(tried), facts=network.facts())
    yield from (_handover(number, one) for number, one in enumerate(tried, 1))
    yield ROAM_FAILED.reading(sum(one.failed for one in tried))
    known = settled(walk.track.pings, now_us())
    lost = lost_of(known)
    if known:
        facts: Facts = {"sent": len(known), "received": len(known) - lost, "gateway": f"ipv{version}"}
        yield ROAM_LOSS.reading(-(-lost * PPM // len(known)), facts=facts)
    yield ROAM_KEPT.reading("yes" if walk.kept else "no")


def _handover(number: int, one: Handover) -> Reading:
    """One hand-over; an interruption that no answer ended is known from below only."""
    facts: Facts = {"from": one.left.bssid, "lost": one.lost, "ok": int(not one.failed)}
    if one.left.last_mbm is not None:
        facts["before_mbm"] = one.left.last_mbm
    if one.joined is not None:
        facts["to"] = one.joined.bssid
        if one.joined.first_mbm is not None:
            facts["after_mbm"] = one.joined.first_mbm
    if one.ended:
        return ROAM_HANDOVER.reading(one.interrupted_us, str(number), facts)
    return ROAM_HANDOVER.between(one.interrupted_us, None, str(number), facts)


def _evidence(track: Track) -> bytes:
    """Stays and pings in microseconds since the first ping; null for what never came."""
    start = track.pings[0].sent_us if track.pings else 0

    def since(at_us: int | None) -> int | None:
        return None if at_us is None else at_us - start

    stays = [[one.bssid, since(one.from_us), since(one.until_us), one.first_mbm, one.last_mbm] for one in track.stays]
    pings = [[since(one.sent_us), since(one.answered_us)] for one in track.pings]
    return json.dumps({"stays": stays, "pings": pings}, separators=(",", ":")).encode()


PROBE = Probe(
    produces=(ROAM_HANDOVER, ROAM_HANDOVERS, ROAM_FAILED, ROAM_LOSS, ROAM_KEPT),
    settings=Settings,
    run=run,
    deadline_s=3700,
)
