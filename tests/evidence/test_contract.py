"""Does docs/evidence-v1.md describe the code that is there? Every field, list, limit and status of it is compared."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec
import pytest

from collector.app import STATUS
from collector.intake import LARGEST_RAW
from collector.routes.scans import LONGEST_WAIT_S
from evidence import seal
from evidence.errors import LONGEST_DETAIL
from evidence.model import LARGEST_COUNTER, Blob, Conditions, Failure, Reading, Report, Unit
from evidence.scan import STATES, AskedBy, Cancellation, Progress, Scan
from evidence.seal import DEEPEST, LARGEST_ENVELOPE, Envelope, Signature
from evidence.wire import Enrolled, Enrolment, Receipt
from tests.evidence.contract import TEXT, fields, rows, section

TABLES: dict[str, list[type[msgspec.Struct]]] = {
    "5. Report": [Report],
    "5.1 Conditions": [Conditions],
    "7. Raw evidence": [Blob],
    "8. Orders": [Scan, Cancellation],
    "9. Enrolment": [Enrolment, Enrolled],
    "10. Receipt": [Receipt],
}


@pytest.mark.parametrize(("heading", "kinds"), TABLES.items(), ids=TABLES.keys())
def test_every_field_is_described(heading: str, kinds: list[type[msgspec.Struct]]) -> None:
    """A section's tables name the fields of its messages, all of them and no others."""
    assert fields(section(heading)) == {field.name for kind in kinds for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize(("heading", "kinds"), TABLES.items(), ids=TABLES.keys())
def test_optional_fields_are_marked(heading: str, kinds: list[type[msgspec.Struct]]) -> None:
    """A field is marked optional exactly if the code has a default for it."""
    marked = {name for row in rows(section(heading)) if "optional" in row[1] for name in re.findall("`(.+?)`", row[0])}

    assert marked == {field.name for kind in kinds for field in msgspec.structs.fields(kind) if not field.required}


def test_every_field_of_a_reading_is_described() -> None:
    """Section 5.2 has one table of fields and one of units."""
    named = {field.name for field in msgspec.structs.fields(Reading)}

    assert fields(section("5.2 Readings")) == named | set(Unit)


def test_every_member_of_an_envelope_is_described() -> None:
    """Section 4 names the members of an envelope and its signature, and all payload types."""
    members = {field.name for field in msgspec.structs.fields(Envelope)}
    signature = {f"signatures[0].{field.name}" for field in msgspec.structs.fields(Signature)}
    types = {value for value in vars(seal).values() if isinstance(value, str) and value.startswith("application/vnd.")}

    assert fields(section("4. Envelope")) == members | signature | types


def test_every_failure_is_described() -> None:
    """Section 5.3 is the closed list."""
    assert fields(section("5.3 Failures")) == {"failure", *Failure}


@pytest.mark.parametrize("words", [list(AskedBy), list(STATES)], ids=["asked_by", "progress"])
def test_every_word_is_in_its_list(words: list[StrEnum | str]) -> None:
    """Section 8 spells the words of the closed lists."""
    assert [word for word in words if f"`{word}`" not in section("8. Orders")] == []


def test_every_field_of_progress_is_described() -> None:
    """Progress is described in a sentence, not in a table."""
    said = section("8. Orders").split("**Progress**")[1]

    assert [field.name for field in msgspec.structs.fields(Progress) if f"`{field.name}` (" not in said] == []


def test_every_code_has_its_status() -> None:
    """The table of refusals is the one that the collector answers with."""
    told = {row[0].strip("`"): row[1] for row in rows(section("11. HTTP")) if row[1].isdigit() and row[0][0] == "`"}

    assert told == {kind.code: str(status) for kind, status in STATUS.items()}


LIMITS = {
    "envelope": f"at most {LARGEST_ENVELOPE} octets",
    "envelope on the way": f"| envelope, inflated | {LARGEST_ENVELOPE} |",
    "raw evidence": f"| raw evidence, inflated | {LARGEST_RAW} |",
    "nesting": f"no value is deeper than level {DEEPEST}",
    "counter": f"up to `{LARGEST_COUNTER}`",
    "detail": f"at most {LONGEST_DETAIL} characters, and may",
    "waiting": f"wait_s=<0-{LONGEST_WAIT_S}>",
    "window": f"a window of at most {8 * 1024 * 1024} octets",
}


@pytest.mark.parametrize("sentence", LIMITS.values(), ids=LIMITS.keys())
def test_every_limit_is_told(sentence: str) -> None:
    """A limit in the document is the limit in the code."""
    assert sentence in TEXT
