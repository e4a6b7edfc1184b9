"""
What is an access point, one of its radios, and a network name that it sends?

Plain values that the other modules of this folder hand to each other, whichever maker's controller told them. None says that the
controller did not tell, which is never "no" and never nought.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a controller says of an access point, a radio or a network on the air."""

    UP = "up"
    STANDBY = "standby"
    UNKNOWN = "unknown"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """
    One access point of a controller's list.

    `id` is what readings call it: its hardware address in lower case with colons, else its name. `told` is the state as the
    controller spells it, and `by` which source it comes from, `snmp` or `ssh`.
    """

    id: str
    name: str = ""
    model: str = ""
    state: State = State.UNKNOWN
    told: str = ""
    clients: int | None = None
    group: str = ""
    location: str = ""
    wired: Wired | None = None
    by: str = "snmp"


@dataclass(frozen=True, slots=True)
class Wired:
    """The rate of an access point's wired port, bit/s: between the two, where None is not known; `port` as the controller numbers it."""

    at_least: int | None
    at_most: int | None
    port: str = ""


@dataclass(frozen=True, slots=True)
class Radio:
    """One radio of an access point: `number` as its controller counts, `band` 2.4, 5 or 6, its noise and power in mBm."""

    ap: str
    number: str
    band: str = ""
    channel: int | None = None
    width_mhz: int | None = None
    state: State = State.UNKNOWN
    clients: int | None = None
    util_ppm: int | None = None
    noise_mbm: int | None = None
    power_mbm: int | None = None

    @property
    def id(self) -> str:
        """What readings call it."""
        return f"{self.ap}/{self.number.replace('/', '_')}"


@dataclass(frozen=True, slots=True)
class Bss:
    """
    One network that an access point sends: its BSSID, in lower case with colons, and its name as octets, or as text where only that
    is known (`written`).

    `derived` where the controller tells only the block of addresses of an access point, out of which this is one.
    """

    bssid: str
    ap: str
    name: str = ""
    ssid: bytes | None = None
    state: State = State.UNKNOWN
    radio: str = ""
    band: str = ""
    channel: int | None = None
    derived: bool = False
    written: str = ""
    by: str = "snmp"


@dataclass(frozen=True, slots=True)
class Listing:
    """What one controller knows: access points, radios and networks, each once."""

    aps: tuple[AccessPoint, ...] = ()
    radios: tuple[Radio, ...] = ()
    networks: tuple[Bss, ...] = ()
