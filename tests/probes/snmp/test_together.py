"""Do several columns in one request bring the same as one after the other, whatever the agent makes of it?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Kind, Oid, Value
from probes._snmp.walk import End, Walk, Walker
from tests.probes.agents import SimulatedExchange, Simulator

TABLE: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
COLUMNS = [(*TABLE, column) for column in (2, 3, 5, 8)]
LENGTHS = {2: 52, 3: 52, 4: 9, 5: 30, 8: 41}
ROWS: dict[Oid, Value] = {
    (*TABLE, column, index): column * 1000 + index for column, rows in LENGTHS.items() for index in range(1, rows + 1)
}
WHOLE = [{(index,): column[-1] * 1000 + index for index in range(1, LENGTHS[column[-1]] + 1)} for column in COLUMNS]


def walked(agent: Simulator, columns: list[Oid] | None = None, within_s: float = 10) -> list[Walk]:
    """The columns read together."""
    walker = Walker(SimulatedExchange(agent), time.monotonic() + within_s)
    return asyncio.run(walker.walk_together(COLUMNS if columns is None else columns))


@pytest.mark.parametrize(
    "agent",
    [
        pytest.param(Simulator(ROWS), id="as it should"),
        pytest.param(Simulator(ROWS, forgets_ended=True), id="leaves out columns that ended"),
        pytest.param(Simulator(ROWS, turns_round=True), id="turns columns round"),
        pytest.param(Simulator(ROWS, most_rows=7), id="cuts in the middle of a row"),
        pytest.param(Simulator(ROWS, most_rows=3), id="has no room for a single row"),
        pytest.param(Simulator(ROWS, too_big_above=1), id="tooBig above one row"),
        pytest.param(Simulator(ROWS, too_big_above=0), id="no GETBULK at all"),
        pytest.param(Simulator(ROWS, too_big_above=1, or_silent=True), id="silent above one row"),
        pytest.param(Simulator(ROWS, no_such_name_at_end=True), id="noSuchName at the end"),
        pytest.param(Simulator(ROWS, swaps=(*TABLE, 3, 7)), id="two rows out of order"),
    ],
)
def test_all_rows_of_all_columns(agent: Simulator) -> None:
    """Every row of every column is read, and each walk is complete."""
    walks = walked(replace(agent))

    assert [(walk.rows, walk.complete) for walk in walks] == [(rows, True) for rows in WHOLE]


@pytest.mark.parametrize("order", [[2, 3], [3, 2], [8, 5, 4], [4, 5], [5, 4, 3], [9, 2], [8, 9], [2, 2]])
@pytest.mark.parametrize("forgets", [False, True])
def test_columns_in_any_order(order: list[int], forgets: bool) -> None:
    """Columns that touch, lie apart, are empty or named twice: an end at another column's row is checked against its first."""
    walks = walked(Simulator(ROWS, forgets_ended=forgets), [(*TABLE, column) for column in order])

    assert [len(walk.rows) for walk in walks] == [LENGTHS.get(column, 0) for column in order]
    assert all(walk.complete for walk in walks)


def test_fewer_requests() -> None:
    """Four columns together take fewer requests than one after the other."""
    together, alone = Simulator(ROWS), Simulator(ROWS)
    walked(together)
    for column in COLUMNS:
        walked(alone, [column])

    assert len(together.asked) < len(alone.asked)
    assert {pdu.kind for pdu in together.asked} == {Kind.GETBULK}


def test_many_columns() -> None:
    """No request names more than ten columns."""
    table: dict[Oid, Value] = {(*TABLE, column, index): 1 for column in range(1, 23) for index in range(1, 6)}
    agent = Simulator(table)
    walks = walked(agent, [(*TABLE, column) for column in range(1, 23)])

    assert ([len(walk.rows) for walk in walks], max(len(pdu.oids) for pdu in agent.asked)) == ([5] * 22, 10)


def test_one_column_that_stalls() -> None:
    """A column at which the agent falls silent is not complete; the others are read."""
    walks = walked(Simulator(ROWS, stalls_at=(*TABLE, 5)))

    assert [(len(walk.rows), walk.end_reason) for walk in walks] == [
        (52, End.LEFT_SUBTREE),
        (52, End.LEFT_SUBTREE),
        (0, End.TIMED_OUT),
        (41, End.END_OF_MIB_VIEW),
    ]


def test_an_agent_that_goes_silent() -> None:
    """After three silences a column ends, and each further one costs one request: the deadline is not burnt on a dead agent."""
    agent = Simulator(ROWS, silent_after=2)
    walks = walked(agent)

    assert {walk.end_reason for walk in walks} == {End.TIMED_OUT}
    assert len(agent.asked) <= 2 + 4 + len(COLUMNS)


def test_the_deadline_holds() -> None:
    """No request starts after it."""
    agent = Simulator(ROWS)

    assert {walk.end_reason for walk in walked(agent, within_s=-1)} == {End.OUT_OF_TIME}
    assert agent.asked == []


def got(agent: Simulator, oids: list[Oid]) -> dict[Oid, Value]:
    """Single objects."""
    return asyncio.run(Walker(SimulatedExchange(agent), time.monotonic() + 10).get(oids))


def test_get_leaves_out_what_is_missing() -> None:
    """What the agent does not have is not in the answer; fifty objects take three requests."""
    agent = Simulator(ROWS)
    oids = [(*TABLE, 2, index) for index in range(11, 61)]

    assert (got(agent, oids), len(agent.asked)) == ({oid: ROWS[oid] for oid in oids[:42]}, 3)


def test_get_goes_round_a_broken_object() -> None:
    """An object at which the agent fails is there without a value, and keeps none of the others back."""
    oids = [(*TABLE, 2, index) for index in range(1, 9)]
    found = got(Simulator(ROWS, broken=(oids[3],)), oids)

    assert found == {oid: None if oid == oids[3] else ROWS[oid] for oid in oids}


@pytest.mark.parametrize(
    ("agent", "failure"),
    [
        pytest.param(Simulator(ROWS, silent_after=0), Failure.TIMED_OUT, id="silence"),
        pytest.param(Simulator(ROWS, refuses=True), Failure.NOT_PERMITTED, id="refused"),
    ],
)
def test_get_without_an_answer(agent: Simulator, failure: Failure) -> None:
    """No answer is never taken for "does not have it"."""
    with pytest.raises(Unmeasurable) as why:
        got(agent, [(*TABLE, 2, 1)])

    assert why.value.failure is failure
