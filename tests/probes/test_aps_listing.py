"""What do the tables of a controller come to, whatever stands in them?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import fields

import pytest

from probes._aps import mib, numbers
from probes._aps.asking import CONTROLLER_DEADLINE_S
from probes._aps.model import Listing, State, Wired
from probes._aps.reading import read_controller
from probes._snmp.exchange import Oid, Pdu, Reply, Value
from probes._snmp.pace import PER_DEVICE_PER_S
from tests.probes import controllers as made
from tests.probes.responder import Table

FIRST, SECOND = "02:00:00:5e:53:00", "02:00:00:5e:54:00"
M, G = 1_000_000, 1_000_000_000


@pytest.mark.parametrize(
    ("number", "state"),
    [(8, "up"), (11, "standby"), (1, "down"), (2, "down"), (4, "down"), (15, "down"), (9, "unknown"), (99, "unknown")],
)
def test_states_of_huawei(number: int, state: str) -> None:
    """Only `normal` is at work; a number that the MIB does not have, or one of a passing state, is unknown and never up."""
    (_, second) = made.listed("huawei", made.huawei(ap_state=number)).aps

    assert (second.state, second.told) == (State(state), str(number))


def test_a_state_that_no_table_tells() -> None:
    """An access point of which only radios and networks are told is listed, by the name they repeat, and its state is unknown."""
    hidden = [mib.HUAWEI_WLAN.columns[name] for name in ("ap_state", "ap_name", "ap_model", "ap_clients", "ap_group")]
    objects = {oid: value for oid, value in made.huawei().items() if oid[: len(hidden[0])] not in hidden}
    objects |= made.rows(mib.HUAWEI_WLAN, (*made.FIRST, 0), {"radio_name": b"ap-301"})
    (first,) = made.listed("huawei", objects).aps

    assert (first.id, first.name, first.state) == (FIRST, "ap-301", State.UNKNOWN)


def test_an_access_point_without_an_address() -> None:
    """H3C tells the address of one that never joined as nought: it is called by its name then."""
    objects = made.h3c() | made.rows(mib.H3C_WLAN, (3, *b"ap2"), {"ap_address": bytes(6)})

    assert [one.id for one in made.listed("h3c", objects).aps] == [FIRST, "教学楼 302"]


def test_no_block_no_address() -> None:
    """An access point of Cisco's whose address begins no block of sixteen has no addresses worked out for it."""
    base, odd = tuple(made.FIRST), (*made.FIRST[:-1], 1)
    moved = {(*oid[:-7], *odd, oid[-1]) if oid[-7:-1] == base else oid: value for oid, value in made.cisco().items()}

    assert made.listed("cisco", made.cisco()).networks
    assert not made.listed("cisco", moved).networks


def test_one_network_has_its_name() -> None:
    """Where Cisco's controller has one network only, its name is known; of several it could be any."""
    objects = {oid: value for oid, value in made.cisco().items() if value != made.GUESTS}

    assert {one.ssid for one in made.listed("cisco", objects).networks} == {made.SCHOOL}
    assert {one.ssid for one in made.listed("cisco", made.cisco()).networks} == {None}


# --- Wired ports ------------------------------------------------------------------------------------------------------


def port(number: int, mbit_s: int, kind: int = 2, state: int = 2, mode: int = 256) -> dict[Oid, Value]:
    """A wired port of the second access point of Huawei's."""
    row = {"port_type": kind, "port_state": state, "port_mbit_s": mbit_s, "port_mode": mode}
    return made.rows(mib.HUAWEI_WLAN, (*made.SECOND, number), row)


@pytest.mark.parametrize(
    ("ports", "wired"),
    [
        (port(0, 1000), Wired(G, G, "0")),
        (port(0, 100), Wired(100 * M, 100 * M, "0")),
        (port(0, 1000, state=1), None),
        (port(0, 1234), None),
        (port(0, 10_000), Wired(G, G, "0")),
        (port(0, 2500, kind=7), Wired(2500 * M, 2500 * M, "0")),
        (port(0, 100, mode=1) | port(1, 1000, mode=2), Wired(100 * M, 100 * M, "0")),
        (port(0, 100) | port(1, 1000), Wired(100 * M, G, "0,1")),
        (port(0, 1000) | port(1, 100, state=1), Wired(G, G, "0")),
        (made.rows(mib.HUAWEI_WLAN, tuple(made.SECOND), {"ap_uplink": 2}), Wired(100 * M, 100 * M)),
    ],
    ids=["1G", "100M", "down", "no rate", "too much", "2.5G", "to the network", "either", "one is down", "older table"],
)
def test_the_wired_port(ports: dict[Oid, Value], wired: Wired | None) -> None:
    """The rate of the port that leads to the network; of two that may be it both ends, and never the faster one alone."""
    assert made.listed("huawei", made.huawei() | ports).aps[1].wired == wired


# --- Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "address"),
    [
        (bytes.fromhex("0200005e5300"), "02:00:00:5e:53:00"),
        ((2, 0, 0, 94, 83, 0), "02:00:00:5e:53:00"),
        (bytes.fromhex("0100005e5300"), ""),
        (bytes(6), ""),
        (bytes(5), ""),
        ((2, 0, 0, 94, 83, 256), ""),
        (None, ""),
        (7, ""),
    ],
)
def test_addresses(octets: Value | Oid, address: str) -> None:
    """Six octets that some device can have; a group's, nobody's, or anything else is none."""
    assert numbers.address(octets) == address


@pytest.mark.parametrize("text", ["0200-5E00-5370", "0200.5e00.5370", "02:00:5e:00:53:70"])
def test_written_addresses(text: str) -> None:
    """However a command line spells it, it is the same address."""
    assert numbers.written_address(text) == "02:00:5e:00:53:70"


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("36E", (36, 80)),
        ("6", (6, 20)),
        ("157+", (157, 40)),
        ("100S", (100, 160)),
        ("0", (None, None)),
        ("36X", (None, None)),
    ],
)
def test_written_channels(text: str, channel: tuple[int | None, int | None]) -> None:
    """Channel and width as ArubaOS writes them; what is not written so says nothing."""
    assert numbers.written_channel(text) == channel


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (numbers.load_ppm(255), None),
        (numbers.load_ppm(100), 1_000_000),
        (numbers.noise_mbm(0), None),
        (numbers.noise_mbm(-95), -9500),
        (numbers.noise_mbm(95, below=True), -9500),
        (numbers.power_mbm(255), None),
        (numbers.power_mbm(180, 10), 1800),
        (numbers.channel(0), None),
        (numbers.clients(-1), None),
        (numbers.rate_bit_s(999), None),
    ],
)
def test_numbers_that_say_nothing(found: int | None, expected: int | None) -> None:
    """What the MIB calls invalid, and what cannot be, is unknown and never nought."""
    assert found == expected


def drawn(draw: random.Random) -> Value:
    """Some value that an agent may send."""
    return draw.choice(
        [
            None,
            draw.randint(-300, 300),
            draw.getrandbits(64),
            draw.randbytes(6),
            draw.randbytes(draw.randint(0, 40)),
            (1, 3, 6),
        ]
    )


@pytest.mark.parametrize("maker", made.MAKERS)
def test_any_values_at_all(maker: str) -> None:
    """Whatever values and indexes an agent sends, what comes of them is a listing, each thing in it once."""
    draw, family = random.Random(maker), made.FAMILIES[maker]  # noqa: S311  # a drawn table, and no secret
    for _ in range(200):
        objects = dict(made.MAKERS[maker]())
        for oid in draw.sample(sorted(objects), len(objects) // 2):
            objects[oid] = drawn(draw)
        for column in family.columns.values():
            objects[(*column, *(draw.randint(0, 300) for _ in range(draw.randint(0, 15))))] = drawn(draw)
        found = made.listed(maker, objects)
        for field in fields(Listing):
            ids = [getattr(one, "bssid", None) or one.id for one in getattr(found, field.name)]
            assert len(set(ids)) == len(ids)
            assert all(ids)


# --- A large school ---------------------------------------------------------------------------------------------------


class Counting:
    """The seam, answered out of a table, in replies no larger than a packet; how often it was asked."""

    def __init__(self, objects: Mapping[Oid, Value]) -> None:
        self._agent = Table(objects)
        self.asked = 0

    async def request(self, pdu: Pdu) -> Reply:
        """See `Exchange.request`."""
        self.asked += 1
        reply = self._agent.answer(pdu)
        assert reply is not None
        return reply


def large(points: int = 690, networks: int = 8) -> dict[Oid, Value]:
    """A controller with so many access points of two radios, each of which sends so many networks."""
    of, objects = mib.HUAWEI_WLAN, made.identity((2011, 2, 240), "VRP")
    for point in range(points):
        index = (2, 0, 0, point >> 8, point & 255, 0)
        objects |= made.rows(
            of, index, {"ap_state": 8, "ap_name": f"ap-{point}".encode(), "ap_model": b"AirEngine5760"}
        )
        for radio in range(2):
            row: dict[str, Value] = {"radio_band": radio + 1, "radio_channel": 36, "radio_clients": 3, "radio_util": 5}
            objects |= made.rows(of, (*index, radio), row)
            for number in range(networks):
                sent: dict[str, Value] = {"bss_bssid": bytes((*index[:5], radio * 16 + number)), "bss_ssid": b"school"}
                objects |= made.rows(of, (*index, radio, number), sent)
    return objects


def test_a_large_school_within_its_deadline() -> None:
    """1,380 radios and 11,040 networks are read whole, at the pace that one device is asked, in half the time there is."""
    exchange = Counting(large())
    told = asyncio.run(read_controller(exchange, "ac", "silent", "", (), time.monotonic() + 60))

    assert (len(told.listing.aps), len(told.listing.radios), len(told.listing.networks)) == (690, 1380, 11_040)
    assert told.failure is None
    assert exchange.asked / PER_DEVICE_PER_S < CONTROLLER_DEADLINE_S / 2
