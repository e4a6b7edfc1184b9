"""
Which radio is this, and what can it hear?

*Method*: the first interface in station mode unless one is named; its driver from sysfs; bands and channels from the wiphy (a split dump), the country from
the regulatory domain, noise from the channel survey.

What it does not prove: how sensitive the adapter is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evidence.model import Failure, Unmeasurable
from probes._wifi.attributes import Attr, Command, attributes, number, table
from probes._wifi.kernel import Refused

STATION = 2  # enum nl80211_iftype
BANDS = {0: "2.4", 1: "5", 3: "6"}  # enum nl80211_band
BAND_FREQUENCIES = 1
FREQUENCY, DISABLED, NO_IR = 1, 2, 3
SURVEY_FREQUENCY, SURVEY_NOISE = 1, 2
DBM = 100
SYSFS = Path("/sys/class/net")


class Asks(Protocol):
    """Who answers requests of nl80211: the kernel, or in tests recorded octets."""

    def request(self, command: int, attributes: Mapping[int, bytes], dump: bool = False) -> list[bytes]:
        """The attributes of each message of the answer; raises Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Band:
    """How much of a band an adapter may hear: its channels, those that are switched off, and those on which it may only listen."""

    channels: int
    disabled: int
    no_ir: int

    @property
    def state(self) -> str:
        """can, or restricted where no channel is left."""
        return "can" if self.channels > self.disabled else "restricted"


@dataclass(frozen=True, slots=True)
class Adapter:
    """One wireless interface."""

    name: str
    index: int
    wiphy: int
    driver: str


def adapter(kernel: Asks, wanted: str = "") -> Adapter:
    """The interface of that name, or the first in station mode; raises Unmeasurable where there is none."""
    found = [table(one) for one in kernel.request(Command.GET_INTERFACE, {}, dump=True)]
    named = {_name(one): one for one in found if Attr.IFINDEX in one and Attr.IFNAME in one}
    stations = [name for name, one in named.items() if number(one.get(Attr.IFTYPE)) == STATION]
    name = wanted or next(iter(sorted(stations)), "")
    if name not in stations:
        raise Unmeasurable(Failure.NOT_SUPPORTED, _no_adapter(wanted, sorted(named), stations))
    one = named[name]
    return Adapter(name, number(one[Attr.IFINDEX]) or 0, number(one.get(Attr.WIPHY)) or 0, driver_of(name))


def _no_adapter(wanted: str, known: list[str], stations: list[str]) -> str:
    """Why no interface can be used."""
    if wanted and wanted in known:
        return f"interface: {wanted} is not in station mode; stop the access point or the capture that uses it"
    if wanted:
        return f"interface: no wireless interface {wanted}; there are: {', '.join(known) or 'none'}"
    return f"no wireless interface in station mode; there are: {', '.join(known) or 'none'}"


def _name(one: Mapping[int, bytes]) -> str:
    """The name of an interface."""
    return one[Attr.IFNAME].rstrip(b"\0").decode("utf-8", "replace")


def driver_of(name: str) -> str:
    """The kernel driver behind an interface; empty where sysfs does not say."""
    try:
        return Path(os.readlink(SYSFS / name / "device/driver")).name
    except OSError:
        return ""


def bands(kernel: Asks, wiphy: int) -> dict[str, Band]:
    """The bands of an adapter by their name; those that it has not are missing."""
    asked: dict[int, bytes] = {Attr.WIPHY: wiphy.to_bytes(4, "little"), Attr.SPLIT_WIPHY_DUMP: b""}
    channels: dict[str, dict[int, tuple[bool, bool]]] = {}
    for one in kernel.request(Command.GET_WIPHY, asked, dump=True):
        told = table(one)
        if number(told.get(Attr.WIPHY)) == wiphy:
            for band, frequency, disabled, no_ir in _channels(told.get(Attr.WIPHY_BANDS, b"")):
                channels.setdefault(band, {})[frequency] = (disabled, no_ir)
    return {
        band: Band(
            len(known), sum(off for off, _ in known.values()), sum(mute and not off for off, mute in known.values())
        )
        for band, known in channels.items()
    }


def _channels(octets: bytes) -> Iterator[tuple[str, int, bool, bool]]:
    """Band, frequency, whether it is switched off and whether it is for listening only, of each channel."""
    for index, band in attributes(octets):
        if index not in BANDS:
            continue
        for _, channel in attributes(table(band).get(BAND_FREQUENCIES, b"")):
            told = table(channel)
            yield BANDS[index], number(told.get(FREQUENCY)) or 0, DISABLED in told, NO_IR in told


def regulatory(kernel: Asks, wiphy: int) -> str:
    """The two letters of the regulatory domain; empty where the kernel has none."""
    try:
        found = kernel.request(Command.GET_REG, {Attr.WIPHY: wiphy.to_bytes(4, "little")})
    except Refused:  # of an adapter without a domain of its own the kernel tells that of all
        found = kernel.request(Command.GET_REG, {})
    letters = [table(one).get(Attr.REG_ALPHA2, b"") for one in found]
    return next((one.rstrip(b"\0").decode("ascii", "replace") for one in letters if one), "")


def noise(kernel: Asks, index: int) -> dict[int, int]:
    """The noise (mBm) of each frequency (MHz) of which the driver tells one."""
    try:
        told = kernel.request(Command.GET_SURVEY, {Attr.IFINDEX: index.to_bytes(4, "little")}, dump=True)
    except Refused:  # many drivers keep no survey
        return {}
    surveys = [table(table(one).get(Attr.SURVEY_INFO, b"")) for one in told]
    return dict(_noise(one) for one in surveys if SURVEY_FREQUENCY in one and one.get(SURVEY_NOISE, b"\0") != b"\0")


def _noise(survey: Mapping[int, bytes]) -> tuple[int, int]:
    """Frequency and noise of one channel."""
    return number(survey[SURVEY_FREQUENCY]) or 0, (number(survey[SURVEY_NOISE], signed=True) or 0) * DBM
