"""
What is plugged into a port, and does it run over fibre or copper?

*Method*: what a vendor's own table says of the module (H3C, HP, Huawei), else the words of the ENTITY-MIB about the
port, the module in it or the module that it belongs to, joined by entAliasMappingIdentifier (RFC 6933). The medium is told
only where a table or those words name it: 1000BASE-LX and 1310 nm are fibre, BASE-T and direct attach are copper.

What it does not prove: that the module passes light, or the distance of the other end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from probes._snmp.exchange import Oid
from probes._switch.tables import Tables, number

IF_INDEX: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
UNKNOWN, FIBRE, COPPER = "unknown", "fibre", "copper"
NO_WAVELENGTH = 2**31 - 1  # H3C's word for "does not apply"
HUAWEI_FIBRE_MODES = (2, 3, 4)  # singleMode, multiMode5, multiMode6
HUAWEI_PORT_TYPES = {2: COPPER, 3: FIBRE}

_FIBRE = re.compile(
    r"(base[-_ ]*|[-+_/ ]|\d)(sx|lx|lh|zx|ex|bx|fx|px|sr|lr|er|zr|fr|dr|lrm|lw|sw|ew)\d*(?![a-z])|\d{3,4}\s?nm"
    r"|single-?\s?mode|multi-?\s?mode|\bfib(er|re)\b",
    re.IGNORECASE,
)
_COPPER = re.compile(
    r"base[-_ ]*(tx?|t4|cr|cx)\d?(?![a-z])|rj-?45|twinax|\bdac\b|direct.attach|\bcopper\b|sfp\w*_cable", re.IGNORECASE
)
_MODULE = re.compile(r"sfp|xfp|gbic|x2\b|xenpak|cfp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Module:
    """What is plugged in, in the switch's words, and its medium: `fibre`, `copper` or `unknown`."""

    words: str = ""
    medium: str = UNKNOWN


NONE = Module()


def modules_of(tables: Tables) -> dict[int, Module]:
    """What is plugged in, by ifIndex; a vendor's own word goes before the ENTITY-MIB's."""
    found: dict[int, Module] = {}
    for source in (_h3c, _hp, _huawei, _entities):
        for index, module in source(tables):
            before = found.get(index, NONE)
            medium = module.medium if before.medium == UNKNOWN else before.medium
            found[index] = Module(before.words or module.words, medium)
    return found


def medium_in(words: str) -> str:
    """The medium that the words name, unknown where they name none or both."""
    is_fibre, is_copper = bool(_FIBRE.search(words)), bool(_COPPER.search(words))
    if is_fibre == is_copper:
        return UNKNOWN
    return FIBRE if is_fibre else COPPER


def _described(words: str, nanometres: int | None) -> Module:
    """A module by its type and wavelength."""
    light = f"{nanometres} nm" if nanometres and 0 < nanometres < NO_WAVELENGTH else ""
    told = " ".join(filter(None, (words, light)))
    return Module(told, medium_in(told))


def _h3c(tables: Tables) -> Iterator[tuple[int, Module]]:
    """HH3C-TRANSCEIVER-INFO-MIB, by ifIndex."""
    for index in tables.rows("hh3cTransceiverType"):
        words = tables.text("hh3cTransceiverType", index)
        yield index[0], _described(words, tables.number("hh3cTransceiverWaveLength", index))


def _hp(tables: Tables) -> Iterator[tuple[int, Module]]:
    """HP-ICF-TRANSCEIVER-MIB, by ifIndex."""
    for index in tables.rows("hpicfXcvrType"):
        words = f"{tables.text('hpicfXcvrType', index)} {tables.text('hpicfXcvrWavelength', index)}".strip()
        yield index[0], Module(words, medium_in(words))


def _huawei(tables: Tables) -> Iterator[tuple[int, Module]]:
    """HUAWEI-ENTITY-EXTENT-MIB by entity, HUAWEI-PORT-MIB by ifIndex."""
    for entity, port in _ports_by_entity(tables).items():
        words = tables.text("hwEntityOpticalVenderPn", (entity,))
        module = _described(words, tables.number("hwEntityOpticalWaveLength", (entity,)))
        by_mode = tables.number("hwEntityOpticalMode", (entity,)) in HUAWEI_FIBRE_MODES
        yield port, Module(module.words, FIBRE if by_mode else module.medium)
    for index, kind in tables.rows("hwEthernetPortType").items():
        yield index[0], Module(medium=HUAWEI_PORT_TYPES.get(number(kind) or 0, UNKNOWN))


def _entities(tables: Tables) -> Iterator[tuple[int, Module]]:
    """The words of the ENTITY-MIB about a port, about what is in it, and about what it alone is in."""
    ports = _ports_by_entity(tables)
    parents = {index[0]: number(parent) for index, parent in tables.rows("entPhysicalContainedIn").items()}
    alone = Counter(parents.get(entity) for entity in ports)
    inside = {parent: entity for entity, parent in parents.items() if parent in ports}
    for entity, port in ports.items():
        parent = parents.get(entity)
        near = (entity, inside.get(entity), parent if alone[parent] == 1 else None)
        for one in near:
            words = tables.text("entPhysicalDescr", (one,)) if one is not None else ""
            medium = medium_in(words)
            if medium != UNKNOWN:
                yield port, Module(words if _MODULE.search(words) or medium == FIBRE else "", medium)
                break


def _ports_by_entity(tables: Tables) -> dict[int, int]:
    """ifIndex by entPhysicalIndex."""
    rows = tables.rows("entAliasMappingIdentifier").items()
    return {
        index[0]: named[-1]
        for index, named in rows
        if isinstance(named, tuple) and named[:-1] == IF_INDEX and len(index) == 2
    }
