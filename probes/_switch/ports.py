"""
Which ports does a switch have, and what is known of each?

*Method*: an interface counts as a physical port if its ifType is one of Ethernet's (RFC 2863, IANAifType-MIB), it is present,
it has a plug where the switch tells such things, and its name is not that of a virtual one; as an aggregate by its type or
name; as a stack port by its name. What each runs at is decided in `speed` and `lags`.

What it does not prove: that a port is what its name says, or that a switch shows all its ports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from probes._snmp.exchange import Oid
from probes._switch.lags import bundled, hinted, members_of
from probes._switch.mau import Mau, mau_of
from probes._switch.model import Kind, Speed, Status, SwitchPort
from probes._switch.names import built_for, has_place, is_bundle, is_part, is_stack, is_virtual, is_written, labels
from probes._switch.speed import Told, speed_of
from probes._switch.tables import Tables, number
from probes._switch.transceivers import NONE, Module, medium_in, modules_of

ETHERNET_TYPES = (6, 62, 69, 117)  # ethernetCsmacd, fastEther, fastEtherFX, gigabitEthernet
LAG_TYPE = 161  # ieee8023adLag
NEVER_LAG_TYPES = (24, 135, 136)  # softwareLoopback, l2vlan, l3ipvlan
UP, NOT_PRESENT = 1, 6
GIGABIT = 10**9
HAS_PLUG, HAS_NONE = 1, 2  # ifConnectorPresent, TruthValue
DUPLEX = {2: "half", 3: "full"}  # dot3StatsDuplexStatus; 1 is unknown
HUAWEI_DUPLEX = {1: "full", 2: "half"}  # hwEthernetDuplex
HUAWEI, ARUBA = 2011, 14823  # enterprise numbers
# Makers whose routers and controllers call every port GE, whatever it runs at.
CALL_ALL_GIGABIT = (HUAWEI, ARUBA)
BOARD = re.compile(r"[a-z0-9]*?ethernet(?P<slot>\d+)/\d+/\d+$", re.IGNORECASE)
PENDING = Speed(Status.UNKNOWN, None)
GAUGE_END = 2**32 - 1  # Gauge32, RFC 2578 section 7.1.7


def ports_of(tables: Tables) -> tuple[SwitchPort, ...]:
    """All physical ports, aggregates and stack ports of a switch in the order of their ifIndex."""
    kinds = _counted(tables)
    called = labels({index: _names(tables, index)[0] for index in kinds})
    maus, modules, loose = _maus(tables), modules_of(tables), _is_loosely_named(tables, kinds)
    ports = {
        index: _port(tables, index, kind, called[index], maus.get(index), modules.get(index, NONE), loose)
        for index, kind in kinds.items()
    }
    joined = _with_lags(tables, ports)
    return tuple(joined[index] for index in sorted(joined))


def _counted(tables: Tables) -> dict[int, Kind]:
    """The interfaces that count, and as what."""
    plugs = {index[0]: plug for index, plug in tables.rows("ifConnectorPresent").items()}
    kinds = {index[0]: _kind(tables, index[0]) for index in tables.rows("ifType")}
    physical = [index for index, kind in kinds.items() if kind is Kind.PHYSICAL]
    # A switch that says of no port that it has a plug says nothing by it.
    tells_plugs = any(plugs.get(index) == HAS_PLUG for index in physical)
    # One that is named by its slot has a cage for a module, and some say so only once a module is in it, or never.
    phantoms = {
        index
        for index in physical
        if tells_plugs and plugs.get(index) == HAS_NONE and not has_place(_names(tables, index))
    }
    left_out = phantoms | _of_management(tables, physical)
    return {index: kind for index, kind in kinds.items() if kind is not None and index not in left_out}


def _of_management(tables: Tables, physical: Sequence[int]) -> set[int]:
    """The port of the control board of a Huawei chassis, known by being alone in slot 0; its lines are in other slots."""
    slots = {index: BOARD.match(_names(tables, index)[0]) for index in physical if tables.enterprise == HUAWEI}
    boards = [index for index, slot in slots.items() if slot and slot["slot"] == "0"]
    lines = any(slot and slot["slot"] != "0" for slot in slots.values())
    return set(boards) if lines and len(boards) == 1 else set()


def _kind(tables: Tables, index: int) -> Kind | None:
    """What an interface counts as, or None."""
    row, names = (index,), _names(tables, index)
    if_type = tables.number("ifType", row)
    if tables.number("ifOperStatus", row) == NOT_PRESENT:
        return None
    if is_stack(names):
        return Kind.STACK
    if is_bundle(names) if if_type != LAG_TYPE else not is_part(names):
        return Kind.LAG if if_type not in NEVER_LAG_TYPES else None
    return Kind.PHYSICAL if if_type in ETHERNET_TYPES and not is_virtual(names) else None


def _names(tables: Tables, index: int) -> tuple[str, ...]:
    """ifName and ifDescr, those that are told; the first is what the interface is called, and people's words are none."""
    name, descr, alias = (tables.text(column, (index,)) for column in ("ifName", "ifDescr", "ifAlias"))
    told = (name, "" if is_written(name, descr, alias) else descr)
    return tuple(dict.fromkeys(filter(None, told))) or ("",)


def _maus(tables: Tables) -> dict[int, Mau | None]:
    """The media type of each port; None where one has several of different rates, as a port of two sockets may."""
    found: dict[int, Mau | None] = {}
    for index, value in tables.rows("ifMauType").items():
        mau = mau_of(value)
        before = found.get(index[0], mau)
        found[index[0]] = mau if mau and before and before.bit_s == mau.bit_s else None
    return found


def _is_loosely_named(tables: Tables, indexes: Iterable[int]) -> bool:
    """Whether a maker who calls faster ports GE too has done so here: none bears a name of more."""
    built = [built_for(_names(tables, index)) for index in indexes]
    return tables.enterprise in CALL_ALL_GIGABIT and all(one is None or one.bit_s <= GIGABIT for one in built)


def _port(
    tables: Tables, index: int, kind: Kind, label: str, mau: Mau | None, module: Module, loose: bool
) -> SwitchPort:
    """One interface without what other interfaces say of it."""
    row, names = (index,), _names(tables, index)
    high, low = (_gauge(tables.number(column, row)) for column in ("ifHighSpeed", "ifSpeed"))
    oper = tables.number("ifOperStatus", row)
    told = Told(oper == UP, high, low, names, mau.bit_s if mau else None, loose)
    speed = PENDING if kind is Kind.LAG else _checked(speed_of(told), tables, row)
    return SwitchPort(
        index=index,
        label=label,
        kind=kind,
        oper=oper,
        speed=speed,
        name=tables.text("ifName", row),
        descr=tables.text("ifDescr", row),
        alias=tables.text("ifAlias", row),
        duplex=_duplex(tables, index, mau) if oper == UP else "unknown",
        mau=mau.name if mau else "",
        medium=_medium(names, mau, module),
        transceiver=module.words,
        cage_bit_s=_cage(names, speed),
        told=(high, low),
    )


def _gauge(value: int | None) -> int | None:
    """A value of a Gauge32; one that an agent made larger stands at its end, where it says nothing."""
    return None if value is None else min(value, GAUGE_END)


def _checked(speed: Speed, tables: Tables, row: Oid) -> Speed:
    """The rate; one that ifSpeed might have contradicted, had it been read to its end, is no report."""
    unread = tables.cut("ifSpeed") and row not in tables.rows("ifSpeed")
    if speed.status is not Status.REPORTED or not unread:
        return speed
    return replace(speed, status=Status.INFERRED, why=f"{speed.why}; ifSpeed could not be read")


def _duplex(tables: Tables, index: int, mau: Mau | None) -> str:
    """Full, half or unknown; the standard's word before the vendor's, and either before what the media type implies."""
    standard = DUPLEX.get(number(tables.rows("dot3StatsDuplexStatus").get((index,))) or 0)
    vendor = HUAWEI_DUPLEX.get(number(tables.rows("hwEthernetDuplex").get((index,))) or 0)
    return standard or vendor or (mau.duplex if mau else "unknown")


def _medium(names: tuple[str, ...], mau: Mau | None, module: Module) -> str:
    """Fibre or copper where the media type, the module or the port's own name tells it (`: copper`), in that order."""
    told = (mau.medium if mau else "unknown", module.medium, medium_in(names[0].partition(":")[2]))
    return next((medium for medium in told if medium != "unknown"), "unknown")


def _cage(names: tuple[str, ...], speed: Speed) -> int | None:
    """The rate that the port was built for, where it runs at less."""
    built = built_for(names)
    return built.bit_s if built and speed.bit_s is not None and speed.bit_s < built.bit_s else None


def _with_lags(tables: Tables, ports: dict[int, SwitchPort]) -> dict[int, SwitchPort]:
    """The ports, with each aggregate's members and rate, and each member's aggregate."""
    lags = [index for index, port in ports.items() if port.kind is Kind.LAG]
    physical = [index for index, port in ports.items() if port.kind is Kind.PHYSICAL]
    found = members_of(tables, lags, physical)
    joined = dict(ports)
    for index in lags:
        members = found.get(index) or hinted(ports[index], [joined[port] for port in physical])
        joined[index] = bundled(ports[index], members, ports)
        for port in joined[index].members:
            joined[port] = replace(joined[port], lag=index)
    return joined
