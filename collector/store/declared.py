"""How is a school's declared list written down? One JSON document a version, so that an old verdict can be recomputed."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from collector.school import Link, Place, School, Service, Setting, Switch


class Declared(msgspec.Struct, frozen=True):
    """What an admin or the bureau declared of a school."""

    attributes: dict[str, Setting] = {}
    bureau: dict[str, Setting] = {}
    places: tuple[Place, ...] = ()
    switches: tuple[Switch, ...] = ()
    links: tuple[Link, ...] = ()
    services: tuple[Service, ...] = ()


def written(school: School) -> bytes:
    """The declared part of a school as it is stored."""
    return msgspec.json.encode(
        Declared(
            dict(school.attributes), dict(school.bureau), school.places, school.switches, school.links, school.services
        )
    )


def with_declared(school: School, content: bytes) -> School:
    """A school with a stored declared list."""
    found = msgspec.json.decode(content, type=Declared)
    return replace(
        school,
        attributes=found.attributes,
        bureau=found.bureau,
        places=found.places,
        switches=found.switches,
        links=found.links,
        services=found.services,
    )
