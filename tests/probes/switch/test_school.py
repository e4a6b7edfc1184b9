"""What all switches together show: nobody that may be a switch is lost, and a share is no better than what answered."""

from __future__ import annotations

from typing import Any

import pytest

from evidence import quantities as q
from evidence.model import Failure, Reading
from probes._switch.asking import Asked
from probes._switch.model import Device, Kind, Neighbour, Speed, Status, SwitchPort
from probes._switch.reading import Told
from probes._switch.school import readings_of_all, seen_by
from probes._switch.settings import Switch

HERE = Switch.model_validate({"host": "10.0.0.1", "community": "x"})
THERE = Switch.model_validate({"host": "10.0.0.2", "community": "x"})
GIGABIT = 1_000_000_000
PORT = SwitchPort(1, "g1", Kind.PHYSICAL, 1, Speed(Status.REPORTED, GIGABIT), name="g1")
STACK = SwitchPort(2, "StackPort1", Kind.STACK, 1, Speed(Status.UNKNOWN, None), name="StackPort1")


def asked(*neighbours: Neighbour, ports: tuple[SwitchPort, ...] = (PORT, STACK), **about: Any) -> Asked:
    """One switch with a desk port and a stack port, and whom it hears."""
    return Asked(HERE, Told(heard=True), ports, neighbours, **about)


def readings(*switches: Asked) -> dict[tuple[str, str], Reading]:
    """What follows from these switches."""
    return {(one.quantity, one.subject): one for one in readings_of_all(seen_by(switches))}


@pytest.mark.parametrize(
    ("local", "told"),
    [(None, "42"), (99, "Vlanif1"), (2, "StackPort1")],
    ids=["a port that cannot be told", "a port that does not count", "a port of a stack"],
)
def test_a_switch_heard_where_no_port_counts_is_told(local: int | None, told: str) -> None:
    """A neighbour that may be a switch is never lost with the port that heard it: it is on nobody's list."""
    hidden = Neighbour(local, "lldp", Device.SWITCH, name="hidden", local_text=told)

    found = readings(asked(hidden))[q.LINK_SPEED.name, f"10.0.0.1:161/?{told}"]
    assert (found.at_least, found.facts["peer"], found.facts["neighbour"]) == (0, "", "hidden")


@pytest.mark.parametrize("device", [Device.PHONE, Device.STATION, Device.CAMERA, Device.AP])
def test_people_and_access_points_are_not_told_as_links(device: Device) -> None:
    """Only what forwards for others is a link; names of people's devices stay in the school."""
    near = Neighbour(None, "lldp", device, name="zhangsan", local_text="42")

    assert not any("zhangsan" in str(one) for one in readings(asked(near)).values())


def test_a_silent_switch_leaves_shares_open() -> None:
    """The ports of a switch that did not answer may all be slow: the share is at most what was seen."""
    silent = Asked(THERE, Told(), failure=Failure.TIMED_OUT)
    alone, beside = readings(asked()), readings(asked(), silent)

    share = (q.DESKTOP_GIGABIT_SHARE.name, "")
    assert (alone[share].value, beside[share].low, beside[share].high) == (1_000_000, None, 1_000_000)
