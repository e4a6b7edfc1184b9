"""
What is a port, its speed, a neighbour, a link?

Plain values that the other modules of this folder hand to each other; nothing here decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a speed is known; only a reported one can prove anything alone."""

    REPORTED = "reported"
    REPAIRED = "repaired"
    INFERRED = "inferred"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What an interface of a switch is, as far as anything here counts."""

    PHYSICAL = "physical"
    LAG = "lag"
    STACK = "stack"


class Device(StrEnum):
    """What stands at the other end of a port, by its own announcement or by what is heard there."""

    SWITCH = "switch"
    ROUTER = "router"
    AP = "ap"
    PHONE = "phone"
    CAMERA = "camera"
    STATION = "station"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Speed:
    """
    The rate of one port in bit/s, None where it is unknown; `why` names the rule that gave it, in a few English words.

    `via` is where it comes from, `snmp` or `ssh`; `unproven` where the text was read by a template that no answer of a real
    device has been tried on.
    """

    status: Status
    bit_s: int | None
    why: str = ""
    via: str = "snmp"
    unproven: bool = False


@dataclass(frozen=True, slots=True)
class SwitchPort:
    """
    One interface that counts: a physical port, an aggregate of ports (LAG) or a stack port.

    `label` is its name, with `#ifIndex` where the name is not its own. `members` are the ifIndexes of an aggregate, `lag` is the
    ifIndex of the aggregate that a port belongs to. `cage_bit_s` is what the port's name says it could do; `told` are
    ifHighSpeed (Mbit/s) and ifSpeed (bit/s) as sent. An aggregate's speed is the sum of its members that are up
    (`sum_bit_s`), or the lower one where it tells another; `largest_bit_s` is the fastest of them.
    """

    index: int
    label: str
    kind: Kind
    oper: int | None
    speed: Speed
    name: str = ""
    descr: str = ""
    alias: str = ""
    duplex: str = "unknown"
    mau: str = ""
    medium: str = "unknown"
    transceiver: str = ""
    cage_bit_s: int | None = None
    told: tuple[int | None, int | None] = (None, None)
    lag: int | None = None
    members: tuple[int, ...] = ()
    members_up: int = 0
    sum_bit_s: int | None = None
    largest_bit_s: int | None = None

    @property
    def up(self) -> bool:
        """Whether the port passes packets now."""
        return self.oper == 1


@dataclass(frozen=True, slots=True)
class Neighbour:
    """
    What one port hears of the device at its other end; `local` is the ifIndex of the port, None where it cannot be told.

    `chassis` and `port_ids` are what the other end may be known by, cleaned; `addresses` are its management addresses.
    `oper_mau` is its own running speed by its announcement, bit/s.
    """

    local: int | None
    by: str
    device: Device
    name: str = ""
    chassis: str = ""
    port_ids: tuple[str, ...] = ()
    description: str = ""
    addresses: tuple[str, ...] = ()
    peer_bit_s: int | None = None
    local_text: str = ""
