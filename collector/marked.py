"""How is a sentence marked that is looked up in a catalogue later, not here?"""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - the name that catalogue tools look for
    """The message itself: a mark for the catalogues."""
    return message
