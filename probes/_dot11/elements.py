"""
Which information elements does a beacon hold?

*Method*: identifier, length, content (IEEE 802.11-2020 section 9.4.2.1), never past the end: an element whose length overruns ends the
reading, and that it did is told. `Bits` reads numbers of a content that may be shorter than the standard says.

What it does not prove: that a sender means what it announces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

EXTENSION = 255  # the identifier under which a second identifier follows
HEADER_OCTETS = 2


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its identifier, that of its extension (-1 without), and its content after both."""

    number: int
    extension: int
    content: bytes


def elements(octets: bytes) -> Iterator[Element | None]:
    """The elements in order; a last None where the octets end in the middle of one."""
    at = 0
    while at < len(octets):
        if at + HEADER_OCTETS > len(octets) or at + HEADER_OCTETS + octets[at + 1] > len(octets):
            yield None
            return
        end = at + HEADER_OCTETS + octets[at + 1]
        content = octets[at + HEADER_OCTETS : end]
        if octets[at] == EXTENSION and content:
            yield Element(EXTENSION, content[0], content[1:])
        elif octets[at] != EXTENSION:
            yield Element(octets[at], -1, content)
        at = end


def number_at(content: bytes, at: int, octets: int) -> int:
    """A little-endian number, 0 where the content is too short for it."""
    part = content[at : at + octets]
    return int.from_bytes(part, "little") if len(part) == octets else 0


def address_at(content: bytes, at: int) -> str:
    """A hardware address in lower case with colons; empty where the content is too short."""
    part = content[at : at + 6]
    return part.hex(":") if len(part) == 6 else ""
