"""Which grade follows from which rungs?"""

from __future__ import annotations

import pytest

from evidence.ladder import grade_of

ALL = "pass " * 9


@pytest.mark.parametrize(
    ("states", "grade"),
    [
        pytest.param(ALL, (3, 3), id="all pass"),
        pytest.param(ALL + "fail", (3, 3), id="L9 is for the fourth grade"),
        pytest.param("pass pass pass pass", (1, 3), id="the upper ones are open"),
        pytest.param("fail " + "pass " * 8, (0, 0), id="L0 fails"),
        pytest.param("pass pass pass fail", (0, 0), id="only L3 fails"),
        pytest.param("pass not_tested pass not_tested", (0, 3), id="no right to ask"),
        pytest.param("pass inconclusive pass pass", (0, 3), id="readers disagree"),
        pytest.param("pass not_tested fail pass", (0, 0), id="a failure outweighs an open question"),
        pytest.param("pass pass pass pass fail pass pass pass pass", (1, 1), id="L4 fails"),
        pytest.param("pass pass pass pass pass pass pass fail pass", (2, 2), id="L7 fails"),
        pytest.param("pass pass pass pass pass inconclusive pass fail pass", (1, 2), id="L5 open and L7 fails"),
        pytest.param("pass pass pass pass pass pass pass pass not_tested", (2, 3), id="L8 open"),
    ],
)
def test_grade(states: str, grade: tuple[int, int]) -> None:
    """The grade is the highest one whose rungs have all passed; what failed bounds it, what is open leaves it open."""
    assert grade_of({f"L{number}": (state, "") for number, state in enumerate(states.split())}) == grade


@pytest.mark.parametrize("remark", ["NAT66", "NPT"])
def test_a_translated_address(remark: str) -> None:
    """Where another address arrives than was sent from, the grade ends at 2."""
    rungs = {f"L{number}": ("pass", remark if number == 6 else "") for number in range(9)}

    assert grade_of(rungs) == (2, 2)
