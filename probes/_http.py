"""
What does a server at one address answer to one HTTP request, and over which connection exactly?

*Method*: a request to a literal address with the name in the Host field and in TLS's SNI (RFC 6066 section 3), so that nobody chooses
the address or the family; no redirect is followed, no proxy asked, nothing tried again. Both addresses, the certificate and the path
MTU are read while the connection lives. Certificates are not checked here: who asks compares what was shown. Times are microseconds.

What it does not prove: who answered; that is in the content, or in the certificate.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from probes._failures import chain, errno_name
from probes._literal import Address

IPV6_MTU = 24  # linux/in6.h
LARGEST_BODY = 64 * 1024
PIECE_OCTETS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    One request and what came of it.

    `stage` is where it stuck (connect, tls, send, receive) and `error` why, both empty where a whole answer came; `status` is 0 where
    none came. `certificate` is the SHA-256 (hex) of the one shown, `body` at most as much as was asked for, `octets` all of it.
    """

    to: Address
    port: int
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    octets: int = 0
    sha256: str = ""
    source: str = ""
    certificate: str = ""
    first_us: int = 0
    us: int = 0
    pmtu: int = 0
    mss: int = 0
    stage: str = ""
    error: str = ""

    @property
    def whole(self) -> bool:
        """Whether an answer came to its end."""
        return not self.stage


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: `host` is the name, `mss` the largest segment to announce (0 leaves it to the kernel), `verify` whose certificates to trust."""

    to: Address
    port: int
    host: str
    target: str = "/"
    method: str = "GET"
    content: bytes = b""
    tls: bool = True
    timeout_s: float = 4.0
    interface: str = ""
    mss: int = 0
    keep_octets: int = LARGEST_BODY
    most_octets: int = 64 * 1024 * 1024
    headers: Mapping[str, str] = field(default_factory=dict)
    verify: ssl.SSLContext | None = None


@dataclass(slots=True)
class _Course:
    """What is known of a request on its way."""

    started_ns: int
    stage: str = "connect"
    first_us: int = 0

    def us(self) -> int:
        """Since it began."""
        return (time.monotonic_ns() - self.started_ns) // 1000


def exchange(asked: Asked) -> Exchange:
    """Make one request within `timeout_s` in all; what comes in its way is in the answer and not raised."""
    context = asked.verify or unchecked()
    with httpx.Client(
        transport=httpx.HTTPTransport(verify=context, socket_options=_options(asked), retries=0), trust_env=False
    ) as client:
        course = _Course(time.monotonic_ns())
        try:
            return _answered(client, asked, course)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as why:
            stage, error = _why(why, course)
            return Exchange(asked.to, asked.port, us=course.us(), stage=stage, error=error)


def unchecked() -> ssl.SSLContext:
    """TLS with whoever answers: what he shows is compared afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _options(asked: Asked) -> list[tuple[int, int, int] | tuple[int, int, bytes | bytearray]]:
    """What is set on the socket before it connects."""
    options: list[tuple[int, int, int] | tuple[int, int, bytes | bytearray]] = []
    if asked.interface:
        options.append((socket.SOL_SOCKET, socket.SO_BINDTODEVICE, asked.interface.encode()))
    if asked.mss:
        options.append((socket.IPPROTO_TCP, socket.TCP_MAXSEG, asked.mss))
    return options


def _answered(client: httpx.Client, asked: Asked, course: _Course) -> Exchange:
    """The request to its end."""
    address = f"[{asked.to}]" if asked.to.version == 6 else str(asked.to)
    url = f"{'https' if asked.tls else 'http'}://{address}:{asked.port}{asked.target}"
    request = client.build_request(
        asked.method,
        url,
        headers={"Host": asked.host, "Accept-Encoding": "identity", "Connection": "close", **asked.headers},
        content=asked.content or None,
        timeout=asked.timeout_s,
        extensions={"sni_hostname": asked.host, "trace": lambda name, _: _noted(name, course)},
    )
    answer = client.send(request, stream=True)
    course.first_us = course.us()
    stream = answer.extensions["network_stream"]
    connection = stream.get_extra_info("socket")
    source = str(stream.get_extra_info("client_addr")[0]).partition("%")[0]
    shown = stream.get_extra_info("ssl_object")
    certificate = shown.getpeercert(binary_form=True) if shown is not None else None
    pmtu, mss = _path(connection, asked.to)
    kept, octets, digest = bytearray(), 0, hashlib.sha256()
    for piece in answer.iter_raw(PIECE_OCTETS):
        octets += len(piece)
        digest.update(piece)
        kept += piece[: max(asked.keep_octets - len(kept), 0)]
        if course.us() > asked.timeout_s * 1_000_000 or octets > asked.most_octets:
            raise TimeoutError("the answer did not end in time")
        pmtu, mss = _path(connection, asked.to)  # with its last octet the connection is gone
    answer.close()
    return Exchange(
        asked.to,
        asked.port,
        answer.status_code,
        dict(answer.headers),
        bytes(kept),
        octets,
        digest.hexdigest(),
        source,
        hashlib.sha256(certificate).hexdigest() if certificate else "",
        course.first_us,
        course.us(),
        pmtu,
        mss,
    )


def _noted(event: str, course: _Course) -> None:
    """How far the request is, as the HTTP library tells it."""
    stages = {
        "connection.start_tls.started": "tls",
        "http11.send_request_headers.started": "send",
        "http11.receive_response_headers.started": "receive",
    }
    course.stage = stages.get(event, course.stage)


def _path(connection: socket.socket, to: Address) -> tuple[int, int]:
    """Path MTU (IPv6 only) and segment size that the kernel believes in at the end."""
    mss = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
    return (connection.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU) if to.version == 6 else 0), mss


def _why(error: Exception, course: _Course) -> tuple[str, str]:
    """At which stage it stuck, and why in one word or few."""
    for one in reversed(chain(error)):
        if isinstance(one, ssl.SSLError):
            return "tls", str(one.reason or "TLS failed")
        if isinstance(one, TimeoutError):
            return course.stage, "ETIMEDOUT"
        if isinstance(one, OSError) and one.errno:
            return course.stage, errno_name(one.errno)
    return course.stage, type(error).__name__
