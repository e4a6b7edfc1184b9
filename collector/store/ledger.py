"""Which evidence is held, byte for byte, and what was refused?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select, update

from collector.school import Evidence
from collector.sessions import PROBE as EGRESS
from collector.store.engine import reading, writing
from collector.store.rows import NewEvidence, RawRow, Refusal, StoredEnvelope
from collector.store.tables import (
    ADDRESSEE,
    AGENT,
    CHANNEL,
    EVIDENCE,
    ORDER,
    RAW,
    REFUSED,
    SERVER,
    SLOT,
    TICKET,
)
from evidence.errors import BrokenChain, Forked, KeyRevoked, OutOfSequence, Replayed, UnknownKey, UnknownSession
from evidence.model import Report
from evidence.scan import Scan
from evidence.seal import Envelope, payload_of
from evidence.wire import VANTAGE

REFUSALS_KEPT = 10_000
REFUSALS_OF_ONE = 200
BODY_KEPT = 64 * 1024  # octets of a refused body: enough to see what it was
Sealing = Callable[[NewEvidence], bytes]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The room of evidence: appended, never changed."""

    engine: Engine

    def append(self, new: NewEvidence, sealing: Sealing) -> bytes:
        """
        Check sequence and chain, append, seal the receipt with `sealing`: one transaction. The receipt.

        An agent's report is its school's; a measurement server's is that of the school whose ticket it names, a vantage's that of the school
        whose order it names. Raises Replayed
        (with the first receipt), Forked, OutOfSequence, BrokenChain, KeyRevoked, UnknownKey, UnknownSession.
        """
        report = new.report
        with writing(self.engine) as connection:
            chain, signer = _signer(connection, report.agent)
            _check_place(connection, new, signer.last_sequence, signer.last_id)
            school = _school_of(connection, report, chain, signer)
            receipt = sealing(new)
            row = {
                "id": new.id,
                "school": school,
                "agent": report.agent,
                "sequence": report.sequence,
                "probe": report.probe,
                "scan": report.scan,
                "envelope": new.envelope,
                "receipt": receipt,
                "received_unix_us": new.received_unix_us,
            }
            connection.execute(insert(EVIDENCE).values(row))
            for blob in {blob.sha256: blob for blob in report.blobs}.values():
                connection.execute(insert(RAW).values(evidence=new.id, **msgspec.to_builtins(blob)))
            last = {"last_sequence": report.sequence, "last_id": new.id}
            connection.execute(update(chain).where(chain.c.id == report.agent).values(last))
            if chain is SERVER or (report.probe == EGRESS and report.failure is not None):
                _free(connection, report, new.received_unix_us)
        return receipt

    def of_school(self, school: str) -> Sequence[Evidence]:
        """All evidence of a school with the orders it names."""
        query = select(EVIDENCE.c.id, EVIDENCE.c.envelope, EVIDENCE.c.received_unix_us, EVIDENCE.c.scan).where(
            EVIDENCE.c.school == school
        )
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(EVIDENCE.c.agent, EVIDENCE.c.sequence)).all()
            orders = connection.execute(select(ORDER.c.id, ORDER.c.content).where(ORDER.c.school == school)).all()
        scans = {identity: msgspec.json.decode(content, type=Scan) for identity, content in orders}
        return [Evidence(row.id, _report(row.envelope), row.received_unix_us, scans.get(row.scan)) for row in rows]

    def of_scan(self, scan: str) -> Sequence[Report]:
        """The reports that name an order, in the order in which they came."""
        query = select(EVIDENCE.c.envelope).where(EVIDENCE.c.scan == scan).order_by(EVIDENCE.c.received_unix_us)
        with reading(self.engine) as connection:
            return [_report(envelope) for envelope in connection.execute(query).scalars()]

    def last_of_scan(self, scan: str) -> int:
        """When the last report came that names an order; 0 where none did."""
        query = select(func.max(EVIDENCE.c.received_unix_us)).where(EVIDENCE.c.scan == scan)
        with reading(self.engine) as connection:
            return connection.execute(query).scalar() or 0

    def envelope(self, evidence: str) -> StoredEnvelope | None:
        """What was stored, byte for byte."""
        with reading(self.engine) as connection:
            row = connection.execute(select(EVIDENCE).where(EVIDENCE.c.id == evidence)).first()
        if row is None:
            return None
        return StoredEnvelope(
            row.id, row.school, row.agent, row.sequence, row.probe, row.envelope, row.receipt, row.received_unix_us
        )

    def keep_raw(self, evidence: str, sha256: str, content: bytes) -> None:
        """Keep declared raw evidence of one report; a second time changes nothing."""
        place = (RAW.c.evidence == evidence) & (RAW.c.sha256 == sha256) & RAW.c.content.is_(None)
        with writing(self.engine) as connection:
            connection.execute(update(RAW).where(place).values(content=content))

    def raws(self, evidence: str) -> Sequence[RawRow]:
        """Raw evidence of one stored report, with its bytes where they came."""
        query = select(RAW.c.name, RAW.c.sha256, RAW.c.size, RAW.c.content).where(RAW.c.evidence == evidence)
        with reading(self.engine) as connection:
            return [RawRow(*row) for row in connection.execute(query.order_by(RAW.c.name))]

    def refuse(self, refusal: Refusal, body: bytes) -> None:
        """Keep a refused submission with its reason; only so many, so that nobody fills the disk with nonsense."""
        row = {
            "received_unix_us": refusal.received_unix_us,
            "agent": refusal.agent,
            "code": refusal.code,
            "detail": refusal.detail,
            "body": body[:BODY_KEPT],
        }
        with writing(self.engine) as connection:
            connection.execute(insert(REFUSED).values(row))
            newest = connection.execute(select(func.max(REFUSED.c.id))).scalar_one()
            connection.execute(delete(REFUSED).where(REFUSED.c.id <= newest - REFUSALS_KEPT))
            # What a stranger sends in one agent's name must not push out what is kept of the others.
            mine = select(REFUSED.c.id).where(REFUSED.c.agent == refusal.agent).order_by(REFUSED.c.id.desc())
            oldest = connection.execute(mine.offset(REFUSALS_OF_ONE).limit(1)).scalar()
            connection.execute(delete(REFUSED).where(REFUSED.c.agent == refusal.agent, REFUSED.c.id <= (oldest or 0)))

    def refusals(self, agents: Sequence[str], most: int = 50) -> Sequence[Refusal]:
        """The latest refused submissions of these agents."""
        query = select(REFUSED).where(REFUSED.c.agent.in_(agents)).order_by(REFUSED.c.id.desc()).limit(most)
        with reading(self.engine) as connection:
            rows = connection.execute(query).all()
        return [Refusal(row.received_unix_us, row.agent, row.code, row.detail) for row in rows]


def _signer(connection: Connection, identity: str) -> tuple[Table, Row[tuple[object, ...]]]:
    """Whose key signs, and in which table its chain is kept; raises KeyRevoked, UnknownKey."""
    for table, what in ((AGENT, "agent"), (SERVER, "measurement server")):
        row = connection.execute(select(table).where(table.c.id == identity)).first()
        if row is not None and row.revoked:
            raise KeyRevoked(f"{what} {identity[:16]} was revoked")
        if row is not None:
            return table, row
    raise UnknownKey(f"agent: {identity[:64]!r} is not trusted here")


def _school_of(connection: Connection, report: Report, chain: Table, signer: Row[tuple[object, ...]]) -> str:
    """Whose a report is: an agent's its school's, a measurement server's and a vantage's that of the school for which it was measured."""
    if chain is SERVER:
        return _school_of_session(connection, report)
    if signer.school != VANTAGE:
        return str(signer.school)
    ordered = (
        select(ORDER.c.school)
        .join(CHANNEL, CHANNEL.c.scan == ORDER.c.id)
        .join(ADDRESSEE, ADDRESSEE.c.cursor == CHANNEL.c.cursor)
    )
    mine = ordered.where(ORDER.c.id == report.scan, ADDRESSEE.c.agent == report.agent)
    return str(connection.execute(mine).scalar() or VANTAGE)


def _school_of_session(connection: Connection, report: Report) -> str:
    """The school for which a measurement server measured, by the ticket of the session; raises UnknownSession."""
    query = select(TICKET.c.server, TICKET.c.scan, ORDER.c.school).join(ORDER, ORDER.c.id == TICKET.c.scan)
    ticket = connection.execute(query.where(TICKET.c.session == report.session)).first()
    if ticket is None:
        raise UnknownSession(f"session: {report.session[:64]!r} has no ticket of this collector")
    if ticket.server != report.agent:
        raise UnknownSession(f"session: the ticket of {report.session} is for another server, {ticket.server[:16]}")
    if ticket.scan != report.scan:
        raise UnknownSession(f"scan: expected {ticket.scan}, the order of the session; got {report.scan[:64]!r}")
    return str(ticket.school)


def _free(connection: Connection, report: Report, now_us: int) -> None:
    """A session is over, by the server's word or because the agent could not measure; with the last of its order the slot is."""
    theirs = (TICKET.c.server == report.agent) | (TICKET.c.agent == report.agent)
    mine = (TICKET.c.session == report.session) & (TICKET.c.scan == report.scan) & theirs
    if not connection.execute(update(TICKET).where(mine).values(observed=True)).rowcount:
        return
    left = select(TICKET.c.session).where(TICKET.c.scan == report.scan, TICKET.c.observed.is_(False))
    if connection.execute(left).first() is None:
        late = (SLOT.c.scan == report.scan) & (SLOT.c.to_unix_us > now_us)
        connection.execute(update(SLOT).where(late).values(to_unix_us=now_us))


def _check_place(connection: Connection, new: NewEvidence, last_sequence: int, last_id: str) -> None:
    """Whether the envelope is the next one of its agent's chain."""
    report = new.report
    if report.sequence <= last_sequence:
        place = (EVIDENCE.c.agent == report.agent) & (EVIDENCE.c.sequence == report.sequence)
        held = connection.execute(select(EVIDENCE.c.id, EVIDENCE.c.receipt).where(place)).one()
        if held.id == new.id:
            raise Replayed(f"sequence {report.sequence}: this envelope is held already", held.receipt)
        raise Forked(f"sequence {report.sequence}: another envelope is held, {held.id}; two histories under one key")
    if report.sequence != last_sequence + 1:
        raise OutOfSequence(f"sequence: expected {last_sequence + 1}, got {report.sequence}")
    if report.previous != last_id:
        raise BrokenChain(f"previous: expected {last_id or 'nothing'}, got {report.previous or 'nothing'}")


def _report(envelope: bytes) -> Report:
    """The report of an envelope that was verified before it was stored."""
    return msgspec.json.decode(payload_of(msgspec.json.decode(envelope, type=Envelope)), type=Report)
