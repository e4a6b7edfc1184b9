"""
What does a school's list say of its Wi-Fi: areas and positions of places, network names, controllers, access points, plans?

*Method*: a reader for each kind of row, as `collector.importing` has them; `unjoined` says what does not fit the rest of the list. A place
leaves the list with a reason only: where nobody wants to walk is often where there is no signal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from collector.list_cells import address
from collector.list_rows import Found, RowWrong, cell_of, one_of, room_for
from collector.school import AccessPoint, Controller, Place, Plan, School
from collector.written_list import Row

VENDORS = ("huawei", "h3c", "ruijie", "cisco", "aruba", "ubiquiti")
LARGEST_AREA_M2, LARGEST_PLAN_M = 100_000, 2_000
LONGEST_SSID = 32  # octets, IEEE 802.11-2020 section 9.4.2.2
MOST_NETWORKS, MOST_CONTROLLERS, MOST_APS, MOST_PLANS = 64, 16, 2_000, 200
MOST_BSSIDS = 64
AREA = re.compile(r"(\d{1,6})\s*(m2|m²|平方米)?")
SIZE = re.compile(r"(\d{1,4})\s*[x×*]\s*(\d{1,4})(\s*m)?")
METRES = re.compile(r"\d{1,4}(\.\d{1,2})?")
DM = 10


def area_of(row: Row) -> int:
    """The area of a place in m², 0 where the row does not say it."""
    if not row["value"]:
        return 0
    found = AREA.fullmatch(row["value"])
    if found is None or not 0 < int(found[1]) <= LARGEST_AREA_M2:
        raise RowWrong("value", f"{row['value']!r}: expected the area in m2, such as 54, or nothing")
    return int(found[1])


def read_position(row: Row, found: Found) -> None:
    """`position, main/teaching-2/301, value=12.5 8` (metres to the right of and below the plan's upper left corner)."""
    parts = row["value"].replace(",", " ").split()
    if len(parts) != 2 or not all(METRES.fullmatch(part) for part in parts):
        raise RowWrong("value", f"{row['value']!r}: expected two lengths in metres, such as 12.5 8")
    if row["name"] in found.positions:
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")
    found.positions[row["name"]] = (round(float(parts[0]) * DM), round(float(parts[1]) * DM))
    found.said(("position", row["name"]))


def read_network(row: Row, found: Found) -> None:
    """`network, School` (a network name of the school's), `value=` its octets as hex where they are no UTF-8."""
    room_for(row, found.networks, MOST_NETWORKS)
    octets = row["value"].lower() or row["name"].encode().hex()
    if not re.fullmatch(r"([0-9a-f]{2})+", octets) or len(octets) > 2 * LONGEST_SSID:
        column = "value" if row["value"] else "name"
        raise RowWrong(
            column, f"{row[column]!r}: expected a network name of 1 to {LONGEST_SSID} octets (in value as hex)"
        )
    if octets in found.networks:
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")
    found.networks.append(octets)


def read_controller(row: Row, found: Found) -> None:
    """`controller, ac-1, value=HOST or HOST:PORT, kind=VENDOR` (nothing where it is to find out by itself)."""
    room_for(row, found.controllers, MOST_CONTROLLERS)
    vendor = one_of(row, VENDORS) if row["kind"] else ""
    host, port = cell_of(row, "value", lambda text: address(text, 161))
    known = Controller(row["name"], host, port, vendor)
    if any(known.name == other.name or known.subject == other.subject for other in found.controllers):
        raise RowWrong("name", f"{row['name']!r} or its address stands in the list twice")
    found.controllers.append(known)


def read_access_point(row: Row, found: Found) -> None:
    """`ap, NAME, value=BSSID BSSID ...`: an access point that no controller tells of."""
    room_for(row, found.access_points, MOST_APS)
    bssids = tuple(cell_of(row, "value", lambda text: [bssid(one) for one in text.split()]))
    if not 0 < len(bssids) <= MOST_BSSIDS:
        raise RowWrong("value", f"{row['value'][:40]!r}: expected 1 to {MOST_BSSIDS} BSSIDs, apart by spaces")
    taken = {one for other in found.access_points for one in other.bssids}
    twice = next((one for number, one in enumerate(bssids) if one in taken or one in bssids[:number]), None)
    if twice is not None or any(row["name"] == other.name for other in found.access_points):
        raise RowWrong("value" if twice else "name", f"{twice or row['name']!r} stands in the list twice")
    found.access_points.append(AccessPoint(row["name"], bssids))


def bssid(text: str) -> str:
    """A BSSID in its one spelling; raises ValueError. A group address is none (IEEE 802-2014 section 8.2)."""
    digits = re.sub(r"[:.-]", "", text.lower())
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or int(digits[:2], 16) & 1:
        raise ValueError(f"{text!r}: expected a BSSID such as 00:25:9e:00:00:01")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def read_plan(row: Row, found: Found) -> None:
    """`plan, main/teaching-2/3, value=72x20`: how many metres wide and high the plan of a floor is."""
    room_for(row, found.plans, MOST_PLANS)
    size = SIZE.fullmatch(row["value"])
    if size is None or not all(0 < int(one) <= LARGEST_PLAN_M for one in size.groups()[:2]):
        raise RowWrong("value", f"{row['value']!r}: expected width x height in metres, such as 72x20")
    if any(plan.floor == row["name"] for plan in found.plans):
        raise RowWrong("name", f"{row['name']!r} stands in the list twice")
    found.plans.append(Plan(row["name"], int(size[1]), int(size[2])))


def read_removed(row: Row, found: Found) -> None:
    """`removed, main/teaching-2/301, note=WHY`: a place that is none any more."""
    if not row["note"]:
        raise RowWrong("note", "empty; say why the place is taken off the list")
    found.removed[row["name"]] = row["note"]
    found.said(("removed", row["name"]))


def unjoined(school: School, found: Found) -> Iterator[str]:
    """What does not fit: places taken off without a reason, and rows about places that are not there."""
    listed = {place.path for place in found.places}
    yield from _unsaid(school, listed, found)
    yield from _removed_wrongly(school, listed, found)
    yield from (
        f"{found.where(('position', path))}position: no place {path!r} in the list"
        for path in found.positions
        if path not in listed
    )
    floors = {place.floor for place in found.places}
    there = ", ".join(sorted(floors)) or "none"
    yield from (
        f": plan {plan.floor}: no place of the list is on this floor; floors are {there}"
        for plan in found.plans
        if plan.floor not in floors
    )


def _unsaid(school: School, listed: set[str], found: Found) -> Iterator[str]:
    """Places that are gone, and nobody says why."""
    for place in school.places:
        if place.path not in listed and place.path not in found.removed:
            yield f": place {place.path} was in the list before: add a row removed,{place.path} with the reason in note"


def _removed_wrongly(school: School, listed: set[str], found: Found) -> Iterator[str]:
    """Places that are taken off and still there, or never were."""
    known = {place.path for place in school.places} | set(school.removed)
    for path in found.removed:
        if path in listed:
            yield f"{found.where(('removed', path))}removed {path}: it is still a place of the list"
        elif path not in known:
            yield f"{found.where(('removed', path))}removed {path}: it was never in the list"


def placed(found: Found) -> tuple[Place, ...]:
    """The places with their positions."""
    return tuple(
        replace(place, x_dm=found.positions[place.path][0], y_dm=found.positions[place.path][1])
        if place.path in found.positions
        else place
        for place in found.places
    )


def drawn(school: School, found: Found) -> tuple[Plan, ...]:
    """The plans, each with the picture that was uploaded for its floor."""
    pictures = {plan.floor: plan.picture for plan in school.plans}
    return tuple(replace(plan, picture=pictures.get(plan.floor, "")) for plan in found.plans)
