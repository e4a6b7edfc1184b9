"""
What does a server at one address answer to one HTTP request, and over which connection exactly?

*Method*: a request to a literal address with the name in the Host field and in TLS's SNI (RFC 6066 section 3), so that nobody chooses
the address or the family; no redirect is followed, no proxy asked, nothing tried again. Both addresses, the path MTU and, of an answer, the
certificate are read while the connection lives. The library parses HTTP; the socket is ours, because it has to be bound to its interface, and told the
size of its segments, before it connects. Certificates are not checked here: who asks compares what was shown. Times are microseconds.

What it does not prove: who answered; that is in the content, or in the certificate.
"""

from __future__ import annotations

import errno
import hashlib
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore

from probes._failures import chain, errno_name
from probes._literal import Address, opened

IPV6_MTU = 24  # linux/in6.h
LARGEST_BODY = 64 * 1024
HTTP, HTTPS = 80, 443


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
    source: str = ""
    pmtu: int = 0
    mss: int = 0

    def us(self) -> int:
        """Since it began."""
        return (time.monotonic_ns() - self.started_ns) // 1000


class _Stream(httpcore.NetworkStream):
    """A connected socket as the HTTP library wants it; each wait ends with the whole request's time."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until

    def _patient(self) -> socket.socket:
        """The socket, which waits no longer than there is time; raises TimeoutError when there is none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time is left")
        self._connection.settimeout(left)
        return self._connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What comes next."""
        return self._patient().recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._patient().sendall(buffer)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same in TLS."""
        return _Stream(ssl_context.wrap_socket(self._patient(), server_hostname=server_hostname), self._until)

    def get_extra_info(self, info: str) -> Any:
        """The socket itself, which is all that is asked for here."""
        return self._connection if info == "socket" else None


class _Literal(httpcore.NetworkBackend):
    """Connects to the one address of a request, through its interface, with its segments."""

    def __init__(self, asked: Asked, course: _Course) -> None:
        self._asked, self._course = asked, course

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection, whatever the library believes of its address."""
        asked, until = self._asked, time.monotonic() + self._asked.timeout_s
        connection = opened(asked.to, asked.interface)
        try:
            if asked.mss:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, asked.mss)
            connection.settimeout(asked.timeout_s)
            connection.connect((str(asked.to), asked.port))
            self._course.source = str(connection.getsockname()[0]).partition("%")[0]
            self._course.pmtu, self._course.mss = _path(connection, asked.to)
        except OSError:
            connection.close()
            raise
        return _Stream(connection, until)


def exchange(asked: Asked) -> Exchange:
    """Make one request within `timeout_s` in all; what comes in its way is in the answer and not raised."""
    context = asked.verify or unchecked()
    course = _Course(time.monotonic_ns())
    with httpcore.ConnectionPool(ssl_context=context, network_backend=_Literal(asked, course), retries=0) as pool:
        try:
            return _answered(pool, asked, course)
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError) as why:
            stage, error = _why(why, course)
            return Exchange(
                asked.to,
                asked.port,
                source=course.source,
                first_us=course.first_us,
                us=course.us(),
                pmtu=course.pmtu,
                mss=course.mss,
                stage=stage,
                error=error,
            )


def unchecked() -> ssl.SSLContext:
    """TLS with whoever answers: what he shows is compared afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _answered(pool: httpcore.ConnectionPool, asked: Asked, course: _Course) -> Exchange:
    """The request to its end."""
    address = f"[{asked.to}]" if asked.to.version == 6 else str(asked.to)
    url = f"{'https' if asked.tls else 'http'}://{address}:{asked.port}{asked.target}"
    fields = {"Host": _authority(asked), "Accept-Encoding": "identity", "Connection": "close", **asked.headers}
    length = {"Content-Length": str(len(asked.content))} if asked.content else {}
    extensions = {"sni_hostname": asked.host, "trace": lambda name, _: _noted(name, course)}
    with pool.stream(
        asked.method, url, headers=list((fields | length).items()), content=asked.content or None, extensions=extensions
    ) as answer:
        course.first_us = course.us()
        connection = answer.extensions["network_stream"].get_extra_info("socket")
        certificate = connection.getpeercert(True) if isinstance(connection, ssl.SSLSocket) else None
        course.pmtu, course.mss = _path(connection, asked.to)
        kept, octets, digest = bytearray(), 0, hashlib.sha256()
        for piece in answer.iter_stream():
            octets += len(piece)
            digest.update(piece)
            kept += piece[: max(asked.keep_octets - len(kept), 0)]
            if octets > asked.most_octets:
                raise OSError(errno.EFBIG, "the answer has no end")
            if connection.fileno() >= 0:  # with its last octet the connection is gone
                course.pmtu, course.mss = _path(connection, asked.to)
    return Exchange(
        asked.to,
        asked.port,
        answer.status,
        {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers},
        bytes(kept),
        octets,
        digest.hexdigest(),
        course.source,
        hashlib.sha256(certificate).hexdigest() if certificate else "",
        course.first_us,
        course.us(),
        course.pmtu,
        course.mss,
    )


def _authority(asked: Asked) -> str:
    """What stands in the Host field: the name, and its port where that is not the usual one (RFC 9112 section 3.2)."""
    usual = HTTPS if asked.tls else HTTP
    return asked.host if asked.port == usual else f"{asked.host}:{asked.port}"


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
