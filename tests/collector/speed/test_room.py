"""Are promises kept: capacity, one session of a line, groups whole, first come first?"""

from __future__ import annotations

from itertools import count

import pytest

from collector.speed.room import Claim, Room, claim_of
from evidence.stream import Direction, Ticket

pytestmark = pytest.mark.alone

GIGABIT = 1_000_000_000
NUMBERS = count(1)


def claim(line: str, rate_bit_s: int = GIGABIT, group: str = "") -> Claim:
    """Somebody who wants in."""
    return Claim(f"session-{next(NUMBERS)}", "school", line, group, rate_bit_s)


def asked(room: Room, *claims: Claim) -> list[int]:
    """The places of all after they have asked in this order."""
    for one in claims:
        room.ask(one)
    return [room.position(one) for one in claims]


@pytest.mark.parametrize(
    ("claims", "places"),
    [
        ([claim("a", 4 * GIGABIT), claim("b", 4 * GIGABIT), claim("c", 1)], [0, 0, 1]),
        ([claim("a", 50 * GIGABIT), claim("b", 1)], [0, 1]),
        ([claim("a"), claim("a"), claim("b")], [0, 1, 0]),
        ([claim("a", 5 * GIGABIT), claim("b", 5 * GIGABIT), claim("c", 1)], [0, 1, 2]),
        ([claim("a", 8 * GIGABIT, "g"), claim("a", 8 * GIGABIT, "g"), claim("b", 8 * GIGABIT, "g")], [0, 0, 0]),
        ([claim("a", 8 * GIGABIT, "g"), claim("b", 8 * GIGABIT, "h")], [0, 1]),
        ([claim("a", GIGABIT, "g"), claim("a", GIGABIT, "h")], [0, 1]),
        (
            [claim("a", 2 * GIGABIT, "g"), claim("b", 8 * GIGABIT), claim("a", 2 * GIGABIT, "g"), claim("c", 1)],
            [0, 1, 0, 2],
        ),
    ],
    ids=[
        "four fifths are promised",
        "a large one runs alone",
        "a busy line is passed",
        "a large one that waits is not passed",
        "a group counts once",
        "two groups count twice",
        "two groups of one line",
        "who waits does not part a group",
    ],
)
def test_places(claims: list[Claim], places: list[int]) -> None:
    """Who is in has place 0, the others wait in their order."""
    assert asked(Room(10 * GIGABIT), *claims) == places


def test_leaving_makes_room() -> None:
    """Who leaves, from inside or from the queue, lets the next in."""
    room = Room(10 * GIGABIT)
    first, second, third = claim("a", 8 * GIGABIT), claim("b", 8 * GIGABIT), claim("c", GIGABIT)
    asked(room, first, second, third)
    room.leave(second)
    room.leave(first)

    assert room.position(third) == 0


def test_one_place_of_a_session() -> None:
    """A session that waits or is in gets no second place; after it left it may come again."""
    room = Room(10 * GIGABIT)
    first, again = (Claim("s", "school", "a", "g", GIGABIT) for _ in range(2))
    asked = [room.ask(first), room.ask(again)]
    room.leave(first)

    assert [*asked, room.ask(again)] == [True, False, True]


@pytest.mark.parametrize(
    ("about", "rate_bit_s"),
    [
        ({"most_bit_s": 210_000_000}, 210_000_000),
        ({"most_octets": 1_500_000_000, "most_us": 12_000_000}, GIGABIT),
        ({"most_bit_s": 210_000_000, "group": "g", "seats": 4}, 840_000_000),
        ({"most_bit_s": 210_000_000, "seats": 4}, 210_000_000),
    ],
    ids=["paced", "saturating", "a group", "seats without a group"],
)
def test_promise(about: dict[str, int], rate_bit_s: int) -> None:
    """A paced session is promised its rate, a saturating one what its volume is good for, a group that of all its seats."""
    usual = {"session": "s", "school": "s", "scan": "", "agent": "", "server": "", "directions": (Direction.DOWN,)}
    slot = {"not_before_unix_us": 0, "not_after_unix_us": 0, "most_octets": 1}
    ticket = Ticket(**{**usual, **slot, **about})  # type: ignore[arg-type]

    assert claim_of(ticket).rate_bit_s == rate_bit_s
