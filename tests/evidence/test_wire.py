"""Does every message survive the wire, and does a reader of today understand a writer of tomorrow?"""

from __future__ import annotations

import re

import msgspec
import pytest

from evidence.errors import Malformed
from evidence.model import Blob, Conditions, Failure, Json, Reading, Report
from evidence.scan import STATES, AskedBy, Cancellation, Progress, Scan, Task
from evidence.seal import CANCELLATION, ENROLLED, ENROLMENT, RECEIPT, REPORT, SCAN, open_sealed, seal
from evidence.wire import Enrolled, Enrolment, Receipt
from tests.evidence.samples import AGENT, CONDITIONS, find, plain, report, signed_by_hand, spelled

FULL = report(
    2,
    "ab" * 32,
    settings={"services": [["a.test", 443]], "deep": {"on": True, "off": None}},
    readings=(
        Reading("desk.speed", "bit/s", "eth0", value=10**9, facts={"driver": "e1000e", "mtu": 1500}),
        Reading("wan.in", "octet", "wan", value=str(2**64 - 1)),
        Reading("desk.duplex", "state", "eth0", value="full"),
        Reading("egress.down", "bit/s", at_least=1, at_most=2),
    ),
    conditions=Conditions("campusproof 0.1.0", 1, 2, 3, 4, "boot", "eth0", "e1000e", 10**9, 50_000),
    scan="5c",
    place="main/教学楼 2/301",
    failure=Failure.TIMED_OUT,
    detail="killed at its deadline 😀",
    blobs=(Blob("walk.bin", "cd" * 32, 6),),
    session="s1",
)
ORDER = Scan("5c", "demo", ("a", "b"), (Task("desk"), Task("ipv6", {"lab": ["2001:db8::/32"]})), 1, 2, AskedBy.DRAW, 3)
MESSAGES: dict[str, tuple[str, msgspec.Struct]] = {
    "report": (REPORT, report()),
    "report with everything": (REPORT, FULL),
    "scan": (SCAN, ORDER),
    "cancellation": (CANCELLATION, Cancellation("5c", "demo", 4)),
    "receipt": (RECEIPT, Receipt("ab" * 32, "cd" * 32, 7, 5)),
    "enrolment": (ENROLMENT, Enrolment("secret", "ef" * 32, "campusproof 0.1.0")),
    "enrolled": (ENROLLED, Enrolled("cd" * 32, "demo", "示例学校", "main/301", "secret")),
}
EACH = pytest.mark.parametrize(("kind", "message"), MESSAGES.values(), ids=MESSAGES.keys())


@EACH
def test_a_message_comes_back(kind: str, message: msgspec.Struct) -> None:
    """Sealed, opened and read, a message is equal to what was sent."""
    assert open_sealed(seal(kind, message, AGENT), find).body(kind, type(message)) == message


@EACH
def test_a_field_of_a_later_version(kind: str, message: msgspec.Struct) -> None:
    """A field that this release does not know is ignored in a payload, and the rest is read."""
    later = signed_by_hand(spelled({**plain(message), "added_later": [1]}), kind)

    assert open_sealed(later, find).body(kind, type(message)) == message


@EACH
def test_every_required_field_is_missed(kind: str, message: msgspec.Struct) -> None:
    """A payload without a field that has no default is refused, and the refusal names it."""
    required = [field.name for field in msgspec.structs.fields(message) if field.required]
    refused = []
    for name in required:
        less = {key: value for key, value in plain(message).items() if key != name}
        with pytest.raises(Malformed) as why:
            open_sealed(signed_by_hand(spelled(less), kind), find).body(kind, type(message))
        refused.append(re.findall("`(.+?)`", str(why.value))[0])

    assert refused == required


WRONG: dict[str, dict[str, Json]] = {
    "sequence as text": {"sequence": "1"},
    "sequence as true": {"sequence": True},
    "sequence null": {"sequence": None},
    "sequence zero": {"sequence": 0},
    "a past before the first": {"previous": "ab"},
    "no past after the first": {"sequence": 2},
    "failure that is not listed": {"failure": "tired"},
    "readings not an array": {"readings": {}},
    "reading without a unit": {"readings": [{"quantity": "a.b", "value": 1}]},
    "reading that says nothing": {"readings": [{"quantity": "a.b", "unit": "count"}]},
    "reading upside down": {"readings": [{"quantity": "a.b", "unit": "count", "at_least": 2, "at_most": 1}]},
    "reading true": {"readings": [{"quantity": "a.b", "unit": "count", "value": True}]},
    "reading of 5000 digits": {"readings": [{"quantity": "a.b", "unit": "count", "value": "9" * 5000}]},
    "interval of text": {"readings": [{"quantity": "a.b", "unit": "count", "at_least": "1"}]},
    "a fact that is a list": {"readings": [{"quantity": "a.b", "unit": "count", "value": 1, "facts": {"x": []}}]},
    "settings not an object": {"settings": []},
    "conditions empty": {"conditions": {}},
    "blob without a size": {"blobs": [{"name": "a", "sha256": "b"}]},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG.keys())
def test_a_report_that_is_signed_and_wrong(fields: dict[str, Json]) -> None:
    """A good signature does not help a payload that is not a report; the refusal names the field."""
    opened = open_sealed(signed_by_hand(spelled({**plain(report()), **fields})), find)

    with pytest.raises(Malformed, match=r"^malformed: payload: "):
        opened.body(REPORT, Report)


@pytest.mark.parametrize("payload", [b"[]", b"1", b"null", b'"report"'], ids=bytes.decode)
def test_a_payload_that_is_no_object(payload: bytes) -> None:
    """Every message is an object."""
    with pytest.raises(Malformed, match="object"):
        open_sealed(signed_by_hand(payload), find).body(REPORT, Report)


def test_the_settings_that_were_ordered() -> None:
    """An order gives the settings of each probe that it names, and None for others."""
    assert [ORDER.settings_of(probe) for probe in ("desk", "ipv6", "metro")] == [{}, {"lab": ["2001:db8::/32"]}, None]


def test_an_order_for_now_does_not_say_when() -> None:
    """`start_unix_us` is left out where an order may start at once."""
    assert "start_unix_us" not in plain(msgspec.structs.replace(ORDER, start_unix_us=0))


def test_who_may_order() -> None:
    """The list is part of the contract."""
    assert " ".join(AskedBy) == "school_admin evaluator draw clock"


def test_states_of_progress() -> None:
    """Progress is told in one of these words."""
    assert " ".join(STATES) == "waiting running sealed stored expired cancelled refused"


def test_progress_is_plain_json() -> None:
    """Progress is not sealed: it informs and proves nothing."""
    said = msgspec.json.encode(Progress("desk", "sealed", "timed_out"))

    assert msgspec.json.decode(said, type=Progress) == Progress("desk", "sealed", "timed_out")


def test_conditions_without_a_port() -> None:
    """What a box does not know of itself is left out, not sent as zero."""
    assert sorted(plain(CONDITIONS)) == [
        "ended_monotonic_us",
        "ended_unix_us",
        "software",
        "started_monotonic_us",
        "started_unix_us",
    ]
