"""Does an envelope open for the right key, with the same bytes, and for nothing else?"""

from __future__ import annotations

import base64
import hashlib
import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import BadSignature, Malformed, Rejected, TooLarge, UnknownKey
from evidence.model import Json, Report
from evidence.seal import (
    LARGEST_ENVELOPE,
    RECEIPT,
    REPORT,
    SCAN,
    Envelope,
    canonical,
    evidence_id,
    key_id,
    open_sealed,
    payload_of,
    seal,
    signed_bytes,
)
from tests.evidence.samples import AGENT, STRANGER, b64, changed, find, plain, report, signed_by_hand, spelled

GOOD = seal(REPORT, report(), AGENT)
MEMBERS = json.loads(GOOD)
SIGNATURE = base64.b64decode(MEMBERS["signatures"][0]["sig"])
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the base point, RFC 8032 section 5.1


def test_a_report_comes_back() -> None:
    """What was sealed is what is opened, signed by whom the envelope names."""
    opened = open_sealed(GOOD, find)

    assert (opened.body(REPORT, Report), opened.key_id) == (report(), key_id(AGENT.public_key()))


@settings(deadline=None)
@given(st.dictionaries(st.text(st.characters(max_codepoint=0x7F)), st.integers(-(2**53) + 1, 2**53 - 1) | st.text()))
def test_any_settings_come_back(ordered: dict[str, Json]) -> None:
    """Whatever the profile can spell survives sealing and opening."""
    envelope = seal(REPORT, report(settings=ordered), AGENT)

    assert open_sealed(envelope, find).body(REPORT, Report).settings == ordered


def test_the_signed_bytes_of_the_specification() -> None:
    """PAE is the one of secure-systems-lab/dsse, protocol.md, test vector."""
    made = signed_bytes("http://example.com/HelloWorld", b"hello world")

    assert made == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_signed_bytes_count_octets() -> None:
    """Lengths in PAE are of UTF-8 octets, not of characters."""
    assert signed_bytes("é", "中".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xe4\xb8\xad"


def test_the_id_is_the_hash_of_the_signed_bytes() -> None:
    """Anyone can recompute the id with a SHA-256 tool."""
    opened = open_sealed(GOOD, find)

    assert opened.id == hashlib.sha256(signed_bytes(REPORT, opened.payload)).hexdigest()
    assert opened.id == evidence_id(REPORT, opened.payload)


def test_a_key_is_named_by_its_bytes() -> None:
    """RFC 8032 test 1: the id of its public key is SHA-256 of the 32 octets."""
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")

    assert key_id(Ed25519PrivateKey.from_private_bytes(private).public_key()) == hashlib.sha256(public).hexdigest()


def test_the_payload_is_kept_verbatim() -> None:
    """Opening gives the signed bytes as they came, even when they are no JSON at all: nothing is parsed before it is verified."""
    assert open_sealed(signed_by_hand(b"\x00 not { JSON"), find).payload == b"\x00 not { JSON"


def test_a_bad_signature_hides_what_is_inside() -> None:
    """A payload that would be refused for its form is refused for its signature first."""
    with pytest.raises(BadSignature):
        open_sealed(changed(GOOD, payload=b64(b"not JSON")), find)


def with_signatures(*signatures: Json) -> bytes:
    """The good envelope with other signatures."""
    return changed(GOOD, signatures=list(signatures))


ONE = MEMBERS["signatures"][0]
TAMPERED: dict[str, tuple[bytes, type[Rejected]]] = {
    "another payload": (changed(GOOD, payload=b64(canonical(report(detail="better")))), BadSignature),
    "an octet more": (changed(GOOD, payload=b64(base64.b64decode(MEMBERS["payload"]) + b" ")), BadSignature),
    "an empty payload": (changed(GOOD, payload=""), BadSignature),
    "another payload type": (changed(GOOD, payloadType=RECEIPT), BadSignature),
    "signature of nothing": (changed(GOOD, sig=""), BadSignature),
    "signature one octet short": (changed(GOOD, sig=b64(SIGNATURE[:-1])), BadSignature),
    "signature one octet long": (changed(GOOD, sig=b64(SIGNATURE + b"\0")), BadSignature),
    "signature all zero": (changed(GOOD, sig=b64(bytes(64))), BadSignature),
    "signature with S + L": (
        changed(
            GOOD, sig=b64(SIGNATURE[:32] + (int.from_bytes(SIGNATURE[32:], "little") + ORDER).to_bytes(32, "little"))
        ),
        BadSignature,
    ),
    "signature of another key": (
        changed(GOOD, sig=b64(STRANGER.sign(signed_bytes(REPORT, base64.b64decode(MEMBERS["payload"]))))),
        BadSignature,
    ),
    "signature over the payload alone": (
        changed(GOOD, sig=b64(AGENT.sign(base64.b64decode(MEMBERS["payload"])))),
        BadSignature,
    ),
    "a stranger's key": (seal(REPORT, report(), STRANGER), UnknownKey),
    "keyid changed": (changed(GOOD, keyid=key_id(STRANGER.public_key())), UnknownKey),
    "keyid in upper case": (changed(GOOD, keyid=ONE["keyid"].upper()), UnknownKey),
    "keyid empty": (changed(GOOD, keyid=""), UnknownKey),
    "keyid missing": (with_signatures({"sig": ONE["sig"]}), Malformed),
    "no signature": (with_signatures(), Malformed),
    "two signatures": (with_signatures(ONE, ONE), Malformed),
    "a stranger's signature beside it": (with_signatures(ONE, {"keyid": "x", "sig": ""}), Malformed),
    "a field more": (changed(GOOD, note="x"), Malformed),
    "a field more in the signature": (with_signatures({**ONE, "cert": "x"}), Malformed),
    "no payload type": (spelled({key: MEMBERS[key] for key in ("payload", "signatures")}), Malformed),
    "payload not text": (changed(GOOD, payload=1), Malformed),
    "payload null": (changed(GOOD, payload=None), Malformed),
    "an array": (spelled([MEMBERS]), Malformed),
    "pretty": (json.dumps(MEMBERS, indent=1).encode(), Malformed),
    "members in another order": (
        json.dumps(dict(reversed(MEMBERS.items())), separators=(",", ":")).encode(),
        Malformed,
    ),
    "the field name of other DSSE tools": (GOOD.replace(b"payloadType", b"payload_type"), Malformed),
}


@pytest.mark.parametrize(("envelope", "refusal"), TAMPERED.values(), ids=TAMPERED.keys())
def test_a_changed_envelope(envelope: bytes, refusal: type[Rejected]) -> None:
    """Every kind of change is refused with the reason that names it."""
    with pytest.raises(Rejected) as refused:
        open_sealed(envelope, find)

    assert type(refused.value) is refusal


# 0xfb 0xff 0xfe is "+//+" in standard base64 and "-__-" in the URL-safe alphabet; one octet needs "==" to be whole.
BASE64 = {
    "URL-safe alphabet": "-__-",
    "line feed inside": "+/\n/+",
    "space around": " +//+",
    "padding missing": "+w",
    "padding half": "+w=",
    "padding too much": "+w===",
    "padding alone": "====",
    "padding in the middle": "+w==+//+",
    "bits beyond the end": "+x==",
    "one letter": "+",
    "outside ASCII": "é//+",
    "full-width letter": "Ａ//+",
}


@pytest.mark.parametrize("text", BASE64.values(), ids=BASE64.keys())
@pytest.mark.parametrize("field", ["payload", "sig"])
def test_base64_has_one_spelling(text: str, field: str) -> None:
    """RFC 4648 section 4, nothing else: one value, one spelling, so that nobody can make copies that look different."""
    with pytest.raises(Malformed, match=field):
        open_sealed(changed(GOOD, **{field: text}), find)


def test_another_kind_of_message() -> None:
    """A good envelope of one kind is not taken for another: a receipt cannot be passed off as a report."""
    opened = open_sealed(GOOD, find)

    with pytest.raises(Malformed, match=r"payloadType: expected .*scan"):
        opened.body(SCAN, Report)


def test_one_octet_above_the_limit() -> None:
    """The size is looked at before anything else."""
    with pytest.raises(TooLarge, match=f"{LARGEST_ENVELOPE + 1} octets"):
        open_sealed(b"x" * (LARGEST_ENVELOPE + 1), find)


def test_just_at_the_limit() -> None:
    """Exactly the limit is looked into."""
    with pytest.raises(Malformed):
        open_sealed(b"x" * LARGEST_ENVELOPE, find)


def test_a_refusal_does_not_repeat_megabytes() -> None:
    """A field name of a megabyte comes back cut: what a stranger sends is not kept in full in every log."""
    with pytest.raises(Malformed) as refused:
        open_sealed(changed(GOOD, **{"x" * 1_000_000: 1}), find)

    assert len(str(refused.value)) < 600


def test_nothing_without_a_spelling_is_signed() -> None:
    """Sealing refuses before it signs."""
    with pytest.raises(Malformed, match="Unicode"):
        seal(REPORT, report(detail="\ud800"), AGENT)


def test_nothing_is_signed_that_nobody_would_open() -> None:
    """An envelope beyond the limit would stand at the head of a chain for ever: it is refused before it is signed for."""
    with pytest.raises(TooLarge):
        seal(REPORT, msgspec.structs.replace(report(), detail="x" * LARGEST_ENVELOPE), AGENT)


def test_the_payload_of_a_stored_envelope() -> None:
    """An envelope that was verified once gives its payload again."""
    stored = msgspec.json.decode(GOOD, type=Envelope)

    assert payload_of(stored) == spelled(plain(report()))


def test_sealing_twice_gives_the_same_bytes() -> None:
    """Ed25519 is deterministic and the form has one spelling: a repeated delivery is recognised as a replay."""
    assert seal(REPORT, report(), AGENT) == GOOD
