"""Do the switches show that IPv6 is used, and in how many networks it is there?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.calendar import day_of, midnight_us
from collector.ipv6_use import DAYS, is_used, vlans_with_ipv6
from collector.judge import judge
from collector.school import Day, Evidence, Switch
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.ladder import FAIL, INCONCLUSIVE, NOT_TESTED, PASS
from evidence.model import Failure, Reading, Settings
from evidence.scan import AskedBy, Scan, Task
from tests.collector.ladder_school import L3, PREFIX, climb, climbed, failing, pupils, sealed
from tests.collector.making import BOX, NOW, OTHER_BOX, answered, clause, codes, ends, part, port, run

HOUR_US = 3_600_000_000
GIGABYTE = 10**9
TODAY = day_of(NOW)
ASKED: Settings = {"switches": [{"host": L3.host, "port": L3.port}]}
ALL = [TODAY - timedelta(days=ago) for ago in range(1, DAYS + 1)]
SCHOOL_DAYS = [day for day in ALL if day.weekday() < 5]


def use(state: str = INCONCLUSIVE, **facts: int | str) -> Reading:
    """The rung of the whole network, as the switches tell it."""
    return q.IPV6_RUNG.reading(state, "L10", dict(facts))


def read(
    day: date,
    hour: int,
    octets: object,
    *,
    agent: str = BOX,
    sequence: int = 1,
    share: int = 600_000,
    late_days: int = 0,
    **about: Any,
) -> Evidence:
    """A run over the switches, ordered on a day at an hour and received ten minutes later, or some days."""
    issued_us = midnight_us(day) + hour * HOUR_US
    name, tasks = f"order-{agent}-{sequence}", (Task("uplinks", ASKED),)
    scan = Scan(name, "s", (agent,), tasks, issued_us, issued_us + HOUR_US, AskedBy.CLOCK)
    told = use(
        switches=about.pop("told", 1),
        devices=100,
        devices_ipv6=share // 10_000,
        share_ppm=share,
        ipv6_octets=str(octets),
    )
    readings = (*answered(L3, failure=about.pop("silent", None)), *port(L3, "ge1"), *about.pop("more", ()), told)
    one = run("uplinks", *readings, agent=agent, sequence=sequence, settings=ASKED, scan=scan)
    received_us = issued_us + HOUR_US // 6 + late_days * 24 * HOUR_US
    return Evidence(one.id, one.report, received_us, scan)


def month(days: list[date] | None = None, rise: int = GIGABYTE, **about: Any) -> list[Evidence]:
    """Two readings on each school day of a month, between which the counters rise by so much."""
    stored: list[Evidence] = []
    for number, day in enumerate(sorted(SCHOOL_DAYS if days is None else days)):
        at = number * (rise + GIGABYTE)
        stored += [
            read(day, 8, at, sequence=2 * number + 1, **about),
            read(day, 16, at + rise, sequence=2 * number + 2, **about),
        ]
    return stored


def used(stored: list[Evidence], **about: Any) -> bool | None:
    """What the switches show of a school's use."""
    return is_used(pupils(*stored, **{"switches": (L3,), **about}), stored, NOW)


# --- Use --------------------------------------------------------------------------------------------------------------


def test_used() -> None:
    """Half of the devices have an address, and the counters rise on each school day: what follows is not true of nothing."""
    assert used(month()) is True


@pytest.mark.parametrize("share", [499_999, 500_000])
def test_half_of_the_devices(share: int) -> None:
    """Fewer than half at the last reading is no use."""
    assert used(month(share=share)) is (share == 500_000)


@pytest.mark.parametrize("missing", [0, len(SCHOOL_DAYS) // 2, -1])
def test_a_day_without_two_readings(missing: int) -> None:
    """A school day that nobody looked at is open, wherever it lies."""
    days = [day for day in SCHOOL_DAYS if day != SCHOOL_DAYS[missing]]

    assert used(month(days)) is None


def asked(*readings: Reading, **about: Any) -> Evidence:
    """A run over the one switch, which answered and has a port."""
    return run("uplinks", *readings, *answered(L3), *port(L3, "ge1"), **{"settings": ASKED, **about})


OPEN: dict[str, list[Evidence]] = {
    "nothing": [],
    "no reading tells a share": [asked(use(NOT_TESTED, switches=1))],
    "no rung": [asked()],
    "one reading a day": month()[::2],
    "no rise": month(rise=0),
    "counters that began anew": month(rise=-GIGABYTE // 2),
    "more switches at the second reading": [
        read(day, hour, at, told=told, sequence=2 * number + hour // 8)
        for number, day in enumerate(SCHOOL_DAYS)
        for hour, at, told in ((8, 0, 1), (16, GIGABYTE, 2))
    ],
    "another switch at the second reading": [
        read(day, hour, at, silent=silent, sequence=2 * number + hour // 8)
        for number, day in enumerate(SCHOOL_DAYS)
        for hour, at, silent in ((8, 0, Failure.TIMED_OUT), (16, GIGABYTE, None))
    ],
    "two agents": [
        read(day, hour, at, agent=agent, sequence=number + 1)
        for number, day in enumerate(SCHOOL_DAYS)
        for hour, at, agent in ((8, 0, BOX), (16, GIGABYTE, OTHER_BOX))
    ],
    "received days later": month(late_days=1),
    "ordered the day before": [
        one
        for number, day in enumerate(SCHOOL_DAYS)
        for one in (
            read(day - timedelta(days=1), 8, 0, sequence=2 * number + 1, late_days=1),
            read(day, 16, GIGABYTE, sequence=2 * number + 2),
        )
    ],
    "both at once": [
        read(day, 8, at, sequence=2 * number + at // GIGABYTE + 1) for number, day in enumerate(SCHOOL_DAYS) for at in (0, GIGABYTE)
    ],
}  # fmt: skip


@pytest.mark.parametrize("stored", OPEN.values(), ids=OPEN)
def test_too_little_is_open(stored: list[Evidence]) -> None:
    """What does not show use shows no disuse either."""
    assert used(stored) is None


def test_nobody_has_an_address() -> None:
    """Where the switches hear devices and none has an address, nobody uses it."""
    assert used([asked(use(FAIL, devices=40, devices_ipv6=0))]) is False


def test_the_worst_agent_decides() -> None:
    """Of two agents that each see a part of the devices the lower share counts."""
    assert used([*month(), read(TODAY, 0, 0, agent=OTHER_BOX, share=100_000)]) is False


@pytest.mark.parametrize("share", [100_000, 600_000])
@pytest.mark.parametrize("failure", [None, Failure.TIMED_OUT], ids=["silent", "never asked"])
def test_a_switch_without_a_word(failure: Failure | None, share: int) -> None:
    """While a switch of the list gives no word, its devices are not counted: neither use nor disuse is shown."""
    other = Switch("floor", "10.0.0.9")
    latest = read(TODAY, 0, 0, agent=OTHER_BOX, share=share, more=answered(other, failure=failure) if failure else ())

    assert used([*month(), latest], switches=(L3, other)) is None


@pytest.mark.parametrize("octets", ["", "many", "²", "9" * 5000], ids=["empty", "text", "a power", "5,000 digits"])
def test_counters_that_are_none(octets: str) -> None:
    """What is no number is no counter."""
    stored = [
        read(day, hour, octets, sequence=number + hour) for number, day in enumerate(SCHOOL_DAYS) for hour in (8, 16)
    ]

    assert used(stored) is None


def test_readings_without_an_order() -> None:
    """Without an order nobody knows when it was at the earliest."""
    stored = [Evidence(one.id, one.report, one.received_unix_us) for one in month()]

    assert used(stored) is None


def test_holidays_are_no_proof() -> None:
    """In a month of holidays there is nothing to rise on, which shows nothing."""
    away = (Day(min(ALL).isoformat(), max(ALL).isoformat(), "holiday"),)

    assert used(month(), days=away) is None


def test_a_holiday_needs_no_traffic() -> None:
    """A day without lessons may be quiet."""
    quiet = SCHOOL_DAYS[3]
    days = [day for day in SCHOOL_DAYS if day != quiet]

    assert used(month(days), days=(Day(quiet.isoformat(), quiet.isoformat(), "holiday"),)) is True


def ordered(probe: str, day: date, **about: Any) -> Scan:
    """An order of a probe on a day."""
    issued_us = midnight_us(day) + HOUR_US
    return Scan("x", "s", (BOX,), (Task(probe, about),), issued_us, issued_us + HOUR_US, AskedBy.CLOCK)


OF_A_LADDER = (8 * 8 + 4) * 1024 * 1024 * 4 * 2  # downloads and all else, in and out at two interfaces, at two switches


@pytest.mark.parametrize(
    ("probe", "about", "rise", "expected"),
    [
        pytest.param("ipv6", {}, GIGABYTE, True, id="a ladder, and much more"),
        pytest.param("ipv6", {}, 400_000_000, None, id="no more than a ladder"),
        pytest.param("ipv6", {}, OF_A_LADDER, None, id="exactly a ladder"),
        pytest.param("ipv6", {}, OF_A_LADDER + 1, True, id="an octet more than a ladder"),
        pytest.param("ipv6", {"rate_octets": 32 * 1024 * 1024}, GIGABYTE, None, id="no more than a long ladder"),
        pytest.param("uplinks", {}, 500_000_000, None, id="no more than tables"),
        pytest.param("egress", {}, 10**15, None, id="a line filled"),
        pytest.param("second_opinion", {}, 10**15, None, id="a line filled by another tool"),
    ],
)
def test_our_own_octets(probe: str, about: Settings, rise: int, expected: bool | None) -> None:
    """What our own orders can have moved on one of the days is no use; how much a filled line moves nobody knows."""
    assert used(month(rise=rise), orders=(ordered(probe, SCHOOL_DAYS[5], **about),)) is expected


def test_our_own_octets_of_another_day() -> None:
    """An order of a day without lessons moves nothing on the others."""
    (sunday,) = [day for day in ALL if day.weekday() == 6][:1]

    assert used(month(), orders=(ordered("egress", sunday),)) is True


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_losing_readings_never_helps(data: st.DataObject) -> None:
    """Whichever readings are lost, what is not shown to be used does not become so."""
    stored = month(rise=data.draw(st.sampled_from([0, GIGABYTE])), share=data.draw(st.sampled_from([400_000, 600_000])))
    lost = data.draw(st.sets(st.sampled_from(range(len(stored))), max_size=4))
    kept = [one for number, one in enumerate(stored) if number not in lost]

    assert used(kept) is not True or used(stored) is True


@pytest.mark.parametrize(
    ("at_least", "days", "expected"),
    [(4, SCHOOL_DAYS, Status.MET), (4, SCHOOL_DAYS[1:], Status.NOT_SHOWN), (3, [], Status.MET)],
)
def test_grade_4(at_least: int, days: list[date], expected: Status) -> None:
    """A policy that asks for real use gets it from the ladder and the switches together."""
    before = len(days) * 2
    stored = [*month(days), climbed(sequence=before + 1)]
    about = pupils(*stored, switches=(L3,))

    assert judge(clause(part(either=(q.IPV6_GRADE,), at_least=at_least)), about, stored, NOW).status is expected


def test_grade_4_names_its_evidence() -> None:
    """What real use rests on is named with it, and an agent that kept a later reading to itself turns nothing good."""
    stored = [*month(), climbed(sequence=len(SCHOOL_DAYS) * 2 + 1)]
    asked = clause(part(either=(q.IPV6_GRADE,), at_least=4))
    kept_back = msgspec.structs.replace(
        ordered("uplinks", TODAY - timedelta(days=1)),
        issued_unix_us=midnight_us(TODAY) - HOUR_US,
        expires_unix_us=NOW - 1,
    )
    verdicts = [
        judge(asked, pupils(*stored, switches=(L3,), orders=orders), stored, NOW) for orders in ((), (kept_back,))
    ]

    assert [(one.status, len(one.evidence)) for one in verdicts] == [
        (Status.MET, len(stored)),
        (Status.NOT_SHOWN, len(stored)),
    ]


# --- Networks ---------------------------------------------------------------------------------------------------------


def vlan(name: str = "Vlanif10", network: str = "", **states: str) -> tuple[Reading, ...]:
    """V1 to V3 of one VLAN, all passed but for these."""
    values = {"V1": PASS, "V2": PASS, "V3": PASS, **states}
    told = {"network": network} if network else {}
    return tuple(
        q.IPV6_RUNG.reading(value, f"{rung}/{L3.subject}/{name}", dict(told) if rung == "V1" else {})
        for rung, value in values.items()
        if value
    )


def share(*stored: Evidence, **about: Any) -> tuple[list[tuple[int | None, int | None]], list[Code]]:
    """The share of networks with IPv6, and what is said against it."""
    measured = vlans_with_ipv6(pupils(*stored, **{"switches": (L3,), **about}), stored)
    return ends(measured), codes(measured)


HALF, WHOLE, NONE = [(500_000, 500_000)], [(1_000_000, 1_000_000)], [(0, 0)]
OPEN_SHARE = [(0, 1_000_000)]
MISSING = [Code.VLAN_WITHOUT_IPV6]


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        pytest.param((*vlan(), use()), (WHOLE, []), id="one that has it"),
        pytest.param((*vlan(), *vlan("Vlanif20", V2=FAIL)), (HALF, MISSING), id="one of two"),
        pytest.param(vlan(V3=INCONCLUSIVE), (OPEN_SHARE, []), id="one of which not all is told"),
        pytest.param(vlan(V3=""), (OPEN_SHARE, []), id="one of which a rung is missing"),
        pytest.param((), ([], [Code.NO_FIGURE]), id="no network"),
    ],
)
def test_networks(readings: tuple[Reading, ...], expected: tuple[object, object]) -> None:
    """A VLAN has IPv6 by its address, its advertisements and its devices; what is not told leaves the share open."""
    assert share(asked(*readings)) == expected


ELSEWHERE = "2409:8a00:1:20::/64"
INSIDE = vlan(network=PREFIX, V2=INCONCLUSIVE, V3=FAIL)


@pytest.mark.parametrize(
    ("readings", "climbs", "expected"),
    [
        pytest.param(INSIDE, climb(), (WHOLE, []), id="an agent that got through"),
        pytest.param(vlan(network=PREFIX), climb(failing("L7")), (NONE, MISSING), id="an agent that did not"),
        pytest.param(vlan(network=PREFIX), climb({"L7": NOT_TESTED}), (WHOLE, []), id="an agent that does not know"),
        pytest.param(vlan(network=PREFIX), climb(failing("L2")), (WHOLE, []), id="an agent without an address"),
        pytest.param(vlan(network=ELSEWHERE, V3=FAIL), climb(), (NONE, MISSING), id="an agent elsewhere"),
        pytest.param(vlan(V3=FAIL), climb(), (NONE, MISSING), id="a network that is not told"),
        pytest.param(vlan(network=PREFIX), climb()[:3], (WHOLE, []), id="an agent that broke off"),
    ],
)
def test_an_agent_inside(
    readings: tuple[Reading, ...], climbs: tuple[Reading, ...], expected: tuple[object, object]
) -> None:
    """Where an agent stands in a VLAN, what it found there counts before what the switch says."""
    assert share(asked(*readings), climbed(*climbs, sequence=2)) == expected


def test_an_agent_that_nobody_saw() -> None:
    """An agent whose echo carries nothing turns no VLAN good."""
    assert share(asked(*INSIDE), climbed(sequence=2), servers={}) == (NONE, MISSING)


def test_an_agent_that_names_every_network() -> None:
    """An agent that got through stands where the server saw it: of the networks that it names the others gain nothing."""
    every = climb(L2={"prefixes": f"{PREFIX} {ELSEWHERE}"})
    networks = (*vlan(network=PREFIX, V3=FAIL), *vlan("Vlanif20", ELSEWHERE, V3=FAIL))

    assert share(asked(*networks), climbed(*every, sequence=2)) == (HALF, MISSING)


def test_an_agent_that_fails_in_every_network() -> None:
    """An agent that did not get through is believed of all networks that it names."""
    every = climb(failing("L7"), L2={"prefixes": f"{PREFIX} {ELSEWHERE}"})
    networks = (*vlan(network=PREFIX), *vlan("Vlanif20", ELSEWHERE))

    assert share(asked(*networks), climbed(*every, sequence=2)) == (NONE, MISSING * 2)


def test_two_agents_inside() -> None:
    """Where one of two agents in a VLAN does not get through, IPv6 does not work there."""
    other = climbed(*climb(failing("L8"), L6={"echo": sealed(nonce=f"5eed.{OTHER_BOX}")}), agent=OTHER_BOX)

    assert share(asked(*vlan(network=PREFIX)), climbed(sequence=2), other) == (NONE, MISSING)


@pytest.mark.parametrize("order", [1, -1])
def test_two_words_about_one_network(order: int) -> None:
    """Of what two agents say of one VLAN the worse counts, in whatever order."""
    runs = [asked(*vlan()), asked(*vlan(V2=FAIL), agent=OTHER_BOX)][::order]

    assert share(*runs) == (NONE, MISSING)


@pytest.mark.parametrize("readings", [(), vlan()], ids=["no network", "networks of an earlier word"])
def test_a_silent_switch(readings: tuple[Reading, ...]) -> None:
    """How many networks a switch has that gave no word is not known: silence helps nobody."""
    silent = run("uplinks", *readings, *answered(L3, failure=Failure.TIMED_OUT), settings=ASKED)

    assert share(silent) == ([(0, 1_000_000)] if readings else [], [Code.SWITCH_SILENT])


def test_a_network_is_called_by_its_switch() -> None:
    """The sentence names the switch as the list does, and a switch that is not in the list by its address."""
    one = asked(*vlan(V1=FAIL))
    named = [vlans_with_ipv6(pupils(one, switches=known), [one]).reasons[0].about["network"] for known in ((L3,), ())]

    assert named == ["core Vlanif10", f"{L3.subject}/Vlanif10"]
