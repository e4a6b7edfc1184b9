"""
As whom does this agent speak, and to whom?

Written once at enrolment: the collector's address and public key (pinned by the fingerprint in the enrolment token), and
what the collector said about the school. The private key lies beside it in a file of its own (agent.keys).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agent import keys
from agent.kept import kept
from evidence.model import Report
from evidence.seal import REPORT, evidence_id, key_id, open_sealed, seal

FILE = "enrolled.json"
TOKEN_MARK = "cp1"  # noqa: S105 - the first word of every token, not a secret


class NotEnrolled(Exception):
    """This agent has no identity yet; the text says what to type."""


class Known(msgspec.Struct, frozen=True):
    """What enrolment settled, as it is kept on the box."""

    collector: str
    collector_key: str
    school: str
    school_name: str
    place: str
    channel_secret: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The agent's key, and what enrolment settled."""

    key: Ed25519PrivateKey
    known: Known

    @property
    def agent(self) -> str:
        """The agent's id: the id of its key."""
        return key_id(self.key.public_key())

    @property
    def collector_key(self) -> Ed25519PublicKey:
        """The pinned key of the collector."""
        return keys.public(self.known.collector_key, FILE)

    def find_collector(self, wanted: str) -> Ed25519PublicKey | None:
        """The pinned key when its id is `wanted`: the only one trusted for orders and receipts."""
        return self.collector_key if key_id(self.collector_key) == wanted else None

    def seal(self, report: Report) -> tuple[str, bytes]:
        """The id and the envelope of a report."""
        envelope = seal(REPORT, report, self.key)
        opened = open_sealed(envelope, lambda _: self.key.public_key())
        return evidence_id(REPORT, opened.payload), envelope


def load(directory: Path) -> Identity:
    """The identity kept in `directory`; raises NotEnrolled, or KeyWrong for a damaged key."""
    path = directory / FILE
    if not path.exists():
        raise NotEnrolled(f"{path} is missing: this agent is not enrolled; type: campusproof-agent enrol TOKEN")
    try:
        known = msgspec.json.decode(path.read_bytes(), type=Known)
    except msgspec.DecodeError as wrong:
        raise NotEnrolled(f"{path}: damaged ({wrong}); move it away and enrol this agent anew") from wrong
    return Identity(keys.load(directory), known)


def own_id(directory: Path) -> str:
    """The key id of this box; empty where it is not enrolled."""
    try:
        return load(directory).agent
    except NotEnrolled:
        return ""


def keep(directory: Path, known: Known) -> None:
    """Write what enrolment settled, readable by the owner only, in one step."""
    kept(directory, FILE, msgspec.json.encode(known))


def put_aside(directory: Path) -> None:
    """Move key, identity and outbox into a folder of their own beside them; nothing is deleted."""
    known = [path for path in directory.glob("*") if path.is_file()]
    if not known:
        return
    number = next(number for number in itertools.count(1) if not (directory / f"before-{number}").exists())
    aside = directory / f"before-{number}"
    aside.mkdir(mode=0o700)
    for path in known:
        path.rename(aside / path.name)


def split_token(token: str) -> tuple[str, str]:
    """The secret and the collector's key id of an enrolment token; raises ValueError with the form that is expected."""
    parts = token.strip().split("-")
    if len(parts) != 3 or parts[0] != TOKEN_MARK or len(parts[2]) != 64:
        raise ValueError(f"enrolment token: expected {TOKEN_MARK}-SECRET-FINGERPRINT as the collector printed it")
    return parts[1], parts[2]
