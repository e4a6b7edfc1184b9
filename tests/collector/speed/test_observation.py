"""Does the server sign what it saw, keep it, and deliver it, whatever happens on the way?"""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from collector.speed.courier import Courier
from evidence.model import SERVER, Failure, Report
from evidence.seal import RECEIPT, REPORT, inflated, open_sealed, seal
from evidence.stream import LENGTH, Direction
from evidence.wire import Receipt
from tests.collector.speed.client import honest, session, uploading
from tests.collector.speed.serving import Serving, serving

pytestmark = pytest.mark.alone

HALF_US = 500_000
PACE_BIT_S = 80_000_000
CONTEXT = ssl.create_default_context()


def test_says_what_was_proved(speed: Serving) -> None:
    """The observation carries the ticket, the session and, for each run, the figure that the agent was told."""
    ticket = speed.ticket(session="this", path="internet", operator="someone")
    with session(speed.address, ticket) as client:
        down = client.measure(Direction.DOWN, honest, most_us=1_500_000, pace_bit_s=PACE_BIT_S)
        up = client.measure(Direction.UP, uploading, most_us=HALF_US)
        report = speed.report(client.bye())

    assert (report.agent, report.probe, report.session, report.scan) == (speed.parts.id, SERVER, "this", "scan")
    assert report.settings == {"ticket": ticket}
    assert [(one.quantity, one.at_least, one.value) for one in report.readings if not one.quantity.endswith("_ip")] == [
        ("observed.down", down.rate_bit_s, None),
        ("observed.up", up.rate_bit_s, None),
    ]


def test_facts(speed: Serving) -> None:
    """Beside the figure stand its window on the wall clock, how it ended, and who was seen on which line."""
    with session(speed.address, speed.ticket(line="l", path="metro", operator="o")) as client:
        done = client.measure(most_us=1_000_000, pace_bit_s=PACE_BIT_S)
        facts = speed.report(client.bye()).readings[0].facts
    window_us = int(facts["to_unix_us"]) - int(facts["from_unix_us"])

    assert (window_us, facts["octets"], facts["ended"], facts["steady"]) == (
        done.to_us - done.from_us,
        done.octets,
        "time",
        0,
    )
    assert [facts[name] for name in ("seen", "line", "path", "operator")] == ["127.0.0.1", "l", "metro", "o"]
    assert abs(int(facts["to_unix_us"]) - speed.parts.now_us()) < 10_000_000


def test_at_the_ip_layer(speed: Serving) -> None:
    """The figure at the IP layer is the payload with the headers of the segments that were sent."""
    with session(speed.address, speed.ticket()) as client:
        client.measure(streams=2, most_us=2_000_000, pace_bit_s=PACE_BIT_S)
        payload, at_ip = speed.report(client.bye()).readings
    mss = int(payload.facts["mss"])

    assert payload.at_least
    assert at_ip.at_least == payload.at_least * (mss + 52) // mss


def test_cut_in_the_middle(speed: Serving) -> None:
    """An agent that is gone in the middle of a run leaves an observation of what it had proved."""
    with session(speed.address, speed.ticket()) as client:
        client.begin(most_us=10_000_000, pace_bit_s=PACE_BIT_S)
        time.sleep(0.8)
    reading = speed.observations()[0].readings[0]

    assert (reading.facts["ended"], int(reading.facts["octets"]) > 1_000_000) == ("cut", True)


def test_nonsense_at_the_end(speed: Serving) -> None:
    """Whoever ends a session with something that cannot be read has it signed all the same: no figure is taken back by it."""
    body = b'{"type":"bye","x":' + b"[" * 100_000
    with session(speed.address, speed.ticket()) as client:
        done = client.measure(most_us=HALF_US, pace_bit_s=PACE_BIT_S)
        client.control.sendall(LENGTH.pack(len(body)) + body)
        (report,) = speed.observations()

    assert [one.at_least for one in report.readings] == [done.rate_bit_s, report.readings[1].at_least]


def test_no_run(speed: Serving) -> None:
    """A session in which nothing was asked for is told as that."""
    with session(speed.address, speed.ticket()) as client:
        report = speed.report(client.bye())

    assert (report.failure, report.readings) == (Failure.INTERRUPTED, ())


def test_chain(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """The observations are one chain under one key, over restarts."""
    for _ in range(2):
        with serving(tmp_path, key) as up, session(up.address, up.ticket()) as client:
            client.bye()
    with serving(tmp_path, key) as up:
        first, second = up.observations(2)
        waiting = up.kept.waiting()

    assert ((first.sequence, first.previous), (second.sequence, second.previous)) == ((1, ""), (2, waiting[0].id))


def test_killed_in_the_middle(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """A session that was under way when the server was killed is signed as interrupted at the next start, once."""
    with serving(tmp_path, key) as up:
        up.kept.use("killed", up.ticket(session="killed"), 5, up.parts.now_us())
    for _ in range(2):
        with serving(tmp_path, key) as up:
            reports = up.observations()

    assert [(one.session, one.failure) for one in reports] == [("killed", Failure.INTERRUPTED)]


def test_killed_under_another_collector(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """What was interrupted while another collector was trusted stops no start, and is signed once that one is trusted again."""
    with serving(tmp_path, key) as up:
        up.kept.use("killed", up.ticket(session="killed"), 5, up.parts.now_us())
    with serving(tmp_path, Ed25519PrivateKey.generate()) as up:
        meanwhile = (up.kept.waiting(), len(up.kept.unobserved()))
    with serving(tmp_path, key) as up:
        reports = up.observations()

    assert (meanwhile, [one.session for one in reports]) == (([], 1), ["killed"])


# --- To the collector -------------------------------------------------------------------------------------------------


@dataclass
class Collector:
    """A collector's door: it answers with `answers` in turn, then takes everything."""

    key: Ed25519PrivateKey
    answers: list[str] = field(default_factory=list)
    took: list[Report] = field(default_factory=list)
    asked: int = 0
    address: str = ""
    server: Ed25519PublicKey | None = None

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """What it says to one submission."""
        self.asked += 1
        envelope = inflated(body)
        opened = open_sealed(envelope, self._of_server)
        report = opened.body(REPORT, Report)
        kind = self.answers.pop(0) if self.answers else "take"
        signer = Ed25519PrivateKey.generate() if kind == "forge" else self.key
        receipt = seal(RECEIPT, Receipt(opened.id, report.agent, report.sequence + (kind == "another"), 1), signer)
        if kind == "down":
            return 503, b"out for lunch"
        if kind == "unknown":
            return 403, msgspec.json.encode({"code": "unknown_key", "detail": ""})
        if kind == "replayed":
            return 409, msgspec.json.encode({"code": "replayed", "detail": "", "receipt": receipt.decode()})
        self.took += [report] if kind == "take" else []
        return 201, receipt

    def _of_server(self, _: str) -> Ed25519PublicKey | None:
        """The key of the server that is tested."""
        return self.server


@pytest.fixture
def collector(key: Ed25519PrivateKey) -> Iterator[Collector]:
    """A collector's door on loopback."""
    door = Collector(key)

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """One submission."""
            status, content = door.answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Door) as up:
        door.address = f"http://127.0.0.1:{up.server_port}"
        thread = threading.Thread(target=up.serve_forever, args=(0.05,))
        thread.start()
        yield door
        up.shutdown()
        thread.join()


def delivered(speed: Serving, collector: Collector, address: str = "", for_s: float = 10) -> bool:
    """Run the courier until nothing waits, or so long; whether nothing waits."""
    collector.server = speed.parts.key.public_key()
    courier = Courier(address or collector.address, collector.key.public_key(), speed.parts.id, CONTEXT, speed.kept)
    stop, until_s = threading.Event(), time.monotonic() + for_s
    thread = threading.Thread(target=courier.work, args=(speed.parts.sealed, stop))
    thread.start()
    while speed.kept.waiting() and time.monotonic() < until_s:
        time.sleep(0.02)
    stop.set()
    thread.join()
    return not speed.kept.waiting()


@pytest.mark.parametrize(
    "answers",
    [[], ["down"], ["unknown"], ["replayed"], ["forge"], ["another"]],
    ids=["taken", "down at first", "not known at first", "already held", "a forged receipt", "a receipt for another"],
)
def test_delivered(speed: Serving, collector: Collector, answers: list[str]) -> None:
    """Every observation is sent until the collector's own receipt for it is here."""
    with session(speed.address, speed.ticket()) as client:
        client.bye()
    collector.answers = list(answers)
    asked = 1 if answers in ([], ["replayed"]) else 2

    assert (delivered(speed, collector), collector.asked) == (True, asked)


@pytest.mark.parametrize(("answer", "asks"), [("down", False), ("unknown", True)], ids=["down", "refused"])
def test_a_refusal_asks_for_a_person(
    speed: Serving, collector: Collector, caplog: pytest.LogCaptureFixture, answer: str, asks: bool
) -> None:
    """A collector that is down is a warning; one that refuses is an error that says what a person does."""
    with session(speed.address, speed.ticket()) as client:
        client.bye()
    collector.answers = [answer]
    delivered(speed, collector)
    errors = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]

    assert [("server list" in one, "server revoke" in one, "--key" in one) for one in errors] == [(True,) * 3] * asks


def test_nobody_there(speed: Serving, collector: Collector) -> None:
    """While the collector cannot be reached nothing is lost; later it is delivered in its order."""
    for _ in range(2):
        with session(speed.address, speed.ticket()) as client:
            client.bye()
    with socket.create_server(("127.0.0.1", 0)) as free:
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"

    assert not delivered(speed, collector, nowhere, 0.5)
    assert delivered(speed, collector)
    assert [one.sequence for one in collector.took] == [1, 2]
