"""Is everything that was sealed kept, in order, until it is delivered?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agent.outbox import Outbox, Pending, Waiting
from evidence.model import Raw
from evidence.scan import AskedBy, Scan, Task

RAW, OTHER = Raw("a.json", b"a"), Raw("b.json", b"b")


def scan(name: str = "order", *probes: str) -> Scan:
    """An order of some probes."""
    tasks = tuple(Task(probe) for probe in probes or ("desk", "metro"))
    return Scan(name, "s", ("agent",), tasks, 1, 2, AskedBy.CLOCK)


def sealing(sequence: int, previous: str) -> tuple[str, bytes]:
    """A seal that shows which place it was given."""
    return f"id-{sequence}", f"{sequence} after {previous}".encode()


def refusing(sequence: int, previous: str) -> tuple[str, bytes]:
    """A seal that fails."""
    raise RuntimeError("no seal")


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """An empty outbox."""
    return Outbox(tmp_path / "state")


def test_only_its_owner_reads_it(outbox: Outbox) -> None:
    """Reports and raw evidence are nobody else's to read."""
    assert [stat.S_IMODE(path.stat().st_mode) for path in (outbox.path, outbox.path.parent)] == [0o600, 0o700]


def test_chain(outbox: Outbox) -> None:
    """Each seal is given the next number and the id before it."""
    for _ in range(3):
        outbox.seal("desk", "", 0, (), sealing)

    assert [one.content for one in outbox.waiting()] == [b"1 after ", b"2 after id-1", b"3 after id-2"]


def test_a_seal_that_fails_leaves_nothing(outbox: Outbox) -> None:
    """An exception while sealing leaves no number, no raw evidence and the task as it was."""
    outbox.keep_order(1, scan(), b"order")
    with pytest.raises(RuntimeError, match="no seal"):
        outbox.seal("desk", "order", 0, (RAW,), refusing)

    assert (outbox.waiting(), outbox.raws(), len(outbox.pending())) == ([], [], 2)


def test_the_next_seal_takes_the_number(outbox: Outbox) -> None:
    """After a seal that failed the sequence has no hole."""
    with pytest.raises(RuntimeError, match="no seal"):
        outbox.seal("desk", "", 0, (), refusing)

    assert outbox.seal("desk", "", 0, (), sealing) == Waiting(1, "id-1", b"1 after ")


def test_the_same_id_twice(outbox: Outbox) -> None:
    """Two envelopes never have one id; the second leaves nothing."""
    outbox.seal("desk", "", 0, (), lambda *_: ("same", b"one"))
    with pytest.raises(Exception, match="UNIQUE"):
        outbox.seal("desk", "", 0, (), lambda *_: ("same", b"two"))

    assert outbox.depth() == 1


def test_delivered(outbox: Outbox) -> None:
    """A receipt takes an envelope out of the queue; the chain goes on from it."""
    outbox.seal("desk", "", 0, (), sealing)
    outbox.delivered(1, b"receipt")
    outbox.seal("desk", "", 0, (), sealing)

    assert ([one.content for one in outbox.waiting()], outbox.depth()) == ([b"2 after id-1"], 1)


def test_the_oldest_first(outbox: Outbox) -> None:
    """A long queue is handed out from its beginning."""
    for _ in range(25):
        outbox.seal("desk", "", 0, (), sealing)

    assert [one.sequence for one in outbox.waiting(most=3)] == [1, 2, 3]


def test_raws_wait_for_their_envelope(outbox: Outbox) -> None:
    """Raw evidence goes out only after the report that declares it."""
    outbox.seal("uplinks", "", 0, (RAW, OTHER, RAW), sealing)
    before = outbox.raws()
    outbox.delivered(1, b"receipt")
    after = outbox.raws()
    outbox.raw_delivered(1, RAW.blob.sha256)

    assert (before, len(after), outbox.raws()) == ([], 2, [(1, "id-1", OTHER.blob.sha256, b"b")])


def test_survives(outbox: Outbox) -> None:
    """All of it is there for the next process."""
    outbox.keep_order(7, scan(), b"order")
    outbox.seal("desk", "order", 0, (RAW,), sealing)
    again = Outbox(outbox.path.parent)

    assert (again.depth(), again.cursor(), again.pending()) == (1, 7, [Pending("order", 1, "metro", b"order")])


# --- Orders -----------------------------------------------------------------------------------------------------------


def test_orders_in_turn(outbox: Outbox) -> None:
    """Tasks are done in the order in which they came."""
    outbox.keep_order(1, scan("b"), b"")
    outbox.keep_order(2, scan("a", "ipv6"), b"")

    assert [(one.scan, one.probe) for one in outbox.pending()] == [("b", "desk"), ("b", "metro"), ("a", "ipv6")]


def test_an_order_twice(outbox: Outbox) -> None:
    """The same order again changes nothing, not even for tasks that are done."""
    outbox.keep_order(1, scan(), b"order")
    outbox.seal("desk", "order", 0, (), sealing)
    outbox.keep_order(1, scan(), b"order")

    assert [one.position for one in outbox.pending()] == [1]


@pytest.mark.parametrize(("cursors", "last"), [([1, 5, 9], 9), ([9, 5], 9), ([5, 5], 5), ([], 0)])
def test_the_cursor_never_goes_back(outbox: Outbox, cursors: list[int], last: int) -> None:
    """What was read of the channel is not read again."""
    for cursor in cursors:
        outbox.skip(cursor)

    assert outbox.cursor() == last


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_dropped(outbox: Outbox, state: str) -> None:
    """What is dropped is not run any more; what was sealed stays sealed, and other orders stay."""
    outbox.keep_order(1, scan(), b"order")
    outbox.keep_order(2, scan("other", "ipv6"), b"order")
    outbox.seal("desk", "order", 0, (), sealing)
    outbox.drop("order", state, 3)

    assert ([one.scan for one in outbox.pending()], outbox.depth(), outbox.cursor()) == (["other"], 1, 3)


def test_is_waiting(outbox: Outbox) -> None:
    """A task waits until it is sealed or dropped."""
    outbox.keep_order(1, scan("order", "desk", "metro", "ipv6"), b"order")
    outbox.seal("desk", "order", 0, (), sealing)

    assert [outbox.is_waiting("order", position) for position in range(4)] == [False, True, True, False]


def test_a_cancelled_task_is_not_brought_back(outbox: Outbox) -> None:
    """An order that comes again after its cancellation stays dropped."""
    outbox.keep_order(1, scan(), b"order")
    outbox.drop("order", "cancelled")
    outbox.keep_order(1, scan(), b"order")

    assert outbox.pending() == []
