"""Does the egress probe end in time and in words, whatever the server does, and keep what was proved?"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence.layers import Segments
from evidence.model import Unmeasurable
from evidence.stream import Direction, Hello, Run, Stop
from probes._egress.settings import Settings
from probes.egress import run
from tests.probes.egress.server import PUBLIC, Fault, StandIn, stand_in
from tests.probes.face import Answer, here, probe

pytestmark = pytest.mark.alone


def against(server: StandIn, **settings: Any) -> Answer:
    """One run against a server of ours, downward unless told otherwise."""
    with stand_in(server):
        return here("egress", {"server": server.address, "direction": "down", **settings})


@dataclass(frozen=True)
class Honest:
    """One run in both directions against an honest server, shared by the tests that only look at it."""

    server: StandIn
    answer: Answer
    folder: Path

    def rate(self, direction: str) -> dict[str, Any]:
        """The payload rate of one direction."""
        (reading,) = self.answer.of(f"egress.{direction}")
        return reading


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Honest:
    """As a child process, with its raw evidence."""
    folder = tmp_path_factory.mktemp("evidence")
    with stand_in(StandIn(sealed=True)) as server:
        answer = probe("egress", {"server": server.address, "server_key": PUBLIC}, evidence=folder)
    return Honest(server, answer, folder)


def test_both_directions(honest: Honest) -> None:
    """Each direction has its rates, its limit and its latencies; the run is complete."""
    answer = honest.answer
    once = [*(f"egress.{way}{layer}" for way in ("down", "up") for layer in ("", "_ip")), "egress.idle_latency"]
    twice = [f"egress.{name}" for name in ("limited_by", "loaded_latency", "responsiveness", "loss", "retransmitted")]

    assert ([len(answer.of(one)) for one in once], [len(answer.of(one)) for one in twice], answer.end) == (
        [1] * 5,
        [2] * 5,
        {"end": "complete"},
    )


def test_every_whole_chunk_is_tagged_rightly(honest: Honest) -> None:
    """What is read is answered with its tag, in order; the server finds none wrong and counts what we count."""
    rate = honest.rate("down")

    share = rate["at_least"] / rate["facts"]["server_bit_s"]
    assert (honest.server.wrong_tags, share) == (0, pytest.approx(1, rel=0.05))


def test_what_is_acknowledged_upward_is_what_arrives(honest: Honest) -> None:
    """Our own count of an upload is within a few percent of the server's, never of what was handed to a socket."""
    rate = honest.rate("up")

    assert rate["at_least"] / rate["facts"]["server_bit_s"] == pytest.approx(1, rel=0.05)


def test_the_ip_layer(honest: Honest) -> None:
    """The IP layer follows from payload by the segment size of the sending end, and so do L2 and L1."""
    (ip,) = honest.answer.of("egress.down_ip")
    least, segments = honest.rate("down")["at_least"], Segments(1448, 4)

    layers = ip["at_least"], ip["facts"]["l2_bit_s"], ip["facts"]["l1_bit_s"]
    assert layers == (segments.ip(least), segments.l2(least), segments.l1(least))


def test_the_rate_is_progress(honest: Honest) -> None:
    """While content flows, the rate so far and the moment are told twice a second."""
    shown = [line for line in honest.answer.lines if line.get("progress") == "down"]

    assert (len(shown) >= 3, all(line["rate_bit_s"] > 0 and line["at_us"] > 0 for line in shown)) == (True, True)


def test_raw_evidence(honest: Honest) -> None:
    """Both ends' bins, both kernels' words and the server's signed text are kept; the keys of the session are not."""
    text = (honest.folder / "egress.json").read_text()
    run, _ = json.loads(text)["servers"][0]["runs"]

    kept = [bool(run[key]) for key in ("own_octets", "server_octets", "done", "echoes", "ticks", "streams")]
    observed = "payload" in json.loads((honest.folder / "observation.json").read_text())
    assert (kept, observed, honest.server.check.hex() in text) == ([True] * 6, True, False)


def test_a_named_path() -> None:
    """The path that was ordered names the quantities."""
    answer = against(StandIn(lasts_s=1.5), path="internet")

    assert [len(answer.of(f"egress.{one}down_ip")) for one in ("internet.", "metro.", "")] == [1, 0, 0]


FAILS = {
    Fault.REFUSES: ("not_permitted", "refused (too_late): the slot ended at 02:10", 2),
    Fault.SILENT_HELLO: ("timed_out", "said nothing for 5 s", 8),
    Fault.SILENT_RUN: ("timed_out", "said nothing for 5 s", 8),
    Fault.NO_GO: ("timed_out", "said nothing for 5 s", 8),
    Fault.NO_ECHO: ("timed_out", "echo: no answer in time", 4),
    Fault.NONSENSE: ("unreadable", "Join came out of its place", 2),
    Fault.OTHER_PATH: ("unreadable", "lies behind 'metro', ordered is 'internet'", 2),
    Fault.CUT: ("refused", "hung up", 5),
    Fault.WINDOW: ("unreadable", "a window of", 6),
    Fault.HANGS_UP: ("refused", "hung up", 6),
    Fault.OTHER_SIGNER: ("unreadable", "is not trusted here", 6),
    Fault.OTHER_SESSION: ("unreadable", "names the session 'session-2'", 6),
}


def one_run(fault: Fault) -> tuple[Unmeasurable | None, float]:
    """How a run against such a server ends, and after how long."""
    with stand_in(StandIn(fault, lasts_s=1.5, sealed=True, rate_bit_s=10_000_000)) as server:
        settings = Settings(server=server.address, direction="down", path="internet")
        started_s = time.monotonic()
        try:
            list(run(settings))
        except Unmeasurable as why:
            return why, time.monotonic() - started_s
        return None, time.monotonic() - started_s


@pytest.fixture(scope="module")
def ends() -> dict[Fault, tuple[Unmeasurable | None, float]]:
    """All of them, side by side: most of them wait."""
    with ThreadPoolExecutor(len(FAILS)) as side_by_side:
        return dict(zip(FAILS, side_by_side.map(one_run, FAILS), strict=True))


@pytest.mark.parametrize("fault", FAILS, ids=lambda fault: fault.name)
def test_a_server_that_fails(fault: Fault, ends: dict[Fault, tuple[Unmeasurable | None, float]]) -> None:
    """Each way of going wrong ends the probe within its time, with its failure and in words."""
    (failure, words, within_s), (why, taken_s) = FAILS[fault], ends[fault]

    assert why is not None
    assert (why.failure, words in why.detail, taken_s < within_s) == (failure, True, True), f"{why} after {taken_s} s"


def test_what_was_proved_before_a_cut() -> None:
    """A server that is killed leaves a lower bound of what both ends have, marked as cut."""
    (rate,) = against(StandIn(Fault.LATE_CUT, lasts_s=5)).of("egress.down")

    facts = rate["facts"]
    assert (facts["ended"], facts["limited_by"], "at_most" in rate, 100e6 < rate["at_least"] < 250e6) == (
        "cut",
        "unknown",
        False,
        True,
    )


def test_a_burst_before_a_cut_is_no_rate() -> None:
    """Who lets a run be cut after half a second is credited what flowed over two."""
    (rate,) = against(StandIn(Fault.EARLY_CUT, lasts_s=5)).of("egress.down")

    assert rate["at_least"] < 80e6


def test_an_unsteady_run_proves_the_mean_less_its_half_width() -> None:
    """Where the server says that the rate had not settled, the half-width is taken off."""
    (rate,) = against(StandIn(Fault.UNSTEADY)).of("egress.down")

    facts = rate["facts"]
    assert (facts["steady"], facts["limited_by"], rate["at_least"] / facts["server_bit_s"]) == (
        0,
        "unsteady",
        pytest.approx(0.9, rel=0.05),
    )


def test_waiting_is_progress() -> None:
    """A place in the queue is told while it lasts."""
    answer = against(StandIn(Fault.QUEUES, lasts_s=1))

    assert {"progress": "queue", "position": 1, "wait_us": 100_000} in answer.lines


# --- What is ordered --------------------------------------------------------------------------------------------------


def test_a_saturating_run_needs_leave() -> None:
    """Where the admin has not allowed it, nothing is sent; the words say what to do."""
    server = StandIn()
    end = against(server, saturating=False).end

    assert (end["failure"], "config.toml" in end["detail"], server.told) == ("not_permitted", True, [])


def test_a_paced_run_needs_no_leave() -> None:
    """A threshold is paced to 1.05 times, with streams enough for it, and may be run where saturating may not."""
    server = StandIn(lasts_s=1.5)
    answer = against(server, saturating=False, threshold_bit_s=100_000_000)

    assert (server.told[1:], answer.end) == (
        [Run(1, Direction.DOWN, 4, 6_000_000, 105_000_000)],
        {"end": "complete"},
    )


def test_the_smaller_pace_counts() -> None:
    """What the server allows at most is never exceeded."""
    server = StandIn(lasts_s=1.2, most_bit_s=50_000_000)
    against(server, threshold_bit_s=100_000_000)

    assert [one.pace_bit_s for one in server.told if isinstance(one, Run)] == [50_000_000]


def test_an_upload_keeps_its_pace() -> None:
    """Upward this box paces itself, and says that the pace was what held it."""
    answer = against(StandIn(rate_bit_s=10**10), direction="up", threshold_bit_s=40_000_000)

    (rate,) = answer.of("egress.up")
    assert (rate["at_least"] / 42e6, answer.value("egress.limited_by", "up")) == (pytest.approx(1, rel=0.03), "pace")


LEAVES = [
    {"agent": "one", "session": "s", "ticket": "ticket-1"},
    {"agent": "two", "session": "t", "ticket": "ticket-2"},
]


def test_the_ticket_of_this_box() -> None:
    """Of several tickets the one of this agent is shown."""
    server = StandIn(lasts_s=1)
    against(server, agent="two", tickets=LEAVES)

    assert [one.ticket for one in server.told if isinstance(one, Hello)] == ["ticket-2"]


@pytest.mark.parametrize("agent", ["three", ""])
def test_no_ticket_for_this_box(agent: str) -> None:
    """Who has no ticket sends nothing."""
    server = StandIn()
    end = against(server, agent=agent, tickets=LEAVES).end

    assert (end["failure"], server.told) == ("not_permitted", [])


def test_another_servers_key() -> None:
    """A server that shows another key than the one ordered is not measured."""
    end = against(StandIn(), server_key="00" * 32).end

    assert (end["failure"], "shows the key" in end["detail"]) == ("unreadable", True)


def test_a_family_that_the_address_has_not() -> None:
    """An address of the other family is refused as a setting; nothing falls back."""
    with pytest.raises(ValueError, match="not of the family ordered"):
        here("egress", {"server": "127.0.0.1:9", "family": 6})


@pytest.mark.parametrize("server", ["127.0.0.1", "::1:5400", "[::1]", "a/b:1", "host:99999", "host:0", ":5400"])
def test_what_is_no_server(server: str) -> None:
    """A server is a host with a port, an IPv6 address in brackets."""
    with pytest.raises(ValueError, match=r"settings: server: .*expected host:port"):
        here("egress", {"server": server})


def test_a_port_that_refuses(closed_port: tuple[str, int]) -> None:
    """Nobody there is told as refused, with the server's name."""
    end = here("egress", {"server": f"127.0.0.1:{closed_port[1]}"}).end

    assert (end["failure"], end["detail"]) == ("refused", f"127.0.0.1:{closed_port[1]}: ECONNREFUSED")


def test_an_interface_that_is_not_there() -> None:
    """A run that was ordered over one line never goes over another one."""
    end = against(StandIn(), bind="nosuch0").end

    assert end["failure"] == "unreachable"


# --- A second server --------------------------------------------------------------------------------------------------


def test_a_second_server_that_gives_more() -> None:
    """Where the second server gives more than a twentieth more, the first was what limited it."""
    with stand_in(StandIn(rate_bit_s=300_000_000, lasts_s=1.2)) as second:
        answer = against(StandIn(rate_bit_s=100_000_000, lasts_s=1.2), second={"server": second.address})

    phases = [line["progress"] for line in answer.lines if "progress" in line]
    assert (answer.value("egress.limited_by", "down"), len(answer.of("egress.down"))) == ("server", 1)
    assert phases[phases.index("second") + 1] == "idle"


def test_a_second_server_that_is_not_there(closed_port: tuple[str, int]) -> None:
    """The first server's readings stay, and say why there is no second opinion."""
    answer = against(StandIn(lasts_s=1.2), second={"server": f"127.0.0.1:{closed_port[1]}"})

    (rate,) = answer.of("egress.down")
    assert ("ECONNREFUSED" in rate["facts"]["second"], answer.end) == (True, {"end": "complete"})


def test_stop_is_said_when_a_paced_run_is_felt() -> None:
    """Round trips that stay 150 ms above the idle ones end a paced run; what was proved is a lower bound."""
    server = StandIn(Fault.SLOW_ECHO, lasts_s=4)
    (rate,) = against(server, threshold_bit_s=100_000_000).of("egress.down")

    said = [one for one in server.told if isinstance(one, Stop)]
    assert (said, rate["facts"]["ended"], "150 ms" in rate["facts"]["stopped"]) == ([Stop(1)], "stopped", True)
