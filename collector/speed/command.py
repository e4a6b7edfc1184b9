"""
How is a measurement server started?

`campusproof-collector speed-server` runs beside no collector's store: it has a state directory, a key and a table of settings of its
own. With `--open` it has none of these: it measures for anybody, keeps nothing, and signs nothing, for tests and demonstrations.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from collector import clock, keys
from collector.config import ConfigWrong
from collector.speed.config import SpeedServerConfig, load
from collector.speed.kept import Kept
from collector.speed.observation import close_interrupted
from collector.speed.parts import Parts, Trust
from collector.speed.room import Room
from collector.speed.server import Server, listening
from collector.speed.volumes import Volumes

KEY_FILE = "speed-server.key"
END_S = 5.0


def speed_server_options(parser: argparse.ArgumentParser) -> None:
    """`speed-server`, which is done without the collector's store: `alone` takes the options and gives the status."""
    parser.add_argument(
        "--open", action="store_true", help="for tests: measure for anybody, keep nothing, sign nothing; no settings"
    )
    parser.add_argument(
        "--listen", action="append", default=[], metavar="ADDR:PORT", help="instead of the settings; port 0 takes any"
    )
    parser.add_argument(
        "--mini", action="append", default=[], metavar="ADDR:PORT", help="also answer speedtest-cli there"
    )
    parser.add_argument("--key", action="store_true", help="print the public key of this server and end")
    parser.set_defaults(alone=run)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped, or print the key; raises ConfigWrong, KeyWrong, ValueError or OSError before anything is served."""
    config = SpeedServerConfig() if options.open else load(options.config)
    if options.key:
        sys.stdout.write(keys.kept(config.directory, KEY_FILE).public_key().public_bytes_raw().hex() + "\n")
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # one line for each attempt says nothing
    parts = open_parts(config) if options.open else kept_parts(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: parts.stop.set())
    with (
        listening(options.listen or config.listen) as listeners,
        listening(options.mini or config.mini_listen) as mini,
        _delivering(config, parts),
    ):
        _tell("measuring", listeners)
        _tell("answering speedtest-cli", mini)
        server = Server(parts, listeners)
        with _mini(mini, server):
            server.serve()
    if parts.broken.is_set():
        raise RuntimeError("the server ended because a part of it failed; what failed stands above")
    return 0


def open_parts(config: SpeedServerConfig) -> Parts:
    """A server that is open to all, with a key that lives as long as it does."""
    return _parts(config, Ed25519PrivateKey.generate(), None)


def kept_parts(config: SpeedServerConfig) -> Parts:
    """A server that takes tickets; what was interrupted when it ended last is signed first."""
    if not config.collector_key:
        raise ConfigWrong(
            "[speed_server] collector_key is missing: the collector's public key, as campusproof-collector school key prints it; "
            "or give --open for a test without tickets"
        )
    collector = Ed25519PublicKey.from_public_bytes(bytes.fromhex(config.collector_key))
    trust = Trust(collector, Kept(config.directory))
    parts = _parts(config, keys.kept(config.directory, KEY_FILE), trust)
    close_interrupted(parts, trust)
    return parts


def _parts(config: SpeedServerConfig, key: Ed25519PrivateKey, trust: Trust | None) -> Parts:
    """What all sessions share."""
    volumes = Volumes(None if trust is None else trust.kept, config.day_octets, clock.now_us)
    room = Room(config.capacity_bit_s)
    return Parts(key, trust, room, volumes, clock.now_us, config.name, config.path, config.operator)


@contextlib.contextmanager
def _beside(name: str, work: Callable[[], None], parts: Parts) -> Iterator[None]:
    """Do something on a thread of its own for as long as the server lives; if it ends before, by a bug or by itself, all ends."""

    def until_stopped() -> None:
        with parts.ending_all():
            work()
            if not parts.stop.is_set():
                raise RuntimeError(f"{name}: ended while the server goes on")

    thread = threading.Thread(target=until_stopped, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        parts.stop.set()
        thread.join(END_S)


def _delivering(config: SpeedServerConfig, parts: Parts) -> AbstractContextManager[None]:
    """Observations are sent by a thread of their own, where there are any."""
    if parts.trust is None:
        return contextlib.nullcontext()
    from collector.speed.courier import Courier

    courier = Courier(_address(config), parts.trust.collector, parts.id, _context(config), parts.trust.kept)
    return _beside("courier", lambda: courier.work(parts.sealed, parts.stop), parts)


def _address(config: SpeedServerConfig) -> str:
    """The collector's address; raises ConfigWrong for one that is none."""
    url = urlsplit(config.collector)
    if url.scheme not in ("https", "http") or not url.hostname:
        raise ConfigWrong(
            f"[speed_server] collector {config.collector!r}: expected an address such as https://collector.example"
        )
    return config.collector


def _context(config: SpeedServerConfig) -> ssl.SSLContext:
    """Whose certificates are trusted; raises ConfigWrong for a file that holds none."""
    try:
        return ssl.create_default_context(cafile=config.certificate_authority or None)
    except OSError as wrong:
        raise ConfigWrong(f"[speed_server] certificate_authority {config.certificate_authority}: {wrong}") from wrong


def _mini(listeners: Sequence[socket.socket], server: Server) -> AbstractContextManager[None]:
    """The protocol of speedtest-cli, where it was asked for; it stands back while anybody measures."""
    if not listeners:
        return contextlib.nullcontext()
    from collector.speed import mini

    def is_busy() -> bool:
        return bool(server.sessions)

    return _beside("mini", lambda: mini.run(listeners, server.parts.stop, is_busy), server.parts)


def _tell(what: str, listeners: Sequence[socket.socket]) -> None:
    """Where something listens, a line each."""
    for listener in listeners:
        address = listener.getsockname()
        sys.stdout.write(f"{what} on {address[0]} port {address[1]}\n")
    sys.stdout.flush()  # who starts this waits for these lines
