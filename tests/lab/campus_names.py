"""
How do the operator's names for IPv6 stand in the virtual school?

An echo server beside each measurement server, the first one also behind a hop of 1280 octets (`narrow`), and targets in the networks of
two more operators, all on the machine that stands for the internet.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.topology import ECHO_ZONE, NARROW_V6, OTHERS_V6

if TYPE_CHECKING:
    from tests.lab.campus import Campus, Far

HTTP_PORT = 8080  # the lab's web servers hold 80


def stand_names(campus: Campus) -> None:
    """Start the echo servers and tell the collector their names, and who else is to be reached."""
    for far in campus.ground.far:
        first = far is campus.ground.far[0]
        zone = ECHO_ZONE if first else f"edu.{ECHO_ZONE}"
        about = ["--zone", zone, "--v6", far.v6, "--v4", far.v4, "--http-port", str(HTTP_PORT)]
        _echo(campus, far, far.machine, [f"{far.v4}:443"])
        if first:
            _narrow(campus)
            _echo(campus, far, "narrow", [])
            about += ["--mtu1280", NARROW_V6]
        campus.collector("names", "set", far.name, *about)
    for address, operator in OTHERS_V6.items() if campus.ground.far else ():
        campus.collector("target", "add", f"[{address}]:443", "--operator", operator)


def _echo(campus: Campus, far: Far, machine: str, more: list[str]) -> None:
    """An echo server on a machine, with the key of the measurement server."""
    listen = [word for address in ("[::]:443", *more) for word in ("--listen", address)]
    words = [str(Path(sys.executable).with_name("campusproof-collector")), "echo-server", *listen]
    words += ["--plain", f"[::]:{HTTP_PORT}", "--state", str(campus.directory / far.name)]
    campus.ground.spawn(machine, "echo", words)
    campus.wait_for(f"the echo of {machine}", lambda: "echoing" in campus.ground.tail(machine, "echo"))


def _narrow(campus: Campus) -> None:
    """Make the hop: 1280 octets both ways, behind which full segments are offered all the same."""
    campus.ground.run("wan", ["ip", "link", "set", "nr0", "mtu", "1280"])
    campus.ground.run("narrow", ["ip", "link", "set", "eth0", "mtu", "1280"])
    route = ["default", "via", "2001:db8:1280::1", "advmss", "1440"]
    campus.ground.run("narrow", ["ip", "-6", "route", "replace", *route])
