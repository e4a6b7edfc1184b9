"""An echo server on both loopbacks in this process, with TLS and without, and what is asked of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.echo.app import Witness
from collector.echo.certificate import shown
from collector.echo.server import Connection, server
from collector.speed.server import listening
from evidence.echo import Echoed, open_echo
from probes._http import unchecked

NOW_US = 1_790_000_000_000_000
HOSTS = {4: "127.0.0.1", 6: "[::1]"}


@dataclass(frozen=True)
class Answer:
    """One answer, with the ends of the connection that it came by and the SHA-256 of the certificate that was shown there."""

    status: int
    content: bytes
    source: tuple[str, int]
    certificate: str

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode()


@dataclass(frozen=True)
class Up:
    """Where it listens: the port of each family, with TLS and without."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    secured: dict[int, int] = field(default_factory=dict)
    plain: dict[int, int] = field(default_factory=dict)

    def url(self, family: int = 6, tls: bool = False) -> str:
        """Its address."""
        ports = self.secured if tls else self.plain
        return f"http{'s' if tls else ''}://{HOSTS[family]}:{ports[family]}"

    def asked(self, target: str, family: int = 6, tls: bool = False, method: str = "GET", **more: Any) -> Answer:
        """One request on a connection of its own; the target goes out as it is."""
        with httpx.Client(verify=unchecked(), trust_env=False, timeout=10) as client:
            request = client.build_request(method, self.url(family, tls), **more)
            request.extensions["target"] = target.encode()
            answer = client.send(request, stream=True)
            stream = answer.extensions["network_stream"]
            source, secured = stream.get_extra_info("client_addr")[:2], stream.get_extra_info("ssl_object")
            leaf = hashlib.sha256(secured.getpeercert(True)).hexdigest() if secured else ""
            return Answer(answer.status_code, answer.read(), source, leaf)

    def echoed(self, answer: Answer) -> Echoed:
        """What an answer seals."""
        return open_echo(answer.content, self.key.public_key().public_bytes_raw().hex())


@contextlib.contextmanager
def echoing(directory: Path, kind: type[Connection] = Connection) -> Iterator[Up]:
    """A server with a certificate of its own, stopped when this ends."""
    up = Up()
    certificate = shown("", "", directory, NOW_US)
    witness = Witness(up.key, certificate.sha256, lambda: NOW_US)
    addresses = [f"{host}:0" for host in HOSTS.values()]
    with contextlib.ExitStack() as stack:
        for ports, context in ((up.secured, certificate.context), (up.plain, None)):
            listeners = stack.enter_context(listening(addresses))
            ports |= {family: one.getsockname()[1] for family, one in zip(HOSTS, listeners, strict=True)}
            serving = server(witness, context, kind)
            thread = threading.Thread(target=lambda on=serving, at=listeners: asyncio.run(on.serve(at)))
            thread.start()
            stack.callback(thread.join, 10)
            stack.callback(setattr, serving, "should_exit", True)
        yield up
