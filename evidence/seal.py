"""
Who signed these bytes, and are they still the same?

Method: DSSE v1 (secure-systems-lab/dsse, protocol.md) with one Ed25519 signature (RFC 8032). The payload and the envelope
are canonical JSON (RFC 8785) of the integer-only profile in docs/evidence-v1.md; signed bytes are verified before they are
parsed and are never encoded again. A signature proves who said it and that it was not changed, never that it is true.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.errors import BadSignature, Malformed, Rejected, TooLarge, UnknownKey
from evidence.model import LARGEST_INTEGER, Json

LARGEST_ENVELOPE = 16 * 1024 * 1024  # octets, inflated: 200 switches with 52 ports; raw evidence travels apart
DEEPEST = 32  # levels of nesting
STEP = 64  # octets inflated at a time: a 4-octet zstd block can become 128 KiB, so one step adds 2 MiB at most

REPORT = "application/vnd.campusproof.report.v1+json"
SCAN = "application/vnd.campusproof.scan.v1+json"
CANCELLATION = "application/vnd.campusproof.cancellation.v1+json"
RECEIPT = "application/vnd.campusproof.receipt.v1+json"
ENROLMENT = "application/vnd.campusproof.enrolment.v1+json"
ENROLLED = "application/vnd.campusproof.enrolled.v1+json"

Body = TypeVar("Body", bound=msgspec.Struct)
KeyFinder = Callable[[str], Ed25519PublicKey | None]


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One DSSE signature: the key id and the signature in base64."""

    keyid: str
    sig: str


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A DSSE envelope as it is sent: payload in strict base64, exactly one signature."""

    payload: str
    payloadType: str  # noqa: N815 - the name is the DSSE specification's
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified envelope: the id (SHA-256 of the signed bytes, hex), who signed, and the signed payload verbatim."""

    id: str
    key_id: str
    payload_type: str
    payload: bytes

    def body(self, payload_type: str, kind: type[Body]) -> Body:
        """The payload as a wire type; unknown fields are ignored. Raises Malformed, naming the field."""
        if self.payload_type != payload_type:
            raise Malformed(f"payloadType: expected {payload_type}, got {self.payload_type}")
        try:
            return msgspec.convert(_parsed(self.payload, "payload"), kind)
        except msgspec.ValidationError as wrong:
            raise Malformed(f"payload: {wrong}") from wrong


def canonical(body: Json | msgspec.Struct) -> bytes:
    """Canonical JSON bytes (RFC 8785, integers only, ASCII keys); raises Malformed for what has no such spelling."""
    plain = msgspec.to_builtins(body, str_keys=True) if isinstance(body, msgspec.Struct) else body
    _check_profile(plain, 0)
    try:
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError as wrong:
        raise Malformed(f"text: not Unicode scalar values ({wrong.reason})") from wrong


def _check_profile(value: object, depth: int) -> None:
    """Only objects with ASCII keys, arrays, text, true, false, null and integers of at most 53 bits."""
    if depth > DEEPEST:
        raise Malformed(f"nested deeper than {DEEPEST} levels")
    if isinstance(value, dict | list | tuple):
        for inner in _members(value):
            _check_profile(inner, depth + 1)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise Malformed(f"{value}: integers have at most 53 bits; send a decimal string")
    elif value is not None and not isinstance(value, str):
        raise Malformed(f"{type(value).__name__} {value!r}: only integers, text, true, false and null")


def _members(value: dict[object, object] | list[object] | tuple[object, ...]) -> Iterable[object]:
    """What an object or array holds; the keys of an object are checked on the way."""
    if not isinstance(value, dict):
        return value
    for key in value:
        if not isinstance(key, str) or not key.isascii():
            raise Malformed(f"key {key!r}: only ASCII text")
    return value.values()


def _parsed(data: bytes, what: str) -> Json:
    """JSON that is spelled canonically: a second reading of the same bytes cannot say something else."""
    try:
        value: Json = json.loads(data)
    except (ValueError, RecursionError) as wrong:
        raise Malformed(f"{what}: not JSON ({wrong})") from wrong
    if canonical(value) != data:
        raise Malformed(f"{what}: not in canonical form (RFC 8785, integers only)")
    return value


def signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """DSSE pre-authentication encoding (PAE) of a payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def evidence_id(payload_type: str, payload: bytes) -> str:
    """The id of an envelope: SHA-256 of its signed bytes, in hex. It does not depend on the signature or on spelling."""
    return hashlib.sha256(signed_bytes(payload_type, payload)).hexdigest()


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 raw key bytes, in hex."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def seal(payload_type: str, body: msgspec.Struct, key: Ed25519PrivateKey) -> bytes:
    """
    The envelope bytes of a wire value, signed.

    Raises Malformed for a value that the profile cannot spell, TooLarge for one that nobody would open.
    """
    payload = canonical(body)
    signature = key.sign(signed_bytes(payload_type, payload))
    signer = Signature(key_id(key.public_key()), base64.b64encode(signature).decode())
    envelope = canonical(Envelope(base64.b64encode(payload).decode(), payload_type, (signer,)))
    if len(envelope) > LARGEST_ENVELOPE:
        raise TooLarge(f"envelope: {len(envelope)} octets, at most {LARGEST_ENVELOPE}")
    return envelope


def open_sealed(data: bytes, find_key: KeyFinder) -> Opened:
    """Verify an envelope and give back what was signed; raises a child of Rejected, naming what is wrong."""
    if len(data) > LARGEST_ENVELOPE:
        raise TooLarge(f"envelope: {len(data)} octets, at most {LARGEST_ENVELOPE}")
    envelope, payload, signature = _taken_apart(data)
    signer = envelope.signatures[0].keyid
    key = find_key(signer)
    if key is None:
        raise UnknownKey(f"signatures[0].keyid: {signer[:64]!r} is not trusted here")
    try:
        key.verify(signature, signed_bytes(envelope.payloadType, payload))
    except InvalidSignature as wrong:
        raise BadSignature(f"signatures[0].sig: not made by {signer[:16]} over these bytes") from wrong
    return Opened(evidence_id(envelope.payloadType, payload), signer, envelope.payloadType, payload)


def _taken_apart(data: bytes) -> tuple[Envelope, bytes, bytes]:
    """The envelope, its payload bytes and its signature bytes, none of them trusted yet."""
    try:
        envelope = msgspec.convert(_parsed(data, "envelope"), Envelope)
    except msgspec.ValidationError as wrong:
        raise Malformed(f"envelope: {wrong}") from wrong
    if len(envelope.signatures) != 1:
        raise Malformed(f"signatures: exactly one expected, got {len(envelope.signatures)}")
    return envelope, _octets(envelope.payload, "payload"), _octets(envelope.signatures[0].sig, "signatures[0].sig")


def payload_of(envelope: Envelope) -> bytes:
    """The payload of an envelope that was verified before; strict base64. Raises Malformed."""
    return _octets(envelope.payload, "payload")


def _octets(text: str, what: str) -> bytes:
    """Strict base64 (RFC 4648 section 4): one spelling for one value."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Malformed(f"{what}: not base64 ({wrong})") from wrong
    if base64.b64encode(octets).decode() != text:
        raise Malformed(f"{what}: not the shortest base64 spelling")
    return octets


def deflated(data: bytes) -> bytes:
    """Bytes as they travel: one zstd frame (RFC 8878)."""
    return zstandard.ZstdCompressor(level=3).compress(data)


def inflated(data: bytes, at_most: int = LARGEST_ENVELOPE) -> bytes:
    """The one zstd frame in `data`; raises TooLarge as soon as more than `at_most` octets come out, Malformed for anything else."""
    reader = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).decompressobj()
    out = bytearray()
    try:
        for at in range(0, len(data), STEP):
            out += reader.decompress(data[at : at + STEP])
            if len(out) > at_most:
                raise TooLarge(f"body: inflates to more than {at_most} octets")
    except zstandard.ZstdError as wrong:
        raise Malformed(f"body: not a zstd frame ({wrong})") from wrong
    if not reader.eof or reader.unused_data:
        raise Malformed("body: exactly one complete zstd frame is expected")
    return bytes(out)


def reason(refusal: Rejected) -> dict[str, str]:
    """A refusal as it is answered and kept: `code` and `detail`."""
    return {"code": refusal.code, "detail": refusal.detail}
