"""
What did a switch say?

`Tables` holds the objects of one switch as they came back, by their names in `mib`, and knows of each whether all its rows were
read. An object that was not asked for, or whose walk did not reach its end, is *unknown*; it is never "there is none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from probes._snmp.exchange import Oid, Value
from probes._snmp.walk import Walk

LARGEST_COUNTER = 2**64 - 1  # Counter64, RFC 2578 section 7.1.10
NOTHING: Mapping[Oid, Value] = {}


@dataclass(frozen=True, slots=True)
class Tables:
    """The scalars and columns of one switch; a row's index is what follows the column's name."""

    scalars: Mapping[str, Value] = field(default_factory=dict)
    walks: Mapping[str, Walk] = field(default_factory=dict)

    def rows(self, column: str) -> Mapping[Oid, Value]:
        """The rows of a column in the order read; none where it was not asked."""
        walk = self.walks.get(column)
        return NOTHING if walk is None else walk.rows

    def complete(self, *columns: str) -> bool:
        """Whether all rows of all these columns are here."""
        return all(column in self.walks and self.walks[column].complete for column in columns)

    def cut(self, column: str) -> bool:
        """Whether a column was asked and not read to its end, so that what is missing of it may be there."""
        return column in self.walks and not self.walks[column].complete

    def number(self, column: str, index: Oid) -> int | None:
        """An integer of a row, or None for anything else."""
        return number(self.rows(column).get(index))

    def text(self, column: str, index: Oid) -> str:
        """Octets of a row as text, empty where there are none."""
        return text(self.rows(column).get(index))

    def octets(self, column: str, index: Oid) -> bytes:
        """Octets of a row, empty where there are none."""
        value = self.rows(column).get(index)
        return value if isinstance(value, bytes) else b""

    def scalar_text(self, name: str) -> str:
        """A scalar as text, empty where it is none."""
        return text(self.scalars.get(name))

    @property
    def object_id(self) -> Oid:
        """sysObjectID: who made the switch and which model; empty where it is not told."""
        value = self.scalars.get("sysObjectID")
        return value if isinstance(value, tuple) else ()

    @property
    def enterprise(self) -> int | None:
        """The enterprise number under which sysObjectID stands (IANA), or None."""
        return self.object_id[6] if self.object_id[:6] == (1, 3, 6, 1, 4, 1) and len(self.object_id) > 6 else None


def number(value: Value) -> int | None:
    """An integer that some object here can have, or None for anything else: none is negative, and none has more than 64 bits."""
    return value if isinstance(value, int) and 0 <= value <= LARGEST_COUNTER else None


def text(value: Value) -> str:
    """Octets as text: UTF-8, else GB18030 (Chinese switches), without what cannot be seen."""
    if not isinstance(value, bytes):
        return ""
    try:
        letters = value.decode()
    except UnicodeDecodeError:
        letters = value.decode("gb18030", errors="replace")
    return "".join(letter for letter in letters if letter.isprintable()).strip()
