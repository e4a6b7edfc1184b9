"""Do the zones in deploy/echo hold the names that are asked for, each with what it is for and nothing else?"""

from __future__ import annotations

import dns.name
import dns.zone
import pytest

from evidence.echo import NAMES
from tests.probes.face import ROOT

WORDS = {
    "ZONE": "echo.example",
    "NS": "ns1.example",
    "V4": "192.0.2.1",
    "V6": "2001:db8::1",
    "MTU1280": "2001:db8::1280",
    "BAD6": "2001:db8::dead",
    "NS6": "2001:db8::53",
}


def zone(file: str, origin: str) -> dict[str, set[str]]:
    """Each name of a template with its records, as `TYPE content`."""
    text = (ROOT / "deploy/echo" / file).read_text()
    for word, content in WORDS.items():
        text = text.replace(f"@{word}@", content)
    read = dns.zone.from_text(text, origin, relativize=False)
    names: dict[str, set[str]] = {}
    for name, _, record in read.iterate_rdatas():
        kind = record.rdtype.name
        if kind != "SOA":
            names.setdefault(name.relativize(dns.name.from_text(origin)).to_text(), set()).add(f"{kind} {record}")
    return names


V4, V6 = f"A {WORDS['V4']}", f"AAAA {WORDS['V6']}"
RECORDS = {
    "v4": {V4},
    "v6": {V6},
    "ds": {V4, V6},
    "big": {V4, V6},
    "mtu1280": {f"AAAA {WORDS['MTU1280']}"},
    "bad6": {V4, f"AAAA {WORDS['BAD6']}"},
    "v6ns": {"NS ns.v6ns.echo.example."},
}


@pytest.mark.parametrize("name", NAMES)
def test_records(name: str) -> None:
    """Every name that the contract names has the records that it is for, and no other."""
    assert zone("zone.template", WORDS["ZONE"])[name] == RECORDS[name]


def test_delegated() -> None:
    """The name server of v6ns has IPv6 only, the same in both zones, and the zone has the address that is asked for."""
    glue = zone("zone.template", WORDS["ZONE"])["ns.v6ns"]
    below = zone("v6ns.template", f"v6ns.{WORDS['ZONE']}")

    assert below == {"@": {"NS ns.v6ns.echo.example.", V6}, "ns": glue}
    assert glue == {f"AAAA {WORDS['NS6']}"}


@pytest.mark.parametrize("file", ["zone.template", "v6ns.template"])
def test_words(file: str) -> None:
    """What is to be replaced is named at the top of the zone's template."""
    text = (ROOT / "deploy/echo" / file).read_text()
    left = text
    for word in WORDS:
        left = left.replace(f"@{word}@", "")
    explained = (ROOT / "deploy/echo/zone.template").read_text().partition("$ORIGIN")[0]

    assert [word for word in WORDS if f"@{word}@" not in explained] == []
    assert all(piece.strip() == "" or piece.startswith((" ", "\t")) for piece in left.split("@")[1:])
