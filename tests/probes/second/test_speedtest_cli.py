"""Does the real speedtest-cli measure against our server only, and is nothing taken for a figure that is none?"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from evidence.quantities import SECOND_DOWN, SECOND_UP
from tests.probes.face import ROOT, Answer, probe
from tests.probes.second.conftest import Mini, answering

# Runs the probe and then tells, on standard error, every address that a socket of it was to reach or a name that was asked for.
WATCHED = """
import json, runpy, sys
reached = set()
def look(event, words):
    if event in ("socket.connect", "socket.sendto"):
        reached.add(str(words[1]))
    elif event == "socket.getaddrinfo":
        reached.add(f"name {words[0]}")
sys.addaudithook(look)
sys.argv[1:] = ["second_opinion"]
try:
    runpy.run_module("probes", run_name="__main__")
finally:
    sys.stderr.write(json.dumps(sorted(reached)))
"""


def _say(request: BaseHTTPRequestHandler, status: int, words: bytes, **headers: str) -> None:
    """One answer."""
    request.send_response(status)
    for name, value in {"content-length": str(len(words)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(words)


def _greets(words: bytes, status: int, request: BaseHTTPRequestHandler) -> None:
    """A server that greets as it should, and says something else to all other questions."""
    greeting = "latency.txt" in request.path
    _say(request, 200 if greeting else status, b"test=test" if greeting else words)


def _sends_to(port: int, request: BaseHTTPRequestHandler) -> None:
    """A server that sends everybody elsewhere."""
    _say(request, 302, b"", location=f"http://127.0.0.1:{port}/")


def _drips(request: BaseHTTPRequestHandler) -> None:
    """A server that greets, and then sends one octet at a time, for ever."""
    _say(request, 200, b"test=test" if "latency.txt" in request.path else b"", **{"content-length": "9000000"})
    with contextlib.suppress(OSError):
        while True:
            request.wfile.write(b"x")
            time.sleep(0.1)


def opinion(server: str, **more: Any) -> Answer:
    """One short run."""
    return probe("second_opinion", {"tool": "speedtest-cli", "server": server, "duration_s": 1, **more})


def test_both_directions(mini_server: Mini) -> None:
    """Down and up are told, and each says at which end it was counted and that nobody judges it."""
    answer = opinion(mini_server.v4)

    found = [line for line in answer.lines if "quantity" in line]
    marks = [(one["facts"]["counted"], "never judged" in one["facts"]["second_opinion"]) for one in found]
    assert ([one["quantity"] for one in found], marks, answer.end) == (
        [SECOND_DOWN.name, SECOND_UP.name],
        [("receiver", True), ("sender", True)],
        {"end": "complete"},
    ), answer


def test_over_ipv6(mini_server: Mini) -> None:
    """An IPv6 server in brackets is measured over IPv6; the reading names tool, version, server and peer."""
    (reading,) = opinion(mini_server.v6, direction="down").of(SECOND_DOWN.name, "speedtest-cli")

    named = [reading["facts"][name] for name in ("tool", "version", "server", "peer", "family")]
    assert named == ["speedtest-cli", "2.1.3", mini_server.v6, "::1", 6]


def test_nothing_but_the_readings_is_printed(mini_server: Mini) -> None:
    """The library, which takes standard output for its own, adds nothing to it nor to standard error."""
    answer = opinion(mini_server.v4, direction="up")

    kinds = [next(iter(line)) for line in answer.lines]
    assert (kinds, answer.errors) == (["progress", "evidence", "quantity", "end"], "")


def test_its_own_words_are_evidence(mini_server: Mini, folder: Path) -> None:
    """Octets and time of a figure beyond the tool stay in the raw evidence."""
    settings = {"tool": "speedtest-cli", "server": mini_server.v4, "duration_s": 1, "direction": "down"}
    probe("second_opinion", settings, evidence=folder)

    said = json.loads((folder / "speedtest-cli-down.json").read_text())
    assert said["octets"] * 8_000_000 // said["window_us"] == pytest.approx(said["rate_bit_s"], rel=1e-4)


# --- To whom it talks -------------------------------------------------------------------------------------------------


def test_nobody_else_is_asked(mini_server: Mini) -> None:
    """The only address reached is the server's, no name is asked for, and a proxy of the environment is not used."""
    settings = {"tool": "speedtest-cli", "server": mini_server.v4, "duration_s": 1}
    proxies = ["env", "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9"]
    command = [*proxies, sys.executable, "-c", WATCHED]
    done = subprocess.run(
        command, input=json.dumps(settings), capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )

    port = int(mini_server.v4.rpartition(":")[2])
    reached = json.loads(done.stderr.splitlines()[-1])
    assert ('"end": "complete"' in done.stdout, reached) == (True, [f"('127.0.0.1', {port})", "name 127.0.0.1"])


def test_a_redirect_is_not_followed() -> None:
    """A server that sends the tool elsewhere is no mini server, and nobody knocks at the other door."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        with answering(partial(_sends_to, door.getsockname()[1])) as server:
            answer = opinion(server)
        door.setblocking(False)
        with pytest.raises(BlockingIOError):
            door.accept()
    assert (answer.end["failure"], "302" in answer.end["detail"]) == ("not_supported", True)


# --- What is no figure ------------------------------------------------------------------------------------------------


def test_nobody_there(closed_port: tuple[str, int]) -> None:
    """A closed port is `refused`, with no reading."""
    answer = opinion(f"127.0.0.1:{closed_port[1]}")

    assert (answer.end["failure"], answer.of(SECOND_DOWN.name)) == ("refused", [])


def test_another_server() -> None:
    """A server that greets otherwise does not speak the protocol."""
    with answering(lambda request: _say(request, 200, b"hello, world")) as server:
        answer = opinion(server)

    assert (answer.end["failure"], "mini protocol" in answer.end["detail"]) == ("not_supported", True)


def test_a_busy_server(mini_server: Mini) -> None:
    """A server that measures is not disturbed: `refused`, and the words say when to try again."""
    mini_server.measuring.after = 0
    answer = opinion(mini_server.v4)

    assert (answer.end["failure"], "try again later" in answer.end["detail"]) == ("refused", True)


@pytest.mark.parametrize("direction", ["down", "up"])
def test_a_measurement_begins_meanwhile(mini_server: Mini, direction: str) -> None:
    """A run that was cut short is no figure: the library alone would take what was refused for carried."""
    mini_server.measuring.after = 200
    answer = opinion(mini_server.v4, direction=direction)

    assert (answer.end["failure"], [line for line in answer.lines if "quantity" in line]) == ("refused", []), answer


def test_files_that_are_not_there() -> None:
    """A server that greets and then has no files is no figure of zero."""
    with answering(partial(_greets, b"no such file", 404)) as server:
        answer = opinion(server, direction="down")

    assert (answer.end["failure"], answer.of(SECOND_DOWN.name)) == ("not_supported", [])


def test_empty_files() -> None:
    """Whoever sends nothing has no rate of zero: silence is never zero."""
    with answering(partial(_greets, b"", 200)) as server:
        answer = opinion(server, direction="down")

    assert answer.end["failure"] == "unreadable"


def test_a_server_that_drips() -> None:
    """A server that sends an octet now and then does not keep the probe, nor its process, past the deadline."""
    started = time.monotonic()
    with answering(_drips) as server:
        answer = opinion(server, direction="down", timeout_s=0.5)

    assert (answer.end["failure"], time.monotonic() - started < 12) == ("timed_out", True)


def test_a_server_that_is_silent() -> None:
    """A server that accepts and says nothing is `timed_out` after the time-out."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        answer = opinion(f"127.0.0.1:{mute.getsockname()[1]}", timeout_s=0.3)

    assert answer.end["failure"] == "timed_out"
