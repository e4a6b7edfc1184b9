"""Is the file itself read as it was saved, and one that cannot be read refused in words?"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from collector.importing import COLUMNS, ListWrong, imported
from collector.school import Place, Setting
from collector.written_list import LARGEST_FILE, MOST_ROWS, MOST_UNPACKED
from tests.collector.test_importing import BEFORE, FOUND, HEAD, KNOWN, WHOLE, wrong


def workbook(path: Path, *rows: Sequence[object]) -> Path:
    """A workbook whose first sheet holds these rows, and whose second nothing of ours."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(list(row))
    book.create_sheet("notes").append(["what", "ever"])
    book.save(path)
    return path


def test_a_workbook(tmp_path: Path) -> None:
    """The first sheet of a workbook is read as the same rows in CSV are, whatever the file is called."""
    rows = list(csv.reader([HEAD, *WHOLE]))

    assert imported(BEFORE, workbook(tmp_path / "list.csv", *rows), KNOWN) == FOUND


@pytest.mark.parametrize("day", [datetime.fromisoformat("2026-09-01"), date(2026, 9, 1)], ids=["moment", "day"])
def test_cells_that_are_no_text(tmp_path: Path, day: date) -> None:
    """A day, a number, yes as a tick and an empty cell are what a person sees in them."""
    rows = [COLUMNS, ("bureau", "larger", "yes", None, None, None, day), ("place", 301.0, None, None, "office", True)]
    found = imported(BEFORE, workbook(tmp_path / "list.xlsx", *rows, ("place", 1.5, "", "", "office", False)), KNOWN)

    assert found.bureau == {"larger": Setting("yes", "2026-09-01")}
    assert found.places == (Place("301", "office", True), Place("1.5", "office"))


def test_a_wrong_row_of_a_workbook(tmp_path: Path) -> None:
    """A wrong row is named with its line in the sheet, empty lines counted."""
    path = workbook(tmp_path / "list.xlsx", COLUMNS, (), ("room", "a"))

    with pytest.raises(ListWrong, match=r"^list\.xlsx, line 3, column what: 'room'"):
        imported(BEFORE, path, KNOWN)


def test_an_empty_workbook(tmp_path: Path) -> None:
    """A sheet without a first line has no columns."""
    with pytest.raises(ListWrong, match="line 1: expected the columns what,name"):
        imported(BEFORE, workbook(tmp_path / "list.xlsx"), KNOWN)


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    """A file that only looks like a workbook is said to be none."""
    with ZipFile(tmp_path / "list.xlsx", "w") as file:
        file.writestr("hello.txt", "hello")

    with pytest.raises(ListWrong, match=r"list\.xlsx: not a workbook that can be read"):
        imported(BEFORE, tmp_path / "list.xlsx", KNOWN)


def test_too_large(tmp_path: Path) -> None:
    """A file of a size that no list has is not opened."""
    with (tmp_path / "list.csv").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    with pytest.raises(ListWrong, match="more than 16 MiB is no list"):
        imported(BEFORE, tmp_path / "list.csv", KNOWN)


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path) -> None:
    """A small file that unpacks to more than any list has is refused before it is unpacked."""
    with ZipFile(tmp_path / "list.xlsx", "w", ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", bytes(MOST_UNPACKED + 1))

    with pytest.raises(ListWrong, match="unpacks to more than 64 MiB"):
        imported(BEFORE, tmp_path / "list.xlsx", KNOWN)


def test_too_many_rows(tmp_path: Path) -> None:
    """A sheet with more rows than any list has is refused."""
    rows = [["place", f"a/{number}", "", "", "office"] for number in range(MOST_ROWS)]

    with pytest.raises(ListWrong, match=f"more than {MOST_ROWS} rows"):
        imported(BEFORE, workbook(tmp_path / "list.xlsx", COLUMNS, *rows), KNOWN)


def test_an_open_quote(tmp_path: Path) -> None:
    """A quote that is never closed is said to be one."""
    (problem,) = wrong(tmp_path, 'place,"a,,,office,,,')

    assert "unexpected end of data" in problem


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ListWrong, match=r"none\.csv: .*No such file"):
        imported(BEFORE, tmp_path / "none.csv", KNOWN)
