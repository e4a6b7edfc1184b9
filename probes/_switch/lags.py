"""
Which ports does an aggregate (LAG) bundle, and how fast is it?

*Method*: the members come from the first of these that names any: the vendor's own table (Huawei, Ruijie), the aggregator to which a
port is attached (IEEE8023-LAG-MIB), the aggregator's list of ports (bits are numbers of dot1dBasePort), ifStackTable between
an aggregate and a physical port in either order; at last, as a hint only, up ports of the same ifAlias whose rates add up to
what the aggregate tells. Its rate is the sum of its members that are up; what it tells of itself is compared with that.

What it does not prove: that traffic is spread over the members. One conversation runs at the rate of one member.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from probes._switch.model import WEAKEST_LAST, Speed, Status, SwitchPort
from probes._switch.names import MBIT_S, whole_of
from probes._switch.speed import GAUGE, LEAST, NOT_UP, RATES, contradiction, stands_at_end
from probes._switch.tables import Tables

MOST_MEMBERS = 16  # IEEE 802.1AX hardware in schools bundles 8, some 16
VALID, ACTIVE = 1, 1
CISCO = 9  # its enterprise number
SPELLED = re.compile(rb"\d+(-\d+)?(,\s?\d+(-\d+)?)*")

Pairs = Iterator[tuple[int, int]]  # aggregate, member


@dataclass(frozen=True, slots=True)
class Members:
    """The ifIndexes of the ports of one aggregate; `hinted` where only their description and rates say so."""

    indexes: tuple[int, ...]
    hinted: bool = False


def members_of(tables: Tables, lags: Collection[int], ports: Collection[int]) -> dict[int, Members]:
    """The members of those aggregates of which a table names any."""
    found: dict[int, Members] = {}
    wholes = _wholes(tables)
    for source, columns in SOURCES.items():
        if any(tables.cut(column) for column in columns):
            continue  # half of the members would make a lower sum, and a conflict of an honest switch
        joined = ((wholes.get(lag, lag), wholes.get(port, port)) for lag, port in source(tables))
        pairs = {(lag, port) for lag, port in joined if lag in lags and port in ports}
        for lag in {lag for lag, _ in pairs} - found.keys():
            found[lag] = Members(tuple(sorted(port for one, port in pairs if one == lag)))
    return found


def _wholes(tables: Tables) -> dict[int, int]:
    """The interface that each unit is a part of: Juniper joins `ge-0/0/0.0` to `ae0.0`, and means the ports."""
    names = {tables.text("ifName", index): index[0] for index in tables.rows("ifName")}
    return {index: names[whole_of(name)] for name, index in names.items() if whole_of(name) in names}


def _by_vendor(tables: Tables) -> Pairs:
    """The tables of two makers."""
    # HUAWEI-IF-EXT-MIB: hwTrunkIfIndex by trunk, hwTrunkValidEntry by trunk and member's ifIndex.
    for index, valid in tables.rows("hwTrunkValidEntry").items():
        lag = tables.number("hwTrunkIfIndex", index[:1])
        if valid == VALID and lag is not None and len(index) == 2:
            yield lag, index[1]
    # RUIJIE-AP-MIB: ruijieApConfigIndex by aggregate, ruijieApPortMemberApNumber by the member's ifIndex; 0 is none.
    for index, group in tables.rows("ruijieApPortMemberApNumber").items():
        lag = tables.number("ruijieApConfigIndex", (group,)) if isinstance(group, int) and group else None
        if lag is not None and len(index) == 1:
            yield lag, index[0]


def _by_attachment(tables: Tables) -> Pairs:
    """dot3adAggPortAttachedAggID by port; the selected aggregator only where no attached one is told."""
    column = "dot3adAggPortAttachedAggID"
    rows = tables.rows(column) or tables.rows("dot3adAggPortSelectedAggID")
    for index, lag in rows.items():
        if isinstance(lag, int) and lag != index[0]:
            yield lag, index[0]


def _by_port_list(tables: Tables) -> Pairs:
    """dot3adAggPortListPorts by aggregate: a bit a port of the bridge, the highest bit of the first octet is port 1."""
    for index in tables.rows("dot3adAggPortListPorts"):
        octets = tables.octets("dot3adAggPortListPorts", index)
        # NX-OS writes the numbers out (`21-22`); read as bits they are other ports.
        spelled = tables.enterprise == CISCO and SPELLED.fullmatch(octets)
        for number in () if spelled else _bits(octets):
            port = tables.number("dot1dBasePortIfIndex", (number,))
            if port is not None:
                yield index[0], port


def _bits(octets: bytes) -> Iterator[int]:
    """The numbers of a PortList (RFC 4363)."""
    return (place * 8 + bit + 1 for place, octet in enumerate(octets) for bit in range(8) if octet & 0x80 >> bit)


def _by_stacking(tables: Tables) -> Pairs:
    """ifStackStatus by higher and lower layer; some list them the other way round, and only one way fits."""
    for index, status in tables.rows("ifStackStatus").items():
        if status == ACTIVE and len(index) == 2:
            yield index[0], index[1]
            yield index[1], index[0]


# Where members may be told, in the order of trust, and in which columns.
SOURCES: dict[Callable[[Tables], Pairs], tuple[str, ...]] = {
    _by_vendor: ("hwTrunkIfIndex", "hwTrunkValidEntry", "ruijieApConfigIndex", "ruijieApPortMemberApNumber"),
    _by_attachment: ("dot3adAggPortAttachedAggID", "dot3adAggPortSelectedAggID"),
    _by_port_list: ("dot3adAggPortListPorts", "dot1dBasePortIfIndex"),
    _by_stacking: ("ifStackStatus",),
}


def hinted(lag: SwitchPort, ports: Sequence[SwitchPort]) -> Members | None:
    """The up ports that carry the aggregate's ifAlias, if their rates add up to what it tells; else None."""
    told = told_bit_s(*lag.told)
    same = [port for port in ports if lag.up and lag.alias and port.up and port.alias == lag.alias and port.lag is None]
    if not same or told is None or told != sum(port.speed.bit_s or 0 for port in same):
        return None
    return Members(tuple(port.index for port in same), hinted=True)


def bundled(lag: SwitchPort, members: Members | None, ports: Mapping[int, SwitchPort]) -> SwitchPort:
    """The aggregate with its members and the rate that they give it."""
    if members is None:
        return replace(lag, speed=_alone(lag))
    named = [ports[index] for index in members.indexes]
    return summed(lag, named, [port for port in named if port.up], members.hinted)


def summed(
    lag: SwitchPort, members: Sequence[SwitchPort], up: Sequence[SwitchPort], is_hint: bool = False
) -> SwitchPort:
    """The aggregate with these members and the rate that those of them give it that are `up`."""
    rates = [port.speed.bit_s for port in up if port.speed.bit_s is not None]
    return replace(
        lag,
        members=tuple(port.index for port in members),
        members_up=len(up),
        sum_bit_s=sum(rates) or None,
        largest_bit_s=max(rates, default=None),
        speed=_together(lag, up, is_hint),
    )


def _alone(lag: SwitchPort) -> Speed:
    """The rate of an aggregate whose members are not known: what it tells, if that is so many times a rate of Ethernet."""
    if not lag.up:
        return NOT_UP
    told = told_bit_s(*lag.told)
    if told is None:
        return Speed(Status.UNKNOWN, None, "its members are not known, and it tells no sum of rates of Ethernet")
    return Speed(Status.INFERRED, told, "its members are not known; what it tells of itself")


def _together(lag: SwitchPort, up: Sequence[SwitchPort], is_hint: bool) -> Speed:
    """The sum of the members that are up, against what the aggregate tells of itself."""
    if not lag.up:
        return NOT_UP
    known = [port.speed for port in up if port.speed.bit_s is not None]
    if not known:
        return Speed(Status.UNKNOWN, None, "no member that is up has a known rate")
    total = sum(speed.bit_s or 0 for speed in known)
    status = max((speed.status for speed in known), key=WEAKEST_LAST.index)
    why = f"sum of {len(known)} members"
    if is_hint or len(known) < len(up):
        status = max(status, Status.INFERRED, key=WEAKEST_LAST.index)
        why += " of the same description" if is_hint else f"; {len(up) - len(known)} more are up at an unknown rate"
    return _compared(Speed(status, total, why), total, lag.told)


def _compared(speed: Speed, total: int, told: tuple[int | None, int | None]) -> Speed:
    """The sum, or the lower of it and what the aggregate tells where they differ."""
    high, low = told
    if high:
        itself = told_bit_s(high, None) or 0
        agrees = itself == total
    else:
        itself = contradiction(total, low) or total
        agrees = contradiction(total, low) is None
    if agrees:
        return speed
    return Speed(Status.CONFLICT, min(total, itself) or total, f"{speed.why}, but it tells {_words(itself, told)}")


def _words(itself: int, told: tuple[int | None, int | None]) -> str:
    """What the aggregate tells of itself."""
    return f"{itself // MBIT_S} Mbit/s" if itself else f"ifHighSpeed {told[0]}"


def told_bit_s(high: int | None, low: int | None) -> int | None:
    """What an aggregate tells of its own rate, in bit/s, if that is so many times a rate of Ethernet."""
    if high:
        return next((rate for rate in (high * MBIT_S, high) if is_sum(rate)), None)
    if not low or low < LEAST or stands_at_end(low):
        return None
    return low if is_sum(low) else _unwrapped(low)


def is_sum(bit_s: int) -> bool:
    """Whether some members, up to sixteen of one rate of Ethernet, add up to this."""
    return any(bit_s % rate == 0 and 1 <= bit_s // rate <= MOST_MEMBERS for rate in RATES)


def _unwrapped(low: int) -> int | None:
    """The least sum of rates of which ifSpeed kept the last 32 bits (2820130816 is 20G)."""
    sums = (count * rate for count in range(1, MOST_MEMBERS + 1) for rate in RATES)
    return min((total for total in sums if total >= GAUGE and total % GAUGE == low), default=None)
