"""Can a run over the way out, a measurement server or a watch of ports have given these readings?"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from collector.plausible import is_plausible
from collector.school import Evidence
from evidence import quantities as q
from evidence.layers import Segments
from evidence.model import SERVER, Facts, Failure, Reading, Settings
from tests.collector.making import BOX, GIGABIT, run
from tests.collector.two_ends import (
    INTERNET,
    METRO,
    OF_1000M,
    agent_says,
    asked,
    server_says,
    session_of,
    told_of,
)

ORDER = asked()
GOOD = agent_says(ORDER, OF_1000M, up=OF_1000M)
SEEN = server_says(ORDER, OF_1000M, up=OF_1000M)
DOWN, DOWN_IP = q.INTERNET_DOWN, q.INTERNET_DOWN_IP
FACTS: Facts = {"session": session_of("order", BOX), "mss": 1448, "family": 4}
CUT = Segments(1448, 4)
LIMITED = q.EGRESS_LIMITED_BY.reading("network", "down")


def plausible(one: Evidence, **about: Any) -> bool:
    """Whether a run can have given its readings, with other fields in its report."""
    return is_plausible(told_of(one, **about).report)


def rates(payload: int, ip: int, most: tuple[int | None, int | None] = (None, None), **facts: int | str) -> Evidence:
    """A run that tells this payload and this rate at the IP layer."""
    told = {**FACTS, **facts}
    pair = (DOWN.between(payload, most[0], "telecom", told), DOWN_IP.between(ip, most[1], "telecom", told))
    return told_of(GOOD, readings=(*pair, LIMITED))


def test_whole_runs() -> None:
    """A run in both directions, in one, or one that failed before it had a session, is a run."""
    failed = told_of(GOOD, readings=(), session="", failure=Failure.REFUSED)

    assert all(map(plausible, (GOOD, agent_says(ORDER, OF_1000M), failed, SEEN)))


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param((), id="no figure at all"),
        pytest.param((q.EGRESS_IDLE_LATENCY.reading(1000),), id="no rate"),
        pytest.param(GOOD.report.readings[:1], id="payload without IP layer"),
        pytest.param(GOOD.report.readings[:2], id="nothing of what limited it"),
        pytest.param((*GOOD.report.readings, q.METRO_DOWN.between(1, None, "telecom", FACTS)), id="another network"),
        pytest.param((*GOOD.report.readings, q.EGRESS_DOWN.between(1, None, "telecom", FACTS)), id="no network"),
        pytest.param((*GOOD.report.readings, DOWN_IP.between(10**10, None, "unicom", FACTS)), id="another line"),
        pytest.param((*GOOD.report.readings, DOWN_IP.between(10**10, None, "telecom", FACTS)), id="two values"),
        pytest.param((*GOOD.report.readings, q.EGRESS_LIMITED_BY.reading("port", "sideways")), id="no direction"),
        pytest.param((*GOOD.report.readings, q.EGRESS_LIMITED_BY.reading("port")), id="a limit of nothing"),
        pytest.param((*GOOD.report.readings, q.EGRESS_WAN_DOWN.reading(1)), id="a witness of nothing"),
        pytest.param((*GOOD.report.readings, q.EGRESS_IDLE_LATENCY.reading(1, "down")), id="an idle line under load"),
        pytest.param((*GOOD.report.readings, q.OBSERVED_DOWN.between(1, None)), id="the server's word"),
    ],
)
def test_readings_that_no_run_gives(readings: tuple[Reading, ...]) -> None:
    """A run gives both layers of an ordered direction, of the ordered network and line, and what limited it."""
    assert not plausible(GOOD, readings=readings)


@pytest.mark.parametrize("direction", ["down", "up"])
def test_only_the_ordered_direction(direction: str) -> None:
    """A direction that was not ordered was not measured."""
    scan = asked(direction=direction)
    one = agent_says(scan, OF_1000M if direction == "up" else None, up=OF_1000M if direction == "down" else None)

    assert not plausible(one)


def test_only_the_ordered_line() -> None:
    """What is told of another line than the ordered one was not measured there."""
    moved = tuple(msgspec.structs.replace(one, subject="unicom") for one in GOOD.report.readings[:2])

    assert not plausible(GOOD, readings=(*moved, LIMITED))


def test_a_run_that_was_cut_off() -> None:
    """One layer alone, or a limit that is missing, is what a run leaves that was killed between two readings."""
    for count in (1, 2):
        readings = GOOD.report.readings[:count]
        assert plausible(GOOD, readings=readings, failure=Failure.TIMED_OUT)


@pytest.mark.parametrize(
    ("reading", "good"),
    [
        pytest.param(DOWN.between(10**9, None, "telecom", {**FACTS, "port_bit_s": 0}), True, id="payload"),
        pytest.param(DOWN_IP.between(10**9, None, "telecom", FACTS), True, id="IP layer"),
        pytest.param(DOWN_IP.between(10**9, None, "telecom", {"session": FACTS["session"]}), False, id="no segments"),
        pytest.param(DOWN_IP.between(10**9, None, "telecom", {**FACTS, "mss": 0}), False, id="segments of nothing"),
        pytest.param(DOWN_IP.between(10**9, None, "telecom", {**FACTS, "family": 0}), False, id="no version of IP"),
        pytest.param(
            DOWN.between(10**9, None, "telecom", {**FACTS, "driver": "ixgbe", "port_bit_s": 10**8}),
            False,
            id="more than the port carries",
        ),
    ],
)
def test_one_layer_alone(reading: Reading, good: bool) -> None:
    """A run that was cut off may have come to one layer only; how it was cut up, and what its port carries, it tells all the same."""
    assert plausible(GOOD, readings=(reading,), failure=Failure.INTERRUPTED) is good


@pytest.mark.parametrize(
    "about",
    [
        pytest.param({"session": "another"}, id="another session"),
        pytest.param({"session": ""}, id="no session"),
        pytest.param({"session": "", "failure": Failure.INTERRUPTED}, id="a failure that has rates but no session"),
    ],
)
def test_the_session_of_the_rates(about: dict[str, Any]) -> None:
    """Every rate is of the report's own session."""
    assert not plausible(GOOD, **about)


PAYLOAD = 900_000_000


@pytest.mark.parametrize(
    ("one", "good"),
    [
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD)), True, id="as it follows"),
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD) + 2), True, id="but for rounding"),
        pytest.param(rates(PAYLOAD, Segments(1448, 4, timestamps=False).ip(PAYLOAD)), True, id="without timestamps"),
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD) * 101 // 100), False, id="one percent more"),
        pytest.param(rates(PAYLOAD, PAYLOAD), False, id="no headers"),
        pytest.param(rates(PAYLOAD, Segments(100, 4).ip(PAYLOAD), mss=100), False, id="segments smaller than any"),
        pytest.param(rates(PAYLOAD, Segments(500, 4).ip(PAYLOAD), mss=500), True, id="the smallest segments"),
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD), mss="1448"), False, id="text for the size"),
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD), family=5), False, id="a version of IP that there is not"),
        pytest.param(rates(PAYLOAD, Segments(1428, 6).ip(PAYLOAD), mss=1428, family=6), True, id="IPv6"),
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD), (PAYLOAD, CUT.ip(PAYLOAD))), True, id="both upper ends"),
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD), (PAYLOAD, None)), False, id="one upper end"),
        pytest.param(
            rates(PAYLOAD, CUT.ip(PAYLOAD), (PAYLOAD, 2 * PAYLOAD)), False, id="upper ends that do not follow"
        ),
        pytest.param(
            rates(PAYLOAD, CUT.ip(PAYLOAD), driver="igb", port_bit_s=GIGABIT), True, id="what its port carries"
        ),
        pytest.param(
            rates(PAYLOAD, CUT.ip(PAYLOAD), driver="igb", port_bit_s=GIGABIT // 10),
            False,
            id="more than its port carries",
        ),
        pytest.param(rates(PAYLOAD, CUT.ip(PAYLOAD), driver="igb", port_bit_s=0), True, id="a port that does not tell"),
        pytest.param(
            rates(PAYLOAD, CUT.ip(PAYLOAD), driver="veth", port_bit_s=10**7), True, id="a virtual port tells nothing"
        ),
    ],
)
def test_layers_and_ports(one: Evidence, good: bool) -> None:
    """The IP layer follows from payload and segment size, and no more comes in than a physical port carries."""
    assert plausible(one) is good


def test_an_exact_rate() -> None:
    """What went through is what the line carries at least; nobody measures that it is exactly that."""
    exact = (DOWN.reading(PAYLOAD, "telecom", FACTS), DOWN_IP.reading(CUT.ip(PAYLOAD), "telecom", FACTS), LIMITED)

    assert not plausible(GOOD, readings=exact)


@pytest.mark.parametrize(("family", "good"), [(4, True), (6, False)])
def test_the_ordered_family(family: int, good: bool) -> None:
    """A run over another version of IP than the ordered one is not the ordered run."""
    assert plausible(agent_says(asked(family=family), OF_1000M)) is good


# --- The measurement server -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param(SEEN.report.readings[:1], id="payload alone"),
        pytest.param(SEEN.report.readings[1:2], id="IP layer alone"),
        pytest.param(SEEN.report.readings[:1] * 2, id="payload twice"),
        pytest.param((*SEEN.report.readings, LIMITED), id="the agent's word"),
        pytest.param((q.OBSERVED_DOWN.between(1, 2), q.OBSERVED_DOWN_IP.between(1, 2)), id="an upper end"),
        pytest.param((q.OBSERVED_DOWN.between(1, None), q.OBSERVED_DOWN_IP.between(1, None)), id="no facts"),
    ],
)
def test_observations_that_no_server_makes(readings: tuple[Reading, ...]) -> None:
    """A server tells both layers of a direction as what it proved at least, in a window, from an address."""
    assert not plausible(SEEN, readings=readings)


@pytest.mark.parametrize(
    ("facts", "good"),
    [
        pytest.param({}, True, id="as it is"),
        pytest.param({"to_unix_us": 1}, False, id="a window that ends before it begins"),
        pytest.param({"to_unix_us": "soon"}, False, id="text for a moment"),
        pytest.param({"seen": ""}, False, id="from nowhere"),
        pytest.param({"mss": 536}, False, id="another segment size"),
        pytest.param({"mss": "x"}, False, id="headers without a segment size"),
        pytest.param({"family": 5}, False, id="a version of IP that there is not"),
        pytest.param({"from_unix_us": 5, "to_unix_us": 5}, False, id="a rate in no time"),
    ],
)
def test_facts_of_a_server(facts: dict[str, Any], good: bool) -> None:
    """The window has a length, the address is told and the IP layer follows from what is told."""
    assert plausible(server_says(ORDER, OF_1000M, **facts)) is good


def test_segments_of_unknown_size() -> None:
    """A server that does not know how payload was cut up tells the payload at both layers: less than there was."""
    facts: Facts = {"from_unix_us": 5, "to_unix_us": 6, "seen": "203.0.113.7"}

    assert plausible(
        SEEN, readings=(q.OBSERVED_UP.between(9, None, facts=facts), q.OBSERVED_UP_IP.between(9, None, facts=facts))
    )


def test_a_direction_into_which_nothing_came() -> None:
    """A run without a stream is nothing in no time, of which nothing is known."""
    facts: Facts = {"from_unix_us": 5, "to_unix_us": 5, "seen": "203.0.113.7", "streams": 0}
    nothing = (q.OBSERVED_UP.between(0, None, facts=facts), q.OBSERVED_UP_IP.between(0, None, facts=facts))

    assert plausible(SEEN, readings=(*SEEN.report.readings[:2], *nothing))


def test_a_server_without_a_session() -> None:
    """What a server signs is of a session; one that was stopped in it has no readings."""
    assert not plausible(SEEN, session="")
    assert plausible(SEEN, readings=(), failure=Failure.INTERRUPTED)


@pytest.mark.parametrize("server", [INTERNET, METRO])
def test_only_of_the_run(server: Any) -> None:
    """A server's figures have no subject."""
    one = server_says(ORDER, OF_1000M, server=server)
    moved = tuple(Reading(r.quantity, r.unit, "x", at_least=r.at_least, facts=r.facts) for r in one.report.readings)

    assert not plausible(one, readings=moved)


# --- Watched ports, and other tools ---------------------------------------------------------------------------------------

WATCHED: Settings = {"switches": [{"host": "10.0.0.1", "port": 161, "name": "gw", "ports": ["ge9"]}]}
AT = "10.0.0.1:161/ge9"
MEANS = (q.WAN_MEAN_DOWN.reading(10**6, AT), q.WAN_MEAN_UP.reading(10**5, AT))


@pytest.mark.parametrize(
    ("readings", "failure", "good"),
    [
        pytest.param(MEANS, None, True, id="both directions"),
        pytest.param((*MEANS, q.WAN_PEAK_DOWN.reading(10**7, AT), q.WAN_RATE.reading(10**9, AT)), None, True, id="all"),
        pytest.param((), None, False, id="nothing"),
        pytest.param((), Failure.TIMED_OUT, True, id="nothing, and why"),
        pytest.param(MEANS[:1], None, False, id="one direction"),
        pytest.param((*MEANS, q.WAN_RATE.reading(10**9, "10.0.0.1:161/ge8")), None, False, id="a port not ordered"),
    ],
)
def test_watched_ports(readings: tuple[Reading, ...], failure: Failure | None, good: bool) -> None:
    """A watch tells both directions of the ordered ports, and of no others."""
    assert is_plausible(run("wan", *readings, settings=WATCHED, failure=failure).report) is good


@pytest.mark.parametrize(
    ("readings", "failure", "good"),
    [
        pytest.param((q.SECOND_DOWN.reading(10**8),), None, True, id="a word"),
        pytest.param((), None, False, id="no word"),
        pytest.param((), Failure.NOT_SUPPORTED, True, id="no word, and why"),
    ],
)
def test_another_tool(readings: tuple[Reading, ...], failure: Failure | None, good: bool) -> None:
    """Another tool says something, or why it does not."""
    assert is_plausible(run("second_opinion", *readings, failure=failure).report) is good


def test_a_servers_report_of_another_probe() -> None:
    """What an agent measures no server signs."""
    assert SEEN.report.probe == SERVER
    assert not plausible(GOOD, probe=SERVER)
