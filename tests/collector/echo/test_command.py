"""Does `campusproof-collector echo-server` start, say where it is, tell its key, keep quiet, and refuse wrong settings?"""

from __future__ import annotations

import hashlib
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.__main__ import main
from evidence.echo import open_echo
from probes._http import unchecked

pytestmark = pytest.mark.alone


@contextmanager
def started(folder: Path, *listeners: str) -> Iterator[tuple[subprocess.Popen[str], list[tuple[str, int]]]]:
    """A server as a process of its own, and the addresses that it prints."""
    command = [sys.executable, "-m", "collector", "echo-server", "--state", str(folder), *listeners]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline().split() for _ in range(len(listeners) // 2)]
            yield process, [(words[2], int(words[4])) for words in lines]
        finally:
            process.kill()


def get(address: tuple[str, int], tls: bool) -> tuple[bytes, str]:
    """The sealed echo and the certificate that was shown."""
    with socket.create_connection(address, 5) as plain:
        connection = unchecked().wrap_socket(plain) if tls else plain
        with connection:
            connection.sendall(b"GET /echo?nonce=abc.1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            content = b"".join(iter(lambda: connection.recv(65536), b""))
            shown = connection.getpeercert(True) if isinstance(connection, ssl.SSLSocket) else None
    return content.partition(b"\r\n\r\n")[2], hashlib.sha256(shown).hexdigest() if shown else ""


def test_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It serves every listener until it is told to end, seals with the key that --key prints, and writes nothing down."""
    words = ("--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--plain", "127.0.0.1:0", "--plain", "[::1]:0")
    main(["echo-server", "--state", str(tmp_path), "--key"])
    key = capsys.readouterr().out.strip()
    with started(tmp_path, *words) as (process, addresses):
        came = [get(address, tls=number < 2) for number, address in enumerate(addresses)]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=5)

    echoes = [open_echo(content, key) for content, _ in came]
    assert [(one.seen, one.certificate) for one in echoes] == [
        (host, shown) for (host, _), (_, shown) in zip(addresses, came, strict=True)
    ]
    assert (out, err) == ("", "")


def test_one_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has the key of the measurement server whose state it shares: the operator enrols one."""
    path = tmp_path / "config.toml"
    path.write_text(f'[speed_server]\nstate = "{tmp_path}/state"\n')
    printed = []
    for verb in ("echo-server", "speed-server"):
        main(["--config", str(path), verb, "--key"])
        printed.append(capsys.readouterr().out.strip())

    assert (len(printed[0]), printed[0]) == (64, printed[1])


WRONG = [
    pytest.param(["--listen", "443"], "expected ADDRESS:PORT", id="no address"),
    pytest.param(["--certificate", "a.pem"], "go together", id="half a certificate"),
    pytest.param(
        ["--certificate", "/nowhere", "--certificate-key", "/nowhere"], "[echo_server] certificate", id="no file"
    ),
    pytest.param(["--listen", "192.0.2.1:0"], "192.0.2.1", id="another's address"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """What cannot be used goes to standard error in words, with status 2."""
    path = tmp_path / "config.toml"
    path.write_text("")
    status = main(["--config", str(path), "echo-server", "--state", str(tmp_path / "state"), *words])

    assert (status, said in capsys.readouterr().err) == (2, True)
