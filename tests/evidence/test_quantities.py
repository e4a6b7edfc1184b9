"""Is the table of quantities whole, and can a person read all of it?"""

from __future__ import annotations

import re

import pytest

from evidence import quantities
from evidence.model import Quantity, Unit
from evidence.quantities import ALL
from evidence.spelled import COUNTED, STATES

DECLARED = [value for value in vars(quantities).values() if isinstance(value, Quantity)]
EACH = pytest.mark.parametrize("quantity", DECLARED, ids=lambda quantity: quantity.name)


def test_no_name_twice() -> None:
    """A name means one quantity: two under one name would leave one of them out of the table."""
    assert len({quantity.name for quantity in DECLARED}) == len(DECLARED) == len(ALL)


@EACH
def test_a_name_is_dotted_and_lower_case(quantity: Quantity) -> None:
    """Names are `what.of_what`, ASCII, so that frameworks and pages can hold them as they are."""
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", quantity.name)


@EACH
def test_both_languages_have_a_sentence(quantity: Quantity) -> None:
    """Every quantity says what it is in Chinese and in English."""
    assert re.search(r"[\u4e00-\u9fff]", quantity.zh)
    assert re.search("[A-Za-z]{3}", quantity.en)


@EACH
def test_states_and_only_states_are_listed(quantity: Quantity) -> None:
    """A quantity lists states exactly if its unit is `state`, and no state twice."""
    assert bool(quantity.states) == (quantity.unit is Unit.STATE)
    assert len(set(quantity.states)) == len(quantity.states)


@EACH
def test_every_state_has_its_words(quantity: Quantity) -> None:
    """A person reads a state in words of both languages, never the bare word of the wire."""
    assert set(quantity.states) <= set(STATES)


@EACH
def test_no_state_looks_like_a_number(quantity: Quantity) -> None:
    """A state of digits only would be taken for a Counter64."""
    assert not [state for state in quantity.states if state.isdigit()]


CONVERTED = {Unit.BIT_S, Unit.PPM, Unit.MICROSECOND, Unit.MBM}


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit is not Unit.STATE], ids=str)
def test_every_unit_is_spelled(unit: Unit) -> None:
    """Every unit of numbers is either converted or has its words: none falls through to its bare name by accident."""
    assert (unit in CONVERTED) != (unit in COUNTED)
