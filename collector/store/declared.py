"""How is a school's declared list written down? One JSON document a version, so that an old verdict can be recomputed."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from collector.school import (
    AccessPoint,
    Controller,
    Day,
    End,
    Line,
    Link,
    Other,
    Place,
    Plan,
    School,
    Service,
    Setting,
    Site,
    Switch,
)


class Declared(msgspec.Struct, frozen=True):
    """What an admin or the bureau declared of a school."""

    attributes: dict[str, Setting] = {}
    bureau: dict[str, Setting] = {}
    places: tuple[Place, ...] = ()
    switches: tuple[Switch, ...] = ()
    links: tuple[Link, ...] = ()
    wans: tuple[End, ...] = ()
    approved: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()
    services: tuple[Service, ...] = ()
    lines: tuple[Line, ...] = ()
    days: tuple[Day, ...] = ()
    routers: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    networks: tuple[str, ...] = ()
    controllers: tuple[Controller, ...] = ()
    access_points: tuple[AccessPoint, ...] = ()
    plans: tuple[Plan, ...] = ()
    removed: dict[str, str] = {}


def written(school: School) -> bytes:
    """The declared part of a school as it is stored."""
    return msgspec.json.encode(Declared(**{name: getattr(school, name) for name in Declared.__struct_fields__}))


def with_declared(school: School, content: bytes) -> School:
    """A school with a stored declared list; what an older list does not speak of is empty."""
    found = msgspec.json.decode(content, type=Declared)
    return replace(school, **{name: getattr(found, name) for name in Declared.__struct_fields__})
