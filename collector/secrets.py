"""How are passwords, tokens and session secrets kept? Only as hashes; this is the one place that makes and compares them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.seal import key_id

SHORTEST_PASSWORD = 10
AT_ONCE = threading.BoundedSemaphore(
    2
)  # each check takes 64 MiB: a flood of logins waits instead of filling the memory
HASHER = PasswordHasher()  # argon2id with the library's parameters (RFC 9106, second recommendation)
# Compared against when there is no such account, so that the answer takes as long as for one that exists.
NOBODY = HASHER.hash(secrets.token_hex(16))


def new_secret() -> str:
    """256 random bits in hex."""
    return secrets.token_hex(32)


def new_token(collector: Ed25519PublicKey) -> tuple[str, str]:
    """A one-time token to enrol an agent with, which names the collector by its key; and what is stored of it."""
    secret = new_secret()[:32]
    return f"cp1-{secret}-{key_id(collector)}", hashed(secret)


def hashed(secret: str) -> str:
    """What is stored of a random secret: SHA-256 suffices, because it cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same(secret: str, stored: str) -> bool:
    """Whether a random secret is the stored one, in constant time."""
    return hmac.compare_digest(hashed(secret), stored)


def hash_password(password: str) -> str:
    """What is stored of a password; raises ValueError for one that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"password: at least {SHORTEST_PASSWORD} characters expected")
    return HASHER.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one; False, as slowly, when nothing is stored."""
    with AT_ONCE:
        try:
            return HASHER.verify(stored or NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False
