"""
What does a run of `uplinks` over a small school say?

Readings in the form of docs/probes.md, made up: a core with the way out and an aggregate to a distribution switch, two access
switches, one of them over a single confirmed end, a neighbour that nobody listed, and one switch that keeps silent.
"""

from __future__ import annotations

from evidence import quantities as q
from evidence.model import Facts, Reading

G = 1_000_000_000
CORE, DIST, ACC1, ACC2, LOST = (f"10.20.0.{last}:161" for last in (1, 2, 11, 12, 13))
PHYSICAL: Facts = {"kind": "physical", "oper_status": "up"}


def answered(subject: str, name: str, **facts: int | str) -> Reading:
    """A switch that answered, or with a failure one that did not."""
    return q.DEVICES_ANSWERED.reading(0 if "failure" in facts else 1_000_000, subject, {"name": name, **facts})


def port(subject: str, bit_s: int | None, role: str = "access", **facts: int | str) -> list[Reading]:
    """A port that is up: its state, its speed unless unknown, and its role."""
    device = facts.pop("device", "unknown")
    told: Facts = {"status": "reported", **facts}
    readings = [q.PORT_UP.reading("yes", subject, PHYSICAL | (told if bit_s is None else facts))]
    if bit_s is not None:
        readings.append(q.PORT_SPEED.reading(bit_s, subject, {"kind": "physical", **told}))
    return [*readings, q.PORT_ROLE.reading(role, subject, {"score": 80, "evidence": "x", "device": device})]


def down(subject: str) -> list[Reading]:
    """A port that is down."""
    return [q.PORT_UP.reading("no", subject, {"kind": "physical", "oper_status": "down"})]


def link(subject: str, peer: str, bit_s: int, /, **facts: int | str) -> Reading:
    """A link that both ends name, unless the facts say otherwise."""
    told: Facts = {"confirmed": "both", "by": "lldp", "peer": peer, "neighbour": "x", "device": "switch"}
    return q.LINK_SPEED.reading(bit_s, subject, told | facts)


CAMPUS: tuple[Reading, ...] = (
    *port(f"{CORE}/XGE0/0/1", 10 * G, "uplink", lag="Eth-Trunk1"),
    *port(f"{CORE}/XGE0/0/2", 10 * G, "uplink", lag="Eth-Trunk1"),
    *port(
        f"{CORE}/Eth-Trunk1",
        20 * G,
        "uplink",
        kind="lag",
        members="XGE0/0/1,XGE0/0/2",
        members_up=2,
        sum_bit_s=20 * G,
        largest_bit_s=10 * G,
        told_bit_s=20 * G,
    ),
    *port(f"{CORE}/GE0/0/24", G, "wan"),
    *port(f"{CORE}/XGE0/0/3", G, "building", cage_bit_s=10 * G),
    answered(CORE, "core-1", vendor="Huawei", model="S5720-32X", snmp="3"),
    *port(f"{DIST}/Ten-GigabitEthernet1/0/1", 10 * G, "uplink"),
    *port(f"{DIST}/GE1/0/5", 100_000_000, "uplink"),
    answered(DIST, "dist-1", vendor="H3C", model="S5560", snmp="2c"),
    *port(f"{ACC1}/GE0/1", G, "uplink"),
    *port(f"{ACC1}/GE0/2", 100_000_000),
    *port(f"{ACC1}/GE0/3", 100_000_000, device="camera"),
    *port(f"{ACC1}/GE0/4", G, duplex="half"),
    *port(f"{ACC1}/GE0/5", None, status="unknown", why="ifHighSpeed is 0"),
    *port(f"{ACC1}/GE0/6", 10 * G, status="inferred", why="name says 10G"),
    *down(f"{ACC1}/GE0/7"),
    answered(ACC1, "初中楼接入[1]", vendor="Ruijie", model="S2910", snmp="3"),
    *port(f"{ACC2}/GE0/1", 100_000_000, "uplink"),
    answered(ACC2, "acc-2", vendor="TP-Link", snmp="3"),
    answered(LOST, "lost-1", failure="timed_out", detail="no answer from 10.20.0.13:161"),
    q.DEVICES_ANSWERED.reading(800_000, facts={"answered": 4, "switches": 5, "undiscovered": 1}),
    link(f"{CORE}/Eth-Trunk1", f"{DIST}/BAGG1", 10 * G, aggregate_bit_s=20 * G),
    link(f"{CORE}/XGE0/0/3", f"{ACC1}/GE0/1", G),
    link(f"{DIST}/GE1/0/5", f"{ACC2}/GE0/1", 100_000_000, confirmed="one"),
    link(f"{ACC1}/GE0/8", f"{DIST}/GE1/0/8", G, confirmed="fdb", status="conflict", why="ends differ"),
    q.LINK_SPEED.between(
        None,
        G,
        f"{DIST}/GE1/0/9",
        {"confirmed": "none", "peer": "", "neighbour": "unknown-7", "neighbour_port": "GE0/0/1", "device": "switch"},
    ),
    q.BACKBONE_MIN.reading(G),
    q.DESKTOP_GIGABIT_SHARE.reading(500_000, facts={"up": 4, "gigabit": 2}),
    q.IPV6_RUNG.reading("pass", "L10"),
    q.IPV6_RUNG.reading("fail", f"V1/{CORE}/Vlan10"),
    q.IPV6_RUNG.reading("fail", f"V1/{CORE}/Vlan20"),
)
