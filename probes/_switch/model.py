"""
What is a port, its speed, a neighbour, a link?

Plain values that the other modules of this folder hand to each other; nothing here decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a speed is known, the best first; only a reported one can prove anything alone."""

    REPORTED = "reported"
    REPAIRED = "repaired"
    INFERRED = "inferred"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


WEAKEST_LAST = tuple(Status)


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


LINKING = (Device.SWITCH, Device.ROUTER)  # a cable to one of these is a link of the network
MAY_LINK = (*LINKING, Device.UNKNOWN)  # who does not say what it is may be a switch
BRIDGING = (*LINKING, Device.AP)  # forwards for others: what is heard on its port may stand behind it
NAMED = (*LINKING, Device.AP)  # the school's equipment, whose name may leave it; that of people's devices may not


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

    `label` is its name, with `#ifIndex` where the name is not its own. `members` are the ifIndexes of an aggregate, `carrying` those of them that carry traffic where others that are up do not, `lag` is the
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
    carrying: tuple[int, ...] = ()
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
    `peer_bit_s` is its own running speed by its announcement, bit/s. `local_text` is what the switch calls its port.
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
