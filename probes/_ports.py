"""
Which ports does a switch have?

*Method*: four columns of the interfaces tables are walked: ifType and ifOperStatus (RFC 2863, ifTable), ifName and
ifHighSpeed (ifXTable); ifDescr only where an interface has no ifName. Time since start is read before and after: a switch
that restarted meanwhile has renumbered its interfaces, and nothing read of it can be joined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Exchange, Kind, Oid, Pdu, Value
from probes._snmp.walk import Walk, Walker

SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)  # RFC 3418
IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)  # RFC 2863
IF_X_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
COLUMNS: dict[str, Oid] = {
    "ifType": (*IF_ENTRY, 3),
    "ifOperStatus": (*IF_ENTRY, 8),
    "ifName": (*IF_X_ENTRY, 1),
    "ifHighSpeed": (*IF_X_ENTRY, 15),
}
IF_DESCR: Oid = (*IF_ENTRY, 2)

ETHERNET_TYPES = (6, 62, 69, 117)  # ethernetCsmacd, fastEther, fastEtherFX, gigabitEthernet (IANAifType-MIB)
UP, NOT_PRESENT = 1, 6
OPER_STATUS = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "not_present", 7: "lower_layer_down"}
# Rates that Ethernet has, Mbit/s. Others are sums of a group, configured fancy, or bit/s in the wrong column.
ETHERNET_RATES = (10, 100, 1000, 2500, 5000, 10_000, 25_000, 40_000, 50_000, 100_000, 200_000, 400_000)
MBIT_S = 1_000_000

# TP-Link and ZyXEL give VLAN interfaces the type of a port, and Linux gives it to bridges: the name decides.
VIRTUAL = re.compile(
    r"""
    vlan|vl\d|vif|loop|lo\d*$|null|nu\d+$|tunnel|tun\d|tap\d|stack|meth|mgmt|management|inloop|register|system
    |(cpu|console)|(br|bond|team|docker|virbr|vnet|dummy|ifb|sit|gre|wg|ppp)[-\d]|bridge|bvi|irb|bdi\d
    |eth-trunk|port-channel|po\d+$|aggregateport|ag\d+$|bagg|ragg|trk\d|lag|smartgroup|ae\d+$
    """,
    re.IGNORECASE | re.VERBOSE,
)
SUBINTERFACE = re.compile(r"(/\d+|^(eth|en)\w*)\.\d+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SwitchPort:
    """One interface; `label` is its name, with `#ifIndex` where the name is not its own; `high_speed` is as told, Mbit/s."""

    index: int
    label: str
    if_type: int | None
    oper: int | None
    high_speed: int | None

    @property
    def up(self) -> bool:
        """Whether the port passes packets now."""
        return self.oper == UP

    @property
    def oper_status(self) -> str:
        """The state in words."""
        return OPER_STATUS.get(self.oper or 0, "unknown")

    @property
    def speed_bit_s(self) -> int | None:
        """The rate, if the port is up and the rate is one that Ethernet has."""
        believable = self.up and self.high_speed in ETHERNET_RATES
        return self.high_speed * MBIT_S if believable and self.high_speed else None


@dataclass(frozen=True, slots=True)
class Ports:
    """
    What one switch showed: columns by name, and a failure where that is not all of it.

    `heard` is false where the switch gave no sign at all, so that another of its addresses may be tried.
    """

    walks: dict[str, Walk] = field(default_factory=dict)
    failure: Failure | None = None
    detail: str = ""
    heard: bool = False

    def physical(self) -> list[SwitchPort]:
        """The physical ports in the order of their ifIndex."""
        ports = [
            port for port in self._all() if port.if_type in ETHERNET_TYPES and port.oper not in (None, NOT_PRESENT)
        ]
        return [port for port in ports if not VIRTUAL.match(port.label) and not SUBINTERFACE.search(port.label)]

    def _all(self) -> list[SwitchPort]:
        """Every interface that has a type."""
        names = {index: self._name(index) for index in self._rows("ifType")}
        own = list(names.values())
        return [
            SwitchPort(
                index=index[0],
                label=name if name and own.count(name) == 1 else f"{name}#{index[0]}",
                if_type=_number(self._rows("ifType")[index]),
                oper=_number(self._rows("ifOperStatus").get(index)),
                high_speed=_number(self._rows("ifHighSpeed").get(index)),
            )
            for index, name in names.items()
        ]

    def _name(self, index: Oid) -> str:
        """ifName, else ifDescr, else nothing."""
        return _text(self._rows("ifName").get(index)) or _text(self._rows("ifDescr").get(index))

    def _rows(self, column: str) -> dict[Oid, Value]:
        """The rows of a column; none where it was not read."""
        return self.walks[column].rows if column in self.walks else {}

    def record(self) -> dict[str, Any]:
        """The columns as plain values, for the raw evidence."""
        columns = {
            name: {
                "end": walk.end_reason.value,
                "complete": walk.complete,
                "rows": {".".join(map(str, index)): _plain(value) for index, value in walk.rows.items()},
            }
            for name, walk in self.walks.items()
        }
        return {"failure": self.failure.value if self.failure else None, "detail": self.detail, "columns": columns}


async def read_ports(exchange: Exchange, subject: str, silence: str, deadline_s: float) -> Ports:
    """
    Read the interfaces of one switch; trouble ends up in `failure`, and what was read before it is kept.

    `silence` says in words what to suspect where there is no answer at all: SNMP has one silence for many reasons.
    """
    walks: dict[str, Walk] = {}
    heard = False
    try:
        # 1. One small question first: who does not answer it is not asked the long ones.
        before = await _up_time(exchange)
        heard = True
        # 2. The columns, one after the other.
        walker = Walker(exchange, deadline_s)
        for name, column in COLUMNS.items():
            walks[name] = await walker.walk(column)
        if any(not _text(walks["ifName"].rows.get(index)) for index in walks["ifType"].rows):
            walks["ifDescr"] = await walker.walk(IF_DESCR)
        # 3. The clock again.
        restarted = await _up_time(exchange) < before
    except Unmeasurable as why:
        heard = heard or why.failure is not Failure.TIMED_OUT
        detail = f"{subject}: {why.detail}" if heard else f"no answer from {subject}: {silence}"
        return Ports(walks, why.failure, detail, heard)
    if restarted:
        return Ports({}, Failure.UNREADABLE, f"{subject} restarted while it was read", heard)
    return Ports(walks, *_completeness(subject, walks), heard)


async def _up_time(exchange: Exchange) -> int:
    """Time since the agent started, in hundredths of a second; 0 where it is not told."""
    reply = await exchange.request(Pdu(Kind.GET, (SYS_UP_TIME,)))
    return next((_number(value) or 0 for _, value in reply.varbinds), 0)


def _completeness(subject: str, walks: dict[str, Walk]) -> tuple[Failure | None, str]:
    """The first reason why what was read is not all there is."""
    for name, walk in walks.items():
        if walk.failure:
            return walk.failure, f"{subject}: {name} ended early ({walk.end_reason}); {len(walk.rows)} rows were read"
    if not walks["ifType"].rows:
        return Failure.UNREADABLE, f"{subject} answers but shows no interface: its view may leave out IF-MIB"
    return None, ""


def _number(value: Value) -> int | None:
    """An integer, or None for anything else."""
    return value if isinstance(value, int) else None


def _text(value: Value) -> str:
    """Octets as text: UTF-8, else GB18030 (Chinese switches), without what cannot be seen."""
    if not isinstance(value, bytes):
        return ""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("gb18030", errors="replace")
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _plain(value: Value) -> int | str | None:
    """A value for JSON."""
    return value if isinstance(value, int) else _text(value) if isinstance(value, bytes) else None
