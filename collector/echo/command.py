"""
How is the echo server started?

`campusproof-collector echo-server` serves TLS and plain HTTP on its listeners, IPv4 and IPv6 each by itself, until it is stopped. It runs beside
no store; a second one, in a network namespace behind a narrow hop, serves the name `mtu1280` (deploy/echo).
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from collections.abc import Sequence

import msgspec
import uvicorn

from collector import clock, keys
from collector.config import ConfigWrong
from collector.echo.app import Witness, application
from collector.echo.certificate import CertificateWrong, Shown, shown
from collector.echo.config import EchoServerConfig, load
from collector.speed.command import KEY_FILE
from collector.speed.server import listening


def echo_server_options(parser: argparse.ArgumentParser) -> None:
    """`echo-server`, which is done without the collector's store."""
    parser.add_argument(
        "--listen",
        action="append",
        default=[],
        metavar="ADDR:PORT",
        help="TLS, instead of the settings; port 0 takes any",
    )
    parser.add_argument("--plain", action="append", default=[], metavar="ADDR:PORT", help="the same without TLS")
    parser.add_argument("--certificate", default="", metavar="FILE", help="PEM; one is made where none is given")
    parser.add_argument("--certificate-key", default="", metavar="FILE", help="its key")
    parser.add_argument(
        "--state", default="", metavar="DIR", help="where the key is kept; default: the measurement server's"
    )
    parser.add_argument("--key", action="store_true", help="print the public key of this server and end")
    parser.set_defaults(alone=run)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped, or print the key; raises ConfigWrong, KeyWrong or OSError before anything is served."""
    config = _settings(options)
    key = keys.kept(config.directory, KEY_FILE)
    if options.key:
        sys.stdout.write(key.public_key().public_bytes_raw().hex() + "\n")
        return 0
    try:
        certificate = shown(config.certificate, config.certificate_key, config.directory, clock.now_us())
    except CertificateWrong as wrong:
        raise ConfigWrong(str(wrong)) from wrong
    witness = Witness(key, certificate.sha256, clock.now_us)
    with listening(config.listen) as secured, listening(config.plain) as plain:
        for listener in (*secured, *plain):
            address = listener.getsockname()
            sys.stdout.write(f"echoing on {address[0]} port {address[1]}\n")
        sys.stdout.flush()  # who starts this waits for these lines
        asyncio.run(_serve(witness, certificate, secured, plain))
    return 0


def _settings(options: argparse.Namespace) -> EchoServerConfig:
    """The settings, with what the command says instead; listeners that the command names are all there are."""
    config = load(options.config)
    said = {name: value for name in ("certificate", "certificate_key", "state") if (value := getattr(options, name))}
    if options.listen or options.plain:
        said |= {"listen": tuple(options.listen), "plain": tuple(options.plain)}
    try:
        return msgspec.convert(msgspec.to_builtins(config) | said, EchoServerConfig)
    except msgspec.ValidationError as wrong:
        raise ConfigWrong(f"echo-server: {wrong}") from wrong


async def _serve(
    witness: Witness, certificate: Shown, secured: Sequence[socket.socket], plain: Sequence[socket.socket]
) -> None:
    """Both servers, until a signal or until one of them ends."""
    tls = {"ssl_certfile": str(certificate.chain), "ssl_keyfile": str(certificate.key)}
    servers = [
        (_server(witness, **options), list(listeners))
        for listeners, options in ((secured, tls), (plain, {}))
        if listeners
    ]
    running = [asyncio.create_task(server.serve(sockets)) for server, sockets in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for server, _ in servers:
        server.should_exit = True
    await asyncio.gather(*running)


def _server(witness: Witness, **tls: str) -> uvicorn.Server:
    """One server; what a header says of the source is not believed."""
    return uvicorn.Server(
        uvicorn.Config(
            application(witness),
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
            **tls,  # type: ignore[arg-type]  # two of its many options, both text
        )
    )
