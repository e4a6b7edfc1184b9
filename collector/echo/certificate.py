"""
Which certificate does the echo server show?

The operator's, or one that is made here once and signed by itself: whoever asks compares it with what the seal says, and trusts no authority. It
is read once, so that what is sealed is what is shown; after a renewal the server is started again.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

FILE = "echo-server.pem"
YEARS = 10
NAME = "campusproof echo"


class CertificateWrong(Exception):
    """The certificate cannot be used; the text names the file and what was expected."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with its key, in files, and the SHA-256 (hex) of what is shown first."""

    chain: Path
    key: Path
    sha256: str


def shown(certificate: str, key: str, directory: Path, now_us: int) -> Shown:
    """The operator's certificate, or our own; raises CertificateWrong."""
    chain = Path(certificate) if certificate else _own(directory, now_us)
    try:
        leaf = x509.load_pem_x509_certificates(chain.read_bytes())[0]
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key or chain)
    except (OSError, ValueError) as wrong:  # SSLError is an OSError
        raise CertificateWrong(
            f"[echo_server] certificate {chain}: {wrong}; a PEM file and its key expected"
        ) from wrong
    return Shown(chain, Path(key or chain), hashlib.sha256(leaf.public_bytes(serialization.Encoding.DER)).hexdigest())


def _own(directory: Path, now_us: int) -> Path:
    """A certificate of our own, made at the first call; key and certificate in one file for its owner only."""
    path = directory / FILE
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_made(now_us))
        new.replace(path)
    return path


def _made(now_us: int) -> bytes:
    """A new key on P-256 and a certificate for it, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    begin = datetime.fromtimestamp(now_us / 1_000_000, UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = (
        builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=365 * YEARS)).sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, *form) + signed.public_bytes(serialization.Encoding.PEM)
