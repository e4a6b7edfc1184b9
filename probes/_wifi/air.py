"""
What was heard, over all scans of one run?

*Method*: each fresh entry of each scan is one sample of its BSSID; the strength is the lower median of the samples, the elements are those of the last.
Whose a network is, the order says: by its BSSID, or by the name that it uses. All others leave the box as a number.

What it does not prove: that the radio hears well. A network that was heard only without a strength is told without one.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median_low

from evidence import quantities as q
from evidence.model import Facts, Raw, Reading
from probes._beacons import Bss, facts_of, read
from probes._dot11.width import band_of

WEAKEST_MBM, STRONGEST_MBM = -12_000, -100  # outside of these no driver measured anything
BAND_NAMES = ("2.4", "5", "6")


@dataclass(frozen=True, slots=True)
class Sample:
    """One entry of one scan: who, on which frequency (MHz), how strong (mBm, None where not told), and what it announced."""

    bssid: str
    frequency_mhz: int
    signal_mbm: int | None
    capability: int
    elements: bytes
    associated: bool = False


@dataclass(slots=True)
class Network:
    """All samples of one BSSID, and in how many scans it was fresh."""

    samples: list[Sample] = field(default_factory=list)
    scans: int = 0

    @property
    def signals(self) -> list[int]:
        """The strengths that a driver can have measured."""
        told = [one.signal_mbm for one in self.samples if one.signal_mbm is not None]
        return [mbm for mbm in told if WEAKEST_MBM <= mbm <= STRONGEST_MBM]

    @property
    def bss(self) -> Bss:
        """What it announced last."""
        last = self.samples[-1]
        return read(last.elements, last.capability, last.frequency_mhz, last.bssid)


@dataclass(slots=True)
class Air:
    """Everything that one run heard; `known` and `names` say whose networks may be told, `everything` that all may."""

    known: frozenset[str]
    names: frozenset[bytes]
    everything: bool = False
    networks: dict[str, Network] = field(default_factory=dict)
    complete: int = 0

    def add(self, scan: Iterable[Sample]) -> None:
        """One scan that ran to its end."""
        self.complete += 1
        fresh = set()
        for sample in scan:
            self.networks.setdefault(sample.bssid, Network()).samples.append(sample)
            fresh.add(sample.bssid)
        for bssid in fresh:
            self.networks[bssid].scans += 1

    def is_told(self, bssid: str, network: Network) -> bool:
        """Whether a network may be told: it is the school's, or says it is, or nobody's privacy is at stake."""
        return self.everything or bssid in self.known or network.bss.ssid in self.names

    def readings(self, noise: dict[int, int]) -> Iterator[Reading]:
        """A reading for each network that may be told, strongest first; then the number of the others in each band."""
        told = {bssid: one for bssid, one in self.networks.items() if self.is_told(bssid, one)}
        for bssid, one in sorted(told.items(), key=lambda item: (-max(item[1].signals, default=WEAKEST_MBM), item[0])):
            yield self._reading(bssid, one, noise)
        strangers = [one.bss.frequency_mhz for bssid, one in self.networks.items() if bssid not in told]
        bands = [band_of(frequency) for frequency in strangers]
        for band in BAND_NAMES:
            yield q.WIFI_STRANGERS.reading(bands.count(band), band)

    def _reading(self, bssid: str, network: Network, noise: dict[int, int]) -> Reading:
        """One network: its strength, or how often it was heard without one."""
        signals, bss = network.signals, network.bss
        facts: Facts = {**facts_of(bss), "seen": network.scans, "scans": self.complete}
        facts |= {"associated": 1} if any(one.associated for one in network.samples) else {}
        if not signals:
            return q.WIFI_HEARD.reading(len(network.samples), bssid, facts)
        value = median_low(signals)
        facts |= {"lowest_mbm": min(signals), "highest_mbm": max(signals)}
        if bss.frequency_mhz in noise:
            facts |= {"noise_mbm": noise[bss.frequency_mhz], "snr_mb": value - noise[bss.frequency_mhz]}
        return q.WIFI_SIGNAL.reading(value, bssid, facts)

    def raw(self) -> Raw:
        """What was heard of the networks that may be told, as octets, so that a later reader can judge anew."""
        told = [
            {"bssid": bssid, "samples": [_kept(sample) for sample in one.samples]}
            for bssid, one in sorted(self.networks.items())
            if self.is_told(bssid, one)
        ]
        text = json.dumps({"scans": self.complete, "networks": told}, separators=(",", ":"))
        return Raw("air.json.gz", gzip.compress(text.encode(), mtime=0))


def _kept(sample: Sample) -> dict[str, int | str | None]:
    """One sample as raw evidence keeps it."""
    return {
        "frequency_mhz": sample.frequency_mhz,
        "signal_mbm": sample.signal_mbm,
        "capability": sample.capability,
        "elements": sample.elements.hex(),
    }
