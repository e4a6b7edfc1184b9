"""
How does one request or reply look on the wire, whatever carries it?

*Method*: RFC 3416 section 3. A request has an id, which the reply to it repeats.
"""

from __future__ import annotations

from evidence.model import Failure, Unmeasurable
from probes._snmp import ber
from probes._snmp.exchange import Kind, Oid, Pdu, Reply

TAGS = {Kind.GET: 0xA0, Kind.GETNEXT: 0xA1, Kind.GETBULK: 0xA5}
RESPONSE, REPORT = 0xA2, 0xA8
ANOTHER_REQUEST = "a reply to another request"
ZERO = ber.integer(0)
NO_VALUE = bytes((ber.NULL, 0))


def encoded(pdu: Pdu, request_id: int) -> bytes:
    """A request; non-repeaters are 0, as are error-status and error-index."""
    bindings = b"".join(ber.element(ber.SEQUENCE, ber.name(oid) + NO_VALUE) for oid in pdu.oids)
    head = ber.integer(request_id) + ZERO + ber.integer(pdu.max_repetitions)
    return ber.element(TAGS[pdu.kind], head + ber.element(ber.SEQUENCE, bindings))


def response(octets: bytes, at: int, end: int, request_id: int, size: int) -> Reply:
    """The response PDU at a place, which came in so many octets; raises Unmeasurable if it is none or to another request."""
    start, stop = ber.expect(octets, at, end, RESPONSE)
    found_id, start = ber.number(octets, start, stop)
    if found_id != request_id:
        raise Unmeasurable(Failure.UNREADABLE, ANOTHER_REQUEST)
    status, start = ber.number(octets, start, stop)
    index, start = ber.number(octets, start, stop)
    start, stop = ber.expect(octets, start, stop, ber.SEQUENCE)
    return Reply(status, index, ber.varbinds(octets, start, stop), size)


def reported(octets: bytes, at: int, end: int) -> Oid:
    """What a report PDU (RFC 3412 section 7.1) counts: the name of its first object."""
    start, stop = ber.expect(octets, at, end, REPORT)
    for _ in ("request-id", "error-status", "error-index"):
        _, start = ber.number(octets, start, stop)
    start, stop = ber.expect(octets, start, stop, ber.SEQUENCE)
    bindings = ber.varbinds(octets, start, stop)
    if not bindings:
        raise ber.malformed("empty report")
    return bindings[0][0]
