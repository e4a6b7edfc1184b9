"""
Which ports does a list name, as an admin keeps it in a spreadsheet?

*Method*: the first row with the words for switch and port is the heading, in Chinese or English; each row below is one port. A
word that is not known is refused with its row: a list that is half understood is not read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from probes._cli import CliPort, speed_bit_s
from probes._cli.speeds import duplex

HEADINGS = {
    "switch": ("switch", "host", "device", "交换机", "设备", "管理地址", "ip", "交换机地址"),
    "port": ("port", "interface", "ifname", "端口", "接口", "端口名称"),
    "up": ("up", "status", "link", "state", "状态", "连通", "链路状态"),
    "speed": ("speed", "rate", "速率", "带宽", "端口速率"),
    "duplex": ("duplex", "双工"),
    "description": ("description", "描述", "备注"),
}
YES = ("up", "yes", "y", "1", "true", "connected", "是", "通", "连通", "已连接", "启用", "在用")
NO = ("down", "no", "n", "0", "false", "notconnect", "否", "断", "断开", "未连接", "空闲")
SPOKEN_RATES = {
    "百兆": "100",
    "千兆": "1000",
    "万兆": "10G",
    "2.5g": "2.5G",
    "两万五": "25G",
    "四万兆": "40G",
    "十万兆": "100G",
}
NO_RATE = ("", "-", "未知", "unknown", "auto", "自适应")
MOST_ROWS, MOST_OCTETS, MOST_UNPACKED = 20_000, 8 * 1024 * 1024, 64 * 1024 * 1024


class ListWrong(Exception):
    """The list cannot be read; the text names the row and what was expected."""


def ports_listed(path: Path) -> dict[str, list[CliPort]]:
    """The ports of a list by switch, as it names them; raises ListWrong."""
    content = path.read_bytes()
    if len(content) > MOST_OCTETS:
        raise ListWrong(f"{path.name}: larger than {MOST_OCTETS} octets")
    rows = _sheet(content, path.name) if content.startswith(b"PK") else _csv(decoded(content))
    if len(rows) > MOST_ROWS:
        raise ListWrong(f"{path.name}: more than {MOST_ROWS} rows")
    return _ports([[cell.strip() for cell in row] for row in rows], path.name)


def decoded(content: bytes) -> str:
    """Text as Chinese systems save it: UTF-8 with or without a mark, UTF-16 with one, else GB18030."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _csv(text: str) -> list[list[str]]:
    """Rows of a text, with commas, semicolons or tabulators between the cells."""
    first = text.partition("\n")[0]
    between = max(",;\t", key=first.count)
    return [row for row, _ in zip(csv.reader(io.StringIO(text), delimiter=between), range(MOST_ROWS + 1), strict=False)]


def _sheet(content: bytes, name: str) -> list[list[str]]:
    """Rows of the first sheet of a workbook; one that unpacks to too much is refused before it is unpacked."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise ListWrong(f"{name}: unpacks to more than {MOST_UNPACKED} octets")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as wrong:
        raise ListWrong(f"{name}: no workbook that can be read") from wrong
    sheet = book.worksheets[0]
    rows = sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1)
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def _ports(rows: Sequence[Sequence[str]], name: str) -> dict[str, list[CliPort]]:
    """The ports below the heading."""
    at, columns = _heading(rows, name)
    found: dict[str, list[CliPort]] = {}
    rows_of: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        cells = {key: row[column] if column < len(row) else "" for key, column in columns.items()}
        if not any(cells.values()):
            continue
        if not cells["switch"] or not cells["port"]:
            raise ListWrong(f"{name}, row {number}: expected a switch and a port")
        first = rows_of.setdefault((cells["switch"], re.sub(r"\s+", "", cells["port"]).lower()), number)
        if first != number:
            raise ListWrong(f"{name}, row {number}: {cells['port']} of {cells['switch']} stands in row {first} already")
        found.setdefault(cells["switch"], []).append(_port(cells, f"{name}, row {number}"))
    if not found:
        raise ListWrong(f"{name}: no port below the heading")
    return found


def _heading(rows: Sequence[Sequence[str]], name: str) -> tuple[int, dict[str, int]]:
    """Which row is the heading, and which column is what."""
    for at, row in enumerate(rows[:20]):
        columns = {key: column for key, words in HEADINGS.items() if (column := _column(row, words)) is not None}
        if {"switch", "port"} <= set(columns) and {"up", "speed"} & set(columns):
            return at, columns
    raise ListWrong(f"{name}: expected a heading with switch, port and up or speed (交换机, 端口, 状态, 速率)")


def _column(row: Iterable[str], words: Sequence[str]) -> int | None:
    """The first column with one of these words above it."""
    plain = [re.sub(r"\(.*\)|（.*）|\s", "", cell).lower() for cell in row]
    return next((column for column, cell in enumerate(plain) if cell in words), None)


def _port(cells: dict[str, str], where: str) -> CliPort:
    """One row."""
    told = cells.get("up", "").lower()
    rate = _rate(cells.get("speed", ""), where)
    if told not in (*YES, *NO, ""):
        raise ListWrong(f"{where}: {told!r} is neither up nor down")
    up = told in YES if told else True if rate is not None else None
    return CliPort(
        name=cells["port"],
        up=up,
        speed_bit_s=rate if up else None,
        duplex=duplex(cells.get("duplex", "")) if up else "unknown",
        description=cells.get("description", ""),
    )


def _rate(text: str, where: str) -> int | None:
    """A rate as people write it."""
    plain = text.lower().replace(" ", "")
    if plain in NO_RATE:
        return None
    rate = speed_bit_s(SPOKEN_RATES.get(plain, plain).replace("bit/s", "").replace("bps", ""))
    if rate is None:
        raise ListWrong(f"{where}: {text!r} is no rate; expected 1000, 1G or 千兆")
    return rate
