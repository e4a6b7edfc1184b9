"""What must hold of a bandwidth whatever agents claim, servers sign and reports get lost?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.egress import credits_of
from collector.frameworks import Part
from collector.judge import judge
from collector.school import Evidence, Server
from collector.verdict import Code, Status
from evidence import quantities as q
from evidence.model import SERVER, Failure
from evidence.scan import Scan
from tests.collector.making import BOX, GIGABIT, NOW, OTHER_BOX, clause, school
from tests.collector.two_ends import (
    ELSEWHERE,
    HERE,
    INTERNET,
    METRO,
    OTHER_LINE,
    SECOND,
    WAY_OUT,
    agent_says,
    asked,
    bandwidth,
    server_says,
    told_of,
)

MET = Status.MET
SEVERAL = settings(max_examples=60, deadline=None)  # a busy machine is no failure
MBIT = 1_000_000
RATES = st.sampled_from([100 * MBIT, 480 * MBIT, 500 * MBIT, 940 * MBIT, 960 * MBIT, 990 * MBIT])


def _mostly(draw: st.DrawFn) -> bool:
    """Yes, but for one time in eight."""
    return draw(st.integers(0, 7)) > 0


@st.composite
def orders(draw: st.DrawFn, number: int) -> Scan:
    """An order to one or both agents at some server, over some line, now and then with a second server."""
    who = draw(st.sampled_from([(BOX,), (OTHER_BOX,), (BOX, OTHER_BOX)]))
    server: Server = INTERNET if _mostly(draw) else METRO
    line = "telecom" if _mostly(draw) else draw(st.sampled_from(["", OTHER_LINE.name, "nobody's"]))
    second = SECOND if server is INTERNET and _mostly(draw) else None
    days = draw(st.integers(0, 35)) + number / 100
    return asked(f"order-{number}", *who, server=server, second=second, line=line, days_ago=days)


@st.composite
def histories(draw: st.DrawFn, claims: bool = True) -> list[Evidence]:
    """Up to three orders, answered by agents that claim what they like and by servers that saw what came; groups and single runs."""
    stored: list[Evidence] = []
    sequence: defaultdict[str, int] = defaultdict(int)
    for number in range(draw(st.integers(1, 3))):
        scan = draw(orders(number))
        group = f"group-{number}" if len(scan.agents) > 1 and draw(st.booleans()) else ""
        for agent in scan.agents:
            sequence[agent] += 1
            stored += draw(sessions(scan, agent, sequence[agent], group, claims))
    return stored


@st.composite
def sessions(draw: st.DrawFn, scan: Scan, agent: str, sequence: int, group: str, claims: bool) -> list[Evidence]:
    """One session: what the agent says, and what one or two servers say of it."""
    settings = scan.settings_of("egress") or {}
    server = METRO if settings["path"] == "metro" else INTERNET
    rate = draw(RATES)
    own = rate if not claims or _mostly(draw) else draw(st.sampled_from([rate * 103 // 100, 2 * rate, 20 * GIGABIT]))
    most = own * 101 // 100 if draw(st.booleans()) else None
    found = [
        agent_says(
            scan,
            own,
            agent=agent,
            sequence=sequence,
            most=most,
            by="network" if _mostly(draw) else "cpu",
            witness=None if _mostly(draw) else draw(RATES) * 2,
            failure=None if _mostly(draw) else Failure.INTERRUPTED,
        )
    ]
    facts: dict[str, Any] = {"hour_best_bit_s": 20 * GIGABIT if _mostly(draw) else 0}
    facts["seen"] = ("10.64.1.1" if server is METRO else HERE) if _mostly(draw) else ELSEWHERE
    facts |= {"group": group} if group else {}
    if _mostly(draw):
        found.append(server_says(scan, rate, agent=agent, server=server, **facts))
    if "second" in settings and _mostly(draw):
        found.append(server_says(scan, rate if _mostly(draw) else draw(RATES), agent=agent, server=SECOND))
    return found


def status_of(asks: Part, whole: Sequence[Evidence], kept: Sequence[Evidence]) -> Status:
    """The verdict on what is left of a school's evidence, all of which was acknowledged."""
    one = school([run for run in whole if run.report.probe != SERVER], **WAY_OUT)
    return judge(clause(asks), one, kept, NOW).status


def contradicts(stored: Sequence[Evidence]) -> bool:
    """Whether something in it contradicts something."""
    one = school(stored, **WAY_OUT)
    return any(credit.against for credit in credits_of(q.INTERNET_DOWN_IP.name, one, stored))


ASKED = st.sampled_from([bandwidth(), bandwidth(500 * MBIT), bandwidth(100 * MBIT)])


@SEVERAL
@given(histories(), ASKED, st.data())
def test_losing_evidence_never_helps(stored: list[Evidence], asks: Part, data: st.DataObject) -> None:
    """Whichever reports of agents or servers are lost, nothing becomes met, but where a contradiction is lost with them."""
    kept = data.draw(st.lists(st.sampled_from(stored), unique_by=id))
    before, after = status_of(asks, stored, stored), status_of(asks, stored, kept)

    assert after is not MET or before is MET or contradicts(stored)


@SEVERAL
@given(histories(), ASKED)
def test_losing_a_servers_word_never_shows_too_little(stored: list[Evidence], asks: Part) -> None:
    """Without the servers' reports nothing is met and nothing is shown not to be."""
    agents = [one for one in stored if one.report.probe != SERVER]

    assert status_of(asks, stored, agents) is Status.NOT_SHOWN


@SEVERAL
@given(histories(), ASKED)
def test_only_what_servers_saw_is_met(stored: list[Evidence], asks: Part) -> None:
    """Whatever agents claim, a rate is met only where servers proved it: of one session, or together of one group."""
    together: defaultdict[object, int] = defaultdict(int)
    for one in stored:
        for reading in one.report.readings:
            if reading.quantity == q.OBSERVED_DOWN_IP.name:
                together[reading.facts.get("group") or one.id] += reading.low or 0
    assert asks.at_least is not None

    if status_of(asks, stored, stored) is MET:
        assert max(together.values(), default=0) * 20 >= asks.at_least * 19


@SEVERAL
@given(histories())
def test_a_gigabit_is_never_ten(stored: list[Evidence]) -> None:
    """What each was limited to a gigabit never shows ten, whatever is claimed of it."""
    assert status_of(bandwidth(10 * GIGABIT), stored, stored) is not MET


@SEVERAL
@given(histories(claims=False), st.data())
def test_swapped_sessions(stored: list[Evidence], data: st.DataObject) -> None:
    """A report under the session of another agent or another order is not judged."""
    names = [one.report.session for one in stored]
    swapped = [
        told_of(
            one, session=data.draw(st.sampled_from([name for name in names if name != one.report.session] or ["x"]))
        )
        for one in stored
    ]

    assert status_of(bandwidth(100 * MBIT), stored, swapped) is Status.NOT_SHOWN


@SEVERAL
@given(histories(claims=False), st.data())
def test_replayed_under_another_order(stored: list[Evidence], data: st.DataObject) -> None:
    """Old reports under a new order's name are not judged."""
    fresh = asked("fresh", BOX, OTHER_BOX)
    again = [
        Evidence(one.id, msgspec.structs.replace(one.report, scan=fresh.id), one.received_unix_us, fresh)
        for one in stored
    ]

    assert status_of(bandwidth(100 * MBIT), stored, again) is Status.NOT_SHOWN


@SEVERAL
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_evidence_is_irrelevant(stored: list[Evidence], chance: object) -> None:
    """Whatever order the store hands the evidence out in, the verdict is the same."""
    shuffled = list(stored)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    one = school([run for run in stored if run.report.probe != SERVER], **WAY_OUT)
    first, second = (judge(clause(bandwidth()), one, some, NOW) for some in (stored, shuffled))

    assert first == second


@SEVERAL
@given(histories())
def test_no_part_is_open_without_a_reason(stored: list[Evidence]) -> None:
    """What is not met has a reason, and what is met none."""
    one = school([run for run in stored if run.report.probe != SERVER], **WAY_OUT)
    (found,) = judge(clause(bandwidth()), one, stored, NOW).parts

    assert bool(found.reasons) is (found.status is not MET)
    assert Code.INTERVAL not in [reason.code for reason in found.reasons]


def test_the_histories_reach_every_verdict() -> None:
    """What these tests draw is met, not met and not shown now and then: else they would show nothing."""
    reached: set[Status] = set()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(histories())
    def draw(stored: list[Evidence]) -> None:
        reached.add(status_of(bandwidth(), stored, stored))

    draw()

    assert reached == {Status.MET, Status.NOT_MET, Status.NOT_SHOWN}
