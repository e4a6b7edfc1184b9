"""What the command line of a switch settles that SNMP left open, and what it never does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes._cli import CliLag, CliNeighbour, CliPort, vendor
from probes._switch.model import Device, Kind, Speed, Status, SwitchPort
from probes._switch.settle import Spoken, heard, of_command_line, settled

HUAWEI = vendor("huawei_vrp")
GIGABIT, TEN = 1_000_000_000, 10_000_000_000


def port(speed: Speed, oper: int = 1, **more: object) -> SwitchPort:
    """XGE0/0/1 as SNMP shows it."""
    known = SwitchPort(5, "XGigabitEthernet0/0/1", Kind.PHYSICAL, oper, speed, name="XGigabitEthernet0/0/1")
    return replace(known, **more)  # type: ignore[arg-type]


def says(speed_bit_s: int | None, up: bool | None = True, unproven: frozenset[str] = frozenset()) -> Spoken:
    """A command line that tells one rate of the same port, by the short form of its name."""
    return Spoken(HUAWEI, ports=[CliPort("XGE0/0/1", up, speed_bit_s, "full")], unproven=unproven)


ONE_PORT: dict[str, tuple[Speed, int | None, tuple[Status, int | None]]] = {
    "unknown becomes known": (Speed(Status.UNKNOWN, None), TEN, (Status.REPORTED, TEN)),
    "a right guess is confirmed": (Speed(Status.INFERRED, TEN), TEN, (Status.REPORTED, TEN)),
    "a wrong guess falls": (Speed(Status.INFERRED, TEN), GIGABIT, (Status.CONFLICT, GIGABIT)),
    "a repair is confirmed": (Speed(Status.REPAIRED, GIGABIT), GIGABIT, (Status.REPORTED, GIGABIT)),
    "a conflict ends at its lower rate": (Speed(Status.CONFLICT, GIGABIT), GIGABIT, (Status.REPORTED, GIGABIT)),
    "a conflict never ends at a higher one": (Speed(Status.CONFLICT, GIGABIT), TEN, (Status.CONFLICT, GIGABIT)),
    "a told rate is contradicted": (Speed(Status.REPORTED, TEN), GIGABIT, (Status.CONFLICT, GIGABIT)),
    "a told rate never rises": (Speed(Status.REPORTED, GIGABIT), TEN, (Status.CONFLICT, GIGABIT)),
    "a told rate that agrees stays": (Speed(Status.REPORTED, TEN), TEN, (Status.REPORTED, TEN)),
    "a configured bandwidth is no rate": (Speed(Status.UNKNOWN, None), 512_000_000, (Status.UNKNOWN, None)),
    "no word changes nothing": (Speed(Status.UNKNOWN, None), None, (Status.UNKNOWN, None)),
}


@pytest.mark.parametrize(("known", "told", "result"), ONE_PORT.values(), ids=ONE_PORT)
def test_the_command_line_settles_what_is_open_and_never_raises_a_rate(
    known: Speed, told: int | None, result: tuple[Status, int | None]
) -> None:
    """Two sources that agree are one report; two that differ are a conflict at the lower rate."""
    (found,) = settled([port(known)], says(told))

    assert (found.speed.status, found.speed.bit_s) == result


def test_a_port_that_snmp_calls_down_stays_down() -> None:
    """The command line credits no port that SNMP says passes nothing."""
    (found,) = settled([port(Speed(Status.UNKNOWN, None), oper=2)], says(TEN))

    assert (found.up, found.speed.bit_s) == (False, None)


def test_a_port_that_the_command_line_calls_down_has_no_rate() -> None:
    """Up by one source and down by the other is no rate at all."""
    (found,) = settled([port(Speed(Status.REPORTED, TEN))], says(None, up=False))

    assert (found.speed.status, found.speed.bit_s) == (Status.CONFLICT, None)


def test_a_rate_read_by_an_unproven_template_says_so() -> None:
    """A template that no real transcript was tried on is marked in what it settles."""
    (found,) = settled([port(Speed(Status.UNKNOWN, None))], says(TEN, unproven=frozenset({"ports"})))

    assert (found.speed.via, found.speed.unproven) == ("ssh", True)


def group(*speeds: Speed) -> list[SwitchPort]:
    """An aggregate whose members SNMP does not name, and the ports that may be they."""
    lag = SwitchPort(90, "Eth-Trunk1", Kind.LAG, 1, Speed(Status.INFERRED, 2 * TEN), name="Eth-Trunk1")
    ports = [
        SwitchPort(at, f"XGigabitEthernet0/0/{at}", Kind.PHYSICAL, 1, speed, name=f"XGigabitEthernet0/0/{at}")
        for at, speed in enumerate(speeds, start=1)
    ]
    return [*ports, lag]


def test_an_aggregate_gets_the_members_that_the_command_line_names() -> None:
    """Its rate is the sum of those that carry traffic, and the members know their aggregate."""
    names = ("XGigabitEthernet0/0/1", "XGigabitEthernet0/0/2")
    spoken = Spoken(HUAWEI, lags=[CliLag("Eth-Trunk1", names, names[:1])])

    one, two, lag = settled(group(Speed(Status.REPORTED, TEN), Speed(Status.REPORTED, TEN)), spoken)

    assert (lag.speed.bit_s, lag.largest_bit_s, lag.members, lag.members_up) == (TEN, TEN, (1, 2), 1)
    assert (one.lag, two.lag, lag.carrying) == (90, 90, (1,))


@pytest.mark.parametrize(
    ("before", "told", "result"),
    [
        pytest.param(
            Speed(Status.REPORTED, TEN), GIGABIT, (Status.CONFLICT, TEN + GIGABIT), id="a rate is contradicted"
        ),
        pytest.param(Speed(Status.REPORTED, TEN), TEN, (Status.REPORTED, 2 * TEN), id="nothing changes"),
        pytest.param(Speed(Status.INFERRED, TEN), TEN, (Status.INFERRED, 2 * TEN), id="a guess is confirmed"),
    ],
)
def test_an_aggregate_follows_its_members(before: Speed, told: int, result: tuple[Status, int | None]) -> None:
    """Where the command line changes a member's rate, the sum changes with it, and is known no better than before."""
    one, two, lag = group(before, Speed(Status.REPORTED, TEN))
    known = replace(lag, speed=Speed(before.status, 2 * TEN), members=(1, 2), members_up=2, sum_bit_s=2 * TEN)
    spoken = Spoken(HUAWEI, ports=[CliPort("XGE0/0/1", True, told, "full")])

    found = settled([one, two, known], spoken)[-1]
    assert (found.speed.status, found.speed.bit_s) == result
    assert found.sum_bit_s == result[1]


KNOWN, GUESSED, UNKNOWN = Speed(Status.REPORTED, TEN), Speed(Status.INFERRED, TEN), Speed(Status.UNKNOWN, None)
AGGREGATES: dict[str, tuple[tuple[Speed, Speed], int | None, tuple[Status, int | None]]] = {
    "it tells the sum": ((KNOWN, KNOWN), 20_000, (Status.REPORTED, 2 * TEN)),
    "it tells nothing": ((KNOWN, KNOWN), None, (Status.REPORTED, 2 * TEN)),
    "it tells less": ((KNOWN, KNOWN), 10_000, (Status.CONFLICT, TEN)),
    "it tells more": ((KNOWN, KNOWN), 40_000, (Status.CONFLICT, 2 * TEN)),
    "a member is a guess": ((KNOWN, GUESSED), 20_000, (Status.INFERRED, 2 * TEN)),
    "a guess, then a conflict": ((GUESSED, Speed(Status.CONFLICT, TEN)), 20_000, (Status.CONFLICT, 2 * TEN)),
    "a conflict, then a guess": ((Speed(Status.CONFLICT, TEN), GUESSED), 20_000, (Status.CONFLICT, 2 * TEN)),
    "a member is not known": ((KNOWN, UNKNOWN), None, (Status.INFERRED, TEN)),
    "a member is not known, and it tells more": ((KNOWN, UNKNOWN), 20_000, (Status.CONFLICT, TEN)),
    "no member is known": ((UNKNOWN, UNKNOWN), 20_000, (Status.UNKNOWN, None)),
}


@pytest.mark.parametrize(("members", "told", "result"), AGGREGATES.values(), ids=AGGREGATES)
def test_an_aggregate_is_no_better_known_than_its_members(
    members: tuple[Speed, Speed], told: int | None, result: tuple[Status, int | None]
) -> None:
    """Whoever names its members: it is known as well as the worst of them, and what it tells itself can only lower the sum."""
    *ports, lag = group(*members)
    spoken = Spoken(HUAWEI, lags=[CliLag("Eth-Trunk1", ("XGE0/0/1", "XGE0/0/2"))])

    found = settled([*ports, replace(lag, told=(told, None))], spoken)[-1]
    assert (found.speed.status, found.speed.bit_s) == result, found.speed.why


@pytest.mark.parametrize(
    ("of_group", "of_member"), [(frozenset({"lags"}), False), (frozenset(), True)], ids=["the group", "a member"]
)
def test_a_sum_read_by_an_unproven_template_says_so(of_group: frozenset[str], of_member: bool) -> None:
    """Members that an unproven template named, or the rate of one that such a template read, make the sum unproven."""
    member = replace(KNOWN, via="ssh", unproven=of_member)
    spoken = Spoken(HUAWEI, lags=[CliLag("Eth-Trunk1", ("XGE0/0/1", "XGE0/0/2"))], unproven=of_group)

    lag = settled(group(KNOWN, member), spoken)[-1]
    assert (lag.speed.via, lag.speed.unproven) == ("ssh", True)


def test_members_that_snmp_does_not_show_are_none() -> None:
    """Where no port bears a name that the command line gives, the aggregate stays as SNMP told it."""
    ports = group(KNOWN)
    assert settled(ports, Spoken(HUAWEI, lags=[CliLag("Eth-Trunk1", ("XGE9/0/1",))])) == tuple(ports)


def test_a_switch_without_snmp_is_known_by_its_command_line() -> None:
    """Ports are numbered as listed; a virtual interface is none, and a port of unknown state is not up."""
    spoken = Spoken(
        HUAWEI,
        ports=[
            CliPort("GigabitEthernet0/0/1", True, GIGABIT, "full"),
            CliPort("GigabitEthernet0/0/2", False),
            CliPort("GigabitEthernet0/0/3", None),
            CliPort("GigabitEthernet0/0/4", True),
            CliPort("Vlanif10", True, GIGABIT),
        ],
    )

    found = {one.label: (one.up, one.speed.status, one.speed.bit_s) for one in of_command_line(spoken)}
    assert found == {
        "GigabitEthernet0/0/1": (True, Status.REPORTED, GIGABIT),
        "GigabitEthernet0/0/2": (False, Status.UNKNOWN, None),
        "GigabitEthernet0/0/3": (False, Status.UNKNOWN, None),
        "GigabitEthernet0/0/4": (True, Status.UNKNOWN, None),
    }


@pytest.mark.parametrize(
    ("name", "capabilities", "device"),
    [
        ("core-1", ("bridge", "router"), Device.SWITCH),
        ("core-1", ("bridge", "telephone"), Device.PHONE),
        ("core-1", ("bridge", "wlan-access-point"), Device.AP),
        ("core-1", ("router",), Device.ROUTER),
        ("core-1", ("station",), Device.STATION),
        ("core-1", (), Device.UNKNOWN),
        ("AP101", (), Device.AP),
        ("SEP001122334455", ("other",), Device.PHONE),
        ("AP101", ("bridge",), Device.SWITCH),
    ],
)
def test_a_neighbour_is_what_it_says_it_is(name: str, capabilities: tuple[str, ...], device: Device) -> None:
    """A telephone or an access point also bridges: what it is for decides; a name counts if it does not say that it forwards."""
    told = CliNeighbour("XGE0/0/1", name, "XGigabitEthernet0/0/9", capabilities)

    (found,) = heard([port(Speed(Status.REPORTED, TEN))], Spoken(HUAWEI, neighbours=[told]))
    assert (found.local, found.device, found.by) == (5, device, "cli")
