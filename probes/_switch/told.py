"""
What is said of one switch's ports, as readings?

One `port.up` a port, and one `port.speed` for each that is up and whose rate is not unknown. What is odd about a port stands in
the facts, so that nobody has to ask the switch again to see why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence.model import Facts, Reading
from evidence.quantities import DEVICES_ANSWERED, PORT_SPEED, PORT_UP
from probes._switch.asking import Asked
from probes._switch.lags import told_bit_s
from probes._switch.model import Kind, Status, SwitchPort
from probes._switch.reading import unread
from probes._switch.vendors import model_name, vendor_name

OPER_STATUS = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "not_present", 7: "lower_layer_down"}
ALL, NONE = 1_000_000, 0


def port_readings(subject: str, ports: Sequence[SwitchPort]) -> Iterator[Reading]:
    """Whether each port is up, and the rate (bit/s) of those that are up and have one."""
    names = {port.index: port.label for port in ports}
    for port in ports:
        if port.oper is None:
            continue  # neither up nor down is known, and the switch counts as not answered
        where = f"{subject}/{port.label}"
        yield PORT_UP.reading("yes" if port.up else "no", subject=where, facts=_up_facts(port, names))
        if port.up and port.speed.bit_s is not None:
            yield PORT_SPEED.reading(port.speed.bit_s, subject=where, facts=_speed_facts(port, names))


def _up_facts(port: SwitchPort, names: Mapping[int, str]) -> Facts:
    """What goes with a port's state; for a port that is up without a usable rate, what the switch told instead."""
    facts: Facts = {
        "if_index": port.index,
        "oper_status": OPER_STATUS.get(port.oper or 0, "unknown"),
        "kind": port.kind.value,
    }
    facts |= {key: value for key, value in _details(port, names).items() if value not in ("", "unknown", None)}
    if port.up and port.speed.bit_s is None:
        high_speed, speed = port.told
        facts |= {"status": Status.UNKNOWN.value, "why": port.speed.why}
        facts |= {} if high_speed is None else {"if_high_speed": high_speed}
        facts |= {} if speed is None else {"if_speed": speed}
    return facts


def _details(port: SwitchPort, names: Mapping[int, str]) -> dict[str, int | str]:
    """What else is known of a port."""
    details: dict[str, int | str] = {"duplex": port.duplex if port.up else "", "mau": port.mau, "medium": port.medium}
    details |= {"transceiver": port.transceiver, "lag": names.get(port.lag or 0, "")}
    return details if port.cage_bit_s is None else {**details, "cage_bit_s": port.cage_bit_s}


def _speed_facts(port: SwitchPort, names: Mapping[int, str]) -> Facts:
    """How a rate is known, and what an aggregate is made of."""
    speed = port.speed
    facts: Facts = {"if_index": port.index, "kind": port.kind.value, "status": speed.status.value, "via": speed.via}
    facts |= {"why": speed.why} if speed.why else {}
    facts |= {"parser": "unproven"} if speed.unproven else {}
    return facts | (_group_facts(port, names) if port.kind is Kind.LAG else {})


def _group_facts(port: SwitchPort, names: Mapping[int, str]) -> Facts:
    """The members of an aggregate, their sum and the fastest of them, and what the switch tells of the whole."""
    facts: Facts = {
        "members": ",".join(names.get(one, f"#{one}") for one in port.members),
        "members_up": port.members_up,
    }
    facts |= {"carrying": ",".join(names.get(one, f"#{one}") for one in port.carrying)} if port.carrying else {}
    numbers = {
        "sum_bit_s": port.sum_bit_s,
        "largest_bit_s": port.largest_bit_s,
        "told_bit_s": told_bit_s(*port.told),
    }
    return facts | {key: value for key, value in numbers.items() if value is not None}


def answered(asked: Asked) -> Reading:
    """Whether one switch showed all its ports, who it is, how it was asked, and why it did not."""
    tables = asked.told.tables
    who = {
        "name": asked.switch.name or "",
        "sys_name": tables.scalar_text("sysName"),
        "vendor": vendor_name(tables) if tables.scalars else "",
        "model": model_name(tables) if tables.scalars else "",
        "location": tables.scalar_text("sysLocation"),
        "snmp": asked.switch.spoken if asked.told.heard else "",
        "ssh": asked.ssh,
        "ssh_host_key": asked.host_key,
    }
    facts: Facts = {key: value for key, value in who.items() if value}
    facts |= {"via": asked.by}
    facts |= {"unread": ",".join(columns)} if (columns := unread(tables)) else {}
    facts |= {"secret": "none"} if asked.switch.no_secret else {}
    if asked.failure:
        facts |= {"failure": asked.failure.value, "detail": asked.detail}
    return DEVICES_ANSWERED.reading(NONE if asked.failure else ALL, subject=asked.switch.subject, facts=facts)


def answered_by_all(asked: Sequence[Asked], undiscovered: int) -> Reading:
    """How many of all switches showed all their ports; `undiscovered` are the neighbours that nobody listed."""
    good = sum(one.failure is None for one in asked)
    facts: Facts = {"answered": good, "switches": len(asked), "undiscovered": undiscovered}
    return DEVICES_ANSWERED.reading(good * ALL // len(asked), facts=facts)
