"""
How does anything leave the school, and how do orders come in? The only file that talks to the collector.

Outbound HTTP only. Nothing here is trusted because of the connection: receipts, orders and the enrolment answer are
opened with the collector's pinned key.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.config import AgentConfig
from agent.identity import Identity, Known, split_token
from agent.keys import public
from agent.outbox import Waiting
from evidence.errors import Rejected
from evidence.scan import Progress
from evidence.seal import ENROLLED, ENROLMENT, RECEIPT, deflated, key_id, open_sealed, seal
from evidence.wire import Enrolled, Enrolment, Receipt

TIMEOUT_S = 20.0
PROGRESS_S = 3.0  # progress is told in passing: it must not hold up a measurement
Answer = TypeVar("Answer")


class Offline(Exception):
    """The collector cannot be reached now; trying again later is right."""


class Refused(Exception):
    """The collector answered and does not accept this; the text carries its code and detail."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"HTTP {status} {code}: {detail}")
        self.code = code


class Untrusted(Exception):
    """What came back was not signed by the pinned key, or does not speak of what was asked."""


class Refusal(msgspec.Struct):
    """The collector's words when it does not accept something; `receipt` comes with a replay."""

    code: str = "unknown"
    detail: str = ""
    receipt: str = ""


class Entry(msgspec.Struct):
    """One entry of the order channel: its cursor and the sealed order or cancellation."""

    cursor: int
    envelope: str


class Orders(msgspec.Struct):
    """An answer of the order channel; `now_unix_us` is the collector's clock."""

    now_unix_us: int
    entries: list[Entry]


class Keys(msgspec.Struct):
    """The collector's public key, as it names itself."""

    collector: str


@dataclass(frozen=True, slots=True)
class Courier:
    """A connection to one collector; `http` is closed by whoever opened it."""

    http: httpx.Client

    def enrol(self, token: str, key: Ed25519PrivateKey, software: str) -> Known:
        """Make this key known to the collector named by the token's fingerprint, and learn what it says about the school."""
        secret, fingerprint = split_token(token)
        with _spoken():
            said = self.http.get("/v1/keys")
        collector_key = public(_decoded(said, Keys).collector, "the collector's key")
        if key_id(collector_key) != fingerprint:
            raise Untrusted(
                "this collector's key is not the one that the token names: wrong address, or someone in between"
            )
        request = Enrolment(secret, key.public_key().public_bytes_raw().hex(), software)
        with _spoken():
            answer = self.http.post("/v1/agents", content=seal(ENROLMENT, request, key))
        _accepted(answer)
        with _trusted():
            found = open_sealed(answer.content, lambda wanted: collector_key if wanted == fingerprint else None)
            enrolled = found.body(ENROLLED, Enrolled)
        if enrolled.agent != key_id(key.public_key()):
            raise Untrusted("the enrolment answer names another key")
        return Known(
            str(self.http.base_url),
            collector_key.public_bytes_raw().hex(),
            enrolled.school,
            enrolled.school_name,
            enrolled.place,
            enrolled.channel_secret,
        )

    def deliver(self, identity: Identity, waiting: Waiting) -> bytes:
        """Hand over one sealed envelope; the verified receipt, also when the collector already held it."""
        with _spoken():
            answer = self.http.post(
                "/v1/evidence", content=deflated(waiting.content), headers={"content-encoding": "zstd"}
            )
        receipt = _receipt(answer)
        with _trusted():
            body = open_sealed(receipt, identity.find_collector).body(RECEIPT, Receipt)
        if (body.evidence, body.agent, body.sequence) != (waiting.id, identity.agent, waiting.sequence):
            raise Untrusted(f"receipt for sequence {waiting.sequence}: speaks of {body.evidence[:16]}, {body.sequence}")
        return receipt

    def deliver_raw(self, evidence: str, sha256: str, content: bytes) -> None:
        """Hand over raw evidence that the delivered report `evidence` declares."""
        with _spoken():
            answer = self.http.put(
                f"/v1/evidence/{evidence}/raw/{sha256}", content=deflated(content), headers={"content-encoding": "zstd"}
            )
        _accepted(answer)

    def orders(self, identity: Identity, after: int, wait_s: int) -> Orders:
        """Ask the order channel what is new after a cursor; waits up to `wait_s` seconds for an answer."""
        with _spoken():
            answer = self.http.get(
                "/v1/scans",
                params={"after": after, "wait_s": wait_s},
                headers=_channel(identity),
                timeout=httpx.Timeout(TIMEOUT_S, read=wait_s + TIMEOUT_S),
            )
        _accepted(answer)
        return _decoded(answer, Orders)

    def progress(self, identity: Identity, scan: str, progress: Progress) -> None:
        """Say how far one task of an order is."""
        with _spoken():
            answer = self.http.post(
                f"/v1/scans/{scan}/progress",
                content=msgspec.json.encode(progress),
                headers=_channel(identity),
                timeout=PROGRESS_S,
            )
        _accepted(answer)


def opened(config: AgentConfig, collector: str = "") -> Courier:
    """A courier to `collector`, or to the one in the settings; raises ValueError for an address that is not safe to use."""
    address = collector or config.collector
    url = urlsplit(address)
    if url.scheme not in ("https", "http") or not url.hostname:
        raise ValueError(f"collector {address!r}: expected an address such as https://collector.example")
    if url.scheme == "http" and not config.plain_http and not _is_loopback(url.hostname):
        raise ValueError(f"collector {address}: plain http is used off loopback only with plain_http = true in [agent]")
    try:
        context = ssl.create_default_context(cafile=config.certificate_authority or None)
    except OSError as wrong:
        raise ValueError(f"certificate_authority {config.certificate_authority}: {wrong}") from wrong
    return Courier(httpx.Client(base_url=address, verify=context, timeout=TIMEOUT_S))


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine, by name or number."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _channel(identity: Identity) -> dict[str, str]:
    """Who asks on the order channel."""
    return {"authorization": f"Bearer {identity.agent}.{identity.known.channel_secret}"}


@contextmanager
def _spoken() -> Iterator[None]:
    """A connection that fails is Offline, whatever the reason."""
    try:
        yield
    except httpx.RequestError as why:
        raise Offline(f"{type(why).__name__}: {why}") from why


@contextmanager
def _trusted() -> Iterator[None]:
    """What does not open with the pinned key is Untrusted."""
    try:
        yield
    except Rejected as why:
        raise Untrusted(str(why)) from why


def _receipt(answer: httpx.Response) -> bytes:
    """The receipt in an answer: of a first delivery, or of one that the collector already held."""
    if answer.status_code == 201:
        return answer.content
    refusal = _refusal(answer)
    if refusal.code == "replayed" and refusal.receipt:
        return refusal.receipt.encode()
    raise _as_raised(answer, refusal)


def _accepted(answer: httpx.Response) -> None:
    """Raise what a refusal means; nothing for an answer that accepts."""
    if not answer.is_success:
        raise _as_raised(answer, _refusal(answer))


def _as_raised(answer: httpx.Response, refusal: Refusal) -> Exception:
    """A server in trouble is like one that cannot be reached; a refusal is final until someone acts."""
    if answer.status_code >= 500 or answer.status_code == 429:
        return Offline(f"HTTP {answer.status_code}")
    return Refused(answer.status_code, refusal.code, refusal.detail)


def _refusal(answer: httpx.Response) -> Refusal:
    """The collector's `{code, detail}`; something in between may answer without one."""
    try:
        return msgspec.json.decode(answer.content, type=Refusal)
    except msgspec.DecodeError:
        return Refusal(detail=answer.text[:200])


def _decoded(answer: httpx.Response, kind: type[Answer]) -> Answer:
    """A JSON answer of the expected form; raises Offline for what something in between may have put in its place."""
    _accepted(answer)
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as wrong:
        raise Offline(f"{answer.url.path}: not the collector's answer ({wrong})") from wrong
