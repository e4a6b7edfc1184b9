"""
What becomes of what an agent or a measurement server sends?

An envelope is verified against the enrolled key, its place in the signer's chain is checked, it is appended, and a signed
receipt is given: one transaction, in this order. What is refused is kept with its reason. Raw evidence is taken only where
an accepted report declared its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.bindings import crypto_core_ed25519_is_valid_point

from collector.secrets import hashed, new_secret
from collector.store import Store
from collector.store.rows import NewEvidence, Refusal
from collector.walked import PROBE as WIFI
from evidence.errors import BadSignature, KeyRevoked, Malformed, NotDeclared, Rejected, TooLarge
from evidence.model import Report
from evidence.seal import (
    ENROLLED,
    ENROLMENT,
    RECEIPT,
    REPORT,
    Envelope,
    inflated,
    key_id,
    open_sealed,
    payload_of,
    seal,
)
from evidence.wire import Enrolled, Enrolment, Receipt

ENROL_ANEW = "campusproof-agent enrol --anew TOKEN"
LARGEST_RAW = 16 * 1024 * 1024  # octets of one piece of raw evidence


@dataclass(frozen=True, slots=True)
class Intake:
    """The collector's door; `now_us` is asked once for each submission, `walked` hears of each report of a walk, by its school."""

    store: Store
    key: Ed25519PrivateKey
    now_us: Callable[[], int]
    walked: Callable[[str], object] = lambda school: None

    def enrol(self, body: bytes) -> bytes:
        """Make a new key known by its one-time token; the sealed answer. Raises Malformed, BadSignature, TokenRefused."""
        public = _offered_key(body)
        offered = key_id(public)
        opened = open_sealed(body, lambda wanted: public if wanted == offered else None)
        request = opened.body(ENROLMENT, Enrolment)
        secret = new_secret()
        agent = self.store.schools.enrol(
            hashed(request.token), request.public_key, offered, request.software, hashed(secret), self.now_us()
        )
        school = self.store.schools.get(agent.school)
        name = school.name if school is not None else agent.school
        return seal(ENROLLED, Enrolled(agent.id, agent.school, name, agent.place, secret), self.key)

    def take(self, body: bytes, compressed: bool) -> bytes:
        """Verify and keep one sealed report; the receipt. Raises a child of Rejected, which is kept with its reason."""
        received_us = self.now_us()
        envelope = b""
        try:
            envelope = inflated(body) if compressed else body
            return self._append(envelope, received_us)
        except Rejected as refusal:
            kept = Refusal(received_us, _claimed_signer(envelope), refusal.code, refusal.detail)
            self.store.ledger.refuse(kept, envelope or body)
            raise

    def _append(self, envelope: bytes, received_us: int) -> bytes:
        """The three questions: who signed, is it the next of its chain, is it on the disk."""
        opened = open_sealed(envelope, self._key_of)
        report = opened.body(REPORT, Report)
        if report.agent != opened.key_id:
            raise BadSignature(f"agent: {report.agent[:64]!r} is not who signed")
        receipt = self.store.ledger.append(NewEvidence(opened.id, report, envelope, received_us), self._receipt)
        agent = self.store.schools.agent(report.agent) if report.probe == WIFI else None
        if agent is not None:
            self.walked(agent.school)
        return receipt

    def _key_of(self, wanted: str) -> Ed25519PublicKey | None:
        """The enrolled key of that id; raises KeyRevoked for one that was taken back."""
        agent = self.store.schools.agent(wanted)
        signer = agent if agent is not None else self.store.servers.get(wanted)
        if signer is None:
            return None
        if signer.revoked:
            step = f"type on the box: {ENROL_ANEW}" if agent is not None else "enrol the server again with a new key"
            raise KeyRevoked(f"signatures[0].keyid: {wanted[:16]} was revoked; {step}")
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer.public_key))

    def _receipt(self, new: NewEvidence) -> bytes:
        """What the agent may forget its copy for."""
        body = Receipt(new.id, new.report.agent, new.report.sequence, new.received_unix_us)
        return seal(RECEIPT, body, self.key)

    def take_raw(self, evidence: str, sha256: str, body: bytes, compressed: bool) -> None:
        """
        Keep raw evidence that an accepted report declared. Raises NotDeclared, TooLarge, Malformed.

        The bytes are asked of each report anew: whoever only knows another school's hash does not get its bytes.
        """
        declared = next((row for row in self.store.ledger.raws(evidence) if row.sha256 == sha256), None)
        if declared is None:
            raise NotDeclared(f"{sha256[:64]}: the report {evidence[:16]} is not held or does not declare this hash")
        content = inflated(body, LARGEST_RAW) if compressed else body
        if len(content) > LARGEST_RAW:
            raise TooLarge(f"{sha256}: {len(content)} octets, at most {LARGEST_RAW}")
        if len(content) != declared.size or hashlib.sha256(content).hexdigest() != sha256:
            raise Malformed(f"{sha256}: these are other bytes than the report declared")
        self.store.ledger.keep_raw(evidence, sha256, content)


def _offered_key(body: bytes) -> Ed25519PublicKey:
    """The key inside an enrolment request, before anything is trusted: it must be a proper point of the curve."""
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
        request = msgspec.json.decode(payload_of(envelope), type=Enrolment)
    except (msgspec.DecodeError, ValueError, RecursionError) as wrong:
        raise Malformed(f"enrolment: {wrong}") from wrong
    return proper_key(request.public_key)


def proper_key(digits: str) -> Ed25519PublicKey:
    """The public key in 64 hex digits, if it is a proper point of the curve; raises Malformed."""
    try:
        octets = bytes.fromhex(digits)
    except ValueError as wrong:
        raise Malformed(f"public_key: {wrong}") from wrong
    # A key of small order has signatures that one library accepts and another refuses; nobody may plant one.
    if len(octets) != 32 or not crypto_core_ed25519_is_valid_point(octets):
        raise Malformed("public_key: 32 octets of a point of prime order expected")
    return Ed25519PublicKey.from_public_bytes(octets)


def _claimed_signer(envelope: bytes) -> str:
    """Who a refused envelope says it is from, so that its school's admin sees it; empty if it does not say."""
    try:
        signatures = msgspec.json.decode(envelope, type=Envelope).signatures
    except (msgspec.DecodeError, ValueError, RecursionError):
        return ""
    return signatures[0].keyid[:64] if signatures else ""
