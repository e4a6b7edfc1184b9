"""
How do the server's observations reach the collector?

*Method*: in the order of their chain, sealed as they are kept, each again and again until the collector's signed receipt for it is here.
A collector that is down, or that does not know this server yet, loses nothing; it is tried again after a time that grows. One that
refuses an observation holds up all after it, because they are a chain: that is told as an error with what a person does, and tried again. Nothing is
trusted because of the connection, and nothing in an observation is secret.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
from dataclasses import dataclass

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from collector.speed.kept import Kept, Waiting
from evidence.errors import Rejected
from evidence.seal import RECEIPT, deflated, key_id, open_sealed
from evidence.wire import Receipt

LOG = logging.getLogger("campusproof.speed")
TIMEOUT_S = 20.0
SHORTEST_S, LONGEST_S = 0.5, 120.0  # back-off, drawn at random below a doubling bound
LOOK_S = 0.5
TAKEN = 201


class Undelivered(Exception):
    """The collector did not take an observation now; the text says what it answered."""


class _Refused(Undelivered):
    """The collector looked at an observation and will not have it; only a person changes that."""


class _Refusal(msgspec.Struct):
    """The collector's words when it does not accept something; `receipt` comes with a replay."""

    code: str = "unknown"
    detail: str = ""
    receipt: str = ""


@dataclass(slots=True)
class Courier:
    """One way to one collector; `server` is the id of the key that seals."""

    address: str
    collector: Ed25519PublicKey
    server: str
    context: ssl.SSLContext
    kept: Kept

    def work(self, sealed: threading.Event, stop: threading.Event) -> None:
        """Deliver what is kept, as it comes, until this server is stopped."""
        bound_s = SHORTEST_S
        with httpx.Client(base_url=self.address, verify=self.context, timeout=TIMEOUT_S) as http:
            while not stop.is_set():
                try:
                    self._deliver(http, stop)
                    bound_s = SHORTEST_S
                    _pause(sealed, stop)
                except Undelivered as why:
                    LOG.log(*self._said(why))
                    stop.wait(random.uniform(0, bound_s))  # noqa: S311 - spreads load, guards nothing
                    bound_s = min(2 * bound_s, LONGEST_S)

    def _said(self, why: Undelivered) -> tuple[int, str]:
        """How loud and in which words it is told; where the collector refuses, what a person does about it."""
        if not isinstance(why, _Refused):
            return logging.WARNING, f"delivery: {why}"
        return logging.ERROR, (
            f"the collector refuses what this server saw: {why}; it is kept and tried again, and measuring goes on. At the collector, "
            "`campusproof-collector server list` shows the servers that it knows (is this one added?) and what it refused of them. "
            "If it goes on refusing: `server revoke NAME` there, stop this server, "
            f"move {self.kept.path.parent} away (a new key is made at the next start), and `server add` with "
            "what `campusproof-collector speed-server --key` prints then"
        )

    def _deliver(self, http: httpx.Client, stop: threading.Event) -> None:
        """All that waits, in sequence; raises Undelivered."""
        while (waiting := self.kept.waiting()) and not stop.is_set():
            for one in waiting:
                self.kept.delivered(one.sequence, self._receipt(http, one))

    def _receipt(self, http: httpx.Client, one: Waiting) -> bytes:
        """The collector's receipt for one observation, also when it already held it; raises Undelivered."""
        headers = {"content-encoding": "zstd"}
        try:
            answer = http.post("/v1/evidence", content=deflated(one.content), headers=headers)
        except httpx.RequestError as why:
            raise Undelivered(f"{type(why).__name__}: {why}") from why
        receipt = answer.content if answer.status_code == TAKEN else _of_replay(answer)
        try:
            body = open_sealed(receipt, self._trusted).body(RECEIPT, Receipt)
        except Rejected as why:
            raise Undelivered(f"the receipt is not the collector's: {why}") from why
        if (body.evidence, body.agent, body.sequence) != (one.id, self.server, one.sequence):
            raise Undelivered(f"receipt for sequence {one.sequence}: speaks of {body.evidence[:16]}, {body.sequence}")
        return receipt

    def _trusted(self, wanted: str) -> Ed25519PublicKey | None:
        """The collector's key, and no other."""
        return self.collector if wanted == key_id(self.collector) else None


def _of_replay(answer: httpx.Response) -> bytes:
    """The receipt that comes with a refusal because the collector already holds this; raises Undelivered for any other."""
    said = f"HTTP {answer.status_code}"
    try:
        refusal = msgspec.json.decode(answer.content, type=_Refusal)
    except msgspec.DecodeError as why:  # something in between may answer without one
        raise Undelivered(f"{said}: {answer.text[:200]}") from why
    if refusal.code == "replayed" and refusal.receipt:
        return refusal.receipt.encode()
    raise (_Refused if answer.is_client_error else Undelivered)(f"{said} {refusal.code}: {refusal.detail}")


def _pause(sealed: threading.Event, stop: threading.Event) -> None:
    """Wait until something new was sealed."""
    while not stop.is_set() and not sealed.wait(LOOK_S):
        continue
    sealed.clear()
