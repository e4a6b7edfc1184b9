"""
How is a thing said at the terminal and on paper?

One language, its catalogue, and values spelled as everywhere else.
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.model import Unit
from evidence.spelled import spelled_value

MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Speech:
    """A catalogue and the language that it is of, `zh` or `en`."""

    words: gettext.NullTranslations
    language: str

    def say(self, message: str, **about: object) -> str:
        """A message of the catalogue with its blanks filled."""
        return self.words.gettext(message).format(**about)

    def rate(self, bit_s: int) -> str:
        """A rate as people write it."""
        return spelled_value(Unit.BIT_S, bit_s, self.language)

    def some(self, names: Sequence[str], most: int = MOST_NAMED) -> str:
        """The first few of many names, and how many more there are."""
        between = "、" if self.language == "zh" else ", "
        if len(names) <= most:
            return between.join(names)
        return self.say("{names} and {count} more", names=between.join(names[:most]), count=len(names) - most)
