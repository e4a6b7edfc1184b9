"""
What may an SNMP agent do to us?

`Simulator` answers requests out of a table as RFC 3416 says, and breaks the rules that it is told to break. `SimulatedExchange`
puts it behind the seam, `serve` behind a real UDP socket.
"""

from __future__ import annotations

import bisect
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]
from pysnmp.proto import api, rfc1905  # type: ignore[import-untyped]

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Kind, Missing, Oid, Pdu, Reply, Value
from tests.probes.udp import replying

PROTO = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
KINDS = {
    rfc1905.GetRequestPDU.tagSet: Kind.GET,
    rfc1905.GetNextRequestPDU.tagSet: Kind.GETNEXT,
    rfc1905.GetBulkRequestPDU.tagSet: Kind.GETBULK,
}
UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)


@dataclass
class Simulator:
    """
    An agent with a table; each field below the table is a way to misbehave. Several columns are answered row by row.

    `too_big_above` rows it answers tooBig (`or_silent`: nothing); after `silent_after` requests it answers no more; behind
    the last row it answers noSuchName (`no_such_name_at_end`); from `loops_at` it goes back to the first row of the
    column; in bulk it swaps the rows around `swaps`; `restarts`: its clock starts anew with each question; `refuses`
    says authorizationError to all; from several columns it leaves out those that ended (`forgets_ended`), or gives them in
    another order (`turns_round`); `most_rows` is how many bindings it gives at most, wherever that cuts; objects below
    `stalls_at` it answers with silence; what is in `broken` it answers genErr.
    """

    table: dict[Oid, Value]
    too_big_above: int | None = None
    or_silent: bool = False
    silent_after: int | None = None
    no_such_name_at_end: bool = False
    loops_at: Oid | None = None
    swaps: Oid | None = None
    empty: bool = False
    restarts: bool = False
    refuses: bool = False
    forgets_ended: bool = False
    turns_round: bool = False
    most_rows: int | None = None
    stalls_at: Oid | None = None
    broken: tuple[Oid, ...] = ()
    asked: list[Pdu] = field(default_factory=list)

    def answer(self, pdu: Pdu) -> Reply | None:
        """The reply, or None for silence."""
        self.asked.append(pdu)
        if self.silent_after is not None and len(self.asked) > self.silent_after:
            return None
        if self.too_big_above is not None and pdu.max_repetitions > self.too_big_above:
            return None if self.or_silent else Reply(1, 0, ())
        if self.stalls_at is not None and any(oid[: len(self.stalls_at)] == self.stalls_at for oid in pdu.oids):
            return None
        if self.refuses:
            return Reply(16, 1, ())
        if set(pdu.oids) & set(self.broken):
            return Reply(5, 0, ())
        if pdu.kind is Kind.GET:
            return Reply(0, 0, tuple((oid, self._get(oid)) for oid in pdu.oids))
        if self.empty:
            return Reply(0, 0, ())
        return self._following(pdu.oids[0], pdu) if len(pdu.oids) == 1 else self._side_by_side(pdu)

    def _get(self, oid: Oid) -> Value:
        if oid == UP_TIME:
            return 1000 - len(self.asked) if self.restarts else 1000 + len(self.asked)
        return self.table.get(oid, Missing.NO_SUCH_OBJECT)

    def _side_by_side(self, pdu: Pdu) -> Reply:
        columns = [self._following(oid, pdu) for oid in pdu.oids]
        if any(reply.error_status for reply in columns):
            return next(reply for reply in columns if reply.error_status)
        rows: list[tuple[Oid, Value]] = []
        for step in range(max(1, pdu.max_repetitions)):
            row = [reply.varbinds[min(step, len(reply.varbinds) - 1)] for reply in columns]
            if self.forgets_ended:
                row = [one for one, oid in zip(row, pdu.oids, strict=True) if one[0][: len(oid) - 1] == oid[:-1]] or row
            rows += row[::-1] if self.turns_round else row
        return Reply(0, 0, tuple(rows[: self.most_rows]))

    def _following(self, after: Oid, pdu: Pdu) -> Reply:
        names = sorted(self.table)
        rows: list[tuple[Oid, Value]] = []
        for _ in range(max(1, pdu.max_repetitions)):
            at = bisect.bisect_right(names, after)
            if self.loops_at is not None and after >= self.loops_at:
                at = 0
            if at >= len(names):
                if self.no_such_name_at_end:
                    return Reply(2, 1, ((pdu.oids[0], None),))
                rows.append((after, Missing.END_OF_MIB_VIEW))
                break
            after = names[at]
            rows.append((after, self.table[after]))
        if self.swaps is not None and pdu.kind is Kind.GETBULK:
            rows = _swapped(rows, self.swaps)
        return Reply(0, 0, tuple(rows))


def _swapped(rows: list[tuple[Oid, Value]], at: Oid) -> list[tuple[Oid, Value]]:
    """The row of that name and the next in each other's place."""
    for number, (name, _) in enumerate(rows[:-1]):
        if name == at:
            return [*rows[:number], rows[number + 1], rows[number], *rows[number + 2 :]]
    return rows


class SimulatedExchange:
    """The seam, answered by a Simulator."""

    def __init__(self, agent: Simulator) -> None:
        self.agent = agent

    async def request(self, pdu: Pdu) -> Reply:
        """See `Exchange.request`."""
        reply = self.agent.answer(pdu)
        if reply is None:
            raise Unmeasurable(Failure.TIMED_OUT, "no answer")
        return reply


def serve(agent: Simulator, community: str = "public") -> AbstractContextManager[int]:
    """The simulator as an SNMP v2c agent on a loopback UDP port; the port."""
    return replying(lambda octets: _reply(octets, agent, community.encode()))


def _reply(octets: bytes, agent: Simulator, community: bytes) -> bytes | None:
    message, _ = decoder.decode(octets, asn1Spec=PROTO.Message())
    if bytes(PROTO.apiMessage.get_community(message)) != community:
        return None
    request = PROTO.apiMessage.get_pdu(message)
    kind = KINDS[request.tagSet]
    bulk = int(PROTO.apiBulkPDU.get_max_repetitions(request)) if kind is Kind.GETBULK else 0
    oids = tuple(tuple(name) for name, _ in PROTO.apiPDU.get_varbinds(request))
    reply = agent.answer(Pdu(kind, oids, bulk))
    if reply is None:
        return None
    answer = PROTO.apiMessage.get_response(message)
    response = PROTO.apiMessage.get_pdu(answer)
    PROTO.apiPDU.set_error_status(response, reply.error_status)
    PROTO.apiPDU.set_error_index(response, reply.error_index)
    PROTO.apiPDU.set_varbinds(
        response, [(PROTO.ObjectIdentifier(name), _wire(value)) for name, value in reply.varbinds]
    )
    return bytes(encoder.encode(answer))


def _wire(value: Value) -> object:
    if isinstance(value, Missing):
        return {
            Missing.NO_SUCH_OBJECT: rfc1905.noSuchObject,
            Missing.NO_SUCH_INSTANCE: rfc1905.noSuchInstance,
            Missing.END_OF_MIB_VIEW: rfc1905.endOfMibView,
        }[value]
    if isinstance(value, bytes):
        return PROTO.OctetString(value)
    if isinstance(value, tuple):
        return PROTO.ObjectIdentifier(value)
    return PROTO.Null("") if value is None else PROTO.Gauge32(value)


@dataclass(frozen=True)
class Interface:
    """One row of the interfaces tables of a made-up switch."""

    name: str
    if_type: int = 6
    oper: int = 1
    high_speed: int | None = 1000
    descr: str = ""


def switch(*interfaces: Interface) -> dict[Oid, Value]:
    """The tables of a switch with these interfaces, numbered from 1, and an object behind each table."""
    entry, x_entry = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
    table: dict[Oid, Value] = {(1, 3, 6, 1, 2, 1, 3, 1): 0, (1, 3, 6, 1, 2, 1, 31, 1, 2, 1): 0}
    for index, one in enumerate(interfaces, start=1):
        table |= {(*entry, 2, index): one.descr.encode(), (*entry, 3, index): one.if_type, (*entry, 8, index): one.oper}
        table[(*x_entry, 1, index)] = one.name.encode()
        if one.high_speed is not None:
            table[(*x_entry, 15, index)] = one.high_speed
    return table
