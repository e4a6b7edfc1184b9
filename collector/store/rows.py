"""What are the rows that the store hands out? Frozen values without SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.slots import Slot
from evidence.model import Report
from evidence.scan import Progress, Scan


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An enrolled agent: its id is its key's id; `secret_hash` guards the order channel."""

    id: str
    school: str
    place: str
    public_key: str
    secret_hash: str
    enrolled_unix_us: int
    software: str
    revoked: bool = False
    last_sequence: int = 0
    last_seen_unix_us: int = 0


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A verified envelope about to be appended."""

    id: str
    report: Report
    envelope: bytes
    received_unix_us: int


@dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """What was stored for one piece of evidence, byte for byte."""

    id: str
    school: str
    agent: str
    sequence: int
    probe: str
    envelope: bytes
    receipt: bytes
    received_unix_us: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A submission that was not accepted, kept where an admin can see it."""

    received_unix_us: int
    agent: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the order channel."""

    cursor: int
    envelope: bytes


UNDER_WAY = ("waiting", "running")  # what an agent says of a probe of which more will come


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as the pages show it: what each agent last said about each probe, and whether it was taken back."""

    scan: Scan
    cancelled: bool
    progress: Mapping[tuple[str, str], Progress]

    def is_open(self, now_us: int) -> bool:
        """Whether something of the order may still come."""
        done = sum(progress.state not in UNDER_WAY for progress in self.progress.values())
        wanted = len(self.scan.agents) * len(self.scan.tasks)
        return not self.cancelled and self.scan.expires_unix_us > now_us and done < wanted


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket about to be given out: the session that it opens, who measures, and at which server."""

    session: str
    agent: str
    server: str


@dataclass(frozen=True, slots=True)
class Booking:
    """A sealed order of a measurement of the way out, with the slot that it takes and its tickets."""

    scan: Scan
    envelope: bytes
    slot: Slot
    tickets: tuple[TicketRow, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Days (as 2026-06-07) on which no school is measured, such as an exam of the whole province."""

    first: str
    last: str
    note: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in; `school` is set for a school admin and empty for an evaluator."""

    name: str
    role: str
    school: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """Raw evidence that a stored report declares; `content` is None until its bytes come."""

    name: str
    sha256: str
    size: int
    content: bytes | None
