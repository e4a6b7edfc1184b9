"""What do makers do with interfaces that is theirs alone? Rows written from the MIBs and the makers' manuals."""

from __future__ import annotations

import pytest

from probes._snmp.walk import End, Walk
from probes._switch.model import Status, SwitchPort
from probes._switch.ports import ports_of
from probes._switch.tables import Tables
from tests.probes.switch.interfaces import Row, shown

G = 10**9
FULL = 2**32 - 1
HUAWEI, ARUBA, CISCO = 2011, 14823, 9


def made_by(maker: int, rows: dict[int, Row]) -> dict[str, SwitchPort]:
    """The ports of a switch of this maker (an enterprise number) by their labels."""
    tables = shown(rows)
    tables = Tables({"sysObjectID": (1, 3, 6, 1, 4, 1, maker, 1)}, tables.walks)
    return {port.label: port for port in ports_of(tables)}


def numbered(*rows: Row) -> dict[int, Row]:
    """These interfaces with ifIndexes from 1."""
    return dict(enumerate(rows, start=1))


@pytest.mark.parametrize("name", ["TGigaEthernet1/12", "Ethernet1/8", "GigabitEthernet 0/24", "te1/1/1"])
@pytest.mark.parametrize("oper", [1, 2])
def test_a_cage_without_a_module(name: str, oper: int) -> None:
    """A port that is named by its slot counts, whether or not ifConnectorPresent says that a module is in its cage."""
    ports = made_by(3320, numbered(Row("GigaEthernet0/1", plug=1), Row(name, 10_000, plug=2, oper=oper)))

    assert list(ports) == ["GigaEthernet0/1", name]


BOARDS = {
    "Ethernet0/0/0 of a chassis": ("Ethernet0/0/0", "XGigabitEthernet1/0/0", False),
    "GigabitEthernet0/0/0 of a router": ("GigabitEthernet0/0/0", "GigabitEthernet4/1/0", False),
    "a box whose ports are all in slot 0": ("GigabitEthernet0/0/1", "XGigabitEthernet0/0/1", True),
    "a stack": ("GigabitEthernet0/0/1", "GigabitEthernet1/0/1", True),
}


@pytest.mark.parametrize(("name", "other", "counts"), BOARDS.values(), ids=BOARDS)
def test_the_port_of_a_control_board(name: str, other: str, counts: bool) -> None:
    """Of a Huawei chassis the only port of slot 0 is for management; a stack's first unit has more than one port there."""
    more = [Row("GigabitEthernet0/0/2")] if counts else []

    assert (name in made_by(HUAWEI, numbered(Row(name, 100), Row(other), *more))) is counts


def test_slot_0_of_another_maker() -> None:
    """Where others number from 0 a single port of slot 0 is a port like any other."""
    assert "Ethernet0/0/0" in made_by(CISCO, numbered(Row("Ethernet0/0/0", 100), Row("GigabitEthernet1/0/0")))


NAMED = {
    "Aruba controller": (ARUBA, "GE0/0/3", FULL, Status.INFERRED, 10 * G),
    "Huawei router": (HUAWEI, "GigabitEthernet5/0/2", FULL, Status.INFERRED, 10 * G),
    "ifSpeed speaks against it": (HUAWEI, "GigabitEthernet5/0/2", G, Status.CONFLICT, G),
    "ifSpeed says nothing": (HUAWEI, "GigabitEthernet5/0/2", None, Status.CONFLICT, G),
    "a maker who has a name for each": (CISCO, "GigabitEthernet5/0/2", FULL, Status.CONFLICT, G),
}


@pytest.mark.parametrize(("maker", "name", "low", "status", "bit_s"), NAMED.values(), ids=NAMED)
def test_ten_gigabit_called_ge(maker: int, name: str, low: int | None, status: Status, bit_s: int) -> None:
    """A maker who calls every port GE is not belied by that name, nor does it prove what else is told."""
    speed = made_by(maker, {1: Row(name, 10_000, low)})[name].speed

    assert (speed.status, speed.bit_s) == (status, bit_s)


def test_a_switch_that_has_a_name_for_ten_gigabit() -> None:
    """Where one port is named for ten gigabit, one that is named for a gigabit and claims ten contradicts itself."""
    ports = made_by(HUAWEI, numbered(Row("GigabitEthernet0/0/1", 10_000, FULL), Row("XGigabitEthernet0/0/1", 10_000)))

    assert ports["GigabitEthernet0/0/1"].speed.status is Status.CONFLICT


@pytest.mark.parametrize("name", ["Vethernet1301", "veth1a2b3c"])
def test_no_port_of_a_virtual_machine(name: str) -> None:
    """What leads to a virtual machine has no plug, though it is typed as a port."""
    assert list(made_by(CISCO, numbered(Row("Ethernet1/1"), Row(name, 0, if_type=117)))) == ["Ethernet1/1"]


@pytest.mark.parametrize(
    ("low", "end", "status"),
    [
        (G, End.OUT_OF_TIME, Status.REPORTED),
        (None, End.OUT_OF_TIME, Status.INFERRED),
        (None, End.LEFT_SUBTREE, "reported"),
    ],
    ids=["its row was read", "its row was not read", "it has no row"],
)
def test_a_column_that_was_cut_off(low: int | None, end: End, status: str) -> None:
    """A rate that a row of ifSpeed might have contradicted is no report while nobody knows that row."""
    tables = shown({1: Row("Gi0/1", 1000, low)})
    cut = Walk(dict(tables.rows("ifSpeed")), end)
    (port,) = ports_of(Tables(walks={**tables.walks, "ifSpeed": cut}))

    assert port.speed.status == status
