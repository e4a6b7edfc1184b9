"""What do the tests of the contract start from? Two keys that everybody may know, one report, and envelopes made by hand."""

from __future__ import annotations

import base64
import hashlib
import json

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.model import Conditions, Json, Report
from evidence.quantities import DESK_DUPLEX, DESK_SPEED
from evidence.seal import RECEIPT, REPORT, evidence_id, key_id, open_sealed, seal, signed_bytes
from evidence.wire import Receipt

AGENT = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"agent").digest())
OTHER_AGENT = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"other agent").digest())
COLLECTOR = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"collector").digest())
STRANGER = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"stranger").digest())
TRUSTED = {key_id(key.public_key()): key.public_key() for key in (AGENT, OTHER_AGENT)}
CONDITIONS = Conditions("campusproof 0.1.0", 1_000_000, 2_000_000, 10, 1_000_010)


def report(sequence: int = 1, previous: str = "", key: Ed25519PrivateKey = AGENT, **other: Json) -> Report:
    """A report of the desk probe at one place of a chain; `other` replaces fields."""
    fields = {
        "agent": key_id(key.public_key()),
        "sequence": sequence,
        "previous": previous,
        "probe": "desk",
        "settings": {},
        "readings": (DESK_SPEED.reading(10**9, "eth0"), DESK_DUPLEX.reading("full", "eth0")),
        "conditions": CONDITIONS,
    }
    return Report(**{**fields, **other})


def find(wanted: str) -> Ed25519PublicKey | None:
    """The keys that the tests trust."""
    return TRUSTED.get(wanted)


def id_of(envelope: bytes) -> str:
    """The id of a good envelope of an agent."""
    return open_sealed(envelope, find).id


def receipt_for(envelope: bytes, key: Ed25519PrivateKey = COLLECTOR, **other: Json) -> bytes:
    """The collector's sealed receipt for an agent's envelope; `other` replaces fields."""
    opened = open_sealed(envelope, find)
    body = opened.body(REPORT, Report)
    fields = {"evidence": opened.id, "agent": body.agent, "sequence": body.sequence, "received_unix_us": 3_000_000}
    return seal(RECEIPT, Receipt(**{**fields, **other}), key)


def chain(length: int, key: Ed25519PrivateKey = AGENT, **other: Json) -> list[bytes]:
    """The first envelopes of an agent, each naming the one before."""
    envelopes: list[bytes] = []
    previous = ""
    for sequence in range(1, length + 1):
        envelopes.append(seal(REPORT, report(sequence, previous, key, **other), key))
        previous = id_of(envelopes[-1])
    return envelopes


def spelled(value: Json) -> bytes:
    """JSON as RFC 8785 spells it for the values in these tests, whatever the code under test thinks of it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def b64(octets: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(octets).decode()


def signed_by_hand(payload: bytes, payload_type: str = REPORT, key: Ed25519PrivateKey = AGENT) -> bytes:
    """An envelope with a good signature over any payload, made without `seal`, as another program might."""
    signature = {"keyid": key_id(key.public_key()), "sig": b64(key.sign(signed_bytes(payload_type, payload)))}
    return spelled({"payload": b64(payload), "payloadType": payload_type, "signatures": [signature]})


def plain(value: msgspec.Struct) -> dict[str, Json]:
    """A wire value as JSON would hold it, to be changed by a test."""
    made: dict[str, Json] = msgspec.to_builtins(value)
    return made


def changed(envelope: bytes, **fields: Json) -> bytes:
    """An envelope with some of its members replaced, canonical again; `keyid` and `sig` are those of its signature."""
    members = json.loads(envelope)
    for name in ("keyid", "sig"):
        if name in fields:
            members["signatures"][0][name] = fields.pop(name)
    return spelled({**members, **fields})


def report_id(body: Report) -> str:
    """The id that a report's envelope will have."""
    return evidence_id(REPORT, spelled(plain(body)))
