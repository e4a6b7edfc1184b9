"""
How do SNMP's values look on the wire?

*Method*: the part of BER (ITU-T X.690) that RFC 3417 section 8 leaves: definite lengths and nothing but primitive values below
sequences. What does not fit raises Unmeasurable(unreadable), however deep or long it claims to be: nothing here recurses,
and nothing is allocated for a length that the octets do not have.

One kind of wrongness is borne, for switches send it: an integer that is empty or beyond the range of its type is None and
the rest of the reply is kept. It is never a number that was not sent. Counters and gauges are read as unsigned even
where their first bit is set, as every other client does: many agents leave out the zero octet in front.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Missing, Oid, Value

INTEGER, OCTETS, NULL, NAME, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
LONGEST_NAME = 5 * 128  # 128 parts of 32 bits, RFC 2578 section 3.5
LARGEST_PART = 2**32 - 1
INT_32 = range(-(2**31), 2**31)


def malformed(what: str) -> Unmeasurable:
    """What is raised for octets that are no SNMP message."""
    return Unmeasurable(Failure.UNREADABLE, f"malformed message ({what})")


def element(tag: int, content: bytes) -> bytes:
    """One element: tag, length, content."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(number: int) -> bytes:
    """An INTEGER element."""
    if 0 <= number < 128:
        return bytes((INTEGER, 1, number))
    return element(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def name(oid: Oid) -> bytes:
    """An OBJECT IDENTIFIER element, of two parts or more."""
    if len(oid) > 2:
        return element(NAME, _front(oid[:-1]) + _part(oid[-1]))
    return element(NAME, _front(oid))


@lru_cache(maxsize=2048)
def _front(oid: Oid) -> bytes:
    """The octets of two parts or more; remembered, as below."""
    return b"".join(map(_part, (oid[0] * 40 + oid[1], *oid[2:])))


def _part(part: int) -> bytes:
    """The octets of one part, seven bits in each."""
    if part < 128:
        return bytes((part,))
    groups = [part & 0x7F]
    while part := part >> 7:
        groups.append(0x80 | part & 0x7F)
    return bytes(reversed(groups))


def header(octets: bytes, at: int, end: int) -> tuple[int, int, int]:
    """The tag of the element at a place, and where its content starts and stops; it must stop within `end`."""
    if at + 2 > end:
        raise malformed("cut short")
    tag, size, start = octets[at], octets[at + 1], at + 2
    if size > 127:
        width = size & 0x7F
        # X.690 allows longer and indefinite lengths, SNMP needs neither.
        if not 0 < width <= 4:
            raise malformed("length")
        size, start = int.from_bytes(octets[start : start + width], "big"), start + width
    if start + size > end:
        raise malformed("cut short")
    return tag, start, start + size


def expect(octets: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Where the content of the element starts and stops; it must have this tag."""
    if at + 2 <= end and octets[at] == tag and octets[at + 1] < 128 and at + 2 + octets[at + 1] <= end:
        return at + 2, at + 2 + octets[at + 1]  # the most of them, without another call
    found, start, stop = header(octets, at, end)
    if found != tag:
        raise malformed(f"tag {found:#x} instead of {tag:#x}")
    return start, stop


def number(octets: bytes, at: int, end: int) -> tuple[int, int]:
    """An INTEGER of the message itself, 32 bits, and where it stops; here nothing is borne."""
    start, stop = expect(octets, at, end, INTEGER)
    value = int.from_bytes(octets[start:stop], "big", signed=True)
    if start == stop or value not in INT_32:
        raise malformed("integer")
    return value, stop


@lru_cache(maxsize=2048)
def parts(content: bytes) -> Oid:
    """The parts of an object's name; remembered, for the names of a column differ in their last parts only."""
    if not content or len(content) > LONGEST_NAME or content[-1] > 127:
        raise malformed("object name")
    found: list[int] = []
    part = 0
    for octet in content:
        part = part << 7 | octet & 0x7F
        if octet < 128:
            found.append(part)
            part = 0
    # The first two parts share a number, X.690 section 8.19.4.
    first = min(found[0] // 40, 2)
    if max(found) > LARGEST_PART:
        raise malformed("object name")
    return (first, found[0] - 40 * first, *found[1:])


def _unsigned(bits: int) -> Callable[[bytes], Value]:
    """A reader of counters and gauges so wide."""
    largest = 2**bits - 1

    def read(content: bytes) -> Value:
        value = int.from_bytes(content, "big")
        return value if content and value <= largest else None

    return read


def _signed(content: bytes) -> Value:
    """INTEGER and Integer32."""
    value = int.from_bytes(content, "big", signed=True)
    return value if content and value in INT_32 else None


def _named(content: bytes) -> Value:
    """A value that names an object; None for one that names nothing."""
    try:
        return parts(content)
    except Unmeasurable:
        return None


READERS: dict[int, Callable[[bytes], Value]] = {
    INTEGER: _signed,
    OCTETS: bytes,
    NAME: _named,
    0x40: bytes,  # IpAddress
    0x41: _unsigned(32),  # Counter32
    0x42: _unsigned(32),  # Gauge32
    0x43: _unsigned(32),  # TimeTicks
    0x44: bytes,  # Opaque
    0x45: bytes,  # NsapAddress, of RFC 1442
    0x46: _unsigned(64),  # Counter64
    0x47: _unsigned(32),  # UInteger32, of RFC 1442
    0x80: lambda _: Missing.NO_SUCH_OBJECT,
    0x81: lambda _: Missing.NO_SUCH_INSTANCE,
    0x82: lambda _: Missing.END_OF_MIB_VIEW,
}


def _unread(_: bytes) -> Value:
    """NULL, and values of a type that SNMP does not have."""
    return None


def varbinds(octets: bytes, at: int, end: int) -> tuple[tuple[Oid, Value], ...]:
    """
    The variable bindings between two places.

    This loop is where the time of a walk goes: lengths under 128 are read in place, and a name in two pieces, the last part
    and what comes before it, which is the same for the whole of a column.
    """
    found: list[tuple[Oid, Value]] = []
    try:
        while at < end:
            stop, last = at + 2 + octets[at + 1], at + 3 + octets[at + 3]
            # Short, nested as it must be, and ending in a part of one or two octets; all else goes the long way.
            if not (
                octets[at + 1] < 128 > octets[last]
                and octets[at] == SEQUENCE
                and octets[at + 2] == NAME
                and 3 < octets[at + 3] < 128
                and last + 3 + octets[last + 2] == stop <= end
                and (octets[last - 1] < 128 or octets[last - 2] < 128)
            ):
                stop = _varbind(octets, at, end, found)
            elif octets[last - 1] < 128:
                oid = (*parts(octets[at + 4 : last]), octets[last])
                found.append((oid, READERS.get(octets[last + 1], _unread)(octets[last + 3 : stop])))
            else:
                oid = (*parts(octets[at + 4 : last - 1]), (octets[last - 1] & 0x7F) << 7 | octets[last])
                found.append((oid, READERS.get(octets[last + 1], _unread)(octets[last + 3 : stop])))
            at = stop
    except IndexError:
        raise malformed("cut short") from None
    return tuple(found)


def _varbind(octets: bytes, at: int, end: int, found: list[tuple[Oid, Value]]) -> int:
    """One binding, whatever its lengths; where it stops."""
    start, stop = expect(octets, at, end, SEQUENCE)
    name_start, name_stop = expect(octets, start, stop, NAME)
    tag, value_start, value_stop = header(octets, name_stop, stop)
    if value_stop != stop:
        raise malformed("binding")
    oid = parts(octets[name_start:name_stop])
    found.append((oid, READERS.get(tag, _unread)(octets[value_start:value_stop])))
    return stop
