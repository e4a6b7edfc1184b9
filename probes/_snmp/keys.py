"""
Which keys come of a passphrase, and how do they protect a message?

*Method*: digests from hashlib and hmac, ciphers from cryptography. A passphrase becomes a key by hashing a mebibyte of it (RFC
3414 appendix A.2), and that a key of one engine; both are remembered, for the first takes longer than reading a switch.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from evidence.model import Failure, Unmeasurable
from probes._snmp.exchange import Auth, Priv, User

MEBIBYTE = 1 << 20
# The hash and how much of its HMAC a message carries: RFC 3414 section 6, RFC 7860 section 4.
DIGESTS = {
    Auth.SHA: ("sha1", 12),
    Auth.SHA224: ("sha224", 16),
    Auth.SHA256: ("sha256", 24),
    Auth.SHA384: ("sha384", 32),
    Auth.SHA512: ("sha512", 48),
}
KEY_OCTETS = {
    Priv.AES: 16,
    Priv.AES192: 24,
    Priv.AES256: 32,
    Priv.AES192_BLUMENTHAL: 24,
    Priv.AES256_BLUMENTHAL: 32,
    Priv.DES: 16,
}
BLUMENTHAL = (Priv.AES192_BLUMENTHAL, Priv.AES256_BLUMENTHAL)
DES_BLOCK = 8


@lru_cache(maxsize=64)
def of_passphrase(hash_name: str, passphrase: bytes) -> bytes:
    """Ku of RFC 3414 section 2.6: the hash of the passphrase repeated to a mebibyte."""
    repeated = passphrase * (MEBIBYTE // len(passphrase) + 1)
    return hashlib.new(hash_name, repeated[:MEBIBYTE]).digest()


@lru_cache(maxsize=1024)
def localized(hash_name: str, passphrase: bytes, engine_id: bytes) -> bytes:
    """Kul of RFC 3414 section 2.6: the key for one engine."""
    key = of_passphrase(hash_name, passphrase)
    return hashlib.new(hash_name, key + engine_id + key).digest()


def extended(hash_name: str, key: bytes, engine_id: bytes, priv: Priv) -> bytes:
    """A localized key brought to the length of a cipher, in the way that the draft of the cipher has it."""
    octets = KEY_OCTETS[priv]
    last = key
    while len(key) < octets:
        # draft-blumenthal-aes-usm-04 section 3.1.2.1, or draft-reeder-snmpv3-usm-3desede-00 section 2.1.
        last = hashlib.new(hash_name, key).digest() if priv in BLUMENTHAL else localized(hash_name, last, engine_id)
        key += last
    return key[:octets]


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs and hides the messages to one engine."""

    hash_name: str
    digest_octets: int
    auth: bytes = field(repr=False)
    priv: Priv | None
    cipher: bytes = field(repr=False)

    def digest(self, message: bytes) -> bytes:
        """The authentication parameters for a message that has zeros in their place."""
        return hmac.digest(self.auth, message, self.hash_name)[: self.digest_octets]

    def hidden(self, plain: bytes, boots: int, time_s: int, salt: bytes) -> bytes:
        """A scoped PDU encrypted."""
        if self.priv is Priv.DES:
            plain += bytes(-len(plain) % DES_BLOCK)
        encryptor = self._cipher(boots, time_s, salt).encryptor()
        return encryptor.update(plain) + encryptor.finalize()

    def shown(self, hidden: bytes, boots: int, time_s: int, salt: bytes) -> bytes:
        """A scoped PDU decrypted; what comes of a wrong key is no sequence, with which the caller deals."""
        if len(salt) != 8 or (self.priv is Priv.DES and len(hidden) % DES_BLOCK):
            raise Unmeasurable(Failure.UNREADABLE, "cannot be decrypted")
        decryptor = self._cipher(boots, time_s, salt).decryptor()
        return decryptor.update(hidden) + decryptor.finalize()

    def _cipher(self, boots: int, time_s: int, salt: bytes) -> Cipher[CBC] | Cipher[CFB]:
        """RFC 3414 section 8.1.1.1 for DES, which three equal keys make of 3DES; RFC 3826 section 3.1.2.1 for AES."""
        if self.priv is Priv.DES:
            vector = bytes(a ^ b for a, b in zip(self.cipher[8:16], salt, strict=True))
            return Cipher(TripleDES(self.cipher[:8] * 3), CBC(vector))  # asked for by name
        return Cipher(AES(self.cipher), CFB(boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt))


def keys_for(user: User, engine_id: bytes) -> Keys:
    """The keys of a user with one engine."""
    hash_name, octets = DIGESTS[user.auth]
    auth = localized(hash_name, user.auth_key.encode(), engine_id)
    if user.priv is None:
        return Keys(hash_name, octets, auth, None, b"")
    priv = localized(hash_name, user.priv_key.encode(), engine_id)
    return Keys(hash_name, octets, auth, user.priv, extended(hash_name, priv, engine_id, user.priv))
