"""
Who is this agent?

The Ed25519 key is born on the box at enrolment, kept in one file that only its owner can read, and never leaves it.
"""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agent.kept import kept

KEY_FILE = "agent.key"


class KeyWrong(Exception):
    """The key file cannot be used; the text says why and what to do."""


def create(directory: Path) -> Ed25519PrivateKey:
    """A new key in `directory`, mode 0600, on the disk before this returns; an existing key is kept and given back."""
    if (directory / KEY_FILE).exists():
        return load(directory)
    key = Ed25519PrivateKey.generate()
    kept(directory, KEY_FILE, key.private_bytes_raw().hex().encode() + b"\n")
    return key


def load(directory: Path) -> Ed25519PrivateKey:
    """The key in `directory`; raises KeyWrong when it is missing, damaged or readable by others."""
    path = directory / KEY_FILE
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text("ascii")
    except OSError as wrong:
        raise KeyWrong(f"{path}: {wrong.strerror}; enrol this agent first: campusproof-agent enrol") from wrong
    if mode & 0o077:
        raise KeyWrong(f"{path}: mode {mode:04o} lets others read the key; type: chmod 600 {path}")
    return Ed25519PrivateKey.from_private_bytes(_octets(text, path))


def public(text: str, where: str) -> Ed25519PublicKey:
    """A public key from 64 hex digits; raises KeyWrong naming `where` it came from."""
    return Ed25519PublicKey.from_public_bytes(_octets(text, where))


def _octets(text: str, where: object) -> bytes:
    """The 32 octets of a key."""
    try:
        octets = bytes.fromhex(text.strip())
    except ValueError as wrong:
        raise KeyWrong(f"{where}: 64 hex digits expected") from wrong
    if len(octets) != 32:
        raise KeyWrong(f"{where}: 64 hex digits expected, got {2 * len(octets)}")
    return octets
