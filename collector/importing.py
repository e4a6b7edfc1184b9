"""
What did the operator write down about a school?

One CSV file, a row a fact, with the columns `what, name, value, place, kind, main, since, note` (docs/school-list.md). Files
saved by office programs in UTF-8 (with or without mark) or GB18030 are read. Every row that is wrong is named with its line,
column and the form expected; nothing is taken over unless all rows are right.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from ipaddress import ip_address
from pathlib import Path

from collector.frameworks import PlaceKind
from collector.frameworks import Setting as Known
from collector.school import End, Link, Place, School, Service, Setting, Switch

COLUMNS = ("what", "name", "value", "place", "kind", "main", "since", "note")
YES = {"yes", "y", "1", "true", "是"}
NO = {"", "no", "n", "0", "false", "否"}
Row = dict[str, str]
HOST_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?)+", re.IGNORECASE)
MOST_SWITCHES, MOST_SERVICES, LONGEST_NAME = 200, 50, 64  # what one order of a probe may hold (docs/probes.md)


class ListWrong(Exception):
    """The file cannot be taken over; one line of text for each row that is wrong."""


class _RowWrong(Exception):
    """One row is wrong: its column and what was expected."""

    def __init__(self, column: str, expected: str) -> None:
        super().__init__(f"column {column}: {expected}")


@dataclass(slots=True)
class _Found:
    """What has been read so far."""

    attributes: dict[str, Setting] = field(default_factory=dict)
    bureau: dict[str, Setting] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)


def imported(school: School, path: Path, known: Iterable[Known]) -> School:
    """The school with the list in `path` in place of the one it had; `known` are the settings that policies ask for. Raises ListWrong."""
    found, wrong = _Found(), []
    for line, row in _rows(path):
        try:
            _read(row, found)
        except _RowWrong as problem:
            wrong.append(f"{path.name}, line {line}, {problem}")
    wrong += [f"{path.name}: {problem}" for problem in _unjoined(found) + _unsettled(found, list(known))]
    if wrong:
        raise ListWrong("\n".join(wrong))
    return replace(
        school,
        attributes=found.attributes,
        bureau=found.bureau,
        places=tuple(found.places),
        switches=tuple(found.switches),
        links=tuple(found.links),
        services=tuple(found.services),
    )


def _rows(path: Path) -> list[tuple[int, Row]]:
    """The rows with their line numbers; empty rows and those whose `what` begins with # are left out."""
    try:
        reader = csv.DictReader(io.StringIO(_text(path.read_bytes()), newline=""), strict=True, restval="")
        header = tuple(name.strip() for name in reader.fieldnames or ())
        reader.fieldnames = header
        rows = [(reader.line_num, row) for row in reader]
    except (OSError, csv.Error) as wrong:
        raise ListWrong(f"{path.name}: {wrong}") from wrong
    if header[:2] != COLUMNS[:2] or set(header) - set(COLUMNS) or len(set(header)) < len(header):
        raise ListWrong(f"{path.name}, line 1: expected the columns {','.join(COLUMNS)}; got {','.join(header)}")
    if any(None in row for _, row in rows):
        line = next(line for line, row in rows if None in row)
        raise ListWrong(f"{path.name}, line {line}: more columns than the first line names")
    clean = [(line, {column: row.get(column, "").strip() for column in COLUMNS}) for line, row in rows]
    return [(line, row) for line, row in clean if row["what"] and not row["what"].startswith("#")]


def _text(content: bytes) -> str:
    """UTF-8 if it is, else GB18030: the two that office programs write here."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _read(row: Row, found: _Found) -> None:
    """One row into what it is about."""
    read = READERS.get(row["what"])
    if read is None:
        raise _RowWrong("what", f"{row['what']!r}: expected one of {', '.join(READERS)}")
    if not row["name"]:
        raise _RowWrong("name", "empty; a name is expected")
    read(row, found)


def _attribute(row: Row, found: _Found) -> None:
    """`attribute, NAME, VALUE`: what the school is."""
    _once(row, found.attributes)
    found.attributes[row["name"]] = _setting(row)


def _bureau(row: Row, found: _Found) -> None:
    """`bureau, NAME, VALUE, since=DATE`: what the bureau decided."""
    _once(row, found.bureau)
    found.bureau[row["name"]] = _setting(row)


def _once(row: Row, known: dict[str, Setting]) -> None:
    """A setting stands in the list once."""
    if row["name"] in known:
        raise _RowWrong("name", f"{row['name']!r} stands in the list twice")


def _setting(row: Row) -> Setting:
    """A value and the day since which it holds."""
    if not row["value"]:
        raise _RowWrong("value", "empty; leave the row out if it is not set")
    try:
        return Setting(row["value"], date.fromisoformat(row["since"]).isoformat())
    except ValueError as wrong:
        raise _RowWrong("since", f"{row['since']!r}: a day such as 2026-09-01 is expected") from wrong


def _place(row: Row, found: _Found) -> None:
    """`place, main/teaching-2/301, kind=teaching, main=yes`."""
    if row["kind"] not in set(PlaceKind):
        raise _RowWrong("kind", f"{row['kind']!r}: expected one of {', '.join(PlaceKind)}")
    if any(place.path == row["name"] for place in found.places):
        raise _RowWrong("name", f"{row['name']!r} stands in the list twice")
    found.places.append(Place(row["name"], row["kind"], _yes(row, "main")))


def _switch(row: Row, found: _Found) -> None:
    """`switch, acc-1, value=10.20.0.11 or [ADDRESS]:PORT, place=..., kind=core for the core`."""
    if row["kind"] not in ("", "core", "access"):
        raise _RowWrong("kind", f"{row['kind']!r}: expected core, access or nothing")
    if any(switch.name == row["name"] for switch in found.switches):
        raise _RowWrong("name", f"{row['name']!r} stands in the list twice")
    if len(row["name"]) > LONGEST_NAME or " " in row["name"]:
        raise _RowWrong("name", f"{row['name']!r}: at most {LONGEST_NAME} characters without a space expected")
    switch = Switch(row["name"], *_address(row["value"], 161), row["place"], row["kind"] == "core")
    _only(switch.subject, found.switches)
    found.switches.append(switch)


def _link(row: Row, found: _Found) -> None:
    """`link, core ge2, value=acc-1 ge1`: two ends, each a switch and its port."""
    found.links.append(Link(_end(row, "name"), _end(row, "value")))


def _end(row: Row, column: str) -> End:
    """A switch and a port name, apart by the first space."""
    switch, _, port = row[column].partition(" ")
    if not port.strip():
        raise _RowWrong(column, f"{row[column]!r}: expected SWITCH PORT, such as: core ge2")
    return End(switch, port.strip())


def _service(row: Row, found: _Found) -> None:
    """`metro, NAME, value=HOST:PORT, kind=inside` for one that only the education network can reach."""
    if row["kind"] not in ("", "inside"):
        raise _RowWrong("kind", f"{row['kind']!r}: expected inside or nothing")
    service = Service(*_address(row["value"], None), row["kind"] == "inside")
    _only(service.subject, found.services)
    found.services.append(service)


def _only(subject: str, known: Sequence[Switch | Service]) -> None:
    """An address stands in the list once: a probe refuses to ask it twice."""
    if any(one.subject == subject for one in known):
        raise _RowWrong("value", f"{subject} stands in the list twice")


def _address(text: str, port: int | None) -> tuple[str, int]:
    """`HOST:PORT` or `[IPv6]:PORT`; also `HOST` or a bare IPv6 address where a port is given."""
    host, colon, number = text.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, number = text, str(port or "")
    host = _one_spelling(host.strip("[]"))
    if not _is_host(host) or not (number.isascii() and number.isdigit()) or not 0 < int(number) < 65536:
        raise _RowWrong("value", f"{text!r}: expected {'HOST:PORT' if port is None else 'HOST or HOST:PORT'}")
    return host, int(number)


def _is_host(host: str) -> bool:
    """An IP address without a zone, or a host name (RFC 1123 section 2.1) that cannot be taken for an address."""
    try:
        return "%" not in str(ip_address(host))
    except ValueError:
        return bool(HOST_NAME.fullmatch(host)) and not host.rpartition(".")[2].isdigit()


def _one_spelling(host: str) -> str:
    """An address in its one spelling (RFC 5952), a name in lower case: one host stands in the list once."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.lower()


def _yes(row: Row, column: str) -> bool:
    """Yes or no."""
    if row[column].lower() not in YES | NO:
        raise _RowWrong(column, f"{row[column]!r}: expected yes or no")
    return row[column].lower() in YES


def _unjoined(found: _Found) -> list[str]:
    """What speaks of something that is not in the list."""
    switches = {switch.name for switch in found.switches}
    places = {place.path for place in found.places}
    ends = [end for link in found.links for end in (link.one, link.other)]
    problems = [f"link: no switch {end.switch!r} in the list" for end in ends if end.switch not in switches]
    problems += [
        f"link {link.one.switch} {link.one.port}: both ends are on the same switch"
        for link in found.links
        if link.one.switch == link.other.switch
    ]
    if len(found.switches) > MOST_SWITCHES or len(found.services) > MOST_SERVICES:
        problems.append(f"at most {MOST_SWITCHES} switches and {MOST_SERVICES} services can be measured")
    problems += [
        f"link: {end.switch} {end.port} stands in more than one link"
        for end in sorted(set(ends), key=str)
        if ends.count(end) > 1
    ]
    return problems + [
        f"switch {switch.name}: no place {switch.place!r} in the list"
        for switch in found.switches
        if switch.place and switch.place not in places
    ]


def _unsettled(found: _Found, known: Sequence[Known]) -> list[str]:
    """Settings that no policy asks for, or with a value that none can use."""
    problems = []
    for owner, settings in (("attribute", found.attributes), ("bureau", found.bureau)):
        asked = {one.key: one for one in known if (one.owner == "bureau") == (owner == "bureau")}
        for key, setting in settings.items():
            if key not in asked:
                problems.append(f"{owner} {key}: expected one of {', '.join(sorted(asked)) or 'none'}")
                continue
            try:
                asked[key].check(setting.value)
            except ValueError as wrong:
                problems.append(f"{owner} {key}: {wrong}")
    return problems


READERS: dict[str, Callable[[Row, _Found], None]] = {
    "attribute": _attribute,
    "bureau": _bureau,
    "place": _place,
    "switch": _switch,
    "link": _link,
    "metro": _service,
}
