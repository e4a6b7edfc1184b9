"""Does a walk bring all rows, and does it never say so where it did not?"""

from __future__ import annotations

import asyncio
import time

import pytest

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Kind, Oid, Pdu, Value
from probes._snmp.walk import End, Walk, Walker
from tests.probes.agents import SimulatedExchange, Simulator

COLUMN: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
ROWS: dict[Oid, Value] = {(*COLUMN, index): f"ge{index}".encode() for index in range(1, 101)}
BEHIND: dict[Oid, Value] = {(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 2, 1): 7}


def walked(agent: Simulator, within_s: float = 10) -> Walk:
    """One walk over the column."""
    walker = Walker(SimulatedExchange(agent), time.monotonic() + within_s)
    return asyncio.run(walker.walk(COLUMN))


@pytest.mark.parametrize(
    ("agent", "end"),
    [
        pytest.param(Simulator(ROWS | BEHIND), End.LEFT_SUBTREE, id="another column follows"),
        pytest.param(Simulator(ROWS), End.END_OF_MIB_VIEW, id="nothing follows"),
        pytest.param(Simulator(ROWS, no_such_name_at_end=True), End.NO_SUCH_NAME, id="noSuchName as SNMP v1 has it"),
        pytest.param(Simulator(ROWS | BEHIND, too_big_above=3), End.LEFT_SUBTREE, id="tooBig above three"),
        pytest.param(Simulator(ROWS | BEHIND, too_big_above=0), End.LEFT_SUBTREE, id="no GETBULK at all"),
        pytest.param(
            Simulator(ROWS | BEHIND, too_big_above=12, or_silent=True), End.LEFT_SUBTREE, id="silent when large"
        ),
        pytest.param(Simulator(ROWS | BEHIND, swaps=(*COLUMN, 5)), End.LEFT_SUBTREE, id="two rows swapped in bulk"),
    ],
)
def test_all_rows_are_read(agent: Simulator, end: End) -> None:
    """Whatever an agent can or cannot do, all rows are read, and how the end showed is told."""
    walk = walked(agent)

    assert (len(walk.rows), walk.complete, walk.end_reason, walk.failure) == (100, True, end, None)


@pytest.mark.parametrize(
    ("agent", "end", "failure"),
    [
        pytest.param(Simulator(ROWS, silent_after=3), End.TIMED_OUT, Failure.TIMED_OUT, id="goes silent"),
        pytest.param(Simulator(ROWS, silent_after=0), End.TIMED_OUT, Failure.TIMED_OUT, id="silent from the start"),
        pytest.param(Simulator(ROWS, loops_at=(*COLUMN, 50)), End.NOT_INCREASING, Failure.UNREADABLE, id="goes round"),
        pytest.param(Simulator(ROWS, empty=True), End.UNREADABLE, Failure.UNREADABLE, id="answers nothing"),
    ],
)
def test_what_is_cut_short_is_not_complete(agent: Simulator, end: End, failure: Failure) -> None:
    """A walk that the agent did not bring to its end is not complete, and says why."""
    walk = walked(agent)

    assert (walk.complete, walk.end_reason, walk.failure) == (False, end, failure)


def test_what_was_read_before_trouble_is_kept() -> None:
    """The rows of the replies before an agent went silent stay."""
    assert len(walked(Simulator(ROWS, silent_after=2)).rows) == 30


def test_a_walk_ends_at_its_deadline() -> None:
    """No request starts after the deadline, and the rest of the column is unknown."""
    walk = walked(Simulator(ROWS), within_s=-1)

    assert (walk.rows, walk.end_reason) == ({}, End.OUT_OF_TIME)


def test_what_is_too_big_is_learnt_once() -> None:
    """An agent that gives three rows at most is not asked for more in the next column."""
    agent = Simulator(ROWS | BEHIND, too_big_above=3)
    walker = Walker(SimulatedExchange(agent), time.monotonic() + 10)
    asyncio.run(walker.walk(COLUMN))
    before = len(agent.asked)
    asyncio.run(walker.walk(COLUMN))

    assert max(pdu.max_repetitions for pdu in agent.asked[before:]) <= 3


def test_rows_are_asked_for_in_bulk() -> None:
    """A hundred rows take six requests, none for more than 25 rows."""
    agent = Simulator(ROWS | BEHIND)
    walked(agent)

    assert [pdu.max_repetitions for pdu in agent.asked] == [10, 20, 25, 25, 25]
    assert {pdu.kind for pdu in agent.asked} == {Kind.GETBULK}


def test_an_empty_column_is_complete() -> None:
    """A column without a row is an answer, not a failure."""
    assert walked(Simulator(BEHIND)) == Walk({}, End.LEFT_SUBTREE)


def test_a_refusal_is_not_asked_again() -> None:
    """authorizationError is no matter of size: the walk ends with the first."""
    agent = Simulator(ROWS, refuses=True)
    walk = walked(agent)

    assert (walk.end_reason, walk.failure, len(agent.asked)) == (End.REFUSED, Failure.NOT_PERMITTED, 1)


class Refusing:
    """An exchange whose agent rejects the login."""

    async def request(self, pdu: Pdu) -> object:
        """See `Exchange.request`."""
        raise Unmeasurable(Failure.LOGIN_REJECTED, f"wrong digest for {pdu.kind}")


def test_a_rejected_login_ends_the_walk_at_once() -> None:
    """Trouble that smaller questions cannot cure is not asked again: three wrong logins may lock an account."""
    walker = Walker(Refusing(), time.monotonic() + 10)  # type: ignore[arg-type]  # it never gives a reply

    with pytest.raises(Unmeasurable, match="wrong digest"):
        asyncio.run(walker.walk(COLUMN))
