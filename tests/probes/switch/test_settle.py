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
    assert (one.lag, two.lag) == (90, 90)


def test_an_aggregate_is_no_better_known_than_its_members() -> None:
    """With a member whose rate was guessed the sum is a guess; with one whose rate is unknown there is no sum."""
    spoken = Spoken(HUAWEI, lags=[CliLag("Eth-Trunk1", ("XGE0/0/1", "XGE0/0/2"))])

    guessed = settled(group(Speed(Status.REPORTED, TEN), Speed(Status.INFERRED, TEN)), spoken)[-1]
    unknown = settled(group(Speed(Status.REPORTED, TEN), Speed(Status.UNKNOWN, None)), spoken)[-1]

    assert (guessed.speed.status, unknown.speed.status, unknown.sum_bit_s) == (Status.INFERRED, Status.INFERRED, None)


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
    ("capabilities", "device"),
    [
        (("bridge", "router"), Device.SWITCH),
        (("bridge", "telephone"), Device.PHONE),
        (("bridge", "wlan-access-point"), Device.AP),
        (("router",), Device.ROUTER),
        (("station",), Device.STATION),
        ((), Device.UNKNOWN),
    ],
)
def test_a_neighbour_is_what_it_says_it_is(capabilities: tuple[str, ...], device: Device) -> None:
    """A telephone or an access point also bridges: what it is for decides."""
    told = CliNeighbour("XGE0/0/1", "core-1", "XGigabitEthernet0/0/9", capabilities)

    (found,) = heard([port(Speed(Status.REPORTED, TEN))], Spoken(HUAWEI, neighbours=[told]))
    assert (found.local, found.device, found.by) == (5, device, "cli")
