"""Who is let in: only whoever shows a ticket that holds here, now, for the first time, and has something left of the day?"""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.speed.admission import Leave, admitted
from collector.speed.talk import Talk
from evidence.stream import VERSION, Direction, Hello, Refused, Waiting, Welcome
from tests.collector.speed.client import knocking, session
from tests.collector.speed.serving import MINUTE_US, Serving, serving

pytestmark = pytest.mark.alone

HALF_US = 500_000
GRACE_US = 5_000_000


def refused(speed: Serving, ticket: str) -> str:
    """The code with which a ticket is refused; empty where it is not."""
    with knocking(speed.address) as client:
        said = client.greet(ticket)
    return said.code if isinstance(said, Refused) else ""


def slot(speed: Serving, before_us: int, after_us: int) -> dict[str, Any]:
    """A slot around now."""
    now_us = speed.parts.now_us()
    return {"not_before_unix_us": now_us + before_us, "not_after_unix_us": now_us + after_us}


def test_no_ticket(shared: Serving) -> None:
    """Without a ticket nobody measures here."""
    assert refused(shared, "") == "bad_ticket"


def test_forged(shared: Serving) -> None:
    """A ticket that another key sealed is refused."""
    assert refused(shared, shared.ticket(Ed25519PrivateKey.generate())) == "bad_ticket"


def test_changed(shared: Serving) -> None:
    """A ticket of which one octet was changed is refused."""
    good = shared.ticket()
    place = good.index('"payload":"') + 40
    changed = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]

    assert refused(shared, changed) == "bad_ticket"


@pytest.mark.parametrize(
    ("about", "before_us", "after_us", "code"),
    [
        ({"server": "0" * 64}, -MINUTE_US, MINUTE_US, "not_this_server"),
        ({}, GRACE_US + 2_000_000, MINUTE_US, "too_early"),
        ({}, GRACE_US - 2_000_000, MINUTE_US, ""),
        ({}, -MINUTE_US, -GRACE_US - 1_000_000, "too_late"),
        ({}, -MINUTE_US, -GRACE_US + 2_000_000, ""),
    ],
    ids=["another server", "too early", "within the grace before", "too late", "within the grace after"],
)
def test_slot(shared: Serving, about: dict[str, Any], before_us: int, after_us: int, code: str) -> None:
    """A ticket holds at its server and in its slot, with five seconds of grace."""
    assert refused(shared, shared.ticket(**about, **slot(shared, before_us, after_us))) == code


def test_used(shared: Serving) -> None:
    """A ticket is good once, whether or not anything was measured with it."""
    ticket = shared.ticket()

    assert (refused(shared, ticket), refused(shared, ticket)) == ("", "used")


def test_used_at_the_same_time(shared: Serving) -> None:
    """Of two that show one ticket at once, one is let in."""
    ticket = shared.ticket(group="g", seats=2)
    said: list[str] = []
    threads = [threading.Thread(target=lambda: said.append(refused(shared, ticket))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["", "used", "used", "used"]


def test_used_before_a_restart(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """A restart forgets no used ticket."""
    with serving(tmp_path, key) as first:
        ticket = first.ticket()
        before = refused(first, ticket)
    with serving(tmp_path, key) as second:
        assert (before, refused(second, ticket)) == ("", "used")


def test_used_by_one_who_waits(speed: Serving) -> None:
    """A ticket that waits in the queue, or is measured with, holds one connection and not a second."""
    measured, waiting = speed.ticket(school="one"), speed.ticket(school="one")
    with session(speed.address, measured), knocking(speed.address) as second:
        said = second.greet(waiting)
        codes = [refused(speed, ticket) for ticket in (measured, waiting)]

    assert (isinstance(said, Waiting), codes) == (True, ["used", "used"])


@pytest.mark.parametrize(
    ("fails", "mended"),
    [
        ("ALTER TABLE volume RENAME TO lost", "ALTER TABLE lost RENAME TO volume"),
        ("CREATE TRIGGER full BEFORE INSERT ON ticket BEGIN SELECT RAISE(ABORT, 'full'); END", "DROP TRIGGER full"),
    ],
    ids=["the volume cannot be read", "the ticket cannot be noted"],
)
def test_a_failure_gives_back(tmp_path: Path, key: Ed25519PrivateKey, fails: str, mended: str) -> None:
    """Whatever fails while somebody is admitted, his place and his volume are free again."""
    most_octets = 20_000_000_000
    with serving(tmp_path, key, day_octets=most_octets) as up, sqlite3.connect(up.kept.path) as file:
        hello = Hello(VERSION, up.ticket(most_octets=most_octets))
        with socket.socket() as nobody:
            file.execute(fails)
            with pytest.raises(sqlite3.Error), admitted(up.parts, Talk(nobody), hello):
                pass
            file.execute(mended)
            with admitted(up.parts, Talk(nobody), hello) as given:
                assert isinstance(given, Leave)
                assert given.grant.octets == most_octets
    file.close()


def test_day_volume(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """What a school moved today is counted over sessions and restarts, and bounds the next; other schools are not touched."""
    about: dict[str, Any] = {"school": "one", "most_octets": 6_000_000}
    with serving(tmp_path, key, day_octets=8_000_000) as first, session(first.address, first.ticket(**about)) as client:
        client.measure(streams=2, most_us=5_000_000)
    with serving(tmp_path, key, day_octets=8_000_000) as second:
        with session(second.address, second.ticket(**about)) as client:
            assert client.welcome is not None
            left = client.welcome.most_octets
            client.measure(streams=2, most_us=5_000_000)
        gone = second.kept.moved("one", second.parts.now_us())
        again = refused(second, second.ticket(school="one", most_octets=8_000_000 - gone)) if gone < 8_000_000 else ""
        other = refused(second, second.ticket(school="two"))

    assert (2_000_000 <= left <= 2_100_000, gone <= 8_000_000, again, other) == (True, True, "", "")


def test_nothing_left_of_the_day(speed: Serving) -> None:
    """A school whose day is used up is told so, and the ticket stays good for another day."""
    ticket = speed.ticket(school="one")
    speed.kept.charge("one", 20_000_000_000, speed.parts.now_us())

    assert (refused(speed, ticket), speed.kept.unobserved()) == ("day_volume", [])


def test_two_sessions_cannot_spend_one_rest(speed: Serving) -> None:
    """What one session may still move is not promised to a second."""
    speed.kept.charge("one", 19_000_000_000, speed.parts.now_us())
    both: dict[str, Any] = {"school": "one", "group": "g", "seats": 2, "most_octets": 700_000_000}
    with session(speed.address, speed.ticket(**both)) as first, session(speed.address, speed.ticket(**both)) as second:
        assert first.welcome is not None
        assert second.welcome is not None
        assert (first.welcome.most_octets, second.welcome.most_octets) == (700_000_000, 300_000_000)


def test_one_at_a_time_of_a_line(shared: Serving) -> None:
    """A second session of the same line waits for the first, and is told so; another line of the school does not."""
    about: dict[str, Any] = {"school": "same", "most_bit_s": 1_000_000}
    with session(shared.address, shared.ticket(**about)) as first:
        with session(shared.address, shared.ticket(**about, line="other")):
            pass
        with knocking(shared.address) as second:
            said = second.greet(shared.ticket(**about))
            first.bye()
            then = second.until(Welcome)

    assert (isinstance(said, Waiting), isinstance(then, Welcome)) == (True, True)


def test_who_waits_hears_of_it(shared: Serving) -> None:
    """Who waits is told so at least every two seconds, until the slot is over; then others were in the way."""
    about: dict[str, Any] = {"school": "busy"}
    with session(shared.address, shared.ticket(**about)), knocking(shared.address) as second:
        began_s = time.monotonic()
        said = [second.greet(shared.ticket(**about, **slot(shared, -1, 2_000_000)))]
        while isinstance(said[-1], Waiting):
            said.append(second.next())

    assert [getattr(one, "code", "wait") for one in said] == ["wait", "wait", "busy"]
    assert 1.5 < time.monotonic() - began_s < 4


def test_who_leaves_the_queue_makes_room(speed: Serving) -> None:
    """Who goes away while waiting is not waited for, and his ticket stays good."""
    ticket = speed.ticket(school="one")
    with session(speed.address, speed.ticket(school="one")) as first:
        with knocking(speed.address) as second:
            second.greet(ticket)
        time.sleep(0.3)
        first.bye()
        assert refused(speed, ticket) == ""


def test_group_counts_over_common_bins(shared: Serving) -> None:
    """Members that begin one after the other get one window, in which all were active, and end together."""
    about: dict[str, Any] = {"school": "many", "group": "together", "seats": 2, "most_us": 1_500_000}
    with (
        session(shared.address, shared.ticket(**about)) as first,
        session(shared.address, shared.ticket(**about)) as second,
    ):
        first.begin(pace_bit_s=80_000_000)
        time.sleep(0.45)
        second.begin(pace_bit_s=80_000_000)
        one, other = first.end()[0], second.end()[0]

    assert (one.to_us - one.from_us, one.facts["present"]) == (other.to_us - other.from_us, 2)
    assert 300_000 <= one.from_us - other.from_us <= 700_000


def test_directions_of_a_ticket(shared: Serving) -> None:
    """A direction that the ticket does not name is refused."""
    with session(shared.address, shared.ticket(directions=(Direction.UP,))) as client:
        client.order(Direction.DOWN)
        said = client.next()

    assert isinstance(said, Refused)
    assert said.code == "direction"
