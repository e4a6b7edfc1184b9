"""Is a slip of the finger found without a connection, and does an order say how often a place is measured?"""

from __future__ import annotations

from itertools import product

import pytest

from evidence.scan import Spot, Survey
from evidence.survey import ALPHABET, DRAWN, is_code, tidied, with_check

CODE = with_check("K7MQ2")


def test_every_wrong_letter() -> None:
    """No code with one letter changed is a code."""
    slips = [
        CODE[:at] + letter + CODE[at + 1 :] for at, letter in product(range(len(CODE)), ALPHABET) if CODE[at] != letter
    ]

    assert (is_code(CODE), [slip for slip in slips if is_code(slip)]) == (True, [])


def test_every_swap() -> None:
    """No code with two neighbours swapped is a code, where they differ."""
    swaps = [CODE[:at] + CODE[at + 1] + CODE[at] + CODE[at + 2 :] for at in range(DRAWN) if CODE[at] != CODE[at + 1]]

    assert [swap for swap in swaps if is_code(swap)] == []


@pytest.mark.parametrize("typed", [CODE.lower(), f" {CODE[:3]} {CODE[3:]} ", f"{CODE[:2]}-{CODE[2:]}"])
def test_however_typed(typed: str) -> None:
    """Small letters, spaces and hyphens do not matter."""
    assert (is_code(typed), tidied(typed)) == (True, CODE)


@pytest.mark.parametrize("typed", ["", CODE[:5], CODE + "2", CODE[:5] + "0", "李" * 6])
def test_no_code(typed: str) -> None:
    """What has another length or other letters is none."""
    assert is_code(typed) is False


def test_points_at() -> None:
    """A place that is none of the survey's has no points."""
    survey = Survey((Spot("a", 3),))

    assert (survey.points_at("a"), survey.points_at("b")) == (3, 0)
