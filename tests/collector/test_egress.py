"""Is a bandwidth met only where both ends of a measurement saw it, from the school's own line?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from collector.admission import Standing, standings
from collector.frameworks import Grade, Over
from collector.school import Evidence, Line, Server
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.model import Failure, Quantity, Settings
from evidence.scan import Task
from tests.collector.making import BOX, GIGABIT, OTHER_BOX, school
from tests.collector.two_ends import (
    ELSEWHERE,
    HERE,
    INTERNET,
    LINE,
    METRO,
    OF_940M,
    OF_1000M,
    OTHER_LINE,
    SECOND,
    WAY_OUT,
    agent_says,
    asked,
    bandwidth,
    both_say,
    payload_of,
    said,
    server_says,
    session_of,
    verdict_on,
)

MET, NOT_SHOWN = Status.MET, Status.NOT_SHOWN
ORDER = asked()
LATER = asked("later")


@pytest.mark.parametrize(
    ("ip", "status"),
    [
        pytest.param(OF_1000M, MET, id="a line shaped to 1000M"),
        pytest.param(950_000_001, MET, id="95 % at the IP layer"),
        pytest.param(949_000_000, NOT_SHOWN, id="less"),
        pytest.param(OF_940M, NOT_SHOWN, id="a line shaped to 940M"),
    ],
)
def test_a_gigabit(ip: int, status: Status) -> None:
    """A gigabit is 0.95 Gbit/s or more at the IP layer, as both ends saw it; below it only an upper end would show that it is not met."""
    assert verdict_on(both_say(ORDER, ip)).status is status


def test_both_reports_are_cited() -> None:
    """What is met by two ends names the evidence of both, has their grade and is as old as their order."""
    stored = both_say(ORDER, OF_1000M)
    found = verdict_on(stored)

    assert (found.evidence, found.grade) == (tuple(one.id for one in stored), Grade.A3)
    assert found.issued_unix_us == ORDER.issued_unix_us


def test_the_lower_of_both_counts() -> None:
    """Of two counts that agree within 5 % the lower one counts, whoever's it is."""
    lower = payload_of(960_000_000)
    for own, server in ((960_000_000, 1_000_000_000), (1_000_000_000, 960_000_000)):
        found = verdict_on([agent_says(ORDER, own), server_says(ORDER, server)], bandwidth(quantity=q.INTERNET_DOWN))
        assert found.shown is not None
        assert found.shown.low == lower


# --- What one end alone shows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "about", "code"),
    [
        pytest.param([agent_says(ORDER, OF_1000M)], {}, Code.NO_SERVER_REPORT, id="no report of the server"),
        pytest.param(both_say(ORDER, OF_1000M, seen=ELSEWHERE), {}, Code.ADDRESS_NOT_REGISTERED, id="elsewhere"),
        pytest.param(both_say(ORDER, OF_1000M, seen="fast"), {}, Code.ADDRESS_NOT_REGISTERED, id="no address"),
        pytest.param(both_say(ORDER, OF_1000M), {"lines": ()}, Code.ADDRESS_NOT_REGISTERED, id="no line declared"),
        pytest.param(
            both_say(ORDER, OF_1000M), {"lines": (OTHER_LINE,)}, Code.ADDRESS_NOT_REGISTERED, id="another line declared"
        ),
        pytest.param(
            both_say(ORDER, OF_1000M),
            {"lines": (Line(LINE.name, LINE.prefixes, "metro"),)},
            Code.ADDRESS_NOT_REGISTERED,
            id="a line that leads elsewhere",
        ),
        pytest.param(
            both_say(asked(line=""), OF_1000M), {}, Code.ADDRESS_NOT_REGISTERED, id="an order that names no line"
        ),
        pytest.param(
            [agent_says(ORDER, OF_1000M), server_says(ORDER, None, up=OF_1000M)],
            {},
            Code.NO_SERVER_REPORT,
            id="the server saw the other direction",
        ),
        pytest.param(
            both_say(ORDER, OF_1000M, to_unix_us=ORDER.issued_unix_us + 1_000_000), {}, Code.TOO_SHORT, id="one second"
        ),
    ],
)
def test_the_agents_word_alone(stored: list[Evidence], about: dict[str, Any], code: Code) -> None:
    """What nobody else saw for long enough, coming from the school's line, is shown at A1 with its reason, and meets nothing."""
    found = verdict_on(stored, **about)

    assert (found.status, found.grade, said(found)) == (NOT_SHOWN, Grade.A1, [code, Code.LOW_GRADE])
    assert found.shown is not None


@pytest.mark.parametrize("seen", [HERE, f"::ffff:{HERE}", "2001:db8:cafe:1::7"])
def test_addresses_of_the_line(seen: str) -> None:
    """An address of any of the line's prefixes is the line's, one of IPv4 also as a server on a socket for both families sees it."""
    assert verdict_on(both_say(ORDER, OF_1000M, seen=seen)).status is MET


def test_a_paced_run_settles_sooner() -> None:
    """Where the sender holds the rate two seconds are enough; where it does not they are too short."""
    window: dict[str, Any] = {"to_unix_us": ORDER.issued_unix_us + 2_000_000}
    paced = asked(threshold_bit_s=GIGABIT)

    assert [verdict_on(both_say(one, OF_1000M, **window)).status for one in (paced, ORDER)] == [MET, NOT_SHOWN]


def test_a_weaker_part_takes_the_agents_word() -> None:
    """A policy that asks for one party's word has it."""
    assert verdict_on([agent_says(ORDER, OF_1000M)], bandwidth(grade=Grade.A1)).status is MET


# --- Contradictions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(OF_1000M, 940_000_000), (OF_1000M, 1_050_000_000)], ids=["more", "less"])
def test_two_ends_that_disagree(counts: tuple[int, int]) -> None:
    """Where the counts differ by more than 5 % nothing of that session is judged, not even the lower one."""
    stored = [agent_says(ORDER, counts[0]), server_says(ORDER, counts[1])]
    found = verdict_on(stored, bandwidth(100_000_000))

    assert (found.status, said(found)) == (NOT_SHOWN, [Code.CONTRADICTION])


def test_a_run_that_was_cut_by_one_word() -> None:
    """That a run was cut takes both ends: where the server saw it settle, counts that differ contradict each other."""
    stored = [
        agent_says(ORDER, 800_000_000, failure=Failure.UNREACHABLE, ended="cut"),
        server_says(ORDER, OF_1000M, ended="steady"),
    ]

    assert said(verdict_on(stored, bandwidth(200_000_000)))[0] is Code.CONTRADICTION


def test_a_run_that_was_cut() -> None:
    """Of a run that was cut each end had a window of its own: the lower count stands, and contradicts nobody."""
    stored = [
        agent_says(ORDER, 800_000_000, failure=Failure.UNREACHABLE, ended="cut"),
        server_says(ORDER, OF_1000M, ended="cut"),
    ]
    found = verdict_on(stored, bandwidth(200_000_000))

    assert found.status is MET
    assert verdict_on(stored).status is NOT_SHOWN


def test_a_contradiction_holds_back_its_order() -> None:
    """Another agent's honest run of the same order is not judged; it is in an order of its own, and then says what contradicted."""
    one, other = asked("one", BOX, OTHER_BOX), asked("other", OTHER_BOX)
    spoiled = [agent_says(one, OF_1000M), server_says(one, 500_000_000)]
    beside = both_say(one, OF_1000M, agent=OTHER_BOX)
    later = both_say(other, OF_1000M, agent=OTHER_BOX, sequence=2)

    assert said(verdict_on([*spoiled, *beside])) == [Code.CONTRADICTION]
    found = verdict_on([*spoiled, *beside, *later])
    assert (found.status, Code.CONTRADICTION in [note.code for note in found.notes]) == (MET, True)


def test_past_the_ports_to_the_outside() -> None:
    """Octets that the witness did not see cross the ports to the outside came another way: nothing is judged."""
    frames = OF_1000M * 1514 // 1500
    for witness, status in ((frames * 94 // 100, NOT_SHOWN), (frames * 96 // 100, MET), (frames * 2, MET)):
        found = verdict_on([agent_says(ORDER, OF_1000M, witness=witness), server_says(ORDER, OF_1000M)])
        assert found.status is status


def test_other_traffic_is_shown() -> None:
    """What crossed the ports beside the run is said, and how much it was."""
    stored = [agent_says(ORDER, 600_000_000, witness=GIGABIT), server_says(ORDER, 600_000_000)]
    (note,) = [one for one in verdict_on(stored).notes if one.code is Code.OTHER_TRAFFIC]

    assert (note.about["crossed"], note.about["beside"]) == (GIGABIT, GIGABIT - 600_000_000 * 1514 // 1500)


def test_a_contradiction_of_the_upload_beside_a_clause() -> None:
    """A figure that is only shown, and of which the policy does not say below what it contradicts, holds nothing back."""
    stored = [agent_says(ORDER, OF_1000M, up=OF_1000M), server_says(ORDER, OF_1000M, up=1)]
    upload = verdict_on(stored, bandwidth(quantity=q.INTERNET_UP_IP, at_least=None, support=True, grade=Grade.A0))

    assert (said(upload), verdict_on(stored).status) == ([Code.CONTRADICTION], MET)


# --- Networks and servers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "quantity", "status"),
    [
        pytest.param(METRO, q.METRO_DOWN_IP, MET, id="metro for metro"),
        pytest.param(METRO, q.INTERNET_DOWN_IP, NOT_SHOWN, id="metro for the internet"),
        pytest.param(INTERNET, q.METRO_DOWN_IP, NOT_SHOWN, id="the internet for metro"),
    ],
)
def test_networks(server: Server, quantity: Quantity, status: Status) -> None:
    """A server in the education network shows nothing of the internet, nor the other way round."""
    scan = asked(server=server, line="edu" if server is METRO else LINE.name)

    assert verdict_on(both_say(scan, OF_1000M), bandwidth(quantity=quantity)).status is status


def test_either_network() -> None:
    """Where one of two networks is enough, the one that was measured speaks, also with the other at a lower grade."""
    either = bandwidth(either=(q.INTERNET_DOWN_IP, q.METRO_DOWN_IP))
    metro = both_say(asked(server=METRO, line="edu"), OF_1000M)
    internet = [agent_says(LATER, OF_1000M, sequence=2)]

    assert verdict_on(metro, either).status is MET
    assert verdict_on([*metro, *internet], either).status is MET
    assert said(verdict_on(both_say(asked(server=METRO, line="edu"), OF_940M), either)) == [Code.LIMITED_BY]


@pytest.mark.parametrize(
    ("about", "code"),
    [({}, Code.NO_EVIDENCE), ({"servers": {}}, Code.NO_SERVER), ({"servers": {METRO.id: METRO}}, Code.NO_SERVER)],
)
def test_nothing_measured_yet(about: dict[str, Any], code: Code) -> None:
    """Without a server in that network, enrolling one is the first step; else to measure."""
    assert said(verdict_on([], **about)) == [code]


def test_a_path_that_can_be_measured_speaks_first() -> None:
    """Of two networks the reason is that of the one with a server."""
    either = bandwidth(either=(q.INTERNET_DOWN_IP, q.METRO_DOWN_IP))

    assert said(verdict_on([], either, servers={METRO.id: METRO})) == [Code.NO_EVIDENCE]


def test_a_revoked_server() -> None:
    """What a server signed that is no longer trusted is one party's word."""
    gone = {INTERNET.id: replace(INTERNET, revoked=True), SECOND.id: SECOND}

    assert said(verdict_on(both_say(ORDER, OF_1000M), servers=gone))[0] is Code.NO_SERVER_REPORT


def test_only_the_other_direction_was_ordered() -> None:
    """A run that was to measure the upload is no run of the download."""
    up_only = asked(direction="up")
    stored = [agent_says(up_only, None, up=OF_1000M), server_says(up_only, None, up=OF_1000M)]

    assert said(verdict_on(stored)) == [Code.NO_EVIDENCE]
    assert verdict_on(stored, bandwidth(quantity=q.INTERNET_UP_IP)).status is MET


# --- What limited it, and what is said beside it ------------------------------------------------------------------------


@pytest.mark.parametrize("state", q.EGRESS_LIMITED_BY.states)
def test_what_limited_it(state: str) -> None:
    """A figure below the bound whose upper end is not known says what limited it."""
    found = verdict_on([agent_says(ORDER, OF_940M, by=state), server_says(ORDER, OF_940M)])

    assert [(one.code, one.about) for one in found.reasons] == [(Code.LIMITED_BY, {"by": state})]


def test_how_it_was_measured() -> None:
    """Beside every figure stand line, server, operator, network, address, moment and limit."""
    (note,) = [one for one in verdict_on(both_say(ORDER, OF_1000M)).notes if one.code is Code.MEASURED_OVER]
    wanted = {"line": "telecom", "server": "tele-1", "operator": "Telecom", "path": "internet", "seen": HERE}

    assert {key: note.about[key] for key in wanted} == wanted
    assert (note.about["by"], note.about["agents"], note.about["unix_us"]) == (
        "network",
        1,
        ORDER.issued_unix_us + 5_000_000,
    )


def test_the_best_run_speaks() -> None:
    """Of several the one that meets the bound decides, whatever another claims at a lower grade; else the one that would meet it."""
    claimed = [agent_says(LATER, 5 * GIGABIT, sequence=2)]
    stored = both_say(ORDER, OF_1000M)

    assert verdict_on([*claimed, *stored]).status is MET
    assert said(verdict_on([*claimed, *both_say(ORDER, OF_940M)]))[0] is Code.NO_SERVER_REPORT


def test_a_run_that_failed() -> None:
    """A run that measured nothing says why."""
    found = verdict_on([agent_says(ORDER, None, session="", failure=Failure.NOT_PERMITTED)])

    assert (said(found), found.grade) == ([Code.FAILED], Grade.A0)


def test_every_run() -> None:
    """A policy that asks it of every run is met by none where one agent's latest is slower, failed or was not answered."""
    every = bandwidth(over=Over.EVERY)
    good = both_say(asked("one"), OF_1000M)
    slow = both_say(asked("two", OTHER_BOX), OF_940M, agent=OTHER_BOX)
    failed = agent_says(asked("two", OTHER_BOX), None, agent=OTHER_BOX, session="", failure=Failure.TIMED_OUT)
    silent = agent_says(asked("two", OTHER_BOX), None, agent=OTHER_BOX, up=OF_1000M)
    unanswered = asked("three", OTHER_BOX, days_ago=3)

    assert verdict_on(good, every).status is MET
    assert said(verdict_on([*good, silent], every)) == [Code.NO_FIGURE]
    assert verdict_on([*good, *slow], every).status is NOT_SHOWN
    assert verdict_on([*good, failed], every).status is NOT_SHOWN
    assert verdict_on(good, every, orders=(unanswered,)).status is NOT_SHOWN


# --- What a relabelled, replayed or open run shows ------------------------------------------------------------------------


def test_another_agents_session() -> None:
    """An agent that names another agent's session is not judged."""
    scan = asked("one", BOX, OTHER_BOX)
    stored = [
        agent_says(scan, OF_1000M, session=session_of("one", OTHER_BOX)),
        server_says(scan, OF_1000M, agent=OTHER_BOX),
    ]

    assert said(verdict_on(stored)) == [Code.NOT_ORDERED]


def test_another_orders_session() -> None:
    """A session of an earlier order answers no later one."""
    old = asked("old", days_ago=20)
    stored = [agent_says(ORDER, OF_1000M, session=session_of("old", BOX)), server_says(old, OF_1000M)]

    assert said(verdict_on(stored)) == [Code.NOT_ORDERED]


def test_an_open_server() -> None:
    """A run at a server that is open to all has no ticket and is never judged, whatever the server signs of it."""
    settings: Settings = {"server": INTERNET.address, "path": "internet"}
    scan = msgspec.structs.replace(ORDER, tasks=(Task("egress", settings),))
    stored = [agent_says(scan, OF_1000M, session="open"), server_says(scan, OF_1000M, session="open", ticket="")]

    assert said(verdict_on(stored)) == [Code.NOT_ORDERED]
    assert [standing for _, standing in standings(school(stored[:1], **WAY_OUT), stored).of] == [
        Standing.OTHER_SESSION,
        Standing.NOT_THIS_SERVER,
    ]


def test_a_hole() -> None:
    """With a hole in the agent's sequence nothing is met."""
    stored = both_say(ORDER, OF_1000M, sequence=2)

    assert said(verdict_on(stored)) == [Code.GAP]


def test_servers_leave_no_hole() -> None:
    """A server's chain runs over many schools: what this one does not hold of it is no hole."""
    stored = [agent_says(ORDER, OF_1000M), server_says(ORDER, OF_1000M, sequence=900)]

    assert verdict_on(stored).status is MET
