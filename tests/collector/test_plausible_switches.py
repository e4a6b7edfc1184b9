"""Can one run of the probes `uplinks` and `stimulus` have given these readings of switches?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.plausible import is_plausible
from collector.school import Switch
from evidence import quantities as q
from evidence.model import LARGEST_COUNTER, Facts, Failure, Reading, Settings
from tests.collector.making import (
    ALL_SWITCHES,
    CORE,
    FAR,
    GIGABIT,
    LINKS,
    NEAR,
    REPORTED,
    WHOLE,
    answered,
    campus_ports,
    joins,
    lag,
    port,
    run,
    uplinks,
)

ONE, OTHER = f"{CORE.subject}/ge1", f"{NEAR.subject}/up"
STRANGER = Switch("acc-9", "10.9.9.9")
AT_STRANGER = f"{STRANGER.subject}/ge1"


def speed(bit_s: int, subject: str = f"{FAR.subject}/x", **facts: int | str) -> tuple[Reading, ...]:
    """A port that is up at this speed, with these facts of it."""
    kind: Facts = {"kind": facts.get("kind", "physical")}
    return q.PORT_UP.reading("yes", subject, kind), q.PORT_SPEED.reading(bit_s, subject, {**REPORTED, **facts})


def medium(value: str, **facts: str) -> tuple[Reading, ...]:
    """A port to the outside that is up, with these facts of its state, and its medium."""
    state = q.PORT_UP.reading("yes", f"{FAR.subject}/x", dict(facts))
    return state, q.WAN_MEDIUM.reading(value, f"{FAR.subject}/x")


def role(value: str = "access", subject: str = ONE, **facts: int | str) -> Reading:
    """What a port is for."""
    return q.PORT_ROLE.reading(value, subject, dict(facts))


def bundle(**facts: int | str) -> tuple[Reading, ...]:
    """An aggregate of two members at 1 and 10 Gbit/s, with other facts of its speed."""
    whole, rate, *members = lag(FAR, "Po1", a=GIGABIT, b=10 * GIGABIT)
    return whole, q.PORT_SPEED.reading(rate.low or 0, rate.subject, {**rate.facts, **facts}), *members


def used(**facts: int | str) -> Reading:
    """What the switches tell of the use of IPv6."""
    return q.IPV6_RUNG.reading("inconclusive", "L10", dict(facts))


def vlan(rung: str, state: str, network: str) -> Reading:
    """A rung of a VLAN that tells this prefix."""
    return q.IPV6_RUNG.reading(state, f"{rung}/{CORE.subject}/Vlan10", {"network": network})


STANDBY: dict[str, int | str] = {
    "carrying": "a",
    "members_up": 1,
    "sum_bit_s": GIGABIT,
    "largest_bit_s": GIGABIT,
    "status": "conflict",
}


def standing_by(**facts: int | str) -> tuple[Reading, ...]:
    """The same, of which one member carries the traffic and the other stands by."""
    whole, rate, *members = bundle(**{**STANDBY, **facts})
    return whole, q.PORT_SPEED.reading(GIGABIT, rate.subject, rate.facts), *members


GIVEN = [
    pytest.param(standing_by(), id="a member that stands by"),
    pytest.param(WHOLE, id="a whole campus"),
    pytest.param((*WHOLE, q.DEVICES_ANSWERED.reading(10**6, "", {"answered": 3, "switches": 3})), id="all answered"),
    pytest.param(lag(FAR, "Po1", a=GIGABIT, b=10 * GIGABIT, c=None), id="an aggregate with a member down"),
    pytest.param(speed(GIGABIT, kind="lag", sum_bit_s=GIGABIT, largest_bit_s=GIGABIT, members_up=1), id="no names"),
    pytest.param(
        speed(GIGABIT, kind="lag", members="gone", sum_bit_s=GIGABIT, largest_bit_s=GIGABIT, members_up=1),
        id="a member that is not told",
    ),
    pytest.param(bundle(status="conflict"), id="an aggregate in conflict"),
    pytest.param(
        (
            *bundle(status="conflict")[:1],
            *bundle(status="conflict")[2:],
            q.PORT_SPEED.reading(GIGABIT, f"{FAR.subject}/Po1", {**bundle()[1].facts, "status": "conflict"}),
            joins(f"{FAR.subject}/Po1", "", 10 * GIGABIT, "one"),
        ),
        id="a link as fast as the largest member of an aggregate that tells less",
    ),
    *(pytest.param(speed(GIGABIT, status=one), id=one) for one in ("reported", "repaired", "inferred", "conflict")),
    *(pytest.param((role(one),), id=f"role {one}") for one in q.PORT_ROLE.states),
    pytest.param((joins(f"{CORE.subject}/ge7", "", None, "one", neighbour="x", device="router"),), id="a neighbour"),
    pytest.param((joins(f"{CORE.subject}/ge7", FAR.subject, None, "fdb"),), id="a far end without its port"),
    pytest.param((*speed(GIGABIT), q.WAN_SPEED.reading(GIGABIT, f"{FAR.subject}/x")), id="a port to the outside"),
    pytest.param(medium("fibre", medium="fibre", oper_status="up"), id="its medium"),
    pytest.param(medium("unknown"), id="its medium, which is not known"),
    pytest.param(speed(7, kind="stack"), id="a stack port's own rate"),
    pytest.param(speed(10**9 + 1, status="conflict"), id="a rate in conflict, whatever it is"),
    *(pytest.param(speed(rate), id=f"{rate} bit/s") for rate in (10**7, 25 * 10**8, 4 * 10**11)),
    pytest.param((q.WAN_IN.reading(str(LARGEST_COUNTER), ONE), q.WAN_OUT.reading("0", ONE)), id="its counters"),
    pytest.param((q.IPV6_RUNG.reading("inconclusive", "L10"),), id="the rung of the whole network"),
    pytest.param((used(devices=40, devices_ipv6=30, share_ppm=750_000),), id="its share"),
    pytest.param((q.IPV6_RUNG.reading("pass", f"V1/{CORE.subject}/Vlan10"),), id="a rung of a network"),
    pytest.param((vlan("V1", "pass", "2001:db8:1:10::/64"),), id="its prefix"),
    pytest.param((q.BACKBONE_MIN.between(None, GIGABIT), q.DESKTOP_GIGABIT_SHARE.reading(10**6)), id="its own sums"),
]
ODD = [
    pytest.param((q.DEVICES_ANSWERED.reading(666_666),), id="a share that is not that of the switches"),
    pytest.param((q.DEVICES_ANSWERED.reading(10**6, STRANGER.subject),), id="a stranger answered"),
    pytest.param(speed(GIGABIT, status="certain"), id="a status that there is not"),
    pytest.param(
        (q.PORT_UP.reading("yes", f"{FAR.subject}/x"), q.PORT_SPEED.reading(1, f"{FAR.subject}/x")), id="none"
    ),
    pytest.param(speed(GIGABIT, kind="virtual"), id="a kind that there is not"),
    pytest.param(speed(GIGABIT, via="rumour"), id="a source that there is not"),
    pytest.param((role(device="toaster"),), id="a device that there is not"),
    pytest.param((role(subject=f"{CORE.subject}/gone"),), id="a role of a port that is not told"),
    pytest.param((role(subject=AT_STRANGER),), id="a role at a stranger"),
    pytest.param((joins(f"{CORE.subject}/ge7", "", confirmed="surely"),), id="a way of confirming that there is not"),
    pytest.param((q.LINK_SPEED.reading(1, f"{CORE.subject}/ge7"),), id="a link without a word of confirming"),
    pytest.param((joins(f"{CORE.subject}/ge7", "", status="fine"),), id="a link's status that there is not"),
    pytest.param((joins(AT_STRANGER, ONE),), id="a link at a stranger"),
    pytest.param((joins(f"{CORE.subject}/ge7", AT_STRANGER),), id="a link to a stranger"),
    pytest.param((joins(f"{CORE.subject}/ge7", f"{CORE.subject}/ge7"),), id="a link to itself"),
    pytest.param((joins(f"{CORE.subject}/ge7", OTHER, 10 * GIGABIT + 1),), id="a link faster than its far end"),
    pytest.param((*speed(GIGABIT), joins(f"{FAR.subject}/x", "", GIGABIT + 1)), id="a link faster than its near end"),
    pytest.param((joins(f"{CORE.subject}/ge7", FAR.subject),), id="confirmed by both, the far port unnamed"),
    pytest.param((joins(f"{CORE.subject}/ge7", f"{FAR.subject}/"),), id="confirmed by both, the far port nameless"),
    pytest.param((joins(f"{CORE.subject}/ge7", ""),), id="confirmed by both, the far end unknown"),
    pytest.param((q.LINK_SPEED.reading(1, f"{CORE.subject}/ge7", {"confirmed": "one"}),), id="a link without a status"),
    pytest.param(speed(GIGABIT + 1), id="a rate that Ethernet has not"),
    pytest.param(
        (speed(1)[0], q.PORT_SPEED.between(GIGABIT, None, f"{FAR.subject}/x", REPORTED)),
        id="a rate without an upper end",
    ),
    pytest.param(
        (speed(1)[0], q.PORT_SPEED.between(None, GIGABIT, f"{FAR.subject}/x", REPORTED)), id="without a lower one"
    ),
    pytest.param(
        (speed(1)[0], Reading("port.speed", "bit/s", f"{FAR.subject}/x", value=str(GIGABIT), facts=REPORTED)),
        id="a rate in words",
    ),
    pytest.param(port(FAR, "x", GIGABIT, oper_status="down"), id="up by a status that is not"),
    pytest.param((speed(1)[0], speed(GIGABIT, kind="lag")[1]), id="two kinds of one port"),
    pytest.param(speed(GIGABIT, members="a"), id="a port with members"),
    pytest.param(speed(GIGABIT, largest_bit_s=GIGABIT), id="a port with a largest member"),
    pytest.param(speed(GIGABIT, kind="lag", members="a,b"), id="members without their sum"),
    pytest.param(medium("fibre", medium="copper"), id="two media of one port"),
    pytest.param(medium("fibre"), id="a medium that the port does not know"),
    pytest.param(
        (*port(FAR, "x", up=False, medium="fibre"), q.WAN_MEDIUM.reading("fibre", f"{FAR.subject}/x")),
        id="the medium of a port that is down",
    ),
    pytest.param((q.WAN_SPEED.reading(10 * GIGABIT + 1, ONE),), id="the outside faster than its port"),
    pytest.param((q.WAN_SPEED.reading(1, AT_STRANGER),), id="a stranger's port to the outside"),
    pytest.param(
        (*port(FAR, "x", up=False), q.WAN_SPEED.reading(1, f"{FAR.subject}/x")), id="the outside over a port down"
    ),
    pytest.param((q.WAN_IN.reading("1", f"{FAR.subject}/gone"),), id="a counter of a port that is not told"),
    pytest.param((q.WAN_IN.reading(-1, ONE),), id="a counter below nothing"),
    pytest.param(bundle(sum_bit_s=20 * GIGABIT), id="a sum that is not the speed"),
    pytest.param(bundle(sum_bit_s=10 * GIGABIT, status="conflict"), id="a speed above the sum"),
    pytest.param(bundle(largest_bit_s=GIGABIT), id="a largest member that is none"),
    pytest.param(standing_by(carrying="a,b"), id="a member more than the sum has"),
    pytest.param(standing_by(carrying="c"), id="one that carries and is no member"),
    pytest.param(
        (*standing_by()[:2], *port(FAR, "a", up=False, lag="Po1"), *port(FAR, "b", 10 * GIGABIT, lag="Po1")),
        id="one that carries and is down",
    ),
    pytest.param((*port(FAR, "a", GIGABIT, lag="b"), *port(FAR, "b", GIGABIT)), id="a port that belongs to a port"),
    pytest.param((*bundle(), *port(FAR, "d", GIGABIT, lag="Po1")), id="a member that its aggregate does not name"),
    pytest.param((joins(f"{CORE.subject}/ge7", f"{CORE.subject}/ge8"),), id="a link to its own switch"),
    pytest.param(bundle(members_up=1), id="one member fewer than there are"),
    pytest.param(bundle(members_up=3), id="one member more than there are"),
    pytest.param(bundle(members_up="two"), id="a count that is no number"),
    pytest.param(speed(GIGABIT, sum_bit_s=GIGABIT, largest_bit_s=2 * GIGABIT, members_up=1), id="larger than the sum"),
    pytest.param((q.IPV6_RUNG.reading("pass", "L10"),), id="use by one moment"),
    pytest.param((used(devices=40, devices_ipv6=30, share_ppm=760_000),), id="a share that is not that of its devices"),
    pytest.param((used(devices=40, devices_ipv6=41, share_ppm=10**6),), id="more devices than there are"),
    pytest.param((used(devices_ipv6=30, share_ppm=750_000),), id="a share of nothing"),
    pytest.param((used(devices=40, share_ppm=750_000),), id="a share of nobody"),
    pytest.param((vlan("V1", "pass", "2001:db8:1::/48"),), id="a prefix that is too wide"),
    pytest.param((vlan("V1", "pass", "10.0.0.0/8"),), id="a prefix of IPv4"),
    pytest.param((vlan("V1", "fail", "2001:db8:1:10::/64"),), id="a prefix of a network that has none"),
    pytest.param((vlan("V3", "pass", "2001:db8:1:10::/64"),), id="a prefix of another rung"),
    pytest.param((q.IPV6_RUNG.reading("pass", "L3"),), id="a rung of the box"),
    pytest.param((q.IPV6_RUNG.reading("pass", f"V4/{CORE.subject}/Vlan10"),), id="a rung that there is not"),
    pytest.param((q.IPV6_RUNG.reading("pass", f"V1/{STRANGER.subject}/Vlan10"),), id="a rung at a stranger"),
    pytest.param((q.IPV6_RUNG.reading("pass", f"V1/{CORE.subject}"),), id="a rung of no network"),
    pytest.param((q.BACKBONE_MIN.reading(1, ONE),), id="a backbone of one port"),
    pytest.param((q.STIMULUS_SENT.reading(1, "0"),), id="a reading of another probe"),
]


def with_whole(*readings: Reading) -> tuple[Reading, ...]:
    """The readings beside those of the whole campus, but for those of subjects that they speak of themselves."""
    mine = {(one.quantity, one.subject) for one in readings}
    return (*(one for one in WHOLE if (one.quantity, one.subject) not in mine), *readings)


@pytest.mark.parametrize("readings", GIVEN)
def test_what_a_run_gives(readings: tuple[Reading, ...]) -> None:
    """What a run of the probe can give is judged."""
    assert is_plausible(uplinks(*with_whole(*readings)).report)


@pytest.mark.parametrize("readings", ODD)
@pytest.mark.parametrize("failure", [None, Failure.INTERRUPTED], ids=["whole", "failed"])
def test_what_no_run_gives(readings: tuple[Reading, ...], failure: Failure | None) -> None:
    """One reading that no run gives spoils the report, whether the run came to its end or not."""
    assert not is_plausible(uplinks(*with_whole(*readings), failure=failure).report)


def test_answered_and_failed() -> None:
    """A switch that answered completely has no failure."""
    odd = q.DEVICES_ANSWERED.reading(10**6, CORE.subject, {"failure": "timed_out"})

    assert not is_plausible(uplinks(*with_whole(odd)).report)


@pytest.mark.parametrize("one", LINKS)
def test_a_link_of_two_known_ends(one: Reading) -> None:
    """A link may be as fast as its slower end and no faster."""
    slower = q.LINK_SPEED.reading(GIGABIT, one.subject, one.facts)
    faster = q.LINK_SPEED.reading(100 * GIGABIT, one.subject, one.facts)

    assert [is_plausible(uplinks(*with_whole(odd)).report) for odd in (slower, faster)] == [True, False]


# --- Neighbours that were approved ---------------------------------------------------------------------------------------

APPROVING: Settings = {**ALL_SWITCHES, "discover": True, "approved": [{"name": "acc-9"}]}
NAMED: Facts = {"sys_name": "acc-9"}


@pytest.mark.parametrize(
    ("settings", "facts", "good"),
    [
        pytest.param(APPROVING, NAMED, True, id="by its sysName"),
        pytest.param(APPROVING, {"name": "acc-9"}, True, id="by its name"),
        pytest.param(APPROVING, {"sys_name": "acc-8"}, False, id="another name"),
        pytest.param(APPROVING, {}, False, id="no name"),
        pytest.param({**APPROVING, "discover": False}, NAMED, False, id="where nothing is to be discovered"),
        pytest.param(ALL_SWITCHES, NAMED, False, id="where none is approved"),
    ],
)
def test_approved(settings: Settings, facts: Facts, good: bool) -> None:
    """A switch that was not ordered is known by the name that was approved, and by nothing else."""
    more = (q.DEVICES_ANSWERED.reading(10**6, STRANGER.subject, facts), q.PORT_UP.reading("yes", AT_STRANGER))

    assert is_plausible(uplinks(*WHOLE, *more, settings=settings).report) is good


def test_approved_once() -> None:
    """Two switches cannot go by one approved name."""
    more = [q.DEVICES_ANSWERED.reading(10**6, f"10.9.9.{number}:161", NAMED) for number in (8, 9)]

    assert not is_plausible(uplinks(*WHOLE, *more, settings=APPROVING).report)


@pytest.mark.parametrize("share", [10**6, 750_000])
def test_the_share_with_approved_switches(share: int) -> None:
    """The share of all may be that of the ordered switches or of all that were asked."""
    silent = q.DEVICES_ANSWERED.reading(0, STRANGER.subject, {**NAMED, "failure": "timed_out"})

    assert is_plausible(uplinks(*WHOLE, silent, q.DEVICES_ANSWERED.reading(share), settings=APPROVING).report)


# --- Volumes -------------------------------------------------------------------------------------------------------------

VOLUMES: Settings = {
    "switches": [{"host": CORE.host, "ports": ["ge1"]}, {"host": NEAR.host, "port": 161, "ports": ["up"]}],
    "pulses": [{"at_s": 5, "octets": 1_000_000, "towards": NEAR.host}, {"at_s": 25, "octets": 0, "towards": NEAR.host}],
}
SENT = (q.STIMULUS_SENT.reading(1_000_000, "0"), q.STIMULUS_SENT.reading(0, "1"))
RISES = tuple(
    quantity.reading(5, f"{end}@{number}")
    for quantity in (q.STIMULUS_IN, q.STIMULUS_OUT)
    for end in (ONE, OTHER)
    for number in range(2)
)


@pytest.mark.parametrize(
    ("readings", "whole", "failed"),
    [
        pytest.param((*SENT, *RISES), True, True, id="all"),
        pytest.param(SENT, True, True, id="no switch answered"),
        pytest.param((q.STIMULUS_SENT.reading(1_065_535, "0"), SENT[1]), True, True, id="the last packet is not cut"),
        pytest.param((q.STIMULUS_SENT.reading(0, "0"), SENT[1]), True, True, id="nothing could be sent"),
        pytest.param((), False, True, id="nothing"),
        pytest.param(SENT[:1], False, True, id="a window without a word"),
        pytest.param((*SENT, *RISES[:4]), False, True, id="one direction only"),
        pytest.param((q.STIMULUS_SENT.reading(1_065_536, "0"), SENT[1]), False, False, id="more than ordered"),
        pytest.param((SENT[0], q.STIMULUS_SENT.reading(1, "1")), False, False, id="sent in a quiet window"),
        pytest.param((*SENT, q.STIMULUS_SENT.reading(0, "2")), False, False, id="a window that was not ordered"),
        pytest.param((*SENT, q.STIMULUS_IN.reading(5, f"{ONE}@2")), False, False, id="a rise in none"),
        pytest.param((*SENT, q.STIMULUS_IN.reading(5, f"{CORE.subject}/ge9@0")), False, False, id="another port"),
        pytest.param((*SENT, q.STIMULUS_IN.reading(5, ONE)), False, False, id="a rise without its window"),
    ],
)
def test_stimulus(readings: tuple[Reading, ...], whole: bool, failed: bool) -> None:
    """Each ordered window has its word, counters rise at ordered ports in both directions, and no more is sent than ordered."""
    found = [
        is_plausible(run("stimulus", *readings, settings=VOLUMES, failure=failure).report)
        for failure in (None, Failure.TIMED_OUT)
    ]
    assert found == [whole, failed]


def test_stimulus_of_nothing() -> None:
    """Where no volume was ordered there is nothing to say."""
    assert not is_plausible(run("stimulus").report)


def test_silent_switches_are_no_oddity(**_: Any) -> None:
    """What a run gives where no switch answers is plain."""
    silent = answered(CORE, NEAR, FAR, failure=Failure.TIMED_OUT)

    assert [is_plausible(uplinks(*silent, *more).report) for more in ((), campus_ports()[:1])] == [True, True]
