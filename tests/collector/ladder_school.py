"""A school whose box climbed the whole IPv6 ladder, and the echo server that saw it: what the tests of IPv6's judging stand on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.ipv6_orders import limits
from collector.school import Evidence, Line, School, Switch
from evidence import quantities as q
from evidence.echo import ECHO, Echoed, nonce_of
from evidence.ladder import FAIL, NOT_TESTED, PASS, RUNGS, grade_of
from evidence.model import Facts, Reading, Settings
from evidence.seal import key_id, seal
from tests.collector.egress_school import server_of
from tests.collector.making import BOX, NOW, run, school

KEY, STRANGERS_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
SERVER = server_of(KEY)
PREFIX, LOCAL = "2409:8a00:1:10::/64", "2409:8a00:1:10::77"
LINE = Line("telecom", ("203.0.113.0/28", "2409:8a00:1::/48"), "internet")
CERTIFICATE = "ab" * 32
ECHO_SETTINGS: Settings = {
    "zone": "ipv6.example",
    "server_key": SERVER.public_key,
    "v6": "2001:da8::1",
    "v4": "198.51.100.1",
    "mtu1280": "2001:da8::2",
    "operator": "CERNET",
}
TARGETS: list[Settings] = [
    {"address": f"2400:3200::{number}", "port": 443, "operator": operator}
    for number, operator in enumerate(("telecom", "telecom", "unicom", "mobile"), start=1)
]
ORDER: Settings = {"echo": ECHO_SETTINGS, "targets": TARGETS, "nonce": "5eed", "limits": limits()}


def sealed(key: Ed25519PrivateKey = KEY, **about: Any) -> str:
    """What the server signs of the box's request, with other words where a test wants them."""
    usual: dict[str, Any] = {
        "server": key_id(key.public_key()),
        "nonce": nonce_of("5eed", BOX),
        "name": "v6.ipv6.example",
    }
    usual |= {
        "seen": LOCAL,
        "seen_port": 4242,
        "at": "2001:da8::1",
        "answered_unix_us": NOW,
        "certificate": CERTIFICATE,
    }
    return seal(ECHO, Echoed(**usual | about), key).decode()


def facts_of(**changed: Facts) -> dict[str, Facts]:
    """What each rung of a faultless climb tells, and further or other facts of some."""
    transfers: Facts = {f"{path}_{kind}_us": 9000 for path in ("normal", "mtu1280") for kind in ("small", "up", "down")}
    told: dict[str, Facts] = {
        "L2": {"class": "native", "origin": "slaac", "prefix": PREFIX},
        "L4": {"resolvers": 1, "v6_resolvers": 1, "us": 900},
        "L5": {
            "targets": 5,
            "reached": 5,
            "operators": 4,
            "operators_reached": 4,
            "server": "reached",
            "source": LOCAL,
        },
        "L6": {"local": LOCAL, "seen": LOCAL, "seen_port": 4242, "certificate": CERTIFICATE, "echo": sealed()},
        "L7": transfers,
        "L8": {
            "tries": 10,
            "v6_accepted": 10,
            "v6_clean": 10,
            "v6_us": 900,
            "v4_accepted": 10,
            "v4_clean": 10,
            "v4_us": 900,
            "races": 10,
            "v6_wins": 10,
        },
        "L9": {
            "tries": 20,
            "v6_accepted": 20,
            "v6_clean": 20,
            "v6_us": 900,
            "v4_accepted": 20,
            "v4_clean": 20,
            "v4_us": 900,
            "downloads": 6,
            "broken": 0,
            "v6_bit_s": 10**9,
            "v4_bit_s": 10**9,
        },
    }
    return {name: {**told.get(name, {}), **changed.get(name, {})} for name in RUNGS}


def climb(
    states: Mapping[str, str] | None = None, lost: Mapping[str, str] | None = None, **changed: Facts
) -> tuple[Reading, ...]:
    """The readings of a climb: every rung passes but for `states`, tells its facts but for `lost` ones; the grade is what follows."""
    facts = facts_of(**changed)
    for name, fact in (lost or {}).items():
        facts[name].pop(fact)
    values = {name: (states or {}).get(name, PASS) for name in RUNGS}
    rungs = tuple(q.IPV6_RUNG.reading(values[name], name, facts[name]) for name in RUNGS)
    low, high = grade_of({name: (values[name], str(facts[name].get("code", ""))) for name in RUNGS})
    return (*rungs, graded(low, high))


def graded(low: int, high: int) -> Reading:
    """A grade as the probe gives it: one figure where that is known."""
    return q.IPV6_GRADE.reading(low) if low == high else q.IPV6_GRADE.between(low, high)


def failing(*names: str) -> dict[str, str]:
    """These rungs failed."""
    return dict.fromkeys(names, FAIL)


def untested(*names: str) -> dict[str, str]:
    """These rungs were not tested."""
    return dict.fromkeys(names, NOT_TESTED)


def climbed(*readings: Reading, **about: Any) -> Evidence:
    """A stored run of the ladder; a faultless one where no readings are given."""
    return run("ipv6", *(readings or climb()), **{"settings": ORDER, **about})


def pupils(*stored: Evidence, **about: Any) -> School:
    """The school of this evidence, with the operator's server and a line that has an IPv6 prefix."""
    return school(stored, **{"servers": {SERVER.id: SERVER}, "lines": (LINE,), **about})


L3 = Switch("core", "10.0.0.1", core=True)
