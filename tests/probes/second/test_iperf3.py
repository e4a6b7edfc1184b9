"""Does the real iperf3 give its receiver's figure, and does everything else that it says become the right Failure?"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from evidence.model import Failure, Unmeasurable
from evidence.quantities import SECOND_DOWN, SECOND_UP
from evidence.stream import Direction
from probes._second.asked import Asked
from probes._second.iperf3 import read, words
from tests.probes.face import Answer, here, probe
from tests.probes.second.conftest import Iperf3
from tests.probes.spaces import Host, until

SERVER = "192.0.2.1:5201"
SUMS = {"sum_sent": {"bytes": 9_000_000, "seconds": 1.0}, "sum_received": {"bytes": 5_000_000, "seconds": 2.0}}


def opinion(port: int, host: str = "127.0.0.1", **more: Any) -> Answer:
    """One short run, in this process."""
    settings = {"tool": "iperf3", "server": f"{host}:{port}", "duration_s": 1, "saturating": True, **more}
    return here("second_opinion", settings)


def said(**parts: Any) -> bytes:
    """What `iperf3 -J` prints, as far as it is read."""
    return json.dumps({"start": {"version": "iperf 3.12"}, "intervals": [], "end": {}, **parts}).encode()


# --- With a real server -----------------------------------------------------------------------------------------------


def test_both_directions(iperf3_server: Iperf3) -> None:
    """Down and up are exact figures of the receiver's, each with its octets and the time they were counted in."""
    found = [line for line in opinion(iperf3_server.port).lines if "quantity" in line]

    told = [(one["quantity"], one["facts"]["counted"], one["facts"]["tool"]) for one in found]
    fits = [one["value"] == one["facts"]["octets"] * 8_000_000 // one["facts"]["window_us"] for one in found]
    assert (told, fits) == (
        [(SECOND_DOWN.name, "receiver", "iperf3"), (SECOND_UP.name, "receiver", "iperf3")],
        [True, True],
    )


def test_over_ipv6(iperf3_server: Iperf3) -> None:
    """An address in brackets is measured over IPv6, with the streams that were asked for."""
    (reading,) = opinion(iperf3_server.port, "[::1]", family=6, direction="up", streams=2).of(SECOND_UP.name, "iperf3")

    assert [reading["facts"][name] for name in ("peer", "family", "streams")] == ["::1", 6, 2]


def test_the_family_of_a_name(iperf3_server: Iperf3) -> None:
    """A name is measured over the family asked for, though the other stands first."""
    (reading,) = opinion(iperf3_server.port, "localhost", family=4, direction="down").of(SECOND_DOWN.name, "iperf3")

    assert reading["facts"]["peer"] == "127.0.0.1"


def test_its_own_words_are_evidence(iperf3_server: Iperf3, folder: Path) -> None:
    """The whole JSON of the run is raw evidence."""
    settings = {"tool": "iperf3", "server": f"127.0.0.1:{iperf3_server.port}", "duration_s": 1, "direction": "down"}
    probe("second_opinion", settings, evidence=folder)

    assert json.loads((folder / "iperf3-down.json").read_text())["start"]["test_start"]["reverse"] == 1


def test_a_busy_server(iperf3_server: Iperf3, tmp_path: Path) -> None:
    """A server that serves another client is `refused`, in iperf3's own words."""
    command = ["iperf3", "-c", "127.0.0.1", "-p", str(iperf3_server.port), "-t", "5", "-b", "1M"]
    with (tmp_path / "other.log").open("wb") as log, subprocess.Popen(command, stdout=log) as other:
        until(lambda: _established(iperf3_server.port), "the other client")
        answer = opinion(iperf3_server.port)
        other.terminate()
    assert (answer.end["failure"], "busy" in answer.end["detail"]) == ("refused", True)


@pytest.mark.parametrize("direction", ["down", "up"])
def test_the_server_dies(iperf3_server: Iperf3, direction: str) -> None:
    """A run whose server is killed has no figure, says that it was interrupted, and ends."""

    def kill_meanwhile() -> None:
        until(lambda: _established(iperf3_server.port), "the client")
        time.sleep(0.5)
        iperf3_server.process.kill()

    kills = threading.Thread(target=kill_meanwhile)
    kills.start()
    answer = opinion(iperf3_server.port, direction=direction, duration_s=8)
    kills.join()

    readings = [line for line in answer.lines if "quantity" in line]
    assert (answer.end["failure"], readings) == ("interrupted", []), answer.end


# --- Without one ------------------------------------------------------------------------------------------------------


def test_not_installed(closed_port: tuple[str, int]) -> None:
    """Without the program the failure says how to install it."""
    settings = {"tool": "iperf3", "server": f"127.0.0.1:{closed_port[1]}"}
    answer = probe("second_opinion", settings, inside=["env", "PATH=/nowhere"])

    assert (answer.end["failure"], "apt-get install iperf3" in answer.end["detail"]) == ("not_supported", True)


def test_nobody_there(closed_port: tuple[str, int], iperf3: str) -> None:
    """A closed port is `refused`, though iperf3 ends with status 0."""
    assert opinion(closed_port[1]).end["failure"] == "refused"


def test_no_way(desk: Host, iperf3: str) -> None:
    """A box without a route says `unreachable`."""
    settings = {"tool": "iperf3", "server": "192.0.2.1:5201", "duration_s": 1}

    assert probe("second_opinion", settings, inside=desk.inside).end["failure"] == "unreachable"


def test_nobody_answers(pair: tuple[Host, Host], iperf3: str) -> None:
    """An address whose packets are lost on the way is `timed_out` after the time-out."""
    for host, name, address in zip(pair, ("ge0", "lan0"), ("192.0.2.1/24", "192.0.2.2/24"), strict=True):
        host.ip("addr", "add", address, "dev", name)
    pair[0].ip("route", "add", "default", "via", "192.0.2.2")
    settings = {"tool": "iperf3", "server": "198.51.100.1:5201", "duration_s": 1, "timeout_s": 0.5}

    assert probe("second_opinion", settings, inside=pair[0].inside).end["failure"] == "timed_out"


def test_a_server_that_is_silent(iperf3: str) -> None:
    """A server that accepts and says nothing is left at the deadline, and no iperf3 stays behind."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        answer = opinion(port, timeout_s=0.1)
        left = [one for one in _command_lines() if "iperf3" in one and str(port) in one]

    assert (answer.end["failure"], left) == ("timed_out", [])


# --- What it says -----------------------------------------------------------------------------------------------------


def test_the_receivers_sum() -> None:
    """Of the two sums the receiver's is taken: what was handed to a socket has not arrived."""
    assert read(said(end=SUMS), SERVER).rate_bit_s == 20_000_000


ERRORS = [
    ("unable to connect to server: Connection refused", Failure.REFUSED),
    ("the server is busy running a test. try again later", Failure.REFUSED),
    ("unable to connect to server: Connection timed out", Failure.TIMED_OUT),
    ("unable to connect to server: No route to host", Failure.UNREACHABLE),
    ("unable to connect to server: Network is unreachable", Failure.UNREACHABLE),
    ("test authorization failed", Failure.LOGIN_REJECTED),
    ("total required bandwidth is larger than server limit", Failure.NOT_PERMITTED),
    ("control socket has closed unexpectedly", Failure.INTERRUPTED),
    ("the server has terminated", Failure.INTERRUPTED),
    ("unable to write to stream socket: Connection reset by peer", Failure.INTERRUPTED),
    ("something that nobody has seen yet", Failure.UNREADABLE),
]


@pytest.mark.parametrize(("words", "failure"), ERRORS, ids=[one[0] for one in ERRORS])
def test_its_errors(words: str, failure: Failure) -> None:
    """An error is a failure, with iperf3's own words, even where the JSON has sums as well."""
    with pytest.raises(Unmeasurable, match=words) as why:
        read(said(error=words, end=SUMS), SERVER)

    assert why.value.failure is failure


UNREADABLE = {
    "no JSON": b"iperf3: parameter error",
    "cut off": said(end=SUMS)[:-9],
    "no sum": said(),
    "no octets": said(end={"sum_received": {"bytes": 0, "seconds": 1.0}}),
    "no time": said(end={"sum_received": {"bytes": 1, "seconds": 0.0}}),
    "backwards": said(end={"sum_received": {"bytes": -8, "seconds": -1.0}}),
    "not a number": said(end={"sum_received": {"bytes": 1, "seconds": float("nan")}}),
    "a text": said(end={"sum_received": {"bytes": "many", "seconds": 1.0}}),
    "a list": b"[]",
}


@pytest.mark.parametrize("out", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_no_figure(out: bytes) -> None:
    """What holds no whole figure is unreadable, never a rate of zero."""
    with pytest.raises(Unmeasurable) as why:
        read(out, SERVER)

    assert why.value.failure is Failure.UNREADABLE


def test_the_command_line() -> None:
    """A download is `-R`, the family is said, and the address is a literal."""
    asked = Asked(ipaddress.ip_address("2001:db8::1"), 5201, Direction.DOWN, 7, 3, 0.25)

    expected = ["-J", "-6", "-c", "2001:db8::1", "-p", "5201", "-t", "7", "-P", "3", "--connect-timeout", "250", "-R"]
    assert words(asked) == expected


def _established(port: int) -> bool:
    """Whether somebody is connected to a TCP port of loopback."""
    listed = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()
    return any(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "01" for row in listed[1:])


def _command_lines() -> list[str]:
    """The command line of every process there is."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.append(Path(f"/proc/{pid}/cmdline").read_text(errors="replace"))
        except OSError:  # it has just ended
            continue
    return found
