"""Does the probe tell what gets in from what is kept out, and both from a vantage that gets nowhere?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probes import load
from probes.__main__ import _settings
from tests.probes.face import probe
from tests.probes.little_internet import internet, world
from tests.probes.spaces import Host, need, running, until

BOX, NATIVE, ROOT_SERVER = "2001:db8:7::7", "2400:7::7", "2001:503:ba3e::2:30"
LAB: dict[str, Any] = {"lab_prefixes": ["2001:db8::/32"]}
QUICK: dict[str, Any] = {"ports": [22, 23], "timeout_s": 0.4}
# On a cable this short an ICMPv6 error arrives inside the system call, and is told with the second SYN, a second later.
PATIENT: dict[str, Any] = {"timeout_s": 1.3}
LISTEN = "import socket, time; s = socket.create_server(('::', 22), family=socket.AF_INET6); time.sleep(60)"


@pytest.fixture
def box(pair: tuple[Host, Host]) -> Iterator[tuple[Host, Host]]:
    """A vantage, and a box before it that keeps nothing out."""
    need("nft")
    vantage, school = pair
    vantage.ip("addr", "replace", "2001:db8:1::1/64", "dev", "ge0", "nodad")
    school.ip("addr", "replace", "2001:db8:1::2/64", "dev", "lan0", "nodad")
    for address in (BOX, NATIVE, ROOT_SERVER):
        school.ip("addr", "replace", f"{address}/128", "dev", "lo")
    vantage.ip("-6", "route", "replace", "default", "via", "2001:db8:1::2")
    yield pair
    school.run("sh", "-c", "nft delete table ip6 t 2>/dev/null; ip -6 addr flush dev lo scope global")


def drop(school: Host, verdict: str = "drop") -> None:
    """What a firewall does with a TCP segment that comes in."""
    school.run("sh", "-c", "nft add table ip6 t; nft add chain ip6 t i '{type filter hook input priority 0;}'")
    school.run("nft", "add", "rule", "ip6", "t", "i", "meta", "l4proto", "tcp", *verdict.split())


def rung(vantage: Host, address: str = BOX, **more: Any) -> tuple[str, dict[str, Any]]:
    """State and facts of the one rung."""
    answer = probe("inbound", {"addresses": [address], **QUICK, **more}, inside=vantage.inside)
    (line,) = answer.of("ipv6.rung", f"L11/{address}")
    return line["value"], line["facts"]


def test_ports_that_answer(box: tuple[Host, Host]) -> None:
    """A port that accepts or resets was reached: the rung passes with the remark, and both kinds are named."""
    vantage, school = box
    with running([*school.inside, sys.executable, "-c", LISTEN], Path("/dev/null")):
        until(lambda: ":22 " in school.run("ss", "-Hltn"), "the listener")
        state, facts = rung(vantage, **LAB)

    assert (state, facts["code"], facts["open"], facts["refused"], facts["source"]) == (
        "pass",
        "OPEN_INBOUND",
        "22",
        "23",
        "2001:db8:1::1",
    )


@pytest.mark.parametrize("verdict", ["drop", "reject with icmpv6 type admin-prohibited"])
def test_closed(box: tuple[Host, Host], verdict: str) -> None:
    """Silence, or an administrative prohibition, is a network that keeps out what nobody asked for: no remark."""
    vantage, school = box
    drop(school, verdict)
    state, facts = rung(vantage, **LAB, **(QUICK if verdict == "drop" else PATIENT))

    assert (state, facts.get("code"), facts["reached"]) == ("pass", None, 0)


def test_no_way(box: tuple[Host, Host]) -> None:
    """A vantage without a route over IPv6 has asked nobody."""
    vantage, _ = box
    vantage.ip("-6", "route", "del", "default")
    state, facts = rung(vantage, **LAB)

    assert (state, facts["code"]) == ("inconclusive", "NO_WAY")


def test_a_way_that_leads_nowhere(box: tuple[Host, Host]) -> None:
    """Where neither the box nor a root server answers, silence is the vantage's own."""
    vantage, school = box
    drop(school)
    school.run("nft", "add", "rule", "ip6", "t", "i", "meta", "l4proto", "udp", "drop")
    state, facts = rung(vantage, NATIVE)

    assert (state, facts["code"]) == ("inconclusive", "NO_WAY")


def test_a_way_that_is_proven(box: tuple[Host, Host], tmp_path: Path) -> None:
    """Where a root server answers, a box that is silent is one that nobody gets in to."""
    vantage, school = box
    drop(school)
    spec = world() | {"sites": {}, "resolvers": []}
    spec["serving"] = {ROOT_SERVER: ["."]}
    with internet(school, tmp_path, spec):
        state, facts = rung(vantage, NATIVE)

    assert (state, facts.get("code")) == ("pass", None)


def test_nobody_there(box: tuple[Host, Host]) -> None:
    """An address that the last router does not find shows nothing: the packet came in as far as there."""
    vantage, school = box
    school.ip("-6", "route", "add", "unreachable", "2001:db8:7::9/128")
    state, facts = rung(vantage, "2001:db8:7::9", **LAB, **PATIENT)
    school.ip("-6", "route", "del", "unreachable", "2001:db8:7::9/128")

    assert (state, facts["code"]) == ("inconclusive", "NOT_THERE")


@pytest.mark.parametrize(
    "address", ["fd00::1", "fe80::1", "2002:c000:201::1", "2001:db8::1", "::ffff:198.51.100.1", "::1"]
)
def test_only_global_addresses(address: str) -> None:
    """An address that nobody outside can reach is refused by its key."""
    with pytest.raises(ValueError, match=r"settings: .*addresses: .* is not a native global address"):
        _settings(load("inbound"), json.dumps({"addresses": [address]}).encode())
