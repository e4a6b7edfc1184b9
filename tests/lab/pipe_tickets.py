"""
How do several agents get leave to measure side by side, when no collector runs?

An office of the test's own seals tickets; the measurement server is set up to believe its key. The server's observations are sent to an
address where nobody listens: they wait in its outbox, and each session's own copy goes back to its agent.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.seal import key_id, seal
from evidence.steady import ALL_PPM
from evidence.stream import TICKET, Direction, Ticket
from tests.lab.node import Process
from tests.lab.pipe import Pipe
from tests.lab.pipe_ends import PORT, Ran, place, speed_server, start

MOST_OCTETS = 4_000_000_000
SLOT_US = 120_000_000
PACKET, FRAME = 1500, 1514


@dataclass(frozen=True, slots=True)
class Office:
    """A collector's key, and the server that believes it."""

    pipe: Pipe
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def config(self) -> Path:
        """The server's settings."""
        node = self.pipe.node("server")
        return node.write(
            "config.toml",
            f"""[speed_server]
state = "{node.directory / "speed"}"
listen = ["0.0.0.0:{PORT}", "[::]:{PORT}"]
collector = "http://127.0.0.1:9"
collector_key = "{self.key.public_key().public_bytes_raw().hex()}"
name = "lab"
""",
        )

    def serve(self) -> Process:
        """Start the server."""
        return speed_server(self.pipe, "--config", str(self.config), "speed-server")

    def server_key(self) -> str:
        """The server's public key, hex, as it prints it."""
        words = [sys.executable, "-m", "collector", "--config", str(self.config), "speed-server", "--key"]
        return self.pipe.node("server").run(words, check=True).stdout.split()[-1]

    def ticket(self, agent: str, **changes: Any) -> Ticket:
        """A ticket for now; `changes` are other values of its fields."""
        now_us = time.time_ns() // 1000
        server = key_id(Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.server_key())))
        fields: dict[str, Any] = {
            "session": secrets.token_hex(16),
            "school": "lab",
            "scan": "scan",
            "agent": agent,
            "server": server,
            "directions": (Direction.DOWN, Direction.UP),
            "not_before_unix_us": now_us - 1_000_000,
            "not_after_unix_us": now_us + SLOT_US,
            "most_octets": MOST_OCTETS,
        }
        return Ticket(**(fields | changes))

    def sealed(self, ticket: Ticket) -> dict[str, str]:
        """A ticket as the probe's settings have it."""
        text = seal(TICKET, ticket, self.key).decode()
        return {"agent": ticket.agent, "session": ticket.session, "ticket": text}


def group(office: Office, direction: Direction, skews_s: Sequence[float], **settings: Any) -> list[Ran]:
    """One run of every agent of the pipe in one group; each begins `skews_s` after the first."""
    pipe, name = office.pipe, secrets.token_hex(4)
    tickets = [
        office.sealed(office.ticket(agent, directions=(direction,), group=name, seats=len(pipe.agents), line="line"))
        for agent in pipe.agents
    ]
    ordered = {"server": place(pipe), "direction": direction.value, "tickets": tickets, **settings}
    begun, running = time.monotonic(), []
    for agent, skew_s in zip(pipe.agents, skews_s, strict=True):
        time.sleep(max(0.0, begun + skew_s - time.monotonic()))
        running.append(start(pipe, ordered | {"agent": agent}, agent))
    return [one.end() for one in running]


def summed_l2_bit_s(members: Sequence[Ran], direction: str) -> int:
    """The means of all members together as Ethernet counts; what is told of a rate that had not settled is less than its mean."""
    total = 0
    for one in members:
        (reading,) = one.answer.of(f"egress.{direction}")
        facts = reading["facts"]
        certain_ppm = ALL_PPM if facts["steady"] else ALL_PPM - facts["half_width_ppm"]
        total += facts["l2_bit_s"] * ALL_PPM // certain_ppm
    return total


def counted_bit_s(log: Path, members: Sequence[Ran]) -> int:
    """What a counter that was watched says of the members' common window, to the twentieth of a second; headers added (`Pipe`)."""
    (run,) = members[0].raw()["servers"][0]["runs"]
    from_us, to_us = (run["started_us"] + run["done"][edge] for edge in ("from_us", "to_us"))
    lines = [tuple(map(int, line.split())) for line in log.read_text().splitlines()]
    inside = [(at_us, octets) for at_us, octets in lines if from_us <= at_us <= to_us]
    (begun_us, before), (ended_us, after) = inside[0], inside[-1]
    return (after - before) * 8_000_000 // (ended_us - begun_us) * FRAME // PACKET
