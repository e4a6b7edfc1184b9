"""
How does a recording, or a real agent in front of which somebody stands, speak SNMP?

`answering` puts whatever answers one PDU behind a UDP socket, with a BER of its own that writes any octets it is given as a value:
quick enough for the walk of a whole recording, and able to send what no library would encode. `Table` answers out of rows,
`Behind` asks a real agent, and each class after it breaks one rule of the agent behind it.

`python -m tests.probes.responder SPECIFICATION` does the same in a machine of its own: a JSON list of agents, each with `address`,
`port`, `community`, and either `rows` (see `packed`) or `behind` (the port and community of a real agent) with a `mood`. It prints who was asked with which
community, a line each.
"""

from __future__ import annotations

import bisect
import json
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from probes._snmp.exchange import Kind, Missing, Oid, Pdu, Reply, Value
from tests.probes.udp import replying

V1, V2C, V3 = 0, 1, 3
TAGS = {0xA0: Kind.GET, 0xA1: Kind.GETNEXT, 0xA5: Kind.GETBULK}
RESPONSE = 0xA2
NO_VALUE = {Missing.NO_SUCH_OBJECT: 0x80, Missing.NO_SUCH_INSTANCE: 0x81, Missing.END_OF_MIB_VIEW: 0x82}
TOO_BIG, NO_SUCH_NAME = 1, 2
MOST_OCTETS = 1_400  # of values in one reply, so that it stays in one packet as a switch's does


@dataclass(frozen=True, slots=True)
class Wire:
    """A value as octets, tag and length included, whatever they are."""

    octets: bytes


Row = tuple[Oid, Value | Wire]


class Answers(Protocol):
    """What can say something to one request; None is silence."""

    def answer(self, pdu: Pdu) -> Reply | None:
        """The reply."""


class Table:
    """An agent that keeps the rules."""

    def __init__(self, rows: Mapping[Oid, Value | Wire]) -> None:
        self._rows = dict(rows)
        self._names = sorted(rows)

    def answer(self, pdu: Pdu) -> Reply | None:
        """See `Answers`."""
        if pdu.kind is Kind.GET:
            return _reply([(oid, self._rows.get(oid, Missing.NO_SUCH_OBJECT)) for oid in pdu.oids])
        last, found = list(pdu.oids), list[Row]()
        for _ in range(max(1, pdu.max_repetitions)):
            row = [self._after(oid) for oid in last]
            found += row
            last = [name for name, _ in row]
            if sum(map(len, map(_binding, found))) > MOST_OCTETS:
                break
        return _reply(found)

    def _after(self, oid: Oid) -> Row:
        """The next object, or the end."""
        at = bisect.bisect_right(self._names, oid)
        if at == len(self._names):
            return oid, Missing.END_OF_MIB_VIEW
        return self._names[at], self._rows[self._names[at]]


class Behind:
    """A real agent on this host, asked over UDP."""

    def __init__(self, port: int, community: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(2)
        self._community = community.encode()
        self._number = 0

    def answer(self, pdu: Pdu) -> Reply | None:
        """See `Answers`; values stay as they came."""
        self._number += 1
        self._socket.send(_message(V2C, self._community, _tag(pdu.kind), self._number, (0, pdu.max_repetitions), [
            (oid, None) for oid in pdu.oids
        ]))  # fmt: skip
        try:
            while True:
                _, _, (_, number, first, second, rows) = _read(self._socket.recv(65_535))
                if number == self._number:
                    return Reply(first, second, tuple(rows))  # type: ignore[arg-type]
        except TimeoutError:
            return None


@dataclass
class TooBig:
    """Answers tooBig to every request for more than so many rows, and to every one for several columns."""

    agent: Answers
    above: int = 3

    def answer(self, pdu: Pdu) -> Reply | None:
        """See `Answers`."""
        return (
            Reply(TOO_BIG, 0, ())
            if max(1, pdu.max_repetitions) * len(pdu.oids) > self.above
            else self.agent.answer(pdu)
        )


@dataclass
class Loops:
    """From the second row of a column on begins that column anew; a walk of it never ends by itself."""

    agent: Answers
    column: Oid

    def answer(self, pdu: Pdu) -> Reply | None:
        """See `Answers`."""
        again = tuple(self.column if oid[: len(self.column)] == self.column else oid for oid in pdu.oids)
        return self.agent.answer(Pdu(pdu.kind, again, min(pdu.max_repetitions, 2)))


@dataclass
class Garbles:
    """The values of one column are integers without a single octet, which no encoder writes."""

    agent: Answers
    column: Oid

    def answer(self, pdu: Pdu) -> Reply | None:
        """See `Answers`."""
        reply = self.agent.answer(pdu)
        if reply is None:
            return None
        rows = tuple((oid, self._value(oid, value)) for oid, value in reply.varbinds)
        return Reply(reply.error_status, reply.error_index, rows)  # type: ignore[arg-type]

    def _value(self, oid: Oid, value: Value | Wire) -> Value | Wire:
        return Wire(b"\x42\x00") if oid[: len(self.column)] == self.column else value


@dataclass
class Slow:
    """Thinks so long about each request, as a switch with a weak processor does."""

    agent: Answers
    seconds: float

    def answer(self, pdu: Pdu) -> Reply | None:
        """See `Answers`."""
        time.sleep(self.seconds)
        return self.agent.answer(pdu)


@dataclass
class Loses:
    """Does not answer this share of the requests, the same at every run."""

    agent: Answers
    share: float
    draw: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311  # a drawn loss, and no secret

    def answer(self, pdu: Pdu) -> Reply | None:
        """See `Answers`."""
        return None if self.draw.random() < self.share else self.agent.answer(pdu)


MOODS: dict[str, Callable[..., Answers]] = {
    "tooBig": TooBig,
    "loops": Loops,
    "garbles": Garbles,
    "slow": Slow,
    "loses": Loses,
}


def answering(
    agent: Answers, community: str = "public", versions: tuple[int, ...] = (V1, V2C)
) -> AbstractContextManager[int]:
    """The agent on a loopback UDP port; the port. Another community or version is not answered."""
    return replying(lambda octets: answered(octets, agent, community.encode(), versions))


def answered(octets: bytes, agent: Answers, community: bytes, versions: tuple[int, ...]) -> bytes | None:
    """The message that answers a message; none to SNMP v3, which is not spoken here."""
    if _version(octets) not in versions:
        return None
    version, asked_by, (tag, number, _, rows_at_once, bindings) = _read(octets)
    if asked_by != community or tag not in TAGS:
        return None
    if version == V1 and tag == _tag(Kind.GETBULK):
        return None
    oids = tuple(oid for oid, _ in bindings)
    reply = agent.answer(Pdu(TAGS[tag], oids, rows_at_once if tag == _tag(Kind.GETBULK) else 0))
    if reply is None:
        return None
    if version == V1:
        reply = _for_v1(reply, oids)
    return _message(version, community, RESPONSE, number, (reply.error_status, reply.error_index), list(reply.varbinds))


def _for_v1(reply: Reply, oids: tuple[Oid, ...]) -> Reply:
    """SNMP v1 knows no exceptions: the first of them is noSuchName for the whole request (RFC 3584 section 4.2.2.1)."""
    for number, (_, value) in enumerate(reply.varbinds, start=1):
        if isinstance(value, Missing):
            return Reply(NO_SUCH_NAME, number, tuple((oid, None) for oid in oids))
    return reply


def _reply(rows: list[Row]) -> Reply:
    return Reply(0, 0, tuple(rows))  # type: ignore[arg-type]


def _tag(kind: Kind) -> int:
    return next(tag for tag, one in TAGS.items() if one is kind)


def packed(rows: Mapping[Oid, Value | Wire]) -> dict[str, str]:
    """Rows as a specification has them: the object's name with dots, the value in hex as it goes over the wire."""
    return {".".join(map(str, oid)): _value(value).hex() for oid, value in rows.items()}


def _agent(one: Mapping[str, Any]) -> Answers:
    """The agent of a specification."""
    if "rows" in one:
        return Table({_oid(name): Wire(bytes.fromhex(value)) for name, value in one["rows"].items()})
    agent: Answers = Behind(*one["behind"])
    if "mood" in one:
        name, *more = one["mood"]
        agent = MOODS[name](agent, *(_oid(word) if isinstance(word, str) else word for word in more))
    return agent


def _oid(text: str) -> Oid:
    return tuple(map(int, text.split(".")))


def main(specification: Path) -> None:
    """Serve all agents of a specification until killed."""
    for one in json.loads(specification.read_text()):
        family = socket.AF_INET6 if ":" in one["address"] else socket.AF_INET
        server = socket.socket(family, socket.SOCK_DGRAM)
        server.bind((one["address"], one["port"]))
        threading.Thread(target=_serve_aloud, args=(server, _agent(one), one)).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _serve_aloud(server: socket.socket, agent: Answers, one: Mapping[str, Any]) -> None:
    while True:
        octets, peer = server.recvfrom(65_535)
        sys.stdout.write(f"{one['address']} {_asked_with(octets)}\n")
        sys.stdout.flush()
        reply = answered(octets, agent, one["community"].encode(), (V1, V2C))
        if reply is not None:
            server.sendto(reply, peer)


def _asked_with(octets: bytes) -> str:
    """The community of a message, or that it is SNMP v3."""
    return "v3" if _version(octets) == V3 else _read(octets)[1].decode()


# BER (ITU-T X.690), as much as SNMP has; not the product's own, so that an error there is none here.


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    width = size.to_bytes(3, "big").lstrip(b"\0")
    return bytes((tag, 0x80 | len(width))) + width + content


def _signed(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def _name(oid: Oid) -> bytes:
    content = b""
    for part in (oid[0] * 40 + oid[1], *oid[2:]):
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.insert(0, part & 0x7F | 0x80)
        content += bytes(groups)
    return _element(0x06, content)


def _value(value: Value | Wire) -> bytes:
    """A value in the narrowest type that holds it; what an agent's MIB says of the type nobody asks."""
    if isinstance(value, Wire):
        return value.octets
    if isinstance(value, Missing):
        return _element(NO_VALUE[value], b"")
    if isinstance(value, bytes):
        return _element(0x04, value)
    if isinstance(value, tuple):
        return _name(value) if len(value) > 1 else _element(0x06, b"\0")
    if value is None:
        return _element(0x05, b"")
    tag = 0x02 if value < 2**31 else 0x42 if value < 2**32 else 0x46
    return _element(tag, _signed(value))


def _binding(row: Row) -> bytes:
    return _element(0x30, _name(row[0]) + _value(row[1]))


def _message(version: int, community: bytes, tag: int, number: int, two: tuple[int, int], rows: list[Row]) -> bytes:
    fields = b"".join(_element(0x02, _signed(one)) for one in (number, *two))
    pdu = _element(tag, fields + _element(0x30, b"".join(map(_binding, rows))))
    return _element(0x30, _element(0x02, _signed(version)) + _element(0x04, community) + pdu)


def _elements(octets: bytes) -> list[tuple[int, bytes, bytes]]:
    """The elements that stand side by side: tag, content, and both with the length."""
    found, at = [], 0
    while at < len(octets):
        tag, size, start = octets[at], octets[at + 1], at + 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(octets[at + 2 : start], "big")
        found.append((tag, octets[start : start + size], octets[at : start + size]))
        at = start + size
    return found


def _version(octets: bytes) -> int:
    """What a message is written in."""
    (_, message, _), = _elements(octets)  # fmt: skip
    return int.from_bytes(_elements(message)[0][1], "big")


def _read(octets: bytes) -> tuple[int, bytes, tuple[int, int, int, int, list[Row]]]:
    """Version, community, and of the PDU its tag, number, two integers and bindings, whose values stay octets."""
    (_, message, _), = _elements(octets)  # fmt: skip
    (_, version, _), (_, community, _), (tag, pdu, _) = _elements(message)
    *integers, (_, rows, _) = _elements(pdu)
    number, first, second = (int.from_bytes(content, "big", signed=True) for _, content, _ in integers)
    bindings: list[Row] = []
    for _, row, _ in _elements(rows):
        (_, name, _), (tag_of, _, value) = _elements(row)
        missing = next((one for one, code in NO_VALUE.items() if code == tag_of), None)
        bindings.append((_parts(name), missing if missing is not None else Wire(value)))
    return int.from_bytes(version, "big"), community, (tag, number, first, second, bindings)


def _parts(content: bytes) -> Oid:
    found, part = [], 0
    for octet in content:
        part = part << 7 | octet & 0x7F
        if octet < 0x80:
            found.append(part)
            part = 0
    return (*divmod(found[0], 40), *found[1:]) if found[0] < 80 else (2, found[0] - 80, *found[1:])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
