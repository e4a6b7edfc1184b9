"""Does the desk probe read the port that carries the default route?"""

from __future__ import annotations

import sys

import pytest

from probes._interfaces import driver
from tests.probes.face import ROOT, probe
from tests.probes.spaces import Host, until


def test_a_desk_with_a_veth(pair: tuple[Host, Host]) -> None:
    """The rate comes with the driver, duplex and MTU of the interface that carries the default route."""
    desk, _ = pair
    desk.ip("addr", "add", "10.1.0.2/24", "dev", "ge0")
    desk.ip("route", "add", "default", "via", "10.1.0.1")

    (speed,) = probe("desk", {}, inside=desk.inside).of("desk.speed")
    facts = {"driver": "veth", "duplex": "full", "mtu": 1500}
    assert speed == {
        "quantity": "desk.speed",
        "unit": "bit/s",
        "subject": "ge0",
        "value": 10_000_000_000,
        "facts": facts,
    }


def test_ipv6_alone_is_enough(pair: tuple[Host, Host]) -> None:
    """Without an IPv4 default route the IPv6 one decides."""
    desk, _ = pair
    desk.ip("route", "add", "default", "via", "fe80::1", "dev", "ge0")

    assert probe("desk", "", inside=desk.inside).value("desk.duplex", "ge0") == "full"


def test_the_better_route_decides(pair: tuple[Host, Host]) -> None:
    """Of two default routes the one with the lower metric counts."""
    desk, _ = pair
    for name, metric in (("t0", 50), ("ge0", 10)):
        if name == "t0":
            desk.ip("tuntap", "add", "t0", "mode", "tap")
        desk.ip("link", "set", name, "up")
        desk.ip("route", "add", "default", "dev", name, "metric", str(metric))

    assert probe("desk", {}, inside=desk.inside).of("desk.speed")[0]["subject"] == "ge0"


def test_no_default_route(desk: Host) -> None:
    """A desk without a default route is unreachable, and nothing is read."""
    desk.ip("route", "add", "blackhole", "default")
    answer = probe("desk", {}, inside=desk.inside)

    assert (answer.status, len(answer.lines), answer.end["failure"]) == (0, 1, "unreachable")


def test_no_negotiated_rate(desk: Host) -> None:
    """A port that tells no rate, as Wi-Fi, is `not_supported` in words; its duplex is told as unknown."""
    desk.ip("link", "add", "fb0", "type", "ifb")
    desk.ip("link", "set", "fb0", "up")
    desk.ip("route", "add", "default", "dev", "fb0")
    answer = probe("desk", {}, inside=desk.inside)

    assert (answer.value("desk.duplex", "fb0"), answer.end["failure"]) == ("unknown", "not_supported")


def test_a_dead_cable(pair: tuple[Host, Host]) -> None:
    """A default route over a link that is down proves no rate."""
    desk, router = pair
    desk.ip("addr", "add", "10.1.0.2/24", "dev", "ge0")
    desk.ip("route", "add", "default", "via", "10.1.0.1")
    router.ip("link", "set", "lan0", "down")
    until(lambda: " state UP " not in desk.ip("link", "show", "ge0"), "the link down")
    answer = probe("desk", {}, inside=desk.inside)

    assert (answer.of("desk.speed"), answer.end["failure"]) == ([], "unreachable")


@pytest.mark.parametrize(("name", "kind"), [("ge0", "veth"), ("t0", "tun"), ("fb0", "ifb"), ("lo", "unknown")])
def test_drivers(pair: tuple[Host, Host], name: str, kind: str) -> None:
    """A port's driver is what the kernel calls it; a port without one is `unknown`."""
    desk, _ = pair
    desk.ip("tuntap", "add", "t0", "mode", "tap")
    desk.ip("link", "add", "fb0", "type", "ifb")
    words = desk.run(*_python(f"from probes._interfaces import driver; print(driver({name!r}))"))

    assert words.strip() == kind


def _python(source: str) -> list[str]:
    """A command that runs a line of Python here."""
    return ["env", f"PYTHONPATH={ROOT}", sys.executable, "-c", source]


def test_a_port_that_is_not_there() -> None:
    """Asking for the driver of a port that does not exist gives none."""
    assert driver("nosuch0") == "unknown"
