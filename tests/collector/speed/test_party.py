"""When does a run end, and which bins count, alone and side by side?"""

from __future__ import annotations

import pytest

from collector.speed.bins import Series, complete_until, next_bin, summed
from collector.speed.party import GATHER_US, Member, Parties, Party, Span
from evidence.stream import BIN_US, Ended

pytestmark = pytest.mark.alone

SECOND_US = 1_000_000
ORIGIN = 1000


def member(bins: list[int], origin: int = ORIGIN, most_s: int = 12, paced: bool = False) -> Member:
    """A run with these bins from its origin on."""
    series = Series()
    for at, octets in enumerate(bins):
        series.add((origin + at) * BIN_US + BIN_US // 2, octets)
        series.add((origin + at) * BIN_US + BIN_US - 1, 0)
    return Member(origin, most_s * SECOND_US, paced, [series])


def party_of(*members: Member, seats: int = 1) -> Party:
    """Members that all came in time."""
    party = Party(seats)
    for one in members:
        party.enter(one, one.origin * BIN_US)
    return party


def followed(party: Party, until_s: float = 30) -> tuple[int, Span]:
    """Look as often as a session does; after how many bins it ended, and with what."""
    for step in range(int(until_s * 20)):
        now_us = ORIGIN * BIN_US + step * 50_000
        if (span := party.judged(now_us)) is not None:
            return step // 2, span
    raise AssertionError("it did not end")


WOBBLY = [10_000, 2_000] * 200
STEADY = [10_000] * 400


@pytest.mark.parametrize(
    ("one", "ended", "bins"),
    [
        (member(STEADY), Ended.STEADY, 40),
        (member(STEADY, paced=True), Ended.STEADY, 30),
        (member([0] * 10 + STEADY), Ended.STEADY, 40),
        (member([*range(0, 400_000, 1000)]), Ended.TIME, 120),
        (member(STEADY, most_s=2), Ended.TIME, 20),
        (member([0] * 400), Ended.CUT, 50),
        (member(STEADY[:20] + [0] * 200), Ended.CUT, 70),
    ],
    ids=["steady", "paced", "after a warm-up", "rising", "short", "nothing at all", "nothing any more"],
)
def test_end(one: Member, ended: Ended, bins: int) -> None:
    """A run ends when its rate has settled, after four seconds at the earliest, or in its time, or when nothing comes any more."""
    after, span = followed(party_of(one))

    assert (span.ended, bins <= after <= bins + 2) == (ended, True)


def test_only_what_has_settled_is_steady() -> None:
    """A party that was ended from outside is a lower bound, however steady its bins look."""
    party = party_of(member(STEADY))
    party.end(Ended.STOPPED, (ORIGIN + 50) * BIN_US)
    span = party.judged((ORIGIN + 50) * BIN_US)

    assert span is not None
    assert (span.ended, span.steady, span.half_width_ppm) == (Ended.STOPPED, False, 0)


def test_first_reason_stands() -> None:
    """Once a party has ended nothing changes that."""
    party = party_of(member(STEADY))
    party.end(Ended.OCTETS, (ORIGIN + 50) * BIN_US)
    party.end(Ended.CUT, (ORIGIN + 80) * BIN_US)

    assert party.span is not None
    assert party.span.ended is Ended.OCTETS


def test_too_short_to_tell() -> None:
    """Of a run with fewer than two batches nothing is known: the half-width is all of it."""
    party = party_of(member(STEADY))
    party.end(Ended.CUT, (ORIGIN + 8) * BIN_US)

    assert party.span is not None
    assert (party.span.half_width_ppm, party.span.first) == (1_000_000, ORIGIN)


def test_sum_decides() -> None:
    """Two members that take from each other are unsteady alone and steady together."""
    taking = member([5_000 + 4_000 * (at // 5 % 2) for at in range(400)])
    giving = member([9_000 - 4_000 * (at // 5 % 2) for at in range(400)])

    assert followed(party_of(taking, giving, seats=2))[1].steady


def test_common_bins_only() -> None:
    """Nothing before the last member began counts, and the time counts from there."""
    late = member(STEADY, ORIGIN + 12)
    after, span = followed(party_of(member(STEADY), late, seats=2))

    assert (span.first >= late.origin, after >= 12 + 40) == (True, True)


def test_waits_for_all_seats() -> None:
    """While a seat is empty nothing is decided; ten seconds after the first began those who are there are the party."""
    after, span = followed(party_of(member(STEADY), seats=2))

    assert (span.steady, after) == (True, 10 * 10)


def test_late_member_is_a_party_of_its_own() -> None:
    """Who comes when the party is complete, or waits no longer, or has ended, does not join it."""
    parties = Parties()
    first = parties.join("g", "down", 2, member(STEADY), ORIGIN * BIN_US)
    second = parties.join("g", "down", 2, member(STEADY), ORIGIN * BIN_US)
    third = parties.join("g", "down", 2, member(STEADY), ORIGIN * BIN_US)
    fourth = parties.join("g", "down", 2, member(STEADY, ORIGIN + 200), ORIGIN * BIN_US + GATHER_US + 2)

    assert (first is second, first is third, third is fourth) == (True, False, False)


def test_alone() -> None:
    """Runs without a group are each alone, and so are the directions of a group."""
    parties = Parties()
    found = [
        parties.join(group, way, 2, member(STEADY), 0)
        for group, way in (("", "down"), ("", "down"), ("g", "down"), ("g", "up"))
    ]

    assert (len({id(one) for one in found}), [one.seats for one in found]) == (4, [1, 1, 2, 2])


def test_chunks_are_spread() -> None:
    """A chunk belongs to the time since the one before it, the first to its moment, and none to a bin that was read."""
    series = Series()
    series.add(10 * BIN_US - 20_000, 50)
    series.add(10 * BIN_US + 20_000, 100)
    series.add(13 * BIN_US + 10_000, 60)

    assert series.between(9, 14) == [100, 50, 0, 50, 10]
    assert complete_until(13 * BIN_US + 10_000) <= 12


def test_grid() -> None:
    """Bins lie on one grid, and several series are added on it."""
    one, other = Series(), Series()
    one.add(5 * BIN_US, 1)
    other.add(5 * BIN_US + 99_999, 2)

    assert (next_bin(5 * BIN_US), next_bin(5 * BIN_US + 1), summed([one, other], 4, 7)) == (5, 6, [0, 3, 0])
