"""
What does the probe tell of real switches, asked over UDP as anybody asks it?

Recordings of seven devices behind an agent that keeps the rules, each a run of its own through `python -m probes uplinks`. The
truths are those that a person has read out of the recordings (shared notes on SNMP, section 4.1). What stands in them of people's
devices must be in nothing that leaves the box.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

import pytest

from probes._snmp.exchange import Oid, Value
from probes._switch import mib
from tests.probes.face import Answer, probe
from tests.probes.recorded import recording
from tests.probes.responder import Table, answering

M, G = 1_000_000, 1_000_000_000


@dataclass(frozen=True)
class Truth:
    """Of one device: physical ports and those up, how many of each rate, its groups, its ways on, its access points, who is not listed."""

    ports: tuple[int, int]
    rates: dict[int, int]
    groups: dict[str, tuple[int, int, str]]
    uplinks: set[str]
    access_points: int
    undiscovered: int


TRUTHS = {  # without the port for management that four of them have, which carries no traffic of others
    "vrp_5720-32x-ei": Truth((32, 11), {G: 10, 10 * G: 1}, {}, {"XGigabitEthernet0/0/4"}, 0, 0),
    "vrp_ac6605-26": Truth((27, 3), {G: 3}, {}, {"GigabitEthernet0/0/24"}, 1, 1),
    "comware_a5500": Truth((28, 24), {G: 24}, {}, {"GigabitEthernet1/0/26"}, 0, 0),
    "ruijie_s6150": Truth((32, 0), {}, {}, set(), 0, 0),
    "jetstream_vlans": Truth(
        (18, 6), {100 * M: 4, G: 2}, {}, {"gigabitEthernet 1/0/15 : copper", "gigabitEthernet 1/0/18 : fiber"}, 0, 1
    ),
    "ios_2960x": Truth(
        (133, 49), {10 * M: 4, 100 * M: 7, G: 38}, {"Po1": (2 * G, G, "Gi1/0/52,Gi3/0/52")}, {"Po1", "Gi1/0/52", "Gi3/0/52"}, 5, 1
    ),
    "procurve": Truth(
        (52, 42), {100 * M: 37, G: 3, 10 * G: 2}, {"Trk1": (20 * G, 10 * G, "A1,A2")}, {"Trk1", "A1", "A2"}, 0, 2
    ),
}  # fmt: skip
NAMES = pytest.mark.parametrize("name", TRUTHS)
PASSED_ON = 6  # octets of a MAC address


@dataclass(frozen=True)
class Told:
    """What one device came to: what was printed, and every file of raw evidence."""

    answer: Answer
    evidence: dict[str, str]

    @property
    def everything(self) -> str:
        """All that may leave the box, in lower case."""
        return "\n".join([*map(json.dumps, self.answer.lines), *self.evidence.values()]).lower()

    def ports(self, quantity: str, **facts: str) -> dict[str, dict[str, Any]]:
        """The readings of a quantity whose facts are these, by the port."""
        found = (line for line in self.answer.of(quantity) if facts.items() <= line["facts"].items())
        return {line["subject"].partition("/")[2]: line for line in found}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    """All devices, asked at once, each by a run of its own."""
    objects = {name: recording(name) for name in TRUTHS}
    folder = tmp_path_factory.mktemp("recordings")

    def ask(name: str) -> Told:
        with answering(Table(objects[name])) as port:
            one = {"host": "127.0.0.1", "port": port, "community": "public"}
            answer = probe("uplinks", {"switches": [one], "timeout_s": 5}, evidence=folder / name)
        return Told(answer, {path.name: path.read_text("utf-8") for path in (folder / name).iterdir()})

    with ThreadPoolExecutor(len(TRUTHS)) as pool:
        yield dict(zip(TRUTHS, pool.map(ask, TRUTHS), strict=True))


@NAMES
def test_the_device_answered(told: dict[str, Told], name: str) -> None:
    """A run of one real device is complete, and says how many neighbours nobody listed."""
    answer = told[name].answer
    (all_of_them,) = answer.of("devices.answered", "")

    assert (answer.end, all_of_them["value"], all_of_them["facts"]["undiscovered"]) == (
        {"end": "complete"},
        M,
        TRUTHS[name].undiscovered,
    ), answer.errors


@NAMES
def test_ports(told: dict[str, Told], name: str) -> None:
    """Every physical port is told, and as up those that are: nothing behind a VLAN, a stack or a group counts as one."""
    up = [line["value"] for line in told[name].ports("port.up", kind="physical").values()]

    assert (len(up), up.count("yes")) == TRUTHS[name].ports


@NAMES
def test_rates(told: dict[str, Told], name: str) -> None:
    """The rates of the physical ports are those that the device runs at; none of a port that is down."""
    ports = told[name].ports("port.up", kind="physical")
    rates = {port: line["value"] for port, line in told[name].ports("port.speed", kind="physical").items()}

    assert {ports[port]["value"] for port in rates} <= {"yes"}
    assert Counter(rates.values()) == TRUTHS[name].rates


@NAMES
def test_groups(told: dict[str, Told], name: str) -> None:
    """An aggregate is the sum of its members, and says the fastest of them."""
    groups = told[name].ports("port.speed", kind="lag")

    found = {
        port: (line["value"], line["facts"]["largest_bit_s"], line["facts"]["members"]) for port, line in groups.items()
    }
    assert found == TRUTHS[name].groups


@NAMES
def test_roles(told: dict[str, Told], name: str) -> None:
    """Which ports lead on, and how many access points there are, is seen from one switch alone; each with its evidence."""
    roles = {port: line["value"] for port, line in told[name].ports("port.role").items()}
    evidence = [line["facts"]["evidence"] for line in told[name].answer.of("port.role") if line["value"] != "unknown"]

    assert {port for port, role in roles.items() if role == "uplink"} == TRUTHS[name].uplinks
    assert (list(roles.values()).count("ap"), all(evidence)) == (TRUTHS[name].access_points, True)


@NAMES
def test_no_link_is_certain_from_one_end(told: dict[str, Told], name: str) -> None:
    """Of a link whose other end was not asked only the highest rate is known, and it is not confirmed."""
    links = told[name].answer.of("link.speed")

    assert [line for line in links if "value" in line or line["facts"]["confirmed"] == "both"] == []


@NAMES
def test_one_reading_of_a_kind(told: dict[str, Told], name: str) -> None:
    """No two readings of a run are of the same quantity and subject."""
    kinds = Counter((line["quantity"], line["subject"]) for line in told[name].answer.lines if "quantity" in line)

    assert [kind for kind, count in kinds.items() if count > 1] == []


@NAMES
def test_no_address_of_a_station_leaves(told: dict[str, Told], name: str) -> None:
    """Neither a hardware nor an IP address of the tables of stations is in a reading or in raw evidence, however it is written."""
    objects = recording(name)
    everything = told[name].everything

    macs, addresses = _stations(objects)
    assert _macs_in(everything) & macs == set()
    assert {found for found in re.findall(r"\d+\.\d+\.\d+\.\d+", everything) if found in addresses} == set()
    assert [mac for mac in macs if (text := _as_text(mac)) and json.dumps(text)[1:-1].lower() in everything] == []


@NAMES
def test_no_description_by_a_person_leaves(told: dict[str, Told], name: str) -> None:
    """What people wrote beside a port leaves in no form, unless the switch itself or its neighbour is called so."""
    objects = recording(name)
    alias = mib.PORT_DETAILS["ifAlias"]
    written = {value for value in _column(objects, alias).values() if isinstance(value, bytes)}
    elsewhere = [value for oid, value in objects.items() if oid[: len(alias)] != alias and isinstance(value, bytes)]
    public = [value.decode("latin-1").lower() for value in elsewhere]

    texts = {text for value in written if len(text := value.decode("latin-1").lower().strip()) > 4}
    own = {text for text in texts if not any(text in one for one in public)}
    assert [text for text in own if text in told[name].everything] == []


def test_there_was_something_to_hide() -> None:
    """The recordings do hold addresses of stations, without which the tests above would prove nothing."""
    counts = {name: sum(len(one) for one in _stations(recording(name))) for name in TRUTHS}

    assert min(counts[name] for name in ("procurve", "ios_2960x", "comware_a5500", "jetstream_vlans")) > 30, counts


def _column(objects: dict[Oid, Value], column: Oid) -> dict[Oid, Value]:
    return {oid[len(column) :]: value for oid, value in objects.items() if oid[: len(column)] == column}


def _stations(objects: dict[Oid, Value]) -> tuple[set[bytes], set[str]]:
    """Hardware and IP addresses in the tables of stations, without the switch's own and its neighbouring equipment's."""
    tables = {**mib.STATIONS, **mib.STATIONS_UNTAGGED}
    macs = {bytes(index[-PASSED_ON:]) for name in tables for index in _column(objects, tables[name])}
    addresses = set()
    for name in ("ipNetToMediaPhysAddress", "ipNetToPhysicalPhysAddress"):
        for index, value in _column(objects, mib.ADDRESSES[name]).items():
            macs |= {value} if isinstance(value, bytes) else set()
            addresses |= {str(IPv4Address(bytes(index[-4:])))} if max(index[-4:]) < 256 else set()
    own = {str(IPv4Address(bytes(index))) for index in _column(objects, mib.ADDRESSES["ipAdEntIfIndex"])}
    return macs - _equipment(objects), addresses - own


def _equipment(objects: dict[Oid, Value]) -> set[bytes]:
    """The hardware addresses of the switch itself, and of neighbours that say they are a switch, a router or an access point."""
    known = {value for value in _column(objects, mib.NEIGHBOURS["ifPhysAddress"]).values() if isinstance(value, bytes)}
    for scalar in ("dot1dBaseBridgeAddress", "lldpLocChassisId"):
        value = objects.get(mib.SCALARS[scalar])
        known |= {value} if isinstance(value, bytes) else set()
    root = objects.get(mib.SCALARS["dot1dStpDesignatedRoot"])
    known |= {root[2:]} if isinstance(root, bytes) else set()
    chassis = _column(objects, mib.NEIGHBOURS["lldpRemChassisId"])
    for index, said in _column(objects, mib.NEIGHBOURS["lldpRemSysCapEnabled"]).items():
        value = chassis.get(index)
        if isinstance(said, bytes) and said[:1] and said[0] & 0x38 and isinstance(value, bytes):
            known.add(value)
    return known


def _macs_in(text: str) -> set[bytes]:
    """Everything in a text that may be a hardware address: hex with any separators, or six decimal numbers as in an object's name."""
    found = {
        bytes.fromhex(re.sub(r"[^0-9a-f]", "", one))
        for one in re.findall(r"(?=((?:[0-9a-f]{2}[:\- ]?){5}[0-9a-f]{2}))", text)
    }
    found |= {
        bytes.fromhex(re.sub(r"[^0-9a-f]", "", one))
        for one in re.findall(r"(?=((?:[0-9a-f]{4}[.\-:]){2}[0-9a-f]{4}))", text)
    }
    for one in re.findall(r"\d+(?:\.\d+){5,}", text):
        parts = [int(part) for part in one.split(".")]
        windows = (parts[at : at + PASSED_ON] for at in range(len(parts) - PASSED_ON + 1))
        found |= {bytes(window) for window in windows if max(window) < 256}
    return found


def _as_text(mac: bytes) -> str:
    """An address whose octets happen to be letters."""
    shown = mac.decode("ascii", "replace")
    return shown if shown.isprintable() and "�" not in shown else ""
