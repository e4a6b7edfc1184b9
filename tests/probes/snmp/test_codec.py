"""Is what we write read by others as meant, and what others write by us? And does nothing that is sent to us do harm?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]
from pysnmp.proto import api, rfc1902, rfc1905  # type: ignore[import-untyped]

from evidence.model import Failure, Unmeasurable
from probes._snmp import ber
from probes._snmp.community import CommunitySession
from probes._snmp.exchange import Community, Kind, Missing, Oid, Pdu, Value, Version
from probes._snmp.keys import keys_for
from probes._snmp.user import HIDDEN, SIGNED, UserSession, put_together
from tests.probes.snmp.conftest import user

MODULES = {Version.V1: api.PROTOCOL_MODULES[0], Version.V2C: api.PROTOCOL_MODULES[1]}
KINDS = {"GetRequestPDU": Kind.GET, "GetNextRequestPDU": Kind.GETNEXT, "GetBulkRequestPDU": Kind.GETBULK}
NUMBER = 12345
ENGINE_ID = bytes.fromhex("8000000001020304")

parts = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 127, 128, 16383, 16384, 2**21, 2**32 - 1])
oids = st.builds(
    lambda first, rest: (*first, *rest),
    st.tuples(st.integers(0, 1), st.integers(0, 39)) | st.tuples(st.just(2), st.integers(0, 1000)),
    st.lists(parts, min_size=1, max_size=30),
)
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(lambda number: (rfc1902.Integer32(number), number)),
    st.integers(0, 2**32 - 1).map(lambda number: (rfc1902.Counter32(number), number)),
    st.integers(0, 2**32 - 1).map(lambda number: (rfc1902.Gauge32(number), number)),
    st.integers(0, 2**32 - 1).map(lambda number: (rfc1902.TimeTicks(number), number)),
    st.integers(0, 2**64 - 1).map(lambda number: (rfc1902.Counter64(number), number)),
    st.binary(max_size=300).map(lambda octets: (rfc1902.OctetString(octets), octets)),
    st.binary(max_size=300).map(lambda octets: (rfc1902.Opaque(octets), octets)),
    st.binary(min_size=4, max_size=4).map(lambda octets: (rfc1902.IpAddress(octets), octets)),
    oids.map(lambda oid: (rfc1902.ObjectIdentifier(oid), oid)),
    st.just((rfc1905.noSuchObject, Missing.NO_SUCH_OBJECT)),
    st.just((rfc1905.noSuchInstance, Missing.NO_SUCH_INSTANCE)),
    st.just((rfc1905.endOfMibView, Missing.END_OF_MIB_VIEW)),
)


@given(
    st.sampled_from(list(Version)),
    st.sampled_from(list(Kind)),
    st.lists(oids, min_size=1, max_size=12),
    st.integers(0, 60),
    st.integers(0, 2**31 - 1),
    st.text(max_size=40),
)
def test_others_read_our_requests(
    version: Version, kind: Kind, names: list[Oid], repetitions: int, number: int, community: str
) -> None:
    """pysnmp reads version, community, kind, number, repetitions and names as we meant them; v1 knows no GETBULK."""
    pdu = Pdu(kind, tuple(names), repetitions if kind is Kind.GETBULK else 0)
    octets = CommunitySession(Community(community, version)).wrapped(pdu, number)
    module = MODULES[version]
    message, rest = decoder.decode(octets, asn1Spec=module.Message())
    request = module.apiMessage.get_pdu(message)

    sent = pdu.for_v1() if version is Version.V1 else pdu
    assert (bytes(rest), bytes(module.apiMessage.get_community(message))) == (b"", community.encode())
    assert (KINDS[type(request).__name__], int(module.apiPDU.get_request_id(request))) == (sent.kind, number)
    assert [tuple(name) for name, _ in module.apiPDU.get_varbinds(request)] == names
    assert int(request.getComponentByPosition(2)) == sent.max_repetitions


@given(st.lists(st.tuples(oids, values), max_size=30), st.integers(0, 18), st.integers(0, 30))
def test_we_read_the_replies_of_others(rows: list[tuple[Oid, tuple[Any, Value]]], status: int, index: int) -> None:
    """A reply that pysnmp wrote has for us the values, names, status and index that it was written with."""
    module = MODULES[Version.V2C]
    response = module.GetResponsePDU()
    module.apiPDU.set_defaults(response)
    module.apiPDU.set_request_id(response, NUMBER)
    module.apiPDU.set_error_status(response, status)
    module.apiPDU.set_error_index(response, index)
    module.apiPDU.set_varbinds(response, [(rfc1902.ObjectName(oid), theirs) for oid, (theirs, _) in rows])
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, b"public")
    module.apiMessage.set_pdu(message, response)
    reply = CommunitySession(Community("public")).unwrapped(bytes(encoder.encode(message)), NUMBER)

    assert (reply.error_status, reply.error_index) == (status, index)
    assert reply.varbinds == tuple((oid, ours) for oid, (_, ours) in rows)


def a_reply(*bindings: bytes) -> bytes:
    """The PDU of a reply with these bindings."""
    rows = b"".join(ber.element(ber.SEQUENCE, one) for one in bindings)
    return ber.element(0xA2, ber.integer(NUMBER) + ber.integer(0) * 2 + ber.element(ber.SEQUENCE, rows))


def in_v2c(pdu: bytes) -> bytes:
    """The message around it."""
    return ber.element(ber.SEQUENCE, ber.integer(1) + ber.element(ber.OCTETS, b"public") + pdu)


GOOD = a_reply(
    ber.name((1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 5)) + ber.element(ber.OCTETS, b"ge5"),
    ber.name((1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 300)) + ber.element(ber.OCTETS, b"x" * 200),
    ber.name((1, 3, 6, 1, 2, 1, 2, 2, 1, 5, 70_000)) + ber.element(0x46, b"\x01" * 8),
)


def harmless(read: Any) -> None:
    """Reading it gives a reply, or is refused as unreadable; nothing else."""
    failure = None
    try:
        read()
    except Unmeasurable as why:
        failure = why.failure
    assert failure in (None, Failure.UNREADABLE)


def signed(scoped: bytes) -> tuple[UserSession, bytes]:
    """A session that knows its engine, and a message that its engine signed around whatever octets."""
    session, keys = UserSession(user(priv=None)), keys_for(user(priv=None), ENGINE_ID)
    nothing, engine = ber.element(ber.OCTETS, b""), ber.element(ber.OCTETS, ENGINE_ID)
    counter = ber.element(ber.SEQUENCE, ber.name((1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0)) + ber.element(0x41, b"\x01"))
    report = ber.element(0xA8, ber.integer(0) * 3 + ber.element(ber.SEQUENCE, counter))
    opened = ber.element(ber.SEQUENCE, engine + nothing + report)
    session.unwrapped(put_together(NUMBER, 0, engine + ber.integer(1) * 2 + nothing * 3, opened), NUMBER)
    head = engine + ber.integer(1) * 2 + ber.element(ber.OCTETS, user(priv=None).user.encode())

    def with_digest(digest: bytes) -> bytes:
        return put_together(NUMBER, SIGNED, head + ber.element(ber.OCTETS, digest) + nothing, scoped)

    return session, with_digest(keys.digest(with_digest(bytes(keys.digest_octets))))


@given(st.data())
def test_damage_does_no_harm(data: st.DataObject) -> None:
    """Octets changed, cut off or put in anywhere in a reply are a reply or unreadable, for a community and under a signature."""
    octets = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        octets = octets or bytearray(1)
    pdu = bytes(octets)
    harmless(lambda: CommunitySession(Community("public")).unwrapped(in_v2c(pdu), NUMBER))
    session, message = signed(ber.element(ber.SEQUENCE, ber.element(ber.OCTETS, ENGINE_ID) + b"\x04\x00" + pdu))
    harmless(lambda: session.unwrapped(message, NUMBER))


@given(st.binary(max_size=200))
@example(b"\x30\x80" * 30_000)
@example(b"\x30\x84\xff\xff\xff\xff")
@example(b"\x30\xff" + b"\xff" * 127)
@example(in_v2c(a_reply(b"\x06\x82\x03\x00" + b"\x81" * 767 + b"\x01" + b"\x05\x00")))
@example(in_v2c(a_reply(b"\x06\x00\x05\x00")))
@example(in_v2c(a_reply(b"\x06\x06\x2b\x90\x80\x80\x80\x00\x05\x00")))
@example(in_v2c(a_reply(b"\x06\x02\x2b\x86\x05\x00")))
def test_noise_does_no_harm(octets: bytes) -> None:
    """Whatever comes is a reply or unreadable: nothing deep, long or endless does more."""
    harmless(lambda: CommunitySession(Community("public")).unwrapped(octets, NUMBER))
    harmless(lambda: CommunitySession(Community("public")).unwrapped(in_v2c(octets), NUMBER))
    harmless(lambda: UserSession(user()).unwrapped(octets, NUMBER))
    session, message = signed(octets)
    harmless(lambda: session.unwrapped(message, NUMBER))


@given(st.binary(max_size=120), st.integers(0, 7))
def test_noise_in_the_security_parameters_does_no_harm(octets: bytes, flags: int) -> None:
    """The part of a message that is read before its digest is checked bears anything."""
    session, _ = signed(b"")
    for security in (octets, ber.element(ber.OCTETS, ENGINE_ID) + octets):
        harmless(lambda given=security: session.unwrapped(put_together(NUMBER, flags, given, octets), NUMBER))
    head = ber.element(ber.OCTETS, ENGINE_ID) + ber.integer(1) * 2 + ber.element(ber.OCTETS, b"x")
    rest = ber.element(ber.OCTETS, octets) * 2
    harmless(lambda: UserSession(user()).unwrapped(put_together(NUMBER, flags, head + rest, octets), NUMBER))
    harmless(lambda: session.unwrapped(put_together(NUMBER, HIDDEN | SIGNED, head + rest, octets), NUMBER))


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        pytest.param(in_v2c(GOOD)[:-3], "cut short", id="cut short"),
        pytest.param(in_v2c(GOOD).replace(b"public", b"secret"), "another community", id="community"),
        pytest.param(in_v2c(GOOD).replace(b"\x02\x01\x01", b"\x02\x01\x00", 1), "another version", id="version"),
        pytest.param(in_v2c(b"\xa0" + GOOD[1:]), "tag 0xa0", id="a request"),
        pytest.param(in_v2c(a_reply(b"\x06\x03\x2b\x06\x81\x05\x00")), "object name", id="a name without an end"),
        pytest.param(
            in_v2c(a_reply(b"\x06\x02\x2b\x06\x02\x05\x01")), "cut short", id="a value longer than its binding"
        ),
        pytest.param(in_v2c(a_reply(b"\x06\x02\x2b\x06\x02\x01\x01\x00")), "binding", id="something behind a value"),
        pytest.param(
            in_v2c(a_reply(b"\x06\x06\x2b\x90\x80\x80\x80\x00\x05\x00")), "object name", id="a part of 33 bits"
        ),
    ],
)
def test_what_is_refused(octets: bytes, words: str) -> None:
    """What is not a reply to this request is refused, and the reason says why."""
    with pytest.raises(Unmeasurable, match=words):
        CommunitySession(Community("public")).unwrapped(octets, NUMBER)


def test_good_replies_are_taken() -> None:
    """The test can fail: undamaged, the same octets are a reply for a community and under a signature."""
    plain = CommunitySession(Community("public")).unwrapped(in_v2c(GOOD), NUMBER)
    session, message = signed(ber.element(ber.SEQUENCE, ber.element(ber.OCTETS, ENGINE_ID) + b"\x04\x00" + GOOD))

    assert plain == session.unwrapped(message, NUMBER)
    assert [value for _, value in plain.varbinds] == [b"ge5", b"x" * 200, 0x0101010101010101]
