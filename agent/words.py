"""
In which language does this agent speak?

Messages are written in English in the code and looked up in the catalogues beside this file (gettext); Chinese is the
default. A catalogue without an entry would show through as English: a test asks for every one.
"""

from __future__ import annotations

import gettext
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


def translation(language: str) -> gettext.NullTranslations:
    """The catalogue of `zh` or `en`."""
    return gettext.translation("agent", LOCALE, [language])
