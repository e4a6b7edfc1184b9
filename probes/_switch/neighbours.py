"""
Whom does each port hear?

*Method*: LLDP-MIB, LLDP-V2-MIB, CDP and the neighbour tables of vendors are read into one form. The local port is found by the name
that LLDP gives it, then by its bridge port, then as an ifIndex; where none fits or two fit the neighbour is kept without one.
A device that two protocols hear on one port is one neighbour. A neighbour is what somebody announces: it proves no link until
the other end names this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from probes._switch.model import Device, Neighbour, SwitchPort
from probes._switch.naming import canonical, names_of
from probes._switch.neighbours_lldp import lldp, lldp_v2
from probes._switch.neighbours_vendor import cdp, mikrotik, nms, tp_link
from probes._switch.tables import Tables
from probes._switch.wording import mac_of

# Whose word counts first where several protocols hear one device.
ORDER = {"lldp": 0, "lldp_v2": 1, "vendor": 2, "cdp": 3}


def neighbours_of(tables: Tables, ports: Sequence[SwitchPort]) -> tuple[Neighbour, ...]:
    """The neighbours of one switch, one for each device and port, in the order of its ports."""
    names = names_of(tables, ports)
    heard = chain(
        lldp(tables, names),
        lldp_v2(tables, names),
        nms(tables, names),
        tp_link(tables, names),
        mikrotik(tables, names),
        cdp(tables, names),
    )
    return merged(neighbour for neighbour in heard if _says_something(neighbour))


def _says_something(neighbour: Neighbour) -> bool:
    """Whether a row holds anything at all; agents keep empty ones."""
    return bool(neighbour.name or neighbour.chassis or neighbour.port_ids or neighbour.addresses)


def merged(heard: Iterable[Neighbour]) -> tuple[Neighbour, ...]:
    """The same, with each device once for each of its ports, however many protocols hear it."""
    found: list[Neighbour] = []
    for neighbour in sorted(heard, key=lambda one: ORDER[one.by]):
        place = next((at for at, known in enumerate(found) if _same(known, neighbour)), None)
        if place is None:
            found.append(neighbour)
        else:
            found[place] = _joined(found[place], neighbour)
    return tuple(sorted(found, key=lambda one: (one.local is None, one.local or 0)))


def _same(one: Neighbour, other: Neighbour) -> bool:
    """
    Whether two rows of one port are of one device.

    Rows of one protocol are of one device only if chassis and port agree; rows of two protocols if anything that tells devices
    apart agrees, for they seldom write all of it.
    """
    if one.local is None or one.local != other.local:
        return False
    if one.by == other.by:
        return (one.chassis, one.name, one.port_ids[:1]) == (other.chassis, other.name, other.port_ids[:1])
    return (
        bool(identities(one) & identities(other))
        or bool(set(one.addresses) & set(other.addresses))
        or bool({canonical(port) for port in one.port_ids} & {canonical(port) for port in other.port_ids} - {""})
    )


def identities(neighbour: Neighbour) -> frozenset[str]:
    """By what this device may be known, in small letters: chassis, name, name without domain and serial number."""
    # Who puts what CDP hears into LLDP's table (ProCurve) writes the device's name where the chassis belongs.
    named = "" if mac_of(neighbour.chassis) else neighbour.chassis
    return frozenset({neighbour.chassis.casefold(), *short_names(neighbour.name), *short_names(named)} - {""})


def short_names(name: str) -> tuple[str, ...]:
    """A system name in small letters, as it stands and without `(serial)` and domain."""
    whole = name.partition("(")[0].strip().casefold() or name.casefold()
    return (whole, whole.partition(".")[0]) if not whole.replace(".", "").isdigit() else (whole,)


def _joined(first: Neighbour, second: Neighbour) -> Neighbour:
    """The first telling, with what only the second tells."""
    return replace(
        first,
        device=first.device if first.device is not Device.UNKNOWN else second.device,
        name=first.name or second.name,
        chassis=first.chassis or second.chassis,
        port_ids=tuple(dict.fromkeys((*first.port_ids, *second.port_ids))),
        description=first.description or second.description,
        addresses=tuple(dict.fromkeys((*first.addresses, *second.addresses))),
        peer_bit_s=first.peer_bit_s if first.peer_bit_s is not None else second.peer_bit_s,
    )
