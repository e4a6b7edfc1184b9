"""Do the counters of the ports to the outside tell what passed while a run sent, and cost it nothing where they do not?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from evidence.model import Failure
from probes._egress.witness import Witness, Witnessed, watching
from probes._stimulus.counters import Lost
from probes._stimulus.settings import Watched
from tests.probes.agents import Interface, switch
from tests.probes.responder import answering
from tests.probes.wan.counting import COMMUNITY, Counting, listed

pytestmark = pytest.mark.alone

PORTS = switch(Interface("wan0"), Interface("wan1"))
MBIT = 1_000_000
DOWN, UP = 62_500_000, 5_000_000  # octets a second: 500 and 40 Mbit/s
FLOWS = {1: (DOWN, UP), 2: (0, 0)}


def device(**more: Any) -> Counting:
    """A device with two ports, one of which carries."""
    return Counting(PORTS, **{"octets_s": FLOWS, **more})


def looked(*agents: Counting, for_s: float = 3.0, ports: tuple[str, ...] = ("wan0",)) -> Witnessed | Lost:
    """What is told of a window that begins a second after the polls do."""
    with ExitStack() as stack:
        asked = [listed(stack.enter_context(answering(agent, COMMUNITY)), *ports) for agent in agents]
        witness = stack.enter_context(watched(*asked))
        time.sleep(1 + for_s)
        now_s = time.monotonic()
        return witness.rates(now_s - for_s, now_s)


def watched(*asked: dict[str, Any]) -> Witness:
    """A witness of these devices, which gives one up after a third of a second."""
    return watching([Watched.model_validate(one) for one in asked], timeout_s=0.3, retries=0)


def test_a_device_that_counts_when_asked() -> None:
    """The rates of the window are told within a hundredth, In as down, with the rate of the port and how they are known."""
    told = looked(device())

    assert isinstance(told, Witnessed), told
    assert told.down_bit_s == pytest.approx(8 * DOWN, rel=0.01)
    assert told.up_bit_s == pytest.approx(8 * UP, rel=0.01)
    assert (told.facts["speed_bit_s"], told.facts["ports"], told.facts["refresh_us"]) == (1000 * MBIT, 1, 0)
    assert abs(int(told.facts["window_us"]) - 3_000_000) <= 2


def test_several_ports_are_added_up() -> None:
    """All listed ports of all devices count together."""
    told = looked(device(octets_s={1: (DOWN, UP), 2: (DOWN, 0)}), device(), for_s=2.2, ports=("wan0", "wan1"))

    assert isinstance(told, Witnessed), told
    assert told.down_bit_s == pytest.approx(3 * 8 * DOWN, rel=0.01)


def test_a_device_that_counts_every_second() -> None:
    """Of a device with a refresh of its own only whole steps are told, right within the error that is told."""
    told = looked(device(refresh_s=1.0), for_s=4.4)

    assert isinstance(told, Witnessed), told
    assert int(told.facts["refresh_us"]) == pytest.approx(1_000_000, abs=250_000)
    assert told.down_bit_s == pytest.approx(8 * DOWN, rel=int(told.facts["error_ppm"]) / 1e6 + 1e-6)


def test_a_quiet_device_beside() -> None:
    """A line that carries next to nothing does not keep the other's rate from being told, although its counters hardly move."""
    told = looked(device(), device(octets_s={1: (10, 10), 2: (0, 0)}, refresh_s=0.7), for_s=2.2)

    assert isinstance(told, Witnessed), told
    assert told.down_bit_s == pytest.approx(8 * DOWN, rel=0.01)
    assert told.facts["quiet"] == 1


UNTOLD = {
    "every 30 s": ([device(refresh_s=30.0)], Failure.INSTRUMENT_LIMIT, "too rarely"),
    "one of two": ([device(), device(refresh_s=30.0)], Failure.INSTRUMENT_LIMIT, "too rarely"),
    "it goes back": ([device(goes_back=True, breaks_s=2.5)], Failure.UNREADABLE, "its counter went"),
    "it restarts": ([device(starts_anew=True, breaks_s=2.5)], Failure.UNREADABLE, "restarted"),
    "32 bits only": ([device(narrow=(1,))], Failure.NOT_SUPPORTED, "64-bit"),
    "silent": ([device(silent_after=0)], Failure.TIMED_OUT, "timed_out"),
    "silent later": ([device(silent_after=6)], Failure.TIMED_OUT, "of its answers"),
    "one of two is silent": ([device(), device(silent_after=0)], Failure.TIMED_OUT, "timed_out"),
    "nothing listed": ([], Failure.NOT_SUPPORTED, "no port"),
}
BUSY = {
    "of the port": (device(), 0, 500_000),
    "of a slower line behind it": (device(), 600 * MBIT, 833_333),
    "the busier direction": (device(octets_s={1: (1000, DOWN)}), 0, 500_000),
    "refreshed every second": (device(refresh_s=0.9), 0, 500_000),
    "nothing moves": (device(octets_s={1: (0, 0)}), 0, None),
    "refreshed too rarely": (device(refresh_s=30.0), 0, None),
    "silent": (device(silent_after=0), 0, None),
    "32 bits only": (device(narrow=(1,)), 0, None),
}


@contextmanager
def beside(cases: Mapping[str, Sequence[Counting]]) -> Iterator[dict[str, Witness]]:
    """A witness of each list of devices, all at once."""
    with ExitStack() as stack:
        ports: dict[str, list[int]] = {}
        for case, agents in cases.items():
            ports[case] = [stack.enter_context(answering(agent, COMMUNITY)) for agent in agents]
            for agent in agents:
                agent.born_s = time.monotonic()
        yield {case: stack.enter_context(watched(*map(listed, found))) for case, found in ports.items()}


@pytest.fixture(scope="module")
def untold() -> dict[str, Witnessed | Lost]:
    """What is told of a window in each case of the table."""
    with beside({case: agents for case, (agents, *_) in UNTOLD.items()}) as witnesses:
        time.sleep(3.5)
        now_s = time.monotonic()
        return {case: witness.rates(now_s - 2.5, now_s, wait_s=0.5) for case, witness in witnesses.items()}


@pytest.mark.parametrize("case", UNTOLD)
def test_no_figure(untold: dict[str, Witnessed | Lost], case: str) -> None:
    """What cannot be told is not told, in words; a sum without one of its parts is none."""
    told, (_, failure, words) = untold[case], UNTOLD[case]

    assert isinstance(told, Lost), told
    assert (told.failure, words in told.detail) == (failure, True), told


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        pytest.param({"ports": ["wan0", "wan9"]}, Failure.UNREADABLE, id="no such port"),
        pytest.param({"community": None, "no_secret": True}, Failure.NOT_PERMITTED, id="no secret"),
        pytest.param({"port": 1}, Failure.REFUSED, id="nobody listens"),
    ],
)
def test_a_port_that_is_not_polled(changes: dict[str, Any], failure: Failure) -> None:
    """A listed port that cannot be polled leaves the sum untold."""
    with answering(device(), COMMUNITY) as port, watched(listed(port) | changes) as witness:
        time.sleep(0.5)
        told = witness.rates(time.monotonic() - 0.3, time.monotonic())

    assert isinstance(told, Lost)
    assert told.failure is failure, told


@pytest.fixture(scope="module")
def busy() -> dict[str, int | None]:
    """How busy the ports of each case of the table are."""
    with beside({case: [agent] for case, (agent, *_) in BUSY.items()}) as witnesses:
        return {case: witness.busy_ppm(BUSY[case][1]) for case, witness in witnesses.items()}


@pytest.mark.parametrize("case", BUSY)
def test_how_busy_a_port_is(busy: dict[str, int | None], case: str) -> None:
    """Two seconds of polls tell how full the port is; what they cannot tell is unknown, which is not zero."""
    _, _, busy_ppm = BUSY[case]

    assert busy[case] == (
        busy_ppm if busy_ppm is None else pytest.approx(busy_ppm, rel=0.2 if "every" in case else 0.02)
    )


def test_nothing_waits_long() -> None:
    """With a silent device every call comes back within its bound, and leaving ends the thread."""
    before = threading.active_count()
    with answering(device(silent_after=3), COMMUNITY) as port:
        started_s = time.monotonic()
        with watching([Watched.model_validate(listed(port))], timeout_s=30, retries=5) as witness:
            witness.busy_ppm()
            busy_s, asked_s = time.monotonic() - started_s, time.monotonic()
            witness.rates(asked_s - 1, asked_s)
            told_s, left_s = time.monotonic() - asked_s, time.monotonic()
        gone_s = time.monotonic() - left_s

    assert (busy_s <= 5.2, told_s <= 3.2, gone_s <= 1.0) == (True, True, True), (busy_s, told_s, gone_s)
    assert threading.active_count() == before


def test_a_bug_is_not_the_devices_fault() -> None:
    """Whatever breaks the polling in the program itself ends the run as a bug, not as a silent device."""
    with pytest.raises(AttributeError), watching([None], timeout_s=0.3) as witness:  # type: ignore[list-item]  # no device
        witness.busy_ppm()


def test_what_is_kept() -> None:
    """Every poll is kept, counters as decimal strings, and no secret."""
    with answering(device(), COMMUNITY) as port, watched(listed(port)) as witness:
        time.sleep(1)
        record = json.loads(json.dumps(witness.record()))

    (kept,) = record["switches"]
    last = kept["polls"][-1]
    assert (kept["rows"], last["asked_us"] <= last["answered_us"]) == ({f"127.0.0.1:{port}/wan0": 1}, True)
    assert (int(last["rows"]["1"][2]) > 2**40, COMMUNITY in json.dumps(record)) == (True, False)
