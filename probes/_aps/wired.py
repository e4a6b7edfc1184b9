"""
How fast is the wired port of an access point?

*Method*: the rate that the controller tells of a port that is up, if Ethernet has it, and no more than the port's kind can do. Of an
access point with several ports that are up and none marked as the way to the network, any may be the one: the slowest and the fastest are
the ends of an interval. Where only the fastest possible rate is told, that is its upper end.
"""

from __future__ import annotations

from dataclasses import dataclass

from probes._aps import numbers
from probes._aps.mib import Family
from probes._aps.model import State, Wired
from probes._snmp.exchange import Oid
from probes._switch.tables import Tables, number

ETHERNET = 6  # ifType, IANAifType-MIB ethernetCsmacd
ROOT = 1  # hwWlanApMultiWiredPortMode: towards the network


@dataclass(frozen=True, slots=True)
class _Port:
    """One port that is up."""

    name: str
    rate_bit_s: int
    root: bool


def wires(family: Family, tables: Tables) -> dict[Oid, Wired]:
    """The wired port of every access point of which something is told, by the access point's index; bit/s."""
    most = _fastest(tables)
    found = {ap: Wired(None, rate) for ap, rate in most.items()}
    for ap, value in tables.rows("ap_uplink").items():
        uplink = numbers.rate_bit_s(family.numbers.uplink.get(number(value) or 0))
        if uplink is not None:
            found[ap] = Wired(uplink, uplink)
    return found | {ap: _wired(ports) for ap, ports in _ports(family, tables).items()}


def _wired(ports: list[_Port]) -> Wired:
    """The port that leads to the network, or any of those that may."""
    ways = [port for port in ports if port.root] or ports
    rates = [port.rate_bit_s for port in ways]
    return Wired(min(rates), max(rates), ",".join(port.name for port in ways))


def _ports(family: Family, tables: Tables) -> dict[Oid, list[_Port]]:
    """The ports that are up and have a rate, by the access point's index."""
    ports: dict[Oid, list[_Port]] = {}
    for index, value in tables.rows("port_mbit_s").items():
        rate = numbers.rate_bit_s(value)
        state = family.numbers.port_state.get(number(tables.rows("port_state").get(index)) or 0, State.UNKNOWN)
        if rate is not None and state is State.UP:
            kind = family.numbers.port_type.get(number(tables.rows("port_type").get(index)) or 0)
            most = rate if kind is None else min(rate, kind * numbers.MBIT)
            root = number(tables.rows("port_mode").get(index)) == ROOT
            name = tables.text("port_name", index) or str(*index[-1:])
            ports.setdefault(index[:-1], []).append(_Port(name, most, root))
    return ports


def _fastest(tables: Tables) -> dict[Oid, int]:
    """What the fastest Ethernet port of each access point could do at most, where a controller tells only that; bit/s."""
    told: dict[Oid, list[int | None]] = {}
    for index, kind in tables.rows("if_type").items():
        if kind == ETHERNET:
            told.setdefault(index[:-1], []).append(numbers.rate_bit_s(tables.rows("if_most_mbit_s").get(index)))
    return {ap: max(rate or 0 for rate in rates) for ap, rates in told.items() if None not in rates}
