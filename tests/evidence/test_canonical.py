"""Has a value one spelling, and is it the one of RFC 8785?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import Malformed
from evidence.model import Json
from evidence.seal import DEEPEST, canonical, open_sealed
from tests.evidence.samples import find, report, signed_by_hand

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "jcs"
LARGEST = 2**53 - 1
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=0x7F))
PROFILE = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=30)


@settings(deadline=None)
@given(PROFILE)
def test_the_profile_agrees_with_another_library(value: Json) -> None:
    """On everything that the profile admits, our bytes are those of an independent RFC 8785 library."""
    assert canonical(value) == rfc8785.dumps(value)


@settings(deadline=None)
@given(PROFILE)
def test_the_spelling_reads_back(value: Json) -> None:
    """Nothing is lost in the signed form."""
    assert json.loads(canonical(value)) == value


def vector(name: str) -> tuple[Json, bytes]:
    """A public RFC 8785 vector: the input as JSON, and the expected bytes."""
    if not VECTORS.is_dir():
        pytest.skip("the public RFC 8785 vectors are not beside the repository (../shared/vectors/jcs)")
    given_json = json.loads((VECTORS / "input" / f"{name}.json").read_bytes())
    return given_json, bytes.fromhex((VECTORS / "outhex" / f"{name}.txt").read_text("ascii"))


@pytest.mark.parametrize("name", ["arrays", "unicode"])
def test_a_public_vector_inside_the_profile(name: str) -> None:
    """Inside the profile the expected bytes of RFC 8785's own vectors come out, without Unicode normalisation."""
    value, expected = vector(name)

    assert canonical(value) == expected


OUTSIDE = {"french": "key", "structures": "float", "values": "float", "weird": "key"}


@pytest.mark.parametrize(("name", "why"), OUTSIDE.items(), ids=OUTSIDE.keys())
def test_a_public_vector_outside_the_profile(name: str, why: str) -> None:
    """Floats and keys outside ASCII, where libraries disagree, are refused and not guessed at."""
    value, _ = vector(name)

    with pytest.raises(Malformed, match=why):
        canonical(value)


NO_SPELLING: dict[str, tuple[Json, str]] = {
    "NaN": (float("nan"), "float"),
    "infinity": (float("inf"), "float"),
    "float without a fraction": (1.0, "float"),
    "minus zero": (-0.0, "float"),
    "2^53": (2**53, "53 bits"),
    "-2^53": (-(2**53), "53 bits"),
    "lone surrogate": ("\ud800", "Unicode"),
    "key that is a number": ({1: "a"}, "key 1"),
    "key outside ASCII": ({"é": 1}, "key"),
    "lone surrogate in a key": ({"\ud800": 1}, "key"),
    "bytes": (b"a", "bytes"),
    "a float deep inside": ({"a": [{"b": (1, 2.5)}]}, "float 2.5"),
}


@pytest.mark.parametrize(("value", "why"), NO_SPELLING.values(), ids=NO_SPELLING.keys())
def test_a_value_without_a_spelling(value: Json, why: str) -> None:
    """What two JSON libraries may spell in two ways is never signed, and the refusal says what it was."""
    with pytest.raises(Malformed, match=why):
        canonical(value)


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, True, None, "", [], {}, "\u2028\x7f\u0000"], ids=repr)
def test_a_value_at_the_edge(value: Json) -> None:
    """The largest integers, the empty values and odd characters are inside."""
    assert canonical(value) == rfc8785.dumps(value)


def nested(levels: int) -> Json:
    """An integer inside so many arrays."""
    return json.loads("[" * levels + "1" + "]" * levels)


def test_nesting_up_to_the_limit() -> None:
    """So many levels and no more: readers with small stacks are safe."""
    assert canonical(nested(DEEPEST)).count(b"[") == DEEPEST


def test_nesting_beyond_the_limit() -> None:
    """One level more is refused."""
    with pytest.raises(Malformed, match="nested deeper than 32"):
        canonical(nested(DEEPEST + 1))


def test_a_report_cannot_smuggle_a_float() -> None:
    """The profile holds for what a report carries in its open fields, too."""
    with pytest.raises(Malformed, match=r"float 0\.5"):
        canonical(report(settings={"timeout_s": 0.5}))


SPELLINGS = {
    "space after a colon": b'{"a": 1}',
    "line feed at the end": b'{"a":1}\n',
    "keys out of order": b'{"b":1,"a":1}',
    "key twice": b'{"a":1,"a":2}',
    "key twice, the same value": b'{"a":1,"a":1}',
    "escape that is not needed": b'{"a":"\\u0041"}',
    "escaped solidus": b'{"a":"\\/"}',
    "upper-case escape": b'{"a":"\\u001F"}',
    "escaped outside ASCII": b'{"a":"\\u4e2d"}',
    "lone surrogate": b'{"a":"\\ud800"}',
    "lone surrogate, raw": b'{"a":"\xed\xa0\x80"}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "not UTF-8": b'{"a":"\xff"}',
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "UTF-16": '{"a":1}'.encode("utf-16-le"),
    "float": b'{"a":1.0}',
    "exponent": b'{"a":1e3}',
    "minus zero": b'{"a":-0}',
    "NaN": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "2^53": b'{"a":9007199254740992}',
    "integer of 5000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "leading zero": b'{"a":01}',
    "comma too many": b'{"a":1,}',
    "comment": b'{"a":1}//',
    "two values": b'{"a":1}{}',
    "33 levels": b"[" * 33 + b"1" + b"]" * 33,
    "a million levels": b"[" * 1_000_000,
    "nothing": b"",
    "one half": b'{"a":',
    "text": b"report",
}


@pytest.mark.parametrize("payload", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_payload_in_another_spelling(payload: bytes) -> None:
    """Signed or not, a payload that is not in canonical form is refused: no second reading of the same bytes exists."""
    opened = open_sealed(signed_by_hand(payload), find)

    with pytest.raises(Malformed, match=r"^malformed: "):
        opened.body(opened.payload_type, type(report()))


@pytest.mark.parametrize("envelope", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_an_envelope_in_another_spelling(envelope: bytes) -> None:
    """The same holds for the envelope itself."""
    with pytest.raises(Malformed, match=r"^malformed: "):
        open_sealed(envelope, find)
