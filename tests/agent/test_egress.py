"""Does an egress run against a real measurement server show, tell, count and seal what it should?"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import keys
from agent.config import AgentConfig
from agent.courier import Entry, opened
from agent.egress_allowed import moved_today
from agent.egress_plot import ROWS, runs_of
from agent.identity import Known, keep, load
from agent.outbox import Outbox
from agent.scan import Finding, run_probe
from agent.service import Service
from evidence.model import Report
from evidence.scan import AskedBy, Scan, Task
from evidence.seal import REPORT, SCAN, open_sealed, seal
from tests.agent.conftest import typed

pytestmark = pytest.mark.alone

MEGABIT = 1_000_000
PACE = 40 * MEGABIT  # slow enough for any machine that also runs other tests


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a measurement server that is open to all."""
    command = [sys.executable, "-m", "collector", "speed-server", "--open", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        words = up.stdout.readline().split()  # measuring on ADDR port PORT
        yield f"{words[2]}:{words[4]}"
        up.terminate()


def paced(server: str) -> dict[str, Any]:
    """Settings of a run downward that keeps to a rate."""
    return {"server": server, "threshold_bit_s": PACE, "direction": "down"}


# --- At the terminal --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scanned(server: str, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """`campusproof-agent scan egress` in a pipe."""
    directory = tmp_path_factory.mktemp("egress")
    text = f'[probes.egress]\nserver = "{server}"\nthreshold_bit_s = {PACE}\ndirection = "down"\n'
    (directory / "probes.toml").write_text(text)
    words = ("scan", "egress", "--settings", str(directory / "probes.toml"))
    return typed(directory, "", *words, agent=f'state = "{directory}/state"\n')


@pytest.mark.parametrize(
    "words",
    [
        "This run moves up to 34.0 MB, at 45.2",
        "Download: at least 4",
        "(IP layer)",
        "public address 127.0.0.1",
        "Limited by: the rate that the test kept to",
        "Round trip of the idle line",
        "v download",
    ],
)
def test_scan(scanned: subprocess.CompletedProcess[str], words: str) -> None:
    """A scan by hand needs no collector, says before what it moves and afterwards what it found."""
    assert words in scanned.stdout
    assert (scanned.returncode, scanned.stderr) == (0, "")


def test_plain_in_a_pipe(scanned: subprocess.CompletedProcess[str]) -> None:
    """What goes into a pipe has no colour codes, also not in the picture."""
    assert ("\x1b" in scanned.stdout, "vvv" in scanned.stdout) == (False, True)


def test_picture_is_small(scanned: subprocess.CompletedProcess[str]) -> None:
    """The picture has as many rows as it should."""
    rows = [line for line in scanned.stdout.split("\n") if any(mark in line for mark in "┌│┤└")]

    assert len(rows) == ROWS - 1  # and one with the seconds


# --- In between -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(server: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Finding, list[dict[str, Any]], int]:
    """One run: what it found, what it told in between, and how much this box says was moved."""
    told: list[dict[str, Any]] = []
    config = AgentConfig(state=str(tmp_path_factory.mktemp("state")))
    found = run_probe("egress", paced(server), config, tell=told.append)
    return found, told, moved_today(config.directory)


def test_progress(told: tuple[Finding, list[dict[str, Any]], int]) -> None:
    """How fast it goes is told while it runs, and is no reading."""
    found, lines, _ = told
    rates = [line["rate_bit_s"] for line in lines if line["progress"] == "down"]

    assert (found.failure, any(rate > PACE // 2 for rate in rates)) == (None, True)
    assert not any("progress" in one.quantity for one in found.readings)


def test_moved(told: tuple[Finding, list[dict[str, Any]], int]) -> None:
    """All that the run's own bins show was counted for the day."""
    found, _, moved = told
    (run,) = runs_of(found.raws)

    assert 0 < sum(run.own_octets) <= moved


# --- Under an order ---------------------------------------------------------------------------------------------------


class Listening(BaseHTTPRequestHandler):
    """A collector that only notes what progress it is told."""

    said: list[dict[str, Any]]

    def do_POST(self) -> None:
        """Note one word of progress."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.said.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def listening() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of such a collector, and what it was told."""
    said: list[dict[str, Any]] = []
    handler = type("Noting", (Listening,), {"said": said})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", said
        server.shutdown()
        thread.join()


def test_an_order(server: str, listening: tuple[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    """An ordered run is told the collector while it goes on, then sealed; nothing is told after that."""
    address, said = listening
    collector, config = Ed25519PrivateKey.generate(), AgentConfig(state=str(tmp_path))
    keys.create(tmp_path)
    keep(tmp_path, Known(address, collector.public_key().public_bytes_raw().hex(), "school", "School", "", "x"))
    who, outbox = load(tmp_path), Outbox(tmp_path)
    task = Task("egress", paced(server))
    order = Scan("order", "school", (who.agent,), (task,), 1, 2 * 10**15, AskedBy.SCHOOL_ADMIN)
    courier = opened(config, address)
    with courier.http:
        service = Service(config, who, outbox, courier)
        service._take(Entry(1, seal(SCAN, order, collector).decode()))
        service._do(outbox.pending()[0])
    (sealed,) = outbox.waiting()
    report = open_sealed(sealed.content, lambda _: who.key.public_key()).body(REPORT, Report)

    states = [(one["state"], one.get("detail", "").partition(" ")[0]) for one in said]
    assert (states[0], states[-1]) == (("running", ""), ("sealed", ""))
    assert ("running", "down") in states[1:-1]
    assert (report.failure, report.settings, report.session) == (None, paced(server), "")
