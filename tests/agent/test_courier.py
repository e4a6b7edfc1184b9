"""Does the agent speak only to the collector that its token named, and believe nobody else?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import keys
from agent.config import AgentConfig
from agent.courier import Courier, Offline, Refused, Untrusted, opened
from agent.outbox import Waiting
from agent.scan import Finding
from agent.service import deliver_some, report_of
from collector.routes.scans import LONGEST_WAIT_S
from evidence.model import Conditions, Raw
from evidence.scan import Progress
from evidence.seal import ENROLLED, RECEIPT, key_id, seal
from evidence.wire import Enrolled as Answer
from evidence.wire import Receipt
from tests.agent.conftest import Enrolled, token
from tests.collector.running import Running

RAW = Raw("switch-1.json", b"{}")
STRANGER = Ed25519PrivateKey.generate()


def sealed(box: Enrolled, *raws: Raw) -> Waiting:
    """A report in the box's outbox."""
    finding = Finding((), raws, Conditions("test", 1, 2, 1, 2))
    return box.outbox.seal("desk", "", 0, raws, report_of(box.identity, finding, "desk", {}, ""))


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[Courier]:
    """A courier to something that gives everybody one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_GET  # noqa: N815 - the names are http.server's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        courier = opened(AgentConfig(), f"http://127.0.0.1:{server.server_address[1]}")
        with courier.http:
            yield courier
        server.shutdown()
        thread.join()


# --- Enrolment --------------------------------------------------------------------------------------------------------


def test_enrolled(enrolled: Enrolled, collector: Running) -> None:
    """The box knows its school, and the collector knows the box."""
    assert enrolled.identity.known.school == collector.home
    assert list(collector.school().held) == [enrolled.identity.agent]


def test_another_collectors_token(collector: Running, tmp_path: Path) -> None:
    """A collector whose key is not the one that the token names is not spoken to: the secret is not sent."""
    secret = collector.token()
    wrong = f"cp1-{secret}-{key_id(STRANGER.public_key())}"
    courier = opened(AgentConfig(), collector.url)
    with courier.http, pytest.raises(Untrusted, match="not the one that the token names"):
        courier.enrol(wrong, keys.create(tmp_path), "test")

    assert collector.school().held == {}


def test_a_used_token(enrolled: Enrolled, collector: Running, tmp_path: Path) -> None:
    """What the collector refuses comes with its words."""
    used = token(collector)
    enrolled.courier.enrol(used, keys.create(tmp_path / "one"), "test")

    with pytest.raises(Refused, match="HTTP 403 token_refused: token: unknown, used or expired"):
        enrolled.courier.enrol(used, keys.create(tmp_path / "two"), "test")


@pytest.mark.parametrize(
    ("agent", "signer", "words"),
    [
        pytest.param("another", "right", "names another key", id="for another key"),
        pytest.param("mine", "stranger", "unknown_key", id="sealed by a stranger"),
    ],
)
def test_a_false_enrolment(tmp_path: Path, agent: str, signer: str, words: str) -> None:
    """An enrolment answer counts only under the pinned key and for our own."""
    ours, theirs = keys.create(tmp_path), Ed25519PrivateKey.generate()
    answer = Answer(key_id(ours.public_key()) if agent == "mine" else "x", "s", "一中", "", "secret")
    both = {"collector": theirs.public_key().public_bytes_raw().hex()}
    with answering(200, seal(ENROLLED, answer, theirs if signer == "right" else STRANGER)) as courier:
        named = Courier(_first(courier.http, msgspec.json.encode(both)))
        with named.http, pytest.raises(Untrusted, match=words):
            named.enrol(f"cp1-a-{key_id(theirs.public_key())}", ours, "test")


def _first(http: httpx.Client, keys_answer: bytes) -> httpx.Client:
    """A client that answers /v1/keys by itself and asks the server for all else."""
    real = httpx.HTTPTransport(verify=False)

    class Keys(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/v1/keys":
                return httpx.Response(200, content=keys_answer)
            return real.handle_request(request)

        def close(self) -> None:
            real.close()

    return httpx.Client(base_url=http.base_url, transport=Keys())


# --- Delivery ---------------------------------------------------------------------------------------------------------


def test_delivered(enrolled: Enrolled, collector: Running) -> None:
    """Envelopes go out in sequence, then their raw evidence; what is delivered is gone from the queue."""
    sealed(enrolled, RAW)
    second = sealed(enrolled)
    busy = [deliver_some(enrolled.courier, enrolled.identity, enrolled.outbox) for _ in range(2)]

    stored = collector.parts.store.ledger.envelope(second.id)
    assert (busy, collector.held(), enrolled.outbox.depth(), enrolled.outbox.raws()) == ([True, False], 2, 0, [])
    assert stored is not None
    assert stored.envelope == second.content


def test_delivered_again(enrolled: Enrolled, collector: Running) -> None:
    """Where the first receipt was lost, the second delivery brings it, and nothing is stored twice."""
    waiting = sealed(enrolled)
    first, again = (enrolled.courier.deliver(enrolled.identity, waiting) for _ in range(2))

    assert (first == again, collector.held()) == (True, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"evidence": "0" * 64}, "speaks of", id="another envelope"),
        pytest.param({"agent": "x"}, "speaks of", id="another agent"),
        pytest.param({"sequence": 2}, "speaks of", id="another place"),
        pytest.param(None, "unknown_key", id="a stranger's seal"),
    ],
)
def test_a_false_receipt(
    enrolled: Enrolled, collector: Running, change: dict[str, str | int] | None, words: str
) -> None:
    """A receipt counts only from the pinned collector and for this envelope; the envelope stays."""
    waiting = sealed(enrolled)
    body = Receipt(waiting.id, enrolled.identity.agent, 1, 1)
    signer = STRANGER if change is None else collector.parts.key
    receipt = seal(RECEIPT, msgspec.structs.replace(body, **change or {}), signer)
    with answering(201, receipt) as courier, pytest.raises(Untrusted, match=words):
        deliver_some(courier, enrolled.identity, enrolled.outbox)

    assert enrolled.outbox.depth() == 1


def test_refused_delivery(enrolled: Enrolled, collector: Running) -> None:
    """What the collector refuses stays in the outbox, and its words are told."""
    sealed(enrolled)
    ahead = sealed(enrolled)
    with pytest.raises(Refused, match="out_of_sequence"):
        enrolled.courier.deliver(enrolled.identity, ahead)

    assert enrolled.outbox.depth() == 2


def test_undeclared_raw(enrolled: Enrolled) -> None:
    """Raw evidence that the collector does not expect is refused."""
    with pytest.raises(Refused, match="not_declared"):
        enrolled.courier.deliver_raw("1" * 64, "0" * 64, b"x")


# --- Trouble ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["deliver", "orders", "progress", "raw", "enrol"])
def test_collector_down(enrolled: Enrolled, call: str) -> None:
    """A collector that cannot be reached is Offline, whatever is asked of it."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        down = opened(AgentConfig(), f"http://127.0.0.1:{nobody.getsockname()[1]}")
    acts: dict[str, Callable[[], object]] = {
        "deliver": lambda: down.deliver(enrolled.identity, sealed(enrolled)),
        "orders": lambda: down.orders(enrolled.identity, 0, 0),
        "progress": lambda: down.progress(enrolled.identity, "x", Progress("desk", "running")),
        "raw": lambda: down.deliver_raw("1" * 64, "0" * 64, b"x"),
        "enrol": lambda: down.enrol(f"cp1-a-{'0' * 64}", STRANGER, "test"),
    }
    with down.http, pytest.raises(Offline):
        acts[call]()


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        pytest.param(500, b"", {}, id="in trouble"),
        pytest.param(503, b"<html>", {}, id="a proxy in trouble"),
        pytest.param(429, b"", {}, id="asked too often"),
        pytest.param(200, b"<html>log in to the Wi-Fi</html>", {}, id="a captive portal"),
        pytest.param(200, b"{}", {}, id="another answer"),
        pytest.param(200, b"not gzip", {"content-encoding": "gzip"}, id="a body that cannot be read"),
    ],
)
def test_something_in_between(enrolled: Enrolled, status: int, body: bytes, headers: dict[str, str]) -> None:
    """What something in between answers is like no collector at all: it is tried again later."""
    with answering(status, body, **headers) as courier, pytest.raises(Offline):
        courier.orders(enrolled.identity, 0, 0)


def test_a_refusal_without_words(enrolled: Enrolled) -> None:
    """A refusal that is not the collector's is told as it came."""
    with answering(403, b"<html>Forbidden</html>") as courier, pytest.raises(Refused, match="HTTP 403 unknown: <html>"):
        courier.orders(enrolled.identity, 0, 0)


def test_the_channel_is_ours_only(enrolled: Enrolled, collector: Running) -> None:
    """The order channel opens with the box's secret."""
    scan = collector.order()
    found = enrolled.courier.orders(enrolled.identity, 0, 0)
    enrolled.courier.progress(enrolled.identity, scan.id, Progress("desk", "running"))

    assert (found.now_unix_us, len(found.entries)) == (collector.clock.us, 1)
    assert enrolled.config.poll_wait_s <= LONGEST_WAIT_S


@pytest.mark.parametrize("address", ["", "collector.example", "ftp://collector.example", "http://"])
def test_no_address(address: str) -> None:
    """An address that is none is refused with the form that is expected."""
    with pytest.raises(ValueError, match="expected an address such as https://"):
        opened(AgentConfig(), address)


@pytest.mark.parametrize("address", ["http://collector.example", "http://10.0.0.1:8765"])
def test_plain_http(address: str) -> None:
    """Off this machine plain http is used only when the settings say so."""
    with pytest.raises(ValueError, match="plain_http = true"):
        opened(AgentConfig(), address)
    opened(AgentConfig(plain_http=True), address).http.close()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "https://x.example"])
def test_good_addresses(address: str) -> None:
    """https anywhere, plain http on this machine."""
    opened(AgentConfig(collector=address)).http.close()


def test_no_certificate_authority(tmp_path: Path) -> None:
    """A certificate file that is not there is named."""
    config = AgentConfig(certificate_authority=str(tmp_path / "ca.pem"))

    with pytest.raises(ValueError, match=r"certificate_authority .*ca\.pem: .*No such file"):
        opened(config, "https://collector.example")
