"""
What is one row of an answer?

The rows that every family's questions are turned into. None says that the switch did not tell, which is never "no".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CliPort:
    """One port; `speed_bit_s` is the running rate, so None for a port that is not up, whatever the text says."""

    name: str
    up: bool | None
    speed_bit_s: int | None = None
    duplex: str = "unknown"
    description: str = ""


@dataclass(frozen=True, slots=True)
class CliLag:
    """One group of ports; `members_up` are those that carry traffic, None where the answer does not tell which do."""

    name: str
    members: tuple[str, ...]
    members_up: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CliNeighbour:
    """
    Who is heard on a port: the neighbour's name, its port and what it says it is, lower case.

    `peer_speed_bit_s` is the rate that the neighbour tells of its own end (IEEE 802.3 MAU TLV), where it does.
    """

    local: str
    name: str
    port: str
    capabilities: tuple[str, ...] = ()
    peer_speed_bit_s: int | None = None
    peer_duplex: str = "unknown"


@dataclass(frozen=True, slots=True)
class CliDevice:
    """What the device says it is."""

    model: str
    version: str


@dataclass(frozen=True, slots=True)
class CliAp:
    """
    One access point in a controller's list: `up`, `down`, `standby` or `unknown`, and the word that said so.

    `mac` is its hardware address as it is written, `radio_mac` the base address of its radios where the answer has that too.
    """

    name: str
    model: str = ""
    state: str = "unknown"
    told: str = ""
    mac: str = ""
    radio_mac: str = ""
    clients: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class CliNetwork:
    """One network that an access point sends: its BSSID as it is written, its name, and whether it is on the air."""

    bssid: str
    ap: str
    ssid: str
    radio: str = ""
    up: bool | None = None


Row = CliPort | CliLag | CliNeighbour | CliDevice | CliAp | CliNetwork
