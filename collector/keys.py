"""
With which key does the collector sign orders, receipts and enrolments?

Born on the collector's machine at its first start, kept in one file that only its owner can read. Its id is what every
enrolment token carries, so that an agent knows the right collector from its first word. A measurement server keeps a key of its own
in the same way, under another name.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = "collector.key"


class KeyWrong(Exception):
    """The key file cannot be used; the text says why and what to do."""


def kept(directory: Path, file: str = FILE) -> Ed25519PrivateKey:
    """The key in `directory`, made at the first call; raises KeyWrong for one that is damaged or readable by others."""
    path = directory / file
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise KeyWrong(f"{path}: others can read the key; type: chmod 600 {path}")
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    except ValueError as wrong:
        raise KeyWrong(f"{path}: 64 hex digits expected; restore it from the backup") from wrong


def _make(path: Path) -> None:
    """A new key, on the disk under its name in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)  # fails if another process was first, whose key then holds
    except FileExistsError:
        return
    finally:
        new.unlink()
