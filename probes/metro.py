"""
Is the education metropolitan network reachable, how fast does it answer, and by which first hop?

*Method*: each name is resolved first and not timed; then one TCP connect per address until one accepts, on the monotonic
clock, one service after the other. No payload is sent. The first hop is the kernel's answer to "how do I get there".

What it does not prove: bandwidth; that the service behind the port works; and of the metro network only as much as the
operator's list of services does. The first hop is the router next door, not proof of the network behind it. A resolver
that is silent leaves a service undecided: the share is then an interval, never a silent zero.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import BaseModel, Field
from pyroute2 import IPRoute, NetlinkError  # type: ignore[import-untyped]  # the library ships no types

from evidence.model import Facts, Failure, Raw, Reading, Unmeasurable
from evidence.quantities import METRO_CONNECT, METRO_FIRST_HOP, METRO_REACHED
from probes import Probe
from probes._failures import errno_name
from probes._resolve import Address, Resolved, resolve, resolvers
from probes._settings import FROZEN, Host, Port, TimeoutS, subject

ADDRESSES_A_SERVICE = 4  # a name with more is not asked further: a list must end within the probe's deadline
Service = tuple[Host, Port]


class Settings(BaseModel):
    """What a Scan orders of this probe; times are in seconds."""

    model_config = FROZEN

    services: Annotated[list[Service], Field(min_length=1, max_length=50)] = Field(
        description='services of the education network, each ["host", TCP port]'
    )
    timeout_s: TimeoutS = Field(
        default=3.0, description="longest wait for one connect, and for one question to a resolver"
    )


@dataclass(frozen=True, slots=True)
class Connect:
    """One attempt: `error` is empty for a connect that was accepted, else the name of the errno; `source` is our own end."""

    address: str
    error: str
    duration_us: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one service; `undecided` where a silent resolver may have kept the address that would accept."""

    service: str
    attempts: tuple[Connect, ...]
    undecided: bool
    notes: tuple[str, ...]

    @property
    def accepted(self) -> Connect | None:
        """The attempt that was accepted; it is the last, for nothing is tried after it."""
        return self.attempts[-1] if self.attempts and not self.attempts[-1].error else None


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Connect to each service once; a service that does not accept lowers the share and fails nothing else."""
    outcomes = []
    # 1. Names first: a slow resolver must not be part of a connect time.
    names = _resolve_all(settings)
    # 2. One service after the other, so that no connect waits for another.
    for (host, port), name in zip(settings.services, names, strict=True):
        outcome = _connect(subject(host, port), name, port, settings.timeout_s)
        outcomes.append(outcome)
        yield from _readings(outcome)
    # 3. Every attempt, the failed ones too.
    yield Raw("metro.json", _evidence(outcomes))
    # 4. The share, unless nothing could be learnt at all.
    if not any(name.answered for name in names):
        asked = ", ".join(resolvers()) or "none is configured"
        raise Unmeasurable(Failure.NAME_NOT_FOUND, f"no resolver answered ({asked}) and no service is given by address")
    yield _share(outcomes)


def _resolve_all(settings: Settings) -> list[Resolved]:
    """What is known of each host, in the order of the services; eight names at a time."""
    hosts = [host for host, _ in settings.services]
    with ThreadPoolExecutor(max_workers=8) as workers:
        return list(workers.map(lambda host: resolve(host, settings.timeout_s), hosts))


def _connect(service: str, name: Resolved, port: int, timeout_s: float) -> Outcome:
    """Try the addresses of one service until one accepts."""
    attempts: list[Connect] = []
    for address in name.addresses[:ADDRESSES_A_SERVICE]:
        attempts.append(_attempt(address, port, timeout_s))
        if not attempts[-1].error:
            return Outcome(service, tuple(attempts), undecided=False, notes=name.notes)
    return Outcome(service, tuple(attempts), undecided=name.open, notes=name.notes)


def _attempt(address: Address, port: int, timeout_s: float) -> Connect:
    """One TCP connect and its time in microseconds (RFC 9293 section 3.5: SYN to SYN-ACK, as the kernel reports it)."""
    started = time.monotonic_ns()
    try:
        with socket.create_connection((str(address), port), timeout_s) as connection:
            duration_us = (time.monotonic_ns() - started) // 1000
            return Connect(str(address), "", duration_us, connection.getsockname()[0])
    except OSError as refused:
        error = "ETIMEDOUT" if isinstance(refused, TimeoutError) else errno_name(refused.errno or 0)
        return Connect(str(address), error, (time.monotonic_ns() - started) // 1000)


def _readings(outcome: Outcome) -> Iterator[Reading]:
    """The connect time and the first hop of a service that accepted; nothing of one that did not."""
    accepted = outcome.accepted
    if accepted is None:
        return
    first_hop = _first_hop(accepted.address)
    facts: Facts = {
        "peer": accepted.address,
        "source": accepted.source,
        "family": "ipv6" if ":" in accepted.address else "ipv4",
    }
    hop: Facts = {"first_hop": first_hop} if first_hop else {}
    yield METRO_CONNECT.reading(accepted.duration_us, subject=outcome.service, facts=facts | hop)
    yield METRO_FIRST_HOP.reading("known" if first_hop else "unknown", subject=outcome.service, facts=hop)


def _first_hop(address: str) -> str:
    """The gateway that the kernel would hand a packet to; `on-link` without one, empty where the kernel cannot say."""
    with IPRoute() as netlink:
        try:
            routes = netlink.route("get", dst=address)
        except NetlinkError:
            return ""
    for route in routes:
        via = route.get("RTA_VIA") or {}  # an IPv4 destination behind an IPv6 gateway, RFC 9229
        return str(route.get("RTA_GATEWAY") or via.get("addr") or "on-link")
    return ""


def _share(outcomes: list[Outcome]) -> Reading:
    """The share of services that accepted, in ppm: an interval where some are undecided."""
    reached = sum(outcome.accepted is not None for outcome in outcomes)
    undecided = sum(outcome.undecided for outcome in outcomes)
    low, high = (part * 1_000_000 // len(outcomes) for part in (reached, reached + undecided))
    facts: Facts = {"reached": reached, "services": len(outcomes)}
    if undecided:
        return METRO_REACHED.between(low, high, facts=facts | {"undecided": undecided})
    return METRO_REACHED.reading(low, facts=facts)


def _evidence(outcomes: list[Outcome]) -> bytes:
    """Every service, every address tried, what it answered and when."""
    record = {"resolvers": resolvers(), "services": [asdict(outcome) for outcome in outcomes]}
    return json.dumps(record, ensure_ascii=False, indent=1).encode()


PROBE = Probe(produces=(METRO_REACHED, METRO_CONNECT, METRO_FIRST_HOP), settings=Settings, run=run, deadline_s=600)
