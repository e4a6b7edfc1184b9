"""
Does a reply count that the switch did not send?

Somebody sits between us and a real snmpd who sees every message of SNMP v3 and has no key. Whatever he sends, no value of his
is ever returned, by either backend; and where the true reply comes as well, ours finds it.
"""

from __future__ import annotations

import time

import pytest

from evidence.model import Failure, Unmeasurable
from probes._snmp import ber
from probes._snmp.backends import Name
from probes._snmp.exchange import Community, Credentials, Exchange, Kind, Oid, Pdu, Target
from probes._snmp.user import _taken_apart, put_together
from tests.probes.snmp.conftest import COMMUNITY, NAME, SYS_NAME, asked, user, with_exchange
from tests.probes.snmp.wire import Answers, Change, Path, between

FORGED = b"somebody-elses-one"
CLEAR, HIDDEN = user(priv=None), user()
WRONG_DIGESTS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1, 5, 0)
TIMEOUT_S = 0.3


def is_discovery(path: Path) -> bool:
    """Whether the last exchange was the question for the engine's ID, which nothing protects."""
    return not path.requests[-1][_flags_at(path.requests[-1])] & 1


def _flags_at(message: bytes) -> int:
    """Where a message of ours has its flags: behind version, number and size."""
    at, stop = ber.expect(message, 0, len(message), ber.SEQUENCE)
    _, at = ber.number(message, at, stop)
    at, stop = ber.expect(message, at, stop, ber.SEQUENCE)
    _, at = ber.number(message, at, stop)
    _, at = ber.number(message, at, stop)
    return at + 2


def _message_id(message: bytes) -> int:
    """The number of a message."""
    at, stop = ber.expect(message, 0, len(message), ber.SEQUENCE)
    _, at = ber.number(message, at, stop)
    at, stop = ber.expect(message, at, stop, ber.SEQUENCE)
    return ber.number(message, at, stop)[0]


def value_edited(path: Path) -> bytes:
    """The name in the clear, and another in its place."""
    assert NAME in path.replies[-1]
    return path.replies[-1].replace(NAME, FORGED)


def last_bit_flipped(path: Path) -> bytes:
    """The last octet of what is hidden."""
    return path.replies[-1][:-1] + bytes((path.replies[-1][-1] ^ 1,))


def digest_cut_off(path: Path) -> bytes:
    """A digest of no octets, which an empty one must not match."""
    return _rewritten(path, 1, pdu=_forged_pdu(path), digest=b"")


def flags_cleared(path: Path) -> bytes:
    """The forged value in a message that claims no protection."""
    return _rewritten(path, 0, pdu=_forged_pdu(path), digest=b"")


def privacy_flag_cleared(path: Path) -> bytes:
    """The forged value in the clear, under the digest of the true message."""
    return _rewritten(path, 1, pdu=_forged_pdu(path))


def another_engine(path: Path) -> bytes:
    """The true reply with one octet of the engine's ID changed, both times that it stands there in the clear."""
    engine_id = _taken_apart(path.replies[-1], _message_id(path.requests[-1])).engine_id
    return path.replies[-1].replace(engine_id, engine_id[:-1] + bytes((engine_id[-1] ^ 1,)))


def engine_time_put_back(path: Path) -> bytes:
    """A time of hours ago, as a replayed message has it."""
    return _rewritten(path, path.replies[-1][_flags_at(path.replies[-1])], boots=0)


def replayed(path: Path) -> bytes:
    """The first signed reply of all, again."""
    return next(octets for octets in path.replies if octets[_flags_at(octets)] & 1)


def a_report(path: Path) -> bytes:
    """That our digest was wrong: a report is never signed."""
    return _rewritten(path, 0, pdu=_report_pdu(path), digest=b"")


def _rewritten(
    path: Path, flags: int, pdu: bytes | None = None, digest: bytes | None = None, boots: int | None = None
) -> bytes:
    """The last reply with some of its parts replaced."""
    octets, number = path.replies[-1], _message_id(path.requests[-1])
    true = _taken_apart(octets, _message_id(octets))
    engine = ber.element(ber.OCTETS, true.engine_id)
    data = octets[true.data_at : true.stop]
    if pdu is not None:
        data = ber.element(ber.SEQUENCE, engine + ber.element(ber.OCTETS, b"") + pdu)
    digest = octets[true.digest_at : true.digest_stop] if digest is None else digest
    security = engine + ber.integer(true.boots if boots is None else boots) + ber.integer(true.time_s)
    security += b"".join(ber.element(ber.OCTETS, part) for part in (true.user, digest, true.salt))
    return put_together(number, flags, security, data)


def _forged_pdu(path: Path) -> bytes:
    """A reply with another name; our requests use the message's number, so it is known to whoever sees one."""
    binding = ber.element(ber.SEQUENCE, ber.name(SYS_NAME) + ber.element(ber.OCTETS, FORGED))
    number = ber.integer(_message_id(path.requests[-1]))
    return ber.element(0xA2, number + ber.integer(0) * 2 + ber.element(ber.SEQUENCE, binding))


def _report_pdu(path: Path) -> bytes:
    """A report that our digest was wrong."""
    binding = ber.element(ber.SEQUENCE, ber.name(WRONG_DIGESTS) + ber.element(0x41, b"\x01"))
    number = ber.integer(_message_id(path.requests[-1]))
    return ber.element(0xA8, number + ber.integer(0) * 2 + ber.element(ber.SEQUENCE, binding))


def instead(forge: object) -> Change:
    """Only the forged reply arrives."""

    def change(path: Path) -> Answers:
        return [(0, path.replies[-1] if is_discovery(path) else forge(path))]  # type: ignore[operator]

    return change


def before(forge: object) -> Change:
    """The forged reply arrives first, and then the true one."""

    def change(path: Path) -> Answers:
        true = path.replies[-1]
        return [(0, true)] if is_discovery(path) else [(0, forge(path)), (0.05, true)]  # type: ignore[operator]

    return change


FORGERIES = [
    pytest.param(CLEAR, value_edited, id="authNoPriv: value edited"),
    pytest.param(CLEAR, flags_cleared, id="authNoPriv: flags cleared"),
    pytest.param(CLEAR, digest_cut_off, id="authNoPriv: empty digest"),
    pytest.param(CLEAR, another_engine, id="authNoPriv: another engine"),
    pytest.param(CLEAR, engine_time_put_back, id="authNoPriv: time put back"),
    pytest.param(CLEAR, a_report, id="authNoPriv: report"),
    pytest.param(HIDDEN, last_bit_flipped, id="authPriv: bit flipped"),
    pytest.param(HIDDEN, flags_cleared, id="authPriv: flags cleared"),
    pytest.param(HIDDEN, privacy_flag_cleared, id="authPriv: privacy flag cleared"),
    pytest.param(HIDDEN, digest_cut_off, id="authPriv: empty digest"),
    pytest.param(HIDDEN, another_engine, id="authPriv: another engine"),
    pytest.param(HIDDEN, engine_time_put_back, id="authPriv: time put back"),
    pytest.param(HIDDEN, a_report, id="authPriv: report"),
]


@pytest.mark.parametrize("name", list(Name))
@pytest.mark.parametrize(("credentials", "forge"), FORGERIES)
def test_a_forged_reply_brings_nothing(agent: int, name: Name, credentials: Credentials, forge: object) -> None:
    """Where only a forged reply arrives, there is no reply; not even one that says "there is nothing"."""
    with between(agent, instead(forge)) as path, pytest.raises(Unmeasurable):
        asked(name, path.port, credentials, timeout_s=TIMEOUT_S)


@pytest.mark.parametrize(("credentials", "forge"), FORGERIES)
def test_a_forged_reply_stops_nothing(agent: int, credentials: Credentials, forge: object) -> None:
    """Whoever can only add replies cannot keep ours from the true one behind them, not with a report either."""
    with between(agent, before(forge)) as path:
        reply = asked(Name.OWN, path.port, credentials, timeout_s=TIMEOUT_S)

    assert reply.varbinds == ((SYS_NAME, NAME),)


@pytest.mark.parametrize("credentials", [CLEAR, HIDDEN])
@pytest.mark.parametrize("name", list(Name))
def test_a_replayed_reply_brings_nothing(agent: int, name: Name, credentials: Credentials) -> None:
    """What the agent signed for the first request is no reply to the second."""
    pdu = Pdu(Kind.GET, (SYS_NAME,))

    async def twice(exchange: Exchange) -> str:
        assert (await exchange.request(pdu)).varbinds == ((SYS_NAME, NAME),)
        try:
            await exchange.request(pdu)
        except Unmeasurable:
            return "nothing"
        return "a reply"

    with between(agent, instead(replayed)) as path:
        target = Target("127.0.0.1", path.port, TIMEOUT_S, 0)
        assert with_exchange(name, target, credentials, twice) == "nothing"


def test_it_is_told_that_replies_were_dropped(agent: int) -> None:
    """Silence and forged replies are different failures, and the detail names what was wrong."""
    with between(agent, instead(value_edited)) as path, pytest.raises(Unmeasurable, match="2 x wrong digest") as why:
        asked(Name.OWN, path.port, CLEAR, timeout_s=TIMEOUT_S, retries=1)

    assert why.value.failure is Failure.UNREADABLE


def test_a_report_ends_a_request_without_a_second_login(agent: int) -> None:
    """A login that the agent rejects is not tried again: three of them may lock an account."""
    with between(agent, instead(a_report)) as path:
        with pytest.raises(Unmeasurable) as why:
            asked(Name.OWN, path.port, CLEAR, timeout_s=TIMEOUT_S, retries=3)
        signed = [octets for octets in path.requests if octets[_flags_at(octets)] & 1]

    assert (why.value.failure, len(signed)) == (Failure.LOGIN_REJECTED, 1)


@pytest.mark.parametrize("name", list(Name))
def test_v2c_is_believed(agent: int, name: Name) -> None:
    """The test can fail: with a community alone, an edited value is taken, which is why SNMP v3 is proposed."""
    with between(agent, lambda path: [(0, value_edited(path))]) as path:
        assert asked(name, path.port, Community(COMMUNITY)).varbinds == ((SYS_NAME, FORGED),)


def test_a_wrong_clock_is_set_by_a_signed_report(agent: int) -> None:
    """An engine's time that was forged while asking for its ID costs one more request, and no more."""

    def lied(path: Path) -> Answers:
        if not is_discovery(path):
            return [(0, path.replies[-1])]
        true = _taken_apart(path.replies[-1], _message_id(path.replies[-1]))
        return [(0, _rewritten(path, 0, boots=true.boots + 7))]

    started = time.monotonic()
    with between(agent, lied) as path:
        reply = asked(Name.OWN, path.port, HIDDEN, timeout_s=2)

    assert (reply.varbinds, len(path.requests), time.monotonic() - started < 2) == (((SYS_NAME, NAME),), 3, True)
