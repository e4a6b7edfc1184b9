"""What stands in a clause's row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collector.frameworks import Grade, shipped
from collector.shown import tables
from collector.verdict import PartVerdict, Status, Verdict
from collector.words import words_in
from evidence import quantities as q
from tests.collector.making import NOW, clause, part

MET, OPEN = Status.MET, Status.NOT_SHOWN
READ = q.METRO_REACHED.reading(1_000_000)
GRADES = {
    "met, and one part weaker": (MET, ((MET, Grade.A2), (MET, Grade.A1)), "A1"),
    "met, and both alike": (MET, ((MET, Grade.A2), (MET, Grade.A2)), "A2"),
    "not shown, by the part that is open": (OPEN, ((MET, Grade.A2), (OPEN, Grade.A1)), "A1"),
}


@pytest.mark.parametrize(("status", "parts", "grade"), GRADES.values(), ids=GRADES)
def test_a_clause_is_proved_no_better_than_its_weakest_part(
    status: Status, parts: tuple[tuple[Status, Grade], ...], grade: str
) -> None:
    """The grade of a clause that is met is the lowest of the parts that it needs; of another, that of the part that decides."""
    found = tuple(
        PartVerdict(part(id=f"p{at}"), one, shown=READ, grade=proved) for at, (one, proved) in enumerate(parts)
    )
    indicator = clause(*(one.part for one in found))

    policy = replace(shipped()[0], id="f", indicators=(indicator,))
    (table,) = tables([policy], [Verdict("f", indicator, status, found)], words_in("en"), NOW)
    assert table.clauses[0].grade == grade
