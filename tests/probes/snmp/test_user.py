"""Which messages does a user's session take, and which requests does it write?"""

from __future__ import annotations

import pytest

from evidence.model import Unmeasurable
from probes._snmp import ber
from probes._snmp.exchange import Kind, Oid, Pdu, Priv, Reply, User
from probes._snmp.keys import keys_for
from probes._snmp.report import Report
from probes._snmp.user import SIGNED, Clock, UserSession, _taken_apart, put_together
from tests.probes.snmp.conftest import user

USER: User = user(priv=None)
NUMBER, NOTHING = 4711, b"\x04\x00"
ENGINE_ID, OTHER_ID = bytes.fromhex("8000000001020304"), bytes.fromhex("8000000001020305")
USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
NOT_IN_TIME, UNKNOWN_USERS, UNKNOWN_ENGINES, WRONG_DIGESTS = ((*USM_STATS, last, 0) for last in (2, 3, 4, 5))
REPLY = ber.element(0xA2, ber.integer(NUMBER) + ber.integer(0) * 2 + ber.element(ber.SEQUENCE, b""))


def report(counter: Oid) -> bytes:
    """A report PDU."""
    one = ber.element(ber.SEQUENCE, ber.name(counter) + ber.element(0x41, b"\x01"))
    return ber.element(0xA8, ber.integer(0) * 3 + ber.element(ber.SEQUENCE, one))


def message(
    pdu: bytes, signed: bool, engine_id: bytes = ENGINE_ID, context_id: bytes = ENGINE_ID, number: int = NUMBER,
    context: bytes = b"", name: str = USER.user, clock: tuple[int, int] = (5, 1000),
) -> bytes:  # fmt: skip
    """A message of an engine that knows the keys."""
    scoped = ber.element(ber.SEQUENCE, ber.element(4, context_id) + ber.element(4, context) + pdu)
    head = ber.element(4, engine_id) + ber.integer(clock[0]) + ber.integer(clock[1]) + ber.element(4, name.encode())
    if not signed:
        return put_together(number, 0, head + NOTHING * 2, scoped)
    keys = keys_for(USER, engine_id)
    blank = put_together(number, SIGNED, head + ber.element(4, bytes(keys.digest_octets)) + NOTHING, scoped)
    return put_together(number, SIGNED, head + ber.element(4, keys.digest(blank)) + NOTHING, scoped)


def opened() -> UserSession:
    """A session that has asked for its engine's ID."""
    session = UserSession(USER)
    session.unwrapped(message(report(UNKNOWN_ENGINES), signed=False), NUMBER)
    return session


def test_a_signed_reply_is_taken() -> None:
    """The rule from which the cases below each take one thing away."""
    assert opened().unwrapped(message(REPLY, signed=True), NUMBER) == Reply(0, 0, ())


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        pytest.param(message(REPLY, signed=False), "less protected", id="unsigned reply"),
        pytest.param(message(REPLY, signed=True, number=1), "another request", id="another number"),
        pytest.param(message(REPLY, signed=True, engine_id=OTHER_ID), "another engine", id="another engine"),
        pytest.param(
            message(REPLY, signed=True, context_id=OTHER_ID), "another context", id="another engine's context"
        ),
        pytest.param(message(REPLY, signed=True, context=b"vrf"), "another context", id="another context"),
        pytest.param(message(REPLY, signed=True, name="root"), "another user", id="another user"),
        pytest.param(message(REPLY, signed=True)[:-1] + b"\x01", "digest|malformed", id="last octet changed"),
        pytest.param(
            message(report(UNKNOWN_USERS), signed=False, engine_id=OTHER_ID),
            "another engine",
            id="report of another engine",
        ),
        pytest.param(
            message(report(UNKNOWN_USERS), signed=False, number=1), "another request", id="report to another message"
        ),
    ],
)
def test_what_is_dropped(octets: bytes, words: str) -> None:
    """A message with one thing wrong in it is dropped, and the reason says which."""
    with pytest.raises(Unmeasurable, match=words):
        opened().unwrapped(octets, NUMBER)


@pytest.mark.parametrize(("signed", "counter"), [(True, NOT_IN_TIME), (False, NOT_IN_TIME), (False, WRONG_DIGESTS)])
def test_reports_are_told_apart(signed: bool, counter: Oid) -> None:
    """A report is never a reply, and says whether it was signed."""
    answer = opened().unwrapped(message(report(counter), signed), NUMBER)

    assert isinstance(answer, Report)
    assert answer.signed is signed


@pytest.mark.parametrize("engine_id", [b"", b"1234", b"x" * 33])
def test_engine_ids_of_a_wrong_length(engine_id: bytes) -> None:
    """An engine's ID has 5 to 32 octets, RFC 3411; with another the session does not open."""
    with pytest.raises(Unmeasurable, match="engine ID"):
        UserSession(USER).unwrapped(message(report(UNKNOWN_ENGINES), signed=False, engine_id=engine_id), NUMBER)


def test_only_signed_messages_set_the_clock() -> None:
    """RFC 3414 section 3.2 step 7b: an unsigned report with a time changes nothing; a signed message does."""
    session = opened()
    session.unwrapped(message(report(NOT_IN_TIME), signed=False, clock=(9, 9)), NUMBER)
    before = _taken_apart(session.wrapped(Pdu(Kind.GET, ()), NUMBER), NUMBER)
    session.unwrapped(message(report(NOT_IN_TIME), signed=True, clock=(7, 70)), NUMBER)
    after = _taken_apart(session.wrapped(Pdu(Kind.GET, ()), NUMBER), NUMBER)

    assert [(one.boots, one.time_s) for one in (before, after)] == [(5, 1000), (7, 70)]


@pytest.mark.parametrize(
    ("boots", "time_s", "words"),
    [
        pytest.param(4, 1000, "restart", id="fewer restarts"),
        pytest.param(5, 849, "time window", id="151 s ago"),
        pytest.param(5, 850, None, id="150 s ago"),
        pytest.param(5, 9999, None, id="later"),
        pytest.param(6, 0, None, id="restarted since"),
        pytest.param(-1, 0, "engine time", id="below zero"),
    ],
)
def test_the_time_window(boots: int, time_s: int, words: str | None) -> None:
    """A signed message of the past is dropped; one that is late by up to 150 s, or of the future, is taken."""
    clock = Clock()
    clock.check(5, 1000)
    if words is None:
        clock.check(boots, time_s)
        return
    with pytest.raises(Unmeasurable, match=words):
        clock.check(boots, time_s)


@pytest.mark.parametrize("priv", list(Priv))
def test_no_salt_is_used_twice(priv: Priv) -> None:
    """Each message, a repeat too, is hidden with a salt of its own."""
    session = UserSession(user(priv=priv))
    session.unwrapped(message(report(UNKNOWN_ENGINES), signed=False), NUMBER)
    sent = [_taken_apart(session.wrapped(Pdu(Kind.GET, ()), NUMBER), NUMBER) for _ in range(50)]

    assert len({one.salt for one in sent}) == 50


def test_secrets_are_in_no_text() -> None:
    """What a credential or its keys look like in a log tells no secret."""
    text = repr(USER) + repr(keys_for(user(), ENGINE_ID))

    assert USER.auth_key not in text
    assert keys_for(user(), ENGINE_ID).cipher.hex() not in text
    assert "auth=" not in repr(keys_for(user(), ENGINE_ID))
