"""Is L8 judged as its definition says, and does what is measured for it see what a browser would?"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from probes._ipv6.dual import ATTEMPT_DELAY_S, Pairs, Race, climb, judged, race
from probes._ipv6.settings import Limits, Settings
from probes._literal import Connect
from tests.probes.face import ROOT
from tests.probes.lane import DEAD, FOUR, SIX, Lane, lane
from tests.probes.spaces import Host

SIX_AT, FOUR_AT = IPv6Address("2001:db8::2"), IPv4Address("192.0.2.2")
LOOP6, LOOP4 = IPv6Address("::1"), IPv4Address("127.0.0.1")
ASKED = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from ipaddress import ip_address
from probes._ipv6.way import has_way
print(has_way(ip_address("198.51.100.1"), "ge0"))
"""


def six(clean: int = 10, repeated: int = 0, silent: int = 0, us: int = 20_000) -> tuple[Connect, ...]:
    """Connects over IPv6: accepted at the first SYN, at a later one, not at all."""
    stood = Connect(SIX_AT, 443, "2001:db8::1", us)
    none = Connect(SIX_AT, 443, "2001:db8::1", None, "ETIMEDOUT")
    return (stood,) * clean + (replace(stood, us=us + 1_000_000, repeated=1),) * repeated + (none,) * silent


def four(accepted: int = 10, us: int = 20_000) -> tuple[Connect, ...]:
    """Connects over IPv4: accepted, and otherwise not at all."""
    stood, none = Connect(FOUR_AT, 443, "192.0.2.1", us), Connect(FOUR_AT, 443, "192.0.2.1", None, "ETIMEDOUT")
    return (stood,) * accepted + (none,) * (10 - accepted)


def races(won: int = 10, of: int = 10) -> tuple[Race, ...]:
    """So many races won by IPv6, the rest by IPv4."""
    return (Race(6, 20_000),) * won + (Race(4, 270_000),) * (of - won)


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        pytest.param(Pairs(six(), four(), races()), ("pass", ""), id="both alike"),
        pytest.param(Pairs(six(9, 1), four(), races()), ("pass", ""), id="one SYN of ten repeated"),
        pytest.param(Pairs(six(9, 0, 1), four(), races()), ("pass", ""), id="one of ten not accepted"),
        pytest.param(Pairs(six(8, 2), four(), races()), ("fail", "V6_UNSTABLE"), id="two SYNs repeated, all accepted"),
        pytest.param(Pairs(six(0, 0, 10), four(), races(0)), ("fail", "V6_UNSTABLE"), id="IPv4 alone"),
        pytest.param(Pairs(six(us=270_000), four(), races()), ("pass", ""), id="just as slow as allowed"),
        pytest.param(Pairs(six(us=270_001), four(), races()), ("fail", "V6_SLOW"), id="a microsecond slower"),
        pytest.param(Pairs(six(us=900_000), four(), races(0)), ("fail", "V6_SLOW"), id="slow, and IPv4 wins: slow"),
        pytest.param(Pairs(six(), four(), races(5)), ("pass", ""), id="half of the races"),
        pytest.param(Pairs(six(), four(), races(4)), ("fail", "V4_PREFERRED"), id="fewer than half of the races"),
        pytest.param(Pairs(six(), four(), races(1, 1)), ("pass", ""), id="one race, for there was no more time"),
        pytest.param(Pairs(six(), four(1), races()), ("pass", ""), id="IPv4 is worse"),
        pytest.param(Pairs(six(), four(0), races()), ("inconclusive", "V4_SILENT"), id="a route for IPv4, no answer"),
        pytest.param(Pairs(six(), without_ipv4=True), ("pass", "NO_IPV4"), id="no IPv4"),
        pytest.param(Pairs(six(8, 2), without_ipv4=True), ("fail", "V6_UNSTABLE"), id="no IPv4, unstable"),
        pytest.param(Pairs(six(0, 0, 10), four(0)), ("inconclusive", "SERVER_UNREACHABLE"), id="no server"),
        pytest.param(
            Pairs(six(0, 0, 10), without_ipv4=True), ("inconclusive", "SERVER_UNREACHABLE"), id="no IPv4, no server"
        ),
    ],
)
def test_judging(pairs: Pairs, verdict: tuple[str, str]) -> None:
    """IPv6 is judged by what stood at the first SYN, by the median beside IPv4's, and by the races, each to its bound exactly."""
    rung = judged(pairs, Limits())

    assert (rung.state, rung.code) == verdict


def test_bounds_are_those_of_the_order() -> None:
    """The bounds come from the order, and nothing that is not accepted passes under any."""
    lax = Limits(dual_ppm=0, slower_us=30_000_000, race_ppm=0)

    codes = [judged(Pairs(one, four(), races(0)), lax).code for one in (six(1, 9, us=900_000), six(0, 0, 10))]
    assert codes == ["", "V6_UNSTABLE"]


def test_facts() -> None:
    """The facts carry what the bounds are compared with; the time of a fall-back only where IPv4 was fallen back to."""
    facts = judged(Pairs(six(9, 1), four(), races(7), Race(4, 251_000)), Limits()).evidence

    assert facts == {
        "tries": 10,
        "v6_accepted": 10,
        "v6_clean": 9,
        "v6_us": 20_000,
        "v4_accepted": 10,
        "v4_clean": 10,
        "v4_us": 20_000,
        "races": 10,
        "v6_wins": 7,
        "fall_back_us": 251_000,
    }


@pytest.mark.parametrize(
    ("dead", "fact"),
    [(Race(6, 900, "2001:db8::1", DEAD), "bad6_accepted_us"), (Race(0, 3_000_000), "nobody_us")],
    ids=["somebody answers for nobody", "nobody at all"],
)
def test_no_fall_back(dead: Race, fact: str) -> None:
    """Where the address with nobody behind it is accepted, or IPv4 is not, no time of a fall-back is told."""
    facts = judged(Pairs(six(), four(), races(), dead), Limits()).evidence

    assert (facts.get("fall_back_us"), facts[fact]) == (None, dead.us)


@pytest.mark.parametrize(
    ("echo", "verdict"),
    [
        (None, ("not_tested", "NO_TARGETS")),
        ({"zone": "echo.test", "server_key": "00" * 32, "v6": "::1"}, ("inconclusive", "NO_V4_NAME")),
    ],
    ids=["no echo", "no IPv4 name"],
)
def test_nothing_to_compare_with(echo: dict[str, str] | None, verdict: tuple[str, str]) -> None:
    """Without the operator's server nothing is tested, and without its IPv4 address nothing is decided; nothing is sent."""
    climbed = climb(Settings.model_validate({"echo": echo}), "lo")

    assert (climbed.rung.state, climbed.rung.code, climbed.raws) == (*verdict, ())


# --- races on loopback ------------------------------------------------------------------------------------------------


@contextmanager
def standing(six: str, four: str) -> Iterator[int]:
    """A port at which each family `accepts`, `refuses` or is `silent`: its queue is full, and further SYNs are dropped."""
    with ExitStack() as held:
        port = 0
        for family, address, how in ((socket.AF_INET6, "::1", six), (socket.AF_INET, "127.0.0.1", four)):
            bound = held.enter_context(socket.socket(family))
            bound.bind((address, port))
            port = bound.getsockname()[1]
            if how != "refuses":
                bound.listen(0 if how == "silent" else 64)
            for _ in range(2 if how == "silent" else 0):
                filling = held.enter_context(socket.socket(family))
                filling.setblocking(False)
                assert filling.connect_ex((address, port)) == errno.EINPROGRESS
        yield port


@pytest.mark.parametrize(
    ("six", "four", "winner", "after_the_delay"),
    [
        ("accepts", "accepts", 6, False),
        ("refuses", "accepts", 4, False),
        ("silent", "accepts", 4, True),
        ("accepts", "refuses", 6, False),
        ("refuses", "refuses", 0, False),
    ],
)
def test_a_race(six: str, four: str, winner: int, after_the_delay: bool) -> None:
    """IPv4 joins 250 ms after IPv6, at once where IPv6 is refused, and not at all where IPv6 stands by then."""
    with standing(six, four) as port:
        ran = race(LOOP6, LOOP4, port, "lo")

    to = {6: "::1", 4: "127.0.0.1", 0: ""}[winner]
    assert (ran.winner, ran.source, ran.to, ran.us >= ATTEMPT_DELAY_S * 1_000_000) == (winner, to, to, after_the_delay)


# --- both families on a cable -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    """Two hosts with both families, and the echo server."""
    with lane(tmp_path_factory.mktemp("lane")) as made:
        yield made


def test_a_line_that_works(line: Lane) -> None:
    """Ten of ten are clean, IPv6 wins every race, and every connection is told with both addresses."""
    climbed = line.climb("dual")

    (dual,) = climbed.raws.values()
    ends = {(one["source"], one["to"]) for one in (*dual["six"], *dual["four"], *dual["races"])}
    assert (climbed.state, climbed.code, climbed.facts["v6_clean"], climbed.facts["v6_wins"]) == ("pass", "", 10, 10)
    assert ends == {("2001:db8:7::1", SIX), ("192.0.2.1", FOUR)}


def test_a_dead_address(line: Lane) -> None:
    """From an address with nobody behind it a browser falls back after the attempt delay."""
    with line.filtered("ip6 daddr " + DEAD + " drop"):
        line.far.ip("addr", "add", f"{DEAD}/64", "dev", "eth0", "nodad")
        climbed = line.climb("dual", echo={"bad6": DEAD})
        line.far.ip("addr", "del", f"{DEAD}/64", "dev", "eth0")

    assert (climbed.code, 250_000 <= climbed.facts["fall_back_us"] < 1_000_000) == ("", True)


def test_two_of_ten_lose_a_packet(line: Lane) -> None:
    """A connect that stands only at a second SYN is not clean: IPv6 that loses is unstable though every connect is accepted."""
    with line.filtered("ip6 nexthdr tcp tcp flags & (syn | ack) == syn numgen inc mod 13 < 2 drop"):
        climbed = line.climb("dual")

    assert (climbed.state, climbed.code) == ("fail", "V6_UNSTABLE")
    assert (climbed.facts["v6_accepted"], climbed.facts["v6_clean"], climbed.facts["v4_clean"]) == (10, 8, 10)


def test_ipv6_is_dropped(line: Lane) -> None:
    """Where IPv6 is dropped IPv4 wins every race, and the rung ends in bounded time."""
    with line.filtered("ip6 nexthdr tcp drop"):
        climbed = line.climb("dual")

    assert (climbed.code, climbed.facts["v6_accepted"], climbed.facts["v6_wins"]) == ("V6_UNSTABLE", 0, 0)
    assert climbed.took_s < 9


def test_ipv4_is_refused(line: Lane) -> None:
    """With a route for IPv4 and nobody who accepts there is nothing to compare with."""
    with line.filtered("ip protocol tcp reject with tcp reset"):
        climbed = line.climb("dual")

    assert (climbed.state, climbed.code, climbed.facts["v6_clean"]) == ("inconclusive", "V4_SILENT", 10)


def test_no_ipv4_route(line: Lane) -> None:
    """Without a route for IPv4 none is tried, though Linux would ask the link for it, and IPv6 alone is judged."""
    climbed = line.climb("dual", echo={"v4": "198.51.100.1"})

    (dual,) = climbed.raws.values()
    assert (climbed.state, climbed.code, dual["four"], dual["races"]) == ("pass", "NO_IPV4", [], [])


@pytest.mark.parametrize(
    ("routes", "way"),
    [
        pytest.param((), False, id="no route"),
        pytest.param(("198.51.100.0/24 dev ge0",), True, id="a network"),
        pytest.param(("default dev ge0", "blackhole 198.51.100.0/24"), False, id="a blackhole in front"),
        pytest.param(("default dev other0",), False, id="by another interface"),
    ],
)
def test_a_way(pair: tuple[Host, Host], routes: tuple[str, ...], way: bool) -> None:
    """A way is an entry of the routing tables that leads somewhere by the interface, and nothing that the kernel assumes."""
    desk, _ = pair
    desk.run(
        "sh", "-c", "ip link add t0 type veth peer name fb0 && ip link set t0 up && ip addr add 192.0.2.9/32 dev ge0"
    )
    for route in routes:
        desk.ip("route", "add", *route.replace("other0", "t0").split())

    assert desk.run(sys.executable, "-c", ASKED).strip() == str(way)
