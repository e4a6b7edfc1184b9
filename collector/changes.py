"""
What would a new list change about a school?

Row by row, as the list is written: what is added, removed, or changed from what to what. The operator reads it before the list
is taken over. It compares words, not verdicts: what a change means for them is seen after the next measurement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collector.school import End, Place, School, Setting

Rows = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs: `before` is None for a new one, `after` for one that is gone."""

    what: str
    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """One line: + added, - removed, ~ changed."""
        if self.before is None or self.after is None:
            mark = "+" if self.before is None else "-"
            return f"{mark} {self.what} {self.name} {self.before or self.after or ''}".rstrip()
        return f"~ {self.what} {self.name}: {self.before or 'nothing'} -> {self.after or 'nothing'}"


def changes(before: School, after: School) -> list[Change]:
    """What differs between two declared lists of a school: removed rows first, then changed ones, then new ones."""
    old, new = dict(_rows(before)), dict(_rows(after))
    gone = [Change(*key, text, None) for key, text in old.items() if key not in new]
    changed = [Change(*key, old[key], text) for key, text in new.items() if old.get(key, text) != text]
    return gone + changed + [Change(*key, None, text) for key, text in new.items() if key not in old]


def _rows(school: School) -> Iterator[tuple[tuple[str, str], str]]:
    """Each fact of the list: what it is about, and what it says of that."""
    for what, settings in (("attribute", school.attributes), ("bureau", school.bureau)):
        for key, setting in settings.items():
            yield (what, key), _setting(setting)
    for place in school.places:
        yield ("place", place.path), _place(place)
    for path, reason in school.removed.items():
        yield ("removed", path), reason
    for service in school.services:
        yield ("metro", service.subject), "inside" if service.inside else ""
    for line in school.lines:
        shared = f" shared {line.shared}" if line.shared else ""
        yield ("line", line.name), f"{line.kind} {' '.join(line.prefixes)}{shared}"
    for day in school.days:
        yield ("day", f"{day.first} {day.kind}"), "" if day.last == day.first else f"to {day.last}"
    yield from _of_ipv6(school)
    yield from _of_wifi(school)
    yield from _switches(school)


def _of_ipv6(school: School) -> Iterator[tuple[tuple[str, str], str]]:
    """The same of routers that may announce IPv6, and of the school's sites."""
    for router in school.routers:
        yield ("router", router), ""
    for site in school.sites:
        yield ("site", site.name), f"port {site.port}"


def _place(place: Place) -> str:
    """Kind, whether it is a main place, area and position."""
    area = f" {place.area_m2} m2" if place.area_m2 else ""
    where = "" if place.x_dm is None or place.y_dm is None else f" at {place.x_dm / 10:g} {place.y_dm / 10:g}"
    return f"{place.kind}{' main' if place.main else ''}{area}{where}"


def _of_wifi(school: School) -> Iterator[tuple[tuple[str, str], str]]:
    """The same of network names, controllers, access points and plans."""
    for octets in school.networks:
        yield ("network", octets), bytes.fromhex(octets).decode("utf-8", "replace")
    for one in school.controllers:
        yield ("controller", one.name), f"{one.subject} {one.vendor}".rstrip()
    for point in school.access_points:
        yield ("ap", point.name), " ".join(point.bssids)
    for plan in school.plans:
        yield ("plan", plan.floor), f"{plan.width_m}x{plan.height_m} m"


def _switches(school: School) -> Iterator[tuple[tuple[str, str], str]]:
    """The same of what is said about switches and their neighbours."""
    for switch in school.switches:
        yield ("switch", switch.name), f"{switch.subject} {switch.place}{' core' if switch.core else ''}".strip()
    for link in school.links:
        yield ("link", " - ".join(sorted((_end(link.one), _end(link.other))))), ""
    for end in school.wans:
        yield ("wan", _end(end)), ""
    for name in school.approved:
        yield ("approve", name), ""
    for other in school.others:
        yield ("other", other.name), other.note


def _setting(setting: Setting) -> str:
    """A value and its day."""
    return f"{setting.value} since {setting.since}"


def _end(end: End) -> str:
    """A switch and its port."""
    return f"{end.switch} {end.port}"
