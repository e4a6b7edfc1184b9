"""
Which port of a switch do these words mean?

*Method*: a port is known by ifName and ifDescr, then by ifAlias; the words are compared as written, then without what vendors
add (`Gi1/0/1` is `GigabitEthernet1/0/1`, `bridge1/ether5` is `ether5`, ` : copper` is no part of a name), then by their numbers
alone. A step that finds two ports finds none, and words that name an interface which is no port are not bent to fit another.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from probes._switch.model import SwitchPort
from probes._switch.tables import Tables
from probes._switch.wording import mac_of, words

# What vendors write before the numbers of a port, by what they mean.
FAMILIES = {
    "fa": "fastethernet fasteth fast fa fe",
    "gi": "gigabitethernet fiberethernet gigaethernet gigabiteth gigaeth gigabit gige ge gei gi gig g",
    "mg": "multigigabitethernet m-gigabitethernet multige mge mgig twogigabitethernet twopointfivegigabitethernet tw",
    "fi": "fivegigabitethernet fivegige fi",
    "te": "tengigabitethernet ten-gigabitethernet tengigaethernet tengige tengig xgigabitethernet xgigaethernet tgigaethernet "
    "xge xgei 10gigabitethernet 10gigaethernet 10ge te ten tg xg",
    "twe": "twentyfivegige twentyfivegigabitethernet twenty-fivegige 25gigabitethernet 25ge twe wge",
    "fo": "fortygigabitethernet fortygige forty-gigabitethernet 40gigabitethernet 40ge fo fge fg xlge",
    "fif": "fiftygige fiftygigabitethernet 50ge",
    "hu": "hundredgige hundredgigabitethernet hundredgigethernet 100gigabitethernet 100ge hu hun hge cge cgei",
    "eth": "ethernet eth et e",
    "po": "port-channel portchannel po",
    "ag": "aggregateport aggport ag",
    "bagg": "bridge-aggregation bagg",
    "ragg": "route-aggregation ragg",
}
FAMILY = {prefix: family for family, prefixes in FAMILIES.items() for prefix in prefixes.split()}
NAME = re.compile(r"(\d{2,3}ge|\d{2,3}giga?(?:bit)?ethernet|[a-z][a-z -]*?)[ _-]?(\d+(?:[/:.]\d+)*)", re.IGNORECASE)
SUFFIX = re.compile(r" : .*$| interface$| \([0-9a-f]{12}\)$", re.IGNORECASE)
NUMBERS = re.compile(r"\d+(?:/\d+)+")


def folded(name: str) -> str:
    """A name by which two spellings of case and space are one."""
    return re.sub(r"\s+", " ", name).strip().casefold()


def _parts(name: str) -> tuple[str, str]:
    """The letters and the numbers of a port's name without what is added to it, empty where it has no such form."""
    fitting = NAME.fullmatch(SUFFIX.sub("", folded(name)))
    return (fitting[1].strip(), fitting[2]) if fitting else ("", "")


def canonical(name: str) -> str:
    """One spelling of a name that vendors write long or short; empty for a name of another form."""
    letters, numbers = _parts(name)
    return f"{FAMILY.get(letters, letters)} {numbers}" if numbers else ""


def numbers_only(name: str) -> str:
    """`1/0/18` of any name that ends so, empty without a slash: a bare number means too many things."""
    numbers = _parts(name)[1] or folded(name)
    return numbers if NUMBERS.fullmatch(numbers) else ""


def without_bridge(name: str) -> str:
    """`ether5` of `bridge1/ether5` (RouterOS names the bridge or bond too), empty for a name without that."""
    head, _, tail = name.partition("/")
    return tail if head and tail[:1].isalpha() else ""


SPELLINGS: tuple[Callable[[str], str], ...] = (
    folded,
    canonical,
    lambda name: folded(without_bridge(name)),
    lambda name: canonical(without_bridge(name)),
)

Index = Mapping[str, frozenset[int]]


def _index(pairs: Iterable[tuple[str, int]]) -> Index:
    """Which interfaces bear a name; one of no name bears none."""
    found: dict[str, set[int]] = defaultdict(set)
    for name, index in pairs:
        if name:
            found[name].add(index)
    return {name: frozenset(indexes) for name, indexes in found.items()}


@dataclass(frozen=True, slots=True)
class PortNames:
    """The interfaces of one switch by what may be written of them; `ports` are the ifIndexes of those that count."""

    ports: frozenset[int]
    physical: frozenset[int]
    spelled: tuple[Index, ...]
    numbered: Index
    aliases: Index
    macs: Mapping[bytes, frozenset[int]]

    def named(self, written: str) -> frozenset[int]:
        """All interfaces, ports or not, that these words name; the first spelling that names any decides."""
        for spelling, index in zip(SPELLINGS, self.spelled, strict=True):
            if found := index.get(spelling(written)):
                return found
        found = (
            self.numbered.get(numbers_only(written), frozenset()) if NUMBERS.fullmatch(folded(written)) else frozenset()
        )
        return found & self.physical

    def aliased(self, written: str) -> frozenset[int]:
        """All interfaces that bear these words as ifAlias."""
        return self.aliases.get(folded(written), frozenset())

    def addressed(self, written: str) -> frozenset[int]:
        """All ports whose own MAC address this is; several where a switch has one address for all."""
        return self.macs.get(mac_of(written), frozenset())

    def one(self, found: frozenset[int]) -> int | None:
        """The one port among these, None where there are two or it is no port."""
        return next(iter(found)) if len(found) == 1 and found <= self.ports else None

    def meant(self, texts: Sequence[str]) -> frozenset[int]:
        """The interfaces that the first telling of these texts means: by name, then by MAC address, then by alias."""
        for find in (self.named, self.addressed, self.aliased):
            for written in texts:
                if written and (found := find(written)):
                    return found
        return frozenset()


def names_of(tables: Tables, ports: Sequence[SwitchPort]) -> PortNames:
    """The names of all interfaces of a switch, as its tables and its ports give them."""
    names = [(name, port.index) for port in ports for name in (port.name, port.descr, port.label)]
    aliases = [(folded(port.alias), port.index) for port in ports]
    for column in ("ifName", "ifDescr"):
        names += [(words(v), index[-1]) for index, v in tables.rows(column).items() if index and isinstance(v, bytes)]
    macs = [(index[-1], v) for index, v in tables.rows("ifPhysAddress").items() if index and isinstance(v, bytes)]
    return port_names(names, aliases, macs, ports)


def port_names(
    names: Iterable[tuple[str, int]],
    aliases: Iterable[tuple[str, int]],
    macs: Iterable[tuple[int, bytes]],
    ports: Sequence[SwitchPort],
) -> PortNames:
    """The same from pairs: name, alias or MAC address and ifIndex."""
    known = list(names)
    counting = frozenset(port.index for port in ports)
    addresses: dict[bytes, set[int]] = defaultdict(set)
    for index, mac in macs:
        if len(mac) == 6 and any(mac) and index in counting:
            addresses[mac].add(index)
    # The number alone is asked of physical ports only: a VLAN interface or an aggregate bears numbers of another count.
    return PortNames(
        ports=counting,
        physical=frozenset(port.index for port in ports if port.kind == "physical"),
        spelled=tuple(_index((spelling(name), index) for name, index in known) for spelling in SPELLINGS),
        numbered=_index((numbers_only(name), index) for name, index in known),
        aliases=_index(aliases),
        macs={mac: frozenset(indexes) for mac, indexes in addresses.items()},
    )
