"""
Which listed switch is this neighbour, and which of its ports does it speak from?

*Method*: by chassis ID, then by system name (with and without domain), then by management address. What two listed switches share
tells neither; a name or address is not believed against a chassis ID that the listed switch does not have, nor is a name that
a maker gives to all its switches. A false link is worse than a missing one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from probes._switch.found import SwitchFound
from probes._switch.model import Neighbour
from probes._switch.neighbours import short_names
from probes._switch.wording import mac_of, mac_text

# Names that switches bear until somebody gives them one.
FACTORY_NAMES = re.compile(
    r"(huawei|quidway|h3c|hp|hpe|comware|ruijie|switch|router|mikrotik|aruba|cisco|zte|zxr10|tp-?link|t\d{4}g?|dlink|d-link|localhost|"
    r"fs|bdcom|ubnt|unifi|juniper|dell|sonic|dcn|maipu|netgear|zyxel|openwrt)",
    re.IGNORECASE,
)
# The port by which a switch is managed is no part of the network that it switches.
MANAGEMENT = re.compile(
    r"(meth|m-\w*ethernet|mgmt|management|fxp|me|vme|em|oobm?|ma|mg|outband)[ -]?[\d/]*", re.IGNORECASE
)


def _unique(pairs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """Whose a word is, of those words that are one switch's only."""
    owners: dict[str, set[int]] = defaultdict(set)
    for word, owner in pairs:
        owners[word.casefold()].add(owner)
    return {word: next(iter(several)) for word, several in owners.items() if word and len(several) == 1}


@dataclass(frozen=True, slots=True)
class Directory:
    """The listed switches by everything that others may call them, each word only where it is one switch's."""

    switches: tuple[SwitchFound, ...]
    chassis: Mapping[str, int]
    names: Mapping[str, int]
    short: Mapping[str, int]
    addresses: Mapping[str, int]

    def number_of(self, neighbour: Neighbour) -> int | None:
        """Where in the list this neighbour stands, None for one that is not listed or cannot be told."""
        if neighbour.chassis and (known := self.chassis.get(neighbour.chassis.casefold())) is not None:
            return known
        # A chassis ID that is no address may be a name (neighbours.identities).
        named = neighbour.name or ("" if mac_of(neighbour.chassis) else neighbour.chassis)
        for known in (self._by_name(named), self._by_address(neighbour)):
            if known is not None and not self._contradicted(neighbour, self.switches[known]):
                return known
        return None

    def _by_name(self, name: str) -> int | None:
        """By the whole name, else by the name without its domain."""
        if not name or FACTORY_NAMES.fullmatch(name):
            return None
        whole, *short = short_names(name)
        return self.names.get(whole, self.short.get(short[0]) if short else None)

    def _by_address(self, neighbour: Neighbour) -> int | None:
        """By management addresses, if all that are known are one switch's."""
        found = {self.addresses[address] for address in neighbour.addresses if address in self.addresses}
        return next(iter(found)) if len(found) == 1 else None

    def _contradicted(self, neighbour: Neighbour, switch: SwitchFound) -> bool:
        """Whether its chassis ID is a MAC address that this switch, which tells its own, does not have."""
        mac = mac_of(neighbour.chassis)
        if not mac or mac in switch.macs:
            return False
        return bool(mac_of(switch.chassis)) or (bool(switch.macs) and port_of(switch, neighbour) is None)


def directory(switches: Sequence[SwitchFound]) -> Directory:
    """The book of these switches."""
    numbered = list(enumerate(switches))
    called = [(name, number) for number, one in numbered for name in {one.sys_name, *one.other_names} if name]
    return Directory(
        switches=tuple(switches),
        chassis=_unique((word, number) for number, one in numbered for word in {one.chassis, *map(mac_text, one.macs)}),
        names=_unique((short_names(name)[0], number) for name, number in called),
        short=_unique((short_names(name)[-1], number) for name, number in called),
        addresses=_unique((address, number) for number, one in numbered for address in one.addresses),
    )


def port_of(switch: SwitchFound, neighbour: Neighbour) -> int | None:
    """The port of a listed switch from which this neighbour says that it speaks, None where no port or two fit."""
    meant = switch.names.meant(neighbour.port_ids)
    if meant:
        return switch.names.one(meant)
    # An ID of digits alone is an ifIndex only where it cannot be a count of ports (Juniper, Alcatel).
    numbers = [int(text) for text in neighbour.port_ids[:1] if text.isdecimal() and int(text) > len(switch.ports)]
    return next((number for number in numbers if number in switch.names.ports), None)


def speaks_of_management(switch: SwitchFound, neighbour: Neighbour) -> bool:
    """Whether a listed switch is heard by its management port, which is none of its ports that count."""
    return port_of(switch, neighbour) is None and any(MANAGEMENT.fullmatch(text) for text in neighbour.port_ids)
