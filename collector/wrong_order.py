"""Why can something not be ordered? The one way in which parts of the collector say so to a person."""

from __future__ import annotations


class WrongOrder(Exception):
    """Nothing can be ordered; the message (of the catalogue) says what is missing, `about` fills its blanks."""

    def __init__(self, message: str, **about: str) -> None:
        super().__init__(message.format(**about))
        self.message = message
        self.about = about
