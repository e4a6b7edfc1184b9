"""Does the stimulus probe send what is ordered, and tell of each counter what it did and no more?"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from evidence.model import LARGEST_INTEGER, Failure, Unmeasurable
from probes import load
from probes.__main__ import _settings
from probes._snmp.exchange import Missing, Oid, Value
from probes._stimulus.counters import OCTETS_IN, OCTETS_OUT, Sample, rises
from probes._stimulus.push import push
from tests.probes.agents import UP_TIME, Interface, Simulator, serve, switch
from tests.probes.conftest import MARKERS
from tests.probes.face import Answer, here, probe

COMMUNITY = MARKERS["community"]
VOLUME = 150_000
PORTS = (Interface("ge1"), Interface("up1"))


class Sink:
    """A UDP socket on loopback that counts what arrives."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.port: int = self.socket.getsockname()[1]
        self.octets = self.datagrams = 0
        self.over = threading.Event()

    def count(self) -> None:
        """Until told to end."""
        while not self.over.is_set():
            try:
                self.octets += len(self.socket.recv(65535))
                self.datagrams += 1
            except TimeoutError:
                continue


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A place that traffic goes to."""
    made = Sink()
    worker = threading.Thread(target=made.count)
    worker.start()
    yield made
    made.over.set()
    worker.join()
    made.socket.close()


@dataclass
class Counting(Simulator):
    """A switch whose first port counts as `inwards` says and whose second as `outwards` says; `breaks` changes an answer."""

    inwards: Callable[[], Value] = lambda: 0
    outwards: Callable[[], Value] = lambda: 0
    breaks: dict[Oid, Callable[[], Value]] = field(default_factory=dict)

    def _get(self, oid: Oid) -> Value:
        if oid in self.breaks:
            return self.breaks[oid]()
        if oid[:-1] in (OCTETS_IN, OCTETS_OUT):
            carried = {(*OCTETS_IN, 1): self.inwards, (*OCTETS_OUT, 2): self.outwards}
            return carried.get(oid, lambda: 7)()
        return super()._get(oid)


def follows(sink: Sink, factor: float = 1.05) -> Callable[[], int]:
    """A counter that shows what arrived, with the headers."""
    return lambda: 1000 + round(sink.octets * factor)


def pulse(octets: int, at_s: float = 0.0) -> dict[str, Any]:
    """A volume towards loopback."""
    return {"at_s": at_s, "octets": octets, "towards": "127.0.0.1"}


def end(port: int, *ports: str, **more: Any) -> dict[str, Any]:
    """A switch of the settings."""
    return {"host": "127.0.0.1", "port": port, "community": COMMUNITY, "ports": list(ports or ("ge1", "up1")), **more}


@contextmanager
def asked(sink: Sink, *agents: Counting, octets: tuple[int, ...] = (VOLUME,)) -> Iterator[tuple[list[str], Answer]]:
    """The subjects of simulated switches, and what a run says that pushes volumes past them."""
    if not agents:
        yield [], Answer(0, [], "")
        return
    with serve(agents[0], COMMUNITY) as port, serve(agents[-1], COMMUNITY) as other:
        ports = [port, other][: len(agents)]
        pulses = [pulse(one, at_s=0.5 * number) for number, one in enumerate(octets)]
        settings = {"switches": [end(one) for one in ports], "pulses": pulses, "udp_port": sink.port}
        more = {"settle_s": 0.2, "timeout_s": 0.3, "retries": 0, "rate_bit_s": MOST}
        yield [f"127.0.0.1:{one}" for one in ports], here("stimulus", settings | more)


MOST = 20_000_000


# --- Counters ---------------------------------------------------------------------------------------------------------


def test_counters_that_follow(sink: Sink) -> None:
    """What is pushed shows as rises at both ends, in where it enters and out where it leaves, and nowhere in silence."""
    near, far = (Counting(switch(*PORTS), inwards=follows(sink), outwards=follows(sink)) for _ in range(2))
    with asked(sink, near, far, octets=(VOLUME, 0)) as (subjects, answer):
        rises = {
            (line["quantity"], line["subject"]): line["value"] for line in answer.lines if line.get("unit") == "octet"
        }

    expected = round(VOLUME * 1.05)
    crossed = [rises["stimulus.in", f"{one}/ge1@0"] for one in subjects]
    crossed += [rises["stimulus.out", f"{one}/up1@0"] for one in subjects]
    silent = [value for (_, subject), value in rises.items() if subject.endswith(("@1", "ge1@0")) and value]
    assert (rises["stimulus.sent", "0"], rises["stimulus.sent", "1"]) == (VOLUME, 0)
    assert crossed == [expected] * 4
    assert silent == [expected] * 2  # the two inward rises of the first window, and nothing in the second
    assert answer.end == {"end": "complete"}


def test_counters_that_do_not_follow(sink: Sink) -> None:
    """A counter that stands still, or goes its own way, is told as it is."""
    liar = Counting(switch(*PORTS), inwards=lambda: 5, outwards=lambda: time.monotonic_ns() // 1000 % 2**31)
    with asked(sink, liar) as ((subject,), answer):
        told = (answer.value("stimulus.in", f"{subject}/ge1@0"), answer.value("stimulus.out", f"{subject}/up1@0"))

    assert told[0] == 0
    assert told[1] > VOLUME


def flaky(*values: Value) -> Callable[[], Value]:
    """One value after the other, the last for good."""
    left = list(values)
    return lambda: left.pop(0) if left[1:] else left[0]


@pytest.mark.parametrize(
    ("breaks", "failure", "words"),
    [
        pytest.param({(*OCTETS_IN, 1): flaky(9000, 8999)}, "unreadable", "from 9000 to 8999", id="it goes back"),
        pytest.param({(*OCTETS_IN, 1): flaky(Missing.NO_SUCH_INSTANCE)}, "not_supported", "64-bit", id="32 bits only"),
        pytest.param({(*OCTETS_IN, 1): flaky(None)}, "not_supported", "64-bit", id="no number"),
        pytest.param(
            {(*OCTETS_IN[:-1], 1, 1): flaky(b"ge1", b"ge9")}, "unreadable", "changed its name", id="the row moved"
        ),
        pytest.param({UP_TIME: flaky(5000, 12)}, "unreadable", "restarted", id="the switch restarted"),
    ],
)
def test_a_figure_that_cannot_be_told(
    sink: Sink, breaks: dict[Oid, Callable[[], Value]], failure: str, words: str
) -> None:
    """A counter that cannot be read is left out and named at the end; it is never a rise."""
    broken = Counting(switch(*PORTS), inwards=follows(sink), outwards=follows(sink), breaks=breaks)
    with asked(sink, broken) as ((subject,), answer):
        told = answer.of("stimulus.in", f"{subject}/ge1@0")

    assert (told, answer.end["failure"], words in answer.end["detail"]) == ([], failure, True), answer.end


def test_an_end_that_is_silent(sink: Sink) -> None:
    """A switch that stops answering loses its own figures; those of the other stay, and the run is not complete."""
    near = Counting(switch(*PORTS), inwards=follows(sink))
    far = Counting(switch(*PORTS), silent_after=2)
    with asked(sink, near, far) as ((subject, other), answer):
        values = [answer.value("stimulus.in", f"{subject}/ge1@0"), answer.of("stimulus.in", f"{other}/ge1@0")]

    assert (values, answer.end["failure"]) == ([round(VOLUME * 1.05), []], "timed_out")


def test_nobody_to_watch(sink: Sink) -> None:
    """Where no switch can be read nothing is sent, and the run says why."""
    with asked(sink, Counting(switch(*PORTS), silent_after=0)) as (_, answer):
        failure = answer.end["failure"]

    assert (failure, sink.octets, answer.of("stimulus.sent")) == ("timed_out", 0, [])


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        pytest.param(("ge1", "up1"), "up1", True, id="a name of its own"),
        pytest.param(("ge1", "ge1"), "ge1#2", True, id="by name and number"),
        pytest.param(("ge1", "ge1"), "ge1", False, id="a name that comes twice"),
        pytest.param(("ge1", "up1"), "ge1#2", False, id="the number of another"),
        pytest.param(("ge1", "up1"), "ge7", False, id="no such name"),
        pytest.param(("ge1", "up1"), "#2", False, id="a number alone"),
    ],
)
def test_which_row(sink: Sink, names: tuple[str, str], wanted: str, found: bool) -> None:
    """A port is found by its name if that is its own, by name and number else; anything else is said and not guessed."""
    with serve(Counting(switch(*map(Interface, names))), COMMUNITY) as port:
        settings = {"switches": [end(port, wanted)], "pulses": [pulse(0)], "settle_s": 0, "udp_port": sink.port}
        answer = here("stimulus", settings | {"timeout_s": 0.3, "retries": 0})

    assert (len(answer.of("stimulus.in")), answer.end["end"]) == ((1, "complete") if found else (0, "failed"))


def test_many_ports_a_switch() -> None:
    """Replies that would be too big are asked for in parts, and all ports have their rises."""
    names = [f"ge{number}" for number in range(1, 31)]
    with serve(Tight(switch(*map(Interface, names))), COMMUNITY) as port:
        settings = {"switches": [end(port, *names)], "pulses": [pulse(0)], "settle_s": 0}
        answer = here("stimulus", settings | {"timeout_s": 0.5})

    assert len(answer.of("stimulus.in")) == 30


class Tight(Counting):
    """A switch whose replies have room for ten objects."""

    def answer(self, pdu: Any) -> Any:
        """tooBig for more."""
        from probes._snmp.exchange import Reply

        return Reply(1, 0, ()) if len(pdu.oids) > 10 else super().answer(pdu)


BEFORE = Sample(0, "ge1", 100, 10, 20)


@pytest.mark.parametrize(
    ("after", "risen"),
    [
        pytest.param(Sample(1, "ge1", 200, 15, 20), (5, 0), id="as it should be"),
        pytest.param(Sample(1, "ge1", None, 15, 20), (5, 0), id="no clock"),
        pytest.param(Sample(1, "ge1", 200, LARGEST_INTEGER + 11, 20), Failure.UNREADABLE, id="absurd"),
        pytest.param(Sample(1, "ge1", 200, 15, 19), Failure.UNREADABLE, id="out goes back"),
        pytest.param(Sample(1, "", None, None, None), Failure.UNREADABLE, id="the row is gone"),
    ],
)
def test_rises(after: Sample, risen: tuple[int, int] | Failure) -> None:
    """A rise is told only where both counters of the same port went on."""
    found = rises(BEFORE, after)

    assert (found if isinstance(found, tuple) else found.failure) == risen


def test_a_clock_that_wraps_is_no_restart() -> None:
    """Time since start begins anew after 497 days without a restart."""
    assert rises(Sample(0, "a", 2**32 - 50, 1, 1), Sample(1, "a", 50, 2, 2)) == (1, 1)


# --- Volumes ----------------------------------------------------------------------------------------------------------


def test_a_volume_has_its_rate_and_its_size(sink: Sink) -> None:
    """All octets are sent, in datagrams that fit everywhere, and not faster than ordered."""
    sent = push(ip_address("127.0.0.1"), sink.port, 50_001, 1_600_000)
    time.sleep(0.2)

    assert (sent.octets, sink.octets, sent.datagrams, sink.datagrams) == (50_001, 50_001, 36, 36)
    assert 0.22 < (sent.ended_us - sent.started_us) / 1e6 < 1.0  # 50,001 octets at 200,000 a second


def test_a_port_that_refuses_changes_nothing(closed_port: tuple[str, int]) -> None:
    """A host that has nothing at the port is sent the whole volume all the same."""
    assert push(ip_address("127.0.0.1"), closed_port[1], 20_000, MOST).octets == 20_000


def test_a_network_that_refuses() -> None:
    """Where the kernel knows no way, the failure says so."""
    with pytest.raises(Unmeasurable) as caught:
        push(ip_address("255.255.255.255"), 9, 2000, MOST)

    assert caught.value.failure is Failure.NOT_PERMITTED


SWITCH = end(161, "ge1")
GOOD: dict[str, Any] = {"switches": [SWITCH], "pulses": [pulse(1000)]}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        pytest.param({"switches": []}, "switches", id="no switch"),
        pytest.param({"switches": [SWITCH, SWITCH]}, "127.0.0.1:161 is listed twice", id="twice"),
        pytest.param({"switches": [{**SWITCH, "ports": []}]}, "switches.0.ports", id="no port"),
        pytest.param({"switches": [{**SWITCH, "community": None}]}, "switches.0", id="no credential"),
        pytest.param({"pulses": []}, "pulses", id="no volume"),
        pytest.param({"pulses": [pulse(8_000_001)]}, "pulses.0.octets", id="too much"),
        pytest.param({"pulses": [pulse(0, at_s=20.0 * n) for n in range(21)]}, "pulses", id="too often"),
        pytest.param({"pulses": [pulse(-1)]}, "pulses.0.octets", id="less than nothing"),
        pytest.param({"rate_bit_s": 100_000_001}, "rate_bit_s", id="too fast"),
        pytest.param({"pulses": [pulse(8_000_000)], "rate_bit_s": 100_000}, "at most 600 s", id="too long"),
        pytest.param({"pulses": [pulse(1, at_s=595.0)]}, "at most 600 s", id="too late"),
        pytest.param({"pulses": [pulse(1), pulse(1, at_s=6.0)]}, "pulses.1.at_s", id="into each other"),
        pytest.param({"pulses": [{**pulse(1), "towards": "203.0.114.9"}]}, "pulses.0.towards", id="outside"),
        pytest.param({"pulses": [{**pulse(1), "towards": "sink.example"}]}, "pulses.0.towards", id="a name"),
        pytest.param({"pulses": [{**pulse(1), "towards": "127.0.0.2"}]}, "pulses.0.towards", id="this box"),
        pytest.param({"pulses": [{**pulse(1), "towards": "169.254.1.1"}]}, "pulses.0.towards", id="one link"),
        pytest.param({"pulses": [{**pulse(1), "towards": "203.0.113.5"}]}, "pulses.0.towards", id="documentation"),
        pytest.param({"pulses": [{**pulse(1), "towards": "10.255.255.255"}]}, "pulses.0.towards", id="a network"),
        pytest.param({"pulses": [{**pulse(1), "towards": "239.1.1.1"}]}, "pulses.0.towards", id="a group"),
        pytest.param({"pulses": [{**pulse(1), "towards": "255.255.255.255"}]}, "pulses.0.towards", id="everybody"),
        pytest.param({"pulses": [{**pulse(1), "towards": "0.0.0.0"}]}, "pulses.0.towards", id="nobody"),
    ],
)
def test_what_is_not_sent(change: dict[str, Any], key: str) -> None:
    """An order that would be felt, or leave the school, is refused in words that name the key."""
    with pytest.raises(ValueError, match="settings: ") as refused:
        _settings(load("stimulus"), json.dumps(GOOD | change).encode())

    assert key in str(refused.value)


def test_what_is_sent() -> None:
    """A listed host may be named, volumes come in any order, and a quiet window takes as long as the largest volume."""
    far = {**SWITCH, "host": "core.example"}
    pulses = [
        {**pulse(0, at_s=20.0), "towards": "10.9.0.21"},
        {**pulse(2_500_000, at_s=1.0), "towards": "core.example"},
    ]
    settings = _settings(load("stimulus"), json.dumps({"switches": [far], "pulses": pulses}).encode())

    assert [(number, settings.sending_s(one)) for number, one in settings.in_time()] == [(1, 1.0), (0, 1.0)]  # type: ignore[attr-defined]  # known to be stimulus'


def test_no_secret_is_told(sink: Sink, folder: Path) -> None:
    """Neither what is printed nor what is kept holds a secret."""
    with serve(Counting(switch(*PORTS)), COMMUNITY) as port:
        settings = {"switches": [end(port)], "pulses": [pulse(0)], "settle_s": 0}
        answer = probe("stimulus", settings, evidence=folder)

    kept = (folder / "stimulus.json").read_text()
    assert (COMMUNITY in kept + answer.errors + str(answer.lines), json.loads(kept)["rows"]) == (
        False,
        {f"127.0.0.1:{port}": {"ge1": 1, "up1": 2}},
    )
