"""Are refusals stable, so that an agent of today understands a collector of tomorrow?"""

from __future__ import annotations

from evidence import errors
from evidence.errors import LONGEST_DETAIL, Malformed, Rejected, Replayed
from evidence.seal import reason

CODES = {
    "Malformed": "malformed",
    "TooLarge": "too_large",
    "UnknownKey": "unknown_key",
    "KeyRevoked": "key_revoked",
    "BadSignature": "bad_signature",
    "Replayed": "replayed",
    "Forked": "forked",
    "OutOfSequence": "out_of_sequence",
    "BrokenChain": "broken_chain",
    "TokenRefused": "token_refused",
    "NotDeclared": "not_declared",
    "UnknownSession": "unknown_session",
    "Unauthenticated": "unauthenticated",
}


def test_codes_are_pinned() -> None:
    """A code never changes its meaning and is never used twice: programs on other machines act on it."""
    assert {child.__name__: child.code for child in Rejected.__subclasses__()} == CODES


def test_the_tree_is_drawn() -> None:
    """The picture on top of the module shows every child."""
    assert [name for name in CODES if f"+-- {name} " not in (errors.__doc__ or "")] == []


def test_a_refusal_as_it_is_answered() -> None:
    """A refusal is `code` and `detail`, and reads as one sentence."""
    refusal = Malformed("payload: not JSON")

    assert (reason(refusal), str(refusal)) == (
        {"code": "malformed", "detail": "payload: not JSON"},
        "malformed: payload: not JSON",
    )


def test_a_replay_brings_the_first_receipt() -> None:
    """An agent whose receipt was lost gets it with the refusal."""
    assert Replayed("sequence 1: this envelope is held already", b"receipt").receipt == b"receipt"


def test_a_detail_stays_short() -> None:
    """Megabytes that came in are not megabytes that are kept and sent back."""
    detail = Malformed("x" * 4_000_000).detail

    assert (len(detail), detail[-2:]) == (LONGEST_DETAIL, "x…")
