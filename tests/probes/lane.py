"""
What do the tests of both families stand on?

Two hosts on one cable with both families, and the operator's real echo server on the far one. What a case puts in the way is a real filter
of nft on the far host. One rung alone is climbed by a process on the near host, as the probe climbs it.

It does not prove: anything about a way of more than one hop; the lab's ladder has that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.probes.face import ROOT
from tests.probes.spaces import Host, cable, host, need, running, until

SIX, FOUR, DEAD = "2001:db8:7::2", "192.0.2.2", "2001:db8:7::dead"
KEY = "00" * 32
CLIMB = """
import json, sys, time
from importlib import import_module
from probes._ipv6.settings import Settings
began = time.monotonic()
climb = import_module("probes._ipv6." + sys.argv[1]).climb(Settings.model_validate_json(sys.argv[2]), "ge0", *json.loads(sys.argv[3]))
raws = {raw.name: json.loads(raw.content) for raw in climb.raws}
print(json.dumps([climb.rung.state, climb.rung.code, climb.rung.evidence, raws, time.monotonic() - began]))
"""


@dataclass(frozen=True)
class Climbed:
    """One rung as it came, its raw evidence by name, and how long it took."""

    state: str
    code: str
    facts: dict[str, Any]
    raws: dict[str, Any]
    took_s: float


@dataclass(frozen=True)
class Lane:
    """The two hosts."""

    desk: Host
    far: Host

    def climb(self, rung: str, *more: object, echo: dict[str, Any] | None = None, **settings: Any) -> Climbed:
        """Climb one rung, given by the name of its module, at the desk."""
        names = {"zone": "echo.test", "server_key": KEY, "v6": SIX, "v4": FOUR} | (echo or {})
        ordered = json.dumps({"echo": names, "rate_octets": 1024 * 1024} | settings)
        command = [*self.desk.inside, sys.executable, "-W", "error", "-c", CLIMB, rung, ordered, json.dumps(more)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return Climbed(*json.loads(done.stdout))

    @contextmanager
    def filtered(self, *rules: str, hook: str = "input") -> Iterator[None]:
        """With these rules of nft for what comes in at the far host, or for its `output`."""
        table = "\n".join(
            ("table inet case {", "chain here {", f"type filter hook {hook} priority 0", *rules, "}", "}", "")
        )
        subprocess.run([*self.far.inside, "nft", "-f", "-"], input=table, text=True, check=True, capture_output=True)
        try:
            yield
        finally:
            self.far.run("nft", "flush", "ruleset")

    @contextmanager
    def shaped(self, rate_mbit_s: int) -> Iterator[None]:
        """With what comes from the far host shaped to this rate of Ethernet frames (`tbf`), both families alike."""
        bucket = ["rate", f"{rate_mbit_s}mbit", "burst", "10kb", "latency", "50ms"]
        self.far.run("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", *bucket)
        try:
            yield
        finally:
            self.far.run("tc", "qdisc", "del", "dev", "eth0", "root")


@contextmanager
def lane(folder: Path) -> Iterator[Lane]:
    """Two hosts and the echo server."""
    need("unshare", "nsenter", "ip", "nft", "tc")
    with host() as desk, host() as far:
        for one in (desk, far):
            one.sysctl("ipv6/conf/default/dad_transmits", 0)
        cable(desk, "ge0", far, "eth0")
        for one, name, number in ((desk, "ge0", 1), (far, "eth0", 2)):
            one.ip("addr", "add", f"192.0.2.{number}/24", "dev", name)
            one.ip("addr", "add", f"2001:db8:7::{number}/64", "dev", name, "nodad")
        words = ["--listen", "[::]:443", "--listen", "0.0.0.0:443", "--plain", "[::]:80", "--plain", "0.0.0.0:80"]
        words += ["--state", str(folder / "state")]
        command = [*far.inside, sys.executable, "-m", "collector", "echo-server", *words]
        with running(command, folder / "server.log") as child:
            log = folder / "server.log"
            until(lambda: log.read_text().count("echoing") == 4 or child.poll() is not None, "the echo server", 20)
            assert child.poll() is None, log.read_text()
            yield Lane(desk, far)
