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

from collector import clock, keys
from collector.config import ConfigWrong
from collector.echo.app import Witness
from collector.echo.certificate import CertificateWrong, Shown, shown
from collector.echo.config import EchoServerConfig, load
from collector.echo.server import server
from collector.speed.command import KEY_FILE
from collector.speed.server import listening

Listeners = Sequence[socket.socket]


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
        raise ConfigWrong(f"[echo_server] {wrong}") from wrong
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


async def _serve(witness: Witness, shown_with: Shown, secured: Listeners, plain: Listeners) -> None:
    """Both servers, until a signal or until one of them ends."""
    kinds = ((secured, shown_with.context), (plain, None))
    servers = [(server(witness, context), list(listeners)) for listeners, context in kinds if listeners]
    running = [asyncio.create_task(one.serve(listeners)) for one, listeners in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for one, _ in servers:
        one.should_exit = True
    await asyncio.gather(*running)
