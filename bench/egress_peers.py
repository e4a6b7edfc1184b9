"""
What do iperf3 and httpx say of the same line, in the same run?

iperf3 of Debian 12 is 3.12: one thread for all streams. httpx reads from nginx in one thread a stream, as a program would that measures by
HTTP. Both give bit/s of payload at the receiver.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.pipe import Pipe
from tests.lab.pipe_ends import WITHIN_S
from tests.lab.pipe_plan import Direction

USAGE = str(Path(__file__).with_name("egress_usage.py"))
HTTP_PORT = 8088
IPERF_PORT = 5201
WARM_UP_S = 1
READER = """
import sys, threading, time, httpx
url, streams, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
counts, until = [0] * streams, time.monotonic() + seconds
def read(number):
    with httpx.Client(trust_env=False, timeout=10) as client, client.stream("GET", url) as answer:
        for octets in answer.iter_raw():
            counts[number] += len(octets)
            if time.monotonic() > until:
                return
threads = [threading.Thread(target=read, args=(number,)) for number in range(streams)]
begun = time.monotonic()
for one in threads: one.start()
for one in threads: one.join()
print(sum(counts), time.monotonic() - begun)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What was moved, how fast, and the client's processor seconds and memory."""

    octets: int
    rate_bit_s: int
    user_s: float
    system_s: float
    rss_mb: float

    @property
    def processor_s(self) -> float:
        """Processor seconds of user and system."""
        return self.user_s + self.system_s

    @property
    def s_per_gb(self) -> float:
        """Processor seconds for each 10^9 octets of payload."""
        return self.processor_s / self.octets * 1e9


@contextmanager
def iperf3_server(pipe: Pipe) -> Iterator[None]:
    """iperf3 listening on the server's machine."""
    pipe.node("server").spawn("iperf3", ["iperf3", "--server"])
    listens(pipe, IPERF_PORT, "iperf3")
    yield
    pipe.node("server").stop("iperf3")


def listens(pipe: Pipe, port: int, tag: str) -> None:
    """Wait until a service of the server's machine listens."""
    until, node = time.monotonic() + WITHIN_S, pipe.node("server")
    while f":{port}" not in node.run(["ss", "-Hltn"], check=True).stdout:
        if time.monotonic() > until:
            raise RuntimeError(f"{tag} does not listen: {node.tail(tag)}")
        time.sleep(0.05)


def iperf3(pipe: Pipe, direction: Direction, family: int, seconds: int, streams: int = 4) -> Cost:
    """One run of iperf3, its first second left out."""
    words = ["iperf3", "-c", pipe.server(family), "-t", str(seconds), "-O", str(WARM_UP_S), "-P", str(streams), "-J"]
    out, cost = used(pipe, [*words, *(["-R"] if direction == "down" else [])])
    end = json.loads(out)["end"]["sum_received"]
    whole = int(end["bits_per_second"] * (seconds + WARM_UP_S) / 8)
    return Cost(whole, int(end["bits_per_second"]), *cost)


@contextmanager
def web_server(pipe: Pipe) -> Iterator[str]:
    """nginx on the server's machine with a file of 16 GiB that takes no room; its address."""
    server = pipe.node("server")
    with (server.directory / "large").open("wb") as large:
        large.truncate(16 << 30)
    config = f"""daemon off; worker_processes 2; user root; pid {server.directory}/nginx.pid; error_log stderr;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {server.directory}/body;
  server {{ listen {HTTP_PORT}; root {server.directory}; }} }}
"""
    server.spawn("nginx", ["nginx", "-c", server.write("nginx.conf", config), "-e", "stderr"])
    listens(pipe, HTTP_PORT, "nginx")
    yield f"http://{pipe.server(4)}:{HTTP_PORT}/large"
    server.stop("nginx")


def httpx(pipe: Pipe, url: str, seconds: int, streams: int = 4) -> Cost:
    """One download by httpx."""
    out, cost = used(pipe, [sys.executable, "-c", READER, url, str(streams), str(seconds)])
    octets, taken_s = out.split()
    return Cost(int(octets), int(int(octets) * 8 / float(taken_s)), *cost)


def used(pipe: Pipe, words: list[str]) -> tuple[str, tuple[float, float, float]]:
    """Run a command on the agent's machine: what it printed, and what it used."""
    node = pipe.node(pipe.agents[0])
    told = node.directory / "usage.json"
    out = node.run([sys.executable, "-I", "-S", USAGE, str(told), *words], check=True).stdout
    return out, usage(told)


def usage(told: Path) -> tuple[float, float, float]:
    """Processor seconds of user and system, and the largest memory in MB."""
    found = json.loads(told.read_text("utf-8"))
    return found["user_s"], found["system_s"], found["rss_mb"]
