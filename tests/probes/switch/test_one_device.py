"""Are two tellings of one device taken for one, and two devices for two?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from probes._switch.links import links_of
from probes._switch.model import Device
from probes._switch.wording import mac_of
from tests.probes.switch.drawn import ends, neighbour, port, switch

TOLD = neighbour(1, 9, "g9")
AGAIN: dict[str, tuple[dict[str, Any], bool]] = {
    "its name where the chassis belongs": ({"chassis": "s9", "name": ""}, True),
    "its name and serial number there": ({"chassis": "s9(SSI0001)", "name": ""}, True),
    "another name there": ({"chassis": "s8", "name": ""}, False),
    "another chassis of the same name": ({"chassis": "02:00:00:00:00:08"}, False),
    "one management address": ({"chassis": "x", "name": "", "addresses": ("10.9.9.9",)}, True),
    "one management address, two chassis": (
        {"chassis": "02:00:00:00:00:08", "name": "", "addresses": ("10.9.9.9",)},
        False,
    ),
}


@pytest.mark.parametrize(("more", "same"), AGAIN.values(), ids=AGAIN)
def test_one_device_twice(more: dict[str, Any], same: bool) -> None:
    """A switch that one port hears twice, once in CDP's words, is one switch and no crowd behind something unseen."""
    first = replace(TOLD, addresses=("10.9.9.9",))
    (link,) = links_of([switch(1, (port(1, "g1"),), first, replace(first, **{"addresses": (), **more}))])

    assert (link.shared, link.neighbour) == (not same, "s9" if same else "")


def test_a_listed_switch_by_its_name_in_the_chassis() -> None:
    """A listed switch is known by its name also where that stands in place of the chassis."""
    heard = replace(neighbour(1, 2, "g1"), chassis="s2(SSI0001)", name="")
    links = links_of([switch(1, (port(1, "g1"),), heard), switch(2, (port(1, "g1"),), neighbour(1, 1, "g1"))])

    assert ends(links) == [("s1/g1", "s2/g1", "both")]


def test_a_chassis_that_is_an_address_is_no_name() -> None:
    """A switch that is called like another one's address is not that one."""
    heard = neighbour(1, 7, "g1", name="")
    other = switch(2, (port(1, "g1"),), sys_name=heard.chassis, chassis="02:00:00:00:00:02")

    assert mac_of(heard.chassis)
    assert ends(links_of([switch(1, (port(1, "g1"),), heard), other])) == [("s1/g1", "", "one")]


def test_devices_of_two_kinds_stay_two() -> None:
    """A switch and an access point behind one port are two, whatever they are called."""
    heard = (neighbour(1, 8, "g1"), neighbour(1, 9, "g1", device=Device.AP))
    (link,) = links_of([switch(1, (port(1, "g1"),), *heard)])

    assert link.shared
