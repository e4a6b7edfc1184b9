"""Which links are proved, and what does anything else that was seen at their ends do to them?"""

from __future__ import annotations

from typing import Any

import pytest

from collector.links import slowest_link
from collector.school import End, Other
from collector.verdict import Code, Measured, Reason
from evidence import quantities as q
from evidence.model import Failure, Reading
from tests.collector.making import (
    CAMPUS,
    CORE,
    FAR,
    GIGABIT,
    LINKS,
    NEAR,
    OTHER_BOX,
    WHOLE,
    answered,
    campus_links,
    campus_ports,
    codes,
    ends,
    joins,
    port,
    school,
    uplinks,
)

TEN = 10 * GIGABIT
ALL = (CORE, NEAR, FAR)
CORE_1, CORE_2, NEAR_UP, FAR_UP = (
    f"{switch.subject}/{name}" for switch, name in ((CORE, "ge1"), (CORE, "ge2"), (NEAR, "up"), (FAR, "up"))
)
PORTS = (*campus_ports(), *answered(*ALL))
TO_NEAR, TO_FAR = LINKS


def backbone(*readings: Reading, **about: Any) -> Measured:
    """The slowest link of the campus."""
    return slowest_link(q.BACKBONE_MIN, school(**{**CAMPUS, **about}), [uplinks(*readings)], lambda _: True)


def open_codes(measured: Measured) -> set[Code]:
    """What is said against it but how fast it is."""
    return set(codes(measured)) - {Code.BELOW}


def turned(link: Reading) -> Reading:
    """The same link as its other end tells it."""
    return joins(str(link.facts["peer"]), link.subject, link.low, str(link.facts["confirmed"]))


# --- Confirmed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("links", "interval", "said"),
    [
        pytest.param(LINKS, (TEN, TEN), set(), id="both ends name each other"),
        pytest.param((turned(TO_NEAR), TO_FAR), (TEN, TEN), set(), id="told from its other end"),
        pytest.param((TO_NEAR,), (None, TEN), {Code.UNCONFIRMED}, id="one link was not found"),
        *(
            pytest.param((TO_NEAR, campus_links(word)[1]), (None, TEN), {Code.UNCONFIRMED}, id=word)
            for word in ("one", "fdb", "none")
        ),
        pytest.param(
            (TO_NEAR, joins(CORE_2, FAR.subject, None, "fdb")), (None, TEN), {Code.UNCONFIRMED}, id="a far end unnamed"
        ),
        pytest.param(
            (TO_NEAR, joins(CORE_2, FAR_UP, TEN, status="conflict")), (None, TEN), {Code.SPEED_CONFLICT}, id="conflict"
        ),
        *(
            pytest.param(
                (TO_NEAR, joins(CORE_2, FAR_UP, TEN, status=status)), (None, TEN), {code}, id=f"speed {status}"
            )
            for status, code in (
                ("inferred", Code.SPEED_INFERRED),
                ("repaired", Code.SPEED_REPAIRED),
                ("unknown", Code.SPEED_UNKNOWN),
            )
        ),
        pytest.param((TO_NEAR, joins(CORE_2, FAR_UP, None)), (None, TEN), {Code.SPEED_UNKNOWN}, id="at most so fast"),
        pytest.param(
            (TO_NEAR, q.LINK_SPEED.between(0, None, CORE_2, TO_FAR.facts)),
            (None, TEN),
            {Code.SPEED_UNKNOWN},
            id="at least",
        ),
        pytest.param((TO_NEAR, joins(CORE_2, FAR_UP, shared="yes")), (None, TEN), {Code.UNCONFIRMED}, id="shared"),
        pytest.param(
            (TO_NEAR, joins(CORE_2, FAR_UP, against="3 devices are heard")),
            (None, TEN),
            {Code.UNCONFIRMED},
            id="against",
        ),
        pytest.param(
            (TO_NEAR, joins(CORE_2, FAR.subject)), (None, TEN), {Code.UNCONFIRMED}, id="both, far port unnamed"
        ),
        pytest.param((TO_NEAR, joins(CORE_2, FAR_UP, GIGABIT)), (GIGABIT, GIGABIT), set(), id="slower than its ends"),
    ],
)
def test_confirmed(links: tuple[Reading, ...], interval: tuple[int | None, int], said: set[Code]) -> None:
    """A declared link has a lower end only where each of exactly its two ends names the other."""
    found = backbone(*PORTS, *links)

    assert (ends(found), open_codes(found)) == ([interval], said)


def test_an_unconfirmed_link_is_named() -> None:
    """A link that is not confirmed is named by both its ends, so that LLDP can be turned on there."""
    wanted = {"switch": "core", "host": CORE.subject, "port": "ge2", "other": "acc-2", "other_port": "up"}

    assert Reason(Code.UNCONFIRMED, wanted) in backbone(*PORTS, TO_NEAR).reasons


def test_one_agent_confirms_it() -> None:
    """A link that one agent found confirmed is confirmed, whatever another could not read."""
    runs = [uplinks(*PORTS, *LINKS), uplinks(*PORTS, *campus_links("one"), agent=OTHER_BOX)]

    assert ends(slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True)) == [(TEN, TEN)]


@pytest.mark.parametrize(
    ("status", "interval", "code"),
    [
        ("inferred", (None, TEN), Code.SPEED_INFERRED),
        ("repaired", (None, GIGABIT), Code.SPEED_REPAIRED),
        ("conflict", (None, GIGABIT), Code.SPEED_CONFLICT),
    ],
)
def test_only_a_reported_speed_proves(status: str, interval: tuple[int | None, int], code: Code) -> None:
    """A guessed speed proves nothing, one that was repaired or contradicted only what it cannot exceed."""
    links = (TO_NEAR, joins(CORE_2, FAR_UP, None))
    found = backbone(*PORTS[:-5], *answered(*ALL), *port(FAR, "up", GIGABIT, status=status), *links)

    assert (ends(found), code in codes(found)) == ([interval], True)


@pytest.mark.parametrize("first", [True, False])
def test_two_agents_read_one_port(first: bool) -> None:
    """Where one agent could only guess, the other's word does not prove: what proves less wins."""
    guessed = (*PORTS[:-5], *answered(*ALL), *port(FAR, "up", TEN, status="inferred"), *LINKS)
    runs = [uplinks(*PORTS, *LINKS), uplinks(*guessed, agent=OTHER_BOX)]
    found = slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs if first else runs[::-1], lambda _: True)

    assert (ends(found), open_codes(found)) == ([(None, TEN)], {Code.SPEED_INFERRED})


# --- Somebody else is seen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "neighbour", "more"),
    [
        pytest.param(joins(CORE_2, "", None, "one", neighbour="hub"), "hub", {Code.UNDISCOVERED}, id="not in the list"),
        pytest.param(joins(CORE_2, "", None, "one"), "?", {Code.UNDISCOVERED}, id="nameless"),
        pytest.param(joins(CORE_2, f"{FAR.subject}/down"), "acc-2 down", {Code.UNDECLARED_LINK}, id="another port"),
        pytest.param(joins(f"{NEAR.subject}/x", CORE_2), "acc-1 x", {Code.UNDECLARED_LINK}, id="by the other's word"),
    ],
)
def test_another_neighbour(link: Reading, neighbour: str, more: set[Code]) -> None:
    """A declared link at whose end somebody else is announced is not proved, also beside its confirmation."""
    found = backbone(*PORTS, *port(FAR, "down", TEN), *port(NEAR, "x", TEN), *LINKS, link)
    said = [reason.about["neighbour"] for reason in found.reasons if reason.code is Code.OTHER_NEIGHBOUR]

    assert (ends(found), said, open_codes(found)) == ([(None, TEN)], [neighbour], {Code.OTHER_NEIGHBOUR} | more)


def test_a_claim_that_is_denied() -> None:
    """What is announced at an end of a declared link speaks against it also where the port that it names says otherwise."""
    denied = joins(NEAR_UP, f"{FAR.subject}/down", None, "none")
    found = backbone(*PORTS, *port(FAR, "down", TEN), *LINKS, denied)

    assert (ends(found), open_codes(found)) == ([(None, TEN)], {Code.OTHER_NEIGHBOUR})


def test_a_denied_claim_of_another() -> None:
    """What another port claims of an end that denies it says nothing against the end."""
    denied = joins(f"{NEAR.subject}/x", CORE_2, None, "none")
    found = backbone(*PORTS, *port(NEAR, "x", TEN), *LINKS, denied)

    assert (ends(found), open_codes(found)) == ([(TEN, TEN)], set())


def test_who_is_seen_towards_silence() -> None:
    """At a port that leads to a switch that gives no word, whoever is announced may be that switch: silence is the reason."""
    word = joins(CORE_2, "", None, "one", neighbour="SW-FAR", device="switch")
    silent = (*campus_ports()[:-2], *answered(CORE, NEAR), *answered(FAR, failure=Failure.TIMED_OUT))
    found = backbone(*silent, TO_NEAR, word)

    assert (ends(found), open_codes(found)) == ([(None, TEN)], {Code.SWITCH_SILENT})


def named(name: str) -> tuple[Reading, ...]:
    """The campus in which acc-2 calls itself so."""
    return (*campus_ports(), *answered(CORE, NEAR), q.DEVICES_ANSWERED.reading(10**6, FAR.subject, {"sys_name": name}))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("SW-FAR", {Code.UNCONFIRMED}, id="by its name"),
        pytest.param("other", {Code.UNCONFIRMED, Code.OTHER_NEIGHBOUR, Code.UNDISCOVERED}, id="by another name"),
    ],
)
def test_a_far_end_known_by_its_name(name: str, said: set[Code]) -> None:
    """A neighbour whose port nobody could tell is the listed switch that calls itself so, and confirms nothing."""
    word = joins(CORE_2, "", None, "one", neighbour="SW-FAR", device="switch")

    assert open_codes(backbone(*named(name), TO_NEAR, word)) == said


def test_two_switches_of_one_name() -> None:
    """A name that two switches go by names neither: who is seen is not known."""
    twice = [q.DEVICES_ANSWERED.reading(10**6, one.subject, {"sys_name": "SW"}) for one in (NEAR, FAR)]
    word = joins(CORE_2, "", None, "one", neighbour="SW", device="switch")
    found = backbone(*campus_ports(), *answered(CORE), *twice, TO_NEAR, word)

    assert open_codes(found) == {Code.UNCONFIRMED, Code.OTHER_NEIGHBOUR, Code.UNDISCOVERED}


@pytest.mark.parametrize(
    ("unread", "hole"),
    [
        ("lldpRemSysName", True),
        ("dot1qTpFdbPort,lldpV2RemPortId", True),
        ("cdpCacheDeviceId", True),
        ("nmsLldpRemSysName", True),
        ("mtxrNeighborIdentity", True),
        ("dot1qTpFdbPort,ifAlias", False),
        ("", False),
    ],
)
def test_neighbours_that_were_not_read(unread: str, hole: bool) -> None:
    """A switch that did not show all its neighbours may have a slower link: what was read proves nothing more."""
    cut = q.DEVICES_ANSWERED.reading(10**6, NEAR.subject, {"unread": unread})
    found = backbone(*campus_ports(), *LINKS, *answered(CORE, FAR), cut)

    assert (ends(found), open_codes(found)) == (
        [(None if hole else TEN, TEN)],
        {Code.NEIGHBOURS_UNREAD} if hole else set(),
    )


def test_an_address_learned_on_the_way() -> None:
    """Forwarding tables show switches beyond the next one: at an end of a declared link they contradict nothing."""
    found = backbone(*PORTS, *LINKS, joins(NEAR_UP, FAR_UP, None, "fdb"), joins(NEAR_UP, FAR.subject, None, "fdb"))

    assert (ends(found), open_codes(found)) == ([(TEN, TEN)], set())


# --- Links that nobody declared ------------------------------------------------------------------------------------------


def cross(bit_s: int, confirmed: str = "both") -> tuple[Reading, ...]:
    """A link between the two access switches that the list does not name."""
    one, other = f"{NEAR.subject}/x", f"{FAR.subject}/x"
    return (*port(NEAR, "x", bit_s), *port(FAR, "x", bit_s), joins(one, other, bit_s, confirmed))


@pytest.mark.parametrize(
    ("more", "interval"),
    [
        pytest.param(cross(TEN), (TEN, TEN), id="as fast"),
        pytest.param(cross(GIGABIT), (GIGABIT, GIGABIT), id="slower"),
        pytest.param(cross(TEN, "one"), (None, TEN), id="as fast, one end"),
        pytest.param(cross(GIGABIT, "one"), (None, GIGABIT), id="slower, one end"),
        pytest.param(cross(GIGABIT, "fdb"), (None, GIGABIT), id="slower, learned"),
        pytest.param(cross(GIGABIT, "none"), (None, GIGABIT), id="slower, guessed"),
        pytest.param(
            (*port(NEAR, "x", GIGABIT), joins(f"{NEAR.subject}/x", FAR.subject, GIGABIT, "fdb")),
            (None, GIGABIT),
            id="slower, the far port unknown",
        ),
        pytest.param(
            (*port(CORE, "x", 1), joins(f"{CORE.subject}/x", f"{CORE.subject}/y", 1)), (TEN, TEN), id="a loop"
        ),
    ],
)
def test_an_undeclared_link(more: tuple[Reading, ...], interval: tuple[int | None, int]) -> None:
    """A link between listed switches that was found and not declared counts too, and can only lower the result."""
    found = backbone(*WHOLE, *more)

    named = [reason.about["other"] for reason in found.reasons if reason.code is Code.UNDECLARED_LINK]
    assert (ends(found), named) == ([interval], ["acc-2"] if FAR.subject in str(more) else [])


def test_a_found_link_counts_once() -> None:
    """What both its ends and two agents tell is one link."""
    runs = [uplinks(*WHOLE, *cross(TEN)), uplinks(*WHOLE, *cross(TEN)[:-1], turned(cross(TEN)[-1]), agent=OTHER_BOX)]

    assert len(slowest_link(q.BACKBONE_MIN, school(**CAMPUS), runs, lambda _: True).links) == 3


def test_links_found_without_a_list() -> None:
    """Where the list names no link, those found are what is known, and the switches are joined by none that is declared."""
    found = backbone(*WHOLE, links=())

    assert (ends(found), open_codes(found)) == ([(None, TEN)], {Code.UNDECLARED_LINK, Code.UNLINKED})


# --- Neighbours outside the list -----------------------------------------------------------------------------------------

AT_9 = f"{NEAR.subject}/ge9"


def beyond(**facts: int | str) -> tuple[Reading, ...]:
    """A neighbour at a port of acc-1 that is no listed switch."""
    return *port(NEAR, "ge9", TEN), joins(AT_9, "", None, "one", **{"neighbour": "hub", **facts})


@pytest.mark.parametrize(
    ("more", "about", "hole"),
    [
        pytest.param(beyond(device="switch"), {}, True, id="a switch"),
        pytest.param(beyond(device="router"), {}, True, id="a router"),
        pytest.param(beyond(device="unknown"), {}, True, id="who knows"),
        pytest.param(beyond(), {}, True, id="nothing is said of it"),
        pytest.param(beyond(device="ap"), {}, False, id="an access point"),
        pytest.param(
            (*beyond(), q.PORT_ROLE.reading("ap", AT_9, {"device": "ap"})), {}, False, id="by its port's role"
        ),
        pytest.param(
            (*beyond(device="ap"), q.PORT_ROLE.reading("uplink", AT_9, {"device": "switch"})), {}, True, id="both"
        ),
        pytest.param((*beyond(), q.PORT_ROLE.reading("unknown", AT_9)), {}, True, id="a role that says nothing"),
        pytest.param(beyond(), {"others": (Other("HUB"),)}, False, id="declared as other"),
        pytest.param(beyond(), {"others": (Other("hub-2"),)}, True, id="another one is declared"),
        pytest.param(beyond(), {"wans": (End("acc-1", "ge9"),)}, False, id="outside the school"),
        pytest.param(
            beyond(), {"wans": (End("acc-1", "ge8"), End("gone", "x"))}, True, id="another port leads outside"
        ),
        pytest.param((joins("10.9.9.9:161/ge1", AT_9),), {}, True, id="told by the neighbour itself"),
        pytest.param((joins("10.9.9.9:161/ge1", "10.9.9.8:161/ge1"),), {}, False, id="between two others"),
    ],
)
def test_a_neighbour_outside_the_list(more: tuple[Reading, ...], about: dict[str, Any], hole: bool) -> None:
    """Behind a neighbour that may be a switch and that nobody listed there may be slower links: nothing is shown."""
    found = backbone(*WHOLE, *more, **about)

    assert (ends(found), open_codes(found)) == ([(None if hole else TEN, TEN)], {Code.UNDISCOVERED} if hole else set())


@pytest.mark.parametrize(
    ("facts", "name"), [({"sys_name": "hub"}, "hub"), ({}, "10.9.9.9:161"), (None, "10.9.9.9:161")]
)
def test_a_neighbour_that_was_asked(facts: dict[str, int | str] | None, name: str) -> None:
    """A neighbour that was approved and asked is named as it names itself, else by its address; it stays outside the list."""
    word = () if facts is None else (q.DEVICES_ANSWERED.reading(10**6, "10.9.9.9:161", facts),)
    found = backbone(*WHOLE, *word, joins("10.9.9.9:161/ge1", AT_9))

    assert found.reasons[-1].about["neighbour"] == name
