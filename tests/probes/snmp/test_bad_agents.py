"""What becomes of a walk when the agent, or the way to it, is a bad one? Both backends, where both bear it."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable

import pytest

from evidence.model import Failure, Unmeasurable
from probes._snmp import ber
from probes._snmp.backends import Name
from probes._snmp.exchange import Community, Exchange, Kind, Oid, Pdu, Target, Value, Version
from probes._snmp.walk import End, Walk, Walker
from tests.probes.agents import Simulator, serve
from tests.probes.snmp.conftest import asked, with_exchange
from tests.probes.snmp.wire import Answers, Path, between, with_bindings

PUBLIC = Community("public")
COLUMN: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6)
ROWS: dict[Oid, Value] = {(*COLUMN, index): index * 1000 for index in range(1, 411)}
BEHIND: dict[Oid, Value] = {(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 7, 1): 7}
BOTH = pytest.mark.parametrize("name", list(Name))
FIRST = Pdu(Kind.GETNEXT, (COLUMN,))


def walked(
    name: Name, port: int, timeout_s: float = 1.0, retries: int = 3, credentials: Community = PUBLIC
) -> tuple[int, End]:
    """How many rows a walk brings and how it ends."""

    async def used(exchange: Exchange) -> Walk:
        return await Walker(exchange, time.monotonic() + 30).walk(COLUMN)

    walk = with_exchange(name, Target("127.0.0.1", port, timeout_s, retries), credentials, used)
    return len(walk.rows), walk.end_reason


@BOTH
@pytest.mark.parametrize(
    ("agent", "end"),
    [
        pytest.param(Simulator(ROWS | BEHIND, too_big_above=9), (410, End.LEFT_SUBTREE), id="tooBig above nine rows"),
        pytest.param(Simulator(ROWS, no_such_name_at_end=True), (410, End.NO_SUCH_NAME), id="noSuchName at the end"),
        pytest.param(Simulator(ROWS | BEHIND, swaps=(*COLUMN, 7)), (410, End.LEFT_SUBTREE), id="rows out of order"),
        pytest.param(Simulator(ROWS, loops_at=(*COLUMN, 50)), (50, End.NOT_INCREASING), id="goes round"),
    ],
)
def test_an_agent_that_breaks_rules(name: Name, agent: Simulator, end: tuple[int, End]) -> None:
    """All rows, or an end that says that they are not all; no repeated row and no endless walk."""
    with serve(agent) as port:
        assert walked(name, port) == end


@BOTH
def test_packets_are_lost(name: Name) -> None:
    """With five of a hundred replies lost, all rows are read."""
    draw = random.Random(7)  # noqa: S311  # the same losses at every run

    def lossy(path: Path) -> Answers:
        return [(0, path.replies[-1])] if draw.random() >= 0.05 else []

    with serve(Simulator(ROWS | BEHIND)) as port, between(port, lossy) as path:
        assert walked(name, path.port, timeout_s=0.5) == (410, End.LEFT_SUBTREE)


def test_an_agent_slower_than_the_time_out() -> None:
    """A reply that comes after 1.5 s counts for the repeat that was sent after 1 s: both have the same number."""
    with serve(Simulator(ROWS)) as port, between(port, lambda path: [(1.5, path.replies[-1])]) as path:
        reply = asked(Name.OWN, path.port, PUBLIC, FIRST, timeout_s=1, retries=1)

    assert (reply.varbinds, len(path.requests)) == ((((*COLUMN, 1), 1000),), 2)


@BOTH
@pytest.mark.parametrize("version", list(Version))
def test_silence(name: Name, version: Version) -> None:
    """Who does not answer is given up after the last repeat, and not before."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        started = time.monotonic()
        with pytest.raises(Unmeasurable) as why:
            asked(name, silent.getsockname()[1], Community("x", version), FIRST, timeout_s=0.2, retries=2)

    assert (why.value.failure, 0.5 < time.monotonic() - started < 3) == (Failure.TIMED_OUT, True)


def test_a_closed_port_refuses_at_once() -> None:
    """Nobody waits for an agent whose host says that there is none; pysnmp would wait."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        closed = taken.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(Unmeasurable, match="nothing listens") as why:
        asked(Name.OWN, closed, PUBLIC, FIRST, timeout_s=5)

    assert (why.value.failure, time.monotonic() - started < 1) == (Failure.REFUSED, True)


BAD_INTEGERS = [
    pytest.param(b"\x02\x00", None, id="empty INTEGER"),
    pytest.param(b"\x46\x00", None, id="empty Counter64"),
    pytest.param(b"\x41\x05\x01\x00\x00\x00\x00", None, id="Counter32 of 33 bits"),
    pytest.param(b"\x46\x09\x01" + bytes(8), None, id="Counter64 of 65 bits"),
    pytest.param(b"\x02\x05\x01\x00\x00\x00\x00", None, id="INTEGER of 33 bits"),
    pytest.param(b"\x42\x04\xff\xff\xff\xff", 2**32 - 1, id="Gauge32 without its zero octet in front"),
    pytest.param(b"\x30\x03\x02\x01\x05", None, id="a type that SNMP does not have"),
]


@pytest.mark.parametrize(("octets", "value"), BAD_INTEGERS)
def test_one_bad_value_leaves_the_others(octets: bytes, value: int | None) -> None:
    """The reply is kept, with nothing in place of a value that cannot be read: never a number that was not sent."""
    good, bad = ber.name((*COLUMN, 1)) + ber.integer(5), ber.name((*COLUMN, 2)) + octets

    def change(path: Path) -> Answers:
        return [(0, with_bindings(path.requests[-1], good, bad))]

    with serve(Simulator(ROWS)) as port, between(port, change) as path:
        reply = asked(Name.OWN, path.port, PUBLIC, Pdu(Kind.GETBULK, (COLUMN,), 2))

    assert reply.varbinds == (((*COLUMN, 1), 5), ((*COLUMN, 2), value))


@pytest.mark.parametrize(("octets", "value"), BAD_INTEGERS)
def test_pysnmp_makes_no_number_of_a_bad_value(octets: bytes, value: int | None) -> None:
    """The other backend drops such a reply or tells what was sent; it makes up no number either."""

    def change(path: Path) -> Answers:
        return [(0, with_bindings(path.requests[-1], ber.name((*COLUMN, 1)) + octets))]

    with serve(Simulator(ROWS)) as port, between(port, change) as path:
        try:
            found = asked(Name.PYSNMP, path.port, PUBLIC, FIRST, timeout_s=0.2).varbinds[0][1]
        except Unmeasurable:
            return
    assert found in (value, 0) or octets.endswith(int(str(found)).to_bytes(5, "big"))


def test_an_answer_from_another_address() -> None:
    """A switch that answers from another of its addresses is silent to us, as documented."""
    with (
        serve(Simulator(ROWS)) as port,
        between(port, answers_from="127.0.0.2") as path,
        pytest.raises(Unmeasurable) as why,
    ):
        asked(Name.OWN, path.port, PUBLIC, FIRST, timeout_s=0.3)

    assert (why.value.failure, len(path.replies)) == (Failure.TIMED_OUT, 1)


@BOTH
def test_a_large_reply(name: Name) -> None:
    """Ten kilobytes in one reply are read."""
    table: dict[Oid, Value] = {(*COLUMN, index): bytes([index]) * 400 for index in range(1, 30)}
    with serve(Simulator(table)) as port:
        reply = asked(name, port, PUBLIC, Pdu(Kind.GETBULK, (COLUMN,), 25))

    assert reply.varbinds == tuple(((*COLUMN, index), bytes([index]) * 400) for index in range(1, 26))


def _other_number(octets: bytes) -> bytes:
    """The reply as if to another request."""
    at, stop = ber.expect(octets, 0, len(octets), ber.SEQUENCE)
    _, at = ber.number(octets, at, stop)
    _, at = ber.expect(octets, at, stop, ber.OCTETS)
    _, at, stop = ber.header(octets, at, stop)
    _, after = ber.number(octets, at, stop)
    return octets[: after - 1] + bytes((octets[after - 1] ^ 1,)) + octets[after:]


@BOTH
def test_replies_twice_and_to_others(name: Name) -> None:
    """A reply to another request comes first and the right one twice: each row is read once."""

    def change(path: Path) -> Answers:
        return [(0, _other_number(path.replies[-1])), (0, path.replies[-1]), (0, path.replies[-1])]

    with serve(Simulator(ROWS | BEHIND)) as port, between(port, change) as path:
        assert walked(name, path.port) == (410, End.LEFT_SUBTREE)


@BOTH
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda octets: octets[:-7], id="cut short"),
        pytest.param(lambda octets: b"\x00\x01hello", id="something else"),
        pytest.param(lambda octets: b"", id="nothing"),
        pytest.param(lambda octets: b"\x30\x80" * 20_000, id="nested without end"),
        pytest.param(lambda octets: b"\x30\x84\xff\xff\xff\xff" + octets, id="four gigabytes by its own word"),
    ],
)
def test_a_damaged_reply(name: Name, damage: Callable[[bytes], bytes]) -> None:
    """What is no reply brings nothing, and harms nothing."""
    with serve(Simulator(ROWS)) as port, between(port, lambda path: [(0, damage(path.replies[-1]))]) as path:
        with pytest.raises(Unmeasurable):
            asked(name, path.port, PUBLIC, FIRST, timeout_s=0.3)
        assert path.replies


def test_ours_goes_on_after_a_damaged_reply() -> None:
    """The wait goes on behind what had to be dropped."""

    def change(path: Path) -> Answers:
        return [(0, b"\x30\x05hello"), (0.05, path.replies[-1])]

    with serve(Simulator(ROWS)) as port, between(port, change) as path:
        assert asked(Name.OWN, path.port, PUBLIC, FIRST).varbinds == (((*COLUMN, 1), 1000),)


@BOTH
def test_names_that_do_not_exist(name: Name) -> None:
    """An address that is none is a failure like any other, not a crash."""

    async def used(exchange: Exchange) -> None:
        await exchange.request(FIRST)

    with pytest.raises(Unmeasurable):
        with_exchange(name, Target("240.0.0.1", 161, 0.2, 0), PUBLIC, used)
