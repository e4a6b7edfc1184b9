"""
What did the operator write down about a school?

A list is read row by row into what a School declares (docs/school-list.md). Every row that is wrong is named with its line,
column and the form expected; nothing is taken over unless all rows are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from collector import list_wifi
from collector.frameworks import PlaceKind
from collector.frameworks import Setting as Known
from collector.list_cells import address, day, overlap, prefixes, router, site_name
from collector.list_rows import Found, RowWrong, cell_of, is_yes, one_of, room_for
from collector.school import PATHS, Day, End, Line, Link, Other, Place, School, Service, Setting, Site, Switch
from collector.written_list import COLUMNS, ListWrong, Row, rows_of

__all__ = ["COLUMNS", "ListWrong", "imported"]

DAYS = ("exam", "holiday", "school")
MOST_SWITCHES, MOST_SERVICES, LONGEST_NAME = 200, 50, 64  # what one order of a probe may hold (docs/probes.md)
MOST_ROUTERS, MOST_SITES = 16, 16
MOST_WANS, MOST_APPROVED, LONGEST_SYS_NAME = 8, 200, 255  # the same; a sysName is a DisplayString of RFC 3418


def imported(school: School, path: Path, known: Iterable[Known]) -> School:
    """The school with the list in `path` in place of the one it had; `known` are the settings that policies ask for. Raises ListWrong."""
    found, wrong = Found(), []
    for number, row in rows_of(path):
        found.number = number
        try:
            _read(row, found)
        except RowWrong as problem:
            wrong.append(f"{path.name}, line {number}, {problem}")
    wrong += [
        f"{path.name}{problem}"
        for problem in (*_unjoined(found), *list_wifi.unjoined(school, found), *_unsettled(found, list(known)))
    ]
    if wrong:
        raise ListWrong("\n".join(wrong))
    return replace(
        school,
        attributes=found.attributes,
        bureau=found.bureau,
        places=list_wifi.placed(found),
        switches=tuple(found.switches),
        links=tuple(found.links),
        wans=tuple(found.wans),
        approved=tuple(found.approved),
        others=tuple(found.others),
        services=tuple(found.services),
        lines=tuple(found.lines),
        days=tuple(found.days),
        routers=tuple(found.routers),
        sites=tuple(found.sites),
        networks=tuple(found.networks),
        controllers=tuple(found.controllers),
        access_points=tuple(found.access_points),
        plans=list_wifi.drawn(school, found),
        removed={**school.removed, **found.removed},
    )


def _read(row: Row, found: Found) -> None:
    """One row into what it is about."""
    read = READERS.get(row["what"])
    if read is None:
        raise RowWrong("what", f"{row['what']!r}: expected one of {', '.join(READERS)}")
    if not row["name"]:
        raise RowWrong("name", "empty; a name is expected")
    read(row, found)


def _attribute(row: Row, found: Found) -> None:
    """`attribute, NAME, VALUE`: what the school is."""
    _once(row, found.attributes)
    found.attributes[row["name"]] = _setting(row)
    found.said(("attribute", row["name"]))


def _bureau(row: Row, found: Found) -> None:
    """`bureau, NAME, VALUE, since=DATE`: what the bureau decided."""
    _once(row, found.bureau)
    found.bureau[row["name"]] = _setting(row)
    found.said(("bureau", row["name"]))


def _once(row: Row, known: dict[str, Setting]) -> None:
    """A setting stands in the list once."""
    if row["name"] in known:
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")


def _setting(row: Row) -> Setting:
    """A value and the day since which it holds."""
    if not row["value"]:
        raise RowWrong("value", "empty; leave the row out if it is not set")
    return Setting(row["value"], cell_of(row, "since", day).isoformat())


def _place(row: Row, found: Found) -> None:
    """`place, main/teaching-2/301, value=54 (m2), kind=teaching, main=yes`."""
    kind = one_of(row, tuple(PlaceKind))
    if any(place.path == row["name"] for place in found.places):
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")
    found.places.append(Place(row["name"], kind, is_yes(row, "main"), list_wifi.area_of(row)))


def _switch(row: Row, found: Found) -> None:
    """`switch, acc-1, value=10.20.0.11 or [ADDRESS]:PORT, place=..., kind=core for the core`."""
    if row["kind"] not in ("", "core", "access"):
        raise RowWrong("kind", f"{row['kind']!r}: expected core, access or nothing")
    if any(switch.name == row["name"] for switch in found.switches):
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")
    if len(row["name"]) > LONGEST_NAME or " " in row["name"]:
        raise RowWrong("name", f"{row['name']!r}: at most {LONGEST_NAME} characters without a space expected")
    switch = Switch(row["name"], *_address(row, 161), row["place"], row["kind"] == "core")
    _only(switch.subject, found.switches)
    found.switches.append(switch)
    found.said(switch.name)


def _link(row: Row, found: Found) -> None:
    """`link, core ge2, value=acc-1 ge1`: two ends, each a switch and its port."""
    link = Link(_end(row, "name"), _end(row, "value"))
    if link.one.switch == link.other.switch:
        raise RowWrong("value", f"{row['value']!r}: both ends are on the same switch")
    for end in (link.one, link.other):
        _free(end, found)
        found.said(end)
    found.links.append(link)


def _free(end: End, found: Found) -> None:
    """A port is an end of one link, or leads out of the school."""
    if end in found.stands:
        raise RowWrong("name", f"{end.switch} {end.port} stands in the list twice (line {found.stands[end]})")


def _wan(row: Row, found: Found) -> None:
    """`wan, core ge24`: the port that leads out of the school."""
    end = _end(row, "name")
    _free(end, found)
    if sum(one.switch == end.switch for one in found.wans) >= MOST_WANS:
        raise RowWrong("name", f"{end.switch} has more than {MOST_WANS} ports to the outside")
    found.said(end)
    found.wans.append(end)


def _approve(row: Row, found: Found) -> None:
    """`approve, SYSNAME`: a neighbour that may be asked as well."""
    found.approved.append(_neighbour(row, found))


def _other(row: Row, found: Found) -> None:
    """`other, SYSNAME, note=...`: a neighbour that is no switch of the school."""
    found.others.append(Other(_neighbour(row, found), row["note"]))


def _neighbour(row: Row, found: Found) -> str:
    """A neighbour's sysName, which stands in the list once."""
    name = row["name"]
    known = [*found.approved, *(other.name for other in found.others)]
    if len(name) > LONGEST_SYS_NAME:
        raise RowWrong("name", f"more than {LONGEST_SYS_NAME} characters")
    if name.casefold() in map(str.casefold, known):
        raise RowWrong("name", f"{name!r} stands in the list twice")
    found.said(("neighbour", name))
    return name


def _end(row: Row, column: str) -> End:
    """A switch and a port name, apart by the first space."""
    switch, _, port = row[column].partition(" ")
    if not port.strip():
        raise RowWrong(column, f"{row[column]!r}: expected SWITCH PORT, such as: core ge2")
    return End(switch, port.strip())


def _service(row: Row, found: Found) -> None:
    """`metro, NAME, value=HOST:PORT, kind=inside` for one that only the education network can reach."""
    if row["kind"] not in ("", "inside"):
        raise RowWrong("kind", f"{row['kind']!r}: expected inside or nothing")
    service = Service(*_address(row, None), row["kind"] == "inside")
    _only(service.subject, found.services)
    found.services.append(service)


def _only(subject: str, known: Sequence[Switch | Service]) -> None:
    """An address stands in the list once: a probe refuses to ask it twice."""
    if any(one.subject == subject for one in known):
        raise RowWrong("value", f"{subject} stands in the list twice")


def _address(row: Row, port: int | None) -> tuple[str, int]:
    """The host and port in `value`; `port` stands in for one that is left out, unless it is None."""
    return cell_of(row, "value", lambda text: address(text, port))


def _line(row: Row, found: Found) -> None:
    """`line, NAME, value=PREFIX[ PREFIX...], kind=internet or metro, place=UPLINK` where several schools share one."""
    line = Line(row["name"], cell_of(row, "value", prefixes), one_of(row, PATHS), row["place"])
    if any(one.name == line.name for one in found.lines):
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")
    same = next((one for one in found.lines if one.kind == line.kind and overlap(one.prefixes, line.prefixes)), None)
    if same is not None:
        raise RowWrong("value", f"{row['value']!r}: overlaps line {same.name!r}: nobody could tell one from the other")
    found.lines.append(line)


def _day(row: Row, found: Found) -> None:
    """`day, 2026-06-07, value=2026-06-09 (the last day), kind=exam, holiday or school`."""
    first = cell_of(row, "name", day).isoformat()
    last = cell_of(row, "value", day).isoformat() if row["value"] else first
    if last < first:
        raise RowWrong("value", f"{row['value']!r}: before {first}")
    known = Day(first, last, one_of(row, DAYS))
    if any(one.first == first and one.kind == known.kind for one in found.days):
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")
    found.days.append(known)


def _router(row: Row, found: Found) -> None:
    """`router, NAME, value=HARDWARE OR LINK-LOCAL ADDRESS`: one that may announce IPv6 here."""
    room_for(row, found.routers, MOST_ROUTERS)
    known = cell_of(row, "value", router)
    if known in found.routers:
        raise RowWrong("value", f"{known} stands in the list twice")
    found.routers.append(known)


def _site(row: Row, found: Found) -> None:
    """`site, www.school.example, value=PORT (443 where it is left out)`: a site of the school's, looked at from outside."""
    room_for(row, found.sites, MOST_SITES)
    name, port = cell_of(row, "name", site_name), row["value"] or "443"
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise RowWrong("value", f"{port!r}: expected a port from 1 to 65535, or nothing for 443")
    if any(site.name == name for site in found.sites):
        raise RowWrong("name", f"{name!r} stands in the list twice")
    found.sites.append(Site(name, int(port)))


def _unjoined(found: Found) -> list[str]:
    """What speaks of something that is not in the list, or is more than one order can hold."""
    switches = {switch.name for switch in found.switches}
    places = {place.path for place in found.places}
    ends = [("link", end) for link in found.links for end in (link.one, link.other)]
    ends += [("wan", end) for end in found.wans]
    problems = [
        f"{found.where(end)}{what}: no switch {end.switch!r} in the list"
        for what, end in ends
        if end.switch not in switches
    ]
    if (
        len(found.switches) > MOST_SWITCHES
        or len(found.services) > MOST_SERVICES
        or len(found.approved) > MOST_APPROVED
    ):
        problems.append(
            f": at most {MOST_SWITCHES} switches, {MOST_SERVICES} services and {MOST_APPROVED} neighbours can be asked"
        )
    problems += [
        f"{found.where(('neighbour', other.name))}other: {other.name!r} is a switch of the list"
        for other in found.others
        if other.name in switches
    ]
    return problems + [
        f"{found.where(switch.name)}switch {switch.name}: no place {switch.place!r} in the list"
        for switch in found.switches
        if switch.place and switch.place not in places
    ]


def _unsettled(found: Found, known: Sequence[Known]) -> list[str]:
    """Settings that no policy asks for, or with a value that none can use."""
    problems = []
    for owner, settings in (("attribute", found.attributes), ("bureau", found.bureau)):
        asked = {one.key: one for one in known if (one.owner == "bureau") == (owner == "bureau")}
        for key, setting in settings.items():
            here = f"{found.where((owner, key))}{owner} {key}"
            if key not in asked:
                problems.append(f"{here}: expected one of {', '.join(sorted(asked)) or 'none'}")
                continue
            try:
                asked[key].check(setting.value)
            except ValueError as wrong:
                problems.append(f"{here}: {wrong}")
    return problems


READERS: dict[str, Callable[[Row, Found], None]] = {
    "attribute": _attribute,
    "bureau": _bureau,
    "place": _place,
    "switch": _switch,
    "link": _link,
    "wan": _wan,
    "approve": _approve,
    "other": _other,
    "metro": _service,
    "line": _line,
    "day": _day,
    "router": _router,
    "site": _site,
    "network": list_wifi.read_network,
    "controller": list_wifi.read_controller,
    "ap": list_wifi.read_access_point,
    "position": list_wifi.read_position,
    "plan": list_wifi.read_plan,
    "removed": list_wifi.read_removed,
}
