"""
How is the collector served?

One uvicorn server on every listening address; sockets may also be handed over already open (`--fd`, as systemd's socket
activation does).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from collector.config import CollectorConfig, split_address

BACKLOG = 2048


def sockets(config: CollectorConfig, descriptors: Sequence[int]) -> list[socket.socket]:
    """One listening socket for each address of the settings and each descriptor handed over; raises OSError."""
    handed = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    return handed + [_listening(*split_address(address)) for address in config.listen]


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens on one address, of the family of the address."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as why:
        listening.close()
        raise OSError(
            f"listen: {host} port {port}: {why.strerror}; give another address or port in [collector]"
        ) from why
    return listening


def serve(app: FastAPI, config: CollectorConfig, listening: list[socket.socket]) -> None:
    """Serve until a signal says stop; polls that wait are cut after a second."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            ssl_certfile=config.tls_certificate or None,
            ssl_keyfile=config.tls_key or None,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
    )
    asyncio.run(server.serve(listening))
