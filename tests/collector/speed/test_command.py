"""Does `campusproof-collector speed-server` start, say where it is, refuse wrong settings, and survive being killed?"""

from __future__ import annotations

import contextlib
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from collector import keys
from collector.__main__ import main
from collector.config import ConfigWrong
from collector.speed.command import KEY_FILE, _mini, open_parts
from collector.speed.config import SpeedServerConfig, load
from collector.speed.kept import Kept
from collector.speed.server import Server
from evidence.model import Failure, Report
from evidence.seal import REPORT, key_id, open_sealed
from evidence.stream import Refused
from tests.collector.speed.client import Address, knocking, session
from tests.collector.speed.serving import Serving

pytestmark = pytest.mark.alone

COMMAND = (sys.executable, "-m", "collector")
KEY = "ab" * 32


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A server as a process of its own, and the first line that it prints for each listener."""
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, [process.stdout.readline() for _ in range(arguments.count("--listen") or 1)]
        finally:
            process.kill()


def address_in(line: str) -> Address:
    """Where a server says that it listens."""
    words = line.split()
    return words[2], int(words[4])


def test_open(tmp_path: Path) -> None:
    """With --open it needs no settings, listens on both families, measures for anybody, and ends when it is told to."""
    arguments = ("speed-server", "--open", "--listen", "127.0.0.1:0", "--listen", "[::1]:0")
    with started(*arguments) as (process, lines):
        for line in lines:
            with session(address_in(line)) as client:
                assert client.bye() == ""
        process.send_signal(signal.SIGTERM)
        status = process.wait(15)

    assert ([line.split()[0] for line in lines], status) == (["measuring", "measuring"], 0)


@pytest.fixture
def settings(tmp_path: Path, key: Ed25519PrivateKey) -> Path:
    """The settings of a server whose collector is nowhere."""
    path = tmp_path / "config.toml"
    public = key.public_key().public_bytes_raw().hex()
    lines = [
        "[speed_server]",
        f'state = "{tmp_path}/state"',
        'listen = ["127.0.0.1:0"]',
        'collector = "http://127.0.0.1:1"',
        f'collector_key = "{public}"',
    ]
    path.write_text("\n".join(lines))
    return path


def test_killed(settings: Path, tmp_path: Path, key: Ed25519PrivateKey, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is killed in the middle of a run signs at its next start that it was, and refuses the ticket again."""
    assert main(["--config", str(settings), "speed-server", "--key"]) == 0
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(capsys.readouterr().out.strip()))
    ticket = Serving.sealed(key, time.time_ns() // 1000, server=key_id(public))
    arguments = ("--config", str(settings), "speed-server")
    with started(*arguments) as (process, lines), session(address_in(lines[0]), ticket) as client:
        client.begin(most_us=10_000_000, pace_bit_s=80_000_000)
        time.sleep(0.5)
        process.kill()
        process.wait(10)
    with started(*arguments) as (_, lines), knocking(address_in(lines[0])) as client:
        said = client.greet(ticket)
    waiting = Kept(tmp_path / "state").waiting()
    reports = [open_sealed(one.content, lambda _: public).body(REPORT, Report) for one in waiting]

    assert isinstance(said, Refused)
    assert (said.code, [(one.sequence, one.failure) for one in reports]) == ("used", [(1, Failure.INTERRUPTED)])


def test_a_broken_part_ends_all(settings: Path, tmp_path: Path, key: Ed25519PrivateKey) -> None:
    """What fails for one connection, and must not, ends the server with words, so that its supervisor starts it anew."""
    with started("--config", str(settings), "speed-server") as (process, lines):
        server = Kept(tmp_path / "state")
        with contextlib.closing(sqlite3.connect(server.path)) as file:
            file.execute("ALTER TABLE volume RENAME TO lost")
        public = keys.kept(tmp_path / "state", KEY_FILE).public_key()
        with knocking(address_in(lines[0])) as client, pytest.raises((EOFError, OSError)):
            client.greet(Serving.sealed(key, time.time_ns() // 1000, server=key_id(public)))
        said = process.communicate(timeout=15)[1]

    assert (process.returncode, "no such table: volume" in said, "a part of it failed" in said) == (1, True, True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_mini_server_ends_all() -> None:
    """If the thread that answers speedtest-cli ends, the server does."""
    parts = open_parts(SpeedServerConfig())
    with socket.create_server(("127.0.0.1", 0)) as gone:
        gone.close()
        with _mini([gone], Server(parts, [])):
            assert parts.stop.wait(5)

    assert parts.broken.is_set()


WRONG = [
    pytest.param("[speed_server]\nport = 1", "`port`", id="an unknown key"),
    pytest.param('[speed_server]\nlisten = ["8766"]', "expected ADDRESS:PORT", id="a port alone"),
    pytest.param('[speed_server]\nmini_listen = ["8766"]', "expected ADDRESS:PORT", id="a port alone, second opinions"),
    pytest.param('[speed_server]\npath = "satellite"', "path is internet, metro or empty", id="an unknown path"),
    pytest.param("[speed_server]\ncapacity_bit_s = 0", "whole numbers above 0", id="no capacity"),
    pytest.param("[speed_server]\nday_octets = -1", "whole numbers above 0", id="volume below zero"),
    pytest.param('[speed_server]\ncollector_key = "ab"', "64 hex digits", id="a short key"),
    pytest.param('[speed_server]\ncollector_key = "key"', "64 hex digits", id="a key that is none"),
    pytest.param("", "collector_key is missing", id="no key"),
    pytest.param(f'[speed_server]\ncollector_key = "{KEY}"', "expected an address", id="no collector"),
    pytest.param(
        f'[speed_server]\ncollector_key = "{KEY}"\ncollector = "ftp://x"', "expected an address", id="no web address"
    ),
    pytest.param(
        f'[speed_server]\ncollector_key = "{KEY}"\ncollector = "http://x"\ncertificate_authority = "/nowhere"',
        "certificate_authority /nowhere",
        id="no certificates",
    ),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str) -> None:
    """Wrong settings go to standard error in words, with status 2, before anything listens."""
    path = tmp_path / "config.toml"
    state = f'state = "{tmp_path}/state"'
    path.write_text(text.replace("[speed_server]", f"[speed_server]\n{state}") or f"[speed_server]\n{state}\n")
    status = main(["--config", str(path), "speed-server", "--listen", "127.0.0.1:0"])

    assert (status, words in capsys.readouterr().err) == (2, True)


def test_names_its_file(tmp_path: Path) -> None:
    """A wrong table is named with its file."""
    path = tmp_path / "config.toml"
    path.write_text("[speed_server]\nlisten = 1\n")

    with pytest.raises(ConfigWrong, match=r"config\.toml: \[speed_server\]"):
        load(path)


def test_taken_port(capsys: pytest.CaptureFixture[str]) -> None:
    """An address that is taken is named."""
    with started("speed-server", "--open", "--listen", "127.0.0.1:0") as (_, lines):
        host, port = address_in(lines[0])
        status = main(["speed-server", "--open", "--listen", f"{host}:{port}"])

    assert (status, f"{host} port {port}" in capsys.readouterr().err) == (2, True)


def test_defaults() -> None:
    """Without a file it listens on both families and keeps its state where the system keeps state."""
    config = SpeedServerConfig()

    assert config.listen == ("0.0.0.0:8766", "[::]:8766")
    assert str(config.directory).endswith("campusproof/speed-server")
