"""What do the tests of the second opinion stand on? Our mini server, a real iperf3 server, and one that behaves as it likes."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from collector.speed import mini
from tests.probes.spaces import running, until


@dataclass
class Measuring:
    """Whether the server measures for others: no, until a test says after how many times of asking it will."""

    after: int | None = None

    def __call__(self) -> bool:
        """Asked once more."""
        if self.after is None:
            return False
        self.after -= 1
        return self.after < 0


@dataclass(frozen=True)
class Mini:
    """Our mini server on both loopbacks."""

    v4: str
    v6: str
    measuring: Measuring = field(default_factory=Measuring)


@pytest.fixture
def mini_server() -> Iterator[Mini]:
    """The server of the collector, on a thread of its own."""
    four = socket.create_server(("127.0.0.1", 0))
    six = socket.create_server(("::1", 0), family=socket.AF_INET6)
    up = Mini(f"127.0.0.1:{four.getsockname()[1]}", f"[::1]:{six.getsockname()[1]}")
    stop = threading.Event()
    thread = threading.Thread(target=mini.run, args=([four, six], stop, up.measuring))
    thread.start()
    yield up
    stop.set()
    thread.join()


@dataclass(frozen=True)
class Iperf3:
    """A real iperf3 server on all addresses of loopback."""

    port: int
    process: subprocess.Popen[bytes]


@pytest.fixture
def iperf3() -> str:
    """Where the program is; skipped, in words, where it is not installed."""
    found = shutil.which("iperf3")
    if found is None:
        pytest.skip("iperf3 is not installed")
    return found


@pytest.fixture
def iperf3_server(tmp_path: Path, iperf3: str) -> Iterator[Iperf3]:
    """The server, listening."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with running([iperf3, "-s", "-p", str(port), "--forceflush"], tmp_path / "iperf3.log") as process:
        until(lambda: b"listening" in (tmp_path / "iperf3.log").read_bytes(), "iperf3")
        yield Iperf3(port, process)


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """An HTTP server of somebody else's, which answers everything in its own way; gives host:port."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def do_POST(self) -> None:
            answer(self)

        def log_message(self, format: str, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
