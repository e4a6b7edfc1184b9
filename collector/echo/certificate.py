"""
Which certificate does the echo server show?

*Method*: the operator's, or one that is made here once and signed by itself: whoever asks compares it with what the seal says, and trusts
no authority. It is read once, and its hash is taken from a handshake in memory: what is sealed is what is shown, also when a file is replaced
meanwhile. After a renewal the server is started again.
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
    """What connections are made with, and the SHA-256 (hex) of the certificate (DER) that they show."""

    context: ssl.SSLContext
    sha256: str


def shown(certificate: str, key: str, directory: Path, now_us: int) -> Shown:
    """The operator's certificate with its key, or our own, which is kept in `directory`; raises CertificateWrong."""
    chain = Path(certificate) if certificate else _own(directory, now_us)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(chain, key or chain, password=_no_password)
        leaf = _leaf(context)
    except (OSError, ValueError) as wrong:  # SSLError is an OSError
        raise CertificateWrong(
            f"certificate {chain}: {wrong}; PEM files expected, the key without a password"
        ) from wrong
    return Shown(context, hashlib.sha256(leaf).hexdigest())


def _no_password() -> str:
    """Instead of a question at the terminal, which nobody answers at a service."""
    raise ValueError("the key has a password")


def _leaf(context: ssl.SSLContext) -> bytes:
    """The certificate (DER) that a context shows, which is asked of it in a handshake without a network."""
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client, server = asking.wrap_bio(down, up), context.wrap_bio(up, down, server_side=True)
    while not _is_done(client):
        _is_done(server)
    return client.getpeercert(binary_form=True) or b""


def _is_done(end: ssl.SSLObject) -> bool:
    """Whether a handshake is over for one end, as far as it goes without the other."""
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _own(directory: Path, now_us: int) -> Path:
    """A certificate of our own, made at the first call; key and certificate in one file for its owner only."""
    path = directory / FILE
    if not path.exists():
        _keep(path, _made(now_us))
    if path.stat().st_mode & 0o077:
        raise CertificateWrong(f"{path}: others can read the key; type: chmod 600 {path}")
    return path


def _keep(path: Path, content: bytes) -> None:
    """A new file, on the disk under its name in one step; if another process was first, its file holds."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        return
    finally:
        new.unlink()


def _made(now_us: int) -> bytes:
    """A new key on P-256 and a certificate for it, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    begin = datetime.fromtimestamp(now_us / 1_000_000, UTC) - timedelta(days=1)  # clocks differ
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = (
        builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=365 * YEARS)).sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, *form) + signed.public_bytes(serialization.Encoding.PEM)
