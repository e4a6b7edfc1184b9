"""
From which address did a request reach the operator's server, as the server itself signs it?

*Method*: a box asks over one address family for an echo of a nonce; the server seals what it saw: the nonce, the address and port that the
request came from, the name that it was asked by, and the certificate that it showed. Who stands in between with a certificate of
his own, or answers in the server's place, has no such seal. Objects of a known content and any size go with it, because a path that
carries small packets may lose large ones. No I/O: the server stands in `collector.echo`, who asks in `probes`.

What it does not prove: that who asked stands in the school. The collector compares the address with the prefixes of the school's lines.
"""

from __future__ import annotations

import hashlib

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.seal import key_id, open_sealed

ECHO = "application/vnd.campusproof.echo.v1+json"
ECHO_PATH, OBJECT_PATH = "/echo", "/object"  # GET ?nonce=; GET ?octets= and POST
LONGEST_NONCE = 128  # characters: letters, digits and a full stop
LARGEST_OBJECT = 32 * 1024 * 1024  # octets of one GET
LARGEST_POSTED = 64 * 1024  # octets of one POST
BLOCK_OCTETS = 64 * 1024
# Names below the zone of a server: of IPv4 only, IPv6 only, both; of a path that carries 1280 octets, says so, and no more; of a zone
# whose name servers have IPv6 only; with an AAAA at which nobody answers; and another one of both for large objects.
NAMES = ("v4", "v6", "ds", "mtu1280", "v6ns", "bad6", "big")


class Echoed(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a server saw of one request: `seen` and `seen_port` are its source, `at` the server's own address.

    `certificate` is the SHA-256 (hex) of the TLS certificate that it showed, empty without TLS; `forwarded` names the headers
    that only a proxy adds (RFC 9110 section 7.6.3, RFC 7239), comma-separated.
    """

    server: str
    nonce: str
    name: str
    seen: str
    seen_port: int
    at: str
    answered_unix_us: int
    certificate: str = ""
    forwarded: str = ""


def nonce_of(ordered: str, agent: str) -> str:
    """What an agent (its key id, empty for none) has echoed under an order: no other agent's echo fits."""
    return f"{ordered}.{agent[:32]}"


def open_echo(sealed: str | bytes, server_key: str) -> Echoed:
    """The echo, if the server with this key (hex) sealed it; raises a child of Rejected, ValueError for what is no key."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(server_key))
    envelope = sealed.encode() if isinstance(sealed, str) else sealed
    return open_sealed(envelope, lambda wanted: key if wanted == key_id(key) else None).body(ECHO, Echoed)


def block() -> bytes:
    """The content of which every object is made, again and again: nothing on the way can make it smaller."""
    return hashlib.shake_256(b"campusproof object").digest(BLOCK_OCTETS)
