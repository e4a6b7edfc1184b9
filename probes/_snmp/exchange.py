"""
What is one SNMP exchange?

The seam between what asks (`walk`, the probes) and what encodes, protects and retransmits (a backend): one request PDU
(RFC 3416 section 3) to one target under one credential, one reply. A backend owns time-outs and retries and nothing more.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum, StrEnum
from typing import Protocol

Oid = tuple[int, ...]


class Missing(Enum):
    """What stands in a reply where there is no value, RFC 3416 section 3."""

    NO_SUCH_OBJECT = "noSuchObject"
    NO_SUCH_INSTANCE = "noSuchInstance"
    END_OF_MIB_VIEW = "endOfMibView"


Value = int | bytes | Oid | Missing | None
"""None is NULL, or a value that cannot be read: it is never a number that nobody sent."""


class Version(StrEnum):
    """The versions that travel under a community, by their usual names."""

    V1 = "1"
    V2C = "2c"


class Kind(Enum):
    """The request PDUs that read."""

    GET = "get"
    GETNEXT = "getnext"
    GETBULK = "getbulk"


class ErrorStatus(IntEnum):
    """Those values of error-status that a walk tells apart, RFC 3416 section 3."""

    TOO_BIG = 1
    NO_SUCH_NAME = 2


@dataclass(frozen=True, slots=True)
class Pdu:
    """One request; `max_repetitions` is for GETBULK only, which has no non-repeaters here."""

    kind: Kind
    oids: tuple[Oid, ...]
    max_repetitions: int = 0

    def for_v1(self) -> Pdu:
        """The same for SNMP v1, which knows no GETBULK: GETNEXT instead, as RFC 3584 section 4.2.1 has it."""
        return replace(self, kind=Kind.GETNEXT, max_repetitions=0) if self.kind is Kind.GETBULK else self


@dataclass(frozen=True, slots=True)
class Reply:
    """
    One response PDU: error-status and error-index as sent, and the variable bindings in wire order.

    `octets` is the size of the message that brought it, 0 where a backend does not tell.
    """

    error_status: int
    error_index: int
    varbinds: tuple[tuple[Oid, Value], ...]
    octets: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One agent: an IPv4 or IPv6 address and UDP port; `timeout_s` is for one transmission, of which there are 1 + `retries`."""

    host: str
    port: int
    timeout_s: float
    retries: int


class Auth(StrEnum):
    """Authentication protocols: RFC 3414 section 7 (SHA) and RFC 7860 (SHA-2); MD5 is not offered."""

    SHA = "SHA"
    SHA224 = "SHA-224"
    SHA256 = "SHA-256"
    SHA384 = "SHA-384"
    SHA512 = "SHA-512"


class Priv(StrEnum):
    """
    Privacy protocols: AES is RFC 3826 (128 bit); the longer keys are of no RFC, and there are two ways to make them.

    `AES-192` and `AES-256` extend a key as Cisco and most switches do (Reeder's draft; net-snmp writes `AES-256-C`), the
    Blumenthal ones as the older draft says (what net-snmp means by `AES-256`). They differ only where the digest is
    shorter than the key. DES (RFC 3414 section 8) is broken, and for switches that know nothing else.
    """

    AES = "AES"
    AES192 = "AES-192"
    AES256 = "AES-256"
    AES192_BLUMENTHAL = "AES-192-BLUMENTHAL"
    AES256_BLUMENTHAL = "AES-256-BLUMENTHAL"
    DES = "DES"


@dataclass(frozen=True, slots=True)
class Community:
    """SNMP v1 or v2c: a word that travels in the clear."""

    community: str = field(repr=False)
    version: Version = Version.V2C


@dataclass(frozen=True, slots=True)
class User:
    """SNMP v3, user-based security: authenticated always, encrypted where `priv` is given; keys are passphrases."""

    user: str
    auth: Auth
    auth_key: str = field(repr=False)
    priv: Priv | None = None
    priv_key: str = field(default="", repr=False)


Credentials = Community | User


class Exchange(Protocol):
    """A way to ask one target, open until its context ends."""

    async def request(self, pdu: Pdu) -> Reply:
        """
        Send one request and give the reply to it, whatever its error-status; under SNMP v1 a GETBULK is sent as GETNEXT.

        Raises Unmeasurable: timed_out after the last retry, refused or unreachable where the network says so, login_rejected
        or not_permitted where the agent's SNMP engine does, unreadable for anything else.
        """


class Backend(Protocol):
    """What opens an exchange."""

    def __call__(self, target: Target, credentials: Credentials) -> AbstractAsyncContextManager[Exchange]:
        """An exchange with one target; nothing is sent before the first request."""
