"""
At what rate does the port at this desk run?

*Method*: the interface that carries the default route (IPv4 first, else IPv6) is asked what it negotiated with the other
end of its cable. Nothing is sent. The driver's name goes with the reading: only a physical port proves a cable.

What it does not prove: that data passes at that rate, nor anything about another port. A virtual port (veth, tun, a guest
of a hypervisor) may claim any rate. Wi-Fi has no negotiated rate here.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from evidence.model import Facts, Failure, Reading, Unmeasurable
from evidence.quantities import DESK_DUPLEX, DESK_SPEED
from probes import Probe
from probes._interfaces import Port, default_interface, port
from probes._settings import FROZEN


class Settings(BaseModel):
    """What a Scan orders of this probe: nothing but to look."""

    model_config = FROZEN


def run(settings: Settings) -> Iterator[Reading]:
    """Read rate (bit/s) and duplex of the port with the default route; raises Unmeasurable where there is none to read."""
    desk = _port_at_the_desk()
    yield DESK_DUPLEX.reading(desk.duplex, subject=desk.name)
    if desk.speed_bit_s is None:
        why = f"{desk.name} (driver {desk.driver}) tells no negotiated rate: Wi-Fi and most virtual ports have none"
        raise Unmeasurable(Failure.NOT_SUPPORTED, why)
    facts: Facts = {"driver": desk.driver, "duplex": desk.duplex, "mtu": desk.mtu}
    yield DESK_SPEED.reading(desk.speed_bit_s, subject=desk.name, facts=facts)


def _port_at_the_desk() -> Port:
    """The port to read; raises Unmeasurable without a default route or without a link."""
    name = default_interface()
    found = port(name) if name else None
    if found is None:
        raise Unmeasurable(Failure.UNREACHABLE, "no interface carries a default route, neither IPv4 nor IPv6")
    if not found.up:
        raise Unmeasurable(Failure.UNREACHABLE, f"{found.name} carries the default route and its link is down")
    return found


PROBE = Probe(produces=(DESK_SPEED, DESK_DUPLEX), settings=Settings, run=run, deadline_s=20)
