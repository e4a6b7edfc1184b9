"""
What do the SNMP benches ask? Many switches in one process, whose answers cost next to nothing: they are made once and kept.

Run as `python -m bench.snmp_agents PORTS COUNT UDP_PORT`: so many switches with so many ports on 127.1.0.1 and the addresses
behind it, SNMP v2c and v3 (SHA-256, AES). It is quick, not careful: what is right is tested against net-snmp.
"""

from __future__ import annotations

import bisect
import select
import socket
import sys
import time

from probes._snmp import ber
from probes._snmp.exchange import Auth, Oid, Priv, User
from probes._snmp.keys import Keys, keys_for
from probes._snmp.user import HIDDEN, SIGNED, put_together

COMMUNITY = b"bench"
USER = User("bench", Auth.SHA256, "bench-auth-key", Priv.AES, "bench-priv-key")
ENGINE_ID = bytes.fromhex("80001f8880bec0bec0bec0bec0")
IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
UNKNOWN_ENGINE_IDS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0)
LLDP_REMOTE: Oid = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1)
ADDRESSES = 300  # that each switch has learned
GET, GETBULK = 0xA0, 0xA5
LARGEST_REPLY = 1400
READ_AT_ONCE = 64


def address(number: int) -> str:
    """Where the switch of that number is."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def _rows(ports: int) -> dict[Oid, bytes]:
    """The value of each object of IF-MIB's two tables, encoded."""
    rows = {SYS_UP_TIME: ber.element(0x43, b"\x01\x02\x03"), (1, 3, 6, 1, 2, 1, 31, 1, 2, 1): ber.integer(0)}
    for index in range(1, ports + 1):
        for column in range(1, 23):
            rows[(*IF_ENTRY, column, index)] = _if_entry(column, index)
        for column in range(1, 20):
            rows[(*IF_X_ENTRY, column, index)] = _if_x_entry(column, index)
    return rows | _beside(ports)


def _beside(ports: int) -> dict[Oid, bytes]:
    """What else the probe `uplinks` reads: who and where it is, its bridge ports, learned addresses, inventory, a neighbour."""
    words = {1: b"Bench switch", 5: b"bench", 6: b"cabinet"}
    rows: dict[Oid, bytes] = {}
    rows |= {(1, 3, 6, 1, 2, 1, 1, column, 0): ber.element(ber.OCTETS, text) for column, text in words.items()}
    rows[(1, 3, 6, 1, 2, 1, 1, 2, 0)] = ber.name((1, 3, 6, 1, 4, 1, 25506, 1, 1))
    rows[(1, 3, 6, 1, 2, 1, 2, 1, 0)] = ber.integer(ports)
    for port in range(1, ports + 1):
        rows[(1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2, port)] = ber.integer(port)
        for column in (2, 4, 5, 7, 11, 13):
            number = column in (4, 5)
            value = (
                ber.integer(10 if column == 5 else 1) if number else ber.element(ber.OCTETS, f"part {port}".encode())
            )
            rows[(1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, column, port)] = value
    for station in range(ADDRESSES):
        mac = (2, 0, 0, 0, station // 256, station % 256)
        rows[(1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2, 1, *mac)] = ber.integer(station % ports + 1)
    for column, value in {4: ber.integer(4), 6: ber.integer(5), 5: bytes(5) + b"\1", 7: b"GE0/0/1", 9: b"core"}.items():
        told = ber.element(ber.OCTETS, value) if column in (5, 7, 9) else value
        rows[(*LLDP_REMOTE, column, 0, 1, 1)] = told
    return rows


def _if_entry(column: int, index: int) -> bytes:
    """A value of ifTable."""
    if column in (2, 6):
        return ber.element(ber.OCTETS, f"GigabitEthernet0/0/{index}".encode() if column == 2 else bytes(6))
    if column == 22:
        return ber.name((0, 0))
    if column in (3, 8):
        return ber.integer(6 if column == 3 else 1)  # ethernetCsmacd, up
    return ber.integer(index) if column in (1, 4, 7) else ber.element(0x41, (index * 65_537).to_bytes(5, "big"))


def _if_x_entry(column: int, index: int) -> bytes:
    """A value of ifXTable."""
    if column in (1, 18):
        return ber.element(ber.OCTETS, f"GE0/0/{index}".encode() if column == 1 else b"")
    if 6 <= column <= 13:
        return ber.element(0x46, (index * 10**12).to_bytes(8, "big"))
    return ber.element(0x42, (1000).to_bytes(2, "big"))


class Switch:
    """A table, and the answers that were made of it."""

    def __init__(self, ports: int) -> None:
        rows = _rows(ports)
        self._names = sorted(rows)
        self._bindings = [ber.element(ber.SEQUENCE, ber.name(oid) + rows[oid]) for oid in self._names]
        self._kept: dict[bytes, bytes] = {}
        self._keys: Keys = keys_for(USER, ENGINE_ID)
        self._started_s = time.monotonic()

    def answer(self, octets: bytes) -> bytes:
        """The reply to a message."""
        at, stop = ber.expect(octets, 0, len(octets), ber.SEQUENCE)
        version, after = ber.number(octets, at, stop)
        if version == 3:
            return self._answer_v3(octets, after, stop)
        _, pdu_at = ber.expect(octets, after, stop, ber.OCTETS)
        return ber.element(ber.SEQUENCE, octets[at:pdu_at] + self._pdu(octets, pdu_at, stop))

    def _pdu(self, octets: bytes, at: int, stop: int) -> bytes:
        """The response PDU to a request."""
        kind, at, stop = ber.header(octets, at, stop)
        _, after = ber.number(octets, at, stop)
        key = bytes((kind,)) + octets[after:stop]
        if key not in self._kept:
            self._kept[key] = self._made(kind, octets, after, stop)
        return ber.element(0xA2, octets[at:after] + self._kept[key])

    def _made(self, kind: int, octets: bytes, at: int, stop: int) -> bytes:
        """What comes behind the request-id: no error, and the bindings."""
        _, at = ber.number(octets, at, stop)
        times, at = ber.number(octets, at, stop)
        at, stop = ber.expect(octets, at, stop, ber.SEQUENCE)
        asked = [oid for oid, _ in ber.varbinds(octets, at, stop)]
        found = map(self._of, asked) if kind == GET else self._following(asked, times if kind == GETBULK else 1)
        return ber.integer(0) * 2 + ber.element(ber.SEQUENCE, b"".join(found))

    def _of(self, oid: Oid) -> bytes:
        """One object, or noSuchObject."""
        place = bisect.bisect_left(self._names, oid)
        if place < len(self._names) and self._names[place] == oid:
            return self._bindings[place]
        return ber.element(ber.SEQUENCE, ber.name(oid) + b"\x80\x00")

    def _following(self, asked: list[Oid], times: int) -> list[bytes]:
        """The objects behind those that were asked for, so often, as far as they fit."""
        places = [bisect.bisect_right(self._names, oid) for oid in asked]
        found: list[bytes] = []
        size = 0
        for step in range(times):
            for oid, place in zip(asked, places, strict=True):
                over = place + step >= len(self._names)
                behind = ber.element(ber.SEQUENCE, ber.name(self._names[-1] if step else oid) + b"\x82\x00")
                found.append(behind if over else self._bindings[place + step])
                size += len(found[-1])
                if size > LARGEST_REPLY:
                    return found[:-1]
        return found

    def _answer_v3(self, octets: bytes, at: int, stop: int) -> bytes:
        """The same under SNMP v3; who asks without a digest is told the engine's ID."""
        head_at, head_stop = ber.expect(octets, at, stop, ber.SEQUENCE)
        message_id, head_at = ber.number(octets, head_at, head_stop)
        _, head_at = ber.number(octets, head_at, head_stop)
        security_at, data_at = ber.expect(octets, head_stop, stop, ber.OCTETS)
        known = ber.element(ber.OCTETS, ENGINE_ID)
        now_s = int(time.monotonic() - self._started_s)
        clock = ber.integer(1) + ber.integer(now_s)
        if not octets[head_at + 2] & SIGNED:
            report = ber.integer(message_id) + ber.integer(0) * 2
            counter = ber.element(ber.SEQUENCE, ber.name(UNKNOWN_ENGINE_IDS) + ber.element(0x41, b"\x01"))
            report = ber.element(0xA8, report + ber.element(ber.SEQUENCE, counter))
            nothing = ber.element(ber.OCTETS, b"")
            scoped = ber.element(ber.SEQUENCE, known + nothing + report)
            return put_together(message_id, 0, known + clock + nothing * 3, scoped)
        salt, boots, asked_s = self._security(octets, security_at, data_at)
        data_at, stop = ber.expect(octets, data_at, stop, ber.OCTETS)
        plain = self._keys.shown(octets[data_at:stop], boots, asked_s, salt)
        at, stop = ber.expect(plain, 0, len(plain), ber.SEQUENCE)
        _, at_context = ber.expect(plain, at, stop, ber.OCTETS)
        _, pdu_at = ber.expect(plain, at_context, stop, ber.OCTETS)
        scoped = ber.element(ber.SEQUENCE, plain[at:pdu_at] + self._pdu(plain, pdu_at, stop))
        data = ber.element(ber.OCTETS, self._keys.hidden(scoped, 1, now_s, salt))
        head = known + clock + ber.element(ber.OCTETS, USER.user.encode())

        def with_digest(digest: bytes) -> bytes:
            security = head + ber.element(ber.OCTETS, digest) + ber.element(ber.OCTETS, salt)
            return put_together(message_id, SIGNED | HIDDEN, security, data)

        return with_digest(self._keys.digest(with_digest(bytes(self._keys.digest_octets))))

    def _security(self, octets: bytes, at: int, stop: int) -> tuple[bytes, int, int]:
        """Salt, boots and time of a request."""
        at, stop = ber.expect(octets, at, stop, ber.SEQUENCE)
        _, at = ber.expect(octets, at, stop, ber.OCTETS)
        boots, at = ber.number(octets, at, stop)
        asked_s, at = ber.number(octets, at, stop)
        _, at = ber.expect(octets, at, stop, ber.OCTETS)
        _, at = ber.expect(octets, at, stop, ber.OCTETS)
        salt_at, salt_stop = ber.expect(octets, at, stop, ber.OCTETS)
        return octets[salt_at:salt_stop], boots, asked_s


def main(ports: int, count: int, udp_port: int) -> None:
    """Answer until ended."""
    switch, sockets, poll = Switch(ports), {}, select.epoll()
    for number in range(count):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        one.bind((address(number), udp_port))
        one.setblocking(False)
        sockets[one.fileno()] = one
        poll.register(one.fileno(), select.EPOLLIN)
    print("ready", flush=True)
    while True:
        for fileno, _ in poll.poll():
            _serve(sockets[fileno], switch)


def _serve(one: socket.socket, switch: Switch) -> None:
    """Answer what waits at one address."""
    for _ in range(READ_AT_ONCE):
        try:
            octets, peer = one.recvfrom(65_535)
        except BlockingIOError:
            return
        one.sendto(switch.answer(octets), peer)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
