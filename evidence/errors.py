"""
Why was a submission refused?

    Rejected
    +-- Malformed            not the form that docs/evidence-v1.md describes
    +-- TooLarge             more bytes than the contract allows
    +-- UnknownKey           no such key is trusted here
    +-- KeyRevoked           the key was good once
    +-- BadSignature         the bytes are not what the key signed
    +-- Replayed             the very same envelope is already held (its receipt comes with the refusal)
    +-- Forked               another envelope holds this sequence number: two histories under one key
    +-- OutOfSequence        earlier envelopes of this agent are missing
    +-- BrokenChain          `previous` does not name the envelope before it
    +-- TokenRefused         the enrolment token is unknown, used or expired
    +-- NotDeclared          raw evidence that no accepted report declares
    +-- UnknownSession       a measurement server's report of a session that was not ordered of it
    +-- Unauthenticated      a request without a valid signature of an enrolled agent

The children carry a stable `code`; the collector maps each to one HTTP status in one table.
"""

LONGEST_DETAIL = 500  # characters: a detail may quote what came, and what came may be megabytes


class Rejected(Exception):
    """A submission that is not accepted; `code` is stable, `detail` says what was expected and what came."""

    code = "rejected"

    def __init__(self, detail: str) -> None:
        self.detail = detail if len(detail) <= LONGEST_DETAIL else f"{detail[: LONGEST_DETAIL - 1]}…"
        super().__init__(f"{self.code}: {self.detail}")


class Malformed(Rejected):
    """The bytes do not have the form that the contract describes."""

    code = "malformed"


class TooLarge(Rejected):
    """More bytes than the contract allows, before or after inflating."""

    code = "too_large"


class UnknownKey(Rejected):
    """The key id names no key that is trusted here."""

    code = "unknown_key"


class KeyRevoked(Rejected):
    """The key was trusted once and is no longer."""

    code = "key_revoked"


class BadSignature(Rejected):
    """The signature does not cover these bytes."""

    code = "bad_signature"


class Replayed(Rejected):
    """The same envelope is already held; `receipt` is the one that was given for it."""

    code = "replayed"

    def __init__(self, detail: str, receipt: bytes) -> None:
        super().__init__(detail)
        self.receipt = receipt


class Forked(Rejected):
    """Two different envelopes carry one sequence number of one agent."""

    code = "forked"


class OutOfSequence(Rejected):
    """The sequence number is not the next one."""

    code = "out_of_sequence"


class BrokenChain(Rejected):
    """`previous` is not the id of the envelope before."""

    code = "broken_chain"


class TokenRefused(Rejected):
    """The enrolment token is unknown, used or expired."""

    code = "token_refused"


class NotDeclared(Rejected):
    """Raw evidence whose hash no accepted report declares."""

    code = "not_declared"


class UnknownSession(Rejected):
    """A measurement server reports a session that no ticket for it names, or under another order."""

    code = "unknown_session"


class Unauthenticated(Rejected):
    """The request carries no valid signature of an enrolled agent."""

    code = "unauthenticated"
