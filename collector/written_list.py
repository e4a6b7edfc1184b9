"""
Which rows does the file hold in which an operator wrote down a school?

A CSV file as office programs save it (UTF-8 with or without mark, or GB18030), or the first sheet of an XLSX workbook, with the
same columns: `what, name, value, place, kind, main, since, note` (docs/school-list.md). Cells become text; what a row says is
not looked at here. A workbook's formulas count as the values that were saved with them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

COLUMNS = ("what", "name", "value", "place", "kind", "main", "since", "note")
LARGEST_FILE = 16 * 1024 * 1024  # octets; a list of 200 switches has 30 thousand
MOST_UNPACKED = 64 * 1024 * 1024  # octets of a workbook's sheets and texts
MOST_ROWS = 20_000
Row = dict[str, str]


class ListWrong(Exception):
    """The file cannot be taken over; one line of text for each row that is wrong."""


def rows_of(path: Path) -> list[tuple[int, Row]]:
    """The rows with their line numbers; empty rows and those whose `what` begins with # are left out. Raises ListWrong."""
    lines = _sheet(path) if _is_workbook(path) else _csv(path)
    header = tuple(name.strip() for name in lines[0][1]) if lines else ()
    if header[:2] != COLUMNS[:2] or set(header) - set(COLUMNS) or len(set(header)) < len(header):
        raise ListWrong(f"{path.name}, line 1: expected the columns {','.join(COLUMNS)}; got {','.join(header)}")
    for line, cells in lines[1:]:
        if len(cells) > len(header):
            raise ListWrong(f"{path.name}, line {line}: more columns than the first line names")
    clean = [(line, _named(header, cells)) for line, cells in lines[1:]]
    return [(line, row) for line, row in clean if row["what"] and not row["what"].startswith("#")]


def _named(header: Sequence[str], cells: Sequence[str]) -> Row:
    """A row with all columns; those that the file leaves out are empty."""
    found = dict(zip(header, cells, strict=False))
    return {column: found.get(column, "").strip() for column in COLUMNS}


def _is_workbook(path: Path) -> bool:
    """Whether the file is an XLSX workbook, whatever it is called; raises ListWrong for one that is not there or too large."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ListWrong(f"{path.name}: more than {LARGEST_FILE // 1024**2} MiB is no list of a school")
        return is_zipfile(path)
    except OSError as wrong:
        raise ListWrong(f"{path.name}: {wrong}") from wrong


def _csv(path: Path) -> list[tuple[int, list[str]]]:
    """The lines of a CSV file, without empty ones."""
    try:
        reader = csv.reader(io.StringIO(_text(path.read_bytes()), newline=""), strict=True)
        return [(reader.line_num, cells) for cells in reader if cells]
    except (OSError, csv.Error) as wrong:
        raise ListWrong(f"{path.name}: {wrong}") from wrong


def _text(content: bytes) -> str:
    """UTF-8 if it is, else GB18030: the two that office programs write here."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _sheet(path: Path) -> list[tuple[int, list[str]]]:
    """The lines of the first sheet of a workbook; empty cells at the end of a line are none."""
    try:
        with path.open("rb") as file:
            if sum(member.file_size for member in ZipFile(file).infolist()) > MOST_UNPACKED:
                raise ListWrong(f"{path.name}: unpacks to more than {MOST_UNPACKED // 1024**2} MiB")
            sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
            rows = enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1), 1)
            found = [(line, _filled(map(_cell, cells))) for line, cells in rows]
    except (OSError, BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, SyntaxError) as wrong:
        raise ListWrong(f"{path.name}: not a workbook that can be read ({type(wrong).__name__})") from wrong
    if len(found) > MOST_ROWS:
        raise ListWrong(f"{path.name}: more than {MOST_ROWS} rows")
    return [(line, cells) for line, cells in found if cells or line == 1]


def _filled(cells: Iterable[str]) -> list[str]:
    """A line without the empty cells at its end."""
    found = list(cells)
    while found and not found[-1].strip():
        found.pop()
    return found


def _cell(value: object) -> str:
    """A cell as a person sees it: a day as 2026-09-01, a whole number without a point, yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
