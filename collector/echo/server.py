"""
How many may ask the echo server at a time, and for how long?

*Method*: a connection says within five seconds what it wants and lives for half a minute, whatever it does meanwhile; then it is cut, mostly
because somebody does not send, or does not read. The number of connections is bounded, for each address and in all; one too many
is cut at once. Within a connection requests are answered one after the other, so that these bounds hold for requests as well.

What it does not bound: connections that have not finished TLS, which asyncio leaves after a minute; the process needs descriptors
for them (`LimitNOFILE` in deploy/echo).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from collector.echo.app import Witness, application
from collector.speed.server import origin_of

FIRST_S = 5.0
LONGEST_S = 30.0
MOST_CONNECTIONS = 384  # of one server, of which there are two
MOST_OF_ONE = 64  # of one IPv4 address, or of one IPv6 network
LARGEST_HEAD = 16 * 1024  # octets


class Connection(H11Protocol):
    """One connection, cut when it is one too many, silent, or too old."""

    first_s, longest_s = FIRST_S, LONGEST_S
    most, most_of_one = MOST_CONNECTIONS, MOST_OF_ONE

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins."""
        super().connection_made(cast(asyncio.Transport, transport))
        self.origin = origin_of(self.client[0]) if self.client else ""  # empty for one that is gone already
        self._limits = (
            self.loop.call_later(self.first_s, self._cut_if_silent),
            self.loop.call_later(self.longest_s, self.transport.abort),
        )
        if self._is_too_many():
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        for limit in self._limits:
            limit.cancel()
        super().connection_lost(exc)

    def _is_too_many(self) -> bool:
        """Whether there are more than may be, of its origin or in all; itself is among them."""
        of_one = sum(isinstance(one, Connection) and one.origin == self.origin for one in self.connections)
        return len(self.connections) > self.most or of_one > self.most_of_one

    def _cut_if_silent(self) -> None:
        """Whoever has not sent a whole request head goes."""
        if self.cycle is None:
            self.transport.abort()


def server(witness: Witness, context: ssl.SSLContext | None, kind: type[Connection] = Connection) -> uvicorn.Server:
    """A server with this TLS context, or without TLS; what a header says of a request's source is not believed."""
    return uvicorn.Server(
        uvicorn.Config(
            application(witness),
            http=kind,
            ws="none",
            lifespan="off",
            log_level="error",  # a stranger's broken request is no event
            access_log=False,
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=LARGEST_HEAD,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
            ssl_context_factory=None if context is None else lambda *_: context,
        )
    )
