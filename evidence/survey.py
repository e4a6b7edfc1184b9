"""
What do the collector, the box and the walker agree on for a survey on foot?

A code is drawn anew for each order and place, printed on a card that hangs there, and typed by who stands in front of it. Its last
letter is computed from the others, so that a slip of the finger is told at once, also without a connection; whether it is the
place's own code only the collector knows.
"""

from __future__ import annotations

from collections.abc import Iterable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31 letters, none that looks like another
DRAWN = 5  # letters drawn; one more is computed
TRIES = 3  # how often one point may be measured in one order: the median counts
WALKED = ("wifi", "roam")  # probes that a person carries through the school: an order of a survey starts none by itself


def with_check(drawn: Iterable[str]) -> str:
    """A code from its drawn letters: a prime modulus and growing weights find every slip of one letter and every swap of two neighbours."""
    letters = "".join(drawn)
    return letters + ALPHABET[_sum(letters)]


def tidied(typed: str) -> str:
    """A code as it is compared, however it was typed: upper case, without spaces and hyphens."""
    return "".join(letter for letter in typed.upper() if not (letter.isspace() or letter == "-"))


def is_code(typed: str) -> bool:
    """Whether a text can be a code: its length, its letters, and the last of them."""
    code = tidied(typed)
    if len(code) != DRAWN + 1 or set(code) - set(ALPHABET):
        return False
    return with_check(code[:DRAWN]) == code


def _sum(letters: str) -> int:
    """The weighted sum of the letters' values, modulo the size of the alphabet."""
    return sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(letters, 2)) % len(ALPHABET)
