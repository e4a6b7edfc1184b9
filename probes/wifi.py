"""
Which access points does this place hear, and how strong?

*Method*: five scans or more over nl80211, flushed and each run to its end; entries from before a scan are dropped. Each BSSID's strength is the median
over the scans, its elements are read by our own bounded reader. Which bands the adapter can hear, and may, is told beside. Recordings go
through the same path (`source`).

What it does not prove: that the box stands where the report says; that a network is the school's (its controller says that); anything about a
place between two points. A strength is the adapter's, good to some dB.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from evidence import quantities as q
from evidence.model import Facts, Failure, Raw, Reading, Unmeasurable
from evidence.survey import TRIES, is_code, tidied
from probes import Probe, Progress
from probes._settings import FROZEN, InterfaceName
from probes._wifi.adapter import Band, adapter, bands, noise, regulatory
from probes._wifi.air import BAND_NAMES, Air
from probes._wifi.kernel import Kernel
from probes._wifi.replay import captured, dumped
from probes._wifi.scans import scan

MOST_ABORTED = 5
MOST_POINTS = 64
Address = Annotated[str, Field(strict=True, pattern=r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")]
Ssid = Annotated[str, Field(strict=True, pattern=r"^([0-9a-f]{2}){1,32}$")]


class Source(BaseModel):
    """A recording instead of a radio: one of the two."""

    model_config = FROZEN

    pcap: Path | None = Field(default=None, description="a capture file, pcap or pcapng, with 802.11 frames")
    nl80211_dump: Path | None = Field(default=None, description="a dump of GET_SCAN, as octets or hex text")

    @model_validator(mode="after")
    def _one(self) -> Self:
        """Refuse none or both."""
        if (self.pcap is None) == (self.nl80211_dump is None):
            raise ValueError("give either pcap or nl80211_dump")
        return self


class Settings(BaseModel):
    """What a Scan orders of this probe, and what the box adds of the place at which it stands."""

    model_config = FROZEN

    scans: Annotated[int, Field(strict=True, ge=1, le=20)] = Field(default=5, description="complete scans to make")
    interface: InterfaceName | None = Field(default=None, description="wireless interface; default: the first one")
    source: Source | None = Field(default=None, description="a recording to read instead of the radio")
    owned: Annotated[list[Address], Field(max_length=20_000)] = Field(
        default=[], description="BSSIDs of the school's access points"
    )
    networks: Annotated[list[Ssid], Field(max_length=64)] = Field(
        default=[], description="network names (SSID) of the school, octets as hex"
    )
    point: Annotated[int, Field(strict=True, ge=1, le=MOST_POINTS)] | None = Field(
        default=None, description="which point of its place this is"
    )
    attempt: Annotated[int, Field(strict=True, ge=1, le=TRIES)] = Field(
        default=1, description="which attempt at this point"
    )
    code: Annotated[str, Field(strict=True, max_length=16)] = Field(
        default="", description="the code on the place's card"
    )

    @model_validator(mode="after")
    def _typed(self) -> Self:
        """Refuse a code that cannot be one: a slip of the finger is told at once."""
        if self.code and not is_code(self.code):
            raise ValueError("code: its last letter does not fit the others; look at the card again")
        return self


def run(settings: Settings) -> Iterator[Reading | Raw | Progress]:
    """Scan, and tell what was heard; raises Unmeasurable where the adapter cannot, or not often enough."""
    if settings.point is not None:
        facts: Facts = {"attempt": settings.attempt} | ({"code": tidied(settings.code)} if settings.code else {})
        yield q.SURVEY_POINT.reading(settings.point, facts=facts)
    air = Air(frozenset(settings.owned), frozenset(map(bytes.fromhex, settings.networks)))
    if settings.source is not None:
        air.everything = not (settings.owned or settings.networks)
        yield from _replayed(settings, settings.source, air)
    else:
        yield from _scanned(settings, air)


def _replayed(settings: Settings, source: Source, air: Air) -> Iterator[Reading | Raw]:
    """A recording stands for every scan."""
    if source.pcap is not None:
        air.add(captured(source.pcap))
    elif source.nl80211_dump is not None:
        for _ in range(settings.scans):
            air.add(dumped(source.nl80211_dump))
    for band in BAND_NAMES:
        yield q.WIFI_BAND.reading("unknown", band)
    kind = "pcap" if source.pcap is not None else "nl80211_dump"
    yield q.WIFI_SCANS.reading(air.complete, facts={"driver": "replay", "source": kind})
    yield from air.readings({})
    yield air.raw()


def _scanned(settings: Settings, air: Air) -> Iterator[Reading | Raw | Progress]:
    """So many complete scans of a real radio."""
    with Kernel() as kernel, kernel.listen("scan") as events:
        # 1. What the adapter can hear.
        radio = adapter(kernel, settings.interface or "")
        known = bands(kernel, radio.wiphy)
        for band in BAND_NAMES:
            yield _band(band, known)
        # 2. Scans, until enough of them ran to their end.
        aborted = 0
        while air.complete < settings.scans and aborted <= MOST_ABORTED:
            done = scan(kernel, events, radio)
            if done.complete:
                air.add(done.samples)
                yield Progress("scanning", scans=air.complete, of=settings.scans)
            else:
                aborted += 1
        # 3. What they heard.
        facts: Facts = {"driver": radio.driver, "interface": radio.name, "source": "nl80211", "aborted": aborted}
        country = regulatory(kernel, radio.wiphy)
        yield q.WIFI_SCANS.reading(air.complete, facts=facts | ({"regdomain": country} if country else {}))
        yield from air.readings(noise(kernel, radio.index))
        yield air.raw()
    if air.complete < settings.scans:
        raise Unmeasurable(
            Failure.INTERRUPTED,
            f"{radio.name}: {aborted} scans were aborted and {air.complete} of {settings.scans} complete; "
            "another program uses the radio: disconnect it and try again",
        )


def _band(name: str, known: dict[str, Band]) -> Reading:
    """What the adapter can hear of one band."""
    band = known.get(name)
    if band is None:
        return q.WIFI_BAND.reading("cannot", name)
    facts: Facts = {"channels": band.channels, "disabled": band.disabled, "no_ir": band.no_ir}
    return q.WIFI_BAND.reading(band.state, name, facts)


PROBE = Probe(
    produces=(q.WIFI_SIGNAL, q.WIFI_HEARD, q.WIFI_BAND, q.WIFI_SCANS, q.WIFI_STRANGERS, q.SURVEY_POINT),
    settings=Settings,
    run=run,
    deadline_s=300,
)
